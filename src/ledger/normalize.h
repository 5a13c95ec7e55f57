/*
 * Lines of a ledger put in ledger order, each once (docs/formats/ledger.md, "Normalizing").
 */
#ifndef TM_LEDGER_NORMALIZE_H
#define TM_LEDGER_NORMALIZE_H

#include "ledger/ledger.h"

/* What was found. */
struct tm_normalized {
    uint64_t entries;
    uint64_t duplicates; /* lines that stood twice */
    bool reordered;      /* lines did not stand in ledger order */
};

/* True when there was something to put right. */
static inline bool tm_normalized_changed(const struct tm_normalized *found)
{
    return found->duplicates || found->reordered;
}

/*
 * Puts the ledger right under the lock of appends, replacing the file whole; one that is in order, or
 * missing, is not touched. With `check` nothing is written and no end is mended. TM_E_FORMAT when it is
 * damaged.
 */
enum tm_code tm_ledger_normalize(const struct tm_ledger_file *file, bool check, struct tm_normalized *found,
                                 struct tm_err *err) TM_CHECK;

#endif
