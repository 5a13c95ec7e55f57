#include "ledger/parse.h"

/*
 * A cursor over one line. A function that reads something returns false when it is not there, after setting
 * flaw and leaving `at` where it was seen; nobody reads on after that.
 */
struct cursor {
    const char *data;
    size_t len, at;
    enum tm_ledger_flaw flaw;
};

static bool fail(struct cursor *c, enum tm_ledger_flaw flaw)
{
    c->flaw = flaw;
    return false;
}

static char peek(const struct cursor *c)
{
    return c->at < c->len ? c->data[c->at] : '\0';
}

static struct tm_str rest_of(const struct cursor *c)
{
    return tm_str_n(c->data + c->at, c->len - c->at);
}

/* Names what stands where the grammar has something else. */
static bool unexpected(struct cursor *c)
{
    if (c->at >= c->len)
        return fail(c, TM_FLAW_SYNTAX);
    switch (c->data[c->at]) {
    case '\0':
        return fail(c, TM_FLAW_NUL);
    case '\r':
        return fail(c, TM_FLAW_CR);
    case ' ':
    case '\t':
        return fail(c, TM_FLAW_WHITE_SPACE);
    default:
        return fail(c, tm_str_utf8_len(rest_of(c)) ? TM_FLAW_SYNTAX : TM_FLAW_UTF8);
    }
}

static bool take(struct cursor *c, char what)
{
    if (c->at >= c->len || c->data[c->at] != what)
        return unexpected(c);
    c->at++;
    return true;
}

static bool is_there(const struct cursor *c, struct tm_str what)
{
    return c->len - c->at >= what.len && memcmp(c->data + c->at, what.data, what.len) == 0;
}

