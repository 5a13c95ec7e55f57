#include "report.h"

#define HEAD                                                                                                 \
    "<scoverage><packages><package name='p'><classes><class name='p.C' filename='p/C.scala'><methods>"
#define TAIL       "</methods></class></classes></package></packages></scoverage>"
#define ONE(inner) HEAD "<method name='p/C/f'><statements>" inner "</statements></method>" TAIL
#define AT(place)  "<statement source='C.scala' " place " invocation-count='"
#define RAN(place) AT(place) "1'/>"
#define NOT(place) AT(place) "0'/>"

/* Expected values are counted by hand. */
static void every_dialect_is_understood(void **state)
{
    static const struct {
        const char *text;
        struct tm_totals totals;
        size_t files, notes, dropped;
    } cases[] = {
        { "<scoverage/>", { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } }, 0, 0, 0 },
        { HEAD TAIL, { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } }, 0, 0, 0 },
        { ONE(RAN("line='3' start='5' end='9'")), { { 1, 1 }, { 0, 0 }, { 1, 1 }, { 1, 1 } }, 1, 0, 0 },
        /* A line is covered when one of its statements is. */
        { ONE(RAN("line='3' start='5' end='9'") NOT("line='3' start='10' end='12'")
                  NOT("line='4' start='20' end='22'")),
          { { 1, 2 }, { 0, 0 }, { 1, 1 }, { 1, 3 } },
          1,
          0,
          0 },
        /* A branch at the place of its statement; both are statements. */
        { ONE(RAN("line='3' start='5' end='9' branch='true'") RAN("line='3' start='5' end='9' branch='false'")
                  NOT("line='4' start='15' end='19' branch='true'")),
          { { 1, 2 }, { 1, 2 }, { 1, 1 }, { 2, 3 } },
          1,
          0,
          0 },
        { ONE(NOT("line='3' ignored='true' branch='true'")),
          { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
          0,
          0,
          0 },
        /* Code outside of methods is in no function. */
        { HEAD "<method name='p/C/&lt;none&gt;'>" RAN("line='3'") "</method>" NOT("line='4'") TAIL,
          { { 1, 2 }, { 0, 0 }, { 0, 0 }, { 1, 2 } },
          1,
          0,
          0 },
        /* Without a source it is in the file of its class; without one it is dropped. */
        { ONE("<statement line='3' invocation-count='1'/>"),
          { { 1, 1 }, { 0, 0 }, { 1, 1 }, { 1, 1 } },
          1,
          0,
          0 },
        { "<scoverage><statement line='3' invocation-count='1' source=''/></scoverage>",
          { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
          0,
          0,
          1 },
        /* The body wins over the root's counts. */
        { "<scoverage statement-count='2' statements-invoked='1'>" RAN("line='3'") "</scoverage>",
          { { 1, 1 }, { 0, 0 }, { 0, 0 }, { 1, 1 } },
          1,
          1,
          0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_totals got;

        assert_ok(&err, read_text(NULL, tm_str(cases[i].text), &report, &err));
        got = tm_report_totals(&report);
        assert_memory_equal(&got, &cases[i].totals, sizeof(got));
        assert_int_equal(tm_report_n_files(&report), cases[i].files);
        assert_int_equal(report.n_notes, cases[i].notes);
        assert_int_equal(tm_drops_total(&report.drops), cases[i].dropped);
    }
}

static void the_source_of_a_statement_names_the_file(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_file *file;

    assert_ok(&err,
              read_text(NULL,
                        TM_STR(
                            ONE("<statement source='/r/C.scala' line='7' start='5' invocation-count='2'/>"
                                "<statement source='/r/C.scala' line='5' start='1' invocation-count='4'/>")),
                        &report, &err));
    assert_int_equal(hits_of(&report, "/r/C.scala", 5), 4);
    assert_int_equal(hits_of(&report, "/r/C.scala", 7), 2);
    file = tm_report_find(&report, TM_STR("/r/C.scala"));
    assert_string_equal(file->functions[0].name.data, "p/C/f");
    assert_int_equal(file->functions[0].line, 5);
    assert_int_equal(file->functions[0].hits, 4);
}

static void damage_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { ONE("\n<statement invocation-count='1'/>"), "line number is missing at line 2 of 'report'" },
        { ONE(RAN("line='0'")), "line number is not between 1 and 16777215 at line 1 of 'report'" },
        { ONE("<statement line='1'/>"), "invocation-count is missing at line 1 of 'report'" },
        { ONE("<statement line='1' invocation-count='?'/>"),
          "invalid invocation-count '?' at line 1 of 'report'" },
        { ONE(RAN("line='1' start='x'")), "invalid start 'x' at line 1 of 'report'" },
        { ONE(RAN("line='1' end='2147483648'")), "invalid end '2147483648' at line 1 of 'report'" },
        { ONE(RAN("line='1' branch='maybe'")), "invalid branch 'maybe' at line 1 of 'report'" },
        { ONE(RAN("line='1' ignored='1'")), "invalid ignored '1' at line 1 of 'report'" },
        { HEAD "<method name='f'><method name='g'/></method>" TAIL,
          "method inside a method at line 1 of 'report'" },
        { HEAD, "document ends in the middle at line 1 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(NULL, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(every_dialect_is_understood),
         cmocka_unit_test(the_source_of_a_statement_names_the_file),
         cmocka_unit_test(damage_is_refused_with_its_line))
