/*
 * What must hold for any bytes as a benchmark report: figures of what is accepted are in
 * order, and what is refused leaves nothing and says so in one line.
 */
#ifndef TM_BENCH_CHECK_H
#define TM_BENCH_CHECK_H

#include "bench/stats.h"
#include "fuzz.h"

static void check_result(const struct tm_bench_result *result)
{
    struct tm_bench_stats stats;

    FUZZ_CHECK(result->name.len && result->name.len <= TM_BENCH_NAME_MAX && tm_str_is_utf8(result->name));
    for (size_t i = 0; i < result->n_samples; i++)
        FUZZ_CHECK(result->samples[i] >= (i ? result->samples[i - 1] : 0));
    tm_bench_stats(result, &stats);
    FUZZ_CHECK(stats.min.known == stats.max.known && stats.min.known == stats.mean.known);
    FUZZ_CHECK(!result->failed || !stats.min.known);
    if (stats.min.known)
        FUZZ_CHECK(0 <= stats.min.ns && stats.min.ns <= stats.mean.ns && stats.mean.ns <= stats.max.ns);
    if (stats.p50.known)
        FUZZ_CHECK(stats.min.ns <= stats.p50.ns && stats.p50.ns <= stats.max.ns);
    if (stats.p99.known)
        FUZZ_CHECK(stats.p50.ns <= stats.p95.ns && stats.p95.ns <= stats.p99.ns);
}

static int check_report(const struct tm_bench_format *format, const uint8_t *data, size_t size)
{
    struct tm_bench_report TM_CLEANUP(tm_bench_report_release) report = TM_BENCH_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_str text = tm_str_n((const char *)data, size);

    if (tm_bench_report_read(&report, format, "input", text, &err)) {
        FUZZ_CHECK((err.code == TM_E_FORMAT || err.code == TM_E_LIMIT) && err.msg && !strchr(err.msg, '\n'));
        FUZZ_CHECK(report.n_results == 0);
        return 0;
    }
    FUZZ_CHECK(tm_bench_format_detect(text));
    for (size_t i = 0; i < report.n_results; i++)
        check_result(&report.results[i]);
    return 0;
}

#endif
