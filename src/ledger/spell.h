/*
 * The one spelling of an entry (docs/formats/ledger.md, "Lines").
 */
#ifndef TM_LEDGER_SPELL_H
#define TM_LEDGER_SPELL_H

#include "ledger/ledger.h"

/*
 * Adds the line of entry, without LF, to out. Taken from entry: log, lc, prev, run, ts_s, kind, module, body (spelled
 * already). Nothing is checked: what was spelled is an entry when tm_ledger_parse accepts it.
 */
void tm_ledger_spell(const struct tm_ledger_entry *entry, struct tm_buf *out);

/* Replaces out by the body of a genesis; adopted_bytes 0: nothing was adopted. */
void tm_genesis_body(uint64_t adopted_lines, uint64_t adopted_bytes, const struct tm_hash *sha256,
                     struct tm_buf *out);

#endif
