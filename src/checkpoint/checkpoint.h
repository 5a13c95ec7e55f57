/*
 * The checkpoint: the named validations that must hold before work goes on.
 *
 * A generation check compares what is in the work tree with what the repository says now; a validation
 * check tests a file against its schema and its counts against the tree. SKIPPED is neither pass nor fail.
 *
 * The checks, in their order: Module Registry Generation, Meta-Registry Fusion, Documentation Map Generation,
 * Ledger Consistency Check (spelling and chain of every ledger, no manifest claims a figure that no entry
 * has, and no silent edit in the default range of `ledger consistency`), Coverage Trend Analytics, Benchmark
 * Trend Analytics, MODULE_REGISTRY.json Validation, META_REGISTRY.json Validation.
 */
#ifndef TM_CHECKPOINT_CHECKPOINT_H
#define TM_CHECKPOINT_CHECKPOINT_H

#include "catalog/catalog.h"

enum tm_check_status { TM_CHECK_PASSED, TM_CHECK_FAILED, TM_CHECK_SKIPPED };
/* "passed", "failed", "skipped" */
const char *tm_check_status_name(enum tm_check_status status);

enum { TM_CHECKS = 8 };

struct tm_check_result {
    const char *name; /* "Module Registry Generation" and so on */
    enum tm_check_status status;
    struct tm_buf detail; /* what was found, or why it was skipped; one line */
};

struct tm_checkpoint {
    struct tm_check_result checks[TM_CHECKS]; /* in the order above */
    size_t passed, failed, skipped;
    struct tm_buf failure; /* text of tm_checkpoint_first_failure */
};

#define TM_CHECKPOINT_INIT ((struct tm_checkpoint) { .failure = TM_BUF_INIT })

/*
 * Runs all checks; a check that fails is a result, not an error. TM_E_IO and the like only when the
 * repository itself cannot be read.
 */
enum tm_code tm_checkpoint_run(struct tm_checkpoint *checkpoint, struct tm_repo *repo,
                               const struct tm_catalog *catalog, struct tm_err *err) TM_CHECK;
void tm_checkpoint_release(struct tm_checkpoint *checkpoint);

/* "<name>: <detail>" of the first check that failed; "" when none did. Owned by the checkpoint. */
const char *tm_checkpoint_first_failure(struct tm_checkpoint *checkpoint);

/* Writes `checks`, `passed`, `failed` and `skipped` into the open object (docs/formats/run.md). */
struct tm_json_writer;
void tm_checkpoint_json(const struct tm_checkpoint *checkpoint, struct tm_json_writer *w);

#endif
