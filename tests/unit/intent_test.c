#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>

#include "base/io.h"
#include "sweep/intent.h"

/*
 * The calls by which anything becomes durable or visible, replaced so that the process can be killed
 * just before its n-th one; what a kill -9 at that moment leaves behind is then looked at.
 */
static int calls_left = -1; /* -1: never */
static bool disk_is_full;   /* the n-th call and all after it fail with ENOSPC instead */
static int calls_failed;

/* True when the call is to fail. */
static bool maybe_die(void)
{
    if (calls_left == 0 && disk_is_full) {
        calls_failed++;
        errno = ENOSPC;
        return true;
    }
    if (calls_left == 0)
        raise(SIGKILL);
    if (calls_left > 0)
        calls_left--;
    return false;
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    if (maybe_die())
        return -1;
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

int unlinkat(int dir, const char *name, int flags)
{
    if (!disk_is_full)
        maybe_die();
    return (int)syscall(SYS_unlinkat, dir, name, flags);
}

int fsync(int fd)
{
    if (maybe_die())
        return -1;
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    if (maybe_die())
        return -1;
    return (int)syscall(SYS_fdatasync, fd);
}

ssize_t write(int fd, const void *data, size_t n)
{
    if (calls_left == 0 && n > 1) {
        /* It may have written a part. */
        (void)!syscall(SYS_write, fd, data, n / 2);
    }
    if (maybe_die())
        return -1;
    return (ssize_t)syscall(SYS_write, fd, data, n);
}

struct fixture {
    struct sandbox box;
    struct tm_repo repo;
    struct tm_git_head head;
};

static void open_repo(struct fixture *f)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    f->repo = TM_REPO_INIT;
    assert_ok(&err, tm_repo_open(&f->repo, f->box.dir, NULL, &err));
    assert_ok(&err, tm_repo_lock(&f->repo, 0, &err));
    assert_ok(&err, tm_git_head(f->repo.git, &f->head, &err));
}

static int make_fixture(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));

    *state = f;
    f->box = sandbox_make();
    sandbox_run(
        &f->box, NULL,
        "git init -q && mkdir a b && echo '{\"name\": \"a\"}' >a/module.manifest.json &&"
        "echo '{\"name\": \"b\", \"testing\": {\"coverage_observed\": 12.5}}' >b/module.manifest.json &&"
        "git add -A && git commit -q -m start");
    open_repo(f);
    return 0;
}

static void close_repo(struct fixture *f)
{
    tm_git_head_release(&f->head);
    tm_repo_close(&f->repo);
}

static int remove_fixture(void **state)
{
    struct fixture *f = *state;

    close_repo(f);
    sandbox_remove(&f->box);
    free(f);
    return 0;
}

static struct tm_intent_entry two_entries[] = {
    {
        .module = { "a", 1 },
        .body = { "{\"evidence\":\"failed\",\"dirty\":false}", 0 },
        .manifest = { "a/module.manifest.json", 22 },
        .edits = { { "testing.coverage_observed", { "50", 2 }, false },
                   { "testing.observed_at", { "\"now\"", 5 }, false } },
        .n_edits = 2,
    },
    {
        .module = { "b", 1 },
        .body = { "{\"evidence\":\"skipped\",\"dirty\":true}", 0 },
        .manifest = { "b/module.manifest.json", 22 },
        .edits = { { "testing.coverage_observed", { "null", 4 }, true } },
        .n_edits = 1,
    },
};

static const char after_a[] =
    "{\"name\": \"a\", \"testing\": {\"coverage_observed\": 50, \"observed_at\": \"now\"}}\n";
static const char after_b[] = "{\"name\": \"b\", \"testing\": {\"coverage_observed\": null}}\n";

static enum tm_code write_intent(struct fixture *f, struct tm_ledger_run *run, bool *changed,
                                 struct tm_err *err)
{
    struct tm_intent intent = {
        .head = tm_str(f->head.commit.hex),
        .ledger = TM_STR("manifests/.ledger/coverage.ndjson"),
        .kind = TM_LEDGER_COVERAGE,
        .ts_s = 1767225600,
        .run = run,
        .entries = two_entries,
        .n = TM_LEN(two_entries),
    };

    two_entries[0].body.len = strlen(two_entries[0].body.data);
    two_entries[1].body.len = strlen(two_entries[1].body.data);
    return tm_intent_write(&f->repo, &intent, changed, NULL, err);
}

