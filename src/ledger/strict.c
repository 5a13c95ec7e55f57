#include "ledger/strict.h"

#include "ledger/parse.h"

/* What a byte can be part of, so that the common loops look up instead of comparing. */
enum { DIGIT = 1, HEX = 2, LOWER = 4, WORD = 8 };

#define HEX_DIGIT  (DIGIT | HEX | WORD)
#define HEX_LETTER (HEX | LOWER | WORD)
#define LETTER     (LOWER | WORD)

static const unsigned char classes[256] = {
    ['0'] = HEX_DIGIT,  ['1'] = HEX_DIGIT,  ['2'] = HEX_DIGIT,  ['3'] = HEX_DIGIT,  ['4'] = HEX_DIGIT,
    ['5'] = HEX_DIGIT,  ['6'] = HEX_DIGIT,  ['7'] = HEX_DIGIT,  ['8'] = HEX_DIGIT,  ['9'] = HEX_DIGIT,
    ['a'] = HEX_LETTER, ['b'] = HEX_LETTER, ['c'] = HEX_LETTER, ['d'] = HEX_LETTER, ['e'] = HEX_LETTER,
    ['f'] = HEX_LETTER, ['g'] = LETTER,     ['h'] = LETTER,     ['i'] = LETTER,     ['j'] = LETTER,
    ['k'] = LETTER,     ['l'] = LETTER,     ['m'] = LETTER,     ['n'] = LETTER,     ['o'] = LETTER,
    ['p'] = LETTER,     ['q'] = LETTER,     ['r'] = LETTER,     ['s'] = LETTER,     ['t'] = LETTER,
    ['u'] = LETTER,     ['v'] = LETTER,     ['w'] = LETTER,     ['x'] = LETTER,     ['y'] = LETTER,
    ['z'] = LETTER,     ['_'] = WORD,
};

static bool is(char c, unsigned char what)
{
    return classes[(unsigned char)c] & what;
}

/* How many bytes from the cursor on are of that class. */
static size_t span(const struct tm_strict *c, unsigned char what)
{
    size_t at = c->at;

    while (at < c->len && is(c->data[at], what))
        at++;
    return at - c->at;
}

static struct tm_str rest_of(const struct tm_strict *c)
{
    return tm_str_n(c->data + c->at, c->len - c->at);
}

bool tm_strict_unexpected(struct tm_strict *c)
{
    if (c->at >= c->len)
        return tm_strict_fail(c, TM_FLAW_SYNTAX);
    switch (c->data[c->at]) {
    case '\0':
        return tm_strict_fail(c, TM_FLAW_NUL);
    case '\r':
        return tm_strict_fail(c, TM_FLAW_CR);
    case ' ':
    case '\t':
        return tm_strict_fail(c, TM_FLAW_WHITE_SPACE);
    default:
        return tm_strict_fail(c, tm_str_utf8_len(rest_of(c)) ? TM_FLAW_SYNTAX : TM_FLAW_UTF8);
    }
}

static bool take_text(struct tm_strict *c, struct tm_str what)
{
    if (tm_strict_is_there(c, what)) {
        c->at += what.len;
        return true;
    }
    while (what.len && tm_strict_peek(c) == what.data[0]) {
        c->at++;
        what = tm_str_from(what, 1);
    }
    return tm_strict_unexpected(c);
}

bool tm_strict_number(struct tm_strict *c, uint64_t *out)
{
    size_t start = c->at;
    uint64_t value = 0;
    char after;

    for (; is(tm_strict_peek(c), DIGIT); c->at++) {
        value = value * 10 + (uint64_t)(c->data[c->at] - '0');
        if (value > TM_LEDGER_NUMBER_MAX)
            return tm_strict_fail(c, TM_FLAW_NUMBER);
    }
    after = tm_strict_peek(c);
    if (c->at == start)
        return after == '-' || after == '+' || after == '.' ? tm_strict_fail(c, TM_FLAW_NUMBER)
                                                            : tm_strict_unexpected(c);
    if ((c->data[start] == '0' && c->at - start > 1) || after == '.' || after == 'e' || after == 'E')
        return tm_strict_fail(c, TM_FLAW_NUMBER);
    *out = value;
    return true;
}

