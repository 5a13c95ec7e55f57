#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
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

/* openat2 says EAGAIN when something was renamed meanwhile; also for a file under a lease, for ever. */
enum { OPEN_TRIES = 1000 };

/* Opens a normal path beneath root; -1 with errno, EXDEV when it would leave. */
static int open_beneath(const struct tm_root *root, struct tm_str path, int flags, mode_t mode)
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
    while (fd < 0 && (errno == EINTR || (errno == EAGAIN && ++tries < OPEN_TRIES)));
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = walk_beneath(root->fd, tm_str(name), flags, mode);
    free(name);
    return (int)fd;
}

static enum tm_code open_failed(struct tm_str path, const char *what, struct tm_err *err)
{
    if (errno == EXDEV)
        return tm_err_set(err, TM_E_PATH, "'%.*s' leads out of the repository", TM_STR_ARG(path));
    return tm_err_errno(err, errno, "cannot %s '%.*s'", what, TM_STR_ARG(path));
}

static enum tm_code check_path(struct tm_str path, struct tm_err *err)
{
    if (tm_path_is_normal(path))
        return TM_OK;
    return tm_err_set(err, TM_E_PATH, "'%.*s' is not a path inside the repository", TM_STR_ARG(path));
}

enum tm_code tm_root_open_file(const struct tm_root *root, struct tm_str path, int *fd, struct stat *st,
                               struct tm_err *err)
{
    struct stat own;
    enum tm_code code = check_path(path, err);
    int got;

