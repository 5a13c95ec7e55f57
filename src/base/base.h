/*
 * What every file of tidemark may use without saying so: fixed-width types,
 * bool, attributes, cleanup, and the growable-array macro.
 */
#ifndef TM_BASE_BASE_H
#define TM_BASE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"

/* The caller must look at the result. */
#define TM_CHECK        __attribute__((warn_unused_result))
/* printf-like: the format is argument f, the first value argument a (0 for a va_list). */
#define TM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define TM_UNUSED       __attribute__((unused))
/* Runs fn(&variable) when the local goes out of scope; fn accepts empty and half-built values. */
#define TM_CLEANUP(fn)  __attribute__((cleanup(fn)))

#define TM_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define TM_MIN(a, b)  ((a) < (b) ? (a) : (b))
#define TM_MAX(a, b)  ((a) > (b) ? (a) : (b))

/* For qsort: <0, 0, >0. */
static inline int tm_compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

#endif
