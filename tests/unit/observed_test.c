#include "test.h"

#include "catalog/observed.h"

static const struct {
    const char *what, *frozen, *now, *expected;
    bool exact;
} cases[] = {
    { "nothing changed", "{\"name\": \"a\"}\n", "{\"name\": \"a\"}\n", "{\"name\": \"a\"}\n", true },
    { "a new figure",
      "{\"testing\": {\"coverage_observed\": 36.50, \"observed_at\": \"2025-10-05T11:00:00Z\"}}",
      "{\"testing\": {\"coverage_observed\": 40, \"observed_at\": \"2026-10-05T11:00:00Z\"}}",
      "{\"testing\": {\"coverage_observed\": 36.50, \"observed_at\": \"2025-10-05T11:00:00Z\"}}", true },
    { "the first sweep came after the freeze",
      "{\n  \"name\": \"a\",\n  \"testing\": {\n    \"coverage_target\": 1.00\n  }\n}\n",
      "{\n  \"name\": \"a\",\n  \"testing\": {\n    \"coverage_target\": 1.00,\n    \"coverage_observed\": "
      "40,\n"
      "    \"observed_at\": \"2026-10-05T11:00:00Z\"\n  }\n}\n",
      "{\n  \"name\": \"a\",\n  \"testing\": {\n    \"coverage_target\": 1.00\n  }\n}\n", true },
    { "the first sweep found no section", "{\"name\":\"a\"}",
      "{\"name\":\"a\",\"testing\":{\"coverage_observed\":40,\"observed_at\":\"x\"}}", "{\"name\":\"a\"}",
      true },
    { "the first sweep measured benchmarks before coverage", "{ \"name\": \"a\" }\r\n",
      "{ \"name\": \"a\", \"performance\": { \"observed\": { \"latency_p50_ms\": 1, \"latency_p95_ms\": null "
      "} }, "
      "\"testing\": { \"coverage_observed\": 40 } }\r\n",
      "{ \"name\": \"a\" }\r\n", true },
    { "tabs, CRLF, odd numbers, no final newline",
      "{\r\n\t\"testing\" :\t{ \"coverage_observed\": 1.00 },\r\n\r\n\t\"x\": [1,2 ,3],\"y\":1e2}",
      "{\r\n\t\"testing\" :\t{ \"coverage_observed\": 40 },\r\n\r\n\t\"x\": [1,2 ,3],\"y\":1e2}",
      "{\r\n\t\"testing\" :\t{ \"coverage_observed\": 1.00 },\r\n\r\n\t\"x\": [1,2 ,3],\"y\":1e2}", true },
    { "a figure that was lost", "{\"testing\":{\"coverage_observed\":36.5}}",
      "{\"testing\":{\"coverage_observed\":null}}", "{\"testing\":{\"coverage_observed\":36.5}}", true },
    { "people changed the description",
      "{\"description\": \"old\", \"testing\": {\"coverage_observed\": 36.5}}",
      "{\"description\": \"new\", \"testing\": {\"coverage_observed\": 40.0, \"coverage_target\": 90}}",
      "{\"description\": \"new\", \"testing\": {\"coverage_observed\": 36.5, \"coverage_target\": 90}}",
      false },
    { "people changed and the frozen one had no figure", "{\"name\": \"a\"}",
      "{\"name\": \"b\", \"testing\": {\"coverage_observed\": 40, \"observed_at\": \"x\"}}",
      "{\"name\": \"b\", \"testing\": {\"coverage_observed\": null, \"observed_at\": null}}", false },
    { "people changed white space only", "{\"testing\": {\"coverage_observed\": 36.5}}",
      "{ \"testing\": {\"coverage_observed\": 40}}", "{ \"testing\": {\"coverage_observed\": 36.5}}", false },
    { "people took the section out", "{\"name\": \"a\", \"testing\": {\"coverage_observed\": 36.5}}",
      "{\"name\": \"a\"}", "{\"name\": \"a\", \"testing\": {\"coverage_observed\": 36.5}}", false },
    { "people took one field out", "{\"testing\": {\"coverage_observed\": 36.5, \"observed_at\": \"x\"}}",
      "{\"testing\": {\"observed_at\": \"x\"}}",
      "{\"testing\": {\"observed_at\": \"x\", \"coverage_observed\": 36.5}}", false },
    { "every member of performance.observed counts",
      "{\"performance\": {\"sla_targets\": {\"latency_p95_ms\": 5}, \"observed\": {\"latency_p95_ms\": 4.25, "
      "\"env_fingerprint\": \"abc\"}}}",
      "{\"performance\": {\"sla_targets\": {\"latency_p95_ms\": 6}, \"observed\": {\"latency_p95_ms\": 9, "
      "\"latency_p99_ms\": 11}}}",
      "{\"performance\": {\"sla_targets\": {\"latency_p95_ms\": 6}, \"observed\": {\"latency_p95_ms\": 4.25, "
      "\"latency_p99_ms\": null, \"env_fingerprint\": \"abc\"}}}",
      false },
    { "a null where the section was", "{\"x\": 1, \"testing\": {\"coverage_observed\": 36.5}}",
      "{\"x\": 2, \"testing\": null}", "{\"x\": 2, \"testing\": {\"coverage_observed\": 36.5}}", false },
    { "a section that is no object any more stays people's",
      "{\"testing\": {\"coverage_observed\": 36.5}, \"performance\": {\"observed\": {\"latency_p95_ms\": "
      "4}}}",
      "{\"testing\": \"none\", \"performance\": {\"observed\": {\"latency_p95_ms\": 5}}}",
      "{\"testing\": \"none\", \"performance\": {\"observed\": {\"latency_p95_ms\": 4}}}", false },
    { "observed itself is no object any more", "{\"performance\": {\"observed\": {\"latency_p95_ms\": 4}}}",
      "{\"performance\": {\"observed\": 4}}", "{\"performance\": {\"observed\": 4}}", false },
    { "a section that was no object and is one now", "{\"testing\": \"none\"}",
      "{\"testing\": {\"coverage_observed\": 40}}", "{\"testing\": {\"coverage_observed\": null}}", false },
    { "coverage_observed elsewhere is people's",
      "{\"coverage_observed\": 1, \"a\": {\"testing\": {\"coverage_observed\": 1}}}",
      "{\"coverage_observed\": 2, \"a\": {\"testing\": {\"coverage_observed\": 2}}}",
      "{\"coverage_observed\": 2, \"a\": {\"testing\": {\"coverage_observed\": 2}}}", false },
    { "names with escapes, dots and none",
      "{\"performance\": {\"observed\": {\"a.b\": 1, \"\\u00e9\\n\": 2, \"\": 3}}}",
      "{\"performance\": {\"observed\": {\"a.b\": 4, \"\\u00e9\\n\": 5, \"\": 6}}}",
      "{\"performance\": {\"observed\": {\"a.b\": 1, \"\\u00e9\\n\": 2, \"\": 3}}}", true },
    { "values of any type", "{\"testing\": {\"coverage_observed\": {\"lines\": [1, 2]}}}",
      "{\"testing\": {\"coverage_observed\": 4}}",
      "{\"testing\": {\"coverage_observed\": {\"lines\": [1, 2]}}}", true },
};

