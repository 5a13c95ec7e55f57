/*
 * Files of the user, read and written so that nothing is lost and nothing
 * outside the repository is touched.
 *
 * A `struct tm_root` is an open folder; every path below it is a normal
 * repository path (base/path.h) resolved beneath it: no symbolic link, ".." or
 * mount trick leads out (openat2 RESOLVE_BENEATH; on kernels without it, a walk
 * that refuses links). A path that would leave gives TM_E_PATH.
 *
 * All user data is written by tm_root_replace (whole files) or by a
 * struct tm_appender; both are durable when they return TM_OK.
 */
#ifndef TM_BASE_IO_H
#define TM_BASE_IO_H

#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"

struct tm_root {
    int fd;     /* O_PATH folder, -1 when closed */
    char *path; /* absolute, without a final '/'; owned */
    /*
     * Folder where files are written before they get their place, -1 for the folder they go to. Set by who
     * wants no half-written file left there by a kill; owned. On another file system it is not used.
     */
    int temp_fd;
};

#define TM_ROOT_INIT ((struct tm_root) { -1, NULL, -1 })

/* Opens the folder at `path` (made absolute; links in it are followed). */
enum tm_code tm_root_open(struct tm_root *root, const char *path, struct tm_err *err) TM_CHECK;
void tm_root_close(struct tm_root *root);

/*
 * Opens `path` beneath root for reading; *fd is the caller's to close. Only
 * regular files: anything else gives TM_E_IO, a missing one TM_E_NOT_FOUND.
 * st may be NULL.
 */
enum tm_code tm_root_open_file(const struct tm_root *root, struct tm_str path, int *fd, struct stat *st,
                               struct tm_err *err) TM_CHECK;

/* Reads a whole file of at most limit bytes into out (replaced). Larger: TM_E_LIMIT. */
enum tm_code tm_root_read(const struct tm_root *root, struct tm_str path, uint64_t limit, struct tm_buf *out,
                          struct tm_err *err) TM_CHECK;

/* *same: a file is at path and holds exactly data. Nothing is kept in memory. */
enum tm_code tm_root_holds(const struct tm_root *root, struct tm_str path, struct tm_str data, bool *same,
                           struct tm_err *err) TM_CHECK;

/* *there: something is at path (a dangling link counts); not followed. Fails when that cannot be told. */
enum tm_code tm_root_find(const struct tm_root *root, struct tm_str path, bool *there, struct tm_err *err)
    TM_CHECK;

/* The same where it makes no difference: false also when it cannot be told. */
bool tm_root_exists(const struct tm_root *root, struct tm_str path);

/* True when a symbolic link is at path, wherever it leads. */
bool tm_root_is_link(const struct tm_root *root, struct tm_str path);

/* True when a folder is at path, beneath root. */
bool tm_root_is_dir(const struct tm_root *root, struct tm_str path);

/* Creates the folder and those above it, 0777 less umask; existing ones are fine. */
enum tm_code tm_root_mkdirs(const struct tm_root *root, struct tm_str path, struct tm_err *err) TM_CHECK;

/*
 * From now on files of root are written in `folder` beneath state first. The folder is made, or emptied of
 * what killed processes left: the caller must be the only one that writes below root.
 */
enum tm_code tm_root_write_through(struct tm_root *root, const struct tm_root *state, struct tm_str folder,
                                   struct tm_err *err) TM_CHECK;

/*
 * Replaces the file at path by the bytes of data: temporary file (in temp_fd, or beside it),
 * fsync, rename, fsync of the folder. Missing folders are created; the mode of
 * an existing file is kept, a new one gets 0666 less umask. A file that already
 * holds exactly data is left untouched; *changed (may be NULL) says which.
 * On any failure the old file is as it was and no temporary file stays; only when the folder cannot be synced
 * is the new one in its place already.
 */
enum tm_code tm_root_replace(const struct tm_root *root, struct tm_str path, struct tm_str data,
                             bool *changed, struct tm_err *err) TM_CHECK;

/*
 * The same for content that does not fit into memory: `fill` writes it to the temporary file, and its failure
 * is passed on. The file is replaced whatever it held; fill may read it meanwhile.
 */
typedef enum tm_code tm_fill_fn(void *ctx, int fd, struct tm_err *err);
enum tm_code tm_root_replace_by(const struct tm_root *root, struct tm_str path, tm_fill_fn *fill, void *ctx,
                                struct tm_err *err) TM_CHECK;

