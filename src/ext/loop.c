#include "ext/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/io.h"

enum {
    KILL_AFTER_MS = 2000,
    TICK_MS = 100,
    READ_SIZE = 64 << 10,
};

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };
enum { N_STOP_SIGNALS = TM_LEN(stop_signals) };

/* A place for one running job. */
struct slot {
    struct run *run;
    struct tm_job *job; /* NULL while the place is free */
    uv_process_t process;
    uv_pipe_t output;
    uv_timer_t timer;
    pid_t group; /* 0 when it has ended */
    int log_fd;
    uint64_t written;
    int64_t started_ns;
    unsigned open_handles;
    bool ending; /* SIGTERM was sent: the timer now counts down to SIGKILL */
};

struct run {
    struct tm_pool *pool;
    uv_loop_t loop;
    struct slot *slots;
    unsigned n_slots, n_running;
    uv_timer_t tick;
    uv_signal_t signals[N_STOP_SIGNALS];
    bool exhausted; /* next has no more */
    int stop_signal;
    struct tm_err failure; /* the first one, of done or of a log */
    char *buffer;          /* READ_SIZE bytes, shared: a read callback empties it at once */
};

static bool is_stopping(const struct run *run)
{
    return run->stop_signal || run->failure.code;
}

/* The child leads its own group, so its id names the group as long as any member lives. */
static void signal_group(struct slot *slot, int signum)
{
    if (slot->group)
        kill(-slot->group, signum);
}

static void on_kill_timer(uv_timer_t *timer)
{
    signal_group(timer->data, SIGKILL);
}

static void end_job(struct slot *slot, enum tm_job_end end)
{
    if (slot->ending)
        return;
    slot->ending = true;
    slot->job->end = end;
    signal_group(slot, SIGTERM);
    uv_timer_start(&slot->timer, on_kill_timer, KILL_AFTER_MS, 0);
}

static void end_all(struct run *run)
{
    for (unsigned i = 0; i < run->n_slots; i++) {
        if (run->slots[i].job)
            end_job(&run->slots[i], TM_JOB_STOPPED);
    }
}

static void on_timeout(uv_timer_t *timer)
{
    end_job(timer->data, TM_JOB_TIMED_OUT);
}

/* Keeps what fits below the limit; what follows is read and dropped so that the child does not block. */
static void keep_output(struct slot *slot, struct tm_str data)
{
    struct tm_job *job = slot->job;
    uint64_t room = job->log_limit - slot->written;
    struct tm_err *failure = &slot->run->failure;

    if (data.len > room) {
        data.len = (size_t)room;
        if (!slot->ending)
            job->flooded = true;
        end_job(slot, TM_JOB_TIMED_OUT);
    }
    slot->written += data.len;
    if (slot->log_fd < 0 || failure->code || tm_fd_write_all(slot->log_fd, data, failure) == TM_OK)
        return;
    tm_err_wrap(failure, "'%s'", job->log_path);
    end_all(slot->run);
}

static void fill_slots(struct run *run);

static void report_done(struct run *run, struct tm_job *job)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    if (!run->pool->done || run->pool->done(run->pool->ctx, job, &err) == TM_OK)
        return;
    if (!run->failure.code)
        tm_err_move(&run->failure, &err);
    end_all(run);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct slot *slot = handle->data;
    struct run *run = slot->run;
    struct tm_job *job = slot->job;

    if (--slot->open_handles)
        return;
    slot->job = NULL;
    run->n_running--;
    report_done(run, job);
    fill_slots(run);
}

static void close_slot(struct slot *slot)
{
    tm_closep(&slot->log_fd);
    uv_close((uv_handle_t *)&slot->process, on_handle_closed);
    uv_close((uv_handle_t *)&slot->output, on_handle_closed);
    uv_close((uv_handle_t *)&slot->timer, on_handle_closed);
}

/*
 * What the child wrote before it ended is still in the pipe. A process that left the group may
 * hold the other end open, so this takes what is there and does not wait for the end of file.
 */
static void drain(struct slot *slot)
{
    uv_os_fd_t fd;

    if (uv_fileno((uv_handle_t *)&slot->output, &fd))
        return;
    while (!slot->job->flooded && !(slot->ending && slot->written == slot->job->log_limit)) {
        ssize_t n = read(fd, slot->run->buffer, READ_SIZE);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        keep_output(slot, tm_str_n(slot->run->buffer, (size_t)n));
    }
}

