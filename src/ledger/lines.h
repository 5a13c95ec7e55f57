/*
 * The lines of an open file, up to a size that was taken before: memory for one
 * chunk whatever the file's length, and no mapping that a shrinking file could tear away.
 */
#ifndef TM_LEDGER_LINES_H
#define TM_LEDGER_LINES_H

#include "base/err.h"
#include "base/str.h"
#include "ext/hash.h"

struct tm_lines {
    int fd;
    uint64_t size;            /* read no further */
    struct tm_hasher *hasher; /* not owned; gets every byte read; may be NULL */
    size_t cap;               /* of chunk */
    char *chunk;              /* owned */
    size_t begin, end;        /* what of it is not handed out */
    uint64_t read;            /* bytes of the file that were read into chunks */
    size_t line;              /* number of the last line, from 1 */
};

void tm_lines_init(struct tm_lines *lines, int fd, uint64_t size, struct tm_hasher *hasher);
void tm_lines_release(struct tm_lines *lines);

/*
 * The next line without its LF, valid until the next call; *at is its first byte in the file. *more is false
 * at the end: then text is what stands behind the last LF, "" when there is nothing. Of a line that is much
 * longer than TM_LEDGER_LINE_MAX only a part comes, itself longer than that. TM_E_IO.
 */
enum tm_code tm_lines_next(struct tm_lines *lines, struct tm_str *text, uint64_t *at, bool *more,
                           struct tm_err *err) TM_CHECK;

/* Replaces out by len bytes of fd from `at`; TM_E_IO when they are not there. */
enum tm_code tm_ledger_read_bytes(int fd, uint64_t at, size_t len, struct tm_buf *out, struct tm_err *err)
    TM_CHECK;

#endif
