#include "base/json.h"

#include "base/digits.h"
#include "base/json_escape.h"

/* What the grammar allows next; kept in tm_json_reader.expect. */
enum expect {
    EXPECT_VALUE,       /* the document's value, an element after ',', a member's value after ':' */
    EXPECT_FIRST_KEY,   /* after '{': a key or '}' */
    EXPECT_COLON,       /* after a key */
    EXPECT_FIRST_VALUE, /* after '[': a value or ']' */
    EXPECT_MORE,        /* after a value in a container: ',' or its end */
    EXPECT_END,         /* after the document's value */
};

void tm_json_reader_init(struct tm_json_reader *reader, const char *name, struct tm_str data)
{
    *reader = (struct tm_json_reader) { .data = data.data ? data.data : "", .len = data.len, .name = name };
    reader->placed_line = reader->placed_column = 1;
}

void tm_json_reader_stream(struct tm_json_reader *reader, const char *name, tm_json_more *more, void *ctx)
{
    tm_json_reader_init(reader, name, TM_STR(""));
    reader->more = more;
    reader->more_ctx = ctx;
    reader->token_max = TM_JSON_TOKEN_MAX;
    reader->ahead = TM_JSON_TOKEN_MAX + TM_JSON_AHEAD;
}

/* ---- Messages ---- */

/* Code points from p to end: bytes that do not continue one. A window is often one line: few at once, so that
 * compilers count sixteen bytes in parallel. */
static size_t count_characters(const char *p, const char *end)
{
    size_t n = 0;

    for (const char *next; p < end; p = next) {
        unsigned char few = 0;

        next = p + TM_MIN(end - p, 240);
        for (const char *at = p; at < next; at++)
            few = (unsigned char)(few + (((unsigned char)*at & 0xC0) != 0x80));
        n += few;
    }
    return n;
}

void tm_json_place(struct tm_str data, size_t at, size_t *line, size_t *column)
{
    const char *start = data.data, *hit;
    const char *end = data.data + TM_MIN(at, data.len);

    *line = *column = 1;
    if (!data.len)
        return;
    while ((hit = memchr(start, '\n', (size_t)(end - start)))) {
        ++*line;
        start = hit + 1;
    }
    *column += count_characters(start, end);
}

static void place_of(const struct tm_json_reader *r, size_t at, size_t *line, size_t *column)
{
    tm_json_place(tm_str_n(r->data, r->len), at, line, column);
    if (*line == 1)
        *column += r->last_columns;
    *line += r->lines;
}

static enum tm_code fail_at(const struct tm_json_reader *r, size_t at, enum tm_code code, struct tm_err *err,
                            const char *message)
{
    size_t line, column;

    place_of(r, at, &line, &column);
    return tm_err_set(err, code, "%s at line %zu, column %zu of '%s'", message, line, column, r->name);
}

enum tm_code tm_json_fail(const struct tm_json_reader *reader, size_t at, struct tm_err *err, const char *fmt,
                          ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(&message, fmt, ap);
    va_end(ap);
    return fail_at(reader, at, TM_E_FORMAT, err, message.data);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Names what stands at r->at: a word, a character, or a byte that is no character. */
static void describe(const struct tm_json_reader *r, struct tm_buf *out)
{
    struct tm_str rest = tm_str_n(r->data + r->at, r->len - r->at);
    size_t n = tm_str_utf8_len(rest);

    if (!rest.len) {
        tm_buf_adds(out, "the end");
    } else if (rest.data[0] == '\'') {
        tm_buf_adds(out, "a single quote");
    } else if (rest.data[0] == '/' || rest.data[0] == '#') {
        tm_buf_addf(out, "'%c' (JSON has no comments)", rest.data[0]);
    } else if (n == 0 || (unsigned char)rest.data[0] < 0x20) {
        tm_buf_addf(out, "byte 0x%02x", (unsigned char)rest.data[0]);
    } else {
        while (n < rest.len && n < 20 && is_word(rest.data[n - 1]) && is_word(rest.data[n]))
            n++;
        tm_buf_addf(out, "'%.*s'", (int)n, rest.data);
    }
}

static enum tm_code fail_unexpected(const struct tm_json_reader *r, const char *wanted, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) found = TM_BUF_INIT;

    describe(r, &found);
    return tm_json_fail(r, r->at, err, "expected %s, found %s", wanted, found.data);
}

static enum tm_code fail_no_value(const struct tm_json_reader *r, struct tm_err *err)
{
    struct tm_str data = tm_str_n(r->data, r->len);

