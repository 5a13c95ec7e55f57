/*
 * The ledgers of a commit and of its ancestors, as far as they are looked at: those of the range, and the
 * parents that the range begins on. Private to the consistency room.
 */
#ifndef TM_CONSISTENCY_PAST_H
#define TM_CONSISTENCY_PAST_H

#include "consistency/ledgers.h"
#include "repo/history.h"

struct tm_past {
    struct tm_repo *repo;
    struct tm_objects *objects;
    struct tm_history *history;
    struct tm_ledgers ledgers;
    const struct tm_history_commit *of; /* whose ancestors were looked at last */
    /* Different versions among the commit and its ancestors, its own first. */
    struct tm_past_version {
        const struct tm_text_version *version;
    } * versions[TM_LEDGERS_KINDS];
    size_t n[TM_LEDGERS_KINDS], cap[TM_LEDGERS_KINDS];
    bool had_ledger; /* an ancestor, not the commit itself, had a ledger of observations */
    size_t stamp;
};

void tm_past_init(struct tm_past *past, struct tm_repo *repo, struct tm_objects *objects,
                  struct tm_history *history);
void tm_past_release(struct tm_past *past);

/* Fills in what is said above for a commit; nothing when it was the last one. */
enum tm_code tm_past_look(struct tm_past *past, struct tm_history_commit *commit, struct tm_err *err)
    TM_CHECK;

#endif
