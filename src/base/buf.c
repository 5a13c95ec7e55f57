#include "base/buf.h"

#include "base/alloc.h"

char tm_buf_empty[1];

void tm_buf_release(struct tm_buf *buf)
{
    if (buf->cap)
        free(buf->data);
    *buf = TM_BUF_INIT;
}

char *tm_buf_take(struct tm_buf *buf)
{
    char *data = buf->cap ? buf->data : tm_strdup("");

    *buf = TM_BUF_INIT;
    return data;
}

void tm_buf_clear(struct tm_buf *buf)
{
    tm_buf_truncate(buf, 0);
}

void tm_buf_truncate(struct tm_buf *buf, size_t len)
{
    assert(len <= buf->len);
    buf->len = len;
    if (buf->cap)
        buf->data[len] = '\0';
}

char *tm_buf_reserve(struct tm_buf *buf, size_t extra)
{
    size_t want;

    if (__builtin_add_overflow(buf->len, extra, &want) || want == SIZE_MAX)
        abort();
    if (want + 1 > buf->cap) {
        size_t cap = TM_MAX(want + 1, buf->cap + buf->cap / 2);

        cap = TM_MAX(cap, (size_t)32);
        buf->data = tm_realloc_array(buf->cap ? buf->data : NULL, cap, 1);
        buf->cap = cap;
        buf->data[buf->len] = '\0';
    }
    return buf->data + buf->len;
}

struct tm_str tm_buf_str(const struct tm_buf *buf)
{
    return tm_str_n(buf->data, buf->len);
}

void tm_buf_add(struct tm_buf *buf, const void *bytes, size_t n)
{
    /* Where there is room, which is nearly always, without the arithmetic of growing. */
    char *to = n < buf->cap - buf->len ? buf->data + buf->len : tm_buf_reserve(buf, n);

    if (n)
        memcpy(to, bytes, n);
    buf->len += n;
    buf->data[buf->len] = '\0';
}

void tm_buf_add_str(struct tm_buf *buf, struct tm_str s)
{
    tm_buf_add(buf, s.data, s.len);
}

void tm_buf_adds(struct tm_buf *buf, const char *s)
{
    tm_buf_add(buf, s, strlen(s));
}

void tm_buf_addc(struct tm_buf *buf, char c)
{
    char *to = buf->cap - buf->len > 1 ? buf->data + buf->len : tm_buf_reserve(buf, 1);

    to[0] = c;
    to[1] = '\0';
    buf->len++;
}

void tm_buf_add_u64(struct tm_buf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);

    do
        digits[--at] = (char)('0' + value % 10);
    while (value /= 10);
    tm_buf_add(buf, digits + at, sizeof(digits) - at);
}

void tm_buf_vaddf(struct tm_buf *buf, const char *fmt, va_list ap)
{
    va_list again;
    int n;

    va_copy(again, ap);
    n = vsnprintf(tm_buf_reserve(buf, 64), 65, fmt, ap);
    assert(n >= 0);
    if (n > 64)
        vsnprintf(tm_buf_reserve(buf, (size_t)n), (size_t)n + 1, fmt, again);
    va_end(again);
    buf->len += (size_t)n;
}

void tm_buf_addf(struct tm_buf *buf, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(buf, fmt, ap);
    va_end(ap);
}

void tm_buf_add_digits(struct tm_buf *buf, uint64_t value, unsigned digits)
{
    char text[20];
    size_t at = sizeof(text);

    assert(digits <= sizeof(text));
    while (value || sizeof(text) - at < digits) {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    }
    tm_buf_add(buf, text + at, sizeof(text) - at);
}

void tm_buf_splice(struct tm_buf *buf, size_t at, size_t n, struct tm_str s)
{
    size_t tail;

    assert(at <= buf->len && n <= buf->len - at);
    tail = buf->len - at - n;
    tm_buf_reserve(buf, s.len);
    memmove(buf->data + at + s.len, buf->data + at + n, tail);
    if (s.len)
        memcpy(buf->data + at, s.data, s.len);
    buf->len = at + s.len + tail;
    buf->data[buf->len] = '\0';
}

static void add_byte_escaped(struct tm_buf *buf, unsigned char c)
{
    switch (c) {
    case '\n':
        tm_buf_adds(buf, "\\n");
        break;
    case '\t':
        tm_buf_adds(buf, "\\t");
        break;
    case '\r':
        tm_buf_adds(buf, "\\r");
        break;
    default:
        tm_buf_addf(buf, "\\x%02x", c);
        break;
    }
}

void tm_buf_add_escaped(struct tm_buf *buf, struct tm_str s)
{
    size_t at = 0, plain = 0; /* bytes before `plain` are added */

    while (at < s.len) {
        const unsigned char *p = (const unsigned char *)s.data + at;
        size_t n = 1;
        bool control = p[0] < 0x20 || p[0] == 0x7F;

        if (p[0] >= 0x80) {
            n = tm_str_utf8_len(tm_str_from(s, at));
            control = n == 2 && p[0] == 0xC2 && p[1] < 0xA0;
        }
        if (n && !control) {
            at += n;
            continue;
        }
        tm_buf_add(buf, s.data + plain, at - plain);
        n = TM_MAX(n, (size_t)1);
        for (size_t i = 0; i < n; i++)
            add_byte_escaped(buf, p[i]);
        at += n;
        plain = at;
    }
    if (plain < at)
        tm_buf_add(buf, s.data + plain, at - plain);
}

void tm_buf_add_hex(struct tm_buf *buf, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        tm_buf_addc(buf, digits[bytes[i] >> 4]);
        tm_buf_addc(buf, digits[bytes[i] & 15]);
    }
}
