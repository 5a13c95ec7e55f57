/*
 * What a coverage report says, whatever its format: files with lines, branches,
 * functions and statements (docs/formats/coverage.md, "The model").
 *
 * Records are appended in any order and as often as the report repeats them; they are
 * sorted and united when memory would grow and at tm_report_settle. So memory is bounded by
 * what the report says, not by how often it says it: 2 bytes for most lines, 24 for a branch, 40 for a
 * function, 6 for most statements, plus names. Reading into a settled report unsettles it.
 *
 * Files point back at their report: a struct tm_report must stay where it is. One thread at a time.
 */
#ifndef TM_COVERAGE_REPORT_H
#define TM_COVERAGE_REPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/ratio.h"
#include "coverage/drops.h"
#include "coverage/hits.h"
#include "coverage/statements.h"

enum {
    TM_REPORT_FILES_MAX = 1000000,
    TM_REPORT_LINE_MAX = TM_LINE_MAX, /* greatest line number */
    TM_REPORT_LINES_MAX = 100000000,
    TM_REPORT_BRANCHES_MAX = 50000000,
    TM_REPORT_FUNCTIONS_MAX = 10000000,
    TM_REPORT_STATEMENTS_MAX = 50000000,
    TM_REPORT_NAME_MAX = 65535,
    TM_REPORT_ROOTS_MAX = 1000,
    TM_REPORT_NOTES_KEPT = 20,
};

enum {
    TM_BRANCH_UNEVALUATED = 1 << 0, /* its line never ran */
    TM_BRANCH_COUNT = 1 << 1,       /* no ids: `taken` of `branch` branches of the line were taken */
};

struct tm_branch {
    uint64_t taken;
    uint32_t line;
    uint32_t block, branch; /* numbers, or tm_report_id of a text */
    uint32_t flags;
};

/* What makes two functions of a file the same one. */
enum tm_function_key {
    TM_FUNCTION_BY_NAME,  /* the name; the line is the least that is known */
    TM_FUNCTION_BY_LINE,  /* line and place; the name is the first in byte order */
    TM_FUNCTION_BY_PLACE, /* line, place and name */
};

struct tm_function {
    struct tm_str name;
    uint64_t hits;
    uint32_t line;  /* 0: unknown */
    uint32_t place; /* with BY_PLACE and BY_LINE: offset or column of its start, or 0 */
    enum tm_function_key key;
};

struct tm_report_file {
    struct tm_str path; /* as the report has it; in a report of tm_attribute: the repository's */
    struct tm_report *report;
    /* In ascending order without repetition once settled: by line; line, block, branch; key; extent. */
    struct tm_hits lines;
    struct tm_branch *branches;
    struct tm_function *functions;
    struct tm_statements statements;
    size_t n_branches, cap_branches;
    size_t n_functions, cap_functions;
    bool branches_loose, functions_loose; /* private: to be sorted and united */
    uint32_t formats;                     /* bit i: branches come from a report of tm_formats[i] */
};

/* Covered over valid; a ratio without data when nothing is valid. */
struct tm_totals {
    struct tm_ratio lines, branches, functions, statements;
};

/*
 * Gives the text of the source file that a report names, into out (replaced). TM_E_PATH: the
 * file is outside the repository; any other failure: there is none. Made by tm_resolve_source.
 */
typedef enum tm_code tm_source_reader(void *ctx, struct tm_str path, struct tm_buf *out, struct tm_err *err);

struct tm_report {
    struct tm_arena arena; /* paths, names, roots */
    /* How hits of what is there twice become one figure: the greatest, or the sum. Set before the first file.
     */
    bool greatest;
    struct tm_map files;  /* path to struct tm_report_file, in order of appearance */
    struct tm_map names;  /* names of functions, each kept once */
    struct tm_map ids;    /* textual ids of branches, in order of appearance */
    struct tm_str *roots; /* source roots in order, without repetition */
    size_t n_roots, cap_roots;
    size_t n_lines, n_branches, n_functions, n_statements; /* records held */
    /* Lines whose branches could not be united exactly: partly taken in several reports, without ids to tell
     * which. */
    uint64_t approximate;
    struct tm_drops drops;             /* entries that could not become files */
    char *notes[TM_REPORT_NOTES_KEPT]; /* one line each */
    size_t n_notes;                    /* kept */
    uint64_t total_notes;              /* made */
    /* For formats that need sources (V8); set before reading, NULL: there are none. */
    tm_source_reader *read_source;
    void *read_source_ctx;
};

#define TM_REPORT_INIT ((struct tm_report) { .arena = TM_ARENA_INIT })

void tm_report_release(struct tm_report *report);

/*
 * The file of that path, added when it is new. TM_E_LIMIT beyond TM_REPORT_FILES_MAX or TM_PATH_MAX;
 * TM_E_FORMAT for an empty path or one with a NUL.
 */
enum tm_code tm_report_file(struct tm_report *report, struct tm_str path, struct tm_report_file **file,
                            struct tm_err *err) TM_CHECK;

/* The file of that path, or NULL. */
struct tm_report_file *tm_report_find(const struct tm_report *report, struct tm_str path);

