#include "test.h"

#include "base/json_doc.h"
#include "base/json_edit.h"

enum { MAX_PATH = 4 };

/* Splits "a.b.c" into names; room keeps them. */
static void split_path(const char *path, char room[64], const char *names[MAX_PATH + 1])
{
    size_t n = 0;

    snprintf(room, 64, "%s", path);
    names[n++] = room;
    for (char *p = room; *p; p++) {
        if (*p == '.') {
            *p = '\0';
            assert_true(n < MAX_PATH);
            names[n++] = p + 1;
        }
    }
    names[n] = NULL;
}

static enum tm_code edit(const char *in, const char *path, const char *value, struct tm_buf *out,
                         struct tm_err *err)
{
    const char *names[MAX_PATH + 1];
    char room[64];
    struct tm_json_edit one = { .path = names, .value = tm_str(value) };

    split_path(path, room, names);
    return tm_json_edit("m.json", tm_str(in), &one, 1, out, err);
}

struct edit_case {
    const char *in, *path, *value, *out;
};

static void check_cases(const struct edit_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        if (edit(cases[i].in, cases[i].path, cases[i].value, &out, &err))
            fail_msg("%s: %s", cases[i].in, tm_err_msg(&err));
        assert_string_equal(out.data, cases[i].out);
    }
}

static void an_existing_value_alone_is_replaced(void **state)
{
    static const struct edit_case cases[] = {
        { "{\"a\":1}", "a", "2", "{\"a\":2}" },
        { "{\"a\":1.00 ,\"b\":1.0}", "b", "36.5", "{\"a\":1.00 ,\"b\":36.5}" },
        { " { \"a\" :1 ,\"b\":2}\t", "a", "null", " { \"a\" :null ,\"b\":2}\t" },
        { "{\r\n\t\"t\": {\r\n\t\t\"o\": null\r\n\t}\r\n}", "t.o", "0.1",
          "{\r\n\t\"t\": {\r\n\t\t\"o\": 0.1\r\n\t}\r\n}" },
        { "{\"\\u0061\": \"x\"}", "a", "\"y\"", "{\"\\u0061\": \"y\"}" },
        { "{\"a\": {\"b\": [1, {\"c\": 2}]}}\n", "a", "0", "{\"a\": 0}\n" },
        { "{\"a\": [1,\n2]}", "a", "{}", "{\"a\": {}}" },
        { "{\"x\": {\"a\": 1}, \"a\": 2}", "a", "3", "{\"x\": {\"a\": 1}, \"a\": 3}" },
        { "{\"x\": [{\"a\": 1}], \"a\": {\"a\": 1}}", "a.a", "3",
          "{\"x\": [{\"a\": 1}], \"a\": {\"a\": 3}}" },
        { "{\"a\": 1.0}", "a", "1.0", "{\"a\": 1.0}" },
    };

    check_cases(cases, TM_LEN(cases));
}

