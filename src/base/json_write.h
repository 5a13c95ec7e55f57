/*
 * Writes JSON into a buffer. One spelling per value: keys in the order they
 * are given, minimal escapes (\" \\ \b \f \n \r \t, \u00XX in lower case for other
 * C0 controls, nothing else), UTF-8 as it is. Bytes that are not UTF-8 (paths
 * can hold them) are written as U+FFFD: what must round-trip is checked before.
 *
 * indent 0 writes no white space at all (ledger lines); indent 2 puts every
 * member and element on its own line, empty containers as {} and [].
 */
#ifndef TM_BASE_JSON_WRITE_H
#define TM_BASE_JSON_WRITE_H

#include "base/buf.h"
#include "base/json.h"

struct tm_json_writer {
    struct tm_buf *out; /* not owned; appended to */
    unsigned indent;
    unsigned depth;
    bool has_key;                         /* private: a key was written, its value is next */
    uint64_t started[TM_JSON_DEPTH / 64]; /* private: levels that have a first member */
};

void tm_json_writer_init(struct tm_json_writer *w, struct tm_buf *out, unsigned indent);

void tm_json_object_begin(struct tm_json_writer *w);
void tm_json_object_end(struct tm_json_writer *w);
void tm_json_array_begin(struct tm_json_writer *w);
void tm_json_array_end(struct tm_json_writer *w);

/* A member's name: a literal that needs no escapes. */
void tm_json_key(struct tm_json_writer *w, const char *key);
/* A member's name that is not a literal. */
void tm_json_key_str(struct tm_json_writer *w, struct tm_str key);

void tm_json_put_str(struct tm_json_writer *w, struct tm_str s);
void tm_json_puts(struct tm_json_writer *w, const char *s);
void tm_json_put_u64(struct tm_json_writer *w, uint64_t value);
void tm_json_put_i64(struct tm_json_writer *w, int64_t value);
void tm_json_put_bool(struct tm_json_writer *w, bool value);
void tm_json_put_null(struct tm_json_writer *w);
/* A stamp of base/clock.h as a string. */
void tm_json_put_stamp(struct tm_json_writer *w, int64_t time_s);
/* value / 10^decimals, trailing zeros kept off: (3650, 2) is 36.5, (3600, 2) is 36. */
void tm_json_put_decimal(struct tm_json_writer *w, int64_t value, unsigned decimals);
/* A value already spelled as JSON; trusted. */
void tm_json_put_raw(struct tm_json_writer *w, struct tm_str json);

/* key and value in one call. */
void tm_json_member_str(struct tm_json_writer *w, const char *key, struct tm_str value);
void tm_json_members(struct tm_json_writer *w, const char *key, const char *value);
void tm_json_member_u64(struct tm_json_writer *w, const char *key, uint64_t value);
void tm_json_member_bool(struct tm_json_writer *w, const char *key, bool value);

/* Adds s as a JSON string, quotes included, with the escapes above. */
void tm_json_add_quoted(struct tm_buf *out, struct tm_str s);

#endif
