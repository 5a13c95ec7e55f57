#include "test.h"

#include "base/json_doc.h"

static void a_tree_keeps_order_places_and_spelling(void **state)
{
    struct tm_str text = TM_STR("{\"name\": \"x\", \"n\\u0075m\": [1.00, true, null, {}], \"last\": -3}");
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    const struct tm_json_node *node;

    assert_ok(&err, tm_json_doc_parse(&doc, "x.json", text, &err));
    assert_int_equal(doc.root->kind, TM_JSON_KIND_OBJECT);
    assert_int_equal(doc.root->count, 3);
    assert_int_equal(doc.root->at, 0);
    assert_int_equal(doc.root->len, text.len);

    node = doc.root->child;
    assert_true(tm_str_is(node->key, "name"));
    assert_int_equal(node->key_at, 1);
    assert_int_equal(node->at, 9);
    assert_int_equal(node->len, 3);
    assert_true(tm_str_is(node->text, "x"));

    node = node->next;
    assert_true(tm_str_is(node->key, "num"));
    assert_int_equal(node->count, 4);
    assert_true(tm_str_is(tm_str_n(text.data + node->at, node->len), "[1.00, true, null, {}]"));
    assert_true(tm_str_is(node->child->text, "1.00"));
    assert_int_equal(node->child->key.len, 0);
    assert_int_equal(node->child->next->kind, TM_JSON_KIND_BOOL);
    assert_true(node->child->next->boolean);
    assert_int_equal(node->child->next->next->kind, TM_JSON_KIND_NULL);
    assert_int_equal(node->child->next->next->next->kind, TM_JSON_KIND_OBJECT);
    assert_null(node->child->next->next->next->child);
    assert_null(node->child->next->next->next->next);

    node = node->next;
    assert_true(tm_str_is(node->key, "last"));
    assert_null(node->next);
}

static void the_root_may_be_a_scalar(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_str s;

    assert_ok(&err, tm_json_doc_parse(&doc, "x.json", TM_STR("\"\\t\""), &err));
    assert_true(tm_json_node_str(doc.root, &s));
    assert_true(tm_str_is(s, "\t"));
}

