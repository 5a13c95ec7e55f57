#include "coverage/source.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/io.h"
#include "ext/gzip.h"

/* Enough to make read(2) cheap and small enough to stay in the second-level cache. */
enum { BLOCK = 256 << 10 };

static void init(struct tm_source *source, const char *name, int fd)
{
    *source = (struct tm_source) { .name = name, .fd = fd };
    source->cap = BLOCK;
    source->data = tm_alloc(source->cap + TM_SOURCE_SLACK);
}

enum tm_code tm_source_open(struct tm_source *source, const char *path, struct tm_err *err)
{
    /* O_NONBLOCK: a fifo in the place of a report must not hang. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;
    enum tm_code code = TM_OK;

    if (fd < 0)
        return tm_err_errno(err, errno, "cannot open '%s'", path);
    if (fstat(fd, &st) < 0)
        code = tm_err_errno(err, errno, "cannot stat '%s'", path);
    else if (!S_ISREG(st.st_mode))
        code = tm_err_set(err, TM_E_IO, "'%s' is not a regular file", path);
    if (code) {
        close(fd);
        return code;
    }
    init(source, path, fd);
    return TM_OK;
}

void tm_source_memory(struct tm_source *source, const char *name, struct tm_str data)
{
    init(source, name, -1);
    source->rest = source->memory = data;
}

void tm_source_close(struct tm_source *source)
{
    tm_closep(&source->fd);
    tm_gunzip_free(source->gunzip);
    free(source->packed);
    free(source->data);
    source->gunzip = NULL;
    source->packed = source->data = NULL;
}

enum tm_code tm_source_rewind(struct tm_source *source, struct tm_err *err)
{
    if (source->fd >= 0 && lseek(source->fd, 0, SEEK_SET) < 0)
        return tm_err_errno(err, errno, "cannot read '%s' again", source->name);
    tm_gunzip_free(source->gunzip);
    free(source->packed);
    source->gunzip = NULL;
    source->packed = NULL;
    source->packed_from = source->packed_to = source->from = source->to = 0;
    source->rest = source->memory;
    source->line = source->total = 0;
    source->begun = source->ended = source->again = source->no_line_end = false;
    return TM_OK;
}

/* read(2), for both kinds of source; 0 at the end, -1 with errno. */
static ssize_t read_raw(struct tm_source *source, char *to, size_t n)
{
    ssize_t got;

    if (source->fd < 0) {
        n = TM_MIN(n, source->rest.len);
        if (n)
            memcpy(to, source->rest.data, n);
        source->rest = tm_str_from(source->rest, n);
        return (ssize_t)n;
    }
    do
        got = read(source->fd, to, n);
    while (got < 0 && errno == EINTR);
    return got;
}

static enum tm_code read_some(struct tm_source *source, char *to, size_t n, size_t *got, struct tm_err *err)
{
    ssize_t result = read_raw(source, to, n);

    if (result < 0)
        return tm_err_errno(err, errno, "cannot read '%s'", source->name);
    *got = (size_t)result;
    return TM_OK;
}

/* The same for gzip data, unpacked. */
static enum tm_code unpack_some(struct tm_source *source, char *to, size_t n, size_t *got, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    *got = 0;
    while (!code && !*got) {
        struct tm_str packed =
            tm_str_n(source->packed + source->packed_from, source->packed_to - source->packed_from);

        if (!packed.len) {
            source->packed_from = 0;
            code = read_some(source, source->packed, BLOCK, &source->packed_to, err);
            if (!code && !source->packed_to)
                return tm_gunzip_finish(source->gunzip, err);
            continue;
        }
        code = tm_gunzip_read(source->gunzip, &packed, to, n, got, err);
        source->packed_from = source->packed_to - packed.len;
    }
    return code;
}

/* Reads the first block; when it is gzip it is what gets unpacked. */
static enum tm_code begin(struct tm_source *source, struct tm_err *err)
{
    size_t n = 0, got = 1;
    enum tm_code code = TM_OK;

    source->begun = true;
    while (!code && got && n < 3) {
        code = read_some(source, source->data + n, BLOCK - n, &got, err);
        n += code ? 0 : got;
    }
    if (code)
        return code;
    if (!tm_gzip_is(tm_str_n(source->data, n))) {
        source->to = source->total = n;
        return TM_OK;
    }
    source->gunzip = tm_gunzip_new(source->name);
    source->packed = tm_alloc(BLOCK);
    memcpy(source->packed, source->data, n);
    source->packed_to = n;
    return TM_OK;
}

/* Reads until the buffer is full or the source ends. */
static enum tm_code fill(struct tm_source *source, struct tm_err *err)
{
    enum tm_code code = source->begun ? TM_OK : begin(source, err);

