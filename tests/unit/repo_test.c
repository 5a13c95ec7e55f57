#include "repo/repo.h"
#include "sandbox.h"
#include "test.h"

struct fixture {
    struct sandbox box;
    struct tm_repo repo;
    struct tm_err err;
};

static int set_up(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));

    f->box = sandbox_make();
    f->repo = TM_REPO_INIT;
    f->err = TM_ERR_INIT;
    sandbox_run(&f->box, NULL,
                "git init -q r; cd r; mkdir -p sub/deep; touch a; git add a; git commit -qm 1");
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

static enum tm_code open_at(struct fixture *f, const char *name)
{
    char *path = sandbox_path(&f->box, name);
    enum tm_code code = tm_repo_open(&f->repo, path, NULL, &f->err);

    free(path);
    return code;
}

static void a_repository_is_found_from_inside(void **state)
{
    struct fixture *f = *state;
    char *root = sandbox_path(&f->box, "r"), *own = sandbox_path(&f->box, "r/.git/tidemark");

    assert_ok(&f->err, open_at(f, "r/sub/deep"));
    assert_string_equal(f->repo.root.path, root);
    assert_string_equal(f->repo.state.path, own);
    sandbox_says(&f->box, "cd r; git status --short; ls -d .git/tidemark", ".git/tidemark\n");
    free(root);
    free(own);
}

static void work_trees_share_state_and_lock(void **state)
{
    struct fixture *f = *state;
    struct tm_repo first;
    char *own = sandbox_path(&f->box, "r/.git/tidemark");

    sandbox_run(&f->box, NULL, "cd r; git worktree add -q ../w");
    assert_ok(&f->err, open_at(f, "r"));
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    first = f->repo;
    f->repo = TM_REPO_INIT;
    assert_ok(&f->err, open_at(f, "w"));
    assert_string_equal(f->repo.state.path, own);
    assert_fails(&f->err, TM_E_LOCKED, tm_repo_lock(&f->repo, 0, &f->err));
    tm_repo_close(&first);
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    free(own);
}

static void wrong_settings_stop_everything(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL, "echo 'no_such_key: 1' >r/tidemark.yaml");
    assert_fails(&f->err, TM_E_SETTINGS, open_at(f, "r"));
    assert_int_equal(f->repo.root.fd, -1);
    assert_null(f->repo.git);
}

static void locking_puts_right_what_a_killed_process_left(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "cd r; printf 'tidemark intent 1\n%s refs/heads/main\n' $(git rev-parse HEAD | tr 0-9a-f "
                "f0-9a-e) >.git/index.lock");
    assert_ok(&f->err, open_at(f, "r"));
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    sandbox_says(&f->box, "ls r/.git | grep lock || :", "");
}

static void own_files_are_told_from_the_users(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    static const struct {
        const char *path;
        bool own;
    } cases[] = {
        { "gen/MODULE_REGISTRY.json", true },
        { "gen/deep/x", true },
        { "generated/x", false },
        { "gen", true },
        { "trends/bench_trend.csv", true },
        { "a/trends/x", false },
        { "led/ger/a.ndjson", true },
        { "led/x", false },
        { "tidemark.yaml", false },
    };

    sandbox_run(&f->box, NULL, "printf 'paths:\n  generated: gen\n  ledger: led/ger\n' >r/tidemark.yaml");
    assert_ok(&f->err, open_at(f, "r"));
    for (size_t i = 0; i < TM_LEN(cases); i++)
        if (tm_repo_is_own(&f->repo, tm_str(cases[i].path)) != cases[i].own)
            fail_msg("'%s'", cases[i].path);
    tm_repo_generated(&f->repo, "X.json", &path);
    assert_string_equal(path.data, "gen/X.json");
    tm_repo_ledger(&f->repo, "coverage.ndjson", &path);
    assert_string_equal(path.data, "led/ger/coverage.ndjson");
    tm_repo_trend(&f->repo, "t.csv", &path);
    assert_string_equal(path.data, "trends/t.csv");
}

#define REPO_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TM_TESTS(REPO_TEST(a_repository_is_found_from_inside), REPO_TEST(work_trees_share_state_and_lock),
         REPO_TEST(wrong_settings_stop_everything), REPO_TEST(locking_puts_right_what_a_killed_process_left),
         REPO_TEST(own_files_are_told_from_the_users))
