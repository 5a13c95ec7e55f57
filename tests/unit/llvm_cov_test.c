#include "coverage/llvm_functions.h"
#include "report.h"

#define HEAD        "{\"data\":[{\"files\":["
#define TAIL        "]}],\"type\":\"llvm.coverage.json.export\",\"version\":\"2.0.1\"}"
#define FILE(s)     "{\"filename\":\"a.c\",\"segments\":[" s "]}"
#define FN(n, c, r) "{\"name\":\"" n "\",\"count\":" c ",\"filenames\":[\"a.c\",\"b.h\"],\"regions\":[" r "]}"

static void read_ok(const char *text, struct tm_report *report)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(&tm_format_llvm_cov, tm_str(text), report, &err));
}

static void add_lines(const struct tm_report *report, struct tm_buf *out)
{
    struct tm_hits_iter iter = tm_hits_iter(&tm_report_file_at(report, 0)->lines);
    struct tm_line line;

    while (tm_hits_next(&iter, &line))
        tm_buf_addf(out, "%u=%llu ", line.line, (unsigned long long)line.hits);
}

/* By hand, from LLVM's rule: docs/formats/coverage.md. */
static void lines_follow_the_segments(void **state)
{
    static const struct {
        const char *segments, *lines;
    } cases[] = {
        { "", "" },
        { "[3,1,7,true,true,false],[5,2,0,false,false,false]", "3=7 4=7 5=7 " },
        /* The region that starts later in the line counts when it ran more often. */
        { "[1,1,2,true,true,false],[1,9,5,true,true,false],[2,1,2,true,false,false],[3,1,0,false,false,"
          "false]",
          "1=5 2=5 3=2 " },
        /* A gap starts no region, but what follows it has its count. */
        { "[1,1,4,true,true,false],[2,3,0,true,true,true],[3,1,4,true,false,false],[4,1,0,false,false,false]",
          "1=4 2=4 3=0 4=4 " },
        /* A skipped region: comments, #if 0. */
        { "[1,1,4,true,true,false],[2,1,0,false,true,false],[4,1,4,true,false,false],[5,1,0,false,false,"
          "false]",
          "1=4 5=4 " },
        /* Not counted at all. */
        { "[1,1,0,false,false,false],[9,1,0,false,false,false]", "" },
        /* Five values, and numbers for truth values, as LLVM 6 wrote them. */
        { "[1,1,3,1,1],[2,2,0,0,0]", "1=3 2=3 " },
        { "[1,1,18446744073709551615,true,true,false],[2,1,0,false,false,false]",
          "1=18446744073709551615 2=18446744073709551615 " },
        { "[1,1,18446744073709551616,true,true,false],[2,1,-3,true,false,false]",
          "1=18446744073709551615 2=18446744073709551615 " },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) lines = TM_BUF_INIT;

        tm_buf_addf(&text, HEAD FILE("%s") TAIL "%200s", cases[i].segments, "");
        read_ok(text.data, &report);
        add_lines(&report, &lines);
        assert_string_equal(lines.data, cases[i].lines);
    }
}

/* With a space behind each comma no row is taken the short way. */
static void rows_taken_the_short_way_are_the_same(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) plain = TM_REPORT_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) spaced = TM_REPORT_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) spaces = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_file_read(TM_DATA("coverage/llvm-cov/gauge.json"), 1 << 20, &text, &err));
    for (size_t i = 0; i < text.len; i++) {
        tm_buf_addc(&spaces, text.data[i]);
        if (text.data[i] == ',')
            tm_buf_addc(&spaces, ' ');
    }
    read_ok(text.data, &plain);
    read_ok(spaces.data, &spaced);
    for (size_t i = 0; i < tm_report_n_files(&plain); i++) {
        struct tm_report_file *a = tm_report_file_at(&plain, i), *b = tm_report_file_at(&spaced, i);

        assert_string_equal(a->path.data, b->path.data);
        assert_int_equal(a->lines.len, b->lines.len);
        assert_memory_equal(a->lines.data, b->lines.data, a->lines.len);
        assert_int_equal(a->n_branches, b->n_branches);
        for (size_t k = 0; k < a->n_branches; k++)
            assert_int_equal(a->branches[k].taken, b->branches[k].taken);
        assert_int_equal(a->n_functions, b->n_functions);
        assert_int_equal(a->statements.n, b->statements.n);
        assert_int_equal(a->statements.len, b->statements.len);
        assert_memory_equal(a->statements.data, b->statements.data, a->statements.len);
    }
}

static void branches_the_compiler_decided_do_not_count(void **state)
{
    static const char segments[] = "\"segments\":[[1,1,4,true,true,false],[2,5,0,true,true,false],"
                                   "[3,1,4,true,false,false],[9,1,0,false,false,false]]";
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    /* while (1) in code that ran; a condition in code that did not run; one that went one way only. */
    tm_buf_addf(&text,
                HEAD "{\"branches\":[[4,8,4,9,0,0,0,0,4],[2,7,2,9,0,0,0,0,4],[1,3,1,5,4,0,0,0,4]],"
                     "\"filename\":\"a.c\",%s}" TAIL,
                segments);
    read_ok(text.data, &report);
    assert_totals(&report, &(struct totals) { 8, 9, 1, 4, 0, 0 });
}

