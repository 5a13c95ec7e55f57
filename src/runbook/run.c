#include "runbook/run.h"

#include "base/clock.h"
#include "freeze/freeze.h"
#include "runbook/facts.h"
#include "runbook/phase.h"
#include "runbook/report.h"

#define REPORT "RUNBOOK_REPORT.md"

static tm_phase_fn *const phases[TM_PHASES] = {
    [TM_PHASE_PREFLIGHT] = tm_phase_preflight,   [TM_PHASE_BASELINE] = tm_phase_baseline,
    [TM_PHASE_DISCOVERY] = tm_phase_discovery,   [TM_PHASE_SCAFFOLDING] = tm_phase_scaffolding,
    [TM_PHASE_COVERAGE] = tm_phase_coverage,     [TM_PHASE_BENCH] = tm_phase_bench,
    [TM_PHASE_DASHBOARDS] = tm_phase_dashboards, [TM_PHASE_FINAL] = tm_phase_final,
    [TM_PHASE_RELEASE] = tm_phase_release,
};

/* Everything that would stop the run at its end is refused at its start. */
static enum tm_code check_start(struct tm_repo *repo, const struct tm_run_options *options,
                                struct tm_err *err)
{
    const char *tags[] = { options->baseline, options->release };
    enum tm_code code = TM_OK;

    if (options->baseline && options->release && strcmp(options->baseline, options->release) == 0)
        return tm_err_set(err, TM_E_USAGE, "--baseline and --release need two names, not '%s' twice",
                          options->baseline);
    for (size_t i = 0; i < TM_LEN(tags) && !code; i++)
        if (tags[i])
            code = tm_freeze_check(repo, tags[i], err);
    if (!code)
        code = tm_freeze_check_place(repo, err);
    return code ? code : tm_freeze_check_clean(repo, err);
}

static enum tm_code begin(struct tm_run *run, struct tm_err *err)
{
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { 0 };
    struct tm_ledger_run id;
    struct tm_str branch;
    enum tm_code code = check_start(run->repo, run->options, err);

    if (!code)
        code = tm_git_head(run->repo->git, &head, err);
    if (code)
        return code;
    if (tm_journal_exists(run->repo))
        tm_log_warn(run->repo->log, "an earlier run was not finished; starting anew");
    tm_ledger_run_init(&id);
    memcpy(run->journal.run, id.id, sizeof(run->journal.run));
    run->journal.started_s = tm_clock_now_s();
    run->journal.head = head.commit;
    branch = tm_str(head.branch);
    if (tm_str_has_prefix(branch, TM_STR("refs/heads/")))
        branch = tm_str_from(branch, sizeof("refs/heads/") - 1);
    tm_buf_add_str(&run->journal.branch, branch);
    if (run->options->baseline)
        tm_buf_adds(&run->journal.baseline, run->options->baseline);
    if (run->options->release)
        tm_buf_adds(&run->journal.release, run->options->release);
    return tm_journal_save(run->repo, &run->journal, err);
}

static bool differs(const struct tm_buf *was, const char *now)
{
    return now && !tm_str_is(tm_buf_str(was), now);
}

static enum tm_code resume(struct tm_run *run, struct tm_err *err)
{
    enum tm_code code = tm_journal_load(run->repo, &run->journal, err);

    if (code == TM_E_NOT_FOUND)
        return tm_err_set(err, TM_E_NOT_FOUND,
                          "there is no interrupted run to resume, start one: tidemark run");
    if (code)
        return code;
    if (differs(&run->journal.baseline, run->options->baseline) ||
        differs(&run->journal.release, run->options->release))
        return tm_err_set(err, TM_E_USAGE,
                          "the interrupted run was started with other tags; give --resume without tags");
    for (size_t i = 0; i < TM_PHASES; i++)
        run->partial = run->partial || run->journal.phases[i].status == TM_PHASE_PARTIAL;
    tm_log_note(run->repo->log, "resuming run %s at phase %u", run->journal.run,
                (unsigned)run->journal.current);
    return TM_OK;
}

/* Notes where the phase begins; a resumed one keeps where it began first. */
static enum tm_code begin_phase(struct tm_run *run, struct tm_err *err)
{
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { 0 };
    enum tm_code code;

    if (run->journal.current_head.hex[0])
        return TM_OK;
    code = tm_git_head(run->repo->git, &head, err);
    if (code)
        return code;
    run->journal.current_head = head.commit;
    return tm_journal_save(run->repo, &run->journal, err);
}

