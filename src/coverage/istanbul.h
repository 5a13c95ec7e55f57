/*
 * One file of an Istanbul report: what its maps have by id, and how often each ran, collected in any order
 * and brought together at the end. Private to coverage/istanbul.c.
 */
#ifndef TM_COVERAGE_ISTANBUL_H
#define TM_COVERAGE_ISTANBUL_H

#include "base/buf.h"
#include "coverage/report.h"

enum tm_istanbul_kind { TM_ISTANBUL_STATEMENT, TM_ISTANBUL_FUNCTION, TM_ISTANBUL_BRANCH, TM_ISTANBUL_KINDS };

/* What a map has for an id (tm_report_id). */
struct tm_istanbul_entry {
    uint32_t id;
    struct tm_extent at;
    size_t name_at, name_len; /* of a function, in names */
    uint64_t skip;            /* ignored by a comment in the source: of a branch bit i for its path i */
};

struct tm_istanbul_count {
    uint32_t id;
    uint32_t path; /* of a branch, from 0 */
    uint64_t hits;
};

struct tm_istanbul_table {
    struct tm_istanbul_entry *entries;
    size_t n_entries, cap_entries;
    struct tm_istanbul_count *counts;
    size_t n_counts, cap_counts;
    bool entries_loose, counts_loose; /* to be sorted by id */
};

struct tm_istanbul_file {
    struct tm_istanbul_table tables[TM_ISTANBUL_KINDS];
    struct tm_buf names;
    struct tm_hits lines; /* a line has the greatest count of the statements that start there */
    uint64_t no_line;     /* statements and branch paths that stand in no line, set by joining */
};

#define TM_ISTANBUL_FILE_INIT                                                                                \
    ((struct tm_istanbul_file) { .names = TM_BUF_INIT, .lines = { .greatest = true } })

void tm_istanbul_release(struct tm_istanbul_file *file);

/* Forgets what was collected and keeps the memory. */
void tm_istanbul_clear(struct tm_istanbul_file *file);

/* TM_E_LIMIT when there are more than a report may have. Messages have no place. */
enum tm_code tm_istanbul_add_entry(struct tm_istanbul_table *table, struct tm_istanbul_entry entry,
                                   struct tm_err *err) TM_CHECK;
enum tm_code tm_istanbul_add_count(struct tm_istanbul_table *table, struct tm_istanbul_count count,
                                   struct tm_err *err) TM_CHECK;

/* Adds all to `to`. TM_E_FORMAT when an id is there twice, or in a map and not among its counts or the other
 * way round. */
enum tm_code tm_istanbul_join(struct tm_istanbul_file *file, struct tm_report_file *to, struct tm_err *err)
    TM_CHECK;

#endif
