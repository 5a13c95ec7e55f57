/*
 * Short decimal numbers, eight bytes at once: reports are mostly numbers, and a comparison for each digit
 * would be mispredicted where numbers of different lengths alternate.
 */
#ifndef TM_COVERAGE_DIGITS_H
#define TM_COVERAGE_DIGITS_H

#include <endian.h>

#include "base/base.h"

/*
 * Reads 1 to 7 digits at p that end in `stop`, which is no digit, and gives what stands behind it. NULL for
 * anything else. Eight bytes must be readable.
 */
static inline const char *tm_short_number(const char *p, char stop, uint32_t *out)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t bytes, others;
    uint32_t four;
    unsigned n;

    memcpy(&bytes, p, sizeof(bytes));
    bytes = le64toh(bytes) ^ ('0' * ones);
    /* The high half of a byte stays 0 when 6 is added exactly for 0 to 9; only what is no digit carries. */
    others = (bytes | (bytes + 6 * ones)) & (0xF0 * ones);
    if (!others)
        return NULL;
    n = (unsigned)__builtin_ctzll(others) / 8;
    if (n == 0 || p[n] != stop)
        return NULL;
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
    return p + n + 1;
}

#endif
