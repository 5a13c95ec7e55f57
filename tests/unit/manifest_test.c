#include "test.h"

#include "catalog/manifest.h"

/* Parses json; the manifest's texts live in *arena. */
static enum tm_code parse(struct tm_manifest *manifest, struct tm_arena *arena, const char *json,
                          struct tm_err *err)
{
    return tm_manifest_parse(manifest, arena, "m/module.manifest.json", tm_str(json), err);
}

static void an_empty_object_is_a_manifest(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_manifest m;

    assert_ok(&err, parse(&m, &arena, "{}", &err));
    assert_int_equal(m.name.len, 0);
    assert_int_equal(m.description.len, 0);
    assert_int_equal(m.status.len, 0);
    assert_int_equal(m.n_tags + m.n_apis + m.n_owners, 0);
    assert_int_equal(m.lane, 2);
    assert_false(m.has_coverage_target || m.has_sla_p95 || m.claims_coverage);
    assert_int_equal(tm_ratio_cmp(tm_manifest_target(&m), (struct tm_ratio) { 80, 100 }), 0);
}

static void every_known_field_is_read(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_manifest m;

    assert_ok(&err, parse(&m, &arena,
                          "{\"name\": \"ident\\u0069ty\", \"module\": 5, \"description\": \"Who\\nis who\","
                          " \"status\": \"production\", \"tags\": [\"auth\", \"lane:L4\", \"lane:L4\"],"
                          " \"apis\": [\"sign_in\", {\"name\": \"sign_out\", \"description\": \"Ends it.\"}],"
                          " \"ownership\": {\"codeowners\": [\"@a\", \"@b\"]}, \"owners\": 3,"
                          " \"testing\": {\"coverage_target\": 72.5, \"coverage_observed\": 36.50},"
                          " \"performance\": {\"sla_targets\": {\"latency_p95_ms\": 12.5}, \"observed\": {}},"
                          " \"unknown\": {\"kept\": [1, 2]}}",
                          &err));
    assert_string_equal(m.name.data, "identity");
    assert_string_equal(m.description.data, "Who\nis who");
    assert_string_equal(m.status.data, "production");
    assert_int_equal(m.n_tags, 3);
    assert_string_equal(m.tags[1].data, "lane:L4");
    assert_int_equal(m.lane, 4);
    assert_int_equal(m.n_apis, 2);
    assert_string_equal(m.apis[0].name.data, "sign_in");
    assert_string_equal(m.apis[0].description.data, "");
    assert_string_equal(m.apis[1].name.data, "sign_out");
    assert_string_equal(m.apis[1].description.data, "Ends it.");
    assert_int_equal(m.n_owners, 2);
    assert_string_equal(m.owners[1].data, "@b");
    assert_true(m.has_coverage_target);
    assert_int_equal(tm_ratio_cmp(tm_manifest_target(&m), (struct tm_ratio) { 725, 1000 }), 0);
    assert_true(m.has_sla_p95);
    assert_int_equal(m.sla_p95_ns, 12500000);
    assert_true(m.claims_coverage);
}

static void other_spellings_of_fields_are_read(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_manifest m;

    assert_ok(&err, parse(&m, &arena,
                          "{\"name\": null, \"module\": \"memory\", \"tags\": null,"
                          " \"apis\": {\"store\": \"Keeps it.\", \"load\": {\"description\": \"Gets it.\"},"
                          " \"drop\": 1}, \"owners\": \"@mem\", \"testing\": {\"coverage_observed\": null}}",
                          &err));
    assert_string_equal(m.name.data, "memory");
    assert_int_equal(m.n_apis, 3);
    assert_string_equal(m.apis[0].name.data, "store");
    assert_string_equal(m.apis[0].description.data, "Keeps it.");
    assert_string_equal(m.apis[1].description.data, "Gets it.");
    assert_string_equal(m.apis[2].name.data, "drop");
    assert_int_equal(m.n_owners, 1);
    assert_string_equal(m.owners[0].data, "@mem");
    assert_false(m.claims_coverage);
}

static void each_lane_has_its_coverage_target(void **state)
{
    /* design.md 2: 70, 75, 80, 85, 90, 90 */
    static const uint64_t percent[] = { 70, 75, 80, 85, 90, 90 };

    for (unsigned lane = 0; lane < TM_LEN(percent); lane++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) json = TM_BUF_INIT;
        struct tm_manifest m;

        tm_buf_addf(&json, "{\"tags\":[\"lane:L%u\"]}", lane);
        assert_ok(&err, parse(&m, &arena, json.data, &err));
        assert_int_equal(m.lane, lane);
        assert_int_equal(tm_ratio_cmp(tm_manifest_target(&m), (struct tm_ratio) { percent[lane], 100 }), 0);
    }
}

static void numbers_are_read_exactly(void **state)
{
    static const struct {
        const char *target, *sla;
        struct tm_ratio ratio;
        int64_t ns;
    } cases[] = {
        { "0", "0.000001", { 0, 1 }, 1 },
        { "100", "1e3", { 1, 1 }, 1000000000 },
        { "33.333333333333", "0.0000025", { 33333333333333, 100000000000000 }, 2 }, /* half to even */
        { "1e1", "0.0000035", { 10, 100 }, 4 },
        { "99.99", "8999999999999", { 9999, 10000 }, 8999999999999000000 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) json = TM_BUF_INIT;
        struct tm_manifest m;

        tm_buf_addf(&json,
                    "{\"testing\":{\"coverage_target\":%s},"
                    "\"performance\":{\"sla_targets\":{\"latency_p95_ms\":%s}}}",
                    cases[i].target, cases[i].sla);
        assert_ok(&err, parse(&m, &arena, json.data, &err));
        assert_int_equal(tm_ratio_cmp(m.coverage_target, cases[i].ratio), 0);
        assert_int_equal(m.sla_p95_ns, cases[i].ns);
    }
}

