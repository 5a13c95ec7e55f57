#include "health/meta.h"

#include "base/alloc.h"

/* What the ledgers say of one module name, over all their entries. */
struct seen {
    bool measured; /* coverage, at least once */
};

const char *tm_meta_evidence_name(size_t index)
{
    assert(index < TM_META_EVIDENCES);
    return index == TM_META_NEVER ? "none" : tm_evidence_name((enum tm_evidence)index);
}

int64_t tm_meta_delta_bp(struct tm_ratio observed, struct tm_ratio target)
{
    uint64_t observed_bp = 0, target_bp = 0;
    bool known = tm_ratio_bp(observed, &observed_bp) && tm_ratio_bp(target, &target_bp);
    int64_t delta = (int64_t)observed_bp - (int64_t)target_bp;

    assert(known);
    return delta ? delta : tm_ratio_cmp(observed, target);
}

static const char *keep(struct tm_meta *meta, struct tm_str text)
{
    return tm_arena_str(&meta->arena, text).data;
}

/* Why an observation has no value: its own words, else its state. */
static const char *reason_of(struct tm_meta *meta, const struct tm_provenance *from)
{
    if (from->reason.len)
        return keep(meta, from->reason);
    return tm_evidence_name(from->evidence);
}

/* A figure of another run than the newest one, to which `last` belongs. */
static void judge_age(struct tm_meta_module *m, const struct tm_observation *last)
{
    const struct tm_observation *newest = m->coverage;

    m->carried = m->has_coverage && (newest->run.len == 0 || !tm_str_eq(newest->run, last->run));
    m->carried_s = m->carried ? TM_MAX(last->ts_s - newest->ts_s, (int64_t)0) : 0;
}

static void judge_coverage(struct tm_meta *meta, struct tm_meta_module *m)
{
    const struct tm_observation *newest = m->coverage;

    m->target = tm_manifest_target(&m->module->manifest);
    m->has_coverage = newest && newest->coverage.from.evidence == TM_MEASURED &&
                      tm_coverage_ratio(&newest->coverage, &m->observed);
    if (m->has_coverage)
        m->meets_target = tm_ratio_cmp(m->observed, m->target) >= 0;
    else
        m->coverage_reason = newest ? reason_of(meta, &newest->coverage.from) : "never measured";
}

static void judge_bench(struct tm_meta *meta, struct tm_meta_module *m)
{
    const struct tm_manifest *manifest = &m->module->manifest;
    const struct tm_observation *newest = m->bench;
    bool measured = newest && newest->bench.from.evidence == TM_MEASURED;

    m->has_p95 = measured && newest->bench.p95.known;
    m->has_sla_verdict = m->has_p95 && manifest->has_sla_p95;
    m->meets_sla = m->has_sla_verdict && newest->bench.p95.ns <= manifest->sla_p95_ns;
    if (!newest)
        m->bench_reason = "never measured";
    else if (!measured)
        m->bench_reason = reason_of(meta, &newest->bench.from);
    else if (!m->has_p95)
        m->bench_reason = "too few samples for a p95";
}

static void score(struct tm_meta *meta, struct tm_meta_module *m)
{
    const struct tm_health_facts facts = {
        .has_coverage = m->has_coverage,
        .coverage = m->observed,
        .has_sla_verdict = m->has_sla_verdict,
        .meets_sla = m->meets_sla,
        .has_docs = m->module->own.docs > 0,
    };

    meta->formula->score(&facts, &m->health);
    if (!m->health.points[TM_HEALTH_COVERAGE].known)
        m->points_reason[TM_HEALTH_COVERAGE] = m->coverage_reason;
    if (!m->health.points[TM_HEALTH_SLA].known)
        m->points_reason[TM_HEALTH_SLA] =
            m->module->manifest.has_sla_p95 ? m->bench_reason : "no p95 SLA in the manifest";
}

static size_t evidence_of(const struct tm_observation *newest, const struct tm_provenance *from)
{
    return newest ? (size_t)from->evidence : TM_META_NEVER;
}

