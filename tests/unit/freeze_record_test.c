#include "test.h"

#include "freeze/record.h"

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A record as docs/formats/freeze.md describes it, written by hand. */
static const char written[] = "{\n"
                              "  \"schema_version\": \"1.0.0\",\n"
                              "  \"tag\": \"v0.02-prod\",\n"
                              "  \"kind\": \"production\",\n"
                              "  \"reason\": \"all \\\"green\\\"\\n\",\n"
                              "  \"frozen_at\": \"2026-11-22T12:00:00Z\",\n"
                              "  \"commit\": \"1111111111111111111111111111111111111111\",\n"
                              "  \"tree\": \"2222222222222222222222222222222222222222\",\n"
                              "  \"tool_version\": \"0.1.0\",\n"
                              "  \"meta_registry\": \"docs/_generated/META_REGISTRY.json\",\n"
                              "  \"trends\": [\n"
                              "    \"trends/coverage_trend.csv\",\n"
                              "    \"trends/bench_trend.csv\"\n"
                              "  ],\n"
                              "  \"summary\": {\n"
                              "    \"total_modules\": 3,\n"
                              "    \"avg_health_score\": 20.30\n"
                              "  },\n"
                              "  \"artifacts\": [\n"
                              "    {\n"
                              "      \"path\": \"a/module.manifest.json\",\n"
                              "      \"size\": 12,\n"
                              "      \"mode\": \"100644\",\n"
                              "      \"sha256\": \"" HEX64 "\"\n"
                              "    },\n"
                              "    {\n"
                              "      \"path\": \"a\xc3\xa9 b|c/module.manifest.json\",\n"
                              "      \"size\": 0,\n"
                              "      \"mode\": \"100755\",\n"
                              "      \"sha256\": \"" HEX64 "\"\n"
                              "    }\n"
                              "  ],\n"
                              "  \"ledgers\": [\n"
                              "    {\n"
                              "      \"path\": \"manifests/.ledger/bench.ndjson\",\n"
                              "      \"bytes\": 40,\n"
                              "      \"lines\": 2,\n"
                              "      \"entries\": 0,\n"
                              "      \"adopted_lines\": 2,\n"
                              "      \"log\": \"\",\n"
                              "      \"heads\": [],\n"
                              "      \"max_lc\": 0,\n"
                              "      \"sha256\": \"" HEX64 "\"\n"
                              "    },\n"
                              "    {\n"
                              "      \"path\": \"manifests/.ledger/coverage.ndjson\",\n"
                              "      \"bytes\": 4000,\n"
                              "      \"lines\": 10,\n"
                              "      \"entries\": 10,\n"
                              "      \"adopted_lines\": 0,\n"
                              "      \"log\": \"00112233445566778899aabbccddeeff\",\n"
                              "      \"heads\": [\n"
                              "        \"" HEX64 "\",\n"
                              "        \"0f112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"\n"
                              "      ],\n"
                              "      \"max_lc\": 9,\n"
                              "      \"root\": \"" HEX64 "\",\n"
                              "      \"sha256\": \"" HEX64 "\"\n"
                              "    }\n"
                              "  ],\n"
                              "  \"previous\": {\n"
                              "    \"tag\": \"v0.01-baseline\",\n"
                              "    \"record_sha256\": \"" HEX64 "\"\n"
                              "  }\n"
                              "}\n";

static void replace(struct tm_buf *text, const char *from, const char *to)
{
    char *at = strstr(text->data, from);

    if (!at)
        fail_msg("the record does not hold: %s", from);
    tm_buf_splice(text, (size_t)(at - text->data), strlen(from), tm_str(to));
}

static void assert_same_after_reading(struct tm_str text)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_freeze_record record;

    assert_ok(&err, tm_freeze_record_parse(&record, &arena, "R.json", text, &err));
    tm_freeze_record_spell(&record, &out);
    assert_string_equal(out.data, text.data);
}

static void a_record_is_spelled_as_it_was_read(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    assert_same_after_reading(tm_str(written));
    tm_buf_adds(&text, written);
    replace(&text, "  \"reason\": \"all \\\"green\\\"\\n\",\n", "");
    replace(&text, "{\n    \"tag\": \"v0.01-baseline\",\n    \"record_sha256\": \"" HEX64 "\"\n  }", "null");
    replace(&text, "\"production\"", "\"final\"");
    assert_same_after_reading(tm_buf_str(&text));
}

