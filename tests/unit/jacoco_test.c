#include "report.h"

#define HEAD        "<report name='r'><sessioninfo/>"
#define TAIL        "</report>"
#define LINE(attrs) "<sourcefile name='A.java'><line " attrs "/></sourcefile>"
#define ONE(attrs)  HEAD "<package name='p'>" LINE(attrs) "</package>" TAIL

/* Expected values are counted by hand. */
static void every_dialect_is_understood(void **state)
{
    static const struct {
        const char *text;
        struct totals totals;
        size_t files, notes, dropped;
    } cases[] = {
        { HEAD "<sessioninfo id='a' start='1' dump='2'/>" TAIL, { 0 }, 0, 0, 0 },
        { HEAD "<package name='p'><sourcefile name='A.java'/></package>" TAIL, { 0 }, 1, 0, 0 },
        { ONE("nr='1' mi='0' ci='3' mb='0' cb='0'"), { 1, 1, 0, 0, 0, 0 }, 1, 0, 0 },
        { ONE("nr='1' mi='3' ci='0' mb='0' cb='0'"), { 0, 1, 0, 0, 0, 0 }, 1, 0, 0 },
        /* Partly covered is covered; branches are counts. */
        { ONE("nr='1' mi='3' ci='2' mb='1' cb='3'"), { 1, 1, 3, 4, 0, 0 }, 1, 0, 0 },
        /* What is absent is 0. */
        { ONE("nr='1' mi='3'"), { 0, 1, 0, 0, 0, 0 }, 1, 0, 0 },
        { ONE("nr='1' ci='3'"), { 1, 1, 0, 0, 0, 0 }, 1, 0, 0 },
        { ONE("nr='1' mi='1' cb='1'"), { 1, 1, 1, 1, 0, 0 }, 1, 0, 0 },
        /* No instructions, no code. */
        { ONE("nr='1' mi='0' ci='0' mb='0' cb='0'"), { 0 }, 1, 0, 0 },
        { ONE("nr='1'"), { 0 }, 1, 0, 0 },
        /* Compilers make code in line 0, and methods that start there. */
        { HEAD
          "<package name='p'><class name='p/A' sourcefilename='A.java'><method name='f' desc='()V' line='0'>"
          "<counter type='METHOD' missed='0' covered='1'/></method></class><sourcefile name='A.java'>"
          "<line nr='0' mi='1' ci='0' mb='2' cb='0'/><line nr='3' ci='1'/></sourcefile></package>" TAIL,
          { 1, 1, 0, 0, 1, 1 },
          1,
          1,
          0 },
        /* The same line twice: the better one. */
        { HEAD "<package name='p'><sourcefile name='A.java'><line nr='4' mi='1' mb='2'/><line nr='4' ci='1' "
               "mb='1' "
               "cb='1'/><line nr='4' mi='1'/></sourcefile></package>" TAIL,
          { 1, 1, 1, 2, 0, 0 },
          1,
          0,
          0 },
        /* The same package and name in two groups is one file. */
        { HEAD "<group name='a'><package name='p'>" LINE(
              "nr='1' mi='1'") "</package></group><group name='b'>"
                               "<package name='p'>" LINE("nr='1' ci='1'") "</package></group>" TAIL,
          { 1, 1, 0, 0, 0, 0 },
          1,
          0,
          0 },
        /* Methods count by their own counter; one without has no code. */
        { HEAD
          "<package name='p'><class name='p/A' sourcefilename='A.java'>"
          "<method name='f' desc='()V' line='3'><counter type='LINE' missed='1' covered='0'/>"
          "<counter type='METHOD' missed='1' covered='0'/></method>"
          "<method name='f' desc='(I)V' line='3'><counter type='METHOD' missed='0' covered='1'/></method>"
          "<method name='g' desc='()V'><counter type='METHOD' covered='1'/></method>"
          "<method name='abstract' desc='()V'/>"
          "<counter type='METHOD' missed='9' covered='9'/></class></package>" TAIL,
          { 0, 0, 0, 0, 2, 3 },
          1,
          0,
          0 },
        /* Kover: no METHOD counters; where both stand, in whatever order, METHOD says. */
        { HEAD "<package name='p'><class name='p/A' sourcefilename='A.kt'>"
               "<method name='f' desc='()V'><counter type='LINE' missed='1' covered='4'/></method>"
               "<method name='g' desc='()V'><counter type='LINE' missed='1' covered='0'/></method>"
               "<method name='h' desc='()V'><counter type='METHOD' missed='1' covered='0'/>"
               "<counter type='LINE' missed='1' covered='1'/></method>"
               "<method name='i' desc='()V'><counter type='BRANCH' missed='0' covered='0'/></method>"
               "</class></package>" TAIL,
          { 0, 0, 0, 0, 1, 3 },
          1,
          0,
          0 },
        /* Methods of one name in two classes of a file, on one line. */
        { HEAD
          "<package name=''><class name='A' sourcefilename='A.java'><method name='&lt;init&gt;' desc='()V' "
          "line='1'><counter type='METHOD' missed='0' covered='1'/></method></class>"
          "<class name='A$B' sourcefilename='A.java'><method name='&lt;init&gt;' desc='()V' line='1'>"
          "<counter type='METHOD' missed='1' covered='0'/></method></class></package>" TAIL,
          { 0, 0, 0, 0, 1, 2 },
          1,
          0,
          0 },
        /* A class without a name. */
        { HEAD "<package name='p'><class sourcefilename='A.java'><method><counter type='METHOD' missed='1' "
               "covered='0'/></method></class></package>" TAIL,
          { 0, 0, 0, 0, 0, 1 },
          1,
          0,
          0 },
        /* What does not name its file is dropped and counted. */
        { HEAD
          "<package name='p'><class name='p/A'><method name='f' desc='()V'><counter type='METHOD' missed='0' "
          "covered='1'/></method></class><sourcefile><line nr='1' ci='1' "
          "cb='1'/></sourcefile></package>" TAIL,
          { 0 },
          0,
          0,
          2 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, read_text(&tm_format_jacoco, tm_str(cases[i].text), &report, &err));
        assert_totals(&report, &cases[i].totals);
        assert_int_equal(tm_report_n_files(&report), cases[i].files);
        if (report.n_notes != cases[i].notes)
            fail_msg("case %zu: %zu notes, %s", i, report.n_notes, report.n_notes ? report.notes[0] : "");
        assert_int_equal(tm_drops_total(&report.drops), cases[i].dropped);
    }
}

