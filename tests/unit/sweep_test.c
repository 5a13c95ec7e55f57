#include "sandbox.h"

#include "base/json_write.h"
#include "sweep/sweep.h"

#define RUN_A "0123456789abcdef0123456789abcdef"
#define RUN_B "fedcba9876543210fedcba9876543210"

struct fixture {
    struct sandbox box;
    struct tm_repo repo;
    struct tm_catalog catalog;
};

/* m has a test and two benchmarks, bad fails, none has nothing to run; runs counts the commands. */
static int make_fixture(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    *state = f;
    f->box = sandbox_make();
    sandbox_run(
        &f->box, NULL,
        "git init -q && mkdir -p m/tests bad/tests none &&"
        "for m in m bad none; do echo '{}' >$m/module.manifest.json; echo x >$m/code.py; done &&"
        "touch m/tests/test_a.py bad/tests/test_a.py m/bench bad/bench && echo runs >.gitignore &&"
        "printf 'SF:m/code.py\\nDA:1,1\\nDA:2,0\\nend_of_record\\n' >m/info &&"
        "echo '{\"results\":[{\"command\":\"a\",\"times\":[0.5]},{\"command\":\"b\",\"times\":[0.25]}]}' "
        ">m/json &&"
        "cat >tidemark.yaml <<'END'\n"
        "collectors:\n"
        "  test:\n"
        "    files: [/tests/test_a.py]\n"
        "    command: [sh, -c, 'echo x >>../runs; cp info \"$1\"', sh, '{out}/info']\n"
        "    report: '{out}/info'\n"
        "    format: lcov\n"
        "  time:\n"
        "    kind: bench\n"
        "    files: [/bench]\n"
        "    command: [sh, -c, 'echo x >>../runs; cp json \"$1\"', sh, '{out}/json']\n"
        "    report: '{out}/json'\n"
        "    format: hyperfine\n"
        "END\n"
        "git add -A && git commit -q -m start");
    f->repo = TM_REPO_INIT;
    f->catalog = TM_CATALOG_INIT;
    assert_ok(&err, tm_repo_open(&f->repo, f->box.dir, NULL, &err));
    assert_ok(&err, tm_repo_lock(&f->repo, 0, &err));
    assert_ok(&err, tm_catalog_load(&f->catalog, &f->repo, &err));
    return 0;
}

static int remove_fixture(void **state)
{
    struct fixture *f = *state;

    tm_catalog_release(&f->catalog);
    tm_repo_close(&f->repo);
    sandbox_remove(&f->box);
    free(f);
    return 0;
}

/* One line for each module: "m: 50.00 % (1 of 2 lines)". */
static void sweep(struct fixture *f, bool coverage, const char *run, struct tm_buf *said,
                  struct tm_sweep_pass *pass)
{
    struct tm_sweep TM_CLEANUP(tm_sweep_release) swept = TM_SWEEP_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_sweep_request request = { .coverage = coverage, .bench = !coverage, .run = run, .whole = true };
    struct tm_module **modules;

    assert_ok(&err, tm_catalog_select(&f->catalog, NULL, 0, &modules, &request.n_modules, &err));
    request.modules = modules;
    assert_ok(&err, tm_sweep_run(&swept, &f->repo, &f->catalog, &request, &err));
    *pass = swept.pass[coverage ? TM_COLLECT_COVERAGE : TM_COLLECT_BENCH];
    for (size_t i = 0; i < pass->n_outcomes; i++) {
        tm_buf_addf(said, "%s: ", pass->outcomes[i].module->name.data);
        tm_sweep_add_result(said, &pass->outcomes[i]);
        tm_buf_addf(said, " [%zu]\n", pass->outcomes[i].n_bench);
    }
    /* Only numbers are looked at after this. */
    pass->outcomes = NULL;
}

static void a_run_asked_for_again_is_recalled_and_not_repeated(void **state)
{
    static const char *const expected[] = {
        "bad: failed: exit status 1 [1]\n"
        "m: p50 500.000 ms, p95 n/a (a) [2]\n"
        "none: skipped: no benchmarks [1]\n",
        "bad: failed: exit status 1 [0]\n"
        "m: 50.00 % (1 of 2 lines) [0]\n"
        "none: skipped: no tests [0]\n",
    };
    static const size_t entries[] = { 3, 3 };
    struct fixture *f = *state;

    for (int coverage = 0; coverage < 2; coverage++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) first = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
        struct tm_sweep_pass pass, recalled;

        sandbox_run(&f->box, NULL, "rm -f runs");
        sweep(f, coverage, RUN_A, &first, &pass);
        assert_string_equal(first.data, expected[coverage]);
        assert_false(pass.recalled);
        sandbox_run(&f->box, NULL, "cp -r manifests before && cp m/module.manifest.json before");
        sweep(f, coverage, RUN_A, &again, &recalled);
        assert_string_equal(again.data, first.data);
        assert_true(recalled.recalled);
        assert_int_equal(recalled.entries, entries[coverage]);
        assert_int_equal(recalled.entries, pass.entries);
        assert_memory_equal(&recalled.totals, &pass.totals, sizeof(pass.totals));
        sandbox_says(&f->box, "wc -l <runs", "2\n");
        sandbox_run(&f->box, NULL,
                    "diff -r manifests/.ledger before/.ledger && cmp m/module.manifest.json "
                    "before/module.manifest.json");
        sandbox_run(&f->box, NULL, "rm -r before");
    }
    /* Both ledgers were written under one run id, by separate calls. */
    sandbox_says(&f->box, "cat manifests/.ledger/*.ndjson | grep -o '\"run\":\"[^\"]*' | sort | uniq -d", "");
}

static void another_run_is_run(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;
    struct tm_sweep_pass pass;

    sweep(f, true, RUN_A, &said, &pass);
    sweep(f, true, RUN_B, &said, &pass);
    assert_false(pass.recalled);
    sandbox_says(&f->box, "wc -l <runs", "4\n");
    sandbox_says(&f->box, "wc -l <manifests/.ledger/coverage.ndjson", "7\n");
}

static void json_has_an_object_for_each_pass_that_ran(void **state)
{
    struct fixture *f = *state;
    struct tm_sweep TM_CLEANUP(tm_sweep_release) swept = TM_SWEEP_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) json = TM_BUF_INIT;
    struct tm_sweep_request request = { .bench = true };
    struct tm_json_writer w;

    assert_ok(&err, tm_sweep_run(&swept, &f->repo, &f->catalog, &request, &err));
    tm_json_writer_init(&w, &json, 0);
    tm_sweep_json(&swept, &w);
    assert_non_null(strstr(json.data, "\"bench\":{\"totals\":{\"modules\":0,"));
    assert_null(strstr(json.data, "\"coverage\""));
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, make_fixture, remove_fixture)

TM_TESTS(WITH_FIXTURE(a_run_asked_for_again_is_recalled_and_not_repeated), WITH_FIXTURE(another_run_is_run),
         WITH_FIXTURE(json_has_an_object_for_each_pass_that_ran))
