#include "base/io.h"
#include "coverage/tests.h"
#include "test.h"

static enum tm_code read_text(struct tm_str text, struct tm_test_counts *counts, struct tm_err *err)
{
    struct tm_source TM_CLEANUP(tm_source_close) source;

    tm_source_memory(&source, "report", text);
    return tm_tests_read(&source, NULL, counts, err);
}

static void figures_are_those_of_node(void **state)
{
    static const char *const paths[] = { TM_TEST_DATA "/coverage/tap/node18.tap",
                                         TM_TEST_DATA "/coverage/tap/node20.tap" };

    for (size_t i = 0; i < TM_LEN(paths); i++) {
        struct tm_test_counts counts;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        /* "# tests 10", "# pass 7", "# fail 1", "# skipped 1", "# todo 1" */
        assert_ok(&err, tm_tests_read_file(paths[i], NULL, &counts, &err));
        assert_int_equal(counts.passed, 7);
        assert_int_equal(counts.failed, 1);
        assert_int_equal(counts.skipped, 2);
    }
}

/* Its JUnit report of the run: 8 tests, 3 failures (a test, a hook and a file), 3 skipped or to do. */
static void figures_are_those_of_vitest(void **state)
{
    struct tm_test_counts counts;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_tests_read_file(TM_TEST_DATA "/coverage/tap/vitest.tap", NULL, &counts, &err));
    assert_int_equal(counts.passed, 2);
    assert_int_equal(counts.failed, 3);
    assert_int_equal(counts.skipped, 3);
}

#define SUITE "  ---\n  duration_ms: 1\n  type: 'suite'\n  ...\n"
#define TEST  "  ---\n  duration_ms: 1\n  ...\n"

static void points_are_counted_at_every_depth(void **state)
{
    /* Counted by hand. */
    static const struct {
        const char *text;
        struct tm_test_counts counts;
    } cases[] = {
        { "TAP version 13\n1..0\n", { 0, 0, 0 } },
        { "TAP version 14\n1..0 # skipped all\n", { 0, 0, 0 } },
        { "1..2\nok 1\nnot ok 2 - x\n", { 1, 1, 0 } },
        { "ok\nok - a # Skip it\nnot ok 3 # TODO\nnot ok 4 # time 5\n1..4\n", { 1, 1, 2 } },
        { "ok 1 - a \\# skip\nok 2 - b#skip\n1..2", { 2, 0, 0 } },
        { "# Subtest: s\n    ok 1\n"
          "    not ok 2\n    1..2\nnot ok 1 - s\n" SUITE "1..1\n",
          { 1, 1, 0 } },
        { "# Subtest: t\n    ok 1\n    1..1\nok 1 - t\n" TEST "1..1\n", { 2, 0, 0 } },
        { "    # Subtest: u\n        ok 1\n        1..1\n    ok 1 - u\n      ---\n      type: 'suite'\n      "
          "...\n"
          "    1..1\nok 1 - s\n1..1\n",
          { 2, 0, 0 } },
        /* Braces hold a group; one that failed alone counts. A title may end with a brace, too. */
        { "1..3\nnot ok 1 - g # time=1ms {\n    1..2\n    ok 1 - a\n    not ok 2 - b {\n        1..1\n"
          "        not ok 1 - c\n    }\n}\nnot ok 2 - h {\n    1..0\n}\nok 3 - i {\n    1..0\n}\n",
          { 1, 2, 0 } },
        { "ok 1 - a {\n" TEST "ok 2 - b {\nok 3 - c {\n}\n1..3\n", { 3, 0, 0 } },
        /* Text of the tests that looks like TAP. */
        { "1..1\nnot ok 1\n    ---\n    actual: \"\nok 1\n    \"\n    ...\n", { 0, 1, 0 } },
        { "ok 1\n  ---\n  error: |-\n    not ok 7\n    ...\n  stack: x\n  ...\nokay\nnot okay\n # not "
          "ok\n1..1\n",
          { 1, 0, 0 } },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_test_counts counts;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, read_text(tm_str(cases[i].text), &counts, &err));
        if (memcmp(&counts, &cases[i].counts, sizeof(counts)) != 0)
            fail_msg("case %zu: %llu passed, %llu failed, %llu skipped", i, (unsigned long long)counts.passed,
                     (unsigned long long)counts.failed, (unsigned long long)counts.skipped);
    }
}

