#include "sweep/figures.h"

#include "base/alloc.h"
#include "base/path.h"
#include "bench/stats.h"

static struct tm_count count_of(struct tm_ratio ratio)
{
    return (struct tm_count) { .known = ratio.den > 0, .covered = ratio.num, .valid = ratio.den };
}

bool tm_figures_coverage(const struct tm_gather *gather, struct tm_arena *arena,
                         struct tm_sweep_outcome *outcome)
{
    const struct tm_attributed_module *part = tm_attribution_of(&gather->attribution, outcome->module);
    struct tm_coverage_observation *obs = &outcome->coverage;
    size_t n;

    if (!part || !tm_ratio_has_data(part->totals.lines))
        return false;
    obs->lines = count_of(part->totals.lines);
    obs->branches = count_of(part->totals.branches);
    obs->functions = count_of(part->totals.functions);
    obs->statements = count_of(part->totals.statements);
    obs->from.evidence = TM_MEASURED;
    obs->from.reason = TM_STR("");
    if (gather->repo->settings.coverage_all) {
        outcome->unreported = tm_gather_unreported(gather, outcome->module, arena, &n);
        obs->unreported_known = true;
        obs->unreported = n;
    }
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
