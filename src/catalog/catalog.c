#include "catalog/catalog.h"

#include "base/alloc.h"
#include "base/path.h"
#include "catalog/folders.h"

struct discovery {
    struct tm_catalog *catalog;
    struct tm_repo *repo;
    bool fold; /* core.ignorecase */
    struct tm_folders folders;
    uint32_t *owners; /* index + 1 of the folder that holds each file, 0 for none, UINT32_MAX: nobody's */
    unsigned char *roles, *languages; /* of each file that has an owner */
};

enum {
    FILES_MAX = 50000000, /* what 32-bit indexes hold with room to spare */
    FILES_AT_ONCE = 4096, /* that a thread takes */
};

static void release_discovery(struct discovery *d)
{
    tm_folders_release(&d->folders);
    free(d->owners);
    free(d->roles);
    free(d->languages);
}

void tm_catalog_release(struct tm_catalog *catalog)
{
    tm_map_release(&catalog->by_name);
    tm_map_release(&catalog->by_path);
    tm_files_release(&catalog->files);
    tm_arena_release(&catalog->arena);
    for (size_t i = 0; i < TM_LEN(catalog->readers); i++)
        tm_arena_release(&catalog->readers[i]);
    *catalog = TM_CATALOG_INIT;
}

/* Below settings.templates: what scaffold copies is no one's doc or test. */
static const struct tm_str template_folders[] = { { "module", 6 }, { "tests", 5 } };

static bool is_template(const struct tm_settings *settings, struct tm_str path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) dir = TM_BUF_INIT;

    if (!tm_path_is_below(path, settings->templates))
        return false;
    for (size_t i = 0; i < TM_LEN(template_folders); i++) {
        tm_path_join(&dir, settings->templates, template_folders[i]);
        if (path.len > dir.len && tm_path_is_below(path, tm_buf_str(&dir)))
            return true;
    }
    return false;
}

bool tm_catalog_is_nobodys(const struct tm_repo *repo, struct tm_str path)
{
    return tm_repo_is_own(repo, path) || is_template(&repo->settings, path);
}

