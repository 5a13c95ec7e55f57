/* Phases 0, 6 and 7: the generated files brought up to date, and the checkpoint. */
#include "runbook/phase.h"

#include "catalog/scan.h"
#include "checkpoint/checkpoint.h"
#include "health/meta.h"
#include "runbook/metrics.h"
#include "trend/trend.h"

/* Brings meta-registry and trends up to date; rows are those of the two trends. */
static enum tm_code refresh_fused(struct tm_run *run, size_t *coverage_rows, size_t *bench_rows,
                                  struct tm_err *err)
{
    struct tm_observations TM_CLEANUP(tm_observations_release) all = { 0 };
    struct tm_meta TM_CLEANUP(tm_meta_release) meta = TM_META_INIT;
    enum tm_code code = tm_observations_load(&all, run->repo, err);

    if (!code)
        code = tm_meta_compute(&meta, run->repo, &run->catalog, &all, err);
    if (!code)
        code = tm_generated_write(&tm_meta_file, run->repo, &meta, NULL, err);
    if (!code)
        code = tm_trend_write(&tm_trend_coverage, run->repo, coverage_rows, NULL, err);
    return code ? code : tm_trend_write(&tm_trend_bench, run->repo, bench_rows, NULL, err);
}

/* Runs the checkpoint, sets the phase's status by it and takes the metrics. */
static enum tm_code check(struct tm_run *run, struct tm_phase_record *record, struct tm_json_writer *facts,
                          struct tm_buf *metrics, struct tm_err *err)
{
    struct tm_checkpoint TM_CLEANUP(tm_checkpoint_release) checkpoint = TM_CHECKPOINT_INIT;
    enum tm_code code = tm_checkpoint_run(&checkpoint, run->repo, &run->catalog, err);

    if (code)
        return code;
    tm_checkpoint_json(&checkpoint, facts);
    tm_phase_set(record, checkpoint.failed ? TM_PHASE_FAILED : TM_PHASE_PASSED,
                 tm_checkpoint_first_failure(&checkpoint));
    tm_buf_clear(metrics);
    return tm_metrics_take(run->repo, &run->catalog, &checkpoint, metrics, err);
}

enum tm_code tm_phase_preflight(struct tm_run *run, struct tm_phase_record *record,
                                struct tm_json_writer *facts, struct tm_err *err)
{
    struct tm_paths TM_CLEANUP(tm_paths_release) paths = { 0 };
    size_t coverage_rows, bench_rows;
    enum tm_code code = tm_scan_write(run->repo, &run->catalog, NULL, err);

    if (!code)
        code = refresh_fused(run, &coverage_rows, &bench_rows, err);
    if (code)
        return code;
    tm_paths_add_scanned(&paths, run->repo);
    tm_paths_add_fused(&paths, run->repo);
    code = tm_run_commit(run, record, paths.items, paths.n,
                         "chore(generated): update registries, documentation map and trends\n", err);
    return code ? code : check(run, record, facts, &run->journal.before, err);
}

enum tm_code tm_phase_dashboards(struct tm_run *run, struct tm_phase_record *record,
                                 struct tm_json_writer *facts, struct tm_err *err)
{
    struct tm_paths TM_CLEANUP(tm_paths_release) paths = { 0 };
    size_t coverage_rows = 0, bench_rows = 0;
    enum tm_code code = refresh_fused(run, &coverage_rows, &bench_rows, err);

    if (code)
        return code;
    tm_paths_add_fused(&paths, run->repo);
    tm_phase_set(record, TM_PHASE_PASSED, "");
    code = tm_metrics_summary(run->repo, facts, err);
    tm_json_member_u64(facts, "coverage_rows", coverage_rows);
    tm_json_member_u64(facts, "bench_rows", bench_rows);
    return code ? code
                : tm_run_commit(run, record, paths.items, paths.n,
                                "chore(dashboards): refresh meta-registry and trends\n", err);
}

enum tm_code tm_phase_final(struct tm_run *run, struct tm_phase_record *record, struct tm_json_writer *facts,
                            struct tm_err *err)
{
    return check(run, record, facts, &run->journal.after, err);
}
