/*
 * A set of ids, or of the digests of lines: 32 bytes for each and a table of 4 to 16.
 */
#ifndef TM_LEDGER_IDSET_H
#define TM_LEDGER_IDSET_H

#include "ext/hash.h"

struct tm_idset {
    struct tm_hash *ids;
    size_t n, cap;
    uint32_t *slots; /* index + 1 into ids; 0 is empty */
    size_t n_slots;
};
#define TM_IDSET_INIT ((struct tm_idset) { NULL })

void tm_idset_release(struct tm_idset *set);
/* At most 2^32 - 2 of them. */
void tm_idset_add(struct tm_idset *set, const struct tm_hash *id);
bool tm_idset_has(const struct tm_idset *set, const struct tm_hash *id);

#endif
