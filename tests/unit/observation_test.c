#include "test.h"

#include <ftw.h>
#include <unistd.h>

#include "ledger/observation.h"
#include "ledger/parse.h"
#include "repo/repo.h"

#define OID    "1111111111111111111111111111111111111111"
#define TREE   "2222222222222222222222222222222222222222"
#define SHA256 "3333333333333333333333333333333333333333333333333333333333333333"
#define BLOB   "4444444444444444444444444444444444444444"

static const char coverage_text[] =
    "{\"evidence\":\"measured\",\"exit_status\":1,\"lines_covered\":365,\"lines_valid\":1000,"
    "\"branches_covered\":0,\"branches_valid\":0,\"functions_covered\":4,\"functions_valid\":5,"
    "\"statements_covered\":6,\"statements_valid\":7,"
    "\"tests_run\":12,\"tests_skipped\":0,\"commit\":\"" OID "\",\"tree\":\"" TREE "\",\"dirty\":true,"
    "\"report_sha256\":\"" SHA256
    "\",\"collector\":\"pytest\",\"tool\":\"pytest \\\"7.2.1\\\"\",\"duration_ns\":0,"
    "\"manifest_blob\":\"" BLOB "\"}";

static const char bench_text[] =
    "{\"evidence\":\"measured\",\"benchmark\":\"test_a[x, \\\"y\\\"]\",\"slowest\":true,\"samples\":20,"
    "\"p50_ns\":1250000,\"p95_ns\":2000031,\"mean_ns\":1300000,\"min_ns\":0,\"max_ns\":2000100,"
    "\"env\":\"0123456789abcdef\",\"sla_p95_ns\":12500000,\"dirty\":false}";

static struct tm_ledger_entry entry_of(enum tm_ledger_kind kind, const char *body)
{
    return (struct tm_ledger_entry) { .line = 7,
                                      .kind = tm_str(tm_ledger_kind_name(kind)),
                                      .body = tm_str(body) };
}

static struct tm_ledger_entry adopted_of(const char *module, int64_t ts_s, const char *body)
{
    return (struct tm_ledger_entry) {
        .adopted = true, .line = 7, .ts_s = ts_s, .module = tm_str(module), .body = tm_str(body)
    };
}

static void a_coverage_body_is_read_and_spelled_as_it_was(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_ledger_entry entry = entry_of(TM_LEDGER_COVERAGE, coverage_text);
    struct tm_coverage_observation obs;
    struct tm_ratio r;

    assert_ok(&err, tm_coverage_read(&entry, &arena, &obs, &err));
    assert_int_equal(obs.from.evidence, TM_MEASURED);
    assert_int_equal(obs.from.exit_status, 1);
    assert_int_equal(obs.from.reason.len, 0);
    assert_int_equal(obs.from.duration_ns, 0);
    assert_true(obs.from.dirty);
    assert_true(tm_str_is(obs.from.commit, OID));
    assert_true(tm_str_is(obs.from.tree, TREE));
    assert_true(tm_str_is(obs.from.report_sha256, SHA256));
    assert_true(tm_str_is(obs.from.collector, "pytest"));
    assert_true(tm_str_is(obs.from.tool, "pytest \"7.2.1\""));
    assert_true(tm_str_is(obs.from.manifest_blob, BLOB));
    assert_int_equal(obs.lines.covered, 365);
    assert_int_equal(obs.lines.valid, 1000);
    assert_true(obs.branches.known);
    assert_int_equal(obs.branches.valid, 0);
    assert_int_equal(obs.functions.covered, 4);
    assert_int_equal(obs.statements.covered, 6);
    assert_int_equal(obs.statements.valid, 7);
    assert_true(obs.tests_known);
    assert_int_equal(obs.tests_run, 12);
    assert_true(tm_coverage_ratio(&obs, &r));
    assert_int_equal(r.num * 1000, r.den * 365);
    tm_coverage_body(&obs, &out);
    assert_string_equal(out.data, coverage_text);
    assert_int_equal(tm_ledger_check_body(tm_buf_str(&out)), TM_FLAW_NONE);
}

