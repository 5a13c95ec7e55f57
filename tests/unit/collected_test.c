#include "sweep/collected.h"

#include "sandbox.h"

struct fixture {
    struct sandbox box;
    struct tm_repo repo;
    struct tm_err err;
};

static int set_up(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));

    f->err = TM_ERR_INIT;
    f->repo = TM_REPO_INIT;
    f->box = sandbox_make();
    sandbox_run(&f->box, NULL, "git init -q");
    assert_ok(&f->err, tm_repo_open(&f->repo, f->box.dir, NULL, &f->err));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tm_repo_close(&f->repo);
    tm_err_release(&f->err);
    sandbox_remove(&f->box);
    free(f);
    return 0;
}

/* A task of a run at a time, with a report in out/ and one that is kept nowhere. */
static void note(struct fixture *f, const char *run, const char *name, const char *time)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) dir = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_str reports[2];
    const struct tm_collected_task task = { TM_STR("lcov"), TM_STR("lib"), TM_STR("/mirror"), reports, 2 };

    setenv("SOURCE_DATE_EPOCH", time, 1);
    tm_buf_addf(&dir, "runs/%s/coverage/%s", run, name);
    tm_buf_addf(&path, "mkdir -p .git/tidemark/%s/out; echo x >.git/tidemark/%s/out/info", dir.data,
                dir.data);
    sandbox_run(&f->box, NULL, path.data);
    tm_buf_clear(&path);
    tm_buf_addf(&path, "%s/%s/out/info", f->repo.state.path, dir.data);
    reports[0] = tm_buf_str(&path);
    reports[1] = TM_STR("/elsewhere/info");
    assert_ok(&f->err, tm_collected_write(&f->repo, tm_buf_str(&dir), &task, "abc", &f->err));
    unsetenv("SOURCE_DATE_EPOCH");
}

static void the_last_sweep_that_left_reports_is_found(void **state)
{
    struct fixture *f = *state;
    struct tm_collected TM_CLEANUP(tm_collected_release) c = TM_COLLECTED_INIT;

    note(f, "bb", "one", "2000");
    note(f, "bb", "two", "2001");
    note(f, "aa", "one", "1000");
    note(f, "cc", "one", "3000");
    sandbox_run(&f->box, NULL, "rm .git/tidemark/runs/cc/coverage/one/out/info; mkdir .git/tidemark/runs/dd");
    assert_ok(&f->err, tm_collected_find(&c, &f->repo, &f->err));
    assert_true(tm_str_is(c.run, "bb"));
    assert_int_equal(c.time_s, 2001);
    assert_true(tm_str_is(c.commit, "abc"));
    assert_int_equal(c.n, 2);
    assert_true(tm_str_is(c.tasks[0].format, "lcov"));
    assert_true(tm_str_is(c.tasks[0].base, "lib"));
    assert_true(tm_str_is(c.tasks[0].mirror, "/mirror"));
    assert_int_equal(c.tasks[0].n_reports, 1);
    assert_true(tm_str_has_suffix(c.tasks[0].reports[0], TM_STR("/runs/bb/coverage/one/out/info")));
}

static void notes_that_are_none_or_lead_elsewhere_are_not_taken(void **state)
{
    struct fixture *f = *state;
    struct tm_collected TM_CLEANUP(tm_collected_release) c = TM_COLLECTED_INIT;

    assert_fails(&f->err, TM_E_NOT_FOUND, tm_collected_find(&c, &f->repo, &f->err));
    note(f, "aa", "up", "1000");
    note(f, "aa", "cut", "1000");
    note(f, "aa", "other", "1000");
    sandbox_run(
        &f->box, NULL,
        "cd .git/tidemark/runs/aa/coverage; echo x >info; sed -i 's#out/info#../info#' up/collected.json;"
        "sed -i 's#}##' cut/collected.json; sed -i 's#\"root\":\"#&/other#' other/collected.json");
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_collected_find(&c, &f->repo, &f->err));
    assert_non_null(strstr(tm_err_msg(&f->err), "tidemark sweep"));
}

TM_TESTS(cmocka_unit_test_setup_teardown(the_last_sweep_that_left_reports_is_found, set_up, tear_down),
         cmocka_unit_test_setup_teardown(notes_that_are_none_or_lead_elsewhere_are_not_taken, set_up,
                                         tear_down))
