/*
 * Silent edits: observed figures of manifests that changed in a commit without an entry of a ledger that
 * backs them (docs/formats/consistency.md has the rules).
 *
 * Each commit of a range is compared with its parents, merges with all of them. What a commit changed in the
 * observed fields of a manifest must be backed by the ledgers as they are in that commit or an ancestor of
 * it: what was added later excuses nothing. Of ancestors before the range, the parents of its commits stand
 * for all others.
 */
#ifndef TM_CONSISTENCY_CONSISTENCY_H
#define TM_CONSISTENCY_CONSISTENCY_H

#include "base/arena.h"
#include "repo/repo.h"

enum { TM_TOLERANCE_S = 60, TM_TOLERANCE_MAX_S = 366 * 86400 };

/* What backs a change, the best first. */
enum tm_backing {
    TM_BACKED_UNCHANGED, /* the manifest changed, its observed fields did not */
    TM_BACKED_BLOB,      /* an entry names the manifest's blob as it stands */
    TM_BACKED_ROLLBACK,  /* a rollback restored these bytes */
    TM_BACKED_FIGURES,   /* an entry has the module, time and figures; the rest of the manifest is another */
    TM_BACKED_TIME,      /* an unchained line has module and figure, and a time within the tolerance */
    TM_BACKED_BEFORE,    /* there was no ledger before this commit, and none of the module in it */
    TM_BACKED_UNPROVED,  /* it cannot be known, see reason */
    TM_BACKED_SILENT,    /* nothing does */
};
enum { TM_BACKINGS = TM_BACKED_SILENT + 1 };
/* "unchanged", "blob", "rollback", "figures", "time", "before_ledger", "not_proved", "silent" */
const char *tm_backing_name(enum tm_backing backing);

struct tm_consistency_field {
    struct tm_str name;        /* "testing.coverage_observed" */
    struct tm_str before, now; /* JSON; "" for a field that is not there */
};

/* One manifest in one commit. Texts are of the arena. */
struct tm_consistency_finding {
    enum tm_backing backing; /* from TM_BACKED_FIGURES on */
    struct tm_oid commit;
    int64_t time_s; /* of the commit */
    struct tm_str manifest;
    struct tm_str module; /* "" when the manifest cannot be read */
    struct tm_str reason; /* TM_BACKED_UNPROVED: why */
    struct tm_consistency_field
        *fields; /* those that are backed so and no better; before: the first parent's */
    size_t n_fields;
};

struct tm_consistency {
    struct tm_arena arena;
    struct tm_str range;                     /* "origin/main..HEAD" */
    bool is_default;                         /* ... and nobody asked for it */
    size_t commits;                          /* in the range */
    size_t manifests;                        /* changed manifests, each counted in each commit */
    size_t by[TM_BACKINGS];                  /* how many of them are backed how */
    struct tm_consistency_finding *findings; /* oldest commit first, then by path */
    size_t n_findings;
    struct tm_oid *horizon; /* commits of the range where a shallow clone ends, oldest first */
    size_t n_horizon;
    bool is_cut; /* ... and the range might go on behind them */
};

struct tm_consistency_request {
    const char *range;   /* tm_range_parse; NULL for the default */
    bool root;           /* from the first commit on, whatever the range's beginning */
    int64_t tolerance_s; /* 0 to TM_TOLERANCE_MAX_S */
};

/*
 * Looks through the range. Silent edits are findings, not failures. TM_E_USAGE and TM_E_NOT_FOUND for the
 * range; else what reading the history gives. An unborn HEAD is an empty range. On failure the result is
 * empty.
 */
enum tm_code tm_consistency_check(struct tm_consistency *result, struct tm_repo *repo,
                                  const struct tm_consistency_request *request, struct tm_err *err) TM_CHECK;
void tm_consistency_release(struct tm_consistency *result);

/*
 * The answer: TM_OK when all that changed is backed; TM_E_NO for silent edits; TM_E_PARTIAL when something
 * could not be proved, or there was no commit to look at. The message says how many of what.
 */
enum tm_code tm_consistency_verdict(const struct tm_consistency *result, struct tm_err *err) TM_CHECK;

/* "2 of 12 commits ..." in one phrase, added to out. */
void tm_consistency_summary(const struct tm_consistency *result, struct tm_buf *out);

#endif