static void a_missing_member_follows_the_last_in_the_style_of_its_siblings(void **state)
{
    static const struct edit_case cases[] = {
        /* indentation: two, four, one tab, none */
        { "{\n  \"a\": 1\n}\n", "b", "2", "{\n  \"a\": 1,\n  \"b\": 2\n}\n" },
        { "{\n    \"a\": 1\n}", "b", "2", "{\n    \"a\": 1,\n    \"b\": 2\n}" },
        { "{\n\t\"a\": 1,\n\t\"b\": 2\n}", "c", "3", "{\n\t\"a\": 1,\n\t\"b\": 2,\n\t\"c\": 3\n}" },
        { "{\n\"a\": 1\n}", "b", "2", "{\n\"a\": 1,\n\"b\": 2\n}" },
        /* line ends */
        { "{\r\n  \"a\": 1\r\n}\r\n", "b", "2", "{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}\r\n" },
        { "{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}", "c", "3",
          "{\r\n  \"a\": 1,\r\n  \"b\": 2,\r\n  \"c\": 3\r\n}" },
        /* one line */
        { "{\"a\":1}", "b", "2", "{\"a\":1,\"b\":2}" },
        { "{\"a\": 1}", "b", "2", "{\"a\": 1, \"b\": 2}" },
        { "{ \"a\": 1 }", "b", "2", "{ \"a\": 1, \"b\": 2 }" },
        { "{\"a\": 1,\"b\": 2}", "c", "3", "{\"a\": 1,\"b\": 2,\"c\": 3}" },
        { "{\"a\" :1 ,\"b\":2}", "c", "3", "{\"a\" :1 ,\"b\":2 ,\"c\":3}" },
        { "{\"a\" : 1 , \"b\" : 2}", "c", "3", "{\"a\" : 1 , \"b\" : 2 , \"c\" : 3}" },
        /* one line inside of lines */
        { "{\n  \"p\": { \"x\": 1 },\n  \"q\": 2\n}", "p.y", "3",
          "{\n  \"p\": { \"x\": 1, \"y\": 3 },\n  \"q\": 2\n}" },
        /* the comma first */
        { "{\n  \"a\": 1\n, \"b\": 2\n}", "c", "3", "{\n  \"a\": 1\n, \"b\": 2\n, \"c\": 3\n}" },
        /* blank lines, blanks at the end of lines and aligned colons are not style */
        { "{\n  \"a\": 1,  \n\n\n  \"b\": 2\n}", "c", "3",
          "{\n  \"a\": 1,  \n\n\n  \"b\": 2,\n  \"c\": 3\n}" },
        { "{\n  \"a\"     :     1\n}", "c", "3", "{\n  \"a\"     :     1,\n  \"c\" : 3\n}" },
        { "{\n  \"a\":\n    1\n}", "c", "3", "{\n  \"a\":\n    1,\n  \"c\": 3\n}" },
        /* the brace stays where it is */
        { "{ \"a\": 1\n}", "b", "2", "{ \"a\": 1, \"b\": 2\n}" },
        { "{\n  \"a\": 1}", "b", "2", "{\n  \"a\": 1,\n  \"b\": 2}" },
    };

    check_cases(cases, TM_LEN(cases));
}

static void missing_objects_are_made_in_the_style_of_the_document(void **state)
{
    static const struct edit_case cases[] = {
        { "{\n  \"a\": 1\n}", "p.o.x", "2",
          "{\n  \"a\": 1,\n  \"p\": {\n    \"o\": {\n      \"x\": 2\n    }\n  }\n}" },
        { "{\r\n\t\"a\": 1\r\n}", "p.x", "2", "{\r\n\t\"a\": 1,\r\n\t\"p\": {\r\n\t\t\"x\": 2\r\n\t}\r\n}" },
        { "{\n\"a\": 1\n}", "p.x", "2", "{\n\"a\": 1,\n\"p\": {\n\"x\": 2\n}\n}" },
        { "{\"a\":1}", "p.o.x", "2", "{\"a\":1,\"p\":{\"o\":{\"x\":2}}}" },
        { "{ \"a\": 1 }", "p.x", "2", "{ \"a\": 1, \"p\": { \"x\": 2 } }" },
        /* inside an object further in, the unit is that object's step */
        { "{\n    \"p\": {\n        \"y\": 1\n    }\n}", "p.o.x", "2",
          "{\n    \"p\": {\n        \"y\": 1,\n        \"o\": {\n            \"x\": 2\n        }\n    }\n}" },
    };

    check_cases(cases, TM_LEN(cases));
}

static void an_empty_object_is_filled(void **state)
{
    static const struct edit_case cases[] = {
        { "{}", "a", "1", "{\"a\": 1}" },
        { "{ }\n", "a", "1", "{ \"a\": 1 }\n" },
        { "{}", "a.b", "1", "{\"a\": {\"b\": 1}}" },
        { "{\n}\n", "a", "1", "{\n  \"a\": 1\n}\n" },
        { "{\r\n}", "a.b", "1", "{\r\n  \"a\": {\r\n    \"b\": 1\r\n  }\r\n}" },
        /* as the object around it is laid out */
        { "{\n\t\"p\": {},\n\t\"q\": 1\n}", "p.x", "2", "{\n\t\"p\": {\n\t\t\"x\": 2\n\t},\n\t\"q\": 1\n}" },
        { "{\n  \"p\": {}\n}", "p.o.x", "2", "{\n  \"p\": {\n    \"o\": {\n      \"x\": 2\n    }\n  }\n}" },
        { "{\n  \"p\": { }\n}", "p.x", "2", "{\n  \"p\": { \"x\": 2 }\n}" },
        { "{\n    \"p\": {\n    }\n}", "p.x", "2", "{\n    \"p\": {\n        \"x\": 2\n    }\n}" },
        { "{\"p\":{}}", "p.x", "2", "{\"p\":{\"x\":2}}" },
        { "{ \"p\": {} }", "p.x", "2", "{ \"p\": { \"x\": 2 } }" },
        { "{\"p\":{\"o\":{}}}", "p.o.x", "2", "{\"p\":{\"o\":{\"x\":2}}}" },
    };

    check_cases(cases, TM_LEN(cases));
}