static void a_bench_body_is_read_and_spelled_as_it_was(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_ledger_entry entry = entry_of(TM_LEDGER_BENCH, bench_text);
    struct tm_bench_observation obs;

    assert_ok(&err, tm_bench_read(&entry, &arena, &obs, &err));
    assert_true(tm_str_is(obs.benchmark, "test_a[x, \"y\"]"));
    assert_true(obs.slowest);
    assert_int_equal(obs.samples, 20);
    assert_int_equal(obs.p50.ns, 1250000);
    assert_int_equal(obs.p95.ns, 2000031);
    assert_false(obs.p99.known);
    assert_true(obs.min.known);
    assert_int_equal(obs.min.ns, 0);
    assert_int_equal(obs.max.ns, 2000100);
    assert_true(tm_str_is(obs.env, "0123456789abcdef"));
    assert_true(obs.has_sla);
    assert_int_equal(obs.sla_p95_ns, 12500000);
    assert_int_equal(obs.from.exit_status, -1);
    assert_int_equal(obs.from.duration_ns, -1);
    tm_bench_body(&obs, &out);
    assert_string_equal(out.data, bench_text);
}

static void only_a_measured_observation_has_a_value(void **state)
{
    static const char *const texts[] = {
        "{\"evidence\":\"no_data\",\"reason\":\"no test was collected\",\"exit_status\":5,\"dirty\":false}",
        "{\"evidence\":\"failed\",\"exit_status\":2,\"tests_run\":3,\"tests_skipped\":1,\"dirty\":false}",
        "{\"evidence\":\"timeout\",\"reason\":\"after 300 s\",\"dirty\":false,\"duration_ns\":300000000000}",
        "{\"evidence\":\"skipped\",\"reason\":\"no tests\",\"dirty\":false}",
    };

    for (size_t i = 0; i < TM_LEN(texts); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_ledger_entry entry = entry_of(TM_LEDGER_COVERAGE, texts[i]);
        struct tm_coverage_observation obs;
        struct tm_ratio r;

        assert_ok(&err, tm_coverage_read(&entry, &arena, &obs, &err));
        assert_false(tm_coverage_ratio(&obs, &r));
        tm_coverage_body(&obs, &out);
        assert_string_equal(out.data, texts[i]);
        obs.lines = (struct tm_count) { true, 1, 2 }; /* a value where none may be is not written */
        tm_coverage_body(&obs, &out);
        assert_string_equal(out.data, texts[i]);
    }
}

