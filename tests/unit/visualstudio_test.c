#include "report.h"

#define HEAD                  "<results><modules><module>"
#define TAIL                  "<source_files><source_file id='0' path='a.cs'/></source_files></module></modules></results>"
#define ONE(inner)            HEAD "<function name='F'>" inner "</function>" TAIL
#define RANGE(lines, covered) "<range source_id='0' " lines " covered='" covered "'/>"

#define OLD "<CoverageDSPriv>"
#define OLD_FILE                                                                                             \
    "<SourceFileNames><SourceFileID>1</SourceFileID><SourceFileName>a.cs</SourceFileName></SourceFileNames>"
#define OLD_TAIL OLD_FILE "</CoverageDSPriv>"
#define LINES(from, to, state)                                                                               \
    "<Lines><LnStart>" from "</LnStart><LnEnd>" to "</LnEnd><Coverage>" state "</Coverage>"                  \
    "<SourceFileID>1</SourceFileID></Lines>"

/* Expected values are counted by hand. */
static void every_dialect_is_understood(void **state)
{
    static const struct {
        const char *text;
        struct totals totals;
        size_t files, notes, dropped;
    } cases[] = {
        { "<results><modules/></results>", { 0 }, 0, 0, 0 },
        { HEAD "<functions/>" TAIL, { 0 }, 0, 0, 0 },
        { ONE(RANGE("start_line='3' end_line='3'", "yes")), { 1, 1, 0, 0, 1, 1 }, 1, 0, 0 },
        { ONE(RANGE("start_line='3' end_line='3'", "no")), { 0, 1, 0, 0, 0, 1 }, 1, 0, 0 },
        /* Partly covered is covered. */
        { ONE(RANGE("start_line='3' end_line='5'", "partial")), { 3, 3, 0, 0, 1, 1 }, 1, 0, 0 },
        /* Several ranges on a line: one that ran is enough. */
        { ONE(RANGE("start_line='3' start_column='1' end_line='4'", "no")
                  RANGE("start_line='4' start_column='7' end_line='4'", "yes")),
          { 1, 2, 0, 0, 1, 1 },
          1,
          0,
          0 },
        /* A template that was made twice. */
        { HEAD "<function name='F'>" RANGE(
              "start_line='3' end_line='3'",
              "no") "</function><function name='F'>" RANGE("start_line='3' end_line='3'",
                                                           "yes") "</function>" TAIL,
          { 1, 1, 0, 0, 1, 1 },
          1,
          0,
          0 },
        /* Ranges in no line. */
        { ONE(RANGE("start_line='15732480' end_line='15732480'", "yes")
                  RANGE("start_line='16707566' end_line='16707566'", "no")
                      RANGE("start_line='0' end_line='0'", "no")),
          { 0 },
          0,
          1,
          0 },
        /* A function without ranges is no code. */
        { HEAD "<function name='F'><ranges/></function>" TAIL, { 0 }, 0, 0, 0 },
        /* Ids are of their module. */
        { HEAD "<function name='F'>" RANGE(
              "start_line='3' end_line='3'",
              "yes") "</function><source_file id='0' path='b.cs'/></module><module><function "
                     "name='F'>" RANGE("start_line='3' end_line='3'", "no") "</function>" TAIL,
          { 1, 2, 0, 0, 1, 2 },
          2,
          0,
          0 },
        /* A file without a name. */
        { HEAD
          "<function name='F'>" RANGE("start_line='3' end_line='3'",
                                      "yes") "</function><source_file id='0'/></module></modules></results>",
          { 0 },
          0,
          0,
          1 },
        { "<results><modules/><skipped_modules><skipped_module name='x' "
          "reason='no_symbols'/></skipped_modules></results>",
          { 0 },
          0,
          0,
          0 },
        /* The older form. */
        { OLD "</CoverageDSPriv>", { 0 }, 0, 0, 0 },
        { OLD LINES("3", "3", "0") LINES(" 4 ", "5", "1") LINES("6", "6", "2") OLD_TAIL,
          { 3, 4, 0, 0, 0, 0 },
          1,
          0,
          0 },
        { OLD "<Module><NamespaceTable><Class><Method><MethodName>f</MethodName>" LINES(
              "3", "3", "2") "</Method>"
                             "<Method><MethodName>g</MethodName>" LINES(
                                 "9", "9", "0") "</Method></Class></NamespaceTable></Module>" OLD_TAIL,
          { 1, 2, 0, 0, 1, 2 },
          1,
          0,
          0 },
        /* Files may come first. */
        { OLD OLD_FILE LINES("3", "3", "0") "</CoverageDSPriv>", { 1, 1, 0, 0, 0, 0 }, 1, 0, 0 },
        { OLD LINES("0", "0", "0") OLD_TAIL, { 0 }, 0, 1, 0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, read_text(NULL, tm_str(cases[i].text), &report, &err));
        assert_totals(&report, &cases[i].totals);
        assert_int_equal(tm_report_totals(&report).statements.den, 0);
        assert_int_equal(tm_report_n_files(&report), cases[i].files);
        assert_int_equal(report.n_notes, cases[i].notes);
        assert_int_equal(tm_drops_total(&report.drops), cases[i].dropped);
    }
}

