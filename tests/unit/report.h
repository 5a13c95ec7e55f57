/*
 * What the tests of report readers share: reading from text and from the
 * fixtures in tests/data, and comparing totals.
 */
#ifndef TM_TEST_REPORT_H
#define TM_TEST_REPORT_H

#include "base/io.h"
#include "coverage/format.h"
#include "test.h"

/* Below tests/data; the build says where that is. */
#define TM_DATA(path) TM_TEST_DATA "/" path

struct totals {
    uint64_t lines_covered, lines_valid;
    uint64_t branches_covered, branches_valid;
    uint64_t functions_covered, functions_valid;
};

static inline enum tm_code read_text(const struct tm_format *format, struct tm_str text,
                                     struct tm_report *report, struct tm_err *err)
{
    struct tm_source TM_CLEANUP(tm_source_close) source;

    tm_source_memory(&source, "report", text);
    return tm_report_read(&source, format, report, err);
}

static inline void assert_totals(const struct tm_report *report, const struct totals *want)
{
    struct tm_totals got = tm_report_totals(report);

    assert_int_equal(got.lines.num, want->lines_covered);
    assert_int_equal(got.lines.den, want->lines_valid);
    assert_int_equal(got.branches.num, want->branches_covered);
    assert_int_equal(got.branches.den, want->branches_valid);
    assert_int_equal(got.functions.num, want->functions_covered);
    assert_int_equal(got.functions.den, want->functions_valid);
}

static inline uint64_t hits_of(const struct tm_report *report, const char *path, uint32_t line)
{
    struct tm_report_file *file = tm_report_find(report, tm_str(path));
    uint64_t hits = 0;

    if (!file)
        fail_msg("the report has no file '%s'", path);
    if (!tm_report_hits(file, line, &hits))
        fail_msg("'%s' has no line %u", path, line);
    return hits;
}

/* "2=5 3=0 | 1/2 1/1 0/0": the lines of a file with their hits, and its branches, functions and statements.
 */
static inline void add_figures(struct tm_buf *out, const struct tm_report *report, const char *path)
{
    struct tm_report_file *file = tm_report_find(report, tm_str(path));
    struct tm_hits_iter iter;
    struct tm_totals totals;
    struct tm_line line;

    if (!file)
        fail_msg("the report has no file '%s'", path);
    iter = tm_hits_iter(&file->lines);
    while (tm_hits_next(&iter, &line))
        tm_buf_addf(out, "%u=%llu ", line.line, (unsigned long long)line.hits);
    totals = tm_report_file_totals(file);
    tm_buf_addf(out, "| %llu/%llu %llu/%llu %llu/%llu", (unsigned long long)totals.branches.num,
                (unsigned long long)totals.branches.den, (unsigned long long)totals.functions.num,
                (unsigned long long)totals.functions.den, (unsigned long long)totals.statements.num,
                (unsigned long long)totals.statements.den);
}

/* Text that must be read, with these figures for one of its files and so many notes. */
static inline void assert_figures(const struct tm_format *format, const char *text, const char *path,
                                  const char *figures, uint64_t notes)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;

    if (read_text(format, tm_str(text), &report, &err))
        fail_msg("%s: %s", text, tm_err_msg(&err));
    add_figures(&got, &report, path);
    if (strcmp(got.data, figures) != 0)
        fail_msg("%s: %s, expected %s", text, got.data, figures);
    if (report.total_notes != notes)
        fail_msg("%s: %llu notes", text, (unsigned long long)report.total_notes);
}

/* A report that must fail with this message. */
static inline void assert_refused(const struct tm_format *format, const char *text, const char *message)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    if (read_text(format, tm_str(text), &report, &err) == TM_OK)
        fail_msg("read, not refused with '%s': %s", message, text);
    assert_string_equal(tm_err_msg(&err), message);
    assert_int_equal(tm_report_n_files(&report), 0);
    assert_int_equal(report.n_lines, 0);
}

#endif
