#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

void tm_secret_wipe(void *bytes, size_t n)
{
    explicit_bzero(bytes, n);
}

void tm_secret_release(struct tm_buf *buf)
{
    if (buf->cap)
        tm_secret_wipe(buf->data, buf->cap);
    tm_buf_release(buf);
}

static enum tm_code check_private(int fd, const char *path, struct tm_err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return tm_err_errno(err, errno, "cannot stat '%s'", path);
    if (!S_ISREG(st.st_mode))
        return tm_err_set(err, TM_E_REFUSED, "'%s' is not a regular file", path);
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return tm_err_set(err, TM_E_REFUSED,
                          "'%s' holds a secret that others can get at, run: chmod 600 '%s'", path, path);
    return TM_OK;
}

enum tm_code tm_secret_read(const char *path, size_t limit, struct tm_buf *out, struct tm_err *err)
{
    /* Nobody may make us wait: O_NONBLOCK is for a pipe in its place. */
    int TM_CLEANUP(tm_closep) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    enum tm_code code;

    if (fd < 0)
        return tm_err_errno(err, errno, "cannot open '%s'", path);
    code = check_private(fd, path, err);
    if (code)
        return code;
    /* Room for all of it at once: a buffer that grows leaves copies behind. */
    tm_secret_release(out);
    tm_buf_reserve(out, 2 * limit + 2);
    code = tm_fd_read_all(fd, limit, out, err);
    if (code)
        tm_err_wrap(err, "'%s'", path);
    return code;
}

enum tm_code tm_secret_create(const char *path, struct tm_str data, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum tm_code code;

    if (fd < 0 && errno == EEXIST)
        return tm_err_set(err, TM_E_EXISTS, "'%s' is there already, it is left as it is", path);
    if (fd < 0)
        return tm_err_errno(err, errno, "cannot create '%s'", path);
    code = tm_fd_write_all(fd, data, err);
    if (!code && fsync(fd) < 0)
        code = tm_err_errno(err, errno, "cannot sync");
    if (code) {
        (void)!unlink(path);
        return tm_err_wrap(err, "'%s'", path);
    }
    return TM_OK;
}