static void a_body_that_is_not_of_its_kind_is_refused(void **state)
{
    static const struct {
        enum tm_ledger_kind kind;
        const char *body, *message;
    } cases[] = {
        { TM_LEDGER_COVERAGE, "{}", "'evidence' is missing, misplaced or malformed at line 7" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":1,\"dirty\":false}", "'evidence'" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"guessed\",\"dirty\":false}", "'evidence'" },
        { TM_LEDGER_COVERAGE, "{\"dirty\":false,\"evidence\":\"skipped\"}", "'evidence'" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"skipped\"}", "'dirty'" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"skipped\",\"dirty\":0}", "'dirty'" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"skipped\",\"dirty\":false,\"note\":1}",
          "unknown or misplaced member" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"skipped\",\"reason\":\"\",\"dirty\":false}", "'reason'" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"skipped\",\"exit_status\":256,\"dirty\":false}",
          "'exit_status'" },
        { TM_LEDGER_COVERAGE,
          "{\"evidence\":\"skipped\",\"lines_covered\":1,\"lines_valid\":2,\"dirty\":false}", "'dirty'" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"measured\",\"dirty\":false}", "'lines_covered'" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"measured\",\"lines_covered\":1,\"dirty\":false}",
          "'lines_valid'" },
        { TM_LEDGER_COVERAGE,
          "{\"evidence\":\"measured\",\"lines_covered\":0,\"lines_valid\":0,\"dirty\":false}",
          "'lines_valid'" },
        { TM_LEDGER_COVERAGE,
          "{\"evidence\":\"measured\",\"lines_covered\":3,\"lines_valid\":2,\"dirty\":false}",
          "'lines_covered'" },
        { TM_LEDGER_COVERAGE,
          "{\"evidence\":\"measured\",\"reason\":\"x\",\"lines_covered\":1,\"lines_valid\":2,\"dirty\":"
          "false}",
          "'reason'" },
        { TM_LEDGER_COVERAGE,
          "{\"evidence\":\"measured\",\"lines_covered\":1,\"lines_valid\":2,\"branches_covered\":1,\"dirty\":"
          "false}",
          "'branches_valid'" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"skipped\",\"commit\":\"" OID "\",\"dirty\":false}", "'tree'" },
        { TM_LEDGER_COVERAGE,
          "{\"evidence\":\"skipped\",\"commit\":\"abc\",\"tree\":\"" TREE "\",\"dirty\":false}", "'commit'" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"skipped\",\"dirty\":false,\"tool\":\"\"}", "'tool'" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"skipped\",\"dirty\":false,\"duration_ns\":1,\"tool\":\"x\"}",
          "unknown or misplaced member" },
        { TM_LEDGER_COVERAGE, "{\"evidence\":\"skipped\",\"tests_run\":1,\"dirty\":false}",
          "'tests_skipped'" },
        { TM_LEDGER_BENCH, "{\"evidence\":\"measured\",\"slowest\":true,\"dirty\":false}", "'benchmark'" },
        { TM_LEDGER_BENCH, "{\"evidence\":\"measured\",\"benchmark\":\"b\",\"dirty\":false}", "'slowest'" },
        { TM_LEDGER_BENCH, "{\"evidence\":\"skipped\",\"benchmark\":\"b\",\"slowest\":true,\"dirty\":false}",
          "'dirty'" },
        { TM_LEDGER_BENCH,
          "{\"evidence\":\"measured\",\"benchmark\":\"b\",\"slowest\":true,\"samples\":0,\"dirty\":false}",
          "'samples'" },
        { TM_LEDGER_BENCH,
          "{\"evidence\":\"measured\",\"benchmark\":\"b\",\"slowest\":true,\"env\":\"XYZ\",\"dirty\":false}",
          "'env'" },
        { TM_LEDGER_BENCH,
          "{\"evidence\":\"measured\",\"benchmark\":\"b\",\"slowest\":true,\"p95_ns\":1,\"p50_ns\":1,"
          "\"dirty\":false}",
          "'dirty'" },
        { TM_LEDGER_FREEZE, "{\"evidence\":\"skipped\",\"dirty\":false}",
          "entry at line 7 is of kind 'freeze'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_ledger_entry entry = entry_of(cases[i].kind, cases[i].body);
        struct tm_coverage_observation coverage;
        struct tm_bench_observation bench;

        if (cases[i].kind == TM_LEDGER_BENCH)
            assert_fails(&err, TM_E_FORMAT, tm_bench_read(&entry, &arena, &bench, &err));
        else
            assert_fails(&err, TM_E_FORMAT, tm_coverage_read(&entry, &arena, &coverage, &err));
        if (!strstr(err.msg, cases[i].message))
            fail_msg("case %zu: '%s' does not say '%s'", i, err.msg, cases[i].message);
    }
}

static void an_adopted_percentage_is_taken_exactly(void **state)
{
    static const struct {
        const char *body;
        uint64_t num, den; /* den 0: not understood */
    } cases[] = {
        { "{\"coverage\":36.5}", 365, 1000 },
        { "{\"coverage\": 24.67 }", 2467, 10000 },
        { "{\"coverage_pct\":100}", 1, 1 },
        { "{\"coverage_observed\":0.0}", 0, 1 },
        { "{\"coverage\":1,\"coverage_pct\":2}", 1, 100 },
        { "{\"coverage\":33.33333333333333}", 3333333333333333, 10000000000000000 },
        { "{\"coverage\":0.5300000000000001}", 5300000000000001, 1000000000000000000 },
        { "{\"coverage\":5e-05}", 5, 10000000 },
        { "{\"coverage\":0.01234567890123456789}", 0, 0 }, /* 19 digits */
        { "{\"coverage\":100.01}", 0, 0 },
        { "{\"coverage\":-1}", 0, 0 },
        { "{\"coverage\":\"36.5\"}", 0, 0 },
        { "{\"coverage\":null}", 0, 0 },
        { "{\"cov\":36.5}", 0, 0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_ledger_entry entry = adopted_of("m", 0, cases[i].body);
        struct tm_coverage_observation obs;
        struct tm_ratio r;
        enum tm_code code = tm_coverage_read(&entry, &arena, &obs, NULL);

        assert_int_equal(code, cases[i].den ? TM_OK : TM_E_FORMAT);
        if (code)
            continue;
        assert_true(obs.is_percent);
        assert_int_equal(obs.from.evidence, TM_MEASURED);
        assert_true(tm_coverage_ratio(&obs, &r));
        assert_int_equal(tm_ratio_cmp(r, (struct tm_ratio) { cases[i].num, cases[i].den }), 0);
    }
}

static void a_percentage_of_many_decimals_stays_exact_up_to_seventeen(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_entry entry = adopted_of("m", 0, "{\"coverage\":0.012345678901234567}");
    struct tm_coverage_observation obs;

    assert_ok(&err, tm_coverage_read(&entry, &arena, &obs, &err));
    assert_int_equal(tm_ratio_cmp(obs.percent, (struct tm_ratio) { 1234567890123456, 10000000000000000000u }),
                     0);
}

static void an_adopted_line_needs_a_module_and_a_time(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_entry no_module = adopted_of("", 0, "{\"coverage\":1}");
    struct tm_ledger_entry no_time = adopted_of("m", -1, "{\"coverage\":1}");
    struct tm_coverage_observation obs;

    assert_fails(&err, TM_E_FORMAT, tm_coverage_read(&no_module, &arena, &obs, &err));
    assert_string_equal(err.msg, "adopted line 7 is not understood: no 'module'");
    assert_fails(&err, TM_E_FORMAT, tm_coverage_read(&no_time, &arena, &obs, &err));
}

static void adopted_latencies_are_milliseconds(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_entry entry =
        adopted_of("m", 0,
                   "{\"p50_ms\":1.25,\"p95_ms\":2.0000314,\"p99_ms\":null,\"env_fingerprint\":\"box\"}");
    struct tm_ledger_entry none = adopted_of("m", 0, "{\"env_fingerprint\":\"box\"}");
    struct tm_bench_observation obs;

    assert_ok(&err, tm_bench_read(&entry, &arena, &obs, &err));
    assert_int_equal(obs.p50.ns, 1250000);
    assert_int_equal(obs.p95.ns, 2000031);
    assert_false(obs.p99.known);
    assert_true(obs.slowest);
    assert_true(tm_str_is(obs.env, "box"));
    assert_fails(&err, TM_E_FORMAT, tm_bench_read(&none, &arena, &obs, &err));
}

static void evidence_has_five_names(void **state)
{
    static const char *const names[] = { "measured", "no_data", "failed", "timeout", "skipped" };
    enum tm_evidence evidence;

    for (size_t i = 0; i < TM_LEN(names); i++) {
        assert_true(tm_evidence_parse(tm_str(names[i]), &evidence));
        assert_int_equal(evidence, i);
        assert_string_equal(tm_evidence_name(evidence), names[i]);
    }
    assert_false(tm_evidence_parse(TM_STR("Measured"), &evidence));
    assert_false(tm_evidence_parse(TM_STR(""), &evidence));
}

/* --- loading, on a work tree that git never saw: only its folders are used --- */

struct place {
    char path[64];
    struct tm_repo repo;
    struct tm_ledger_run run;
};

static int set_up(void **state)
{
    struct place *place = tm_alloc(sizeof(*place));

    snprintf(place->path, sizeof(place->path), "/tmp/tm-obs-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    place->repo = TM_REPO_INIT;
    place->repo.settings.ledger = TM_STR("manifests/.ledger");
    assert_int_equal(tm_root_open(&place->repo.root, place->path, NULL), TM_OK);
    tm_ledger_run_init(&place->run);
    *state = place;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

static int tear_down(void **state)
{
    struct place *place = *state;

    tm_root_close(&place->repo.root);
    nftw(place->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(place);
    return 0;
}

static void add(struct place *place, enum tm_ledger_kind kind, int64_t ts_s, const char *module,
                const char *body)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_file file = { &place->repo.root, TM_STR("manifests/.ledger/coverage.ndjson"), NULL,
                                   NULL };
    struct tm_ledger_draft draft = { kind, tm_str(module), tm_str(body) };

    if (kind == TM_LEDGER_BENCH)
        file.path = TM_STR("manifests/.ledger/bench.ndjson");
    assert_ok(&err, tm_ledger_append(&file, &place->run, ts_s, &draft, 1, NULL, &err));
}

static void the_newest_is_the_last_in_ledger_order_whatever_the_clock(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_observations TM_CLEANUP(tm_observations_release) all = TM_OBSERVATIONS_INIT;
    const struct tm_observation *obs;

    assert_ok(&err,
              tm_root_replace(&place->repo.root, TM_STR("manifests/.ledger/coverage.ndjson"),
                              TM_STR("{\"ts\":\"2025-10-05T11:11:15Z\",\"module\":\"a\",\"coverage\":5}\n"
                                     "{\"module\":\"a\"}\n"
                                     "{\"ts\":\"2030-01-01\",\"module\":\"old\",\"coverage\":7.5}\n"),
                              NULL, &err));
    add(place, TM_LEDGER_COVERAGE, 2000000000, "a", coverage_text);
    add(place, TM_LEDGER_COVERAGE, 1000000000, "a",
        "{\"evidence\":\"skipped\",\"reason\":\"x\",\"dirty\":false}");
    assert_ok(&err, tm_observations_load(&all, &place->repo, &err));
    assert_int_equal(all.n_coverage, 4);
    assert_int_equal(all.coverage_unread, 1);
    assert_int_equal(all.n_bench, 0);
    assert_int_equal(all.coverage_state.entries, 3);
    obs = tm_observations_coverage(&all, TM_STR("a"));
    assert_non_null(obs);
    assert_int_equal(obs->coverage.from.evidence, TM_SKIPPED);
    assert_int_equal(obs->ts_s, 1000000000);
    assert_int_equal(obs->lc, 3);
    assert_memory_equal(&obs->id, &all.coverage_state.heads[0], sizeof(obs->id));
    obs = tm_observations_coverage(&all, TM_STR("old"));
    assert_true(obs->coverage.is_percent);
    assert_int_equal(obs->lc, 0);
    assert_null(tm_observations_coverage(&all, TM_STR("nobody")));
    assert_null(tm_observations_bench(&all, TM_STR("a")));
    assert_true(tm_str_is(all.coverage[2].coverage.from.tool, "pytest \"7.2.1\""));
}

static void the_newest_benchmark_is_the_slowest_of_its_run(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_observations TM_CLEANUP(tm_observations_release) all = TM_OBSERVATIONS_INIT;
    static const char fast[] =
        "{\"evidence\":\"measured\",\"benchmark\":\"fast\",\"slowest\":false,\"dirty\":false}";

    add(place, TM_LEDGER_BENCH, 1, "a", bench_text);
    add(place, TM_LEDGER_BENCH, 2, "a", fast);
    add(place, TM_LEDGER_BENCH, 3, "b", bench_text);
    add(place, TM_LEDGER_BENCH, 4, "b", "{\"evidence\":\"failed\",\"exit_status\":2,\"dirty\":false}");
    assert_ok(&err, tm_observations_load(&all, &place->repo, &err));
    assert_int_equal(all.n_bench, 4);
    assert_int_equal(tm_observations_bench(&all, TM_STR("a"))->ts_s, 1);
    assert_int_equal(tm_observations_bench(&all, TM_STR("b"))->bench.from.evidence, TM_FAILED);
}

static void a_wrong_body_in_a_chained_entry_is_damage(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_observations TM_CLEANUP(tm_observations_release) all = TM_OBSERVATIONS_INIT;

    add(place, TM_LEDGER_COVERAGE, 1, "a", "{\"evidence\":\"skipped\"}");
    assert_fails(&err, TM_E_FORMAT, tm_observations_load(&all, &place->repo, &err));
    assert_string_equal(
        err.msg, "'manifests/.ledger/coverage.ndjson': body is not one of its kind: 'dirty' is missing, "
                 "misplaced or malformed at line 2");
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

TM_TESTS(cmocka_unit_test(a_coverage_body_is_read_and_spelled_as_it_was),
         cmocka_unit_test(a_bench_body_is_read_and_spelled_as_it_was),
         cmocka_unit_test(only_a_measured_observation_has_a_value),
         cmocka_unit_test(a_body_that_is_not_of_its_kind_is_refused),
         cmocka_unit_test(an_adopted_percentage_is_taken_exactly),
         cmocka_unit_test(a_percentage_of_many_decimals_stays_exact_up_to_seventeen),
         cmocka_unit_test(an_adopted_line_needs_a_module_and_a_time),
         cmocka_unit_test(adopted_latencies_are_milliseconds), cmocka_unit_test(evidence_has_five_names),
         WITH_PLACE(the_newest_is_the_last_in_ledger_order_whatever_the_clock),
         WITH_PLACE(the_newest_benchmark_is_the_slowest_of_its_run),
         WITH_PLACE(a_wrong_body_in_a_chained_entry_is_damage))
