#include "repo/fields.h"

#include "base/nearest.h"
#include "base/path.h"

static enum tm_code fail_at(struct tm_reading *r, size_t line, size_t column, const char *fmt, va_list ap)
    TM_PRINTF(4, 0);

static enum tm_code fail_at(struct tm_reading *r, size_t line, size_t column, const char *fmt, va_list ap)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;

    tm_buf_vaddf(&message, fmt, ap);
    return tm_err_set(r->err, TM_E_SETTINGS, "%s at line %zu, column %zu of '%s'", message.data, line, column,
                      r->name);
}

enum tm_code tm_reading_fail(struct tm_reading *r, const struct tm_yaml_node *node, const char *fmt, ...)
{
    enum tm_code code;
    va_list ap;

    va_start(ap, fmt);
    code = fail_at(r, node->line, node->column, fmt, ap);
    va_end(ap);
    return code;
}

enum tm_code tm_reading_fail_key(struct tm_reading *r, const struct tm_yaml_node *node, const char *fmt, ...)
{
    enum tm_code code;
    va_list ap;

    va_start(ap, fmt);
    code = fail_at(r, node->key_line, node->key_column, fmt, ap);
    va_end(ap);
    return code;
}

/* "'jobs' wants ..." for a value in a mapping; elements of a list have no key of their own. */
static enum tm_code fail_wants(struct tm_reading *r, const struct tm_field *field,
                               const struct tm_yaml_node *node, const char *what)
{
    return tm_reading_fail(r, node, "'%s' wants %s", field->key, what);
}

static const struct tm_field *find_row(const struct tm_field *rows, struct tm_str key)
{
    for (; rows->key; rows++)
        if (tm_str_is(key, rows->key))
            return rows;
    return NULL;
}

static enum tm_code fail_unknown(struct tm_reading *r, const struct tm_field *rows,
                                 const struct tm_yaml_node *node)
{
    enum { KEYS_MAX = 32 };
    const char *keys[KEYS_MAX + 1];
    const char *nearest;
    size_t n = 0;

    for (; rows->key; rows++) {
        assert(n < KEYS_MAX);
        keys[n++] = rows->key;
    }
    keys[n] = NULL;
    nearest = tm_nearest(node->key.data, keys);
    if (nearest)
        return tm_reading_fail_key(r, node, "unknown key '%.*s', did you mean '%s'?", TM_STR_ARG(node->key),
                                   nearest);
    return tm_reading_fail_key(r, node, "unknown key '%.*s'", TM_STR_ARG(node->key));
}

enum tm_code tm_reading_mapping(struct tm_reading *r, const struct tm_yaml_node *node)
{
    if (node->kind == TM_YAML_MAPPING || tm_yaml_is_null(node))
        return TM_OK;
    if (node->key.data)
        return tm_reading_fail(r, node, "'%.*s' wants keys and values below it", TM_STR_ARG(node->key));
    return tm_reading_fail(r, node, "keys and values are wanted");
}

enum tm_code tm_fields_read(struct tm_reading *r, const struct tm_field *rows,
                            const struct tm_yaml_node *node, void *base)
{
    enum tm_code code = tm_reading_mapping(r, node);

    for (const struct tm_yaml_node *child = node->child; child && !code; child = child->next) {
        const struct tm_field *row = find_row(rows, child->key);

        if (!row)
            return fail_unknown(r, rows, child);
        code = row->read(r, row, child, (char *)base + row->offset);
    }
    return code;
}

/* The text of a scalar that has one. */
static enum tm_code scalar(struct tm_reading *r, const struct tm_field *field,
                           const struct tm_yaml_node *node, struct tm_str *text)
{
    if (node->kind == TM_YAML_MAPPING)
        return fail_wants(r, field, node, "one value (a text that begins with '{' needs quotes)");
    if (node->kind == TM_YAML_SEQUENCE)
        return fail_wants(r, field, node, "one value, not a list");
    if (tm_yaml_is_null(node))
        return fail_wants(r, field, node, "a value");
    *text = node->text;
    return TM_OK;
}

TM_READER(tm_read_text)
{
    struct tm_str text = TM_STR("");
    enum tm_code code = scalar(r, field, node, &text);

    if (code)
        return code;
    if (text.len == 0)
        return fail_wants(r, field, node, "a text that is not empty");
    *(struct tm_str *)target = text;
    return TM_OK;
}

TM_READER(tm_read_bool)
{
    struct tm_str text = TM_STR("");
    enum tm_code code = scalar(r, field, node, &text);

    if (code)
        return code;
    if (!node->plain || (!tm_str_is(text, "true") && !tm_str_is(text, "false")))
        return fail_wants(r, field, node, "true or false");
    *(bool *)target = tm_str_is(text, "true");
    return TM_OK;
}

TM_READER(tm_read_number)
{
    struct tm_str text = TM_STR("");
    uint64_t value;
    enum tm_code code = scalar(r, field, node, &text);

    if (code)
        return code;
    if (!node->plain || !tm_str_u64(text, &value) || value < field->min || value > field->max)
        return tm_reading_fail(r, node, "'%s' wants a number from %ju to %ju, not '%.*s'", field->key,
                               (uintmax_t)field->min, (uintmax_t)field->max, TM_STR_ARG(text));
    *(uint64_t *)target = value;
    return TM_OK;
}

/* The index of a scalar's text in a list of words. */
static enum tm_code choose(struct tm_reading *r, const struct tm_field *field,
                           const struct tm_yaml_node *node, unsigned *index)
{
    const char *const *words = field->detail;
    struct tm_buf TM_CLEANUP(tm_buf_release) known = TM_BUF_INIT;
    struct tm_str text = TM_STR("");
    enum tm_code code = scalar(r, field, node, &text);

    if (code)
        return code;
    for (unsigned i = 0; words[i]; i++) {
        if (tm_str_is(text, words[i])) {
            *index = i;
            return TM_OK;
        }
        tm_buf_addf(&known, "%s'%s'", i ? " or " : "", words[i]);
    }
    return tm_reading_fail(r, node, "'%s' wants %s, not '%.*s'", field->key, known.data, TM_STR_ARG(text));
}

