#include "ledger/parse.h"

static const char *const fields[] = { "v", "log", "lc", "prev", "run", "ts", "kind", "module", "body" };

/* Says what is wrong where `"<fields[i]>":` should stand; the bytes before it have been read. */
static bool wrong_field(struct tm_strict *c, size_t i)
{
    size_t key_at = c->at;
    struct tm_str key;
    char spelled[16];

    if (tm_strict_peek(c) == '}' || c->at >= c->len)
        return tm_strict_fail(c, c->at >= c->len ? TM_FLAW_SYNTAX : TM_FLAW_KEY_MISSING);
    if (i && !tm_strict_take(c, ','))
        return false;
    if (!tm_strict_take(c, '"'))
        return false;
    if (!tm_strict_word(c, TM_LEDGER_KEY_MAX, &key))
        return tm_strict_fail(c, TM_FLAW_KEY_UNKNOWN);
    if (tm_str_is(key, fields[i])) /* then what follows the key is wrong */
        return tm_strict_take(c, '"') && tm_strict_take(c, ':') && tm_strict_fail(c, TM_FLAW_SYNTAX);
    c->at = key_at;
    for (size_t j = 0; j < i; j++)
        if (tm_str_is(key, fields[j]))
            return tm_strict_fail(c, TM_FLAW_KEY_TWICE);
    snprintf(spelled, sizeof(spelled), "\"%s\":", fields[i]);
    for (size_t j = i + 1; j < TM_LEN(fields); j++)
        if (tm_str_is(key, fields[j]))
            return tm_strict_fail(c, memmem(c->data + c->at, c->len - c->at, spelled, strlen(spelled))
                                         ? TM_FLAW_KEY_ORDER
                                         : TM_FLAW_KEY_MISSING);
    return tm_strict_fail(c, TM_FLAW_KEY_UNKNOWN);
}

/* Takes what stands between two values: `,"lc":` and the like. `text` is its spelling. */
static inline bool take_field(struct tm_strict *c, size_t i, struct tm_str text)
{
    if (!tm_strict_is_there(c, text))
        return wrong_field(c, i);
    c->at += text.len;
    return true;
}

static bool take_version(struct tm_strict *c)
{
    uint64_t version;

    if (!tm_strict_take(c, '{') || !take_field(c, 0, TM_STR("\"v\":")) || !tm_strict_number(c, &version))
        return false;
    return version == 1 || tm_strict_fail(c, TM_FLAW_VERSION);
}

static bool take_log(struct tm_strict *c, struct tm_str *log)
{
    return take_field(c, 1, TM_STR(",\"log\":")) && tm_strict_take(c, '"') &&
           tm_strict_hex(c, TM_LEDGER_LOG_HEX, log) && tm_strict_take(c, '"');
}

static bool take_id(struct tm_strict *c, struct tm_hash *id)
{
    struct tm_str hex;

    if (!tm_strict_take(c, '"'))
        return false;
    hex = tm_str_n(c->data + c->at, TM_HASH_HEX);
    if (c->len - c->at > TM_HASH_HEX && hex.data[TM_HASH_HEX] == '"' && tm_hash_parse(hex, id)) {
        c->at += TM_HASH_HEX + 1;
        return true;
    }
    /* What it is instead. */
    return tm_strict_hex(c, TM_HASH_HEX, &hex) && tm_strict_take(c, '"');
}

static bool take_prev(struct tm_strict *c, struct tm_hash *prev, size_t *n)
{
    *n = 0;
    if (!take_field(c, 3, TM_STR(",\"prev\":")) || !tm_strict_take(c, '['))
        return false;
    if (tm_strict_peek(c) == ']')
        return tm_strict_take(c, ']');
    for (;;) {
        if (*n == TM_LEDGER_PREV_MAX)
            return tm_strict_fail(c, TM_FLAW_PREV_COUNT);
        if (!take_id(c, &prev[*n]))
            return false;
        if (*n && tm_hash_cmp(&prev[*n - 1], &prev[*n]) >= 0)
            return tm_strict_fail(c, TM_FLAW_PREV_ORDER);
        ++*n;
        if (tm_strict_peek(c) == ']')
            return tm_strict_take(c, ']');
        if (!tm_strict_take(c, ','))
            return false;
    }
}

static bool take_run(struct tm_strict *c, struct tm_str *run)
{
    size_t start;
    struct tm_str hex;
    uint64_t count;

    if (!take_field(c, 4, TM_STR(",\"run\":")) || !tm_strict_take(c, '"'))
        return false;
    start = c->at;
    if (!tm_strict_hex(c, TM_LEDGER_RUN_HEX, &hex) || !tm_strict_take(c, '.') || !tm_strict_count(c, &count))
        return false;
    *run = tm_str_n(c->data + start, c->at - start);
    return tm_strict_take(c, '"');
}

