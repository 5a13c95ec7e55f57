/* Go's cover profiles. Expected figures are counted by hand. */
#include "report.h"

static void blocks_unite_and_overlap(void **state)
{
    static const char text[] = "mode: count\n"
                               "m/a.go:1.10,5.2 3 2\n" /* five lines */
                               "m/a.go:3.5,4.1 1 0\n"  /* inside; leaves line 4 in its first column */
                               "m/a.go:1.10,5.2 3 1\n" /* again */
                               "m/a.go:7.1,7.20 2 0\n"
                               "m/a.go:9.8,9.10 0 1\n" /* no statement */
                               "mode: count\n"
                               "m/b.go:1.1,1.5 1 18446744073709551616\n";
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_totals totals;

    assert_ok(&err, read_text(NULL, tm_str(text), &report, &err));
    assert_totals(&report, &(struct totals) { 6, 7, 0, 0, 0, 0 });
    totals = tm_report_totals(&report);
    assert_int_equal(totals.statements.num, 4);
    assert_int_equal(totals.statements.den, 7);
    assert_int_equal(hits_of(&report, "m/a.go", 3), 3);
    assert_true(hits_of(&report, "m/b.go", 1) == UINT64_MAX);
}

static void bad_profiles_are_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "mode: often\n", "invalid mode 'often' at line 1 of 'report'" },
        { "mode: set\na.go:1.1,1.2 1 1\nmode: count\n",
          "profiles of different modes in one report at line 3 of 'report'" },
        { "mode: set\na.go:1.1,1.2 1 1", "report ends in the middle of a line at line 2 of 'report'" },
        { "mode: set\na.go:1.1,1.2 1\n", "invalid block 'a.go:1.1,1.2 1' at line 2 of 'report'" },
        { "mode: set\na.go:0.1,1.2 1 1\n", "invalid block 'a.go:0.1,1.2 1 1' at line 2 of 'report'" },
        { "mode: set\na.go:1.1,16777216.2 1 1\n",
          "invalid block 'a.go:1.1,16777216.2 1 1' at line 2 of 'report'" },
        { "mode: set\na.go:1.1,1.2 1 -1\n", "invalid block 'a.go:1.1,1.2 1 -1' at line 2 of 'report'" },
        { "mode: set\n:1.1,1.2 1 1\n", "invalid block ':1.1,1.2 1 1' at line 2 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(&tm_format_go_cover, cases[i].text, cases[i].message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_unite_and_overlap),
        cmocka_unit_test(bad_profiles_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
