/* gcov's JSON and its text. Expected figures are counted by hand. */
#include "report.h"

#define SOURCE "        -:    0:Source:a.cc\n"

static void format_2_and_shared_lines_are_read(void **state)
{
    /* Format 2 (GCC 14) has more members; the name of the file may come last. */
    static const char text[] =
        "{\"gcc_version\":\"14.2.0\",\"format_version\":\"2\",\"current_working_directory\":\"/"
        "b\",\"data_file\":\"a\","
        "\"files\":[{\"lines\":[{\"line_number\":4,\"function_name\":\"f<int>\",\"count\":3,\"unexecuted_"
        "block\":false,"
        "\"block_ids\":[2],\"branches\":[{\"count\":3,\"throw\":false,\"fallthrough\":true,\"source_block_"
        "id\":2,"
        "\"destination_block_id\":3},{\"count\":0}],\"calls\":[],\"conditions\":[{\"count\":4}]},"
        "{\"line_number\":4,\"function_name\":\"f<long>\",\"count\":1,\"branches\":[{\"count\":0},{\"count\":"
        "1}]},"
        "{\"line_number\":5,\"count\":0,\"branches\":[{\"count\":0}]}],"
        "\"functions\":[{\"name\":\"f<int>\",\"start_line\":3,\"start_column\":5,\"execution_count\":3},"
        "{\"name\":\"f<long>\",\"start_line\":3,\"start_column\":5,\"execution_count\":0}],\"file\":\"a.cc\"}"
        "]}";
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(NULL, tm_str(text), &report, &err));
    assert_totals(&report, &(struct totals) { 1, 2, 2, 3, 1, 2 });
    assert_int_equal(hits_of(&report, "a.cc", 4), 4);
    assert_string_equal(report.roots[0].data, "/b");
    assert_true(tm_report_find(&report, TM_STR("a.cc"))->branches[2].flags & TM_BRANCH_UNEVALUATED);
}

static void bad_json_is_refused(void **state)
{
    assert_refused(&tm_format_gcov, "{\"gcc_version\":\"15\",\"format_version\":\"3\",\"files\":[]}",
                   "unknown format_version, 1 and 2 are read at line 1, column 38 of 'report'");
    assert_refused(&tm_format_gcov, "{\"gcc_version\":\"12\"}", "'report' has no 'files'");
    assert_refused(&tm_format_gcov, "{\"gcc_version\":\"12\",\"files\":[]}\n{\"gcc_version\":\"12\"}\n",
                   "'report' has no 'files'");
    assert_refused(&tm_format_gcov, "{\"gcc_version\":\"12\",\"files\":[]}[]",
                   "expected an object at line 1, column 32 of 'report'");
    assert_refused(&tm_format_gcov,
                   "{\"gcc_version\":\"12\",\"files\":[{\"file\":\"a\",\"lines\":[{\"count\":1}]}]}",
                   "line without 'line_number' or 'count' at line 1, column 61 of 'report'");
    assert_refused(&tm_format_gcov, "{\"gcc_version\":\"12\",\"files\":[{\"file\":\"a\"}]}",
                   "file without 'file' or 'lines' at line 1, column 41 of 'report'");
}

/* -a, -b with shares, and two functions on one line. */
static void every_line_of_the_text_is_understood(void **state)
{
    static const char text[] =
        SOURCE "        -:    0:Graph:a.gcno\n"
               "        -:    1:#include <x>\n"
               "function f(int) called 4 returned 75% blocks executed 80%\n"
               "        4:    2:int f(int a)\n"
               "        4:    3:    if (a && b())\n"
               "        4:    3-block  0\n"
               "branch  0 taken 75% (fallthrough)\n"
               "branch  1 taken 0%\n"
               "branch  2 never executed\n"
               "call    3 returned 100%\n"
               "unconditional  4 taken 100%\n"
               "    #####:    4:        c();\n"
               "    =====:    5:    } catch (...) {\n"
               "       2*:    6:    auto g = [] {}; auto h = [] {};\n"
               "------------------\n"
               "f(int)::{lambda()#1}::operator()() const:\n"
               "function f(int)::{lambda()#1}::operator()() const called 2 returned 100% blocks "
               "executed 100%\n"
               "        2:    6:    auto g = [] {}; auto h = [] {};\n"
               "------------------\n"
               "f(int)::{lambda()#2}::operator()() const:\n"
               "    #####:    6:    auto g = [] {}; auto h = [] {};\n"
               "------------------\n"
               "        1:    7:}\n" SOURCE "        1:    7:}\n";
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(NULL, tm_str(text), &report, &err));
    assert_totals(&report, &(struct totals) { 4, 6, 1, 3, 2, 2 });
    assert_int_equal(hits_of(&report, "a.cc", 6), 2);
    assert_int_equal(hits_of(&report, "a.cc", 7), 2);
}

static void bad_text_is_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { SOURCE,
          "no line follows its Source: it was cut, or gcov could not open that file at line 1 of 'report'" },
        { SOURCE "        1:    1:x", "report ends in the middle of a line at line 2 of 'report'" },
        { SOURCE "     1.2q:    1:x\n", "invalid count '1.2q' at line 2 of 'report'" },
        { SOURCE "       1k2:    1:x\n", "invalid count '1k2' at line 2 of 'report'" },
        { SOURCE "        1:    x\n", "invalid line '        1:    x' at line 2 of 'report'" },
        { SOURCE "        1: 16777216:x\n", "line number over 16777215 at line 2 of 'report'" },
        { SOURCE "branch  0 taken 1\n", "invalid branch ' 0 taken 1' at line 2 of 'report'" },
        { SOURCE "        1:    1:x\nbranch  0 took 1\n",
          "invalid branch ' 0 took 1' at line 3 of 'report'" },
        { SOURCE "function f returned 1\n", "invalid function 'f returned 1' at line 2 of 'report'" },
        { "        -:    1:x\n" SOURCE, "line before the first Source at line 1 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(&tm_format_gcov_text, cases[i].text, cases[i].message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(format_2_and_shared_lines_are_read),
        cmocka_unit_test(bad_json_is_refused),
        cmocka_unit_test(every_line_of_the_text_is_understood),
        cmocka_unit_test(bad_text_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
