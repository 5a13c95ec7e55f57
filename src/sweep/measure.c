#include "base/alloc.h"
#include "base/path.h"
#include "coverage/tests.h"
#include "sweep/collected.h"
#include "sweep/figures.h"
#include "sweep/pass.h"
#include "sweep/reports.h"

static void set_all(struct tm_pass *pass, struct tm_task *task, enum tm_evidence evidence, const char *reason)
{
    for (size_t i = 0; i < task->n; i++)
        tm_outcome_set(pass, task->outcomes[i], evidence, "%s", reason);
}

static void fail_all(struct tm_pass *pass, struct tm_task *task, const struct tm_err *err)
{
    set_all(pass, task, TM_FAILED, tm_err_msg(err));
}

static void no_report(struct tm_pass *pass, struct tm_task *task, struct tm_str path,
                      const struct tm_reports *found)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) reason = TM_BUF_INIT;

    tm_buf_addf(&reason, "it wrote no report '%.*s'%s", TM_STR_ARG(tm_path_base(path)),
                found->stale ? ", the one that is there is older" : "");
    set_all(pass, task, TM_FAILED, reason.data);
}

/* File systems date files by clocks that differ from ours, by a little. */
enum { CLOCK_SLACK_S = 2 };

/*
 * A report that is to be written beside the sources may be one of an earlier run, or be committed even: then
 * the command wrote none. In {out} and the mirror everything is new, whatever its date.
 */
static enum tm_code find_reports(struct tm_reports *reports, const struct tm_task *task, struct tm_str path,
                                 struct tm_err *err)
{
    bool fresh = tm_path_is_below(path, task->places.out) ||
                 (task->mirror.len && tm_path_is_below(path, task->places.work));

    return tm_reports_find(reports, path, fresh ? 0 : task->began_s - CLOCK_SLACK_S, err);
}

/* Benchmarks of all reports; names are unique across them. */
struct benchmarks {
    struct tm_bench_report *reports;
    size_t n_reports;
    struct tm_bench_result *results; /* borrowed from the reports */
    size_t n, cap;
};

static void benchmarks_release(struct benchmarks *b)
{
    for (size_t i = 0; i < b->n_reports; i++)
        tm_bench_report_release(&b->reports[i]);
    free(b->reports);
    free(b->results);
}

static enum tm_code add_report(struct benchmarks *b, struct tm_map *names,
                               const struct tm_bench_format *format, const char *path, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_bench_report *report = &b->reports[b->n_reports];
    struct tm_str name = tm_path_base(tm_str(path));
    enum tm_code code = tm_file_read(path, TM_BENCH_REPORT_MAX, &data, err);

    *report = TM_BENCH_REPORT_INIT;
    if (!code)
        code = tm_bench_report_read(report, format, name.data, tm_buf_str(&data), err);
    if (code)
        return code;
    b->n_reports++;
    for (size_t i = 0; i < report->n_results; i++) {
        bool added;

        tm_map_at(names, report->results[i].name, &added);
        if (!added)
            return tm_err_set(err, TM_E_FORMAT, "benchmark '%.*s' is in two reports",
                              TM_STR_ARG(report->results[i].name));
        TM_GROW(b->results, b->n, b->cap);
        b->results[b->n++] = report->results[i];
    }
    return TM_OK;
}

static enum tm_code read_benchmarks(struct benchmarks *b, const struct tm_reports *reports,
                                    struct tm_str format, struct tm_err *err)
{
    struct tm_map TM_CLEANUP(tm_map_release) names = TM_MAP_INIT;
    enum tm_code code = TM_OK;

    b->reports = tm_alloc_array(reports->n, sizeof(*b->reports));
    for (size_t i = 0; !code && i < reports->n; i++)
        code = add_report(b, &names, tm_bench_format_find(format), reports->paths[i], err);
    return code;
}

