/*
 * What a pass is about to write, kept in the state folder (sweep-intent*.json) while it
 * writes, so that a crash between the ledger and the manifests leaves no half of it.
 *
 * Order: intent, ledger, manifests, intent away. Whatever stands in a durable intent is complete, so
 * finishing means: append the entries that the ledger does not have yet, apply the edits
 * again. Both are idempotent. An intent whose HEAD is not the present one is dropped: its figures are
 * about files that are no longer there.
 *
 * The file is private to tidemark:
 * {"format":"tidemark-intent/1","head","run","count","ledger","pending","kind","ts",
 * "entries":[{"module","body","manifest","edits":[{"path","value","only_existing"}]}]}; ledger and manifest
 * are paths in hexadecimal, because paths need not be UTF-8 and must come back as they were.
 */
#ifndef TM_SWEEP_INTENT_H
#define TM_SWEEP_INTENT_H

#include "ledger/ledger.h"
#include "repo/repo.h"

enum { TM_INTENT_EDITS_MAX = 8, TM_INTENT_PARTS_MAX = 4, TM_INTENT_FILE_MAX = 256 << 20 };

/* One value of a manifest; see base/json_edit.h. */
struct tm_intent_edit {
    const char *path; /* members from the root, joined by '.': "testing.observed_at" */
    struct tm_str value;
    bool only_existing;
};

struct tm_intent_entry {
    struct tm_str module;
    struct tm_str body;
    struct tm_str manifest; /* path; "" when the entry changes none */
    struct tm_intent_edit edits[TM_INTENT_EDITS_MAX];
    size_t n_edits;
};

struct tm_intent {
    struct tm_str head;   /* commit; "" when unborn */
    struct tm_str ledger; /* repository path */
    bool pending;         /* entries become a fragment of it */
    enum tm_ledger_kind kind;
    int64_t ts_s;
    struct tm_ledger_run *run; /* its count is where the entries start; moves on as they are written */
    struct tm_intent_entry *entries;
    size_t n;
};

/* Applies the edits of an entry to a manifest's bytes; see tm_json_edit. `name` is for messages. */
enum tm_code tm_intent_apply(const struct tm_intent_entry *entry, const char *name, struct tm_str in,
                             struct tm_buf *out, struct tm_err *err) TM_CHECK;

/*
 * Carries it out: all of the above. `changed`, when not NULL, holds n + 1 flags: of each entry whether its
 * manifest's bytes changed, and at n whether the ledger did. A manifest that cannot be read, edited or
 * written is warned of and added to *failed (may be NULL): the ledger has its figure, and the others go on.
 * When the ledger cannot be written, nothing was.
 */
enum tm_code tm_intent_write(struct tm_repo *repo, const struct tm_intent *intent, bool *changed,
                             size_t *failed, struct tm_err *err) TM_CHECK;

/* Finishes or drops what is left of an earlier one; nothing when there is none. */
enum tm_code tm_intent_finish(struct tm_repo *repo, struct tm_err *err) TM_CHECK;

#endif
