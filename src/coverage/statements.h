/*
 * The statements of one file, packed like its lines (coverage/hits.h): mostly six bytes, at most 35. Each is
 * numbers in LEB128: lines from the one before it, column, lines to its end, column of the end, how many ran
 * together, hits.
 *
 * They may be added in any order and repeatedly. Such a list is loose until it is settled; it settles itself
 * when it would have to grow.
 */
#ifndef TM_COVERAGE_STATEMENTS_H
#define TM_COVERAGE_STATEMENTS_H

#include "base/base.h"

/* Where code stands: what makes two statements of a file the same one. */
struct tm_extent {
    uint32_t line, column;         /* of its start; column 0 when the format has none */
    uint32_t end_line, end_column; /* 0, 0 when the format has none */
};

/*
 * Statements, for formats that count them. Where the format has offsets instead of columns they stand in
 * their place: they only tell statements apart.
 */
struct tm_statement {
    struct tm_extent at;
    uint32_t n; /* statements that ran together here: a basic block of Go; else 1 */
    uint64_t hits;
};

struct tm_statements {
    unsigned char *data;
    size_t len, cap;
    struct tm_extent last;   /* where the last record stands */
    bool loose;              /* the figures count repetitions */
    bool greatest;           /* of what repeats the greatest hits count; else their sum */
    size_t n;                /* records */
    uint64_t total, covered; /* statements, and those with hits */
};

#define TM_STATEMENTS_INIT ((struct tm_statements) { .data = NULL })

void tm_statements_release(struct tm_statements *list);

/* Adds n records, each with a line from 1 to TM_LINE_MAX and an n of at least 1. */
void tm_statements_add(struct tm_statements *list, const struct tm_statement *records, size_t n);

/* Forgets all records and keeps the memory and how they are united. */
void tm_statements_clear(struct tm_statements *list);

/* Adds all records of src, another list, which may be loose when both unite alike. */
void tm_statements_append(struct tm_statements *list, const struct tm_statements *src);

/* The same, and empties src. */
void tm_statements_merge(struct tm_statements *list, struct tm_statements *src);

/*
 * Sorts the records by extent. Of equal ones one stays, with the greatest n, and the greatest or the sum of
 * their hits (at most UINT64_MAX).
 */
void tm_statements_settle(struct tm_statements *list);

/* Walks over the records: in ascending order when the list is settled. */
struct tm_statements_iter {
    const unsigned char *at, *end;
    uint32_t line;
};
struct tm_statements_iter tm_statements_iter(const struct tm_statements *list);
bool tm_statements_next(struct tm_statements_iter *iter, struct tm_statement *record);

#endif
