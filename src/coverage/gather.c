#include "coverage/gather.h"

#include "base/alloc.h"
#include "base/path.h"
#include "coverage/go_module.h"

enum { SOURCE_MAX = 16 << 20 };

static bool exists(void *ctx, struct tm_str path)
{
    const struct tm_gather *gather = ctx;

    return tm_files_find(&gather->catalog->files, path) != NULL;
}

/* Links are no files of a module: what they lead to is. */
static bool is_link(void *ctx, struct tm_str path)
{
    const struct tm_gather *gather = ctx;
    const struct tm_file *file = tm_files_find(&gather->catalog->files, path);

    return file && file->is_link;
}

static const struct tm_suffixes *suffixes(void *ctx)
{
    struct tm_gather *gather = ctx;

    if (!gather->suffixes.sorted) {
        for (size_t i = 0; i < gather->catalog->files.n; i++)
            tm_suffixes_add(&gather->suffixes, gather->catalog->files.items[i].path);
        tm_suffixes_sort(&gather->suffixes);
    }
    return &gather->suffixes;
}

static void *owner(void *ctx, struct tm_str path)
{
    const struct tm_gather *gather = ctx;

    return tm_catalog_owner(gather->catalog, path);
}

static bool is_test(void *ctx, struct tm_str path)
{
    const struct tm_gather *gather = ctx;
    const struct tm_module *module = tm_catalog_owner(gather->catalog, path);

    return module && tm_catalog_role(module, path) == TM_ROLE_TEST;
}

/* Attributes that cannot be read leave a file in: the figure then says more, not less. */
static bool has_attribute(const struct tm_gather *gather, struct tm_str path, const char *name)
{
    bool set = false;

    return tm_git_attribute_set(gather->repo->git, path, name, &set, NULL) == TM_OK && set;
}

static bool is_excluded(void *ctx, struct tm_str path, enum tm_drop *reason)
{
    const struct tm_gather *gather = ctx;
    const struct tm_str_list *globs = &gather->repo->settings.coverage_exclude;

    *reason = TM_DROP_EXCLUDED;
    for (size_t i = 0; i < globs->n; i++)
        if (tm_path_matches(globs->items[i], path))
            return true;
    *reason = TM_DROP_GENERATED;
    if (has_attribute(gather, path, "linguist-generated"))
        return true;
    *reason = TM_DROP_VENDORED;
    return has_attribute(gather, path, "linguist-vendored");
}

static struct tm_prefixes settled_paths(struct tm_gather *gather)
{
    const struct tm_settings *settings = &gather->repo->settings;

    gather->settled = tm_arena_array(&gather->arena, settings->n_coverage_paths, sizeof(*gather->settled));
    for (size_t i = 0; i < settings->n_coverage_paths; i++)
        gather->settled[i] =
            (struct tm_prefix) { settings->coverage_paths[i].prefix, settings->coverage_paths[i].path };
    return (struct tm_prefixes) { gather->settled, settings->n_coverage_paths };
}

void tm_gather_init(struct tm_gather *gather, const struct tm_repo *repo, const struct tm_catalog *catalog,
                    const struct tm_str *base, const struct tm_prefix *mirror)
{
    *gather = (struct tm_gather) {
        .repo = repo,
        .catalog = catalog,
        .all = TM_REPORT_INIT,
        .attribution = TM_ATTRIBUTION_INIT,
        .arena = TM_ARENA_INIT,
        .suffixes = TM_SUFFIXES_INIT,
    };
    gather->rules = (struct tm_attribute_rules){
        .resolver = {
            .root = tm_str(repo->root.path),
            .settled = settled_paths(gather),
            .roots = repo->settings.coverage_roots.items,
            .n_roots = repo->settings.coverage_roots.n,
            .exists = exists,
            .is_link = is_link,
            .suffixes = suffixes,
            .ctx = gather,
        },
        .owner = owner,
        .is_test = is_test,
        .is_excluded = is_excluded,
        .ctx = gather,
    };
    tm_gather_ran_in(gather, base, mirror);
    gather->finder = (struct tm_source_finder) { &gather->rules.resolver, &repo->root, SOURCE_MAX };
    gather->all.greatest = repo->settings.coverage_merge == TM_MERGE_GREATEST;
    gather->attribution.report.greatest = gather->all.greatest;
}

void tm_gather_ran_in(struct tm_gather *gather, const struct tm_str *base, const struct tm_prefix *mirror)
{
    struct tm_resolver *resolver = &gather->rules.resolver;

    resolver->prefixes = (struct tm_prefixes) { mirror, mirror != NULL };
    resolver->has_base = base != NULL;
    resolver->base = base ? *base : TM_STR("");
}

void tm_gather_release(struct tm_gather *gather)
{
    tm_report_release(&gather->all);
    tm_attribution_release(&gather->attribution);
    tm_drops_release(&gather->drops);
    tm_suffixes_release(&gather->suffixes);
    tm_arena_release(&gather->arena);
}

