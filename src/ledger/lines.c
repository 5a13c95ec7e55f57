#include "ledger/lines.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ledger/ledger.h"

enum {
    CHUNK = 1 << 20,
    KEPT = 2 * TM_LEDGER_LINE_MAX, /* of a line that fills a whole chunk: enough to call it too long */
};
static_assert(CHUNK > KEPT, "a full chunk holds more than is kept of a line that is too long");

void tm_lines_init(struct tm_lines *lines, int fd, uint64_t size, struct tm_hasher *hasher)
{
    *lines = (struct tm_lines) { .fd = fd, .size = size, .hasher = hasher };
    lines->cap = (size_t)TM_MIN(size, (uint64_t)CHUNK);
    lines->chunk = tm_realloc_array(NULL, lines->cap + 1, 1);
}

void tm_lines_release(struct tm_lines *lines)
{
    free(lines->chunk);
    lines->chunk = NULL;
}

/* Reads more behind what is there; nothing at the end. A file that became shorter ends earlier. */
static enum tm_code fill(struct tm_lines *lines, bool *got, struct tm_err *err)
{
    size_t room;
    ssize_t n;

    *got = false;
    memmove(lines->chunk, lines->chunk + lines->begin, lines->end - lines->begin);
    lines->end -= lines->begin;
    lines->begin = 0;
    room = (size_t)TM_MIN((uint64_t)(lines->cap - lines->end), lines->size - lines->read);
    if (room == 0)
        return TM_OK;
    do
        n = pread(lines->fd, lines->chunk + lines->end, room, (off_t)lines->read);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return tm_err_errno(err, errno, "cannot read");
    if (lines->hasher)
        tm_hasher_add(lines->hasher, tm_str_n(lines->chunk + lines->end, (size_t)n));
    lines->end += (size_t)n;
    lines->read += (uint64_t)n;
    *got = n > 0;
    return TM_OK;
}

enum tm_code tm_lines_next(struct tm_lines *lines, struct tm_str *text, uint64_t *at, bool *more,
                           struct tm_err *err)
{
    size_t searched = 0;
    bool got = true;

    *at = lines->read - (lines->end - lines->begin);
    for (;;) {
        const char *start = lines->chunk + lines->begin;
        size_t n = lines->end - lines->begin;
        const char *lf = memchr(start + searched, '\n', n - searched);
        enum tm_code code;

        if (lf || !got) {
            *text = tm_str_n(start, lf ? (size_t)(lf - start) : n);
            *more = lf != NULL;
            lines->begin += text->len + *more;
            lines->line += n > 0;
            return TM_OK;
        }
        if (n == CHUNK)
            lines->end = n = KEPT;
        searched = n;
        code = fill(lines, &got, err);
        if (code)
            return code;
    }
}

enum tm_code tm_ledger_read_bytes(int fd, uint64_t at, size_t len, struct tm_buf *out, struct tm_err *err)
{
    size_t got = 0;

    tm_buf_clear(out);
    tm_buf_reserve(out, len);
    while (got < len) {
        ssize_t n = pread(fd, out->data + got, len - got, (off_t)(at + got));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return tm_err_errno(err, errno, "cannot read");
        if (n == 0)
            return tm_err_set(err, TM_E_IO, "became shorter while it was read");
        got += (size_t)n;
    }
    out->len = len;
    out->data[len] = '\0';
    return TM_OK;
}
