/*
 * Lines for the person on stderr: warnings, notes, progress of long work. The
 * answer of a command goes to stdout and not through here. A struct tm_log is
 * handed down to what works long; libraries report through it and never print.
 *
 * Every text is escaped (tm_buf_add_escaped) before it is printed, because
 * names, paths and messages come from repositories.
 */
#ifndef TM_BASE_LOG_H
#define TM_BASE_LOG_H

#include "base/base.h"
#include "base/term.h"

enum tm_log_level { TM_LOG_QUIET, TM_LOG_NORMAL, TM_LOG_VERBOSE };

struct tm_log {
    enum tm_log_level level;
    bool color; /* on stderr */
    bool live;  /* stderr is a terminal: status lines may be redrawn */
    bool status_shown;
};

/* "tidemark: warning: ..." Shown unless quiet. log may be NULL everywhere: nothing is printed. */
void tm_log_warn(struct tm_log *log, const char *fmt, ...) TM_PRINTF(2, 3);
/* A plain line of progress. Shown unless quiet. */
void tm_log_note(struct tm_log *log, const char *fmt, ...) TM_PRINTF(2, 3);
/* Shown with -v. */
void tm_log_detail(struct tm_log *log, const char *fmt, ...) TM_PRINTF(2, 3);

/*
 * Replaces the status line at the bottom of a terminal, cut to its width;
 * nothing when stderr is none. "" removes it. The other calls remove it too.
 */
void tm_log_status(struct tm_log *log, const char *fmt, ...) TM_PRINTF(2, 3);

#endif