static void duplicate_keys_name_both_places(void **state)
{
    static const struct {
        const char *in, *message;
    } cases[] = {
        { "{\"a\":1,\n \"a\":2}",
          "key 'a' is already at line 1, column 2, and again at line 2, column 2 of 'x.json'" },
        { "{\"a\":1,\"b\":{},\"\\u0061\":2}",
          "key 'a' is already at line 1, column 2, and again at line 1, column 15 of 'x.json'" },
        { "[{\"x\":{\"\":1,\"\":1}}]",
          "key '' is already at line 1, column 8, and again at line 1, column 13 of 'x.json'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;

        assert_fails(&err, TM_E_FORMAT, tm_json_doc_parse(&doc, "x.json", tm_str(cases[i].in), &err));
        assert_string_equal(err.msg, cases[i].message);
        assert_null(doc.root);
    }
}

static void duplicates_are_found_in_objects_of_any_size(void **state)
{
    for (unsigned n = 2; n < 60; n++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;

        for (unsigned i = 0; i < n; i++)
            tm_buf_addf(&text, "%s\"k%u\":%u", i ? "," : "{", i, i);
        tm_buf_adds(&text, "}");
        assert_ok(&err, tm_json_doc_parse(&doc, "x.json", tm_buf_str(&text), &err));
        assert_int_equal(doc.root->count, n);
        tm_json_doc_release(&doc);

        tm_buf_truncate(&text, text.len - 1);
        tm_buf_addf(&text, ",\"k%u\":0}", n / 2);
        assert_fails(&err, TM_E_FORMAT, tm_json_doc_parse(&doc, "x.json", tm_buf_str(&text), &err));
    }
}

static void the_same_key_in_different_objects_is_fine(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;

    assert_ok(&err, tm_json_doc_parse(&doc, "x.json",
                                      TM_STR("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}"), &err));
}

static void the_deepest_document_is_read(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    const struct tm_json_node *node;
    unsigned depth = 1;

    for (int i = 0; i < TM_JSON_DEPTH; i++)
        tm_buf_adds(&text, "[");
    for (int i = 0; i < TM_JSON_DEPTH; i++)
        tm_buf_adds(&text, "]");
    assert_ok(&err, tm_json_doc_parse(&doc, "x.json", tm_buf_str(&text), &err));
    for (node = doc.root; node->child; node = node->child)
        depth++;
    assert_int_equal(depth, TM_JSON_DEPTH);
    tm_json_doc_release(&doc);

    tm_buf_splice(&text, TM_JSON_DEPTH, 0, TM_STR("[]"));
    assert_fails(&err, TM_E_LIMIT, tm_json_doc_parse(&doc, "x.json", tm_buf_str(&text), &err));
}

static void paths_find_members_and_nothing_else(void **state)
{
    struct tm_str text = TM_STR("{\"performance\":{\"sla_targets\":{\"latency_p95_ms\":12.5}},\"list\":[{"
                                "\"a\":1}],\"s\":\"x\",\"\":0}");
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    double ms;

    assert_ok(&err, tm_json_doc_parse(&doc, "x.json", text, &err));
    assert_true(tm_json_node_double(tm_json_at(doc.root, "performance.sla_targets.latency_p95_ms"), &ms));
    assert_true(ms == 12.5);
    assert_ptr_equal(tm_json_at(doc.root, "s"), tm_json_get(doc.root, "s"));
    assert_non_null(tm_json_get(doc.root, ""));
    assert_null(tm_json_at(doc.root, "performance.sla_target"));
    assert_null(tm_json_at(doc.root, "performance.sla_targets.latency_p95_ms.x"));
    assert_null(tm_json_at(doc.root, "list.a"));
    assert_null(tm_json_at(doc.root, "s.x"));
    assert_null(tm_json_at(NULL, "s"));
    assert_null(tm_json_get(NULL, "s"));
}

static void reads_of_another_kind_are_refused(void **state)
{
    struct tm_str text = TM_STR("{\"i\":-9223372036854775808,\"u\":18446744073709551615,\"f\":1.0,\"h\":"
                                "1e999,\"s\":\"1\",\"b\":false}");
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_str s = TM_STR("kept");
    uint64_t u = 42;
    int64_t i = 42;
    double d = 42;
    bool b = true;

    assert_ok(&err, tm_json_doc_parse(&doc, "x.json", text, &err));
    assert_false(tm_json_node_u64(tm_json_get(doc.root, "i"), &u));
    assert_false(tm_json_node_u64(tm_json_get(doc.root, "f"), &u));
    assert_false(tm_json_node_u64(tm_json_get(doc.root, "s"), &u));
    assert_false(tm_json_node_u64(NULL, &u));
    assert_false(tm_json_node_i64(tm_json_get(doc.root, "u"), &i));
    assert_false(tm_json_node_double(tm_json_get(doc.root, "h"), &d));
    assert_false(tm_json_node_double(tm_json_get(doc.root, "b"), &d));
    assert_false(tm_json_node_str(tm_json_get(doc.root, "f"), &s));
    assert_false(tm_json_node_bool(tm_json_get(doc.root, "s"), &b));
    assert_true(u == 42 && i == 42 && d == 42 && b && tm_str_is(s, "kept"));

    assert_true(tm_json_node_i64(tm_json_get(doc.root, "i"), &i) && i == INT64_MIN);
    assert_true(tm_json_node_u64(tm_json_get(doc.root, "u"), &u) && u == UINT64_MAX);
    assert_true(tm_json_node_double(tm_json_get(doc.root, "f"), &d) && d == 1);
    assert_true(tm_json_node_bool(tm_json_get(doc.root, "b"), &b) && !b);
    assert_true(tm_json_node_str(tm_json_get(doc.root, "s"), &s) && tm_str_is(s, "1"));
}

static void a_failure_can_name_a_node(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;

    assert_ok(&err, tm_json_doc_parse(&doc, "m.json", TM_STR("{\n\t\"tags\": 7\n}"), &err));
    assert_fails(&err, TM_E_FORMAT,
                 tm_json_doc_fail(&doc, tm_json_get(doc.root, "tags"), &err, "'%s' is not a list", "tags"));
    assert_string_equal(err.msg, "'tags' is not a list at line 2, column 10 of 'm.json'");
}

TM_TESTS(cmocka_unit_test(a_tree_keeps_order_places_and_spelling), cmocka_unit_test(the_root_may_be_a_scalar),
         cmocka_unit_test(duplicate_keys_name_both_places),
         cmocka_unit_test(duplicates_are_found_in_objects_of_any_size),
         cmocka_unit_test(the_same_key_in_different_objects_is_fine),
         cmocka_unit_test(the_deepest_document_is_read),
         cmocka_unit_test(paths_find_members_and_nothing_else),
         cmocka_unit_test(reads_of_another_kind_are_refused), cmocka_unit_test(a_failure_can_name_a_node))
