#include "test.h"

#include "base/md.h"

static void names_start_no_markup(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "plain name", "plain name" },
        { "test_smoke.py", "test_smoke.py" },
        { "_private_", "\\_private\\_" },
        { "__init__.py", "\\_\\_init\\_\\_.py" },
        { "a|b", "a\\|b" },
        { "[x](y)", "\\[x\\](y)" },
        { "<script>", "\\<script\\>" },
        { "`code`", "\\`code\\`" },
        { "a*b*c", "a\\*b\\*c" },
        { "a&amp;b", "a\\&amp;b" },
        { "back\\slash", "back\\\\slash" },
        { "two\nlines", "two\\\\nlines" },
        { "esc\033[1m", "esc\\\\x1b\\[1m" },
        { "bad\xff", "bad\\\\xff" },
        { "- item", "\\- item" },
        { "---", "\\---" },
        { "a-b", "a-b" },
        { "12. item", "12\\. item" },
        { "1) item", "1\\) item" },
        { "2.", "2\\." },
        { "100.00 % (1)", "100.00 % (1)" },
        { "1.2.3", "1.2.3" },
        { ".hidden", ".hidden" },
        { "v1.2", "v1.2" },
        { "gr\xc3\xbcn_gelb", "gr\xc3\xbcn_gelb" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_md_add_text(&out, tm_str(cases[i].in), false);
        assert_string_equal(out.data, cases[i].out);
    }
}

static void prose_is_one_line(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    tm_md_add_text(&out, TM_STR(" First\r\n\tsecond \n third\n"), true);
    assert_string_equal(out.data, "First second third");
}

static void links_are_relative_and_percent_encoded(void **state)
{
    static const struct {
        const char *from, *path, *target;
    } cases[] = {
        { "docs/_generated", "a/README.md", "../../a/README.md" },
        { "docs/_generated", "docs/x y.md", "../x%20y.md" },
        { "", "a:b.md", "a%3Ab.md" },
        { "", "(1)\n.md", "%281%29%0A.md" },
        { "", "\xff.md", "%FF.md" },
        { "", "100%.md", "100%25.md" },
        { "docs", "", "../" },
        { "", "", "." },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_md_add_target(&out, tm_str(cases[i].from), tm_str(cases[i].path));
        assert_string_equal(out.data, cases[i].target);
    }
}

TM_TESTS(cmocka_unit_test(names_start_no_markup), cmocka_unit_test(prose_is_one_line),
         cmocka_unit_test(links_are_relative_and_percent_encoded))
