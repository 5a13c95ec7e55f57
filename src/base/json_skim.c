#include "base/json_skim.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BLOCK = 64 };

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

const char *tm_json_skim_space(const char *at, const char *end)
{
    while (at < end && is_space(*at))
        at++;
    return at;
}

/* Behind the string whose quote is at p; NULL when it is not closed. */
static const char *skim_string(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        if (*p == '"')
            return p + 1;
        p += *p == '\\';
    }
    return NULL;
}

static const char *skim_scalar(const char *p, const char *end)
{
    const char *start = p;

    while (p < end && !is_space(*p) && *p != ',' && *p != ']' && *p != '}')
        p++;
    return p == end || p == start ? NULL : p;
}

/* What stands in a block, a bit for each byte. */
struct marks {
    uint64_t opens, closes, quotes;
};

#ifdef __SSE2__

static uint64_t equal_to(const __m128i block[4], char c)
{
    const __m128i wanted = _mm_set1_epi8(c);
    uint64_t bits = 0;

    for (unsigned i = 0; i < 4; i++)
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block[i], wanted)) << (16 * i);
    return bits;
}

static struct marks marks_of(const char *p)
{
    const __m128i case_bit = _mm_set1_epi8(0x20);
    __m128i block[4], folded[4];

    for (unsigned i = 0; i < 4; i++) {
        block[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
        folded[i] = _mm_or_si128(block[i], case_bit); /* '[' is '{' then, and ']' is '}' */
    }
    return (struct marks) { equal_to(folded, '{'), equal_to(folded, '}'), equal_to(block, '"') };
}

#else

static struct marks marks_of(const char *p)
{
    struct marks marks = { 0, 0, 0 };

    for (unsigned i = 0; i < BLOCK; i++) {
        marks.opens |= (uint64_t)((p[i] | 0x20) == '{') << i;
        marks.closes |= (uint64_t)((p[i] | 0x20) == '}') << i;
        marks.quotes |= (uint64_t)(p[i] == '"') << i;
    }
    return marks;
}

#endif

static unsigned count_bits(uint64_t x)
{
    /* Sums of pairs, of fours, of bytes. */
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (unsigned)(x * 0x0101010101010101u >> 56);
}

/* Goes through the brackets of a block; the bit of the one that closes the outermost, 0 when none does. */
static uint64_t count_brackets(const struct marks *marks, uint64_t *depth)
{
    uint64_t left = marks->opens | marks->closes;
    unsigned closes = count_bits(marks->closes);

    /* Mostly there are too few to reach it. */
    if (closes < *depth) {
        *depth = *depth + count_bits(marks->opens) - closes;
        return 0;
    }
    for (; left; left &= left - 1) {
        uint64_t bit = left & -left;

        if (marks->opens & bit)
            ++*depth;
        else if (--*depth == 0)
            return bit;
    }
    return 0;
}

/* Behind the container whose bracket is at p. */
static const char *skim_container(const char *p, const char *end)
{
    uint64_t depth = 1;

    for (p++; p && end - p >= BLOCK;) {
        struct marks marks = marks_of(p);
        uint64_t quote = marks.quotes & -marks.quotes, last;

        /* Up to the first string, when there is one. */
        marks.opens &= quote - 1;
        marks.closes &= quote - 1;
        last = count_brackets(&marks, &depth);
        if (last)
            return p + __builtin_ctzll(last) + 1;
        p = quote ? skim_string(p + __builtin_ctzll(quote), end) : p + BLOCK;
    }
    while (p && p < end) {
        char folded = (char)(*p | 0x20);

        if (*p == '"') {
            p = skim_string(p, end);
            continue;
        }
        p++;
        depth += folded == '{';
        if (folded == '}' && --depth == 0)
            return p;
    }
    return NULL;
}

const char *tm_json_skim_value(const char *at, const char *end)
{
    if (at == end)
        return NULL;
    if (*at == '{' || *at == '[')
        return skim_container(at, end);
    return *at == '"' ? skim_string(at, end) : skim_scalar(at, end);
}

const char *tm_json_skim_member(const char *at, const char *end)
{
    if (at == end || *at != '"')
        return NULL;
    at = skim_string(at, end);
    if (!at)
        return NULL;
    at = tm_json_skim_space(at, end);
    return at < end && *at == ':' ? tm_json_skim_value(tm_json_skim_space(at + 1, end), end) : NULL;
}
