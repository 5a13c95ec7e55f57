#include "ledger/merkle.h"

#include "base/alloc.h"

static struct tm_hash hash_leaf(struct tm_hasher *hasher, struct tm_str bytes)
{
    tm_hasher_add(hasher, tm_str_n("\0", 1));
    tm_hasher_add(hasher, bytes);
    return tm_hasher_finish(hasher);
}

static struct tm_hash join(struct tm_hasher *hasher, const struct tm_hash *left, const struct tm_hash *right)
{
    tm_hasher_add(hasher, tm_str_n("\1", 1));
    tm_hasher_add(hasher, tm_str_n((const char *)left->bytes, TM_HASH_LEN));
    tm_hasher_add(hasher, tm_str_n((const char *)right->bytes, TM_HASH_LEN));
    return tm_hasher_finish(hasher);
}

struct tm_hash tm_merkle_leaf(struct tm_str bytes)
{
    struct tm_hasher *hasher = tm_hasher_new();
    struct tm_hash hash = hash_leaf(hasher, bytes);

    tm_hasher_free(hasher);
    return hash;
}

void tm_merkle_init(struct tm_merkle *tree)
{
    tree->hasher = tm_hasher_new();
    tree->count = 0;
}

static void add_hash(struct tm_merkle *tree, struct tm_hash hash)
{
    unsigned depth = (unsigned)__builtin_popcountll(tree->count);

    /* Each trailing one of the count is a perfect subtree of the size that is now complete twice. */
    for (uint64_t n = tree->count; n & 1; n >>= 1)
        hash = join(tree->hasher, &tree->stack[--depth], &hash);
    tree->stack[depth] = hash;
    tree->count++;
}

void tm_merkle_add(struct tm_merkle *tree, struct tm_str leaf)
{
    add_hash(tree, hash_leaf(tree->hasher, leaf));
}

struct tm_hash tm_merkle_finish(struct tm_merkle *tree)
{
    unsigned depth = (unsigned)__builtin_popcountll(tree->count);
    struct tm_hash root = depth ? tree->stack[depth - 1] : tm_hasher_finish(tree->hasher);

    while (depth > 1) {
        depth--;
        root = join(tree->hasher, &tree->stack[depth - 1], &root);
    }
    tm_hasher_free(tree->hasher);
    tree->hasher = NULL;
    return root;
}

struct tm_hash tm_merkle_root(const struct tm_hash *leaves, size_t n)
{
    struct tm_merkle tree;

    tm_merkle_init(&tree);
    for (size_t i = 0; i < n; i++)
        add_hash(&tree, leaves[i]);
    return tm_merkle_finish(&tree);
}

/* ---- Proofs ---- */

/* The greatest power of two below n, which is at least 2: where the RFC splits a tree. */
static size_t split_of(size_t n)
{
    size_t k = 1;

    while (k < n - k)
        k *= 2;
    return k;
}

/* Both proofs are gathered on the way down from the root, and given from the leaf up. */
static void reverse(struct tm_hash *hashes, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        struct tm_hash kept = hashes[i];

        hashes[i] = hashes[n - 1 - i];
        hashes[n - 1 - i] = kept;
    }
}

size_t tm_merkle_inclusion(const struct tm_hash *leaves, size_t n, size_t index,
                           struct tm_hash proof[TM_MERKLE_PROOF_MAX])
{
    size_t count = 0;

    assert(index < n);
    while (n > 1) {
        size_t k = split_of(n);

        if (index < k) {
            proof[count++] = tm_merkle_root(leaves + k, n - k);
            n = k;
        } else {
            proof[count++] = tm_merkle_root(leaves, k);
            leaves += k;
            index -= k;
            n -= k;
        }
    }
    reverse(proof, count);
    return count;
}

size_t tm_merkle_consistency(const struct tm_hash *leaves, size_t n, size_t old_n,
                             struct tm_hash proof[TM_MERKLE_PROOF_MAX])
{
    bool is_old_root = true; /* the subtree looked at is the whole old tree, whose root is known */
    size_t count = 0;

