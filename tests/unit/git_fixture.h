/*
 * A sandbox with the repository "r" (one commit: a.txt, dir/b.txt), opened: what the tests of ext/git_*.c
 * stand on.
 */
#ifndef TM_GIT_FIXTURE_H
#define TM_GIT_FIXTURE_H

#include "ext/git.h"
#include "sandbox.h"

struct fixture {
    struct sandbox box;
    struct tm_git *git;
    struct tm_err err;
    struct tm_arena arena;
};

TM_UNUSED static void open_at(struct fixture *f, const char *name)
{
    char *path = sandbox_path(&f->box, name);

    tm_git_close(f->git);
    f->git = NULL;
    assert_ok(&f->err, tm_git_open(&f->git, path, &f->err));
    free(path);
}

TM_UNUSED static int set_up(void **state)
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

TM_UNUSED static int tear_down(void **state)
{
    struct fixture *f = *state;

    tm_git_close(f->git);
    tm_err_release(&f->err);
    tm_arena_release(&f->arena);
    sandbox_remove(&f->box);
    free(f);
    return 0;
}

#define GIT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TM_UNUSED static struct tm_oid head_of(struct fixture *f)
{
    struct tm_git_head head;
    struct tm_oid id;

    assert_ok(&f->err, tm_git_head(f->git, &head, &f->err));
    id = head.commit;
    tm_git_head_release(&head);
    return id;
}

TM_UNUSED static enum tm_code try_commit(struct fixture *f, const char *path)
{
    struct tm_str paths[] = { tm_str(path) };
    struct tm_oid id;
    bool made;

    return tm_git_commit_paths(f->git, paths, 1, "area: change", &id, &made, &f->err);
}

/* Commits one path, which must work and must make a commit. */
TM_UNUSED static struct tm_oid commit_path(struct fixture *f, const char *path)
{
    struct tm_str paths[] = { tm_str(path) };
    struct tm_oid id;
    bool made = false;

    assert_ok(&f->err, tm_git_commit_paths(f->git, paths, 1, "area: change", &id, &made, &f->err));
    assert_true(made);
    return id;
}

TM_UNUSED static void assert_mentions(struct fixture *f, const char *word)
{
    if (!f->err.msg || !strstr(f->err.msg, word))
        fail_msg("'%s' is not in: %s", word, tm_err_msg(&f->err));
}

#endif
