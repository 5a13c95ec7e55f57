/*
 * The ledgers as each commit has them, read no oftener than they were rewritten. Private to the consistency
 * room.
 *
 * A version is known unread when git stores it as the beginning of one that is known, or when its id is that
 * of the beginning of one. Ask for children before their parents: the longest version then comes first.
 */
#ifndef TM_CONSISTENCY_LEDGERS_H
#define TM_CONSISTENCY_LEDGERS_H

#include "consistency/ledger_text.h"
#include "ledger/pending.h"
#include "repo/repo.h"
#include "repo/tree_diff.h"

enum tm_ledgers_kind { TM_LEDGERS_COVERAGE, TM_LEDGERS_BENCH, TM_LEDGERS_FREEZE, TM_LEDGERS_KINDS };

struct tm_ledgers {
    struct tm_repo *repo;
    struct tm_objects *objects;
    struct tm_arena arena;
    struct tm_map by_id, by_place;     /* -> version */
    struct tm_ledger_text *texts;      /* the last one that was read first */
    struct tm_ledger_text *fragments;  /* likewise */
    struct tm_git_id settings, folder; /* of the tree that was asked for last */
    struct tm_str path;                /* where its ledgers are */
    struct tm_tree_entry files[TM_LEDGERS_KINDS];
    bool has_last;
};

void tm_ledgers_init(struct tm_ledgers *ledgers, struct tm_repo *repo, struct tm_objects *objects);
void tm_ledgers_release(struct tm_ledgers *ledgers);

/*
 * Reads the ledgers of a tree from the work tree where that has the same, which needs no object of git: after
 * _begin, _read may run in a thread of its own while nobody else uses ledgers, and _end follows in the first.
 * What they find, tm_ledgers_at need not read; without them it reads what it is asked for.
 */
enum tm_code tm_ledgers_ahead_begin(struct tm_ledgers *ledgers, const struct tm_git_id *tree,
                                    struct tm_err *err) TM_CHECK;
void tm_ledgers_ahead_read(struct tm_ledgers *ledgers);
void tm_ledgers_ahead_end(struct tm_ledgers *ledgers);

/*
 * The ledger of that kind in the tree of a commit, below the folder that the tree's own settings name; where
 * those cannot be read, below the one that the settings name now. Owned by ledgers; never NULL. TM_E_LIMIT
 * over TM_LEDGER_TEXT_MAX bytes, else what reading gives.
 */
enum tm_code tm_ledgers_at(struct tm_ledgers *ledgers, const struct tm_git_id *tree,
                           enum tm_ledgers_kind kind, const struct tm_text_version **version,
                           struct tm_err *err) TM_CHECK;

/*
 * Calls visit for each fragment in the tree of a commit, below the same folder: entries that wait to be
 * folded into their ledgers, of any kind. One that cannot be read as lines is passed over.
 */
typedef void tm_fragment_visit(void *ctx, const struct tm_text_version *version);
enum tm_code tm_ledgers_pending(struct tm_ledgers *ledgers, const struct tm_git_id *tree,
                                tm_fragment_visit *visit, void *ctx, struct tm_err *err) TM_CHECK;

#endif
