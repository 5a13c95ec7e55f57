/*
 * From a report to modules: file names become repository paths
 * (coverage/resolve.h), tests and excluded files are left out, and what remains is
 * grouped by the module that owns it. Knows modules only as pointers that callbacks give.
 */
#ifndef TM_COVERAGE_ATTRIBUTE_H
#define TM_COVERAGE_ATTRIBUTE_H

#include "coverage/report.h"
#include "coverage/resolve.h"

struct tm_attribute_rules {
    struct tm_resolver resolver;
    /* The innermost module above path, or NULL. */
    void *(*owner)(void *ctx, struct tm_str path);
    /* Whether path is a test: coverage counts a module's own source. */
    bool (*is_test)(void *ctx, struct tm_str path);
    /* Whether path is left out, with the reason (settings, .gitattributes); NULL: none is. */
    bool (*is_excluded)(void *ctx, struct tm_str path, enum tm_drop *reason);
    void *ctx;
};

struct tm_attributed_file {
    struct tm_report_file *file; /* settled; its path is the repository's */
    struct tm_totals totals;
};

struct tm_attributed_module {
    void *module;
    struct tm_attributed_file *files; /* by path, in byte order */
    size_t n_files;
    struct tm_totals totals;
};

struct tm_attribution {
    struct tm_report report; /* the files, by repository path; holds what modules point to */
    struct tm_attributed_file *files;
    struct tm_attributed_module *modules; /* in the order of their first file */
    size_t n_modules;
    struct tm_drops drops; /* the reader's as well */
};

/* Holds a report: must stay where it is. */
#define TM_ATTRIBUTION_INIT ((struct tm_attribution) { .report = TM_REPORT_INIT })

void tm_attribution_release(struct tm_attribution *attribution);

/* Whether the file of that repository path counts; else the reason. */
bool tm_attribute_counts(const struct tm_attribute_rules *rules, struct tm_str path, enum tm_drop *reason)
    TM_CHECK;

/*
 * Moves report's files into an empty attribution, grouped by module; report is empty then. Names that lead to
 * one file are united, as attribution->report.greatest says. Notes move along.
 */
enum tm_code tm_attribute(struct tm_attribution *attribution, struct tm_report *report,
                          const struct tm_attribute_rules *rules, struct tm_err *err) TM_CHECK;

/* The part of a module, or NULL when the report has nothing of it. */
const struct tm_attributed_module *tm_attribution_of(const struct tm_attribution *attribution,
                                                     const void *module);

#endif