    if (code)
        return code;
    /* O_NONBLOCK: opening a fifo that someone put there must not hang. */
    got = open_beneath(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (got < 0)
        return open_failed(path, "open", err);
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

/* Opens the folder that holds path; *name, also set on failure, is the last part. */
static enum tm_code open_parent(const struct tm_root *root, struct tm_str path, int *dirfd, char **name,
                                struct tm_err *err)
{
    enum tm_code code = check_path(path, err);
    struct tm_str base = tm_path_base(path);

    if (code)
        return code;
    if (base.len == 0)
        return tm_err_set(err, TM_E_PATH, "'' names the repository itself, not a file");
    *name = tm_strndup(base.data, base.len);
    *dirfd = open_beneath(root, tm_path_dir(path), O_RDONLY | O_DIRECTORY, 0);
    return *dirfd < 0 ? open_failed(path, "open the folder of", err) : TM_OK;
}

bool tm_root_exists(const struct tm_root *root, struct tm_str path)
{
    int TM_CLEANUP(tm_closep) dirfd = -1;
    char *TM_CLEANUP(tm_freep) name = NULL;
    struct stat st;

    if (path.len == 0)
        return true;
    if (open_parent(root, path, &dirfd, &name, NULL))
        return false;
    return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool tm_root_is_link(const struct tm_root *root, struct tm_str path)
{
    int TM_CLEANUP(tm_closep) dirfd = -1;
    char *TM_CLEANUP(tm_freep) name = NULL;
    struct stat st;

    return path.len && open_parent(root, path, &dirfd, &name, NULL) == TM_OK &&
           fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

bool tm_root_is_dir(const struct tm_root *root, struct tm_str path)
{
    int TM_CLEANUP(tm_closep) fd = -1;

    if (!tm_path_is_normal(path))
        return false;
    fd = open_beneath(root, path, O_PATH | O_DIRECTORY, 0);
    return fd >= 0;
}

static enum tm_code sync_dir(int dirfd, struct tm_str path, struct tm_err *err)
{
    /* Some file systems cannot sync folders; they say EINVAL. */
    if (fsync(dirfd) < 0 && errno != EINVAL)
        return tm_err_errno(err, errno, "cannot sync the folder of '%.*s'", TM_STR_ARG(path));
    return TM_OK;
}

enum tm_code tm_root_mkdirs(const struct tm_root *root, struct tm_str path, struct tm_err *err)
{
    enum tm_code code = check_path(path, err);

    if (code || path.len == 0 || tm_root_is_dir(root, path))
        return code;
    for (size_t i = 1; i <= path.len; i++) {
        int TM_CLEANUP(tm_closep) dirfd = -1;
        char *TM_CLEANUP(tm_freep) name = NULL;
        struct tm_str part = tm_str_n(path.data, i);

        if (i < path.len && path.data[i] != '/')
            continue;
        code = open_parent(root, part, &dirfd, &name, err);
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
            code = sync_dir(dirfd, part, err);
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
        if (n < 0)
            return tm_err_errno(err, errno, "cannot write");
        data = tm_str_from(data, (size_t)n);
    }
    return TM_OK;
}

/* Compares what is left of fd with data, a piece at a time: generated files can be as large as memory is. */
static enum tm_code compare_fd(int fd, struct tm_str data, bool *same, struct tm_err *err)
{
    char piece[1 << 16];

    for (;;) {
        ssize_t n = read(fd, piece, sizeof(piece));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return tm_err_errno(err, errno, "cannot read file");
        *same = (size_t)n <= data.len && (n == 0 ? data.len == 0 : memcmp(piece, data.data, (size_t)n) == 0);
        if (n == 0 || !*same)
            return TM_OK;
        data = tm_str_from(data, (size_t)n);
    }
}

enum tm_code tm_root_holds(const struct tm_root *root, struct tm_str path, struct tm_str data, bool *same,
                           struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = -1;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct stat st = { 0 };
    enum tm_code code = tm_root_open_file(root, path, &fd, &st, &lower);

    if (code && code != TM_E_NOT_FOUND)
        return tm_err_move(err, &lower);
    if (code || (uint64_t)st.st_size != data.len) {
        *same = false;
        return TM_OK;
    }
    if (compare_fd(fd, data, same, err))
        return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(path));
    return TM_OK;
}

/* Creates "<name>.tm-<random>" in dirfd. */
static int open_temporary(int dirfd, const char *name, mode_t mode, struct tm_buf *temp)
{
    for (int tries = 0; tries < 16; tries++) {
        uint64_t random = 0;
        int fd;

        if (getrandom(&random, sizeof(random), 0) < 0)
            return -1;
        tm_buf_clear(temp);
        /* A long name leaves no room for the suffix within NAME_MAX. */
        tm_buf_addf(temp, ".%.200s.tm-%016llx", name, (unsigned long long)random);
        fd = openat(dirfd, temp->data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* What a new file is to hold. */
struct content {
    tm_fill_fn *fill;
    void *ctx;
};

static enum tm_code fill_from_str(void *ctx, int fd, struct tm_err *err)
{
    const struct tm_str *data = ctx;

    return tm_fd_write_all(fd, *data, err);
}

static enum tm_code write_temporary(int fd, const struct content *content, struct tm_err *err)
{
    enum tm_code code = content->fill(content->ctx, fd, err);

    if (!code && fsync(fd) < 0)
        code = tm_err_errno(err, errno, "cannot sync");
    return code;
}

/* Gives the temporary file its name; with `exclusive` EEXIST when that is taken. */
static int publish(int tempdir, const char *temp, int dirfd, const char *name, bool exclusive)
{
    if (!exclusive)
        return renameat(tempdir, temp, dirfd, name);
    /* A rename that replaces nothing is newer than links; some file systems have only one of them. */
    if (renameat2(tempdir, temp, dirfd, name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno == EEXIST || errno == EXDEV || linkat(tempdir, temp, dirfd, name, 0) < 0)
        return -1;
    return unlinkat(tempdir, temp, 0);
}

/* Writes a temporary file in tempdir and moves it to dirfd; *crosses when the two are on two file systems. */
static enum tm_code put_through(int tempdir, int dirfd, const char *name, const struct content *content,
                                const struct stat *old, bool exclusive, bool *crosses, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = -1;
    struct tm_buf TM_CLEANUP(tm_buf_release) temp = TM_BUF_INIT;
    enum tm_code code;

    *crosses = false;
    fd = open_temporary(tempdir, name, 0666, &temp);
    if (fd < 0)
        return tm_err_errno(err, errno, "cannot write");
    code = write_temporary(fd, content, err);
    if (!code && old && fchmod(fd, old->st_mode & 07777) < 0)
        code = tm_err_errno(err, errno, "cannot set the mode");
    if (!code && publish(tempdir, temp.data, dirfd, name, exclusive) < 0) {
        *crosses = errno == EXDEV;
        code = errno == EEXIST ? tm_err_set(err, TM_E_EXISTS, "exists already")
                               : tm_err_errno(err, errno, "cannot rename");
    }
    if (code)
        unlinkat(tempdir, temp.data, 0);
    return code;
}

/* Puts content at path through a temporary file; `exclusive` refuses an existing target. */
static enum tm_code put_file(const struct tm_root *root, struct tm_str path, const struct content *content,
                             bool exclusive, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) dirfd = -1;
    char *TM_CLEANUP(tm_freep) name = NULL;
    struct stat st;
    enum tm_code code;
    bool exists, crosses = root->temp_fd < 0;

    code = tm_root_mkdirs(root, tm_path_dir(path), err);
    if (!code)
        code = open_parent(root, path, &dirfd, &name, err);
    if (code)
        return code;
    assert(name);
    exists = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (exists && exclusive)
        return tm_err_set(err, TM_E_EXISTS, "'%.*s' exists already", TM_STR_ARG(path));
    if (exists && !S_ISREG(st.st_mode))
        return tm_err_set(err, TM_E_IO, "'%.*s' is not a regular file, not replacing it", TM_STR_ARG(path));
    if (!crosses)
        code =
            put_through(root->temp_fd, dirfd, name, content, exists ? &st : NULL, exclusive, &crosses, err);
    if (crosses)
        code = put_through(dirfd, dirfd, name, content, exists ? &st : NULL, exclusive, &crosses, err);
    if (code) {
        tm_err_wrap(err, "'%.*s'", TM_STR_ARG(path));
        return code;
    }
    return sync_dir(dirfd, path, err);
}

/* Visits the entries of a folder; fd is used up. */
static enum tm_code visit_names(int fd, struct tm_str path, tm_name_fn *visit, void *ctx, struct tm_err *err)
{
    DIR *dir = fdopendir(fd);
    struct dirent *entry;
    enum tm_code code = TM_OK;

    if (!dir) {
        code = tm_err_errno(err, errno, "cannot read '%.*s'", TM_STR_ARG(path));
        close(fd);
        return code;
    }
    errno = 0;
    while (!code && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            code = visit(ctx, entry->d_name, err);
        errno = 0;
    }
    if (!code && errno)
        code = tm_err_errno(err, errno, "cannot read '%.*s'", TM_STR_ARG(path));
    closedir(dir);
    return code;
}

/* A folder to be emptied. */
struct emptied {
    int fd;
    struct tm_str path;
};

static enum tm_code remove_name(void *ctx, const char *name, struct tm_err *err)
{
    const struct emptied *folder = ctx;

    if (unlinkat(folder->fd, name, 0) < 0 && errno != EISDIR && errno != EPERM && errno != ENOENT)
        return tm_err_errno(err, errno, "cannot empty '%.*s'", TM_STR_ARG(folder->path));
    return TM_OK;
}

/* Removes the plain files in a folder; fd is used up. */
static enum tm_code empty_folder(int fd, struct tm_str path, struct tm_err *err)
{
    struct emptied folder = { fd, path };

    return visit_names(fd, path, remove_name, &folder, err);
}

enum tm_code tm_root_write_through(struct tm_root *root, const struct tm_root *state, struct tm_str folder,
                                   struct tm_err *err)
{
    enum tm_code code = tm_root_mkdirs(state, folder, err);
    int list, fd;

    if (code)
        return code;
    list = open_beneath(state, folder, O_RDONLY | O_DIRECTORY, 0);
    if (list < 0)
        return open_failed(folder, "open", err);
    code = empty_folder(list, folder, err);
    if (code)
        return code;
    fd = open_beneath(state, folder, O_PATH | O_DIRECTORY, 0);
    if (fd < 0)
        return open_failed(folder, "open", err);
    tm_closep(&root->temp_fd);
    root->temp_fd = fd;
    return TM_OK;
}

enum tm_code tm_root_replace(const struct tm_root *root, struct tm_str path, struct tm_str data,
                             bool *changed, struct tm_err *err)
{
    const struct content content = { fill_from_str, &data };
    bool same = false;
    /* What cannot be compared is replaced, and put_file says why when that fails too. */
    enum tm_code code = tm_root_holds(root, path, data, &same, NULL);

    code = !code && same ? TM_OK : put_file(root, path, &content, false, err);
    if (!code && changed)
        *changed = !same;
    return code;
}

enum tm_code tm_root_create(const struct tm_root *root, struct tm_str path, struct tm_str data,
                            struct tm_err *err)
{
    const struct content content = { fill_from_str, &data };

    return put_file(root, path, &content, true, err);
}

enum tm_code tm_root_replace_by(const struct tm_root *root, struct tm_str path, tm_fill_fn *fill, void *ctx,
                                struct tm_err *err)
{
    const struct content content = { fill, ctx };

    return put_file(root, path, &content, false, err);
}

enum tm_code tm_root_unlink(const struct tm_root *root, struct tm_str path, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) dirfd = -1;
    char *TM_CLEANUP(tm_freep) name = NULL;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    enum tm_code code = open_parent(root, path, &dirfd, &name, &lower);

    if (code == TM_E_NOT_FOUND)
        return TM_OK;
    if (code)
        return tm_err_move(err, &lower);
    if (unlinkat(dirfd, name, 0) < 0) {
        if (errno == ENOENT)
            return TM_OK;
        return tm_err_errno(err, errno, "cannot remove '%.*s'", TM_STR_ARG(path));
    }
    return sync_dir(dirfd, path, err);
}

enum tm_code tm_root_names(const struct tm_root *root, struct tm_str path, tm_name_fn *visit, void *ctx,
                           struct tm_err *err)
{
    enum tm_code code = check_path(path, err);
    int fd;

    if (code)
        return code;
    fd = open_beneath(root, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return errno == ENOENT ? TM_OK : open_failed(path, "open", err);
    return visit_names(fd, path, visit, ctx, err);
}

enum tm_code tm_root_empty_dir(const struct tm_root *root, struct tm_str path, struct tm_err *err)
{
    enum tm_code code = check_path(path, err);
    int fd;

    if (code)
        return code;
    fd = open_beneath(root, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return errno == ENOENT ? TM_OK : open_failed(path, "open", err);
    return empty_folder(fd, path, err);
}

/* A copy, where a file cannot have two names. */
static enum tm_code keep_copy(const struct tm_root *root, struct tm_str path, const struct tm_root *in,
                              struct tm_str to, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    enum tm_code code = tm_root_read(root, path, UINT64_MAX, &data, err);

    return code ? code : tm_root_replace(in, to, tm_buf_str(&data), NULL, err);
}

enum tm_code tm_root_keep(const struct tm_root *root, struct tm_str path, const struct tm_root *in,
                          struct tm_str to, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) from_dir = -1;
    int TM_CLEANUP(tm_closep) to_dir = -1;
    char *TM_CLEANUP(tm_freep) from_name = NULL;
    char *TM_CLEANUP(tm_freep) to_name = NULL;
    enum tm_code code = open_parent(root, path, &from_dir, &from_name, err);

    if (!code)
        code = tm_root_mkdirs(in, tm_path_dir(to), err);
    if (!code)
        code = open_parent(in, to, &to_dir, &to_name, err);
    if (!code)
        code = tm_root_unlink(in, to, err);
    if (code)
        return code;
    if (linkat(from_dir, from_name, to_dir, to_name, 0) < 0)
        return keep_copy(root, path, in, to, err);
    return sync_dir(to_dir, to, err);
}

enum tm_code tm_root_put_back(const struct tm_root *root, struct tm_str path, const struct tm_root *in,
                              struct tm_str from, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) from_dir = -1;
    int TM_CLEANUP(tm_closep) to_dir = -1;
    char *TM_CLEANUP(tm_freep) from_name = NULL;
    char *TM_CLEANUP(tm_freep) to_name = NULL;
    enum tm_code code = open_parent(in, from, &from_dir, &from_name, err);

    if (!code)
        code = open_parent(root, path, &to_dir, &to_name, err);
    if (code)
        return code;
    if (renameat(from_dir, from_name, to_dir, to_name) == 0)
        return sync_dir(to_dir, path, err);
    if (errno == EXDEV)
        return keep_copy(in, from, root, path, err);
    return tm_err_errno(err, errno, "cannot put back '%.*s'", TM_STR_ARG(path));
}

static int flock_retry(int fd, int operation)
{
    int rc;

    do
        rc = flock(fd, operation);
    while (rc < 0 && errno == EINTR);
    return rc;
}

/* Checks and locks what was just opened in dirfd. */
static enum tm_code lock_opened(int fd, int dirfd, struct tm_str path, struct tm_err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return tm_err_errno(err, errno, "cannot stat '%.*s'", TM_STR_ARG(path));
    if (!S_ISREG(st.st_mode))
        return tm_err_set(err, TM_E_IO, "'%.*s' is not a regular file", TM_STR_ARG(path));
    if (flock_retry(fd, LOCK_EX) < 0)
        return tm_err_errno(err, errno, "cannot lock '%.*s'", TM_STR_ARG(path));
    return st.st_size == 0 ? sync_dir(dirfd, path, err) : TM_OK;
}

/* One attempt: creates, opens and locks the file; *fd is open on TM_OK only. */
static enum tm_code open_locked(const struct tm_root *root, struct tm_str path, int *fd, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) dirfd = -1;
    char *TM_CLEANUP(tm_freep) name = NULL;
    enum tm_code code = tm_root_mkdirs(root, tm_path_dir(path), err);
    int got;

    if (!code)
        code = open_parent(root, path, &dirfd, &name, err);
    if (code)
        return code;
    got = openat(dirfd, name, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (got < 0 && errno == ELOOP)
        return tm_err_set(err, TM_E_IO, "'%.*s' is a symbolic link, not appending to it", TM_STR_ARG(path));
    if (got < 0)
        return tm_err_errno(err, errno, "cannot open '%.*s' for append", TM_STR_ARG(path));
    code = lock_opened(got, dirfd, path, err);
    if (code)
        close(got);
    else
        *fd = got;
    return code;
}

/* True when fd is what path names now. */
static bool is_current(const struct tm_root *root, struct tm_str path, int fd)
{
    int TM_CLEANUP(tm_closep) dirfd = -1;
    char *TM_CLEANUP(tm_freep) name = NULL;
    struct stat ours, now;

    return open_parent(root, path, &dirfd, &name, NULL) == TM_OK && fstat(fd, &ours) == 0 &&
           fstatat(dirfd, name, &now, AT_SYMLINK_NOFOLLOW) == 0 && ours.st_ino == now.st_ino &&
           ours.st_dev == now.st_dev;
}

enum tm_code tm_append_open(const struct tm_root *root, struct tm_str path, int *fd, struct tm_err *err)
{
    /* A checkout may replace the file while we wait: what went into the old one would be lost. */
    for (int tries = 0; tries < OPEN_TRIES; tries++) {
        int got = -1;
        enum tm_code code = open_locked(root, path, &got, err);

        if (code)
            return code;
        if (is_current(root, path, got)) {
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

enum tm_code tm_append_close(int fd, struct tm_err *err)
{
    if (close(fd) < 0 && errno != EINTR)
        return tm_err_errno(err, errno, "cannot close");
    return TM_OK;
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
    enum tm_code code = check_path(path, err);
    int fd;

    if (!code)
        code = tm_root_mkdirs(root, tm_path_dir(path), err);
    if (code)
        return code;
    fd = open_beneath(root, path, O_RDWR | O_CREAT, 0666);
    if (fd < 0)
        return open_failed(path, "open lock", err);
    while (flock_retry(fd, LOCK_EX | LOCK_NB) < 0) {
        struct timespec pause = { 0, 20 * 1000000 };
        uint64_t holder = holder_of(fd);

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
