/* The lock between processes. */
#include "base/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"

int tm_io_flock(int fd, int operation)
{
    int rc;

    do
        rc = flock(fd, operation);
    while (rc < 0 && errno == EINTR);
    return rc;
}
/* The process id that the holder wrote into the lock file; 0 when unreadable. */
static uint64_t holder_of(int fd)
{
    char text[24] = { 0 };
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    uint64_t pid = 0;

    if (n <= 0 || !tm_str_u64(tm_str_trim(tm_str(text)), &pid))
        return 0;
    return pid;
}

static const int64_t LONGEST_WAIT_MS = (int64_t)366 * 86400 * 1000;

enum tm_code tm_lock_take(struct tm_lock *lock, const struct tm_root *root, struct tm_str path,
                          int64_t timeout_ms, struct tm_err *err)
{
    int64_t until_ns = tm_clock_mono_ns() + TM_MIN(timeout_ms, LONGEST_WAIT_MS) * 1000000;
    struct tm_buf TM_CLEANUP(tm_buf_release) pid = TM_BUF_INIT;
    enum tm_code code = tm_io_check_path(path, err);
    int fd;

    if (!code)
        code = tm_root_mkdirs(root, tm_path_dir(path), err);
    if (code)
        return code;
    fd = tm_io_open_beneath(root, path, O_RDWR | O_CREAT, 0666);
    if (fd < 0)
        return tm_io_open_failed(path, "open lock", err);
    while (tm_io_flock(fd, LOCK_EX | LOCK_NB) < 0) {
        struct timespec pause = { 0, 20 * 1000000 };
        int error = errno;
        uint64_t holder;

        if (error != EWOULDBLOCK) {
            close(fd);
            return tm_err_errno(err, error, "cannot lock '%.*s'", TM_STR_ARG(path));
        }
        holder = holder_of(fd);
        if (tm_clock_mono_ns() < until_ns) {
            nanosleep(&pause, NULL);
            continue;
        }
        if (holder)
            code =
                tm_err_set(err, TM_E_LOCKED,
                           "process %llu is working in this repository, wait for it or raise --lock-timeout",
                           (unsigned long long)holder);
        else
            code = tm_err_set(
                err, TM_E_LOCKED,
                "another process is working in this repository, wait for it or raise --lock-timeout");
        close(fd);
        return code;
    }
    /* Only a hint for who waits: a failed write changes nothing. */
    tm_buf_addf(&pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0)
        (void)!pwrite(fd, pid.data, pid.len, 0);
    lock->fd = fd;
    return TM_OK;
}

void tm_lock_release(struct tm_lock *lock)
{
    tm_closep(&lock->fd);
}
