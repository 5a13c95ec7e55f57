#include "catalog/observed.h"

#include "base/alloc.h"
#include "base/json_doc.h"
#include "base/json_edit.h"

/* One observed field: its path of members, and where it stands. */
struct field {
    const char *path[4];
    struct tm_str value; /* JSON text in the document */
};

/* The observed fields that a manifest has. */
struct fields {
    struct tm_arena arena; /* of items and names */
    struct tm_json_doc doc;
    struct field *items;
    size_t n;
};

#define FIELDS_INIT ((struct fields) { .arena = TM_ARENA_INIT })

static void release(struct fields *fields)
{
    tm_json_doc_release(&fields->doc);
    tm_arena_release(&fields->arena);
}

static void add(struct fields *fields, const struct tm_json_node *node, const char *a, const char *b,
                const char *c)
{
    if (!node)
        return;
    fields->items[fields->n++] =
        (struct field) { { a, b, c, NULL }, tm_str_n(fields->doc.data.data + node->at, node->len) };
}

static int by_place(const void *a, const void *b)
{
    const struct field *left = a, *right = b;

    return left->value.data < right->value.data ? -1 : 1;
}

/* In the order of the document: what a sweep inserts, it inserts behind what is there. */
static enum tm_code find(struct fields *fields, const char *path, struct tm_str data, unsigned groups,
                         struct tm_err *err)
{
    const struct tm_json_node *root, *observed;
    enum tm_code code = tm_json_doc_parse(&fields->doc, path, data, err);

    if (code)
        return code;
    root = fields->doc.root;
    observed = groups & TM_OBSERVED_BENCH ? tm_json_at(root, "performance.observed") : NULL;
    if (observed && observed->kind != TM_JSON_KIND_OBJECT)
        observed = NULL;
    fields->items =
        tm_arena_array(&fields->arena, 2 + (observed ? observed->count : 0), sizeof(*fields->items));
    if (groups & TM_OBSERVED_COVERAGE) {
        add(fields, tm_json_at(root, "testing.coverage_observed"), "testing", "coverage_observed", NULL);
        add(fields, tm_json_at(root, "testing.observed_at"), "testing", "observed_at", NULL);
    }
    /* An edit's path is of C strings: what has a NUL in its name stays as it is. */
    for (const struct tm_json_node *n = observed ? observed->child : NULL; n; n = n->next)
        if (tm_str_find(n->key, '\0') == SIZE_MAX)
            add(fields, n, "performance", "observed", tm_arena_str(&fields->arena, n->key).data);
    qsort(fields->items, fields->n, sizeof(*fields->items), by_place);
    return TM_OK;
}

static const struct field *same_field(const struct fields *fields, const struct field *wanted)
{
    for (size_t i = 0; i < fields->n; i++) {
        const char *const *a = fields->items[i].path, *const *b = wanted->path;

        if (strcmp(a[0], b[0]) == 0 && strcmp(a[1], b[1]) == 0 && !a[2] == !b[2] &&
            (!a[2] || strcmp(a[2], b[2]) == 0))
            return &fields->items[i];
    }
    return NULL;
}

/* True when a section that the field stands in is something else than an object in that manifest. */
static bool is_blocked(const struct fields *in, const struct field *field)
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
static enum tm_code transplant(const struct fields *into, const struct fields *from, struct tm_buf *out,
                               struct tm_err *err)
{
    struct tm_json_edit *TM_CLEANUP(tm_freep) edits = tm_alloc_array(from->n + into->n, sizeof(*edits));
    size_t n = 0;

    for (size_t i = 0; i < from->n; i++)
        if (!is_blocked(into, &from->items[i]))
            edits[n++] = (struct tm_json_edit) { from->items[i].path, from->items[i].value, false };
    for (size_t i = 0; i < into->n; i++)
        if (!same_field(from, &into->items[i]))
            edits[n++] = (struct tm_json_edit) { into->items[i].path, TM_STR("null"), true };
    return tm_json_edit(into->doc.name, into->doc.data, edits, n, out, err);
}

enum { ALL = TM_OBSERVED_COVERAGE | TM_OBSERVED_BENCH };

enum tm_code tm_observed_same(const char *path, struct tm_str a, struct tm_str b, unsigned groups, bool *same,
                              struct tm_err *err)
{
    struct fields TM_CLEANUP(release) left = FIELDS_INIT;
    struct fields TM_CLEANUP(release) right = FIELDS_INIT;
    enum tm_code code = find(&left, path, a, groups, err);

    if (!code)
        code = find(&right, path, b, groups, err);
    if (code)
        return code;
    *same = left.n == right.n;
    for (size_t i = 0; i < left.n && *same; i++) {
        const struct field *other = same_field(&right, &left.items[i]);

        *same = other && tm_str_eq(left.items[i].value, other->value);
    }
    return TM_OK;
}

enum tm_code tm_observed_take(const char *path, struct tm_str content, struct tm_str from, unsigned groups,
                              struct tm_buf *out, struct tm_err *err)
{
    struct fields TM_CLEANUP(release) into = FIELDS_INIT;
    struct fields TM_CLEANUP(release) source = FIELDS_INIT;
    enum tm_code code = find(&into, path, content, groups, err);

    if (!code)
        code = find(&source, path, from, groups, err);
    return code ? code : transplant(&into, &source, out, err);
}

enum tm_code tm_observed_restore(const char *path, struct tm_str frozen, struct tm_str now,
                                 struct tm_buf *out, bool *exact, struct tm_err *err)
{
    struct fields TM_CLEANUP(release) old = FIELDS_INIT;
    struct fields TM_CLEANUP(release) new = FIELDS_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) forward = TM_BUF_INIT;
    enum tm_code code = find(&old, path, frozen, ALL, err);

    if (!code)
        code = find(&new, path, now, ALL, err);
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
