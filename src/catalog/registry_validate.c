/*
 * Is a module registry valid? Types by table, then the sums, then the modules of the repository.
 */
#include "catalog/registry.h"

#include "catalog/schema.h"

static const struct tm_schema_field tree_fields[] = {
    { "modules", TM_SCHEMA_COUNT, false, NULL },     { "docs_count", TM_SCHEMA_COUNT, false, NULL },
    { "tests_count", TM_SCHEMA_COUNT, false, NULL }, { "sources_count", TM_SCHEMA_COUNT, false, NULL },
    { "files_count", TM_SCHEMA_COUNT, false, NULL }, { NULL, TM_SCHEMA_TEXT, false, NULL },
};

static const struct tm_schema_field module_fields[] = {
    { "name", TM_SCHEMA_TEXT, false, NULL },         { "path", TM_SCHEMA_TEXT, false, NULL },
    { "manifest", TM_SCHEMA_TEXT, false, NULL },     { "description", TM_SCHEMA_TEXT, true, NULL },
    { "status", TM_SCHEMA_TEXT, true, NULL },        { "tags", TM_SCHEMA_TEXTS, false, NULL },
    { "owners", TM_SCHEMA_TEXTS, false, NULL },      { "language", TM_SCHEMA_TEXT, true, NULL },
    { "lane", TM_SCHEMA_TEXT, false, NULL },         { "parent", TM_SCHEMA_TEXT, true, NULL },
    { "api_count", TM_SCHEMA_COUNT, false, NULL },   { "coverage_target", TM_SCHEMA_NUMBER, false, NULL },
    { "sla_p95_ms", TM_SCHEMA_NUMBER, true, NULL },  { "docs_count", TM_SCHEMA_COUNT, false, NULL },
    { "tests_count", TM_SCHEMA_COUNT, false, NULL }, { "sources_count", TM_SCHEMA_COUNT, false, NULL },
    { "files_count", TM_SCHEMA_COUNT, false, NULL }, { "tree", TM_SCHEMA_OBJECT, false, tree_fields },
    { "docs", TM_SCHEMA_TEXTS, false, NULL },        { "tests", TM_SCHEMA_TEXTS, false, NULL },
    { NULL, TM_SCHEMA_TEXT, false, NULL },
};

static const struct tm_schema_field total_fields[] = {
    { "docs", TM_SCHEMA_COUNT, false, NULL },           { "tests", TM_SCHEMA_COUNT, false, NULL },
    { "sources", TM_SCHEMA_COUNT, false, NULL },        { "files", TM_SCHEMA_COUNT, false, NULL },
    { "nested", TM_SCHEMA_COUNT, false, NULL },         { "unowned_files", TM_SCHEMA_COUNT, false, NULL },
    { "paths_not_utf8", TM_SCHEMA_COUNT, false, NULL }, { NULL, TM_SCHEMA_TEXT, false, NULL },
};

static const struct tm_schema_field registry_fields[] = {
    { "schema_version", TM_SCHEMA_TEXT, false, NULL },
    { "generated_at", TM_SCHEMA_STAMP, false, NULL },
    { "module_count", TM_SCHEMA_COUNT, false, NULL },
    { "totals", TM_SCHEMA_OBJECT, false, total_fields },
    { "refused", TM_SCHEMA_TEXTS, false, NULL },
    { "modules", TM_SCHEMA_ARRAY, false, module_fields },
    { NULL, TM_SCHEMA_TEXT, false, NULL },
};

/* A count that the table has checked already. */
static uint64_t count_at(const struct tm_json_node *object, const char *key)
{
    uint64_t n = 0;
    bool known = tm_json_node_u64(tm_json_get(object, key), &n);

    assert(known);
    return known ? n : 0;
}

static enum tm_code check_lengths(const struct tm_json_doc *doc, const struct tm_json_node *modules,
                                  struct tm_err *err)
{
    for (const struct tm_json_node *m = modules->child; m; m = m->next)
        if (count_at(m, "docs_count") != tm_json_get(m, "docs")->count ||
            count_at(m, "tests_count") != tm_json_get(m, "tests")->count)
            return tm_schema_say_no(doc, m, err, "a count of docs or tests is not the length of its array");
    return TM_OK;
}

static enum tm_code check_totals(const struct tm_json_doc *doc, const struct tm_json_node *modules,
                                 struct tm_err *err)
{
    static const struct {
        const char *total, *count;
    } sums[] = {
        { "docs", "docs_count" },
        { "tests", "tests_count" },
        { "sources", "sources_count" },
        { "files", "files_count" },
    };
    const struct tm_json_node *totals = tm_json_get(doc->root, "totals");

    for (size_t i = 0; i < TM_LEN(sums); i++) {
        uint64_t sum = 0;

        for (const struct tm_json_node *m = modules->child; m; m = m->next)
            sum += count_at(m, sums[i].count);
        if (count_at(totals, sums[i].total) != sum)
            return tm_schema_say_no(doc, totals, err, "total '%s' is %llu, the modules add up to %llu",
                                    sums[i].total, (unsigned long long)count_at(totals, sums[i].total),
                                    (unsigned long long)sum);
    }
    return TM_OK;
}

enum tm_code tm_registry_check_modules(const struct tm_json_doc *doc, const char *key,
                                       const struct tm_catalog *catalog, struct tm_err *err)
{
    const struct tm_json_node *modules = tm_json_get(doc->root, "modules");
    const struct tm_json_node *count = tm_json_get(doc->root, "module_count");
    size_t i = 0;

    if (count_at(doc->root, "module_count") != modules->count)
        return tm_schema_say_no(doc, count, err, "'module_count' is %llu, the array has %zu modules",
                                (unsigned long long)count_at(doc->root, "module_count"), modules->count);
    for (const struct tm_json_node *m = modules->child; m; m = m->next, i++) {
        const struct tm_json_node *name = tm_json_get(m, key);

        if (i < catalog->n_modules && tm_str_eq(name->text, catalog->modules[i].name))
            continue;
        if (tm_map_has(&catalog->by_name, name->text))
            return tm_schema_say_no(doc, name, err,
                                    "module '%.*s' is out of order, or one before it is missing",
                                    TM_STR_ARG(name->text));
        return tm_schema_say_no(doc, name, err, "module '%.*s' is not in the repository",
                                TM_STR_ARG(name->text));
    }
    if (i < catalog->n_modules)
        return tm_schema_say_no(doc, modules, err, "%zu modules are listed, the repository has %zu", i,
                                catalog->n_modules);
    return TM_OK;
}

enum tm_code tm_registry_validate(const struct tm_repo *repo, const struct tm_catalog *catalog,
                                  struct tm_err *err)
{
    struct tm_generated_doc TM_CLEANUP(tm_generated_doc_release) file;
    const struct tm_json_node *modules;
    enum tm_code code =
        tm_generated_open(&tm_registry_file, repo, registry_fields, TM_REGISTRY_SCHEMA, &file, err);

    if (!code)
        code = tm_registry_check_modules(&file.doc, "name", catalog, err);
    if (code)
        return code;
    modules = tm_json_get(file.doc.root, "modules");
    code = check_lengths(&file.doc, modules, err);
    return code ? code : check_totals(&file.doc, modules, err);
}
