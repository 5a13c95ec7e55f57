/*
 * The records of an LCOV tracefile (docs/formats/coverage.md, "LCOV"). Private to coverage/lcov.c, which cuts
 * a tracefile into parts and reads them.
 */
#ifndef TM_COVERAGE_LCOV_H
#define TM_COVERAGE_LCOV_H

#include "coverage/report.h"
#include "coverage/source.h"

enum { TM_LCOV_WAITING_MAX = 8 };

struct tm_lcov_fnl;

/* What reading has come to. Zeroed, but for the first two, is the start. */
struct tm_lcov {
    struct tm_source *source; /* for its name and line */
    struct tm_report *report;
    struct tm_report_file *file; /* of the open section, or NULL */
    bool named;                  /* a TN that no section has followed yet */
    uint32_t section;            /* number of sections so far */
    /* The open section. */
    struct tm_hits lines;
    uint64_t found, hit;           /* DA records */
    uint64_t said_found, said_hit; /* LF and LH; UINT64_MAX: not said */
    struct tm_lcov_fnl *fnl;       /* by index */
    size_t n_fnl, cap_fnl;
    /* The block of the last branch, and the line that it is known to be in; 0: none. Before that, its
     * branches in line 0, and where the first of them stands. */
    uint32_t block, block_line;
    struct tm_branch waiting[TM_LCOV_WAITING_MAX];
    unsigned n_waiting;
    uint64_t waiting_at;
    /* For notes. */
    struct tm_seen negative, zero, unknown, totals;
    struct tm_buf first_unknown;
};

void tm_lcov_init(struct tm_lcov *lcov, struct tm_source *source, struct tm_report *report);
void tm_lcov_release(struct tm_lcov *lcov);

/*
 * Reads whole lines, each ending in LF, behind which TM_SOURCE_SLACK bytes may be read. TM_E_FORMAT or
 * TM_E_LIMIT with the line.
 */
enum tm_code tm_lcov_lines(struct tm_lcov *lcov, struct tm_str lines, struct tm_err *err) TM_CHECK;

#endif
