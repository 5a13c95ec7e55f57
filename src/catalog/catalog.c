#include "catalog/catalog.h"

#include "base/alloc.h"
#include "base/path.h"

/* A folder with a manifest, on its way to become a module. */
struct folder {
    struct tm_str path;
    size_t file; /* the manifest, in files */
    struct tm_str name;
    struct tm_manifest manifest;
    const char *refused;  /* why it makes no module; NULL when it does */
    struct folder *above; /* the innermost one around it, refused ones too; NULL */
    struct tm_module *module;
    size_t n_files;
};

struct discovery {
    struct tm_catalog *catalog;
    struct tm_repo *repo;
    bool fold; /* core.ignorecase */
    struct folder *folders;
    size_t n_folders, cap_folders;
    uint32_t *owners;   /* index + 1 of the folder that holds each file, 0 for none */
    struct tm_buf data; /* of the manifest being read */
    struct tm_buf text;
};

enum { FILES_MAX = 50000000 }; /* what 32-bit indexes hold with room to spare */

static void release_discovery(struct discovery *d)
{
    free(d->folders);
    free(d->owners);
    tm_buf_release(&d->data);
    tm_buf_release(&d->text);
}

void tm_catalog_release(struct tm_catalog *catalog)
{
    tm_map_release(&catalog->by_name);
    tm_map_release(&catalog->by_path);
    tm_files_release(&catalog->files);
    tm_arena_release(&catalog->arena);
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

static bool is_manifest(struct tm_str path, bool fold)
{
    static const struct tm_str name = { TM_MANIFEST_NAME, sizeof(TM_MANIFEST_NAME) - 1 };
    size_t at = path.len - name.len;

    if (path.len < name.len || (at && path.data[at - 1] != '/'))
        return false;
    return fold ? strncasecmp(path.data + at, name.data, name.len) == 0
                : memcmp(path.data + at, name.data, name.len) == 0;
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
        d->catalog->left_manifests += is_manifest(files->items[i].path, d->fold);
    }
}

/* The list is sorted, so that the folders of tm_catalog_is_nobodys are a few searches and not a question to
 * each file. */
static void mark_all_nobodys(struct discovery *d)
{
    const struct tm_settings *settings = &d->repo->settings;
    const struct tm_str own[] = { settings->generated, settings->ledger, settings->trends };

    for (size_t i = 0; i < TM_LEN(own); i++)
        if (own[i].len)
            mark_nobodys(d, own[i], &d->catalog->own_files);
    for (size_t i = 0; i < TM_LEN(template_folders); i++) {
        tm_path_join(&d->text, settings->templates, template_folders[i]);
        mark_nobodys(d, tm_buf_str(&d->text), &d->catalog->template_files);
    }
}

static void find_manifests(struct discovery *d)
{
    const struct tm_files *files = &d->catalog->files;

    for (size_t i = 0; i < files->n; i++) {
        struct tm_str path = files->items[i].path;

        if (d->owners[i] == UINT32_MAX || !is_manifest(path, d->fold))
            continue;
        TM_GROW(d->folders, d->n_folders, d->cap_folders);
        d->folders[d->n_folders++] = (struct folder) { .path = tm_path_dir(path), .file = i };
    }
    d->catalog->manifests = d->n_folders;
}

/*
 * The order of folders in which each comes after those around it, and in which their first files come in a
 * list of paths: byte order of the paths with a final '/'. The root is before all.
 */
static int compare_folders(const void *left, const void *right)
{
    const struct folder *a = left, *b = right;
    size_t n = TM_MIN(a->path.len, b->path.len);
    int order = n ? memcmp(a->path.data, b->path.data, n) : 0;

    if (order)
        return order;
    if (a->path.len == b->path.len)
        return (a->file > b->file) - (a->file < b->file);
    if (n == 0)
        return a->path.len ? 1 : -1;
    if (a->path.len > n)
        return a->path.data[n] == '/' ? 1 : (unsigned char)a->path.data[n] - '/';
    return b->path.data[n] == '/' ? -1 : '/' - (unsigned char)b->path.data[n];
}

