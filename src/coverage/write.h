/*
 * Writing a report in a format that other tools read (docs/formats/coverage.md, "Converting"): one
 * file and one row for each. What a format cannot say is left out; lines are never changed.
 */
#ifndef TM_COVERAGE_WRITE_H
#define TM_COVERAGE_WRITE_H

#include "coverage/report.h"

/* Where it goes: `flush` is called whenever buf has grown, and may empty it. */
struct tm_report_out {
    struct tm_buf *buf;
    enum tm_code (*flush)(void *ctx, struct tm_err *err);
    void *ctx;
};

/* A settled report on its way; files are in byte order of their paths. */
struct tm_report_writing {
    const struct tm_report *report;
    struct tm_report_file **files;
    size_t n_files;
    struct tm_report_out *out;
};

struct tm_report_writer {
    const char *name; /* as --to has it */
    enum tm_code (*write)(const struct tm_report_writing *writing, struct tm_err *err);
};

extern const struct tm_report_writer tm_write_cobertura, tm_write_json, tm_write_lcov;

/* Every writer, ended by NULL; the one of that name, or NULL. */
extern const struct tm_report_writer *const tm_report_writers[];
const struct tm_report_writer *tm_report_writer_find(struct tm_str name);

/* Writes a settled report; what out->flush returned. */
enum tm_code tm_report_write(const struct tm_report *report, const struct tm_report_writer *writer,
                             struct tm_report_out *out, struct tm_err *err) TM_CHECK;

/* For writers: the lines of a settled file, to look single ones up. Released with free. */
struct tm_line *tm_report_lines(const struct tm_report_file *file);
/* The hits of a line in them; false when it is not there. */
bool tm_report_lines_find(const struct tm_line *lines, size_t n, uint32_t line, uint64_t *hits) TM_CHECK;

/* For writers: flushes when there is much. */
enum tm_code tm_report_out_step(struct tm_report_out *out, struct tm_err *err) TM_CHECK;

#endif
