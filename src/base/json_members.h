/*
 * Members of a parsed document that must be there and be what its format says: read one by one, copied into
 * an arena, or refused with their place.
 */
#ifndef TM_BASE_JSON_MEMBERS_H
#define TM_BASE_JSON_MEMBERS_H

#include "base/arena.h"
#include "base/json_doc.h"

struct tm_json_members {
    const struct tm_json_doc *doc;
    const char *what; /* the document, for messages: "a proof" */
    struct tm_arena *arena;
    struct tm_err *err;
};

/* TM_E_FORMAT: the member is missing, or not what the format has there. */
enum tm_code tm_json_members_wrong(const struct tm_json_members *m, const struct tm_json_node *object,
                                   const char *key) TM_CHECK;

/* A text of min to max bytes, a whole number from min to max. */
enum tm_code tm_json_members_str(const struct tm_json_members *m, const struct tm_json_node *object,
                                 const char *key, size_t min, size_t max, struct tm_str *out) TM_CHECK;
enum tm_code tm_json_members_u64(const struct tm_json_members *m, const struct tm_json_node *object,
                                 const char *key, uint64_t min, uint64_t max, uint64_t *out) TM_CHECK;

#endif
