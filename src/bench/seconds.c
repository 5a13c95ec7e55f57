#include "bench/bench.h"

/* A JSON number taken apart: digits . digits x 10^exponent. */
struct decimal {
    bool negative;
    struct tm_str whole, fraction;
    int64_t exponent;
};

static struct tm_str take_digits(struct tm_str *rest)
{
    size_t n = 0;

    while (n < rest->len && rest->data[n] >= '0' && rest->data[n] <= '9')
        n++;
    *rest = tm_str_from(*rest, n);
    return tm_str_n(rest->data - n, n);
}

static bool take(struct tm_str *rest, const char *any)
{
    if (rest->len == 0 || !strchr(any, rest->data[0]))
        return false;
    *rest = tm_str_from(*rest, 1);
    return true;
}

/* An exponent beyond this makes any number of our length 0 or too large. */
enum { EXPONENT_MAX = 1000000000 };

static int64_t take_exponent(struct tm_str *rest)
{
    bool negative = rest->len && rest->data[0] == '-';
    int64_t value = 0;
    struct tm_str digits;

    take(rest, "+-");
    digits = take_digits(rest);
    for (size_t i = 0; i < digits.len && value < EXPONENT_MAX; i++)
        value = value * 10 + (digits.data[i] - '0');
    return negative ? -value : value;
}

static bool parse_decimal(struct tm_str spelling, struct decimal *out)
{
    struct tm_str rest = spelling;

    *out = (struct decimal) { .negative = take(&rest, "-"), .whole = take_digits(&rest) };
    if (take(&rest, "."))
        out->fraction = take_digits(&rest);
    if (take(&rest, "eE"))
        out->exponent = take_exponent(&rest);
    return rest.len == 0 && out->whole.len;
}

/* The i-th digit of whole and fraction written together; 0 past their end. */
static unsigned digit_at(const struct decimal *d, size_t i)
{
    if (i < d->whole.len)
        return (unsigned)(d->whole.data[i] - '0');
    i -= d->whole.len;
    return i < d->fraction.len ? (unsigned)(d->fraction.data[i] - '0') : 0;
}

/* What digits from `at` on, the fraction of a nanosecond, add by rounding half to even. */
static unsigned rounding(const struct decimal *d, size_t at, bool is_odd)
{
    size_t n = d->whole.len + d->fraction.len;
    unsigned first = digit_at(d, at);

    if (first != 5)
        return first > 5;
    for (size_t i = at + 1; i < n; i++)
        if (digit_at(d, i))
            return 1;
    return is_odd;
}

bool tm_bench_ns(struct tm_str spelling, int64_t *ns)
{
    struct decimal d;
    int64_t point, value = 0;
    size_t first = 0;

    if (!parse_decimal(spelling, &d))
        return false;
    while (first < d.whole.len + d.fraction.len && digit_at(&d, first) == 0)
        first++;
    if (first == d.whole.len + d.fraction.len) {
        *ns = 0;
        return true;
    }
    /* Digits before `point` are whole nanoseconds. */
    point = (int64_t)d.whole.len + d.exponent + 9;
    if (d.negative || point - (int64_t)first > 19)
        return false;
    for (int64_t i = (int64_t)first; i < point; i++)
        if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_add_overflow(value, (int64_t)digit_at(&d, (size_t)i), &value))
            return false;
    /* Below a tenth of a nanosecond there is no digit that could round up. */
    if (point >= 0 && __builtin_add_overflow(value, (int64_t)rounding(&d, (size_t)point, value & 1), &value))
        return false;
    *ns = value;
    return true;
}
