/*
 * Reports of test runs, read for four numbers (docs/formats/tests.md). One file
 * and one row of the table for each format.
 */
#ifndef TM_COVERAGE_TESTS_H
#define TM_COVERAGE_TESTS_H

#include "coverage/source.h"

struct tm_test_counts {
    uint64_t passed, failed, skipped;
};

struct tm_tests_format {
    const char *name; /* as settings have it */
    /* Counts the tests of all of source. */
    enum tm_code (*read)(struct tm_source *source, struct tm_test_counts *counts, struct tm_err *err);
};

extern const struct tm_tests_format tm_tests_junit, tm_tests_tap;

/* Every format, ended by NULL. */
extern const struct tm_tests_format *const tm_tests_formats[];

/* The format of that name, or NULL. */
const struct tm_tests_format *tm_tests_format_find(struct tm_str name);

/* Tests that ran: passed and failed. */
uint64_t tm_tests_run(const struct tm_test_counts *counts);

/*
 * Reads a report; format NULL: found from the content. TM_E_FORMAT, TM_E_LIMIT or TM_E_IO in one line with
 * the place; *counts is untouched then.
 */
enum tm_code tm_tests_read(struct tm_source *source, const struct tm_tests_format *format,
                           struct tm_test_counts *counts, struct tm_err *err) TM_CHECK;

/* The same for a file; path is used as it is given. */
enum tm_code tm_tests_read_file(const char *path, const struct tm_tests_format *format,
                                struct tm_test_counts *counts, struct tm_err *err) TM_CHECK;

#endif
