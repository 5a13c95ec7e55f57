/*
 * Files that hold a secret: nobody but their owner may read them, and what was read does not stay in
 * memory.
 */
#ifndef TM_BASE_SECRET_H
#define TM_BASE_SECRET_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Reads the file at `path` (the working folder's, links are followed), at most limit bytes, into out
 * (replaced). TM_E_REFUSED: it is no regular file, or its mode lets its group or others at it. Messages never
 * hold a byte of it.
 */
enum tm_code tm_secret_read(const char *path, size_t limit, struct tm_buf *out, struct tm_err *err) TM_CHECK;

/* Makes the file with mode 0600 and syncs it; TM_E_EXISTS when something is at path. */
enum tm_code tm_secret_create(const char *path, struct tm_str data, struct tm_err *err) TM_CHECK;

/* Overwrites the bytes, then frees: for TM_CLEANUP. */
void tm_secret_release(struct tm_buf *buf);

/* Overwrites n bytes in a way that no optimiser takes out. */
void tm_secret_wipe(void *bytes, size_t n);

#endif
