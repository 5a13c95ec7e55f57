/*
 * Looking at the first bytes of a file: enough to tell report formats apart,
 * and to name what was given by mistake.
 */
#ifndef TM_COVERAGE_SNIFF_H
#define TM_COVERAGE_SNIFF_H

#include "base/buf.h"

/* Copies head into out (replaced) without NULs and a byte order mark. */
void tm_sniff_text(struct tm_str head, struct tm_buf *out);

/* True when text has needle somewhere. */
bool tm_sniff_has(struct tm_str text, const char *needle);

/* True when text, after white space, starts with prefix. */
bool tm_sniff_starts(struct tm_str text, const char *prefix);

/*
 * The start tag of an XML document's root, from its name up to '>' or the end of text; empty when text is
 * not XML. Declarations, comments and a DOCTYPE before it are skipped.
 */
struct tm_str tm_sniff_root(struct tm_str text);

/* True when the root's tag has this name. */
bool tm_sniff_root_is(struct tm_str root, const char *name);

/*
 * True when the JSON document that starts like text has one of these paths, a list ended by NULL of at most
 * 8: names of members with '/' between them, "*" for any member and "[]" for any element of an array, such as
 * "files/[]/name". What stands behind damage or the end of text is not seen.
 */
bool tm_sniff_json(struct tm_str text, const char *const *paths);

/* What tm_sniff_name says of JSON that is known and not read; NULL for any other. */
const char *tm_sniff_json_name(struct tm_str text);

/* "a JUnit XML test report" and the like; NULL when the text is nothing known. */
const char *tm_sniff_name(struct tm_str text);

#endif
