#include "ledger/strict.h"

#include "ledger/bytes16.h"
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
    const char *start = c->data + c->at;
    size_t n = 0, left = c->len - c->at;
    uint64_t value = 0;
    char after;

    /* Up to 15 digits it is in range whatever they are. */
    for (; n < TM_MIN(left, (size_t)15) && start[n] >= '0' && start[n] <= '9'; n++)
        value = value * 10 + (uint64_t)(start[n] - '0');
    for (; n < left && start[n] >= '0' && start[n] <= '9' && value <= TM_LEDGER_NUMBER_MAX; n++)
        value = value * 10 + (uint64_t)(start[n] - '0');
    c->at += n;
    after = tm_strict_peek(c);
    if (n == 0)
        return after == '-' || after == '+' || after == '.' ? tm_strict_fail(c, TM_FLAW_NUMBER)
                                                            : tm_strict_unexpected(c);
    if (value > TM_LEDGER_NUMBER_MAX || (start[0] == '0' && n > 1) || after == '.' || after == 'e' ||
        after == 'E')
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

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Goes over the plain bytes of a string. */
static void skip_plain(struct tm_strict *c)
{
    size_t at = c->at;

    while (c->len - at >= 16) {
        size_t n = tm_bytes16_plain(c->data + at);

        at += n;
        if (n < 16) {
            c->at = at;
            return;
        }
    }
    while (at < c->len && is_plain(c->data[at]))
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

bool tm_strict_is_hex(struct tm_str text)
{
    tm_bytes16 others = { 0 };
    size_t at = 0;

    for (; text.len - at >= 16; at += 16)
        others |= tm_bytes16_no_hex(text.data + at);
    if (at && at < text.len) /* the last sixteen, some of them once more */
        others |= tm_bytes16_no_hex(text.data + text.len - 16);
    if (at)
        return !tm_bytes16_any(others);
    while (at < text.len && is(text.data[at], HEX))
        at++;
    return at == text.len;
}

bool tm_strict_hex(struct tm_strict *c, size_t n, struct tm_str *out)
{
    *out = tm_str_n(c->data + c->at, n);
    if (c->len - c->at > n && tm_strict_is_hex(*out) && !is(c->data[c->at + n], HEX)) {
        c->at += n;
        return true;
    }
    c->at += TM_MIN(span(c, HEX), n);
    return tm_strict_fail(c, TM_FLAW_HEX);
}

static bool take_value(struct tm_strict *c, unsigned depth, uint64_t *number);

/* One bit for each kind of key, so that most need no comparing with the others. */
static uint64_t bit_of(struct tm_str key)
{
    unsigned first = (unsigned char)key.data[0], last = (unsigned char)key.data[key.len - 1];

    return UINT64_C(1) << ((key.len * 5 + first + last * 3) & 63);
}

static bool is_twice(const struct tm_ledger_member *items, size_t n, uint64_t *bits, struct tm_str key)
{
    uint64_t bit = bit_of(key);

    if (*bits & bit)
        for (size_t i = 0; i < n; i++)
            if (tm_str_eq(items[i].key, key))
                return true;
    *bits |= bit;
    return false;
}

static bool take_key(struct tm_strict *c, const struct tm_ledger_member *items, size_t n, uint64_t *bits,
                     struct tm_str *key)
{
    if (!tm_strict_take(c, n ? ',' : '{') || !tm_strict_take(c, '"'))
        return false;
    if (!tm_strict_word(c, TM_LEDGER_KEY_MAX, key))
        return tm_strict_fail(c, TM_FLAW_KEY_SPELLING);
    if (is_twice(items, n, bits, *key))
        return tm_strict_fail(c, TM_FLAW_KEY_TWICE);
    return tm_strict_take(c, '"') && tm_strict_take(c, ':');
}

/* True when the remembered key stands at the cursor: sixteen bytes at once, those behind the key masked out.
 */
static bool is_there(const struct tm_strict *c, const struct tm_strict_key *known)
{
    const char *line = c->data + c->at;
    tm_bytes16 left, right, mask, differ = { 0 };

    if (c->len - c->at < sizeof(known->text))
        return c->len - c->at >= known->len && memcmp(line, known->text, known->len) == 0;
    for (size_t at = 0; at < known->len; at += 16) {
        memcpy(&left, line + at, sizeof(left));
        memcpy(&right, known->text + at, sizeof(right));
        memcpy(&mask, known->mask + at, sizeof(mask));
        differ |= (left ^ right) & mask;
    }
    return !tm_bytes16_any(differ);
}

/* The n-th key, when it is that of the object before; the keys before it are known as well. */
static bool take_known_key(struct tm_strict *c, const struct tm_strict_members *members, struct tm_str *key)
{
    const struct tm_strict_key *known = &members->known[members->n];

    if (members->n >= members->n_known || !is_there(c, known))
        return false;
    *key = tm_str_n(c->data + c->at + 2, known->len - 4u);
    c->at += known->len;
    return true;
}

/* The string of that many hexadecimal digits that the same key had before. Its value is checked but once. */
static bool take_known_hex(struct tm_strict *c, size_t len)
{
    const char *start = c->data + c->at;

    if (len == 0 || c->len - c->at < len + 2 || start[0] != '"' || start[len + 1] != '"' ||
        !tm_strict_is_hex(tm_str_n(start + 1, len)))
        return false;
    c->at += len + 2;
    return true;
}

/* How long the string of hexadecimal digits is that value is; 0 for anything else. */
static unsigned char hex_len_of(struct tm_str value)
{
    if (value.len < 18 || value.len > 66 || value.data[0] != '"')
        return 0;
    return tm_strict_is_hex(tm_str_n(value.data + 1, value.len - 2)) ? (unsigned char)(value.len - 2) : 0;
}

/* Remembers the last key, which ends before the cursor. */
static void remember_key(const struct tm_strict *c, struct tm_strict_members *members, struct tm_str key)
{
    struct tm_strict_key *known = &members->known[members->n];

    known->len = (unsigned char)(key.len + 4);
    known->name = NULL;
    memcpy(known->text, c->data + c->at - known->len, known->len);
    memset(known->mask, 0, sizeof(known->mask));
    memset(known->mask, 0xff, known->len);
    members->n_known = members->n + 1;
}

/* Behind the last member that an object may have. */
static bool take_last_end(struct tm_strict *c)
{
    if (tm_strict_peek(c) == '}')
        return tm_strict_take(c, '}');
    return tm_strict_take(c, ',') && tm_strict_fail(c, TM_FLAW_MEMBERS);
}

bool tm_strict_object(struct tm_strict *c, unsigned depth, struct tm_strict_members *members)
{
    uint64_t bits = 0;
    bool known = true;

    members->n = 0;
    if (tm_strict_is_there(c, TM_STR("{}"))) {
        c->at += 2;
        return true;
    }
    for (; members->n < TM_LEDGER_MEMBERS_MAX; members->n++) {
        struct tm_ledger_member *member = &members->items[members->n];
        size_t start;

        if (members->n && tm_strict_peek(c) == '}')
            return tm_strict_take(c, '}');
        if (known && !(known = take_known_key(c, members, &member->key)))
            for (size_t i = 0; i < members->n; i++)
                bits |= bit_of(members->items[i].key);
        if (!known && !take_key(c, members->items, members->n, &bits, &member->key))
            return false;
        if (!known)
            remember_key(c, members, member->key);
        start = c->at;
        member->is_hex = known && take_known_hex(c, members->known[members->n].hex_len);
        if (!member->is_hex && !take_value(c, depth + 1, &member->number))
            return false;
        member->value = tm_str_n(c->data + start, c->at - start);
        member->name = &members->known[members->n].name;
        if (!known)
            members->known[members->n].hex_len = hex_len_of(member->value);
    }
    return take_last_end(c);
}

/* An object inside a body: nobody asks for its members. */
static bool take_object(struct tm_strict *c, unsigned depth)
{
    struct tm_ledger_member items[TM_LEDGER_MEMBERS_MAX];
    uint64_t bits = 0;

    if (tm_strict_is_there(c, TM_STR("{}"))) {
        c->at += 2;
        return true;
    }
    for (size_t n = 0; n < TM_LEDGER_MEMBERS_MAX; n++) {
        if (n && tm_strict_peek(c) == '}')
            return tm_strict_take(c, '}');
        if (!take_key(c, items, n, &bits, &items[n].key) || !take_value(c, depth + 1, &items[n].number))
            return false;
    }
    return take_last_end(c);
}

static bool take_array(struct tm_strict *c, unsigned depth)
{
    uint64_t number;

    if (!tm_strict_take(c, '['))
        return false;
    if (tm_strict_peek(c) == ']')
        return tm_strict_take(c, ']');
    for (;;) {
        if (!take_value(c, depth + 1, &number))
            return false;
        if (tm_strict_peek(c) == ']')
            return tm_strict_take(c, ']');
        if (!tm_strict_take(c, ','))
            return false;
    }
}

/* depth: of the value, were it an object or array. *number: what it is, when it is one. */
static bool take_value(struct tm_strict *c, unsigned depth, uint64_t *number)
{
    struct tm_str raw;
    bool escaped;

    switch (tm_strict_peek(c)) {
    case '"':
        return tm_strict_string(c, &raw, &escaped);
    case '{':
        return depth > TM_LEDGER_DEPTH_MAX ? tm_strict_fail(c, TM_FLAW_DEPTH) : take_object(c, depth);
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
        return tm_strict_number(c, number);
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

    if (take_object(&c, 2) && (c.at == c.len || tm_strict_unexpected(&c)))
        return TM_FLAW_NONE;
    return c.flaw;
}
