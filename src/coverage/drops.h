/*
 * What of a report was not counted, and why: a count for each reason and the
 * first few names, so that a person can see what kind of path it is.
 */
#ifndef TM_COVERAGE_DROPS_H
#define TM_COVERAGE_DROPS_H

#include "base/str.h"

enum tm_drop {
    /* by readers */
    TM_DROP_NO_NAME,   /* the report does not name the file */
    TM_DROP_NO_SOURCE, /* the source that the format needs is not there */
    TM_DROP_CHANGED,   /* the source is not the one that ran */
    /* by tm_attribute */
    TM_DROP_OUTSIDE,   /* the path is outside the repository */
    TM_DROP_MISSING,   /* no file of the repository has the path */
    TM_DROP_AMBIGUOUS, /* several files could be meant */
    TM_DROP_NO_MODULE, /* the file is in no module */
    TM_DROP_TEST,      /* the file is a test */
    TM_DROP_EXCLUDED,  /* settings exclude the file */
    TM_DROP_REASONS,
};

enum { TM_DROPS_KEPT = 20 };

struct tm_drop_entry {
    enum tm_drop reason;
    char *path; /* as the report has it; owned */
};

struct tm_drops {
    uint64_t count[TM_DROP_REASONS];
    struct tm_drop_entry kept[TM_DROPS_KEPT]; /* the first ones */
    size_t n_kept;
};

/* "outside the repository": fits after "5 files are left out: ". */
const char *tm_drop_reason(enum tm_drop reason);

void tm_drops_add(struct tm_drops *drops, enum tm_drop reason, struct tm_str path);

/* Adds src to drops and empties src. */
void tm_drops_merge(struct tm_drops *drops, struct tm_drops *src);

uint64_t tm_drops_total(const struct tm_drops *drops);

void tm_drops_release(struct tm_drops *drops);

#endif
