#include "report.h"

#define HEAD          "<CoverageSession><Modules><Module>"
#define FILES         "<Files><File uid='1' fullPath='a.cs'/><File uid='2' fullPath='b.cs'/></Files>"
#define TAIL          "</Module></Modules></CoverageSession>"
#define METHOD(inner) "<Method><Name>M</Name><FileRef uid='1'/>" inner "</Method>"
#define ONE(inner)                                                                                           \
    HEAD FILES METHOD(inner)                                                                                 \
    TAIL

static void assert_all(const struct tm_report *report, struct tm_totals want)
{
    struct tm_totals got = tm_report_totals(report);

    assert_memory_equal(&got, &want, sizeof(got));
}

/* Expected values are counted by hand. */
static void every_dialect_is_understood(void **state)
{
    static const struct {
        const char *text;
        struct tm_totals totals;
        size_t files, notes;
    } cases[] = {
        { HEAD FILES TAIL, { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } }, 0, 0 },
        { ONE("<SequencePoint vc='2' sl='3' sc='1' el='3' ec='9'/>"),
          { { 1, 1 }, { 0, 0 }, { 1, 1 }, { 1, 1 } },
          1,
          0 },
        /* Without an end it is on one line. */
        { ONE("<SequencePoint vc='0' sl='3'/>"), { { 0, 1 }, { 0, 0 }, { 0, 1 }, { 0, 1 } }, 1, 0 },
        /* One of three lines, with another in it that did not run. */
        { ONE("<SequencePoint vc='1' sl='3' el='5'/><SequencePoint vc='0' sl='4' el='4'/>"),
          { { 3, 3 }, { 0, 0 }, { 1, 1 }, { 1, 2 } },
          1,
          0 },
        /* The point's own file goes before the method's. */
        { ONE("<SequencePoint vc='1' sl='3' fileid='2'/><SequencePoint vc='0' sl='3'/>"),
          { { 1, 2 }, { 0, 0 }, { 1, 1 }, { 1, 2 } },
          2,
          0 },
        /* In no file, and in no line. */
        { ONE("<SequencePoint vc='1' sl='3' fileid='0'/><SequencePoint vc='1' sl='16707566'/><SequencePoint "
              "vc='1' "
              "sl='0' fileid='1'/><BranchPoint vc='1' sl='16707566' path='0' offset='1'/>"
              "<BranchPoint vc='1' sl='1' path='0' offset='1' fileid='0'/>"),
          { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
          1,
          0 },
        { HEAD FILES "<Method><Name>M</Name><SequencePoint vc='1' sl='3'/></Method>" TAIL,
          { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
          0,
          0 },
        /* The same statement in two methods: fields that two constructors set. */
        { HEAD FILES METHOD("<SequencePoint vc='2' sl='3' sc='1' el='3' ec='5'/>")
              METHOD("<SequencePoint vc='0' sl='3' sc='1' el='3' ec='5'/>") TAIL,
          { { 1, 1 }, { 0, 0 }, { 1, 1 }, { 1, 1 } },
          1,
          0 },
        /* Two paths of one instruction, and another instruction. */
        { ONE("<SequencePoint vc='1' sl='3'/><BranchPoint vc='1' sl='3' path='0' offset='4'/><BranchPoint "
              "vc='0' "
              "sl='3' path='1' offset='4'/><BranchPoint vc='0' sl='3' path='0' offset='9'/>"),
          { { 1, 1 }, { 1, 3 }, { 1, 1 }, { 1, 1 } },
          1,
          0 },
        /* Branches of two methods on one line are not the same ones. */
        { HEAD FILES "<Method><MetadataToken>1</MetadataToken><Name>M</Name><FileRef uid='1'/>"
                     "<BranchPoint vc='1' sl='3' path='0' offset='4'/></Method>"
                     "<Method><MetadataToken>2</MetadataToken><Name>M</Name><FileRef uid='1'/>"
                     "<BranchPoint vc='0' sl='3' path='0' offset='4'/></Method>"
                     "<Method><MetadataToken/><Name>N</Name><FileRef uid='1'/>"
                     "<BranchPoint vc='0' sl='3' path='0' offset='4'/></Method>" TAIL,
          { { 0, 0 }, { 1, 3 }, { 0, 0 }, { 0, 0 } },
          1,
          0 },
        /* Older versions did not say the line of a branch. */
        { ONE("<SequencePoint vc='1' sl='3'/><BranchPoint vc='1' path='0' offset='4'/>"),
          { { 1, 1 }, { 0, 0 }, { 1, 1 }, { 1, 1 } },
          1,
          1 },
        /* What was skipped is not counted, though it is listed. */
        { "<CoverageSession><Modules><Module skippedDueTo='Filter'>" FILES METHOD(
              "<SequencePoint vc='1' sl='3'/>") TAIL,
          { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
          0,
          0 },
        { HEAD FILES
          "<Class skippedDueTo='File'>" METHOD("<SequencePoint vc='1' sl='3'/>") "</Class><Class>" METHOD(
              "<SequencePoint vc='0' sl='4'/>") "</Class><Method skippedDueTo='x'><FileRef "
                                                "uid='1'/><SequencePoint "
                                                "vc='9' sl='9'/><BranchPoint vc='1' sl='9'/></Method>" TAIL,
          { { 0, 1 }, { 0, 0 }, { 0, 1 }, { 0, 1 } },
          1,
          0 },
        /* An id of one module is good in the next, until that one gives it to another file. */
        { HEAD FILES
          "</Module><Module><Method><FileRef uid='2'/><SequencePoint vc='1' sl='3'/></Method></Module>"
          "<Module><Files><File uid='2' fullPath='c.cs'/></Files><Method><FileRef uid='2'/>"
          "<SequencePoint vc='1' sl='3'/></Method>" TAIL,
          { { 2, 2 }, { 0, 0 }, { 2, 2 }, { 2, 2 } },
          2,
          0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, read_text(NULL, tm_str(cases[i].text), &report, &err));
        assert_all(&report, cases[i].totals);
        assert_int_equal(tm_report_n_files(&report), cases[i].files);
        assert_int_equal(report.n_notes, cases[i].notes);
    }
}

static void functions_have_name_line_and_the_hits_of_their_first_point(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_file *file;

    assert_ok(&err, read_text(NULL,
                              TM_STR(HEAD FILES
                                     "<Method><Name> System.Void A::F(System.Int32) </Name><FileRef uid='1'/>"
                                     "<SequencePoint vc='2' sl='5'/><SequencePoint vc='9' sl='6'/>"
                                     "<SequencePoint vc='1' sl='4'/></Method><Method><Name>G</Name>"
                                     "<FileRef uid='1'/><SequencePoint vc='0' sl='8'/>"
                                     "<SequencePoint vc='3' sl='9'/></Method>" TAIL),
                              &report, &err));
    file = tm_report_find(&report, TM_STR("a.cs"));
    assert_int_equal(file->n_functions, 2);
    assert_string_equal(file->functions[0].name.data, "System.Void A::F(System.Int32)");
    assert_int_equal(file->functions[0].line, 4);
    assert_int_equal(file->functions[0].hits, 2);
    assert_string_equal(file->functions[1].name.data, "G");
    assert_int_equal(file->functions[1].hits, 3);
}

/* Ids of branches come from names; however long those are, what is kept is bounded. */
static void branches_of_a_method_with_a_long_name_are_told_apart(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_buf_adds(&text, HEAD FILES);
    for (int i = 0; i < 3; i++) {
        tm_buf_adds(&text, "<Method><Name>");
        for (int n = 0; n < 3000; n++)
            tm_buf_addc(&text, 'x');
        tm_buf_addf(&text,
                    "%c</Name><FileRef uid='1'/><BranchPoint vc='%d' sl='3' path='0' offset='4'/></Method>",
                    'a' + i, i);
    }
    tm_buf_adds(&text, TAIL);
    assert_ok(&err, read_text(NULL, tm_buf_str(&text), &report, &err));
    assert_all(&report, (struct tm_totals) { { 0, 0 }, { 2, 3 }, { 0, 0 }, { 0, 0 } });
}

static void damage_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { HEAD "\n<SequencePoint vc='1' sl='1'/>" TAIL,
          "SequencePoint outside a Method at line 2 of 'report'" },
        { HEAD "<BranchPoint vc='1' sl='1'/>" TAIL, "BranchPoint outside a Method at line 1 of 'report'" },
        { HEAD METHOD("<Method/>") TAIL, "Method inside a Method at line 1 of 'report'" },
        { ONE("<SequencePoint sl='1'/>"), "vc is missing at line 1 of 'report'" },
        { ONE("<SequencePoint vc='x' sl='1'/>"), "invalid vc 'x' at line 1 of 'report'" },
        { ONE("<SequencePoint vc='1'/>"), "line number is missing at line 1 of 'report'" },
        { ONE("<SequencePoint vc='1' sl='16777216'/>"),
          "line number is not between 1 and 16777215 at line 1 of 'report'" },
        { ONE("<SequencePoint vc='1' sl='7' el='6'/>"),
          "sequence point ends before it starts at line 1 of 'report'" },
        { ONE("<SequencePoint vc='1' sl='7' sc='2147483648'/>"),
          "invalid sc '2147483648' at line 1 of 'report'" },
        { ONE("<SequencePoint vc='1' sl='7' fileid='9'/>"), "no file has the uid '9' at line 1 of 'report'" },
        { HEAD METHOD("<SequencePoint vc='1' sl='7'/>") TAIL,
          "no file has the uid '1' at line 1 of 'report'" },
        { ONE("<BranchPoint vc='1' sl='7'/>"), "path is missing at line 1 of 'report'" },
        { ONE("<BranchPoint vc='1' sl='7' path='-1'/>"), "invalid path '-1' at line 1 of 'report'" },
        { ONE("<BranchPoint vc='1' sl='7' path='0' offset='q'/>"),
          "invalid offset 'q' at line 1 of 'report'" },
        { HEAD "<File fullPath='a'/>" TAIL, "uid is missing at line 1 of 'report'" },
        { HEAD "<File uid='1'/>" TAIL, "fullPath is missing at line 1 of 'report'" },
        { HEAD FILES "<File uid='2' fullPath='c.cs'/>" TAIL,
          "two files have the uid '2' at line 1 of 'report'" },
        { HEAD "<File uid='1' fullPath=''/>" METHOD("<SequencePoint vc='1' sl='7'/>") TAIL,
          "empty file name at line 1 of 'report'" },
        { HEAD, "document ends in the middle at line 1 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(NULL, cases[i].text, cases[i].message);
}

TM_TESTS(cmocka_unit_test(every_dialect_is_understood),
         cmocka_unit_test(functions_have_name_line_and_the_hits_of_their_first_point),
         cmocka_unit_test(branches_of_a_method_with_a_long_name_are_told_apart),
         cmocka_unit_test(damage_is_refused_with_its_line))
