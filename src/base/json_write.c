#include "base/json_write.h"

#include "base/clock.h"

static uint64_t level_bit(unsigned level)
{
    return (uint64_t)1 << (level % 64);
}

void tm_json_writer_init(struct tm_json_writer *w, struct tm_buf *out, unsigned indent)
{
    *w = (struct tm_json_writer) { .out = out, .indent = indent };
}

/* Adds a comma when `comma`, and a line break with its indentation: what stands between most values. */
static void new_line(struct tm_json_writer *w, bool comma)
{
    size_t n = (size_t)w->indent * w->depth;
    char *to = tm_buf_reserve(w->out, n + 2);

    if (comma)
        *to++ = ',';
    if (w->indent) {
        *to++ = '\n';
        memset(to, ' ', n);
        to += n;
    }
    *to = '\0';
    w->out->len = (size_t)(to - w->out->data);
}

/* What stands before a member or an element: the comma after the one before, and its line. */
static void begin_item(struct tm_json_writer *w)
{
    unsigned level;

    if (!w->depth)
        return;
    level = w->depth - 1;
    new_line(w, w->started[level / 64] & level_bit(level));
    w->started[level / 64] |= level_bit(level);
}

/* A value follows its key on the same line; anywhere else it is an element. */
static void begin_value(struct tm_json_writer *w)
{
    if (!w->has_key)
        begin_item(w);
    w->has_key = false;
}

static void begin_container(struct tm_json_writer *w, char bracket)
{
    begin_value(w);
    assert(w->depth < TM_JSON_DEPTH);
    tm_buf_addc(w->out, bracket);
    w->started[w->depth / 64] &= ~level_bit(w->depth);
    w->depth++;
}

static void end_container(struct tm_json_writer *w, char bracket)
{
    assert(w->depth > 0 && !w->has_key);
    w->depth--;
    if (w->started[w->depth / 64] & level_bit(w->depth))
        new_line(w, false);
    tm_buf_addc(w->out, bracket);
}

void tm_json_object_begin(struct tm_json_writer *w)
{
    begin_container(w, '{');
}

void tm_json_object_end(struct tm_json_writer *w)
{
    end_container(w, '}');
}

void tm_json_array_begin(struct tm_json_writer *w)
{
    begin_container(w, '[');
}

void tm_json_array_end(struct tm_json_writer *w)
{
    end_container(w, ']');
}

/* Literals need no escapes: registries of thousands of modules are made of them. */
void tm_json_key(struct tm_json_writer *w, const char *key)
{
    size_t n = strlen(key);
    char *to;

    assert(w->depth > 0 && !w->has_key);
    begin_item(w);
    to = tm_buf_reserve(w->out, n + 4);
    *to++ = '"';
    memcpy(to, key, n);
    to += n;
    *to++ = '"';
    *to++ = ':';
    if (w->indent)
        *to++ = ' ';
    *to = '\0';
    w->out->len = (size_t)(to - w->out->data);
    w->has_key = true;
}

void tm_json_key_str(struct tm_json_writer *w, struct tm_str key)
{
    assert(w->depth > 0 && !w->has_key);
    begin_item(w);
    tm_json_add_quoted(w->out, key);
    tm_buf_adds(w->out, w->indent ? ": " : ":");
    w->has_key = true;
}

void tm_json_put_raw(struct tm_json_writer *w, struct tm_str json)
{
    begin_value(w);
    tm_buf_add_str(w->out, json);
}

void tm_json_put_str(struct tm_json_writer *w, struct tm_str s)
{
    begin_value(w);
    tm_json_add_quoted(w->out, s);
}

void tm_json_puts(struct tm_json_writer *w, const char *s)
{
    tm_json_put_str(w, tm_str(s));
}

void tm_json_put_u64(struct tm_json_writer *w, uint64_t value)
{
    begin_value(w);
    tm_buf_add_u64(w->out, value);
}

void tm_json_put_i64(struct tm_json_writer *w, int64_t value)
{
    begin_value(w);
    tm_buf_addf(w->out, "%lld", (long long)value);
}

void tm_json_put_bool(struct tm_json_writer *w, bool value)
{
    tm_json_put_raw(w, value ? TM_STR("true") : TM_STR("false"));
}

void tm_json_put_null(struct tm_json_writer *w)
{
    tm_json_put_raw(w, TM_STR("null"));
}

void tm_json_put_stamp(struct tm_json_writer *w, int64_t time_s)
{
    begin_value(w);
    tm_buf_addc(w->out, '"');
    tm_clock_add_stamp(w->out, time_s);
    tm_buf_addc(w->out, '"');
}

void tm_json_put_decimal(struct tm_json_writer *w, int64_t value, unsigned decimals)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = 1;

    assert(decimals <= 18);
    while (decimals && magnitude % 10 == 0) {
        magnitude /= 10;
        decimals--;
    }
    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    begin_value(w);
    tm_buf_addf(w->out, "%s%llu", value < 0 ? "-" : "", (unsigned long long)(magnitude / unit));
    if (decimals)
        tm_buf_addf(w->out, ".%0*llu", (int)decimals, (unsigned long long)(magnitude % unit));
}

void tm_json_member_str(struct tm_json_writer *w, const char *key, struct tm_str value)
{
    tm_json_key(w, key);
    tm_json_put_str(w, value);
}

void tm_json_members(struct tm_json_writer *w, const char *key, const char *value)
{
    tm_json_member_str(w, key, tm_str(value));
}

void tm_json_member_u64(struct tm_json_writer *w, const char *key, uint64_t value)
{
    tm_json_key(w, key);
    tm_json_put_u64(w, value);
}

void tm_json_member_bool(struct tm_json_writer *w, const char *key, bool value)
{
    tm_json_key(w, key);
    tm_json_put_bool(w, value);
}

static void add_escape(struct tm_buf *out, unsigned char c)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
    };

    if (c == '"' || c == '\\')
        tm_buf_addf(out, "\\%c", c);
    else if (letters[c])
        tm_buf_addf(out, "\\%c", letters[c]);
    else
        tm_buf_addf(out, "\\u%04x", c);
}

/* ASCII that stands for itself in a string. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void tm_json_add_quoted(struct tm_buf *out, struct tm_str s)
{
    size_t plain = 0; /* bytes before this one are written */
    size_t at = 0;

    tm_buf_addc(out, '"');
    for (;;) {
        size_t n;

        while (at < s.len && is_plain((unsigned char)s.data[at]))
            at++;
        if (at == s.len)
            break;
        n = tm_str_utf8_len(tm_str_from(s, at));
        if (n > 1) {
            at += n;
            continue;
        }
        tm_buf_add(out, s.data + plain, at - plain);
        if (n)
            add_escape(out, (unsigned char)s.data[at]);
        else
            tm_buf_adds(out, "\xEF\xBF\xBD");
        plain = ++at;
    }
    if (plain < at)
        tm_buf_add(out, s.data + plain, at - plain);
    tm_buf_addc(out, '"');
}
