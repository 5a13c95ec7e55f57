/*
 * The one spelling of an entry (docs/formats/ledger.md, "Lines").
 */
#ifndef TM_LEDGER_SPELL_H
#define TM_LEDGER_SPELL_H

#include "ledger/ledger.h"

/*
 * Adds the line of entry, without LF, to out. Taken from entry: log, lc, prev, run, ts_s, kind, module, body
 * (spelled already). Nothing is checked: what was spelled is an entry when tm_ledger_parse accepts it.
 */
void tm_ledger_spell(const struct tm_ledger_entry *entry, struct tm_buf *out);

#endif