size_t tm_report_n_files(const struct tm_report *report);
/* In order of appearance; i below tm_report_n_files. */
struct tm_report_file *tm_report_file_at(const struct tm_report *report, size_t i);

/*
 * Add records. TM_E_LIMIT when a limit above is passed, TM_E_FORMAT for line 0 (functions may have it);
 * messages have no place, the reader adds it. Names are copied.
 */
enum tm_code tm_report_add_lines(struct tm_report_file *file, const struct tm_line *lines, size_t n,
                                 struct tm_err *err) TM_CHECK;
/* All lines of a list, which may be loose. */
enum tm_code tm_report_add_hits(struct tm_report_file *file, const struct tm_hits *lines, struct tm_err *err)
    TM_CHECK;
enum tm_code tm_report_add_line(struct tm_report_file *file, uint64_t line, uint64_t hits, struct tm_err *err)
    TM_CHECK;
enum tm_code tm_report_add_branch(struct tm_report_file *file, struct tm_branch branch, struct tm_err *err)
    TM_CHECK;
enum tm_code tm_report_add_function(struct tm_report_file *file, struct tm_function function,
                                    struct tm_err *err) TM_CHECK;
/* `n` is at least 1. */
enum tm_code tm_report_add_statement(struct tm_report_file *file, struct tm_statement statement,
                                     struct tm_err *err) TM_CHECK;
/* All statements of a list. */
enum tm_code tm_report_append_statements(struct tm_report_file *file, const struct tm_statements *list,
                                         struct tm_err *err) TM_CHECK;

/* What tm_report_file and tm_report_add_function would refuse in any report, for readers that add it later.
 */
enum tm_code tm_report_check_path(struct tm_str path, struct tm_err *err) TM_CHECK;
enum tm_code tm_report_check_function(const struct tm_function *function, struct tm_err *err) TM_CHECK;

/* Empty roots and repetitions are ignored. */
enum tm_code tm_report_add_root(struct tm_report *report, struct tm_str root, struct tm_err *err) TM_CHECK;

/* The number of a block's or branch's id: itself for 0 to 2^31 - 1 in plain decimal, a number above for any
 * other text. */
uint32_t tm_report_id(struct tm_report *report, struct tm_str text);

/* The text that such a number stands for; empty, with data NULL, when the number is the id. */
struct tm_str tm_report_id_text(const struct tm_report *report, uint32_t id);

/* Makes a note: one line for the person, about something that does not change the figures. */
void tm_report_note(struct tm_report *report, const char *fmt, ...) TM_PRINTF(2, 3);

/* Damage of one kind: how often, and in which line first. It becomes one note. */
struct tm_seen {
    uint64_t count, line;
};
void tm_seen_add(struct tm_seen *seen, uint64_t line);
/* Adds what was seen further behind, and empties it. */
void tm_seen_join(struct tm_seen *seen, struct tm_seen *behind);
/* "<what> in 3 place(s), first at line 7 of '<name>'"; nothing when it was not seen. */
void tm_report_note_seen(struct tm_report *report, const struct tm_seen *seen, const char *what,
                         const char *name);

/* Sorts and unites all records. */
void tm_report_settle(struct tm_report *report);

/*
 * Moves all that src says into dst and empties src. Of what both have dst->greatest decides; src is
 * settled first by its own. TM_E_LIMIT when both together (before they are united) pass a limit; nothing has
 * moved then, but source roots may have been added.
 */
enum tm_code tm_report_merge(struct tm_report *dst, struct tm_report *src, struct tm_err *err) TM_CHECK;

/*
 * The same for a part of the report that dst is the beginning of: read on, it would have said the same. What
 * both have is united as within one report, and nothing becomes approximate. src must be settled; it is not
 * emptied: release it.
 */
enum tm_code tm_report_join(struct tm_report *dst, struct tm_report *src, struct tm_err *err) TM_CHECK;

/* Settles src, a file of any report, and moves its records to the end of file. */
enum tm_code tm_report_merge_file(struct tm_report_file *file, struct tm_report_file *src, struct tm_err *err)
    TM_CHECK;

/* Moves the notes of src to dst. */
void tm_report_merge_notes(struct tm_report *dst, struct tm_report *src);

/* Forgets the records of a file. */
void tm_report_drop_file(struct tm_report_file *file);

/* Totals of a settled file and of a settled report. */
struct tm_totals tm_report_file_totals(const struct tm_report_file *file);
struct tm_totals tm_report_totals(const struct tm_report *report);
void tm_totals_add(struct tm_totals *into, const struct tm_totals *totals);

/* Hits of a line of a settled file; false when the report does not have it. Walks over the file's lines. */
bool tm_report_hits(const struct tm_report_file *file, uint32_t line, uint64_t *hits) TM_CHECK;

/* Private to the room: sorts and unites the records of one file (coverage/records.c). */
void tm_records_settle(struct tm_report_file *file);
void tm_records_release(struct tm_report_file *file);
/* Lines of which two settled files have branch counts that leave open what both took together. */
uint64_t tm_records_count_approximate(const struct tm_report_file *a, const struct tm_report_file *b);

#endif
