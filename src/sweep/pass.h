/*
 * One pass of a sweep, as its parts see it: plan.c chooses collectors and makes tasks,
 * task.c prepares their folders and judges how they ended, measure.c reads their reports, record.c
 * writes ledger and manifests. Private to src/sweep.
 */
#ifndef TM_SWEEP_PASS_H
#define TM_SWEEP_PASS_H

#include "base/map.h"
#include "ext/loop.h"
#include "repo/placeholder.h"
#include "sweep/probe.h"
#include "sweep/sweep.h"

/* One command to run, for one module or, with scope repository, for all it fits. */
struct tm_task {
    const struct tm_collector *collector;
    struct tm_sweep_outcome **outcomes; /* n of them; each module has one task at most */
    size_t n;
    struct tm_places places;
    struct tm_str dir;           /* beneath the state folder: holds log and out/ */
    struct tm_str mirror;        /* beneath the state folder: stands for the repository's root; "" for none */
    struct tm_str report, tests; /* absolute; report may be a glob in its last part; tests "" for none */
    struct tm_str tool;          /* versions of what measures */
    struct tm_job job;
    int64_t began_s; /* by the clock that files are dated by */
    bool running;
};

struct tm_pass {
    struct tm_repo *repo;
    struct tm_catalog *catalog;
    const struct tm_sweep_request *request;
    struct tm_sweep *sweep;
    struct tm_sweep_pass *result;
    enum tm_collector_kind kind;
    bool pending; /* entries become a fragment */
    struct tm_git_head head;
    struct tm_map dirty; /* paths of modules whose files differ from HEAD */
    struct tm_python python;
    struct tm_str env; /* fingerprint of this machine; bench only */
    struct tm_task *tasks;
    size_t n_tasks, next_task;
    size_t n_done;    /* outcomes that are known */
    size_t n_skipped; /* ... of them before anything ran */
    unsigned jobs;
    int64_t started_ns;
};

/* "coverage" or "bench". */
const char *tm_kind_name(enum tm_collector_kind kind);

/* The provenance that all observations of the outcome begin with. */
struct tm_provenance *tm_outcome_from(struct tm_sweep_outcome *outcome);

/* Ends an outcome without a value. The reason is cut to what a ledger line holds well, and escaped. */
void tm_outcome_set(struct tm_pass *pass, struct tm_sweep_outcome *outcome, enum tm_evidence evidence,
                    const char *fmt, ...) TM_PRINTF(4, 5);

/* plan.c: outcomes for all modules of the request, `skipped` where nothing fits, and tasks for the others. */
enum tm_code tm_pass_plan(struct tm_pass *pass, struct tm_err *err) TM_CHECK;

/* task.c: folders, mirror and command of the task. A failure is one of this task alone. */
enum tm_code tm_task_prepare(struct tm_pass *pass, struct tm_task *task, struct tm_err *err) TM_CHECK;
/* What its job's end means for its outcomes; reads the reports when it ended well; removes the mirror. */
void tm_task_conclude(struct tm_pass *pass, struct tm_task *task);

/* measure.c: the reports of a task that ended well, as observations of its outcomes. */
void tm_task_measure(struct tm_pass *pass, struct tm_task *task);

/* record.c: writes the outcomes that are done: intent, ledger, manifests. */
enum tm_code tm_pass_record(struct tm_pass *pass, struct tm_ledger_run *run, struct tm_err *err) TM_CHECK;

/* Fills pass.dirty: modules whose own files differ from HEAD; manifests apart, because sweeps change them. */
enum tm_code tm_pass_find_dirty(struct tm_pass *pass, struct tm_err *err) TM_CHECK;

/* Path of the ledger of a kind, into path (replaced). */
void tm_pass_ledger(const struct tm_repo *repo, enum tm_collector_kind kind, struct tm_buf *path);

/*
 * recall.c: outcomes that the run `id` has in the ledger already, read back. *found says whether there was
 * one; *count is raised to the greatest nonce seen.
 */
enum tm_code tm_pass_recall(struct tm_pass *pass, const char *id, bool *found, uint64_t *count,
                            struct tm_err *err) TM_CHECK;

/* progress.c: the status line, and a line for an outcome that became known. */
void tm_pass_show_status(struct tm_pass *pass);
void tm_pass_show_outcomes(struct tm_pass *pass, const struct tm_task *task);

/* Adds the outcomes up. */
struct tm_sweep_totals tm_pass_totals(const struct tm_sweep_pass *result);

#endif
