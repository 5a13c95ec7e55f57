/*
 * The runbook: nine phases from preflight to production freeze, each journaled, then the report.
 *
 * The caller holds the repository's lock. Every phase that changes files commits exactly those.
 */
#ifndef TM_RUNBOOK_RUN_H
#define TM_RUNBOOK_RUN_H

#include "repo/repo.h"

struct tm_run_options {
    const char *baseline, *release; /* tags, NULL for none */
    unsigned jobs;                  /* 0: the settings' */
    bool resume;                    /* go on with the journal of the run before */
};

/*
 * Runs the phases and writes docs/_generated/RUNBOOK_REPORT.md; facts (replaced) receives the facts of
 * docs/formats/run.md as JSON, also when a phase failed. TM_E_PARTIAL when modules failed or manifests could
 * not be read; TM_E_NO when a checkpoint did not pass; TM_E_STOPPED on a signal, after which --resume goes
 * on.
 */
enum tm_code tm_run(struct tm_repo *repo, const struct tm_run_options *options, struct tm_buf *facts,
                    struct tm_err *err) TM_CHECK;

/*
 * What a run would do, as the JSON of docs/formats/run.md, "Plan", into out (replaced). Changes nothing.
 */
enum tm_code tm_run_plan(struct tm_repo *repo, const struct tm_run_options *options, struct tm_buf *out,
                         struct tm_err *err) TM_CHECK;

#endif
