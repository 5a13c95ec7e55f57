#include "base/ratio.h"

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

bool tm_ratio_has_data(struct tm_ratio r)
{
    return r.den != 0;
}

int tm_ratio_cmp(struct tm_ratio a, struct tm_ratio b)
{
    u128 left = (u128)a.num * b.den;
    u128 right = (u128)b.num * a.den;

    assert(a.den && b.den);
    return (left > right) - (left < right);
}

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
    uint64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

void tm_ratio_pool(struct tm_ratio *into, struct tm_ratio r)
{
    into->num = add_saturating(into->num, r.num);
    into->den = add_saturating(into->den, r.den);
}

/* Multiplies *value by 10^n; false when it does not fit. */
static bool shift_decimal(uint64_t *value, uint64_t n)
{
    for (; n; n--)
        if (__builtin_mul_overflow(*value, (uint64_t)10, value))
            return *value == 0;
    return true;
}

/* Takes digits off s into *value and counts them; false when there are too many. */
static bool take_digits(struct tm_str *s, uint64_t *value, unsigned *digits)
{
    while (s->len && s->data[0] >= '0' && s->data[0] <= '9') {
        /* Leading zeros are no significant digits and cannot overflow. */
        if (*value && ++*digits >= TM_RATIO_DIGITS_MAX)
            return false;
        *value = *value * 10 + (uint64_t)(s->data[0] - '0');
        *s = tm_str_from(*s, 1);
    }
    return true;
}

/* Takes "e<sign><digits>" off s; the exponent is at most 2 digits. */
static bool take_exponent(struct tm_str *s, int64_t *exponent)
{
    bool negative = false;
    uint64_t value;

    if (s->len == 0)
        return true;
    if (s->data[0] != 'e' && s->data[0] != 'E')
        return false;
    *s = tm_str_from(*s, 1);
    if (s->len && (s->data[0] == '-' || s->data[0] == '+')) {
        negative = s->data[0] == '-';
        *s = tm_str_from(*s, 1);
    }
    if (s->len > 2 || !tm_str_u64(*s, &value))
        return false;
    *s = tm_str_from(*s, s->len);
    *exponent += negative ? -(int64_t)value : (int64_t)value;
    return true;
}

bool tm_ratio_parse(struct tm_str s, struct tm_ratio *out)
{
    struct tm_ratio r = { 0, 1 };
    int64_t exponent = 0;
    unsigned digits = 0;
    size_t before = s.len;

    if (!take_digits(&s, &r.num, &digits) || s.len == before)
        return false;
    if (s.len && s.data[0] == '.') {
        s = tm_str_from(s, 1);
        before = s.len;
        if (!take_digits(&s, &r.num, &digits) || s.len == before)
            return false;
        exponent -= (int64_t)(before - s.len);
    }
    if (!take_exponent(&s, &exponent) || s.len)
        return false;
    /* Exact zeros at the end need no power of ten in the denominator. */
    while (exponent < 0 && r.num % 10 == 0 && r.num) {
        r.num /= 10;
        exponent++;
    }
    if (r.num == 0)
        exponent = 0;
    if (!(exponent < 0 ? shift_decimal(&r.den, (uint64_t)-exponent)
                       : shift_decimal(&r.num, (uint64_t)exponent)))
        return false;
    *out = r;
    return true;
}

bool tm_ratio_round(struct tm_ratio r, uint64_t scale, uint64_t *out)
{
    u128 product = (u128)r.num * scale;
    u128 whole, rest;

    if (!r.den)
        return false;
    whole = product / r.den;
    rest = product % r.den;
    if (rest > r.den - rest || (rest == r.den - rest && whole % 2))
        whole++;
    if (whole > UINT64_MAX)
        return false;
    *out = (uint64_t)whole;
    return true;
}

bool tm_ratio_bp(struct tm_ratio r, uint64_t *out)
{
    if (!tm_ratio_round(r, TM_BP_WHOLE, out))
        return false;
    if (r.num < r.den && *out == TM_BP_WHOLE)
        *out = TM_BP_WHOLE - 1;
    if (r.num > 0 && *out == 0)
        *out = 1;
    return true;
}

static void add_hundredths(struct tm_buf *out, uint64_t value)
{
    tm_buf_add_u64(out, value / 100);
    tm_buf_addc(out, '.');
    tm_buf_add_digits(out, value % 100, 2);
}

void tm_ratio_add_percent(struct tm_buf *out, struct tm_ratio r)
{
    uint64_t bp;

    if (!tm_ratio_bp(r, &bp))
        tm_buf_adds(out, "no data");
    else
        add_hundredths(out, bp);
}

void tm_ratio_add_decimal(struct tm_buf *out, struct tm_ratio r, unsigned decimals)
{
    uint64_t scale = 1;
    uint64_t value;

    assert(decimals <= TM_RATIO_DECIMALS_MAX);
    for (unsigned i = 0; i < decimals; i++)
        scale *= 10;
    if (!tm_ratio_round(r, scale, &value))
        tm_buf_adds(out, "no data");
    else if (decimals == 0)
        tm_buf_addf(out, "%llu", (unsigned long long)value);
    else
        tm_buf_addf(out, "%llu.%0*llu", (unsigned long long)(value / scale), (int)decimals,
                    (unsigned long long)(value % scale));
}

/* (to - from) * TM_BP_WHOLE, rounded half to even. */
static i128 difference_bp(struct tm_ratio from, struct tm_ratio to)
{
    u128 scaled_from = (u128)from.num * TM_BP_WHOLE, scaled_to = (u128)to.num * TM_BP_WHOLE;
    i128 whole = (i128)(scaled_to / to.den) - (i128)(scaled_from / from.den);
    /* What is left of each is less than 1: as n / den it fits, where the products of the whole would not. */
    u128 den = (u128)to.den * from.den;
    u128 n_to = scaled_to % to.den * from.den, n_from = scaled_from % from.den * to.den;
    u128 n = n_to - n_from;

    if (n_to < n_from) {
        whole--;
        n = den - (n_from - n_to);
    }
    if (n > den - n || (n == den - n && whole % 2))
        whole++;
    return whole;
}

void tm_ratio_add_points(struct tm_buf *out, struct tm_ratio from, struct tm_ratio to)
{
    int order = tm_ratio_cmp(to, from);
    i128 bp = difference_bp(from, to);
    uint64_t size = (uint64_t)(bp < 0 ? -bp : bp);

    if (size == 0 && order)
        size = 1;
    if (order < 0)
        tm_buf_addc(out, '-');
    add_hundredths(out, size);
}
