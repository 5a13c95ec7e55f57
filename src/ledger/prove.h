/*
 * Makes proofs (proof.h) from the ledgers of a repository, as its work tree has them. Each ledger is checked
 * while it is read, and must still give the root that the freeze pinned. Of several freezes with one tag, the
 * last in ledger order is meant.
 */
#ifndef TM_LEDGER_PROVE_H
#define TM_LEDGER_PROVE_H

#include "ledger/proof.h"
#include "repo/repo.h"

enum { TM_PROVE_PREFIX_MIN = 4 };

/* Which entry, and at which freeze. */
struct tm_prove_entry {
    struct tm_str id;   /* or its first digits, at least TM_PROVE_PREFIX_MIN */
    const char *ledger; /* name of the only one to look into; NULL for all */
    const char *freeze; /* tag; NULL for the last freeze in ledger order that has the entry */
};

/*
 * The inclusion proof of an entry; its texts come from arena. TM_E_USAGE: no id by its spelling, two entries
 * begin with it, no such ledger. TM_E_NOT_FOUND: no such entry or freeze. TM_E_REFUSED: the freeze does not
 * have the entry. TM_E_FORMAT: a ledger is damaged, or does not give the root that was pinned.
 */
enum tm_code tm_prove_inclusion(const struct tm_repo *repo, const struct tm_prove_entry *what,
                                struct tm_arena *arena, struct tm_proof *proof, struct tm_err *err) TM_CHECK;

/*
 * The consistency proof between two freezes, the older one first. TM_E_NOT_FOUND: no such freeze.
 * TM_E_USAGE: they are given the other way round. TM_E_NO: the newer one does not follow the older one, or
 * lacks a ledger that it had. TM_E_FORMAT as above.
 */
enum tm_code tm_prove_append(const struct tm_repo *repo, const char *old_tag, const char *tag,
                             struct tm_arena *arena, struct tm_proof *proof, struct tm_err *err) TM_CHECK;

#endif
