/* Foreign texts in every place where a template may put them; expected by hand from
 * docs/formats/templates.md. */
#include "test.h"

#include "scaffold/syntax.h"

static void texts_cannot_leave_their_place(void **state)
{
    static const struct {
        const char *file, *in, *out;
    } cases[] = {
        { "a.md", "plain text, with_underscores (and more).", "plain text, with_underscores (and more)." },
        { "a.md", "--> <b> [x](y) *a* _b_ `c` | ~ & $ \\",
          "\\--\\> \\<b\\> \\[x\\](y) \\*a\\* \\_b\\_ \\`c\\` \\| \\~ \\& \\$ \\\\" },
        { "a.md", "# no heading", "\\# no heading" },
        { "a.md", "12. no list", "12\\. no list" },
        { "a.md", "1) no list", "1\\) no list" },
        { "a.md", "version 1.2", "version 1.2" },
        { "a.md", "===", "\\===" },
        { "a.md", "two\nlines\r\nand\ttabs ", "two lines  and tabs" },
        { "a.md",
          "bad \xff byte \xe2\x80\xae"
          "turned\xe2\x80\xa8line\xc2\x85",
          "bad \xEF\xBF\xBD byte  turned line" },
        { "a.html", "--><b a=\"'\">&", "--&gt;&lt;b a=&quot;&#39;&quot;&gt;&amp;" },
        { "a.py", "\"\"\" \\", "\\\"\\\"\\\" \\\\" },
        { "a.c", "*/ end /* start \\",
          "* / end / * start /"
          " " },
        { "a.c", "stars **/", "stars ** / " },
        { "a.c", "?\?/", "? ?/ " },
        { "a.c", "\\*\\", "/ * / " },
        { "a.js", "*/x\xe2\x80\xa8y", "* /x y" },
        { "a.json", "\"},{\\", "\\\"},{\\\\" },
        { "Makefile", "all: \\\n\t$(shell x)", "all: /  $(shell x)" },
        { "a.unknown", "x\ny\\", "x y/" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_syntax_add_text(&out, tm_syntax_of(tm_str(cases[i].file)), tm_str(cases[i].in));
        assert_string_equal(out.data, cases[i].out);
    }
}

static void a_text_does_not_join_what_stands_before_it(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    tm_buf_adds(&out, "/* a *");
    tm_syntax_add_text(&out, tm_syntax_of(TM_STR("a.c")), TM_STR("/ b */"));
    assert_string_equal(out.data, "/* a * / b * / ");
}

static void string_literals_hold_anything(void **state)
{
    static const struct {
        const char *file, *in, *out;
    } cases[] = {
        { "a.py", "a \"b\" \\ $c\nd", "\"a \\\"b\\\" \\\\ $c d\"" },
        { "a.c", "a\"\?\?/", "\"a\\\"\\?\\?/\"" },
        { "a.mjs", "`${x}` '", "\"`${x}` '\"" },
        { "a.kt", "$x", "\"\\$x\"" },
        { "a.rb", "#{x}", "\"\\#{x}\"" },
        { "a.pl", "$x @y", "\"\\$x \\@y\"" },
        { "a.sh", "$(x) `y` 'z'", "'$(x) `y` '\\''z'\\'''" },
        { "a.json", "x\"y", "\"x\\\"y\"" },
        { "a.yaml", "x: \"y\"", "\"x: \\\"y\\\"\"" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        const struct tm_syntax *syntax = tm_syntax_of(tm_str(cases[i].file));

        assert_non_null(syntax->quoted);
        tm_syntax_add_string(&out, syntax, tm_str(cases[i].in));
        assert_string_equal(out.data, cases[i].out);
    }
    assert_null(tm_syntax_of(TM_STR("Makefile"))->quoted);
    assert_null(tm_syntax_of(TM_STR("a.unknown"))->quoted);
}

static void code_spans_have_enough_backquotes(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "", "" },           { "a*b", "`a*b`" },    { "a`b", "``a`b``" }, { "``", "``` `` ```" },
        { "`a", "`` `a ``" }, { " a\nb ", "`a b`" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_syntax_add_code(&out, tm_str(cases[i].in));
        assert_string_equal(out.data, cases[i].out);
    }
}

static void link_destinations_are_plain(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    tm_syntax_add_link(&out, tm_str("../a b/(c)\"<d>\xc3\xa9#?%:.md"));
    assert_string_equal(out.data, "../a%20b/%28c%29%22%3Cd%3E%C3%A9%23%3F%25%3A.md");
}

static void syntax_is_found_by_name_in_any_case(void **state)
{
    assert_string_equal(tm_syntax_of(TM_STR("x/README.MD"))->comment_open, "<!-- ");
    assert_string_equal(tm_syntax_of(TM_STR("x/Makefile"))->comment_open, "# ");
    assert_string_equal(tm_syntax_of(TM_STR("x/.gitignore"))->comment_open, "# ");
    assert_string_equal(tm_syntax_of(TM_STR("a.h"))->comment_open, "/* ");
    assert_null(tm_syntax_of(TM_STR("a.json"))->comment_open);
    assert_null(tm_syntax_of(TM_STR("LICENSE"))->comment_open);
    assert_null(tm_syntax_of(TM_STR("xmakefile"))->comment_open);
}

TM_TESTS(cmocka_unit_test(texts_cannot_leave_their_place),
         cmocka_unit_test(a_text_does_not_join_what_stands_before_it),
         cmocka_unit_test(string_literals_hold_anything), cmocka_unit_test(code_spans_have_enough_backquotes),
         cmocka_unit_test(link_destinations_are_plain), cmocka_unit_test(syntax_is_found_by_name_in_any_case))