static void every_member_is_read(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_freeze_record r;

    assert_ok(&err, tm_freeze_record_parse(&r, &arena, "R.json", tm_str(written), &err));
    assert_true(tm_str_is(r.tag, "v0.02-prod"));
    assert_int_equal(r.kind, TM_FREEZE_PRODUCTION);
    assert_true(tm_str_is(r.reason, "all \"green\"\n"));
    assert_int_equal(r.frozen_at_s, 1795348800);
    assert_string_equal(r.commit.hex, "1111111111111111111111111111111111111111");
    assert_string_equal(r.tree.hex, "2222222222222222222222222222222222222222");
    assert_true(tm_str_is(r.tool_version, "0.1.0"));
    assert_true(tm_str_is(r.meta_registry, "docs/_generated/META_REGISTRY.json"));
    assert_true(tm_str_is(r.trends[0], "trends/coverage_trend.csv"));
    assert_true(tm_str_is(r.trends[1], "trends/bench_trend.csv"));
    assert_true(tm_str_has_prefix(r.summary, TM_STR("{\n    \"total_modules\": 3,")));
    assert_int_equal(r.n_artifacts, 2);
    assert_int_equal(r.artifacts[0].size, 12);
    assert_int_equal(r.artifacts[0].mode, 0100644);
    assert_int_equal(r.artifacts[1].mode, 0100755);
    assert_int_equal(r.artifacts[1].sha256.bytes[1], 0x11);
    assert_int_equal(r.n_ledgers, 2);
    assert_false(r.ledgers[0].has_root);
    assert_int_equal(r.ledgers[0].adopted_lines, 2);
    assert_true(r.ledgers[1].has_root);
    assert_int_equal(r.ledgers[1].bytes, 4000);
    assert_int_equal(r.ledgers[1].lines, 10);
    assert_int_equal(r.ledgers[1].entries, 10);
    assert_int_equal(r.ledgers[1].max_lc, 9);
    assert_int_equal(r.ledgers[1].n_heads, 2);
    assert_int_equal(r.ledgers[1].heads[1].bytes[0], 0x0f);
    assert_true(r.has_previous);
    assert_true(tm_str_is(r.previous_tag, "v0.01-baseline"));
}

static void assert_refused(const char *from, const char *to, const char *message)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_freeze_record record = { .n_artifacts = 7 };

    tm_buf_adds(&text, written);
    replace(&text, from, to);
    if (tm_freeze_record_parse(&record, &arena, "R.json", tm_buf_str(&text), &err) == TM_OK)
        fail_msg("accepted with %s instead of %s", to, from);
    assert_int_equal(err.code, TM_E_FORMAT);
    assert_string_equal(tm_err_msg(&err), message);
    assert_int_equal(record.n_artifacts, 7);
}

