#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "git_fixture.h"

/* A commit that adds "frozen", and a tag of it, that only wait to be published. */
struct waiting {
    struct tm_oid parent, commit, tag;
};

static const struct tm_str frozen_paths[] = { { "frozen", 6 } };

static struct waiting make_waiting(struct fixture *f)
{
    const struct tm_git_file file = { TM_STR("frozen"), TM_STR("frozen\n") };
    struct waiting w = { .parent = head_of(f) };

    assert_ok(&f->err, tm_git_commit_prepare(f->git, &w.parent, &file, 1, "freeze: v1", &w.commit, &f->err));
    assert_ok(&f->err, tm_git_tag_prepare(f->git, "v1", &w.commit, "the tag", &w.tag, &f->err));
    return w;
}

static enum tm_code publish(struct fixture *f, const struct waiting *w)
{
    return tm_git_publish(f->git, &w->parent, &w->commit, "v1", &w->tag, frozen_paths, 1, &f->err);
}

/* Everything that a publish may change. */
static void snapshot(struct fixture *f, struct tm_buf *out)
{
    tm_buf_clear(out);
    sandbox_run(&f->box, out,
                "cd r; git for-each-ref; cat .git/HEAD; git ls-files -s --debug 2>/dev/null || cksum "
                "<.git/index; git diff --name-only 2>/dev/null || :;"
                "cat .git/logs/HEAD; find .git -name '*.lock' -o -name '*tidemark*'");
}

static void branch_and_tag_appear_together(void **state)
{
    struct fixture *f = *state;
    struct waiting w;

    sandbox_run(&f->box, NULL, "cd r; echo staged >a.txt; git add a.txt");
    w = make_waiting(f);
    sandbox_run(&f->box, NULL, "cd r; echo frozen >frozen");
    assert_ok(&f->err, publish(f, &w));
    sandbox_says(
        &f->box,
        "cd r; git status --short; git log -1 --format='%s %D'; git cat-file -t v1; git tag -l -n9 v1; git "
        "fsck --strict 2>&1;"
        "git reflog -1 --format=%gs; find .git -name '*.lock' -o -name '*tidemark*'",
        "M  a.txt\nfreeze: v1 HEAD -> main, tag: v1\ntag\nv1              the tag\ncommit: freeze: v1\n");
}

static void a_commit_can_go_without_a_tag(void **state)
{
    struct fixture *f = *state;
    struct waiting w = make_waiting(f);

    sandbox_run(&f->box, NULL, "cd r; git checkout -q --detach");
    assert_ok(&f->err, tm_git_publish(f->git, &w.parent, &w.commit, NULL, NULL, frozen_paths, 1, &f->err));
    /* The file is not written: to git it is one that was deleted. */
    sandbox_says(&f->box, "cd r; git status --short; git log -1 --format='%s %D'; git tag",
                 " D frozen\nfreeze: v1 HEAD\n");
}

static void what_stands_in_the_way_changes_nothing(void **state)
{
    static const struct {
        const char *script;
        enum tm_code code;
        const char *word;
    } cases[] = {
        { "git commit -q --allow-empty -m other", TM_E_GIT, "has moved" },
        { "git checkout -q -b other; git commit -q --allow-empty -m o", TM_E_GIT, "has moved" },
        { "git checkout -q --orphan other", TM_E_GIT, "has moved" },
        { "git tag v1", TM_E_EXISTS, "'v1' exists" },
        { "git tag v1; git pack-refs --all", TM_E_EXISTS, "'v1' exists" },
        { "git tag v1/x", TM_E_EXISTS, "'v1/x'" },
        { "git tag v1/x; git pack-refs --all; rm -rf .git/refs/tags/v1", TM_E_EXISTS, "'v1/x'" },
        { "touch .git/refs/heads/main.lock", TM_E_LOCKED, "refs/heads/main" },
        { "touch .git/refs/tags/v1.lock", TM_E_LOCKED, "refs/tags/v1" },
        { "touch .git/HEAD.lock", TM_E_LOCKED, "HEAD" },
        { "touch .git/index.lock", TM_E_LOCKED, "index.lock" },
        { "echo something else >.git/index", TM_E_GIT, "index" },
        { "git update-index --split-index", TM_E_GIT, "--no-split-index" },
        { "git config user.name ''; git config --global --unset user.name", TM_E_GIT, "git config" },
        /* The branch is packed, and a folder is where its file should be: only the last step fails. */
        { "git pack-refs --all; mkdir -p .git/refs/heads/main; touch .git/refs/heads/main/x", TM_E_GIT,
          "main" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) script = TM_BUF_INIT;
        struct fixture *f;
        struct waiting w;

        tear_down(state);
        set_up(state);
        f = *state;
        w = make_waiting(f);
        tm_buf_addf(&script, "cd r; { %s; } 2>&1", cases[i].script);
        sandbox_run(&f->box, NULL, script.data);
        open_at(f, "r");
        snapshot(f, &before);
        assert_fails(&f->err, cases[i].code, publish(f, &w));
        assert_mentions(f, cases[i].word);
        snapshot(f, &after);
        assert_string_equal(before.data, after.data);
    }
}