bool tm_strict_count(struct tm_strict *c, uint64_t *out)
{
    uint64_t value;

    if (!tm_strict_number(c, &value))
        return false;
    if (value == 0)
        return tm_strict_fail(c, TM_FLAW_NUMBER);
    *out = value;
    return true;
}

/* After the backslash: only the escapes that have no shorter spelling. */
static bool take_escape(struct tm_strict *c)
{
    const char *p = c->data + c->at;
    int value;

    if (c->at < c->len && p[0] && strchr("\"\\bfnrt", p[0])) {
        c->at++;
        return true;
    }
    if (c->len - c->at < 5 || memcmp(p, "u00", 3) != 0 || (p[3] != '0' && p[3] != '1') || !is(p[4], HEX))
        return tm_strict_fail(c, TM_FLAW_ESCAPE);
    value = (p[3] - '0') * 16 + (is(p[4], DIGIT) ? p[4] - '0' : p[4] - 'a' + 10);
    if (value == '\b' || value == '\f' || value == '\n' || value == '\r' || value == '\t')
        return tm_strict_fail(c, TM_FLAW_ESCAPE);
    c->at += 5;
    return true;
}

/* A control character that stands bare in a string. */
static bool bare_control(struct tm_strict *c)
{
    char what = tm_strict_peek(c);

    return tm_strict_fail(c, what == '\0' ? TM_FLAW_NUL : what == '\r' ? TM_FLAW_CR : TM_FLAW_ESCAPE);
}

/*
 * True when none of the eight bytes at p is a control character, quote, backslash or not ASCII. Subtracting
 * from each byte borrows into its top bit when it is below: exact up to the first such byte, and it is only
 * asked whether there is one.
 */
static bool is_plain8(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
    uint64_t v, quote, slash;

    memcpy(&v, p, sizeof(v));
    quote = v ^ ones * '"';
    slash = v ^ ones * '\\';
    return !((((v - ones * 0x20) & ~v) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | v) & tops);
}

/* Goes over the plain bytes of a string. */
static void skip_plain(struct tm_strict *c)
{
    size_t at = c->at;

    while (c->len - at >= 8 && is_plain8(c->data + at))
        at += 8;
    while (at < c->len && (unsigned char)c->data[at] >= 0x20 && (unsigned char)c->data[at] < 0x80 &&
           c->data[at] != '"' && c->data[at] != '\\')
        at++;
    c->at = at;
}

bool tm_strict_string(struct tm_strict *c, struct tm_str *raw, bool *escaped)
{
    size_t start;

    if (!tm_strict_take(c, '"'))
        return false;
    start = c->at;
    *escaped = false;
    for (;;) {
        size_t n;

        skip_plain(c);
        if (c->at >= c->len)
            return tm_strict_fail(c, TM_FLAW_SYNTAX);
        if (c->data[c->at] == '"')
            break;
        if (c->data[c->at] == '\\') {
            c->at++;
            *escaped = true;
            if (!take_escape(c))
                return false;
            continue;
        }
        if ((unsigned char)c->data[c->at] < 0x20)
            return bare_control(c);
        n = tm_str_utf8_len(rest_of(c));
        if (n == 0)
            return tm_strict_fail(c, TM_FLAW_UTF8);
        c->at += n;
    }
    *raw = tm_str_n(c->data + start, c->at - start);
    c->at++;
    return true;
}

bool tm_strict_word(struct tm_strict *c, size_t max, struct tm_str *word)
{
    size_t n;

    if (!is(tm_strict_peek(c), LOWER))
        return false;
    n = span(c, WORD);
    *word = tm_str_n(c->data + c->at, n);
    c->at += n;
    return n <= max && tm_strict_peek(c) == '"';
}

bool tm_strict_hex(struct tm_strict *c, size_t n, struct tm_str *out)
{
    size_t found = span(c, HEX);

    *out = tm_str_n(c->data + c->at, n);
    c->at += TM_MIN(found, n);
    return found == n || tm_strict_fail(c, TM_FLAW_HEX);
}

static bool take_value(struct tm_strict *c, unsigned depth);

