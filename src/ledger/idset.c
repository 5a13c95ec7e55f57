#include "ledger/idset.h"

#include "base/alloc.h"

void tm_idset_release(struct tm_idset *set)
{
    free(set->ids);
    free(set->slots);
    *set = TM_IDSET_INIT;
}

/* Digests need no hashing; see graph.c. */
static size_t slot_of(const struct tm_idset *set, const struct tm_hash *id)
{
    size_t mask = set->n_slots - 1, i;

    memcpy(&i, id->bytes, sizeof(i));
    for (i &= mask; set->slots[i]; i = (i + 1) & mask)
        if (tm_hash_cmp(&set->ids[set->slots[i] - 1], id) == 0)
            break;
    return i;
}

static void grow(struct tm_idset *set)
{
    free(set->slots);
    set->n_slots = set->n_slots ? set->n_slots * 2 : 64;
    set->slots = tm_alloc_array(set->n_slots, sizeof(*set->slots));
    for (size_t i = 0; i < set->n; i++)
        set->slots[slot_of(set, &set->ids[i])] = (uint32_t)i + 1;
}

void tm_idset_add(struct tm_idset *set, const struct tm_hash *id)
{
    size_t slot;

    if ((set->n + 1) * 2 > set->n_slots)
        grow(set);
    slot = slot_of(set, id);
    if (set->slots[slot])
        return;
    if (set->n >= UINT32_MAX - 1)
        abort();
    TM_GROW(set->ids, set->n, set->cap);
    set->ids[set->n++] = *id;
    set->slots[slot] = (uint32_t)set->n;
}

bool tm_idset_has(const struct tm_idset *set, const struct tm_hash *id)
{
    return set->n_slots && set->slots[slot_of(set, id)];
}
