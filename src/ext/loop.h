/*
 * A pool of child processes on libuv: at most `jobs` at once, each in its own process
 * group, output to a file, ended at its timeout, all ended when a signal asks us to stop.
 */
#ifndef TM_EXT_LOOP_H
#define TM_EXT_LOOP_H

#include "base/err.h"
#include "base/str.h"

enum tm_job_end {
    TM_JOB_EXITED,    /* status is its exit status */
    TM_JOB_SIGNALED,  /* status is the signal's number */
    TM_JOB_TIMED_OUT, /* the group was ended by us */
    TM_JOB_NOT_STARTED, /* status is the errno */
    TM_JOB_STOPPED,   /* ended because we were asked to stop */
};

struct tm_job {
    const char *const *argv; /* ended by NULL; argv[0] is looked up in PATH */
    const char *const *env;  /* "KEY=value", ended by NULL: added to and replacing ours */
    const char *cwd;
    const char *log_path;    /* stdout and stderr, created or truncated; stdin is /dev/null */
    uint64_t log_limit;      /* bytes kept: more output ends the job as TM_JOB_TIMED_OUT does, with flooded set */
    uint64_t timeout_ms;
    void *user;              /* the caller's */
    /* Results. */
    enum tm_job_end end;
    int status;
    bool flooded;
    int64_t duration_ns;
};

struct tm_pool {
    unsigned jobs;
    /* Called on the calling thread; any may be NULL. next gives a job to start, NULL when there is none left. */
    struct tm_job *(*next)(void *ctx);
    enum tm_code (*done)(void *ctx, struct tm_job *job, struct tm_err *err);
    void (*tick)(void *ctx); /* about every 100 ms while jobs run, for progress */
    void *ctx;
};

/*
 * Runs jobs until next gives no more and all have ended. SIGINT, SIGTERM and SIGHUP end the groups
 * (SIGTERM, after 2 s SIGKILL) and give TM_E_STOPPED with the signal, after done was called for
 * each. A failure of done ends the others likewise and is returned.
 */
enum tm_code tm_pool_run(struct tm_pool *pool, struct tm_err *err) TM_CHECK;

#endif
