/*
 * The answer of `ledger verify`, as text and as JSON (docs/formats/output.md). Private to verify_cmd.c.
 */
#ifndef TM_LEDGER_VERIFY_PRINT_H
#define TM_LEDGER_VERIFY_PRINT_H

#include "freeze/chain.h"
#include "ledger/history.h"

/* A ledger as it was verified. */
struct tm_verify_subject {
    char *path; /* as it is shown; owned */
    struct tm_chain_ledger ledger;
    struct tm_verified verified;
    char *unread; /* why it could not be read; NULL; owned */
};

struct tm_verify_answer {
    const struct tm_verify_subject *subjects;
    size_t n;
    const struct tm_chain *chain;            /* NULL: freezes were not looked at */
    const struct tm_ledger_history *history; /* NULL: the history was not looked at */
    const char *pending_path; /* folder of the fragments, and what was found of it as a whole */
    const struct tm_ledger_findings *pending;
    bool strict;
    const char *unproven; /* why it cannot be proven; NULL when it is */
    uint64_t errors, warnings;
};

void tm_verify_print_text(const struct tm_verify_answer *answer, struct tm_buf *out);
void tm_verify_print_json(const struct tm_verify_answer *answer, struct tm_buf *out);

/* The heads of every ledger as --pin takes them, one a line. */
void tm_verify_print_pins(const struct tm_verify_answer *answer, struct tm_buf *out);

#endif
