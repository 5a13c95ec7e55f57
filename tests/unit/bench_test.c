#include "test.h"

#include "base/io.h"
#include "bench/bench.h"
#include "bench/stats.h"

static void seconds_become_nanoseconds_exactly(void **state)
{
    static const struct {
        const char *seconds;
        int64_t ns;
    } rows[] = {
        /* By hand: the decimal times 10^9, rounded half to even. */
        { "0", 0 },
        { "-0.0", 0 },
        { "0e999999999999999999999", 0 },
        { "1", 1000000000 },
        { "1.5e-06", 1500 },
        { "0.000000001", 1 },
        { "0.0000000005", 0 },
        { "0.0000000015", 2 },
        { "0.0000000025", 2 },
        { "0.00000000250000000000000000000000000000000001", 3 },
        { "0.0000000024999999999999999999999999999999999999999999999", 2 },
        { "5e-10", 0 },
        { "15E-10", 2 },
        { "5.000001e-10", 1 },
        { "0.04e-8", 0 },
        { "6e-10", 1 },
        { "9e-11", 0 },
        { "1e-400", 0 },
        { "1e-99999999999999999999", 0 },
        { "0.0005096890599999999", 509689 },
        { "8.810002327663824e-07", 881 },
        { "123456.789012345678", INT64_C(123456789012346) },
        { "0.00000012e+3", 120000 },
        { "9223372036.854775807", INT64_MAX },
        { "9223372036.8547758074999", INT64_MAX },
        { "0.000000000000000000009223372036854775807e30", INT64_MAX },
    };
    static const char *const refused[] = {
        "-1",
        "-1e-30",
        "9223372036.854775808",
        "9223372036.8547758075",
        "1e10",
        "1e999999999999999999999",
        "99999999999999999999999",
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        int64_t ns = -1;

        assert_true(tm_bench_ns(tm_str(rows[i].seconds), &ns));
        if (ns != rows[i].ns)
            fail_msg("%s: %jd", rows[i].seconds, (intmax_t)ns);
    }
    for (size_t i = 0; i < TM_LEN(refused); i++) {
        int64_t ns = -1;

        assert_false(tm_bench_ns(tm_str(refused[i]), &ns));
        assert_int_equal(ns, -1);
    }
}

static void read_data(const char *file, struct tm_bench_report *report)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;

    tm_buf_addf(&path, "%s/bench/%s", TM_TEST_DATA, file);
    assert_ok(&err, tm_file_read(path.data, TM_BENCH_REPORT_MAX, &data, &err));
    assert_ok(&err, tm_bench_report_read(report, NULL, path.data, tm_buf_str(&data), &err));
}

static void add_latency(struct tm_buf *out, struct tm_latency latency)
{
    if (latency.known)
        tm_buf_addf(out, " %jd", (intmax_t)latency.ns);
    else
        tm_buf_adds(out, " n/a");
}

/* "name samples p50 p95 p99 mean min max" of each, and which is the slowest. */
static void assert_report(const struct tm_bench_report *report, const char *const *expected, size_t n,
                          size_t slowest)
{
    struct tm_bench_stats stats[8];

    assert_int_equal(report->n_results, n);
    for (size_t i = 0; i < n; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;

        tm_bench_stats(&report->results[i], &stats[i]);
        tm_buf_addf(&line, "%s %ju", report->results[i].name.data, (uintmax_t)stats[i].samples);
        add_latency(&line, stats[i].p50);
        add_latency(&line, stats[i].p95);
        add_latency(&line, stats[i].p99);
        add_latency(&line, stats[i].mean);
        add_latency(&line, stats[i].min);
        add_latency(&line, stats[i].max);
        tm_buf_adds(&line, report->results[i].failed ? " failed" : "");
        assert_string_equal(line.data, expected[i]);
    }
    assert_int_equal(tm_bench_slowest(report->results, stats, n), slowest);
}

static void real_reports_give_the_figures_of_another_tool(void **state)
{
    /* tests/data/bench/expected.py, but for percentiles of too few samples. */
    static const char *const pytest[] = {
        "test_sorting.py::test_sorted[10-120] 120 396 456 903 409 345 1016",
        "test_sorting.py::test_sorted[1000-30] 30 26935 36878 n/a 28892 26780 59524",
        "test_sorting.py::test_sorted[20000-5] 5 898790 n/a n/a 1417060 829462 3101432",
        "test_sorting.py::test_reversed_text 25 250 701 n/a 299 200 901",
    };
    static const char *const hyperfine[] = {
        "true 25 3983828 4180732 n/a 3868833 958173 4265796",
        "sleep 0.001 25 3952872 4807929 n/a 3954179 2088792 7756571",
    };
    struct tm_bench_report TM_CLEANUP(tm_bench_report_release) a = TM_BENCH_REPORT_INIT;
    struct tm_bench_report TM_CLEANUP(tm_bench_report_release) b = TM_BENCH_REPORT_INIT;

    read_data("pytest-benchmark.json", &a);
    assert_report(&a, pytest, TM_LEN(pytest), 1);
    read_data("hyperfine.json", &b);
    assert_report(&b, hyperfine, TM_LEN(hyperfine), 1);
}

