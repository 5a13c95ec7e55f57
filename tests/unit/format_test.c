#include "coverage/sniff.h"
#include "report.h"

static void formats_are_found_by_name(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) names = TM_BUF_INIT;

    assert_ptr_equal(tm_format_find(TM_STR("lcov")), &tm_format_lcov);
    assert_null(tm_format_find(TM_STR("LCOV")));
    assert_null(tm_format_find(TM_STR("")));
    tm_format_add_names(&names);
    assert_non_null(strstr(names.data, "lcov, "));
    for (size_t i = 0; tm_formats[i]; i++)
        assert_ptr_equal(tm_format_find(tm_str(tm_formats[i]->name)), tm_formats[i]);
}

#define UNREAD(what) "'report' looks like " what ", which is not read; known formats: %s"

static void what_is_no_report_is_named_when_it_is_known(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) names = TM_BUF_INIT;
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "'report' is empty" },
        { " \n\t\n", "'report' is empty" },
        { "hello", "'report' is no coverage report of a known format (%s), give --as" },
        { "<?xml version='1.0'?>\n<!-- x --><testsuites tests='1'/>", UNREAD("a JUnit XML test report") },
        { "<coverage/>", UNREAD("XML") },
        { "<!DOCTYPE html>\n<html lang='en'>", UNREAD("an HTML page") },
        { "<!doctype html>", UNREAD("an HTML page") },
        { "TAP version 13\nok 1\n1..1\n", UNREAD("a TAP test report") },
        { "\x1f\x8b\x07", UNREAD("a gzip file") },
        { "{}", "'report' is no coverage report of a known format (%s), give --as" },
        { "{\"coverage\":{\"a.rb\":{\"lines\":[1]}}}",
          UNREAD("a coverage.json of SimpleCov (its .resultset.json is read)") },
        { "{\"total\":{\"lines\":{\"pct\":1},\"statements\":{\"total\":2,\"pct\":1}}}",
          UNREAD("a coverage-summary.json of Istanbul (its coverage-final.json is read)") },
        { "{\"result\":{\"line\":90.4}}",
          UNREAD("a .last_run.json of SimpleCov (its .resultset.json is read)") },
        { "{\"coverage\":{\"a.js\":{\"1\":1,\"2\":\"1/2\"}}}",
          UNREAD("coverage for Codecov (LCOV or Cobertura of the same tool is read)") },
        { "{\"coverage\":{\"a.js\":[null,1]}}",
          UNREAD("coverage for Codecov (LCOV or Cobertura of the same tool is read)") },
        { "{\"files\":[{\"name\":\"R/a.R\",\"coverage\":[null,1]}],\"uploader\":\"R\"}",
          UNREAD("coverage for Codecov (LCOV or Cobertura of the same tool is read)") },
        { "{\"tests\":{},\"coverage\":{\"sloc\":1,\"files\":[{\"filename\":\"a.js\"}]}}",
          UNREAD("JSON of lab (its lcov is read)") },
        { "{\"url\":\"file:///a.ts\",\"functions\":[{\"functionName\":\"\",\"ranges\":[]}]}",
          UNREAD("raw data of Deno (LCOV of 'deno coverage --lcov' is read)") },
        { "{\"children\":{\"a.c\":{\"coverage\":[-1,1],\"name\":\"a.c\"}},\"name\":\"\"}",
          UNREAD("covdir of grcov (its lcov and cobertura are read)") },
        { "{\"fileReports\":[{\"filename\":\"a.js\",\"coverage\":{\"1\":1}}]}",
          UNREAD("coverage for Codacy (LCOV or Cobertura of the same tool is read)") },
        { "{\"type\":\"v8\",\"reportPath\":\"r\",\"summary\":{\"statements\":{\"pct\":1}},\"files\":[]}",
          UNREAD("a coverage-report.json of monocart-coverage-reports (its json and lcovonly are read)") },
        { "{\"type\":\"v8\",\"data\":[{\"functions\":[{\"functionName\":\"\",\"ranges\":[]}]}]}",
          UNREAD("raw data of monocart-coverage-reports (its json and lcovonly are read)") },
        { "{\"files\": [{\"file\": \"a.c\", \"lines\": []}], \"gcovr/format_version\": \"0.5\"}",
          UNREAD("JSON of gcovr (its --cobertura, --lcov and --sonarqube are read)") },
        { "<?xml version='1.0'?><phpunit xmlns='https://schema.phpunit.de/coverage/1.0'/>",
          UNREAD("PHPUnit's XML coverage (its --coverage-clover is read)") },
        { "<phpunit bootstrap='a.php'/>", UNREAD("XML") },
        { "<coverage version='0.3'><assembly name='a'/><class name='A'/>",
          UNREAD("coverage of Mono's profiler (use AltCover, whose OpenCover XML is read)") },
        { "<crap_result/>", UNREAD("a Crap4J report (PHPUnit's --coverage-clover is read)") },
        { "<?php\nreturn unserialize('O:43:SebastianBergmann\\CodeCoverage\\CodeCoverage');",
          UNREAD("PHPUnit's own data (its --coverage-clover is read)") },
        { "[1]", UNREAD("JSON") },
        { "[{\"url\":\"http://x/a.js\",\"ranges\":[{\"start\":0,\"end\":9}],\"text\":\"\"}]",
          UNREAD("coverage of scripts in a browser (make Istanbul's JSON of it, with v8-to-istanbul)") },
        { "[{\"url\":\"http://x/a.js\",\"functions\":[{\"functionName\":\"\",\"ranges\":[]}]}]",
          UNREAD("coverage of scripts in a browser (make Istanbul's JSON of it, with v8-to-istanbul)") },
        { "\xff\xfeS:", "'report' is UTF-16 text, save it as UTF-8" },
        { "\xfe\xff{}", "'report' is UTF-16 text, save it as UTF-8" },
    };

    tm_format_add_names(&names);
    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
        const char *rest = strstr(cases[i].message, "%s");

        tm_buf_add_str(&message, tm_str_n(cases[i].message, rest ? (size_t)(rest - cases[i].message)
                                                                 : strlen(cases[i].message)));
        tm_buf_adds(&message, rest ? names.data : "");
        tm_buf_adds(&message, rest ? rest + 2 : "");
        assert_refused(NULL, cases[i].text, message.data);
    }
}

