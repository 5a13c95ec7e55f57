#include "sweep/ingest.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/path.h"
#include "coverage/sniff.h"
#include "sweep/figures.h"
#include "sweep/pass.h"
#include "sweep/reports.h"

/* One format or the other. */
struct chosen {
    const struct tm_format *coverage;
    const struct tm_bench_format *bench;
};

struct work {
    struct tm_ingest *ingest;
    struct tm_repo *repo;
    struct tm_catalog *catalog;
    const struct tm_ingest_request *request;
    struct tm_git_head head;
    struct tm_gather gather;
    struct tm_reports coverage_reports, bench_reports; /* those that were read */
    struct tm_bench_report *benches;
    size_t n_benches;
    struct tm_map bench_names;
    struct tm_bench_result *results;
    size_t n_results, cap_results;
};

void tm_ingest_add_formats(struct tm_buf *out)
{
    tm_format_add_names(out);
    for (const struct tm_bench_format *const *f = tm_bench_formats; *f; f++)
        tm_buf_addf(out, ", %s", (*f)->name);
}

static enum tm_code choose(const char *name, struct chosen *chosen, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) names = TM_BUF_INIT;

    *chosen = (struct chosen) { tm_format_find(tm_str(name)), tm_bench_format_find(tm_str(name)) };
    if (chosen->coverage || chosen->bench)
        return TM_OK;
    tm_ingest_add_formats(&names);
    return tm_err_set(err, TM_E_USAGE, "unknown format '%s', known are %s", name, names.data);
}

static const struct tm_format *detect_coverage(struct tm_str head)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_sniff_text(head, &text);
    return tm_format_detect(tm_buf_str(&text));
}

/* Looks at the report's first bytes; a bench report is JSON that no coverage format knows. */
static enum tm_code detect(const char *path, struct chosen *chosen, struct tm_err *err)
{
    struct tm_source source;
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_str head;
    bool maybe_bench = false;
    enum tm_code code = tm_source_open(&source, path, err);

    *chosen = (struct chosen) { NULL, NULL };
    if (code)
        return code;
    code = tm_source_head(&source, &head, err);
    if (!code) {
        chosen->coverage = detect_coverage(head);
        maybe_bench = !chosen->coverage && tm_str_has_prefix(tm_str_trim(head), TM_STR("{"));
    }
    tm_source_close(&source);
    if (code || !maybe_bench)
        return code;
    code = tm_file_read(path, TM_BENCH_REPORT_MAX, &data, err);
    /* Too long for one: what it may be else is for those to say who read coverage. */
    if (code == TM_E_LIMIT) {
        tm_err_release(err);
        return TM_OK;
    }
    if (!code)
        chosen->bench = tm_bench_format_detect(tm_buf_str(&data));
    return code;
}

static enum tm_code keep_results(struct work *work, const struct tm_bench_report *report, const char *path,
                                 struct tm_err *err)
{
    for (size_t i = 0; i < report->n_results; i++) {
        if (tm_map_has(&work->bench_names, report->results[i].name))
            return tm_err_set(err, TM_E_FORMAT, "benchmark '%.*s' of '%s' was in an earlier report",
                              TM_STR_ARG(report->results[i].name), path);
    }
    for (size_t i = 0; i < report->n_results; i++) {
        tm_map_at(&work->bench_names, report->results[i].name, NULL);
        TM_GROW(work->results, work->n_results, work->cap_results);
        work->results[work->n_results++] = report->results[i];
    }
    return TM_OK;
}

static enum tm_code read_bench(struct work *work, const struct tm_bench_format *format, const char *path,
                               struct tm_err *err)
{
    struct tm_bench_report *report = &work->benches[work->n_benches];
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    enum tm_code code = tm_file_read(path, TM_BENCH_REPORT_MAX, &data, err);

    *report = TM_BENCH_REPORT_INIT;
    if (!code)
        code = tm_bench_report_read(report, format, path, tm_buf_str(&data), err);
    if (!code)
        code = keep_results(work, report, path, err);
    if (code) {
        tm_bench_report_release(report);
        return code;
    }
    work->n_benches++;
    tm_reports_add(&work->bench_reports, path);
    return TM_OK;
}

/* A report is read more than once: to know its format, for its figures and for its digest. */
static enum tm_code check_file(const char *path, struct tm_err *err)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return tm_err_errno(err, errno, "cannot open '%s'", path);
    if (!S_ISREG(st.st_mode))
        return tm_err_set(err, TM_E_IO, "'%s' is not a regular file", path);
    return TM_OK;
}

static enum tm_code read_report(struct work *work, struct tm_ingest_report *report, struct tm_err *err)
{
    struct chosen chosen;
    enum tm_code code = check_file(report->path, err);

