#include "repo/placeholder.h"

#include "base/alloc.h"
#include "base/path.h"

struct value {
    const char *name;
    size_t offset; /* in struct tm_places, of a struct tm_str or a struct tm_str_list */
};

static const struct value values[] = {
    { "module", offsetof(struct tm_places, module) }, { "name", offsetof(struct tm_places, name) },
    { "out", offsetof(struct tm_places, out) },       { "python", offsetof(struct tm_places, python) },
    { "root", offsetof(struct tm_places, root) },     { "work", offsetof(struct tm_places, work) },
};

static const struct value lists[] = {
    { "files", offsetof(struct tm_places, files) },
    { "nested", offsetof(struct tm_places, nested) },
    { "source_dirs", offsetof(struct tm_places, source_dirs) },
};

static const struct value *find(const struct value *rows, size_t n, struct tm_str name)
{
    for (size_t i = 0; i < n; i++)
        if (tm_str_is(name, rows[i].name))
            return &rows[i];
    return NULL;
}

/* The lower-case word after the brace at `at`; empty when there is none. */
static struct tm_str word_at(struct tm_str text, size_t at)
{
    size_t end = at + 1;

    while (end < text.len && ((text.data[end] >= 'a' && text.data[end] <= 'z') || text.data[end] == '_'))
        end++;
    return tm_str_n(text.data + at + 1, end - at - 1);
}

enum part_kind { PART_TEXT, PART_VALUE, PART_LIST };

/* A stretch of a text: bytes to take as they are, or a placeholder. */
struct part {
    enum part_kind kind;
    size_t len;         /* bytes of the text it covers */
    struct tm_str text; /* the bytes, or the placeholder's word */
    struct tm_str after_colon;
};

/* "{word:...}" up to the next brace, or to the end when none closes it. */
static struct part list_part(struct tm_str text, size_t at, struct tm_str word)
{
    struct tm_str rest = tm_str_from(text, at + 1 + word.len + 1);
    size_t close = tm_str_find(rest, '}');
    size_t len = close == SIZE_MAX ? rest.len : close;

    return (struct part) { PART_LIST, word.len + 2 + len + (close != SIZE_MAX), word,
                           tm_str_n(rest.data, len) };
}

static struct part brace_part(struct tm_str text, size_t at)
{
    struct tm_str word = word_at(text, at);
    size_t end = at + 1 + word.len;
    struct part part = { PART_TEXT, 1, tm_str_n(text.data + at, 1), TM_STR("") };

    if (at && text.data[at - 1] == '$')
        return part;
    if (at + 1 < text.len && text.data[at + 1] == '{') {
        part.len = 2;
        return part;
    }
    if (word.len == 0 || end == text.len)
        return part;
    if (text.data[end] == '}')
        return (struct part) { PART_VALUE, word.len + 2, word, TM_STR("") };
    if (text.data[end] != ':')
        return part;
    /* A colon in a script's braces is the script's, but not after a word of ours or in braces of its own. */
    if (find(lists, TM_LEN(lists), word) || (at == 0 && text.data[text.len - 1] == '}'))
        return list_part(text, at, word);
    return part;
}

static struct part part_at(struct tm_str text, size_t at)
{
    size_t end = at;

    if (text.data[at] == '{')
        return brace_part(text, at);
    while (end < text.len && text.data[end] != '{')
        end++;
    return (struct part) { PART_TEXT, end - at, tm_str_n(text.data + at, end - at), TM_STR("") };
}

bool tm_placeholder_check(struct tm_str text, bool is_argument, struct tm_buf *problem)
{
    struct part part;

    for (size_t at = 0; at < text.len; at += part.len) {
        part = part_at(text, at);
        if (part.kind == PART_TEXT)
            continue;
        tm_buf_clear(problem);
        if (part.kind == PART_VALUE && find(values, TM_LEN(values), part.text))
            continue;
        if (!find(lists, TM_LEN(lists), part.text)) {
            tm_buf_addf(problem, "unknown placeholder '{%.*s}'", TM_STR_ARG(part.text));
            return false;
        }
        if (part.kind == PART_VALUE) {
            tm_buf_addf(problem, "no ':' in the list placeholder '{%.*s}'", TM_STR_ARG(part.text));
            return false;
        }
        if (!is_argument || at > 0 || part.len != text.len || text.data[text.len - 1] != '}') {
            tm_buf_addf(problem,
                        "only a whole argument of a command can be the list placeholder '{%.*s:...}'",
                        TM_STR_ARG(part.text));
            return false;
        }
    }
    return true;
}

static const void *member(const struct tm_places *places, const struct value *value)
{
    return (const char *)places + value->offset;
}

void tm_placeholder_expand(struct tm_buf *out, struct tm_str text, const struct tm_places *places)
{
    struct part part;

    for (size_t at = 0; at < text.len; at += part.len) {
        part = part_at(text, at);
        if (part.kind == PART_VALUE) {
            const struct value *value = find(values, TM_LEN(values), part.text);

            assert(value);
            tm_buf_add_str(out, *(const struct tm_str *)member(places, value));
        } else {
            assert(part.kind == PART_TEXT);
            tm_buf_add_str(out, part.text);
        }
    }
}

struct growing {
    struct tm_str *items;
    size_t n, cap;
};

static void push(struct growing *out, struct tm_str item)
{
    TM_GROW(out->items, out->n, out->cap);
    out->items[out->n++] = item;
}

static void push_joined(struct growing *out, struct tm_arena *arena, struct tm_str prefix, struct tm_str item)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;

    tm_buf_add_str(&buf, prefix);
    tm_buf_add_str(&buf, item);
    push(out, tm_arena_str(arena, tm_buf_str(&buf)));
}

static void expand_list(struct growing *out, struct tm_arena *arena, const struct value *list,
                        struct tm_str after_colon, const struct tm_places *places)
{
    const struct tm_str_list *items = member(places, list);
    bool is_glob = list->offset == offsetof(struct tm_places, files);

    for (size_t i = 0; i < items->n; i++) {
        if (!is_glob)
            push_joined(out, arena, after_colon, items->items[i]);
        else if (tm_path_matches(after_colon, items->items[i]))
            push_joined(out, arena, TM_STR("./"), items->items[i]); /* so that "-x.js" is no option */
    }
}

static void expand_argument(struct growing *out, struct tm_arena *arena, struct tm_str argument,
                            const struct tm_places *places)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;
    struct part part = { PART_TEXT };

    if (argument.len)
        part = part_at(argument, 0);
    if (part.kind == PART_LIST) {
        const struct value *list = find(lists, TM_LEN(lists), part.text);

        assert(list);
        expand_list(out, arena, list, part.after_colon, places);
        return;
    }
    tm_placeholder_expand(&buf, argument, places);
    push(out, tm_arena_str(arena, tm_buf_str(&buf)));
}

struct tm_str_list tm_placeholder_expand_list(struct tm_arena *arena, const struct tm_str_list *list,
                                              const struct tm_places *places)
{
    struct growing out = { NULL, 0, 0 };
    struct tm_str_list result;

    for (size_t i = 0; i < list->n; i++)
        expand_argument(&out, arena, list->items[i], places);
    result = (struct tm_str_list) { tm_arena_array(arena, out.n, sizeof(*result.items)), out.n };
    if (out.n)
        memcpy(result.items, out.items, out.n * sizeof(*result.items));
    free(out.items);
    return result;
}