    if (r->at == 0 && r->slides < 2 && tm_str_has_prefix(data, TM_STR("\xEF\xBB\xBF")))
        return tm_err_set(err, TM_E_FORMAT,
                          "byte order mark at line 1, column 1 of '%s', save the file as UTF-8 without one",
                          r->name);
    if (r->at == 0 && r->slides < 2 &&
        (tm_str_has_prefix(data, TM_STR("\xFF\xFE")) || tm_str_has_prefix(data, TM_STR("\xFE\xFF"))))
        return tm_err_set(err, TM_E_FORMAT, "'%s' is UTF-16 text, save the file as UTF-8", r->name);
    return fail_unexpected(r, "a value", err);
}

/* ---- Tokens ---- */

/* The place of byte `at` in the window, which is not before the one that was asked for last. */
static void place_on(struct tm_json_reader *r, size_t at)
{
    size_t line, column;

    tm_json_place(tm_str_n(r->data + r->placed, r->len - r->placed), at - r->placed, &line, &column);
    r->placed_column = line == 1 ? r->placed_column + column - 1 : column;
    r->placed_line += line - 1;
    r->placed = at;
}

/* Moves the window to r->at. What it leaves is looked at once more, so that errors have their line. */
static enum tm_code slide(struct tm_json_reader *r, struct tm_err *err)
{
    struct tm_str window;
    enum tm_code code;

    place_on(r, r->at);
    code = r->more(r->more_ctx, r->at, &window, err);
    if (code)
        return code;
    r->last_columns = (r->placed_line == 1 ? r->last_columns : 0) + r->placed_column - 1;
    r->lines += r->placed_line - 1;
    r->placed = 0;
    r->placed_line = r->placed_column = 1;
    r->slides++;
    r->data = window.data;
    r->len = window.len;
    r->at = r->token_at = r->token_len = 0;
    if (window.len < r->ahead)
        r->ahead = 0;
    return TM_OK;
}

static void pass_space(struct tm_json_reader *r)
{
    const char *p = r->data + r->at, *end = r->data + r->len;

    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    r->at = (size_t)(p - r->data);
}

/* Moves r->at to the next token, and of a stream the window so that it shows all of it. */
static enum tm_code skip_space(struct tm_json_reader *r, struct tm_err *err)
{
    pass_space(r);
    while (r->len - r->at < r->ahead) {
        enum tm_code code = slide(r, err);

        if (code)
            return code;
        pass_space(r);
    }
    return TM_OK;
}

/* True when a token that is still open at r->at is longer than one of a stream may be. Also where the window
 * shows the end: what is refused must not depend on what stands behind it. */
static bool is_too_long(const struct tm_json_reader *r, size_t start)
{
    return r->token_max && r->at - start > r->token_max;
}

static enum tm_code fail_too_long(const struct tm_json_reader *r, size_t start, struct tm_err *err)
{
    return fail_at(r, start, TM_E_LIMIT, err, "text or number is too long");
}

static enum tm_code fail_not_closed(const struct tm_json_reader *r, struct tm_err *err)
{
    size_t line = r->text_line, column = r->text_column;

    if (!line)
        place_of(r, r->token_at, &line, &column);
    return tm_err_set(err, TM_E_FORMAT, "string is not closed at line %zu, column %zu of '%s'", line, column,
                      r->name);
}

/* In a text that is skipped: lets go of what was looked at. */
static enum tm_code pass_text(struct tm_json_reader *r, struct tm_err *err)
{
    if (!r->text_line)
        place_of(r, r->token_at, &r->text_line, &r->text_column);
    return slide(r, err);
}

/* Moves r->at past the escape whose backslash it stands on. */
static enum tm_code scan_escape(struct tm_json_reader *r, struct tm_err *err)
{
    const char *p = r->data + r->at;
    size_t left = r->len - r->at;
    int32_t u, low;

    if (left < 2)
        return fail_not_closed(r, err);
    if (p[1] != 'u') {
        if (!p[1] || !strchr("\"\\/bfnrt", p[1]))
            return tm_json_fail(r, r->at, err, "unknown escape in a string");
        r->at += 2;
        return TM_OK;
    }
    u = tm_hex4(p + 2, left - 2);
    if (u < 0)
        return tm_json_fail(r, r->at, err, "\\u without four hexadecimal digits");
    if (!tm_is_high_surrogate(u) && !tm_is_low_surrogate(u)) {
        r->at += 6;
        return TM_OK;
    }
    low = left >= 12 && p[6] == '\\' && p[7] == 'u' ? tm_hex4(p + 8, 4) : -1;
    if (tm_is_low_surrogate(u) || !tm_is_low_surrogate(low))
        return tm_json_fail(r, r->at, err, "lone surrogate in a \\u escape");
    r->at += 12;
    return TM_OK;
}