static void a_pass_writes_ledger_and_manifests(void **state)
{
    struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_run run;
    bool changed[3] = { false };

    tm_ledger_run_init(&run);
    assert_ok(&err, write_intent(f, &run, changed, &err));
    sandbox_says(&f->box, "cat a/module.manifest.json", after_a);
    sandbox_says(&f->box, "cat b/module.manifest.json", after_b);
    sandbox_says(&f->box, "wc -l <manifests/.ledger/coverage.ndjson", "3\n");
    sandbox_says(&f->box, "ls .git/tidemark | grep -c intent || :", "0\n");
    assert_true(changed[0] && changed[1] && changed[2]);
    /* Again: the ledger grows, the manifests do not change. */
    assert_ok(&err, write_intent(f, &run, changed, &err));
    assert_false(changed[0] || changed[1]);
    assert_true(changed[2]);
    sandbox_says(&f->box, "wc -l <manifests/.ledger/coverage.ndjson", "5\n");
}

/* The child is killed before its n-th call; false once it got through. */
static bool killed_at(struct fixture *f, int n)
{
    pid_t child;
    int status;

    close_repo(f);
    child = fork();
    if (child == 0) {
        struct tm_ledger_run run;

        open_repo(f);
        tm_ledger_run_init(&run);
        calls_left = n;
        _exit(write_intent(f, &run, NULL, NULL) == TM_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    open_repo(f);
    return WIFSIGNALED(status);
}

static void reset(struct fixture *f)
{
    sandbox_run(&f->box, NULL,
                "git checkout -q . && rm -rf manifests .git/tidemark/sweep-intent* .git/tidemark/torn");
}

/* Either nothing happened or everything did, whenever the kill came. */
static void whatever_a_kill_leaves_is_finished_or_never_began(void **state)
{
    struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int old = 0, finished = 0, n;

    for (n = 0; killed_at(f, n); n++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) lines = TM_BUF_INIT;

        assert_ok(&err, tm_intent_finish(&f->repo, &err));
        sandbox_run(&f->box, &lines, "cat manifests/.ledger/coverage.ndjson 2>/dev/null | wc -l");
        if (strcmp(lines.data, "0\n") == 0) {
            sandbox_says(&f->box, "git status --porcelain -- a b", "");
            old++;
        } else {
            assert_string_equal(lines.data, "3\n");
            sandbox_says(&f->box, "cat a/module.manifest.json", after_a);
            sandbox_says(&f->box, "cat b/module.manifest.json", after_b);
            sandbox_says(&f->box,
                         "cut -d, -f5 manifests/.ledger/coverage.ndjson | cut -d. -f2 | sort | uniq -d", "");
            finished++;
        }
        sandbox_says(&f->box, "ls .git/tidemark | grep -c intent || :", "0\n");
        /* The next one finds a sound ledger. */
        assert_false(killed_at(f, -1));
        reset(f);
    }
    assert_true(old >= 2);
    assert_true(finished >= 5);
    assert_true(n >= 8);
}

/* No figure is anywhere but in the ledger first, wherever the space runs out; with space again all goes on.
 */
static void a_full_disk_loses_nothing(void **state)
{
    struct fixture *f = *state;
    enum tm_code code = TM_E_IO;
    int n;

    for (n = 0; code; n++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) lines = TM_BUF_INIT;
        struct tm_ledger_run run;
        bool changed[3] = { false };

        tm_ledger_run_init(&run);
        disk_is_full = true;
        calls_left = n;
        calls_failed = 0;
        code = write_intent(f, &run, changed, &err);
        disk_is_full = false;
        calls_left = -1;
        sandbox_run(&f->box, &lines, "cat manifests/.ledger/coverage.ndjson 2>/dev/null | wc -l");
        if (code)
            assert_non_null(strstr(tm_err_msg(&err), "No space left on device"));
        if (code && strcmp(lines.data, "0\n") == 0)
            sandbox_says(&f->box, "git status --porcelain -- a b", "");
        else
            assert_string_equal(lines.data, "3\n");
        if (!code && calls_failed) {
            /* The ledger has it; a manifest that could not be written says what it said. */
            assert_true(!changed[0] || !changed[1]);
            code = TM_E_IO;
        }
        tm_err_release(&err);
        assert_ok(&err, tm_intent_finish(&f->repo, &err));
        assert_ok(&err, write_intent(f, &run, changed, &err));
        sandbox_says(&f->box, "cat a/module.manifest.json", after_a);
        sandbox_says(&f->box, "cat b/module.manifest.json", after_b);
        reset(f);
    }
    assert_true(n >= 8);
}

