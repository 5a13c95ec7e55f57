#include "ledger/body.h"

#include "ledger/flaw.h"
#include "ledger/parse.h"

void tm_body_init(struct tm_body *body, const struct tm_ledger_entry *entry, struct tm_arena *arena,
                  struct tm_body_fault *fault)
{
    *body = (struct tm_body) { tm_str_from(entry->body, 1), arena, fault };
    fault->key = NULL;
}

void tm_body_refuse(struct tm_body *body, const char *key)
{
    if (!body->fault->key)
        body->fault->key = key;
    body->rest = TM_STR("}");
}

/* The end of the string that begins s, behind its closing quote. */
static size_t string_end(struct tm_str s)
{
    size_t i = 1;

    for (;;) {
        const char *quote = i < s.len ? memchr(s.data + i, '"', s.len - i) : NULL;
        size_t slashes = 0;

        if (!quote)
            return s.len;
        i = (size_t)(quote - s.data) + 1;
        while (quote[-1 - (ptrdiff_t)slashes] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return i;
    }
}

/* The end of the value that begins s. */
static size_t value_end(struct tm_str s)
{
    unsigned depth = 0;
    size_t i = 0;

    while (i < s.len) {
        char c = s.data[i];

        if (c == '"')
            i += string_end(tm_str_from(s, i));
        else if (c == '{' || c == '[')
            depth++, i++;
        else if (depth && (c == '}' || c == ']'))
            depth--, i++;
        else if (!depth && (c == ',' || c == '}' || c == ']'))
            return i;
        else
            i++;
    }
    return i;
}

/* What stands before the value of member `key`, when it is the next: `,"key":`. 0 when it is not. */
static size_t member_head(const struct tm_body *body, const char *key)
{
    struct tm_str rest = body->rest;
    size_t n = strlen(key);
    size_t comma = rest.len && rest.data[0] == ',';

    rest = tm_str_from(rest, comma);
    if (rest.len < n + 3 || rest.data[0] != '"' || memcmp(rest.data + 1, key, n) != 0 ||
        rest.data[n + 1] != '"')
        return 0;
    return comma + n + 3;
}

bool tm_body_has(const struct tm_body *body, const char *key)
{
    return member_head(body, key) != 0;
}

static struct tm_str take(struct tm_body *body, size_t head)
{
    struct tm_str value = tm_str_from(body->rest, head);

    value.len = value_end(value);
    body->rest = tm_str_from(body->rest, head + value.len);
    return value;
}

/* The next member's value as spelled; empty after a fault. */
static struct tm_str take_member(struct tm_body *body, const char *key, const char *first)
{
    size_t head = member_head(body, key);
    struct tm_str value = head ? take(body, head) : TM_STR("");

    if (value.len == 0 || !strchr(first, value.data[0])) {
        tm_body_refuse(body, key);
        return TM_STR("");
    }
    return value;
}

struct tm_str tm_body_text(struct tm_body *body, const char *key)
{
    struct tm_str value = take_member(body, key, "\"");
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    if (value.len == 0)
        return value;
    value = tm_str_n(value.data + 1, value.len - 2);
    if (tm_str_find(value, '\\') == SIZE_MAX)
        return value;
    tm_ledger_unescape(value, &text);
    return tm_arena_str(body->arena, tm_buf_str(&text));
}

struct tm_str tm_body_opt_text(struct tm_body *body, const char *key)
{
    struct tm_str value;

    if (!tm_body_has(body, key))
        return TM_STR("");
    value = tm_body_text(body, key);
    if (value.len == 0)
        tm_body_refuse(body, key);
    return value;
}

struct tm_str tm_body_hex(struct tm_body *body, const char *key, size_t n)
{
    struct tm_str value = tm_body_text(body, key);

    if (value.len == n && strspn(value.data, "0123456789abcdef") == n)
        return value;
    tm_body_refuse(body, key);
    return TM_STR("");
}

struct tm_str tm_body_opt_hex(struct tm_body *body, const char *key, size_t n)
{
    return tm_body_has(body, key) ? tm_body_hex(body, key, n) : TM_STR("");
}

uint64_t tm_body_number(struct tm_body *body, const char *key)
{
    uint64_t value = 0;

    if (!tm_str_u64(take_member(body, key, "0123456789"), &value))
        tm_body_refuse(body, key);
    return value;
}

int64_t tm_body_opt_number(struct tm_body *body, const char *key)
{
    return tm_body_has(body, key) ? (int64_t)tm_body_number(body, key) : -1;
}

bool tm_body_bool(struct tm_body *body, const char *key)
{
    return tm_str_is(take_member(body, key, "tf"), "true");
}

static void enter(struct tm_body *body, const char *key, const char *first, struct tm_body *in)
{
    struct tm_str value = take_member(body, key, first);

    *in = (struct tm_body) { value.len ? tm_str_from(value, 1) : TM_STR("}"), body->arena, body->fault };
}

void tm_body_object(struct tm_body *body, const char *key, struct tm_body *in)
{
    enter(body, key, "{", in);
}

void tm_body_array(struct tm_body *body, const char *key, struct tm_body *in)
{
    enter(body, key, "[", in);
}

/* The next element as spelled; empty when there is none. */
static struct tm_str take_element(struct tm_body *array)
{
    size_t comma = array->rest.len && array->rest.data[0] == ',';

    return take(array, comma);
}

size_t tm_body_count(const struct tm_body *array)
{
    struct tm_body at = *array;
    size_t n = 0;

    while (take_element(&at).len)
        n++;
    return n;
}

void tm_body_next_object(struct tm_body *array, struct tm_body *in)
{
    struct tm_str value = take_element(array);

    *in = (struct tm_body) { TM_STR("}"), array->arena, array->fault };
    if (value.len && value.data[0] == '{')
        in->rest = tm_str_from(value, 1);
    else
        tm_body_refuse(array, "");
}

struct tm_hash tm_body_next_hash(struct tm_body *array)
{
    struct tm_str value = take_element(array);
    struct tm_hash hash = { { 0 } };

    if (value.len < 2 || value.data[0] != '"' ||
        !tm_hash_parse(tm_str_n(value.data + 1, value.len - 2), &hash))
        tm_body_refuse(array, "");
    return hash;
}

void tm_body_end(struct tm_body *body)
{
    if (body->rest.len == 0 || (body->rest.data[0] != '}' && body->rest.data[0] != ']'))
        tm_body_refuse(body, "");
}

enum tm_code tm_body_finish(struct tm_body *body, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    const char *key;

    tm_body_end(body);
    key = body->fault->key;
    if (!key)
        return TM_OK;
    if (!*key)
        return tm_err_set(err, TM_E_FORMAT, "%s: unknown or misplaced member at line %zu",
                          tm_ledger_flaw_text(TM_FLAW_BODY), entry->line);
    return tm_err_set(err, TM_E_FORMAT, "%s: '%s' is missing, misplaced or malformed at line %zu",
                      tm_ledger_flaw_text(TM_FLAW_BODY), key, entry->line);
}

enum tm_code tm_body_expect(const struct tm_ledger_entry *entry, enum tm_ledger_kind kind, struct tm_err *err)
{
    if (!entry->adopted && tm_str_is(entry->kind, tm_ledger_kind_name(kind)))
        return TM_OK;
    return tm_err_set(err, TM_E_FORMAT, "entry at line %zu is of kind '%.*s', not '%s'", entry->line,
                      TM_STR_ARG(entry->kind), tm_ledger_kind_name(kind));
}
