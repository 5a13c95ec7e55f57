#include "coverage/count.h"

/* A number taken apart: 0.<digits> times ten to the power of `point`. */
struct decimal {
    const char *digits; /* the first, which is not 0 */
    const char *end;
    int64_t point; /* digits before the decimal point, after the exponent is applied */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes "e<sign><digits>" that ends at `end`; exponents beyond +-9999 are as good as those. */
static bool parse_exponent(const char *p, const char *end, int64_t *exponent)
{
    bool negative = false;
    int64_t value = 0;

    if (p < end && (*p == '+' || *p == '-'))
        negative = *p++ == '-';
    if (p == end)
        return false;
    for (; p < end; p++) {
        if (!is_digit(*p))
            return false;
        value = TM_MIN(value * 10 + (*p - '0'), (int64_t)9999);
    }
    *exponent = negative ? -value : value;
    return true;
}

static bool parse_decimal(const char *p, const char *end, struct decimal *out)
{
    const char *dot = NULL;
    const char *first = NULL;
    const char *start = p;
    int64_t exponent = 0;

    for (; p < end && (is_digit(*p) || (*p == '.' && !dot)); p++) {
        if (*p == '.')
            dot = p;
        else if (*p != '0' && !first)
            first = p;
    }
    out->end = p;
    if (p == start || start == dot || p - 1 == dot)
        return false;
    if (p < end && ((*p != 'e' && *p != 'E') || !parse_exponent(p + 1, end, &exponent)))
        return false;
    if (!dot)
        dot = out->end;
    out->digits = first ? first : out->end;
    /* "0.05" has its first digit one place behind the point: -1 digits before it. */
    out->point = (out->digits < dot ? dot - out->digits : dot + 1 - out->digits) + exponent;
    return true;
}

/* The whole part; saturates. */
static uint64_t whole_part(const struct decimal *d)
{
    const char *p = d->digits;
    uint64_t value = 0;

    if (p == d->end)
        return 0;
    for (int64_t place = 0; place < d->point; place++) {
        uint64_t digit;

        if (p < d->end && *p == '.')
            p++;
        digit = p < d->end ? (uint64_t)(*p++ - '0') : 0;
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return UINT64_MAX;
    }
    return value;
}

bool tm_count_parse(struct tm_str s, uint64_t *count, bool *negative)
{
    struct decimal d;
    bool minus = s.len && s.data[0] == '-';

    if (minus)
        s = tm_str_from(s, 1);
    if (!s.len || !parse_decimal(s.data, s.data + s.len, &d))
        return false;
    if (minus)
        *negative = true;
    *count = minus ? 0 : whole_part(&d);
    return true;
}

uint64_t tm_count_add(uint64_t a, uint64_t b)
{
    uint64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

uint64_t tm_count_unite(uint64_t a, uint64_t b, bool greatest)
{
    return greatest ? TM_MAX(a, b) : tm_count_add(a, b);
}

bool tm_count_is_no_line(struct tm_str s)
{
    static const char *const texts[] = { "0", "", "undefined", "null", "NaN" };

    for (size_t i = 0; i < TM_LEN(texts); i++)
        if (tm_str_is(s, texts[i]))
            return true;
    return false;
}
