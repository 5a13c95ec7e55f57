#include "report.h"

/* No tool writes this outside macOS: reports follow the format's definition, and figures are counted by hand.
 */
static void a_line_that_is_executable_has_its_count(void **state)
{
    static const struct {
        const char *lines, *figures;
        uint64_t notes;
    } cases[] = {
        { "", "| 0/0 0/0 0/0", 0 },
        { "{\"line\":2,\"isExecutable\":true,\"executionCount\":7}", "2=7 | 0/0 0/0 0/0", 0 },
        { "{\"isExecutable\":false,\"line\":2},{\"executionCount\":0,\"isExecutable\":true,\"line\":3}",
          "3=0 | 0/0 0/0 0/0", 0 },
        /* A count on a line that is not executable says nothing. */
        { "{\"line\":2,\"isExecutable\":false,\"executionCount\":7}", "| 0/0 0/0 0/0", 0 },
        /* A part that never ran leaves the line covered. */
        { "{\"line\":2,\"isExecutable\":true,\"executionCount\":7,\"subranges\":[{\"column\":1,"
          "\"executionCount\":0,\"length\":3}]}",
          "2=7 | 0/0 0/0 0/0", 0 },
        { "{\"line\":2,\"isExecutable\":true,\"executionCount\":99999999999999999999}",
          "2=18446744073709551615 | 0/0 0/0 0/0", 0 },
        { "{\"line\":2,\"isExecutable\":true,\"executionCount\":-1}", "2=0 | 0/0 0/0 0/0", 1 },
        { "{\"line\":2,\"isExecutable\":true,\"executionCount\":1.5e1}", "2=15 | 0/0 0/0 0/0", 0 },
        { "{\"line\":16777215,\"isExecutable\":true,\"executionCount\":1}", "16777215=1 | 0/0 0/0 0/0", 0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        tm_buf_addf(&text, "{\"/a.swift\":[%s]}", cases[i].lines);
        assert_figures(&tm_format_xccov, text.data, "/a.swift", cases[i].figures, cases[i].notes);
    }
}

static void a_report_without_lines_is_refused_with_the_command(void **state)
{
    static const char *const reports[] = {
        "{\"coveredLines\":1,\"lineCoverage\":0.5,\"targets\":[{\"coveredLines\":1,\"lineCoverage\":0.5}]}",
        "{\"targets\":[{\"name\":\"A\",\"files\":[]}]}",
        "[{\"name\":\"A.app\",\"lineCoverage\":0.5,\"executableLines\":2}]",
    };

    for (size_t i = 0; i < TM_LEN(reports); i++) {
        static const char message[] =
            "'report' is a report of xccov, which has no lines; write them with 'xcrun "
            "xccov view --archive --json RESULT.xcresult'";

        assert_refused(NULL, reports[i], message);
        assert_refused(&tm_format_xccov, reports[i], message);
    }
}

static void damage_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "[]", "'report' is not xccov, it looks like JSON" },
        { "{\"a\":{}}", "expected an array at line 1, column 6 of 'report'" },
        { "{\"a\":[1]}", "expected an object at line 1, column 7 of 'report'" },
        { "{\"\":[]}", "empty file name at line 1, column 2 of 'report'" },
        { "{\"a\":[{\"line\":1}]}",
          "line without 'line' and 'isExecutable' at line 1, column 16 of 'report'" },
        { "{\"a\":[{\"line\":1,\"isExecutable\":true}]}",
          "executable line without 'executionCount' at line 1, column 36 of 'report'" },
        { "{\"a\":[{\"line\":0}]}", "expected a line number at line 1, column 15 of 'report'" },
        { "{\"a\":[{\"line\":16777216}]}", "expected a line number at line 1, column 15 of 'report'" },
        { "{\"a\":[{\"line\":1.0}]}", "expected a line number at line 1, column 15 of 'report'" },
        { "{\"a\":[{\"isExecutable\":1}]}", "expected true or false at line 1, column 23 of 'report'" },
        { "{\"a\":[{\"executionCount\":null}]}", "expected a count at line 1, column 25 of 'report'" },
        { "{\"a\":[{\"line\":1,\"line\":1}]}", "'line' is there twice at line 1, column 17 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(&tm_format_xccov, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(a_line_that_is_executable_has_its_count),
         cmocka_unit_test(a_report_without_lines_is_refused_with_the_command),
         cmocka_unit_test(damage_is_refused_with_its_place))
