/*
 * Short decimal numbers, eight bytes at once: reports are mostly numbers, and a comparison for each digit
 * would be mispredicted where numbers of different lengths alternate. All need eight readable bytes.
 */
#ifndef TM_BASE_DIGITS_H
#define TM_BASE_DIGITS_H

#include <endian.h>

#include "base/base.h"

/* How many of the eight bytes at p, the first ones, are digits. */
static inline unsigned tm_digits(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t bytes, others;

    memcpy(&bytes, p, sizeof(bytes));
    bytes = le64toh(bytes) ^ ('0' * ones);
    /* The high half of a byte stays 0 when 6 is added exactly for 0 to 9; only what is no digit carries. */
    others = (bytes | (bytes + 6 * ones)) & (0xF0 * ones);
    return others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
}

/* Reads the digits at p when they are 1 to 7, and gives how many; 0 for any other number of them. */
static inline unsigned tm_short_digits(const char *p, uint32_t *out)
{
    unsigned n = tm_digits(p);
    uint64_t bytes;
    uint32_t four;

    if (n == 0 || n == 8)
        return 0;
    memcpy(&bytes, p, sizeof(bytes));
    bytes = le64toh(bytes) ^ UINT64_C(0x3030303030303030);
    /* Zeros in front, then pairs of digits, and pairs of pairs. */
    if (n <= 4) {
        four = (uint32_t)bytes << (32 - 8 * n);
        four = (four * 10 + (four >> 8)) & 0x00FF00FF;
        *out = (four * 100 + (four >> 16)) & 0xFFFF;
    } else {
        bytes <<= 64 - 8 * n;
        bytes = (bytes * 10 + (bytes >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
        bytes = (bytes * 100 + (bytes >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
        *out = (uint32_t)(bytes * 10000 + (bytes >> 32));
    }
    return n;
}

/*
 * Reads 1 to 7 digits at p that end in `stop`, which is no digit, and gives what stands behind it. NULL for
 * anything else.
 */
static inline const char *tm_short_number(const char *p, char stop, uint32_t *out)
{
    unsigned n = tm_short_digits(p, out);

    return n && p[n] == stop ? p + n + 1 : NULL;
}

/*
 * The number that the n bytes at p spell, for those that were found by what stands behind them: no digit.
 * Sets bits of *odd unless they are 1 to 8 digits; zeros may stand in front.
 */
static inline uint32_t tm_digits_value(const char *p, unsigned n, uint64_t *odd)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t bytes;

    memcpy(&bytes, p, sizeof(bytes));
    bytes = le64toh(bytes) ^ ('0' * ones);
    /* Zeros in front, then pairs of digits, fours, and all eight. Bytes over 9 carry; of none, what stands
     * behind them is looked at. */
    if (n <= 4) {
        uint32_t four = (uint32_t)bytes << ((32 - 8 * n) & 31);

        *odd |= ((four + UINT32_C(0x76767676)) | four) & UINT32_C(0x80808080);
        four = (four * 10 + (four >> 8)) & 0x00FF00FF;
        return (four * 100 + (four >> 16)) & 0xFFFF;
    }
    bytes <<= (64 - 8 * n) & 63;
    *odd |= ((bytes + 0x76 * ones) | bytes) & (0x80 * ones);
    *odd |= n > 8;
    bytes = bytes * 10 + (bytes >> 8);
    bytes = (bytes & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064) +
            (bytes >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001);
    return (uint32_t)(bytes >> 32);
}

#endif
