/*
 * The calls by which a program touches files, replaced for the whole program, libraries included: the n-th of
 * those that are looked at, or all from it on, can fail, or the process is killed just before it. What is
 * left behind is then looked at. No library to preload, so that sanitizers and debuggers work as ever.
 */
#ifndef TM_BROKEN_CALLS_H
#define TM_BROKEN_CALLS_H

#include "test.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum broken {
    BROKEN_NOT,
    BROKEN_KILL,  /* killed at the call; of a write, half is done */
    BROKEN_ONCE,  /* the call fails, later ones work */
    BROKEN_FULL,  /* the disk is full from that call on: nothing can be written or synced, but names can
                     change */
    BROKEN_REST,  /* the disk is gone: the call and all later ones fail */
    BROKEN_SHORT, /* of the write, half is done */
};

/* Kinds of calls, to choose which are looked at. */
enum {
    CALL_ROOM = 1 << 0,   /* writing, making folders beneath an open one */
    CALL_NAME = 1 << 1,   /* giving names */
    CALL_SYNC = 1 << 2,   /* making durable */
    CALL_REMOVE = 1 << 3, /* taking names away */
    CALL_MAKE = 1 << 4,   /* creating, cutting, setting modes and times */
    CALL_LOOK = 1 << 5,   /* opening, reading, closing, locking, asking */
    CALL_WRITE = 1 << 6,  /* those of CALL_ROOM that can come back short */
    CALLS_CHANGE = CALL_ROOM | CALL_NAME | CALL_SYNC | CALL_REMOVE | CALL_MAKE | CALL_WRITE,
    CALLS_ALL = CALLS_CHANGE | CALL_LOOK,
};

static enum broken broken_how;
static unsigned broken_which;  /* calls that are counted */
static int broken_error;       /* errno of the failure; 0: the usual one of the call */
static bool broken_power;      /* the power stays on: nothing need be synced */
static atomic_int broken_left; /* calls until the one */
static atomic_bool broken_reached;

/* Of the calls `which`, the n-th. */
static void break_call(enum broken how, unsigned which, int error, int n)
{
    broken_how = how;
    broken_which = which;
    broken_error = error;
    broken_left = n;
    broken_reached = false;
}

/* Of the calls by which something becomes durable or visible, the n-th. */
TM_UNUSED static void break_calls(enum broken how, int n)
{
    /* Removing does not fail: there is no next step that could make up for it. */
    break_call(how, CALL_ROOM | CALL_NAME | CALL_SYNC | (how == BROKEN_KILL ? CALL_REMOVE : 0), 0, n);
}

static int fail_with(int error)
{
    errno = broken_error ? broken_error : error;
    return -1;
}

/* True when this call is the one. */
static bool is_due(unsigned call)
{
    return broken_how != BROKEN_NOT && call & broken_which && atomic_fetch_sub(&broken_left, 1) <= 0;
}

/* True when the call that is due is to fail. */
static bool breaks(unsigned call)
{
    if (broken_how == BROKEN_KILL)
        raise(SIGKILL);
    if (broken_how == BROKEN_FULL) {
        broken_left = 0;
        broken_reached = broken_reached || call & CALL_ROOM;
        return call & CALL_ROOM;
    }
    broken_left = 0;
    if (broken_how != BROKEN_REST)
        broken_how = BROKEN_NOT;
    broken_reached = true;
    return true;
}

static bool is_broken(unsigned call)
{
    return is_due(call) && breaks(call);
}

#define REAL(type, symbol)                                                                                   \
    __extension__({                                                                                          \
        static __typeof__(type) *real_call;                                                                  \
        if (!real_call)                                                                                      \
            *(void **)&real_call = dlsym(RTLD_NEXT, #symbol);                                                \
        real_call;                                                                                           \
    })

/* ---- Names ---- */

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    if (is_broken(CALL_NAME))
        return fail_with(EIO);
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    return renameat2(from_dir, from, to_dir, to, 0);
}

int rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    if (is_broken(CALL_NAME))
        return fail_with(EIO);
    return (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
}

