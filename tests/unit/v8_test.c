#include "base/path.h"
#include "report.h"

/* Sources of /repo are those in tests/data/coverage/src. */
static enum tm_code read_fixture(void *ctx, struct tm_str path, struct tm_buf *out, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) real = TM_BUF_INIT;

    if (!tm_str_has_prefix(path, TM_STR("/repo/")))
        return tm_err_set(err, TM_E_NOT_FOUND, "no such file");
    tm_buf_addf(&real, "%s/%.*s", TM_DATA("coverage/src"), TM_STR_ARG(tm_str_from(path, 6)));
    return tm_file_read(real.data, 1 << 20, out, err);
}

/* Any path is the source that ctx holds. */
static enum tm_code read_given(void *ctx, struct tm_str path, struct tm_buf *out, struct tm_err *err)
{
    tm_buf_clear(out);
    tm_buf_adds(out, ctx);
    return TM_OK;
}

static void read_all_fixtures(struct tm_report *report)
{
    static const char *const paths[] = { TM_DATA("coverage/v8/node20-1.json"),
                                         TM_DATA("coverage/v8/node20-2.json"),
                                         TM_DATA("coverage/v8/node20-3.json") };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    report->read_source = read_fixture;
    for (size_t i = 0; i < TM_LEN(paths); i++)
        assert_ok(&err, tm_report_read_file(paths[i], NULL, report, &err));
}

/*
 * node's own report of the same run counts all lines, also those without code; of those with code it must
 * have the same ones covered. Its function figures are ours.
 */
static void figures_are_those_of_node(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) ours = TM_REPORT_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) nodes = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    read_all_fixtures(&ours);
    assert_ok(&err, tm_report_read_file(TM_DATA("coverage/lcov/node-test.info"), NULL, &nodes, &err));
    assert_int_equal(tm_report_n_files(&ours), tm_report_n_files(&nodes));
    for (size_t i = 0; i < tm_report_n_files(&nodes); i++) {
        struct tm_report_file *theirs = tm_report_file_at(&nodes, i);
        struct tm_report_file *file;
        struct tm_hits_iter iter;
        struct tm_line line;

        tm_buf_clear(&path);
        tm_buf_addf(&path, "/repo/js/%s", theirs->path.data);
        file = tm_report_find(&ours, tm_buf_str(&path));
        assert_non_null(file);
        iter = tm_hits_iter(&file->lines);
        while (tm_hits_next(&iter, &line)) {
            uint64_t hits;

            assert_true(tm_report_hits(theirs, line.line, &hits));
            if ((hits > 0) != (line.hits > 0))
                fail_msg("%s:%u: node has %llu, we have %llu", theirs->path.data, line.line,
                         (unsigned long long)hits, (unsigned long long)line.hits);
        }
    }
    assert_int_equal(tm_report_totals(&ours).functions.num, 20);
    assert_int_equal(tm_report_totals(&ours).functions.den, 22);
}

static void lines_without_code_are_not_counted(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_totals text, queue;

    read_all_fixtures(&report);
    text = tm_report_file_totals(tm_report_find(&report, TM_STR("/repo/js/lib/text.mjs")));
    queue = tm_report_file_totals(tm_report_find(&report, TM_STR("/repo/js/lib/queue.js")));
    /* Counted by hand in the sources: `unused` has three lines of its own that never ran. */
    assert_int_equal(text.lines.num, 11);
    assert_int_equal(text.lines.den, 14);
    assert_int_equal(queue.lines.num, 25);
    assert_int_equal(queue.lines.den, 25);
}

static void a_line_that_one_process_ran_is_covered(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) one = TM_REPORT_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) all = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    one.read_source = read_fixture;
    assert_ok(&err, tm_report_read_file(TM_DATA("coverage/v8/node20-1.json"), NULL, &one, &err));
    read_all_fixtures(&all);
    /* The first process never called drain, the second did; only the first called clear. */
    assert_int_equal(hits_of(&one, "/repo/js/lib/queue.js", 35), 0);
    assert_int_equal(hits_of(&all, "/repo/js/lib/queue.js", 35), 1);
    assert_int_equal(hits_of(&all, "/repo/js/lib/queue.js", 40), 1);
    assert_int_equal(hits_of(&one, "/repo/js/lib/queue.js", 28), 2);
    assert_int_equal(hits_of(&all, "/repo/js/lib/queue.js", 28), 7);
}