/*
 * The first of the eight bytes at p that may not simply be passed over in a
 * string: a quote, a backslash, a control, or a byte of a longer character.
 * 8 when there is none. Subtracting can borrow into bytes after a hit, never
 * into one before it, so the first hit is always a true one.
 */
static unsigned first_special(const char *p)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t x, quote, backslash, hits;

    memcpy(&x, p, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    quote = x ^ (ones * '"');
    backslash = x ^ (ones * '\\');
    hits = ((x - ones * 0x20) | (quote - ones) | (backslash - ones) | x) & tops;
    /* A top bit that a subtraction found set already is a hit through x. */
    return hits ? (unsigned)__builtin_ctzll(hits) / 8 : 8;
}

/* Moves r->at from a quote past the closing one. */
static enum tm_code scan_string(struct tm_json_reader *r, struct tm_err *err)
{
    r->token_at = r->at++;
    r->token_escaped = false;
    r->text_line = 0;
    for (;;) {
        unsigned char c;
        size_t n;

        while (r->len - r->at >= 8 && (n = first_special(r->data + r->at)) > 0) {
            r->at += n;
            if (n < 8)
                break;
        }
        if (is_too_long(r, r->token_at) && !r->skipping)
            return fail_too_long(r, r->token_at, err);
        if (is_too_long(r, r->token_at) && r->ahead) {
            enum tm_code code = pass_text(r, err);

            if (code)
                return code;
            continue;
        }
        if (r->at == r->len)
            return fail_not_closed(r, err);
        c = (unsigned char)r->data[r->at];
        if (c == '"') {
            r->at++;
            r->token_len = r->at - r->token_at;
            return TM_OK;
        }
        if (c == '\\') {
            enum tm_code code = scan_escape(r, err);

            if (code)
                return code;
            r->token_escaped = true;
        } else if (c < 0x20) {
            return tm_json_fail(r, r->at, err, "control character 0x%02x in a string, write it as an escape",
                                c);
        } else {
            n = c < 0x80 ? 1 : tm_str_utf8_len(tm_str_n(r->data + r->at, r->len - r->at));
            if (n == 0)
                return tm_json_fail(r, r->at, err, "invalid UTF-8 in a string");
            r->at += n;
        }
    }
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

/* A number ended at p, where a digit had to come. */
static enum tm_code fail_no_digit(struct tm_json_reader *r, const char *p, const char *wanted,
                                  struct tm_err *err)
{
    size_t start = r->at;

    r->at = (size_t)(p - r->data);
    return is_too_long(r, start) ? fail_too_long(r, start, err) : fail_unexpected(r, wanted, err);
}

/* [ "-" ] ( "0" | digit1-9 *digit ) [ "." 1*digit ] [ ( "e" | "E" ) [ "+" | "-" ] 1*digit ] */
static enum tm_code scan_number(struct tm_json_reader *r, struct tm_err *err)
{
    const char *start = r->data + r->at, *end = r->data + r->len;
    const char *digits = start + (*start == '-');
    const char *p = skip_digits(digits, end);

    if (p == digits)
        return fail_no_digit(r, p, "a digit", err);
    if (*digits == '0' && p > digits + 1)
        return tm_json_fail(r, r->at, err, "number with a leading zero");
    if (p < end && *p == '.') {
        digits = p + 1;
        p = skip_digits(digits, end);
        if (p == digits)
            return fail_no_digit(r, p, "a digit after '.'", err);
    }
    if (p < end && (*p | 0x20) == 'e') {
        digits = p + 1;
        if (digits < end && (*digits == '+' || *digits == '-'))
            digits++;
        p = skip_digits(digits, end);
        if (p == digits)
            return fail_no_digit(r, p, "a digit of the exponent", err);
    }
    r->token = TM_JSON_NUMBER;
    r->token_at = r->at;
    r->token_len = (size_t)(p - start);
    r->at += r->token_len;
    return is_too_long(r, r->token_at) ? fail_too_long(r, r->token_at, err) : TM_OK;
}

static enum tm_code scan_word(struct tm_json_reader *r, struct tm_str word, enum tm_json_token token,
                              struct tm_err *err)
{
    struct tm_str rest = tm_str_n(r->data + r->at, r->len - r->at);