static void a_null_on_the_way_becomes_an_object(void **state)
{
    static const struct edit_case cases[] = {
        { "{\"p\":null,\"q\":1}", "p.x", "2", "{\"p\":{\"x\":2},\"q\":1}" },
        { "{\n  \"p\": null,\n  \"q\": 1\n}", "p.x", "2",
          "{\n  \"p\": {\n    \"x\": 2\n  },\n  \"q\": 1\n}" },
    };

    check_cases(cases, TM_LEN(cases));
}

static void only_existing_members_are_touched_when_asked(void **state)
{
    static const char *const cases[] = { "{}", "{\"p\":{}}", "{\"p\":null}", "{\"p\":{\"y\":1}}" };
    const char *path[] = { "p", "x", NULL };
    struct tm_json_edit one = { .path = path, .value = TM_STR("null"), .only_existing = true };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        assert_ok(&err, tm_json_edit("m.json", tm_str(cases[i]), &one, 1, &out, &err));
        assert_string_equal(out.data, cases[i]);
    }
    assert_ok(&err, tm_json_edit("m.json", TM_STR("{\"p\":{\"x\":1}}"), &one, 1, &out, &err));
    assert_string_equal(out.data, "{\"p\":{\"x\":null}}");
}

static void edits_follow_one_another(void **state)
{
    const char *p50[] = { "performance", "observed", "p50_ms", NULL };
    const char *p95[] = { "performance", "observed", "p95_ms", NULL };
    const char *name[] = { "name", NULL };
    const struct tm_json_edit edits[] = {
        { .path = p50, .value = TM_STR("1.5") },
        { .path = p95, .value = TM_STR("2.25") },
        { .path = name, .value = TM_STR("\"y\"") },
        { .path = p50, .value = TM_STR("1.75") },
    };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    tm_buf_adds(&out, "{\n  \"name\": \"x\"\n}\n");
    /* The input may be the output's own content. */
    assert_ok(&err, tm_json_edit("m.json", tm_buf_str(&out), edits, TM_LEN(edits), &out, &err));
    assert_string_equal(out.data, "{\n  \"name\": \"y\",\n  \"performance\": {\n    \"observed\": {\n"
                                  "      \"p50_ms\": 1.75,\n      \"p95_ms\": 2.25\n    }\n  }\n}\n");
}