TM_PRINTF(3, 4) static void refuse(struct discovery *d, struct folder *folder, const char *fmt, ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(&message, fmt, ap);
    va_end(ap);
    tm_buf_clear(&d->text);
    tm_buf_add_escaped(&d->text, tm_buf_str(&message));
    folder->refused = tm_arena_str(&d->catalog->arena, tm_buf_str(&d->text)).data;
}

static struct tm_str manifest_path(const struct discovery *d, const struct folder *folder)
{
    return d->catalog->files.items[folder->file].path;
}

/* A name taken from the path must be as printable as one from the manifest. */
static bool is_plain(struct tm_str path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) escaped = TM_BUF_INIT;

    tm_buf_add_escaped(&escaped, path);
    return escaped.len == path.len;
}

static void name_folder(struct discovery *d, struct folder *folder)
{
    if (folder->manifest.name.len)
        folder->name = folder->manifest.name;
    else if (folder->path.len == 0)
        folder->name = TM_STR(".");
    else if (is_plain(folder->path))
        folder->name = tm_arena_str(&d->catalog->arena, folder->path);
    else
        refuse(
            d, folder,
            "the folder's path is not UTF-8 or holds a control character, give the module a 'name' in '%.*s'",
            TM_STR_ARG(manifest_path(d, folder)));
}

/* What a sparse checkout leaves out is read from HEAD, so that the inventory is the same in every checkout.
 */
static enum tm_code read_data(struct discovery *d, const struct tm_file *file, struct tm_err *err)
{
    struct tm_git_head head;
    enum tm_code code;

    if (!file->left_out)
        return tm_root_read(&d->repo->root, file->path, TM_MANIFEST_MAX, &d->data, err);
    code = tm_git_head(d->repo->git, &head, err);
    if (code)
        return code;
    code = tm_git_read_at(d->repo->git, &head.commit, file->path, TM_MANIFEST_MAX, &d->data, err);
    tm_git_head_release(&head);
    return code;
}

static void read_manifest(struct discovery *d, struct folder *folder)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    const struct tm_file *file = &d->catalog->files.items[folder->file];
    struct tm_str path = file->path;
    enum tm_code code;

    if (file->is_link) {
        refuse(d, folder, "'%.*s' is a symbolic link, a manifest must be a file of its own",
               TM_STR_ARG(path));
        return;
    }
    code = read_data(d, file, &err);
    if (!code) {
        tm_buf_clear(&d->text);
        tm_buf_add_str(&d->text, path);
        code = tm_manifest_parse(&folder->manifest, &d->catalog->arena, d->text.data, tm_buf_str(&d->data),
                                 &err);
    }
    if (code)
        refuse(d, folder, "%s", tm_err_msg(&err));
    else
        name_folder(d, folder);
}

/* core.ignorecase lets two spellings of the manifest's name stand side by side. Neither is the right one. */
static void refuse_twins(struct discovery *d)
{
    for (size_t i = 1; i < d->n_folders; i++) {
        struct folder *a = &d->folders[i - 1], *b = &d->folders[i];

        if (!tm_str_eq(a->path, b->path))
            continue;
        refuse(d, a, "'%.*s' is a second manifest beside '%.*s'", TM_STR_ARG(manifest_path(d, a)),
               TM_STR_ARG(manifest_path(d, b)));
        refuse(d, b, "'%.*s' is a second manifest beside '%.*s'", TM_STR_ARG(manifest_path(d, b)),
               TM_STR_ARG(manifest_path(d, a)));
    }
}

static void refuse_namesakes(struct discovery *d)
{
    struct tm_map TM_CLEANUP(tm_map_release) first = TM_MAP_INIT;
    static const char message[] = "module name '%.*s' in '%.*s' is also in '%.*s'";

    for (size_t i = 0; i < d->n_folders; i++) {
        struct folder *folder = &d->folders[i], *other;
        bool added;
        void **value;

        if (folder->refused)
            continue;
        value = tm_map_at(&first, folder->name, &added);
        if (added) {
            *value = folder;
            continue;
        }
        other = *value;
        refuse(d, folder, message, TM_STR_ARG(folder->name), TM_STR_ARG(manifest_path(d, folder)),
               TM_STR_ARG(manifest_path(d, other)));
        if (!other->refused)
            refuse(d, other, message, TM_STR_ARG(other->name), TM_STR_ARG(manifest_path(d, other)),
                   TM_STR_ARG(manifest_path(d, folder)));
    }
}

