/*
 * The report files of a task: which they are, and the digest they are remembered by.
 * Private to src/sweep.
 */
#ifndef TM_SWEEP_REPORTS_H
#define TM_SWEEP_REPORTS_H

#include "base/buf.h"
#include "base/err.h"

enum { TM_REPORTS_MAX = 10000 };

struct tm_reports {
    char **paths; /* sorted */
    size_t n;
    size_t stale;   /* files that were there before */
    uint64_t bytes; /* of all */
    struct tm_buf
        sha256; /* 64 hex: of the one's bytes; of several: of their digests, each followed by LF, sorted */
};

#define TM_REPORTS_INIT ((struct tm_reports) { .sha256 = TM_BUF_INIT })

/*
 * The regular files that the absolute path names and that were written since `since_s` (seconds of the clock,
 * 0: whenever); its last part may be a glob. None is fine; reports->stale counts those that are older.
 * TM_E_LIMIT past TM_REPORTS_MAX, TM_E_IO when one cannot be read.
 */
enum tm_code tm_reports_find(struct tm_reports *reports, struct tm_str path, int64_t since_s,
                             struct tm_err *err) TM_CHECK;

/* Adds one file, to be digested by tm_reports_digest. */
void tm_reports_add(struct tm_reports *reports, const char *path);
/* Reads all files and sets bytes and sha256. */
enum tm_code tm_reports_digest(struct tm_reports *reports, struct tm_err *err) TM_CHECK;

void tm_reports_release(struct tm_reports *reports);

#endif
