#include "ledger/observation.h"

#include "base/json_write.h"
#include "ledger/adopted.h"
#include "ledger/body.h"

enum { OID_HEX = 40, ENV_HEX = 16 };

static const char *const evidence_names[] = {
    [TM_MEASURED] = "measured", [TM_NO_DATA] = "no_data", [TM_FAILED] = "failed",
    [TM_TIMEOUT] = "timeout",   [TM_SKIPPED] = "skipped",
};

const char *tm_evidence_name(enum tm_evidence evidence)
{
    return evidence_names[evidence];
}

bool tm_evidence_parse(struct tm_str name, enum tm_evidence *out)
{
    for (size_t i = 0; i < TM_LEN(evidence_names); i++) {
        if (!tm_str_is(name, evidence_names[i]))
            continue;
        *out = (enum tm_evidence)i;
        return true;
    }
    return false;
}

static void opt_str(struct tm_json_writer *w, const char *key, struct tm_str text)
{
    if (text.len)
        tm_json_member_str(w, key, text);
}

static void opt_i64(struct tm_json_writer *w, const char *key, int64_t value)
{
    if (value >= 0)
        tm_json_member_u64(w, key, (uint64_t)value);
}

static void opt_latency(struct tm_json_writer *w, const char *key, struct tm_latency latency)
{
    if (latency.known)
        tm_json_member_u64(w, key, (uint64_t)latency.ns);
}

static void put_count(struct tm_json_writer *w, const char *covered, const char *valid, struct tm_count count)
{
    if (!count.known)
        return;
    tm_json_member_u64(w, covered, count.covered);
    tm_json_member_u64(w, valid, count.valid);
}

static void begin(struct tm_json_writer *w, struct tm_buf *out, const struct tm_provenance *from)
{
    tm_buf_clear(out);
    tm_json_writer_init(w, out, 0);
    tm_json_object_begin(w);
    tm_json_members(w, "evidence", tm_evidence_name(from->evidence));
    if (from->evidence != TM_MEASURED)
        opt_str(w, "reason", from->reason);
    opt_i64(w, "exit_status", from->exit_status);
}

static void end(struct tm_json_writer *w, const struct tm_provenance *from)
{
    opt_str(w, "commit", from->commit);
    opt_str(w, "tree", from->tree);
    tm_json_member_bool(w, "dirty", from->dirty);
    opt_str(w, "report_sha256", from->report_sha256);
    opt_str(w, "collector", from->collector);
    opt_str(w, "tool", from->tool);
    opt_i64(w, "duration_ns", from->duration_ns);
    opt_str(w, "manifest_blob", from->manifest_blob);
    tm_json_object_end(w);
}

void tm_coverage_body(const struct tm_coverage_observation *obs, struct tm_buf *out)
{
    struct tm_json_writer w;

    begin(&w, out, &obs->from);
    if (obs->from.evidence == TM_MEASURED) {
        put_count(&w, "lines_covered", "lines_valid", obs->lines);
        put_count(&w, "branches_covered", "branches_valid", obs->branches);
        put_count(&w, "functions_covered", "functions_valid", obs->functions);
        put_count(&w, "statements_covered", "statements_valid", obs->statements);
        if (obs->unreported_known)
            tm_json_member_u64(&w, "unreported_files", obs->unreported);
    }
    if (obs->tests_known) {
        tm_json_member_u64(&w, "tests_run", obs->tests_run);
        tm_json_member_u64(&w, "tests_skipped", obs->tests_skipped);
    }
    end(&w, &obs->from);
}

void tm_bench_body(const struct tm_bench_observation *obs, struct tm_buf *out)
{
    struct tm_json_writer w;

    begin(&w, out, &obs->from);
    if (obs->from.evidence == TM_MEASURED) {
        tm_json_member_str(&w, "benchmark", obs->benchmark);
        tm_json_member_bool(&w, "slowest", obs->slowest);
        if (obs->samples)
            tm_json_member_u64(&w, "samples", obs->samples);
        opt_latency(&w, "p50_ns", obs->p50);
        opt_latency(&w, "p95_ns", obs->p95);
        opt_latency(&w, "p99_ns", obs->p99);
        opt_latency(&w, "mean_ns", obs->mean);
        opt_latency(&w, "min_ns", obs->min);
        opt_latency(&w, "max_ns", obs->max);
        opt_str(&w, "env", obs->env);
    }
    if (obs->has_sla)
        tm_json_member_u64(&w, "sla_p95_ns", (uint64_t)obs->sla_p95_ns);
    end(&w, &obs->from);
}

static void read_begin(struct tm_body *body, struct tm_provenance *from)
{
    if (!tm_evidence_parse(tm_body_text(body, "evidence"), &from->evidence))
        tm_body_refuse(body, "evidence");
    from->reason = tm_body_opt_text(body, "reason");
    if (from->evidence == TM_MEASURED && from->reason.len)
        tm_body_refuse(body, "reason");
    from->exit_status = tm_body_opt_number(body, "exit_status");
    if (from->exit_status > 255)
        tm_body_refuse(body, "exit_status");
}