/* After tm_git_recover either all of it is there or nothing, and no lock is. */
static bool check_recovered(struct fixture *f, const struct waiting *w)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;
    struct tm_oid head, tagged;
    bool done;

    open_at(f, "r");
    assert_ok(&f->err, tm_git_recover(f->git, &f->err));
    head = head_of(f);
    done = strcmp(head.hex, w->commit.hex) == 0;
    if (!done)
        assert_string_equal(head.hex, w->parent.hex);
    if (tm_git_tag_find(f->git, "v1", &tagged, NULL, &f->err) == TM_OK)
        assert_true(done && strcmp(tagged.hex, w->commit.hex) == 0);
    else
        assert_false(done);
    sandbox_run(&f->box, &said,
                "cd r; git status --short; git fsck --strict --no-dangling 2>&1; find .git -name '*.lock' -o "
                "-name 'index.tidemark*'");
    assert_string_equal(said.data, done ? "" : "?? frozen\n");
    return done;
}

static void what_a_killed_process_began_is_finished_or_undone(void **state)
{
    struct fixture *f = *state;
    int finished = 0, undone = 0;
    int64_t took_ns = 0;

    /* The first round is not disturbed and says how long it takes. */
    for (int round = 0; round < 16; round++) {
        struct waiting w;
        int64_t start;
        pid_t child;
        int status;

        tear_down(state);
        set_up(state);
        f = *state;
        w = make_waiting(f);
        sandbox_run(&f->box, NULL, "cd r; echo frozen >frozen");
        start = tm_clock_mono_ns();
        child = fork();
        if (child == 0)
            _exit(publish(f, &w) ? 1 : 0);
        if (round > 0) {
            struct timespec pause = { 0, took_ns * (round - 1) / 16 };

            nanosleep(&pause, NULL);
            kill(child, SIGKILL);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (round == 0) {
            assert_int_equal(status, 0);
            took_ns = TM_MIN(tm_clock_mono_ns() - start, (int64_t)900000000);
        }
        if (check_recovered(f, &w))
            finished++;
        else
            undone++;
    }
    assert_true(finished > 0 && undone > 0);
}

/* Writes what a process leaves that is killed right after it took its locks. */
static void leave_intent(struct fixture *f, const struct waiting *w, const char *more)
{
    setenv("COMMIT", w->commit.hex, 1);
    setenv("TAG", w->tag.hex, 1);
    sandbox_run(
        &f->box, NULL,
        "cd r; echo frozen >frozen; printf 'tidemark intent 1\\n%s refs/heads/main\\n%s refs/tags/v1\\n' "
        "$COMMIT $TAG >.git/index.lock; touch .git/HEAD.lock .git/refs/heads/main.lock "
        ".git/refs/tags/v1.lock");
    sandbox_run(&f->box, NULL, more);
}

static void each_point_of_interruption_is_recovered_from(void **state)
{
    static const struct {
        const char *script; /* what else had happened */
        bool done;
    } points[] = {
        { ":", false },
        { "cp r/.git/index r/.git/index.tidemark-new; touch r/.git/index.tidemark-new.lock", false },
        { "ln r/.git/index r/.git/index.tidemark-old", false },
        { "cd r; cp .git/index .git/index.tidemark-old; GIT_INDEX_FILE=$PWD/.git/x git read-tree $COMMIT; mv "
          ".git/x .git/index",
          false },
        { "cd r; cp .git/index .git/index.tidemark-old; GIT_INDEX_FILE=$PWD/.git/x git read-tree $COMMIT; mv "
          ".git/x .git/index;"
          "rm .git/refs/tags/v1.lock; echo $TAG >.git/refs/tags/v1",
          false },
        { "cd r; cp .git/index .git/index.tidemark-old; GIT_INDEX_FILE=$PWD/.git/x git read-tree $COMMIT; mv "
          ".git/x .git/index;"
          "rm .git/refs/tags/v1.lock; echo $TAG >.git/refs/tags/v1; rm .git/refs/heads/main.lock "
          ".git/HEAD.lock;"
          "echo $COMMIT >.git/refs/heads/main",
          true },
    };

    for (size_t i = 0; i < TM_LEN(points); i++) {
        struct fixture *f;
        struct waiting w;

        tear_down(state);
        set_up(state);
        f = *state;
        w = make_waiting(f);
        leave_intent(f, &w, points[i].script);
        assert_int_equal(check_recovered(f, &w), points[i].done);
    }
}

static void a_first_index_is_taken_back(void **state)
{
    struct fixture *f = *state;
    const struct tm_git_file file = { TM_STR("frozen"), TM_STR("frozen\n") };
    struct waiting w = { .parent = { "" } };

    sandbox_run(&f->box, NULL, "git init -q empty");
    open_at(f, "empty");
    assert_ok(&f->err, tm_git_commit_prepare(f->git, &w.parent, &file, 1, "x", &w.commit, &f->err));
    setenv("COMMIT", w.commit.hex, 1);
    sandbox_run(&f->box, NULL,
                "cd empty; git read-tree $COMMIT; printf 'tidemark intent 1\\n%s refs/heads/main\\nno "
                "index\\n' $COMMIT >.git/index.lock");
    assert_ok(&f->err, tm_git_recover(f->git, &f->err));
    sandbox_says(&f->box, "cd empty; git status --short; ls .git | grep index || :", "");
}

static void the_lock_of_another_git_is_not_touched(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL, "cd r; cp .git/index .git/index.lock; cksum .git/index.lock >before");
    assert_ok(&f->err, tm_git_recover(f->git, &f->err));
    sandbox_run(&f->box, NULL, "cd r; cksum .git/index.lock | cmp - before");
}

