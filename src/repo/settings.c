#include "repo/settings.h"

#include "base/path.h"
#include "repo/collector.h"
#include "repo/fields.h"

/* What is read of the file in its own order; collectors and modules refer to each other and are read after
 * it. */
struct draft {
    struct tm_settings settings;
    const struct tm_yaml_node *collectors, *modules, *coverage_paths;
};

#define AT(member) offsetof(struct draft, settings.member)

static const struct tm_field path_rows[] = {
    { "generated", tm_read_path, AT(generated) },
    { "ledger", tm_read_path, AT(ledger) },
    { "templates", tm_read_path, AT(templates) },
    { "trends", tm_read_path, AT(trends) },
    { 0 },
};

static const char *const merges[] = { "sum", "greatest", NULL };

static const struct tm_field coverage_rows[] = {
    { "all", tm_read_bool, AT(coverage_all) },
    { "exclude", tm_read_globs, AT(coverage_exclude) },
    { "merge", tm_read_enum, AT(coverage_merge), .detail = merges },
    { "paths", tm_read_node, offsetof(struct draft, coverage_paths) },
    { "roots", tm_read_folders, AT(coverage_roots) },
    { 0 },
};

static const struct tm_field sweep_rows[] = {
    { "jobs", tm_read_number, AT(jobs), .min = 1, .max = TM_JOBS_MAX },
    { "python", tm_read_program, AT(python) },
    { "timeout_s", tm_read_number, AT(timeout_s), .min = 1, .max = TM_TIMEOUT_MAX_S },
    { 0 },
};

static const char *const formulas[] = { "t4", NULL };

static const struct tm_field health_rows[] = {
    { "formula", tm_read_choice, AT(health), .detail = formulas },
    { 0 },
};

static const struct tm_field rows[] = {
    { "collectors", tm_read_node, offsetof(struct draft, collectors) },
    { "coverage", tm_read_section, 0, .detail = coverage_rows },
    { "exclude", tm_read_globs, AT(exclude) },
    { "health", tm_read_section, 0, .detail = health_rows },
    { "modules", tm_read_node, offsetof(struct draft, modules) },
    { "paths", tm_read_section, 0, .detail = path_rows },
    { "sweep", tm_read_section, 0, .detail = sweep_rows },
    { 0 },
};

static const struct tm_field module_rows[] = {
    { "bench", tm_read_text, offsetof(struct tm_module_settings, bench) },
    { "collector", tm_read_text, offsetof(struct tm_module_settings, collector) },
    { "skip", tm_read_text, offsetof(struct tm_module_settings, skip) },
    { "timeout_s", tm_read_number, offsetof(struct tm_module_settings, timeout_s), .min = 1,
      .max = TM_TIMEOUT_MAX_S },
    { 0 },
};

static const struct tm_yaml_node *child_of(const struct tm_yaml_node *node, const char *key)
{
    const struct tm_yaml_node *child = node ? node->child : NULL;

    while (child && !tm_str_is(child->key, key))
        child = child->next;
    return child;
}

/* A folder of the user's templates that we write into would become a template itself. */
static enum tm_code check_paths(struct tm_reading *r, const struct tm_settings *settings,
                                const struct tm_yaml_node *root)
{
    const struct tm_str ours[] = { settings->generated, settings->ledger, settings->trends };

    for (size_t i = 0; i < TM_LEN(ours); i++)
        if (tm_path_is_below(ours[i], settings->templates) || tm_path_is_below(settings->templates, ours[i]))
            return tm_reading_fail(r, child_of(root, "paths"),
                                   "templates '%.*s' overlap '%.*s', where tidemark writes",
                                   TM_STR_ARG(settings->templates), TM_STR_ARG(ours[i]));
    return TM_OK;
}

/* The collector that a module's settings name must exist and be of that kind. */
static enum tm_code check_choice(struct tm_reading *r, const struct tm_settings *settings,
                                 const struct tm_yaml_node *module, const char *key, struct tm_str name,
                                 enum tm_collector_kind kind)
{
    const struct tm_collector *collector = tm_settings_collector(settings, name);

    if (name.len == 0 || (collector && collector->kind == kind))
        return TM_OK;
    return tm_reading_fail(r, child_of(module, key), "'%.*s' is no %s collector", TM_STR_ARG(name),
                           kind == TM_COLLECT_BENCH ? "bench" : "coverage");
}

static enum tm_code read_module(struct tm_reading *r, const struct tm_settings *settings,
                                const struct tm_yaml_node *node, struct tm_module_settings *module)
{
    enum tm_code code;

    module->module = node->key;
    module->line = node->key_line;
    code = tm_fields_read(r, module_rows, node, module);
    if (!code)
        code = check_choice(r, settings, node, "collector", module->collector, TM_COLLECT_COVERAGE);
    if (!code)
        code = check_choice(r, settings, node, "bench", module->bench, TM_COLLECT_BENCH);
    return code;
}

/* One row of coverage.paths: the key is what names begin with. */
static enum tm_code read_coverage_path(struct tm_reading *r, const struct tm_yaml_node *node,
                                       struct tm_path_setting *setting)
{
    static const struct tm_field row = { "paths", tm_read_place, 0 };

