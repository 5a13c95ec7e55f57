/*
 * What readers of JSON reports share: a source of any size as tokens, objects by a table of
 * their members, values as counts, lines and texts, and errors with their place.
 *
 * A reader holds a struct tm_json_report and names what it wants of each kind of object in a table:
 *
 *     static const struct tm_json_member range_members[] = {
 *         { "count", read_count },
 *         { NULL, NULL },
 *     };
 *
 * Members that no row names are skipped, in any order; a member twice is an error. Nothing is kept: a
 * reader collects what one object says and adds it to the report at the object's end.
 */
#ifndef TM_COVERAGE_JSON_REPORT_H
#define TM_COVERAGE_JSON_REPORT_H

#include "base/json.h"
#include "coverage/report.h"
#include "coverage/source.h"

struct tm_json_report {
    struct tm_json_reader json;
    struct tm_source *source;
    struct tm_report *report;
    bool part;               /* the report is that of a part: what the state has beside it comes behind it */
    struct tm_seen negative; /* counts below 0; noted at the end */
};

/* A row for one member; `read` reads its value, of which no token was read yet. The last row's key is NULL.
 */
struct tm_json_member {
    const char *key;
    enum tm_code (*read)(void *ctx, struct tm_err *err);
};

/*
 * Begins reading, before the first token; ends it, behind the value: TM_E_FORMAT when more follows. Nothing
 * to release.
 */
void tm_json_report_begin(struct tm_json_report *r, struct tm_source *source, struct tm_report *report);
enum tm_code tm_json_report_end(struct tm_json_report *r, struct tm_err *err) TM_CHECK;

/*
 * Reads the one object that source is, from begin to end, through rows for its members. *seen gets bit i for
 * a member of row i (NULL: not wanted). ctx, which is handed to the rows, mostly holds r.
 */
enum tm_code tm_json_report_read(struct tm_json_report *r, struct tm_source *source, struct tm_report *report,
                                 const struct tm_json_member *members, void *ctx, unsigned *seen,
                                 struct tm_err *err) TM_CHECK;

/* The members of an object whose '{' was the last token, up to its '}'. At most 32 rows. */
enum tm_code tm_json_report_members(struct tm_json_report *r, const struct tm_json_member *members, void *ctx,
                                    unsigned *seen, struct tm_err *err) TM_CHECK;

/*
 * The members of an object whose names are data: the next token must be '{'. `read` is called after each key,
 * which tm_json_string gives until the next token is read, and reads its value.
 */
enum tm_code tm_json_report_map(struct tm_json_report *r, enum tm_code (*read)(void *ctx, struct tm_err *err),
                                void *ctx, struct tm_err *err) TM_CHECK;

/*
 * The elements of an array: the next token must be '['. `read` is called after the first token of each,
 * r->json.token, and reads the rest.
 */
enum tm_code tm_json_report_array(struct tm_json_report *r,
                                  enum tm_code (*read)(void *ctx, struct tm_err *err), void *ctx,
                                  struct tm_err *err) TM_CHECK;

/* The same; but what take takes (tm_json_take, with the same ctx) does not come to read. */
enum tm_code tm_json_report_rows(struct tm_json_report *r, tm_json_take_fn *take,
                                 enum tm_code (*read)(void *ctx, struct tm_err *err), void *ctx,
                                 struct tm_err *err) TM_CHECK;

/* tm_json_report_array for an array whose '[' was the last token. */
enum tm_code tm_json_report_elements(struct tm_json_report *r,
                                     enum tm_code (*read)(void *ctx, struct tm_err *err), void *ctx,
                                     struct tm_err *err) TM_CHECK;

/*
 * The elements of an array whose '[' was the last token: one for each line of a file from the first on, its
 * count, or null where there is no code. Adds the lines with code to lines and, unless it is NULL, the others
 * to nulls, with hits 0.
 */
enum tm_code tm_json_report_counts(struct tm_json_report *r, struct tm_hits *lines, struct tm_hits *nulls,
                                   struct tm_err *err) TM_CHECK;

/* The next value: an array of line numbers, which go into lines with these hits; 0 is left out. */
enum tm_code tm_json_report_lines(struct tm_json_report *r, struct tm_hits *lines, uint64_t hits,
                                  struct tm_err *err) TM_CHECK;

/* Reads the next token, which must be of that kind: else "expected <wanted> at line ...". */
enum tm_code tm_json_report_expect(struct tm_json_report *r, enum tm_json_token kind, const char *wanted,
                                   struct tm_err *err) TM_CHECK;
/* The last token must be of that kind. */
enum tm_code tm_json_report_is(const struct tm_json_report *r, enum tm_json_token kind, const char *wanted,
                               struct tm_err *err) TM_CHECK;

/* "<problem> at line ...", for the last token: of an object that was read its '}'. */
enum tm_code tm_json_report_fail(const struct tm_json_report *r, const char *problem, struct tm_err *err);

/* "expected <wanted> at line ..." for the last token. */
enum tm_code tm_json_report_wrong(const struct tm_json_report *r, const char *wanted, struct tm_err *err);

/* Puts the place of the last token behind the message that was set with this code; TM_OK stays. */
enum tm_code tm_json_report_placed(const struct tm_json_report *r, enum tm_code code, struct tm_err *err);

/* Counts damage, which stands at the last token. */
void tm_json_report_see(const struct tm_json_report *r, struct tm_seen *seen);

/*
 * The last token as a value; `what` is the word for it in messages. A count is as tools write it
 * (coverage/count.h; a negative one is 0 and seen); a line is from 1 to TM_REPORT_LINE_MAX.
 */
enum tm_code tm_json_report_count(struct tm_json_report *r, uint64_t *count, struct tm_err *err) TM_CHECK;
enum tm_code tm_json_report_line(const struct tm_json_report *r, uint32_t *line, struct tm_err *err) TM_CHECK;
enum tm_code tm_json_report_u32(const struct tm_json_report *r, const char *what, uint32_t *value,
                                struct tm_err *err) TM_CHECK;

/* The same for the next token; text replaces out. */
enum tm_code tm_json_report_take_count(struct tm_json_report *r, uint64_t *count, struct tm_err *err)
    TM_CHECK;
enum tm_code tm_json_report_take_line(struct tm_json_report *r, uint32_t *line, struct tm_err *err) TM_CHECK;
enum tm_code tm_json_report_take_u32(struct tm_json_report *r, const char *what, uint32_t *value,
                                     struct tm_err *err) TM_CHECK;
enum tm_code tm_json_report_take_text(struct tm_json_report *r, const char *what, struct tm_buf *out,
                                      struct tm_err *err) TM_CHECK;

#endif
