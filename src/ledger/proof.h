/*
 * Proofs that go without repository and ledger (docs/formats/proof.md): an entry is in a frozen ledger, or
 * the ledgers of one freeze begin with those of an earlier one.
 */
#ifndef TM_LEDGER_PROOF_H
#define TM_LEDGER_PROOF_H

#include "base/arena.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"
#include "ledger/parse.h"

enum {
    TM_PROOF_MAX = 1 << 20, /* bytes */
    TM_PROOF_TREES_MAX = 64,
    TM_PROOF_TAG_MAX = 255,
};
#define TM_PROOF_FORMAT "tidemark-proof/1"

enum tm_proof_kind { TM_PROOF_INCLUSION, TM_PROOF_CONSISTENCY };
/* "inclusion", "consistency". */
const char *tm_proof_kind_name(enum tm_proof_kind kind);

/* One ledger at a freeze, and what is proved of it. */
struct tm_proof_tree {
    struct tm_str ledger, log;
    uint64_t size; /* at least 1 */
    struct tm_hash root;
    uint64_t index;    /* inclusion only */
    uint64_t old_size; /* consistency only, as old_root */
    struct tm_hash old_root;
    const struct tm_hash *hashes;
    size_t n_hashes;
};

struct tm_proof {
    enum tm_proof_kind kind;
    struct tm_str old_freeze; /* consistency only */
    struct tm_str freeze;
    struct tm_str entry;         /* inclusion only: the line, strictly spelled */
    struct tm_proof_tree *trees; /* by name; one for inclusion */
    size_t n_trees;
    struct tm_hash sha256; /* of its spelling up to there, unless somebody changed it */
};

/* Spells the proof into out (replaced). */
void tm_proof_spell(const struct tm_proof *proof, struct tm_buf *out);

/* Sets sha256 to what it must be. */
void tm_proof_seal(struct tm_proof *proof);

/*
 * Reads a proof; texts and arrays come from arena. TM_E_FORMAT when data is not the one spelling of a
 * proof; TM_E_LIMIT. Whether it holds is tm_proof_check's to say.
 */
enum tm_code tm_proof_parse(struct tm_proof *proof, struct tm_arena *arena, const char *name,
                            struct tm_str data, struct tm_err *err) TM_CHECK;

/* The entry of an inclusion proof, its id set, valid as long as proof and parser; what is wrong with it. */
enum tm_ledger_flaw tm_proof_entry(const struct tm_proof *proof, struct tm_ledger_parser *parser,
                                   struct tm_ledger_entry *entry);

/* Roots that a verifier knows from elsewhere and insists on. */
struct tm_proof_roots {
    const struct tm_hash *items;
    size_t n; /* 0: any will do */
};

/*
 * TM_OK when the proof holds, and its roots, and its old roots, are exactly those insisted on, in any order.
 * The root of a ledger that the earlier freeze did not have is none. TM_E_NO says what does not hold.
 */
enum tm_code tm_proof_check(const struct tm_proof *proof, struct tm_proof_roots roots,
                            struct tm_proof_roots old_roots, struct tm_err *err) TM_CHECK;

#endif
