/*
 * The figures of a benchmark: percentiles, mean, extremes (docs/formats/bench.md,
 * "Figures"). Percentiles by definition 7 of Hyndman and Fan, The American
 * Statistician 50 (1996); whole nanoseconds, rounded half to even from the exact value.
 */
#ifndef TM_BENCH_STATS_H
#define TM_BENCH_STATS_H

#include "bench/bench.h"
#include "ledger/observation.h"

enum {
    TM_P50_SAMPLES = 1, /* fewer samples than this give no such percentile */
    TM_P95_SAMPLES = 20,
    TM_P99_SAMPLES = 100,
};

struct tm_bench_stats {
    uint64_t samples; /* 0: not known, or none */
    struct tm_latency p50, p95, p99, mean, min, max;
};

/* Of n samples in ascending order, n at least 1: the percent-th percentile, percent from 0 to 100. */
int64_t tm_percentile(const int64_t *samples, size_t n, unsigned percent);

/* All figures of a benchmark; those that cannot be known are marked so. */
void tm_bench_stats(const struct tm_bench_result *result, struct tm_bench_stats *stats);

/*
 * The index of the result that is the module's figure: the greatest p95; where none has one the greatest
 * p50; of equals the first by name. SIZE_MAX when no result has either.
 */
size_t tm_bench_slowest(const struct tm_bench_result *results, const struct tm_bench_stats *stats, size_t n);

#endif
