/*
 * Ingest: taking reports that something else produced, a CI run or a build in a container, and writing
 * what they say of the modules (docs/formats/coverage.md, bench.md).
 *
 * Coverage reports of one call are one: the same line in several counts once, and is covered when one of them
 * covered it. Benchmark reports stay apart: a name that is in two of them is refused.
 */
#ifndef TM_SWEEP_INGEST_H
#define TM_SWEEP_INGEST_H

#include "coverage/drops.h"
#include "sweep/sweep.h"

struct tm_ingest_request {
    const char *const *paths; /* of reports, anywhere */
    size_t n_paths;
    const char *format;       /* of all of them; NULL: found from each one's content */
    struct tm_module *module; /* whose benchmarks they are; NULL: found from their names */
    bool pending;             /* as in tm_sweep_request */
    bool strict;              /* write nothing when a coverage report names files that are not found */
};

struct tm_ingest_report {
    const char *path;
    const char *format; /* NULL when it could not be read */
    char *error;        /* one line, NULL when it was read; owned */
};

struct tm_ingest {
    struct tm_sweep sweep; /* the outcomes: only modules of which the reports have something, all measured or,
                              for bench, with the reason */
    struct tm_ingest_report *reports;
    size_t n_reports, n_failed;
    struct tm_drops drops;
    char **notes; /* one line each, about what does not change the figures; owned */
    size_t n_notes;
    uint64_t total_notes;       /* made; the first are kept */
    size_t benchmarks_left_out; /* of no module */
    bool refused;               /* strict, and nothing was written */
};

/*
 * Reads the reports and writes ledgers and manifests as a sweep does, with the collector "ingest". The
 * repository's lock must be held. TM_OK also when some reports could not be read: see their errors. A report
 * counts whole or not at all. TM_E_USAGE: an unknown format. When none could be read nothing is written.
 */
enum tm_code tm_ingest_run(struct tm_ingest *ingest, struct tm_repo *repo, struct tm_catalog *catalog,
                           const struct tm_ingest_request *request, struct tm_err *err) TM_CHECK;
void tm_ingest_release(struct tm_ingest *ingest);

/* The names of all formats, of coverage and of benchmarks: "lcov, v8, hyperfine". */
void tm_ingest_add_formats(struct tm_buf *out);

#endif
