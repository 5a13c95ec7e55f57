/*
 * The reports that a command is to look into, as one, by repository path: those it was given, else what the
 * last sweep has kept. As an ingest reads them (coverage/gather.h), but for files in no module, which count
 * here.
 */
#ifndef TM_COVERAGE_READING_H
#define TM_COVERAGE_READING_H

#include "coverage/gather.h"
#include "sweep/collected.h"

struct tm_reading_request {
    const char *const *paths; /* of reports; none: what the last sweep kept */
    size_t n_paths;
    const char *as;                /* format of all of them; NULL: from the content */
    const struct tm_oid *revision; /* names are those of files in this commit; NULL or "": in the work tree */
    bool everything;               /* tests, generated, vendored and excluded files, too */
};

/* Must stay where it is. */
struct tm_reading {
    struct tm_gather gather; /* gather.attribution.report has the lines */
    bool from_sweep;         /* collected says which, and how old they are */
    struct tm_collected collected;
    size_t n_reports;
    /* Private: files and links of the revision. */
    struct tm_arena arena;
    struct tm_map files; /* links have a value */
    struct tm_suffixes suffixes;
};

/* TM_E_USAGE: unknown format. What fails leaves a reading that may be released. The catalog must live as
 * long. */
enum tm_code tm_reading_open(struct tm_reading *reading, struct tm_repo *repo,
                             const struct tm_catalog *catalog, const struct tm_reading_request *request,
                             struct tm_err *err) TM_CHECK;
void tm_reading_release(struct tm_reading *reading);

/* The file of a repository path, or NULL. */
const struct tm_report_file *tm_reading_find(const struct tm_reading *reading, struct tm_str path);

/* Warns of what is odd in the reports, and of files that were not found; says which were kept, and how old.
 */
void tm_reading_tell(const struct tm_reading *reading, struct tm_log *log);

/* The members "reports" (how many), "sweep" (null when they were given), and those of tm_drops_put_json. */
void tm_reading_put(struct tm_json_writer *w, const struct tm_reading *reading);

/* "2 reports", or "3 reports of the sweep of <time>, 2 h 05 min ago (commit 1234567890)". */
void tm_reading_add_text(struct tm_buf *out, const struct tm_reading *reading);

#endif
