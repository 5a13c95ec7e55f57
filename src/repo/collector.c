#include "repo/collector.h"

#include "base/embedded.h"
#include "base/path.h"
#include "repo/placeholder.h"

/* A collector while it is being read. */
struct draft {
    struct tm_collector collector;
    bool enabled;
};

/* A text of a collector, its placeholders checked. */
static enum tm_code check_placeholders(struct tm_reading *r, const struct tm_yaml_node *node,
                                       bool is_argument)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) problem = TM_BUF_INIT;

    if (tm_placeholder_check(node->text, is_argument, &problem))
        return TM_OK;
    return tm_reading_fail(r, node, "%s", problem.data);
}

static TM_READER(read_command)
{
    struct tm_str_list list = { NULL, 0 };
    enum tm_code code = tm_read_texts(r, field, node, &list);

    if (code)
        return code;
    if (list.n == 0 || list.items[0].len == 0)
        return tm_reading_fail(r, node, "'%s' wants a program and its arguments", field->key);
    for (const struct tm_yaml_node *item = node->child; item && !code; item = item->next)
        code = check_placeholders(r, item, item != node->child);
    if (!code)
        *(struct tm_str_list *)target = list;
    return code;
}

static TM_READER(read_versions)
{
    struct tm_collector *collector = target;
    struct tm_str_list *commands = tm_arena_array(r->arena, node->count, sizeof(*commands));
    size_t n = 0;
    enum tm_code code = TM_OK;

    if (node->kind != TM_YAML_SEQUENCE && !tm_yaml_is_null(node))
        return tm_reading_fail(r, node, "'%s' wants a list of commands, each a list of its arguments",
                               field->key);
    for (const struct tm_yaml_node *item = node->child; item && !code; item = item->next)
        code = read_command(r, field, item, &commands[n++]);
    if (code)
        return code;
    collector->versions = commands;
    collector->n_versions = n;
    return TM_OK;
}

static TM_READER(read_exits)
{
    struct tm_collector *collector = target;
    uint64_t *exits = tm_arena_array(r->arena, node->count, sizeof(*exits));
    size_t n = 0;
    enum tm_code code = TM_OK;

    if (node->kind != TM_YAML_SEQUENCE && !tm_yaml_is_null(node))
        return tm_reading_fail(r, node, "'%s' wants a list of exit statuses", field->key);
    for (const struct tm_yaml_node *item = node->child; item && !code; item = item->next)
        code = tm_read_number(r, field, item, &exits[n++]);
    if (code)
        return code;
    collector->no_data_exits = exits;
    collector->n_no_data_exits = n;
    return TM_OK;
}

static bool is_variable_name(struct tm_str name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

    return name.len && strspn(name.data, letters) == name.len &&
           !(name.data[0] >= '0' && name.data[0] <= '9');
}

static TM_READER(read_env)
{
    struct tm_str_list list = { tm_arena_array(r->arena, node->count, sizeof(*list.items)), 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) pair = TM_BUF_INIT;
    enum tm_code code = tm_reading_mapping(r, node);

    for (const struct tm_yaml_node *child = node->child; child && !code; child = child->next) {
        if (!is_variable_name(child->key))
            return tm_reading_fail_key(r, child, "'%.*s' cannot be a variable's name",
                                       TM_STR_ARG(child->key));
        if (child->kind != TM_YAML_SCALAR)
            return tm_reading_fail(
                r, child, "variable '%.*s' wants one value (a text that begins with '{' needs quotes)",
                TM_STR_ARG(child->key));
        code = check_placeholders(r, child, false);
        tm_buf_clear(&pair);
        tm_buf_addf(&pair, "%s=%s", child->key.data, child->text.data);
        list.items[list.n++] = tm_arena_str(r->arena, tm_buf_str(&pair));
    }
    if (!code)
        *(struct tm_str_list *)target = list;
    return code;
}

