#include "coverage/source.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/ahead.h"
#include "base/alloc.h"
#include "base/io.h"
#include "base/parallel.h"

enum {
    /* Enough to make read(2) cheap and small enough to stay in the second-level cache. */
    BLOCK = 256 << 10,
    /* Room for the LF that a last line may lack. */
    SLACK = TM_SOURCE_SLACK + 1,
    PARTS_USE = 2, /* processors that reading parts keeps busy; with more, cutting waits for the bytes */
};

static void init(struct tm_source *source, const char *name, int fd, struct tm_str memory)
{
    *source = (struct tm_source) { .name = name, .alone = fd < 0 };
    source->feed = (struct tm_feed) { .name = name, .fd = fd, .rest = memory, .memory = memory };
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
    init(source, path, fd, TM_STR(""));
    return TM_OK;
}

void tm_source_memory(struct tm_source *source, const char *name, struct tm_str data)
{
    init(source, name, -1, data);
}

static void stop_ahead(struct tm_source *source)
{
    tm_ahead_free(source->ahead);
    source->ahead = NULL;
}

void tm_source_close(struct tm_source *source)
{
    stop_ahead(source);
    tm_feed_release(&source->feed);
    free(source->data);
    source->data = source->at = source->end = NULL;
}

enum tm_code tm_source_rewind(struct tm_source *source, struct tm_err *err)
{
    stop_ahead(source);
    source->at = source->end = NULL;
    source->line = 0;
    source->ended = source->again = source->no_line_end = false;
    return tm_feed_rewind(&source->feed, err);
}

/* Reads the next block behind the bytes that are left, which move. */
static enum tm_code read_here(struct tm_source *source, size_t block, struct tm_err *err)
{
    static const struct tm_str mark = TM_STR("\xef\xbb\xbf");
    size_t left = (size_t)(source->end - source->at), got;
    bool first = !source->feed.begun;
    enum tm_code code;

    if (left && source->at != source->data)
        memmove(source->data, source->at, left);
    if (source->cap < left + block) {
        source->cap = left + block;
        source->data = tm_realloc_array(source->data, source->cap + SLACK, 1);
    }
    source->at = source->data;
    source->end = source->data + left;
    code = tm_feed_fill(&source->feed, source->end, block, &got, err);
    if (code)
        return code;
    source->end += got;
    source->ended = source->feed.ended;
    memset(source->end, 0, SLACK);
    if (first && tm_str_has_prefix(tm_str_n(source->at, got), mark))
        source->at += mark.len;
    return TM_OK;
}

static enum tm_code fill_ahead(void *ctx, char *to, size_t n, size_t *got, struct tm_err *err)
{
    return tm_feed_fill(ctx, to, n, got, err);
}

static enum tm_code take_ahead(struct tm_source *source, struct tm_err *err)
{
    struct tm_str left = tm_str_n(source->at, (size_t)(source->end - source->at));
    struct tm_ahead_block block;
    enum tm_code code = tm_ahead_next(source->ahead, left, &block, err);

    if (code)
        return code;
    source->at = block.data - left.len;
    source->end = block.data + block.n;
    source->ended = block.last;
    return TM_OK;
}

/* Whether another thread shall read and unpack what follows. */
static bool pays_ahead(const struct tm_source *source)
{
    if (source->alone || !source->feed.begun)
        return false;
    return !source->in_parts || source->feed.gunzip || tm_parallel_processors() > PARTS_USE;
}

/*
 * Brings the next bytes: `block` of them or all there are. Those that are left, at most `room`, stay. Both
 * must be the same in all calls behind the first block.
 */
static enum tm_code bring(struct tm_source *source, size_t block, size_t room, struct tm_err *err)
{
    if (source->ended)
        return TM_OK;
    if (!source->ahead && pays_ahead(source)) {
        struct tm_ahead_plan plan = { block, room, SLACK, fill_ahead, &source->feed };

        source->ahead = tm_ahead_start(&plan);
        source->alone = !source->ahead;
    }
    return source->ahead ? take_ahead(source, err) : read_here(source, block, err);
}

enum tm_code tm_source_head(struct tm_source *source, struct tm_str *head, struct tm_err *err)
{
    enum tm_code code = source->feed.begun ? TM_OK : read_here(source, BLOCK, err);

    if (!code)
        *head = tm_str_n(source->at, TM_MIN((size_t)(source->end - source->at), (size_t)TM_SOURCE_HEAD));
    return code;
}

enum tm_code tm_source_chunk(struct tm_source *source, struct tm_str *chunk, struct tm_err *err)
{
    enum tm_code code = source->at == source->end ? bring(source, BLOCK, 0, err) : TM_OK;

    if (code)
        return code;
    *chunk = tm_str_n(source->at, (size_t)(source->end - source->at));
    source->at = source->end;
    return TM_OK;
}

static enum tm_code line_too_long(const struct tm_source *source, struct tm_err *err)
{
    return tm_err_set(err, TM_E_LIMIT, "line %llu of '%s' is longer than %d bytes",
                      (unsigned long long)source->line + 1, source->name, TM_SOURCE_LINE_MAX);
}

enum tm_code tm_source_lines(struct tm_source *source, struct tm_str *lines, struct tm_err *err)
{
    for (;;) {
        size_t left = (size_t)(source->end - source->at);
        const char *last = left ? memrchr(source->at, '\n', left) : NULL;
        enum tm_code code;

        /* Only the first line can be too long: it is all that was left of blocks before. */
        if (left > TM_SOURCE_LINE_MAX && !memchr(source->at, '\n', TM_SOURCE_LINE_MAX + 1))
            return line_too_long(source, err);
        if (last) {
            *lines = tm_str_n(source->at, (size_t)(last + 1 - source->at));
            source->at += lines->len;
            return TM_OK;
        }
        if (source->ended && left == 0) {
            *lines = TM_STR("");
            return TM_OK;
        }
        if (source->ended) {
            *source->end++ = '\n';
            source->no_line_end = true;
            continue;
        }
        code = bring(source, BLOCK, TM_SOURCE_LINE_MAX, err);
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

enum tm_code tm_source_each_line(struct tm_source *source,
                                 enum tm_code (*read)(void *ctx, struct tm_str line, struct tm_err *err),
                                 void *ctx, struct tm_err *err)
{
    struct tm_str lines, line;

    for (;;) {
        enum tm_code code = tm_source_lines(source, &lines, err);

        if (code || !lines.len)
            return code;
        while (!code && tm_source_line(source, &lines, &line))
            code = read(ctx, line, err);
        if (code)
            return code;
    }
}

enum tm_code tm_source_slide(struct tm_source *source, size_t used, struct tm_str *window, struct tm_err *err)
{
    const size_t half = TM_SOURCE_WINDOW / 2;
    enum tm_code code = TM_OK;

    assert(used <= (size_t)(source->end - source->at));
    if (used) /* before the first call there is no window */
        source->at += used;
    /* Only when little is left: moving it costs as much as reading. */
    if ((size_t)(source->end - source->at) < half)
        code = bring(source, half, half, err);
    if (!code)
        *window = tm_str_n(source->at, (size_t)(source->end - source->at));
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