    if (!code && work->request->format)
        code = choose(work->request->format, &chosen, err);
    else if (!code)
        code = detect(report->path, &chosen, err);
    if (code)
        return code;
    if (chosen.bench) {
        code = read_bench(work, chosen.bench, report->path, err);
        report->format = code ? NULL : chosen.bench->name;
        return code;
    }
    /* Without a format this says what the file looks like. */
    code = tm_gather_read(&work->gather, report->path, chosen.coverage, err);
    if (code)
        return code;
    report->format = chosen.coverage ? chosen.coverage->name : "";
    tm_reports_add(&work->coverage_reports, report->path);
    return TM_OK;
}

static void read_all(struct work *work)
{
    struct tm_ingest *ingest = work->ingest;

    ingest->reports = tm_alloc_array(work->request->n_paths, sizeof(*ingest->reports));
    ingest->n_reports = work->request->n_paths;
    work->benches = tm_alloc_array(work->request->n_paths, sizeof(*work->benches));
    for (size_t i = 0; i < ingest->n_reports; i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_ingest_report *report = &ingest->reports[i];

        report->path = work->request->paths[i];
        if (read_report(work, report, &err)) {
            report->error = tm_strdup(tm_err_msg(&err));
            ingest->n_failed++;
        }
    }
}

static struct tm_provenance provenance(const struct work *work, const struct tm_reports *reports)
{
    struct tm_arena *arena = &work->ingest->sweep.arena;

    return (struct tm_provenance) {
        .exit_status = -1,
        .commit = tm_arena_str(arena, tm_str(work->head.commit.hex)),
        .tree = tm_arena_str(arena, tm_str(work->head.tree.hex)),
        .report_sha256 = tm_arena_str(arena, tm_buf_str(&reports->sha256)),
        .collector = TM_STR("ingest"),
        .duration_ns = -1,
    };
}

static struct tm_sweep_pass *begin_pass(struct work *work, enum tm_collector_kind kind)
{
    struct tm_sweep_pass *pass = &work->ingest->sweep.pass[kind];

    pass->ran = true;
    pass->outcomes =
        tm_arena_array(&work->ingest->sweep.arena, work->catalog->n_modules, sizeof(*pass->outcomes));
    return pass;
}

static void take_notes(struct tm_ingest *ingest, struct tm_report *report)
{
    ingest->total_notes = report->total_notes;
    ingest->n_notes = report->n_notes;
    ingest->notes = tm_alloc_array(report->n_notes + 1, sizeof(*ingest->notes));
    memcpy(ingest->notes, report->notes, report->n_notes * sizeof(*report->notes));
    report->n_notes = 0;
}

static enum tm_code take_coverage(struct work *work, struct tm_err *err)
{
    struct tm_sweep_pass *pass = begin_pass(work, TM_COLLECT_COVERAGE);
    struct tm_provenance from;
    enum tm_code code = tm_reports_digest(&work->coverage_reports, err);

    if (!code)
        code = tm_gather_finish(&work->gather, err);
    if (code)
        return code;
    from = provenance(work, &work->coverage_reports);
    tm_drops_merge(&work->ingest->drops, &work->gather.drops);
    take_notes(work->ingest, &work->gather.attribution.report);
    work->ingest->refused = work->request->strict && tm_drops_unresolved(&work->ingest->drops);
    for (size_t i = 0; i < work->catalog->n_modules; i++) {
        struct tm_sweep_outcome *outcome = &pass->outcomes[pass->n_outcomes];

        *outcome = (struct tm_sweep_outcome) { .module = &work->catalog->modules[i], .known = true };
        outcome->kind = TM_COLLECT_COVERAGE;
        outcome->coverage.from = from;
        if (tm_figures_coverage(&work->gather, &work->ingest->sweep.arena, outcome))
            pass->n_outcomes++;
    }
    return TM_OK;
}

static size_t pick(struct work *work, const struct tm_module *module, struct tm_bench_result *picked)
{
    size_t n = 0;

    for (size_t i = 0; i < work->n_results; i++) {
        const struct tm_module *owner = work->request->module
                                            ? work->request->module
                                            : tm_figures_bench_owner(work->catalog, work->results[i].name);

        if (owner == module)
            picked[n++] = work->results[i];
    }
    return n;
}

/* Where it ran is not known, so latencies carry the fingerprint of no machine. */
static enum tm_code take_bench(struct work *work, struct tm_err *err)
{
    struct tm_sweep_pass *pass = begin_pass(work, TM_COLLECT_BENCH);
    struct tm_bench_result *TM_CLEANUP(tm_freep) picked =
        tm_alloc_array(work->n_results + 1, sizeof(*picked));
    struct tm_provenance from;
    size_t taken = 0;
    enum tm_code code = tm_reports_digest(&work->bench_reports, err);

