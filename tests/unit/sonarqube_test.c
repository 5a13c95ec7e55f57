#include "report.h"

#define HEAD       "<coverage version='1'>"
#define TAIL       "</coverage>"
#define ONE(attrs) HEAD "<file path='a'><lineToCover " attrs "/></file>" TAIL

/* Expected values are counted by hand. */
static void every_dialect_is_understood(void **state)
{
    static const struct {
        const char *text;
        struct totals totals;
        size_t files, dropped;
    } cases[] = {
        { "<coverage version='1'/>", { 0 }, 0, 0 },
        { "<coverage version=\"1\"><file path='a'/></coverage>", { 0 }, 1, 0 },
        { "<coverage><file path='a'><lineToCover lineNumber='1' covered='true'/></file></coverage>",
          { 1, 1, 0, 0, 0, 0 },
          1,
          0 },
        { ONE("lineNumber='1' covered='false'"), { 0, 1, 0, 0, 0, 0 }, 1, 0 },
        { ONE("lineNumber='1' covered='1'"), { 1, 1, 0, 0, 0, 0 }, 1, 0 },
        { ONE("lineNumber='1' covered='0'"), { 0, 1, 0, 0, 0, 0 }, 1, 0 },
        { ONE("lineNumber='1' covered='True'"), { 1, 1, 0, 0, 0, 0 }, 1, 0 },
        { ONE("lineNumber='1' covered='FALSE'"), { 0, 1, 0, 0, 0, 0 }, 1, 0 },
        { ONE("lineNumber='1' covered='true' branchesToCover='4' coveredBranches='1'"),
          { 1, 1, 1, 4, 0, 0 },
          1,
          0 },
        { ONE("lineNumber='1' covered='false' branchesToCover='4'"), { 0, 1, 0, 4, 0, 0 }, 1, 0 },
        { ONE("lineNumber='1' covered='false' branchesToCover='65535' coveredBranches='0'"),
          { 0, 1, 0, 65535, 0, 0 },
          1,
          0 },
        /* A line twice in a file, and a file twice. */
        { HEAD "<file path='a'><lineToCover lineNumber='2' covered='false' branchesToCover='2'/><lineToCover "
               "lineNumber='2' covered='true' branchesToCover='2' coveredBranches='1'/></file><file path='a'>"
               "<lineToCover lineNumber='2' covered='false'/><lineToCover lineNumber='1' "
               "covered='false'/></file>" TAIL,
          { 1, 2, 1, 2, 0, 0 },
          1,
          0 },
        { HEAD
          "<file><lineToCover lineNumber='1' covered='true' branchesToCover='1'/></file><file path=''/>" TAIL,
          { 0 },
          0,
          2 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, read_text(NULL, tm_str(cases[i].text), &report, &err));
        assert_totals(&report, &cases[i].totals);
        assert_int_equal(tm_report_n_files(&report), cases[i].files);
        assert_int_equal(report.n_notes, 0);
        assert_int_equal(tm_drops_total(&report.drops), cases[i].dropped);
    }
}

static void what_has_its_root_but_is_another_format_is_not_taken(void **state)
{
    assert_refused(&tm_format_sonarqube,
                   "<coverage line-rate='1' version='1'><class filename='a'><line number='1' "
                   "hits='1'/></class></coverage>",
                   "'report' is not sonarqube, it looks like cobertura");
    assert_refused(
        &tm_format_sonarqube,
        "<coverage><project><file path='a'><line num='1' type='stmt' count='1'/></file></project></coverage>",
        "'report' is not sonarqube, it looks like clover");
    assert_refused(&tm_format_clover, ONE("lineNumber='1' covered='true'"),
                   "'report' is not clover, it looks like sonarqube");
    assert_refused(&tm_format_cobertura, ONE("lineNumber='1' covered='true'"),
                   "'report' is not cobertura, it looks like sonarqube");
}

static void damage_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { HEAD "\n<lineToCover lineNumber='1' covered='true'/>" TAIL,
          "lineToCover outside a file at line 2 of 'report'" },
        { HEAD "<file path='a'><file path='b'/></file>" TAIL, "file inside a file at line 1 of 'report'" },
        { ONE("covered='true'"), "line number is missing at line 1 of 'report'" },
        { ONE("lineNumber='0' covered='true'"),
          "line number is not between 1 and 16777215 at line 1 of 'report'" },
        { ONE("lineNumber='-1' covered='true'"), "invalid line number '-1' at line 1 of 'report'" },
        { ONE("lineNumber='1'"), "covered is missing at line 1 of 'report'" },
        { ONE("lineNumber='1' covered='yes'"), "invalid covered 'yes' at line 1 of 'report'" },
        { ONE("lineNumber='1' covered='true' branchesToCover='x'"),
          "invalid branchesToCover 'x' at line 1 of 'report'" },
        { ONE("lineNumber='1' covered='true' branchesToCover='1' coveredBranches='2'"),
          "invalid branch counts, 2 of 1 at line 1 of 'report'" },
        { ONE("lineNumber='1' covered='true' coveredBranches='1'"),
          "invalid branch counts, 1 of 0 at line 1 of 'report'" },
        { ONE("lineNumber='1' covered='true' branchesToCover='65536' coveredBranches='1'"),
          "invalid branch counts, 1 of 65536 at line 1 of 'report'" },
        { HEAD "<file path='a'>", "document ends in the middle at line 1 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(NULL, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(every_dialect_is_understood),
         cmocka_unit_test(what_has_its_root_but_is_another_format_is_not_taken),
         cmocka_unit_test(damage_is_refused_with_its_line))
