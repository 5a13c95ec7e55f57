#include "sweep/mirror.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "sweep/tree.h"

struct mirror {
    const struct tm_root *root; /* of the repository */
    int fd;                     /* of the mirror */
    struct tm_buf last_dir;     /* the folder made last: files come sorted, so most stand in it */
};

static enum tm_code failed(struct tm_str path, struct tm_err *err)
{
    return tm_err_errno(err, errno, "cannot copy '%.*s'", TM_STR_ARG(path));
}

/* Links the entries of the real folder into the mirror's, but for `.git` and the one that leads to the
 * module. */
static enum tm_code link_siblings(struct mirror *mirror, struct tm_str dir, struct tm_str skip,
                                  struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) real = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) to = TM_BUF_INIT;
    struct dirent *entry;
    enum tm_code code = TM_OK;
    DIR *listing;

    tm_buf_addf(&real, "%s%s%.*s", mirror->root->path, dir.len ? "/" : "", TM_STR_ARG(dir));
    listing = opendir(real.data);
    if (!listing)
        return failed(dir, err);
    while (!code && (entry = readdir(listing))) {
        const char *name = entry->d_name;

        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0 ||
            tm_str_is(skip, name))
            continue;
        tm_buf_truncate(&real, strlen(mirror->root->path) + (dir.len ? dir.len + 1 : 0));
        tm_buf_addf(&real, "/%s", name);
        tm_path_join(&to, dir, tm_str(name));
        if (symlinkat(real.data, mirror->fd, to.data) < 0)
            code = failed(tm_buf_str(&to), err);
    }
    closedir(listing);
    return code;
}

/* Makes the folders above the module, with links to what stands beside the way. */
static enum tm_code make_ancestors(struct mirror *mirror, struct tm_str module, struct tm_err *err)
{
    enum tm_code code = TM_OK;
    struct tm_str rest = module, part;
    struct tm_str dir = TM_STR("");

    while (!code && module.len && tm_str_split(&rest, '/', &part)) {
        char *name;

        code = link_siblings(mirror, dir, part, err);
        dir = tm_str_n(module.data, (size_t)(part.data - module.data) + part.len);
        name = tm_strndup(dir.data, dir.len);
        if (!code && mkdirat(mirror->fd, name, 0777) < 0)
            code = failed(dir, err);
        free(name);
    }
    return code;
}

static enum tm_code make_dir_of(struct mirror *mirror, struct tm_str path, struct tm_err *err)
{
    struct tm_str dir = tm_path_dir(path);

    if (tm_str_eq(dir, tm_buf_str(&mirror->last_dir)))
        return TM_OK;
    for (size_t i = 1; i <= dir.len; i++) {
        char *name;
        int rc;

        if (i < dir.len && dir.data[i] != '/')
            continue;
        name = tm_strndup(dir.data, i);
        rc = mkdirat(mirror->fd, name, 0777);
        free(name);
        if (rc < 0 && errno != EEXIST)
            return failed(path, err);
    }
    tm_buf_clear(&mirror->last_dir);
    tm_buf_add_str(&mirror->last_dir, dir);
    return TM_OK;
}

static int copy_bytes(int from, int to)
{
    char *buffer = NULL;
    ssize_t n;

    do
        n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
    while (n > 0 || (n < 0 && errno == EINTR));
    if (n == 0)
        return 0;
    /* Not on this kernel or between these file systems: by hand, from where it stopped. */
    buffer = tm_alloc(1 << 16);
    while ((n = read(from, buffer, 1 << 16)) > 0 || (n < 0 && errno == EINTR)) {
        if (n > 0 && tm_fd_write_all(to, tm_str_n(buffer, (size_t)n), NULL)) {
            n = -1;
            break;
        }
    }
    free(buffer);
    return n < 0 ? -1 : 0;
}

static enum tm_code copy_file(struct mirror *mirror, struct tm_str path, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    int TM_CLEANUP(tm_closep) from = -1;
    int TM_CLEANUP(tm_closep) to = -1;
    char *TM_CLEANUP(tm_freep) name = tm_strndup(path.data, path.len);
    struct stat st;
    enum tm_code code = tm_root_open_file(mirror->root, path, &from, &st, &lower);

    /* Gone, or below a link and so no file of this tree. */
    if (code == TM_E_NOT_FOUND || code == TM_E_PATH)
        return TM_OK;
    if (code)
        return tm_err_move(err, &lower);
    code = make_dir_of(mirror, path, err);
    if (code)
        return code;
    to = openat(mirror->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                (st.st_mode & 0777) | 0600);
    if (to < 0 || copy_bytes(from, to) < 0)
        return failed(path, err);
    /* make decides by times; a file system that cannot keep them only costs a rebuild. */
    (void)futimens(to, (struct timespec[]) { st.st_atim, st.st_mtim });
    return TM_OK;
}

static enum tm_code copy_link(struct mirror *mirror, struct tm_str path, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = tm_strndup(path.data, path.len);
    struct tm_buf TM_CLEANUP(tm_buf_release) real = TM_BUF_INIT;
    char *to = tm_buf_reserve(&real, TM_PATH_MAX);
    enum tm_code code = TM_OK;
    ssize_t n = readlinkat(mirror->root->fd, name, to, TM_PATH_MAX);

    if (n < 0)
        return errno == ENOENT || errno == EINVAL ? TM_OK : failed(path, err);
    to[n] = '\0';
    code = make_dir_of(mirror, path, err);
    if (!code && symlinkat(to, mirror->fd, name) < 0 && errno != EEXIST)
        code = failed(path, err);
    return code;
}

/* Files come sorted, and those below a folder begin with its path and '/': they stand together. */
static size_t first_below(const struct tm_files *files, struct tm_str folder)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) start = TM_BUF_INIT;
    size_t low = 0, high = files->n;

    tm_buf_addf(&start, "%.*s%s", TM_STR_ARG(folder), folder.len ? "/" : "");
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (tm_str_cmp(files->items[middle].path, tm_buf_str(&start)) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/*
 * Links come after files: while a file is written no link of the repository is there that could
 * lead it elsewhere.
 */
static enum tm_code copy_tree(struct mirror *mirror, const struct tm_files *files, struct tm_str module,
                              struct tm_err *err)
{
    size_t begin = first_below(files, module), end = begin;
    enum tm_code code = TM_OK;

    while (end < files->n && tm_path_is_below(files->items[end].path, module))
        end++;
    for (size_t i = begin; !code && i < end; i++) {
        if (!files->items[i].is_link)
            code = copy_file(mirror, files->items[i].path, err);
    }
    for (size_t i = begin; !code && i < end; i++) {
        if (files->items[i].is_link)
            code = copy_link(mirror, files->items[i].path, err);
    }
    return code;
}

enum tm_code tm_mirror_make(const struct tm_root *state, struct tm_str at, const struct tm_root *root,
                            const struct tm_files *files, struct tm_str module, struct tm_err *err)
{
    struct mirror mirror = { .root = root, .fd = -1, .last_dir = TM_BUF_INIT };
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_code code = tm_tree_make(state, at, err);

    if (code)
        return code;
    tm_buf_addf(&path, "%s/%.*s", state->path, TM_STR_ARG(at));
    mirror.fd = open(path.data, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (mirror.fd < 0)
        code = tm_err_errno(err, errno, "cannot open '%s'", path.data);
    if (!code)
        code = make_ancestors(&mirror, module, err);
    if (!code)
        code = copy_tree(&mirror, files, module, err);
    tm_closep(&mirror.fd);
    tm_buf_release(&mirror.last_dir);
    return code;
}