static void a_file_is_named_by_its_package_whatever_the_groups(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err,
              read_text(NULL,
                        TM_STR(HEAD
                               "<group name='all'><group name='core'><package name='org/shop'>"
                               "<sourcefile name='Cart.java'><line nr='7' ci='2'/></sourcefile></package>"
                               "</group></group><package name=''><sourcefile name='Main.java'>"
                               "<line nr='2' mi='5'/></sourcefile></package>" TAIL),
                        &report, &err));
    assert_int_equal(hits_of(&report, "org/shop/Cart.java", 7), 1);
    assert_int_equal(hits_of(&report, "Main.java", 2), 0);
}

static void functions_are_named_by_class_and_signature(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_file *file;

    assert_ok(
        &err,
        read_text(NULL,
                  TM_STR(HEAD
                         "<package name='org/shop'><class name='org/shop/Cart$Line' "
                         "sourcefilename='Cart.java'><method name='total' desc='(I)I' line='12'>"
                         "<counter type='METHOD' missed='0' covered='1'/></method></class></package>" TAIL),
                  &report, &err));
    file = tm_report_find(&report, TM_STR("org/shop/Cart.java"));
    assert_non_null(file);
    assert_int_equal(file->n_functions, 1);
    assert_string_equal(file->functions[0].name.data, "Cart$Line.total(I)I");
    assert_int_equal(file->functions[0].line, 12);
    assert_int_equal(file->functions[0].hits, 1);
}

static void of_a_long_class_name_the_end_is_kept(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_report_file *file;

    tm_buf_adds(&text, HEAD "<package name=''><class sourcefilename='A.java' name='");
    for (int i = 0; i < 100000; i++)
        tm_buf_addc(&text, i < 99990 ? 'x' : 'y');
    tm_buf_adds(&text,
                "'><method name='f'><counter type='METHOD' covered='1'/></method></class></package>" TAIL);
    assert_ok(&err, read_text(NULL, tm_buf_str(&text), &report, &err));
    file = tm_report_find(&report, TM_STR("A.java"));
    assert_int_equal(file->functions[0].name.len, 502);
    assert_true(tm_str_has_suffix(file->functions[0].name, TM_STR("xyyyyyyyyyy.f")));
}