static void on_job_exit(uv_process_t *process, int64_t status, int signum)
{
    struct slot *slot = process->data;
    struct tm_job *job = slot->job;

    job->duration_ns = tm_clock_mono_ns() - slot->started_ns;
    job->status = signum ? signum : (int)status;
    /* Whoever the job left behind in its group ends with it. */
    signal_group(slot, SIGKILL);
    slot->group = 0;
    if (!slot->ending)
        job->end = signum ? TM_JOB_SIGNALED : TM_JOB_EXITED;
    drain(slot);
    slot->ending = true;
    close_slot(slot);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct slot *slot = handle->data;

    *buf = uv_buf_init(slot->run->buffer, READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    if (n < 0)
        uv_read_stop(stream); /* end of file: the exit follows, or the job closed its output */
    else if (n > 0)
        keep_output(stream->data, tm_str_n(buf->base, (size_t)n));
}

/* Our environment with the job's "KEY=value" lines over it; the array is the caller's, the strings are not.
 */
static char **merge_env(const char *const *extra)
{
    size_t n_ours = 0, n_extra = 0, n = 0;
    char **env;

    while (environ[n_ours])
        n_ours++;
    while (extra && extra[n_extra])
        n_extra++;
    env = tm_alloc_array(n_ours + n_extra + 1, sizeof(*env));
    for (size_t i = 0; i < n_ours; i++) {
        size_t key = strcspn(environ[i], "=") + 1;
        bool replaced = false;

        for (size_t k = 0; k < n_extra && !replaced; k++)
            replaced = strncmp(environ[i], extra[k], key) == 0;
        if (!replaced)
            env[n++] = environ[i];
    }
    for (size_t k = 0; k < n_extra; k++)
        env[n++] = (char *)extra[k];
    return env;
}

static int spawn(struct slot *slot, int output_fd)
{
    struct tm_job *job = slot->job;
    char **env = merge_env(job->env);
    uv_stdio_container_t stdio[3] = {
        { .flags = UV_IGNORE },
        { .flags = UV_INHERIT_FD, .data.fd = output_fd },
        { .flags = UV_INHERIT_FD, .data.fd = output_fd },
    };
    uv_process_options_t options = {
        .exit_cb = on_job_exit,
        .file = job->argv[0],
        .args = (char **)job->argv,
        .env = env,
        .cwd = job->cwd,
        .flags = UV_PROCESS_DETACHED, /* a session, and so a group, of its own */
        .stdio_count = 3,
        .stdio = stdio,
    };
    int rc = uv_spawn(&slot->run->loop, &slot->process, &options);

    free(env);
    return rc;
}

/* Opens the log and the pipe the output comes through; these are ours, so a failure ends the run. */
static bool open_output(struct slot *slot, uv_file fds[2])
{
    struct tm_err *failure = &slot->run->failure;
    int rc;

    slot->log_fd = open(slot->job->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (slot->log_fd < 0) {
        tm_err_errno(failure, errno, "cannot create log '%s'", slot->job->log_path);
        return false;
    }
    rc = uv_pipe(fds, UV_NONBLOCK_PIPE, 0);
    if (rc) {
        tm_err_errno(failure, -rc, "cannot create a pipe");
        tm_closep(&slot->log_fd);
    }
    return rc == 0;
}

static void reset(struct slot *slot, struct tm_job *job)
{
    slot->job = job;
    slot->group = 0;
    slot->written = 0;
    slot->ending = false;
    slot->open_handles = 3;
    slot->started_ns = tm_clock_mono_ns();
    slot->timer.data = slot->output.data = slot->process.data = slot;
    job->end = TM_JOB_NOT_STARTED;
    job->flooded = false;
    job->status = 0;
    job->duration_ns = 0;
}

static void start_job(struct slot *slot, struct tm_job *job)
{
    struct run *run = slot->run;
    uv_file fds[2] = { -1, -1 };
    int rc;

    reset(slot, job);
    if (!open_output(slot, fds)) {
        slot->job = NULL;
        end_all(run);
        report_done(run, job);
        return;
    }
    run->n_running++;
    uv_timer_init(&run->loop, &slot->timer);
    uv_pipe_init(&run->loop, &slot->output, 0);
    uv_pipe_open(&slot->output, fds[0]);
    rc = spawn(slot, fds[1]);
    tm_closep(&fds[1]);
    if (rc) {
        /* uv_spawn has initialised its handle even so, and it must be closed. */
        job->status = -rc;
        slot->ending = true;
        close_slot(slot);
        return;
    }
    slot->group = slot->process.pid;
    uv_read_start((uv_stream_t *)&slot->output, on_alloc, on_read);
    if (!job->timeout_ms)
        return;
    uv_update_time(&run->loop);
    uv_timer_start(&slot->timer, on_timeout, job->timeout_ms, 0);
}

static void close_run_handles(struct run *run)
{
    if (uv_is_closing((uv_handle_t *)&run->tick))
        return;
    uv_close((uv_handle_t *)&run->tick, NULL);
    for (size_t i = 0; i < N_STOP_SIGNALS; i++)
        uv_close((uv_handle_t *)&run->signals[i], NULL);
}

/* Starts jobs in free places; when nothing runs and nothing will, lets the loop end. */
static void fill_slots(struct run *run)
{
    for (unsigned i = 0; i < run->n_slots && !run->exhausted && !is_stopping(run); i++) {
        struct tm_job *job;

        if (run->slots[i].job)
            continue;
        job = run->pool->next(run->pool->ctx);
        if (job)
            start_job(&run->slots[i], job);
        else
            run->exhausted = true;
    }
    if (run->n_running == 0)
        close_run_handles(run);
}

/* A second signal is impatience: no more grace. */
static void on_signal(uv_signal_t *handle, int signum)
{
    struct run *run = handle->data;

    if (run->stop_signal) {
        for (unsigned i = 0; i < run->n_slots; i++) {
            if (run->slots[i].job)
                signal_group(&run->slots[i], SIGKILL);
        }
        return;
    }
    run->stop_signal = signum;
    end_all(run);
}

static void on_tick(uv_timer_t *timer)
{
    struct run *run = timer->data;

    if (run->pool->tick)
        run->pool->tick(run->pool->ctx);
}

/* A signal that our parent made us ignore (nohup, a shell's background job) stays ignored. */
static void watch_signals(struct run *run, struct sigaction *before)
{
    for (size_t i = 0; i < N_STOP_SIGNALS; i++) {
        uv_signal_init(&run->loop, &run->signals[i]);
        run->signals[i].data = run;
        sigaction(stop_signals[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            uv_signal_start(&run->signals[i], on_signal, stop_signals[i]);
    }
}

static void start_run(struct run *run, struct sigaction *before)
{
    run->buffer = tm_alloc(READ_SIZE);
    run->slots = tm_alloc_array(run->n_slots, sizeof(*run->slots));
    for (unsigned i = 0; i < run->n_slots; i++)
        run->slots[i] = (struct slot) { .run = run, .log_fd = -1 };
    watch_signals(run, before);
    uv_timer_init(&run->loop, &run->tick);
    run->tick.data = run;
    uv_timer_start(&run->tick, on_tick, TICK_MS, TICK_MS);
}

static enum tm_code stopped(int signum, struct tm_err *err)
{
    tm_err_set(err, TM_E_STOPPED, "stopped by signal %d (%s)", signum, strsignal(signum));
    if (err)
        err->signal = signum;
    return TM_E_STOPPED;
}

enum tm_code tm_pool_run(struct tm_pool *pool, struct tm_err *err)
{
    struct run run = { .pool = pool, .n_slots = TM_MAX(pool->jobs, 1u), .failure = TM_ERR_INIT };
    struct sigaction before[N_STOP_SIGNALS];
    int rc = uv_loop_init(&run.loop);

    if (rc)
        return tm_err_errno(err, -rc, "cannot start an event loop");
    start_run(&run, before);
    fill_slots(&run);
    uv_run(&run.loop, UV_RUN_DEFAULT);
    rc = uv_loop_close(&run.loop);
    assert(rc == 0);
    for (size_t i = 0; i < N_STOP_SIGNALS; i++)
        sigaction(stop_signals[i], &before[i], NULL);
    free(run.slots);
    free(run.buffer);
    if (run.failure.code)
        return tm_err_move(err, &run.failure);
    return run.stop_signal ? stopped(run.stop_signal, err) : TM_OK;
}
