#include "scaffold/facts_build.h"

#include "base/alloc.h"
#include "base/path.h"

static const struct tm_field name_fields[] = { { "name", TM_FIELD_TEXT, NULL },
                                               { NULL, TM_FIELD_TEXT, NULL } };
static const struct tm_field path_fields[] = { { "path", TM_FIELD_TEXT, NULL },
                                               { NULL, TM_FIELD_TEXT, NULL } };
static const struct tm_field api_fields[] = {
    { "name", TM_FIELD_TEXT, NULL },
    { "description", TM_FIELD_TEXT, NULL },
    { NULL, TM_FIELD_TEXT, NULL },
};
static const struct tm_field module_fields[] = {
    { "name", TM_FIELD_TEXT, NULL },
    { "path", TM_FIELD_TEXT, NULL },
    { "description", TM_FIELD_TEXT, NULL },
    { NULL, TM_FIELD_TEXT, NULL },
};
static const struct tm_field import_fields[] = {
    { "name", TM_FIELD_TEXT, NULL },
    { "path", TM_FIELD_TEXT, NULL },
    { NULL, TM_FIELD_TEXT, NULL },
};
static const struct tm_field unit_fields[] = {
    { "path", TM_FIELD_TEXT, NULL },
    { "stem", TM_FIELD_TEXT, NULL },
    { NULL, TM_FIELD_TEXT, NULL },
};

const struct tm_field tm_facts_fields[] = {
    [TM_FACT_NAME] = { "name", TM_FIELD_TEXT, NULL },
    [TM_FACT_PATH] = { "path", TM_FIELD_TEXT, NULL },
    [TM_FACT_ROOT] = { "root", TM_FIELD_TEXT, NULL },
    [TM_FACT_DESCRIPTION] = { "description", TM_FIELD_TEXT, NULL },
    [TM_FACT_STATUS] = { "status", TM_FIELD_TEXT, NULL },
    [TM_FACT_LANE] = { "lane", TM_FIELD_TEXT, NULL },
    [TM_FACT_LANGUAGE] = { "language", TM_FIELD_TEXT, NULL },
    [TM_FACT_PYTHON] = { "python", TM_FIELD_FLAG, NULL },
    [TM_FACT_C] = { "c", TM_FIELD_FLAG, NULL },
    [TM_FACT_JAVASCRIPT] = { "javascript", TM_FIELD_FLAG, NULL },
    [TM_FACT_COVERAGE_TARGET] = { "coverage_target", TM_FIELD_TEXT, NULL },
    [TM_FACT_SLA_P95_MS] = { "sla_p95_ms", TM_FIELD_TEXT, NULL },
    [TM_FACT_OWNERS] = { "owners", TM_FIELD_LIST, name_fields },
    [TM_FACT_TAGS] = { "tags", TM_FIELD_LIST, name_fields },
    [TM_FACT_APIS] = { "apis", TM_FIELD_LIST, api_fields },
    [TM_FACT_PARENT] = { "parent", TM_FIELD_TEXT, NULL },
    [TM_FACT_PARENT_PATH] = { "parent_path", TM_FIELD_TEXT, NULL },
    [TM_FACT_MODULES] = { "modules", TM_FIELD_LIST, module_fields },
    [TM_FACT_SOURCES] = { "sources", TM_FIELD_LIST, path_fields },
    [TM_FACT_HAS_TESTS] = { "has_tests", TM_FIELD_FLAG, NULL },
    [TM_FACT_INTEGRATION] = { "integration", TM_FIELD_FLAG, NULL },
    [TM_FACT_BUILD_FILE] = { "build_file", TM_FIELD_FLAG, NULL },
    [TM_FACT_IMPORTS] = { "imports", TM_FIELD_LIST, import_fields },
    [TM_FACT_IMPORT_ROOTS] = { "import_roots", TM_FIELD_LIST, path_fields },
    [TM_FACT_PYTHON_APIS] = { "python_apis", TM_FIELD_LIST, name_fields },
    [TM_FACT_JS_FILES] = { "js_files", TM_FIELD_LIST, path_fields },
    [TM_FACT_JS_APIS] = { "js_apis", TM_FIELD_LIST, name_fields },
    [TM_FACT_C_BUILDABLE] = { "c_buildable", TM_FIELD_FLAG, NULL },
    [TM_FACT_C_SOURCES] = { "c_sources", TM_FIELD_LIST, unit_fields },
    [TM_FACT_C_PROGRAMS] = { "c_programs", TM_FIELD_LIST, unit_fields },
    [TM_FACT_C_HEADERS] = { "c_headers", TM_FIELD_LIST, path_fields },
    [TM_FACT_C_FUNCTIONS] = { "c_functions", TM_FIELD_LIST, name_fields },
    [TM_FACTS] = { NULL, TM_FIELD_TEXT, NULL },
};

void tm_facts_add(struct tm_facts_work *work, struct tm_facts_list *list, struct tm_str a, struct tm_str b,
                  struct tm_str c)
{
    struct tm_value *row = tm_arena_array(work->arena, 3, sizeof(*row));

