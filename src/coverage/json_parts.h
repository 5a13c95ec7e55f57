/*
 * The entries of a long JSON report, elements of an array or members of an object, read several at once
 * (coverage/parts.h). Private to readers of JSON reports.
 *
 * A reader whose entries do not depend on each other says how its state is made and joined; its state begins
 * with a struct tm_json_report.
 */
#ifndef TM_COVERAGE_JSON_PARTS_H
#define TM_COVERAGE_JSON_PARTS_H

#include "coverage/json_report.h"

struct tm_json_parts {
    size_t state_size;
    void (*init)(void *state); /* makes zeroed memory a state */
    void (*release)(void *state);
    /* Moves what a state saw in its entries, and did not add to the report, to another. NULL: nothing. */
    enum tm_code (*join)(void *into, void *from, struct tm_err *err);
};

/*
 * tm_json_report_array and tm_json_report_map, in parts where that pays. state is of the same kind as those
 * of the parts; `read` is given one of them.
 */
enum tm_code tm_json_parts_array(const struct tm_json_parts *kind, void *state,
                                 enum tm_code (*read)(void *state, struct tm_err *err), struct tm_err *err)
    TM_CHECK;
enum tm_code tm_json_parts_map(const struct tm_json_parts *kind, void *state,
                               enum tm_code (*read)(void *state, struct tm_err *err), struct tm_err *err)
    TM_CHECK;

#endif
