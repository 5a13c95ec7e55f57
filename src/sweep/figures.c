#include "sweep/figures.h"

#include "base/alloc.h"
#include "base/path.h"
#include "bench/stats.h"

enum { SOURCE_MAX = 16 << 20 };

static bool exists(void *ctx, struct tm_str path)
{
    const struct tm_figures *figures = ctx;

    return tm_files_find(&figures->catalog->files, path) != NULL;
}

static void *owner(void *ctx, struct tm_str path)
{
    const struct tm_figures *figures = ctx;

    return tm_catalog_owner(figures->catalog, path);
}

static bool is_test(void *ctx, struct tm_str path)
{
    const struct tm_figures *figures = ctx;
    const struct tm_module *module = tm_catalog_owner(figures->catalog, path);

    return module && tm_catalog_role(module, path) == TM_ROLE_TEST;
}

static bool is_excluded(void *ctx, struct tm_str path)
{
    const struct tm_figures *figures = ctx;
    const struct tm_str_list *globs = &figures->repo->settings.coverage_exclude;

    for (size_t i = 0; i < globs->n; i++) {
        if (tm_path_matches(globs->items[i], path))
            return true;
    }
    return false;
}

void tm_figures_init(struct tm_figures *figures, const struct tm_repo *repo, const struct tm_catalog *catalog,
                     const struct tm_str *base, struct tm_prefix *mirror)
{
    *figures = (struct tm_figures) { .repo = repo, .catalog = catalog };
    figures->rules = (struct tm_attribute_rules){
        .resolver = {
            .root = tm_str(repo->root.path),
            .prefixes = mirror,
            .n_prefixes = mirror != NULL,
            .has_base = base != NULL,
            .base = base ? *base : TM_STR(""),
            .exists = exists,
            .ctx = figures,
        },
        .owner = owner,
        .is_test = is_test,
        .is_excluded = is_excluded,
        .ctx = figures,
    };
    figures->finder = (struct tm_source_finder) { &figures->rules.resolver, &repo->root, SOURCE_MAX };
    figures->all = TM_REPORT_INIT;
    figures->attribution = TM_ATTRIBUTION_INIT;
}

void tm_figures_release(struct tm_figures *figures)
{
    tm_report_release(&figures->all);
    tm_attribution_release(&figures->attribution);
    tm_drops_release(&figures->drops);
}

/* The repository folder that the report stands in; false when it is elsewhere. */
static bool report_folder(const struct tm_figures *figures, const char *path, struct tm_buf *folder)
{
    char *TM_CLEANUP(tm_freep) real = realpath(path, NULL);
    struct tm_str root = tm_str(figures->repo->root.path), full = tm_str(real);

    if (!real || !tm_path_is_below(full, root) || full.len == root.len)
        return false;
    tm_buf_add_str(folder, tm_path_dir(tm_str_from(full, root.len + 1)));
    return true;
}

enum tm_code tm_figures_read(struct tm_figures *figures, const char *path, const struct tm_format *format,
                             struct tm_err *err)
{
    struct tm_report TM_CLEANUP(tm_report_release) one = TM_REPORT_INIT;
    struct tm_attribution TM_CLEANUP(tm_attribution_release) part = TM_ATTRIBUTION_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;
    struct tm_resolver *resolver = &figures->rules.resolver;
    enum tm_code code;

    resolver->has_report_dir = report_folder(figures, path, &folder);
    resolver->report_dir = tm_buf_str(&folder);
    one.read_source = tm_resolve_source;
    one.read_source_ctx = &figures->finder;
    code = tm_report_read_file(path, format, &one, err);
    if (!code)
        code = tm_attribute(&part, &one, &figures->rules, err);
    if (!code)
        code = tm_report_merge(&figures->all, &part.report, err);
    if (!code)
        tm_drops_merge(&figures->drops, &part.drops);
    resolver->has_report_dir = false;
    return code;
}

enum tm_code tm_figures_attribute(struct tm_figures *figures, struct tm_err *err)
{
    /* Names are repository paths by now. */
    figures->rules.resolver.has_base = false;
    return tm_attribute(&figures->attribution, &figures->all, &figures->rules, err);
}

static struct tm_count count_of(struct tm_ratio ratio)
{
    return (struct tm_count) { .known = ratio.den > 0, .covered = ratio.num, .valid = ratio.den };
}

