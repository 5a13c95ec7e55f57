/* All or nothing: freezing while calls fail, while the disk is full, and killed at every call. */
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "broken_calls.h"
#include "freeze_fixture.h"

/* Random moments at which a freeze is killed; TM_TEST_KILLS makes it more. */
enum { KILLS = 25 };

/* The state before a freeze, and how to get back to it. */
static void take_back(struct frozen *f)
{
    sandbox_run(&f->box, NULL,
                "git tag -d v1 >/dev/null 2>&1 || :; git reset -q --hard \"$(cat .git/start)\"");
}

static void remember_start(struct frozen *f)
{
    sandbox_run(&f->box, NULL, "git rev-parse HEAD >.git/start");
}

/* A freeze is either complete or has left nothing. */
static bool is_complete(struct frozen *f, const struct tm_buf *before)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;

    snapshot(f, &after);
    if (strcmp(after.data, before->data) == 0)
        return false;
    tm_buf_adds(&expected, "chore(freeze): baseline v1HEAD -> main, tag: v1\nready to be frozen\ntag\n");
    if (f->is_signed)
        tm_buf_adds(&expected, "docs/_generated/BASELINE_FREEZE.bench.note\n"
                               "docs/_generated/BASELINE_FREEZE.coverage.note\n");
    tm_buf_adds(&expected, "docs/_generated/BASELINE_FREEZE.json\nmanifests/.ledger/freeze.ndjson\n");
    sandbox_says(&f->box,
                 "git status --porcelain -uall; git log --format=%s%D; git cat-file -t v1; git fsck --strict "
                 "--no-dangling 2>&1\n"
                 "find .git -name '*.lock' -o -name '*tidemark-*' -o -path '*/publish*' -type f; ls "
                 ".git/tidemark/tmp\n"
                 "git diff --name-only \"$(cat .git/start)\" v1",
                 expected.data);
    return true;
}

static void a_call_that_fails_leaves_all_or_nothing(void **state)
{
    struct frozen *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    int failed = 0;

    remember_start(f);
    snapshot(f, &before);
    for (int n = 0;; n++) {
        enum tm_code code;
        bool reached;

        break_calls(BROKEN_ONCE, n);
        code = freeze(f, "v1", TM_FREEZE_BASELINE, NULL);
        reached = broken_reached;
        break_calls(BROKEN_NOT, 0);
        /* Where putting back failed as well, the next command that writes does it. */
        open_repo(f);
        if (is_complete(f, &before) != (code == TM_OK))
            fail_msg("call %d: %s", n, code ? f->err.msg : "said to be complete");
        failed += code != TM_OK;
        take_back(f);
        open_repo(f);
        if (!reached)
            break;
    }
    assert_true(failed > 20);
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
    struct frozen *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
    enum tm_code code = TM_E_IO;
    int n;

    remember_start(f);
    snapshot(f, &before);
    for (n = 0; code && n < 1000; n++) {
        break_calls(BROKEN_FULL, n);
        code = freeze(f, "v1", TM_FREEZE_BASELINE, NULL);
        break_calls(BROKEN_NOT, 0);
        snapshot(f, &after);
        /* What is published is published: that its traces could not be swept away changes nothing. */
        if (code && strcmp(after.data, before.data) != 0)
            fail_msg("call %d: %s\n%s", n, f->err.msg, after.data);
    }
    assert_true(n > 20);
    open_repo(f);
    assert_true(is_complete(f, &before));
}

