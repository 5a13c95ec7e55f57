#include "base/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"

void tm_closep(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

enum tm_code tm_root_open(struct tm_root *root, const char *path, struct tm_err *err)
{
    char *real = realpath(path, NULL);
    int fd;

    if (!real)
        return tm_err_errno(err, errno, "cannot open folder '%s'", path);
    fd = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        enum tm_code code = tm_err_errno(err, errno, "cannot open folder '%s'", path);

        free(real);
        return code;
    }
    root->fd = fd;
    root->path = real;
    root->temp_fd = -1;
    return TM_OK;
}

void tm_root_close(struct tm_root *root)
{
    tm_closep(&root->fd);
    tm_closep(&root->temp_fd);
    free(root->path);
    root->path = NULL;
}

/* A walk part by part that refuses every link: for kernels before 5.6 and filters without openat2. */
static int walk_beneath(int dirfd, struct tm_str path, int flags, mode_t mode)
{
    int at = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
    struct tm_str part;

    while (at >= 0 && tm_str_split(&path, '/', &part)) {
        char *name = tm_strndup(part.data, part.len);
        int next = path.data ? openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                             : openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
        int saved = errno;
        struct stat st;

        /* A link says ELOOP, or ENOTDIR where a folder was wanted. */
        if (next < 0 && fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
            saved = EXDEV;
        free(name);
        close(at);
        at = next;
        errno = saved;
    }
    return at;
}

int tm_io_open_beneath(const struct tm_root *root, struct tm_str path, int flags, mode_t mode)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    char *name = path.len ? tm_strndup(path.data, path.len) : tm_strdup(".");
    int tries = 0;
    long fd;

    do
        fd = syscall(SYS_openat2, root->fd, name, &how, sizeof(how));
    while (fd < 0 && (errno == EINTR || (errno == EAGAIN && ++tries < TM_IO_OPEN_TRIES)));
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = walk_beneath(root->fd, tm_str(name), flags, mode);
    free(name);
    return (int)fd;
}

enum tm_code tm_io_open_failed(struct tm_str path, const char *what, struct tm_err *err)
{
    if (errno == EXDEV)
        return tm_err_set(err, TM_E_PATH, "'%.*s' leads out of the repository", TM_STR_ARG(path));
    return tm_err_errno(err, errno, "cannot %s '%.*s'", what, TM_STR_ARG(path));
}

enum tm_code tm_io_check_path(struct tm_str path, struct tm_err *err)
{
    if (tm_path_is_normal(path))
        return TM_OK;
    return tm_err_set(err, TM_E_PATH, "'%.*s' is not a path inside the repository", TM_STR_ARG(path));
}

enum tm_code tm_root_open_file(const struct tm_root *root, struct tm_str path, int *fd, struct stat *st,
                               struct tm_err *err)
{
    struct stat own;
    enum tm_code code = tm_io_check_path(path, err);
    int got;

    if (code)
        return code;
    /* O_NONBLOCK: opening a fifo that someone put there must not hang. */
    got = tm_io_open_beneath(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (got < 0)
        return tm_io_open_failed(path, "open", err);
    if (fstat(got, &own) < 0)
        code = tm_err_errno(err, errno, "cannot stat '%.*s'", TM_STR_ARG(path));
    else if (!S_ISREG(own.st_mode))
        code = tm_err_set(err, TM_E_IO, "'%.*s' is not a regular file", TM_STR_ARG(path));
    if (code) {
        close(got);
        return code;
    }
    if (st)
        *st = own;
    *fd = got;
    return TM_OK;
}

enum tm_code tm_fd_read_all(int fd, uint64_t limit, struct tm_buf *out, struct tm_err *err)
{
    struct stat st;
    off_t at = 0;
    size_t step = 1 << 16;

    if (fstat(fd, &st) < 0)
        return tm_err_errno(err, errno, "cannot stat file");
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > limit)
        return tm_err_set(err, TM_E_LIMIT, "file has %lld bytes, the limit is %llu", (long long)st.st_size,
                          (unsigned long long)limit);
    if (S_ISREG(st.st_mode))
        step = (size_t)st.st_size + 1;
    tm_buf_clear(out);
    for (;;) {
        char *to = tm_buf_reserve(out, step);
        ssize_t n = S_ISREG(st.st_mode) ? pread(fd, to, step, at) : read(fd, to, step);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return tm_err_errno(err, errno, "cannot read file");
        if (n == 0)
            return TM_OK;
        at += n;
        out->len += (size_t)n;
        out->data[out->len] = '\0';
        if (out->len > limit)
            return tm_err_set(err, TM_E_LIMIT, "file has more than %llu bytes", (unsigned long long)limit);
        step = TM_MAX((size_t)4096, out->len / 2);
    }
}

