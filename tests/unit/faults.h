/*
 * What is done to every call of a job in turn, in a child of its own each time. The n-th call that a fault
 * concerns fails or is the last one; n goes up until the job gets through without meeting it.
 */
#ifndef TM_FAULTS_H
#define TM_FAULTS_H

#include "broken_calls.h"

#include <sys/wait.h>

struct fault {
    const char *name;
    enum broken how;
    unsigned which; /* calls that it can befall */
    int error;
};

/*
 * A kill between two calls that change nothing leaves what a kill before the next one that does would.
 * Nothing can make up for a name that cannot be taken away: then litter may stay.
 */
TM_UNUSED static const struct fault faults[] = {
    { "EIO", BROKEN_ONCE, CALLS_ALL & ~CALL_REMOVE, EIO },
    { "EIO when removing", BROKEN_ONCE, CALL_REMOVE, EIO },
    { "ENOSPC", BROKEN_ONCE, CALLS_CHANGE & ~CALL_REMOVE, ENOSPC },
    { "EINTR", BROKEN_ONCE, CALLS_ALL & ~CALL_REMOVE, EINTR },
    { "a full disk", BROKEN_FULL, CALLS_CHANGE, ENOSPC },
    { "a disk that is gone", BROKEN_REST, CALLS_ALL, EIO },
    { "no more names", BROKEN_REST, CALL_NAME, EIO },
    { "a short write", BROKEN_SHORT, CALL_WRITE, 0 },
    { "SIGKILL", BROKEN_KILL, CALLS_CHANGE, 0 },
};

enum outcome { GOT_THROUGH, REFUSED, KILLED };

/*
 * Runs job(ctx), which says whether it succeeded, with call n broken. *met is false when there was no such
 * call. What it prints goes to the file `said`, when not NULL.
 */
TM_UNUSED static enum outcome run_broken(const struct fault *fault, unsigned which, int n,
                                         bool (*job)(void *), void *ctx, const char *said, bool *met)
{
    enum { REFUSING = 1, MEETING = 2 };
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int out = open(said ? said : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        bool done;

        dup2(out, 1);
        dup2(out, 2);
        close(out);
        broken_power = true;
        break_call(fault->how, fault->which & which, fault->error, n);
        done = job(ctx);
        broken_how = BROKEN_NOT;
        fflush(NULL);
        _exit((done ? 0 : REFUSING) | (broken_reached ? MEETING : 0));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
        fail_msg("%s at call %d: signal %d", fault->name, n, WTERMSIG(status));
    *met = WIFSIGNALED(status) || WEXITSTATUS(status) & MEETING;
    if (WIFSIGNALED(status))
        return KILLED;
    if (WEXITSTATUS(status) & ~(REFUSING | MEETING))
        fail_msg("%s at call %d: exit status %d", fault->name, n, WEXITSTATUS(status));
    return WEXITSTATUS(status) & REFUSING ? REFUSED : GOT_THROUGH;
}

#endif
