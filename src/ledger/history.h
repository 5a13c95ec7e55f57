/*
 * Ledgers held against the git history: was any line lost that it ever had? Every step from a commit to its
 * child is looked at, those into a merge from each side, and the last one from HEAD to the work tree.
 *
 * A line counts when it is an entry, or stands among the adopted lines of a ledger that has begun. What
 * changed before that is trusted as found; so is a line that was cut off in the middle and never completed.
 */
#ifndef TM_LEDGER_HISTORY_H
#define TM_LEDGER_HISTORY_H

#include "ledger/finding.h"
#include "ledger/ledger.h"
#include "repo/repo.h"

/* Commits reachable from `to` and not from `from`. */
struct tm_ledger_history_range {
    struct tm_oid from, to; /* from: "" for the whole history */
    bool work_tree;         /* `to` is HEAD, and the work tree its next step */
};

/* Reads "A..B", "A..", "..B" or "B"; NULL or "" is HEAD and the work tree. TM_E_NOT_FOUND, TM_E_USAGE. */
enum tm_code tm_ledger_history_parse(struct tm_ledger_history_range *range, struct tm_git *git,
                                     const char *text, struct tm_err *err) TM_CHECK;

struct tm_ledger_history {
    struct tm_git_walked walked;
    uint64_t steps;          /* at which a ledger changed */
    uint64_t before_genesis; /* lines that went while there was no genesis */
};

/*
 * Holds n ledgers, the files `names` in folder `dir` as they are in the work tree or at the end of the range,
 * against the range; with `pending`, the fragments in that folder as well. findings[i] gets TM_FLAW_LOST for
 * each line of the i-th that was dropped and is not there now. TM_E_IO, TM_E_GIT; TM_E_NOT_FOUND for an
 * object that this clone does not have; TM_E_LIMIT for a version over 2 GiB.
 */
enum tm_code tm_ledger_history_verify(struct tm_ledger_history *history, const struct tm_repo *repo,
                                      const struct tm_ledger_history_range *range, struct tm_str dir,
                                      const struct tm_str *names, size_t n, bool pending,
                                      struct tm_ledger_findings *const *findings, struct tm_err *err)
    TM_CHECK;

#endif
