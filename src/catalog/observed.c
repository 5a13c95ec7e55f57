#include "catalog/observed.h"

#include "base/alloc.h"
#include "base/json_edit.h"

static struct tm_str value_of(const struct tm_observed_fields *fields, const struct tm_observed_field *field)
{
    return tm_str_n(fields->doc.data.data + field->node->at, field->node->len);
}

/* True when a section that the field stands in is something else than an object in that manifest. */
static bool is_blocked(const struct tm_observed_fields *in, const struct tm_observed_field *field)
{
    const struct tm_json_node *node = in->doc.root;

    for (size_t i = 0; node && field->path[i + 1]; i++) {
        node = tm_json_get(node, field->path[i]);
        if (node && node->kind != TM_JSON_KIND_OBJECT && node->kind != TM_JSON_KIND_NULL)
            return true;
    }
    return false;
}

/* The manifest `into` with the fields of `from` as they are there; those that `from` does not have become
 * null. */
static enum tm_code transplant(const struct tm_observed_fields *into, const struct tm_observed_fields *from,
                               struct tm_buf *out, struct tm_err *err)
{
    struct tm_json_edit *TM_CLEANUP(tm_freep) edits = tm_alloc_array(from->n + into->n, sizeof(*edits));
    size_t n = 0;

    for (size_t i = 0; i < from->n; i++)
        if (!is_blocked(into, &from->items[i]))
            edits[n++] =
                (struct tm_json_edit) { from->items[i].path, value_of(from, &from->items[i]), false };
    for (size_t i = 0; i < into->n; i++)
        if (!tm_observed_fields_get(from, into->items[i].path))
            edits[n++] = (struct tm_json_edit) { into->items[i].path, TM_STR("null"), true };
    return tm_json_edit(into->doc.name, into->doc.data, edits, n, out, err);
}

enum tm_code tm_observed_same(const char *path, struct tm_str a, struct tm_str b, unsigned groups, bool *same,
                              struct tm_err *err)
{
    struct tm_observed_fields TM_CLEANUP(tm_observed_fields_release) left = TM_OBSERVED_FIELDS_INIT;
    struct tm_observed_fields TM_CLEANUP(tm_observed_fields_release) right = TM_OBSERVED_FIELDS_INIT;
    enum tm_code code = tm_observed_fields_find(&left, path, a, groups, err);

    if (!code)
        code = tm_observed_fields_find(&right, path, b, groups, err);
    if (code)
        return code;
    *same = left.n == right.n;
    for (size_t i = 0; i < left.n && *same; i++) {
        const struct tm_observed_field *other = tm_observed_fields_get(&right, left.items[i].path);

        *same = other && tm_str_eq(value_of(&left, &left.items[i]), value_of(&right, other));
    }
    return TM_OK;
}

enum tm_code tm_observed_take(const char *path, struct tm_str content, struct tm_str from, unsigned groups,
                              struct tm_buf *out, struct tm_err *err)
{
    struct tm_observed_fields TM_CLEANUP(tm_observed_fields_release) into = TM_OBSERVED_FIELDS_INIT;
    struct tm_observed_fields TM_CLEANUP(tm_observed_fields_release) source = TM_OBSERVED_FIELDS_INIT;
    enum tm_code code = tm_observed_fields_find(&into, path, content, groups, err);

    if (!code)
        code = tm_observed_fields_find(&source, path, from, groups, err);
    return code ? code : transplant(&into, &source, out, err);
}

enum tm_code tm_observed_restore(const char *path, struct tm_str frozen, struct tm_str now,
                                 struct tm_buf *out, bool *exact, struct tm_err *err)
{
    struct tm_observed_fields TM_CLEANUP(tm_observed_fields_release) old = TM_OBSERVED_FIELDS_INIT;
    struct tm_observed_fields TM_CLEANUP(tm_observed_fields_release) new = TM_OBSERVED_FIELDS_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) forward = TM_BUF_INIT;
    enum tm_code code = tm_observed_fields_find(&old, path, frozen, TM_OBSERVED_ALL, err);

    if (!code)
        code = tm_observed_fields_find(&new, path, now, TM_OBSERVED_ALL, err);
    /* Would a sweep have made `now` out of `frozen`? Then nobody else touched it. */
    if (!code)
        code = transplant(&old, &new, &forward, err);
    if (code)
        return code;
    *exact = tm_str_eq(tm_buf_str(&forward), now);
    if (!*exact)
        return transplant(&new, &old, out, err);
    tm_buf_clear(out);
    tm_buf_add_str(out, frozen);
    return TM_OK;
}