/* One script /s.js with these functions. */
static void script(struct tm_buf *out, const char *functions)
{
    tm_buf_addf(
        out,
        "{\"result\":[{\"scriptId\":\"1\",\"url\":\"file:///s.js\",\"functions\":[%s]}],\"timestamp\":1.5}",
        functions);
}

#define RANGE(from, to, count) "{\"startOffset\":" #from ",\"endOffset\":" #to ",\"count\":" #count "}"
#define FUNCTION(name, ranges)                                                                               \
    "{\"functionName\":\"" name "\",\"ranges\":[" ranges "],\"isBlockCoverage\":true}"

static void the_innermost_range_decides(void **state)
{
    /* Expected by hand; '.' stands for a line without code. */
    static const struct {
        const char *source, *functions, *hits;
    } cases[] = {
        { "a\nb\n", FUNCTION("", RANGE(0, 4, 1)), "11" },
        { "a\nb\n", FUNCTION("", RANGE(0, 4, 3) "," RANGE(2, 3, 0)), "30" },
        { "a\nb\n", FUNCTION("", RANGE(0, 4, 0)), "00" },
        /* A line with covered and uncovered code is covered. */
        { "a b\n", FUNCTION("", RANGE(0, 4, 1) "," RANGE(2, 3, 0)), "1" },
        /* Brackets outside the uncovered range do not cover the line. */
        { "f(\nx );\n", FUNCTION("", RANGE(0, 8, 1) "," RANGE(3, 4, 0)), "10" },
        { "a\n\n// b\n}\nc", FUNCTION("", RANGE(0, 11, 1)), "1...1" },
        /* A function inside an uncovered block of another one: its own count. */
        { "a\nb\nc\n", FUNCTION("", RANGE(0, 6, 1) "," RANGE(2, 6, 0)) "," FUNCTION("g", RANGE(4, 5, 2)),
          "102" },
        /* Of equal ranges the later is the inner one. */
        { "a\nb\n", FUNCTION("", RANGE(0, 4, 1) "," RANGE(2, 3, 0)) "," FUNCTION("g", RANGE(2, 3, 5)), "15" },
        { "a\nb\nc\n", FUNCTION("", RANGE(0, 6, 1)) "," FUNCTION("f", RANGE(2, 6, 4) "," RANGE(4, 5, 0)),
          "140" },
        /* Ranges that do not nest are cut. */
        { "a\nb\nc\n", FUNCTION("", RANGE(0, 6, 1) "," RANGE(0, 3, 2) "," RANGE(2, 99, 3)), "231" },
        { "a\n", FUNCTION("", RANGE(0, 2, 99999999999999999999)), "M" },
        { "\xef\xbb\xbf"
          "a\nb",
          FUNCTION("", RANGE(0, 3, 1) "," RANGE(2, 3, 0)), "10" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        size_t n = 0;

        script(&text, cases[i].functions);
        report.read_source = read_given;
        report.read_source_ctx = (void *)cases[i].source;
        assert_ok(&err, read_text(NULL, tm_buf_str(&text), &report, &err));
        assert_int_equal(tm_drops_total(&report.drops), 0);
        for (const char *want = cases[i].hits; *want; want++) {
            uint32_t line = (uint32_t)(want - cases[i].hits) + 1;
            uint64_t hits = *want == 'M' ? UINT64_MAX : (uint64_t)(*want - '0');

            n += *want != '.';
            if (*want != '.' && hits_of(&report, "/s.js", line) != hits)
                fail_msg("case %zu, line %u: %llu", i, line,
                         (unsigned long long)hits_of(&report, "/s.js", line));
        }
        assert_int_equal(report.n_lines, n);
    }
}

static void urls_become_paths_or_are_dropped(void **state)
{
    static const struct {
        const char *url, *path; /* NULL: no file */
        enum tm_drop reason;    /* TM_DROP_REASONS: not even dropped */
    } cases[] = {
        { "file:///a%20b/%c3%a4.js", "/a b/\xc3\xa4.js", TM_DROP_REASONS },
        { "file:///a.mjs?x=1#y", "/a.mjs", TM_DROP_REASONS },
        { "file:///C:/x/a.js", "C:/x/a.js", TM_DROP_REASONS },
        { "file://host/a.js", NULL, TM_DROP_NO_NAME },
        { "file:///a%00.js", NULL, TM_DROP_NO_NAME },
        { "file:///a%2.js", NULL, TM_DROP_NO_NAME },
        { "file:///a%2", NULL, TM_DROP_NO_NAME },
        { "node:fs", NULL, TM_DROP_REASONS },
        { "evalmachine.<anonymous>", NULL, TM_DROP_REASONS },
        { "", NULL, TM_DROP_REASONS },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        /* The URL comes after the functions: order does not matter. */
        tm_buf_addf(&text, "{\"result\":[{\"functions\":[%s],\"url\":\"%s\"}]}", FUNCTION("", RANGE(0, 1, 1)),
                    cases[i].url);
        report.read_source = read_given;
        report.read_source_ctx = (void *)"a";
        assert_ok(&err, read_text(NULL, tm_buf_str(&text), &report, &err));
        assert_int_equal(tm_report_n_files(&report), cases[i].path ? 1 : 0);
        if (cases[i].path)
            assert_string_equal(tm_report_file_at(&report, 0)->path.data, cases[i].path);
        assert_int_equal(tm_drops_total(&report.drops), cases[i].reason == TM_DROP_REASONS ? 0 : 1);
        if (cases[i].reason != TM_DROP_REASONS)
            assert_int_equal(report.drops.count[cases[i].reason], 1);
    }
}

static void a_source_that_is_not_what_ran_is_dropped(void **state)
{
    static const char *const sources[] = { "a\nb", "a\nb\nc", "", "\xef\xbb\xbf\na\nb" };

    for (size_t i = 0; i < TM_LEN(sources); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        script(&text, FUNCTION("", RANGE(0, 6, 1)));
        report.read_source = read_given;
        report.read_source_ctx = (void *)sources[i];
        assert_ok(&err, read_text(NULL, tm_buf_str(&text), &report, &err));
        assert_int_equal(report.drops.count[TM_DROP_CHANGED], 1);
        assert_int_equal(tm_report_n_files(&report), 0);
    }
}

static void without_sources_every_script_is_dropped(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_report_read_file(TM_DATA("coverage/v8/node20-1.json"), NULL, &report, &err));
    assert_int_equal(report.drops.count[TM_DROP_NO_SOURCE], 2);
    assert_string_equal(report.drops.kept[1].path, "/repo/js/lib/queue.js");
    assert_int_equal(tm_report_n_files(&report), 0);
}

