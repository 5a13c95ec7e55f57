#include "report.h"

static void repeated_sections_add_up(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) once = TM_REPORT_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) twice = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_report_read_file(TM_DATA("coverage/lcov/geninfo.info"), NULL, &once, &err));
    assert_ok(&err, tm_report_read_file(TM_DATA("coverage/lcov/lcov-twice.info"), NULL, &twice, &err));
    /* ring.h has a section from each of two compilations: 5 and 1 hits. */
    assert_int_equal(hits_of(&once, "/repo/c/ring.h", 9), 6);
    assert_int_equal(hits_of(&twice, "/repo/c/ring.h", 9), 12);
}

/* Expected values are counted by hand. */
static void every_dialect_is_understood(void **state)
{
    static const struct {
        const char *text;
        struct totals totals;
        size_t notes;
    } cases[] = {
        { "SF:a\nDA:1,1\nDA:2,0\nend_of_record\n", { 1, 2, 0, 0, 0, 0 }, 0 },
        { "SF:a\r\nDA:1,1\r\nend_of_record\r\n", { 1, 1, 0, 0, 0, 0 }, 0 },
        { "SF:a\nDA:1,1\nend_of_record", { 1, 1, 0, 0, 0, 0 }, 0 },
        { "# by hand\n\nTN:x\nSF:a\nend_of_record\n\n", { 0 }, 0 },
        { "SF:a\nDA:1,1,5dRzXq2kJ0\nDA:2,0,=\nend_of_record\n", { 1, 2, 0, 0, 0, 0 }, 0 },
        { "SF:a\nDA:1,-3\nDA:2,1e+3\nDA:3,0.5\nend_of_record\n", { 1, 3, 0, 0, 0, 0 }, 1 },
        { "SF:a\nDA:1,99999999999999999999\nDA:1,5\nend_of_record\n", { 1, 1, 0, 0, 0, 0 }, 0 },
        { "SF:a\nDA:0,7\nDA:1,1\nend_of_record\n", { 1, 1, 0, 0, 0, 0 }, 1 },
        { "SF:a\nDA:1,1\nLF:1\nLH:1\nend_of_record\n", { 1, 1, 0, 0, 0, 0 }, 0 },
        { "SF:a\nDA:1,1\nLF:2\nLH:1\nend_of_record\n", { 1, 1, 0, 0, 0, 0 }, 1 },
        { "SF:a\nVER:1\nMCDC:1,1,t,1,0,x\nMCF:1\nMCH:0\nDA:1,1\nend_of_record\n", { 1, 1, 0, 0, 0, 0 }, 0 },
        { "SF:a\nXYZ:1\nDA:1,1\nXYZ\x3a\nend_of_record\n", { 1, 1, 0, 0, 0, 0 }, 1 },
        /* Functions: hits before and after, without the other half, end lines, names with commas. */
        { "SF:a\nFNDA:2,f\nFN:1,f\nFN:5,g(int, 7)\nFNDA:0,h\nend_of_record\n", { 0, 0, 0, 0, 1, 3 }, 0 },
        /* Branches in line 0 are where the others of their block are, in the same section. */
        { "SF:a\nBRDA:0,0,0,1\nBRDA:0,0,1,-\nBRDA:4,0,2,0\nBRDA:7,1,0,1\nBRDA:0,1,1,1\nend_of_record\n",
          { 0, 0, 3, 5, 0, 0 },
          0 },
        { "SF:a\nBRDA:4,0,0,1\nend_of_record\nSF:b\nBRDA:0,0,0,1\nBRDA:5,1,0,1\nBRDA:0,2,0,1\n"
          "end_of_record\n",
          { 0, 0, 2, 2, 0, 0 },
          1 },
        { "SF:a\nBRDA:0,0,0,1\nBRDA:0,0,1,1\nBRDA:0,0,2,1\nBRDA:0,0,3,1\nBRDA:0,0,4,1\nBRDA:0,0,5,1\n"
          "BRDA:0,0,6,1\nBRDA:0,0,7,1\nBRDA:0,0,8,1\nBRDA:1,0,9,1\nend_of_record\n",
          { 0, 0, 9, 9, 0, 0 },
          1 },
        /* Lines that Istanbul and node do not know. */
        { "SF:a\nFN:undefined,f\nFN:,g\nFN:null,h\nFNDA:2,f\nFNDA:0,g\nFNDA:1,h\nDA:1,1\nDA:NaN,0\n"
          "BRDA:undefined,0,0,1\nBRDA:1,1,0,0\nend_of_record\n",
          { 1, 1, 0, 1, 2, 3 },
          1 },
        { "SF:a\nFN:1,9,f\nFNDA:2,f\nFN:3,12,g\nFNDA:0,g\nFNF:2\nFNH:1\nend_of_record\n",
          { 0, 0, 0, 0, 1, 2 },
          0 },
        /* lcov 2.2: two functions, the first with two aliases. */
        { "SF:a\nFNL:0,3,9\nFNA:0,0,f<int>\nFNA:0,4,f<char>\nFNL:1,20\nFNA:1,0,g\nend_of_record\n",
          { 0, 0, 0, 0, 1, 2 },
          0 },
        /* Branches: not evaluated, exceptional, textual ids with commas; the same id twice is one. */
        { "SF:a\nBRDA:1,0,0,-\nBRDA:1,0,1,3\nBRDA:1,e0,1,0\nend_of_record\n", { 0, 0, 1, 3, 0, 0 }, 0 },
        { "SF:a\nBRDA:1,0,a, b,1\nBRDA:1,0,a, c,0\nBRDA:1,0,a, c,2\nend_of_record\n",
          { 0, 0, 2, 2, 0, 0 },
          0 },
        { "SF:a\nDA:1,0\nend_of_record\nSF:b\nDA:1,1\nend_of_record\nSF:a\nDA:1,1\nDA:2,0\nend_of_record\n",
          { 2, 3, 0, 0, 0, 0 },
          0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, read_text(NULL, tm_str(cases[i].text), &report, &err));
        assert_totals(&report, &cases[i].totals);
        assert_int_equal(report.n_notes, cases[i].notes);
    }
}

