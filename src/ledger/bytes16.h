/*
 * Sixteen bytes of a line at once, on whatever the processor has for that. Private to strict.c.
 */
#ifndef TM_LEDGER_BYTES16_H
#define TM_LEDGER_BYTES16_H

#include "base/base.h"

typedef unsigned char tm_bytes16 __attribute__((vector_size(16)));

/* True when the mask marks a byte with ones. */
static inline bool tm_bytes16_any(tm_bytes16 mask)
{
    uint64_t halves[2];

    memcpy(halves, &mask, sizeof(halves));
    return halves[0] | halves[1];
}

/* How many bytes come before the first that it marks; 16 when it marks none. */
static inline size_t tm_bytes16_unmarked(tm_bytes16 mask)
{
    uint64_t halves[2];

    memcpy(halves, &mask, sizeof(halves));
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        halves[0] = __builtin_bswap64(halves[0]), halves[1] = __builtin_bswap64(halves[1]);
    if (halves[0])
        return (size_t)__builtin_ctzll(halves[0]) / 8;
    return halves[1] ? 8 + (size_t)__builtin_ctzll(halves[1]) / 8 : 16;
}

/* How many of the sixteen bytes are neither control character, quote, backslash nor beyond ASCII. */
static inline size_t tm_bytes16_plain(const char *p)
{
    tm_bytes16 v;

    memcpy(&v, p, sizeof(v));
    return tm_bytes16_unmarked((tm_bytes16)(v - 0x20 >= 0x60) | (tm_bytes16)(v == '"') |
                               (tm_bytes16)(v == '\\'));
}

/* Marks those of the sixteen bytes that are no lower-case hexadecimal digits. */
static inline tm_bytes16 tm_bytes16_no_hex(const char *p)
{
    tm_bytes16 v;

    memcpy(&v, p, sizeof(v));
    return ~((tm_bytes16)(v - '0' <= 9) | (tm_bytes16)(v - 'a' <= 5));
}

#endif
