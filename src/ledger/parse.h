/*
 * The strict reader of one line: accepts the one spelling of an entry
 * (docs/formats/ledger.md, "Lines") and names what is wrong with any other bytes. Allocates nothing but
 * for a module name that had to be unescaped.
 */
#ifndef TM_LEDGER_PARSE_H
#define TM_LEDGER_PARSE_H

#include "base/clock.h"
#include "ledger/ledger.h"
#include "ledger/strict.h"

/* What an entry points into besides its line; reused from line to line. */
struct tm_ledger_parser {
    struct tm_hash prev[TM_LEDGER_PREV_MAX];
    struct tm_strict_members members;
    struct tm_buf module;
    size_t flaw_at; /* byte of the line, from 0, at which the flaw was seen */
    /* Many lines have the time of the one before: it is read once. */
    char stamp[TM_STAMP_LEN];
    int64_t stamp_s;
};

void tm_ledger_parser_init(struct tm_ledger_parser *parser);
void tm_ledger_parser_release(struct tm_ledger_parser *parser);

/*
 * Reads a line (without LF). On TM_FLAW_NONE *entry is filled but for `line` and `id`, valid until line or
 * parser change; otherwise it is untouched.
 */
enum tm_ledger_flaw tm_ledger_parse(struct tm_ledger_parser *parser, struct tm_str line,
                                    struct tm_ledger_entry *entry);

/* True when the line begins as an entry does, so that it is judged as one. */
bool tm_ledger_looks_chained(struct tm_str line);

/* Adds to out what the text between the quotes of a strictly spelled string means. */
void tm_ledger_unescape(struct tm_str raw, struct tm_buf *out);

/*
 * Reads an object (its braces included) by the grammar of bodies, at nesting `depth`; all of text must be it.
 * For drafts that are checked before they are written.
 */
enum tm_ledger_flaw tm_ledger_check_body(struct tm_str text);

#endif
