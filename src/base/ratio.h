/*
 * Exact fractions of counts: coverage, targets, scores. A number stays
 * numerator and denominator until it is printed; what is compared is compared
 * exactly (128-bit products), never as floating point.
 *
 * A denominator of 0 means that nothing was measured ("no data"). It is not 0 %,
 * and no function here turns it into a number.
 *
 * Rounding is half to even on the exact fraction. Where a fraction of a whole
 * is printed or turned into basis points, what is less than the whole never shows as
 * 100.00 and what is more than nothing never shows as 0.00.
 */
#ifndef TM_BASE_RATIO_H
#define TM_BASE_RATIO_H

#include "base/buf.h"

enum {
    TM_BP_WHOLE = 10000,       /* basis points of 1 */
    TM_RATIO_DIGITS_MAX = 18,  /* significant digits tm_ratio_parse takes */
    TM_RATIO_DECIMALS_MAX = 9, /* decimals tm_ratio_add_decimal writes */
};

struct tm_ratio {
    uint64_t num, den;
};

/* False for "no data". */
bool tm_ratio_has_data(struct tm_ratio r);

/* <0, 0, >0 as a is less than, equal to, greater than b; exact. Both must have data. */
int tm_ratio_cmp(struct tm_ratio a, struct tm_ratio b);

/* Adds the counts of r to *into: 1/2 and 3/4 of two files are 4/6 of both. Saturates. */
void tm_ratio_pool(struct tm_ratio *into, struct tm_ratio r);

/*
 * Reads all of s as an unsigned decimal ("85", "0.725", "8.5e1"), exactly. False, *out
 * untouched, on anything else, over TM_RATIO_DIGITS_MAX digits, or beyond 64 bits.
 */
bool tm_ratio_parse(struct tm_str s, struct tm_ratio *out) TM_CHECK;

/* r * scale rounded half to even; false without data or when it is over UINT64_MAX. */
bool tm_ratio_round(struct tm_ratio r, uint64_t scale, uint64_t *out) TM_CHECK;

/*
 * r in basis points (3650 for 36.50 %), rounded half to even; 1 to 9999 when r is between 0 and 1
 * and neither. False without data or when it is over UINT64_MAX.
 */
bool tm_ratio_bp(struct tm_ratio r, uint64_t *out) TM_CHECK;

/* Adds r as a percentage with two decimals and no sign, "36.50", from tm_ratio_bp; "no data" without. */
void tm_ratio_add_percent(struct tm_buf *out, struct tm_ratio r);

/*
 * Adds r itself with exactly `decimals` (at most TM_RATIO_DECIMALS_MAX) decimals, rounded half to even: 153/4
 * with one is "38.2". No clamps: r need not be a part of a whole. "no data" without.
 */
void tm_ratio_add_decimal(struct tm_buf *out, struct tm_ratio r, unsigned decimals);

/*
 * Adds the way from one part of a whole to another in percentage points with two decimals, from the exact
 * difference: 36.50 % to 38.20 % is "1.70", back is "-1.70". It is "0.00" only when they are equal. Both must
 * have data and be at most 1.
 */
void tm_ratio_add_points(struct tm_buf *out, struct tm_ratio from, struct tm_ratio to);

#endif
