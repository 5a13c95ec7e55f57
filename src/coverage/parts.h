/*
 * One report read in parts at once: its reader cuts the text where nothing open crosses, the parts are read
 * by a few threads, each into a report of its own, and joined in the order of the text. What comes out is
 * what reading on would give, whoever read what.
 *
 *     tm_parts_room         a part to fill: its text, and where that stands
 *     tm_parts_send         let it be read; joins those that are ready
 *     tm_parts_finish       all that were sent are joined
 *
 * The cutting thread reads parts, too, when the others are behind. A failure is that of the first part, in
 * the order of the text, that has one.
 */
#ifndef TM_COVERAGE_PARTS_H
#define TM_COVERAGE_PARTS_H

#include "coverage/report.h"
#include "coverage/source.h"

enum {
    TM_PARTS_MAX = 6,          /* parts that are held */
    TM_PART_TEXT = 512 << 10,  /* bytes of text that are worth sending */
    TM_PART_LONGEST = 4 << 20, /* text that is longer is better read by who cuts */
};

struct tm_part {
    struct tm_buf text;      /* with TM_SOURCE_SLACK bytes behind it that may be read */
    struct tm_report report; /* what it says */
    void *state;             /* of the reader, from one part to the next of the same number */
    /* Private. */
    enum { TM_PART_FREE, TM_PART_SENT, TM_PART_TAKEN, TM_PART_READ } stage;
    unsigned reader;
    enum tm_code code;
    struct tm_err err;
};

struct tm_parts_kind {
    size_t state_size; /* bytes of a state, zeroed at first */
    void (*init)(void *state);
    void (*release)(void *state);
    /* Reads part->text into part->report, on any thread: of ctx only what `join` leaves as it is. Sources are
     * read through the whole report's read_source, by one thread at a time. */
    enum tm_code (*read)(const void *ctx, struct tm_part *part, struct tm_err *err);
    /* Moves what the part's state has beside the report to ctx; in order, on the thread that cuts. */
    enum tm_code (*join)(void *ctx, void *state, struct tm_err *err);
};

struct tm_parts;

/* NULL when reading on is as good (source->parts). The kind, report and ctx must live as long. */
struct tm_parts *tm_parts_open(const struct tm_parts_kind *kind, const struct tm_source *source,
                               struct tm_report *report, void *ctx);
void tm_parts_close(struct tm_parts *parts);

/* The part that is filled next, its text empty at first; the same until it is sent. */
struct tm_part *tm_parts_room(struct tm_parts *parts);

/* Bytes of text that are worth sending. */
size_t tm_parts_enough(const struct tm_parts *parts);

/* Adds text to that of a part. */
void tm_part_add(struct tm_part *part, struct tm_str text);

/* What `read` or joining returned for a part that was due. Behind a failure only tm_parts_close. */
enum tm_code tm_parts_send(struct tm_parts *parts, struct tm_err *err) TM_CHECK;
enum tm_code tm_parts_finish(struct tm_parts *parts, struct tm_err *err) TM_CHECK;

/* The failure to report when cutting failed with code and err: that of a part comes before it. */
enum tm_code tm_parts_fail(struct tm_parts *parts, enum tm_code code, struct tm_err *err) TM_CHECK;

#endif
