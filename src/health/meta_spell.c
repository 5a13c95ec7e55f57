/*
 * META_REGISTRY.json from what was computed: every value where its page says, null where there is none.
 */
#include "health/meta.h"

#include "base/json_write.h"
#include "catalog/registry.h"

enum { BP_DECIMALS = 2, NS_DECIMALS = 6 };

static void put_text(struct tm_json_writer *w, const char *key, struct tm_str text)
{
    tm_json_key(w, key);
    if (text.len)
        tm_json_put_str(w, text);
    else
        tm_json_put_null(w);
}

static void put_decimal(struct tm_json_writer *w, const char *key, bool known, int64_t value,
                        unsigned decimals)
{
    tm_json_key(w, key);
    if (known)
        tm_json_put_decimal(w, value, decimals);
    else
        tm_json_put_null(w);
}

static void put_count(struct tm_json_writer *w, const char *key, bool known, uint64_t value)
{
    tm_json_key(w, key);
    if (known)
        tm_json_put_u64(w, value);
    else
        tm_json_put_null(w);
}

static void put_bool(struct tm_json_writer *w, const char *key, bool known, bool value)
{
    tm_json_key(w, key);
    if (known)
        tm_json_put_bool(w, value);
    else
        tm_json_put_null(w);
}

static struct tm_str evidence_name(const struct tm_provenance *from)
{
    return tm_str(from ? tm_evidence_name(from->evidence) : NULL);
}

/* Where a figure comes from: time, commit and ledger entry. */
static void put_origin(struct tm_json_writer *w, const struct tm_observation *obs,
                       const struct tm_provenance *from)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) id = TM_BUF_INIT;

    tm_json_key(w, "observed_at");
    if (obs)
        tm_json_put_stamp(w, obs->ts_s);
    else
        tm_json_put_null(w);
    put_text(w, "commit", from ? from->commit : TM_STR(""));
    if (obs && obs->lc)
        tm_hash_add_hex(&id, &obs->id);
    put_text(w, "entry", tm_buf_str(&id));
}

static int64_t percent_bp(struct tm_ratio ratio)
{
    uint64_t bp = 0;

    return tm_ratio_bp(ratio, &bp) ? (int64_t)bp : 0;
}

static void put_coverage(struct tm_json_writer *w, const struct tm_meta_module *m)
{
    const struct tm_provenance *from = m->coverage ? &m->coverage->coverage.from : NULL;
    const struct tm_count *lines = m->coverage ? &m->coverage->coverage.lines : NULL;
    bool counted = m->has_coverage && lines && lines->known;

    tm_json_key(w, "coverage");
    tm_json_object_begin(w);
    put_decimal(w, "observed", m->has_coverage, percent_bp(m->observed), BP_DECIMALS);
    put_decimal(w, "target", true, percent_bp(m->target), BP_DECIMALS);
    put_decimal(w, "delta", m->has_coverage, m->has_coverage ? tm_meta_delta_bp(m->observed, m->target) : 0,
                BP_DECIMALS);
    put_bool(w, "meets_target", m->has_coverage, m->meets_target);
    put_text(w, "evidence", evidence_name(from));
    put_text(w, "reason", tm_str(m->coverage_reason));
    put_count(w, "lines_covered", counted, counted ? lines->covered : 0);
    put_count(w, "lines_valid", counted, counted ? lines->valid : 0);
    put_count(w, "unreported_files", counted && m->coverage->coverage.unreported_known,
              counted ? m->coverage->coverage.unreported : 0);
    put_origin(w, m->coverage, from);
    put_count(w, "carried_s", m->carried, (uint64_t)m->carried_s);
    tm_json_object_end(w);
}

static void put_latency(struct tm_json_writer *w, const char *key, bool measured,
                        const struct tm_latency *latency)
{
    put_decimal(w, key, measured && latency->known, latency->ns, NS_DECIMALS);
}

static void put_performance(struct tm_json_writer *w, const struct tm_meta_module *m)
{
    static const struct tm_bench_observation none = { 0 };
    const struct tm_bench_observation *bench = m->bench ? &m->bench->bench : &none;
    const struct tm_provenance *from = m->bench ? &bench->from : NULL;
    bool measured = m->bench && from->evidence == TM_MEASURED;

    tm_json_key(w, "performance");
    tm_json_object_begin(w);
    put_latency(w, "latency_p50_ms", measured, &bench->p50);
    put_latency(w, "latency_p95_ms", measured, &bench->p95);
    put_latency(w, "latency_p99_ms", measured, &bench->p99);
    put_decimal(w, "sla_p95_ms", m->module->manifest.has_sla_p95, m->module->manifest.sla_p95_ns,
                NS_DECIMALS);
    put_bool(w, "meets_sla", m->has_sla_verdict, m->meets_sla);
    put_text(w, "evidence", evidence_name(from));
    put_text(w, "reason", tm_str(m->bench_reason));
    put_text(w, "benchmark", measured ? bench->benchmark : TM_STR(""));
    put_count(w, "samples", measured && bench->samples, bench->samples);
    put_text(w, "env_fingerprint", measured ? bench->env : TM_STR(""));
    put_origin(w, m->bench, from);
    tm_json_object_end(w);
}