static void observed_fields_return_and_nothing_else(void **state)
{
    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        bool exact = !cases[i].exact;

        tm_buf_adds(&out, "what was there");
        if (tm_observed_restore("m.json", tm_str(cases[i].frozen), tm_str(cases[i].now), &out, &exact, &err))
            fail_msg("%s: %s", cases[i].what, tm_err_msg(&err));
        if (strcmp(out.data, cases[i].expected) != 0)
            fail_msg("%s: %s", cases[i].what, out.data);
        if (exact != cases[i].exact)
            fail_msg("%s: exact is %d", cases[i].what, exact);
    }
}

static void restoring_what_was_restored_changes_nothing(void **state)
{
    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        bool exact;

        assert_ok(&err, tm_observed_restore("m.json", tm_str(cases[i].frozen), tm_str(cases[i].expected),
                                            &out, &exact, &err));
        if (strcmp(out.data, cases[i].expected) != 0)
            fail_msg("%s: %s", cases[i].what, out.data);
    }
}

/* More fields than any sweep writes: a manifest made elsewhere may have them. */
static void there_is_no_limit_to_the_fields(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) frozen = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) now = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    bool exact;

    for (int which = 0; which < 2; which++) {
        struct tm_buf *text = which ? &now : &frozen;

        tm_buf_adds(text, "{\"performance\": {\"observed\": {");
        for (int i = 0; i < 300; i++)
            tm_buf_addf(text, "%s\"f%03d\": %d", i ? ", " : "", i, i + which);
        tm_buf_adds(text, "}}}");
    }
    assert_ok(&err, tm_observed_restore("m.json", tm_buf_str(&frozen), tm_buf_str(&now), &out, &exact, &err));
    assert_true(exact);
    assert_string_equal(out.data, frozen.data);
}

