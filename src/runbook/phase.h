/*
 * What the phases of a run share. Private to the runbook room.
 */
#ifndef TM_RUNBOOK_PHASE_H
#define TM_RUNBOOK_PHASE_H

#include "catalog/catalog.h"
#include "runbook/journal.h"
#include "runbook/run.h"
#include "sweep/sweep.h"

struct tm_run {
    struct tm_repo *repo;
    const struct tm_run_options *options;
    struct tm_journal journal;
    struct tm_catalog catalog; /* as of the last phase that changed files */
    bool partial;              /* modules failed or manifests could not be read */
};

/*
 * One phase: does its work, sets status and reason of the record, writes its facts as members of the open
 * object. TM_OK also when it did not pass; other codes stop the run where it is. Every phase may be called
 * again after a kill.
 */
typedef enum tm_code tm_phase_fn(struct tm_run *run, struct tm_phase_record *record,
                                 struct tm_json_writer *facts, struct tm_err *err);

tm_phase_fn tm_phase_preflight, tm_phase_baseline, tm_phase_discovery, tm_phase_scaffolding,
    tm_phase_coverage, tm_phase_bench, tm_phase_dashboards, tm_phase_final, tm_phase_release;

/* Discovers the modules anew. */
enum tm_code tm_run_reload(struct tm_run *run, struct tm_err *err) TM_CHECK;

/*
 * Commits what differs from HEAD among paths and notes the commit in the record; also when a killed run had
 * made it already. Nothing when there is nothing to commit.
 */
enum tm_code tm_run_commit(struct tm_run *run, struct tm_phase_record *record, const struct tm_str *paths,
                           size_t n, const char *message, struct tm_err *err) TM_CHECK;

void tm_phase_set(struct tm_phase_record *record, enum tm_phase_status status, const char *reason);

/* A list of paths that grows, of texts that live in an arena. */
struct tm_paths {
    struct tm_arena arena;
    struct tm_str *items;
    size_t n, cap;
};
void tm_paths_add(struct tm_paths *paths, struct tm_str path);
void tm_paths_release(struct tm_paths *paths);

/* Adds what scan, fuse and trends write. */
void tm_paths_add_scanned(struct tm_paths *paths, const struct tm_repo *repo);
void tm_paths_add_fused(struct tm_paths *paths, const struct tm_repo *repo);
/* Adds the ledger of that name ("coverage"). */
void tm_paths_add_ledger(struct tm_paths *paths, const struct tm_repo *repo, const char *name);

#endif
