/*
 * What one line of a ledger is, looked at by itself: the reader, which stops at the first damage, and
 * `ledger verify`, which goes on, ask the same questions here (docs/formats/ledger.md, "Damage").
 */
#ifndef TM_LEDGER_JUDGE_H
#define TM_LEDGER_JUDGE_H

#include "base/arena.h"
#include "ledger/parse.h"

/* What an entry points into besides its line; reused from line to line. One for each thread. */
struct tm_line_judge {
    struct tm_ledger_parser parser; /* parser.flaw_at: where tm_line_judge_entry saw its flaw */
    struct tm_arena arena;          /* of the current adopted line or body */
};

void tm_line_judge_init(struct tm_line_judge *judge);
void tm_line_judge_release(struct tm_line_judge *judge);

/*
 * A line (without LF) before the first entry. TM_FLAW_NONE: *entry is the adopted line, but for its number;
 * or *blank, and *entry is untouched.
 */
enum tm_ledger_flaw tm_line_judge_adopted(struct tm_line_judge *judge, struct tm_str line,
                                          struct tm_ledger_entry *entry, bool *blank);

/* A line from the first entry on. TM_FLAW_NONE: *entry is the entry, as from tm_ledger_parse. */
enum tm_ledger_flaw tm_line_judge_entry(struct tm_line_judge *judge, struct tm_str line,
                                        struct tm_ledger_entry *entry);

/*
 * What stands behind the last LF, not empty: TM_FLAW_NO_LF, TM_FLAW_TORN, or TM_FLAW_UNCHAINED_JSON for what
 * no append of ours can have left. in_prefix: no entry came before. With TM_FLAW_NO_LF *entry is what it is,
 * unless it is blank.
 */
enum tm_ledger_flaw tm_line_judge_tail(struct tm_line_judge *judge, struct tm_str text, bool in_prefix,
                                       struct tm_ledger_entry *entry);

/* The body of a chained entry by its kind; one of another kind is fine. TM_E_FORMAT says what is wrong. */
enum tm_code tm_line_judge_body(struct tm_line_judge *judge, const struct tm_ledger_entry *entry,
                                struct tm_err *err) TM_CHECK;

#endif
