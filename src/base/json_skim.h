/*
 * Where a JSON value ends, found without looking into it: brackets are counted and strings passed over,
 * several bytes at once. What is skimmed is not checked; who reads it afterwards does (base/json.h), and
 * finds any damage in it.
 */
#ifndef TM_BASE_JSON_SKIM_H
#define TM_BASE_JSON_SKIM_H

#include "base/base.h"

/* Behind the white space at `at`, which may be none. */
const char *tm_json_skim_space(const char *at, const char *end);

/*
 * Behind the value whose first byte is at `at`, before `end`; NULL when it does not end there, or when no
 * value starts so. Of a number or word the end is only known when something follows it.
 */
const char *tm_json_skim_value(const char *at, const char *end);

/* The same for a member, `"key": value`, whose first byte is at `at`. */
const char *tm_json_skim_member(const char *at, const char *end);

#endif
