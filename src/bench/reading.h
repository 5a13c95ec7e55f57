/*
 * What the readers of benchmark formats share: walking an object by a table of
 * its members, and arrays of times. Private to src/bench.
 */
#ifndef TM_BENCH_READING_H
#define TM_BENCH_READING_H

#include "base/json.h"
#include "bench/bench.h"

/* A report that is being read, and the benchmark that is. */
struct tm_bench_reading {
    struct tm_json_reader json;
    struct tm_bench_report *report;
    struct tm_buf name;
    size_t at; /* byte where the benchmark begins */
    int64_t *samples;
    size_t n_samples, cap_samples;
    int64_t min_ns, max_ns, mean_ns;
    bool has_name, has_min, has_max, has_mean, failed;
    bool has_list; /* the list of benchmarks was there */
};

/* Reads the value whose first token was just read. */
typedef enum tm_code tm_bench_reader(struct tm_bench_reading *reading, struct tm_err *err);

struct tm_bench_member {
    const char *key;
    tm_bench_reader *read;
};

/*
 * Reads the object whose first token was just read by rows, which end with a NULL key; other members are
 * skipped. TM_E_FORMAT when it is no object (`what` names it), or a member of rows stands twice.
 */
enum tm_code tm_bench_object(struct tm_bench_reading *reading, const char *what,
                             const struct tm_bench_member *rows, struct tm_err *err) TM_CHECK;

/* Reads the array whose first token was just read, each element by `each`. */
enum tm_code tm_bench_array(struct tm_bench_reading *reading, const char *what, tm_bench_reader *each,
                            struct tm_err *err) TM_CHECK;

/* Readers of one benchmark's members. A null instead of times or of a summary is as if it were not there. */
tm_bench_reader tm_bench_read_name, tm_bench_read_times, tm_bench_read_min, tm_bench_read_max,
    tm_bench_read_mean;

/* Starts a benchmark at the current token; adds the one that was read to the report. */
void tm_bench_begin(struct tm_bench_reading *reading);
enum tm_code tm_bench_finish(struct tm_bench_reading *reading, struct tm_err *err) TM_CHECK;

/* Reads a whole document: an object by rows, the first of which is the list of benchmarks and sets has_list.
 */
enum tm_code tm_bench_document(struct tm_bench_report *report, const char *name, struct tm_str data,
                               const struct tm_bench_member *rows, struct tm_err *err) TM_CHECK;

#endif
