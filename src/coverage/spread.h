/*
 * Lines for formats that have ranges of source instead: a line that a range
 * stands on is a line with code, and has the greatest hits of its ranges.
 */
#ifndef TM_COVERAGE_SPREAD_H
#define TM_COVERAGE_SPREAD_H

#include "coverage/report.h"

/*
 * Adds the lines of a file's statements to it, each once, and settles the file. A statement without an end is
 * on one line; none may end on a line before its start or over TM_REPORT_LINE_MAX. Time is that of sorting
 * the statements and of the lines that come out, however long and nested the statements are. TM_E_LIMIT as
 * tm_report_add_lines.
 */
enum tm_code tm_spread_statements(struct tm_report_file *file, struct tm_err *err) TM_CHECK;

/* The same for all files of a report; name is that of its source, for messages. */
enum tm_code tm_spread_report(struct tm_report *report, const char *name, struct tm_err *err) TM_CHECK;

/* Forgets the statements of a file, for formats where ranges are no statements. */
void tm_spread_drop_statements(struct tm_report_file *file);

#endif