/*
 * Puts data at path in place and without any sync: for notes that cost only time when they are lost. A crash
 * may leave part of it, and who reads it must tell. Its folder is made. One writer at a time.
 */
enum tm_code tm_root_note(const struct tm_root *root, struct tm_str path, struct tm_str data,
                          struct tm_err *err) TM_CHECK;

/* Like tm_root_replace, but TM_E_EXISTS when something is at path already (also when it races). */
enum tm_code tm_root_create(const struct tm_root *root, struct tm_str path, struct tm_str data,
                            struct tm_err *err) TM_CHECK;

/* Removes a file and syncs its folder; a missing one is fine. */
enum tm_code tm_root_unlink(const struct tm_root *root, struct tm_str path, struct tm_err *err) TM_CHECK;

/* Calls visit with the name of each entry of a folder but "." and "..", in no order, until it fails; a
 * missing folder has none. */
typedef enum tm_code tm_name_fn(void *ctx, const char *name, struct tm_err *err);
enum tm_code tm_root_names(const struct tm_root *root, struct tm_str path, tm_name_fn *visit, void *ctx,
                           struct tm_err *err) TM_CHECK;

/* Removes the plain files in a folder; a missing folder is fine. */
enum tm_code tm_root_empty_dir(const struct tm_root *root, struct tm_str path, struct tm_err *err) TM_CHECK;

/*
 * Keeps the file at path as `to` beneath `in` (replaced): a second name for it, or a copy where that cannot
 * be. What tm_root_replace does to path afterwards leaves the kept one as it is. tm_root_put_back moves it
 * back over what is there by then; that takes no room on the disk but between file systems, and may be done
 * again after a kill.
 */
enum tm_code tm_root_keep(const struct tm_root *root, struct tm_str path, const struct tm_root *in,
                          struct tm_str to, struct tm_err *err) TM_CHECK;
enum tm_code tm_root_put_back(const struct tm_root *root, struct tm_str path, const struct tm_root *in,
                              struct tm_str from, struct tm_err *err) TM_CHECK;

/*
 * Opens path for append and takes an exclusive lock on it (flock). The file is created when missing, and
 * while it is empty the folders from it up to root are synced; when another process replaces or removes it
 * while the lock is waited for, the new one is taken. *fd is the caller's: reads see
 * the locked content; tm_append_close unlocks.
 */
enum tm_code tm_append_open(const struct tm_root *root, struct tm_str path, int *fd, struct tm_err *err)
    TM_CHECK;

/* True when path names another file than fd by now, or none; false when that cannot be told. */
bool tm_root_is_replaced(const struct tm_root *root, struct tm_str path, int fd);

/*
 * Adds data at the end of fd in one write where the system allows, then
 * fdatasync. When it fails the file is cut back to the size it had.
 */
enum tm_code tm_append_write(int fd, struct tm_str data, struct tm_err *err) TM_CHECK;

/* Cannot fail: what tm_append_write has confirmed is durable, whatever the system says of the closing. */
void tm_append_close(int fd);

/* Reads all of fd from its start, at most limit bytes, into out (replaced). */
enum tm_code tm_fd_read_all(int fd, uint64_t limit, struct tm_buf *out, struct tm_err *err) TM_CHECK;

/* Reads the file at any path outside root control (command-line arguments), at most limit bytes. */
enum tm_code tm_file_read(const char *path, uint64_t limit, struct tm_buf *out, struct tm_err *err) TM_CHECK;

/* Writes all of data to fd, retrying on EINTR and short writes. */
enum tm_code tm_fd_write_all(int fd, struct tm_str data, struct tm_err *err) TM_CHECK;

/*
 * A lock between tidemark processes: an flock on the file at path (created).
 * Waits up to timeout_ms (0: not at all); then TM_E_LOCKED, naming the process
 * that wrote its id into the file. A file system that cannot lock is no such
 * process: TM_E_IO at once. Released by the system when the process ends.
 */
struct tm_lock {
    int fd;
};
#define TM_LOCK_INIT ((struct tm_lock) { -1 })
enum tm_code tm_lock_take(struct tm_lock *lock, const struct tm_root *root, struct tm_str path,
                          int64_t timeout_ms, struct tm_err *err) TM_CHECK;
void tm_lock_release(struct tm_lock *lock);

/* Cleanup for `TM_CLEANUP(tm_closep) int fd`: closes unless -1. */
void tm_closep(int *fd);

#endif
