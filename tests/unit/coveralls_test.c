#include "report.h"

#define FILE_OF(members) "{\"source_files\":[{\"name\":\"a\"," members "}]}"

/* Expected by hand. */
static void counts_stand_in_the_order_of_lines(void **state)
{
    static const struct {
        const char *text, *figures;
        uint64_t notes;
    } cases[] = {
        { FILE_OF("\"coverage\":[]"), "| 0/0 0/0 0/0", 0 },
        { FILE_OF("\"coverage\":[null,3,0,null,1]"), "2=3 3=0 5=1 | 0/0 0/0 0/0", 0 },
        { FILE_OF("\"branches\":[2,0,0,1,2,0,1,0,7,1,4294967295,2],\"coverage\":[null,1]"),
          "2=1 | 2/3 0/0 0/0", 0 },
        { FILE_OF("\"branches\":[],\"coverage\":[1]"), "1=1 | 0/0 0/0 0/0", 0 },
        { FILE_OF("\"coverage\":[-1,1e3,18446744073709551616,2.9]"),
          "1=0 2=1000 3=18446744073709551615 4=2 | 0/0 0/0 0/0", 1 },
        /* The same file twice is one. */
        { "{\"source_files\":[{\"name\":\"a\",\"coverage\":[1,0]},{\"name\":\"a\",\"coverage\":[2,null,0]}]}",
          "1=3 2=0 3=0 | 0/0 0/0 0/0", 0 },
        { "{\"source_files\":[{\"coverage\":[1],\"source\":\"\\\"name\\\":\\\"b\\\"\",\"name\":\"a\"}],"
          "\"git\":{"
          "\"name\":7}}",
          "1=1 | 0/0 0/0 0/0", 0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_figures(&tm_format_coveralls, cases[i].text, "a", cases[i].figures, cases[i].notes);
}

/* Long lists are read many numbers at once where they are plain, and one by one where they are not. */
static void long_lists_are_read_however_they_are_spelled(void **state)
{
    static const struct {
        const char *text;
        uint64_t hits;
        bool null;
    } items[] = {
        { "null", 0, true },
        { "0", 0, false },
        { "7", 7, false },
        { "1234567", 1234567, false },
        { "12345678", 12345678, false },
        { "1e2", 100, false },
        { "1.5", 1, false },
        { "18446744073709551616", UINT64_MAX, false },
    };
    static const char *const spaces[] = { "", " ", "\n  ", "\r\n\t" };

    for (size_t space = 0; space < TM_LEN(spaces); space++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_hits_iter iter;
        struct tm_line line = { 0, 0 };

        tm_buf_addf(&text, "{\"source_files\":[{\"name\":\"a\",\"coverage\":[%s", spaces[space]);
        for (uint32_t i = 0; i < 5000; i++)
            tm_buf_addf(&text, "%s%s,%s", items[(i * 5 + i / 8) % TM_LEN(items)].text, spaces[space],
                        spaces[space]);
        tm_buf_adds(&text, "3 ]}]}");
        assert_ok(&err, read_text(NULL, tm_buf_str(&text), &report, &err));
        iter = tm_hits_iter(&tm_report_file_at(&report, 0)->lines);
        for (uint32_t i = 0; i < 5000; i++) {
            if (items[(i * 5 + i / 8) % TM_LEN(items)].null)
                continue;
            assert_true(tm_hits_next(&iter, &line));
            assert_int_equal(line.line, i + 1);
            assert_true(line.hits == items[(i * 5 + i / 8) % TM_LEN(items)].hits);
        }
        assert_true(tm_hits_next(&iter, &line));
        assert_int_equal(line.line, 5001);
        assert_int_equal(line.hits, 3);
    }
    assert_refused(NULL, FILE_OF("\"coverage\":[1,2,03,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]"),
                   "number with a leading zero at line 1, column 46 of 'report'");
    assert_refused(NULL, FILE_OF("\"coverage\":[1,2,3 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]"),
                   "expected ',' or ']', found '4' at line 1, column 48 of 'report'");
    assert_refused(NULL, FILE_OF("\"coverage\":[1,2,nulls,4,5,6,7,8,9,10,11,12,13,14,15,16,17]"),
                   "expected a value, found 'nulls' at line 1, column 46 of 'report'");
    assert_refused(NULL, FILE_OF("\"coverage\":[1,2,,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]"),
                   "expected a value, found ',' at line 1, column 46 of 'report'");
}

static void a_file_without_a_name_is_dropped(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(NULL,
                              TM_STR("{\"source_files\":[{\"name\":\"a\",\"coverage\":[]},{\"coverage\":[1]},"
                                     "{\"name\":\"\",\"coverage\":[1]}]}"),
                              &report, &err));
    assert_int_equal(tm_report_n_files(&report), 1);
    assert_int_equal(report.n_lines, 0);
    assert_int_equal(report.drops.count[TM_DROP_NO_NAME], 2);
}

static void more_lines_than_a_file_may_have_are_refused(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) none = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_buf_adds(&text, "{\"source_files\":[{\"name\":\"a\",\"coverage\":[0");
    for (size_t i = 1; i < TM_REPORT_LINE_MAX; i++)
        tm_buf_adds(&text, ",1");
    tm_buf_adds(&text, "]}]}");
    assert_ok(&err, read_text(NULL, tm_buf_str(&text), &report, &err));
    assert_int_equal(report.n_lines, TM_REPORT_LINE_MAX);
    tm_buf_truncate(&text, text.len - 4);
    tm_buf_adds(&text, ",null]}]}");
    assert_fails(&err, TM_E_FORMAT, read_text(NULL, tm_buf_str(&text), &none, &err));
    assert_non_null(strstr(tm_err_msg(&err), "more lines than a file may have"));
}

static void damage_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "{}", "'report' has no 'source_files'" },
        { "{\"source_files\":{}}", "expected an array at line 1, column 17 of 'report'" },
        { "{\"source_files\":[[]]}", "expected an object at line 1, column 18 of 'report'" },
        { "{\"source_files\":[{\"name\":\"a\"}]}",
          "source file without 'coverage' at line 1, column 29 of 'report'" },
        { FILE_OF("\"coverage\":null"), "expected an array at line 1, column 41 of 'report'" },
        { FILE_OF("\"coverage\":[\n\"1\"]"), "expected a count at line 2, column 1 of 'report'" },
        { FILE_OF("\"coverage\":[[1]]"), "expected a count at line 1, column 42 of 'report'" },
        { FILE_OF("\"coverage\":[],\"branches\":[1,2,3]"),
          "branches are not four numbers each at line 1, column 61 of 'report'" },
        { FILE_OF("\"coverage\":[],\"branches\":[0,0,0,1]"),
          "expected a line number at line 1, column 56 of 'report'" },
        { FILE_OF("\"coverage\":[],\"branches\":[1,-1,0,1]"),
          "expected a number of a branch at line 1, column 58 of 'report'" },
        { FILE_OF("\"coverage\":[],\"branches\":[1,0,0,null]"),
          "expected a count at line 1, column 62 of 'report'" },
        { "{\"source_files\":[{\"name\":null}]}", "expected a file name at line 1, column 26 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(&tm_format_coveralls, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(counts_stand_in_the_order_of_lines),
         cmocka_unit_test(long_lists_are_read_however_they_are_spelled),
         cmocka_unit_test(a_file_without_a_name_is_dropped),
         cmocka_unit_test(more_lines_than_a_file_may_have_are_refused),
         cmocka_unit_test(damage_is_refused_with_its_place))