static bool take_key(struct tm_strict *c, const struct tm_str *seen, size_t n, struct tm_str *key)
{
    if (!tm_strict_take(c, '"'))
        return false;
    if (!tm_strict_word(c, TM_LEDGER_KEY_MAX, key))
        return tm_strict_fail(c, TM_FLAW_KEY_SPELLING);
    for (size_t i = 0; i < n; i++)
        if (seen[i].len == key->len && memcmp(seen[i].data, key->data, key->len) == 0)
            return tm_strict_fail(c, TM_FLAW_KEY_TWICE);
    return tm_strict_take(c, '"') && tm_strict_take(c, ':');
}

bool tm_strict_object(struct tm_strict *c, unsigned depth)
{
    struct tm_str keys[TM_LEDGER_MEMBERS_MAX];

    if (!tm_strict_take(c, '{'))
        return false;
    if (tm_strict_peek(c) == '}')
        return tm_strict_take(c, '}');
    for (size_t n = 0; n < TM_LEDGER_MEMBERS_MAX; n++) {
        if (!take_key(c, keys, n, &keys[n]) || !take_value(c, depth + 1))
            return false;
        if (tm_strict_peek(c) == '}')
            return tm_strict_take(c, '}');
        if (!tm_strict_take(c, ','))
            return false;
    }
    return tm_strict_fail(c, TM_FLAW_MEMBERS);
}

static bool take_array(struct tm_strict *c, unsigned depth)
{
    if (!tm_strict_take(c, '['))
        return false;
    if (tm_strict_peek(c) == ']')
        return tm_strict_take(c, ']');
    for (;;) {
        if (!take_value(c, depth + 1))
            return false;
        if (tm_strict_peek(c) == ']')
            return tm_strict_take(c, ']');
        if (!tm_strict_take(c, ','))
            return false;
    }
}

/* depth: of the value, were it an object or array. */
static bool take_value(struct tm_strict *c, unsigned depth)
{
    struct tm_str raw;
    bool escaped;
    uint64_t number;

    switch (tm_strict_peek(c)) {
    case '"':
        return tm_strict_string(c, &raw, &escaped);
    case '{':
        return depth > TM_LEDGER_DEPTH_MAX ? tm_strict_fail(c, TM_FLAW_DEPTH) : tm_strict_object(c, depth);
    case '[':
        return depth > TM_LEDGER_DEPTH_MAX ? tm_strict_fail(c, TM_FLAW_DEPTH) : take_array(c, depth);
    case 't':
        return take_text(c, TM_STR("true"));
    case 'f':
        return take_text(c, TM_STR("false"));
    case 'n':
        return tm_strict_is_there(c, TM_STR("null")) ? tm_strict_fail(c, TM_FLAW_NULL)
                                                     : tm_strict_unexpected(c);
    default:
        return tm_strict_number(c, &number);
    }
}

/* What the escape that begins at text means; *n is its length. */
static char meaning_of(const char *text, size_t *n)
{
    static const char letters[] = "bfnrt\"\\", meanings[] = "\b\f\n\r\t\"\\";

    if (text[1] != 'u') {
        *n = 2;
        return meanings[strchr(letters, text[1]) - letters];
    }
    *n = 6;
    return (char)((text[4] - '0') * 16 + (is(text[5], DIGIT) ? text[5] - '0' : text[5] - 'a' + 10));
}

void tm_ledger_unescape(struct tm_str raw, struct tm_buf *out)
{
    size_t slash;

    while ((slash = tm_str_find(raw, '\\')) != SIZE_MAX) {
        size_t n;
        char meaning = meaning_of(raw.data + slash, &n);

        tm_buf_add(out, raw.data, slash);
        tm_buf_addc(out, meaning);
        raw = tm_str_from(raw, slash + n);
    }
    tm_buf_add_str(out, raw);
}

enum tm_ledger_flaw tm_ledger_check_body(struct tm_str text)
{
    struct tm_strict c = { text.data, text.len, 0, TM_FLAW_NONE };

    if (tm_strict_object(&c, 2) && (c.at == c.len || tm_strict_unexpected(&c)))
        return TM_FLAW_NONE;
    return c.flaw;
}
