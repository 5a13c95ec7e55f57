#include "base/json_row.h"

#include "base/block.h"
#include "base/digits.h"

/* How rows mostly end: those of regions, and those of segments. */
static const struct ending {
    char text[20];
    uint8_t len;
    uint8_t values[3];
} endings[] = {
    { ",0,0,0]", 7, { 0, 0, 0 } },
    { ",true,true,false]", 17, { 1, 1, 0 } },
    { ",true,false,false]", 18, { 1, 0, 0 } },
};

enum { ENDING_VALUES = 3 };

/* The ending of a row of len bytes, which has a number before it; NULL when it is none of those. */
static inline const struct ending *ending_of(const char *at, unsigned len)
{
    for (unsigned i = 0; i < TM_LEN(endings); i++)
        if (len > endings[i].len && memcmp(at + len - endings[i].len, endings[i].text, endings[i].len) == 0)
            return &endings[i];
    return NULL;
}

/* The word of n bytes at p: true or false. */
static uint64_t word_value(const char *p, unsigned n, uint64_t *odd)
{
    uint64_t is_true = n == 4 && memcmp(p, "true", 4) == 0;

    *odd |= !(is_true | (n == 5 && memcmp(p, "false", 5) == 0));
    return is_true;
}

/* Where there is nothing *p is what ends it, which is odd. */
static uint64_t value_of(const char *p, unsigned n, uint64_t *odd)
{
    uint32_t first = (uint32_t)*p - '0', second;

    /* Most are a digit or two. */
    if (n == 1) {
        *odd |= first > 9;
        return first;
    }
    if (*p > '9')
        return word_value(p, n, odd);
    *odd |= first == 0;
    if (n > 2)
        return tm_digits_value(p, n, odd);
    second = (uint32_t)p[1] - '0';
    *odd |= n == 0 || first > 9 || second > 9;
    return first * 10 + second;
}

const char *tm_json_row_take(const char *at, const char *end, struct tm_json_row *row)
{
    uint64_t commas, closes, odd = 0;
    const struct ending *ending;
    unsigned from = 1, last, n = 0;

    if (end - at < TM_BLOCK + 8 || *at != '[')
        return NULL;
    /* Mostly half a block will do. */
    closes = tm_block_among(at, TM_BLOCK / 2, ']');
    if (closes) {
        commas = tm_block_among(at, TM_BLOCK / 2, ',') | closes;
    } else {
        closes = tm_block_is(at, ']');
        if (!closes)
            return NULL;
        commas = tm_block_is(at, ',') | closes;
    }
    last = tm_block_first(closes);
    end = at + last + 1;
    ending = ending_of(at, last + 1);
    if (ending)
        last -= ending->len - 1;
    for (; from <= last; commas &= commas - 1) {
        unsigned stop = tm_block_first(commas);

        if (n == TM_JSON_ROW_MAX)
            return NULL;
        row->values[n++] = value_of(at + from, stop - from, &odd);
        from = stop + 1;
    }
    if (ending) {
        if (n > TM_JSON_ROW_MAX - ENDING_VALUES)
            return NULL;
        for (unsigned i = 0; i < ENDING_VALUES; i++)
            row->values[n++] = ending->values[i];
    }
    row->n = n;
    return odd ? NULL : end;
}