static void damage_is_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "'report' is empty" },
        { "hello\n", "'report' is no TAP report" },
        { "TAP version 13\nok 1\n", "report ends in the middle at line 2 of 'report'" },
        { "ok 1\n  ---\n  x: y\n", "report ends in the middle at line 3 of 'report'" },
        { "ok 1\n1..2\n", "plan of 2 tests, but 1 test points at line 2 of 'report'" },
        { "1..1\nok 1\nok 2\n", "plan of 1 tests, but 2 test points at line 3 of 'report'" },
        { "1..1\n1..1\nok 1\n", "second plan at line 2 of 'report'" },
        { "    ok 1\nok 1\n1..1\n", "report ends in the middle: plan is missing at line 2 of 'report'" },
        { "1..1\nok 1 - g {\n    1..1\n    ok 1\n", "report ends in the middle at line 4 of 'report'" },
        { "1..1\nok 1 - g {\n    1..2\n    ok 1\n}\n",
          "plan of 2 tests, but 1 test points at line 5 of 'report'" },
        { "ok 1\nBail out! no disk\n1..1\n", "tests gave up: 'Bail out! no disk' at line 2 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_test_counts counts = { 7, 7, 7 };
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_fails(&err, TM_E_FORMAT, read_text(tm_str(cases[i].text), &counts, &err));
        assert_string_equal(tm_err_msg(&err), cases[i].message);
        assert_int_equal(counts.passed, 7);
    }
}

static void nesting_is_limited(void **state)
{
    for (int depth = 255; depth <= 256; depth++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_test_counts counts;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        tm_buf_addf(&text, "%*sok 1\n%*s1..1\n1..0\n", 4 * depth, "", 4 * depth, "");
        if (depth == 255)
            assert_ok(&err, read_text(tm_buf_str(&text), &counts, &err));
        else
            assert_fails(&err, TM_E_LIMIT, read_text(tm_buf_str(&text), &counts, &err));
    }
}

static void a_cut_anywhere_is_an_error_or_the_same_figures(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    size_t whole;

    assert_ok(&err, tm_file_read(TM_TEST_DATA "/coverage/tap/node20.tap", 1 << 20, &text, &err));
    /* What follows the last plan is comments. */
    whole = (size_t)(strstr(text.data, "\n1..6") - text.data) + 5;
    for (size_t n = 0; n <= text.len; n++) {
        struct tm_test_counts counts;
        enum tm_code code = read_text(tm_str_n(text.data, n), &counts, &err);

        assert_int_equal(code == TM_OK, n >= whole);
        if (!code) {
            assert_int_equal(tm_tests_run(&counts), 8);
            assert_int_equal(counts.skipped, 2);
        }
    }
}

static void a_cut_of_groups_is_an_error_or_the_same_figures(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_file_read(TM_TEST_DATA "/coverage/tap/vitest.tap", 1 << 20, &text, &err));
    for (size_t n = 0; n <= text.len; n++) {
        struct tm_test_counts counts;

        if (read_text(tm_str_n(text.data, n), &counts, &err) == TM_OK) {
            assert_int_equal(tm_tests_run(&counts), 5);
            assert_int_equal(counts.skipped, 3);
        }
    }
}

TM_TESTS(cmocka_unit_test(figures_are_those_of_node), cmocka_unit_test(figures_are_those_of_vitest),
         cmocka_unit_test(points_are_counted_at_every_depth), cmocka_unit_test(damage_is_refused),
         cmocka_unit_test(nesting_is_limited),
         cmocka_unit_test(a_cut_anywhere_is_an_error_or_the_same_figures),
         cmocka_unit_test(a_cut_of_groups_is_an_error_or_the_same_figures))
