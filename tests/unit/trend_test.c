#include "test.h"

#include <ftw.h>
#include <unistd.h>

#include "trend/trend.h"

struct place {
    char path[64];
    struct tm_repo repo;
    struct tm_ledger_run run;
};

static int set_up(void **state)
{
    struct place *place = tm_alloc(sizeof(*place));

    snprintf(place->path, sizeof(place->path), "/tmp/tm-trend-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    place->repo = TM_REPO_INIT;
    place->repo.settings.ledger = TM_STR("ledger");
    place->repo.settings.trends = TM_STR("trends");
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

static void add_body(struct place *place, enum tm_ledger_kind kind, int64_t ts_s, const char *module,
                     struct tm_str body)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_ledger_draft draft = { kind, tm_str(module), body };
    struct tm_ledger_file file = { &place->repo.root, TM_STR(""), NULL, NULL };

    tm_repo_ledger(&place->repo, kind == TM_LEDGER_BENCH ? "bench.ndjson" : "coverage.ndjson", &path);
    file.path = tm_buf_str(&path);
    assert_ok(&err, tm_ledger_append(&file, &place->run, ts_s, &draft, 1, NULL, &err));
}

static void measure(struct place *place, int64_t ts_s, const char *module, uint64_t covered, uint64_t valid)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
    struct tm_coverage_observation obs = {
        .from = { .evidence = TM_MEASURED, .exit_status = -1, .duration_ns = -1 },
        .lines = { true, covered, valid },
    };

    tm_coverage_body(&obs, &body);
    add_body(place, TM_LEDGER_COVERAGE, ts_s, module, tm_buf_str(&body));
}

/* A negative latency stands for one that is not known. */
static void time_it(struct place *place, int64_t ts_s, const char *module, int64_t p50_ns, int64_t p95_ns,
                    const char *env, bool slowest)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
    struct tm_bench_observation obs = {
        .from = { .evidence = TM_MEASURED, .exit_status = -1, .duration_ns = -1 },
        .benchmark = TM_STR("b"),
        .slowest = slowest,
        .samples = 30,
        .p50 = { p50_ns >= 0, p50_ns },
        .p95 = { p95_ns >= 0, p95_ns },
        .env = tm_str(env),
    };

    tm_bench_body(&obs, &body);
    add_body(place, TM_LEDGER_BENCH, ts_s, module, tm_buf_str(&body));
}

static void leave_out(struct place *place, enum tm_ledger_kind kind, const char *module)
{
    add_body(place, kind, 1, module, TM_STR("{\"evidence\":\"skipped\",\"reason\":\"x\",\"dirty\":false}"));
}

static void assert_csv(struct place *place, const struct tm_trend_file *file, size_t rows, size_t modules,
                       const char *expected)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) csv = TM_BUF_INIT;
    struct tm_trend_counts counts;

    assert_ok(&err, tm_trend_compute(file, &place->repo, &csv, &counts, &err));
    assert_string_equal(csv.data, expected);
    assert_int_equal(counts.rows, rows);
    assert_int_equal(counts.modules, modules);
}

static void each_measured_coverage_is_a_row_with_its_step(void **state)
{
    struct place *place = *state;

    measure(place, 1795348800, "identity", 365, 1000);
    measure(place, 1795348800, "memory", 0, 7);
    leave_out(place, TM_LEDGER_COVERAGE, "identity");
    measure(place, 1795435200, "identity", 382, 1000);
    measure(place, 1795435200, "memory", 7, 7);
    measure(place, 0, "identity", 382, 1000);
    assert_csv(place, &tm_trend_coverage, 5, 2,
               "date,module,coverage_pct,delta_from_previous\n"
               "2026-11-22T12:00:00Z,identity,36.50,\n"
               "2026-11-22T12:00:00Z,memory,0.00,\n"
               "2026-11-23T12:00:00Z,identity,38.20,1.70\n"
               "2026-11-23T12:00:00Z,memory,100.00,100.00\n"
               "1970-01-01T00:00:00Z,identity,38.20,0.00\n");
}

