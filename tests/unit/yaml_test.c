#include "test.h"

#include "ext/yaml.h"

/* The tree as text: {key@L:C=value@L:C ...}, [..], 'quoted', plain. */
static void add_node(struct tm_buf *out, const struct tm_yaml_node *node)
{
    const char *const brackets = node->kind == TM_YAML_MAPPING ? "{}" : "[]";

    if (node->kind == TM_YAML_SCALAR) {
        tm_buf_addf(out, node->plain ? "%.*s@%zu:%zu" : "'%.*s'@%zu:%zu", TM_STR_ARG(node->text), node->line,
                    node->column);
        return;
    }
    tm_buf_addc(out, brackets[0]);
    for (const struct tm_yaml_node *child = node->child; child; child = child->next) {
        if (child != node->child)
            tm_buf_addc(out, ' ');
        if (node->kind == TM_YAML_MAPPING)
            tm_buf_addf(out, "%.*s@%zu:%zu=", TM_STR_ARG(child->key), child->key_line, child->key_column);
        add_node(out, child);
    }
    tm_buf_addc(out, brackets[1]);
}

static void documents_become_trees_with_places(void **state)
{
    static const struct {
        const char *text, *tree;
    } rows[] = {
        { "a: 1", "{a@1:1=1@1:4}" },
        { "a: '1'\nb:\n  - x\n  - \"y\\n\"\n", "{a@1:1='1'@1:4 b@2:1=[x@3:5 'y\n'@4:5]}" },
        { "a: {b: [c, d], e: }\n", "{a@1:1={b@1:5=[c@1:9 d@1:12] e@1:16=@1:16}}" },
        { "a: |\n  x\n  y\n", "{a@1:1='x\ny\n'@2:1}" },
        { "a: >-\n  x\n  y\n", "{a@1:1='x y'@2:1}" },
        { "\xc3\xa4\xc3\xb6: \xe2\x82\xac\n", "{\xc3\xa4\xc3\xb6@1:1=\xe2\x82\xac@1:5}" },
        { "---\na: b\n...\n", "{a@2:1=b@2:4}" },
        { "'<<': b\n", "{<<@1:1=b@1:7}" },
        { "'': ''", "{@1:1=''@1:5}" },
        { "a: \"\\x41\\u00e4\\n\\\n  b\"\n", "{a@1:1='A\xc3\xa4\nb'@1:4}" },
        { "a: 'it''s'\n", "{a@1:1='it's'@1:4}" },
        { "\xc3\xa4: 'a''''b'\nb: ''''\nc: ''''''\n",
          "{\xc3\xa4@1:1='a''b'@1:4 b@2:1='''@2:4 c@3:1=''''@3:4}" },
        { "a: 'x  \n \t y\n\n\n  z '\n", "{a@1:1='x y\n\nz '@1:4}" },
        { "a: ' x\r\n\r\n y'\r\n", "{a@1:1=' x\ny'@1:4}" },
        { "- a\r\n- b # c\r\n", "[a@1:3 b@2:3]" },
        { "a:\n  - b\n  -\n", "{a@1:1=[b@2:5 @2:3]}" },
        { "just text\n", "just text@1:1" },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_yaml_node *root;

        assert_ok(&err, tm_yaml_parse(&arena, "x.yaml", tm_str(rows[i].text), &root, &err));
        add_node(&out, root);
        assert_string_equal(out.data, rows[i].tree);
    }
}

static void empty_documents_have_no_root(void **state)
{
    static const char *const rows[] = { "", "\n \n", "# only a comment\n", "---\n", "~\n", "null # x\n" };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_yaml_node *root = (struct tm_yaml_node *)&arena;

        assert_ok(&err, tm_yaml_parse(&arena, "x.yaml", tm_str(rows[i]), &root, &err));
        assert_null(root);
    }
}

