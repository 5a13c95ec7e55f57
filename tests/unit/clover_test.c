#include "report.h"

#define HEAD             "<coverage generated='1'><project timestamp='1'>"
#define TAIL             "</project></coverage>"
#define FILE(lines)      HEAD "<file name='a'>" lines "</file>" TAIL
#define STMT(num, count) "<line num='" num "' type='stmt' count='" count "'/>"

/* Expected values are counted by hand. */
static void every_dialect_is_understood(void **state)
{
    static const struct {
        const char *text;
        struct totals totals;
        size_t files, dropped;
    } cases[] = {
        { HEAD TAIL, { 0 }, 0, 0 },
        { HEAD "<package name='p'><file name='a.js' path='/r/a.js'/></package>" TAIL, { 0 }, 1, 0 },
        { FILE(STMT("1", "2") STMT("2", "0")), { 1, 2, 0, 0, 0, 0 }, 1, 0 },
        /* Clover's own: a method, a statement and two conditions on one line. */
        { FILE("<line num='3' type='method' signature='f() : void' count='4' complexity='2'/>" STMT(
              "3", "4") "<line num='3' type='cond' truecount='1' falsecount='0'/>"
                        "<line num='3' type='cond' truecount='5' falsecount='2'/>"),
          { 1, 1, 3, 4, 1, 1 },
          1,
          0 },
        /* A condition alone makes a line; one that was never evaluated an uncovered one. */
        { FILE("<line num='3' type='cond' truecount='0' falsecount='1'/>"
               "<line num='4' type='cond' truecount='0' falsecount='0'/>"),
          { 1, 2, 1, 4, 0, 0 },
          1,
          0 },
        /* Several statements on a line: it is covered when one of them is. */
        { FILE(STMT("1", "0") STMT("1", "3") STMT("1", "0")), { 1, 1, 0, 0, 0, 0 }, 1, 0 },
        /* Istanbul's: counts of branches. */
        { FILE("<line num='1' type='cond' count='9' truecount='2' falsecount='1'/>"
               "<line num='2' type='cond' count='0' truecount='0' falsecount='2'/>"
               "<line num='3' type='cond' count='0'/>"),
          { 1, 3, 2, 5, 0, 0 },
          1,
          0 },
        /* Devel::Cover's: how many ways of two were taken, whatever the project is called. */
        { "<coverage clover='1.01'><project name='shop'><metrics conditionals='9'/><file name='a'>" STMT(
              "1", "3") "<line num='1' type='cond' truecount='2' falsecount='0'/>"
                        "<line num='1' type='cond' truecount='0' falsecount='1'/>"
                        "<line num='4' type='cond' truecount='1' falsecount='0'/></file>" TAIL,
          { 2, 2, 3, 6, 0, 0 },
          1,
          0 },
        { "<coverage><project name='Devel::Cover::Report::Clover'><file>"
          "<line num='1' type='cond' truecount='2' falsecount='0'/></file><file name='a'>"
          "<line num='1' type='cond' truecount='0' falsecount='2'/></file>" TAIL,
          { 0, 1, 0, 2, 0, 0 },
          1,
          1 },
        /* PHPUnit's: the line of a method is code when none follows it. */
        { FILE("<line num='3' type='method' name='a' crap='1' count='1'/>" STMT(
              "5", "1") "<line num='8' type='method' name='b' crap='1' count='2'/>"
                        "<line num='9' type='method' name='c' crap='2' count='0'/>"),
          { 2, 3, 0, 0, 2, 3 },
          1,
          0 },
        /* PHPUnit's OpenClover: the metrics of the file tell whether methods are code. */
        { FILE("<metrics statements='3'/><line num='3' type='method' count='1' signature='a()'/>" STMT(
              "5", "1") "<line num='8' type='method' count='2' signature='b()'/>"
                        "<line num='9' type='method' count='0' signature='c()'/>"),
          { 2, 3, 0, 0, 2, 3 },
          1,
          0 },
        { FILE("<class name='a'><metrics statements='2'/></class><metrics statements='1'/>"
               "<line num='3' type='method' count='1' signature='a()'/>" STMT(
                   "5", "1") "<line num='8' type='method' count='2' signature='b()'/>"),
          { 1, 1, 0, 0, 2, 2 },
          1,
          0 },
        /* Without crap it is Clover's: a method with an empty body is no code. */
        { FILE("<line num='3' type='method' signature='a()' count='1'/>"
               "<line num='4' type='method' signature='b()' count='0'/>"),
          { 0, 0, 0, 0, 1, 2 },
          1,
          0 },
        { HEAD
          "<file>" STMT("1",
                        "1") "<line num='2' type='cond' truecount='1' falsecount='1'/>"
                             "<line num='2' type='method' count='1'/></file><file name='' path=''/>" TAIL,
          { 0 },
          0,
          2 },
        /* Test code stands beside it. */
        { HEAD "<file name='a'>" STMT("1", "1") "</file></project><testproject><file name='b'>" STMT(
              "2", "0") "</file></testproject></coverage>",
          { 1, 2, 0, 0, 0, 0 },
          2,
          0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, read_text(NULL, tm_str(cases[i].text), &report, &err));
        assert_totals(&report, &cases[i].totals);
        assert_int_equal(tm_report_n_files(&report), cases[i].files);
        if (report.n_notes)
            fail_msg("case %zu: %s", i, report.notes[0]);
        assert_int_equal(tm_drops_total(&report.drops), cases[i].dropped);
    }
}

