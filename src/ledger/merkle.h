/*
 * The Merkle tree hash of RFC 9162, section 2.1.1, over ledger ids
 * (docs/formats/ledger.md, "Root").
 */
#ifndef TM_LEDGER_MERKLE_H
#define TM_LEDGER_MERKLE_H

#include "ledger/ledger.h"

/*
 * The root over n leaves, each of them the bytes of one input: SHA-256(0x00 || leaf) for a leaf,
 * SHA-256(0x01 || left || right) for a node, SHA-256("") for none. Memory: one digest for each level.
 */
struct tm_merkle {
    struct tm_hasher *hasher;
    struct tm_hash stack[64]; /* roots of perfect subtrees, largest first */
    uint64_t count;           /* leaves so far */
};
void tm_merkle_init(struct tm_merkle *tree);
void tm_merkle_add(struct tm_merkle *tree, struct tm_str leaf);
/* The root of what was added; releases the tree. */
struct tm_hash tm_merkle_finish(struct tm_merkle *tree);

/* The heads that one freeze pinned of a ledger. */
struct tm_ledger_heads {
    const struct tm_hash *ids;
    size_t n;
};

/*
 * The root of a ledger in freeze-batch order: batches are the heads pinned by each freeze of it, oldest
 * first; the last are those of the freeze in the making. Entries that none of them reaches do not count.
 * TM_E_FORMAT when the ledger is damaged or a pinned head is not in it. Memory: about 100 bytes for each
 * entry.
 */
enum tm_code tm_ledger_root(const struct tm_ledger_file *file, const struct tm_ledger_heads *batches,
                            size_t n, struct tm_hash *root, struct tm_err *err) TM_CHECK;

#endif