enum tm_code tm_root_read(const struct tm_root *root, struct tm_str path, uint64_t limit, struct tm_buf *out,
                          struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = -1;
    enum tm_code code = tm_root_open_file(root, path, &fd, NULL, err);

    if (code)
        return code;
    code = tm_fd_read_all(fd, limit, out, err);
    if (code)
        tm_err_wrap(err, "'%.*s'", TM_STR_ARG(path));
    return code;
}

enum tm_code tm_file_read(const char *path, uint64_t limit, struct tm_buf *out, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    enum tm_code code;

    if (fd < 0)
        return tm_err_errno(err, errno, "cannot open '%s'", path);
    code = tm_fd_read_all(fd, limit, out, err);
    if (code)
        tm_err_wrap(err, "'%s'", path);
    return code;
}

enum tm_code tm_io_open_parent(const struct tm_root *root, struct tm_str path, int *dirfd, char **name,
                               struct tm_err *err)
{
    enum tm_code code = tm_io_check_path(path, err);
    struct tm_str base = tm_path_base(path);

    if (code)
        return code;
    if (base.len == 0)
        return tm_err_set(err, TM_E_PATH, "'' names the repository itself, not a file");
    *name = tm_strndup(base.data, base.len);
    *dirfd = tm_io_open_beneath(root, tm_path_dir(path), O_RDONLY | O_DIRECTORY, 0);
    return *dirfd < 0 ? tm_io_open_failed(path, "open the folder of", err) : TM_OK;
}

enum tm_code tm_root_find(const struct tm_root *root, struct tm_str path, bool *there, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) dirfd = -1;
    char *TM_CLEANUP(tm_freep) name = NULL;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct stat st;
    enum tm_code code;

    *there = path.len == 0;
    if (*there)
        return TM_OK;
    code = tm_io_open_parent(root, path, &dirfd, &name, &lower);
    if (code)
        return code == TM_E_NOT_FOUND ? TM_OK : tm_err_move(err, &lower);
    *there = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    return *there || errno == ENOENT ? TM_OK
                                     : tm_err_errno(err, errno, "cannot look for '%.*s'", TM_STR_ARG(path));
}

bool tm_root_exists(const struct tm_root *root, struct tm_str path)
{
    bool there = false;

    return tm_root_find(root, path, &there, NULL) == TM_OK && there;
}

bool tm_root_is_link(const struct tm_root *root, struct tm_str path)
{
    int TM_CLEANUP(tm_closep) dirfd = -1;
    char *TM_CLEANUP(tm_freep) name = NULL;
    struct stat st;

    return path.len && tm_io_open_parent(root, path, &dirfd, &name, NULL) == TM_OK &&
           fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

bool tm_root_is_dir(const struct tm_root *root, struct tm_str path)
{
    int TM_CLEANUP(tm_closep) fd = -1;

    if (!tm_path_is_normal(path))
        return false;
    fd = tm_io_open_beneath(root, path, O_PATH | O_DIRECTORY, 0);
    return fd >= 0;
}

enum tm_code tm_io_sync_dir(int dirfd, struct tm_str path, struct tm_err *err)
{
    /* Some file systems cannot sync folders; they say EINVAL. */
    if (fsync(dirfd) < 0 && errno != EINVAL)
        return tm_err_errno(err, errno, "cannot sync the folder of '%.*s'", TM_STR_ARG(path));
    return TM_OK;
}

enum tm_code tm_root_mkdirs(const struct tm_root *root, struct tm_str path, struct tm_err *err)
{
    enum tm_code code = tm_io_check_path(path, err);

    if (code || path.len == 0 || tm_root_is_dir(root, path))
        return code;
    for (size_t i = 1; i <= path.len; i++) {
        int TM_CLEANUP(tm_closep) dirfd = -1;
        char *TM_CLEANUP(tm_freep) name = NULL;
        struct tm_str part = tm_str_n(path.data, i);

        if (i < path.len && path.data[i] != '/')
            continue;
        code = tm_io_open_parent(root, part, &dirfd, &name, err);
        if (code)
            return code;
        if (mkdirat(dirfd, name, 0777) < 0) {
            int saved = errno;

            if (saved != EEXIST)
                return tm_err_errno(err, saved, "cannot create folder '%.*s'", TM_STR_ARG(part));
            if (!tm_root_is_dir(root, part))
                return tm_err_set(
                    err, TM_E_PATH,
                    "cannot create folder '%.*s': a file, or a link that leads out of the repository, is "
                    "in its place",
                    TM_STR_ARG(part));
        } else {
            code = tm_io_sync_dir(dirfd, part, err);
            if (code)
                return code;
        }
    }
    return TM_OK;
}

enum tm_code tm_fd_write_all(int fd, struct tm_str data, struct tm_err *err)
{
    while (data.len) {
        ssize_t n = write(fd, data.data, TM_MIN(data.len, (size_t)SSIZE_MAX));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return tm_err_errno(err, n ? errno : EIO, "cannot write");
        data = tm_str_from(data, (size_t)n);
    }
    return TM_OK;
}
