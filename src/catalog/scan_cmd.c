#include "catalog/refresh_cmd.h"
#include "catalog/scan.h"

enum { OPT_CHECK };

static const struct tm_opt opts[] = {
    [OPT_CHECK] = { "check", 0, TM_OPT_FLAG, NULL, "write nothing; exit 1 when a file is stale" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

struct language {
    struct tm_str name;
    size_t modules;
};

/* What the command says of a catalog. */
struct summary {
    size_t nested, without_docs, without_tests, without_language;
    struct tm_file_counts totals;
    struct language languages[TM_LANGUAGES]; /* most modules first, then by name */
    size_t n_languages;
    struct tm_scan_left_out left_out[TM_SCAN_REASONS];
};

static int compare_languages(const void *left, const void *right)
{
    const struct language *a = left, *b = right;

    if (a->modules != b->modules)
        return a->modules < b->modules ? 1 : -1;
    return tm_str_cmp(a->name, b->name);
}

static void count_language(struct summary *s, struct tm_str name)
{
    size_t i = 0;

    if (name.len == 0) {
        s->without_language++;
        return;
    }
    while (i < s->n_languages && !tm_str_eq(s->languages[i].name, name))
        i++;
    if (i == s->n_languages)
        s->languages[s->n_languages++] = (struct language) { name, 0 };
    s->languages[i].modules++;
}

static void summarise(const struct tm_catalog *catalog, struct summary *s)
{
    *s = (struct summary) { .totals = tm_catalog_totals(catalog) };
    for (size_t i = 0; i < catalog->n_modules; i++) {
        const struct tm_module *module = &catalog->modules[i];

        s->nested += module->parent != NULL;
        s->without_docs += module->own.docs == 0;
        s->without_tests += module->own.tests == 0;
        count_language(s, module->language);
    }
    qsort(s->languages, s->n_languages, sizeof(s->languages[0]), compare_languages);
    tm_scan_left_out(catalog, s->left_out);
}

static void add_languages(const struct summary *s, struct tm_buf *out)
{
    const char *separator = "languages  ";

    for (size_t i = 0; i < s->n_languages; i++) {
        tm_buf_addf(out, "%s%.*s %zu", separator, TM_STR_ARG(s->languages[i].name), s->languages[i].modules);
        separator = ", ";
    }
    if (s->without_language)
        tm_buf_addf(out, "%snone %zu", separator, s->without_language);
    if (s->n_languages || s->without_language)
        tm_buf_addc(out, '\n');
}

static void add_left_out(const struct summary *s, struct tm_buf *out)
{
    const char *separator = "left out   ";
    size_t before = out->len;

    for (size_t i = 0; i < TM_SCAN_REASONS; i++) {
        const struct tm_scan_left_out *reason = &s->left_out[i];

        if (reason->n == 0)
            continue;
        tm_buf_addf(out, "%s%zu %s", separator, reason->n, reason->n == 1 ? reason->one : reason->many);
        separator = ", ";
    }
    if (out->len != before)
        tm_buf_addc(out, '\n');
}

static void add_text(const struct tm_catalog *catalog, const struct summary *s, struct tm_buf *out)
{
    tm_buf_addf(out, "modules    %zu (%zu nested, %zu without docs, %zu without tests)\n", catalog->n_modules,
                s->nested, s->without_docs, s->without_tests);
    tm_buf_addf(out, "docs       %zu\ntests      %zu\nsources    %zu\n", s->totals.docs, s->totals.tests,
                s->totals.sources);
    add_languages(s, out);
    add_left_out(s, out);
    if (catalog->n_problems)
        tm_buf_addf(out, "refused    %zu of %zu manifests\n", catalog->n_problems, catalog->manifests);
}

static void put_problems(struct tm_json_writer *w, const char *key, const struct tm_catalog_problem *problems,
                         size_t n)
{
    tm_json_key(w, key);
    tm_json_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        tm_json_object_begin(w);
        tm_json_member_str(w, "manifest", problems[i].manifest_path);
        tm_json_members(w, "message", problems[i].message);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

static void put_counts(const struct tm_catalog *catalog, const struct summary *s, struct tm_json_writer *w)
{
    tm_json_member_u64(w, "modules", catalog->n_modules);
    tm_json_member_u64(w, "nested", s->nested);
    tm_json_member_u64(w, "without_docs", s->without_docs);
    tm_json_member_u64(w, "without_tests", s->without_tests);
    tm_json_member_u64(w, "docs", s->totals.docs);
    tm_json_member_u64(w, "tests", s->totals.tests);
    tm_json_member_u64(w, "sources", s->totals.sources);
    tm_json_member_u64(w, "files_in_modules", s->totals.files);
    tm_json_key(w, "languages");
    tm_json_object_begin(w);
    for (size_t i = 0; i < s->n_languages; i++) {
        tm_json_key_str(w, s->languages[i].name);
        tm_json_put_u64(w, s->languages[i].modules);
    }
    tm_json_object_end(w);
    tm_json_key(w, "left_out");
    tm_json_object_begin(w);
    for (size_t i = 0; i < TM_SCAN_REASONS; i++)
        tm_json_member_u64(w, s->left_out[i].id, s->left_out[i].n);
    tm_json_object_end(w);
}

static void answer(struct tm_ctx *ctx, const struct tm_catalog *catalog, const struct tm_refresh *files)
{
    struct summary s;
    struct tm_json_writer w;

    summarise(catalog, &s);
    if (!ctx->json) {
        add_text(catalog, &s, &ctx->out);
        tm_refresh_add_text(ctx->repo, files, TM_SCAN_FILES, &ctx->out);
        return;
    }
    tm_json_writer_init(&w, &ctx->out, 2);
    tm_json_object_begin(&w);
    put_counts(catalog, &s, &w);
    put_problems(&w, "refused", catalog->problems, catalog->n_problems);
    put_problems(&w, "warnings", catalog->warnings, catalog->n_warnings);
    tm_refresh_put_json(ctx->repo, files, TM_SCAN_FILES, &w);
    tm_json_object_end(&w);
    tm_buf_addc(&ctx->out, '\n');
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = TM_CATALOG_INIT;
    struct tm_refresh files[TM_SCAN_FILES] = { 0 };
    bool check = args->opts[OPT_CHECK].given;
    enum tm_code code = TM_OK, verdict;

    if (args->n_words)
        return tm_err_set(err, TM_E_USAGE, "'scan' takes no argument, got '%s'", args->words[0]);
    if (!check)
        code = tm_repo_lock(ctx->repo, ctx->lock_timeout_ms, err);
    if (!code)
        code = tm_catalog_load(&catalog, ctx->repo, err);
    if (!code)
        code = tm_refresh_files(ctx, tm_scan_files, TM_SCAN_FILES, &catalog, check, files, err);
    if (!code) {
        answer(ctx, &catalog, files);
        if (catalog.manifests == 0)
            tm_log_warn(&ctx->log, "no folder has a " TM_MANIFEST_NAME ", so there is no module");
        code = tm_catalog_report_problems(&catalog, &ctx->log, err);
        /* "No" outranks "partly": it is what was asked. */
        verdict = tm_refresh_verdict(files, TM_SCAN_FILES, err);
        code = verdict ? verdict : code;
    }
    for (size_t i = 0; i < TM_SCAN_FILES; i++)
        tm_err_release(&files[i].why);
    return code;
}

const struct tm_cmd tm_scan_cmd = {
    .name = "scan",
    .summary = "find the modules; write registry, documentation map and index",
    .usage = "[--check]",
    .help = "Finds every folder with a module.manifest.json, gives each file to the innermost module above "
            "it, and "
            "writes MODULE_REGISTRY.json, DOCUMENTATION_MAP.md and MODULE_INDEX.md into the generated "
            "folder. A file "
            "is written only when its content changes.\n\n"
            "A manifest that cannot be read is a warning, its module is left out, and the exit status is 4.",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run,
};
