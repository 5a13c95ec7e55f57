#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "ext/loop.h"

/* A folder of its own for each test; commands run in it and logs land in it. */
static int make_folder(void **state)
{
    char *dir = tm_strdup("/tmp/tm-loop-XXXXXX");

    *state = mkdtemp(dir);
    return *state ? 0 : -1;
}

static int remove_folder(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) command = TM_BUF_INIT;
    int rc;

    tm_buf_addf(&command, "rm -rf '%s'", (char *)*state);
    rc = system(command.data);
    free(*state);
    return rc;
}

/* The shell commands of one run and what came of them. */
struct script {
    const char *dir;
    struct tm_job *jobs;
    size_t n, given, done;
    size_t running, most_running;
    const char *fail_on;        /* done fails for the job with this command */
    const char *interrupt_when; /* tick raises SIGINT once this file is there */
    const char *(*argv)[4];
    struct tm_buf *logs;
};

static struct tm_job *next_job(void *ctx)
{
    struct script *script = ctx;

    if (script->given == script->n)
        return NULL;
    script->running++;
    script->most_running = TM_MAX(script->most_running, script->running);
    return &script->jobs[script->given++];
}

static enum tm_code job_done(void *ctx, struct tm_job *job, struct tm_err *err)
{
    struct script *script = ctx;

    script->running--;
    script->done++;
    if (script->fail_on && strcmp(job->argv[2], script->fail_on) == 0)
        return tm_err_set(err, TM_E_REFUSED, "no more");
    return TM_OK;
}

static void tick(void *ctx)
{
    struct script *script = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    if (!script->interrupt_when)
        return;
    tm_buf_addf(&path, "%s/%s", script->dir, script->interrupt_when);
    if (access(path.data, F_OK) == 0) {
        script->interrupt_when = NULL;
        raise(SIGINT);
    }
}

static void script_init(struct script *script, const char *dir, const char *const *commands, size_t n)
{
    *script = (struct script) { .dir = dir, .n = n };
    script->jobs = tm_alloc_array(n, sizeof(*script->jobs));
    script->argv = tm_alloc_array(n, sizeof(*script->argv));
    script->logs = tm_alloc_array(n, sizeof(*script->logs));
    for (size_t i = 0; i < n; i++) {
        script->logs[i] = TM_BUF_INIT;
        tm_buf_addf(&script->logs[i], "%s/log%zu", dir, i);
        script->argv[i][0] = "sh";
        script->argv[i][1] = "-c";
        script->argv[i][2] = commands[i];
        script->jobs[i] = (struct tm_job) {
            .argv = script->argv[i],
            .cwd = dir,
            .log_path = script->logs[i].data,
            .log_limit = 1 << 20,
            .timeout_ms = 20000,
        };
    }
}

static void script_release(struct script *script)
{
    for (size_t i = 0; i < script->n; i++)
        tm_buf_release(&script->logs[i]);
    free(script->jobs);
    free(script->argv);
    free(script->logs);
}

static enum tm_code run_script(struct script *script, unsigned jobs, struct tm_err *err)
{
    struct tm_pool pool = { .jobs = jobs, .next = next_job, .done = job_done, .tick = tick, .ctx = script };

    return tm_pool_run(&pool, err);
}

static void assert_log(const struct script *script, size_t i, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) log = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_file_read(script->jobs[i].log_path, 1 << 20, &log, &err));
    assert_string_equal(log.data, expected);
}