static void read_end(struct tm_body *body, struct tm_provenance *from)
{
    from->commit = tm_body_opt_hex(body, "commit", OID_HEX);
    from->tree = tm_body_opt_hex(body, "tree", OID_HEX);
    if (!from->commit.len != !from->tree.len)
        tm_body_refuse(body, "tree");
    from->dirty = tm_body_bool(body, "dirty");
    from->report_sha256 = tm_body_opt_hex(body, "report_sha256", TM_HASH_HEX);
    from->collector = tm_body_opt_text(body, "collector");
    from->tool = tm_body_opt_text(body, "tool");
    from->duration_ns = tm_body_opt_number(body, "duration_ns");
    from->manifest_blob = tm_body_opt_hex(body, "manifest_blob", OID_HEX);
}

static struct tm_count read_count(struct tm_body *body, const char *covered, const char *valid)
{
    struct tm_count count = { .known = true };

    count.covered = tm_body_number(body, covered);
    count.valid = tm_body_number(body, valid);
    if (count.covered > count.valid)
        tm_body_refuse(body, covered);
    return count;
}

static void read_counts(struct tm_body *body, struct tm_coverage_observation *obs)
{
    obs->lines = read_count(body, "lines_covered", "lines_valid");
    if (obs->lines.valid == 0)
        tm_body_refuse(body, "lines_valid");
    if (tm_body_has(body, "branches_covered"))
        obs->branches = read_count(body, "branches_covered", "branches_valid");
    if (tm_body_has(body, "functions_covered"))
        obs->functions = read_count(body, "functions_covered", "functions_valid");
    if (tm_body_has(body, "statements_covered"))
        obs->statements = read_count(body, "statements_covered", "statements_valid");
    obs->unreported_known = tm_body_has(body, "unreported_files");
    if (obs->unreported_known)
        obs->unreported = tm_body_number(body, "unreported_files");
}

enum tm_code tm_coverage_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                              struct tm_coverage_observation *obs, struct tm_err *err)
{
    struct tm_coverage_observation read = { 0 };
    struct tm_body_fault fault;
    struct tm_body body;
    enum tm_code code;

    if (entry->adopted)
        return tm_adopted_coverage(entry, obs, err);
    code = tm_body_expect(entry, TM_LEDGER_COVERAGE, err);
    if (code)
        return code;
    tm_body_init(&body, entry, arena, &fault);
    read_begin(&body, &read.from);
    if (read.from.evidence == TM_MEASURED)
        read_counts(&body, &read);
    read.tests_known = tm_body_has(&body, "tests_run");
    if (read.tests_known) {
        read.tests_run = tm_body_number(&body, "tests_run");
        read.tests_skipped = tm_body_number(&body, "tests_skipped");
    }
    read_end(&body, &read.from);
    code = tm_body_finish(&body, entry, err);
    if (!code)
        *obs = read;
    return code;
}

static struct tm_latency read_latency(struct tm_body *body, const char *key)
{
    int64_t ns = tm_body_opt_number(body, key);

    return (struct tm_latency) { ns >= 0, TM_MAX(ns, (int64_t)0) };
}

static void read_figures(struct tm_body *body, struct tm_bench_observation *obs)
{
    obs->benchmark = tm_body_text(body, "benchmark");
    obs->slowest = tm_body_bool(body, "slowest");
    if (tm_body_has(body, "samples")) {
        obs->samples = tm_body_number(body, "samples");
        if (obs->samples == 0)
            tm_body_refuse(body, "samples");
    }
    obs->p50 = read_latency(body, "p50_ns");
    obs->p95 = read_latency(body, "p95_ns");
    obs->p99 = read_latency(body, "p99_ns");
    obs->mean = read_latency(body, "mean_ns");
    obs->min = read_latency(body, "min_ns");
    obs->max = read_latency(body, "max_ns");
    obs->env = tm_body_opt_hex(body, "env", ENV_HEX);
}

enum tm_code tm_bench_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                           struct tm_bench_observation *obs, struct tm_err *err)
{
    struct tm_bench_observation read = { 0 };
    struct tm_body_fault fault;
    struct tm_body body;
    enum tm_code code;

    if (entry->adopted)
        return tm_adopted_bench(entry, arena, obs, err);
    code = tm_body_expect(entry, TM_LEDGER_BENCH, err);
    if (code)
        return code;
    tm_body_init(&body, entry, arena, &fault);
    read_begin(&body, &read.from);
    if (read.from.evidence == TM_MEASURED)
        read_figures(&body, &read);
    read.has_sla = tm_body_has(&body, "sla_p95_ns");
    if (read.has_sla)
        read.sla_p95_ns = (int64_t)tm_body_number(&body, "sla_p95_ns");
    read_end(&body, &read.from);
    code = tm_body_finish(&body, entry, err);
    if (!code)
        *obs = read;
    return code;
}

bool tm_coverage_ratio(const struct tm_coverage_observation *obs, struct tm_ratio *out)
{
    struct tm_ratio r =
        obs->is_percent ? obs->percent : (struct tm_ratio) { obs->lines.covered, obs->lines.valid };

    if (obs->from.evidence != TM_MEASURED || (!obs->is_percent && !obs->lines.known) || !tm_ratio_has_data(r))
        return false;
    *out = r;
    return true;
}