    if (!tm_str_has_prefix(rest, word) || (rest.len > word.len && is_word(rest.data[word.len])))
        return fail_no_value(r, err);
    r->token = token;
    r->token_at = r->at;
    r->token_len = word.len;
    r->at += word.len;
    return TM_OK;
}

/* ---- Grammar ---- */

static bool in_object(const struct tm_json_reader *r)
{
    unsigned level = r->depth - 1;

    return r->is_object[level / 64] >> (level % 64) & 1;
}

static void take_bracket(struct tm_json_reader *r, enum tm_json_token token)
{
    r->token = token;
    r->token_at = r->at++;
    r->token_len = 1;
}

static enum tm_code open_container(struct tm_json_reader *r, bool object, struct tm_err *err)
{
    uint64_t bit = (uint64_t)1 << (r->depth % 64);

    if (r->depth == TM_JSON_DEPTH)
        return fail_at(r, r->at, TM_E_LIMIT, err, "nested deeper than 128 levels");
    if (object)
        r->is_object[r->depth / 64] |= bit;
    else
        r->is_object[r->depth / 64] &= ~bit;
    r->depth++;
    take_bracket(r, object ? TM_JSON_OBJECT_BEGIN : TM_JSON_ARRAY_BEGIN);
    r->expect = object ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
    return TM_OK;
}

static void after_value(struct tm_json_reader *r)
{
    r->expect = r->depth ? EXPECT_MORE : EXPECT_END;
}

static enum tm_code close_container(struct tm_json_reader *r)
{
    take_bracket(r, in_object(r) ? TM_JSON_OBJECT_END : TM_JSON_ARRAY_END);
    r->depth--;
    after_value(r);
    return TM_OK;
}

static enum tm_code read_value(struct tm_json_reader *r, struct tm_err *err)
{
    char c = r->at < r->len ? r->data[r->at] : '\0';
    enum tm_code code;

    if (c == '{' || c == '[')
        return open_container(r, c == '{', err);
    if (c == '"') {
        code = scan_string(r, err);
        r->token = TM_JSON_STRING;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
        code = scan_number(r, err);
    } else if (c == 't') {
        code = scan_word(r, TM_STR("true"), TM_JSON_TRUE, err);
    } else if (c == 'f') {
        code = scan_word(r, TM_STR("false"), TM_JSON_FALSE, err);
    } else if (c == 'n') {
        code = scan_word(r, TM_STR("null"), TM_JSON_NULL, err);
    } else {
        code = fail_no_value(r, err);
    }
    after_value(r);
    return code;
}

static enum tm_code read_key(struct tm_json_reader *r, struct tm_err *err)
{
    enum tm_code code;

    if (r->at == r->len || r->data[r->at] != '"')
        return fail_unexpected(r, "a key in double quotes", err);
    code = scan_string(r, err);
    r->token = TM_JSON_KEY;
    r->expect = EXPECT_COLON;
    return code;
}

/* After a value in a container: its end, or the item that follows a comma. */
static enum tm_code read_more(struct tm_json_reader *r, struct tm_err *err)
{
    bool object = in_object(r);
    char end = object ? '}' : ']';
    size_t comma = r->at, slides = r->slides;
    enum tm_code code;

    if (r->at < r->len && r->data[r->at] == end)
        return close_container(r);
    if (r->at == r->len || r->data[r->at] != ',')
        return fail_unexpected(r, object ? "',' or '}'" : "',' or ']'", err);
    r->at++;
    code = skip_space(r, err);
    if (code)
        return code;
    if (r->at < r->len && r->data[r->at] == end)
        return tm_json_fail(r, r->slides == slides ? comma : r->at, err, "trailing comma");
    return object ? read_key(r, err) : read_value(r, err);
}

enum tm_code tm_json_next(struct tm_json_reader *reader, enum tm_json_token *token, struct tm_err *err)
{
    struct tm_json_reader *r = reader;
    enum tm_code code = skip_space(r, err);
    char c;

