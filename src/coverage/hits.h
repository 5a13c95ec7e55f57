/*
 * The lines of one file with their hits, packed: a report has millions, nearly
 * always in ascending order, with small hits. A line takes 2 bytes then (the step from the line
 * before it, and the hits, both as LEB128), and 14 at most.
 *
 * Lines may be added in any order and repeatedly: a step of 0 starts over at line 0. Such a list is
 * loose until it is settled; it settles itself when it would have to grow.
 */
#ifndef TM_COVERAGE_HITS_H
#define TM_COVERAGE_HITS_H

#include "base/base.h"

enum { TM_LINE_MAX = (1 << 24) - 1 }; /* greatest line number */

struct tm_line {
    uint32_t line; /* from 1 */
    uint64_t hits;
};

struct tm_hits {
    unsigned char *data;
    size_t len, cap;
    uint32_t last;  /* the line that the next step starts from */
    bool loose;     /* n and covered count repetitions */
    bool greatest;  /* of a line that repeats the greatest hits count; else their sum */
    size_t n;       /* lines */
    size_t covered; /* lines with hits */
};

#define TM_HITS_INIT ((struct tm_hits) { .data = NULL })

void tm_hits_release(struct tm_hits *lines);

/* Adds n records, each with a line from 1 to TM_LINE_MAX. */
void tm_hits_add(struct tm_hits *lines, const struct tm_line *records, size_t n);

/* The same for one record, in place where it is of the usual kind. */
static inline void tm_hits_put(struct tm_hits *lines, uint32_t line, uint64_t hits)
{
    uint32_t step = line - lines->last;

    /* A step that does not go forward is 0 or wraps: less one it is huge. */
    if ((((uint64_t)step - 1) | hits) < 0x7F && lines->cap - lines->len >= 2) {
        lines->data[lines->len] = (unsigned char)step;
        lines->data[lines->len + 1] = (unsigned char)hits;
        lines->len += 2;
        lines->last = line;
        lines->n++;
        lines->covered += hits > 0;
    } else {
        tm_hits_add(lines, &(struct tm_line) { line, hits }, 1);
    }
}

/* Forgets all records and keeps the memory and how they are united. */
void tm_hits_clear(struct tm_hits *lines);

/* Adds all records of src, which may be loose when both unite alike. An empty list takes exactly the memory
 * they need. */
void tm_hits_append(struct tm_hits *lines, const struct tm_hits *src);

/* Sorts the lines; of equal ones one stays, with the greatest or the sum of their hits (at most UINT64_MAX).
 */
void tm_hits_settle(struct tm_hits *lines);

/* The same, and empties src. */
void tm_hits_merge(struct tm_hits *lines, struct tm_hits *src);

/* The lines of `all` that are not in `without`, both settled, into out (replaced), which is another list. */
void tm_hits_subtract(struct tm_hits *out, const struct tm_hits *all, const struct tm_hits *without);

/* Walks over the records: in ascending order when the list is settled. */
struct tm_hits_iter {
    const unsigned char *at, *end;
    uint32_t line;
};
struct tm_hits_iter tm_hits_iter(const struct tm_hits *lines);
bool tm_hits_next(struct tm_hits_iter *iter, struct tm_line *record);

#endif
