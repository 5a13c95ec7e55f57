#include "ledger/body.h"

#include "ledger/flaw.h"
#include "ledger/parse.h"
#include "ledger/strict.h"

/* True when the members are those of this body, not of a line that it was copied from. */
static bool are_of(const struct tm_ledger_member *members, struct tm_str body)
{
    return members->key.data > body.data && members->key.data < body.data + body.len;
}

void tm_body_init(struct tm_body *body, const struct tm_ledger_entry *entry, struct tm_arena *arena,
                  struct tm_body_fault *fault)
{
    *body = (struct tm_body) { .rest = tm_str_from(entry->body, 1), .arena = arena, .fault = fault };
    if (entry->n_members && are_of(entry->members, entry->body)) {
        body->members = entry->members;
        body->n_members = entry->n_members;
    }
    fault->key = NULL;
}

void tm_body_refuse(struct tm_body *body, const char *key)
{
    if (!body->fault->key)
        body->fault->key = key;
    body->members = NULL;
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

/* Which key it is is mostly known from the bodies before: theirs stood in the same place. */
static inline bool is_member(const struct tm_ledger_member *member, const char *key)
{
    if (*member->name == key)
        return true;
    if (member->key.data[0] != key[0] || !tm_str_is(member->key, key))
        return false;
    *member->name = key;
    return true;
}

static inline bool has(const struct tm_body *body, const char *key)
{
    if (body->members)
        return body->n_members && is_member(body->members, key);
    return member_head(body, key) != 0;
}

bool tm_body_has(const struct tm_body *body, const char *key)
{
    return has(body, key);
}

static struct tm_str take(struct tm_body *body, size_t head)
{
    struct tm_str value = tm_str_from(body->rest, head);

    value.len = value_end(value);
    body->rest = tm_str_from(body->rest, head + value.len);
    return value;
}

/* What values can be. */
enum shape { TEXT, NUMBER, TRUTH, OBJECT, ARRAY };

static inline bool begins_as(char c, enum shape shape)
{
    return shape == TEXT     ? c == '"'
           : shape == NUMBER ? c >= '0' && c <= '9'
           : shape == TRUTH  ? c == 't' || c == 'f'
           : shape == OBJECT ? c == '{'
                             : c == '[';
}

/* The next member's value as spelled; empty after a fault. */
static inline struct tm_str take_member(struct tm_body *body, const char *key, enum shape shape)
{
    struct tm_str value = TM_STR("");

    if (!has(body, key)) {
        tm_body_refuse(body, key);
        return value;
    }
    if (body->members) {
        value = body->members++->value;
        body->n_members--;
    } else {
        value = take(body, member_head(body, key));
    }
    if (value.len && begins_as(value.data[0], shape))
        return value;
    tm_body_refuse(body, key);
    return TM_STR("");
}

static struct tm_str unescaped(struct tm_arena *arena, struct tm_str value)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_ledger_unescape(value, &text);
    return tm_arena_str(arena, tm_buf_str(&text));
}

struct tm_str tm_body_text(struct tm_body *body, const char *key)
{
    struct tm_str value = take_member(body, key, TEXT);

    if (value.len == 0)
        return value;
    value = tm_str_n(value.data + 1, value.len - 2);
    return tm_str_find(value, '\\') == SIZE_MAX ? value : unescaped(body->arena, value);
}

struct tm_str tm_body_opt_text(struct tm_body *body, const char *key)
{
    struct tm_str value;

    if (!has(body, key))
        return TM_STR("");
    value = tm_body_text(body, key);
    if (value.len == 0)
        tm_body_refuse(body, key);
    return value;
}

struct tm_str tm_body_hex(struct tm_body *body, const char *key, size_t n)
{
    const struct tm_ledger_member *member = body->members;
    struct tm_str value = take_member(body, key, TEXT);

    if (value.len == n + 2 && ((member && member->is_hex) || tm_strict_is_hex(tm_str_n(value.data + 1, n))))
        return tm_str_n(value.data + 1, n);
    tm_body_refuse(body, key);
    return TM_STR("");
}

struct tm_str tm_body_opt_hex(struct tm_body *body, const char *key, size_t n)
{
    return has(body, key) ? tm_body_hex(body, key, n) : TM_STR("");
}

uint64_t tm_body_number(struct tm_body *body, const char *key)
{
    const struct tm_ledger_member *member = body->members;
    struct tm_str digits = take_member(body, key, NUMBER);
    uint64_t value = 0;

    if (member)
        return digits.len ? member->number : 0;
    /* The parser has seen that it is a number, and not too large. */
    for (size_t i = 0; i < digits.len; i++)
        value = value * 10 + (uint64_t)(digits.data[i] - '0');
    return value;
}

int64_t tm_body_opt_number(struct tm_body *body, const char *key)
{
    return has(body, key) ? (int64_t)tm_body_number(body, key) : -1;
}

bool tm_body_bool(struct tm_body *body, const char *key)
{
    return tm_str_is(take_member(body, key, TRUTH), "true");
}

static void enter(struct tm_body *body, const char *key, enum shape shape, struct tm_body *in)
{
    struct tm_str value = take_member(body, key, shape);

    *in = (struct tm_body) { .rest = value.len ? tm_str_from(value, 1) : TM_STR("}"),
                             .arena = body->arena,
                             .fault = body->fault };
}

void tm_body_object(struct tm_body *body, const char *key, struct tm_body *in)
{
    enter(body, key, OBJECT, in);
}

void tm_body_array(struct tm_body *body, const char *key, struct tm_body *in)
{
    enter(body, key, ARRAY, in);
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

    *in = (struct tm_body) { .rest = TM_STR("}"), .arena = array->arena, .fault = array->fault };
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
    bool at_end = body->members    ? body->n_members == 0
                  : body->rest.len ? body->rest.data[0] == '}' || body->rest.data[0] == ']'
                                   : false;

    if (!at_end)
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
