#include "test.h"

#include "scaffold/provenance.h"

static void make(struct tm_buf *out, const char *file, const char *content)
{
    tm_buf_clear(out);
    tm_buf_adds(out, content);
    tm_provenance_add(out, tm_syntax_of(tm_str(file)), tm_str(file), "0123456789ab");
}

/* The digest is that of "# Title\n", by sha256sum (coreutils 9.1). */
static void the_comment_names_template_set_and_digest(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    make(&out, "module/README.md", "# Title\n");
    assert_string_equal(
        out.data, "<!-- tidemark: from template module/README.md, set 0123456789ab; the rest has sha256 "
                  "e01b17ff9af77056792f67c57e3d1908795b9d1ae4cfe72421d0a2838991b740 -->\n# Title\n");
}

static void made_files_are_untouched_until_edited(void **state)
{
    static const char *const files[] = { "a.md", "b.py", "c.c", "d.mjs", "Makefile", "e.yaml", ".gitignore" };

    for (size_t i = 0; i < TM_LEN(files); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_provenance_mark mark;

        make(&out, files[i], "one\ntwo\n");
        assert_true(tm_provenance_find(tm_buf_str(&out), &mark));
        assert_true(tm_str_is(mark.set, "0123456789ab"));
        assert_true(tm_str_is(mark.template, files[i]));
        assert_true(tm_scaffold_is_untouched(tm_buf_str(&out)));
        tm_buf_addc(&out, 'x');
        assert_false(tm_scaffold_is_untouched(tm_buf_str(&out)));
        tm_buf_truncate(&out, out.len - 2);
        assert_false(tm_scaffold_is_untouched(tm_buf_str(&out)));
    }
}

static void shebang_and_front_matter_stay_first(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    make(&out, "a.sh", "#!/bin/sh\necho\n");
    assert_true(tm_str_has_prefix(tm_buf_str(&out), TM_STR("#!/bin/sh\n# tidemark: from template a.sh, ")));
    assert_true(tm_scaffold_is_untouched(tm_buf_str(&out)));
    make(&out, "a.md", "---\ntitle: x\n---\ntext\n");
    assert_true(tm_str_has_prefix(tm_buf_str(&out), TM_STR("---\ntitle: x\n---\n<!-- tidemark: ")));
    assert_true(tm_scaffold_is_untouched(tm_buf_str(&out)));
    make(&out, "a.md", "---\nonly a rule\n");
    assert_true(tm_str_has_prefix(tm_buf_str(&out), TM_STR("<!-- tidemark: ")));
    assert_true(tm_scaffold_is_untouched(tm_buf_str(&out)));
}

static void line_ends_of_another_system_change_nothing(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) crlf = TM_BUF_INIT;

    make(&out, "a.md", "one\ntwo\n");
    for (size_t i = 0; i < out.len; i++) {
        if (out.data[i] == '\n')
            tm_buf_addc(&crlf, '\r');
        tm_buf_addc(&crlf, out.data[i]);
    }
    assert_true(tm_scaffold_is_untouched(tm_buf_str(&crlf)));
    tm_buf_adds(&crlf, "\r");
    assert_false(tm_scaffold_is_untouched(tm_buf_str(&crlf)));
}

static void languages_without_comments_have_none(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    make(&out, "a.json", "{}\n");
    assert_string_equal(out.data, "{}\n");
    assert_false(tm_scaffold_is_untouched(tm_buf_str(&out)));
}

static void a_hostile_path_stays_in_the_comment(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    make(&out, "x-->*/\n--.md", "text\n");
    assert_true(tm_str_has_prefix(tm_buf_str(&out),
                                  TM_STR("<!-- tidemark: from template x-%2D%3E%2A/%0A-%2D.md, set ")));
    assert_true(tm_scaffold_is_untouched(tm_buf_str(&out)));
}

static void other_texts_have_no_mark(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "<!-- tidemark: from template a.md -->\n",
        "text\n<!-- tidemark: from template a.md, set 0123456789ab; the rest has sha256 "
        "e01b17ff9af77056792f67c57e3d1908795b9d1ae4cfe72421d0a2838991b740 -->\n",
        "<!-- tidemark: from template a.md, set 0123456789AB; the rest has sha256 "
        "e01b17ff9af77056792f67c57e3d1908795b9d1ae4cfe72421d0a2838991b740 -->\n",
        "<!-- tidemark: from template a.md, set 0123456789ab; the rest has sha256 cc -->\n",
        "<!-- tidemark: from template a\xff.md, set 0123456789ab; the rest has sha256 "
        "e01b17ff9af77056792f67c57e3d1908795b9d1ae4cfe72421d0a2838991b740 -->\n",
    };
    struct tm_provenance_mark mark;

    for (size_t i = 0; i < TM_LEN(texts); i++) {
        assert_false(tm_provenance_find(tm_str(texts[i]), &mark));
        assert_false(tm_scaffold_is_untouched(tm_str(texts[i])));
    }
}

TM_TESTS(cmocka_unit_test(the_comment_names_template_set_and_digest),
         cmocka_unit_test(made_files_are_untouched_until_edited),
         cmocka_unit_test(shebang_and_front_matter_stay_first),
         cmocka_unit_test(line_ends_of_another_system_change_nothing),
         cmocka_unit_test(languages_without_comments_have_none),
         cmocka_unit_test(a_hostile_path_stays_in_the_comment), cmocka_unit_test(other_texts_have_no_mark))
