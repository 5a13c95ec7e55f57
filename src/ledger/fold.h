/*
 * Fragments folded into the files of their ledgers (docs/formats/ledger.md, "Fragments").
 */
#ifndef TM_LEDGER_FOLD_H
#define TM_LEDGER_FOLD_H

#include "ledger/pending.h"
#include "repo/repo.h"

/* What is pending for one ledger, and what an earlier fold had not committed yet. */
struct tm_fold_ledger {
    const char *name; /* one of tm_ledger_names */
    struct tm_str path;
    size_t fragments, entries;
    size_t folded; /* fragments that HEAD has and that are folded already */
};

struct tm_fold {
    struct tm_arena arena;
    struct tm_fragments fragments;
    struct tm_fold_ledger *ledgers; /* those that have something, by name */
    size_t n_ledgers;
    struct tm_str *paths; /* of everything that a commit of the fold changes */
    size_t n_paths, cap_paths;
};
#define TM_FOLD_INIT ((struct tm_fold) { .arena = TM_ARENA_INIT, .fragments = TM_FRAGMENTS_INIT })

/*
 * Sets right what a crash left at the end of the ledgers that have fragments (tm_ledger_mend), maybe one in a
 * fold, which tm_fold_plan would refuse. The repository's lock must be held.
 */
enum tm_code tm_fold_mend(struct tm_repo *repo, struct tm_err *err) TM_CHECK;

/*
 * Looks at what is to be done, and checks each ledger with its fragments as tm_ledger_read does. Fragments
 * that HEAD has, the work tree no longer, and no ledger either, are warned of and left.
 */
enum tm_code tm_fold_plan(struct tm_fold *fold, struct tm_repo *repo, struct tm_err *err) TM_CHECK;
void tm_fold_release(struct tm_fold *fold);

/*
 * Carries it out: each ledger is appended to and synced before its fragments go, then all of it is committed.
 * The repository's lock must be held. A failure leaves every entry in its ledger or in its fragment or in
 * both, and the next fold goes on.
 */
enum tm_code tm_fold_apply(struct tm_fold *fold, struct tm_repo *repo, struct tm_oid *commit,
                           struct tm_err *err) TM_CHECK;

/*
 * Appends to the ledger's file what the fragments have and it has not, in ledger order, and removes them, all
 * under the lock of appends. `all` are fragments of this ledger.
 */
enum tm_code tm_ledger_fold(const struct tm_ledger_file *file, const struct tm_fragments *all,
                            struct tm_err *err) TM_CHECK;

#endif