static void a_member_that_is_wrong_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        { "\"1.0.0\"", "\"2.0.0\"",
          "freeze records of version 2.0.0 cannot be read at line 2, column 21 of 'R.json'" },
        { "\"1.0.0\"", "1",
          "'schema_version' is not what a freeze record has there at line 2, column 21 of 'R.json'" },
        { "\"v0.02-prod\"", "\"\"",
          "'tag' is not what a freeze record has there at line 3, column 10 of 'R.json'" },
        { "\"v0.02-prod\"", "null",
          "'tag' is not what a freeze record has there at line 3, column 10 of 'R.json'" },
        { "\"production\"", "\"Production\"",
          "'kind' is not what a freeze record has there at line 4, column 11 of 'R.json'" },
        { "\"all \\\"green\\\"\\n\"", "[]",
          "'reason' is not what a freeze record has there at line 5, column 13 of 'R.json'" },
        { "\"2026-11-22T12:00:00Z\"", "\"2026-11-22\"",
          "'frozen_at' is not what a freeze record has there at line 6, column 16 of 'R.json'" },
        { "\"2026-11-22T12:00:00Z\"", "\"2026-13-22T12:00:00Z\"",
          "'frozen_at' is not what a freeze record has there at line 6, column 16 of 'R.json'" },
        { "\"1111111111111111111111111111111111111111\"", "\"111111111111111111111111111111111111111\"",
          "'commit' is not what a freeze record has there at line 7, column 13 of 'R.json'" },
        { "\"1111111111111111111111111111111111111111\"",
          "\"111111111111111111111111111111111111111\\u0000\"",
          "'commit' is not what a freeze record has there at line 7, column 13 of 'R.json'" },
        { "\"2222222222222222222222222222222222222222\"", "\"22222222222222222222222222222222222222AA\"",
          "'tree' is not what a freeze record has there at line 8, column 11 of 'R.json'" },
        { "\"0.1.0\"", "{}",
          "'tool_version' is not what a freeze record has there at line 9, column 19 of 'R.json'" },
        { "\"docs/_generated/META_REGISTRY.json\"", "\"../META_REGISTRY.json\"",
          "'meta_registry' is not what a freeze record has there at line 10, column 20 of 'R.json'" },
        { "\"trends/bench_trend.csv\"", "\"trends/bench_trend.csv\", \"x\"",
          "'trends' is not what a freeze record has there at line 11, column 13 of 'R.json'" },
        { "\"trends/bench_trend.csv\"", "\"/etc/passwd\"",
          "'trends' are paths inside the repository at line 13, column 5 of 'R.json'" },
        { "\"trends/bench_trend.csv\"", "\"\"",
          "'trends' are paths inside the repository at line 13, column 5 of 'R.json'" },
        { "\"summary\": {", "\"summary\": [], \"x\": {",
          "'summary' is not what a freeze record has there at line 15, column 14 of 'R.json'" },
        { "\"artifacts\": [", "\"artifacts\": {}, \"x\": [",
          "'artifacts' is not what a freeze record has there at line 19, column 16 of 'R.json'" },
        { "\"a/module.manifest.json\"", "\"a/../../module.manifest.json\"",
          "'path' is not what a freeze record has there at line 21, column 15 of 'R.json'" },
        { "\"a/module.manifest.json\"", "\"/a\"",
          "'path' is not what a freeze record has there at line 21, column 15 of 'R.json'" },
        { "\"a/module.manifest.json\"", "\"a//b\"",
          "'path' is not what a freeze record has there at line 21, column 15 of 'R.json'" },
        { "\"a/module.manifest.json\"", "\"a\\u0000b\"",
          "'path' is not what a freeze record has there at line 21, column 15 of 'R.json'" },
        { "\"a/module.manifest.json\"", "\"b\"",
          "'artifacts' are not in the order of their paths at line 26, column 5 of 'R.json'" },
        { "\"a/module.manifest.json\"", "\"a\xc3\xa9 b|c/module.manifest.json\"",
          "'artifacts' are not in the order of their paths at line 26, column 5 of 'R.json'" },
        { "\"size\": 12", "\"size\": -12",
          "'size' is not what a freeze record has there at line 22, column 15 of 'R.json'" },
        { "\"size\": 12", "\"size\": 1.5",
          "'size' is not what a freeze record has there at line 22, column 15 of 'R.json'" },
        { "\"100644\"", "\"120000\"",
          "'mode' is not what a freeze record has there at line 23, column 15 of 'R.json'" },
        { "\"100644\"", "\"644\"",
          "'mode' is not what a freeze record has there at line 23, column 15 of 'R.json'" },
        { HEX64, "00", "'sha256' is not what a freeze record has there at line 24, column 17 of 'R.json'" },
        { "\"ledgers\": [", "\"ledgers\": 3, \"x\": [",
          "'ledgers' is not what a freeze record has there at line 33, column 14 of 'R.json'" },
        { "\"manifests/.ledger/bench.ndjson\"", "\"\"",
          "'path' is not what a freeze record has there at line 35, column 15 of 'R.json'" },
        { "\"manifests/.ledger/bench.ndjson\"", "\"manifests/.ledger/freeze.ndjson\"",
          "'ledgers' are not in the order of their paths at line 45, column 5 of 'R.json'" },
        { "\"bytes\": 40,", "\"bytes\": \"40\",",
          "'bytes' is not what a freeze record has there at line 36, column 16 of 'R.json'" },
        { "\"lines\": 2,", "\"lines\": null,",
          "'lines' is not what a freeze record has there at line 37, column 16 of 'R.json'" },
        { "\"log\": \"\"", "\"log\": \"00112233445566778899aabbccddeeff\"",
          "'log' is not what a freeze record has there at line 40, column 14 of 'R.json'" },
        { "\"log\": \"00112233445566778899aabbccddeeff\"", "\"log\": \"\"",
          "'log' is not what a freeze record has there at line 51, column 14 of 'R.json'" },
        { "\"heads\": []", "\"heads\": [\"" HEX64 "\"]",
          "'heads' is not what a freeze record has there at line 41, column 16 of 'R.json'" },
        { "\"heads\": []", "\"heads\": {}",
          "'heads' is not what a freeze record has there at line 41, column 16 of 'R.json'" },
        { "\"0f112233", "\"00112233", "'heads' are ids in ascending order at line 54, column 9 of 'R.json'" },
        { "\"0f112233", "\"0f11223", "'heads' are ids in ascending order at line 54, column 9 of 'R.json'" },
        { "\"max_lc\": 0,", "\"max_lc\": 0, \"root\": \"" HEX64 "\",",
          "'root' is not what a freeze record has there at line 42, column 28 of 'R.json'" },
        { "\"root\": \"00", "\"root\": \"",
          "'root' is not what a freeze record has there at line 57, column 15 of 'R.json'" },
        { "\"previous\": {", "\"previous\": [], \"x\": {",
          "'previous' is not what a freeze record has there at line 61, column 15 of 'R.json'" },
        { "\"v0.01-baseline\"", "7",
          "'tag' is not what a freeze record has there at line 62, column 12 of 'R.json'" },
        { "\"record_sha256\": \"00", "\"record_sha256\": \"",
          "'record_sha256' is not what a freeze record has there at line 63, column 22 of 'R.json'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_refused(cases[i].from, cases[i].to, cases[i].message);
}

