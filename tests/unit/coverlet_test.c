#include "report.h"

/* .NET's tool is not at hand: reports follow the format's definition, and figures are counted by hand. */
#define FILE_OF(classes)              "{\"a.dll\":{\"a.cs\":{" classes "}}}"
#define METHOD(name, lines, branches) "\"" name "\":{\"Lines\":{" lines "},\"Branches\":[" branches "]}"
#define BRANCH(line, offset, ordinal, hits)                                                                  \
    "{\"Line\":" #line ",\"Offset\":" #offset ",\"EndOffset\":1,\"Path\":0,\"Ordinal\":" #ordinal            \
    ",\"Hits\":" #hits "}"

static void lines_branches_and_methods_are_read(void **state)
{
    static const struct {
        const char *text, *figures;
        uint64_t notes;
    } cases[] = {
        { FILE_OF(""), "| 0/0 0/0 0/0", 0 },
        { FILE_OF("\"A\":{}"), "| 0/0 0/0 0/0", 0 },
        { FILE_OF("\"A\":{" METHOD("f", "\"3\":2,\"4\":0", BRANCH(3, 1, 0, 2) "," BRANCH(3, 1, 1, 0)) "}"),
          "3=2 4=0 | 1/2 1/1 0/0", 0 },
        /* A line of two methods has the greatest hits; a method that starts with a line that did not run ran.
         */
        { FILE_OF(
              "\"A\":{" METHOD("f", "\"3\":0,\"4\":2", "") "},\"A/<>c\":{" METHOD("g", "\"4\":9", "") "}"),
          "3=0 4=9 | 0/0 2/2 0/0", 0 },
        { FILE_OF("\"A\":{" METHOD("f", "\"9\":0,\"10\":0", "") "," METHOD("g", "", "") "}"),
          "9=0 10=0 | 0/0 0/1 0/0", 0 },
        /* The same branch of two methods on one line, and another offset or ordinal. */
        { FILE_OF("\"A\":{" METHOD("f", "\"3\":1", BRANCH(3, 1, 0, 0)) "," METHOD(
              "g", "\"3\":1", BRANCH(3, 1, 0, 1) "," BRANCH(3, 2, 0, 0) "," BRANCH(3, 1, 1, 0)) "}"),
          "3=1 | 1/3 2/2 0/0", 0 },
        /* The file in two modules. */
        { "{\"a.dll\":{\"a.cs\":{\"A\":{" METHOD("f", "\"3\":2",
                                                 "") "}}},\"b.dll\":{\"a.cs\":{\"A\":{" METHOD("f", "\"3\":5",
                                                                                               "") "}}}}",
          "3=7 | 0/0 1/1 0/0", 0 },
        { FILE_OF("\"A\":{" METHOD("f", "\"3\":-7,\"4\":99999999999999999999", "") "}"),
          "3=0 4=18446744073709551615 | 0/0 1/1 0/0", 1 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_figures(&tm_format_coverlet, cases[i].text, "a.cs", cases[i].figures, cases[i].notes);
}

static void a_method_starts_in_its_first_line(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    const struct tm_function *function;

    assert_ok(&err, read_text(&tm_format_coverlet,
                              TM_STR(FILE_OF("\"A\":{" METHOD("f", "\"8\":5,\"7\":3,\"6\":0", "") "}")),
                              &report, &err));
    function = tm_report_file_at(&report, 0)->functions;
    assert_string_equal(function->name.data, "f");
    assert_int_equal(function->line, 6);
    assert_int_equal(function->hits, 3);
}

static void damage_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "[]", "'report' is not coverlet, it looks like JSON" },
        { "{\"a\":1}", "expected an object at line 1, column 6 of 'report'" },
        { "{\"a\":{\"\":{}}}", "empty file name at line 1, column 7 of 'report'" },
        { "{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}", "method without 'Lines' at line 1, column 22 of 'report'" },
        { "{\"a\":{\"b\":{\"c\":{\"d\":{\"Lines\":{\"0\":1}}}}}}",
          "expected a line number at line 1, column 31 of 'report'" },
        { "{\"a\":{\"b\":{\"c\":{\"d\":{\"Lines\":{\"x\":1}}}}}}",
          "expected a line number at line 1, column 31 of 'report'" },
        { "{\"a\":{\"b\":{\"c\":{\"d\":{\"Lines\":{\"16777216\":1}}}}}}",
          "expected a line number at line 1, column 31 of 'report'" },
        { "{\"a\":{\"b\":{\"c\":{\"d\":{\"Lines\":{\"1\":\"1\"}}}}}}",
          "expected a count at line 1, column 35 of 'report'" },
        { "{\"a\":{\"b\":{\"c\":{\"d\":{\"Branches\":[{\"Line\":1}]}}}}}",
          "branch without 'Line', 'Offset', 'Ordinal' and 'Hits' at line 1, column 43 of 'report'" },
        { "{\"a\":{\"b\":{\"c\":{\"d\":{\"Branches\":[{\"Offset\":-1}]}}}}}",
          "expected an offset at line 1, column 44 of 'report'" },
        { "{\"a\":{\"b\":{\"c\":{\"d\":{\"Branches\":[{\"Ordinal\":4294967296}]}}}}}",
          "expected an ordinal at line 1, column 45 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(&tm_format_coverlet, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(lines_branches_and_methods_are_read),
         cmocka_unit_test(a_method_starts_in_its_first_line),
         cmocka_unit_test(damage_is_refused_with_its_place))
