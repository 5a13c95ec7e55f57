#include "catalog/registry.h"

#include "base/json_write.h"

struct tm_str tm_module_shown_path(const struct tm_module *module)
{
    return module->path.len ? module->path : TM_STR(".");
}

void tm_registry_put_lane(struct tm_json_writer *w, const struct tm_module *module)
{
    char lane[] = { 'L', (char)('0' + module->manifest.lane), '\0' };

    tm_json_members(w, "lane", lane);
}

static void put_text_or_null(struct tm_json_writer *w, const char *key, struct tm_str text)
{
    tm_json_key(w, key);
    if (text.len)
        tm_json_put_str(w, text);
    else
        tm_json_put_null(w);
}

void tm_registry_put_status(struct tm_json_writer *w, const struct tm_module *module)
{
    put_text_or_null(w, "status", module->manifest.status);
}

void tm_registry_put_texts(struct tm_json_writer *w, const char *key, const struct tm_str *texts, size_t n)
{
    tm_json_key(w, key);
    tm_json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        tm_json_put_str(w, texts[i]);
    tm_json_array_end(w);
}

static void put_paths(struct tm_json_writer *w, const char *key, const struct tm_files *files,
                      const struct tm_module *module, enum tm_file_role role)
{
    tm_json_key(w, key);
    tm_json_array_begin(w);
    for (size_t i = 0; i < module->own.files; i++)
        if (module->roles[i] == role)
            tm_json_put_str(w, files->items[module->files[i]].path);
    tm_json_array_end(w);
}

static void put_counts(struct tm_json_writer *w, const struct tm_file_counts *counts)
{
    tm_json_member_u64(w, "docs_count", counts->docs);
    tm_json_member_u64(w, "tests_count", counts->tests);
    tm_json_member_u64(w, "sources_count", counts->sources);
    tm_json_member_u64(w, "files_count", counts->files);
}

static void put_targets(struct tm_json_writer *w, const struct tm_manifest *manifest)
{
    uint64_t target_bp = 0;
    bool known = tm_ratio_bp(tm_manifest_target(manifest), &target_bp);

    assert(known);
    tm_json_key(w, "coverage_target");
    tm_json_put_decimal(w, (int64_t)target_bp, 2);
    tm_json_key(w, "sla_p95_ms");
    if (manifest->has_sla_p95)
        tm_json_put_decimal(w, manifest->sla_p95_ns, 6);
    else
        tm_json_put_null(w);
}

static void put_module(struct tm_json_writer *w, const struct tm_catalog *catalog,
                       const struct tm_module *module)
{
    const struct tm_manifest *manifest = &module->manifest;

    tm_json_object_begin(w);
    tm_json_member_str(w, "name", module->name);
    tm_json_member_str(w, "path", tm_module_shown_path(module));
    tm_json_member_str(w, "manifest", module->manifest_path);
    put_text_or_null(w, "description", manifest->description);
    tm_registry_put_status(w, module);
    tm_registry_put_texts(w, "tags", manifest->tags, manifest->n_tags);
    tm_registry_put_texts(w, "owners", manifest->owners, manifest->n_owners);
    put_text_or_null(w, "language", module->language);
    tm_registry_put_lane(w, module);
    put_text_or_null(w, "parent", module->parent ? module->parent->name : TM_STR(""));
    tm_json_member_u64(w, "api_count", manifest->n_apis);
    put_targets(w, manifest);
    put_counts(w, &module->own);
    tm_json_key(w, "tree");
    tm_json_object_begin(w);
    tm_json_member_u64(w, "modules", module->tree_modules);
    put_counts(w, &module->tree);
    tm_json_object_end(w);
    put_paths(w, "docs", &catalog->files, module, TM_ROLE_DOC);
    put_paths(w, "tests", &catalog->files, module, TM_ROLE_TEST);
    tm_json_object_end(w);
}

/* Of the paths that the registry spells; each once, though a manifest's holds its module's. */
static size_t count_bad_paths(const struct tm_catalog *catalog)
{
    size_t n = 0;

    for (size_t i = 0; i < catalog->n_problems; i++)
        n += !tm_str_is_utf8(catalog->problems[i].manifest_path);
    for (size_t i = 0; i < catalog->n_modules; i++) {
        const struct tm_module *module = &catalog->modules[i];

        n += !tm_str_is_utf8(module->manifest_path);
        for (size_t k = 0; k < module->own.files; k++)
            if (module->roles[k] == TM_ROLE_DOC || module->roles[k] == TM_ROLE_TEST)
                n += !tm_str_is_utf8(catalog->files.items[module->files[k]].path);
    }
    return n;
}

static size_t count_nested(const struct tm_catalog *catalog)
{
    size_t n = 0;

    for (size_t i = 0; i < catalog->n_modules; i++)
        n += catalog->modules[i].parent != NULL;
    return n;
}

static void put_totals(struct tm_json_writer *w, const struct tm_catalog *catalog)
{
    struct tm_file_counts totals = tm_catalog_totals(catalog);

    tm_json_key(w, "totals");
    tm_json_object_begin(w);
    tm_json_member_u64(w, "docs", totals.docs);
    tm_json_member_u64(w, "tests", totals.tests);
    tm_json_member_u64(w, "sources", totals.sources);
    tm_json_member_u64(w, "files", totals.files);
    tm_json_member_u64(w, "nested", count_nested(catalog));
    tm_json_member_u64(w, "unowned_files", catalog->outside_files + catalog->refused_files);
    tm_json_member_u64(w, "paths_not_utf8", count_bad_paths(catalog));
    tm_json_object_end(w);
}

static void spell(const struct tm_repo *repo, const void *subject, struct tm_buf *out, size_t *stamp_at)
{
    const struct tm_catalog *catalog = subject;
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_members(&w, "schema_version", TM_REGISTRY_SCHEMA);
    tm_generated_put_stamp(&w, stamp_at);
    tm_json_member_u64(&w, "module_count", catalog->n_modules);
    put_totals(&w, catalog);
    tm_json_key(&w, "refused");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < catalog->n_problems; i++)
        tm_json_put_str(&w, catalog->problems[i].manifest_path);
    tm_json_array_end(&w);
    tm_json_key(&w, "modules");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < catalog->n_modules; i++)
        put_module(&w, catalog, &catalog->modules[i]);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

const struct tm_generated tm_registry_file = {
    .name = TM_REGISTRY_NAME,
    .command = "tidemark scan",
    .key = "name",
    .spell = spell,
};