int link(const char *from, const char *to)
{
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlinkat(int dir, const char *name, int flags)
{
    if (is_broken(CALL_REMOVE))
        return fail_with(EIO);
    return (int)syscall(SYS_unlinkat, dir, name, flags);
}

int unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

int rmdir(const char *name)
{
    return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

int symlinkat(const char *target, int dir, const char *name)
{
    if (is_broken(CALL_MAKE))
        return fail_with(EIO);
    return (int)syscall(SYS_symlinkat, target, dir, name);
}

int symlink(const char *target, const char *name)
{
    return symlinkat(target, AT_FDCWD, name);
}

int mkdirat(int dir, const char *name, mode_t mode)
{
    if (is_broken(CALL_ROOM))
        return fail_with(ENOSPC);
    return (int)syscall(SYS_mkdirat, dir, name, mode);
}

int mkdir(const char *name, mode_t mode)
{
    if (is_broken(CALL_MAKE))
        return fail_with(ENOSPC);
    return (int)syscall(SYS_mkdirat, AT_FDCWD, name, mode);
}

/* ---- Content ---- */

int fsync(int fd)
{
    if (is_broken(CALL_SYNC))
        return fail_with(EIO);
    return broken_power ? 0 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    if (is_broken(CALL_SYNC))
        return fail_with(EIO);
    return broken_power ? 0 : (int)syscall(SYS_fdatasync, fd);
}

int syncfs(int fd)
{
    if (is_broken(CALL_SYNC))
        return fail_with(EIO);
    return broken_power ? 0 : (int)syscall(SYS_syncfs, fd);
}

/* A write at the end of what was written (at < 0), or at a place. */
static ssize_t broken_put(unsigned call, int fd, const void *data, size_t n, off_t at)
{
    /* What a program says is not a file of anyone. */
    bool due = fd > STDERR_FILENO && is_due(call | CALL_WRITE),
         half = broken_how == BROKEN_KILL || broken_how == BROKEN_SHORT;
    ssize_t done;

    if (due && !(half && n > 1) && breaks(call) && !half)
        return fail_with(ENOSPC);
    if (due && half && n > 1)
        n /= 2;
    done = at < 0 ? syscall(SYS_write, fd, data, n) : syscall(SYS_pwrite64, fd, data, n, at);
    if (due && half)
        breaks(call);
    return done;
}

ssize_t write(int fd, const void *data, size_t n)
{
    return broken_put(CALL_ROOM, fd, data, n, -1);
}

/* Bodies of calls that have a second name for large files; both names are given below. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

ssize_t broken_pwrite(int fd, const void *data, size_t n, off_t at)
{
    return broken_put(CALL_MAKE, fd, data, n, at);
}

int broken_ftruncate(int fd, off_t size)
{
    if (is_broken(CALL_MAKE))
        return fail_with(EIO);
    return (int)syscall(SYS_ftruncate, fd, size);
}

ssize_t broken_pread(int fd, void *to, size_t n, off_t at)
{
    if (is_broken(CALL_LOOK))
        return fail_with(EIO);
    return (ssize_t)syscall(SYS_pread64, fd, to, n, at);
}

off_t broken_lseek(int fd, off_t at, int from)
{
    if (is_broken(CALL_LOOK))
        return fail_with(EIO);
    return (off_t)syscall(SYS_lseek, fd, at, from);
}

int broken_openat(int dir, const char *name, int flags, ...)
{
    mode_t mode = 0;

    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list ap;

        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    if (is_broken(flags & O_CREAT ? CALL_MAKE : CALL_LOOK))
        return fail_with(EIO);
    return (int)syscall(SYS_openat, dir, name, flags, mode);
}

int broken_open(const char *name, int flags, ...)
{
    mode_t mode = 0;

    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list ap;

        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    return broken_openat(AT_FDCWD, name, flags, mode);
}

int broken_fcntl(int fd, int what, ...)
{
    va_list ap;
    void *arg;

    va_start(ap, what);
    arg = va_arg(ap, void *);
    va_end(ap);
    if (is_broken(CALL_LOOK))
        return fail_with(EIO);
    return (int)syscall(SYS_fcntl, fd, what, arg);
}

void *broken_mmap(void *at, size_t n, int protection, int flags, int fd, off_t from)
{
    if (fd >= 0 && is_broken(CALL_LOOK)) {
        fail_with(ENOMEM);
        return MAP_FAILED;
    }
    return REAL(mmap, mmap)(at, n, protection, flags, fd, from);
}

int broken_fstatat(int dir, const char *name, struct stat *st, int flags)
{
    if (is_broken(CALL_LOOK))
        return fail_with(EIO);
    return REAL(fstatat, fstatat)(dir, name, st, flags);
}

int broken_fstat(int fd, struct stat *st)
{
    if (is_broken(CALL_LOOK))
        return fail_with(EIO);
    return REAL(fstat, fstat)(fd, st);
}

int broken_stat(const char *name, struct stat *st)
{
    return broken_fstatat(AT_FDCWD, name, st, 0);
}

int broken_lstat(const char *name, struct stat *st)
{
    return broken_fstatat(AT_FDCWD, name, st, AT_SYMLINK_NOFOLLOW);
}

struct dirent *broken_readdir(DIR *dir)
{
    if (is_broken(CALL_LOOK)) {
        fail_with(EIO);
        return NULL;
    }
    return REAL(readdir, readdir)(dir);
}

#pragma GCC diagnostic pop

#define BROKEN_AS(body, symbol)                                                                              \
    extern __typeof__(body) body##_as_##symbol __asm__(#symbol) __attribute__((alias(#body)))
#define BROKEN_BOTH(call)                                                                                    \
    BROKEN_AS(broken_##call, call);                                                                          \
    BROKEN_AS(broken_##call, call##64)

BROKEN_BOTH(pwrite);
BROKEN_BOTH(ftruncate);
BROKEN_BOTH(pread);
BROKEN_BOTH(lseek);
BROKEN_BOTH(openat);
BROKEN_BOTH(open);
BROKEN_BOTH(fcntl);
BROKEN_BOTH(mmap);
BROKEN_BOTH(fstatat);
BROKEN_BOTH(fstat);
BROKEN_BOTH(stat);
BROKEN_BOTH(lstat);
BROKEN_BOTH(readdir);

/* ---- The rest ---- */

ssize_t read(int fd, void *to, size_t n)
{
    if (is_broken(CALL_LOOK))
        return fail_with(EIO);
    return (ssize_t)syscall(SYS_read, fd, to, n);
}

/* Closed it is, whatever it says. */
int close(int fd)
{
    int rc = (int)syscall(SYS_close, fd);

    return is_broken(CALL_LOOK) ? fail_with(EIO) : rc;
}

int flock(int fd, int what)
{
    if (is_broken(CALL_LOOK))
        return fail_with(ENOLCK);
    return (int)syscall(SYS_flock, fd, what);
}

int fchmod(int fd, mode_t mode)
{
    if (is_broken(CALL_MAKE))
        return fail_with(EIO);
    return (int)syscall(SYS_fchmod, fd, mode);
}

int chmod(const char *name, mode_t mode)
{
    if (is_broken(CALL_MAKE))
        return fail_with(EIO);
    return (int)syscall(SYS_fchmodat, AT_FDCWD, name, mode);
}

int futimens(int fd, const struct timespec times[2])
{
    if (is_broken(CALL_MAKE))
        return fail_with(EIO);
    return (int)syscall(SYS_utimensat, fd, NULL, times, 0);
}

int utimes(const char *name, const struct timeval times[2])
{
    if (is_broken(CALL_MAKE))
        return fail_with(EIO);
    return REAL(utimes, utimes)(name, times);
}

int access(const char *name, int mode)
{
    if (is_broken(CALL_LOOK))
        return fail_with(EIO);
    return (int)syscall(SYS_faccessat, AT_FDCWD, name, mode);
}

ssize_t readlinkat(int dir, const char *name, char *to, size_t n)
{
    if (is_broken(CALL_LOOK))
        return fail_with(EIO);
    return (ssize_t)syscall(SYS_readlinkat, dir, name, to, n);
}

ssize_t readlink(const char *name, char *to, size_t n)
{
    return readlinkat(AT_FDCWD, name, to, n);
}

DIR *opendir(const char *name)
{
    if (is_broken(CALL_LOOK)) {
        fail_with(EIO);
        return NULL;
    }
    return REAL(opendir, opendir)(name);
}

DIR *fdopendir(int fd)
{
    if (is_broken(CALL_LOOK)) {
        fail_with(EIO);
        return NULL;
    }
    return REAL(fdopendir, fdopendir)(fd);
}

ssize_t getrandom(void *to, size_t n, unsigned flags)
{
    /* Nothing else can happen to it, and not for ever. */
    if (broken_how == BROKEN_ONCE && is_broken(CALL_LOOK)) {
        errno = EINTR;
        return -1;
    }
    return (ssize_t)syscall(SYS_getrandom, to, n, flags);
}

/* Only openat2 has no name of its own. */
long syscall(long number, ...)
{
    long a[6];
    va_list ap;

    va_start(ap, number);
    for (size_t i = 0; i < TM_LEN(a); i++)
        a[i] = va_arg(ap, long);
    va_end(ap);
    if (number == SYS_openat2 && is_broken(CALL_LOOK))
        return fail_with(EIO);
    return REAL(syscall, syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#endif
