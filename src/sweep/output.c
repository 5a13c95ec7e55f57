#include "base/clock.h"
#include "base/json_write.h"
#include "sweep/pass.h"

enum { UNREPORTED_MAX = 1000 }; /* paths of one module in JSON */

const struct tm_provenance *tm_sweep_from(const struct tm_sweep_outcome *outcome)
{
    return outcome->kind == TM_COLLECT_BENCH ? &outcome->bench[0].from : &outcome->coverage.from;
}

const struct tm_bench_observation *tm_sweep_slowest(const struct tm_sweep_outcome *outcome)
{
    for (size_t i = 0; i < outcome->n_bench; i++) {
        if (outcome->bench[i].slowest && outcome->bench[i].from.evidence == TM_MEASURED)
            return &outcome->bench[i];
    }
    return NULL;
}

struct tm_sweep_totals tm_pass_totals(const struct tm_sweep_pass *result)
{
    struct tm_sweep_totals totals = { .modules = result->n_outcomes };

    for (size_t i = 0; i < result->n_outcomes; i++) {
        switch (tm_sweep_from(&result->outcomes[i])->evidence) {
        case TM_MEASURED:
            totals.measured++;
            break;
        case TM_NO_DATA:
            totals.no_data++;
            break;
        case TM_FAILED:
            totals.failed++;
            break;
        case TM_TIMEOUT:
            totals.timeout++;
            break;
        case TM_SKIPPED:
            totals.skipped++;
            break;
        }
    }
    return totals;
}

static void add_ms(struct tm_buf *out, int64_t ns)
{
    tm_ratio_add_decimal(out, (struct tm_ratio) { (uint64_t)ns, 1000000 }, 3);
    tm_buf_adds(out, " ms");
}

static void add_latency(struct tm_buf *out, const char *name, struct tm_latency latency)
{
    tm_buf_addf(out, "%s ", name);
    if (latency.known)
        add_ms(out, latency.ns);
    else
        tm_buf_adds(out, "n/a");
}

static void add_bench(struct tm_buf *out, const struct tm_bench_observation *slowest)
{
    add_latency(out, "p50", slowest->p50);
    add_latency(out, ", p95", slowest->p95);
    if (slowest->has_sla && slowest->p95.known) {
        tm_buf_adds(out,
                    slowest->p95.ns <= slowest->sla_p95_ns ? ", within its SLA of " : ", over its SLA of ");
        add_ms(out, slowest->sla_p95_ns);
    }
    tm_buf_addf(out, " (%.*s)", TM_STR_ARG(slowest->benchmark));
}

static void add_coverage(struct tm_buf *out, const struct tm_coverage_observation *coverage)
{
    const struct tm_count *lines = &coverage->lines;

    tm_ratio_add_percent(out, (struct tm_ratio) { lines->covered, lines->valid });
    tm_buf_addf(out, " %% (%llu of %llu lines", (unsigned long long)lines->covered,
                (unsigned long long)lines->valid);
    if (coverage->unreported)
        tm_buf_addf(out, "; %llu source %s unreported", (unsigned long long)coverage->unreported,
                    coverage->unreported == 1 ? "file" : "files");
    tm_buf_addc(out, ')');
}

void tm_sweep_add_result(struct tm_buf *out, const struct tm_sweep_outcome *outcome)
{
    const struct tm_provenance *from = tm_sweep_from(outcome);
    const struct tm_bench_observation *slowest = tm_sweep_slowest(outcome);

    if (from->evidence == TM_MEASURED) {
        if (slowest)
            add_bench(out, slowest);
        else
            add_coverage(out, &outcome->coverage);
        return;
    }
    tm_buf_adds(out, tm_evidence_name(from->evidence));
    if (from->reason.len)
        tm_buf_addf(out, ": %.*s", TM_STR_ARG(from->reason));
}

static void put_count(struct tm_json_writer *w, const char *name, const struct tm_count *count)
{
    if (!count->known)
        return;
    tm_json_key(w, name);
    tm_json_object_begin(w);
    tm_json_member_u64(w, "covered", count->covered);
    tm_json_member_u64(w, "valid", count->valid);
    tm_json_object_end(w);
}

static void put_ns(struct tm_json_writer *w, const char *name, struct tm_latency latency)
{
    tm_json_key(w, name);
    if (latency.known)
        tm_json_put_i64(w, latency.ns);
    else
        tm_json_put_null(w);
}

static void put_benchmark(struct tm_json_writer *w, const struct tm_bench_observation *bench)
{
    tm_json_object_begin(w);
    tm_json_member_str(w, "name", bench->benchmark);
    tm_json_member_bool(w, "slowest", bench->slowest);
    tm_json_member_u64(w, "samples", bench->samples);
    put_ns(w, "p50_ns", bench->p50);
    put_ns(w, "p95_ns", bench->p95);
    put_ns(w, "p99_ns", bench->p99);
    tm_json_member_str(w, "env", bench->env);
    tm_json_object_end(w);
}

