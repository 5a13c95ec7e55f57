#include "faults.h"
#include "repo/publish.h"
#include "sandbox.h"

struct fixture {
    struct sandbox box;
    struct tm_repo repo;
    struct tm_err err;
};

static void open_at(struct fixture *f, const char *folder)
{
    char *TM_CLEANUP(tm_freep) path = sandbox_path(&f->box, folder);

    tm_repo_close(&f->repo);
    assert_ok(&f->err, tm_repo_open(&f->repo, path, NULL, &f->err));
}

static int set_up(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));

    *state = f;
    f->err = TM_ERR_INIT;
    f->repo = TM_REPO_INIT;
    f->box = sandbox_make();
    sandbox_run(&f->box, NULL,
                "git init -q r; cd r; echo old >a; chmod +x a; git add -A; git commit -qm start");
    open_at(f, "r");
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

static enum tm_code publish(struct fixture *f, const char *tag)
{
    static const struct tm_git_file files[] = {
        { { "a", 1 }, { "new\n", 4 } },
        { { "dir/b", 5 }, { "b\n", 2 } },
        { { "empty", 5 }, { "", 0 } },
    };
    struct tm_publish what = { files, TM_LEN(files), tag, "area: both\n" };
    struct tm_oid parent, commit;

    assert_ok(&f->err, tm_git_resolve(f->repo.git, "HEAD", &parent, &f->err));
    return tm_repo_publish(&f->repo, &parent, &what, &commit, &f->err);
}

static void files_commit_and_tag_appear_together(void **state)
{
    struct fixture *f = *state;

    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    assert_ok(&f->err, publish(f, "v1"));
    sandbox_says(&f->box,
                 "cd r; git status --porcelain; git log -1 --format='%s %D'; cat a dir/b; stat -c %A a; git "
                 "cat-file -t v1\n"
                 "git diff --raw --no-abbrev HEAD~ | cut -d' ' -f1,2,5; find .git/tidemark -name '*publish*' "
                 "! -type d",
                 "area: both HEAD -> main, tag: v1\nnew\nb\n-rwxr-xr-x\ntag\n"
                 ":100755 100755 M\ta\n:000000 100644 A\tdir/b\n:000000 100644 A\tempty\n");
    /* A second one needs no tag, and finds nothing of the first. */
    assert_ok(&f->err, publish(f, NULL));
    sandbox_says(&f->box, "cd r; git status --porcelain; git rev-list --count HEAD", "3\n");
}

static void a_path_that_is_not_utf8_is_refused(void **state)
{
    struct fixture *f = *state;
    const struct tm_git_file file = { TM_STR("\xff"), TM_STR("x") };
    struct tm_publish what = { &file, 1, NULL, "x" };
    struct tm_oid parent, commit;

    assert_ok(&f->err, tm_git_resolve(f->repo.git, "HEAD", &parent, &f->err));
    assert_fails(&f->err, TM_E_PATH, tm_repo_publish(&f->repo, &parent, &what, &commit, &f->err));
    sandbox_says(&f->box, "cd r; git status --porcelain", "");
}