/* Each is renamed once; a member of two objects of the lists is renamed in the first. */
static void a_member_that_is_missing_is_refused_with_the_place_of_its_object(void **state)
{
    static const struct {
        const char *key;
        unsigned line, column;
    } cases[] = {
        { "schema_version", 1, 1 }, { "tag", 1, 1 },
        { "kind", 1, 1 },           { "frozen_at", 1, 1 },
        { "commit", 1, 1 },         { "tree", 1, 1 },
        { "tool_version", 1, 1 },   { "meta_registry", 1, 1 },
        { "trends", 1, 1 },         { "summary", 1, 1 },
        { "artifacts", 1, 1 },      { "ledgers", 1, 1 },
        { "previous", 1, 1 },       { "path", 20, 5 },
        { "size", 20, 5 },          { "mode", 20, 5 },
        { "sha256", 20, 5 },        { "bytes", 34, 5 },
        { "lines", 34, 5 },         { "entries", 34, 5 },
        { "adopted_lines", 34, 5 }, { "log", 34, 5 },
        { "heads", 34, 5 },         { "max_lc", 34, 5 },
        { "root", 45, 5 },          { "record_sha256", 61, 15 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;

        tm_buf_addf(&key, "\"%s\":", cases[i].key);
        tm_buf_addf(&message, "'%s' is missing at line %u, column %u of 'R.json'", cases[i].key,
                    cases[i].line, cases[i].column);
        assert_refused(key.data, "\"other\":", message.data);
    }
}

static void members_of_later_versions_are_passed_over(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_freeze_record record;

    tm_buf_adds(&text, written);
    replace(&text, "\"1.0.0\"", "\"1.3.0\", \"signed_by\": [1, {}]");
    assert_ok(&err, tm_freeze_record_parse(&record, &arena, "R.json", tm_buf_str(&text), &err));
}

static void what_is_no_record_is_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "expected a value, found the end at line 1, column 1 of 'R.json'" },
        { "[]", "a freeze record is an object at line 1, column 1 of 'R.json'" },
        { "null", "a freeze record is an object at line 1, column 1 of 'R.json'" },
        { "{}", "'schema_version' is missing at line 1, column 1 of 'R.json'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_freeze_record record;

        assert_fails(&err, TM_E_FORMAT,
                     tm_freeze_record_parse(&record, &arena, "R.json", tm_str(cases[i].text), &err));
        assert_string_equal(err.msg, cases[i].message);
    }
}

/* The tag or reason as n times 'x'. */
static enum tm_code read_with(const char *from, size_t n)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) value = TM_BUF_INIT;
    struct tm_freeze_record record;

    tm_buf_addc(&value, '"');
    memset(tm_buf_reserve(&value, n), 'x', n);
    value.len += n;
    tm_buf_addc(&value, '"');
    tm_buf_adds(&text, written);
    replace(&text, from, value.data);
    return tm_freeze_record_parse(&record, &arena, "R.json", tm_buf_str(&text), NULL);
}