static void what_may_be_of_two_formats_needs_to_be_told(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    const char *text = "{\"source_files\":{\"statementMap\":{},\"s\":{}}}";

    assert_refused(NULL, text, "'report' may be coveralls or istanbul, give --as");
    assert_ok(&err, read_text(&tm_format_istanbul, tm_str(text), &report, &err));
    assert_non_null(tm_report_find(&report, TM_STR("source_files")));
}

/* Names, sources and texts that hold the words of other formats. */
static void json_is_found_by_its_members_and_not_by_its_texts(void **state)
{
    static const struct {
        const char *text;
        const struct tm_format *format;
    } cases[] = {
        { "{\"repo_token\":\"\\\"result\\\": "
          "\\\"statementMap\\\"\",\"git\":{\"result\":[]},\"source_files\":[]}",
          &tm_format_coveralls },
        { "{\"timestamp\":1,\"result\":[{\"url\":\"file:///executed_lines\"}]}", &tm_format_v8 },
        { "{\"a.js\":{\"hash\":\"isExecutable\",\"b\":{},\"fnMap\":{}}}", &tm_format_istanbul },
        { "{\"source_files\":{\"data\":{\"statementMap\":{}}},\"x\":{}}", NULL },
        { "{\"totals\":{},\"files\":{\"statementMap\":{\"missing_lines\":[]}}}", NULL },
        { "{\"totals\":{},\"files\":{\"a.py\":{\"missing_lines\":[]}}}", &tm_format_coveragepy },
        { "{\"files\":{},\"meta\":{\"branch_coverage\":true}}", &tm_format_coveragepy },
        { "{\"cucumber\":{\"timestamp\":1,\"coverage\":{\"files\":[null]}}}", &tm_format_simplecov },
        { "{\"cucumber\":{\"timestamp\":1,\"coverage\":{}}}", &tm_format_simplecov },
        { "{\"x\":{\"coverage\":{}}}", NULL },
        { "{\"a.dll\":{\"a.cs\":{\"A\":{\"f\":{\"Branches\":[],\"Lines\":{}}}}}}", &tm_format_coverlet },
        { "{\"files\":[{\"lines\":[{\"unexecuted_block\":false}]}]}", &tm_format_gcov },
        { "{\"tidemark-coverage/a.js\":{\"statementMap\":{}}}", &tm_format_istanbul },
        { "{\"gcc_version\":{\"statementMap\":{}}}", NULL },
        { "{\"data\":[{\"files\":[]}]}", &tm_format_llvm_cov },
        { "{\"data\":[{\"functions\":[{\"count\":1,\"filenames\":[]}]}]}", &tm_format_llvm_cov },
        { "{\"data\":[{\"functions\":[{\"functionName\":\"\",\"ranges\":[]}]}]}", NULL },
        { "{\"result\":{\"line\":1}}", NULL },
        { "{\"data\":[],\"type\":\"llvm.coverage.json.export\"}", &tm_format_llvm_cov },
        { "{\"a.js\":{\"data\":{\"fnMap\":{},\"statementMap\":{\"files\":\"segments\"}}}}",
          &tm_format_istanbul },
        { "{\"targets\":[{\"line\":1,\"isExecutable\":true}]}", &tm_format_xccov },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        if (tm_format_detect(tm_str(cases[i].text)) != cases[i].format)
            fail_msg("case %zu: %s", i, cases[i].text);
}

static void a_report_of_another_format_than_asked_for_is_named(void **state)
{
    assert_refused(&tm_format_cobertura, "SF:a\nend_of_record\n",
                   "'report' is not cobertura, it looks like lcov");
    assert_refused(&tm_format_lcov, "<coverage><packages/></coverage>",
                   "'report' is not lcov, it looks like cobertura");
    assert_refused(&tm_format_v8, "TAP version 13\n", "'report' is not v8, it looks like a TAP test report");
    assert_refused(&tm_format_lcov, "{\"result\":[]}", "'report' is not lcov, it looks like v8");
    assert_refused(&tm_format_lcov, "", "'report' is empty");
    assert_refused(&tm_format_lcov, "hello", "invalid record 'hello' at line 1 of 'report'");
}

static void a_failed_report_leaves_what_was_read_before(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(NULL, TM_STR("SF:a\nDA:1,1\nend_of_record\n"), &report, &err));
    assert_fails(&err, TM_E_FORMAT, read_text(NULL, TM_STR("SF:a\nDA:1,5\nDA:2,1\n"), &report, &err));
    assert_fails(&err, TM_E_NOT_FOUND, tm_report_read_file("no/such/report", NULL, &report, &err));
    assert_int_equal(hits_of(&report, "a", 1), 1);
    assert_int_equal(report.n_lines, 1);
    assert_ok(&err, read_text(NULL, TM_STR("SF:a\nDA:1,5\nDA:2,0\nend_of_record\n"), &report, &err));
    assert_int_equal(hits_of(&report, "a", 1), 6);
    assert_int_equal(report.n_lines, 2);
}

