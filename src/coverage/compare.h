/*
 * Two reports, before and after a change: which lines are in another state now, and whether the change
 * touched them (docs/formats/coverage.md, "Changes"). Lines are followed through the change: one that only
 * moved is the same line.
 */
#ifndef TM_COVERAGE_COMPARE_H
#define TM_COVERAGE_COMPARE_H

#include "coverage/changes.h"
#include "coverage/reading.h"
#include "coverage/states.h"

/* Lines, by their numbers after the change, that it did not touch and that went from one state to another. */
struct tm_flip {
    uint32_t first, last;
    enum tm_line_state from, to;
};

struct tm_flip_counts {
    uint64_t of[TM_LINE_STATES][TM_LINE_STATES]; /* [from][to] */
};

struct tm_compare_file {
    struct tm_str path;                    /* after the change; before it when it is gone */
    const struct tm_git_delta *change;     /* NULL: untouched */
    const struct tm_module *module;        /* NULL: in none */
    const char *skipped;                   /* why it is not compared line by line, or NULL */
    struct tm_state_counts added, removed; /* lines that the change made, and took away */
    struct tm_flip_counts elsewhere;
    struct tm_span *spans; /* of added lines */
    struct tm_flip *flips;
    size_t n_spans, n_flips;
};

struct tm_compare {
    struct tm_arena arena;
    const struct tm_changes *changes;
    const struct tm_reading *before, *after;
    struct tm_ratio before_lines, after_lines; /* of the whole reports */
    struct tm_compare_file *files;             /* those with something to say, by path */
    size_t n_files, cap_files;
    struct tm_state_counts added, removed;
    struct tm_flip_counts elsewhere;
    size_t skipped;
};

#define TM_COMPARE_INIT ((struct tm_compare) { .arena = TM_ARENA_INIT })

/* All must outlive it. */
void tm_compare_run(struct tm_compare *compare, const struct tm_changes *changes,
                    const struct tm_reading *before, const struct tm_reading *after);
void tm_compare_release(struct tm_compare *compare);

/* Of lines that have code before and after: covered is better than partial, that better than missed. */
uint64_t tm_flips_worse(const struct tm_flip_counts *flips);
uint64_t tm_flips_better(const struct tm_flip_counts *flips);
uint64_t tm_flips_all(const struct tm_flip_counts *flips);

/* compare_print.c: the answer; docs/formats/output.md has it. */
void tm_compare_add_text(struct tm_buf *out, const struct tm_compare *compare);
void tm_compare_add_json(struct tm_buf *out, const struct tm_compare *compare);

#endif
