#include "report.h"

#define HEAD  "<coverage><packages><package><classes>"
#define TAIL  "</classes></package></packages></coverage>"
#define CLASS "<class name='c' filename='a.c'>"

/* Expected values are counted by hand. */
static void every_dialect_is_understood(void **state)
{
    static const struct {
        const char *text;
        struct totals totals;
        size_t files, notes, dropped;
    } cases[] = {
        { HEAD TAIL, { 0 }, 0, 0, 0 },
        { "<coverage lines-valid='0'/>", { 0 }, 0, 0, 0 },
        { HEAD CLASS "<methods/><lines/></class>" TAIL, { 0 }, 1, 0, 0 },
        /* Lines only below methods. */
        { HEAD CLASS
          "<methods><method name='f' signature='()V'><lines><line number='3' hits='2'/>"
          "<line number='4' hits='0'/></lines></method><method name='g'><lines><line number='9' hits='0'/>"
          "</lines></method></methods></class>" TAIL,
          { 1, 3, 0, 0, 1, 2 },
          1,
          0,
          0 },
        /* The same lines below a method and in the class's list count once. */
        { HEAD CLASS "<methods><method name='f'><lines><line number='3' hits='2'/></lines></method></methods>"
                     "<lines><line number='3' hits='2'/><line number='4' hits='0'/></lines></class>" TAIL,
          { 1, 2, 0, 0, 1, 1 },
          1,
          0,
          0 },
        /* The only line of a method is where it is declared, and code when the class lists no lines. */
        { HEAD CLASS "<methods><method name='f'><lines><line number='2' hits='1'/></lines></method></methods>"
                     "<lines><line number='3' hits='2'/></lines></class>" TAIL,
          { 1, 1, 0, 0, 1, 1 },
          1,
          0,
          0 },
        { HEAD CLASS "<methods><method name='f'><lines><line number='2' hits='1'/><line number='3' hits='0'/>"
                     "</lines></method></methods><lines><line number='4' hits='2'/></lines></class>" TAIL,
          { 2, 3, 0, 0, 1, 1 },
          1,
          0,
          0 },
        { HEAD CLASS "<methods><method name='f'><lines><line number='2' hits='1'/></lines></method></methods>"
                     "<lines/></class>" TAIL,
          { 1, 1, 0, 0, 1, 1 },
          1,
          0,
          0 },
        { HEAD CLASS "<methods><method name='f' hits='1' signature='()V'><lines><line number='2' hits='1'/>"
                     "</lines></method></methods><lines></lines></class>" TAIL,
          { 0, 0, 0, 0, 1, 1 },
          1,
          0,
          0 },
        /* Hits of a method alone, and methods of which nothing is known. */
        { HEAD CLASS "<methods><method name='f' hits='3' signature=''/><method name='g' hits='0'/>"
                     "<method name='h'/><method name='i'><lines/></method></methods>"
                     "<lines><line number='3' hits='2'/></lines></class>" TAIL,
          { 1, 1, 0, 0, 1, 2 },
          1,
          0,
          0 },
        { HEAD CLASS "<methods><method name='f' hits='0'><lines><line number='2' hits='1'/>"
                     "<line number='3' hits='0'/></lines></method></methods></class>" TAIL,
          { 1, 2, 0, 0, 0, 1 },
          1,
          0,
          0 },
        /* Several classes in one file. */
        { HEAD CLASS "<lines><line number='1' hits='0'/><line number='2' hits='0'/></lines></class>" CLASS
                     "<lines><line number='2' hits='1'/><line number='5' hits='0'/></lines></class>" TAIL,
          { 1, 3, 0, 0, 0, 0 },
          1,
          0,
          0 },
        /* No classes, no packages. */
        { "<coverage line-rate='0'>" CLASS "<lines><line number='1' hits='1'/></lines></class></coverage>",
          { 1, 1, 0, 0, 0, 0 },
          1,
          1,
          0 },
        /* Conditions: counts decide, whatever the percentage looks like. */
        { HEAD CLASS
          "<lines><line number='1' hits='1' branch='True' condition-coverage='66,67% (2/3)'/>"
          "<line number='2' hits='1' condition-coverage='0% (0/4)'><conditions><condition number='0'/>"
          "</conditions></line><line number='3' hits='1' branch='true' condition-coverage='50%'/>"
          "<line number='4' hits='1' branch='true'/></lines></class>" TAIL,
          { 4, 4, 2, 7, 0, 0 },
          1,
          1,
          0 },
        { HEAD CLASS
          "<lines><line number='1' hits='1' branch='true'><conditions><condition number='0' type='jump' "
          "coverage='1'/><condition number='1' type='jump' coverage='0'/></conditions></line>"
          "<line number='2' hits='1' branch='true'><conditions><condition coverage='50%'/><condition/>"
          "</conditions></line><line number='3' hits='1' condition-coverage='100% (2/2)'><conditions>"
          "<condition coverage='0'/></conditions></line></lines></class>" TAIL,
          { 3, 3, 3, 4, 0, 0 },
          1,
          0,
          0 },
        { HEAD CLASS "<lines><line number='1' hits='-5'/><line number='2' hits='1E3'/></lines></class>" TAIL,
          { 1, 2, 0, 0, 0, 0 },
          1,
          1,
          0 },
        /* Source maps lead to line 0. */
        { HEAD CLASS "<methods><method name='f' hits='2'><lines><line number='undefined' hits='2'/></lines>"
                     "</method></methods><lines><line number='0' hits='1'/><line number='1' "
                     "hits='0'/></lines></class>" TAIL,
          { 0, 1, 0, 0, 1, 1 },
          1,
          1,
          0 },
        { HEAD "<class name='ghost'><lines><line number='1' hits='1'/></lines></class>" CLASS
               "<lines><line number='1' hits='0'/></lines></class>" TAIL,
          { 0, 1, 0, 0, 0, 0 },
          1,
          0,
          1 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, read_text(NULL, tm_str(cases[i].text), &report, &err));
        /* Nor does a second reading leave anything: callers give err to who asks how it ended. */
        assert_int_equal(err.code, TM_OK);
        assert_totals(&report, &cases[i].totals);
        assert_int_equal(tm_report_n_files(&report), cases[i].files);
        if (report.n_notes != cases[i].notes)
            fail_msg("case %zu: %zu notes, %s", i, report.n_notes, report.n_notes ? report.notes[0] : "");
        assert_int_equal(tm_drops_total(&report.drops), cases[i].dropped);
    }
}

