/*
 * What `ledger verify` found in one file. Every finding is counted; of each code only the first
 * TM_LEDGER_FINDINGS_KEPT are kept, so that a file of nothing but damage costs no memory.
 */
#ifndef TM_LEDGER_FINDING_H
#define TM_LEDGER_FINDING_H

#include "base/buf.h"
#include "ext/hash.h"
#include "ledger/flaw.h"

enum { TM_LEDGER_FINDINGS_KEPT = 100 };

struct tm_ledger_finding {
    enum tm_ledger_flaw flaw;
    uint64_t line; /* 0: of the file as a whole */
    bool has_id;
    struct tm_hash id; /* of the entry it is about */
    char *detail;      /* what more can be said, to follow a colon; NULL; owned */
};

struct tm_ledger_findings {
    struct tm_ledger_finding *items;
    size_t n, cap;
    uint64_t counts[TM_FLAW_COUNT];
    uint64_t greatest[TM_FLAW_COUNT]; /* private: line of those that are kept */
};
#define TM_LEDGER_FINDINGS_INIT ((struct tm_ledger_findings) { .items = NULL })

void tm_ledger_findings_release(struct tm_ledger_findings *findings);

/* Adds one. id may be NULL; fmt too, else it is the detail. */
void tm_ledger_findings_add(struct tm_ledger_findings *findings, enum tm_ledger_flaw flaw, uint64_t line,
                            const struct tm_hash *id, const char *fmt, ...) TM_PRINTF(5, 6);

/* By line, then by code. */
void tm_ledger_findings_sort(struct tm_ledger_findings *findings);

/* How many there are, kept or not. */
uint64_t tm_ledger_findings_errors(const struct tm_ledger_findings *findings);
uint64_t tm_ledger_findings_warnings(const struct tm_ledger_findings *findings);

#endif
