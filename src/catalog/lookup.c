/*
 * Finding modules in a loaded catalog: by name, by path, by the file they own.
 */
#include "catalog/catalog.h"

#include "base/alloc.h"
#include "base/nearest.h"
#include "base/path.h"

struct tm_module *tm_catalog_find(const struct tm_catalog *catalog, struct tm_str name_or_path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_module *module = tm_map_get(&catalog->by_name, name_or_path);

    if (module || name_or_path.len == 0 || tm_path_resolve(&path, TM_STR(""), name_or_path, NULL))
        return module;
    return tm_map_get(&catalog->by_path, tm_buf_str(&path));
}

static enum tm_code unknown_module(const struct tm_catalog *catalog, const char *name, struct tm_err *err)
{
    const char **TM_CLEANUP(tm_freep) names = tm_alloc_array(catalog->n_modules + 1, sizeof(*names));
    const char *near;

    for (size_t i = 0; i < catalog->n_modules; i++)
        names[i] = catalog->modules[i].name.data;
    near = tm_nearest(name, names);
    if (near)
        return tm_err_set(err, TM_E_USAGE, "unknown module '%s', did you mean '%s'?", name, near);
    return tm_err_set(err, TM_E_USAGE, "unknown module '%s', 'tidemark scan' finds %zu", name,
                      catalog->n_modules);
}

enum tm_code tm_catalog_select(struct tm_catalog *catalog, const char *const *names, size_t n,
                               struct tm_module ***out, size_t *n_out, struct tm_err *err)
{
    bool *TM_CLEANUP(tm_freep) chosen = tm_alloc_array(catalog->n_modules, sizeof(*chosen));
    struct tm_module **modules;
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        struct tm_module *module = tm_catalog_find(catalog, tm_str(names[i]));

        if (!module)
            return unknown_module(catalog, names[i], err);
        chosen[module - catalog->modules] = true;
    }
    modules = tm_arena_array(&catalog->arena, catalog->n_modules, sizeof(struct tm_module *));
    for (size_t i = 0; i < catalog->n_modules; i++)
        if (n == 0 || chosen[i])
            modules[count++] = &catalog->modules[i];
    *out = modules;
    *n_out = count;
    return TM_OK;
}

struct tm_module *tm_catalog_owner(const struct tm_catalog *catalog, struct tm_str path)
{
    if (path.len == 0 || tm_catalog_is_nobodys(catalog->repo, path))
        return NULL;
    while (path.len) {
        path = tm_path_dir(path);
        /* A refused manifest is a boundary: the module around it does not own what is below. */
        if (tm_map_has(&catalog->by_path, path))
            return tm_map_get(&catalog->by_path, path);
    }
    return NULL;
}

enum tm_code tm_catalog_report_problems(const struct tm_catalog *catalog, struct tm_log *log,
                                        struct tm_err *err)
{
    for (size_t i = 0; i < catalog->n_warnings; i++)
        tm_log_warn(log, "%s", catalog->warnings[i].message);
    for (size_t i = 0; i < catalog->n_problems; i++)
        tm_log_warn(log, "%s", catalog->problems[i].message);
    if (catalog->n_problems == 0)
        return TM_OK;
    return tm_err_set(err, TM_E_PARTIAL, "%zu of %zu manifests refused, their modules are left out",
                      catalog->n_problems, catalog->manifests);
}

struct tm_file_counts tm_catalog_totals(const struct tm_catalog *catalog)
{
    struct tm_file_counts totals = { 0 };

    for (size_t i = 0; i < catalog->n_modules; i++) {
        const struct tm_file_counts *own = &catalog->modules[i].own;

        totals.files += own->files;
        totals.docs += own->docs;
        totals.tests += own->tests;
        totals.sources += own->sources;
    }
    return totals;
}