/* A file the job writes: below one of its folders and nowhere else. */
static TM_READER(read_report)
{
    static const char *const starts[] = { "{out}/", "{work}/", "{module}/", "{root}/" };
    struct tm_str text = TM_STR(""), part;
    enum tm_code code = tm_read_text(r, field, node, &text);

    if (code)
        return code;
    for (size_t i = 0; i < TM_LEN(starts); i++) {
        struct tm_str rest;

        if (!tm_str_has_prefix(text, tm_str(starts[i])))
            continue;
        rest = tm_str_from(text, strlen(starts[i]));
        while (tm_str_split(&rest, '/', &part))
            if (tm_str_is(part, ".."))
                return tm_reading_fail(r, node, "'%s' has a '..' part: '%.*s'", field->key, TM_STR_ARG(text));
        *(struct tm_str *)target = text;
        return check_placeholders(r, node, false);
    }
    return tm_reading_fail(r, node,
                           "'%s' wants a path that begins with '{out}/', '{work}/', '{module}/' or '{root}/'",
                           field->key);
}

static const char *const kinds[] = {
    [TM_COLLECT_COVERAGE] = "coverage",
    [TM_COLLECT_BENCH] = "bench",
    NULL,
};
static const char *const scopes[] = {
    [TM_SCOPE_MODULE] = "module",
    [TM_SCOPE_REPOSITORY] = "repository",
    NULL,
};
static const char *const tests_formats[] = { "junit", "tap", NULL };

static_assert(sizeof(enum tm_collector_kind) == sizeof(unsigned), "tm_read_enum writes an unsigned");

#define AT(member) offsetof(struct draft, collector.member)

/* Alphabetical. read_versions and read_exits fill two members and so get the collector itself. */
static const struct tm_field rows[] = {
    { "command", read_command, AT(command) },
    { "enabled", tm_read_bool, offsetof(struct draft, enabled) },
    { "env", read_env, AT(env) },
    { "files", tm_read_globs, AT(files) },
    { "format", tm_read_text, AT(format) },
    { "kind", tm_read_enum, AT(kind), .detail = kinds },
    { "languages", tm_read_texts, AT(languages) },
    { "mirror", tm_read_bool, AT(mirror) },
    { "no_data_exits", read_exits, offsetof(struct draft, collector), .min = 1, .max = 255 },
    { "report", read_report, AT(report) },
    { "scope", tm_read_enum, AT(scope), .detail = scopes },
    { "tests", read_report, AT(tests) },
    { "tests_format", tm_read_choice, AT(tests_format), .detail = tests_formats },
    { "timeout_s", tm_read_number, AT(timeout_s), .min = 1, .max = TM_TIMEOUT_MAX_S },
    { "versions", read_versions, offsetof(struct draft, collector) },
    { 0 },
};

/* A built-in file is one mapping without a key, and its place is its first line. */
static enum tm_code fail_whole(struct tm_reading *r, const struct tm_yaml_node *node,
                               const struct draft *draft, const char *problem)
{
    struct tm_yaml_node place = { .key_line = TM_MAX(node->key_line, 1),
                                  .key_column = TM_MAX(node->key_column, 1) };

    return tm_reading_fail_key(r, &place, "collector '%.*s' %s", TM_STR_ARG(draft->collector.name), problem);
}

static enum tm_code read_draft(struct tm_reading *r, const struct tm_yaml_node *node, struct draft *draft)
{
    const struct tm_collector *collector = &draft->collector;
    enum tm_code code = tm_fields_read(r, rows, node, draft);

    if (code)
        return code;
    if (collector->command.n == 0)
        return fail_whole(r, node, draft, "has no 'command'");
    if (collector->report.len == 0)
        return fail_whole(r, node, draft, "has no 'report'");
    if (collector->format.len == 0)
        return fail_whole(r, node, draft, "has no 'format' for its report");
    if (collector->tests.len && collector->tests_format.len == 0)
        return fail_whole(r, node, draft, "has 'tests' but no 'tests_format'");
    if (collector->tests_format.len && collector->tests.len == 0)
        return fail_whole(r, node, draft, "has 'tests_format' but no 'tests'");
    if (collector->scope == TM_SCOPE_REPOSITORY && collector->mirror)
        return fail_whole(r, node, draft, "cannot have 'mirror' with the scope 'repository'");
    return TM_OK;
}

