/*
 * Freezing (docs/formats/freeze.md): the state of the repository's artifacts
 * and ledgers under an annotated tag. All or nothing.
 *
 * The caller holds the repository's lock and has passed the checkpoint.
 */
#ifndef TM_FREEZE_FREEZE_H
#define TM_FREEZE_FREEZE_H

#include "catalog/catalog.h"
#include "freeze/record.h"
#include "ledger/note.h"

struct tm_freeze_request {
    const char *tag;
    enum tm_freeze_kind kind;
    const char *reason; /* NULL or "" for none */
    /* Signs a checkpoint of each ledger that has entries (docs/formats/checkpoint.md); NULL for none. */
    const struct tm_note_signer *signer;
};

struct tm_freeze_result {
    struct tm_oid commit; /* C, the one that is frozen */
    struct tm_oid freeze; /* F, which holds the record; the tag stands on it */
    char *record;         /* path of the record; owned */
    char *ledger;         /* path of the freeze ledger; owned */
    char **notes;         /* paths of the signed checkpoints; owned, and so are they */
    size_t n_notes;
    int64_t frozen_at_s;
    size_t artifacts, ledgers;
};
void tm_freeze_result_release(struct tm_freeze_result *result);

/*
 * Looks at everything a freeze of that tag refuses but the clean tree and the artifacts, which may change
 * until then: name and absence of the tag, a branch with a commit, an identity. For plans and for the start
 * of a run.
 */
enum tm_code tm_freeze_check(struct tm_repo *repo, const char *tag, struct tm_err *err) TM_CHECK;

/* The part of it that is not about the tag: what every command that commits wants. */
enum tm_code tm_freeze_check_place(struct tm_repo *repo, struct tm_err *err) TM_CHECK;

/* TM_E_REFUSED, naming up to ten files, unless HEAD, index and work tree agree and nothing is untracked. */
enum tm_code tm_freeze_check_clean(struct tm_repo *repo, struct tm_err *err) TM_CHECK;

/* Freezes. On failure no tag, no commit on the branch and no changed file is left. */
enum tm_code tm_freeze_create(struct tm_repo *repo, const struct tm_catalog *catalog,
                              const struct tm_freeze_request *request, struct tm_freeze_result *result,
                              struct tm_err *err) TM_CHECK;

/*
 * The paths a freeze pins, in byte order, from arena: generated files, trend files, manifests.
 */
void tm_freeze_artifacts(const struct tm_repo *repo, const struct tm_catalog *catalog, struct tm_arena *arena,
                         struct tm_str **paths, size_t *n);

/* Reads the record of a freeze from its tag's commit; texts from arena. TM_E_NOT_FOUND, TM_E_FORMAT. */
enum tm_code tm_freeze_load(struct tm_repo *repo, const char *tag, struct tm_arena *arena,
                            struct tm_freeze_record *record, struct tm_oid *freeze, struct tm_err *err)
    TM_CHECK;

#endif