/* As left by a kill after the intent was written: the ledger's write was cut. */
static void leave_intent(struct fixture *f)
{
    int n = 0;

    do
        assert_true(killed_at(f, n++));
    while (!tm_root_exists(&f->repo.state, TM_STR("sweep-intent.json")));
}

static void an_intent_of_another_head_is_dropped(void **state)
{
    struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    leave_intent(f);
    sandbox_run(&f->box, NULL, "git checkout -q . && git commit -q --allow-empty -m moved");
    assert_ok(&err, tm_intent_finish(&f->repo, &err));
    sandbox_says(&f->box, "git status --porcelain -- a b", "");
    assert_false(tm_root_exists(&f->repo.state, TM_STR("sweep-intent.json")));
}

static void a_manifest_edited_meanwhile_keeps_the_edits(void **state)
{
    struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    leave_intent(f);
    sandbox_run(
        &f->box, NULL,
        "echo '{\"name\": \"a\", \"status\": \"new\"}' >a/module.manifest.json && rm b/module.manifest.json");
    assert_ok(&err, tm_intent_finish(&f->repo, &err));
    sandbox_says(&f->box, "cat a/module.manifest.json",
                 "{\"name\": \"a\", \"status\": \"new\", \"testing\": {\"coverage_observed\": 50, "
                 "\"observed_at\": \"now\"}}\n");
    sandbox_says(&f->box, "ls b", "");
}

static void a_damaged_intent_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{\"format\":\"other/1\"}",
        "{\"format\":\"tidemark-intent/"
        "1\",\"head\":\"\",\"run\":\"short\",\"count\":0,\"ledger\":\"\",\"kind\":\"coverage\",\"ts\":0,"
        "\"entries\":[]}",
        "{\"format\":\"tidemark-intent/"
        "1\",\"head\":\"\",\"run\":\"0123456789abcdef0123456789abcdef\",\"count\":0,\"ledger\":\"6g\","
        "\"kind\":\"coverage\",\"ts\":0,\"entries\":[]}",
        "{\"format\":\"tidemark-intent/"
        "1\",\"head\":\"\",\"run\":\"0123456789abcdef0123456789abcdef\",\"count\":0,\"ledger\":\"61\","
        "\"kind\":\"freeze\",\"ts\":0,\"entries\":[]}",
        "{\"format\":\"tidemark-intent/"
        "1\",\"head\":\"\",\"run\":\"0123456789abcdef0123456789abcdef\",\"count\":0,\"ledger\":\"61\","
        "\"kind\":\"bench\",\"ts\":0,\"entries\":[{\"module\":\"a\"}]}",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < TM_LEN(texts); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err,
                  tm_root_replace(&f->repo.state, TM_STR("sweep-intent.json"), tm_str(texts[i]), NULL, &err));
        assert_fails(&err, TM_E_FORMAT, tm_intent_finish(&f->repo, &err));
    }
}

static void work_trees_have_their_own_intents(void **state)
{
    struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    char *TM_CLEANUP(tm_freep) other = sandbox_path(&f->box, "other");
    struct fixture second = { .box = f->box };

    leave_intent(f);
    close_repo(f);
    sandbox_run(&f->box, NULL, "git checkout -q . && git worktree add -q other");
    second.box.dir = other;
    open_repo(&second);
    assert_ok(&err, tm_intent_finish(&second.repo, &err));
    close_repo(&second);
    open_repo(f);
    assert_true(tm_root_exists(&f->repo.state, TM_STR("sweep-intent.json")));
    sandbox_says(&f->box, "git -C other status --porcelain", "");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, make_fixture, remove_fixture)

TM_TESTS(WITH_FIXTURE(a_pass_writes_ledger_and_manifests),
         WITH_FIXTURE(whatever_a_kill_leaves_is_finished_or_never_began),
         WITH_FIXTURE(a_full_disk_loses_nothing), WITH_FIXTURE(an_intent_of_another_head_is_dropped),
         WITH_FIXTURE(a_manifest_edited_meanwhile_keeps_the_edits), WITH_FIXTURE(a_damaged_intent_is_refused),
         WITH_FIXTURE(work_trees_have_their_own_intents))
