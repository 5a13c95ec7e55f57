#include "catalog/observed_fields.h"

#include "base/ratio.h"

void tm_observed_fields_release(struct tm_observed_fields *fields)
{
    tm_json_doc_release(&fields->doc);
    *fields = TM_OBSERVED_FIELDS_INIT;
}

static void add(struct tm_observed_fields *fields, unsigned group, const struct tm_json_node *node,
                const char *a, const char *b, const char *c)
{
    if (node)
        fields->items[fields->n++] = (struct tm_observed_field) { { a, b, c, NULL }, group, node };
}

static int by_place(const void *a, const void *b)
{
    const struct tm_observed_field *left = a, *right = b;

    return left->node->at < right->node->at ? -1 : 1;
}

/* In the order of the document: what a sweep inserts, it inserts behind what is there. */
enum tm_code tm_observed_fields_find(struct tm_observed_fields *fields, const char *name, struct tm_str data,
                                     unsigned groups, struct tm_err *err)
{
    const struct tm_json_node *root, *observed;
    struct tm_arena *arena = &fields->doc.arena;
    enum tm_code code;

    *fields = TM_OBSERVED_FIELDS_INIT;
    code = tm_json_doc_parse(&fields->doc, name, data, err);
    if (code)
        return code;
    root = fields->doc.root;
    observed = groups & TM_OBSERVED_BENCH ? tm_json_at(root, "performance.observed") : NULL;
    if (observed && observed->kind != TM_JSON_KIND_OBJECT)
        observed = NULL;
    fields->items = tm_arena_array(arena, 2 + (observed ? observed->count : 0), sizeof(*fields->items));
    if (groups & TM_OBSERVED_COVERAGE) {
        add(fields, TM_OBSERVED_COVERAGE, tm_json_at(root, "testing.coverage_observed"), "testing",
            "coverage_observed", NULL);
        add(fields, TM_OBSERVED_COVERAGE, tm_json_at(root, "testing.observed_at"), "testing", "observed_at",
            NULL);
    }
    /* An edit's path is of C strings: what has a NUL in its name stays as it is. */
    for (const struct tm_json_node *n = observed ? observed->child : NULL; n; n = n->next)
        if (tm_str_find(n->key, '\0') == SIZE_MAX)
            add(fields, TM_OBSERVED_BENCH, n, "performance", "observed", tm_arena_str(arena, n->key).data);
    qsort(fields->items, fields->n, sizeof(*fields->items), by_place);
    return TM_OK;
}

const struct tm_observed_field *tm_observed_fields_get(const struct tm_observed_fields *fields,
                                                       const char *const *path)
{
    for (size_t i = 0; i < fields->n; i++) {
        const char *const *a = fields->items[i].path;

        if (strcmp(a[0], path[0]) == 0 && strcmp(a[1], path[1]) == 0 && !a[2] == !path[2] &&
            (!a[2] || strcmp(a[2], path[2]) == 0))
            return &fields->items[i];
    }
    return NULL;
}

static bool is_there(const struct tm_json_node *node)
{
    return node && node->kind != TM_JSON_KIND_NULL;
}

static bool same_number(struct tm_str a, struct tm_str b)
{
    struct tm_ratio left, right;

    return tm_str_eq(a, b) ||
           (tm_ratio_parse(a, &left) && tm_ratio_parse(b, &right) && tm_ratio_cmp(left, right) == 0);
}

/* Arrays element by element; objects in the order of their members: a sweep keeps it. */
static bool same_children(const struct tm_json_node *a, const struct tm_json_node *b)
{
    const struct tm_json_node *left = a->child, *right = b->child;

    for (; left && right; left = left->next, right = right->next)
        if (!tm_str_eq(left->key, right->key) || !tm_observed_same_value(left, right))
            return false;
    return !left && !right;
}

bool tm_observed_same_value(const struct tm_json_node *a, const struct tm_json_node *b)
{
    if (!is_there(a) || !is_there(b))
        return is_there(a) == is_there(b);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case TM_JSON_KIND_BOOL:
        return a->boolean == b->boolean;
    case TM_JSON_KIND_NUMBER:
        return same_number(a->text, b->text);
    case TM_JSON_KIND_STRING:
        return tm_str_eq(a->text, b->text);
    case TM_JSON_KIND_ARRAY:
    case TM_JSON_KIND_OBJECT:
        return same_children(a, b);
    case TM_JSON_KIND_NULL:
        break;
    }
    return true;
}

bool tm_observed_add_percent(struct tm_buf *out, const struct tm_json_node *node)
{
    struct tm_ratio ratio;

    if (!node || node->kind != TM_JSON_KIND_NUMBER || !tm_ratio_parse(node->text, &ratio) ||
        __builtin_mul_overflow(ratio.den, 100, &ratio.den))
        return false;
    tm_ratio_add_percent(out, ratio);
    return true;
}

bool tm_observed_add_ns(struct tm_buf *out, const struct tm_json_node *node)
{
    struct tm_ratio ms;
    uint64_t ns;

    if (!node || node->kind != TM_JSON_KIND_NUMBER || !tm_ratio_parse(node->text, &ms) ||
        !tm_ratio_round(ms, 1000000, &ns))
        return false;
    tm_buf_add_u64(out, ns);
    return true;
}
