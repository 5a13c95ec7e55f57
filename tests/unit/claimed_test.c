/* Claims of manifests against single entries; figures by hand: 365 of 1000 lines are 36.50 %. */
#include "consistency/claimed.h"
#include "ledger/adopted.h"
#include "test.h"

#define AT "2026-01-01T10:00:00Z"
enum { AT_S = 1767261600 }; /* date -ud 2026-01-01T10:00:00Z +%s */

#define COVERAGE(members) "{\"testing\":{" members "}}"
#define BENCH(members)    "{\"performance\":{\"observed\":{" members "}}}"
#define BENCH_BODY                                                                                           \
    "{\"evidence\":\"measured\",\"benchmark\":\"b\",\"slowest\":true,\"samples\":30,\"p50_ns\":1500000,"     \
    "\"p95_ns\":2250000,\"env\":\"0123456789abcdef\",\"dirty\":false}"
#define BENCH_FIGURES                                                                                        \
    "\"latency_p50_ms\":1.5,\"latency_p95_ms\":2.25,\"env_fingerprint\":\"0123456789abcdef\","               \
    "\"observed_at\":\"" AT "\""

static const struct {
    const char *what, *manifest;
    unsigned group;
    const char *body; /* of an entry at AT; an unchained line when it has a member "module" */
    enum tm_backing expected;
} cases[] = {
    { "the figure and the time", COVERAGE("\"coverage_observed\":36.5,\"observed_at\":\"" AT "\""),
      TM_OBSERVED_COVERAGE,
      "{\"evidence\":\"measured\",\"lines_covered\":365,\"lines_valid\":1000,\"dirty\":false}",
      TM_BACKED_FIGURES },
    { "the time in another zone",
      COVERAGE("\"coverage_observed\":36.50,\"observed_at\":\"2026-01-01T12:00:00+02:00\""),
      TM_OBSERVED_COVERAGE,
      "{\"evidence\":\"measured\",\"lines_covered\":365,\"lines_valid\":1000,\"dirty\":false}",
      TM_BACKED_FIGURES },
    { "another figure", COVERAGE("\"coverage_observed\":36.51,\"observed_at\":\"" AT "\""),
      TM_OBSERVED_COVERAGE,
      "{\"evidence\":\"measured\",\"lines_covered\":365,\"lines_valid\":1000,\"dirty\":false}",
      TM_BACKED_SILENT },
    { "another time", COVERAGE("\"coverage_observed\":36.5,\"observed_at\":\"2026-01-01T10:00:01Z\""),
      TM_OBSERVED_COVERAGE,
      "{\"evidence\":\"measured\",\"lines_covered\":365,\"lines_valid\":1000,\"dirty\":false}",
      TM_BACKED_SILENT },
    { "no time", COVERAGE("\"coverage_observed\":36.5"), TM_OBSERVED_COVERAGE,
      "{\"evidence\":\"measured\",\"lines_covered\":365,\"lines_valid\":1000,\"dirty\":false}",
      TM_BACKED_SILENT },
    { "a figure that is a text", COVERAGE("\"coverage_observed\":\"36.5\",\"observed_at\":\"" AT "\""),
      TM_OBSERVED_COVERAGE,
      "{\"evidence\":\"measured\",\"lines_covered\":365,\"lines_valid\":1000,\"dirty\":false}",
      TM_BACKED_SILENT },
    { "no figure where none was measured", COVERAGE("\"coverage_observed\":null,\"observed_at\":\"" AT "\""),
      TM_OBSERVED_COVERAGE, "{\"evidence\":\"failed\",\"exit_status\":1,\"dirty\":false}",
      TM_BACKED_FIGURES },
    { "a figure where none was measured", COVERAGE("\"coverage_observed\":0,\"observed_at\":\"" AT "\""),
      TM_OBSERVED_COVERAGE, "{\"evidence\":\"failed\",\"exit_status\":1,\"dirty\":false}", TM_BACKED_SILENT },
    { "no figure where one was measured", COVERAGE("\"observed_at\":\"" AT "\""), TM_OBSERVED_COVERAGE,
      "{\"evidence\":\"measured\",\"lines_covered\":365,\"lines_valid\":1000,\"dirty\":false}",
      TM_BACKED_SILENT },
    { "latencies", BENCH(BENCH_FIGURES), TM_OBSERVED_BENCH, BENCH_BODY, TM_BACKED_FIGURES },
    { "a percentile too many", BENCH(BENCH_FIGURES ",\"latency_p99_ms\":3"), TM_OBSERVED_BENCH, BENCH_BODY,
      TM_BACKED_SILENT },
    { "a percentile too few",
      BENCH("\"latency_p50_ms\":1.5,\"env_fingerprint\":\"0123456789abcdef\",\"observed_at\":\"" AT "\""),
      TM_OBSERVED_BENCH, BENCH_BODY, TM_BACKED_SILENT },
    { "another machine",
      BENCH("\"latency_p50_ms\":1.5,\"latency_p95_ms\":2.25,\"env_fingerprint\":\"0\",\"observed_at\":\"" AT
            "\""),
      TM_OBSERVED_BENCH, BENCH_BODY, TM_BACKED_SILENT },
    { "not the slowest", BENCH(BENCH_FIGURES), TM_OBSERVED_BENCH,
      "{\"evidence\":\"measured\",\"benchmark\":\"b\",\"slowest\":false,\"samples\":30,\"p50_ns\":1500000,"
      "\"p95_ns\":2250000,\"env\":\"0123456789abcdef\",\"dirty\":false}",
      TM_BACKED_SILENT },
    { "no benchmarks any more",
      BENCH("\"latency_p50_ms\":null,\"latency_p95_ms\":null,\"env_fingerprint\":\"0\",\"observed_at\":\"" AT
            "\""),
      TM_OBSERVED_BENCH, "{\"evidence\":\"skipped\",\"reason\":\"none\",\"dirty\":false}",
      TM_BACKED_FIGURES },
    { "an unchained figure", COVERAGE("\"coverage_observed\":36.5,\"observed_at\":\"whenever\""),
      TM_OBSERVED_COVERAGE, "{\"module\":\"m\",\"ts\":\"" AT "\",\"coverage\":36.50}", TM_BACKED_TIME },
    { "an unchained figure a minute later", COVERAGE("\"coverage_observed\":36.5"), TM_OBSERVED_COVERAGE,
      "{\"module\":\"m\",\"ts\":\"2026-01-01T10:01:00Z\",\"coverage\":36.50}", TM_BACKED_TIME },
    { "... and a second", COVERAGE("\"coverage_observed\":36.5"), TM_OBSERVED_COVERAGE,
      "{\"module\":\"m\",\"ts\":\"2026-01-01T10:01:01Z\",\"coverage\":36.50}", TM_BACKED_SILENT },
    { "an unchained figure a minute before", COVERAGE("\"coverage_observed\":36.5"), TM_OBSERVED_COVERAGE,
      "{\"module\":\"m\",\"ts\":\"2026-01-01T09:59:00Z\",\"coverage\":36.50}", TM_BACKED_TIME },
    { "... and a second", COVERAGE("\"coverage_observed\":36.5"), TM_OBSERVED_COVERAGE,
      "{\"module\":\"m\",\"ts\":\"2026-01-01T09:58:59Z\",\"coverage\":36.50}", TM_BACKED_SILENT },
    { "an unchained line without a time", COVERAGE("\"coverage_observed\":36.5"), TM_OBSERVED_COVERAGE,
      "{\"module\":\"m\",\"coverage\":36.50}", TM_BACKED_SILENT },
    { "another unchained figure", COVERAGE("\"coverage_observed\":36.6"), TM_OBSERVED_COVERAGE,
      "{\"module\":\"m\",\"ts\":\"" AT "\",\"coverage\":36.50}", TM_BACKED_SILENT },
    { "an unchained latency", BENCH("\"latency_p95_ms\":2.25,\"machine\":\"x\""), TM_OBSERVED_BENCH,
      "{\"module\":\"m\",\"ts\":\"" AT "\",\"p50_ms\":1,\"p95_ms\":2.250}", TM_BACKED_TIME },
    { "unchained latencies that have nothing in common", BENCH("\"latency_p99_ms\":2.25"), TM_OBSERVED_BENCH,
      "{\"module\":\"m\",\"ts\":\"" AT "\",\"p50_ms\":1,\"p95_ms\":2.250}", TM_BACKED_SILENT },
    { "another unchained latency", BENCH("\"latency_p50_ms\":1,\"latency_p95_ms\":2.26"), TM_OBSERVED_BENCH,
      "{\"module\":\"m\",\"ts\":\"" AT "\",\"p50_ms\":1,\"p95_ms\":2.250}", TM_BACKED_SILENT },
};