static void a_report_without_samples_has_no_percentiles(void **state)
{
    /* min, mean and max of the file, rounded by hand. */
    static const char *const expected[] = {
        "test_sorting.py::test_sorted[10-120] 0 n/a n/a n/a 410 310 1117",
        "test_sorting.py::test_reversed_text 0 n/a n/a n/a 178 120 651",
    };
    struct tm_bench_report TM_CLEANUP(tm_bench_report_release) report = TM_BENCH_REPORT_INIT;

    read_data("pytest-benchmark-summary.json", &report);
    assert_report(&report, expected, TM_LEN(expected), SIZE_MAX);
}

static void a_command_that_failed_has_no_figures(void **state)
{
    struct tm_bench_report TM_CLEANUP(tm_bench_report_release) report = TM_BENCH_REPORT_INIT;

    read_data("hyperfine-failed.json", &report);
    assert_int_equal(report.n_results, 3);
    for (size_t i = 0; i < 3; i++) {
        struct tm_bench_stats stats;

        tm_bench_stats(&report.results[i], &stats);
        assert_int_equal(report.results[i].failed, i > 0);
        assert_int_equal(stats.samples, i > 0 ? 0 : 3);
        assert_int_equal(stats.mean.known, i == 0);
    }
}

static void small_reports_are_read(void **state)
{
    static const struct {
        const char *text;
        size_t n;
    } rows[] = {
        { "{\"results\":[]}", 0 },
        { "{\"x\":{\"results\":[1]},\"benchmarks\":[]}", 0 },
        { "{\"results\":[{\"times\":[1],\"command\":\"a\",\"y\":[{}]}],\"z\":null}", 1 },
        { "{\"results\":[{\"times\":null,\"exit_codes\":null,\"min\":1,\"max\":1,\"mean\":1,\"command\":"
          "\"a\"}]}",
          1 },
        { "{\"results\":[{\"times\":[],\"exit_codes\":[null],\"command\":\"a\"}]}", 1 },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_bench_report TM_CLEANUP(tm_bench_report_release) report = TM_BENCH_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, tm_bench_report_read(&report, NULL, "x.json", tm_str(rows[i].text), &err));
        assert_int_equal(report.n_results, rows[i].n);
    }
}

static void formats_are_found_by_name_and_content(void **state)
{
    assert_ptr_equal(tm_bench_format_find(TM_STR("hyperfine")), &tm_bench_hyperfine);
    assert_ptr_equal(tm_bench_format_find(TM_STR("pytest-benchmark")), &tm_bench_pytest);
    assert_null(tm_bench_format_find(TM_STR("pytest")));
    assert_ptr_equal(tm_bench_format_detect(TM_STR("{\"a\":[{}],\"results\":[")), &tm_bench_hyperfine);
    assert_ptr_equal(tm_bench_format_detect(TM_STR("{\"bench\\u006darks\":1}")), &tm_bench_pytest);
    assert_null(tm_bench_format_detect(TM_STR("[\"results\"]")));
    assert_null(tm_bench_format_detect(TM_STR("{\"a\":{\"results\":[]}}")));
    assert_null(tm_bench_format_detect(TM_STR("TN:\nSF:a.c\n")));
    assert_null(tm_bench_format_detect(TM_STR("")));
}

#define H(members) "{\"results\":[{" members "}]}"