static void what_is_no_manifest_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *frozen, *now, *message;
    } refused[] = {
        { "{", "{}", "expected a key in double quotes, found the end at line 1, column 2 of 'm.json'" },
        { "{}", "{\"a\": 1, \"a\": 2}", NULL },
        { "{}", "", NULL },
        { "\xef\xbb\xbf{}", "{}", NULL },
        { "[]", "{\"testing\": {\"coverage_observed\": 1}}", NULL },
        { "{\"testing\": {\"coverage_observed\": 1}}", "[]", NULL },
    };

    for (size_t i = 0; i < TM_LEN(refused); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        bool exact = true;

        tm_buf_adds(&out, "as it was");
        assert_fails(&err, TM_E_FORMAT,
                     tm_observed_restore("m.json", tm_str(refused[i].frozen), tm_str(refused[i].now), &out,
                                         &exact, &err));
        assert_non_null(strstr(err.msg, "line 1, column"));
        assert_non_null(strstr(err.msg, "of 'm.json'"));
        if (refused[i].message)
            assert_string_equal(err.msg, refused[i].message);
        assert_string_equal(out.data, "as it was");
    }
}

#define BOTH(coverage, p95)                                                                                  \
    "{\"testing\": {\"coverage_observed\": " coverage                                                        \
    "}, \"performance\": {\"observed\": {\"latency_p95_ms\": " p95 "}}}"

static void one_group_is_compared_and_taken_without_the_other(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    bool same;

    assert_ok(&err, tm_observed_take("m", TM_STR(BOTH("1", "2")), TM_STR(BOTH("3", "4")),
                                     TM_OBSERVED_COVERAGE, &out, &err));
    assert_string_equal(out.data, BOTH("3", "2"));
    assert_ok(&err, tm_observed_take("m", TM_STR(BOTH("1", "2")), TM_STR(BOTH("3", "4")), TM_OBSERVED_BENCH,
                                     &out, &err));
    assert_string_equal(out.data, BOTH("1", "4"));
    assert_ok(&err, tm_observed_same("m", TM_STR(BOTH("1", "2")), TM_STR(BOTH("1", "4")),
                                     TM_OBSERVED_COVERAGE, &same, &err));
    assert_true(same);
    assert_ok(&err, tm_observed_same("m", TM_STR(BOTH("1", "2")), TM_STR(BOTH("1", "4")), TM_OBSERVED_BENCH,
                                     &same, &err));
    assert_false(same);
    assert_ok(&err,
              tm_observed_same("m", TM_STR("{}"), TM_STR(BOTH("1", "4")), TM_OBSERVED_COVERAGE, &same, &err));
    assert_false(same);
}

TM_TESTS(cmocka_unit_test(observed_fields_return_and_nothing_else),
         cmocka_unit_test(one_group_is_compared_and_taken_without_the_other),
         cmocka_unit_test(restoring_what_was_restored_changes_nothing),
         cmocka_unit_test(there_is_no_limit_to_the_fields),
         cmocka_unit_test(what_is_no_manifest_is_refused_with_its_place))