/* Names go into ledger entries and onto tables. */
static bool is_collector_name(struct tm_str name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-";

    return name.len && name.len <= 64 && strspn(name.data, letters) == name.len;
}

static enum tm_code read_builtin(struct tm_arena *arena, const struct tm_embedded *file, struct draft *draft,
                                 struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_str name = tm_str(file->path);
    struct tm_yaml_node *root;
    enum tm_code code;

    tm_buf_addf(&path, "collectors/%s", file->path);
    code = tm_yaml_parse(arena, path.data, tm_str_n((const char *)file->data, file->len), &root, err);
    if (code)
        return code;
    assert(root);
    *draft = (struct draft) { .enabled = true };
    draft->collector.name = tm_str_n(name.data, name.len - tm_path_ext(name).len);
    draft->collector.source = tm_arena_str(arena, tm_buf_str(&path));
    draft->collector.line = 1;
    return read_draft(&(struct tm_reading) { arena, path.data, err }, root, draft);
}

static struct draft *find_draft(struct draft *drafts, size_t n, struct tm_str name)
{
    for (size_t i = 0; i < n; i++)
        if (tm_str_eq(drafts[i].collector.name, name))
            return &drafts[i];
    return NULL;
}

/* One entry of `collectors`: changes to the built-in of that name, or the next of the added ones. */
static enum tm_code read_entry(struct tm_reading *r, const struct tm_yaml_node *node, struct draft *builtin,
                               size_t n_builtin, struct draft *added, size_t *n_added)
{
    struct draft *draft = find_draft(builtin, n_builtin, node->key);

    if (!is_collector_name(node->key))
        return tm_reading_fail_key(
            r, node, "a collector's name has 1 to 64 letters, digits, '_', '.', '+' and '-', unlike '%.*s'",
            TM_STR_ARG(node->key));
    if (!draft) {
        draft = &added[(*n_added)++];
        *draft = (struct draft) { .enabled = true };
        draft->collector.name = node->key;
    }
    draft->collector.source = tm_arena_str(r->arena, tm_str(r->name));
    draft->collector.line = node->key_line;
    return read_draft(r, node, draft);
}

static void add_enabled(struct tm_collectors *out, const struct draft *drafts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (drafts[i].enabled)
            out->items[out->n++] = drafts[i].collector;
}

enum tm_code tm_collectors_read(struct tm_reading *r, const struct tm_yaml_node *changes,
                                struct tm_collectors *out)
{
    size_t n_changes = changes ? changes->count : 0;
    size_t n_builtin = 0, n_added = 0;
    struct draft *builtin, *added;
    enum tm_code code = TM_OK;

    while (tm_embedded_collectors[n_builtin].path)
        n_builtin++;
    builtin = tm_arena_array(r->arena, n_builtin, sizeof(*builtin));
    added = tm_arena_array(r->arena, n_changes, sizeof(*added));
    for (size_t i = 0; i < n_builtin && !code; i++)
        code = read_builtin(r->arena, &tm_embedded_collectors[i], &builtin[i], r->err);
    if (!code && changes)
        code = tm_reading_mapping(r, changes);
    for (const struct tm_yaml_node *node = changes ? changes->child : NULL; node && !code; node = node->next)
        code = read_entry(r, node, builtin, n_builtin, added, &n_added);
    if (code)
        return code;
    *out = (struct tm_collectors) { tm_arena_array(r->arena, n_added + n_builtin, sizeof(*out->items)), 0 };
    add_enabled(out, added, n_added);
    add_enabled(out, builtin, n_builtin);
    return TM_OK;
}