    assert(old_n <= n);
    if (old_n == 0)
        return 0;
    while (old_n < n) {
        size_t k = split_of(n);

        if (old_n <= k) {
            proof[count++] = tm_merkle_root(leaves + k, n - k);
            n = k;
        } else {
            proof[count++] = tm_merkle_root(leaves, k);
            leaves += k;
            old_n -= k;
            n -= k;
            is_old_root = false;
        }
    }
    if (!is_old_root)
        proof[count++] = tm_merkle_root(leaves, n);
    reverse(proof, count);
    return count;
}

/* How far a proof was followed: number of the node on its level, and of the level's last (2.1.3.2, 2.1.4.2).
 */
struct climb {
    struct tm_hasher *hasher;
    uint64_t node, last;
};

/* True when the next hash stands to the left. Goes up a level, and past those where the node has no sibling.
 */
static bool climb_next(struct climb *climb)
{
    bool left = climb->node & 1 || climb->node == climb->last;

    while (left && climb->node && !(climb->node & 1)) {
        climb->node >>= 1;
        climb->last >>= 1;
    }
    climb->node >>= 1;
    climb->last >>= 1;
    return left;
}

bool tm_merkle_includes(const struct tm_hash *root, uint64_t size, uint64_t index, const struct tm_hash *leaf,
                        const struct tm_hash *proof, size_t n_proof)
{
    struct climb climb = { .node = index, .last = size - 1 };
    struct tm_hash hash = *leaf;
    size_t used = 0;

    if (index >= size)
        return false;
    climb.hasher = tm_hasher_new();
    for (; used < n_proof && climb.last; used++)
        hash = climb_next(&climb) ? join(climb.hasher, &proof[used], &hash)
                                  : join(climb.hasher, &hash, &proof[used]);
    tm_hasher_free(climb.hasher);
    return used == n_proof && climb.last == 0 && tm_hash_cmp(&hash, root) == 0;
}

/* Both roots from the hashes of the proof, for 0 < old_size < size. */
static bool follow(struct climb *climb, struct tm_hash start, const struct tm_hash *proof, size_t n_proof,
                   struct tm_hash *old_root, struct tm_hash *root)
{
    size_t used = 0;

    *old_root = *root = start;
    for (; used < n_proof && climb->last; used++) {
        if (climb_next(climb)) {
            *old_root = join(climb->hasher, &proof[used], old_root);
            *root = join(climb->hasher, &proof[used], root);
        } else {
            *root = join(climb->hasher, root, &proof[used]);
        }
    }
    return used == n_proof && climb->last == 0;
}

bool tm_merkle_extends(const struct tm_hash *root, uint64_t size, const struct tm_hash *old_root,
                       uint64_t old_size, const struct tm_hash *proof, size_t n_proof)
{
    struct climb climb = { .node = old_size - 1, .last = size - 1 };
    bool is_perfect = (old_size & (old_size - 1)) == 0;
    struct tm_hash old_found, found;
    bool good;

    if (old_size == 0) {
        found = tm_hash_of(TM_STR(""));
        return n_proof == 0 && tm_hash_cmp(old_root, &found) == 0;
    }
    if (old_size >= size)
        return old_size == size && n_proof == 0 && tm_hash_cmp(old_root, root) == 0;
    if (!is_perfect && n_proof == 0)
        return false;
    while (climb.node & 1) {
        climb.node >>= 1;
        climb.last >>= 1;
    }
    climb.hasher = tm_hasher_new();
    /* An old tree that is perfect is itself the subtree that both begin with, and not in the proof. */
    good = is_perfect ? follow(&climb, *old_root, proof, n_proof, &old_found, &found)
                      : follow(&climb, proof[0], proof + 1, n_proof - 1, &old_found, &found);
    tm_hasher_free(climb.hasher);
    return good && tm_hash_cmp(&old_found, old_root) == 0 && tm_hash_cmp(&found, root) == 0;
}
