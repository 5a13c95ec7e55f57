/*
 * Patch coverage: of the lines that a change added or changed, those that reports know, and how they fared
 * (docs/formats/coverage.md, "Changes").
 *
 * Nothing is passed because it was not looked at: a source file that no report has is `unknown`, with its
 * changed lines, and is in no percentage.
 */
#ifndef TM_COVERAGE_PATCH_H
#define TM_COVERAGE_PATCH_H

#include "coverage/changes.h"
#include "coverage/reading.h"
#include "coverage/states.h"

struct tm_patch_file {
    const struct tm_git_delta *change;
    const struct tm_module *module; /* NULL: in none */
    uint64_t changed;               /* lines added or changed, with code or not */
    const char *unknown;            /* why nothing is known of it; NULL when a report has it */
    struct tm_state_counts counts;  /* of changed lines with code */
    struct tm_span *spans;          /* the same, joined over lines without code, in the patch's arena */
    size_t n_spans;
};

struct tm_patch_module {
    const struct tm_module *module; /* NULL: files in none */
    struct tm_state_counts counts;
    size_t files, unknown; /* judged, and not known */
};

struct tm_patch {
    struct tm_arena arena;
    const struct tm_changes *changes;
    const struct tm_reading *reading;
    /* Files that a report has, and source files that none has; in the order of changes. */
    struct tm_patch_file *files;
    size_t n_files;
    struct tm_patch_module *modules; /* by name; files in none come last */
    size_t n_modules;
    struct tm_state_counts counts;
    size_t unknown_files;
    uint64_t unknown_lines;
    uint64_t left_out[TM_DROP_REASONS]; /* changed tests, generated files, ... */
    size_t other;                       /* changed, but no source: docs, data, deleted, no line added */
};

#define TM_PATCH_INIT ((struct tm_patch) { .arena = TM_ARENA_INIT })

/* Both must outlive the patch. */
void tm_patch_judge(struct tm_patch *patch, const struct tm_changes *changes,
                    const struct tm_reading *reading);
void tm_patch_release(struct tm_patch *patch);

/* What was asked for beside the figures. */
struct tm_patch_gate {
    bool has_min;
    struct tm_ratio min; /* part of a whole: 80 % is 80/100 */
    const char *text;    /* as it was given: "80" */
    bool strict;
};

enum tm_patch_verdict {
    TM_PATCH_DONE,    /* measured, and nothing was asked of it */
    TM_PATCH_MET,     /* at least the minimum */
    TM_PATCH_NOT_MET, /* under it, whatever it rounds to */
    TM_PATCH_UNKNOWN, /* strict: some changed source is in no report */
    TM_PATCH_NO_DATA, /* no changed line with code is in a report */
};

enum tm_patch_verdict tm_patch_verdict(const struct tm_patch *patch, const struct tm_patch_gate *gate);
/* Whether that verdict is a "no": exit status 1. */
bool tm_patch_is_no(enum tm_patch_verdict verdict, const struct tm_patch_gate *gate);

/* The module's name, or "(no module)". */
struct tm_str tm_patch_module_name(const struct tm_module *module);

/* patch_print.c: the answer in each form; docs/formats/output.md has them. */
void tm_patch_add_text(struct tm_buf *out, const struct tm_patch *patch, const struct tm_patch_gate *gate);
void tm_patch_add_json(struct tm_buf *out, const struct tm_patch *patch, const struct tm_patch_gate *gate);
void tm_patch_add_md(struct tm_buf *out, const struct tm_patch *patch, const struct tm_patch_gate *gate);
void tm_patch_add_github(struct tm_buf *out, const struct tm_patch *patch, const struct tm_patch_gate *gate);

#endif