static void a_file_is_named_by_its_path_or_its_name(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(NULL,
                              TM_STR(HEAD "<file name='a.js' path='/r/a.js'>" STMT(
                                  "1", "1") "</file>"
                                            "<package name='p'><file name='/r/b.php'>" STMT(
                                                "2", "3") "</file>"
                                                          "<file name='c.go' path=''>" STMT(
                                                              "4", "0") "</file></package>" TAIL),
                              &report, &err));
    assert_int_equal(hits_of(&report, "/r/a.js", 1), 1);
    assert_int_equal(hits_of(&report, "/r/b.php", 2), 3);
    assert_int_equal(hits_of(&report, "c.go", 4), 0);
}

static void hits_of_a_line_are_the_greatest(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_file *file;

    assert_ok(&err,
              read_text(NULL,
                        TM_STR(FILE(STMT("1", "2") STMT(
                            "1", "7") "<line num='1' type='cond' truecount='3' falsecount='2'/>"
                                      "<line num='2' type='cond' truecount='18446744073709551615' "
                                      "falsecount='2'/>"
                                      "<line num='3' type='method' name='f' signature='g()' count='6'/>")),
                        &report, &err));
    assert_int_equal(hits_of(&report, "a", 1), 7);
    assert_true(hits_of(&report, "a", 2) == UINT64_MAX);
    file = tm_report_find(&report, TM_STR("a"));
    assert_int_equal(file->branches[0].taken, 3);
    assert_int_equal(file->branches[1].taken, 2);
    assert_string_equal(file->functions[0].name.data, "f");
    assert_int_equal(file->functions[0].hits, 6);
    assert_int_equal(file->functions[0].line, 3);
}

static void the_lines_win_over_the_metrics(void **state)
{
    static const char *const notes[] = {
        "header of 'report' says statements=3, its body has 2",
        "header of 'report' says coveredstatements=2, its body has 1",
        "header of 'report' says conditionals=4, its body has 3",
        "header of 'report' says coveredconditionals=2, its body has 1",
        "header of 'report' says statements=1, its body has 0",
    };
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(
        &err,
        read_text(
            NULL,
            TM_STR(
                HEAD
                "<metrics statements='3' coveredstatements='2' conditionals='4' "
                "coveredconditionals='2'/><file name='a'><metrics statements='77'/>" STMT(
                    "1",
                    "1") "<line num='2' type='cond' count='0' truecount='1' falsecount='2'/></file></project>"
                         "<testproject><metrics statements='1' conditionals='0'/></testproject></coverage>"),
            &report, &err));
    assert_totals(&report, &(struct totals) { 1, 2, 1, 3, 0, 0 });
    assert_int_equal(report.n_notes, TM_LEN(notes));
    for (size_t i = 0; i < TM_LEN(notes); i++)
        assert_string_equal(report.notes[i], notes[i]);
}