static void add_to_summary(struct tm_meta_summary *s, const struct tm_meta_module *m)
{
    const struct tm_count *lines = m->has_coverage ? &m->coverage->coverage.lines : NULL;

    s->total++;
    s->coverage_evidence[evidence_of(m->coverage, m->coverage ? &m->coverage->coverage.from : NULL)]++;
    s->bench_evidence[evidence_of(m->bench, m->bench ? &m->bench->bench.from : NULL)]++;
    s->with_coverage += m->has_coverage;
    s->meeting_target += m->meets_target;
    s->coverage_carried += m->carried;
    s->with_benchmarks += m->bench && m->bench->bench.from.evidence == TM_MEASURED;
    s->with_sla_verdict += m->has_sla_verdict;
    s->meeting_sla += m->meets_sla;
    s->claims += m->claims;
    if (lines && lines->known) {
        s->lines_covered += lines->covered;
        s->lines_valid += lines->valid;
    }
}

/* One entry per module name in the ledgers. */
static void see_observations(struct tm_meta *meta, const struct tm_observations *all, struct tm_map *names)
{
    const struct {
        const struct tm_observation *items;
        size_t n;
    } lists[] = { { all->coverage, all->n_coverage }, { all->bench, all->n_bench } };

    for (size_t l = 0; l < TM_LEN(lists); l++) {
        for (size_t i = 0; i < lists[l].n; i++) {
            const struct tm_observation *obs = &lists[l].items[i];
            void **value = tm_map_at(names, obs->module, NULL);
            struct seen *seen = *value;

            if (!seen)
                *value = seen = tm_arena_alloc(&meta->arena, sizeof(*seen));
            seen->measured |= l == 0 && obs->coverage.from.evidence == TM_MEASURED;
        }
    }
}

static size_t count_unknown(const struct tm_catalog *catalog, const struct tm_map *names)
{
    size_t n = 0;

    for (size_t i = 0; i < names->len; i++)
        n += names->entries[i].key.len && !tm_map_has(&catalog->by_name, names->entries[i].key);
    return n;
}

static void compute(struct tm_meta *meta, const struct tm_observations *all)
{
    struct tm_map TM_CLEANUP(tm_map_release) names = TM_MAP_INIT;
    const struct tm_catalog *catalog = meta->catalog;
    uint64_t sum_tenths = 0;

    see_observations(meta, all, &names);
    meta->modules = tm_arena_array(&meta->arena, catalog->n_modules, sizeof(*meta->modules));
    for (size_t i = 0; i < catalog->n_modules; i++) {
        struct tm_meta_module *m = &meta->modules[i];
        const struct seen *seen = tm_map_get(&names, catalog->modules[i].name);

        m->module = &catalog->modules[i];
        m->coverage = tm_observations_coverage(all, m->module->name);
        m->bench = tm_observations_bench(all, m->module->name);
        m->claims = m->module->manifest.claims_coverage && !(seen && seen->measured);
        judge_coverage(meta, m);
        if (all->n_coverage)
            judge_age(m, &all->coverage[all->n_coverage - 1]);
        judge_bench(meta, m);
        score(meta, m);
        add_to_summary(&meta->summary, m);
        sum_tenths += m->health.tenths;
    }
    meta->summary.unknown_modules = count_unknown(catalog, &names);
    meta->summary.has_health = tm_health_mean(sum_tenths, meta->summary.total, &meta->summary.health_tenths);
}

enum tm_code tm_meta_compute(struct tm_meta *meta, const struct tm_repo *repo,
                             const struct tm_catalog *catalog, const struct tm_observations *observations,
                             struct tm_err *err)
{
    const struct tm_health_formula *formula = tm_health_find(repo->settings.health);

    if (!formula)
        return tm_err_set(err, TM_E_SETTINGS, "unknown health formula '%.*s', known are: t4",
                          TM_STR_ARG(repo->settings.health));
    *meta = TM_META_INIT;
    meta->catalog = catalog;
    meta->formula = formula;
    compute(meta, observations);
    return TM_OK;
}

void tm_meta_release(struct tm_meta *meta)
{
    tm_arena_release(&meta->arena);
    *meta = TM_META_INIT;
}

const struct tm_meta_module *tm_meta_of(const struct tm_meta *meta, const struct tm_module *module)
{
    return &meta->modules[module - meta->catalog->modules];
}
