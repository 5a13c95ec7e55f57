/*
 * What of a report was not counted, and why: a count for each reason and the
 * first few names, so that a person can see what kind of path it is.
 */
#ifndef TM_COVERAGE_DROPS_H
#define TM_COVERAGE_DROPS_H

#include "base/buf.h"

enum tm_drop {
    /* by readers */
    TM_DROP_NO_NAME,   /* the report does not name the file */
    TM_DROP_NO_SOURCE, /* the source that the format needs is not there */
    TM_DROP_CHANGED,   /* the source is not the one that ran */
    /* by tm_attribute */
    TM_DROP_OUTSIDE,   /* the path is outside the repository */
    TM_DROP_FOREIGN,   /* the path is one of the system or of an installed dependency */
    TM_DROP_MISSING,   /* no file of the repository has the path */
    TM_DROP_AMBIGUOUS, /* a file, or several, could be meant: settings must say */
    TM_DROP_NO_MODULE, /* the file is in no module */
    TM_DROP_TEST,      /* the file is a test */
    TM_DROP_EXCLUDED,  /* settings exclude the file */
    TM_DROP_GENERATED, /* .gitattributes says linguist-generated */
    TM_DROP_VENDORED,  /* .gitattributes says linguist-vendored */
    TM_DROP_REASONS,
};

enum {
    TM_DROPS_KEPT = 20,     /* of each reason */
    TM_CANDIDATES_KEPT = 5, /* of each ambiguous path */
};

struct tm_drop_entry {
    enum tm_drop reason;
    char *path;                           /* as the report has it; owned */
    char *candidates[TM_CANDIDATES_KEPT]; /* files that it could be, NULL behind the last; owned */
    size_t n_candidates;                  /* all of them */
};

struct tm_drops {
    uint64_t count[TM_DROP_REASONS];
    struct tm_drop_entry *kept; /* the first ones of each reason, in order of appearance */
    size_t n_kept, cap_kept;
    size_t kept_of[TM_DROP_REASONS];
};

/* "outside the repository": fits after "5 files are left out: ". */
const char *tm_drop_reason(enum tm_drop reason);

/* True for reasons that leave open which file a path is: no name, outside, missing, ambiguous. */
bool tm_drop_is_unresolved(enum tm_drop reason);

void tm_drops_add(struct tm_drops *drops, enum tm_drop reason, struct tm_str path);

/* The same for an ambiguous path; candidates are the first of n. */
void tm_drops_add_ambiguous(struct tm_drops *drops, struct tm_str path, const struct tm_buf *candidates,
                            size_t n);

/* Adds src to drops and empties src. */
void tm_drops_merge(struct tm_drops *drops, struct tm_drops *src);

uint64_t tm_drops_total(const struct tm_drops *drops);
uint64_t tm_drops_unresolved(const struct tm_drops *drops);

/* A line for each reason with its count and a path, and each ambiguous path with what decides; escaped. */
void tm_drops_add_text(struct tm_buf *out, const struct tm_drops *drops);

/* The same as warnings, one for each line. */
struct tm_log;
void tm_drops_warn(const struct tm_drops *drops, struct tm_log *log);

/* The members "files_left_out", "unresolved" and "ambiguous" (docs/formats/output.md). */
struct tm_json_writer;
void tm_drops_put_json(struct tm_json_writer *w, const struct tm_drops *drops);

void tm_drops_release(struct tm_drops *drops);

#endif
