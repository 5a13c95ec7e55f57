#include "report.h"

#define RUN(name, files) "\"" name "\":{\"coverage\":{" files "},\"timestamp\":1}"

/* Expected by hand, by the rules of SimpleCov's own merge. */
static void runs_are_merged_as_simplecov_does(void **state)
{
    static const struct {
        const char *text, *figures;
        uint64_t notes;
    } cases[] = {
        { "{" RUN("a", "\"a.rb\":[]") "}", "| 0/0 0/0 0/0", 0 },
        { "{" RUN("a", "\"a.rb\":[null,1,0]") "}", "2=1 3=0 | 0/0 0/0 0/0", 0 },
        { "{" RUN("a", "\"a.rb\":{\"lines\":[null,1,0]}") "}", "2=1 3=0 | 0/0 0/0 0/0", 0 },
        /* The old and the new layout beside each other; hits add up. */
        { "{" RUN("a", "\"a.rb\":[null,1,0,0]") "," RUN("b", "\"a.rb\":{\"lines\":[null,2,3,0]}") "}",
          "2=3 3=3 4=0 | 0/0 0/0 0/0", 0 },
        /* null and 0 are null, in either order and over three runs; null and a count are the count. */
        { "{" RUN("a", "\"a.rb\":[0,null,null,0]") "," RUN("b", "\"a.rb\":[null,0,7,0]") "}",
          "3=7 4=0 | 0/0 0/0 0/0", 0 },
        { "{" RUN("a", "\"a.rb\":[0,0]") "," RUN("b", "\"a.rb\":[0,null]") "," RUN("c", "\"a.rb\":[0,0]") "}",
          "1=0 | 0/0 0/0 0/0", 0 },
        { "{" RUN("a", "\"a.rb\":[null]") "," RUN("b", "\"a.rb\":[0]") "," RUN("c", "\"a.rb\":[4]") "}",
          "1=4 | 0/0 0/0 0/0", 0 },
        /* A shorter list says nothing of what is behind it. */
        { "{" RUN("a", "\"a.rb\":[0]") "," RUN("b", "\"a.rb\":[0,0]") "}", "1=0 2=0 | 0/0 0/0 0/0", 0 },
        { "{" RUN("a", "\"a.rb\":[-1,18446744073709551616,2e2]") "}",
          "1=0 2=18446744073709551615 3=200 | 0/0 0/0 0/0", 1 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_figures(NULL, cases[i].text, "a.rb", cases[i].figures, cases[i].notes);
}

#define BRANCHES(branches) "{" RUN("a", "\"a.rb\":{\"lines\":[],\"branches\":{" branches "}}") "}"

static void branches_have_their_ids_in_their_names(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    const struct tm_branch *branch;

    assert_ok(&err, read_text(NULL,
                              TM_STR(BRANCHES("\"[:if, 3, 26, 4, 29, 84]\":{\"[:then, 4, 27, 6, 27, 8]\":0,"
                                              "\"[:else, 5, 29, 6, 29, 84]\":9}")),
                              &report, &err));
    assert_int_equal(report.n_branches, 2);
    branch = tm_report_file_at(&report, 0)->branches;
    assert_int_equal(branch[0].line, 26);
    assert_int_equal(branch[0].block, 3);
    assert_int_equal(branch[0].branch, 4);
    assert_int_equal(branch[0].taken, 0);
    assert_int_equal(branch[1].branch, 5);
    assert_int_equal(branch[1].taken, 9);
}

static void branches_of_runs_are_united_by_id(void **state)
{
    assert_figures(
        NULL,
        "{" RUN("a",
                "\"a.rb\":{\"lines\":[1],\"branches\":{\"[:if, 0, 1, 0, 1, 9]\":{\"[:then, 1, 1, 0, "
                "1, 4]\":1,\"[:else, 2, 1, 0, 1, 9]\":0}}}") "," RUN("b",
                                                                     "\"a.rb\":{\"branches\":{\"[:if, 0, 1, "
                                                                     "0, 1, 9]\":{\"[:else, 2, 1, 0, 1, "
                                                                     "9]\":2,\"[:then, 1, 1, 0, 1, "
                                                                     "4]\":0},\"[:while, 3, 1, 0, 1, "
                                                                     "9]\":{\"[:body, 4, 1, "
                                                                     "0, 1, 9]\":0}},\"lines\":[1]}") "}",
        "a.rb", "1=2 | 2/3 0/0 0/0", 0);
}

static void damage_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "[]", "'report' is not simplecov, it looks like JSON" },
        { "{\"a\":[]}", "expected an object at line 1, column 6 of 'report'" },
        { "{\"a\":{\"timestamp\":1}}", "run without 'coverage' at line 1, column 20 of 'report'" },
        { "{\"a\":{\"coverage\":[]}}", "expected an object at line 1, column 18 of 'report'" },
        { "{" RUN("a", "\"a.rb\":7") "}",
          "expected lines or an object with 'lines' at line 1, column 26 of 'report'" },
        { "{" RUN("a", "\"a.rb\":{}") "}", "file without 'lines' at line 1, column 27 of 'report'" },
        { "{" RUN("a", "\"a.rb\":[true]") "}", "expected a count at line 1, column 27 of 'report'" },
        { "{" RUN("a", "\"\":[]") "}", "empty file name at line 1, column 19 of 'report'" },
        { BRANCHES("\"if\":{}"),
          "expected a branch such as \"[:if, 0, 1, 2, 3, 4]\" at line 1, column 50 of 'report'" },
        { BRANCHES("\"[:if, 0, 0, 2, 3, 4]\":{}"),
          "expected a branch such as \"[:if, 0, 1, 2, 3, 4]\" at line 1, column 50 of 'report'" },
        { BRANCHES("\"[:if, 0, 1, 2, 3]\":{}"),
          "expected a branch such as \"[:if, 0, 1, 2, 3, 4]\" at line 1, column 50 of 'report'" },
        { BRANCHES("\"[:if, 0, 1, 2, 3, 4, 5]\":{}"),
          "expected a branch such as \"[:if, 0, 1, 2, 3, 4]\" at line 1, column 50 of 'report'" },
        { BRANCHES("\"[]\":{}"),
          "expected a branch such as \"[:if, 0, 1, 2, 3, 4]\" at line 1, column 50 of 'report'" },
        { BRANCHES("\"[:if, 0, 1, 2, 3, 4]\":{\"[:then, 0, 1, 2, 3, 4]\":null}"),
          "expected a count at line 1, column 99 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(&tm_format_simplecov, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(runs_are_merged_as_simplecov_does),
         cmocka_unit_test(branches_have_their_ids_in_their_names),
         cmocka_unit_test(branches_of_runs_are_united_by_id),
         cmocka_unit_test(damage_is_refused_with_its_place))
