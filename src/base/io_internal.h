/*
 * What the io_*.c files share. Only they include this.
 */
#ifndef TM_BASE_IO_INTERNAL_H
#define TM_BASE_IO_INTERNAL_H

#include "base/io.h"

/*
 * How often an open is tried again that something else came in between of. openat2 says EAGAIN when something
 * was renamed meanwhile; also for a file under a lease, for ever.
 */
enum { TM_IO_OPEN_TRIES = 1000 };

/* TM_E_PATH unless path is a normal one. */
enum tm_code tm_io_check_path(struct tm_str path, struct tm_err *err) TM_CHECK;

/* Opens a normal path beneath root; -1 with errno, EXDEV when it would leave. */
int tm_io_open_beneath(const struct tm_root *root, struct tm_str path, int flags, mode_t mode);

/* The error of an open that left errno: "cannot <what> '<path>'". */
enum tm_code tm_io_open_failed(struct tm_str path, const char *what, struct tm_err *err);

/* Opens the folder that holds path; *name, also set on failure, is the last part. Both are the caller's. */
enum tm_code tm_io_open_parent(const struct tm_root *root, struct tm_str path, int *dirfd, char **name,
                               struct tm_err *err) TM_CHECK;

/* Makes the names in a folder durable; path is what is in it, for messages. */
enum tm_code tm_io_sync_dir(int dirfd, struct tm_str path, struct tm_err *err) TM_CHECK;

/* flock(2), again when a signal came in between. */
int tm_io_flock(int fd, int operation);

#endif