/* Index of the first file below folder dir, or of the first that sorts behind them. */
static size_t first_below(const struct tm_files *files, struct tm_str dir)
{
    size_t low = 0, high = files->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct tm_str path = files->items[middle].path;
        int order = tm_str_cmp(tm_str_n(path.data, TM_MIN(path.len, dir.len)), dir);

        /* Of those that start as dir does, what follows decides. */
        if (order < 0 || (order == 0 && (path.len == dir.len || (unsigned char)path.data[dir.len] < '/')))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Marks the files below a folder that is nobody's with UINT32_MAX, and counts those not yet marked. */
static void mark_nobodys(struct discovery *d, struct tm_str dir, size_t *count)
{
    const struct tm_files *files = &d->catalog->files;

    for (size_t i = first_below(files, dir); i < files->n && tm_path_is_below(files->items[i].path, dir);
         i++) {
        if (d->owners[i] == UINT32_MAX)
            continue;
        d->owners[i] = UINT32_MAX;
        ++*count;
        d->catalog->left_manifests += tm_folders_is_manifest(files->items[i].path, d->fold);
    }
}

/* The list is sorted, so that the folders of tm_catalog_is_nobodys are a few searches and not a question to
 * each file. */
static void mark_all_nobodys(struct discovery *d)
{
    const struct tm_settings *settings = &d->repo->settings;
    const struct tm_str own[] = { settings->generated, settings->ledger, settings->trends };
    struct tm_buf TM_CLEANUP(tm_buf_release) dir = TM_BUF_INIT;

    for (size_t i = 0; i < TM_LEN(own); i++)
        if (own[i].len)
            mark_nobodys(d, own[i], &d->catalog->own_files);
    for (size_t i = 0; i < TM_LEN(template_folders); i++) {
        tm_path_join(&dir, settings->templates, template_folders[i]);
        mark_nobodys(d, tm_buf_str(&dir), &d->catalog->template_files);
    }
}

/*
 * One sweep over files and folders, both in order: the innermost open folder owns a file. A folder opens at
 * its first file, because all its files follow the place where its path stands.
 */
static void assign_files(struct discovery *d)
{
    const struct tm_files *files = &d->catalog->files;
    struct tm_folder *open = NULL;
    size_t next = 0;

    for (size_t i = 0; i < files->n; i++) {
        struct tm_str path = files->items[i].path;

        while (open && !tm_path_is_below(path, open->path))
            open = open->above;
        while (next < d->folders.n && tm_path_is_below(path, d->folders.items[next].path)) {
            d->folders.items[next].above = open;
            open = &d->folders.items[next++];
        }
        if (d->owners[i] == UINT32_MAX)
            continue;
        if (!open) {
            d->catalog->outside_files++;
        } else if (open->refused) {
            d->catalog->refused_files++;
        } else {
            d->owners[i] = (uint32_t)(open - d->folders.items) + 1;
            open->n_files++;
        }
    }
    assert(next == d->folders.n);
}

static int compare_names(const void *left, const void *right)
{
    const struct tm_folder *const *a = left, *const *b = right;
    int order = tm_str_cmp((*a)->name, (*b)->name);

    return order ? order : tm_str_cmp((*a)->path, (*b)->path);
}

static void make_module(struct discovery *d, struct tm_folder *folder, struct tm_module *module)
{
    struct tm_catalog *catalog = d->catalog;

    *module = (struct tm_module) {
        .name = folder->name,
        .path = tm_arena_str(&catalog->arena, folder->path),
        .manifest_path = tm_folder_manifest(d->catalog, folder),
        .manifest = folder->manifest,
        .files = tm_arena_array(&catalog->arena, folder->n_files, sizeof(size_t)),
        .roles = tm_arena_alloc(&catalog->arena, folder->n_files),
        .folds_case = d->fold,
    };
    folder->module = module;
    *tm_map_at(&catalog->by_name, module->name, NULL) = module;
    *tm_map_at(&catalog->by_path, module->path, NULL) = module;
}

static void make_modules(struct discovery *d)
{
    struct tm_catalog *catalog = d->catalog;
    struct tm_folder **TM_CLEANUP(tm_freep) good = tm_alloc_array(d->folders.n, sizeof(struct tm_folder *));
    size_t n = 0;

    for (size_t i = 0; i < d->folders.n; i++) {
        if (d->folders.items[i].refused)
            *tm_map_at(&catalog->by_path, d->folders.items[i].path, NULL) = NULL;
        else
            good[n++] = &d->folders.items[i];
    }
    qsort(good, n, sizeof(struct tm_folder *), compare_names);
    catalog->modules = tm_arena_array(&catalog->arena, n, sizeof(*catalog->modules));
    catalog->n_modules = n;
    for (size_t i = 0; i < n; i++)
        make_module(d, good[i], &catalog->modules[i]);
}

static enum tm_file_role role_below(const struct tm_module *module, struct tm_str path,
                                    unsigned char *language)
{
    struct tm_str below = module->path.len ? tm_str_from(path, module->path.len + 1) : path;

    return tm_language_role(below, module->folds_case, language);
}

enum tm_file_role tm_catalog_role(const struct tm_module *module, struct tm_str path)
{
    unsigned char language;

    return role_below(module, path, &language);
}

static const struct tm_module *owner_of(const struct discovery *d, size_t file)
{
    uint32_t owner = d->owners[file];

    return owner == 0 || owner == UINT32_MAX ? NULL : d->folders.items[owner - 1].module;
}

static void find_roles(void *ctx, unsigned thread, size_t from, size_t to)
{
    struct discovery *d = ctx;

    for (size_t i = from; i < to; i++) {
        const struct tm_file *file = &d->catalog->files.items[i];
        const struct tm_module *module = owner_of(d, i);

        if (module && !file->is_link)
            d->roles[i] = (unsigned char)role_below(module, file->path, &d->languages[i]);
    }
}

/* What one module's files are written in. */
struct tally {
    size_t sources[TM_LANGUAGES], tests[TM_LANGUAGES];
};

static void add_file(struct discovery *d, struct tm_module *module, size_t file, struct tally *tally)
{
    enum tm_file_role role = (enum tm_file_role)d->roles[file];
    unsigned char language = d->languages[file];

    d->catalog->links += d->catalog->files.items[file].is_link;
    module->files[module->own.files] = file;
    module->roles[module->own.files++] = (unsigned char)role;
    module->own.docs += role == TM_ROLE_DOC;
    module->own.tests += role == TM_ROLE_TEST;
    module->own.sources += role == TM_ROLE_SOURCE;
    tally->sources[language] += role == TM_ROLE_SOURCE;
    tally->tests[language] += role == TM_ROLE_TEST;
}

/*
 * Files of one module are not always neighbours (those of nested ones stand between), so each
 * has its tally until all are seen.
 */
static void fill_modules(struct discovery *d)
{
    struct tm_catalog *catalog = d->catalog;
    struct tally *TM_CLEANUP(tm_freep) tallies = tm_alloc_array(catalog->n_modules, sizeof(*tallies));

    d->roles = tm_alloc(catalog->files.n);
    d->languages = tm_alloc(catalog->files.n);
    tm_parallel(catalog->files.n, FILES_AT_ONCE, find_roles, d);
    for (size_t i = 0; i < catalog->files.n; i++) {
        const struct tm_module *owner = owner_of(d, i);
        size_t m = owner ? (size_t)(owner - catalog->modules) : 0;

        if (owner)
            add_file(d, &catalog->modules[m], i, &tallies[m]);
    }
    for (size_t i = 0; i < catalog->n_modules; i++) {
        unsigned char language = tm_language_most(tallies[i].sources);

        if (language == TM_LANGUAGE_NONE)
            language = tm_language_most(tallies[i].tests);
        catalog->modules[i].language = tm_language_name(language);
    }
}

static void add_counts(struct tm_file_counts *to, const struct tm_file_counts *counts)
{
    to->files += counts->files;
    to->docs += counts->docs;
    to->tests += counts->tests;
    to->sources += counts->sources;
}

/* Links modules to those around them and sums up trees: folders come after those around them. */
static void nest_modules(struct discovery *d)
{
    for (size_t i = d->folders.n; i-- > 0;) {
        struct tm_module *module = d->folders.items[i].module;
        struct tm_folder *above = d->folders.items[i].above;

        if (!module)
            continue;
        add_counts(&module->tree, &module->own);
        module->tree_modules++;
        while (above && !above->module)
            above = above->above;
        if (!above)
            continue;
        module->parent = above->module;
        add_counts(&module->parent->tree, &module->tree);
        module->parent->tree_modules += module->tree_modules;
    }
}

static int compare_problems(const void *left, const void *right)
{
    const struct tm_catalog_problem *a = left, *b = right;

    return tm_str_cmp(a->manifest_path, b->manifest_path);
}

static void collect_problems(struct discovery *d)
{
    struct tm_catalog *catalog = d->catalog;

    catalog->problems =
        tm_arena_array(&catalog->arena, d->folders.n - catalog->n_modules, sizeof(*catalog->problems));
    for (size_t i = 0; i < d->folders.n; i++)
        if (d->folders.items[i].refused)
            catalog->problems[catalog->n_problems++] =
                (struct tm_catalog_problem) { tm_folder_manifest(catalog, &d->folders.items[i]),
                                              d->folders.items[i].refused };
    if (catalog->n_problems)
        qsort(catalog->problems, catalog->n_problems, sizeof(*catalog->problems), compare_problems);
}

static struct tm_str fold_name(struct tm_arena *arena, struct tm_str name)
{
    char *copy = tm_arena_alloc(arena, name.len);

    for (size_t i = 0; i < name.len; i++)
        copy[i] = name.data[i] >= 'A' && name.data[i] <= 'Z' ? (char)(name.data[i] + 32) : name.data[i];
    return tm_str_n(copy, name.len);
}

static void add_case_warning(struct tm_catalog *catalog, const struct tm_module *a, const struct tm_module *b)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;

    if (!catalog->warnings)
        catalog->warnings = tm_arena_array(&catalog->arena, catalog->n_modules, sizeof(*catalog->warnings));
    tm_buf_addf(&message, "module names '%.*s' and '%.*s' differ only in case", TM_STR_ARG(a->name),
                TM_STR_ARG(b->name));
    catalog->warnings[catalog->n_warnings++] =
        (struct tm_catalog_problem) { b->manifest_path,
                                      tm_arena_str(&catalog->arena, tm_buf_str(&message)).data };
}

