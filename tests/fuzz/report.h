/*
 * What must hold of any report that a reader accepted, and of any that it refused.
 */
#ifndef TM_FUZZ_REPORT_H
#define TM_FUZZ_REPORT_H

#include "coverage/format.h"
#include "fuzz.h"

/* They ascend, and their figures are those that the list keeps. */
static inline void check_statements(const struct tm_statements *list)
{
    struct tm_statements_iter iter = tm_statements_iter(list);
    struct tm_extent last = { 0, 0, 0, 0 };
    uint64_t total = 0, covered = 0;
    struct tm_statement s;
    size_t n = 0;

    while (tm_statements_next(&iter, &s)) {
        FUZZ_CHECK(s.n >= 1 && s.at.line >= 1 && s.at.line <= TM_REPORT_LINE_MAX);
        FUZZ_CHECK(s.at.line > last.line ||
                   (s.at.line == last.line && memcmp(&s.at, &last, sizeof(last)) != 0));
        last = s.at;
        n++;
        total += s.n;
        covered += s.hits ? s.n : 0;
    }
    FUZZ_CHECK(!list->loose && n == list->n && total == list->total && covered == list->covered);
}

static inline void check_file(const struct tm_report_file *file)
{
    struct tm_totals totals = tm_report_file_totals(file);
    struct tm_hits_iter iter = tm_hits_iter(&file->lines);
    struct tm_line line;
    size_t n = 0, covered = 0;
    uint32_t last = 0;

    FUZZ_CHECK(file->path.len > 0 && strlen(file->path.data) == file->path.len);
    while (tm_hits_next(&iter, &line)) {
        FUZZ_CHECK(line.line > last && line.line <= TM_REPORT_LINE_MAX);
        last = line.line;
        n++;
        covered += line.hits > 0;
    }
    FUZZ_CHECK(n == file->lines.n && covered == file->lines.covered);
    check_statements(&file->statements);
    for (size_t i = 0; i < file->n_branches; i++) {
        FUZZ_CHECK(i == 0 || file->branches[i - 1].line <= file->branches[i].line);
        FUZZ_CHECK(!(file->branches[i].flags & TM_BRANCH_UNEVALUATED) || file->branches[i].taken == 0);
    }
    FUZZ_CHECK(totals.lines.num <= totals.lines.den);
    FUZZ_CHECK(totals.branches.num <= totals.branches.den);
    FUZZ_CHECK(totals.functions.num <= totals.functions.den);
    FUZZ_CHECK(totals.statements.num <= totals.statements.den);
}

static inline void check_report(const struct tm_report *report)
{
    size_t lines = 0, branches = 0, functions = 0, statements = 0;

    for (size_t i = 0; i < tm_report_n_files(report); i++) {
        const struct tm_report_file *file = tm_report_file_at(report, i);

        check_file(file);
        lines += file->lines.n;
        branches += file->n_branches;
        functions += file->n_functions;
        statements += file->statements.n;
    }
    FUZZ_CHECK(lines == report->n_lines);
    FUZZ_CHECK(branches == report->n_branches);
    FUZZ_CHECK(functions == report->n_functions);
    FUZZ_CHECK(statements == report->n_statements);
}

static inline bool same_ratio(struct tm_ratio a, struct tm_ratio b)
{
    return a.num == b.num && a.den == b.den;
}

/* A tm_source_reader: the source of every file is the struct tm_str ctx. */
static inline enum tm_code give_text(void *ctx, struct tm_str path, struct tm_buf *out, struct tm_err *err)
{
    tm_buf_clear(out);
    tm_buf_add_str(out, *(const struct tm_str *)ctx);
    return TM_OK;
}

/* Reads text twice into one report: the second time must not change what is covered of what. */
static inline void check_format(const struct tm_format *format, struct tm_str text, tm_source_reader *sources,
                                void *ctx)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_totals first = { .lines = { 0, 0 } }, totals;

    report.read_source = sources;
    report.read_source_ctx = ctx;
    for (int i = 0; i < 2; i++) {
        struct tm_source TM_CLEANUP(tm_source_close) source;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        tm_source_memory(&source, "input", text);
        source.plain_tried = i == 1; /* XML: the second time with the reference */
        source.parts = i == 1 ? TM_PARTS_EACH : TM_PARTS_NEVER;
        if (tm_report_read(&source, format, &report, &err) != TM_OK) {
            FUZZ_CHECK(i == 0 && err.msg && !strchr(err.msg, '\n'));
            FUZZ_CHECK(tm_report_n_files(&report) == 0 && report.n_notes == 0);
            return;
        }
        check_report(&report);
        totals = tm_report_totals(&report);
        if (i == 0)
            first = totals;
        FUZZ_CHECK(same_ratio(first.lines, totals.lines));
        FUZZ_CHECK(same_ratio(first.branches, totals.branches));
        FUZZ_CHECK(same_ratio(first.functions, totals.functions));
        FUZZ_CHECK(same_ratio(first.statements, totals.statements));
    }
}

#endif