static void numbers_of_every_length_are_read_alike(void **state)
{
    static const char digits[] = "98765432109876543210";
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    /* Hits of 1 to 20 digits, each plain, with a line end of two bytes, and with a checksum. */
    tm_buf_adds(&text, "SF:a\n");
    for (int n = 1; n <= 20; n++)
        tm_buf_addf(&text, "DA:%d,%.*s\nDA:%d,%.*s\r\nDA:%d,%.*s,x\n", n, n, digits, 100 + n, n, digits,
                    200 + n, n, digits);
    for (int n = 1; n <= 7; n++)
        tm_buf_addf(&text, "DA:%.*s,%d\n", n, digits, n);
    tm_buf_adds(&text, "end_of_record\n");
    assert_ok(&err, read_text(NULL, tm_buf_str(&text), &report, &err));
    assert_int_equal(report.n_lines, 3 * 20 + 7 - 1); /* line 9 is there twice */
    for (uint32_t n = 1; n <= 20; n++) {
        uint64_t want = UINT64_MAX;
        bool fits = tm_str_u64(tm_str_n(digits, n), &want);

        assert_int_equal(fits, n < 20);
        assert_true(hits_of(&report, "a", 100 + n) == want);
        assert_true(hits_of(&report, "a", 200 + n) == want);
        assert_true(hits_of(&report, "a", n) == (n == 9 ? want + 1 : want));
    }
    for (uint32_t n = 2, line = 98; n <= 7; n++, line = line * 10 + (uint32_t)(digits[n - 1] - '0'))
        assert_int_equal(hits_of(&report, "a", line), n);
}