static void without_measurements_the_header_stands_alone(void **state)
{
    struct place *place = *state;

    assert_csv(place, &tm_trend_bench, 0, 0, "date,module,p50_ms,p95_ms,p99_ms,delta_p95,env_fingerprint\n");
    leave_out(place, TM_LEDGER_COVERAGE, "a");
    assert_csv(place, &tm_trend_coverage, 0, 0, "date,module,coverage_pct,delta_from_previous\n");
}

static void adopted_lines_come_first_and_are_exact(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) csv = TM_BUF_INIT;
    struct tm_trend_counts counts;

    assert_ok(&err,
              tm_root_replace(
                  &place->repo.root, TM_STR("ledger/coverage.ndjson"),
                  TM_STR("{\"ts\":\"2025-10-05T13:11:15.25+02:00\",\"module\":\"a\",\"coverage\":24.67}\n"
                         "{\"note\":\"moved\"}\n"
                         "{\"date\":\"2025-10-06\",\"module\":\"a\",\"coverage_pct\":8.965}\n"),
                  NULL, &err));
    measure(place, 1795348800, "a", 1, 3);
    assert_csv(place, &tm_trend_coverage, 3, 1,
               "date,module,coverage_pct,delta_from_previous\n"
               "2025-10-05T11:11:15Z,a,24.67,\n"
               "2025-10-06T00:00:00Z,a,8.96,-15.70\n" /* 8.965 to even; 24.67 - 8.965 = 15.705, to even */
               "2026-11-22T12:00:00Z,a,33.33,24.37\n");
    assert_ok(&err, tm_trend_compute(&tm_trend_coverage, &place->repo, &csv, &counts, &err));
    assert_int_equal(counts.unread, 1);
}

static void names_are_quoted_when_csv_needs_it_and_otherwise_kept(void **state)
{
    struct place *place = *state;

    measure(place, 0, "a,b", 1, 2);
    measure(place, 0, "say \"hi\"", 1, 2);
    measure(place, 0, "two\nlines", 1, 2);
    measure(place, 0, "=SUM(A1)", 1, 2);
    measure(place, 0, " sp ace ", 1, 2);
    assert_csv(place, &tm_trend_coverage, 5, 5,
               "date,module,coverage_pct,delta_from_previous\n"
               "1970-01-01T00:00:00Z,\"a,b\",50.00,\n"
               "1970-01-01T00:00:00Z,\"say \"\"hi\"\"\",50.00,\n"
               "1970-01-01T00:00:00Z,\"two\nlines\",50.00,\n"
               "1970-01-01T00:00:00Z,=SUM(A1),50.00,\n"
               "1970-01-01T00:00:00Z, sp ace ,50.00,\n");
}

#define ENV_A "0123456789abcdef"
#define ENV_B "fedcba9876543210"

static void latencies_are_compared_within_one_environment_only(void **state)
{
    struct place *place = *state;

    time_it(place, 0, "m", 1250000, 2000031, ENV_A, true);
    time_it(place, 0, "m", 1, 9000000, ENV_A, false); /* not the module's figure */
    time_it(place, 0, "m", 1250000, 1500000, ENV_A, true);
    time_it(place, 0, "m", 1250000, 1500000, ENV_B, true);
    time_it(place, 0, "m", 1250000, 1500000, ENV_B, true);
    time_it(place, 0, "m", 1250000, -1, ENV_B, true); /* too few samples */
    time_it(place, 0, "m", 1250000, 1600000, ENV_B, true);
    time_it(place, 0, "m", 1250000, 1600000, "", true);
    time_it(place, 0, "m", 1250000, 1700000, "", true);
    leave_out(place, TM_LEDGER_BENCH, "m");
    assert_csv(place, &tm_trend_bench, 8, 1,
               "date,module,p50_ms,p95_ms,p99_ms,delta_p95,env_fingerprint\n"
               "1970-01-01T00:00:00Z,m,1.25,2.000031,,," ENV_A "\n"
               "1970-01-01T00:00:00Z,m,1.25,1.5,,-0.500031," ENV_A "\n"
               "1970-01-01T00:00:00Z,m,1.25,1.5,,," ENV_B "\n"
               "1970-01-01T00:00:00Z,m,1.25,1.5,,0," ENV_B "\n"
               "1970-01-01T00:00:00Z,m,1.25,,,," ENV_B "\n"
               "1970-01-01T00:00:00Z,m,1.25,1.6,,," ENV_B "\n"
               "1970-01-01T00:00:00Z,m,1.25,1.6,,,\n"
               "1970-01-01T00:00:00Z,m,1.25,1.7,,,\n");
}

