/*
 * Which members an object of a generated JSON file must have, and of which type: tables that
 * follow docs/formats/. Members beyond the table are allowed.
 */
#ifndef TM_CATALOG_SCHEMA_H
#define TM_CATALOG_SCHEMA_H

#include "base/json_doc.h"

enum tm_schema_type {
    TM_SCHEMA_TEXT,
    TM_SCHEMA_TEXTS, /* array of texts */
    TM_SCHEMA_COUNT, /* integer from 0 */
    TM_SCHEMA_NUMBER,
    TM_SCHEMA_BOOL,
    TM_SCHEMA_STAMP, /* RFC 3339 */
    TM_SCHEMA_OBJECT,
    TM_SCHEMA_ARRAY,
};

/* A row; a table ends with one whose name is NULL. */
struct tm_schema_field {
    const char *name;
    enum tm_schema_type type;
    bool nullable;
    const struct tm_schema_field *fields; /* of an object, or of each element of an array; NULL for any */
};

/*
 * TM_E_NO with the member's name and, in the file, line and column when one is missing or of another type, or
 * when node is no object.
 */
enum tm_code tm_schema_check(const struct tm_json_doc *doc, const struct tm_json_node *node,
                             const struct tm_schema_field *fields, struct tm_err *err) TM_CHECK;

/* Sets "<message> at line L, column C of '<name>'" and TM_E_NO: a document that does not hold what it must is
 * an answer. */
enum tm_code tm_schema_say_no(const struct tm_json_doc *doc, const struct tm_json_node *node,
                              struct tm_err *err, const char *fmt, ...) TM_PRINTF(4, 5);

#endif
