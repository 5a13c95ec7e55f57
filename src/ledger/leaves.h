/*
 * The leaves of a ledger's Merkle tree: its ids in freeze-batch order (docs/formats/ledger.md, "Root").
 */
#ifndef TM_LEDGER_LEAVES_H
#define TM_LEDGER_LEAVES_H

#include "ledger/ledger.h"

/* The heads that one freeze pinned of a ledger. */
struct tm_ledger_heads {
    const struct tm_hash *ids;
    size_t n;
};

struct tm_ledger_leaves {
    struct tm_hash *ids; /* owned */
    size_t n;
};
void tm_ledger_leaves_release(struct tm_ledger_leaves *leaves);

/*
 * Reads the ledger and gives its ids in freeze-batch order. batches are the heads pinned by a freeze and by
 * those it follows, oldest first (freezes.h); the last may be those of a freeze in the making. Entries that
 * none of them reaches are no leaves. TM_E_FORMAT when the ledger is damaged or a pinned head is not in it.
 * Memory: about 100 bytes for each entry.
 */
enum tm_code tm_ledger_leaves_read(const struct tm_ledger_file *file, const struct tm_ledger_heads *batches,
                                   size_t n, struct tm_ledger_leaves *leaves, struct tm_err *err) TM_CHECK;

/* The root over the first n of them. */
struct tm_hash tm_ledger_leaves_root(const struct tm_ledger_leaves *leaves, size_t n);

/* Both in one. */
enum tm_code tm_ledger_root(const struct tm_ledger_file *file, const struct tm_ledger_heads *batches,
                            size_t n, struct tm_hash *root, struct tm_err *err) TM_CHECK;

#endif