bool tm_figures_coverage(const struct tm_figures *figures, const struct tm_module *module,
                         struct tm_coverage_observation *obs)
{
    const struct tm_attributed_module *part = tm_attribution_of(&figures->attribution, module);

    if (!part || !tm_ratio_has_data(part->totals.lines))
        return false;
    obs->lines = count_of(part->totals.lines);
    obs->branches = count_of(part->totals.branches);
    obs->functions = count_of(part->totals.functions);
    obs->statements = count_of(part->totals.statements);
    obs->from.evidence = TM_MEASURED;
    obs->from.reason = TM_STR("");
    return true;
}

struct tm_module *tm_figures_bench_owner(const struct tm_catalog *catalog, struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    const char *end = memmem(name.data, name.len, "::", 2);

    if (!end || tm_path_resolve(&path, TM_STR(""), tm_str_n(name.data, (size_t)(end - name.data)), NULL) ||
        !tm_files_find(&catalog->files, tm_buf_str(&path)))
        return NULL;
    return tm_catalog_owner(catalog, tm_buf_str(&path));
}

static struct tm_bench_observation *without_figure(struct tm_arena *arena, const struct tm_provenance *from,
                                                   enum tm_evidence evidence, struct tm_str reason,
                                                   size_t *n_out)
{
    struct tm_bench_observation *obs = tm_arena_alloc(arena, sizeof(*obs));

    obs->from = *from;
    obs->from.evidence = evidence;
    obs->from.reason = tm_arena_str(arena, reason);
    *n_out = 1;
    return obs;
}

static void fill(struct tm_bench_observation *obs, struct tm_arena *arena, const struct tm_module *module,
                 const struct tm_bench_result *result, const struct tm_bench_stats *stats)
{
    obs->benchmark = tm_arena_str(arena, result->name);
    obs->samples = stats->samples;
    obs->p50 = stats->p50;
    obs->p95 = stats->p95;
    obs->p99 = stats->p99;
    obs->mean = stats->mean;
    obs->min = stats->min;
    obs->max = stats->max;
    obs->has_sla = module->manifest.has_sla_p95;
    obs->sla_p95_ns = module->manifest.sla_p95_ns;
}

static const struct tm_bench_result *first_failed(const struct tm_bench_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (results[i].failed)
            return &results[i];
    }
    return NULL;
}

struct tm_bench_observation *tm_figures_bench(struct tm_arena *arena, const struct tm_module *module,
                                              const struct tm_bench_result *results, size_t n,
                                              const struct tm_provenance *from, struct tm_str env,
                                              size_t *n_out)
{
    const struct tm_bench_result *failed = first_failed(results, n);
    struct tm_bench_stats *stats;
    struct tm_bench_observation *all;
    size_t slowest;

    if (n == 0)
        return without_figure(arena, from, TM_NO_DATA, TM_STR("the report has no benchmark"), n_out);
    if (failed) {
        /* It might have been the slowest: nothing can be said of the module. */
        struct tm_buf TM_CLEANUP(tm_buf_release) reason = TM_BUF_INIT;

        tm_buf_adds(&reason, "a benchmark failed: ");
        tm_buf_add_escaped(&reason, tm_str_n(failed->name.data, TM_MIN(failed->name.len, (size_t)400)));
        return without_figure(arena, from, TM_FAILED, tm_buf_str(&reason), n_out);
    }
    stats = tm_arena_array(arena, n, sizeof(*stats));
    for (size_t i = 0; i < n; i++)
        tm_bench_stats(&results[i], &stats[i]);
    slowest = tm_bench_slowest(results, stats, n);
    if (slowest == SIZE_MAX)
        return without_figure(arena, from, TM_NO_DATA, TM_STR("the report has no samples"), n_out);
    all = tm_arena_array(arena, n, sizeof(*all));
    for (size_t i = 0; i < n; i++) {
        /* The slowest changes places with the first. */
        size_t at = i == slowest ? 0 : i == 0 ? slowest : i;

        all[at].from = *from;
        all[at].from.evidence = TM_MEASURED;
        all[at].slowest = i == slowest;
        all[at].env = env;
        fill(&all[at], arena, module, &results[i], &stats[i]);
    }
    *n_out = n;
    return all;
}