/* As the system has it: no file grows past so many bytes. */
static void a_limit_of_file_sizes_leaves_all_or_nothing(void **state)
{
    static const rlim_t limits[] = { 0,   1,   40,  100,  150,  200,  300,  400,
                                     500, 600, 800, 1000, 1500, 2000, 4000, 8000 };
    struct frozen *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    int complete = 0;

    remember_start(f);
    snapshot(f, &before);
    for (size_t i = 0; i < TM_LEN(limits); i++) {
        struct rlimit limit = { limits[i], limits[i] };
        int status;
        pid_t child;

        close_repo(f);
        child = fork();
        if (child == 0) {
            open_repo(f);
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &limit);
            _exit(freeze(f, "v1", TM_FREEZE_BASELINE, NULL) == TM_OK ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        /* Before any recovery. */
        assert_int_equal(is_complete(f, &before), WEXITSTATUS(status) == 0);
        complete += WEXITSTATUS(status) == 0;
        take_back(f);
        open_repo(f);
    }
    assert_true(complete > 0 && complete < (int)TM_LEN(limits));
}

/* Freezes in a child that is killed at call n, or after so many nanoseconds; false once it got through. */
static bool killed(struct frozen *f, int n, int64_t after_ns)
{
    struct timespec pause = { 0, after_ns };
    int status;
    pid_t child;

    close_repo(f);
    child = fork();
    if (child == 0) {
        open_repo(f);
        if (n >= 0)
            break_calls(BROKEN_KILL, n);
        _exit(freeze(f, "v1", TM_FREEZE_BASELINE, NULL) == TM_OK ? 0 : 1);
    }
    if (after_ns) {
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    open_repo(f);
    return WIFSIGNALED(status);
}

static void a_kill_at_any_call_leaves_all_or_nothing(void **state)
{
    struct frozen *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    int complete = 0, nothing = 0, n;

    remember_start(f);
    snapshot(f, &before);
    for (n = 0; killed(f, n, 0); n++) {
        if (is_complete(f, &before)) {
            complete++;
            take_back(f);
        } else {
            nothing++;
        }
    }
    assert_true(is_complete(f, &before));
    print_message("# %d kills left nothing, %d all\n", nothing, complete);
    assert_true(nothing > 20);
    assert_true(complete > 0);
}

static void a_kill_while_it_is_taken_back_is_taken_back_too(void **state)
{
    struct frozen *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    int n = 0;

    remember_start(f);
    /* Somebody's lock makes publishing fail when the files are there already. */
    snapshot(f, &before);
    for (;; n++) {
        int status;
        pid_t child;

        sandbox_run(&f->box, NULL, "touch .git/refs/heads/main.lock");
        close_repo(f);
        child = fork();
        if (child == 0) {
            open_repo(f);
            break_calls(BROKEN_KILL, n);
            _exit(freeze(f, "v1", TM_FREEZE_BASELINE, NULL) == TM_E_LOCKED ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        open_repo(f);
        sandbox_run(&f->box, NULL, "rm -f .git/refs/heads/main.lock");
        assert_false(is_complete(f, &before));
        if (!WIFSIGNALED(status))
            break;
    }
    assert_int_equal(f->err.code, TM_OK);
    assert_true(n > 20);
}

static void a_kill_at_a_random_moment_leaves_all_or_nothing(void **state)
{
    struct frozen *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    const char *more = getenv("TM_TEST_KILLS");
    uint64_t kills = KILLS, complete = 0;
    unsigned seed = (unsigned)getpid();
    struct timespec start, end;
    int64_t took_ns;

    if (more)
        assert_true(tm_str_u64(tm_str(more), &kills));
    remember_start(f);
    snapshot(f, &before);
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_false(killed(f, -1, 0));
    clock_gettime(CLOCK_MONOTONIC, &end);
    took_ns = (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec;
    took_ns = TM_MAX(TM_MIN(took_ns, INT64_C(900000000)), 1000);
    take_back(f);
    for (uint64_t i = 0; i < kills; i++) {
        (void)killed(f, -1, rand_r(&seed) % took_ns + 1);
        if (is_complete(f, &before)) {
            complete++;
            take_back(f);
        }
    }
    print_message("# %d of %d were complete\n", (int)complete, (int)kills);
    /* The repository is as usable as before. */
    open_repo(f);
    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_BASELINE, NULL));
    assert_true(is_complete(f, &before));
}

TM_TESTS(FREEZE_TEST(a_call_that_fails_leaves_all_or_nothing),
         SIGNED_TEST(a_call_that_fails_leaves_all_or_nothing), FREEZE_TEST(a_full_disk_leaves_nothing_behind),
         FREEZE_TEST(a_limit_of_file_sizes_leaves_all_or_nothing),
         FREEZE_TEST(a_kill_at_any_call_leaves_all_or_nothing),
         FREEZE_TEST(a_kill_while_it_is_taken_back_is_taken_back_too),
         FREEZE_TEST(a_kill_at_a_random_moment_leaves_all_or_nothing))
