#include "consistency/claimed.h"

#include "ledger/backing.h"
#include "ledger/observation.h"

enum { LATENCIES = 3 };
static const char *const latencies[LATENCIES] = { "latency_p50_ms", "latency_p95_ms", "latency_p99_ms" };

bool tm_claimed_is_known(const struct tm_observed_field *field)
{
    const char *name = field->path[2];

    if (field->group == TM_OBSERVED_COVERAGE || strcmp(name, "observed_at") == 0 ||
        strcmp(name, "env_fingerprint") == 0)
        return true;
    for (size_t i = 0; i < LATENCIES; i++)
        if (strcmp(name, latencies[i]) == 0)
            return true;
    return false;
}

static bool has_coverage(const struct tm_json_node *root, const struct tm_ledger_entry *line)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) claim = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) figure = TM_BUF_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_coverage_observation obs;
    struct tm_ratio ratio;

    if (tm_coverage_read(line, &arena, &obs, NULL) || !tm_coverage_ratio(&obs, &ratio) ||
        !tm_observed_add_percent(&claim, tm_json_at(root, "testing.coverage_observed")))
        return false;
    tm_ratio_add_percent(&figure, ratio);
    return tm_str_eq(tm_buf_str(&claim), tm_buf_str(&figure));
}

static bool is_latency(const struct tm_json_node *claim, struct tm_latency latency)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) ns = TM_BUF_INIT;
    uint64_t value;

    return tm_observed_add_ns(&ns, claim) && tm_str_u64(tm_buf_str(&ns), &value) &&
           value == (uint64_t)latency.ns;
}

/* Who wrote unchained lines had fields of its own: only what both have is compared, and some must be. */
static bool has_bench(const struct tm_json_node *root, const struct tm_ledger_entry *line)
{
    const struct tm_json_node *observed = tm_json_at(root, "performance.observed");
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_bench_observation obs;
    size_t same = 0;

    if (tm_bench_read(line, &arena, &obs, NULL))
        return false;
    for (size_t i = 0; i < LATENCIES; i++) {
        const struct tm_latency all[LATENCIES] = { obs.p50, obs.p95, obs.p99 };
        const struct tm_json_node *claim = tm_json_get(observed, latencies[i]);

        if (!claim || claim->kind == TM_JSON_KIND_NULL || !all[i].known)
            continue;
        if (!is_latency(claim, all[i]))
            return false;
        same++;
    }
    return same > 0;
}

/* An unchained line: it says when, and one figure. */
static bool has_figure_in_time(const struct tm_claimed *claimed, const struct tm_ledger_entry *line)
{
    const struct tm_json_node *root = claimed->fields->doc.root;
    int64_t apart;

    if (line->ts_s < 0 || __builtin_sub_overflow(line->ts_s, claimed->commit_s, &apart) ||
        apart > claimed->tolerance_s || apart < -claimed->tolerance_s)
        return false;
    return claimed->group == TM_OBSERVED_BENCH ? has_bench(root, line) : has_coverage(root, line);
}

enum tm_backing tm_claimed_by(const struct tm_claimed *claimed, const struct tm_ledger_entry *entry)
{
    if (entry->adopted)
        return has_figure_in_time(claimed, entry) ? TM_BACKED_TIME : TM_BACKED_SILENT;
    return tm_backing_has(claimed->fields->doc.root, claimed->group, entry) ? TM_BACKED_FIGURES
                                                                            : TM_BACKED_SILENT;
}
