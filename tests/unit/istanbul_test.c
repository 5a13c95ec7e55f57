#include "report.h"

#define AT(line, column)        "{\"line\":" #line ",\"column\":" #column "}"
#define LOC(line, from, to)     "{\"start\":" AT(line, from) ",\"end\":" AT(line, to) "}"
#define EMPTY                   "{\"start\":{},\"end\":{}}"
#define FILE_OF(members)        "{\"a.js\":{" members "}}"
#define STATEMENTS(map, counts) "\"statementMap\":{" map "},\"s\":{" counts "}"
#define NONE                    STATEMENTS("", "")

/* Expected by hand. */
static void a_line_has_the_greatest_count_of_its_statements(void **state)
{
    static const struct {
        const char *text, *figures;
        uint64_t notes;
    } cases[] = {
        { FILE_OF(NONE), "| 0/0 0/0 0/0", 0 },
        { FILE_OF(STATEMENTS("\"0\":" LOC(1, 0, 9) ",\"1\":" LOC(2, 0, 9), "\"0\":3,\"1\":0")),
          "1=3 2=0 | 0/0 0/0 1/2", 0 },
        /* The line of an "if" whose body never ran, and one that starts with what did not run. */
        { FILE_OF(STATEMENTS("\"0\":" LOC(1, 0, 9) ",\"1\":" LOC(1, 5, 9), "\"0\":3,\"1\":0")),
          "1=3 | 0/0 0/0 1/2", 0 },
        { FILE_OF(STATEMENTS("\"0\":" LOC(1, 0, 4) ",\"1\":" LOC(1, 5, 9), "\"0\":0,\"1\":2")),
          "1=2 | 0/0 0/0 1/2", 0 },
        /* A statement counts where it starts. */
        { FILE_OF(STATEMENTS("\"0\":{\"start\":" AT(1, 0) ",\"end\":" AT(5, 1) "}", "\"0\":1")),
          "1=1 | 0/0 0/0 1/1", 0 },
        /* Members and ids in any order, the path in the file, and members that are read over. */
        { "{\"x\":{\"s\":{\"b\":0,\"10\":5,\"9\":1},\"all\":true,\"hash\":\"1\",\"inputSourceMap\":{"
          "\"version\":3,"
          "\"statementMap\":[]},\"statementMap\":{\"10\":" LOC(2, 0, 1) ",\"b\":" LOC(3, 0, 1) ",\"9\":" LOC(
              1, 0, 1) "},\"path\":\"a.js\"}}",
          "1=1 2=5 3=0 | 0/0 0/0 2/3", 0 },
        { "{\"a.js\":{\"data\":{\"path\":\"a.js\"," STATEMENTS("\"0\":" LOC(1, 0, 9), "\"0\":3") "}}}",
          "1=3 | 0/0 0/0 1/1", 0 },
        /* Columns that are no columns. */
        { FILE_OF(STATEMENTS("\"0\":" LOC(1, -1, null) ",\"1\":" LOC(2, 1e999, 0.5), "\"0\":1,\"1\":1")),
          "1=1 2=1 | 0/0 0/0 2/2", 0 },
        { FILE_OF(STATEMENTS("\"0\":{\"start\":{\"line\":1}}", "\"0\":1")), "1=1 | 0/0 0/0 1/1", 0 },
        /* Statements in no line. */
        { FILE_OF(STATEMENTS("\"0\":" LOC(null, null, 1) ",\"1\":" LOC(0, 0, 1) ",\"2\":{}",
                             "\"0\":1,\"1\":1,\"2\":1")),
          "| 0/0 0/0 0/0", 1 },
        { FILE_OF(STATEMENTS(
              "\"0\":null,\"1\":{\"start\":null,\"end\":null},\"2\":{\"start\":" AT(1, 0) ",\"end\":null}",
              "\"0\":1,\"1\":1,\"2\":1")),
          "1=1 | 0/0 0/0 1/1", 1 },
        { FILE_OF(STATEMENTS(
              "\"0\":{\"start\":" AT(1, 0) ",\"skip\":true},\"1\":{\"start\":" AT(2, 0) ",\"skip\":false}",
              "\"0\":0,\"1\":0")),
          "2=0 | 0/0 0/0 0/1", 0 },
        { FILE_OF(STATEMENTS("\"0\":" LOC(1, 0, 1) ",\"1\":" LOC(2, 0, 1) ",\"2\":" LOC(3, 0, 1),
                             "\"0\":-5,\"1\":1.5e3,\"2\":18446744073709551616")),
          "1=0 2=1500 3=18446744073709551615 | 0/0 0/0 2/3", 1 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_figures(&tm_format_istanbul, cases[i].text, "a.js", cases[i].figures, cases[i].notes);
}

static const struct tm_report_file *read_file(struct tm_report *report, const char *text)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(&tm_format_istanbul, tm_str(text), report, &err));
    assert_int_equal(tm_report_n_files(report), 1);
    return tm_report_file_at(report, 0);
}