static void what_is_wrong_is_said_with_its_place(void **state)
{
    static const struct {
        const struct tm_bench_format *format;
        const char *text, *message;
    } rows[] = {
        { NULL, "{\"x\":1}",
          "'x.json' is no benchmark report of a known format (hyperfine, pytest-benchmark)" },
        { NULL, "", "'x.json' is no benchmark report of a known format (hyperfine, pytest-benchmark)" },
        { &tm_bench_pytest, "[]", "a report that is no object at line 1, column 1 of 'x.json'" },
        { &tm_bench_pytest, "{\"results\":[]}", "no 'benchmarks' in 'x.json'" },
        { NULL, "{\"benchmarks\":{}}", "'benchmarks' is no array at line 1, column 15 of 'x.json'" },
        { NULL, "{\"benchmarks\":[1]}", "'benchmark' is no object at line 1, column 16 of 'x.json'" },
        { NULL, "{\"benchmarks\":[],\n\"benchmarks\":[]}",
          "'benchmarks' for the second time at line 2, column 1 of 'x.json'" },
        { NULL, "{\"benchmarks\":[{\"fullname\":\"a\",\"stats\":[]}]}",
          "'stats' is no object at line 1, column 40 of 'x.json'" },
        { NULL, "{\"benchmarks\":[{\"fullname\":1}]}",
          "a benchmark's name that is no text at line 1, column 28 of 'x.json'" },
        { NULL, H("\"times\":[1]"), "a benchmark without a name at line 1, column 13 of 'x.json'" },
        { NULL, H("\"command\":\"\",\"times\":[1]"),
          "a benchmark with an empty name at line 1, column 13 of 'x.json'" },
        { NULL, H("\"command\":\"a\""),
          "benchmark 'a' has neither times nor min, max and mean at line 1, column 13 of 'x.json'" },
        { NULL, H("\"command\":\"a\",\"times\":[],\"min\":1,\"mean\":1"),
          "benchmark 'a' has neither times nor min, max and mean at line 1, column 13 of 'x.json'" },
        { NULL, H("\"command\":\"a\",\"min\":1,\"mean\":3,\"max\":2"),
          "the mean of benchmark 'a' is not between its min and max at line 1, column 13 of 'x.json'" },
        { NULL, H("\"command\":\"a\",\"times\":[1,\"2\"]"),
          "a time that is no number at line 1, column 39 of 'x.json'" },
        { NULL, H("\"command\":\"a\",\"times\":[-1]"),
          "a time that is negative or longer than 9223372036 seconds at line 1, column 37 of 'x.json'" },
        { NULL, H("\"command\":\"a\",\"exit_codes\":[\"0\"]"),
          "an exit status that is no number at line 1, column 42 of 'x.json'" },
        { NULL, H("\"command\":\"a\",\"times\":[1]},{\"command\":\"a\",\"times\":[1]"),
          "a second benchmark 'a' at line 1, column 41 of 'x.json'" },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_bench_report TM_CLEANUP(tm_bench_report_release) report = TM_BENCH_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_fails(&err, TM_E_FORMAT,
                     tm_bench_report_read(&report, rows[i].format, "x.json", tm_str(rows[i].text), &err));
        assert_string_equal(err.msg, rows[i].message);
        assert_int_equal(report.n_results, 0);
    }
}

static void a_report_that_breaks_off_counts_for_nothing(void **state)
{
    static const char text[] =
        "{\"results\":[{\"command\":\"a\",\"times\":[1]},{\"command\":\"b\",\"times\":[1]}]}";

    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        struct tm_bench_report TM_CLEANUP(tm_bench_report_release) report = TM_BENCH_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_fails(&err, TM_E_FORMAT,
                     tm_bench_report_read(&report, &tm_bench_hyperfine, "x.json", tm_str_n(text, len), &err));
        assert_int_equal(report.n_results, 0);
    }
}

/* A hyperfine report of n results, the i-th with `times` copies of a time. */
static enum tm_code read_many(size_t n, size_t times, size_t name_len, struct tm_err *err)
{
    struct tm_bench_report TM_CLEANUP(tm_bench_report_release) report = TM_BENCH_REPORT_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_buf_adds(&text, "{\"results\":[");
    for (size_t i = 0; i < n; i++) {
        tm_buf_addf(&text, "%s{\"command\":\"%0*zu\",\"times\":[0", i ? "," : "", (int)name_len, i);
        for (size_t k = 1; k < times; k++)
            tm_buf_adds(&text, ",0");
        tm_buf_adds(&text, "]}");
    }
    tm_buf_adds(&text, "]}");
    return tm_bench_report_read(&report, NULL, "x.json", tm_buf_str(&text), err);
}

static void limits_hold_at_the_limit_and_one_past_it(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_bench_report TM_CLEANUP(tm_bench_report_release) report = TM_BENCH_REPORT_INIT;

    assert_ok(&err, read_many(TM_BENCH_RESULTS_MAX, 1, 1, &err));
    assert_fails(&err, TM_E_LIMIT, read_many(TM_BENCH_RESULTS_MAX + 1, 1, 1, &err));
    assert_ok(&err, read_many(1, 1, TM_BENCH_NAME_MAX, &err));
    assert_fails(&err, TM_E_LIMIT, read_many(1, 1, TM_BENCH_NAME_MAX + 1, &err));
    assert_ok(&err, read_many(2, TM_BENCH_SAMPLES_MAX / 2, 1, &err));
    assert_fails(&err, TM_E_LIMIT, read_many(2, TM_BENCH_SAMPLES_MAX / 2 + 1, 1, &err));
    assert_fails(&err, TM_E_LIMIT,
                 tm_bench_report_read(&report, NULL, "x.json", tm_str_n("", TM_BENCH_REPORT_MAX + 1), &err));
}

TM_TESTS(cmocka_unit_test(seconds_become_nanoseconds_exactly),
         cmocka_unit_test(real_reports_give_the_figures_of_another_tool),
         cmocka_unit_test(a_report_without_samples_has_no_percentiles),
         cmocka_unit_test(a_command_that_failed_has_no_figures), cmocka_unit_test(small_reports_are_read),
         cmocka_unit_test(formats_are_found_by_name_and_content),
         cmocka_unit_test(what_is_wrong_is_said_with_its_place),
         cmocka_unit_test(a_report_that_breaks_off_counts_for_nothing),
         cmocka_unit_test(limits_hold_at_the_limit_and_one_past_it))