/* The state behind a component's points. */
static struct tm_str points_evidence(const struct tm_meta_module *m, enum tm_health_part part)
{
    if (part == TM_HEALTH_DOCS)
        return TM_STR("counted");
    if (m->health.points[part].known)
        return TM_STR("measured");
    if (part == TM_HEALTH_COVERAGE)
        return evidence_name(m->coverage ? &m->coverage->coverage.from : NULL);
    return evidence_name(m->bench ? &m->bench->bench.from : NULL);
}

static void put_health(struct tm_json_writer *w, const struct tm_meta *meta, const struct tm_meta_module *m)
{
    put_decimal(w, "health_score", true, m->health.tenths, 1);
    tm_json_key(w, "health");
    tm_json_object_begin(w);
    for (enum tm_health_part part = 0; part < TM_HEALTH_PARTS; part++) {
        const struct tm_health_points *points = &m->health.points[part];

        tm_json_key(w, tm_health_part_name(part));
        tm_json_object_begin(w);
        put_decimal(w, "points", points->known, points->hundredths, 2);
        tm_json_member_u64(w, "max", meta->formula->max[part]);
        put_text(w, "evidence", points_evidence(m, part));
        put_text(w, "reason", tm_str(m->points_reason[part]));
        tm_json_object_end(w);
    }
    tm_json_object_end(w);
}

static void put_module(struct tm_json_writer *w, const struct tm_meta *meta, const struct tm_meta_module *m)
{
    const struct tm_module *module = m->module;

    tm_json_object_begin(w);
    tm_json_member_str(w, "module", module->name);
    tm_json_member_str(w, "path", tm_module_shown_path(module));
    tm_registry_put_lane(w, module);
    tm_registry_put_status(w, module);
    tm_registry_put_texts(w, "tags", module->manifest.tags, module->manifest.n_tags);
    tm_json_member_u64(w, "docs_count", module->own.docs);
    tm_json_member_u64(w, "tests_count", module->own.tests);
    tm_json_member_u64(w, "api_count", module->manifest.n_apis);
    put_coverage(w, m);
    put_performance(w, m);
    put_health(w, meta, m);
    tm_json_object_end(w);
}

static void put_evidences(struct tm_json_writer *w, const char *key, const size_t counts[TM_META_EVIDENCES])
{
    tm_json_key(w, key);
    tm_json_object_begin(w);
    for (size_t i = 0; i < TM_META_EVIDENCES; i++)
        tm_json_member_u64(w, tm_meta_evidence_name(i), counts[i]);
    tm_json_object_end(w);
}

void tm_meta_put_summary(struct tm_json_writer *w, const struct tm_meta_summary *s)
{
    tm_json_object_begin(w);
    tm_json_member_u64(w, "total_modules", s->total);
    tm_json_member_u64(w, "with_coverage", s->with_coverage);
    tm_json_member_u64(w, "with_benchmarks", s->with_benchmarks);
    tm_json_member_u64(w, "coverage_carried", s->coverage_carried);
    tm_json_member_u64(w, "meeting_coverage_target", s->meeting_target);
    tm_json_member_u64(w, "meeting_sla", s->meeting_sla);
    tm_json_member_u64(w, "with_sla_verdict", s->with_sla_verdict);
    put_decimal(w, "avg_health_score", s->has_health, s->health_tenths, 1);
    put_evidences(w, "coverage_evidence", s->coverage_evidence);
    put_evidences(w, "benchmark_evidence", s->bench_evidence);
    tm_json_member_u64(w, "lines_covered", s->lines_covered);
    tm_json_member_u64(w, "lines_valid", s->lines_valid);
    tm_json_member_u64(w, "unknown_modules", s->unknown_modules);
    tm_json_member_u64(w, "claims_without_ledger", s->claims);
    tm_json_object_end(w);
}

static void spell(const struct tm_repo *repo, const void *subject, struct tm_buf *out, size_t *stamp_at)
{
    const struct tm_meta *meta = subject;
    struct tm_buf TM_CLEANUP(tm_buf_release) source = TM_BUF_INIT;
    struct tm_json_writer w;

    tm_repo_generated(repo, TM_REGISTRY_NAME, &source);
    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_members(&w, "schema_version", TM_META_SCHEMA);
    tm_generated_put_stamp(&w, stamp_at);
    tm_json_member_str(&w, "source_registry", tm_buf_str(&source));
    tm_json_members(&w, "formula", meta->formula->id);
    tm_json_member_u64(&w, "module_count", meta->summary.total);
    tm_json_key(&w, "summary");
    tm_meta_put_summary(&w, &meta->summary);
    tm_json_key(&w, "modules");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < meta->summary.total; i++)
        put_module(&w, meta, &meta->modules[i]);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

const struct tm_generated tm_meta_file = {
    .name = TM_META_NAME,
    .command = "tidemark fuse",
    .key = "module",
    .spell = spell,
};
