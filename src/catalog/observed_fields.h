/*
 * The fields of a manifest that tidemark writes, found in its bytes: testing.coverage_observed and
 * testing.observed_at, which a coverage sweep writes together, and performance.observed.*, which a benchmark
 * sweep writes (docs/formats/manifest.md). null is the same as absent.
 */
#ifndef TM_CATALOG_OBSERVED_FIELDS_H
#define TM_CATALOG_OBSERVED_FIELDS_H

#include "base/json_doc.h"

/* Fields that one kind of sweep writes together: each group comes from one observation, or from none. */
enum {
    TM_OBSERVED_COVERAGE = 1 << 0, /* testing.coverage_observed, testing.observed_at */
    TM_OBSERVED_BENCH = 1 << 1,    /* performance.observed.* */
    TM_OBSERVED_ALL = TM_OBSERVED_COVERAGE | TM_OBSERVED_BENCH,
};

struct tm_observed_field {
    const char *path[4]; /* member names from the root, ended by NULL */
    unsigned group;
    const struct tm_json_node *node;
};

struct tm_observed_fields {
    struct tm_json_doc doc;
    struct tm_observed_field *items; /* in the order of the document */
    size_t n;
};
#define TM_OBSERVED_FIELDS_INIT ((struct tm_observed_fields) { 0 })

/*
 * Finds the fields of those groups in data, which must outlive them; `name` is for messages. A member whose
 * name holds a NUL is none of ours. TM_E_FORMAT when data is not JSON.
 */
enum tm_code tm_observed_fields_find(struct tm_observed_fields *fields, const char *name, struct tm_str data,
                                     unsigned groups, struct tm_err *err) TM_CHECK;
void tm_observed_fields_release(struct tm_observed_fields *fields);

/* The field of that path, or NULL. */
const struct tm_observed_field *tm_observed_fields_get(const struct tm_observed_fields *fields,
                                                       const char *const *path);

/* The same value, however it is spelled: 36.50 and 36.5, {"a": 1} and {"a":1}; nodes may be NULL. */
bool tm_observed_same_value(const struct tm_json_node *a, const struct tm_json_node *b);

/*
 * A claimed figure as ledgers' figures are spelled, added to out: a percentage as "36.50", milliseconds as
 * nanoseconds. False when it is no number, or out of range.
 */
bool tm_observed_add_percent(struct tm_buf *out, const struct tm_json_node *node);
bool tm_observed_add_ns(struct tm_buf *out, const struct tm_json_node *node);

#endif