    row[0].text = a;
    row[1].text = b;
    row[2].text = c;
    TM_GROW(list->rows, list->n, list->cap);
    list->rows[list->n++].values = row;
}

bool tm_facts_list_has(const struct tm_facts_list *list, size_t column, struct tm_str text)
{
    for (size_t i = 0; i < list->n; i++)
        if (tm_str_eq(list->rows[i].values[column].text, text))
            return true;
    return false;
}

void tm_facts_put_list(struct tm_facts_work *work, enum tm_fact fact, struct tm_facts_list *list)
{
    struct tm_item *rows = tm_arena_array(work->arena, list->n, sizeof(*rows));

    for (size_t i = 0; i < list->n; i++)
        rows[i] = list->rows[i];
    work->values[fact].rows = rows;
    work->values[fact].n_rows = list->n;
    free(list->rows);
    *list = TM_FACTS_LIST_INIT;
}

struct tm_str tm_facts_below(const struct tm_facts_work *work, struct tm_str path)
{
    return work->module->path.len ? tm_str_from(path, work->module->path.len + 1) : path;
}

struct tm_str tm_facts_relative(const struct tm_facts_work *work, struct tm_str folder)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) inside = TM_BUF_INIT;

    /* As the path of something in the folder, which is then left off: ways up end with their dots. */
    tm_path_join(&inside, folder, TM_STR("x"));
    tm_path_relative(&out, work->module->path, tm_buf_str(&inside));
    tm_buf_truncate(&out, out.len - 1);
    if (out.len)
        tm_buf_truncate(&out, out.len - 1);
    return out.len ? tm_arena_str(work->arena, tm_buf_str(&out)) : TM_STR(".");
}

bool tm_facts_read(const struct tm_facts_work *work, struct tm_str path, struct tm_buf *out)
{
    return tm_root_read(&work->facts->repo->root, path, TM_FACTS_SOURCE_MAX, out, NULL) == TM_OK;
}

static bool is_word(char c, const char *also)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (c && strchr(also, c));
}

bool tm_facts_is_identifier(struct tm_str s, const char *also)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_word(s.data[i], also))
            return false;
    return s.len > 0 && !(s.data[0] >= '0' && s.data[0] <= '9');
}

size_t tm_facts_find_word(struct tm_str text, struct tm_str word, size_t at)
{
    while (at < text.len && text.len - at >= word.len) {
        const char *hit = memmem(text.data + at, text.len - at, word.data, word.len);
        size_t end;

        if (!hit)
            return SIZE_MAX;
        at = (size_t)(hit - text.data);
        end = at + word.len;
        if ((at == 0 || !is_word(text.data[at - 1], "$")) &&
            (end == text.len || !is_word(text.data[end], "$")))
            return at;
        at++;
    }
    return SIZE_MAX;
}

bool tm_facts_line_before(struct tm_str text, size_t at, struct tm_str *line)
{
    size_t from = at > TM_FACTS_NEAR ? at - TM_FACTS_NEAR : 0;
    struct tm_str near = tm_str_n(text.data + from, at - from);
    size_t start = tm_str_rfind(near, '\n');

    if (start == SIZE_MAX && from > 0)
        return false;
    *line = tm_str_from(near, start == SIZE_MAX ? 0 : start + 1);
    return true;
}

struct tm_str tm_facts_after(struct tm_str text, size_t at)
{
    return tm_str_trim(tm_str_n(text.data + at, TM_MIN(text.len - at, (size_t)TM_FACTS_NEAR)));
}

size_t tm_facts_apis(const struct tm_facts_work *work)
{
    return TM_MIN(work->module->manifest.n_apis, (size_t)TM_FACTS_APIS_MAX);
}

/* value / 10^decimals without trailing zeros. */
static struct tm_str decimal(struct tm_arena *arena, uint64_t value, unsigned decimals)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    uint64_t scale = 1;

    for (unsigned i = 0; i < decimals; i++)
        scale *= 10;
    tm_buf_addf(&out, "%llu.%0*llu", (unsigned long long)(value / scale), (int)decimals,
                (unsigned long long)(value % scale));
    while (out.data[out.len - 1] == '0')
        tm_buf_truncate(&out, out.len - 1);
    if (out.data[out.len - 1] == '.')
        tm_buf_truncate(&out, out.len - 1);
    return tm_arena_str(arena, tm_buf_str(&out));
}

static void add_targets(struct tm_facts_work *work)
{
    const struct tm_manifest *m = &work->module->manifest;
    uint64_t percent_e7;

    /* A part of 1 with nine decimals is a percentage with seven. */
    if (tm_ratio_round(tm_manifest_target(m), 1000000000, &percent_e7))
        work->values[TM_FACT_COVERAGE_TARGET].text = decimal(work->arena, percent_e7, 7);
    if (m->has_sla_p95)
        work->values[TM_FACT_SLA_P95_MS].text = decimal(work->arena, (uint64_t)m->sla_p95_ns, 6);
}

