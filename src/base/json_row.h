/*
 * Rows of JSON reports, [12,5,14,40,true,false]: numbers and truth values taken straight from the text where
 * they are spelled as tools spell them. Anything else is left to the reader (base/json.h), which knows all
 * spellings and where an error stands.
 */
#ifndef TM_BASE_JSON_ROW_H
#define TM_BASE_JSON_ROW_H

#include "base/base.h"

enum { TM_JSON_ROW_MAX = 9 }; /* values that are kept */

struct tm_json_row {
    uint64_t values[TM_JSON_ROW_MAX]; /* 1 for true, 0 for false */
    unsigned n;
};

/*
 * The row whose '[' is at `at`, before end. Returns what stands behind its ']'. NULL, with row in any state,
 * when it is none; when it has a number of more than eight digits, white space or a value of another kind;
 * when it has no or more than TM_JSON_ROW_MAX values or more than 64 bytes; or when it stands less than 72
 * bytes before end.
 */
const char *tm_json_row_take(const char *at, const char *end, struct tm_json_row *row);

#endif