static void the_body_wins_over_the_counters(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(
        &err,
        read_text(
            NULL,
            TM_STR(HEAD "<package name='p'>" LINE(
                "nr='1' ci='1' mb='1' cb='1'") "<counter type='LINE' missed='77' covered='77'/></package>"
                                               "<counter type='LINE' missed='0' covered='2'/>"
                                               "<counter type='BRANCH' missed='2' covered='1'/>"
                                               "<counter type='METHOD' missed='0' covered='0'/>" TAIL),
            &report, &err));
    assert_totals(&report, &(struct totals) { 1, 1, 1, 2, 0, 0 });
    assert_int_equal(report.n_notes, 2);
    assert_string_equal(report.notes[0], "header of 'report' says LINE covered=2, its body has 1");
    assert_string_equal(report.notes[1], "header of 'report' says BRANCH missed=2, its body has 1");
}

static void the_doctype_is_not_followed(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(NULL,
                              TM_STR("<!DOCTYPE report PUBLIC \"-//JACOCO//DTD Report 1.1//EN\" "
                                     "\"file:///no/such/report.dtd\">" ONE("nr='1' ci='1'")),
                              &report, &err));
    assert_int_equal(hits_of(&report, "p/A.java", 1), 1);
    assert_refused(
        NULL,
        "<!DOCTYPE report PUBLIC \"-//JACOCO//DTD Report 1.1//EN\" \"report.dtd\" [<!ENTITY x 'y'>]>" HEAD
            TAIL,
        "DOCTYPE with declarations is not accepted at line 1 of 'report'");
}

static void damage_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { HEAD "\n<line nr='1' ci='1'/>" TAIL, "line outside a sourcefile at line 2 of 'report'" },
        { HEAD "\n<sourcefile name='A.java'/>" TAIL, "sourcefile outside a package at line 2 of 'report'" },
        { HEAD "<class name='A'/>" TAIL, "class outside a package at line 1 of 'report'" },
        { HEAD "<package name='p'><method name='f'/></package>" TAIL,
          "method outside a class at line 1 of 'report'" },
        { HEAD "<package name='p'><package name='q'/></package>" TAIL,
          "package inside a package at line 1 of 'report'" },
        { HEAD "<package/>" TAIL, "package name is missing at line 1 of 'report'" },
        { HEAD "<counter missed='1' covered='1'/>" TAIL, "counter type is missing at line 1 of 'report'" },
        { ONE("ci='1'"), "line number is missing at line 1 of 'report'" },
        { ONE("nr='x' ci='1'"), "invalid line number 'x' at line 1 of 'report'" },
        { ONE("nr='16777216' ci='1'"), "line number is not between 1 and 16777215 at line 1 of 'report'" },
        { ONE("nr='1' ci='-1'"), "invalid ci '-1' at line 1 of 'report'" },
        { ONE("nr='1' mi='1.5'"), "invalid mi '1.5' at line 1 of 'report'" },
        { ONE("nr='1' ci='1' mb='65535' cb='1'"), "invalid branch counts, 1 of 65536 at line 1 of 'report'" },
        { ONE("nr='1' ci='1' mb='18446744073709551615' cb='1'"),
          "invalid branch counts, 1 of 18446744073709551615 at line 1 of 'report'" },
        { HEAD
          "<package name='p'><class name='p/A' sourcefilename='A.java'><method name='f' line='z'/></class>"
          "</package>" TAIL,
          "invalid line number 'z' at line 1 of 'report'" },
        { HEAD "<package name='p'><class name='p/A' sourcefilename='A.java'><method name='f' line='1'>"
               "<counter type='METHOD' covered='?'/></method></class></package>" TAIL,
          "invalid covered '?' at line 1 of 'report'" },
        { HEAD "<package name='p'>", "document ends in the middle at line 1 of 'report'" },
        { "<coverage line-rate='1'/>", "'report' is not jacoco, it looks like cobertura" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(&tm_format_jacoco, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(every_dialect_is_understood),
         cmocka_unit_test(a_file_is_named_by_its_package_whatever_the_groups),
         cmocka_unit_test(functions_are_named_by_class_and_signature),
         cmocka_unit_test(of_a_long_class_name_the_end_is_kept),
         cmocka_unit_test(the_body_wins_over_the_counters), cmocka_unit_test(the_doctype_is_not_followed),
         cmocka_unit_test(damage_is_refused_with_its_line))
