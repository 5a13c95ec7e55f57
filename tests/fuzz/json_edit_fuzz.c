/*
 * The first byte chooses path and value, the rest is the document. What must hold:
 * only JSON is edited; the result is JSON and has the value; every byte outside the
 * value that was replaced, or all bytes when it was added, are there in order; the
 * same edit once more changes nothing.
 */
#include "base/json_doc.h"
#include "base/json_edit.h"
#include "fuzz.h"

static const char *const paths[][4] = {
    { "a" },
    { "a", "b" },
    { "a", "a", "a" },
    { "testing", "coverage_observed" },
    { "performance", "observed", "p95_ms" },
    { "\"\n\xc3\xa9" },
    { "" },
    { "", "" },
};

static const char *const values[] = { "36.5", "null", "\"x\\ny\"", "[1,{\"a\":2}]" };

static bool edit(const struct tm_json_edit *one, struct tm_str in, struct tm_buf *out, struct tm_err *err)
{
    return tm_json_edit("input", in, one, 1, out, err) == TM_OK;
}

static const struct tm_json_node *node_at(const struct tm_json_doc *doc, const char *const *path)
{
    const struct tm_json_node *node = doc->root;

    for (; node && *path; path++)
        node = tm_json_get(node, *path);
    return node;
}

/* The first null on the way, which an edit replaces by an object. */
static const struct tm_json_node *hole_at(const struct tm_json_doc *doc, const char *const *path)
{
    const struct tm_json_node *node = doc->root;

    while (node && node->kind != TM_JSON_KIND_NULL && *path)
        node = tm_json_get(node, *path++);
    return node;
}

/* What was inserted is one run: the rest of `after`, before and behind it, is `before`. */
static bool is_insertion(struct tm_str before, struct tm_str after)
{
    size_t head = 0, tail = 0;

    if (after.len <= before.len)
        return false;
    while (head < before.len && before.data[head] == after.data[head])
        head++;
    while (tail < before.len - head && before.data[before.len - 1 - tail] == after.data[after.len - 1 - tail])
        tail++;
    return head + tail == before.len;
}

static bool is_replacement(struct tm_str before, struct tm_str after, const struct tm_json_node *old)
{
    size_t tail = before.len - old->at - old->len;

    return after.len >= old->at + tail && !memcmp(before.data, after.data, old->at) &&
           !memcmp(before.data + before.len - tail, after.data + after.len - tail, tail);
}

static void check_edit(struct tm_str before, const struct tm_json_doc *doc, const struct tm_json_edit *one,
                       struct tm_str after)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) edited = TM_JSON_DOC_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
    const struct tm_json_node *old = node_at(doc, one->path), *now;

    FUZZ_CHECK(tm_json_doc_parse(&edited, "output", after, NULL) == TM_OK);
    now = node_at(&edited, one->path);
    FUZZ_CHECK(now && tm_str_eq(tm_str_n(after.data + now->at, now->len), one->value));
    if (!old)
        old = hole_at(doc, one->path);
    FUZZ_CHECK(old ? is_replacement(before, after, old) : is_insertion(before, after));
    FUZZ_CHECK(edit(one, after, &again, NULL) && tm_str_eq(tm_buf_str(&again), after));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_edit one = { 0 };
    struct tm_str text;
    bool edited;

    if (!size)
        return 0;
    text = tm_str_n((const char *)data + 1, size - 1);
    one.path = paths[data[0] % TM_LEN(paths)];
    one.value = tm_str(values[data[0] / TM_LEN(paths) % TM_LEN(values)]);
    edited = edit(&one, text, &out, &err);
    FUZZ_CHECK(edited == !err.msg);
    if (tm_json_doc_parse(&doc, "input", text, &err)) {
        /* Duplicate keys beside the way are the only damage that an edit passes over. */
        FUZZ_CHECK(!edited || strstr(err.msg, "is already at"));
        return 0;
    }
    if (edited)
        check_edit(text, &doc, &one, tm_buf_str(&out));
    else
        FUZZ_CHECK(strstr(err.msg, "object"));
    one.only_existing = true;
    if (edit(&one, text, &out, NULL))
        FUZZ_CHECK(node_at(&doc, one.path) || tm_str_eq(tm_buf_str(&out), text));
    return 0;
}
