/*
 * Rolling back to a freeze (docs/formats/freeze.md, "Rollback"): the frozen
 * artifacts return in a new commit. History is never rewritten and no ledger loses a line.
 */
#ifndef TM_FREEZE_ROLLBACK_H
#define TM_FREEZE_ROLLBACK_H

#include "freeze/freeze.h"

enum tm_rollback_what {
    TM_ROLLBACK_SAME,     /* as it was frozen */
    TM_ROLLBACK_RESTORE,  /* will hold the frozen bytes */
    TM_ROLLBACK_OBSERVED, /* a manifest that people changed: only its observed fields return */
    TM_ROLLBACK_GONE,     /* a manifest whose module is gone: left alone */
};

struct tm_rollback_file {
    struct tm_str path;
    enum tm_rollback_what what;
    struct tm_str data; /* the content it will have; for RESTORE and OBSERVED */
};

struct tm_rollback_plan {
    struct tm_arena arena;
    struct tm_freeze_record record;
    struct tm_oid freeze;           /* F */
    struct tm_rollback_file *files; /* by path */
    size_t n_files;
    size_t changes;             /* how many are RESTORE or OBSERVED */
    size_t ledger_entries_kept; /* entries made since the freeze, which stay */
};

/* Compares the work tree with the freeze; changes nothing. TM_E_FORMAT when a frozen artifact does not have
 * its digest in the tag's commit. */
enum tm_code tm_rollback_plan(struct tm_repo *repo, const char *tag, struct tm_rollback_plan *plan,
                              struct tm_err *err) TM_CHECK;
void tm_rollback_plan_release(struct tm_rollback_plan *plan);

/*
 * Carries the plan out, all of it or nothing: ledger entries, files, one commit. The tree must be clean and
 * on a branch. *commit is the new commit, or HEAD when there was nothing to do (then no entry is written
 * either).
 */
enum tm_code tm_rollback_apply(struct tm_repo *repo, const struct tm_rollback_plan *plan,
                               struct tm_oid *commit, struct tm_err *err) TM_CHECK;

#endif