static void put_unreported(struct tm_json_writer *w, const struct tm_sweep_outcome *outcome)
{
    const struct tm_coverage_observation *coverage = &outcome->coverage;

    if (!coverage->unreported_known)
        return;
    tm_json_member_u64(w, "unreported_files", coverage->unreported);
    if (!outcome->unreported)
        return;
    tm_json_key(w, "unreported");
    tm_json_array_begin(w);
    for (uint64_t i = 0; i < TM_MIN(coverage->unreported, (uint64_t)UNREPORTED_MAX); i++)
        tm_json_put_str(w, outcome->unreported[i]);
    tm_json_array_end(w);
}

static void put_coverage(struct tm_json_writer *w, const struct tm_sweep_outcome *outcome)
{
    const struct tm_coverage_observation *coverage = &outcome->coverage;
    uint64_t bp;

    if (coverage->from.evidence == TM_MEASURED &&
        tm_ratio_bp((struct tm_ratio) { coverage->lines.covered, coverage->lines.valid }, &bp)) {
        tm_json_key(w, "coverage_pct");
        tm_json_put_decimal(w, (int64_t)bp, 2);
        put_count(w, "lines", &coverage->lines);
        put_count(w, "branches", &coverage->branches);
        put_count(w, "functions", &coverage->functions);
        put_count(w, "statements", &coverage->statements);
        put_unreported(w, outcome);
    }
    if (coverage->tests_known) {
        tm_json_member_u64(w, "tests_run", coverage->tests_run);
        tm_json_member_u64(w, "tests_skipped", coverage->tests_skipped);
    }
}

static void put_bench(struct tm_json_writer *w, const struct tm_sweep_outcome *outcome)
{
    const struct tm_bench_observation *slowest = tm_sweep_slowest(outcome);

    if (!slowest)
        return;
    if (slowest->has_sla && slowest->p95.known) {
        tm_json_key(w, "sla_p95_ns");
        tm_json_put_i64(w, slowest->sla_p95_ns);
        tm_json_member_bool(w, "meets_sla", slowest->p95.ns <= slowest->sla_p95_ns);
    }
    tm_json_key(w, "benchmarks");
    tm_json_array_begin(w);
    for (size_t i = 0; i < outcome->n_bench; i++)
        put_benchmark(w, &outcome->bench[i]);
    tm_json_array_end(w);
}

static void put_outcome(struct tm_json_writer *w, const struct tm_sweep_outcome *outcome)
{
    const struct tm_provenance *from = tm_sweep_from(outcome);

    tm_json_object_begin(w);
    tm_json_member_str(w, "module", outcome->module->name);
    tm_json_member_str(w, "path", outcome->module->path);
    tm_json_members(w, "evidence", tm_evidence_name(from->evidence));
    if (from->reason.len)
        tm_json_member_str(w, "reason", from->reason);
    if (from->exit_status >= 0)
        tm_json_member_u64(w, "exit_status", (uint64_t)from->exit_status);
    if (from->collector.len)
        tm_json_member_str(w, "collector", from->collector);
    if (from->tool.len)
        tm_json_member_str(w, "tool", from->tool);
    if (from->duration_ns >= 0)
        tm_json_member_u64(w, "duration_ns", (uint64_t)from->duration_ns);
    if (outcome->log_path.len)
        tm_json_member_str(w, "log", outcome->log_path);
    if (outcome->kind == TM_COLLECT_BENCH)
        put_bench(w, outcome);
    else
        put_coverage(w, outcome);
    tm_json_object_end(w);
}

static void put_pass(struct tm_json_writer *w, const struct tm_sweep_pass *pass)
{
    tm_json_object_begin(w);
    tm_json_key(w, "totals");
    tm_json_object_begin(w);
    tm_json_member_u64(w, "modules", pass->totals.modules);
    tm_json_member_u64(w, "measured", pass->totals.measured);
    tm_json_member_u64(w, "no_data", pass->totals.no_data);
    tm_json_member_u64(w, "failed", pass->totals.failed);
    tm_json_member_u64(w, "timeout", pass->totals.timeout);
    tm_json_member_u64(w, "skipped", pass->totals.skipped);
    tm_json_object_end(w);
    tm_json_member_u64(w, "ledger_entries", pass->entries);
    tm_json_member_u64(w, "duration_ns", (uint64_t)pass->duration_ns);
    tm_json_key(w, "modules");
    tm_json_array_begin(w);
    for (size_t i = 0; i < pass->n_outcomes; i++)
        put_outcome(w, &pass->outcomes[i]);
    tm_json_array_end(w);
    tm_json_object_end(w);
}

void tm_sweep_json(const struct tm_sweep *sweep, struct tm_json_writer *w)
{
    tm_json_object_begin(w);
    tm_json_members(w, "run", sweep->run);
    tm_json_key(w, "started_at");
    tm_json_put_stamp(w, sweep->started_s);
    for (size_t kind = 0; kind < TM_SWEEP_KINDS; kind++) {
        if (!sweep->pass[kind].ran)
            continue;
        tm_json_key(w, tm_kind_name((enum tm_collector_kind)kind));
        put_pass(w, &sweep->pass[kind]);
    }
    tm_json_object_end(w);
}