static void the_body_wins_over_the_header(void **state)
{
    /* Five lines, three covered; 2 of 4 branches. */
    static const char body[] = CLASS "<lines><line number='1' hits='1' condition-coverage='50% (2/4)'/>"
                                     "<line number='2' hits='1'/><line number='3' hits='1'/>"
                                     "<line number='4' hits='0'/><line number='5' hits='0'/></lines></class>";
    static const struct {
        const char *header;
        const char *note; /* NULL: none */
    } cases[] = {
        { "lines-valid='5' lines-covered='3' branches-valid='4' branches-covered='2' line-rate='0.1'", NULL },
        { "line-rate='0.6'", NULL },
        { "line-rate='0,6'", NULL },
        { "line-rate='0.6000000000001'", NULL },
        { "line-rate='garbage'", NULL },
        { "line-rate='0,7'", "header of 'report' says line-rate=0,7, its body has 3 of 5 lines" },
        { "line-rate='60'", "header of 'report' says line-rate=60, its body has 3 of 5 lines" },
        { "lines-valid='6' lines-covered='3'", "header of 'report' says lines-valid=6, its body has 5" },
        { "lines-valid='5' lines-covered='4'", "header of 'report' says lines-covered=4, its body has 3" },
        { "lines-valid='5' branches-valid='1'", "header of 'report' says branches-valid=1, its body has 4" },
        { "lines-valid='5' branches-covered='3'",
          "header of 'report' says branches-covered=3, its body has 2" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        tm_buf_addf(&text, "<coverage %s>%s</coverage>", cases[i].header, body);
        assert_ok(&err, read_text(NULL, tm_buf_str(&text), &report, &err));
        assert_totals(&report, &(struct totals) { 3, 5, 2, 4, 0, 0 });
        assert_int_equal(report.n_notes, cases[i].note ? 1 : 0);
        if (cases[i].note)
            assert_string_equal(report.notes[0], cases[i].note);
    }
}

static void source_roots_are_kept_in_order(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err,
              read_text(NULL,
                        TM_STR("<coverage><sources><source>/b &amp; c</source><source>\n  src\n</source>"
                               "<source/><source>src</source></sources></coverage>"),
                        &report, &err));
    assert_int_equal(report.n_roots, 2);
    assert_string_equal(report.roots[0].data, "/b & c");
    assert_string_equal(report.roots[1].data, "src");
}

