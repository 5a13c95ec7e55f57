#include "base/str.h"

struct tm_str tm_str(const char *s)
{
    return (struct tm_str) { s, s ? strlen(s) : 0 };
}

bool tm_str_eq(struct tm_str a, struct tm_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool tm_str_is(struct tm_str a, const char *b)
{
    return tm_str_eq(a, tm_str(b));
}

int tm_str_cmp(struct tm_str a, struct tm_str b)
{
    size_t n = TM_MIN(a.len, b.len);
    int order = n ? memcmp(a.data, b.data, n) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool tm_str_has_prefix(struct tm_str s, struct tm_str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.data, prefix.data, prefix.len) == 0);
}

bool tm_str_has_suffix(struct tm_str s, struct tm_str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.data + s.len - suffix.len, suffix.data, suffix.len) == 0);
}

size_t tm_str_find(struct tm_str s, char c)
{
    const char *hit = s.len ? memchr(s.data, c, s.len) : NULL;

    return hit ? (size_t)(hit - s.data) : SIZE_MAX;
}

size_t tm_str_rfind(struct tm_str s, char c)
{
    const char *hit = s.len ? memrchr(s.data, c, s.len) : NULL;

    return hit ? (size_t)(hit - s.data) : SIZE_MAX;
}

size_t tm_str_count(struct tm_str s, char c)
{
    size_t n = 0;

    /* So few at once that their number fits a byte: compilers count sixteen bytes in parallel then. */
    for (size_t i = 0, next; i < s.len; i = next) {
        unsigned char few = 0;

        next = TM_MIN(i + 240, s.len);
        for (size_t k = i; k < next; k++)
            few = (unsigned char)(few + (s.data[k] == c));
        n += few;
    }
    return n;
}

struct tm_str tm_str_from(struct tm_str s, size_t from)
{
    assert(from <= s.len);
    /* Adding 0 to NULL is undefined. */
    return tm_str_n(from ? s.data + from : s.data, s.len - from);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct tm_str tm_str_trim(struct tm_str s)
{
    while (s.len && is_space(s.data[0]))
        s = tm_str_from(s, 1);
    while (s.len && is_space(s.data[s.len - 1]))
        s.len--;
    return s;
}

bool tm_str_split(struct tm_str *rest, char sep, struct tm_str *part)
{
    size_t at;

    if (!rest->data)
        return false;
    at = tm_str_find(*rest, sep);
    if (at == SIZE_MAX) {
        *part = *rest;
        *rest = (struct tm_str) { NULL, 0 };
    } else {
        *part = tm_str_n(rest->data, at);
        *rest = tm_str_from(*rest, at + 1);
    }
    return true;
}

bool tm_str_u64(struct tm_str s, uint64_t *out)
{
    uint64_t value = 0;

    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.data[i] - '0'), &value))
            return false;
    }
    *out = value;
    return true;
}

bool tm_str_i64(struct tm_str s, int64_t *out)
{
    bool negative = s.len && s.data[0] == '-';
    uint64_t magnitude;

    if (!tm_str_u64(negative ? tm_str_from(s, 1) : s, &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

size_t tm_str_utf8_len(struct tm_str s)
{
    const unsigned char *p = (const unsigned char *)s.data;

    if (s.len == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        return s.len >= 2 && is_continuation(p[1]) ? 2 : 0;
    if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        if (s.len < 3 || !is_continuation(p[1]) || !is_continuation(p[2]))
            return 0;
        if (p[0] == 0xE0 && p[1] < 0xA0) /* overlong */
            return 0;
        if (p[0] == 0xED && p[1] > 0x9F) /* surrogate */
            return 0;
        return 3;
    }
    if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        if (s.len < 4 || !is_continuation(p[1]) || !is_continuation(p[2]) || !is_continuation(p[3]))
            return 0;
        if (p[0] == 0xF0 && p[1] < 0x90) /* overlong */
            return 0;
        if (p[0] == 0xF4 && p[1] > 0x8F) /* above U+10FFFF */
            return 0;
        return 4;
    }
    return 0;
}

bool tm_str_is_hex(struct tm_str s, size_t n)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(s.data[i] >= '0' && s.data[i] <= '9') && !(s.data[i] >= 'a' && s.data[i] <= 'f'))
            return false;
    return s.len == n;
}

bool tm_str_is_utf8(struct tm_str s)
{
    size_t at = 0;

    while (at < s.len) {
        size_t n = 1;

        /* Most text is ASCII. */
        if (s.data[at] & 0x80)
            n = tm_str_utf8_len(tm_str_from(s, at));
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}