static void texts_have_their_limits(void **state)
{
    assert_int_equal(read_with("\"v0.02-prod\"", TM_FREEZE_TAG_MAX), TM_OK);
    assert_int_equal(read_with("\"v0.02-prod\"", TM_FREEZE_TAG_MAX + 1), TM_E_FORMAT);
    assert_int_equal(read_with("\"all \\\"green\\\"\\n\"", TM_FREEZE_REASON_MAX), TM_OK);
    assert_int_equal(read_with("\"all \\\"green\\\"\\n\"", TM_FREEZE_REASON_MAX + 1), TM_E_FORMAT);
}

static enum tm_code read_with_artifacts(size_t n, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) list = TM_BUF_INIT;
    struct tm_freeze_record record;
    enum tm_code code;

    tm_buf_adds(&list, "\"artifacts\": [\n");
    for (size_t i = 2; i < n; i++)
        tm_buf_addf(&list, "{\"path\":\"A%06zu\",\"size\":1,\"mode\":\"100644\",\"sha256\":\"" HEX64 "\"},\n",
                    i);
    tm_buf_adds(&text, written);
    replace(&text, "\"artifacts\": [\n", list.data);
    code = tm_freeze_record_parse(&record, &arena, "R.json", tm_buf_str(&text), err);
    if (!code)
        assert_int_equal(record.n_artifacts, n);
    return code;
}

static void a_record_has_at_most_100000_artifacts(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_with_artifacts(TM_FREEZE_ARTIFACTS_MAX, &err));
    assert_fails(&err, TM_E_LIMIT, read_with_artifacts(TM_FREEZE_ARTIFACTS_MAX + 1, &err));
    assert_string_equal(err.msg, "'R.json' has 100001 artifacts, the limit is 100000");
}

static void a_record_has_at_most_64_mib(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_freeze_record record;
    size_t n = TM_FREEZE_RECORD_MAX + 1 - (sizeof(written) - 1);

    tm_buf_adds(&text, written);
    memset(tm_buf_reserve(&text, n), ' ', n);
    text.len += n;
    assert_fails(&err, TM_E_LIMIT,
                 tm_freeze_record_parse(&record, &arena, "R.json", tm_buf_str(&text), &err));
    assert_string_equal(err.msg, "freeze record 'R.json' has more than 67108864 bytes");
    text.len--;
    assert_ok(&err, tm_freeze_record_parse(&record, &arena, "R.json", tm_buf_str(&text), &err));
}

static void kinds_have_names_and_files(void **state)
{
    static const struct {
        enum tm_freeze_kind kind;
        const char *name, *file;
    } cases[] = {
        { TM_FREEZE_BASELINE, "baseline", "BASELINE_FREEZE.json" },
        { TM_FREEZE_PRODUCTION, "production", "PRODUCTION_FREEZE.json" },
        { TM_FREEZE_FINAL, "final", "FINAL_FREEZE.json" },
    };
    enum tm_freeze_kind kind;

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        assert_string_equal(tm_freeze_kind_name(cases[i].kind), cases[i].name);
        assert_string_equal(tm_freeze_kind_file(cases[i].kind), cases[i].file);
        assert_true(tm_freeze_kind_parse(tm_str(cases[i].name), &kind));
        assert_int_equal(kind, cases[i].kind);
    }
    assert_false(tm_freeze_kind_parse(TM_STR("base"), &kind));
    assert_false(tm_freeze_kind_parse(TM_STR(""), &kind));
}

TM_TESTS(cmocka_unit_test(a_record_is_spelled_as_it_was_read), cmocka_unit_test(every_member_is_read),
         cmocka_unit_test(a_member_that_is_wrong_is_refused_with_its_place),
         cmocka_unit_test(a_member_that_is_missing_is_refused_with_the_place_of_its_object),
         cmocka_unit_test(members_of_later_versions_are_passed_over),
         cmocka_unit_test(what_is_no_record_is_refused), cmocka_unit_test(texts_have_their_limits),
         cmocka_unit_test(a_record_has_at_most_100000_artifacts),
         cmocka_unit_test(a_record_has_at_most_64_mib), cmocka_unit_test(kinds_have_names_and_files))
