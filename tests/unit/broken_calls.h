/*
 * The calls by which anything becomes durable or visible, replaced for the whole program, libraries included:
 * from the n-th of them on they can fail, or the process is killed just before it. What is left behind is
 * then looked at.
 */
#ifndef TM_BROKEN_CALLS_H
#define TM_BROKEN_CALLS_H

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum broken {
    BROKEN_NOT,
    BROKEN_KILL, /* killed at the call; of a write, half is done */
    BROKEN_ONCE, /* the call fails, later ones work */
    BROKEN_FULL, /* the disk is full from that call on: nothing can be written or synced, but names can change
                  */
};

static enum broken broken_how;
static int broken_calls_left;
static bool broken_reached; /* the n-th call came */

static void break_calls(enum broken how, int n)
{
    broken_how = how;
    broken_calls_left = n;
    broken_reached = false;
}

/* True when this call is to fail. */
static bool is_broken(bool takes_room)
{
    if (broken_how == BROKEN_NOT)
        return false;
    if (broken_calls_left > 0) {
        broken_calls_left--;
        return false;
    }
    if (broken_how == BROKEN_KILL)
        raise(SIGKILL);
    if (broken_how == BROKEN_FULL) {
        broken_reached = broken_reached || takes_room;
        return takes_room;
    }
    broken_how = BROKEN_NOT;
    broken_reached = true;
    return true;
}

static int fail_with(int error)
{
    errno = error;
    return -1;
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    if (is_broken(false))
        return fail_with(EIO);
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

int rename(const char *from, const char *to)
{
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    if (is_broken(false))
        return fail_with(EIO);
    return (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
}

int link(const char *from, const char *to)
{
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* Removing does not fail: there is no next step that could make up for it. */
int unlinkat(int dir, const char *name, int flags)
{
    if (broken_how == BROKEN_KILL)
        is_broken(false);
    return (int)syscall(SYS_unlinkat, dir, name, flags);
}

int unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

int mkdirat(int dir, const char *name, mode_t mode)
{
    if (is_broken(true))
        return fail_with(ENOSPC);
    return (int)syscall(SYS_mkdirat, dir, name, mode);
}

int fsync(int fd)
{
    if (is_broken(false))
        return fail_with(EIO);
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    if (is_broken(false))
        return fail_with(EIO);
    return (int)syscall(SYS_fdatasync, fd);
}

ssize_t write(int fd, const void *data, size_t n)
{
    if (broken_how == BROKEN_KILL && broken_calls_left == 0 && n > 1)
        (void)!syscall(SYS_write, fd, data, n / 2);
    if (is_broken(true))
        return fail_with(ENOSPC);
    return (ssize_t)syscall(SYS_write, fd, data, n);
}

#endif
