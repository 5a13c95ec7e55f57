/*
 * Sorting what is a few ascending runs: records that come in order, but from several places one after the
 * other. Such runs are merged in linear time; in any order it takes what merge sort takes.
 */
#ifndef TM_BASE_SORT_H
#define TM_BASE_SORT_H

#include "base/alloc.h"

/* Where a run ends from item `at` on; it is the longest one there. */
static inline size_t tm_run_end(const char *items, size_t at, size_t n, size_t size,
                                int (*compare)(const void *a, const void *b))
{
    for (at++; at < n && compare(items + (at - 1) * size, items + at * size) <= 0; at++)
        ;
    return at;
}

/* Merges the runs from..middle and middle..end of `items` into the same place of `to`. */
static inline void tm_merge_two(const char *items, char *to, size_t from, size_t middle, size_t end,
                                size_t size, int (*compare)(const void *a, const void *b))
{
    size_t left = from, right = middle;

    for (size_t at = from; at < end; at++) {
        bool takes_right =
            right < end && (left == middle || compare(items + left * size, items + right * size) > 0);

        memcpy(to + at * size, items + (takes_right ? right : left) * size, size);
        right += takes_right;
        left += !takes_right;
    }
}

/*
 * Like qsort(3), and equal items keep their order. Inlined, so that size and compare are known; needs as much
 * memory again unless the items are one run.
 */
static inline void tm_sort_runs(void *items, size_t n, size_t size,
                                int (*compare)(const void *a, const void *b))
{
    char *from = items, *to, *spare;
    size_t runs = n;

    if (n == 0 || tm_run_end(items, 0, n, size, compare) == n)
        return;
    to = spare = tm_realloc_array(NULL, n, size);
    while (runs > 1) {
        char *other = to;

        runs = 0;
        for (size_t at = 0, middle, end; at < n; at = end, runs++) {
            middle = tm_run_end(from, at, n, size, compare);
            end = middle < n ? tm_run_end(from, middle, n, size, compare) : n;
            tm_merge_two(from, to, at, middle, end, size, compare);
        }
        to = from;
        from = other;
    }
    if (from == spare)
        memcpy(items, spare, n * size);
    free(spare);
}

#endif
