/* Whole files: replaced, created, removed, kept and put back. */
#include "base/io_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"

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
        code = tm_io_open_parent(root, path, &dirfd, &name, err);
    if (code)
        return code;
    assert(name);
    exists = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (!exists && errno != ENOENT)
        return tm_err_errno(err, errno, "cannot look for '%.*s'", TM_STR_ARG(path));
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
    return tm_io_sync_dir(dirfd, path, err);
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
    list = tm_io_open_beneath(state, folder, O_RDONLY | O_DIRECTORY, 0);
    if (list < 0)
        return tm_io_open_failed(folder, "open", err);
    code = empty_folder(list, folder, err);
    if (code)
        return code;
    fd = tm_io_open_beneath(state, folder, O_PATH | O_DIRECTORY, 0);
    if (fd < 0)
        return tm_io_open_failed(folder, "open", err);
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

enum tm_code tm_root_note(const struct tm_root *root, struct tm_str path, struct tm_str data,
                          struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = -1;
    struct stat st;
    enum tm_code code = tm_root_mkdirs(root, tm_path_dir(path), err);

    if (code)
        return code;
    fd = tm_io_open_beneath(root, path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (fd < 0)
        return tm_io_open_failed(path, "write", err);
    /* Written in place, another name of the file would change with it. */
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1)
        return tm_err_set(err, TM_E_IO, "'%.*s' is no file of its own", TM_STR_ARG(path));
    code = tm_fd_write_all(fd, data, err);
    if (!code && ftruncate(fd, (off_t)data.len) < 0)
        code = tm_err_errno(err, errno, "cannot cut");
    return code ? tm_err_wrap(err, "'%.*s'", TM_STR_ARG(path)) : TM_OK;
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
    enum tm_code code = tm_io_open_parent(root, path, &dirfd, &name, &lower);

    if (code == TM_E_NOT_FOUND)
        return TM_OK;
    if (code)
        return tm_err_move(err, &lower);
    if (unlinkat(dirfd, name, 0) < 0) {
        if (errno == ENOENT)
            return TM_OK;
        return tm_err_errno(err, errno, "cannot remove '%.*s'", TM_STR_ARG(path));
    }
    return tm_io_sync_dir(dirfd, path, err);
}

enum tm_code tm_root_names(const struct tm_root *root, struct tm_str path, tm_name_fn *visit, void *ctx,
                           struct tm_err *err)
{
    enum tm_code code = tm_io_check_path(path, err);
    int fd;

    if (code)
        return code;
    fd = tm_io_open_beneath(root, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return errno == ENOENT ? TM_OK : tm_io_open_failed(path, "open", err);
    return visit_names(fd, path, visit, ctx, err);
}

enum tm_code tm_root_empty_dir(const struct tm_root *root, struct tm_str path, struct tm_err *err)
{
    enum tm_code code = tm_io_check_path(path, err);
    int fd;

    if (code)
        return code;
    fd = tm_io_open_beneath(root, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return errno == ENOENT ? TM_OK : tm_io_open_failed(path, "open", err);
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
    enum tm_code code = tm_io_open_parent(root, path, &from_dir, &from_name, err);

    if (!code)
        code = tm_root_mkdirs(in, tm_path_dir(to), err);
    if (!code)
        code = tm_io_open_parent(in, to, &to_dir, &to_name, err);
    if (!code)
        code = tm_root_unlink(in, to, err);
    if (code)
        return code;
    if (linkat(from_dir, from_name, to_dir, to_name, 0) < 0)
        return keep_copy(root, path, in, to, err);
    return tm_io_sync_dir(to_dir, to, err);
}

enum tm_code tm_root_put_back(const struct tm_root *root, struct tm_str path, const struct tm_root *in,
                              struct tm_str from, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) from_dir = -1;
    int TM_CLEANUP(tm_closep) to_dir = -1;
    char *TM_CLEANUP(tm_freep) from_name = NULL;
    char *TM_CLEANUP(tm_freep) to_name = NULL;
    enum tm_code code = tm_io_open_parent(in, from, &from_dir, &from_name, err);

    if (!code)
        code = tm_io_open_parent(root, path, &to_dir, &to_name, err);
    if (code)
        return code;
    if (renameat(from_dir, from_name, to_dir, to_name) == 0)
        return tm_io_sync_dir(to_dir, path, err);
    if (errno == EXDEV)
        return keep_copy(in, from, root, path, err);
    return tm_err_errno(err, errno, "cannot put back '%.*s'", TM_STR_ARG(path));
}
