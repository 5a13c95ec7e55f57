/*
 * What a freeze pins: digests of artifacts, state of ledgers, summary. Private to
 * the freeze room.
 */
#ifndef TM_FREEZE_PIN_H
#define TM_FREEZE_PIN_H

#include "freeze/freeze.h"
#include "ledger/act.h"

struct tm_pins {
    struct tm_arena arena;
    struct tm_buf meta; /* bytes of the meta-registry, which record.summary points into */
    struct tm_freeze_record record;
    struct tm_ledger_pin *ledgers; /* those that have a chain, by name */
    size_t n_ledgers;
};

#define TM_PINS_INIT ((struct tm_pins) { .arena = TM_ARENA_INIT, .meta = TM_BUF_INIT })

/*
 * Reads everything that is pinned and fills the record for `head`. TM_E_REFUSED names an artifact that is
 * missing, ignored or untracked. The caller releases pins in any case; request's texts must outlive them.
 */
enum tm_code tm_pins_take(struct tm_pins *pins, struct tm_repo *repo, const struct tm_catalog *catalog,
                          const struct tm_freeze_request *request, const struct tm_git_head *head,
                          struct tm_err *err) TM_CHECK;
void tm_pins_release(struct tm_pins *pins);

#endif
