#include "test.h"

#include "bench/stats.h"

static void percentiles_lie_between_the_nearest_samples(void **state)
{
    static const struct {
        int64_t samples[6];
        size_t n;
        unsigned percent;
        int64_t expected;
    } rows[] = {
        /* By hand: h = (n - 1) * percent / 100. */
        { { 7 }, 1, 50, 7 },
        { { 7 }, 1, 99, 7 },
        { { 10, 20 }, 2, 50, 15 },
        { { 10, 20 }, 2, 95, 20 },    /* 19.5, to even */
        { { 10, 30 }, 2, 95, 29 },    /* 29.0 */
        { { 0, 10 }, 2, 5, 0 },       /* 0.5, to even */
        { { 0, 10 }, 2, 15, 2 },      /* 1.5, to even */
        { { 0, 10 }, 2, 25, 2 },      /* 2.5, to even */
        { { 0, 10 }, 2, 26, 3 },      /* 2.6 */
        { { 1, 2, 3, 4 }, 4, 50, 2 }, /* 2.5, to even */
        { { 1, 2, 3, 5 }, 4, 0, 1 },
        { { 1, 2, 3, 5 }, 4, 100, 5 },
        { { 15, 20, 35, 40, 50 }, 5, 40, 29 },                     /* h = 1.6 */
        { { 0, INT64_MAX }, 2, 50, INT64_C(4611686018427387904) }, /* ....903.5, to even */
        { { 0, INT64_MAX }, 2, 99, INT64_C(9131138316486228049) }, /* ...048.93 */
        { { INT64_MAX, INT64_MAX }, 2, 50, INT64_MAX },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++)
        if (tm_percentile(rows[i].samples, rows[i].n, rows[i].percent) != rows[i].expected)
            fail_msg("row %zu: %jd", i, (intmax_t)tm_percentile(rows[i].samples, rows[i].n, rows[i].percent));
}

static struct tm_bench_stats stats_of(int64_t *samples, size_t n)
{
    struct tm_bench_result result = { .samples = samples, .n_samples = n };
    struct tm_bench_stats stats;

    for (size_t i = 0; i < n; i++)
        samples[i] = (int64_t)i;
    tm_bench_stats(&result, &stats);
    return stats;
}

static void percentiles_need_enough_samples(void **state)
{
    static const struct {
        size_t n;
        bool p50, p95, p99;
    } rows[] = {
        { 0, false, false, false }, { 1, true, false, false }, { 19, true, false, false },
        { 20, true, true, false },  { 99, true, true, false }, { 100, true, true, true },
    };
    int64_t samples[100];

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_bench_stats stats = stats_of(samples, rows[i].n);

        assert_int_equal(stats.samples, rows[i].n);
        assert_int_equal(stats.p50.known, rows[i].p50);
        assert_int_equal(stats.p95.known, rows[i].p95);
        assert_int_equal(stats.p99.known, rows[i].p99);
        assert_int_equal(stats.mean.known, rows[i].n > 0);
        assert_int_equal(stats.min.known, rows[i].n > 0);
        assert_int_equal(stats.max.known, rows[i].n > 0);
    }
}

static void the_mean_is_rounded_half_to_even(void **state)
{
    static const struct {
        int64_t samples[3];
        size_t n;
        int64_t mean;
    } rows[] = {
        { { 1, 2 }, 2, 2 },
        { { 2, 3 }, 2, 2 },
        { { 0, 0, 1 }, 3, 0 },
        { { 0, 1, 1 }, 3, 1 },
        { { INT64_MAX, INT64_MAX, INT64_MAX }, 3, INT64_MAX },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_bench_result result = { .samples = (int64_t *)rows[i].samples, .n_samples = rows[i].n };
        struct tm_bench_stats stats;

        tm_bench_stats(&result, &stats);
        assert_int_equal(stats.mean.ns, rows[i].mean);
    }
}

static void a_summary_gives_no_percentile(void **state)
{
    struct tm_bench_result result = { .has_summary = true, .min_ns = 1, .mean_ns = 2, .max_ns = 9 };
    struct tm_bench_stats stats;

    tm_bench_stats(&result, &stats);
    assert_int_equal(stats.samples, 0);
    assert_false(stats.p50.known || stats.p95.known || stats.p99.known);
    assert_int_equal(stats.min.ns, 1);
    assert_int_equal(stats.mean.ns, 2);
    assert_int_equal(stats.max.ns, 9);
}

#define KNOWN(ns)                                                                                            \
    {                                                                                                        \
        true, ns                                                                                             \
    }

static void the_slowest_benchmark_is_the_figure(void **state)
{
    static const struct tm_bench_result results[] = { { .name = { "b", 1 } },
                                                      { .name = { "a", 1 } },
                                                      { .name = { "c", 1 } } };
    static const struct {
        struct tm_bench_stats stats[3];
        size_t n, slowest;
    } rows[] = {
        { { { .p95 = KNOWN(1) }, { .p95 = KNOWN(3) }, { .p95 = KNOWN(2) } }, 3, 1 },
        /* A p95 beats any p50: only benchmarks with the same figure are compared. */
        { { { .p50 = KNOWN(900) }, { .p50 = KNOWN(1), .p95 = KNOWN(2) }, { .p50 = KNOWN(800) } }, 3, 1 },
        { { { .p50 = KNOWN(5) }, { .p50 = KNOWN(4) }, { .p50 = KNOWN(6) } }, 3, 2 },
        { { { .p95 = KNOWN(7) }, { .p95 = KNOWN(7) }, { .p95 = KNOWN(7) } },
          3,
          1 }, /* "a" is first by name */
        { { { .p95 = KNOWN(0) } }, 1, 0 },
        { { { .mean = KNOWN(1) }, { .max = KNOWN(4) } }, 2, SIZE_MAX },
        { { { .samples = 0 } }, 0, SIZE_MAX },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++)
        assert_int_equal(tm_bench_slowest(results, rows[i].stats, rows[i].n), rows[i].slowest);
}

TM_TESTS(cmocka_unit_test(percentiles_lie_between_the_nearest_samples),
         cmocka_unit_test(percentiles_need_enough_samples),
         cmocka_unit_test(the_mean_is_rounded_half_to_even), cmocka_unit_test(a_summary_gives_no_percentile),
         cmocka_unit_test(the_slowest_benchmark_is_the_figure))
