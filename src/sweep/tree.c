#include "sweep/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "ext/hash.h"

enum {
    NAME_MAX_LEN = 200,
    HASH_BYTES = 8,
    DEPTH_MAX = 64, /* folders held open at once while removing */
};

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

void tm_tree_add_name(struct tm_buf *out, struct tm_str path)
{
    size_t start = out->len;

    for (size_t i = 0; i < path.len; i++) {
        char c = path.data[i];

        if (c == '/')
            tm_buf_addc(out, '+');
        else if (is_plain(c) && !(c == '.' && i == 0))
            tm_buf_addc(out, c);
        else
            tm_buf_addf(out, "~%02X", (unsigned)(unsigned char)c);
    }
    if (path.len == 0)
        tm_buf_addc(out, '~');
    if (out->len - start > NAME_MAX_LEN) {
        struct tm_hash hash = tm_hash_of(path);

        tm_buf_truncate(out, start + NAME_MAX_LEN - 1 - 2 * (size_t)HASH_BYTES);
        tm_buf_addc(out, '~');
        tm_buf_add_hex(out, hash.bytes, HASH_BYTES);
    }
}

/* Opens the folder `path` beneath root: a part that is a link, or anything but a folder, fails. */
static int open_dir(const struct tm_root *root, struct tm_str path)
{
    int at = openat(root->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct tm_str part;

    while (at >= 0 && path.len && tm_str_split(&path, '/', &part)) {
        char *name = tm_strndup(part.data, part.len);
        int next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int saved = errno;

        free(name);
        close(at);
        at = next;
        errno = saved;
    }
    return at;
}

static int unlink_with_permission(int dirfd, const char *name, int flags)
{
    int rc = unlinkat(dirfd, name, flags);

    if (rc < 0 && errno == EACCES && fchmod(dirfd, 0700) == 0)
        rc = unlinkat(dirfd, name, flags);
    return rc;
}

static int open_with_permission(int dirfd, const char *name)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(dirfd, name, flags);

    if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, 0) == 0)
        fd = openat(dirfd, name, flags);
    return fd;
}

struct removal {
    int top;
    unsigned moved;
};

static int empty_dir(struct removal *removal, int dirfd, unsigned depth);

/* Below DEPTH_MAX a folder is moved to the top and waits there for its turn. */
static int remove_dir(struct removal *removal, int dirfd, const char *name, unsigned depth)
{
    int TM_CLEANUP(tm_closep) fd = -1;
    char moved[32];

    if (depth == DEPTH_MAX) {
        snprintf(moved, sizeof(moved), "~deep%u", removal->moved++);
        return renameat(dirfd, name, removal->top, moved);
    }
    fd = open_with_permission(dirfd, name);
    if (fd < 0 || empty_dir(removal, fd, depth + 1) < 0)
        return -1;
    return unlink_with_permission(dirfd, name, AT_REMOVEDIR);
}

/* Removes what the folder holds; -1 with errno at the first that cannot be. */
static int empty_dir(struct removal *removal, int dirfd, unsigned depth)
{
    int copy = dup(dirfd);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    bool again = true;
    int rc = dir ? 0 : -1;

    /* Entries that come while others go may be missed by one pass, and the top gets the deep ones. */
    while (rc == 0 && again) {
        struct dirent *entry;

        again = false;
        rewinddir(dir);
        while (rc == 0 && (errno = 0, entry = readdir(dir))) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                continue;
            again = true;
            rc = unlink_with_permission(dirfd, entry->d_name, 0);
            if (rc < 0 && (errno == EISDIR || errno == EPERM))
                rc = remove_dir(removal, dirfd, entry->d_name, depth);
        }
        if (rc == 0 && errno)
            rc = -1;
    }
    if (dir) {
        int saved = errno;

        closedir(dir);
        errno = saved;
    } else if (copy >= 0) {
        close(copy);
    }
    return rc;
}

enum tm_code tm_tree_remove(const struct tm_root *root, struct tm_str path, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) parent = open_dir(root, tm_path_dir(path));
    struct tm_str base = tm_path_base(path);
    char *TM_CLEANUP(tm_freep) name = tm_strndup(base.data, base.len);
    struct removal removal = { .top = -1 };
    int rc = -1;

    if (parent < 0 && tm_root_is_dir(root, tm_path_dir(path)))
        return tm_err_set(err, TM_E_IO, "cannot open the folder of '%s/%.*s'", root->path, TM_STR_ARG(path));
    if (parent < 0)
        return TM_OK;
    removal.top = open_with_permission(parent, name);
    if (removal.top < 0 && errno == ENOENT)
        return TM_OK;
    if (removal.top >= 0) {
        rc = empty_dir(&removal, removal.top, 0);
        if (rc == 0)
            rc = unlinkat(parent, name, AT_REMOVEDIR);
    }
    if (rc < 0)
        tm_err_set(err, TM_E_IO, "cannot remove folder '%s/%.*s': %s", root->path, TM_STR_ARG(path),
                   strerror(errno));
    tm_closep(&removal.top);
    return rc < 0 ? TM_E_IO : TM_OK;
}

enum tm_code tm_tree_make(const struct tm_root *root, struct tm_str path, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) at = open_dir(root, TM_STR(""));
    struct tm_str rest = path, part;

    while (at >= 0 && rest.len && tm_str_split(&rest, '/', &part)) {
        char *TM_CLEANUP(tm_freep) name = tm_strndup(part.data, part.len);
        int next;

        if (mkdirat(at, name, 0777) < 0 && errno != EEXIST)
            break;
        next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
            break;
        close(at);
        at = next;
        if (!rest.data)
            return TM_OK;
    }
    return tm_err_errno(err, errno, "cannot create folder '%s/%.*s'", root->path, TM_STR_ARG(path));
}

struct aged {
    char *name;
    struct timespec time;
};

static int newest_first(const void *a, const void *b)
{
    const struct aged *x = a, *y = b;

    if (x->time.tv_sec != y->time.tv_sec)
        return x->time.tv_sec < y->time.tv_sec ? 1 : -1;
    if (x->time.tv_nsec != y->time.tv_nsec)
        return x->time.tv_nsec < y->time.tv_nsec ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* The folders directly in the open folder. */
static struct aged *list_folders(DIR *dir, size_t *n)
{
    struct aged *items = NULL;
    size_t len = 0, cap = 0;
    struct dirent *entry;

    while ((entry = readdir(dir))) {
        struct stat st;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
            continue;
        TM_GROW(items, len, cap);
        items[len++] = (struct aged) { tm_strdup(entry->d_name), st.st_mtim };
    }
    *n = len;
    return items;
}

void tm_tree_prune(const struct tm_root *root, struct tm_str path, size_t keep)
{
    int fd = open_dir(root, path);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct aged *items;
    size_t n;

    if (!dir) {
        tm_closep(&fd);
        return;
    }
    items = list_folders(dir, &n);
    closedir(dir);
    if (n)
        qsort(items, n, sizeof(*items), newest_first);
    for (size_t i = 0; i < n; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) child = TM_BUF_INIT;

        tm_path_join(&child, path, tm_str(items[i].name));
        if (i >= keep && tm_tree_remove(root, tm_buf_str(&child), NULL)) {
            /* It stays until the next sweep tries again. */
        }
        free(items[i].name);
    }
    free(items);
}
