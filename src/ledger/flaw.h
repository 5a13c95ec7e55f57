/*
 * What can be wrong with a ledger: one code and one phrase for each kind of damage
 * (docs/formats/ledger.md, "Damage"). The codes are part of the interface: scripts and
 * `ledger verify` go by them.
 */
#ifndef TM_LEDGER_FLAW_H
#define TM_LEDGER_FLAW_H

#include "base/base.h"

enum tm_ledger_flaw {
    TM_FLAW_NONE,
    /* at the end of the file */
    TM_FLAW_TORN,
    TM_FLAW_NO_LF,
    /* in a line */
    TM_FLAW_TOO_LONG,
    TM_FLAW_BLANK,
    TM_FLAW_BOM,
    TM_FLAW_NUL,
    TM_FLAW_CR,
    TM_FLAW_WHITE_SPACE,
    TM_FLAW_CONFLICT_MARKER,
    TM_FLAW_UTF8,
    TM_FLAW_VERSION,
    TM_FLAW_KEY_ORDER,
    TM_FLAW_KEY_MISSING,
    TM_FLAW_KEY_UNKNOWN,
    TM_FLAW_KEY_TWICE,
    TM_FLAW_KEY_SPELLING,
    TM_FLAW_NUMBER,
    TM_FLAW_ESCAPE,
    TM_FLAW_NULL,
    TM_FLAW_HEX,
    TM_FLAW_STAMP,
    TM_FLAW_KIND,
    TM_FLAW_PREV_ORDER,
    TM_FLAW_PREV_COUNT,
    TM_FLAW_DEPTH,
    TM_FLAW_MEMBERS,
    TM_FLAW_SYNTAX,
    /* in the whole */
    TM_FLAW_UNCHAINED,
    TM_FLAW_UNCHAINED_JSON,
    TM_FLAW_NO_GENESIS,
    TM_FLAW_SECOND_GENESIS,
    TM_FLAW_NO_PARENTS,
    TM_FLAW_GENESIS_PARENTS,
    TM_FLAW_FOREIGN,
    TM_FLAW_DANGLING,
    TM_FLAW_CLOCK,
    TM_FLAW_ADOPTED,
    TM_FLAW_BODY,
    TM_FLAW_REPLAY,
    TM_FLAW_FRAGMENT,
    /* what merges leave: warnings */
    TM_FLAW_REORDERED,
    TM_FLAW_DUPLICATE,
    /* against what is remembered of the ledger elsewhere */
    TM_FLAW_TRUNCATED,
    TM_FLAW_PINNED,
    TM_FLAW_RECORD,
    TM_FLAW_FREEZE_MISSING,
    TM_FLAW_PREVIOUS,
    TM_FLAW_PIN,
    TM_FLAW_LOST,
    TM_FLAW_COUNT, /* how many there are; no flaw */
};

/* "key-order": stable. */
const char *tm_ledger_flaw_code(enum tm_ledger_flaw flaw);

/* "fields are not in their order": a phrase that "at line N of '<path>'" can follow. */
const char *tm_ledger_flaw_text(enum tm_ledger_flaw flaw);

/* True for what is no damage: lines in another order, and a line twice. */
bool tm_ledger_flaw_is_warning(enum tm_ledger_flaw flaw);

#endif
