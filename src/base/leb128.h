/* Unsigned numbers in LEB128: seven bits in a byte, the lowest first, the top bit set when more follow. */
#ifndef TM_BASE_LEB128_H
#define TM_BASE_LEB128_H

#include "base/base.h"

enum { TM_LEB128_MAX = 10 }; /* bytes of a number */

/* Puts value at `to`, where TM_LEB128_MAX bytes have room; gives what stands behind it. */
static inline unsigned char *tm_leb128_put(unsigned char *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *to++ = (unsigned char)(value | 0x80);
    *to++ = (unsigned char)value;
    return to;
}

/* The same for a value below 2^14, without a branch; two bytes are written. */
static inline unsigned char *tm_leb128_put_short(unsigned char *to, uint64_t value)
{
    bool two = value >= 0x80;

    to[0] = (unsigned char)((value & 0x7F) | (unsigned)two << 7);
    to[1] = (unsigned char)(value >> 7);
    return to + 1 + two;
}

/* Takes the number that tm_leb128_put left at `at`. */
static inline const unsigned char *tm_leb128_take(const unsigned char *at, uint64_t *value)
{
    unsigned shift = 0;

    for (*value = 0; *at & 0x80; shift += 7)
        *value |= (uint64_t)(*at++ & 0x7F) << shift;
    *value |= (uint64_t)*at << shift;
    return at + 1;
}

#endif