static void a_file_is_written_only_when_its_content_changes(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    bool changed = false, stale = false;
    size_t rows = 99;

    measure(place, 0, "a", 1, 2);
    assert_ok(&err, tm_trend_check(&tm_trend_coverage, &place->repo, &stale, &rows, &err));
    assert_true(stale);
    assert_int_equal(rows, 1);
    assert_ok(&err, tm_trend_write(&tm_trend_coverage, &place->repo, &rows, &changed, &err));
    assert_true(changed);
    assert_ok(&err, tm_trend_write(&tm_trend_coverage, &place->repo, NULL, &changed, &err));
    assert_false(changed);
    assert_ok(&err, tm_trend_check(&tm_trend_coverage, &place->repo, &stale, NULL, &err));
    assert_false(stale);
    measure(place, 0, "a", 1, 2);
    assert_ok(&err, tm_trend_check(&tm_trend_coverage, &place->repo, &stale, NULL, &err));
    assert_true(stale);
    /* Longer than it should be: something was added by hand. */
    assert_ok(&err, tm_trend_write(&tm_trend_coverage, &place->repo, NULL, NULL, &err));
    struct tm_buf TM_CLEANUP(tm_buf_release) csv = TM_BUF_INIT;
    assert_ok(&err,
              tm_root_read(&place->repo.root, TM_STR("trends/coverage_trend.csv"), 1 << 20, &csv, &err));
    tm_buf_adds(&csv, "x\n");
    assert_ok(&err, tm_root_replace(&place->repo.root, TM_STR("trends/coverage_trend.csv"), tm_buf_str(&csv),
                                    NULL, &err));
    assert_ok(&err, tm_trend_check(&tm_trend_coverage, &place->repo, &stale, NULL, &err));
    assert_true(stale);
}

static void a_damaged_ledger_gives_no_trend(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    size_t rows;

    measure(place, 0, "a", 1, 2);
    add_body(place, TM_LEDGER_COVERAGE, 0, "a", TM_STR("{\"evidence\":\"measured\",\"dirty\":false}"));
    assert_fails(&err, TM_E_FORMAT, tm_trend_write(&tm_trend_coverage, &place->repo, &rows, NULL, &err));
    assert_string_equal(err.msg,
                        "'ledger/coverage.ndjson': body is not one of its kind: 'lines_covered' is missing, "
                        "misplaced or malformed at line 3");
    assert_false(tm_root_exists(&place->repo.root, TM_STR("trends/coverage_trend.csv")));
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

TM_TESTS(WITH_PLACE(each_measured_coverage_is_a_row_with_its_step),
         WITH_PLACE(without_measurements_the_header_stands_alone),
         WITH_PLACE(adopted_lines_come_first_and_are_exact),
         WITH_PLACE(names_are_quoted_when_csv_needs_it_and_otherwise_kept),
         WITH_PLACE(latencies_are_compared_within_one_environment_only),
         WITH_PLACE(a_file_is_written_only_when_its_content_changes),
         WITH_PLACE(a_damaged_ledger_gives_no_trend))