/* Reads the go.mod files of the repository; one that cannot be read says nothing. */
static void find_go_modules(struct tm_gather *gather)
{
    struct tm_resolver *resolver = &gather->rules.resolver;
    const struct tm_str name = TM_STR("go.mod");
    const struct tm_str *paths;
    size_t n, found = 0;

    paths = tm_suffixes_find(suffixes(gather), name, &n);
    gather->go_modules = tm_arena_array(&gather->arena, n, sizeof(*gather->go_modules));
    for (size_t i = 0; i < n; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_str module;

        if (!tm_str_eq(tm_path_base(paths[i]), name) ||
            tm_root_read(&gather->repo->root, paths[i], TM_GO_MOD_MAX, &text, NULL) ||
            !tm_go_module_path(tm_buf_str(&text), &module))
            continue;
        gather->go_modules[found++] =
            (struct tm_prefix) { tm_arena_str(&gather->arena, module), tm_path_dir(paths[i]) };
    }
    resolver->go_modules = (struct tm_prefixes) { gather->go_modules, found };
    gather->ready = true;
}

static bool names_go_files(const struct tm_report *report)
{
    for (size_t i = 0; i < tm_report_n_files(report); i++)
        if (tm_str_has_suffix(tm_report_file_at(report, i)->path, TM_STR(".go")))
            return true;
    return false;
}

/* The repository folder that the report stands in; false when it is elsewhere. */
static bool report_folder(const struct tm_gather *gather, const char *path, struct tm_buf *folder)
{
    char *TM_CLEANUP(tm_freep) real = realpath(path, NULL);
    struct tm_str root = tm_str(gather->repo->root.path), full = tm_str(real);

    if (!real || !tm_path_is_below(full, root) || full.len == root.len)
        return false;
    tm_buf_add_str(folder, tm_path_dir(tm_str_from(full, root.len + 1)));
    return true;
}

enum tm_code tm_gather_read(struct tm_gather *gather, const char *path, const struct tm_format *format,
                            struct tm_err *err)
{
    struct tm_report TM_CLEANUP(tm_report_release) one = TM_REPORT_INIT;
    struct tm_attribution TM_CLEANUP(tm_attribution_release) part = TM_ATTRIBUTION_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;
    struct tm_resolver *resolver = &gather->rules.resolver;
    enum tm_code code;

    part.report.greatest = gather->all.greatest;
    resolver->has_report_dir = report_folder(gather, path, &folder);
    resolver->report_dir = tm_buf_str(&folder);
    one.read_source = tm_resolve_source;
    one.read_source_ctx = &gather->finder;
    code = tm_report_read_file(path, format, &one, err);
    if (!code && !gather->ready && names_go_files(&one))
        find_go_modules(gather);
    if (!code)
        code = tm_attribute(&part, &one, &gather->rules, err);
    if (!code)
        code = tm_report_merge(&gather->all, &part.report, err);
    if (!code)
        tm_drops_merge(&gather->drops, &part.drops);
    resolver->has_report_dir = false;
    return code;
}

/* Says where the union of reports is not exact. */
static void note_merge(struct tm_report *report)
{
    uint64_t mixed = 0;

    for (size_t i = 0; i < tm_report_n_files(report); i++) {
        uint32_t formats = tm_report_file_at(report, i)->formats;

        mixed += (formats & (formats - 1)) != 0;
    }
    if (report->approximate)
        tm_report_note(report,
                       "branches of %llu line(s) have no ids and were partly taken in several reports: their "
                       "merge is approximate",
                       (unsigned long long)report->approximate);
    if (mixed)
        tm_report_note(
            report,
            "branches of %llu file(s) come from reports of several formats, whose ids differ: their "
            "merge is approximate",
            (unsigned long long)mixed);
}

enum tm_code tm_gather_finish(struct tm_gather *gather, struct tm_err *err)
{
    struct tm_attribute_rules rules = gather->rules;

    note_merge(&gather->all);
    /* Names are repository paths by now, and of files that count. */
    rules.is_excluded = NULL;
    rules.resolver = (struct tm_resolver) { .root = rules.resolver.root,
                                            .exists = rules.resolver.exists,
                                            .ctx = rules.resolver.ctx };
    return tm_attribute(&gather->attribution, &gather->all, &rules, err);
}

static unsigned char language_of(const struct tm_module *module, struct tm_str path)
{
    unsigned char language = TM_LANGUAGE_NONE;

    tm_language_role(tm_str_from(path, module->path.len ? module->path.len + 1 : 0), module->folds_case,
                     &language);
    return language;
}

const struct tm_str *tm_gather_unreported(const struct tm_gather *gather, const struct tm_module *module,
                                          struct tm_arena *arena, size_t *n)
{
    const struct tm_attributed_module *part = tm_attribution_of(&gather->attribution, module);
    bool reported[TM_LANGUAGES] = { false };
    struct tm_str *paths = tm_arena_array(arena, module->own.files, sizeof(*paths));

    *n = 0;
    for (size_t i = 0; part && i < part->n_files; i++)
        reported[language_of(module, part->files[i].file->path)] = true;
    for (size_t i = 0; i < module->own.files; i++) {
        struct tm_str path = gather->catalog->files.items[module->files[i]].path;
        enum tm_drop reason;

        if (module->roles[i] == TM_ROLE_SOURCE && reported[language_of(module, path)] &&
            !tm_report_find(&gather->attribution.report, path) &&
            !is_excluded((void *)(uintptr_t)gather, path, &reason))
            paths[(*n)++] = path;
    }
    return paths;
}
