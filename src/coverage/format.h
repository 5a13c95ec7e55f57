/*
 * The formats of coverage reports: one file and one row of the table each.
 * docs/formats/coverage.md says what each reads.
 *
 * A new one: src/coverage/<name>.c with `tm_format_<name>`, on coverage/xml_report.h, coverage/json_report.h
 * or tm_source_lines; its row below; reports of its tool in tests/data/coverage/<name>/ (the README there)
 * and its line in tests/fuzz/meson.build; the row of coverage/sniff.c that refused it by name goes.
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
    bool in_parts; /* long ones are read in parts at once (coverage/parts.h) */
    /* Reads all of source into report, which is left in any state on failure. */
    enum tm_code (*read)(struct tm_source *source, struct tm_report *report, struct tm_err *err);
};

/* The table: row(x) for tm_format_x, in alphabetical order. A content is of at most one
 * format; where the first bytes leave several, --as decides. */
/* clang-format off */
#define TM_FORMATS(row) \
    row(clover) \
    row(cobertura) \
    row(coveragepy) \
    row(coveralls) \
    row(coverlet) \
    row(gcov) \
    row(gcov_text) \
    row(go_cover) \
    row(istanbul) \
    row(jacoco) \
    row(lcov) \
    row(llvm_cov) \
    row(opencover) \
    row(scoverage) \
    row(simplecov) \
    row(sonarqube) \
    row(tidemark) \
    row(v8) \
    row(visualstudio) \
    row(xccov)
/* clang-format on */

#define TM_FORMAT_DECLARE(name) extern const struct tm_format tm_format_##name;
TM_FORMATS(TM_FORMAT_DECLARE)
#undef TM_FORMAT_DECLARE

/* The same as a list, ended by NULL. */
extern const struct tm_format *const tm_formats[];

/* The format of that name, or NULL. */
const struct tm_format *tm_format_find(struct tm_str name);

/* The same for the word of an --as, NULL when there is none: then *format is NULL, too. TM_E_USAGE. */
enum tm_code tm_format_choose(const char *as, const struct tm_format **format, struct tm_err *err) TM_CHECK;

/* The format of what starts with this text (tm_sniff_text), or NULL. */
const struct tm_format *tm_format_detect(struct tm_str text);

/* "cobertura, lcov, ...", for messages. */
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