    setting->prefix = node->key;
    if (node->key.len == 0 || node->key.len > TM_PATH_MAX)
        return tm_reading_fail_key(r, node, "the beginning of a name is empty or longer than %d bytes",
                                   TM_PATH_MAX);
    return tm_read_place(r, &row, node, &setting->path);
}

static enum tm_code read_coverage_paths(struct tm_reading *r, const struct tm_yaml_node *node,
                                        struct tm_settings *settings)
{
    enum tm_code code = tm_reading_mapping(r, node);

    if (!code && node->count > TM_PATH_SETTINGS_MAX)
        return tm_reading_fail(r, node, "'paths' has more than %d keys", TM_PATH_SETTINGS_MAX);
    settings->coverage_paths = tm_arena_array(r->arena, node->count, sizeof(*settings->coverage_paths));
    for (const struct tm_yaml_node *child = node->child; child && !code; child = child->next)
        code = read_coverage_path(r, child, &settings->coverage_paths[settings->n_coverage_paths++]);
    return code;
}

static int by_name(const void *a, const void *b)
{
    const struct tm_module_settings *left = a, *right = b;

    return tm_str_cmp(left->module, right->module);
}

static enum tm_code read_modules(struct tm_reading *r, const struct tm_yaml_node *node,
                                 struct tm_settings *settings)
{
    enum tm_code code = tm_reading_mapping(r, node);

    settings->modules = tm_arena_array(r->arena, node->count, sizeof(*settings->modules));
    for (const struct tm_yaml_node *child = node->child; child && !code; child = child->next)
        code = read_module(r, settings, child, &settings->modules[settings->n_modules++]);
    if (!code && settings->n_modules)
        qsort(settings->modules, settings->n_modules, sizeof(*settings->modules), by_name);
    return code;
}

/* All of the file, or none of it when root is NULL, over the defaults. */
static enum tm_code read_all(struct tm_reading *r, const struct tm_yaml_node *root, struct draft *draft)
{
    struct tm_settings *settings = &draft->settings;
    struct tm_collectors collectors = { NULL, 0 };
    enum tm_code code = TM_OK;

    settings->generated = TM_STR("docs/_generated");
    settings->ledger = TM_STR("manifests/.ledger");
    settings->trends = TM_STR("trends");
    settings->templates = TM_STR("templates");
    settings->timeout_s = 300;
    settings->health = TM_STR("t4");
    if (root)
        code = tm_fields_read(r, rows, root, draft);
    if (!code && child_of(root, "paths"))
        code = check_paths(r, settings, root);
    if (!code && draft->coverage_paths)
        code = read_coverage_paths(r, draft->coverage_paths, settings);
    if (!code)
        code = tm_collectors_read(r, draft->collectors, &collectors);
    settings->collectors = collectors.items;
    settings->n_collectors = collectors.n;
    if (!code && draft->modules)
        code = read_modules(r, draft->modules, settings);
    return code;
}

enum tm_code tm_settings_parse(struct tm_settings *settings, struct tm_str data, struct tm_err *err)
{
    struct draft draft = { .settings = TM_SETTINGS_INIT };
    struct tm_reading r = { &draft.settings.arena, TM_SETTINGS_FILE, err };
    struct tm_yaml_node *root = NULL;
    enum tm_code code = tm_yaml_parse(r.arena, r.name, data, &root, err);

    if (!code)
        code = read_all(&r, root, &draft);
    if (code)
        tm_arena_release(&draft.settings.arena);
    *settings = code ? TM_SETTINGS_INIT : draft.settings;
    return code;
}

enum tm_code tm_settings_load(struct tm_settings *settings, const struct tm_root *root, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    enum tm_code code = TM_E_NOT_FOUND;

    *settings = TM_SETTINGS_INIT;
    if (tm_root_exists(root, TM_STR(TM_SETTINGS_FILE)))
        code = tm_root_read(root, TM_STR(TM_SETTINGS_FILE), TM_YAML_MAX, &data, &lower);
    if (code == TM_E_LIMIT)
        return tm_err_set(err, TM_E_SETTINGS, "'%s' is larger than %d bytes", TM_SETTINGS_FILE, TM_YAML_MAX);
    /* A link to nowhere is there and cannot be read: not the same as no file. */
    if (code && (code != TM_E_NOT_FOUND || tm_root_exists(root, TM_STR(TM_SETTINGS_FILE))))
        return tm_err_move(err, &lower);
    if (tm_settings_parse(settings, tm_buf_str(&data), err))
        return err ? err->code : TM_E_SETTINGS;
    settings->from_file = !code;
    return TM_OK;
}

void tm_settings_release(struct tm_settings *settings)
{
    tm_arena_release(&settings->arena);
    *settings = TM_SETTINGS_INIT;
}

const struct tm_module_settings *tm_settings_module(const struct tm_settings *settings, struct tm_str module)
{
    struct tm_module_settings wanted = { .module = module };

    if (settings->n_modules == 0)
        return NULL;
    return bsearch(&wanted, settings->modules, settings->n_modules, sizeof(wanted), by_name);
}

const struct tm_collector *tm_settings_collector(const struct tm_settings *settings, struct tm_str name)
{
    for (size_t i = 0; i < settings->n_collectors; i++)
        if (tm_str_eq(settings->collectors[i].name, name))
            return &settings->collectors[i];
    return NULL;
}