/*
 * One sweep over files and folders, both in order: the innermost open folder owns a file. A folder opens at
 * its first file, because all its files follow the place where its path stands.
 */
static void assign_files(struct discovery *d)
{
    const struct tm_files *files = &d->catalog->files;
    struct folder *open = NULL;
    size_t next = 0;

    for (size_t i = 0; i < files->n; i++) {
        struct tm_str path = files->items[i].path;

        while (open && !tm_path_is_below(path, open->path))
            open = open->above;
        while (next < d->n_folders && tm_path_is_below(path, d->folders[next].path)) {
            d->folders[next].above = open;
            open = &d->folders[next++];
        }
        if (d->owners[i] == UINT32_MAX)
            continue;
        if (!open) {
            d->catalog->outside_files++;
        } else if (open->refused) {
            d->catalog->refused_files++;
        } else {
            d->owners[i] = (uint32_t)(open - d->folders) + 1;
            open->n_files++;
        }
    }
    assert(next == d->n_folders);
}

static int compare_names(const void *left, const void *right)
{
    const struct folder *const *a = left, *const *b = right;
    int order = tm_str_cmp((*a)->name, (*b)->name);

    return order ? order : tm_str_cmp((*a)->path, (*b)->path);
}

static void make_module(struct discovery *d, struct folder *folder, struct tm_module *module)
{
    struct tm_catalog *catalog = d->catalog;

    *module = (struct tm_module) {
        .name = folder->name,
        .path = tm_arena_str(&catalog->arena, folder->path),
        .manifest_path = manifest_path(d, folder),
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
    struct folder **TM_CLEANUP(tm_freep) good = tm_alloc_array(d->n_folders, sizeof(*good));
    size_t n = 0;

    for (size_t i = 0; i < d->n_folders; i++) {
        if (d->folders[i].refused)
            *tm_map_at(&catalog->by_path, d->folders[i].path, NULL) = NULL;
        else
            good[n++] = &d->folders[i];
    }
    qsort(good, n, sizeof(*good), compare_names);
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

/* What one module's files are written in. */
struct tally {
    size_t sources[TM_LANGUAGES], tests[TM_LANGUAGES];
};

static void add_file(struct tm_catalog *catalog, struct tm_module *module, size_t file, struct tally *tally)
{
    const struct tm_file *item = &catalog->files.items[file];
    unsigned char language = TM_LANGUAGE_NONE;
    enum tm_file_role role = TM_ROLE_OTHER;

    if (item->is_link)
        catalog->links++;
    else
        role = role_below(module, item->path, &language);
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

    for (size_t i = 0; i < catalog->files.n; i++) {
        struct tm_module *module;

        if (d->owners[i] == 0 || d->owners[i] == UINT32_MAX)
            continue;
        module = d->folders[d->owners[i] - 1].module;
        add_file(catalog, module, i, &tallies[module - catalog->modules]);
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
    for (size_t i = d->n_folders; i-- > 0;) {
        struct tm_module *module = d->folders[i].module;
        struct folder *above = d->folders[i].above;

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
        tm_arena_array(&catalog->arena, d->n_folders - catalog->n_modules, sizeof(*catalog->problems));
    for (size_t i = 0; i < d->n_folders; i++)
        if (d->folders[i].refused)
            catalog->problems[catalog->n_problems++] =
                (struct tm_catalog_problem) { manifest_path(d, &d->folders[i]), d->folders[i].refused };
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
    find_manifests(d);
    if (d->n_folders)
        qsort(d->folders, d->n_folders, sizeof(*d->folders), compare_folders);
    for (size_t i = 0; i < d->n_folders; i++)
        read_manifest(d, &d->folders[i]);
    refuse_twins(d);
    refuse_namesakes(d);
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
        .data = TM_BUF_INIT,
        .text = TM_BUF_INIT,
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
