/*
 * What is missing on this machine or in this repository, and the command that
 * fixes it. Changes nothing, unless it is asked to fix what it can.
 */
#ifndef TM_RUNBOOK_DOCTOR_H
#define TM_RUNBOOK_DOCTOR_H

#include "repo/repo.h"

enum tm_finding_status {
    TM_FINDING_OK,
    TM_FINDING_FIXED,   /* was put right just now */
    TM_FINDING_NOTE,    /* works, and could be better */
    TM_FINDING_PROBLEM, /* something tidemark is asked to do here will not work */
};
/* "ok", "fixed", "note", "problem" */
const char *tm_finding_status_name(enum tm_finding_status status);

struct tm_finding {
    enum tm_finding_status status;
    struct tm_str subject; /* "git identity", "python" */
    struct tm_str detail;  /* what was found */
    struct tm_str fix;     /* a command, or what to do; "" when ok */
};

struct tm_findings {
    struct tm_arena arena;
    struct tm_finding *items;
    size_t n, cap;
    size_t problems;
};

/* What to put right, if anything. */
struct tm_doctor_request {
    bool fix;                /* install the merge drivers, which takes the repository's lock */
    int64_t lock_timeout_ms; /* with fix */
};

/* Examines the repository that holds `start`, and of the machine what its modules need. */
enum tm_code tm_doctor(struct tm_findings *findings, const char *start,
                       const struct tm_doctor_request *request, struct tm_log *log, struct tm_err *err)
    TM_CHECK;
void tm_findings_release(struct tm_findings *findings);

#endif
