/*
 * A pool of child processes on libuv: at most `jobs` at once, each in its own process
 * group, output to a file, ended at its timeout, all ended when a signal asks us to stop.
 *
 * When a job has ended, whoever is left in its process group is killed: a test that forgets its
 * server leaves none behind. A process that moved to another group is not waited for. One pool at
 * a time, on the main thread: signal handlers belong to the whole process.
 */
#ifndef TM_EXT_LOOP_H
#define TM_EXT_LOOP_H

#include "base/err.h"
#include "base/str.h"

enum tm_job_end {
    TM_JOB_EXITED,      /* status is its exit status */
    TM_JOB_SIGNALED,    /* status is the signal's number */
    TM_JOB_TIMED_OUT,   /* the group was ended by us, at its timeout or, with flooded set, its log's limit */
    TM_JOB_NOT_STARTED, /* status is the errno: ENOENT for a missing command or cwd */
    TM_JOB_STOPPED,     /* ended because we were asked to stop */
};

struct tm_job {
    const char *const *argv; /* ended by NULL; argv[0] is looked up in PATH */
    const char *const *env;  /* "KEY=value", ended by NULL: added to and replacing ours; NULL for none */
    const char *cwd;         /* NULL for ours */
    const char *log_path;    /* stdout and stderr as they come, created or truncated; stdin is /dev/null */
    uint64_t log_limit;      /* bytes kept; the first byte more ends the job */
    uint64_t timeout_ms;     /* 0 for none */
    void *user;              /* the caller's */
    /* Results. */
    enum tm_job_end end;
    int status;
    bool flooded;
    int64_t duration_ns;
};

struct tm_pool {
    unsigned jobs; /* 0 counts as 1 */
    /* Called on the calling thread; done and tick may be NULL. next gives a job to start, NULL when none is
     * left. */
    struct tm_job *(*next)(void *ctx);
    enum tm_code (*done)(void *ctx, struct tm_job *job, struct tm_err *err);
    void (*tick)(void *ctx); /* about every 100 ms while jobs run, for progress */
    void *ctx;
};

/*
 * Runs jobs until next gives no more and all have ended. SIGINT, SIGTERM and SIGHUP end the groups
 * (SIGTERM, after 2 s SIGKILL; a second signal: SIGKILL at once) and give TM_E_STOPPED with the signal,
 * after done was called for each that had started. Signals that were ignored before stay ignored. A failure
 * of done, or to create or write a log, ends the others likewise and is returned; of several, the first.
 */
enum tm_code tm_pool_run(struct tm_pool *pool, struct tm_err *err) TM_CHECK;

#endif