    if (code)
        return code;
    c = r->at < r->len ? r->data[r->at] : '\0';
    switch ((enum expect)r->expect) {
    case EXPECT_VALUE:
        code = read_value(r, err);
        break;
    case EXPECT_FIRST_KEY:
        code = c == '}' ? close_container(r) : read_key(r, err);
        break;
    case EXPECT_COLON:
        if (c != ':')
            return fail_unexpected(r, "':' after the key", err);
        r->at++;
        code = skip_space(r, err);
        if (!code)
            code = read_value(r, err);
        break;
    case EXPECT_FIRST_VALUE:
        code = c == ']' ? close_container(r) : read_value(r, err);
        break;
    case EXPECT_MORE:
        code = read_more(r, err);
        break;
    case EXPECT_END:
        if (r->at < r->len && r->many) {
            code = read_value(r, err);
            break;
        }
        if (r->at < r->len)
            return fail_unexpected(r, "the end", err);
        r->token = TM_JSON_END;
        r->token_at = r->at;
        r->token_len = 0;
        break;
    }
    if (!code)
        *token = r->token;
    return code;
}

/* ---- Many at once ---- */

/* True when the next token is an element or member, or the end of their container. */
static bool in_container(const struct tm_json_reader *r)
{
    return r->depth &&
           (r->expect == EXPECT_FIRST_VALUE || r->expect == EXPECT_FIRST_KEY || r->expect == EXPECT_MORE);
}

enum tm_code tm_json_take(struct tm_json_reader *reader, tm_json_take_fn *take, void *ctx, struct tm_err *err)
{
    struct tm_json_reader *r = reader;
    const char *at, *to;
    enum tm_code code = skip_space(r, err);

    assert(in_container(r));
    if (code)
        return code;
    at = r->data + r->at;
    if (r->expect == EXPECT_MORE && (r->at == r->len || *at++ != ','))
        return TM_OK;
    to = take(ctx, at, r->data + r->len);
    if (to != at) {
        r->at = (size_t)(to - r->data);
        r->expect = EXPECT_MORE;
    }
    return TM_OK;
}

void tm_json_reader_within(struct tm_json_reader *reader, struct tm_str text, struct tm_json_reader *outer,
                           size_t at)
{
    struct tm_json_reader *r = reader;

    assert(in_container(outer) && at >= outer->placed);
    place_on(outer, at);
    tm_json_reader_init(r, outer->name, text);
    r->lines = outer->lines + outer->placed_line - 1;
    r->last_columns = (outer->placed_line == 1 ? outer->last_columns : 0) + outer->placed_column - 1;
    r->token_max = outer->token_max;
    r->depth = outer->depth;
    memcpy(r->is_object, outer->is_object, sizeof(r->is_object));
    r->expect = in_object(r) ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
}

bool tm_json_reader_is_through(struct tm_json_reader *reader)
{
    pass_space(reader);
    return reader->at == reader->len;
}

enum { FLAT_MAX = 24 }; /* bytes that are looked at for one number or word */

/* Behind the number of up to 7 digits, true, false or null at p; NULL for anything else. */
static const char *pass_scalar(const char *p)
{
    unsigned n = tm_digits(p);

    if (n)
        return n < 8 && (*p != '0' || n == 1) ? p + n : NULL;
    if (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)
        return p + 4;
    return memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

/* Behind a scalar or an array of scalars, without white space, that a ',' or ']' follows; NULL else. */
static const char *pass_flat(const char *p, const char *end)
{
    bool row = end - p > FLAT_MAX && *p == '[';

    for (p += row; end - p > FLAT_MAX; p++) {
        p = pass_scalar(p);
        if (!p || (*p != ',' && *p != ']'))
            return NULL;
        if (!row)
            return p;
        if (*p == ']')
            return p[1] == ',' || p[1] == ']' ? p + 1 : NULL;
    }
    return NULL;
}

/* A tm_json_take_fn for what is skipped: arrays of numbers, and arrays of such arrays, are most of a report.
 */
static const char *take_flat(void *ctx, const char *at, const char *end)
{
    const struct tm_json_reader *r = ctx;
    const char *stop = at;

    if (r->depth == TM_JSON_DEPTH)
        return at;
    while ((at = pass_flat(at, end))) {
        stop = at;
        if (*at++ != ',')
            break;
    }
    return stop;
}

static enum tm_code skip_value(struct tm_json_reader *reader, struct tm_err *err)
{
    enum tm_json_token token = reader->token;
    enum tm_code code = TM_OK;
    unsigned outside;

    if (token == TM_JSON_KEY)
        code = tm_json_next(reader, &token, err);
    if (code || (token != TM_JSON_OBJECT_BEGIN && token != TM_JSON_ARRAY_BEGIN))
        return code;
    outside = reader->depth - 1;
    while (!code && reader->depth > outside) {
        if (in_container(reader) && !in_object(reader))
            code = tm_json_take(reader, take_flat, reader, err);
        if (!code)
            code = tm_json_next(reader, &token, err);
    }
    return code;
}

enum tm_code tm_json_skip(struct tm_json_reader *reader, struct tm_err *err)
{
    enum tm_code code;

    reader->skipping = true;
    code = skip_value(reader, err);
    reader->skipping = false;
    return code;
}
