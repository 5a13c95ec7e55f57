/*
 * Any bytes as tidemark.yaml. What must hold: settings that are accepted keep the promises of
 * docs/formats/settings.md, every placeholder in them can be expanded, and what is refused says so in one
 * line.
 */
#include "base/path.h"
#include "fuzz.h"
#include "repo/placeholder.h"

static const struct tm_places places = {
    .root = { "/r", 2 }, .module = { "/r/m", 4 }, .out = { "/o", 2 }, .work = { "/w", 2 }
};

static void check_folder(const struct tm_settings *settings, struct tm_str folder)
{
    FUZZ_CHECK(folder.len && tm_path_is_normal(folder));
    FUZZ_CHECK(!tm_path_is_below(folder, TM_STR(".git")));
    FUZZ_CHECK(!tm_path_is_below(folder, settings->templates));
}

static void check_text(struct tm_str text)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    tm_placeholder_expand(&out, text, &places);
    FUZZ_CHECK(!strstr(out.data, "{module}") || memmem(text.data, text.len, "{{", 2) ||
               memmem(text.data, text.len, "${", 2));
}

static void check_collector(const struct tm_collector *c)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;

    FUZZ_CHECK(c->name.len && c->command.n && c->report.len && c->format.len);
    FUZZ_CHECK(!c->tests.len == !c->tests_format.len);
    FUZZ_CHECK(c->timeout_s <= TM_TIMEOUT_MAX_S);
    FUZZ_CHECK(tm_placeholder_expand_list(&arena, &c->command, &places).n <= c->command.n);
    check_text(c->report);
    check_text(c->tests);
    for (size_t i = 0; i < c->env.n; i++) {
        check_text(c->env.items[i]);
        FUZZ_CHECK(tm_str_find(c->env.items[i], '=') != SIZE_MAX);
    }
    for (size_t i = 0; i < c->n_versions; i++)
        FUZZ_CHECK(tm_placeholder_expand_list(&arena, &c->versions[i], &places).n);
    for (size_t i = 0; i < c->n_no_data_exits; i++)
        FUZZ_CHECK(c->no_data_exits[i] >= 1 && c->no_data_exits[i] <= 255);
}

static void check_place(struct tm_str path)
{
    FUZZ_CHECK(tm_path_is_normal(path));
}

static void check_coverage(const struct tm_settings *s)
{
    FUZZ_CHECK(s->n_coverage_paths <= TM_PATH_SETTINGS_MAX && s->coverage_roots.n <= TM_GLOBS_MAX);
    FUZZ_CHECK(s->coverage_merge == TM_MERGE_SUM || s->coverage_merge == TM_MERGE_GREATEST);
    for (size_t i = 0; i < s->n_coverage_paths; i++) {
        FUZZ_CHECK(s->coverage_paths[i].prefix.len > 0);
        check_place(s->coverage_paths[i].path);
    }
    for (size_t i = 0; i < s->coverage_roots.n; i++)
        check_place(s->coverage_roots.items[i]);
}

static void check_settings(const struct tm_settings *s)
{
    check_folder(s, s->generated);
    check_folder(s, s->ledger);
    check_folder(s, s->trends);
    FUZZ_CHECK(s->jobs <= TM_JOBS_MAX && s->timeout_s >= 1 && s->timeout_s <= TM_TIMEOUT_MAX_S);
    FUZZ_CHECK(s->exclude.n <= TM_GLOBS_MAX && s->coverage_exclude.n <= TM_GLOBS_MAX);
    check_coverage(s);
    for (size_t i = 0; i < s->n_collectors; i++)
        check_collector(&s->collectors[i]);
    for (size_t i = 0; i < s->n_modules; i++) {
        const struct tm_module_settings *m = &s->modules[i];

        FUZZ_CHECK(tm_settings_module(s, m->module) == m);
        FUZZ_CHECK(m->collector.len == 0 || tm_settings_collector(s, m->collector));
        FUZZ_CHECK(m->bench.len == 0 || tm_settings_collector(s, m->bench));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_settings TM_CLEANUP(tm_settings_release) settings = TM_SETTINGS_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    if (tm_settings_parse(&settings, tm_str_n((const char *)data, size), &err) == TM_OK)
        check_settings(&settings);
    else
        FUZZ_CHECK(err.code == TM_E_SETTINGS && err.msg && !strchr(err.msg, '\n'));
    return 0;
}
