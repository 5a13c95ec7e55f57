/*
 * A piece of text by pointer and length: not owned, not NUL-terminated,
 * may hold any byte. Passed by value.
 */
#ifndef TM_BASE_STR_H
#define TM_BASE_STR_H

#include "base/base.h"

struct tm_str {
    const char *data; /* may be NULL only when len is 0 */
    size_t len;
};

/* For a string literal. */
#define TM_STR(literal) ((struct tm_str) { "" literal, sizeof(literal) - 1 })
/* For printf("%.*s"). */
#define TM_STR_ARG(s)   (int)TM_MIN((s).len, (size_t)INT32_MAX), (s).data ? (s).data : ""

/* The whole of a NUL-terminated string; NULL gives the empty one. */
struct tm_str tm_str(const char *s);
static inline struct tm_str tm_str_n(const char *data, size_t len)
{
    return (struct tm_str) { data, len };
}

bool tm_str_eq(struct tm_str a, struct tm_str b);
bool tm_str_is(struct tm_str a, const char *b);
/* Byte order, shorter first on a tie: <0, 0, >0. The order of every list tidemark writes. */
int tm_str_cmp(struct tm_str a, struct tm_str b);
bool tm_str_has_prefix(struct tm_str s, struct tm_str prefix);
bool tm_str_has_suffix(struct tm_str s, struct tm_str suffix);

/* Index of the first and last c in s, or SIZE_MAX. */
size_t tm_str_find(struct tm_str s, char c);
size_t tm_str_rfind(struct tm_str s, char c);
/* How many c there are in s. */
size_t tm_str_count(struct tm_str s, char c);

/* From `from` (at most len) to the end; without ASCII white space at both ends. */
struct tm_str tm_str_from(struct tm_str s, size_t from);
struct tm_str tm_str_trim(struct tm_str s);

/*
 * Takes the part of *rest before the next sep off it, and sep with it. False
 * when *rest is exhausted; "a,,b," gives "a", "", "b", "".
 * Start with rest->data not NULL.
 */
bool tm_str_split(struct tm_str *rest, char sep, struct tm_str *part);

/*
 * Reads all of s as a decimal integer: digits only, for the signed form with
 * an optional '-'. False, *out untouched, on anything else or out of range.
 */
bool tm_str_u64(struct tm_str s, uint64_t *out) TM_CHECK;
bool tm_str_i64(struct tm_str s, int64_t *out) TM_CHECK;

/* True for exactly n lower-case hexadecimal digits. */
bool tm_str_is_hex(struct tm_str s, size_t n);

/* True for well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). */
bool tm_str_is_utf8(struct tm_str s);

/* Length of the well-formed UTF-8 sequence that starts s: 1 to 4, or 0 when there is none. */
size_t tm_str_utf8_len(struct tm_str s);

#endif