static void recovery_keeps_the_lock_of_a_working_git(void **state)
{
    struct fixture *f = *state;
    struct waiting w = make_waiting(f);
    pid_t child;
    int status;

    leave_intent(f, &w, "rm r/.git/HEAD.lock r/.git/refs/tags/v1.lock");
    /* A git that makes its lock anew while recovery looks at it. */
    child = fork();
    if (child == 0) {
        struct timespec pause = { 0, 5000000 };
        char *lock = sandbox_path(&f->box, "r/.git/refs/heads/main.lock");

        for (int i = 0; i < 200; i++) {
            char *fresh = sandbox_path(&f->box, "r/.git/fresh");
            FILE *file = fopen(fresh, "w");

            if (file)
                fclose(file);
            rename(fresh, lock);
            free(fresh);
            nanosleep(&pause, NULL);
        }
        _exit(0);
    }
    nanosleep(&(struct timespec) { 0, 20000000 }, NULL);
    assert_ok(&f->err, tm_git_recover(f->git, &f->err));
    sandbox_says(&f->box, "ls r/.git/refs/heads r/.git/*.lock 2>/dev/null || :",
                 "r/.git/refs/heads:\nmain\nmain.lock\n");
    assert_int_equal(waitpid(child, &status, 0), child);
}

TM_TESTS(GIT_TEST(branch_and_tag_appear_together), GIT_TEST(a_commit_can_go_without_a_tag),
         GIT_TEST(what_stands_in_the_way_changes_nothing),
         GIT_TEST(what_a_killed_process_began_is_finished_or_undone),
         GIT_TEST(each_point_of_interruption_is_recovered_from), GIT_TEST(a_first_index_is_taken_back),
         GIT_TEST(the_lock_of_another_git_is_not_touched), GIT_TEST(recovery_keeps_the_lock_of_a_working_git))
