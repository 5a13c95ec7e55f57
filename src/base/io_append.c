/* Files that only grow, under a lock. */
#include "base/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"

/* Makes the name of a new file durable, and those of the folders that may have been made for it. */
static enum tm_code sync_way(const struct tm_root *root, struct tm_str path, struct tm_err *err)
{
    for (; path.len; path = tm_path_dir(path)) {
        int TM_CLEANUP(tm_closep) dirfd = -1;
        char *TM_CLEANUP(tm_freep) name = NULL;
        enum tm_code code = tm_io_open_parent(root, path, &dirfd, &name, err);

        if (!code)
            code = tm_io_sync_dir(dirfd, path, err);
        if (code)
            return code;
    }
    return TM_OK;
}

/* Checks and locks what was just opened. */
static enum tm_code lock_opened(const struct tm_root *root, struct tm_str path, int fd, struct tm_err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return tm_err_errno(err, errno, "cannot stat '%.*s'", TM_STR_ARG(path));
    if (!S_ISREG(st.st_mode))
        return tm_err_set(err, TM_E_IO, "'%.*s' is not a regular file", TM_STR_ARG(path));
    if (tm_io_flock(fd, LOCK_EX) < 0)
        return tm_err_errno(err, errno, "cannot lock '%.*s'", TM_STR_ARG(path));
    /* Who made an empty file, or the folders, may have been killed before they were synced. */
    return st.st_size == 0 ? sync_way(root, path, err) : TM_OK;
}

/* One attempt: creates, opens and locks the file; *fd is open on TM_OK only. */
static enum tm_code open_locked(const struct tm_root *root, struct tm_str path, int *fd, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) dirfd = -1;
    char *TM_CLEANUP(tm_freep) name = NULL;
    enum tm_code code = tm_root_mkdirs(root, tm_path_dir(path), err);
    int got;

    if (!code)
        code = tm_io_open_parent(root, path, &dirfd, &name, err);
    if (code)
        return code;
    got = openat(dirfd, name, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (got < 0 && errno == ELOOP)
        return tm_err_set(err, TM_E_IO, "'%.*s' is a symbolic link, not appending to it", TM_STR_ARG(path));
    if (got < 0)
        return tm_err_errno(err, errno, "cannot open '%.*s' for append", TM_STR_ARG(path));
    code = lock_opened(root, path, got, err);
    if (code)
        close(got);
    else
        *fd = got;
    return code;
}

bool tm_root_is_replaced(const struct tm_root *root, struct tm_str path, int fd)
{
    int TM_CLEANUP(tm_closep) dirfd = -1;
    char *TM_CLEANUP(tm_freep) name = NULL;
    struct stat ours, now;
    enum tm_code code = tm_io_open_parent(root, path, &dirfd, &name, NULL);

    if (code || fstat(fd, &ours) < 0)
        return code == TM_E_NOT_FOUND;
    if (fstatat(dirfd, name, &now, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT;
    return ours.st_ino != now.st_ino || ours.st_dev != now.st_dev;
}

enum tm_code tm_append_open(const struct tm_root *root, struct tm_str path, int *fd, struct tm_err *err)
{
    /* A checkout may replace the file while we wait: what went into the old one would be lost. */
    for (int tries = 0; tries < TM_IO_OPEN_TRIES; tries++) {
        int got = -1;
        enum tm_code code = open_locked(root, path, &got, err);

        if (code)
            return code;
        if (!tm_root_is_replaced(root, path, got)) {
            *fd = got;
            return TM_OK;
        }
        close(got);
    }
    return tm_err_set(err, TM_E_LOCKED, "'%.*s' is replaced again and again by another process",
                      TM_STR_ARG(path));
}

enum tm_code tm_append_write(int fd, struct tm_str data, struct tm_err *err)
{
    struct stat st;
    enum tm_code code;

    if (fstat(fd, &st) < 0)
        return tm_err_errno(err, errno, "cannot stat");
    code = tm_fd_write_all(fd, data, err);
    if (!code && fdatasync(fd) < 0)
        code = tm_err_errno(err, errno, "cannot sync");
    if (code && ftruncate(fd, st.st_size) < 0)
        tm_err_wrap(err, "part of an entry may remain at the end");
    return code;
}

void tm_append_close(int fd)
{
    close(fd);
}
