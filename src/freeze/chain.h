/*
 * The chain of freezes, verified: are the ledgers still what each freeze pinned, are the freeze records
 * those that were frozen, and does each name the one before it (docs/formats/ledger.md, "Damage";
 * docs/formats/freeze.md)? Goes on after each finding.
 */
#ifndef TM_FREEZE_CHAIN_H
#define TM_FREEZE_CHAIN_H

#include "ledger/verify.h"
#include "repo/repo.h"

/* A ledger of the repository. The caller fills in what it has verified, with parents. */
struct tm_chain_ledger {
    struct tm_str name; /* of the file, without ".ndjson" */
    bool is_there;
    /* Findings are added. Of the freeze ledger, freeze entries were kept. NULL when it could not be read. */
    struct tm_verified *verified;
    uint64_t uncovered; /* result: entries that no freeze reaches */
};

/* A freeze record in which something was found. */
struct tm_chain_record {
    struct tm_str path; /* from the arena of the chain */
    struct tm_ledger_findings findings;
};

struct tm_chain {
    struct tm_arena arena;
    struct tm_chain_record *records;
    size_t n_records, cap_records;
    size_t freezes; /* that the freeze ledger has */
    size_t unseen;  /* of them: whose record is neither in the work tree nor below its tag */
};
#define TM_CHAIN_INIT ((struct tm_chain) { .arena = TM_ARENA_INIT })
void tm_chain_release(struct tm_chain *chain);

/* Verifies the chain over the n ledgers, one of which is named "freeze" and could be read. TM_E_IO. */
enum tm_code tm_chain_verify(struct tm_chain *chain, struct tm_repo *repo, struct tm_chain_ledger *ledgers,
                             size_t n, struct tm_err *err) TM_CHECK;

#endif
