#include <sys/stat.h>

#include "ext/git.h"
#include "sandbox.h"
#include "test.h"

/* A sandbox with the repository "r" (one commit: a.txt, dir/b.txt), opened. */
struct fixture {
    struct sandbox box;
    struct tm_git *git;
    struct tm_err err;
    struct tm_arena arena;
};

static void open_at(struct fixture *f, const char *name)
{
    char *path = sandbox_path(&f->box, name);

    tm_git_close(f->git);
    f->git = NULL;
    assert_ok(&f->err, tm_git_open(&f->git, path, &f->err));
    free(path);
}

static int set_up(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));

    f->err = TM_ERR_INIT;
    f->arena = TM_ARENA_INIT;
    f->box = sandbox_make();
    sandbox_run(&f->box, NULL,
                "git init -q r; cd r; mkdir dir; echo a >a.txt; echo b >dir/b.txt;"
                "git add .; git commit -qm 'first one'");
    open_at(f, "r");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tm_git_close(f->git);
    tm_err_release(&f->err);
    tm_arena_release(&f->arena);
    sandbox_remove(&f->box);
    free(f);
    return 0;
}

static struct tm_oid head_of(struct fixture *f)
{
    struct tm_git_head head;
    struct tm_oid id;

    assert_ok(&f->err, tm_git_head(f->git, &head, &f->err));
    id = head.commit;
    tm_git_head_release(&head);
    return id;
}

/* Commits one path, which must work and must make a commit. */
static struct tm_oid commit_path(struct fixture *f, const char *path)
{
    struct tm_str paths[] = { tm_str(path) };
    struct tm_oid id;
    bool made = false;

    assert_ok(&f->err, tm_git_commit_paths(f->git, paths, 1, "area: change", &id, &made, &f->err));
    assert_true(made);
    return id;
}

static enum tm_code try_commit(struct fixture *f, const char *path)
{
    struct tm_str paths[] = { tm_str(path) };
    struct tm_oid id;
    bool made;

    return tm_git_commit_paths(f->git, paths, 1, "area: change", &id, &made, &f->err);
}

static void assert_mentions(struct fixture *f, const char *word)
{
    if (!f->err.msg || !strstr(f->err.msg, word))
        fail_msg("'%s' is not in: %s", word, tm_err_msg(&f->err));
}

static void a_folder_without_git_is_refused(void **state)
{
    struct fixture *f = *state;
    struct tm_git *git = NULL;

    assert_fails(&f->err, TM_E_GIT, tm_git_open(&git, f->box.dir, &f->err));
    assert_mentions(f, "git init");
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_open(&git, "/nonexistent/folder", &f->err));
    assert_null(git);
}

static void bare_and_sha256_repositories_are_refused(void **state)
{
    struct fixture *f = *state;
    struct tm_git *git = NULL;
    char *bare = sandbox_path(&f->box, "bare"), *sha = sandbox_path(&f->box, "sha");

    sandbox_run(&f->box, NULL, "git init -q --bare bare; git init -q --object-format=sha256 sha");
    assert_fails(&f->err, TM_E_GIT, tm_git_open(&git, bare, &f->err));
    assert_mentions(f, "bare");
    assert_fails(&f->err, TM_E_GIT, tm_git_open(&git, sha, &f->err));
    assert_mentions(f, "SHA-256");
    free(bare);
    free(sha);
}

static void another_users_repository_is_refused(void **state)
{
    struct fixture *f = *state;
    struct tm_git *git = NULL;
    char *path = sandbox_path(&f->box, "r");

    /* Only root can give a repository away. */
    if (geteuid() == 0) {
        sandbox_run(&f->box, NULL, "chown -R 12345 r");
        assert_fails(&f->err, TM_E_GIT, tm_git_open(&git, path, &f->err));
        assert_mentions(f, "safe.directory");
    } else {
        assert_ok(&f->err, tm_git_open(&git, path, &f->err));
        tm_git_close(git);
    }
    free(path);
}

static void the_environment_does_not_choose_the_repository(void **state)
{
    struct fixture *f = *state;
    char *expected = sandbox_path(&f->box, "other");

    sandbox_run(&f->box, NULL, "git init -q other; mkdir -p other/deep/er");
    setenv("GIT_DIR", "/nonexistent/.git", 1);
    setenv("GIT_WORK_TREE", "/nonexistent", 1);
    setenv("GIT_INDEX_FILE", "/nonexistent/index", 1);
    open_at(f, "other/deep/er");
    unsetenv("GIT_DIR");
    unsetenv("GIT_WORK_TREE");
    unsetenv("GIT_INDEX_FILE");
    assert_string_equal(tm_git_workdir(f->git), expected);
    free(expected);
}

static void a_linked_work_tree_has_its_own_head(void **state)
{
    struct fixture *f = *state;
    char *dir = sandbox_path(&f->box, "r/.git/worktrees/w"), *common = sandbox_path(&f->box, "r/.git");
    struct tm_git_head head;

    sandbox_run(&f->box, NULL, "cd r; git worktree add -q -b side ../w; echo 1 >>../w/a.txt");
    open_at(f, "w/dir");
    assert_string_equal(tm_git_dir(f->git), dir);
    assert_string_equal(tm_git_common_dir(f->git), common);
    commit_path(f, "a.txt");
    assert_ok(&f->err, tm_git_head(f->git, &head, &f->err));
    assert_string_equal(head.branch, "refs/heads/side");
    tm_git_head_release(&head);
    sandbox_says(&f->box, "git -C w status --short; git -C w log --format=%s side; git -C r log --format=%s main;"
                          "find r/.git -name '*.lock' -o -name '*tidemark*'",
                 "area: change\nfirst one\nfirst one\n");
    free(dir);
    free(common);
}

static void a_commit_keeps_what_is_staged_beside_it(void **state)
{
    struct fixture *f = *state;
    struct tm_oid id, head;

    sandbox_run(&f->box, NULL, "cd r; echo staged >dir/b.txt; git add dir/b.txt; echo 2 >a.txt; echo 3 >new");
    id = commit_path(f, "a.txt");
    head = head_of(f);
    assert_string_equal(id.hex, head.hex);
    sandbox_says(&f->box,
                 "cd r; git status --short; git diff-tree --no-commit-id -r --name-status HEAD;"
                 "git log -1 --format='%an %ae %cn %ai' --date=raw | sed 's/ [0-9].*+/ +/'; git fsck --strict 2>&1;"
                 "git reflog -1 --format=%gs; git reflog -1 --format=%gs main",
                 "M  dir/b.txt\n?? new\nM\ta.txt\nTest Person test@example.org Test Person +0000\n"
                 "commit: area: change\ncommit: area: change\n");
    assert_fails(&f->err, TM_E_PATH, try_commit(f, "../x"));
}

TM_TESTS(cmocka_unit_test_setup_teardown(a_folder_without_git_is_refused, set_up, tear_down),
         cmocka_unit_test_setup_teardown(bare_and_sha256_repositories_are_refused, set_up, tear_down),
         cmocka_unit_test_setup_teardown(another_users_repository_is_refused, set_up, tear_down),
         cmocka_unit_test_setup_teardown(the_environment_does_not_choose_the_repository, set_up, tear_down),
         cmocka_unit_test_setup_teardown(a_linked_work_tree_has_its_own_head, set_up, tear_down),
         cmocka_unit_test_setup_teardown(a_commit_keeps_what_is_staged_beside_it, set_up, tear_down))