/* Killed when the files are there and the refs have not moved: the index lock is the next thing. */
static void die_before_refs_move(struct fixture *f, const char *folder)
{
    for (int n = 0;; n++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;
        int status;
        pid_t child;

        tm_repo_close(&f->repo);
        child = fork();
        if (child == 0) {
            open_at(f, folder);
            assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
            break_calls(BROKEN_KILL, n);
            _exit(publish(f, "v1") == TM_OK ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        open_at(f, folder);
        setenv("FOLDER", folder, 1);
        sandbox_run(&f->box, &said, "cd $FOLDER; git status --porcelain -uall | tr '\\n' ,");
        if (strcmp(said.data, " M a,?? dir/b,?? empty,") == 0)
            return;
        assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    }
}

static void what_was_begun_is_taken_back_by_the_next_lock(void **state)
{
    struct fixture *f = *state;

    die_before_refs_move(f, "r");
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    sandbox_says(&f->box,
                 "cd r; git status --porcelain -uall; cat a; stat -c %A a; find .git/tidemark -name "
                 "'*publish*' ! -type d",
                 "old\n-rwxr-xr-x\n");
    /* And not again by the one after it. */
    sandbox_run(&f->box, NULL, "cd r; echo new >a; git commit -qam 'by hand'");
    open_at(f, "r");
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    sandbox_says(&f->box, "cd r; cat a", "new\n");
}

static bool lock(void *ctx)
{
    struct fixture *f = ctx;

    return tm_repo_lock(&f->repo, 0, &f->err) == TM_OK;
}

/* Whatever call of the recovery fails, it says so or succeeds, and the next one finds all that it needs. */
static void a_recovery_that_fails_is_made_up_for(void **state)
{
    static const struct fault fault = { "EIO", BROKEN_ONCE, CALLS_ALL & ~CALL_REMOVE, EIO };
    struct fixture *f = *state;
    int n = 0, failed = 0;
    bool met = true;

    die_before_refs_move(f, "r");
    tm_repo_close(&f->repo);
    sandbox_run(&f->box, NULL, "cp -a r saved");
    for (; met; n++) {
        sandbox_run(&f->box, NULL, "rm -rf r; cp -a saved r");
        open_at(f, "r");
        /* In a child: libgit2 leaks what it had when a call failed. */
        failed += run_broken(&fault, CALLS_ALL, n, lock, f, NULL, &met) == REFUSED;
        assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
        sandbox_says(&f->box,
                     "cd r; git status --porcelain -uall; cat a; stat -c %A a; find .git/tidemark -name "
                     "'*publish*' ! -type d; ls .git/*.lock 2>/dev/null || :",
                     "old\n-rwxr-xr-x\n");
    }
    assert_true(n > 50 && failed > 20);
}

static void a_file_that_was_changed_since_is_left_alone(void **state)
{
    struct fixture *f = *state;

    die_before_refs_move(f, "r");
    sandbox_run(&f->box, NULL, "cd r; echo mine >>a; rm empty");
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    sandbox_says(&f->box, "cd r; git status --porcelain -uall; cat a", " M a\nnew\nmine\n");
}

static void what_is_published_after_all_is_not_taken_back(void **state)
{
    struct fixture *f = *state;

    die_before_refs_move(f, "r");
    /* As if the kill had come after the refs moved: somebody finished it. */
    sandbox_run(&f->box, NULL,
                "cd r; c=$(sed -n 's/.*\"commit\": \"\\(.*\\)\",/\\1/p' .git/tidemark/publish.json); rm -f "
                ".git/index.lock;"
                "git update-ref refs/heads/main $c; git reset -q; git commit -q --allow-empty -m later");
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    sandbox_says(&f->box, "cd r; git status --porcelain -uall; git log --format=%s; cat a",
                 "later\narea: both\nstart\nnew\n");
}

static void each_work_tree_recovers_its_own(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL, "cd r; git worktree add -q ../other 2>&1");
    die_before_refs_move(f, "other");
    open_at(f, "r");
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    sandbox_says(&f->box, "cd r; git status --porcelain; cat a", "old\n");
    sandbox_says(&f->box, "cd other; cat a", "new\n");
    open_at(f, "other");
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    sandbox_says(&f->box,
                 "cd other; git status --porcelain -uall; cat a; find ../r/.git -name '*publish*' ! -type d",
                 "old\n");
}

static void a_damaged_intent_says_what_to_do(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"format\": \"tidemark-publish/2\", \"commit\": \"1111111111111111111111111111111111111111\", "
        "\"files\": []}",
        "{\"format\": \"tidemark-publish/1\", \"commit\": \"11\", \"files\": []}",
        "{\"format\": \"tidemark-publish/1\", \"commit\": \"1111111111111111111111111111111111111111\", "
        "\"files\": {}}",
        "{\"format\": \"tidemark-publish/1\", \"commit\": \"1111111111111111111111111111111111111111\", "
        "\"files\": [{}]}",
        "{\"format\": \"tidemark-publish/1\", \"commit\": \"1111111111111111111111111111111111111111\", "
        "\"files\": "
        "[{\"path\": \"../x\", \"existed\": true, \"new_sha256\": "
        "\"0011223344556677889900112233445566778899001122334455667788990011\"}]}",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < TM_LEN(texts); i++) {
        open_at(f, "r");
        assert_ok(&f->err,
                  tm_root_replace(&f->repo.state, TM_STR("publish.json"), tm_str(texts[i]), NULL, &f->err));
        assert_fails(&f->err, TM_E_FORMAT, tm_repo_lock(&f->repo, 0, &f->err));
        assert_non_null(
            strstr(f->err.msg,
                   "/publish.json', left by a process that was killed, is damaged; see 'git status'"));
        /* The lock is free again. */
        assert_int_equal(f->repo.lock.fd, -1);
    }
}

static void an_intent_of_a_commit_that_is_gone_is_taken_back(void **state)
{
    struct fixture *f = *state;

    assert_ok(&f->err, tm_root_replace(&f->repo.state, TM_STR("publish.json"),
                                       TM_STR("{\"format\": \"tidemark-publish/1\", \"commit\": "
                                              "\"1111111111111111111111111111111111111111\", \"files\": []}"),
                                       NULL, &f->err));
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    assert_false(tm_root_exists(&f->repo.state, TM_STR("publish.json")));
}

#define PUBLISH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TM_TESTS(PUBLISH_TEST(files_commit_and_tag_appear_together), PUBLISH_TEST(a_path_that_is_not_utf8_is_refused),
         PUBLISH_TEST(what_was_begun_is_taken_back_by_the_next_lock),
         PUBLISH_TEST(a_recovery_that_fails_is_made_up_for),
         PUBLISH_TEST(a_file_that_was_changed_since_is_left_alone),
         PUBLISH_TEST(what_is_published_after_all_is_not_taken_back),
         PUBLISH_TEST(each_work_tree_recovers_its_own), PUBLISH_TEST(a_damaged_intent_says_what_to_do),
         PUBLISH_TEST(an_intent_of_a_commit_that_is_gone_is_taken_back))
