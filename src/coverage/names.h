/*
 * File names as tools write them, as text: absolute or not, their prefixes, their parts. Separators are '/'.
 */
#ifndef TM_COVERAGE_NAMES_H
#define TM_COVERAGE_NAMES_H

#include "base/buf.h"

/* What names begin with, and the repository folder (or file) that it is. */
struct tm_prefix {
    struct tm_str prefix;
    struct tm_str dir;
};

struct tm_prefixes {
    const struct tm_prefix *items;
    size_t n;
};

/* "/x" and "C:/x" are. */
bool tm_name_is_absolute(struct tm_str name);

/* Replaces out by an absolute name without "." and ".." and empty parts; ".." of the root is the root. */
void tm_name_normalise(struct tm_str name, struct tm_buf *out);

/* Replaces out by the parts of a name that can be its end: without drive, first '/', and ".." at the start.
 */
void tm_name_parts(struct tm_str name, struct tm_buf *out);

/* When name is at or below prefix: what follows, without the '/'. */
bool tm_name_strip(struct tm_str name, struct tm_str prefix, struct tm_str *rest);

/* The longest prefix that name begins with, and what follows it; NULL when there is none. */
const struct tm_prefix *tm_prefixes_find(struct tm_prefixes list, struct tm_str name, struct tm_str *rest);

/* The repository path that the longest prefix makes of name; false when none does. */
bool tm_prefixes_replace(struct tm_prefixes list, struct tm_str name, struct tm_buf *out) TM_CHECK;

/* True for what belongs to a system or to an installed dependency by the folders it is in. */
bool tm_name_is_foreign(struct tm_str name);

#endif
