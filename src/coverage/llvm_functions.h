/*
 * Functions of an llvm-cov export and their regions of code, taken from the rows of numbers and added to a
 * report, at once or when that report's turn comes. Private to coverage/llvm_cov.c.
 *
 * A report of ten million lines has as many regions: they wait in one piece of memory, not in a file each.
 */
#ifndef TM_COVERAGE_LLVM_FUNCTIONS_H
#define TM_COVERAGE_LLVM_FUNCTIONS_H

#include "base/json_row.h"
#include "coverage/report.h"

enum {
    TM_LLVM_NAMES_MAX = 4096, /* files of a function */
    TM_LLVM_WAITING_MAX = 64,
};

/* Files of a function or expansion, which rows name by their number. */
struct tm_llvm_names {
    struct tm_buf text; /* each NUL-terminated */
    size_t starts[TM_LLVM_NAMES_MAX], n;
};

/* Zeroed, with text and packed TM_BUF_INIT, is empty. */
struct tm_llvm_functions {
    struct tm_buf text; /* names of functions, and those of the files of each */
    size_t names_at;    /* where in it those of the last function's files are */
    struct tm_llvm_function *items;
    struct tm_llvm_run *runs; /* regions of one file in a row */
    size_t n_items, cap_items, n_runs, cap_runs;
    struct tm_buf packed;     /* statements of the runs (coverage/statements.h) */
    struct tm_statements run; /* the one that grows, but for the last ones of it, which are packed together */
    struct tm_statement waiting[TM_LLVM_WAITING_MAX];
    size_t n_waiting;
};

void tm_llvm_functions_release(struct tm_llvm_functions *functions);

/* The path of that number into *path, valid until names change. TM_E_FORMAT when there is none. */
enum tm_code tm_llvm_names_path(const struct tm_llvm_names *names, uint64_t number, struct tm_str *path,
                                struct tm_err *err) TM_CHECK;

/*
 * Keeps a function. Its regions, at least one, are rows of [line, column, end line, end column, count, file,
 * expanded file, kind], the line already checked. It stands where the first region does; what stands in one
 * place (instances of a template) is one. Regions of code are statements; those of other kinds (expansions,
 * skipped, gaps, branches) are none. TM_E_FORMAT or TM_E_LIMIT, without a place, for names that are no good.
 */
enum tm_code tm_llvm_functions_keep(struct tm_llvm_functions *functions, struct tm_str name, uint64_t count,
                                    const struct tm_json_row *regions, size_t n,
                                    const struct tm_llvm_names *files, struct tm_err *err) TM_CHECK;

/* Adds what was kept to the report, in order, and forgets it. */
enum tm_code tm_llvm_functions_add(struct tm_llvm_functions *functions, struct tm_report *report,
                                   struct tm_err *err) TM_CHECK;

#endif