static void instances_of_a_function_are_one(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_report_file *file;

    read_ok("{\"data\":[{\"files\":[],\"functions\":[" FN("f<long>", "0", "[3,4,5,2,0,1,0,0]") "," FN(
                "f<int>", "2", "[3,4,5,2,2,1,0,0],[4,1,4,9,0,1,0,2]") "," FN("lambda", "0",
                                                                             "[3,40,3,50,0,1,0,0]") "]}]}",
            &report);
    file = tm_report_find(&report, TM_STR("b.h"));
    assert_non_null(file);
    assert_int_equal(file->n_functions, 2);
    assert_string_equal(file->functions[0].name.data, "f<int>");
    assert_int_equal(file->functions[0].hits, 2);
    assert_int_equal(file->statements.n, 2);
}

/* Regions that go back and forth between two files need no more memory for their paths. */
static void paths_of_a_function_are_kept_once(void **state)
{
    enum { REGIONS = 1000 };
    struct tm_llvm_functions functions = { .text = TM_BUF_INIT, .packed = TM_BUF_INIT };
    struct tm_llvm_names names = { .text = TM_BUF_INIT };
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_row regions[REGIONS];

    for (size_t i = 0; i < 2; i++) {
        names.starts[names.n++] = names.text.len;
        tm_buf_addf(&names.text, "%0*zu.c", 1000, i);
        tm_buf_addc(&names.text, '\0');
    }
    for (unsigned i = 0; i < REGIONS; i++)
        regions[i] = (struct tm_json_row) { { 1 + i, 1, 1 + i, 2, 1, i % 2, 0, 0 }, 8 };
    assert_ok(&err,
              tm_llvm_functions_keep(&functions, TM_STR("f"), 1, regions, TM_LEN(regions), &names, &err));
    assert_int_equal(functions.text.len, names.text.len + 1);
    assert_ok(&err, tm_llvm_functions_add(&functions, &report, &err));
    assert_int_equal(tm_report_n_files(&report), 2);
    for (size_t i = 0; i < 2; i++) {
        struct tm_report_file *file = tm_report_file_at(&report, i);

        assert_string_equal(file->path.data, names.text.data + names.starts[i]);
        assert_int_equal(file->statements.n, REGIONS / 2);
    }
    tm_llvm_functions_release(&functions);
    tm_buf_release(&names.text);
}

static void bad_exports_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "{\"type\":\"llvm.coverage.json.export\"}", "'report' has no 'data'" },
        { HEAD "{\"filename\":\"a.c\",\"summary\":{}}" TAIL,
          "file without 'segments', export it without -summary-only: the summary has no lines at line 1, "
          "column 50 of 'report'" },
        { HEAD "{\"segments\":[]}" TAIL, "file without a 'filename' at line 1, column 34 of 'report'" },
        { HEAD FILE("[1,1,1,true]") TAIL, "expected a segment [line, column, count, has count, starts, is "
                                          "gap] at line 1, column 61 of 'report'" },
        { HEAD FILE("[0,1,1,true,true,false]") TAIL, "expected a segment [line, column, count, has count, "
                                                     "starts, is gap] at line 1, column 72 of 'report'" },
        { HEAD FILE("[2,1,1,true,true,false],[1,1,1,true,true,false]") TAIL,
          "segments are not in order at line 1, column 96 of 'report'" },
        { HEAD FILE("") "],\"functions\":[" FN("f", "1", "[1,1,2,2,1,2,0,0]") "]}]}",
          "row of a file that 'filenames' does not have at line 1, column 144 of 'report'" },
        { HEAD FILE("") "],\"functions\":[{\"name\":\"f\",\"count\":1,\"filenames\":[\"a.c\\u0000b\"],"
                        "\"regions\":[[1,1,2,2,1,0,0,0]]}]}]}",
          "file name holds a NUL byte at line 1, column 145 of 'report'" },
        { HEAD FILE("") "],\"functions\":[{\"name\":\"f\"}]}]}",
          "function without 'name', 'count', 'filenames' or 'regions' at line 1, column 78 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        assert_refused(&tm_format_llvm_cov, cases[i].text, cases[i].message);
        /* Far from the end, where rows are taken the short way, the place is the same. */
        tm_buf_addf(&text, "%s%200s", cases[i].text, "");
        assert_refused(&tm_format_llvm_cov, text.data, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_follow_the_segments),
        cmocka_unit_test(rows_taken_the_short_way_are_the_same),
        cmocka_unit_test(branches_the_compiler_decided_do_not_count),
        cmocka_unit_test(instances_of_a_function_are_one),
        cmocka_unit_test(paths_of_a_function_are_kept_once),
        cmocka_unit_test(bad_exports_are_refused_with_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
