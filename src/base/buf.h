/*
 * A byte buffer that grows. `data` is never NULL and always NUL-terminated at
 * data[len], so it can be handed to C functions as it is; it may hold NULs.
 */
#ifndef TM_BASE_BUF_H
#define TM_BASE_BUF_H

#include <stdarg.h>

#include "base/base.h"
#include "base/str.h"

struct tm_buf {
    char *data;
    size_t len; /* bytes used, without the NUL */
    size_t cap; /* bytes allocated; 0 while data is the shared empty string */
};

extern char tm_buf_empty[1];

#define TM_BUF_INIT ((struct tm_buf) { tm_buf_empty, 0, 0 })

/* Frees the bytes and makes the buffer empty and usable again. */
void tm_buf_release(struct tm_buf *buf);

/* Hands the bytes (NUL-terminated, malloc'ed, never NULL) to the caller and empties the buffer. */
char *tm_buf_take(struct tm_buf *buf) TM_CHECK;

/* Keeps the memory, drops the content; cuts to at most len bytes. */
void tm_buf_clear(struct tm_buf *buf);
void tm_buf_truncate(struct tm_buf *buf, size_t len);

/* Makes room for `extra` more bytes; returns where they go. Does not change len. */
char *tm_buf_reserve(struct tm_buf *buf, size_t extra);

/* The content as a string piece, valid until the next change. */
struct tm_str tm_buf_str(const struct tm_buf *buf);

void tm_buf_add(struct tm_buf *buf, const void *bytes, size_t n);
void tm_buf_add_str(struct tm_buf *buf, struct tm_str s);
void tm_buf_adds(struct tm_buf *buf, const char *s);
void tm_buf_addc(struct tm_buf *buf, char c);
/* In decimal; what "%llu" gives, ten times as fast: registries hold many counts. */
void tm_buf_add_u64(struct tm_buf *buf, uint64_t value);
void tm_buf_addf(struct tm_buf *buf, const char *fmt, ...) TM_PRINTF(2, 3);
void tm_buf_vaddf(struct tm_buf *buf, const char *fmt, va_list ap) TM_PRINTF(2, 0);

/* The same with leading zeros up to `digits` digits, at most 20. */
void tm_buf_add_digits(struct tm_buf *buf, uint64_t value, unsigned digits);

/* Replaces `n` bytes at `at` by s; at + n must be at most len. s must not point into buf. */
void tm_buf_splice(struct tm_buf *buf, size_t at, size_t n, struct tm_str s);

/*
 * Adds s as it is safe to print on a terminal: C0 and C1 controls, DEL and bytes that are not
 * UTF-8 become \xHH (\n, \t and \r their short forms); everything else stays.
 */
void tm_buf_add_escaped(struct tm_buf *buf, struct tm_str s);

/* Adds n bytes as 2n lower-case hexadecimal digits. */
void tm_buf_add_hex(struct tm_buf *buf, const unsigned char *bytes, size_t n);

#endif