static void json_is_told_apart_by_its_shape(void **state)
{
    static const char *const paths[] = { "a/b", "*/c/[]/d", "[]/e", "f/[]/[]", NULL };
    static const struct {
        const char *text;
        bool found;
    } cases[] = {
        { "{\"a\":{\"b\":1}}", true },
        { "\n {\"z\":[{\"a\":{\"b\":1}}],\"a\":{\"x\":{},\"b", false },
        { "\n {\"z\":[{\"a\":{\"b\":1}}],\"a\":{\"x\":{},\"b\":", true },
        { "{\"b\":{\"a\":1}}", false },
        { "{\"a\":{\"x\":{\"b\":1}}}", false },
        { "{\"a\":\"b\",\"b\":1}", false },
        { "{\"a\":{\"x\":1},\"y\":{\"b\":1}}", false },
        { "{\"x\":{\"c\":[1,{\"y\":2},{\"d\":0}]}}", true },
        { "{\"x\":{\"c\":{\"d\":0}}}", false },
        { "{\"x\":{\"c\":[[{\"d\":0}]]}}", false },
        { "{\"x\":[{\"c\":[{\"d\":0}]}]}", false },
        { "[{\"e\":1}]", true },
        { "{\"f\":[1,[],[2]]}", true },
        { "{\"f\":[1,[]],\"g\":[[1]]}", false },
        { "{\"x\":1,} {\"a\":{\"b\":1}}", false },
        { "{\"a\":{\"b", false },
        { "a {\"a\":{\"b\":1}}", false },
        { "", false },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        if (tm_sniff_json(tm_str(cases[i].text), paths) != cases[i].found)
            fail_msg("case %zu: %s", i, cases[i].text);
}

static void the_root_of_a_document_is_found_behind_its_prolog(void **state)
{
    static const struct {
        const char *text, *root;
    } cases[] = {
        { "<a b='c'>", "a b='c'" },
        { "<?xml?><!-- <x> --><!DOCTYPE a SYSTEM 'a'>\n<a/>", "a/" },
        { "<!DOCTYPE a [<!ENTITY b 'c'> <!ENTITY d 'e'>]><a>", "a" },
        { "<a", "a" },
        { "<!-- ", "" },
        { "a", "" },
        { "", "" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_str root = tm_sniff_root(tm_str(cases[i].text));

        assert_true(tm_str_is(root, cases[i].root));
    }
}

TM_TESTS(cmocka_unit_test(formats_are_found_by_name), cmocka_unit_test(json_is_told_apart_by_its_shape),
         cmocka_unit_test(what_is_no_report_is_named_when_it_is_known),
         cmocka_unit_test(what_may_be_of_two_formats_needs_to_be_told),
         cmocka_unit_test(json_is_found_by_its_members_and_not_by_its_texts),
         cmocka_unit_test(a_report_of_another_format_than_asked_for_is_named),
         cmocka_unit_test(a_failed_report_leaves_what_was_read_before),
         cmocka_unit_test(the_root_of_a_document_is_found_behind_its_prolog))