static void a_function_stands_where_it_is_declared(void **state)
{
    static const struct {
        const char *function;
        uint32_t line, place;
    } cases[] = {
        { "\"decl\":" LOC(2, 4, 5) ",\"loc\":" LOC(3, 0, 9) ",\"line\":9", 2, 5 },
        { "\"line\":9,\"loc\":" LOC(3, 0, 9) ",\"decl\":" LOC(2, 4, 5), 2, 5 },
        { "\"line\":9,\"loc\":" LOC(3, 0, 9), 3, 1 },
        { "\"loc\":" LOC(3, 0, 9) ",\"line\":9,\"decl\":" EMPTY, 3, 1 },
        { "\"line\":9", 9, 0 },
        { "\"loc\":" EMPTY, 0, 0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        const struct tm_report_file *file;

        tm_buf_addf(&text, FILE_OF(NONE ",\"f\":{\"7\":3},\"fnMap\":{\"7\":{\"name\":\"go\",%s}}"),
                    cases[i].function);
        file = read_file(&report, text.data);
        assert_int_equal(file->n_functions, 1);
        assert_string_equal(file->functions->name.data, "go");
        assert_int_equal(file->functions->hits, 3);
        assert_int_equal(file->functions->line, cases[i].line);
        assert_int_equal(file->functions->place, cases[i].place);
    }
}

static void functions_of_one_name_are_told_apart_by_place(void **state)
{
    assert_figures(&tm_format_istanbul,
                   FILE_OF(NONE ",\"fnMap\":{\"0\":{\"name\":\"a\",\"decl\":" LOC(
                       1, 0, 1) "},\"1\":{\"name\":\"a\","
                                "\"decl\":" LOC(1, 4, 5) "},\"2\":{\"name\":\"b\",\"skip\":true,\"line\":1}},"
                                                         "\"f\":{\"0\":1,\"1\":0,\"2\":0}"),
                   "a.js", "| 0/0 1/2 0/0", 0);
}

static void a_branch_counts_for_the_line_it_stands_in(void **state)
{
    static const struct {
        const char *branch;
        uint32_t line;
    } cases[] = {
        { "\"loc\":" LOC(2, 0, 9) ",\"type\":\"if\",\"locations\":[" LOC(3, 0, 1) "," EMPTY "],\"line\":4",
          2 },
        { "\"locations\":[" LOC(3, 0, 1) "],\"line\":4", 4 },
        { "\"line\":4,\"locations\":[" LOC(3, 0, 1) "]", 4 },
        { "\"locations\":[" EMPTY "," LOC(3, 0, 1) "]", 3 },
        { "\"line\":4", 4 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        const struct tm_report_file *file;

        tm_buf_addf(&text, FILE_OF(NONE ",\"b\":{\"7\":[3,0]},\"branchMap\":{\"7\":{%s}}"), cases[i].branch);
        file = read_file(&report, text.data);
        assert_int_equal(file->n_branches, 2);
        for (uint32_t k = 0; k < 2; k++) {
            assert_int_equal(file->branches[k].line, cases[i].line);
            assert_int_equal(file->branches[k].block, 7);
            assert_int_equal(file->branches[k].branch, k);
            assert_int_equal(file->branches[k].taken, k ? 0 : 3);
        }
    }
}

static void branches_without_a_place_or_paths_are_no_branches(void **state)
{
    static const struct {
        const char *maps, *figures;
        uint64_t notes;
    } cases[] = {
        { "\"branchMap\":{\"0\":{}},\"b\":{\"0\":[1]}", "| 0/0 0/0 0/0", 1 },
        { "\"branchMap\":{\"0\":{\"line\":1}},\"b\":{\"0\":[]}", "| 0/0 0/0 0/0", 0 },
        { "\"branchMap\":{\"0\":{\"line\":1,\"locations\":[{\"start\":" AT(1, 1) "},{\"start\":" AT(
              1, 2) ",\"skip\":true}]}},\"b\":{\"0\":[1,0]}",
          "| 1/1 0/0 0/0", 0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        tm_buf_addf(&text, FILE_OF(NONE ",%s"), cases[i].maps);
        assert_figures(&tm_format_istanbul, text.data, "a.js", cases[i].figures, cases[i].notes);
    }
}

static void an_empty_report_is_one_when_it_is_asked_for(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(&tm_format_istanbul, TM_STR("{}"), &report, &err));
    assert_int_equal(tm_report_n_files(&report), 0);
    assert_fails(&err, TM_E_FORMAT, read_text(NULL, TM_STR("{}"), &report, &err));
}

static void damage_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "[]", "'report' is not istanbul, it looks like JSON" },
        { "{\"a.js\":[]}", "expected an object at line 1, column 9 of 'report'" },
        { FILE_OF(""), "file without 'statementMap' and 's' at line 1, column 10 of 'report'" },
        { FILE_OF("\"statementMap\":{}"),
          "file without 'statementMap' and 's' at line 1, column 27 of 'report'" },
        { "{\"\":{" NONE "}}", "empty file name at line 1, column 30 of 'report'" },
        { FILE_OF(STATEMENTS("\"0\":" LOC(1, 0, 1), "")),
          "'statementMap' and 's' have different ids at line 1, column 97 of 'report'" },
        { FILE_OF(STATEMENTS("", "\"0\":1")),
          "'statementMap' and 's' have different ids at line 1, column 39 of 'report'" },
        { FILE_OF(STATEMENTS("\"0\":" LOC(1, 0, 1), "\"1\":1")),
          "'statementMap' and 's' have different ids at line 1, column 102 of 'report'" },
        { FILE_OF(STATEMENTS("\"0\":" LOC(1, 0, 1) ",\"0\":" LOC(2, 0, 1), "\"0\":1")),
          "an id of 'statementMap' or 's' is there twice at line 1, column 166 of 'report'" },
        { FILE_OF(STATEMENTS("\"0\":" LOC(1, 0, 1), "\"0\":1,\"0\":1")),
          "an id of 'statementMap' or 's' is there twice at line 1, column 108 of 'report'" },
        { FILE_OF(NONE ",\"f\":{\"0\":1}"),
          "'fnMap' and 'f' have different ids at line 1, column 46 of 'report'" },
        { FILE_OF(NONE ",\"fnMap\":{\"0\":{\"line\":1}}"),
          "'fnMap' and 'f' have different ids at line 1, column 59 of 'report'" },
        { FILE_OF(NONE ",\"b\":{\"0\":[1]}"),
          "'branchMap' and 'b' have different ids at line 1, column 48 of 'report'" },
        { FILE_OF(NONE ",\"branchMap\":{\"0\":{\"line\":1},\"0\":{\"line\":1}},\"b\":{\"0\":[1]}"),
          "an id of 'branchMap' or 'b' is there twice at line 1, column 92 of 'report'" },
        { FILE_OF(NONE ",\"branchMap\":{\"0\":{\"line\":1}},\"b\":{\"0\":[1],\"0\":[1]}"),
          "an id of 'branchMap' or 'b' is there twice at line 1, column 85 of 'report'" },
        { FILE_OF("\"data\":{" NONE "}," NONE),
          "file with maps beside 'data' at line 1, column 68 of 'report'" },
        { FILE_OF("\"data\":{\"data\":{" NONE "}}"),
          "'data' inside 'data' at line 1, column 25 of 'report'" },
        { FILE_OF("\"s\":{},\"s\":{}"), "'s' is there twice at line 1, column 17 of 'report'" },
        { FILE_OF("\"s\":{\"0\":\"1\"}"), "expected a count at line 1, column 19 of 'report'" },
        { FILE_OF("\"s\":[]"), "expected an object at line 1, column 14 of 'report'" },
        { FILE_OF("\"b\":{\"0\":1}"), "expected an array at line 1, column 19 of 'report'" },
        { FILE_OF("\"b\":{\"0\":[null]}"), "expected a count at line 1, column 20 of 'report'" },
        { FILE_OF("\"path\":1"), "expected a path at line 1, column 17 of 'report'" },
        { FILE_OF("\"statementMap\":{\"0\":1}"), "expected an object at line 1, column 30 of 'report'" },
        { FILE_OF("\"statementMap\":{\"0\":{\"start\":[]}}"),
          "expected an object at line 1, column 39 of 'report'" },
        { FILE_OF("\"statementMap\":{\"0\":{\"start\":{\"line\":-1}}}"),
          "expected a line number at line 1, column 47 of 'report'" },
        { FILE_OF("\"statementMap\":{\"0\":{\"start\":{\"line\":16777216}}}"),
          "expected a line number at line 1, column 47 of 'report'" },
        { FILE_OF("\"statementMap\":{\"0\":{\"start\":{\"column\":\"1\"}}}"),
          "expected a column at line 1, column 49 of 'report'" },
        { FILE_OF("\"statementMap\":{\"0\":{\"skip\":1}}"),
          "expected true or false at line 1, column 38 of 'report'" },
        { FILE_OF("\"fnMap\":{\"0\":{\"name\":1}}"), "expected a name at line 1, column 31 of 'report'" },
        { FILE_OF("\"branchMap\":{\"0\":{\"locations\":[1]}}"),
          "expected an object at line 1, column 41 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(&tm_format_istanbul, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(a_line_has_the_greatest_count_of_its_statements),
         cmocka_unit_test(a_function_stands_where_it_is_declared),
         cmocka_unit_test(functions_of_one_name_are_told_apart_by_place),
         cmocka_unit_test(a_branch_counts_for_the_line_it_stands_in),
         cmocka_unit_test(branches_without_a_place_or_paths_are_no_branches),
         cmocka_unit_test(an_empty_report_is_one_when_it_is_asked_for),
         cmocka_unit_test(damage_is_refused_with_its_place))
