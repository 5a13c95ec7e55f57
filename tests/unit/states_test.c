#include "coverage/states.h"

#include "report.h"

static void branches_make_a_line_partial(void **state)
{
    /* Line 1: no branches; 2: one of two; 3: both; 4: did not run; 5: ran, a branch not evaluated. */
    static const char text[] =
        "SF:a\nDA:1,3\nDA:2,1\nDA:3,2\nDA:4,0\nDA:5,1\nBRDA:2,0,0,1\nBRDA:2,0,1,0\n"
        "BRDA:3,0,0,1\nBRDA:3,0,1,1\nBRDA:4,0,0,-\nBRDA:5,0,0,-\nBRDA:9,0,0,1\nend_of_record\n";
    static const enum tm_line_state expected[] = { TM_LINE_COVERED, TM_LINE_PARTIAL, TM_LINE_COVERED,
                                                   TM_LINE_MISSED, TM_LINE_PARTIAL };
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_line_view view;
    struct tm_states states;

    (void)state;
    assert_ok(&err, read_text(&tm_format_lcov, tm_str(text), &report, &err));
    states = tm_states(tm_report_find(&report, TM_STR("a")));
    for (uint32_t i = 0; i < TM_LEN(expected); i++) {
        assert_true(tm_states_next(&states, &view));
        assert_int_equal(view.line, i + 1);
        assert_int_equal(view.state, expected[i]);
    }
    assert_false(tm_states_next(&states, &view));
}

static void branches_without_ids_count_when_there_are_no_others(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_file *file;
    struct tm_line_view view;
    struct tm_states states;

    (void)state;
    assert_ok(&err, tm_report_file(&report, TM_STR("a"), &file, &err));
    for (uint32_t line = 1; line <= 2; line++) {
        assert_ok(&err, tm_report_add_line(file, line, 1, &err));
        assert_ok(&err,
                  tm_report_add_branch(file, (struct tm_branch) { 1, line, 0, 4, TM_BRANCH_COUNT }, &err));
    }
    assert_ok(&err, tm_report_add_branch(file, (struct tm_branch) { 7, 2, 0, 0, 0 }, &err));
    tm_report_settle(&report);
    states = tm_states(file);
    assert_true(tm_states_next(&states, &view));
    assert_int_equal(view.state, TM_LINE_PARTIAL);
    assert_int_equal(view.taken, 1);
    assert_int_equal(view.branches, 4);
    assert_true(tm_states_next(&states, &view));
    assert_int_equal(view.state, TM_LINE_COVERED);
    assert_int_equal(view.branches, 1);
}

static void partial_lines_do_not_lower_the_ratio(void **state)
{
    const struct tm_state_counts counts = { { 0, 2, 1, 1 } };
    struct tm_ratio ratio = tm_state_counts_ratio(&counts);

    (void)state;
    assert_int_equal(ratio.num, 3);
    assert_int_equal(ratio.den, 4);
    assert_false(tm_ratio_has_data(tm_state_counts_ratio(&(struct tm_state_counts) { { 5, 0, 0, 0 } })));
}

static void lines_are_joined_and_told_by_state(void **state)
{
    struct tm_spans spans = { NULL, 0, 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    (void)state;
    tm_spans_add(&spans, 3, TM_LINE_MISSED, true);
    tm_spans_add(&spans, 5, TM_LINE_MISSED, true); /* 4 has no code */
    tm_spans_add(&spans, 6, TM_LINE_PARTIAL, true);
    tm_spans_add(&spans, 7, TM_LINE_MISSED, true);
    tm_spans_add(&spans, 8, TM_LINE_MISSED, false); /* of another hunk */
    assert_int_equal(spans.n, 4);
    tm_spans_add_text(&text, spans.items, spans.n, TM_LINE_MISSED);
    assert_string_equal(text.data, "3-5, 7, 8");
    tm_buf_clear(&text);
    tm_spans_add_text(&text, spans.items, spans.n, TM_LINE_COVERED);
    assert_string_equal(text.data, "");
    free(spans.items);
}

TM_TESTS(cmocka_unit_test(branches_make_a_line_partial),
         cmocka_unit_test(branches_without_ids_count_when_there_are_no_others),
         cmocka_unit_test(partial_lines_do_not_lower_the_ratio),
         cmocka_unit_test(lines_are_joined_and_told_by_state))