/* True once the process whose id stands in the file is gone, or a zombie nobody reaped. */
static bool is_gone(const char *dir, const char *name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    uint64_t pid = 0;

    tm_buf_addf(&path, "%s/%s", dir, name);
    assert_int_equal(tm_file_read(path.data, 64, &text, NULL), TM_OK);
    assert_true(tm_str_u64(tm_str_trim(tm_buf_str(&text)), &pid));
    tm_buf_clear(&path);
    tm_buf_addf(&path, "/proc/%llu/stat", (unsigned long long)pid);
    for (int tries = 0; tries < 100; tries++) {
        struct timespec pause = { 0, 20 * 1000000 };

        if (tm_file_read(path.data, 4096, &text, NULL) || strstr(text.data, ") Z "))
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

static void a_job_leads_its_own_group_and_its_output_goes_to_the_log(void **state)
{
    static const char *const commands[] = {
        /* Its own process group, and its own session. */
        "read pid comm state parent group sid rest </proc/self/stat; echo $((pid-group)) $((pid-sid))",
        "echo out; echo err >&2; echo out again; cat; exit 7",
        "echo \"$TM_NEW $TM_OLD $HOME\"; pwd",
    };
    static const char *const env[] = { "TM_NEW=a b", "TM_OLD=replaced", NULL };
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;

    setenv("TM_OLD", "old", 1);
    setenv("HOME", "/home/x", 1);
    script_init(&script, *state, commands, TM_LEN(commands));
    script.jobs[2].env = env;
    assert_ok(&err, run_script(&script, 2, &err));
    assert_log(&script, 0, "0 0\n");
    assert_log(&script, 1, "out\nerr\nout again\n");
    tm_buf_addf(&expected, "a b replaced /home/x\n%s\n", (char *)*state);
    assert_log(&script, 2, expected.data);
    assert_int_equal(script.jobs[1].end, TM_JOB_EXITED);
    assert_int_equal(script.jobs[1].status, 7);
    assert_true(script.jobs[1].duration_ns > 0);
}

static void a_job_that_heeds_sigterm_ends_at_its_timeout(void **state)
{
    static const char *const commands[] = { "echo begun; sleep 30" };
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int64_t begin = tm_clock_mono_ns();

    script_init(&script, *state, commands, 1);
    script.jobs[0].timeout_ms = 300;
    assert_ok(&err, run_script(&script, 1, &err));
    assert_int_equal(script.jobs[0].end, TM_JOB_TIMED_OUT);
    assert_int_equal(script.jobs[0].status, SIGTERM);
    assert_false(script.jobs[0].flooded);
    assert_log(&script, 0, "begun\n");
    assert_in_range(tm_clock_mono_ns() - begin, 300000000, 1900000000);
}

static void a_group_that_ignores_sigterm_is_killed_two_seconds_later(void **state)
{
    static const char *const commands[] = {
        "trap '' TERM; (sh -c 'echo $$ > grandchild; exec sleep 30') & sleep 30; echo never",
    };
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int64_t begin = tm_clock_mono_ns();

    script_init(&script, *state, commands, 1);
    script.jobs[0].timeout_ms = 300;
    assert_ok(&err, run_script(&script, 1, &err));
    assert_int_equal(script.jobs[0].end, TM_JOB_TIMED_OUT);
    assert_int_equal(script.jobs[0].status, SIGKILL);
    assert_in_range(tm_clock_mono_ns() - begin, 2300000000, 5000000000);
    assert_true(is_gone(*state, "grandchild"));
    assert_log(&script, 0, "");
}

static void what_a_job_leaves_behind_ends_with_it(void **state)
{
    static const char *const commands[] = {
        "sh -c 'echo $$ > grandchild; exec sleep 30' & while ! test -s grandchild; do sleep 0.01; done",
        /* It leaves the group and keeps the output open; the job must not wait for it. */
        "setsid sh -c 'echo $$ > stray; exec sleep 5' & while ! test -s stray; do sleep 0.01; done; echo end",
    };
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int64_t begin = tm_clock_mono_ns();

    script_init(&script, *state, commands, 2);
    assert_ok(&err, run_script(&script, 2, &err));
    assert_true(tm_clock_mono_ns() - begin < 4000000000);
    assert_int_equal(script.jobs[0].end, TM_JOB_EXITED);
    assert_int_equal(script.jobs[0].status, 0);
    assert_true(is_gone(*state, "grandchild"));
    assert_int_equal(script.jobs[1].status, 0);
    assert_log(&script, 1, "end\n");
}

static void output_over_the_limit_ends_the_job_and_is_cut(void **state)
{
    static const char *const commands[] = {
        "exec yes",
        "head -c 1000 /dev/zero | tr '\\0' x",
        "head -c 1001 /dev/zero | tr '\\0' x",
    };
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    script_init(&script, *state, commands, TM_LEN(commands));
    for (size_t i = 0; i < script.n; i++)
        script.jobs[i].log_limit = 1000;
    assert_ok(&err, run_script(&script, 2, &err));
    for (size_t i = 0; i < script.n; i++) {
        struct stat st;

        assert_int_equal(stat(script.jobs[i].log_path, &st), 0);
        assert_int_equal(st.st_size, 1000);
        assert_int_equal(script.jobs[i].flooded, i != 1);
        assert_int_equal(script.jobs[i].end, i == 1 ? TM_JOB_EXITED : TM_JOB_TIMED_OUT);
    }
}

static void a_missing_command_and_a_missing_folder_do_not_start(void **state)
{
    static const char *const commands[] = { "true", "true", "true" };
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    script_init(&script, *state, commands, TM_LEN(commands));
    script.argv[0][0] = "tm-no-such-command";
    script.jobs[1].cwd = "/nonexistent/folder";
    assert_ok(&err, run_script(&script, 1, &err));
    assert_int_equal(script.jobs[0].end, TM_JOB_NOT_STARTED);
    assert_int_equal(script.jobs[0].status, ENOENT);
    assert_int_equal(script.jobs[1].end, TM_JOB_NOT_STARTED);
    assert_int_equal(script.jobs[1].status, ENOENT);
    assert_int_equal(script.jobs[2].end, TM_JOB_EXITED);
    assert_int_equal(script.done, 3);
}

static void death_by_signal_says_which(void **state)
{
    static const char *const commands[] = { "echo before; kill -SEGV $$" };
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    script_init(&script, *state, commands, 1);
    assert_ok(&err, run_script(&script, 1, &err));
    assert_int_equal(script.jobs[0].end, TM_JOB_SIGNALED);
    assert_int_equal(script.jobs[0].status, SIGSEGV);
    assert_log(&script, 0, "before\n");
}

static void sigint_to_us_ends_the_jobs_and_starts_no_more(void **state)
{
    static const char *const commands[] = {
        "sh -c 'echo $$ > grandchild; exec sleep 30' & sleep 30",
        "true",
        "while ! test -s grandchild; do sleep 0.01; done; touch now; sleep 30",
        "touch never",
    };
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct sigaction before, after;

    signal(SIGINT, SIG_DFL); /* whoever runs the tests may have it ignored */
    sigaction(SIGINT, NULL, &before);
    script_init(&script, *state, commands, TM_LEN(commands));
    script.interrupt_when = "now";
    assert_fails(&err, TM_E_STOPPED, run_script(&script, 2, &err));
    assert_int_equal(err.signal, SIGINT);
    assert_int_equal(tm_err_exit_status(&err), 130);
    assert_int_equal(script.given, 3);
    assert_int_equal(script.done, 3);
    assert_int_equal(script.jobs[0].end, TM_JOB_STOPPED);
    assert_int_equal(script.jobs[1].end, TM_JOB_EXITED);
    assert_int_equal(script.jobs[2].end, TM_JOB_STOPPED);
    assert_true(is_gone(*state, "grandchild"));
    sigaction(SIGINT, NULL, &after);
    assert_ptr_equal(before.sa_handler, after.sa_handler);
}

static void two_hundred_jobs_run_two_at_a_time(void **state)
{
    enum { N = 200 };
    const char *commands[N];
    struct tm_buf texts[N];
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    for (size_t i = 0; i < N; i++) {
        texts[i] = TM_BUF_INIT;
        tm_buf_addf(&texts[i], "echo job %zu; exit %zu", i, i);
        commands[i] = texts[i].data;
    }
    script_init(&script, *state, commands, N);
    assert_ok(&err, run_script(&script, 2, &err));
    assert_int_equal(script.done, N);
    assert_int_equal(script.most_running, 2);
    for (size_t i = 0; i < N; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;

        tm_buf_addf(&expected, "job %zu\n", i);
        assert_log(&script, i, expected.data);
        assert_int_equal(script.jobs[i].end, TM_JOB_EXITED);
        assert_int_equal(script.jobs[i].status, i);
        tm_buf_release(&texts[i]);
    }
}

static void a_failure_of_done_ends_the_others_and_comes_back(void **state)
{
    static const char *const commands[] = { "sleep 30", "sleep 0.1", "touch never" };
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    script_init(&script, *state, commands, TM_LEN(commands));
    script.fail_on = commands[1];
    assert_fails(&err, TM_E_REFUSED, run_script(&script, 2, &err));
    assert_string_equal(err.msg, "no more");
    assert_int_equal(script.done, 2);
    assert_int_equal(script.jobs[0].end, TM_JOB_STOPPED);
}

static void a_log_that_cannot_be_written_ends_the_run(void **state)
{
    static const char *const commands[] = { "sleep 30", "true" };
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    script_init(&script, *state, commands, 2);
    script.jobs[1].log_path = "/nonexistent/log";
    assert_fails(&err, TM_E_NOT_FOUND, run_script(&script, 2, &err));
    assert_non_null(strstr(err.msg, "/nonexistent/log"));
    assert_int_equal(script.done, 2);

    script_release(&script);
    script_init(&script, *state, commands, 2);
    script.argv[1][2] = "echo full";
    script.jobs[1].log_path = "/dev/full";
    tm_err_release(&err);
    assert_fails(&err, TM_E_IO, run_script(&script, 2, &err));
    assert_non_null(strstr(err.msg, "/dev/full"));
}

static void no_jobs_are_no_work(void **state)
{
    struct script TM_CLEANUP(script_release) script;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    script_init(&script, *state, NULL, 0);
    assert_ok(&err, run_script(&script, 4, &err));
    assert_int_equal(script.done, 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

TM_TESTS(IN_FOLDER(a_job_leads_its_own_group_and_its_output_goes_to_the_log),
         IN_FOLDER(a_job_that_heeds_sigterm_ends_at_its_timeout),
         IN_FOLDER(a_group_that_ignores_sigterm_is_killed_two_seconds_later),
         IN_FOLDER(what_a_job_leaves_behind_ends_with_it),
         IN_FOLDER(output_over_the_limit_ends_the_job_and_is_cut),
         IN_FOLDER(a_missing_command_and_a_missing_folder_do_not_start),
         IN_FOLDER(death_by_signal_says_which), IN_FOLDER(sigint_to_us_ends_the_jobs_and_starts_no_more),
         IN_FOLDER(two_hundred_jobs_run_two_at_a_time),
         IN_FOLDER(a_failure_of_done_ends_the_others_and_comes_back),
         IN_FOLDER(a_log_that_cannot_be_written_ends_the_run), IN_FOLDER(no_jobs_are_no_work))
