/* Phases 4 and 5: coverage and benchmarks, measured and committed. */
#include "runbook/phase.h"

#include "base/alloc.h"

enum { TOP = 10 };

static void put_results(struct tm_json_writer *facts, const char *key,
                        const struct tm_sweep_outcome *const *list, size_t n, bool evidence)
{
    tm_json_key(facts, key);
    tm_json_array_begin(facts);
    for (size_t i = 0; i < n; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) result = TM_BUF_INIT;

        tm_sweep_add_result(&result, list[i]);
        tm_json_object_begin(facts);
        tm_json_member_str(facts, "module", list[i]->module->name);
        if (evidence)
            tm_json_members(facts, "evidence", tm_evidence_name(tm_sweep_from(list[i])->evidence));
        tm_json_member_str(facts, "result", tm_buf_str(&result));
        tm_json_object_end(facts);
    }
    tm_json_array_end(facts);
}

/* Highest coverage first; for benchmarks slowest first; then by name. */
static int by_figure(const void *a, const void *b)
{
    const struct tm_sweep_outcome *const *left = a, *const *right = b;
    int order = 0;

    if ((*left)->kind == TM_COLLECT_COVERAGE) {
        struct tm_ratio l, r;

        if (tm_coverage_ratio(&(*left)->coverage, &l) && tm_coverage_ratio(&(*right)->coverage, &r))
            order = tm_ratio_cmp(r, l);
    } else {
        const struct tm_bench_observation *l = tm_sweep_slowest(*left), *r = tm_sweep_slowest(*right);

        if (l && r)
            order = (r->p50.ns > l->p50.ns) - (r->p50.ns < l->p50.ns);
    }
    return order ? order : tm_str_cmp((*left)->module->name, (*right)->module->name);
}

static void put_pass(struct tm_json_writer *facts, const struct tm_sweep_pass *pass, size_t manifests)
{
    const struct tm_sweep_outcome **top = tm_alloc_array(pass->n_outcomes, sizeof(struct tm_sweep_outcome *));
    const struct tm_sweep_outcome **rest =
        tm_alloc_array(pass->n_outcomes, sizeof(struct tm_sweep_outcome *));
    size_t n_top = 0, n_rest = 0;
    const struct {
        const char *key;
        size_t value;
    } totals[] = {
        { "modules", pass->totals.modules }, { "measured", pass->totals.measured },
        { "no_data", pass->totals.no_data }, { "skipped", pass->totals.skipped },
        { "failed", pass->totals.failed },   { "timeout", pass->totals.timeout },
    };

    for (size_t i = 0; i < pass->n_outcomes; i++) {
        if (tm_sweep_from(&pass->outcomes[i])->evidence == TM_MEASURED)
            top[n_top++] = &pass->outcomes[i];
        else
            rest[n_rest++] = &pass->outcomes[i];
    }
    if (n_top)
        qsort(top, n_top, sizeof(struct tm_sweep_outcome *), by_figure);
    tm_json_key(facts, "totals");
    tm_json_object_begin(facts);
    for (size_t i = 0; i < TM_LEN(totals); i++)
        tm_json_member_u64(facts, totals[i].key, totals[i].value);
    tm_json_object_end(facts);
    put_results(facts, "top", top, TM_MIN(n_top, (size_t)TOP), false);
    put_results(facts, "problems", rest, n_rest, true);
    tm_json_member_u64(facts, "entries", pass->entries);
    tm_json_member_u64(facts, "manifests", manifests);
    free(top);
    free(rest);
}

/* How many of the paths are manifests that the commit changed. */
static enum tm_code count_manifests(struct tm_run *run, const struct tm_phase_record *record, size_t *n,
                                    struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_git_change *changes;
    size_t count;
    enum tm_code code;

    *n = 0;
    if (!record->commit.hex[0])
        return TM_OK;
    code = tm_git_diff_names(run->repo->git, &run->journal.current_head, &record->commit, &arena, &changes,
                             &count, err);
    for (size_t i = 0; !code && i < count; i++)
        *n += tm_str_has_suffix(changes[i].path, TM_STR(TM_MANIFEST_NAME));
    return code;
}

static enum tm_code commit_pass(struct tm_run *run, struct tm_phase_record *record, const char *ledger,
                                const char *message, struct tm_err *err)
{
    struct tm_paths TM_CLEANUP(tm_paths_release) paths = { 0 };

    /* All manifests, not only what this call changed: a killed run may have changed some before. */
    tm_paths_add_ledger(&paths, run->repo, ledger);
    for (size_t i = 0; i < run->catalog.n_modules; i++)
        tm_paths_add(&paths, run->catalog.modules[i].manifest_path);
    return tm_run_commit(run, record, paths.items, paths.n, message, err);
}

static void judge(struct tm_run *run, struct tm_phase_record *record, const struct tm_sweep_totals *totals,
                  const char *nothing)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) reason = TM_BUF_INIT;

    if (totals->failed || totals->timeout) {
        run->partial = true;
        tm_buf_addf(&reason, "%zu failed, %zu timed out", totals->failed, totals->timeout);
        tm_phase_set(record, TM_PHASE_PARTIAL, reason.data);
    } else if (totals->skipped == totals->modules) {
        tm_phase_set(record, TM_PHASE_SKIPPED, nothing);
    } else {
        tm_phase_set(record, TM_PHASE_PASSED, "");
    }
}

static enum tm_code sweep(struct tm_run *run, struct tm_phase_record *record, struct tm_json_writer *facts,
                          enum tm_collector_kind kind, struct tm_err *err)
{
    bool coverage = kind == TM_COLLECT_COVERAGE;
    struct tm_sweep TM_CLEANUP(tm_sweep_release) sweep = TM_SWEEP_INIT;
    struct tm_sweep_request request = {
        .coverage = coverage,
        .bench = !coverage,
        .jobs = run->options->jobs,
        .run = run->journal.run,
        .whole = true,
    };
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    const struct tm_sweep_pass *pass = &sweep.pass[kind];
    struct tm_module **modules;
    size_t manifests = 0;
    enum tm_code code = tm_catalog_select(&run->catalog, NULL, 0, &modules, &request.n_modules, err);

    if (code)
        return code;
    request.modules = modules;
    code = tm_sweep_run(&sweep, run->repo, &run->catalog, &request, err);
    if (code)
        return code;
    tm_buf_addf(&message, "chore(%s): update %s of %zu modules\n", coverage ? "coverage" : "bench",
                coverage ? "coverage" : "benchmarks", pass->totals.measured);
    code = commit_pass(run, record, coverage ? "coverage" : "bench", message.data, err);
    if (!code)
        code = count_manifests(run, record, &manifests, err);
    if (code)
        return code;
    put_pass(facts, pass, manifests);
    judge(run, record, &pass->totals,
          coverage ? "no module has tests that a collector can run" : "no module has a benchmark");
    return TM_OK;
}

enum tm_code tm_phase_coverage(struct tm_run *run, struct tm_phase_record *record,
                               struct tm_json_writer *facts, struct tm_err *err)
{
    return sweep(run, record, facts, TM_COLLECT_COVERAGE, err);
}

enum tm_code tm_phase_bench(struct tm_run *run, struct tm_phase_record *record, struct tm_json_writer *facts,
                            struct tm_err *err)
{
    return sweep(run, record, facts, TM_COLLECT_BENCH, err);
}