static void an_entry_backs_its_own_figures(void **state)
{
    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_observed_fields TM_CLEANUP(tm_observed_fields_release) fields = TM_OBSERVED_FIELDS_INIT;
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_claimed claimed = { &fields, cases[i].group, AT_S, TM_TOLERANCE_S };
        struct tm_ledger_entry entry = {
            .ts_s = AT_S,
            .kind = cases[i].group == TM_OBSERVED_BENCH ? TM_STR("bench") : TM_STR("coverage"),
            .module = TM_STR("m"),
            .body = tm_str(cases[i].body),
        };
        enum tm_backing got;

        if (strstr(cases[i].body, "\"module\""))
            assert_true(tm_adopted_parse(tm_str(cases[i].body), &arena, &entry));
        assert_ok(&err,
                  tm_observed_fields_find(&fields, "m", tm_str(cases[i].manifest), TM_OBSERVED_ALL, &err));
        got = tm_claimed_by(&claimed, &entry);
        if (got != cases[i].expected)
            fail_msg("%s (%zu): %s", cases[i].what, i, tm_backing_name(got));
    }
}

static const struct {
    const char *a, *b;
    bool same;
} values[] = {
    { "36.50", "36.5", true },
    { "36.5", "3.65e1", true },
    { "36.5", "36.51", false },
    { "null", "null", true },
    { "null", "0", false },
    { "\"\\u0041\"", "\"A\"", true },
    { "\"A\"", "\"a\"", false },
    { "1", "\"1\"", false },
    { "true", "true", true },
    { "true", "false", false },
    { "[1,2.0]", "[ 1, 2 ]", true },
    { "[1,2]", "[1]", false },
    { "[]", "{}", false },
    { "{\"a\":{\"b\":1}}", "{ \"a\": { \"b\": 1.0 } }", true },
    { "{\"a\":1}", "{\"b\":1}", false },
    { "123456789012345678901234567890", "123456789012345678901234567890",
      true }, /* beyond what is computed with */
    { "123456789012345678901234567890", "123456789012345678901234567891", false },
};