    if (code)
        return code;
    from = provenance(work, &work->bench_reports);
    for (size_t i = 0; i < work->catalog->n_modules; i++) {
        struct tm_sweep_outcome *outcome = &pass->outcomes[pass->n_outcomes];
        size_t n = pick(work, &work->catalog->modules[i], picked);

        if (n == 0)
            continue;
        taken += n;
        *outcome = (struct tm_sweep_outcome) { .module = &work->catalog->modules[i], .known = true };
        outcome->kind = TM_COLLECT_BENCH;
        outcome->bench = tm_figures_bench(&work->ingest->sweep.arena, outcome->module, picked, n, &from,
                                          TM_STR(""), &outcome->n_bench);
        pass->n_outcomes++;
    }
    work->ingest->benchmarks_left_out = work->n_results - taken;
    return TM_OK;
}

static void mark_dirty(const struct tm_pass *pass, struct tm_sweep_outcome *outcome)
{
    bool dirty = tm_map_has(&pass->dirty, outcome->module->path);

    outcome->coverage.from.dirty = dirty;
    for (size_t i = 0; i < outcome->n_bench; i++)
        outcome->bench[i].from.dirty = dirty;
}

static enum tm_code record_kind(struct work *work, enum tm_collector_kind kind, struct tm_ledger_run *run,
                                struct tm_err *err)
{
    struct tm_sweep *sweep = &work->ingest->sweep;
    struct tm_pass pass = {
        .repo = work->repo,
        .catalog = work->catalog,
        .sweep = sweep,
        .result = &sweep->pass[kind],
        .kind = kind,
        .pending = work->request->pending,
        .head = work->head,
        .dirty = TM_MAP_INIT,
    };
    enum tm_code code = tm_pass_find_dirty(&pass, err);

    for (size_t i = 0; i < pass.result->n_outcomes; i++)
        mark_dirty(&pass, &pass.result->outcomes[i]);
    if (!code)
        code = tm_pass_record(&pass, run, err);
    tm_map_release(&pass.dirty);
    sweep->pass[kind].totals = tm_pass_totals(&sweep->pass[kind]);
    return code;
}

static enum tm_code run(struct work *work, struct tm_err *err)
{
    struct tm_sweep *sweep = &work->ingest->sweep;
    struct tm_ledger_run run;
    enum tm_code code = TM_OK;

    tm_ledger_run_init(&run);
    memcpy(sweep->run, run.id, sizeof(sweep->run));
    sweep->started_s = tm_clock_now_s();
    read_all(work);
    if (work->coverage_reports.n)
        code = take_coverage(work, err);
    if (!code && work->bench_reports.n)
        code = take_bench(work, err);
    for (size_t kind = 0; !code && !work->ingest->refused && kind < TM_SWEEP_KINDS; kind++) {
        if (sweep->pass[kind].n_outcomes)
            code = record_kind(work, (enum tm_collector_kind)kind, &run, err);
    }
    return code;
}

static void work_release(struct work *work)
{
    tm_git_head_release(&work->head);
    tm_gather_release(&work->gather);
    tm_reports_release(&work->coverage_reports);
    tm_reports_release(&work->bench_reports);
    for (size_t i = 0; i < work->n_benches; i++)
        tm_bench_report_release(&work->benches[i]);
    free(work->benches);
    free(work->results);
    tm_map_release(&work->bench_names);
}

enum tm_code tm_ingest_run(struct tm_ingest *ingest, struct tm_repo *repo, struct tm_catalog *catalog,
                           const struct tm_ingest_request *request, struct tm_err *err)
{
    struct work TM_CLEANUP(work_release) work = {
        .ingest = ingest,
        .repo = repo,
        .catalog = catalog,
        .request = request,
        .coverage_reports = TM_REPORTS_INIT,
        .bench_reports = TM_REPORTS_INIT,
        .bench_names = TM_MAP_INIT,
    };
    struct chosen chosen;
    enum tm_code code = request->format ? choose(request->format, &chosen, err) : TM_OK;

    *ingest = (struct tm_ingest) { .sweep = TM_SWEEP_INIT };
    tm_gather_init(&work.gather, repo, catalog, NULL, NULL);
    if (!code)
        code = tm_sweep_recover(repo, err);
    if (!code)
        code = tm_git_head(repo->git, &work.head, err);
    return code ? code : run(&work, err);
}

void tm_ingest_release(struct tm_ingest *ingest)
{
    for (size_t i = 0; i < ingest->n_reports; i++)
        free(ingest->reports[i].error);
    free(ingest->reports);
    for (size_t i = 0; i < ingest->n_notes; i++)
        free(ingest->notes[i]);
    free(ingest->notes);
    tm_drops_release(&ingest->drops);
    tm_sweep_release(&ingest->sweep);
}