    while (!code && !source->ended && source->to < source->cap) {
        char *to = source->data + source->to;
        size_t n = source->cap - source->to, got;

        code = source->gunzip ? unpack_some(source, to, n, &got, err) : read_some(source, to, n, &got, err);
        if (code)
            return code;
        source->ended = got == 0;
        source->to += got;
        source->total += got;
        if (source->total > TM_SOURCE_MAX)
            return tm_err_set(err, TM_E_LIMIT, "'%s' is larger than the limit of %llu GiB", source->name,
                              (unsigned long long)(TM_SOURCE_MAX >> 30));
    }
    if (!code)
        memset(source->data + source->to, 0, TM_SOURCE_SLACK);
    return code;
}

enum tm_code tm_source_head(struct tm_source *source, struct tm_str *head, struct tm_err *err)
{
    enum tm_code code = fill(source, err);

    if (!code)
        *head = tm_str_n(source->data, TM_MIN(source->to, (size_t)TM_SOURCE_HEAD));
    return code;
}

enum tm_code tm_source_chunk(struct tm_source *source, struct tm_str *chunk, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    if (source->from == source->to) {
        source->from = source->to = 0;
        code = fill(source, err);
    }
    if (code)
        return code;
    *chunk = tm_str_n(source->data + source->from, source->to - source->from);
    source->from = source->to;
    return TM_OK;
}

/* Moves what is left to the front. */
static void move_left(struct tm_source *source)
{
    size_t left = source->to - source->from;

    if (left && source->from)
        memmove(source->data, source->data + source->from, left);
    source->from = 0;
    source->to = left;
}

/* Makes room behind what is left, up to the longest line and its LF. */
static enum tm_code make_room(struct tm_source *source, struct tm_err *err)
{
    move_left(source);
    if (source->to < source->cap)
        return TM_OK;
    if (source->to > TM_SOURCE_LINE_MAX)
        return tm_err_set(err, TM_E_LIMIT, "line %llu of '%s' is longer than %d bytes",
                          (unsigned long long)source->line + 1, source->name, TM_SOURCE_LINE_MAX);
    source->cap = TM_MIN(source->cap * 2, (size_t)TM_SOURCE_LINE_MAX + 1);
    source->data = tm_realloc_array(source->data, source->cap + TM_SOURCE_SLACK, 1);
    return TM_OK;
}

enum tm_code tm_source_lines(struct tm_source *source, struct tm_str *lines, struct tm_err *err)
{
    for (;;) {
        size_t left = source->to - source->from;
        char *start = source->data + source->from;
        char *last = left ? memrchr(start, '\n', left) : NULL;
        enum tm_code code;

        if (last) {
            *lines = tm_str_n(start, (size_t)(last + 1 - start));
            source->from += lines->len;
            return TM_OK;
        }
        if (source->ended && left == 0) {
            *lines = TM_STR("");
            return TM_OK;
        }
        code = make_room(source, err);
        if (code)
            return code;
        if (source->ended) {
            source->data[source->to++] = '\n';
            source->no_line_end = true;
            continue;
        }
        code = fill(source, err);
        if (code)
            return code;
    }
}

bool tm_source_line(struct tm_source *source, struct tm_str *lines, struct tm_str *line)
{
    const char *end = lines->len ? memchr(lines->data, '\n', lines->len) : NULL;

    if (!end)
        return false;
    source->line++;
    *line = tm_str_n(lines->data, (size_t)(end - lines->data));
    *lines = tm_str_from(*lines, line->len + 1);
    if (line->len && line->data[line->len - 1] == '\r')
        line->len--;
    return true;
}

enum tm_code tm_source_slide(struct tm_source *source, size_t used, struct tm_str *window, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    source->from += used;
    assert(source->from <= source->to);
    /* Only when little is left: moving it costs as much as reading. */
    if (!source->ended && source->to - source->from < TM_SOURCE_WINDOW / 2) {
        move_left(source);
        if (source->cap < TM_SOURCE_WINDOW) {
            source->cap = TM_SOURCE_WINDOW;
            source->data = tm_realloc_array(source->data, source->cap + TM_SOURCE_SLACK, 1);
        }
        code = fill(source, err);
    }
    if (!code)
        *window = tm_str_n(source->data + source->from, source->to - source->from);
    return code;
}

enum tm_code tm_source_fail(const struct tm_source *source, struct tm_err *err, enum tm_code code,
                            const char *fmt, ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(&message, fmt, ap);
    va_end(ap);
    return tm_err_set(err, code, "%s at line %llu of '%s'", message.data, (unsigned long long)source->line,
                      source->name);
}
