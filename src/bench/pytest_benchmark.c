#include "bench/reading.h"

/* docs/formats/bench.md, "pytest-benchmark". */

static const struct tm_bench_member stats_rows[] = {
    { "data", tm_bench_read_times },
    { "max", tm_bench_read_max },
    { "mean", tm_bench_read_mean },
    { "min", tm_bench_read_min },
    { 0 },
};

static enum tm_code read_stats(struct tm_bench_reading *reading, struct tm_err *err)
{
    return tm_bench_object(reading, "stats", stats_rows, err);
}

static const struct tm_bench_member benchmark_rows[] = {
    { "fullname", tm_bench_read_name },
    { "stats", read_stats },
    { 0 },
};

static enum tm_code read_benchmark(struct tm_bench_reading *reading, struct tm_err *err)
{
    enum tm_code code;

    tm_bench_begin(reading);
    code = tm_bench_object(reading, "benchmark", benchmark_rows, err);
    return code ? code : tm_bench_finish(reading, err);
}

static enum tm_code read_benchmarks(struct tm_bench_reading *reading, struct tm_err *err)
{
    reading->has_list = true;
    return tm_bench_array(reading, "benchmarks", read_benchmark, err);
}

static const struct tm_bench_member report_rows[] = {
    { "benchmarks", read_benchmarks },
    { 0 },
};

static enum tm_code read_report(struct tm_bench_report *report, const char *name, struct tm_str data,
                                struct tm_err *err)
{
    return tm_bench_document(report, name, data, report_rows, err);
}

const struct tm_bench_format tm_bench_pytest = {
    .name = "pytest-benchmark",
    .summary = "JSON of pytest --benchmark-json",
    .member = "benchmarks",
    .read = read_report,
};
