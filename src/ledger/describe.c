#include "ledger/describe.h"

#include "base/clock.h"
#include "base/path.h"
#include "ledger/act.h"
#include "ledger/observation.h"

static void add_provenance(const struct tm_provenance *from, struct tm_buf *out)
{
    tm_buf_adds(out, tm_evidence_name(from->evidence));
    if (from->reason.len)
        tm_buf_addf(out, ": %.*s", TM_STR_ARG(from->reason));
    else if (from->exit_status >= 0)
        tm_buf_addf(out, ": exit status %lld", (long long)from->exit_status);
}

static enum tm_code describe_coverage(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                                      struct tm_buf *out, struct tm_err *err)
{
    struct tm_coverage_observation obs;
    struct tm_ratio ratio;
    enum tm_code code = tm_coverage_read(entry, arena, &obs, err);

    if (code)
        return code;
    if (!tm_coverage_ratio(&obs, &ratio)) {
        add_provenance(&obs.from, out);
        return TM_OK;
    }
    tm_ratio_add_percent(out, ratio);
    tm_buf_adds(out, " %");
    if (!obs.is_percent)
        tm_buf_addf(out, " (%llu of %llu lines)", (unsigned long long)obs.lines.covered,
                    (unsigned long long)obs.lines.valid);
    return TM_OK;
}

static void add_latency(const char *name, struct tm_latency latency, struct tm_buf *out)
{
    tm_buf_addf(out, ", %s ", name);
    if (latency.known)
        tm_clock_add_ms(out, latency.ns);
    tm_buf_adds(out, latency.known ? " ms" : "n/a");
}

static enum tm_code describe_bench(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                                   struct tm_buf *out, struct tm_err *err)
{
    struct tm_bench_observation obs;
    enum tm_code code = tm_bench_read(entry, arena, &obs, err);

    if (code)
        return code;
    if (obs.from.evidence != TM_MEASURED) {
        add_provenance(&obs.from, out);
        return TM_OK;
    }
    tm_buf_add_str(out, obs.benchmark.len ? obs.benchmark : TM_STR("-"));
    add_latency("p50", obs.p50, out);
    add_latency("p95", obs.p95, out);
    if (obs.slowest)
        tm_buf_adds(out, ", slowest");
    return TM_OK;
}

static enum tm_code describe_scaffold(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                                      struct tm_buf *out, struct tm_err *err)
{
    struct tm_scaffold_act act;
    enum tm_code code = tm_scaffold_read(entry, arena, &act, err);

    if (!code)
        tm_buf_addf(out, "%zu file%s created", act.n_files, act.n_files == 1 ? "" : "s");
    return code;
}

static enum tm_code describe_freeze(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                                    struct tm_buf *out, struct tm_err *err)
{
    struct tm_freeze_act act;
    enum tm_code code = tm_freeze_read(entry, arena, &act, err);

    if (!code)
        tm_buf_addf(out, "tag %.*s (%.*s)", TM_STR_ARG(act.tag), TM_STR_ARG(act.kind));
    return code;
}

static enum tm_code describe_rollback(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                                      struct tm_buf *out, struct tm_err *err)
{
    struct tm_rollback_act act;
    enum tm_code code = tm_rollback_read(entry, arena, &act, err);

    if (!code)
        tm_buf_addf(out, "to tag %.*s, %zu file%s", TM_STR_ARG(act.tag), act.n_files,
                    act.n_files == 1 ? "" : "s");
    return code;
}

static enum tm_code describe_genesis(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                                     struct tm_buf *out, struct tm_err *err)
{
    struct tm_genesis genesis;
    enum tm_code code = tm_genesis_read(entry, arena, &genesis, err);

    if (!code && genesis.adopted_bytes)
        tm_buf_addf(out, "begins the ledger behind %llu adopted line%s",
                    (unsigned long long)genesis.adopted_lines, genesis.adopted_lines == 1 ? "" : "s");
    else if (!code)
        tm_buf_adds(out, "begins the ledger");
    return code;
}

typedef enum tm_code describe_fn(const struct tm_ledger_entry *, struct tm_arena *, struct tm_buf *,
                                 struct tm_err *);

static describe_fn *const describers[] = {
    [TM_LEDGER_GENESIS] = describe_genesis,
    [TM_LEDGER_COVERAGE] = describe_coverage,
    [TM_LEDGER_BENCH] = describe_bench,
    [TM_LEDGER_SCAFFOLD] = describe_scaffold,
    [TM_LEDGER_TEST_SCAFFOLD] = describe_scaffold,
    [TM_LEDGER_FREEZE] = describe_freeze,
    [TM_LEDGER_ROLLBACK] = describe_rollback,
};

/* Adopted lines hold observations, if anything. */
static void describe_adopted(const struct tm_ledger_entry *entry, struct tm_str path, struct tm_arena *arena,
                             struct tm_buf *out)
{
    struct tm_str base = tm_path_base(path);
    enum tm_code code = TM_E_FORMAT;

    if (tm_str_is(base, "coverage.ndjson"))
        code = describe_coverage(entry, arena, out, NULL);
    else if (tm_str_is(base, "bench.ndjson"))
        code = describe_bench(entry, arena, out, NULL);
    if (code)
        tm_buf_adds(out, "not understood");
}

enum tm_code tm_ledger_describe(const struct tm_ledger_entry *entry, struct tm_str path, struct tm_buf *out,
                                struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;

    tm_buf_clear(out);
    if (entry->adopted) {
        describe_adopted(entry, path, &arena, out);
        return TM_OK;
    }
    for (size_t i = 0; i < TM_LEN(describers); i++)
        if (tm_str_is(entry->kind, tm_ledger_kind_name((enum tm_ledger_kind)i)))
            return describers[i](entry, &arena, out, err);
    return TM_OK;
}