static void notes_name_the_first_place(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err,
              read_text(NULL, TM_STR("SF:a\nDA:1,2\nDA:2,-1\nFOO:1\nBAR:2\nBRDA:1,0,0,-9\nend_of_record\n"),
                        &report, &err));
    assert_int_equal(report.n_notes, 2);
    assert_string_equal(report.notes[0],
                        "negative count, read as 0, in 2 place(s), first at line 3 of 'report'");
    assert_string_equal(report.notes[1],
                        "record of an unknown name ('FOO') in 2 place(s), first at line 4 of 'report'");
}

static void damage_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "SF:a\nDA:1,1\n",
          "report ends in the middle: section of 'a' has no end_of_record at line 2 of 'report'" },
        { "SF:a\nend_of_record\nTN:\n",
          "report ends in the middle: no section follows at line 3 of 'report'" },
        { "TN:\n", "report ends in the middle: no section follows at line 1 of 'report'" },
        { "SF:a\nSF:b\nend_of_record\n", "section of 'a' has no end_of_record at line 2 of 'report'" },
        { "SF:\nend_of_record\n", "empty file name at line 1 of 'report'" },
        { "SF:a\nDA:1\nend_of_record\n", "invalid DA record '1' at line 2 of 'report'" },
        { "SF:a\nDA:x,1\nend_of_record\n", "invalid line number 'x' at line 2 of 'report'" },
        { "SF:a\nDA:-1,1\nend_of_record\n", "invalid line number '-1' at line 2 of 'report'" },
        { "SF:a\nDA:1:,1\nend_of_record\n", "invalid line number '1:' at line 2 of 'report'" },
        { "SF:a\nDA:1,/\nend_of_record\n", "invalid count '/' at line 2 of 'report'" },
        { "SF:a\nDA:1,2:3\nend_of_record\n", "invalid count '2:3' at line 2 of 'report'" },
        { "SF:a\nDA:1,x\nend_of_record\n", "invalid count 'x' at line 2 of 'report'" },
        { "SF:a\nDA:1,\nend_of_record\n", "invalid count '' at line 2 of 'report'" },
        { "SF:a\nDA:1,1 \nend_of_record\n", "invalid count '1 ' at line 2 of 'report'" },
        { "SF:a\n\nDA:16777216,1\nend_of_record\n", "line number over 16777215 at line 3 of 'report'" },
        { "SF:a\nDA:1,1\nend_of_record\nDA:2,1\n", "DA record outside a section at line 4 of 'report'" },
        { "SF:a\nend_of_record\nend_of_record\n", "end_of_record outside a section at line 3 of 'report'" },
        { "SF:a\nhello\nend_of_record\n", "invalid record 'hello' at line 2 of 'report'" },
        { "SF:a\nda:1,1\nend_of_record\n", "invalid record 'da:1,1' at line 2 of 'report'" },
        { "SF:a\nFN:1\nend_of_record\n", "invalid FN record '1' at line 2 of 'report'" },
        { "SF:a\nFN:99999999,f\nend_of_record\n",
          "line number 99999999 is over 16777215 at line 2 of 'report'" },
        { "SF:a\nFNA:0,1,f\nend_of_record\n", "FNA record without its FNL at line 2 of 'report'" },
        { "SF:a\nFNL:0,1\nend_of_record\nSF:b\nFNA:0,1,f\nend_of_record\n",
          "FNA record without its FNL at line 5 of 'report'" },
        { "SF:a\nBRDA:1,0,0\nend_of_record\n", "invalid BRDA record '0' at line 2 of 'report'" },
        { "SF:a\nBRDA:1,0,0,?\nend_of_record\n", "invalid count '?' at line 2 of 'report'" },
        { "SF:a\nend_of_record\n<?xml version='1.0'?>\n",
          "invalid record '<?xml version='1.0'?>' at line 3 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(NULL, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(repeated_sections_add_up), cmocka_unit_test(every_dialect_is_understood),
         cmocka_unit_test(numbers_of_every_length_are_read_alike),
         cmocka_unit_test(notes_name_the_first_place), cmocka_unit_test(damage_is_refused_with_its_line), )