TM_READER(tm_read_choice)
{
    const char *const *words = field->detail;
    unsigned index;
    enum tm_code code = choose(r, field, node, &index);

    if (!code)
        *(struct tm_str *)target = tm_str(words[index]);
    return code;
}

TM_READER(tm_read_enum)
{
    return choose(r, field, node, target);
}

TM_READER(tm_read_section)
{
    return tm_fields_read(r, field->detail, node, target);
}

TM_READER(tm_read_node)
{
    *(const struct tm_yaml_node **)target = node;
    return TM_OK;
}

/* git's own folder, also where the file system does not tell cases apart. */
static bool has_git_part(struct tm_str path)
{
    struct tm_str part;

    while (tm_str_split(&path, '/', &part))
        if (part.len == 4 && strncasecmp(part.data, ".git", 4) == 0)
            return true;
    return false;
}

TM_READER(tm_read_place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_str text = TM_STR("");
    enum tm_code code = tm_read_text(r, field, node, &text);

    if (code)
        return code;
    if (tm_path_resolve(&path, TM_STR(""), text, &lower))
        return tm_reading_fail(r, node, "%s", tm_err_msg(&lower));
    if (has_git_part(tm_buf_str(&path)))
        return tm_reading_fail(r, node, "path '%.*s' is git's own", TM_STR_ARG(text));
    *(struct tm_str *)target = tm_arena_str(r->arena, tm_buf_str(&path));
    return TM_OK;
}

TM_READER(tm_read_path)
{
    struct tm_str path = TM_STR("");
    enum tm_code code = tm_read_place(r, field, node, &path);

    if (code)
        return code;
    if (path.len == 0)
        return fail_wants(r, field, node, "a folder, not the root of the repository");
    *(struct tm_str *)target = path;
    return TM_OK;
}

TM_READER(tm_read_program)
{
    struct tm_str text = TM_STR("");
    enum tm_code code = tm_read_text(r, field, node, &text);

    if (code)
        return code;
    if (tm_str_find(text, '/') != SIZE_MAX && text.data[0] != '/')
        return tm_read_path(r, field, node, target);
    *(struct tm_str *)target = text;
    return TM_OK;
}

/* What a glob cannot be; NULL when it is fine. */
static const char *glob_problem(struct tm_str glob)
{
    if (glob.len == 0)
        return "an empty glob";
    if (glob.len > TM_PATH_MAX)
        return "a glob that is longer than any path";
    if (glob.data[0] == '!')
        return "a glob that begins with '!', which is not supported";
    for (size_t i = 0; i < glob.len; i++) {
        if (glob.data[i] == '\\' && ++i == glob.len)
            return "a '\\' at the end of a glob, with nothing to quote";
        if (glob.data[i] != '[')
            continue;
        /* A ']' right at the start belongs to the set. */
        i += i + 1 < glob.len && (glob.data[i + 1] == '!' || glob.data[i + 1] == '^') ? 2 : 1;
        for (i++; i < glob.len && glob.data[i] != ']'; i++)
            ;
        if (i >= glob.len)
            return "a '[' without its ']'";
    }
    return NULL;
}

/* An empty list for a key without a value. */
static enum tm_code start_list(struct tm_reading *r, const struct tm_field *field,
                               const struct tm_yaml_node *node, struct tm_str_list *list)
{
    if (node->kind != TM_YAML_SEQUENCE && !tm_yaml_is_null(node))
        return fail_wants(r, field, node, "a list");
    *list = (struct tm_str_list) { tm_arena_array(r->arena, node->count, sizeof(*list->items)), 0 };
    return TM_OK;
}

TM_READER(tm_read_texts)
{
    struct tm_str_list list = { NULL, 0 };
    enum tm_code code = start_list(r, field, node, &list);

    for (const struct tm_yaml_node *item = node->child; item && !code; item = item->next) {
        assert(list.items && list.n < node->count);
        code = scalar(r, field, item, &list.items[list.n++]);
    }
    if (!code)
        *(struct tm_str_list *)target = list;
    return code;
}

TM_READER(tm_read_globs)
{
    struct tm_str_list list = { NULL, 0 };
    enum tm_code code = start_list(r, field, node, &list);

    if (!code && node->count > TM_GLOBS_MAX)
        return tm_reading_fail(r, node, "'%s' has more than %d globs", field->key, TM_GLOBS_MAX);
    for (const struct tm_yaml_node *item = node->child; item && !code; item = item->next) {
        struct tm_str *glob = &list.items[list.n++];
        const char *problem;

        assert(list.items);
        code = scalar(r, field, item, glob);
        if (!code && (problem = glob_problem(*glob)))
            code = tm_reading_fail(r, item, "%s", problem);
    }
    if (!code)
        *(struct tm_str_list *)target = list;
    return code;
}

TM_READER(tm_read_folders)
{
    struct tm_str_list list = { NULL, 0 };
    enum tm_code code = start_list(r, field, node, &list);

    if (!code && node->count > TM_GLOBS_MAX)
        return tm_reading_fail(r, node, "'%s' has more than %d folders", field->key, TM_GLOBS_MAX);
    for (const struct tm_yaml_node *item = node->child; item && !code; item = item->next) {
        assert(list.items);
        code = tm_read_place(r, field, item, &list.items[list.n++]);
    }
    if (!code)
        *(struct tm_str_list *)target = list;
    return code;
}