static enum tm_code do_phase(struct tm_run *run, struct tm_err *err)
{
    enum tm_phase phase = run->journal.current;
    struct tm_phase_record *record = &run->journal.phases[phase];
    struct tm_buf TM_CLEANUP(tm_buf_release) took = TM_BUF_INIT;
    struct tm_json_writer facts;
    int64_t start_ns = tm_clock_mono_ns();
    enum tm_code code = begin_phase(run, err);

    if (code)
        return code;
    tm_log_note(run->repo->log, "phase %u/%u  %s", (unsigned)phase, TM_PHASES - 1, tm_phase_title(phase));
    record->started_s = tm_clock_now_s();
    tm_buf_clear(&record->facts);
    tm_json_writer_init(&facts, &record->facts, 0);
    tm_json_object_begin(&facts);
    code = phases[phase](run, record, &facts, err);
    tm_json_object_end(&facts);
    record->duration_ns = tm_clock_mono_ns() - start_ns;
    if (code)
        return code;
    tm_clock_add_duration(&took, record->duration_ns);
    tm_log_note(run->repo->log, "           %s%s%s (%s)", tm_phase_status_name(record->status),
                record->reason.len ? ": " : "", record->reason.data, took.data);
    if (record->status == TM_PHASE_FAILED)
        return tm_err_set(err, TM_E_NO, "phase %u, %s, did not pass: %s", (unsigned)phase,
                          tm_phase_title(phase), record->reason.data);
    run->journal.current = (enum tm_phase)(phase + 1);
    run->journal.current_head.hex[0] = '\0';
    return tm_journal_save(run->repo, &run->journal, err);
}

/* Spells the facts and the report. */
static enum tm_code tell(struct tm_run *run, const char *status, struct tm_buf *facts, struct tm_buf *report,
                         struct tm_err *err)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    enum tm_code code;

    tm_buf_clear(facts);
    code = tm_facts_spell(run, status, facts, err);
    if (!code)
        code = tm_json_doc_parse(&doc, "facts", tm_buf_str(facts), err);
    if (!code)
        tm_report_markdown(&doc, report);
    return code;
}

/* The report is committed last: it tells of all commits before it. */
static enum tm_code finish(struct tm_run *run, struct tm_buf *facts, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) report = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_str paths[1];
    struct tm_oid commit;
    bool made;
    enum tm_code code = tell(run, run->partial ? "partial" : "complete", facts, &report, err);

    tm_repo_generated(run->repo, REPORT, &path);
    paths[0] = tm_buf_str(&path);
    if (!code)
        code = tm_root_replace(&run->repo->root, paths[0], tm_buf_str(&report), NULL, err);
    if (!code)
        code = tm_git_commit_paths(run->repo->git, paths, 1,
                                   "docs(report): execution report of the runbook\n", &commit, &made, err);
    return code ? code : tm_journal_drop(run->repo, err);
}

/* A run that stopped leaves its report beside the journal, not in the work tree. */
static void tell_failure(struct tm_run *run, struct tm_buf *facts)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) report = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    if (tell(run, "failed", facts, &report, &err) ||
        tm_root_replace(&run->repo->state, TM_STR("run/" REPORT), tm_buf_str(&report), NULL, &err))
        return;
    tm_log_note(run->repo->log, "what was done so far is in '%s/run/" REPORT "'", run->repo->state.path);
}

enum tm_code tm_run(struct tm_repo *repo, const struct tm_run_options *options, struct tm_buf *facts,
                    struct tm_err *err)
{
    struct tm_run run = { .repo = repo, .options = options };
    enum tm_code code;

    tm_journal_init(&run.journal);
    code = options->resume ? resume(&run, err) : begin(&run, err);
    if (code)
        goto out;
    code = tm_run_reload(&run, err);
    if (!code && tm_catalog_report_problems(&run.catalog, repo->log, NULL))
        run.partial = true;
    while (!code && run.journal.current < TM_PHASES)
        code = do_phase(&run, err);
    if (code && code != TM_E_STOPPED)
        tell_failure(&run, facts);
    if (!code)
        code = finish(&run, facts, err);
    if (!code && run.partial)
        code = tm_err_set(err, TM_E_PARTIAL, "partly done: some modules failed, see the report");
out:
    tm_catalog_release(&run.catalog);
    tm_journal_release(&run.journal);
    return code;
}
