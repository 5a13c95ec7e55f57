/*
 * A whole JSON document as a tree, for small files: manifests, registries,
 * freeze records, ledger bodies. Big reports use the reader (base/json.h).
 *
 * Nodes live in the document's arena and point into its bytes where they can;
 * the bytes must outlive the document. Duplicate keys in an object are an
 * error naming key and place.
 */
#ifndef TM_BASE_JSON_DOC_H
#define TM_BASE_JSON_DOC_H

#include "base/arena.h"
#include "base/json.h"

enum tm_json_kind {
    TM_JSON_KIND_NULL,
    TM_JSON_KIND_BOOL,
    TM_JSON_KIND_NUMBER,
    TM_JSON_KIND_STRING,
    TM_JSON_KIND_ARRAY,
    TM_JSON_KIND_OBJECT,
};

struct tm_json_node {
    enum tm_json_kind kind;
    size_t at, len;     /* the value's bytes in the document */
    struct tm_str key;  /* unescaped member name, when the parent is an object */
    size_t key_at;      /* byte of the key's opening quote */
    struct tm_str text; /* unescaped string, or a number's spelling */
    bool boolean;
    size_t count;                      /* members or elements */
    struct tm_json_node *child, *next; /* first child; next sibling, in document order */
};

struct tm_json_doc {
    struct tm_arena arena;
    struct tm_str data; /* not owned */
    const char *name;   /* for messages; not owned */
    struct tm_json_node *root;
};

#define TM_JSON_DOC_INIT ((struct tm_json_doc) { 0 })

/* Parses all of data. On failure the document is empty and may be released. */
enum tm_code tm_json_doc_parse(struct tm_json_doc *doc, const char *name, struct tm_str data,
                               struct tm_err *err) TM_CHECK;
void tm_json_doc_release(struct tm_json_doc *doc);

/* The member `key` of an object; NULL when node is NULL, no object, or has none. */
const struct tm_json_node *tm_json_get(const struct tm_json_node *node, const char *key);

/* Follows a '.' separated path of members: "performance.sla_targets.latency_p95_ms". */
const struct tm_json_node *tm_json_at(const struct tm_json_node *node, const char *path);

/* Exact reads of a node; false when node is NULL, of another kind, or out of range. */
bool tm_json_node_str(const struct tm_json_node *node, struct tm_str *out) TM_CHECK;
bool tm_json_node_u64(const struct tm_json_node *node, uint64_t *out) TM_CHECK;
bool tm_json_node_i64(const struct tm_json_node *node, int64_t *out) TM_CHECK;
bool tm_json_node_double(const struct tm_json_node *node, double *out) TM_CHECK;
bool tm_json_node_bool(const struct tm_json_node *node, bool *out) TM_CHECK;

/* Sets "<message> at line L, column C of '<name>'" for the node's place. */
enum tm_code tm_json_doc_fail(const struct tm_json_doc *doc, const struct tm_json_node *node,
                              struct tm_err *err, const char *fmt, ...) TM_PRINTF(4, 5);

/*
 * Writes a parsed value through a writer, so that it takes on the writer's indentation; numbers keep their
 * spelling.
 */
struct tm_json_writer;
void tm_json_put_node(struct tm_json_writer *w, const struct tm_json_node *node);

#endif
