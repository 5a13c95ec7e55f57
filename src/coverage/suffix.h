/*
 * The files of a repository by the ends of their paths: "src/a.c" finds "lib/src/a.c", but not
 * "lib/xsrc/a.c". Built once from a list of paths, which must outlive it.
 */
#ifndef TM_COVERAGE_SUFFIX_H
#define TM_COVERAGE_SUFFIX_H

#include "base/str.h"

struct tm_suffixes {
    struct tm_str *paths; /* in the order of their reversed bytes, ASCII letters folded */
    size_t n, cap;
    bool sorted;
};

#define TM_SUFFIXES_INIT ((struct tm_suffixes) { NULL, 0, 0, false })

void tm_suffixes_release(struct tm_suffixes *suffixes);
void tm_suffixes_add(struct tm_suffixes *suffixes, struct tm_str path);

/* To be called once behind the last path, before the first search. */
void tm_suffixes_sort(struct tm_suffixes *suffixes);

/*
 * The paths that are `suffix`, or end in it behind a '/', without regard to the case of ASCII letters: *n of
 * them, next to each other. O(log of all) steps.
 */
const struct tm_str *tm_suffixes_find(const struct tm_suffixes *suffixes, struct tm_str suffix, size_t *n);

#endif