static void what_cannot_be_edited_is_refused_and_out_is_kept(void **state)
{
    static const struct {
        const char *in, *path, *message;
    } cases[] = {
        { "[1]", "a", "expected an object at line 1, column 1 of 'm.json'" },
        { "{\n \"a\": 1}", "a.b", "'a' is not an object at line 2, column 7 of 'm.json'" },
        { "{\"a\": []}", "a.b", "'a' is not an object at line 1, column 7 of 'm.json'" },
        { "{\"a\": {\"b\": \"\"}}", "a.b.c", "'b' is not an object at line 1, column 13 of 'm.json'" },
        { "{\"a\": 1,\n\"a\": 2}", "a",
          "key 'a' is already at line 1, column 2, and again at line 2, column 1 of 'm.json'" },
        { "{\"a\": {\"b\": 1}, \"\\u0061\": {\"c\": 1}}", "a.c",
          "key 'a' is already at line 1, column 2, and again at line 1, column 17 of 'm.json'" },
        /* the fault stands after the value */
        { "{\"a\": 1, \"b\": 01}", "a", "number with a leading zero at line 1, column 15 of 'm.json'" },
        { "{\"a\": 1} x", "a", "expected the end, found 'x' at line 1, column 10 of 'm.json'" },
        { "\xef\xbb\xbf{\"a\": 1}", "a",
          "byte order mark at line 1, column 1 of 'm.json', save the file as UTF-8 without one" },
        { "", "a", "expected a value, found the end at line 1, column 1 of 'm.json'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_buf_adds(&out, "kept");
        assert_fails(&err, TM_E_FORMAT, edit(cases[i].in, cases[i].path, "2", &out, &err));
        assert_string_equal(err.msg, cases[i].message);
        assert_string_equal(out.data, "kept");
    }
}

static void duplicates_beside_the_way_are_not_its_business(void **state)
{
    static const struct edit_case cases[] = {
        { "{\"x\":1,\"x\":2,\"a\":3}", "a", "4", "{\"x\":1,\"x\":2,\"a\":4}" },
    };

    check_cases(cases, TM_LEN(cases));
}

static void sixteen_mebibytes_are_edited_and_one_byte_more_is_not(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    const char *path[] = { "a", NULL };
    struct tm_json_edit same = { .path = path, .value = TM_STR("2") };
    struct tm_json_edit longer = { .path = path, .value = TM_STR("22") };

    tm_buf_adds(&text, "{\"a\":1}");
    memset(tm_buf_reserve(&text, TM_JSON_EDIT_MAX), ' ', TM_JSON_EDIT_MAX);
    text.len = TM_JSON_EDIT_MAX + 1;

    assert_fails(&err, TM_E_LIMIT, tm_json_edit("m.json", tm_buf_str(&text), &same, 1, &out, &err));
    tm_buf_truncate(&text, TM_JSON_EDIT_MAX);
    assert_fails(&err, TM_E_LIMIT, tm_json_edit("m.json", tm_buf_str(&text), &longer, 1, &out, &err));
    assert_int_equal(out.len, 0);
    assert_ok(&err, tm_json_edit("m.json", tm_buf_str(&text), &same, 1, &out, &err));
    assert_int_equal(out.len, TM_JSON_EDIT_MAX);
    assert_memory_equal(out.data, "{\"a\":2}  ", 9);
}

/* ---- Properties, over many documents ---- */

static uint32_t random_state;

static uint32_t below(uint32_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % n;
}

static const char *one_of(const char *const *choices, uint32_t n)
{
    return choices[below(n)];
}

static void add_space(struct tm_buf *out)
{
    static const char *const spaces[] = { "",     "",   "",       " ",  "\n",       "\r\n",
                                          "\n  ", "\t", "\n\t\t", "  ", "\r\n \r\n" };

    tm_buf_adds(out, one_of(spaces, TM_LEN(spaces)));
}

/* An object with some of the members a, b, c, d, each at most once, white space anywhere. */
static void add_object(struct tm_buf *out, unsigned depth)
{
    static const char *const scalars[] = { "1.00", "null", "\"}{\\\",\"", "[ 1,{\"a\":2} ]", "true", "-0" };
    const char *comma = "";

    tm_buf_addc(out, '{');
    add_space(out);
    for (char name = 'a'; name <= 'd'; name++) {
        if (below(2))
            continue;
        tm_buf_adds(out, comma);
        if (*comma)
            add_space(out);
        tm_buf_addf(out, below(8) ? "\"%c\"" : "\"\\u00%x\"", name);
        add_space(out);
        tm_buf_addc(out, ':');
        add_space(out);
        if (depth < 3 && below(2))
            add_object(out, depth + 1);
        else
            tm_buf_adds(out, one_of(scalars, TM_LEN(scalars)));
        add_space(out);
        comma = ",";
    }
    tm_buf_addc(out, '}');
}

static size_t common_prefix(const struct tm_buf *a, const struct tm_buf *b)
{
    size_t n = 0;

    while (n < a->len && n < b->len && a->data[n] == b->data[n])
        n++;
    return n;
}

static size_t common_suffix(const struct tm_buf *a, const struct tm_buf *b, size_t limit)
{
    size_t n = 0;

    while (n < limit && a->data[a->len - 1 - n] == b->data[b->len - 1 - n])
        n++;
    return n;
}

/* The value that the edit replaces: that of path, or a null on the way; NULL when it inserts. */
static const struct tm_json_node *replaced(const struct tm_json_doc *doc, const char *const *path)
{
    const struct tm_json_node *node = doc->root;

    for (; *path; path++) {
        if (node->kind == TM_JSON_KIND_NULL)
            return node;
        node = tm_json_get(node, *path);
        if (!node)
            return NULL;
    }
    return node;
}

/* All bytes outside the replaced value are in `after`, in order; what is new is one run. */
static void check_other_bytes(const struct tm_buf *before, const struct tm_buf *after,
                              const struct tm_json_node *old)
{
    if (old) {
        size_t tail = before->len - old->at - old->len;

        assert_true(after->len >= old->at + tail);
        assert_memory_equal(after->data, before->data, old->at);
        assert_memory_equal(after->data + after->len - tail, before->data + before->len - tail, tail);
    } else {
        size_t head = common_prefix(before, after);

        assert_true(after->len > before->len);
        assert_int_equal(head + common_suffix(before, after, before->len - head), before->len);
    }
}

static void check_edit(const struct tm_buf *before, const char *const *path, const char *dotted)
{
    struct tm_json_edit one = { .path = path, .value = TM_STR("36.50") };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) edited = TM_JSON_DOC_INIT;
    const struct tm_json_node *node;

    assert_ok(&err, tm_json_doc_parse(&doc, "before", tm_buf_str(before), &err));
    if (tm_json_edit("m.json", tm_buf_str(before), &one, 1, &after, &err)) {
        assert_non_null(strstr(err.msg, "is not an object"));
        return;
    }
    if (tm_json_doc_parse(&edited, "after", tm_buf_str(&after), &err))
        fail_msg("%s: %s", after.data, err.msg);
    node = tm_json_at(edited.root, dotted);
    assert_true(node && node->kind == TM_JSON_KIND_NUMBER && tm_str_is(node->text, "36.50"));
    check_other_bytes(before, &after, replaced(&doc, path));

    assert_ok(&err, tm_json_edit("m.json", tm_buf_str(&after), &one, 1, &again, &err));
    assert_string_equal(again.data, after.data);

    node = tm_json_at(doc.root, dotted);
    if (node) {
        one.value = tm_str_n(before->data + node->at, node->len);
        assert_ok(&err, tm_json_edit("m.json", tm_buf_str(&after), &one, 1, &again, &err));
        assert_string_equal(again.data, before->data);
    }
}