static void what_is_refused_says_where(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        { "a: &x 1\n", "an anchor, write its value out where it is used, at line 1, column 4 of 'x.yaml'" },
        { "a: *x\n", "an alias, write its value out, at line 1, column 4 of 'x.yaml'" },
        { "a:\n  <<: {b: 1}\n", "a merge key, write the values out, at line 2, column 3 of 'x.yaml'" },
        { "a: !!str 1\n", "a tag, which is not supported, at line 1, column 4 of 'x.yaml'" },
        { "a: !t [1]\n", "a tag, which is not supported, at line 1, column 4 of 'x.yaml'" },
        { "a: 1\nb: 2\na: 3\n", "key 'a' for the second time at line 3, column 1 of 'x.yaml'" },
        { "a: 1\n'a': 3\n", "key 'a' for the second time at line 2, column 1 of 'x.yaml'" },
        { "a: 1\nb:\n  : 2\n", "a value without a key at line 3, column 3 of 'x.yaml'" },
        { "a: 1\n--- \nb: 2\n", "a second document at line 2, column 1 of 'x.yaml'" },
        { "\xef\xbb\xbf"
          "a: 1\n",
          "a byte order mark, save the file without one, at line 1, column 1 of 'x.yaml'" },
        { "a: 1\nb: \xff\n", "a byte that is not UTF-8 at line 2, column 4 of 'x.yaml'" },
        { "a: \x01\n", "a control character at line 1, column 4 of 'x.yaml'" },
        { "a: \"x\\0\"\n", "a text with a NUL in it at line 1, column 4 of 'x.yaml'" },
        { "a: \x7f\n", "a control character at line 1, column 4 of 'x.yaml'" },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_yaml_node *root;

        assert_fails(&err, TM_E_SETTINGS, tm_yaml_parse(&arena, "x.yaml", tm_str(rows[i].text), &root, &err));
        assert_string_equal(err.msg, rows[i].message);
    }
}

static void broken_yaml_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *place;
    } rows[] = {
        { "a: [1, 2\n", " at line " },
        { "a: 'open\n", " at line 1" },
        { "a: 1\n  b: 2\n", " at line 1" },
        { "\ta: 1\n", " at line 1" },
        { "a: b: c\n", " at line 1" },
        { "- a\nb: c\n", " at line 2" },
        { "? [a]\n: b\n", "a key that is no text" },
        { "a: {out}/x\n", " at line 1" },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_yaml_node *root;

        assert_fails(&err, TM_E_SETTINGS, tm_yaml_parse(&arena, "x.yaml", tm_str(rows[i].text), &root, &err));
        if (!strstr(err.msg, rows[i].place))
            fail_msg("row %zu: %s", i, err.msg);
    }
}

static enum tm_code parse_repeated(const char *unit, size_t n, struct tm_str tail, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_yaml_node *root;

    for (size_t i = 0; i < n; i++)
        tm_buf_adds(&text, unit);
    tm_buf_add_str(&text, tail);
    return tm_yaml_parse(&arena, "x.yaml", tm_buf_str(&text), &root, err);
}

static void depth_and_size_have_limits(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, parse_repeated("- ", TM_YAML_DEPTH, TM_STR("x"), &err));
    assert_fails(&err, TM_E_SETTINGS, parse_repeated("- ", TM_YAML_DEPTH + 1, TM_STR("x"), &err));
    assert_non_null(strstr(err.msg, "nested too deeply"));
    assert_fails(&err, TM_E_SETTINGS, parse_repeated("[", 10000, TM_STR(""), &err));
    assert_ok(&err, parse_repeated("#\n", TM_YAML_MAX / 2, TM_STR(""), &err));
    assert_fails(&err, TM_E_SETTINGS, parse_repeated("#\n", TM_YAML_MAX / 2, TM_STR("#"), &err));
    assert_string_equal(err.msg, "'x.yaml' is larger than 1048576 bytes");
}

TM_TESTS(cmocka_unit_test(documents_become_trees_with_places), cmocka_unit_test(empty_documents_have_no_root),
         cmocka_unit_test(what_is_refused_says_where), cmocka_unit_test(broken_yaml_is_refused_with_its_line),
         cmocka_unit_test(depth_and_size_have_limits))