/* Names that differ only in case are two modules, but people and file systems will mix them up. */
static void warn_of_case(struct tm_catalog *catalog)
{
    struct tm_map TM_CLEANUP(tm_map_release) first = TM_MAP_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) folded = TM_ARENA_INIT;

    for (size_t i = 0; i < catalog->n_modules; i++) {
        struct tm_module *module = &catalog->modules[i];
        bool added;
        void **value = tm_map_at(&first, fold_name(&folded, module->name), &added);

        if (added)
            *value = module;
        else
            add_case_warning(catalog, *value, module);
    }
}

static void discover(struct discovery *d)
{
    mark_all_nobodys(d);
    tm_folders_find(&d->folders, d->catalog, d->repo, d->owners, d->fold);
    d->catalog->manifests = d->folders.n;
    assign_files(d);
    make_modules(d);
    fill_modules(d);
    nest_modules(d);
    collect_problems(d);
    warn_of_case(d->catalog);
}

enum tm_code tm_catalog_load(struct tm_catalog *catalog, struct tm_repo *repo, struct tm_err *err)
{
    struct discovery TM_CLEANUP(release_discovery) d = {
        .catalog = catalog,
        .repo = repo,
        .fold = tm_git_ignores_case(repo->git),
    };
    enum tm_code code;

    *catalog = TM_CATALOG_INIT;
    catalog->repo = repo;
    code = tm_files_list(&catalog->files, repo, err);
    if (!code && catalog->files.n > FILES_MAX)
        code = tm_err_set(err, TM_E_LIMIT, "the repository has %zu files, at most %d are taken",
                          catalog->files.n, FILES_MAX);
    if (code) {
        tm_catalog_release(catalog);
        return code;
    }
    d.owners = tm_alloc_array(catalog->files.n, sizeof(*d.owners));
    discover(&d);
    return TM_OK;
}