static void damage_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "{\"result\":[", "expected a value, found the end at line 1, column 12 of 'report'" },
        { "{\"result\":{}}", "expected an array at line 1, column 11 of 'report'" },
        { "{\"result\":[1]}", "expected an object at line 1, column 12 of 'report'" },
        { "{\"result\":[{\"scriptId\":\"1\"}]}", "script without a 'url' at line 1, column 27 of 'report'" },
        { "{\"result\":[],\"result\":[]}", "'result' is there twice at line 1, column 14 of 'report'" },
        { "{\"result\":[]} x", "expected the end, found 'x' at line 1, column 15 of 'report'" },
        { "{\"result\":[{\"url\":7}]}", "expected a URL at line 1, column 19 of 'report'" },
        { "{\"result\":[{\"functions\":[{\"ranges\":[]}]}]}",
          "function without ranges at line 1, column 38 of 'report'" },
        { "{\"result\":[{\"functions\":[{\"ranges\":[{\"count\":1}]}]}]}",
          "range without its offsets and count at line 1, column 47 of 'report'" },
        { "{\"result\":[{\"functions\":[{\"ranges\":[" RANGE(5, 4, 1) "]}]}]}",
          "range without its offsets and count at line 1, column 77 of 'report'" },
        { "{\"result\":[{\"functions\":[{\"ranges\":[{\"startOffset\":-1}]}]}]}",
          "expected an offset at line 1, column 52 of 'report'" },
        { "{\"result\":[{\"functions\":[{\"ranges\":[{\"endOffset\":4294967296}]}]}]}",
          "expected an offset at line 1, column 50 of 'report'" },
        { "{\"result\":[{\"functions\":[{\"ranges\":[{\"count\":\"1\"}]}]}]}",
          "expected a count at line 1, column 46 of 'report'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(NULL, cases[i].text, cases[i].message);
    assert_refused(&tm_format_v8, "{\"x\":[{\"scriptId\":\"1\"}]}", "'report' has no 'result'");
}

TM_TESTS(cmocka_unit_test(figures_are_those_of_node), cmocka_unit_test(lines_without_code_are_not_counted),
         cmocka_unit_test(a_line_that_one_process_ran_is_covered),
         cmocka_unit_test(the_innermost_range_decides), cmocka_unit_test(urls_become_paths_or_are_dropped),
         cmocka_unit_test(a_source_that_is_not_what_ran_is_dropped),
         cmocka_unit_test(without_sources_every_script_is_dropped),
         cmocka_unit_test(damage_is_refused_with_its_place), )