static void damage_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "<coverage line-rate='1'>\n<line number='1' hits='1'/></coverage>",
          "line outside a class at line 2 of 'report'" },
        { "<coverage lines-valid='3'><packages/></coverage>",
          "'report' says lines-valid=3 but has no class: a summary has no lines, take the report with them" },
        { HEAD "\n" CLASS "<line hits='1'/></class>" TAIL, "line number is missing at line 2 of 'report'" },
        { HEAD "\n" CLASS "<line number='x' hits='1'/></class>" TAIL,
          "invalid line number 'x' at line 2 of 'report'" },
        { HEAD CLASS "<line number='16777216' hits='1'/></class>" TAIL,
          "line number is not between 1 and 16777215 at line 1 of 'report'" },
        { HEAD CLASS "<line number='1'/></class>" TAIL, "hits is missing at line 1 of 'report'" },
        { HEAD CLASS "<line number='1' hits=''/></class>" TAIL, "invalid hits '' at line 1 of 'report'" },
        { HEAD CLASS "<line number='1' hits='1' condition-coverage='50% (3/2)'/></class>" TAIL,
          "invalid branch counts, 3 of 2 at line 1 of 'report'" },
        { HEAD CLASS "<line number='1' hits='1' condition-coverage='0% (0/65536)'/></class>" TAIL,
          "invalid branch counts, 0 of 65536 at line 1 of 'report'" },
        { HEAD CLASS "<line number='1' hits='1' condition-coverage='50% (x/2)'/></class>" TAIL,
          "invalid condition-coverage '50% (x/2)' at line 1 of 'report'" },
        { HEAD CLASS CLASS "</class></class>" TAIL, "class inside a class at line 1 of 'report'" },
        { HEAD "<method name='x'/>" TAIL, "method outside a class at line 1 of 'report'" },
        { HEAD CLASS, "document ends in the middle at line 1 of 'report'" },
        { "<!DOCTYPE coverage [<!ENTITY a 'b'>]>" HEAD TAIL,
          "DOCTYPE with declarations is not accepted at line 1 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(NULL, cases[i].text, cases[i].message);
}

static void utf_16_is_read(void **state)
{
    static const char text[] =
        "<coverage line-rate='1'><class filename='a.c'><line number='1' hits='1'/></class>"
        "</coverage>";
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) wide = TM_BUF_INIT;

    tm_buf_adds(&wide, "\xff\xfe");
    for (size_t i = 0; text[i]; i++)
        tm_buf_add(&wide, (char[]) { text[i], '\0' }, 2);
    assert_ok(&err, read_text(NULL, tm_buf_str(&wide), &report, &err));
    assert_int_equal(hits_of(&report, "a.c", 1), 1);
}

TM_TESTS(cmocka_unit_test(every_dialect_is_understood), cmocka_unit_test(the_body_wins_over_the_header),
         cmocka_unit_test(source_roots_are_kept_in_order), cmocka_unit_test(damage_is_refused_with_its_line),
         cmocka_unit_test(utf_16_is_read))
