#include "base/json_members.h"

enum tm_code tm_json_members_wrong(const struct tm_json_members *m, const struct tm_json_node *object,
                                   const char *key)
{
    const struct tm_json_node *node = tm_json_get(object, key);

    if (!node)
        return tm_json_doc_fail(m->doc, object, m->err, "'%s' is missing", key);
    return tm_json_doc_fail(m->doc, node, m->err, "'%s' is not what %s has there", key, m->what);
}

enum tm_code tm_json_members_str(const struct tm_json_members *m, const struct tm_json_node *object,
                                 const char *key, size_t min, size_t max, struct tm_str *out)
{
    struct tm_str text;

    if (!tm_json_node_str(tm_json_get(object, key), &text) || text.len < min || text.len > max)
        return tm_json_members_wrong(m, object, key);
    *out = tm_arena_str(m->arena, text);
    return TM_OK;
}

enum tm_code tm_json_members_u64(const struct tm_json_members *m, const struct tm_json_node *object,
                                 const char *key, uint64_t min, uint64_t max, uint64_t *out)
{
    uint64_t value;

    if (!tm_json_node_u64(tm_json_get(object, key), &value) || value < min || value > max)
        return tm_json_members_wrong(m, object, key);
    *out = value;
    return TM_OK;
}
