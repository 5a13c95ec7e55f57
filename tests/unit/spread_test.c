#include "coverage/spread.h"
#include "test.h"

/* Expected lines are counted by hand. */
static void assert_lines(const struct tm_statement *statements, size_t n, const char *want)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_report_file *file;
    struct tm_hits_iter iter;
    struct tm_line line;

    assert_ok(&err, tm_report_file(&report, TM_STR("a"), &file, &err));
    for (size_t i = 0; i < n; i++)
        assert_ok(&err, tm_report_add_statement(file, statements[i], &err));
    assert_ok(&err, tm_spread_statements(file, &err));
    iter = tm_hits_iter(&file->lines);
    while (tm_hits_next(&iter, &line))
        tm_buf_addf(&got, "%s%u=%llu", got.len ? " " : "", line.line, (unsigned long long)line.hits);
    assert_string_equal(got.data, want);
    assert_int_equal(report.n_lines, file->lines.n);
    assert_int_equal(file->statements.n, n);
    tm_spread_drop_statements(file);
    assert_int_equal(report.n_statements, 0);
    assert_null(file->statements.data);
}

static void a_line_has_the_greatest_hits_of_what_stands_on_it(void **state)
{
    static const struct {
        struct tm_statement statements[4];
        size_t n;
        const char *lines;
    } cases[] = {
        { { { { 0, 0, 0, 0 }, 1, 0 } }, 0, "" },
        { { { { 7, 0, 0, 0 }, 1, 3 } }, 1, "7=3" },
        { { { { 7, 2, 7, 9 }, 1, 3 } }, 1, "7=3" },
        { { { { 7, 2, 9, 1 }, 1, 0 } }, 1, "7=0 8=0 9=0" },
        /* Out of order, with a gap. */
        { { { { 9, 0, 10, 0 }, 1, 1 }, { { 2, 0, 3, 0 }, 1, 0 } }, 2, "2=0 3=0 9=1 10=1" },
        /* Two on one line. */
        { { { { 4, 1, 4, 5 }, 1, 0 }, { { 4, 7, 4, 9 }, 1, 2 } }, 2, "4=2" },
        /* A long one that ran around a short one that did not, and the other way round. */
        { { { { 1, 0, 4, 0 }, 1, 2 }, { { 2, 0, 3, 0 }, 1, 0 } }, 2, "1=2 2=2 3=2 4=2" },
        { { { { 1, 0, 4, 0 }, 1, 0 }, { { 2, 0, 3, 0 }, 1, 5 } }, 2, "1=0 2=5 3=5 4=0" },
        /* They overlap; one ends while a greater one is open. */
        { { { { 1, 0, 3, 0 }, 1, 4 },
            { { 2, 0, 5, 0 }, 1, 1 },
            { { 2, 1, 2, 2 }, 1, 3 },
            { { 5, 0, 6, 0 }, 1, 9 } },
          4,
          "1=4 2=4 3=4 4=1 5=9 6=9" },
        { { { { TM_REPORT_LINE_MAX - 1, 0, TM_REPORT_LINE_MAX, 0 }, 1, UINT64_MAX } },
          1,
          "16777214=18446744073709551615 16777215=18446744073709551615" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_lines(cases[i].statements, cases[i].n, cases[i].lines);
}

/* A thousand statements over the whole of a file: every line comes out once. */
static void long_statements_cost_what_their_lines_cost(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_file *file;
    uint64_t hits;

    assert_ok(&err, tm_report_file(&report, TM_STR("a"), &file, &err));
    for (uint32_t i = 1; i <= 1000; i++) {
        struct tm_statement statement = { { i, 0, 1000000 - i, 0 }, 1, i % 7 };

        assert_ok(&err, tm_report_add_statement(file, statement, &err));
    }
    assert_ok(&err, tm_spread_statements(file, &err));
    assert_int_equal(file->lines.n, 999999);
    assert_true(tm_report_hits(file, 1, &hits) && hits == 1);
    assert_true(tm_report_hits(file, 999999, &hits) && hits == 1);
    assert_true(tm_report_hits(file, 500000, &hits) && hits == 6);
}

TM_TESTS(cmocka_unit_test(a_line_has_the_greatest_hits_of_what_stands_on_it),
         cmocka_unit_test(long_statements_cost_what_their_lines_cost))
