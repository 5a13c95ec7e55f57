/*
 * The lines of a report's file one by one, each with its state: what a person sees beside the source.
 */
#ifndef TM_COVERAGE_STATES_H
#define TM_COVERAGE_STATES_H

#include "base/json_write.h"
#include "coverage/report.h"

enum tm_line_state {
    TM_LINE_NONE,    /* no code, as far as the report knows */
    TM_LINE_COVERED, /* it ran, and so did its branches where the report has some */
    TM_LINE_PARTIAL, /* it ran, but a branch of it was not taken */
    TM_LINE_MISSED,  /* it did not run */
    TM_LINE_STATES,
};

/* "none", "covered", "partial", "missed". */
const char *tm_line_state_name(enum tm_line_state state);

struct tm_line_view {
    uint32_t line;
    enum tm_line_state state;
    uint64_t hits;
    uint64_t taken, branches; /* of its branches; 0 of 0 when the report has none */
};

/* Walks over the lines of a settled file in ascending order. */
struct tm_states {
    struct tm_hits_iter lines;
    const struct tm_branch *branch, *end;
};
struct tm_states tm_states(const struct tm_report_file *file);
bool tm_states_next(struct tm_states *states, struct tm_line_view *view);

/* Lines by state. */
struct tm_state_counts {
    uint64_t of[TM_LINE_STATES];
};

void tm_state_counts_add(struct tm_state_counts *into, const struct tm_state_counts *counts);
/* Lines that ran, partial ones too, of those with code: branches never lower line coverage. */
struct tm_ratio tm_state_counts_ratio(const struct tm_state_counts *counts);
/* The members "covered", "partial", "missed" and "coverage_pct", null without data. */
void tm_state_counts_put(struct tm_json_writer *w, const struct tm_state_counts *counts);

/* Lines of one state that follow each other, or have only lines without code between them. */
struct tm_span {
    uint32_t first, last;
    enum tm_line_state state;
};

struct tm_spans {
    struct tm_span *items;
    size_t n, cap;
};

/* Adds a line behind those that are there; joins: nothing that counts is between it and the last. */
void tm_spans_add(struct tm_spans *spans, uint32_t line, enum tm_line_state state, bool joins);
/* "3-5, 9" for the spans of a state; nothing when there is none. */
void tm_spans_add_text(struct tm_buf *out, const struct tm_span *spans, size_t n, enum tm_line_state state);
/* An array of "state", "first" and "last". */
void tm_spans_put(struct tm_json_writer *w, const struct tm_span *spans, size_t n);

#endif