static void damage_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *json, *message;
    } cases[] = {
        { "[]", "a manifest must be an object at line 1, column 1" },
        { "{\n \"name\": 7}", "'name' must be a text at line 2, column 10" },
        { "{\"name\": \"\"}", "'name' is empty at line 1, column 10" },
        { "{\"name\": \"a\\u0000b\"}", "control character" },
        { "{\"name\": \"a\\u0085b\"}", "control character" },
        { "{\"name\": \"a\\u007fb\"}", "control character" },
        { "{\"module\": {}}", "'module' must be a text" },
        { "{\"description\": []}", "'description' must be a text" },
        { "{\"status\": true}", "'status' must be a text" },
        { "{\"tags\": \"x\"}", "'tags' must be an array of texts" },
        { "{\"tags\": [\"a\", 1]}", "'tags' must hold texts only at line 1, column 16" },
        { "{\"tags\": [\"lane:L6\"]}", "unknown lane 'lane:L6', use lane:L0 to lane:L5" },
        { "{\"tags\": [\"lane:l2\"]}", "unknown lane 'lane:l2'" },
        { "{\"tags\": [\"lane:L22\"]}", "unknown lane 'lane:L22'" },
        { "{\"tags\": [\"lane:L1\", \"lane:L2\"]}", "second lane 'lane:L2', the first is lane:L1" },
        { "{\"apis\": 1}", "'apis' must be an array or an object" },
        { "{\"apis\": [{}]}", "an entry of 'apis' must be a text or have a 'name'" },
        { "{\"apis\": [{\"name\": 1}]}", "'apis[].name' must be a text" },
        { "{\"apis\": {\"a\": {\"description\": 1}}}", "'apis[].description' must be a text" },
        { "{\"ownership\": []}", "'ownership' must be an object" },
        { "{\"ownership\": {\"codeowners\": 1}}",
          "'ownership.codeowners' must be a text or an array of texts" },
        { "{\"owners\": [null]}", "'owners' must hold texts only" },
        { "{\"testing\": 1}", "'testing' must be an object" },
        { "{\"testing\": {\"coverage_target\": \"85\"}}", "'testing.coverage_target' must be a number" },
        { "{\"testing\": {\"coverage_target\": -1}}", "not negative" },
        { "{\"testing\": {\"coverage_target\": 100.01}}", "must be a percentage from 0 to 100" },
        { "{\"testing\": {\"coverage_target\": 1e-18}}", "must be a percentage" },
        { "{\"testing\": {\"coverage_target\": 1.234567890123456789}}", "at most 18 digits" },
        { "{\"testing\": {\"coverage_observed\": \"36\"}}",
          "'testing.coverage_observed' must be a number or null" },
        { "{\"performance\": {\"sla_targets\": 1}}", "'performance.sla_targets' must be an object" },
        { "{\"performance\": {\"observed\": 1}}", "'performance.observed' must be an object" },
        { "{\"performance\": {\"sla_targets\": {\"latency_p95_ms\": 0}}}", "at least a nanosecond" },
        { "{\"performance\": {\"sla_targets\": {\"latency_p95_ms\": 0.0000001}}}", "at least a nanosecond" },
        { "{\"performance\": {\"sla_targets\": {\"latency_p95_ms\": 9e12}}}", "below 9,000,000,000,000" },
        { "{\"name\": \"a\", \"name\": \"b\"}", "key 'name'" },
        { "{\"name\": \"a\",}", "line 1, column" },
        { "\xEF\xBB\xBF{}", "byte order mark" },
        { "", "line 1, column 1" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_manifest m = { .lane = 77 };

        assert_fails(&err, TM_E_FORMAT, parse(&m, &arena, cases[i].json, &err));
        if (!strstr(err.msg, cases[i].message) || !strstr(err.msg, "of 'm/module.manifest.json'"))
            fail_msg("'%s' is not in '%s'", cases[i].message, err.msg);
        assert_int_equal(m.lane, 77);
    }
}

/* A manifest whose name, or whose whole, has the given size. */
static void add_sized(struct tm_buf *json, size_t name_len, size_t len)
{
    tm_buf_adds(json, "{\"name\":\"");
    for (size_t i = 0; i < name_len; i++)
        tm_buf_addc(json, 'n');
    tm_buf_adds(json, "\"");
    while (json->len + 1 < len)
        tm_buf_addc(json, ' ');
    tm_buf_addc(json, '}');
}

static void limits_hold_at_the_limit_and_one_past_it(void **state)
{
    static const struct {
        size_t name_len, len;
        enum tm_code code;
    } cases[] = {
        { TM_MODULE_NAME_MAX, 0, TM_OK },
        { TM_MODULE_NAME_MAX + 1, 0, TM_E_FORMAT },
        { 1, TM_MANIFEST_MAX, TM_OK },
        { 1, TM_MANIFEST_MAX + 1, TM_E_LIMIT },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) json = TM_BUF_INIT;
        struct tm_manifest m;

        add_sized(&json, cases[i].name_len, cases[i].len);
        assert_int_equal(tm_manifest_parse(&m, &arena, "m", tm_buf_str(&json), &err), cases[i].code);
    }
}

TM_TESTS(cmocka_unit_test(an_empty_object_is_a_manifest), cmocka_unit_test(every_known_field_is_read),
         cmocka_unit_test(other_spellings_of_fields_are_read),
         cmocka_unit_test(each_lane_has_its_coverage_target), cmocka_unit_test(numbers_are_read_exactly),
         cmocka_unit_test(damage_is_refused_with_its_place),
         cmocka_unit_test(limits_hold_at_the_limit_and_one_past_it))
