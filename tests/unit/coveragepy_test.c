#include "report.h"

#define FILE_OF(members) "{\"files\":{\"a.py\":{" members "}}}"
#define LISTS(executed, missing, excluded)                                                                   \
    "\"executed_lines\":[" executed "],\"missing_lines\":[" missing "],\"excluded_lines\":[" excluded "]"
#define SUMMARY(covered, valid)                                                                              \
    ",\"summary\":{\"covered_lines\":" #covered ",\"num_statements\":" #valid ",\"percent_covered\":1.5}"
#define REGION(name, executed, missing, more)                                                                \
    "\"" name "\":{" LISTS(executed, missing, "") ",\"summary\":{}" more "}"

/* Expected by hand. */
static void the_lists_say_what_is_code(void **state)
{
    static const struct {
        const char *text, *figures;
        uint64_t notes;
    } cases[] = {
        { FILE_OF(LISTS("", "", "")), "| 0/0 0/0 0/0", 0 },
        { FILE_OF(LISTS("1,3", "2", "")), "1=1 2=0 3=1 | 0/0 0/0 0/0", 0 },
        /* Any order of members and lines, and repetitions. */
        { FILE_OF("\"missing_lines\":[5,2,5],\"contexts\":{\"1\":[\"\",\"t\"]},\"executed_lines\":[3,1,3]"),
          "1=1 2=0 3=1 5=0 | 0/0 0/0 0/0", 0 },
        /* An excluded line that ran. */
        { FILE_OF(LISTS("1,3,4", "2", "3,7") SUMMARY(2, 3)), "1=1 2=0 4=1 | 0/0 0/0 0/0", 0 },
        /* An empty file that ran. */
        { FILE_OF(LISTS("0", "", "") SUMMARY(0, 0)), "| 0/0 0/0 0/0", 0 },
        { FILE_OF(LISTS("1", "", "") SUMMARY(0, 0)), "| 0/0 0/0 0/0", 0 },
        /* Totals that disagree: the lines win. */
        { FILE_OF(LISTS("1", "", "") SUMMARY(2, 2)), "1=1 | 0/0 0/0 0/0", 1 },
        { FILE_OF(LISTS("1", "2", "") SUMMARY(1, 1)), "1=1 2=0 | 0/0 0/0 0/0", 1 },
        { FILE_OF(LISTS("", "2", "") SUMMARY(0, 0)), "2=0 | 0/0 0/0 0/0", 1 },
        /* Docstrings without a source to tell them. */
        { FILE_OF(LISTS("1,2", "", "") SUMMARY(1, 1)), "1=1 2=1 | 0/0 0/0 0/0", 1 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_figures(&tm_format_coveragepy, cases[i].text, "a.py", cases[i].figures, cases[i].notes);
}

static void long_lists_of_lines_are_read(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_buf_adds(&text, "{\"files\":{\"a.py\":{\"executed_lines\":[0, 0");
    for (unsigned line = 2; line < 4000; line += 2)
        tm_buf_addf(&text, ",%s%u", line % 3 ? " " : "", line);
    tm_buf_adds(&text, ",10000000,16777215],\"missing_lines\":[");
    for (unsigned line = 3999; line > 1; line -= 2)
        tm_buf_addf(&text, "%u,\n", line);
    tm_buf_adds(&text, "1]}}}");
    assert_ok(&err, read_text(NULL, tm_buf_str(&text), &report, &err));
    assert_int_equal(report.n_lines, 4001);
    assert_int_equal(tm_report_totals(&report).lines.num, 2001);
    assert_int_equal(hits_of(&report, "a.py", 3998), 1);
    assert_int_equal(hits_of(&report, "a.py", 3999), 0);
    assert_int_equal(hits_of(&report, "a.py", 16777215), 1);
    tm_buf_clear(&text);
    tm_buf_adds(&text,
                "{\"files\":{\"a.py\":{\"executed_lines\":[1,2,3,4,5,6,7,8,9,-1,11,12,13,14,15,16,17]}}}");
    assert_refused(&tm_format_coveragepy, text.data,
                   "expected a line number at line 1, column 55 of 'report'");
}

static void arcs_are_branches(void **state)
{
    static const struct {
        const char *arcs, *figures;
    } cases[] = {
        { "\"executed_branches\":[],\"missing_branches\":[]", "2=1 | 0/0 0/0 0/0" },
        { "\"executed_branches\":[[2,3]],\"missing_branches\":[[2,-1],[2,4]]", "2=1 | 1/3 0/0 0/0" },
        { "\"missing_branches\":[[2,3]],\"executed_branches\":[[2,3],[2,-3]]", "2=1 | 2/2 0/0 0/0" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        tm_buf_addf(&text, FILE_OF("%s," LISTS("2", "", "")), cases[i].arcs);
        assert_figures(&tm_format_coveragepy, text.data, "a.py", cases[i].figures, 0);
    }
}

static void regions_of_functions_are_functions(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    const struct tm_function *functions;

    assert_ok(
        &err,
        read_text(
            &tm_format_coveragepy,
            TM_STR(FILE_OF("\"functions\":{" REGION("f", "9", "8,7", "") "," REGION(
                "A.g", "", "4",
                ",\"start_line\":3") "," REGION("h", "", "",
                                                "") "," REGION("", "1,2", "",
                                                               "") "},\"classes\":{" REGION("A", "", "4",
                                                                                            "") "}," LISTS("1"
                                                                                                           ","
                                                                                                           "2"
                                                                                                           ","
                                                                                                           "9",
                                                                                                           "4"
                                                                                                           ","
                                                                                                           "7"
                                                                                                           ","
                                                                                                           "8",
                                                                                                           ""))),
            &report, &err));
    assert_int_equal(report.n_functions, 2);
    assert_int_equal(report.n_lines, 6);
    functions = tm_report_file_at(&report, 0)->functions;
    assert_string_equal(functions[0].name.data, "A.g");
    assert_int_equal(functions[0].line, 3);
    assert_int_equal(functions[0].hits, 0);
    assert_string_equal(functions[1].name.data, "f");
    assert_int_equal(functions[1].line, 7);
    assert_int_equal(functions[1].hits, 1);
}

/* The source of any file is ctx. */
static enum tm_code give_source(void *ctx, struct tm_str path, struct tm_buf *out, struct tm_err *err)
{
    tm_buf_clear(out);
    tm_buf_adds(out, ctx);
    return TM_OK;
}

static void docstrings_are_found_in_the_source(void **state)
{
    static const struct {
        const char *source, *text, *figures;
        uint64_t notes;
    } cases[] = {
        { "\"\"\"A module.\"\"\"\nx = 1\nclass A:\n    # of ours\n\n    r'''A class.'''\n    y = 2\n",
          FILE_OF(LISTS("1,2,3,6,7", "", "") SUMMARY(3, 3)), "2=1 3=1 7=1 | 0/0 0/0 0/0", 0 },
        /* A string that is a statement stays. */
        { "\"\"\"A module.\"\"\"\n'a'.join(x)\n", FILE_OF(LISTS("1,2", "", "") SUMMARY(1, 1)),
          "2=1 | 0/0 0/0 0/0", 0 },
        { "x = 1\n'a'.join(x)\n", FILE_OF(LISTS("1,2", "", "") SUMMARY(2, 2)), "1=1 2=1 | 0/0 0/0 0/0", 0 },
        /* Nothing is taken away when the source does not explain the difference. */
        { "'A module.'\nx = 1\ny = 2\n", FILE_OF(LISTS("1,2,3", "", "") SUMMARY(1, 1)),
          "1=1 2=1 3=1 | 0/0 0/0 0/0", 1 },
        { "", FILE_OF(LISTS("1,2", "", "") SUMMARY(1, 1)), "1=1 2=1 | 0/0 0/0 0/0", 1 },
        { "x", FILE_OF(LISTS("1,2", "", "") SUMMARY(1, 1)), "1=1 2=1 | 0/0 0/0 0/0", 1 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;

        report.read_source = give_source;
        report.read_source_ctx = (void *)cases[i].source;
        assert_ok(&err, read_text(NULL, tm_str(cases[i].text), &report, &err));
        add_figures(&got, &report, "a.py");
        assert_string_equal(got.data, cases[i].figures);
        assert_int_equal(report.total_notes, cases[i].notes);
    }
}

static void a_file_with_docstrings_leaves_nothing_to_the_next(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;

    report.read_source = give_source;
    report.read_source_ctx = (void *)"'A module.'\nx = 1\n";
    assert_ok(&err, read_text(NULL,
                              TM_STR("{\"files\":{\"a.py\":{" LISTS("1,2", "", "")
                                         SUMMARY(1, 1) "},\"b.py\":{" LISTS("1,2,4,4", "3", "")
                                             SUMMARY(2, 3) "},\"c.py\":{" LISTS("2,2", "", "") "}}}"),
                              &report, &err));
    add_figures(&got, &report, "b.py");
    assert_string_equal(got.data, "2=1 3=0 4=1 | 0/0 0/0 0/0");
    tm_buf_clear(&got);
    add_figures(&got, &report, "c.py");
    assert_string_equal(got.data, "2=1 | 0/0 0/0 0/0");
}

static void damage_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "{\"meta\":{}}", "'report' has no 'files'" },
        { "{\"files\":[]}", "expected an object at line 1, column 10 of 'report'" },
        { "{\"files\":{\"\":{}}}", "empty file name at line 1, column 11 of 'report'" },
        { FILE_OF("\"executed_lines\":[]"),
          "file without 'executed_lines' and 'missing_lines' at line 1, column 38 of 'report'" },
        { FILE_OF("\"executed_lines\":7"), "expected an array at line 1, column 36 of 'report'" },
        { FILE_OF(LISTS("-1", "", "")), "expected a line number at line 1, column 37 of 'report'" },
        { FILE_OF(LISTS("1.5", "", "")), "expected a line number at line 1, column 37 of 'report'" },
        { FILE_OF(LISTS("16777216", "", "")), "expected a line number at line 1, column 37 of 'report'" },
        { FILE_OF(LISTS("null", "", "")), "expected a line number at line 1, column 37 of 'report'" },
        { FILE_OF(LISTS("", "", "") ",\"executed_branches\":[7]"),
          "expected an array at line 1, column 99 of 'report'" },
        { FILE_OF(LISTS("", "", "") ",\"executed_branches\":[[7]]"),
          "branch that is not two lines at line 1, column 101 of 'report'" },
        { FILE_OF(LISTS("", "", "") ",\"executed_branches\":[[1,2,3]]"),
          "branch that is not two lines at line 1, column 105 of 'report'" },
        { FILE_OF(LISTS("", "", "") ",\"executed_branches\":[[-1,2]]"),
          "expected a line number at line 1, column 100 of 'report'" },
        { FILE_OF(LISTS("", "", "") ",\"executed_branches\":[[1,2.5]]"),
          "expected the line that a branch leads to at line 1, column 102 of 'report'" },
        { FILE_OF(LISTS("", "", "") ",\"summary\":{}"),
          "summary without 'covered_lines' and 'num_statements' at line 1, column 89 of 'report'" },
        { FILE_OF(LISTS("", "", "") ",\"functions\":[]"),
          "expected an object at line 1, column 90 of 'report'" },
        { FILE_OF("\"missing_lines\":[],\"missing_lines\":[]"),
          "'missing_lines' is there twice at line 1, column 38 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(&tm_format_coveragepy, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(the_lists_say_what_is_code), cmocka_unit_test(long_lists_of_lines_are_read),
         cmocka_unit_test(arcs_are_branches), cmocka_unit_test(regions_of_functions_are_functions),
         cmocka_unit_test(docstrings_are_found_in_the_source),
         cmocka_unit_test(a_file_with_docstrings_leaves_nothing_to_the_next),
         cmocka_unit_test(damage_is_refused_with_its_place))