/* The results of one module: all of a module's own run, those of its files in a run for the repository. */
static size_t pick(const struct tm_pass *pass, const struct tm_task *task, const struct benchmarks *b,
                   const struct tm_module *module, struct tm_bench_result *picked)
{
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++) {
        if (task->collector->scope == TM_SCOPE_MODULE ||
            tm_figures_bench_owner(pass->catalog, b->results[i].name) == module)
            picked[n++] = b->results[i];
    }
    return n;
}

static void measure_bench(struct tm_pass *pass, struct tm_task *task, const struct tm_reports *reports)
{
    struct benchmarks TM_CLEANUP(benchmarks_release) b = { 0 };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_bench_result *TM_CLEANUP(tm_freep) picked = NULL;

    if (read_benchmarks(&b, reports, task->collector->format, &err)) {
        fail_all(pass, task, &err);
        return;
    }
    picked = tm_alloc_array(b.n + 1, sizeof(*picked));
    for (size_t i = 0; i < task->n; i++) {
        struct tm_sweep_outcome *outcome = task->outcomes[i];
        size_t n = pick(pass, task, &b, outcome->module, picked);
        struct tm_provenance from = outcome->bench[0].from;

        outcome->bench = tm_figures_bench(&pass->sweep->arena, outcome->module, picked, n, &from, pass->env,
                                          &outcome->n_bench);
        outcome->known = true;
        pass->n_done++;
    }
}

/* What of the reports did not count, for who asks with -v. */
static void tell_notes(struct tm_pass *pass, const struct tm_task *task, const struct tm_report *report)
{
    for (size_t i = 0; i < report->n_notes; i++)
        tm_log_detail(pass->repo->log, "%.*s: %s", TM_STR_ARG(task->outcomes[0]->module->name),
                      report->notes[i]);
}

static void tell_drops(struct tm_pass *pass, const struct tm_task *task, const struct tm_drops *drops)
{
    for (size_t reason = 0; reason < TM_DROP_REASONS; reason++) {
        if (drops->count[reason])
            tm_log_detail(pass->repo->log, "%.*s: %llu files of the report left out: %s",
                          TM_STR_ARG(task->outcomes[0]->module->name),
                          (unsigned long long)drops->count[reason], tm_drop_reason((enum tm_drop)reason));
    }
}

static enum tm_code read_coverage(struct tm_gather *gather, const struct tm_task *task,
                                  const struct tm_reports *reports, struct tm_err *err)
{
    const struct tm_format *format = tm_format_find(task->collector->format);
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < reports->n; i++)
        code = tm_gather_read(gather, reports->paths[i], format, err);
    return code ? code : tm_gather_finish(gather, err);
}

/* For commands that look into the reports later; without the note they only do not find them. */
static void note_reports(struct tm_pass *pass, const struct tm_task *task, const struct tm_reports *reports,
                         struct tm_str base, struct tm_str mirror)
{
    struct tm_str *TM_CLEANUP(tm_freep) paths = tm_alloc_array(reports->n, sizeof(*paths));
    const struct tm_collected_task note = { .format = task->collector->format,
                                            .base = base,
                                            .mirror = mirror,
                                            .reports = paths,
                                            .n_reports = reports->n };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    for (size_t i = 0; i < reports->n; i++)
        paths[i] = tm_str(reports->paths[i]);
    if (tm_collected_write(pass->repo, task->dir, &note, pass->head.commit.hex, &err))
        tm_log_warn(pass->repo->log, "%s", tm_err_msg(&err));
}

