/*
 * What readers of XML reports share: the way from a source through ext/xml.h, elements by a table,
 * attributes as numbers, and errors with their place.
 *
 * A reader holds a struct tm_xml_report, names its elements in a table, and gets their starts and ends:
 *
 *     static const struct tm_xml_element elements[] = {
 *         { "report", start_root, NULL, 0 },
 *         { "source", NULL, end_source, TM_XML_TEXT },
 *         { NULL },
 *     };
 *
 * Elements are recognised by name wherever they stand, because writers leave out levels; what must be inside
 * of what, the reader checks with `depth`.
 */
#ifndef TM_COVERAGE_XML_REPORT_H
#define TM_COVERAGE_XML_REPORT_H

#include "coverage/report.h"
#include "coverage/source.h"
#include "coverage/xml_plain.h"
#include "ext/xml.h"

enum { TM_XML_NAME_END = 500 };
enum { TM_XML_TEXT = 1 };             /* the element's text is wanted */
enum { TM_XML_BRANCHES_MAX = 65535 }; /* branches of a line, where they are counts */

struct tm_xml_element {
    const char *name; /* the last row's is NULL */
    enum tm_code (*start)(void *ctx, const char *const *attrs, struct tm_err *err); /* NULL: nothing to do */
    enum tm_code (*end)(void *ctx, struct tm_err *err);                             /* likewise */
    unsigned flags;
};

/* All but ctx, elements, root and take is set by tm_xml_report_read. */
struct tm_xml_report {
    const struct tm_xml_element *elements;
    void *ctx;        /* for the rows */
    const char *root; /* what the root element must be */
    /* Takes the elements that make up most of a report (coverage/xml_plain.h), called with ctx where no text
     * is wanted; it must do what the rows do. NULL: none. */
    tm_xml_take_fn *take;
    const char *name; /* of the source */
    struct tm_report *report;
    struct tm_xml *xml;
    unsigned depth; /* of the element that starts or ends: 1 for the root */
    /* In the end of a TM_XML_TEXT element: what stood in it, without the text of elements inside that are
     * TM_XML_TEXT too. */
    struct tm_buf text;
    struct tm_seen negative; /* counts below 0; noted at the end */
    struct tm_seen no_line;  /* lines without a number; likewise */
    /* Private: the row of each open element. */
    const struct tm_xml_element *open[TM_XML_DEPTH + 1];
};

/*
 * Reads source to its end through the rows. TM_E_FORMAT for another root, what a row returned, or what
 * ext/xml.h and coverage/source.h return. The first time with coverage/xml_plain.h; where that gives up, or a
 * row asks for a line, source->again is set.
 */
enum tm_code tm_xml_report_read(struct tm_xml_report *x, struct tm_source *source, struct tm_report *report,
                                struct tm_err *err) TM_CHECK;

/*
 * The last TM_XML_NAME_END bytes of a name that becomes a part of many others: a report with a long one stays
 * bounded by its own size.
 */
struct tm_str tm_xml_report_name_end(struct tm_str name);

/* The name of the element that starts or ends, in a row's function. */
const char *tm_xml_report_element(const struct tm_xml_report *x);

/* Only the way from source to xml. */
enum tm_code tm_xml_read_source(struct tm_xml *xml, struct tm_source *source, struct tm_err *err) TM_CHECK;

/* "<what> is missing at line L of ..." for NULL, else "invalid <what> '<value>' at ..." */
enum tm_code tm_xml_report_invalid(const struct tm_xml_report *x, const char *what, const char *value,
                                   struct tm_err *err);

/* Puts the place behind the message that the report model set with this code; TM_OK stays. */
enum tm_code tm_xml_report_placed(const struct tm_xml_report *x, enum tm_code code, struct tm_err *err);

/*
 * The attribute `name`, which must be there and a number: of a line (from 1 to TM_REPORT_LINE_MAX), a count
 * as tools write it (coverage/count.h; a negative one is 0 and seen), or a whole number. TM_E_FORMAT,
 * TM_E_LIMIT.
 */
enum tm_code tm_xml_report_line(const struct tm_xml_report *x, const char *const *attrs, const char *name,
                                uint32_t *line, struct tm_err *err) TM_CHECK;
/* The same where code may be in no line (coverage/count.h): then it is 0, and seen. */
enum tm_code tm_xml_report_code_line(struct tm_xml_report *x, const char *const *attrs, const char *name,
                                     uint32_t *line, struct tm_err *err) TM_CHECK;
/* The same for .NET and Visual C++: 0 for what is in no line of source, which is 0, 0xFEEFEE or 0xF00F00. */
enum tm_code tm_xml_report_dotnet_line(const struct tm_xml_report *x, const char *const *attrs,
                                       const char *name, uint32_t *line, struct tm_err *err) TM_CHECK;
enum tm_code tm_xml_report_count(struct tm_xml_report *x, const char *const *attrs, const char *name,
                                 uint64_t *count, struct tm_err *err) TM_CHECK;
enum tm_code tm_xml_report_u64(const struct tm_xml_report *x, const char *const *attrs, const char *name,
                               uint64_t *value, struct tm_err *err) TM_CHECK;

/* The same for one that may be absent: then it is `otherwise`. */
enum tm_code tm_xml_report_u64_or(const struct tm_xml_report *x, const char *const *attrs, const char *name,
                                  uint64_t otherwise, uint64_t *value, struct tm_err *err) TM_CHECK;

/* The same for a column or an offset: 0 when it is absent, TM_E_FORMAT over INT32_MAX. */
enum tm_code tm_xml_report_column(const struct tm_xml_report *x, const char *const *attrs, const char *name,
                                  uint32_t *column, struct tm_err *err) TM_CHECK;

/*
 * Adds a branch count to a line of file (NULL: it is dropped): `taken` of `all`, nothing when there are
 * none. TM_E_FORMAT for more taken than there are and for more than TM_XML_BRANCHES_MAX.
 */
enum tm_code tm_xml_report_add_branches(const struct tm_xml_report *x, struct tm_report_file *file,
                                        uint32_t line, uint64_t taken, uint64_t all, struct tm_err *err)
    TM_CHECK;

/* A whole number that the header claims; UINT64_MAX when it is absent or no number. */
uint64_t tm_xml_report_claim(const char *const *attrs, const char *name);

/* Notes that the header says `what` is `claimed` when the body has `counted`; the body wins. */
void tm_report_note_claim(struct tm_report *report, const char *name, const char *what, uint64_t claimed,
                          uint64_t counted);

#endif
