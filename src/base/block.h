/*
 * Sixty-four bytes looked at together: which of them are a certain character, the lowest bit for the first.
 * What stands between such bits is found without a branch for each byte.
 */
#ifndef TM_BASE_BLOCK_H
#define TM_BASE_BLOCK_H

#include "base/base.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { TM_BLOCK = 64 };

/* The bytes from p on, of the first n, that are c. All n, a multiple of 16, may be read. */
static inline uint64_t tm_block_among(const char *p, unsigned n, char c)
{
    uint64_t bits = 0;

#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8(c);

    for (unsigned i = 0; i < n; i += sizeof(wanted)) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + i));

        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)) << i;
    }
#else
    for (unsigned i = 0; i < n; i++)
        bits |= (uint64_t)(p[i] == c) << i;
#endif
    return bits;
}

/* The same among all TM_BLOCK. */
static inline uint64_t tm_block_is(const char *p, char c)
{
    return tm_block_among(p, TM_BLOCK, c);
}

/* The lowest bit that is set; there must be one. */
static inline unsigned tm_block_first(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

#endif
