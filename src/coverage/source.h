/*
 * A report as a stream of bytes: a file or a piece of memory, read once from
 * start to end in blocks, never held whole. What is packed with gzip is unpacked on the way,
 * so no reader knows of it (ext/gzip.h has the limits). A byte order mark of UTF-8 is left out.
 *
 * The first TM_SOURCE_HEAD bytes can be looked at before reading starts, to find
 * the format. A reader then uses one of the three: chunks (XML), whole lines
 * (LCOV, TAP), or a window that slides (JSON: coverage/json_report.h).
 *
 * Behind the first block a file is read, and unpacked, by a thread of its own (base/ahead.h), so that this
 * and parsing take the time of the longer one; not where readers of parts need all processors. A struct
 * tm_source must stay where it is; its user is one thread at a time.
 */
#ifndef TM_COVERAGE_SOURCE_H
#define TM_COVERAGE_SOURCE_H

#include "base/buf.h"
#include "coverage/feed.h"

enum {
    TM_SOURCE_HEAD = 64 << 10,
    TM_SOURCE_LINE_MAX = 1 << 20, /* bytes of a line, without its LF */
    TM_SOURCE_WINDOW = 4 << 20,
    TM_SOURCE_SLACK = 16, /* bytes behind what tm_source_lines gives that may be read */
};
#define TM_SOURCE_MAX (UINT64_C(64) << 30)

struct tm_ahead;

/* Who reads parts of it (coverage/parts.h). */
enum tm_source_parts {
    TM_PARTS_BY_SIZE, /* other threads, too, when it is a long file and there are processors for them */
    TM_PARTS_NEVER,   /* there are no parts */
    TM_PARTS_EACH,    /* parts as small as they can be, read by the thread that cuts: for tests */
};

struct tm_source {
    const char *name; /* for messages; not owned */
    uint64_t line;    /* lines taken so far, kept by readers of lines: the number of the current one */
    char *at, *end;   /* bytes that are read and not handed out */
    bool ended;       /* there are none behind them */
    enum tm_source_parts parts;
    bool in_parts;    /* readers of parts share all processors: reading ahead would only take from them */
    bool plain_tried; /* readers of XML: the fast way was tried already, do not try it (coverage/xml_plain.h)
                       */
    bool again;       /* set with a failure: what was read counts for nothing, rewind and read again */
    bool no_line_end; /* set with the last line when the source has no LF behind it: it may have been cut */
    /* Private. */
    struct tm_feed feed;
    char *data; /* bytes that are read on this thread stand here */
    size_t cap;
    struct tm_ahead *ahead; /* those of another thread, or NULL */
    bool alone;             /* there shall be no other thread */
};

/*
 * Opens the regular file at path: anything else gives TM_E_IO, a missing one TM_E_NOT_FOUND. The path is the
 * name in messages and must stay valid.
 */
enum tm_code tm_source_open(struct tm_source *source, const char *path, struct tm_err *err) TM_CHECK;

/* Reads from memory that stays valid. Needs tm_source_close as well. */
void tm_source_memory(struct tm_source *source, const char *name, struct tm_str data);

void tm_source_close(struct tm_source *source);

/* Back to the start, with `again` and `line` as they were there. TM_E_IO. */
enum tm_code tm_source_rewind(struct tm_source *source, struct tm_err *err) TM_CHECK;

/* The first bytes, at most TM_SOURCE_HEAD; only before anything else was read. Valid until then. */
enum tm_code tm_source_head(struct tm_source *source, struct tm_str *head, struct tm_err *err) TM_CHECK;

/*
 * The next bytes, valid until the next call; empty at the end. Like all calls that read: TM_E_IO, TM_E_LIMIT
 * past TM_SOURCE_MAX, and what ext/gzip.h returns.
 */
enum tm_code tm_source_chunk(struct tm_source *source, struct tm_str *chunk, struct tm_err *err) TM_CHECK;

/*
 * The next whole lines, valid until the next call; empty at the end. Every line ends in LF, also
 * the last of a file that has none there (source->no_line_end), and TM_SOURCE_SLACK more bytes, of any value,
 * may be read. TM_E_LIMIT for a line over TM_SOURCE_LINE_MAX.
 */
enum tm_code tm_source_lines(struct tm_source *source, struct tm_str *lines, struct tm_err *err) TM_CHECK;

/* Takes the first line off lines, without its LF or CRLF, and counts it; false when there is none. */
bool tm_source_line(struct tm_source *source, struct tm_str *lines, struct tm_str *line);

/* Calls read for each line, without its LF or CRLF, up to the end or the first failure. */
enum tm_code tm_source_each_line(struct tm_source *source,
                                 enum tm_code (*read)(void *ctx, struct tm_str line, struct tm_err *err),
                                 void *ctx, struct tm_err *err) TM_CHECK;

/*
 * Drops the first `used` bytes of the window (none before the first call) and shows the next ones: up to the
 * end of the source, or at least half of TM_SOURCE_WINDOW. Valid until the next call.
 */
enum tm_code tm_source_slide(struct tm_source *source, size_t used, struct tm_str *window, struct tm_err *err)
    TM_CHECK;

/* Sets "<message> at line L of '<name>'" for the current line. */
enum tm_code tm_source_fail(const struct tm_source *source, struct tm_err *err, enum tm_code code,
                            const char *fmt, ...) TM_PRINTF(4, 5);

#endif
