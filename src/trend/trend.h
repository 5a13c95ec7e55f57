/*
 * The trend CSVs (docs/formats/trends.md): every measured observation of a ledger, in ledger
 * order, with the step from the one before it of the same module.
 *
 * Computed from the ledger in one pass, because ledgers may be larger than memory: what is kept is the CSV
 * and the last observation of each module. Lines are read strictly, but the chain is not checked (that is
 * `ledger verify`).
 */
#ifndef TM_TREND_TREND_H
#define TM_TREND_TREND_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "ledger/observation.h"
#include "repo/repo.h"

struct tm_trend_counts {
    size_t rows;    /* measured observations; 0: nothing was measured, only the header is written */
    size_t modules; /* that have a row */
    size_t unread;  /* adopted lines that are not understood */
};

/* A trend while it is computed; private. */
struct tm_trend {
    struct tm_buf *csv;
    struct tm_trend_counts counts;
    struct tm_arena arena;   /* names of modules and what the rows remember */
    struct tm_map modules;   /* module -> its last row */
    struct tm_arena scratch; /* of the entry being read */
    /* The date of the last row: those of one sweep have the same. */
    int64_t date_s;
    char date[TM_STAMP_LEN];
    bool has_date;
};

/* One of the two files. */
struct tm_trend_file {
    const char *name;   /* "coverage_trend.csv" in the settings' trends folder */
    const char *title;  /* "coverage" */
    const char *ledger; /* "coverage.ndjson" */
    const char *header;
    enum tm_ledger_kind kind;
    /* Reads an entry of that kind, or an adopted line, and adds its row when it was measured. */
    enum tm_code (*row)(struct tm_trend *trend, const struct tm_ledger_entry *entry, struct tm_err *err);
};
extern const struct tm_trend_file tm_trend_coverage, tm_trend_bench;

/* Replaces csv by the whole file as the ledger wants it. TM_E_FORMAT when the ledger is damaged. */
enum tm_code tm_trend_compute(const struct tm_trend_file *file, const struct tm_repo *repo,
                              struct tm_buf *csv, struct tm_trend_counts *counts, struct tm_err *err)
    TM_CHECK;

/* Writes what was computed, if the content changes; *changed (may be NULL) says whether it did. */
enum tm_code tm_trend_put(const struct tm_trend_file *file, const struct tm_repo *repo, struct tm_str csv,
                          bool *changed, struct tm_err *err) TM_CHECK;

/* Compares what was computed with the file in the work tree; a missing one is stale. */
enum tm_code tm_trend_compare(const struct tm_trend_file *file, const struct tm_repo *repo, struct tm_str csv,
                              bool *stale, struct tm_err *err) TM_CHECK;

/* Compute and put, compute and compare. rows and changed may be NULL. */
enum tm_code tm_trend_write(const struct tm_trend_file *file, const struct tm_repo *repo, size_t *rows,
                            bool *changed, struct tm_err *err) TM_CHECK;
enum tm_code tm_trend_check(const struct tm_trend_file *file, const struct tm_repo *repo, bool *stale,
                            size_t *rows, struct tm_err *err) TM_CHECK;

/* Adds a field of RFC 4180: quoted only when it must be. */
void tm_csv_add(struct tm_buf *out, struct tm_str field);

#endif
