/*
 * Benchmark reports: the formats, what they say, and the figures from it
 * (docs/formats/bench.md). Times are whole nanoseconds throughout.
 *
 * A report's benchmarks are never pooled. One thread at a time.
 */
#ifndef TM_BENCH_BENCH_H
#define TM_BENCH_BENCH_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"

#define TM_BENCH_REPORT_MAX (UINT64_C(256) << 20)

enum {
    TM_BENCH_RESULTS_MAX = 10000,
    TM_BENCH_SAMPLES_MAX = 10000000, /* in a whole report */
    TM_BENCH_NAME_MAX = 4096,
};

struct tm_bench_result {
    struct tm_str name;
    int64_t *samples;                /* ascending; each at least 0 */
    size_t n_samples;                /* 0: the report has only a summary, or the benchmark failed */
    int64_t min_ns, max_ns, mean_ns; /* the report's own, where has_summary */
    bool has_summary;
    bool failed; /* a run of it failed: it has no figures */
};

struct tm_bench_report {
    struct tm_arena arena;
    struct tm_bench_result *results; /* in the order of the report; names are unique */
    size_t n_results;
    /* Private to readers. */
    size_t cap_results;
    size_t n_samples; /* of all results */
    struct tm_map names;
};

#define TM_BENCH_REPORT_INIT ((struct tm_bench_report) { .arena = TM_ARENA_INIT, .names = TM_MAP_INIT })

struct tm_bench_format {
    const char *name;    /* as --as and settings have it */
    const char *summary; /* one phrase for help */
    const char *member;  /* of the outermost object: where it is, the report is of this format */
    /* Reads all of data. `name` is for messages. */
    enum tm_code (*read)(struct tm_bench_report *report, const char *name, struct tm_str data,
                         struct tm_err *err);
};

extern const struct tm_bench_format tm_bench_pytest, tm_bench_hyperfine;

/* Every format, ended by NULL. */
extern const struct tm_bench_format *const tm_bench_formats[];

/* The format of that name, or NULL. */
const struct tm_bench_format *tm_bench_format_find(struct tm_str name);

/* The format of a report, from its outermost object's members; NULL when it is none of ours. */
const struct tm_bench_format *tm_bench_format_detect(struct tm_str data);

/*
 * Reads a report into *report, which is empty before. format NULL: found from the content. TM_E_FORMAT or
 * TM_E_LIMIT with the place; report is then empty. No benchmark at all is a report with none.
 */
enum tm_code tm_bench_report_read(struct tm_bench_report *report, const struct tm_bench_format *format,
                                  const char *name, struct tm_str data, struct tm_err *err) TM_CHECK;
void tm_bench_report_release(struct tm_bench_report *report);

/*
 * What readers add with. The name is copied; samples are sorted in place, taken over by the report, and must
 * be on the heap. TM_E_FORMAT for a name that is empty or there already, TM_E_LIMIT past the limits above;
 * messages have no place. `samples` is released also then.
 */
enum tm_code tm_bench_report_add(struct tm_bench_report *report, const struct tm_bench_result *result,
                                 struct tm_err *err) TM_CHECK;

/*
 * Seconds, spelled as a JSON number, to nanoseconds: exact, rounded half to even. False for a negative
 * number (-0 is 0) and beyond INT64_MAX ns. Spelling must be a JSON number.
 */
bool tm_bench_ns(struct tm_str spelling, int64_t *ns) TM_CHECK;

#endif
