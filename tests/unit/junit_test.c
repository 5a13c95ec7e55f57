#include "base/io.h"
#include "coverage/tests.h"
#include "test.h"

static enum tm_code read_text(struct tm_str text, struct tm_test_counts *counts, struct tm_err *err)
{
    struct tm_source TM_CLEANUP(tm_source_close) source;

    tm_source_memory(&source, "report", text);
    return tm_tests_read(&source, &tm_tests_junit, counts, err);
}

static void figures_are_those_of_pytest(void **state)
{
    struct tm_test_counts counts;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    /* "1 failed, 7 passed, 1 skipped, 1 xfailed, 1 error" */
    assert_ok(&err, tm_tests_read_file(TM_TEST_DATA "/coverage/junit/pytest.xml", NULL, &counts, &err));
    assert_int_equal(counts.passed, 7);
    assert_int_equal(counts.failed, 2);
    assert_int_equal(counts.skipped, 2);
    assert_int_equal(tm_tests_run(&counts), 9);
}

static void test_cases_count_wherever_they_stand(void **state)
{
    /* Counted by hand. */
    static const struct {
        const char *text;
        struct tm_test_counts counts;
    } cases[] = {
        { "<testsuites/>", { 0, 0, 0 } },
        { "<testsuite tests='9'><testcase/></testsuite>", { 1, 0, 0 } },
        { "<testsuites><testsuite><testsuite><testcase/><testcase><skipped/></testcase></testsuite></"
          "testsuite>"
          "<testcase><failure/><error/></testcase></testsuites>",
          { 1, 1, 1 } },
        { "<testsuites><testcase status='run'/><testcase status='notrun'/><testcase status='disabled'/>"
          "<testcase result='skipped'/><testcase result='completed'/></testsuites>",
          { 2, 0, 3 } },
        { "<testsuites><testcase><skipped/><failure/></testcase></testsuites>", { 0, 1, 0 } },
        /* Output may say anything. */
        { "<testsuites><testcase><system-out>&lt;failure/&gt;</system-out><properties><failure/></properties>"
          "</testcase></testsuites>",
          { 1, 0, 0 } },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_test_counts counts;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, read_text(tm_str(cases[i].text), &counts, &err));
        assert_memory_equal(&counts, &cases[i].counts, sizeof(counts));
    }
}

static void damage_is_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "'report' is empty" },
        { "<coverage/>", "root element is 'coverage', not 'testsuites' at line 1 of 'report'" },
        { "<testsuites>\n<testcase>", "document ends in the middle at line 2 of 'report'" },
        { "<testsuites>\n<testcase><testcase/></testcase></testsuites>",
          "testcase inside a testcase at line 2 of 'report'" },
        { "ok 1", "XML error: syntax error at line 1 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_test_counts counts = { 7, 7, 7 };
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_fails(&err, TM_E_FORMAT, read_text(tm_str(cases[i].text), &counts, &err));
        assert_string_equal(tm_err_msg(&err), cases[i].message);
        assert_int_equal(counts.passed, 7);
    }
}

static void a_cut_anywhere_is_an_error(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_file_read(TM_TEST_DATA "/coverage/junit/pytest.xml", 1 << 20, &text, &err));
    for (size_t n = 0; n < text.len; n++) {
        struct tm_test_counts counts;

        if (read_text(tm_str_n(text.data, n), &counts, &err) == TM_OK)
            fail_msg("read after a cut at byte %zu", n);
    }
}

TM_TESTS(cmocka_unit_test(figures_are_those_of_pytest),
         cmocka_unit_test(test_cases_count_wherever_they_stand), cmocka_unit_test(damage_is_refused),
         cmocka_unit_test(a_cut_anywhere_is_an_error))