static void add_owners(struct tm_facts_work *work)
{
    const struct tm_manifest *m = &work->module->manifest;
    const struct tm_codeowners_rule *rule = tm_codeowners_of(work->facts->codeowners, work->module->path);
    const struct tm_str *owners = rule && rule->n_owners ? rule->owners : m->owners;
    size_t n = rule && rule->n_owners ? rule->n_owners : m->n_owners;
    struct tm_facts_list list = TM_FACTS_LIST_INIT;

    for (size_t i = 0; i < n; i++)
        if (tm_str_trim(owners[i]).len)
            tm_facts_add(work, &list, owners[i], TM_STR(""), TM_STR(""));
    tm_facts_put_list(work, TM_FACT_OWNERS, &list);
}

static void add_tags_and_apis(struct tm_facts_work *work)
{
    const struct tm_manifest *m = &work->module->manifest;
    struct tm_facts_list tags = TM_FACTS_LIST_INIT;
    struct tm_facts_list apis = TM_FACTS_LIST_INIT;

    for (size_t i = 0; i < m->n_tags; i++)
        if (tm_str_trim(m->tags[i]).len && !tm_str_has_prefix(m->tags[i], TM_STR("lane:")))
            tm_facts_add(work, &tags, m->tags[i], TM_STR(""), TM_STR(""));
    for (size_t i = 0; i < m->n_apis; i++)
        if (tm_str_trim(m->apis[i].name).len)
            tm_facts_add(work, &apis, m->apis[i].name, tm_str_trim(m->apis[i].description), TM_STR(""));
    tm_facts_put_list(work, TM_FACT_TAGS, &tags);
    tm_facts_put_list(work, TM_FACT_APIS, &apis);
}

static void add_neighbours(struct tm_facts_work *work)
{
    const struct tm_module *module = work->module;
    const struct tm_catalog *catalog = work->facts->catalog;
    struct tm_facts_list list = TM_FACTS_LIST_INIT;

    if (module->parent) {
        work->values[TM_FACT_PARENT].text = module->parent->name;
        work->values[TM_FACT_PARENT_PATH].text = tm_facts_relative(work, module->parent->path);
    }
    for (size_t i = 0; module->tree_modules > 1 && i < catalog->n_modules; i++) {
        const struct tm_module *other = &catalog->modules[i];

        if (other->parent == module)
            tm_facts_add(work, &list, other->name, tm_facts_relative(work, other->path),
                         tm_str_trim(other->manifest.description));
    }
    tm_facts_put_list(work, TM_FACT_MODULES, &list);
}

static void add_sources(struct tm_facts_work *work)
{
    static const char *const build_files[] = {
        "Makefile",       "GNUmakefile", "makefile",     "meson.build",
        "CMakeLists.txt", "configure",   "configure.ac", "BUILD.bazel"
    };
    const struct tm_module *module = work->module;
    struct tm_facts_list list = TM_FACTS_LIST_INIT;

    for (size_t i = 0; i < module->own.files; i++) {
        struct tm_str path = tm_facts_below(work, work->facts->catalog->files.items[module->files[i]].path);

        if (module->roles[i] == TM_ROLE_SOURCE)
            tm_facts_add(work, &list, path, TM_STR(""), TM_STR(""));
        for (size_t k = 0; k < TM_LEN(build_files); k++)
            if (tm_str_is(path, build_files[k]))
                work->values[TM_FACT_BUILD_FILE].flag = true;
    }
    tm_facts_put_list(work, TM_FACT_SOURCES, &list);
}

const struct tm_value *tm_facts_of(const struct tm_facts *facts, const struct tm_module *module,
                                   bool has_tests, struct tm_arena *arena)
{
    static const char *const lanes[TM_LANES] = { "L0", "L1", "L2", "L3", "L4", "L5" };
    struct tm_value *values = tm_arena_array(arena, TM_FACTS, sizeof(*values));
    struct tm_facts_work work = { facts, module, arena, values };

    values[TM_FACT_NAME].text = module->name;
    values[TM_FACT_PATH].text = module->path.len ? module->path : TM_STR(".");
    values[TM_FACT_ROOT].text = tm_facts_relative(&work, TM_STR(""));
    values[TM_FACT_DESCRIPTION].text = tm_str_trim(module->manifest.description);
    values[TM_FACT_STATUS].text = tm_str_trim(module->manifest.status);
    values[TM_FACT_LANE].text = tm_str(lanes[module->manifest.lane]);
    values[TM_FACT_LANGUAGE].text = module->language;
    values[TM_FACT_HAS_TESTS].flag = has_tests;
    values[TM_FACT_INTEGRATION].flag = facts->integration;
    values[TM_FACT_PYTHON].flag = tm_str_is(module->language, "python");
    values[TM_FACT_C].flag = tm_str_is(module->language, "c");
    values[TM_FACT_JAVASCRIPT].flag = tm_str_is(module->language, "javascript");
    add_targets(&work);
    add_owners(&work);
    add_tags_and_apis(&work);
    add_neighbours(&work);
    add_sources(&work);
    if (values[TM_FACT_PYTHON].flag)
        tm_facts_add_python(&work);
    if (values[TM_FACT_C].flag)
        tm_facts_add_c(&work);
    if (values[TM_FACT_JAVASCRIPT].flag)
        tm_facts_add_javascript(&work);
    return values;
}
