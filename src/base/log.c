#include "base/log.h"

#include <stdarg.h>

#include "base/buf.h"

static void clear_status(struct tm_log *log)
{
    if (log->status_shown)
        fputs("\r\033[K", stderr);
    log->status_shown = false;
}

static void print_line(struct tm_log *log, const char *prefix, const char *color, const char *fmt, va_list ap)
    TM_PRINTF(4, 0);

static void print_line(struct tm_log *log, const char *prefix, const char *color, const char *fmt, va_list ap)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) raw = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;

    clear_status(log);
    tm_buf_vaddf(&raw, fmt, ap);
    if (log->color && color[0])
        tm_buf_addf(&line, "%s%s\033[0m", color, prefix);
    else
        tm_buf_adds(&line, prefix);
    tm_buf_add_escaped(&line, tm_buf_str(&raw));
    tm_buf_addc(&line, '\n');
    fwrite(line.data, 1, line.len, stderr);
}

void tm_log_warn(struct tm_log *log, const char *fmt, ...)
{
    va_list ap;

    if (!log || log->level == TM_LOG_QUIET)
        return;
    va_start(ap, fmt);
    print_line(log, "tidemark: warning: ", "\033[33m", fmt, ap);
    va_end(ap);
}

void tm_log_note(struct tm_log *log, const char *fmt, ...)
{
    va_list ap;

    if (!log || log->level == TM_LOG_QUIET)
        return;
    va_start(ap, fmt);
    print_line(log, "", "", fmt, ap);
    va_end(ap);
}

void tm_log_detail(struct tm_log *log, const char *fmt, ...)
{
    va_list ap;

    if (!log || log->level != TM_LOG_VERBOSE)
        return;
    va_start(ap, fmt);
    print_line(log, "", "", fmt, ap);
    va_end(ap);
}

/* Bytes of s that fit into `width` columns, counting a code point as one column. */
static size_t fit(struct tm_str s, unsigned width)
{
    size_t at = 0;

    for (unsigned column = 0; at < s.len && column < width; column++) {
        size_t n = tm_str_utf8_len(tm_str_from(s, at));

        at += TM_MAX(n, (size_t)1);
    }
    return at;
}

void tm_log_status(struct tm_log *log, const char *fmt, ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) raw = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;
    va_list ap;

    if (!log || !log->live || log->level == TM_LOG_QUIET)
        return;
    va_start(ap, fmt);
    tm_buf_vaddf(&raw, fmt, ap);
    va_end(ap);
    tm_buf_add_escaped(&line, tm_buf_str(&raw));
    clear_status(log);
    if (line.len == 0)
        return;
    fprintf(stderr, "\r\033[K%.*s", (int)fit(tm_buf_str(&line), tm_term_width(stderr) - 1), line.data);
    fflush(stderr);
    log->status_shown = true;
}