/* tm_clock_parse is for people and takes more than the one spelling. */
static bool is_stamp(struct tm_str s)
{
    static const char shape[] = "0000-00-00T00:00:00Z";

    for (size_t i = 0; i < TM_STAMP_LEN; i++)
        if (shape[i] == '0' ? s.data[i] < '0' || s.data[i] > '9' : s.data[i] != shape[i])
            return false;
    return s.data[17] < '6';
}

static bool take_stamp(struct tm_strict *c, struct tm_ledger_parser *parser, int64_t *ts_s)
{
    struct tm_str text;

    if (!take_field(c, 5, TM_STR(",\"ts\":")) || !tm_strict_take(c, '"'))
        return false;
    text = tm_str_n(c->data + c->at, TM_STAMP_LEN);
    if (c->len - c->at < TM_STAMP_LEN)
        return tm_strict_fail(c, TM_FLAW_STAMP);
    if (memcmp(parser->stamp, text.data, TM_STAMP_LEN) != 0) {
        int64_t time_s;

        if (!is_stamp(text) || !tm_clock_parse(text, &time_s) || time_s < 0)
            return tm_strict_fail(c, TM_FLAW_STAMP);
        memcpy(parser->stamp, text.data, TM_STAMP_LEN);
        parser->stamp_s = time_s;
    }
    *ts_s = parser->stamp_s;
    c->at += TM_STAMP_LEN;
    return tm_strict_take(c, '"') || tm_strict_fail(c, TM_FLAW_STAMP);
}

static bool take_kind(struct tm_strict *c, struct tm_str *kind)
{
    if (!take_field(c, 6, TM_STR(",\"kind\":")) || !tm_strict_take(c, '"'))
        return false;
    if (!tm_strict_word(c, TM_LEDGER_NAME_MAX, kind))
        return tm_strict_fail(c, TM_FLAW_KIND);
    return tm_strict_take(c, '"');
}

static bool take_module(struct tm_strict *c, struct tm_ledger_parser *parser, struct tm_str *module)
{
    bool escaped;

    if (!take_field(c, 7, TM_STR(",\"module\":")) || !tm_strict_string(c, module, &escaped))
        return false;
    if (escaped) {
        tm_buf_clear(&parser->module);
        tm_ledger_unescape(*module, &parser->module);
        *module = tm_buf_str(&parser->module);
    }
    return true;
}

static bool take_body(struct tm_strict *c, struct tm_ledger_parser *parser, struct tm_ledger_entry *e)
{
    size_t start;

    if (!take_field(c, 8, TM_STR(",\"body\":")))
        return false;
    start = c->at;
    if (!tm_strict_object(c, 2, &parser->members))
        return false;
    e->members = parser->members.items;
    e->n_members = parser->members.n;
    e->body = tm_str_n(c->data + start, c->at - start);
    return true;
}

/* After the body: the closing brace and nothing else. */
static bool take_end(struct tm_strict *c)
{
    struct tm_str key;

    if (tm_strict_is_there(c, TM_STR(",\""))) {
        c->at += 2;
        if (tm_strict_word(c, TM_LEDGER_KEY_MAX, &key))
            for (size_t i = 0; i < TM_LEN(fields); i++)
                if (tm_str_is(key, fields[i]))
                    return tm_strict_fail(c, TM_FLAW_KEY_TWICE);
        return tm_strict_fail(c, TM_FLAW_KEY_UNKNOWN);
    }
    return tm_strict_take(c, '}') && (c->at == c->len || tm_strict_unexpected(c));
}

static bool take_entry(struct tm_strict *c, struct tm_ledger_parser *parser, struct tm_ledger_entry *e)
{
    return take_version(c) && take_log(c, &e->log) && take_field(c, 2, TM_STR(",\"lc\":")) &&
           tm_strict_count(c, &e->lc) && take_prev(c, parser->prev, &e->n_prev) && take_run(c, &e->run) &&
           take_stamp(c, parser, &e->ts_s) && take_kind(c, &e->kind) && take_module(c, parser, &e->module) &&
           take_body(c, parser, e) && take_end(c);
}

/* What can be said of a line before it is taken apart. */
static enum tm_ledger_flaw flaw_of_line(struct tm_str line)
{
    static const char *const markers[] = { "<<<<<<<", "|||||||", "=======", ">>>>>>>" };

    if (line.len > TM_LEDGER_LINE_MAX)
        return TM_FLAW_TOO_LONG;
    if (line.len == 0)
        return TM_FLAW_BLANK;
    if (line.data[0] == '{')
        return TM_FLAW_NONE;
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
    struct tm_strict c = { line.data, line.len, 0, flaw_of_line(line) };
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
