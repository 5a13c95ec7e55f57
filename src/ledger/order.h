/*
 * Ledger order: (lc, id). Lines mostly stand in it already, and are then handed on as they are
 * read; only after some merges they must be sorted.
 */
#ifndef TM_LEDGER_ORDER_H
#define TM_LEDGER_ORDER_H

#include "ledger/ledger.h"

struct tm_ledger_key {
    uint64_t lc;
    struct tm_hash id;
};
int tm_ledger_key_cmp(const struct tm_ledger_key *a, const struct tm_ledger_key *b);

/*
 * One quick pass over the first `size` bytes of fd. *sorted is false when two entries
 * are not in ledger order or an entry stands twice. What is no entry is passed over: that
 * is the strict reader's to find.
 */
enum tm_code tm_ledger_is_sorted(int fd, uint64_t size, bool *sorted, struct tm_err *err) TM_CHECK;

/* Where the lines of a ledger stand, to be visited in another order. */
struct tm_ledger_place {
    struct tm_ledger_key key; /* adopted lines: 0 and zero */
    uint64_t at;
    uint32_t len;
    uint32_t line; /* modulo 2^32: for messages */
};
struct tm_ledger_places {
    struct tm_ledger_place *items;
    size_t n, cap;
};
#define TM_LEDGER_PLACES_INIT ((struct tm_ledger_places) { NULL, 0, 0 })
void tm_ledger_places_release(struct tm_ledger_places *places);

/* entry->id is computed when it is zero. */
void tm_ledger_places_add(struct tm_ledger_places *places, const struct tm_ledger_entry *entry, uint64_t at);

/* Sorts the places and visits each entry once, reading its line again. The lines were accepted before. */
enum tm_code tm_ledger_places_visit(struct tm_ledger_places *places, int fd, struct tm_str path,
                                    tm_ledger_visit_fn *visit, void *ctx, struct tm_err *err) TM_CHECK;

#endif
