/*
 * Merkle trees as RFC 9162 has them: the root (2.1.1), inclusion proofs (2.1.3) and consistency
 * proofs (2.1.4). SHA-256(0x00 || leaf) for a leaf, SHA-256(0x01 || left || right) for a node, SHA-256("")
 * for the empty tree. Which ids are the leaves of a ledger is leaves.h's.
 *
 * A root does not fix the number of leaves: what the functions that verify say holds for trees that have the
 * sizes they were given.
 */
#ifndef TM_LEDGER_MERKLE_H
#define TM_LEDGER_MERKLE_H

#include "ext/hash.h"

/* Hashes that a proof can have: one for each level, and one more for consistency. */
enum { TM_MERKLE_PROOF_MAX = 65 };

/* The hash of a leaf with these bytes. */
struct tm_hash tm_merkle_leaf(struct tm_str bytes);

/* A root in the making. Memory: one digest for each level. */
struct tm_merkle {
    struct tm_hasher *hasher;
    struct tm_hash stack[64]; /* roots of perfect subtrees, largest first */
    uint64_t count;           /* leaves so far */
};
void tm_merkle_init(struct tm_merkle *tree);
void tm_merkle_add(struct tm_merkle *tree, struct tm_str leaf);
/* The root of what was added; releases the tree. */
struct tm_hash tm_merkle_finish(struct tm_merkle *tree);

/* Below, a tree is given by the hashes of its n leaves. */
struct tm_hash tm_merkle_root(const struct tm_hash *leaves, size_t n);

/*
 * The inclusion proof of leaf `index`, less than n: hashes from the leaf's sibling up to below the root.
 * Returns how many.
 */
size_t tm_merkle_inclusion(const struct tm_hash *leaves, size_t n, size_t index,
                           struct tm_hash proof[TM_MERKLE_PROOF_MAX]);

/*
 * The proof that the tree over the first `old_n` leaves, at most n, is the beginning of the tree over all.
 * None is needed when old_n is 0 or n. Returns how many hashes.
 */
size_t tm_merkle_consistency(const struct tm_hash *leaves, size_t n, size_t old_n,
                             struct tm_hash proof[TM_MERKLE_PROOF_MAX]);

/* True when the leaf with this hash stands at `index` of a tree of `size` leaves with this root. */
bool tm_merkle_includes(const struct tm_hash *root, uint64_t size, uint64_t index, const struct tm_hash *leaf,
                        const struct tm_hash *proof, size_t n_proof) TM_CHECK;

/* True when a tree of old_size leaves with old_root is the beginning of one of `size` leaves with root. */
bool tm_merkle_extends(const struct tm_hash *root, uint64_t size, const struct tm_hash *old_root,
                       uint64_t old_size, const struct tm_hash *proof, size_t n_proof) TM_CHECK;

#endif