static bool take_text(struct cursor *c, struct tm_str what)
{
    if (is_there(c, what)) {
        c->at += what.len;
        return true;
    }
    while (c->at < c->len && what.len && c->data[c->at] == what.data[0]) {
        c->at++;
        what = tm_str_from(what, 1);
    }
    return unexpected(c);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool take_number(struct cursor *c, uint64_t *out)
{
    size_t start = c->at;
    uint64_t value = 0;

    if (!is_digit(peek(c)))
        return peek(c) == '-' || peek(c) == '+' || peek(c) == '.' ? fail(c, TM_FLAW_NUMBER) : unexpected(c);
    while (is_digit(peek(c))) {
        value = value * 10 + (uint64_t)(c->data[c->at++] - '0');
        if (value > TM_LEDGER_NUMBER_MAX)
            return fail(c, TM_FLAW_NUMBER);
    }
    if ((c->data[start] == '0' && c->at - start > 1) || peek(c) == '.' || peek(c) == 'e' || peek(c) == 'E')
        return fail(c, TM_FLAW_NUMBER);
    *out = value;
    return true;
}

/* A number from 1. */
static bool take_count(struct cursor *c, uint64_t *out)
{
    uint64_t value;

    if (!take_number(c, &value))
        return false;
    if (value == 0)
        return fail(c, TM_FLAW_NUMBER);
    *out = value;
    return true;
}

/* After the backslash: only the escapes that have no shorter spelling. */
static bool take_escape(struct cursor *c)
{
    const char *p = c->data + c->at;
    int value;

    if (c->at < c->len && p[0] && strchr("\"\\bfnrt", p[0])) {
        c->at++;
        return true;
    }
    if (c->len - c->at < 5 || memcmp(p, "u00", 3) != 0 || (p[3] != '0' && p[3] != '1') || !is_hex(p[4]))
        return fail(c, TM_FLAW_ESCAPE);
    value = (p[3] - '0') * 16 + (is_digit(p[4]) ? p[4] - '0' : p[4] - 'a' + 10);
    if (value == '\b' || value == '\f' || value == '\n' || value == '\r' || value == '\t')
        return fail(c, TM_FLAW_ESCAPE);
    c->at += 5;
    return true;
}

/* A control character that stands bare in a string. */
static bool bare_control(struct cursor *c)
{
    return fail(c, peek(c) == '\0' ? TM_FLAW_NUL : peek(c) == '\r' ? TM_FLAW_CR : TM_FLAW_ESCAPE);
}

/* *raw is what stands between the quotes; *escaped says whether it holds escapes. */
static bool take_string(struct cursor *c, struct tm_str *raw, bool *escaped)
{
    size_t start;

    if (!take(c, '"'))
        return false;
    start = c->at;
    *escaped = false;
    while (c->at < c->len) {
        unsigned char byte = (unsigned char)c->data[c->at];
        size_t n = 1;

        if (byte == '"') {
            *raw = tm_str_n(c->data + start, c->at - start);
            c->at++;
            return true;
        }
        if (byte < 0x20)
            return bare_control(c);
        if (byte == '\\') {
            c->at++;
            *escaped = true;
            if (!take_escape(c))
                return false;
            continue;
        }
        if (byte >= 0x80)
            n = tm_str_utf8_len(rest_of(c));
        if (n == 0)
            return fail(c, TM_FLAW_UTF8);
        c->at += n;
    }
    return fail(c, TM_FLAW_SYNTAX);
}

/* A word of lower-case letters, digits and '_' that begins with a letter, up to the quote after it. */
static bool take_word(struct cursor *c, size_t max, struct tm_str *word)
{
    size_t start = c->at;

    if (!is_lower(peek(c)))
        return false;
    while (is_lower(peek(c)) || is_digit(peek(c)) || peek(c) == '_')
        c->at++;
    *word = tm_str_n(c->data + start, c->at - start);
    return word->len <= max && peek(c) == '"';
}

static bool take_hex(struct cursor *c, size_t n, struct tm_str *out)
{
    struct tm_str text = tm_str_n(c->data + c->at, n);

    for (size_t i = 0; i < n; i++, c->at++)
        if (!is_hex(peek(c)))
            return fail(c, TM_FLAW_HEX);
    if (is_hex(peek(c)))
        return fail(c, TM_FLAW_HEX);
    *out = text;
    return true;
}

static bool take_value(struct cursor *c, unsigned depth);

static bool take_key(struct cursor *c, const struct tm_str *seen, size_t n, struct tm_str *key)
{
    if (!take(c, '"'))
        return false;
    if (!take_word(c, TM_LEDGER_KEY_MAX, key))
        return fail(c, TM_FLAW_KEY_SPELLING);
    for (size_t i = 0; i < n; i++)
        if (tm_str_eq(seen[i], *key))
            return fail(c, TM_FLAW_KEY_TWICE);
    return take(c, '"') && take(c, ':');
}

static bool take_object(struct cursor *c, unsigned depth)
{
    struct tm_str keys[TM_LEDGER_MEMBERS_MAX];

    if (!take(c, '{'))
        return false;
    if (peek(c) == '}')
        return take(c, '}');
    for (size_t n = 0; n < TM_LEDGER_MEMBERS_MAX; n++) {
        if (!take_key(c, keys, n, &keys[n]) || !take_value(c, depth + 1))
            return false;
        if (peek(c) == '}')
            return take(c, '}');
        if (!take(c, ','))
            return false;
    }
    return fail(c, TM_FLAW_MEMBERS);
}

static bool take_array(struct cursor *c, unsigned depth)
{
    if (!take(c, '['))
        return false;
    if (peek(c) == ']')
        return take(c, ']');
    for (;;) {
        if (!take_value(c, depth + 1))
            return false;
        if (peek(c) == ']')
            return take(c, ']');
        if (!take(c, ','))
            return false;
    }
}

/* depth: of the value, were it an object or array; the entry itself is 1. */
static bool take_value(struct cursor *c, unsigned depth)
{
    struct tm_str raw;
    bool escaped;
    uint64_t number;

    switch (peek(c)) {
    case '"':
        return take_string(c, &raw, &escaped);
    case '{':
        return depth > TM_LEDGER_DEPTH_MAX ? fail(c, TM_FLAW_DEPTH) : take_object(c, depth);
    case '[':
        return depth > TM_LEDGER_DEPTH_MAX ? fail(c, TM_FLAW_DEPTH) : take_array(c, depth);
    case 't':
        return take_text(c, TM_STR("true"));
    case 'f':
        return take_text(c, TM_STR("false"));
    case 'n':
        return is_there(c, TM_STR("null")) ? fail(c, TM_FLAW_NULL) : unexpected(c);
    default:
        return take_number(c, &number);
    }
}

static const char *const fields[] = { "v", "log", "lc", "prev", "run", "ts", "kind", "module", "body" };

/* Says what is wrong where `"<fields[i]>":` should stand; the bytes before it have been read. */
static bool wrong_field(struct cursor *c, size_t i)
{
    size_t key_at = c->at;
    struct tm_str key;
    char spelled[16];

    if (peek(c) == '}' || c->at >= c->len)
        return fail(c, c->at >= c->len ? TM_FLAW_SYNTAX : TM_FLAW_KEY_MISSING);
    if (i && !take(c, ','))
        return false;
    if (!take(c, '"'))
        return false;
    if (!take_word(c, TM_LEDGER_KEY_MAX, &key))
        return fail(c, TM_FLAW_KEY_UNKNOWN);
    if (tm_str_is(key, fields[i])) /* then what follows the key is wrong */
        return take(c, '"') && take(c, ':') && fail(c, TM_FLAW_SYNTAX);
    c->at = key_at;
    for (size_t j = 0; j < i; j++)
        if (tm_str_is(key, fields[j]))
            return fail(c, TM_FLAW_KEY_TWICE);
    snprintf(spelled, sizeof(spelled), "\"%s\":", fields[i]);
    for (size_t j = i + 1; j < TM_LEN(fields); j++)
        if (tm_str_is(key, fields[j]))
            return fail(c, memmem(c->data + c->at, c->len - c->at, spelled, strlen(spelled))
                               ? TM_FLAW_KEY_ORDER
                               : TM_FLAW_KEY_MISSING);
    return fail(c, TM_FLAW_KEY_UNKNOWN);
}

/* Takes what stands between two values: `,"lc":` and the like. `text` is its spelling. */
static bool take_field(struct cursor *c, size_t i, struct tm_str text)
{
    if (!is_there(c, text))
        return wrong_field(c, i);
    c->at += text.len;
    return true;
}

static bool take_version(struct cursor *c)
{
    uint64_t version;

    if (!take(c, '{') || !take_field(c, 0, TM_STR("\"v\":")) || !take_number(c, &version))
        return false;
    return version == 1 || fail(c, TM_FLAW_VERSION);
}

static bool take_log(struct cursor *c, struct tm_str *log)
{
    return take_field(c, 1, TM_STR(",\"log\":")) && take(c, '"') && take_hex(c, TM_LEDGER_LOG_HEX, log) &&
           take(c, '"');
}

static bool take_id(struct cursor *c, struct tm_hash *id)
{
    struct tm_str hex;

    return take(c, '"') && take_hex(c, TM_HASH_HEX, &hex) && tm_hash_parse(hex, id) && take(c, '"');
}

static bool take_prev(struct cursor *c, struct tm_hash *prev, size_t *n)
{
    *n = 0;
    if (!take_field(c, 3, TM_STR(",\"prev\":")) || !take(c, '['))
        return false;
    if (peek(c) == ']')
        return take(c, ']');
    for (;;) {
        if (*n == TM_LEDGER_PREV_MAX)
            return fail(c, TM_FLAW_PREV_COUNT);
        if (!take_id(c, &prev[*n]))
            return false;
        if (*n && tm_hash_cmp(&prev[*n - 1], &prev[*n]) >= 0)
            return fail(c, TM_FLAW_PREV_ORDER);
        ++*n;
        if (peek(c) == ']')
            return take(c, ']');
        if (!take(c, ','))
            return false;
    }
}

static bool take_run(struct cursor *c, struct tm_str *run)
{
    size_t start;
    struct tm_str hex;
    uint64_t count;

    if (!take_field(c, 4, TM_STR(",\"run\":")) || !take(c, '"'))
        return false;
    start = c->at;
    if (!take_hex(c, TM_LEDGER_RUN_HEX, &hex) || !take(c, '.') || !take_count(c, &count))
        return false;
    *run = tm_str_n(c->data + start, c->at - start);
    return take(c, '"');
}

/* tm_clock_parse is for people and takes more than the one spelling. */
static bool is_stamp(struct tm_str s)
{
    static const char shape[] = "0000-00-00T00:00:00Z";

    for (size_t i = 0; i < TM_STAMP_LEN; i++)
        if (shape[i] == '0' ? !is_digit(s.data[i]) : s.data[i] != shape[i])
            return false;
    return s.data[17] < '6';
}

static bool take_stamp(struct cursor *c, struct tm_ledger_parser *parser, int64_t *ts_s)
{
    struct tm_str text;

    if (!take_field(c, 5, TM_STR(",\"ts\":")) || !take(c, '"'))
        return false;
    text = tm_str_n(c->data + c->at, TM_STAMP_LEN);
    if (c->len - c->at < TM_STAMP_LEN)
        return fail(c, TM_FLAW_STAMP);
    if (memcmp(parser->stamp, text.data, TM_STAMP_LEN) != 0) {
        int64_t time_s;

        if (!is_stamp(text) || !tm_clock_parse(text, &time_s) || time_s < 0)
            return fail(c, TM_FLAW_STAMP);
        memcpy(parser->stamp, text.data, TM_STAMP_LEN);
        parser->stamp_s = time_s;
    }
    *ts_s = parser->stamp_s;
    c->at += TM_STAMP_LEN;
    return take(c, '"') || fail(c, TM_FLAW_STAMP);
}

static bool take_kind(struct cursor *c, struct tm_str *kind)
{
    if (!take_field(c, 6, TM_STR(",\"kind\":")) || !take(c, '"'))
        return false;
    if (!take_word(c, TM_LEDGER_NAME_MAX, kind))
        return fail(c, TM_FLAW_KIND);
    return take(c, '"');
}

static bool take_module(struct cursor *c, struct tm_ledger_parser *parser, struct tm_str *module)
{
    bool escaped;

    if (!take_field(c, 7, TM_STR(",\"module\":")) || !take_string(c, module, &escaped))
        return false;
    if (escaped) {
        tm_buf_clear(&parser->module);
        tm_ledger_unescape(*module, &parser->module);
        *module = tm_buf_str(&parser->module);
    }
    return true;
}

static bool take_body(struct cursor *c, struct tm_str *body)
{
    size_t start;

    if (!take_field(c, 8, TM_STR(",\"body\":")))
        return false;
    start = c->at;
    if (!take_object(c, 2))
        return false;
    *body = tm_str_n(c->data + start, c->at - start);
    return true;
}

/* After the body: the closing brace and nothing else. */
static bool take_end(struct cursor *c)
{
    struct tm_str key;

    if (is_there(c, TM_STR(",\""))) {
        c->at += 2;
        if (take_word(c, TM_LEDGER_KEY_MAX, &key))
            for (size_t i = 0; i < TM_LEN(fields); i++)
                if (tm_str_is(key, fields[i]))
                    return fail(c, TM_FLAW_KEY_TWICE);
        return fail(c, TM_FLAW_KEY_UNKNOWN);
    }
    return take(c, '}') && (c->at == c->len || unexpected(c));
}

static bool take_entry(struct cursor *c, struct tm_ledger_parser *parser, struct tm_ledger_entry *e)
{
    return take_version(c) && take_log(c, &e->log) && take_field(c, 2, TM_STR(",\"lc\":")) &&
           take_count(c, &e->lc) && take_prev(c, parser->prev, &e->n_prev) && take_run(c, &e->run) &&
           take_stamp(c, parser, &e->ts_s) && take_kind(c, &e->kind) && take_module(c, parser, &e->module) &&
           take_body(c, &e->body) && take_end(c);
}

/* What can be said of a line before it is taken apart. */
static enum tm_ledger_flaw flaw_of_line(struct tm_str line)
{
    static const char *const markers[] = { "<<<<<<<", "|||||||", "=======", ">>>>>>>" };

    if (line.len > TM_LEDGER_LINE_MAX)
        return TM_FLAW_TOO_LONG;
    if (line.len == 0)
        return TM_FLAW_BLANK;
    if (tm_str_has_prefix(line, TM_STR("\xEF\xBB\xBF")))
        return TM_FLAW_BOM;
    for (size_t i = 0; i < TM_LEN(markers); i++)
        if (tm_str_has_prefix(line, tm_str(markers[i])))
            return TM_FLAW_CONFLICT_MARKER;
    return TM_FLAW_NONE;
}

void tm_ledger_parser_init(struct tm_ledger_parser *parser)
{
    memset(parser, 0, sizeof(*parser));
    memcpy(parser->stamp, "1970-01-01T00:00:00Z", TM_STAMP_LEN);
    parser->module = TM_BUF_INIT;
}

void tm_ledger_parser_release(struct tm_ledger_parser *parser)
{
    tm_buf_release(&parser->module);
}

enum tm_ledger_flaw tm_ledger_parse(struct tm_ledger_parser *parser, struct tm_str line,
                                    struct tm_ledger_entry *entry)
{
    struct cursor c = { line.data, line.len, 0, flaw_of_line(line) };
    struct tm_ledger_entry read = { .text = line, .prev = parser->prev };

    if (c.flaw == TM_FLAW_NONE && take_entry(&c, parser, &read)) {
        *entry = read;
        return TM_FLAW_NONE;
    }
    parser->flaw_at = c.at;
    return c.flaw;
}

bool tm_ledger_looks_chained(struct tm_str line)
{
    return tm_str_has_prefix(line, TM_STR("{\"v\":"));
}

enum tm_ledger_flaw tm_ledger_check_body(struct tm_str text)
{
    struct cursor c = { text.data, text.len, 0, TM_FLAW_NONE };

    if (take_object(&c, 2) && (c.at == c.len || unexpected(&c)))
        return TM_FLAW_NONE;
    return c.flaw;
}

void tm_ledger_unescape(struct tm_str raw, struct tm_buf *out)
{
    static const char letters[] = "bfnrt\"\\", meanings[] = "\b\f\n\r\t\"\\";
    size_t slash;

    while ((slash = tm_str_find(raw, '\\')) != SIZE_MAX) {
        char letter = raw.data[slash + 1];

        tm_buf_add(out, raw.data, slash);
        if (letter == 'u') {
            const char *hex = raw.data + slash + 4;

            tm_buf_addc(out,
                        (char)((hex[0] - '0') * 16 + (is_digit(hex[1]) ? hex[1] - '0' : hex[1] - 'a' + 10)));
            raw = tm_str_from(raw, slash + 6);
        } else {
            tm_buf_addc(out, meanings[strchr(letters, letter) - letters]);
            raw = tm_str_from(raw, slash + 2);
        }
    }
    tm_buf_add_str(out, raw);
}
