#include "bench/stats.h"

__extension__ typedef __int128 i128;

/* num / den rounded half to even; both at least 0, the quotient within 64 bits. */
static int64_t divide(i128 num, i128 den)
{
    i128 quotient = num / den;
    i128 twice = (num % den) * 2;

    if (twice > den || (twice == den && (quotient & 1)))
        quotient++;
    return (int64_t)quotient;
}

int64_t tm_percentile(const int64_t *samples, size_t n, unsigned percent)
{
    uint64_t position, below;
    i128 left, step;

    assert(n && percent <= 100);
    position = (uint64_t)(n - 1) * percent; /* in hundredths of a sample */
    below = position / 100;
    if (position % 100 == 0)
        return samples[below];
    left = samples[below];
    step = samples[below + 1] - left;
    return divide(left * 100 + step * (i128)(position % 100), 100);
}

static struct tm_latency percentile(const struct tm_bench_result *result, unsigned percent, size_t needed)
{
    if (result->n_samples < needed)
        return (struct tm_latency) { .known = false };
    return (struct tm_latency) { true, tm_percentile(result->samples, result->n_samples, percent) };
}

static int64_t mean_of(const int64_t *samples, size_t n)
{
    i128 sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += samples[i];
    return divide(sum, (i128)n);
}

void tm_bench_stats(const struct tm_bench_result *result, struct tm_bench_stats *stats)
{
    size_t n = result->n_samples;

    *stats = (struct tm_bench_stats) {
        .samples = n,
        .p50 = percentile(result, 50, TM_P50_SAMPLES),
        .p95 = percentile(result, 95, TM_P95_SAMPLES),
        .p99 = percentile(result, 99, TM_P99_SAMPLES),
    };
    if (n) {
        stats->mean = (struct tm_latency) { true, mean_of(result->samples, n) };
        stats->min = (struct tm_latency) { true, result->samples[0] };
        stats->max = (struct tm_latency) { true, result->samples[n - 1] };
    } else if (result->has_summary) {
        stats->mean = (struct tm_latency) { true, result->mean_ns };
        stats->min = (struct tm_latency) { true, result->min_ns };
        stats->max = (struct tm_latency) { true, result->max_ns };
    }
}

/* The slowest by the latency that is `offset` bytes into the stats, or SIZE_MAX. */
static size_t slowest_by(size_t offset, const struct tm_bench_result *results,
                         const struct tm_bench_stats *stats, size_t n)
{
    const struct tm_latency *best = NULL;
    size_t at = SIZE_MAX;

    for (size_t i = 0; i < n; i++) {
        const struct tm_latency *latency = (const void *)((const char *)&stats[i] + offset);

        if (!latency->known)
            continue;
        if (!best || latency->ns > best->ns ||
            (latency->ns == best->ns && tm_str_cmp(results[i].name, results[at].name) < 0)) {
            best = latency;
            at = i;
        }
    }
    return at;
}

size_t tm_bench_slowest(const struct tm_bench_result *results, const struct tm_bench_stats *stats, size_t n)
{
    size_t at = slowest_by(offsetof(struct tm_bench_stats, p95), results, stats, n);

    return at != SIZE_MAX ? at : slowest_by(offsetof(struct tm_bench_stats, p50), results, stats, n);
}