static void values_are_compared_and_not_spellings(void **state)
{
    for (size_t i = 0; i < TM_LEN(values); i++) {
        struct tm_json_doc TM_CLEANUP(tm_json_doc_release) a = TM_JSON_DOC_INIT;
        struct tm_json_doc TM_CLEANUP(tm_json_doc_release) b = TM_JSON_DOC_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, tm_json_doc_parse(&a, "a", tm_str(values[i].a), &err));
        assert_ok(&err, tm_json_doc_parse(&b, "b", tm_str(values[i].b), &err));
        if (tm_observed_same_value(a.root, b.root) != values[i].same ||
            tm_observed_same_value(b.root, a.root) != values[i].same)
            fail_msg("%s and %s", values[i].a, values[i].b);
        assert_int_equal(tm_observed_same_value(a.root, NULL), a.root->kind == TM_JSON_KIND_NULL);
    }
    assert_true(tm_observed_same_value(NULL, NULL));
}

static void the_fields_are_found_where_they_stand(void **state)
{
    static const char manifest[] =
        "{\"performance\":{\"observed\":{\"x\":1,\"a\\u0000b\":2,\"observed_at\":3}},\"coverage_observed\":4,"
        "\"testing\":{\"observed_at\":5,\"coverage_target\":6,\"coverage_observed\":7}}";
    struct tm_observed_fields TM_CLEANUP(tm_observed_fields_release) fields = TM_OBSERVED_FIELDS_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_observed_fields_find(&fields, "m", tm_str(manifest), TM_OBSERVED_ALL, &err));
    for (size_t i = 0; i < fields.n; i++) {
        const struct tm_observed_field *field = &fields.items[i];

        tm_buf_addf(&got, "%s %s=%.*s ", field->group == TM_OBSERVED_BENCH ? "b" : "c",
                    field->path[2] ? field->path[2] : field->path[1], TM_STR_ARG(field->node->text));
        assert_ptr_equal(tm_observed_fields_get(&fields, field->path), field);
        assert_int_equal(tm_claimed_is_known(field),
                         strcmp(field->path[1], "observed") != 0 || field->path[2][0] == 'o');
    }
    assert_string_equal(got.data, "b x=1 b observed_at=3 c observed_at=5 c coverage_observed=7 ");
    assert_null(
        tm_observed_fields_get(&fields, (const char *const[]) { "performance", "observed", "y", NULL }));
    tm_observed_fields_release(&fields);
    assert_ok(&err, tm_observed_fields_find(&fields, "m", TM_STR("{\"performance\":{\"observed\":[1]}}"),
                                            TM_OBSERVED_ALL, &err));
    assert_int_equal(fields.n, 0);
    tm_observed_fields_release(&fields);
    assert_fails(&err, TM_E_FORMAT,
                 tm_observed_fields_find(&fields, "m", TM_STR("{"), TM_OBSERVED_ALL, &err));
}

TM_TESTS(cmocka_unit_test(an_entry_backs_its_own_figures),
         cmocka_unit_test(values_are_compared_and_not_spellings),
         cmocka_unit_test(the_fields_are_found_where_they_stand))
