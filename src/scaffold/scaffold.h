/*
 * Scaffolding: creating what a plan says, and recording it
 * (docs/formats/templates.md; the ledgers are docs/formats/ledger.md's).
 *
 * Existing files are never touched: each is created anew or not at all. Files come before their ledger
 * entries; what an interrupted run left unrecorded is recorded by the next one.
 */
#ifndef TM_SCAFFOLD_SCAFFOLD_H
#define TM_SCAFFOLD_SCAFFOLD_H

#include "ledger/ledger.h"
#include "scaffold/plan.h"

struct tm_scaffold_created {
    const struct tm_scaffold_module *module;
    struct tm_str path;
    bool is_test;
    bool recovered; /* made by an earlier run, recorded now */
};

struct tm_scaffold_failure {
    const struct tm_scaffold_module *module;
    struct tm_str path;
    const char *message;
};

struct tm_scaffold_result {
    struct tm_arena arena;
    struct tm_scaffold_created *created; /* in the order of the plan, docs before tests */
    size_t n_created, created_cap;
    size_t n_docs, n_tests, n_recovered; /* n_created is their sum */
    struct tm_scaffold_failure *failures;
    size_t n_failures, failures_cap;
    size_t ledger_entries; /* added, genesis not counted */
};

#define TM_SCAFFOLD_RESULT_INIT ((struct tm_scaffold_result) { .arena = TM_ARENA_INIT })

/*
 * Does what the plan says. The lock of writing commands must be held. A file that cannot be created is a
 * failure and the others go on; one that came to be meanwhile is left alone. TM_E_PARTIAL when there were
 * failures, after everything else was done; another error when a ledger cannot be read or written. The result
 * is valid, and to be released, in any case.
 */
enum tm_code tm_scaffold_apply(const struct tm_scaffold_plan *plan, struct tm_ledger_run *run, int64_t ts_s,
                               struct tm_scaffold_result *result, struct tm_err *err) TM_CHECK;
void tm_scaffold_result_release(struct tm_scaffold_result *result);

#endif
