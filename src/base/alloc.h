/*
 * Memory that is there or the program ends.
 *
 * Out of memory aborts, here and nowhere else: sizes that come from outside
 * are checked against a documented limit before they reach an allocation.
 */
#ifndef TM_BASE_ALLOC_H
#define TM_BASE_ALLOC_H

#include "base/base.h"

/* n bytes, zeroed; n may be 0. Owned by the caller, released with free(). */
void *tm_alloc(size_t n) __attribute__((malloc));

/* count * size bytes, zeroed; aborts when the product overflows. */
void *tm_alloc_array(size_t count, size_t size) __attribute__((malloc));

/* Resizes p (or NULL) to count * size bytes; new bytes are not zeroed. */
void *tm_realloc_array(void *p, size_t count, size_t size);

/* A NUL-terminated copy of s, and of the n bytes at s. Owned by the caller. */
char *tm_strdup(const char *s) __attribute__((malloc));
char *tm_strndup(const char *s, size_t n) __attribute__((malloc));

/* Cleanup for `TM_CLEANUP(tm_freep) char *p`: frees *p and sets it to NULL. */
void tm_freep(void *p);

/*
 * Makes room for one more element in the array `items` of `len` used and `cap`
 * allocated elements. Doubles, so that n pushes cost O(n).
 */
#define TM_GROW(items, len, cap)                                                                             \
    do {                                                                                                     \
        if ((len) == (cap)) {                                                                                \
            (cap) = (cap) ? (cap)*2 : 8;                                                                     \
            (items) = tm_realloc_array((items), (cap), sizeof(*(items)));                                    \
        }                                                                                                    \
    } while (0)

#endif