/* What hides a line of PHPUnit that cannot be told from the rest is at least said. */
static void a_line_that_a_method_hides_is_noted(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(
        &err,
        read_text(NULL,
                  TM_STR(HEAD "<file name='a'><line num='3' type='method' name='f' crap='1' count='1'/>" STMT(
                      "4", "1") "</file><metrics statements='2'/>" TAIL),
                  &report, &err));
    assert_totals(&report, &(struct totals) { 1, 1, 0, 0, 1, 1 });
    assert_int_equal(report.n_notes, 1);
    assert_string_equal(report.notes[0], "header of 'report' says statements=2, its body has 1");
}

/* PHPUnit, of old versions of Xdebug. */
static void line_0_is_noted_and_left_out(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(NULL, TM_STR(FILE(STMT("0", "2") STMT("2", "0"))), &report, &err));
    assert_totals(&report, &(struct totals) { 0, 1, 0, 0, 0, 0 });
    assert_int_equal(report.n_notes, 1);
    assert_string_equal(report.notes[0],
                        "element without a line, left out, in 1 place(s), first at line 1 of 'report'");
}

static void damage_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { HEAD "\n" STMT("1", "1") TAIL, "line outside a file at line 2 of 'report'" },
        { HEAD "<file name='a'><file name='b'/></file>" TAIL, "file inside a file at line 1 of 'report'" },
        { FILE("<line type='stmt' count='1'/>"), "line number is missing at line 1 of 'report'" },
        { FILE(STMT("16777216", "1")), "line number is not between 1 and 16777215 at line 1 of 'report'" },
        { FILE(STMT("-1", "1")), "invalid line number '-1' at line 1 of 'report'" },
        { FILE(STMT("1", "x")), "invalid count 'x' at line 1 of 'report'" },
        { FILE("<line num='1' type='stmt'/>"), "count is missing at line 1 of 'report'" },
        { FILE("<line num='1' type='method'/>"), "count is missing at line 1 of 'report'" },
        { FILE("<line num='1' count='1'/>"), "line type is missing at line 1 of 'report'" },
        { FILE("<line num='1' count='1' type='block'/>"), "invalid line type 'block' at line 1 of 'report'" },
        { FILE("<line num='1' type='cond'/>"), "truecount is missing at line 1 of 'report'" },
        { FILE("<line num='1' type='cond' truecount='1'/>"), "falsecount is missing at line 1 of 'report'" },
        { FILE("<line num='1' type='cond' count='1' truecount='-1'/>"),
          "invalid truecount '-1' at line 1 of 'report'" },
        { FILE("<line num='1' type='cond' count='1' truecount='1' falsecount='65535'/>"),
          "invalid branch counts, 1 of 65536 at line 1 of 'report'" },
        { "<coverage clover='1.01'><project><file name='a'><line num='1' type='cond' "
          "truecount='3'/></file>" TAIL,
          "invalid truecount '3' at line 1 of 'report'" },
        { HEAD "<class filename='a'><line number='1' hits='1'/></class>" TAIL,
          "line outside a file at line 1 of 'report'" },
        { HEAD, "document ends in the middle at line 1 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(NULL, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(every_dialect_is_understood),
         cmocka_unit_test(a_file_is_named_by_its_path_or_its_name),
         cmocka_unit_test(hits_of_a_line_are_the_greatest), cmocka_unit_test(the_lines_win_over_the_metrics),
         cmocka_unit_test(a_line_that_a_method_hides_is_noted),
         cmocka_unit_test(line_0_is_noted_and_left_out), cmocka_unit_test(damage_is_refused_with_its_line))
