#include "ledger/backing.h"

#include "base/clock.h"
#include "catalog/observed.h"
#include "ledger/observation.h"
#include "ledger/read.h"

static bool is_absent(const struct tm_json_node *node)
{
    return !node || node->kind == TM_JSON_KIND_NULL;
}

/* True when the number, times scale and rounded, is value. */
static bool is_number(const struct tm_json_node *node, uint64_t scale, uint64_t value)
{
    struct tm_ratio number;
    uint64_t rounded;

    return !is_absent(node) && node->kind == TM_JSON_KIND_NUMBER && tm_ratio_parse(node->text, &number) &&
           tm_ratio_round(number, scale, &rounded) && rounded == value;
}

static bool is_time(const struct tm_json_node *node, int64_t ts_s)
{
    struct tm_str text;
    int64_t time_s;

    return tm_json_node_str(node, &text) && tm_clock_parse(text, &time_s) && time_s == ts_s;
}

static bool has_coverage(const struct tm_json_node *manifest, const struct tm_ledger_entry *entry,
                         struct tm_arena *arena)
{
    const struct tm_json_node *coverage = tm_json_at(manifest, "testing.coverage_observed");
    struct tm_coverage_observation obs;
    struct tm_ratio ratio;
    uint64_t bp;

    if (!is_time(tm_json_at(manifest, "testing.observed_at"), entry->ts_s) ||
        tm_coverage_read(entry, arena, &obs, NULL))
        return false;
    if (!tm_coverage_ratio(&obs, &ratio))
        return is_absent(coverage);
    return tm_ratio_bp(ratio, &bp) && is_number(coverage, 100, bp);
}

static bool has_latency(const struct tm_json_node *node, struct tm_latency latency)
{
    return latency.known ? is_number(node, 1000000, (uint64_t)latency.ns) : is_absent(node);
}

static bool has_bench(const struct tm_json_node *manifest, const struct tm_ledger_entry *entry,
                      struct tm_arena *arena)
{
    const struct tm_json_node *observed = tm_json_at(manifest, "performance.observed");
    const struct tm_json_node *env = tm_json_get(observed, "env_fingerprint");
    struct tm_bench_observation obs;
    struct tm_str fingerprint = TM_STR("");

    if (!is_time(tm_json_get(observed, "observed_at"), entry->ts_s) ||
        tm_bench_read(entry, arena, &obs, NULL))
        return false;
    if (obs.from.evidence == TM_MEASURED && !obs.slowest)
        return false;
    if (obs.from.evidence == TM_MEASURED && !is_absent(env) && !tm_json_node_str(env, &fingerprint))
        return false;
    /* What takes a figure away leaves the fingerprint. */
    if (obs.from.evidence == TM_MEASURED && !tm_str_eq(fingerprint, obs.env))
        return false;
    return has_latency(tm_json_get(observed, "latency_p50_ms"), obs.p50) &&
           has_latency(tm_json_get(observed, "latency_p95_ms"), obs.p95) &&
           has_latency(tm_json_get(observed, "latency_p99_ms"), obs.p99);
}

bool tm_backing_has(const struct tm_json_node *manifest, unsigned group, const struct tm_ledger_entry *entry)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;

    return group == TM_OBSERVED_BENCH ? has_bench(manifest, entry, &arena)
                                      : has_coverage(manifest, entry, &arena);
}

struct look {
    unsigned group;
    struct tm_backed *sides;
    size_t n;
};

/* Entries come in ledger order: the last one of a version stays. */
static enum tm_code look_at(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct look *look = ctx;

    for (size_t i = 0; i < look->n; i++) {
        struct tm_backed *side = &look->sides[i];

        if (!tm_str_eq(entry->module, side->module) || !tm_backing_has(side->manifest, look->group, entry))
            continue;
        side->found = true;
        side->line = entry->line;
        side->key = (struct tm_ledger_key) { 0 };
        if (!entry->adopted)
            side->key = (struct tm_ledger_key) { entry->lc, entry->id };
    }
    return TM_OK;
}

static int compare(const struct tm_backed *a, const struct tm_backed *b)
{
    int order = tm_ledger_key_cmp(&a->key, &b->key);

    if (a->found != b->found)
        return a->found ? 1 : -1;
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

enum tm_code tm_backing_look(const struct tm_ledger_version *version, unsigned group, struct tm_backed *sides,
                             size_t n, struct tm_err *err)
{
    struct tm_backed fresh[2];
    struct look look = { group, fresh, n };
    enum tm_code code;

    assert(n <= TM_LEN(fresh));
    for (size_t i = 0; i < n; i++)
        fresh[i] = (struct tm_backed) { .module = sides[i].module, .manifest = sides[i].manifest };
    code = tm_ledger_read_fd(version->fd, version->size, version->name, TM_READ_IDS, look_at, &look, NULL,
                             NULL, err);
    for (size_t i = 0; i < n && !code; i++)
        if (compare(&fresh[i], &sides[i]) > 0)
            sides[i] = fresh[i];
    return code;
}

const struct tm_backed *tm_backing_last(const struct tm_backed *sides, size_t n)
{
    const struct tm_backed *last = NULL;

    for (size_t i = 0; i < n; i++)
        if (sides[i].found && (!last || compare(&sides[i], last) > 0))
            last = &sides[i];
    return last;
}