static void functions_are_named_with_their_type(void **state)
{
    static const struct {
        const char *text, *name;
        uint32_t line;
    } cases[] = {
        { HEAD
          "<function name='Add(int)' namespace='Shop' type_name='Cart'>" RANGE("start_line='4' end_line='4'",
                                                                               "yes")
              RANGE("start_line='3' end_line='3'", "no") "</function>" TAIL,
          "Shop.Cart.Add(int)", 3 },
        { HEAD
          "<function name='add' type_name=''>" RANGE("start_line='3' end_line='3'", "yes") "</function>" TAIL,
          "add", 3 },
        { OLD "<NamespaceTable><NamespaceName>Shop</NamespaceName><Class><ClassName>Cart</ClassName><Method>"
              "<MethodName>Add(int)</MethodName>" LINES("7", "8",
                                                        "1") "</Method></Class></NamespaceTable>" OLD_TAIL,
          "Shop.Cart.Add(int)", 7 },
        { OLD "<NamespaceTable><NamespaceName/><Class><ClassName/><Method><MethodName>add</MethodName>" LINES(
              "7", "7", "0") "</Method></Class></NamespaceTable>" OLD_TAIL,
          "add", 7 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_report_file *file;

        assert_ok(&err, read_text(NULL, tm_str(cases[i].text), &report, &err));
        file = tm_report_find(&report, TM_STR("a.cs"));
        assert_non_null(file);
        assert_int_equal(file->n_functions, 1);
        assert_string_equal(file->functions[0].name.data, cases[i].name);
        assert_int_equal(file->functions[0].line, cases[i].line);
        assert_int_equal(file->functions[0].hits, 1);
    }
}

static void damage_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { HEAD "\n" RANGE("start_line='1' end_line='1'", "yes") TAIL,
          "range outside a function at line 2 of 'report'" },
        { "<results><modules/><function name='F'/></results>",
          "function outside a module at line 1 of 'report'" },
        { ONE("<function name='G'/>"), "function outside a module at line 1 of 'report'" },
        { ONE("<module/>"), "module inside a module at line 1 of 'report'" },
        { ONE("<range start_line='1' end_line='1' covered='yes'/>"),
          "source_id is missing at line 1 of 'report'" },
        { ONE("<range source_id='0' start_line='1' end_line='1'/>"),
          "covered is missing at line 1 of 'report'" },
        { ONE(RANGE("start_line='1' end_line='1'", "maybe")),
          "invalid covered 'maybe' at line 1 of 'report'" },
        { ONE(RANGE("end_line='1'", "yes")), "line number is missing at line 1 of 'report'" },
        { ONE(RANGE("start_line='1' end_line='x'", "yes")), "invalid line number 'x' at line 1 of 'report'" },
        { ONE(RANGE("start_line='2' end_line='1'", "yes")),
          "range ends before it starts at line 1 of 'report'" },
        { ONE(RANGE("start_line='2' start_column='-1' end_line='2'", "yes")),
          "invalid start_column '-1' at line 1 of 'report'" },
        { ONE("<range source_id='7' start_line='1' end_line='1' covered='yes'/>"),
          "no source file of 'report' has the id '7'" },
        { HEAD "<source_file id='0' path='b.cs'/>" TAIL,
          "two source files have the id '0' at line 1 of 'report'" },
        { HEAD "<source_file path='b.cs'/>" TAIL, "id of a source file is missing at line 1 of 'report'" },
        { HEAD, "document ends in the middle at line 1 of 'report'" },
        { OLD LINES("1", "1", "3") OLD_TAIL, "invalid covered '3' at line 1 of 'report'" },
        { OLD LINES("1", "1", "") OLD_TAIL, "invalid covered '' at line 1 of 'report'" },
        { OLD LINES("a", "1", "0") OLD_TAIL, "invalid line number 'a' at line 1 of 'report'" },
        /* The second does not inherit what the first says. */
        { OLD LINES("1", "1", "0") "<Lines><LnStart>2</LnStart></Lines>" OLD_TAIL,
          "source_id is missing at line 1 of 'report'" },
        { OLD LINES("1", "1", "0") "</CoverageDSPriv>", "no source file of 'report' has the id '1'" },
        { OLD "<Method><Method/></Method>" OLD_TAIL, "Method inside a Method at line 1 of 'report'" },
        { OLD "<SourceFileNames/>" OLD_TAIL, "id of a source file is missing at line 1 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(NULL, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(every_dialect_is_understood), cmocka_unit_test(functions_are_named_with_their_type),
         cmocka_unit_test(damage_is_refused_with_its_line))
