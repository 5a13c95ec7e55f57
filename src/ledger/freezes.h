/*
 * The freezes of a repository, as the entries of its freeze ledger have them, and which of them follows
 * which.
 *
 * A freeze *follows* the one that comes last in ledger order among those its entry reaches through `prev`:
 * the one before it on its branch; after a merge, the last of the two branches'. The freezes that one
 * follows, step by step, are its *line*: their batches, in this order, are the leaves of its trees
 * (leaves.h), so that each tree of a line begins with the one before. Freezes that were made on another
 * branch are not in the line.
 */
#ifndef TM_LEDGER_FREEZES_H
#define TM_LEDGER_FREEZES_H

#include "ledger/act.h"
#include "ledger/leaves.h"

#define TM_FREEZE_NONE SIZE_MAX

struct tm_ledger_freeze {
    struct tm_hash id; /* of its entry */
    struct tm_freeze_act act;
    size_t follows; /* index; TM_FREEZE_NONE for the first of a line */
};

struct tm_ledger_freezes {
    struct tm_arena arena;
    struct tm_ledger_freeze *items; /* in ledger order; owned */
    size_t n, cap;
    size_t latest; /* what a freeze made now would follow; TM_FREEZE_NONE for none */
};
#define TM_LEDGER_FREEZES_INIT                                                                               \
    ((struct tm_ledger_freezes) { .arena = TM_ARENA_INIT, .latest = TM_FREEZE_NONE })
void tm_ledger_freezes_release(struct tm_ledger_freezes *freezes);

/* Reads the freeze ledger; TM_E_FORMAT when it is damaged or one of its freezes is. A missing one has none.
 */
enum tm_code tm_ledger_freezes_read(const struct tm_ledger_file *file, struct tm_ledger_freezes *freezes,
                                    struct tm_err *err) TM_CHECK;

/* The last in ledger order with that tag; TM_FREEZE_NONE. */
size_t tm_ledger_freezes_find(const struct tm_ledger_freezes *freezes, struct tm_str tag);

/* True when freeze `a` is in the line of `b`, or is `b`. */
bool tm_ledger_freezes_in_line(const struct tm_ledger_freezes *freezes, size_t a, size_t b);

/* What a freeze pinned of the ledger of that name; NULL when it had no entries. */
const struct tm_ledger_pin *tm_freeze_pin(const struct tm_freeze_act *act, struct tm_str ledger);

/*
 * The batches of a ledger for the tree of freeze `last` (TM_FREEZE_NONE: none), oldest first, from arena,
 * with room for one more behind them.
 */
void tm_ledger_freezes_batches(const struct tm_ledger_freezes *freezes, size_t last, struct tm_str ledger,
                               struct tm_arena *arena, struct tm_ledger_heads **batches, size_t *n);

#endif
