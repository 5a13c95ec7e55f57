/*
 * The formats of coverage reports: one file and one row of the table each.
 * docs/formats/coverage.md says what each reads.
 */
#ifndef TM_COVERAGE_FORMAT_H
#define TM_COVERAGE_FORMAT_H

#include "coverage/report.h"
#include "coverage/source.h"

struct tm_format {
    const char *name;    /* as --as and settings have it */
    const char *summary; /* one phrase for help */
    /* True when a report that starts like this is of the format. NULs are taken out of head, so UTF-16 looks
     * like ASCII. */
    bool (*detect)(struct tm_str head);
    /* Reads all of source into report, which is left in any state on failure. */
    enum tm_code (*read)(struct tm_source *source, struct tm_report *report, struct tm_err *err);
};

extern const struct tm_format tm_format_cobertura, tm_format_lcov, tm_format_v8;

/* Every format in the order of the table, ended by NULL. */
extern const struct tm_format *const tm_formats[];

/* The format of that name, or NULL. */
const struct tm_format *tm_format_find(struct tm_str name);

/* "cobertura, lcov, v8", for messages. */
void tm_format_add_names(struct tm_buf *out);

/*
 * Reads a report and adds it to `report`, which is settled then. format NULL: found from the content.
 * TM_E_FORMAT, TM_E_LIMIT or TM_E_IO in one line with the place; report is then as it was.
 */
enum tm_code tm_report_read(struct tm_source *source, const struct tm_format *format,
                            struct tm_report *report, struct tm_err *err) TM_CHECK;

/* The same for a file; path is used as it is given. */
enum tm_code tm_report_read_file(const char *path, const struct tm_format *format, struct tm_report *report,
                                 struct tm_err *err) TM_CHECK;

#endif
