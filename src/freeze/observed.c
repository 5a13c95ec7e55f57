#include "freeze/observed.h"

#include "base/alloc.h"
#include "base/json_doc.h"
#include "base/json_edit.h"

enum { OBSERVED_MAX = 64 };

/* One observed field: its path of members, and where it stands. */
struct field {
    const char *path[4];
    struct tm_str value; /* JSON text in the document */
};

struct fields {
    struct tm_arena arena; /* of names */
    struct tm_json_doc doc;
    struct field items[OBSERVED_MAX];
    size_t n;
};

static void add(struct fields *fields, const struct tm_json_node *node, const char *a, const char *b,
                const char *c)
{
    struct field *field;

    if (!node || fields->n == OBSERVED_MAX)
        return;
    field = &fields->items[fields->n++];
    field->path[0] = a;
    field->path[1] = b;
    field->path[2] = c;
    field->path[3] = NULL;
    field->value = tm_str_n(fields->doc.data.data + node->at, node->len);
}

/* Finds the observed fields that a manifest has. */
static enum tm_code find(struct fields *fields, const char *path, struct tm_str data, struct tm_err *err)
{
    const struct tm_json_node *observed;
    enum tm_code code = tm_json_doc_parse(&fields->doc, path, data, err);

    if (code)
        return code;
    add(fields, tm_json_at(fields->doc.root, "testing.coverage_observed"), "testing", "coverage_observed",
        NULL);
    add(fields, tm_json_at(fields->doc.root, "testing.observed_at"), "testing", "observed_at", NULL);
    observed = tm_json_at(fields->doc.root, "performance.observed");
    if (observed && observed->kind == TM_JSON_KIND_OBJECT)
        for (const struct tm_json_node *n = observed->child; n; n = n->next)
            add(fields, n, "performance", "observed", tm_arena_str(&fields->arena, n->key).data);
    return TM_OK;
}

static bool has(const struct fields *fields, const struct field *wanted)
{
    for (size_t i = 0; i < fields->n; i++) {
        const char *const *a = fields->items[i].path, *const *b = wanted->path;

        if (strcmp(a[0], b[0]) == 0 && strcmp(a[1], b[1]) == 0 && !a[2] == !b[2] &&
            (!a[2] || strcmp(a[2], b[2]) == 0))
            return true;
    }
    return false;
}

/* `base` with the fields of `from`; fields that only `others` has become null where base has them. */
static enum tm_code transplant(const char *path, struct tm_str base, const struct fields *from,
                               const struct fields *others, struct tm_buf *out, struct tm_err *err)
{
    struct tm_json_edit edits[2 * OBSERVED_MAX];
    size_t n = 0;

    for (size_t i = 0; i < from->n; i++)
        edits[n++] = (struct tm_json_edit) { from->items[i].path, from->items[i].value, false };
    for (size_t i = 0; i < others->n; i++)
        if (!has(from, &others->items[i]))
            edits[n++] = (struct tm_json_edit) { others->items[i].path, TM_STR("null"), true };
    return tm_json_edit(path, base, edits, n, out, err);
}

enum tm_code tm_observed_restore(const char *path, struct tm_str frozen, struct tm_str now,
                                 struct tm_buf *out, bool *exact, struct tm_err *err)
{
    struct fields *old = tm_alloc(sizeof(*old)), *new = tm_alloc(sizeof(*new));
    struct tm_buf TM_CLEANUP(tm_buf_release) forward = TM_BUF_INIT;
    enum tm_code code = find(old, path, frozen, err);

    if (!code)
        code = find(new, path, now, err);
    /* Would a sweep have made `now` out of `frozen`? Then nobody else touched it. */
    if (!code)
        code = transplant(path, frozen, new, old, &forward, err);
    if (!code && tm_str_eq(tm_buf_str(&forward), now)) {
        tm_buf_clear(out);
        tm_buf_add_str(out, frozen);
        *exact = true;
    } else if (!code) {
        code = transplant(path, now, old, new, out, err);
        *exact = false;
    }
    tm_json_doc_release(&old->doc);
    tm_json_doc_release(&new->doc);
    tm_arena_release(&old->arena);
    tm_arena_release(&new->arena);
    free(old);
    free(new);
    return code;
}