static void measure_coverage(struct tm_pass *pass, struct tm_task *task, const struct tm_reports *reports)
{
    struct tm_gather TM_CLEANUP(tm_gather_release) gather;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) seen = TM_BUF_INIT;
    struct tm_prefix mirror;
    struct tm_str base =
        task->collector->scope == TM_SCOPE_REPOSITORY ? TM_STR("") : task->outcomes[0]->module->path;

    tm_buf_addf(&seen, "%s/%.*s", pass->repo->state.path, TM_STR_ARG(task->mirror));
    mirror = (struct tm_prefix) { tm_buf_str(&seen), TM_STR("") };
    tm_gather_init(&gather, pass->repo, pass->catalog, &base, task->mirror.len ? &mirror : NULL);
    if (read_coverage(&gather, task, reports, &err)) {
        fail_all(pass, task, &err);
        return;
    }
    note_reports(pass, task, reports, base, task->mirror.len ? mirror.prefix : TM_STR(""));
    tell_notes(pass, task, &gather.attribution.report);
    tell_drops(pass, task, &gather.drops);
    for (size_t i = 0; i < task->n; i++) {
        struct tm_sweep_outcome *outcome = task->outcomes[i];

        if (tm_figures_coverage(&gather, &pass->sweep->arena, outcome)) {
            outcome->known = true;
            pass->n_done++;
        } else {
            tm_outcome_set(pass, outcome, TM_NO_DATA, "the report has no line of the module's own source");
        }
    }
}

/* False when no test ran or the count cannot be read: the outcomes then say so. */
static bool count_tests(struct tm_pass *pass, struct tm_task *task, struct tm_test_counts *counts)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) reason = TM_BUF_INIT;
    const struct tm_tests_format *format = tm_tests_format_find(task->collector->tests_format);
    struct tm_reports TM_CLEANUP(tm_reports_release) found = TM_REPORTS_INIT;

    if (find_reports(&found, task, task->tests, &err)) {
        fail_all(pass, task, &err);
        return false;
    }
    if (found.n == 0) {
        no_report(pass, task, task->tests, &found);
        return false;
    }
    for (size_t i = 0; i < found.n; i++) {
        struct tm_test_counts one = { 0 };

        if (tm_tests_read_file(found.paths[i], format, &one, &err)) {
            fail_all(pass, task, &err);
            return false;
        }
        counts->passed += one.passed;
        counts->failed += one.failed;
        counts->skipped += one.skipped;
    }
    if (tm_tests_run(counts))
        return true;
    tm_buf_adds(&reason, "no test ran");
    if (counts->skipped)
        tm_buf_addf(&reason, ": all %llu were skipped", (unsigned long long)counts->skipped);
    set_all(pass, task, TM_NO_DATA, reason.data);
    return false;
}

/* Notes counted tests with the outcomes; false when there is nothing more to read. */
static bool note_tests(struct tm_pass *pass, struct tm_task *task)
{
    struct tm_test_counts counts = { 0 };
    bool go_on;

    if (!task->tests.len)
        return true;
    go_on = count_tests(pass, task, &counts);
    /* One run for the whole repository counts its tests, not those of a module. */
    if (pass->kind == TM_COLLECT_COVERAGE && task->collector->scope == TM_SCOPE_MODULE) {
        struct tm_coverage_observation *coverage = &task->outcomes[0]->coverage;

        coverage->tests_known = go_on || coverage->from.evidence == TM_NO_DATA;
        coverage->tests_run = tm_tests_run(&counts);
        coverage->tests_skipped = counts.skipped;
    }
    return go_on;
}

void tm_task_measure(struct tm_pass *pass, struct tm_task *task)
{
    struct tm_reports TM_CLEANUP(tm_reports_release) reports = TM_REPORTS_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_str sha256;

    if (!note_tests(pass, task))
        return;
    if (find_reports(&reports, task, task->report, &err)) {
        fail_all(pass, task, &err);
        return;
    }
    if (reports.n == 0) {
        no_report(pass, task, task->report, &reports);
        return;
    }
    sha256 = tm_arena_str(&pass->sweep->arena, tm_buf_str(&reports.sha256));
    for (size_t i = 0; i < task->n; i++)
        tm_outcome_from(task->outcomes[i])->report_sha256 = sha256;
    if (reports.bytes == 0)
        set_all(pass, task, TM_NO_DATA, "the report is empty");
    else if (pass->kind == TM_COLLECT_BENCH)
        measure_bench(pass, task, &reports);
    else
        measure_coverage(pass, task, &reports);
}