static void every_other_byte_stays_and_a_second_time_changes_nothing(void **state)
{
    for (random_state = 1; random_state < 8000;) {
        uint32_t seed = random_state;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        const char *names[MAX_PATH + 1];
        char room[64], dotted[] = "a.a.a";

        add_space(&text);
        add_object(&text, 0);
        add_space(&text);
        for (size_t i = 0; i < 5; i += 2)
            dotted[i] = (char)('a' + below(5)); /* 'e' is never there */
        dotted[below(3) * 2 + 1] = '\0';
        split_path(dotted, room, names);
        check_edit(&text, names, dotted);
        random_state = seed + 1;
    }
}

TM_TESTS(cmocka_unit_test(an_existing_value_alone_is_replaced),
         cmocka_unit_test(a_missing_member_follows_the_last_in_the_style_of_its_siblings),
         cmocka_unit_test(missing_objects_are_made_in_the_style_of_the_document),
         cmocka_unit_test(an_empty_object_is_filled), cmocka_unit_test(a_null_on_the_way_becomes_an_object),
         cmocka_unit_test(only_existing_members_are_touched_when_asked),
         cmocka_unit_test(edits_follow_one_another),
         cmocka_unit_test(what_cannot_be_edited_is_refused_and_out_is_kept),
         cmocka_unit_test(duplicates_beside_the_way_are_not_its_business),
         cmocka_unit_test(sixteen_mebibytes_are_edited_and_one_byte_more_is_not),
         cmocka_unit_test(every_other_byte_stays_and_a_second_time_changes_nothing))
