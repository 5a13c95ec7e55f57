/*
 * Execution counts as tools write them (docs/formats/coverage.md, "Counts").
 */
#ifndef TM_COVERAGE_COUNT_H
#define TM_COVERAGE_COUNT_H

#include "base/str.h"

/*
 * Reads all of s as a count: digits, optionally with a sign, a fraction or an exponent. Cut to its whole
 * part, at most UINT64_MAX; a negative one gives 0 and sets *negative (never reset). False, nothing written,
 * when s is no number.
 */
bool tm_count_parse(struct tm_str s, uint64_t *count, bool *negative) TM_CHECK;

/* a + b, at most UINT64_MAX. */
uint64_t tm_count_add(uint64_t a, uint64_t b);

/* Hits of one thing that is there twice: the greatest, or the sum. */
uint64_t tm_count_unite(uint64_t a, uint64_t b, bool greatest);

/*
 * True for what stands in the place of a line number that is not known: "0", nothing, and what JavaScript
 * makes of it (Istanbul and node write it where source maps lead nowhere).
 */
bool tm_count_is_no_line(struct tm_str s);

#endif
