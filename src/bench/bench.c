#include "bench/bench.h"

#include "base/alloc.h"
#include "base/json.h"

const struct tm_bench_format *const tm_bench_formats[] = { &tm_bench_hyperfine, &tm_bench_pytest, NULL };

const struct tm_bench_format *tm_bench_format_find(struct tm_str name)
{
    for (size_t i = 0; tm_bench_formats[i]; i++)
        if (tm_str_is(name, tm_bench_formats[i]->name))
            return tm_bench_formats[i];
    return NULL;
}

static const struct tm_bench_format *format_of_member(const struct tm_json_reader *json)
{
    for (size_t i = 0; tm_bench_formats[i]; i++)
        if (tm_json_is(json, tm_bench_formats[i]->member))
            return tm_bench_formats[i];
    return NULL;
}

const struct tm_bench_format *tm_bench_format_detect(struct tm_str data)
{
    const struct tm_bench_format *format = NULL;
    struct tm_json_reader json;
    enum tm_json_token token;

    /* What is wrong with the JSON is said by who reads it. */
    tm_json_reader_init(&json, "", data);
    if (tm_json_next(&json, &token, NULL) || token != TM_JSON_OBJECT_BEGIN)
        return NULL;
    while (!format && tm_json_next(&json, &token, NULL) == TM_OK && token == TM_JSON_KEY) {
        format = format_of_member(&json);
        if (tm_json_next(&json, &token, NULL) || tm_json_skip(&json, NULL))
            break;
    }
    return format;
}

static enum tm_code fail_unknown(const char *name, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) names = TM_BUF_INIT;

    for (size_t i = 0; tm_bench_formats[i]; i++)
        tm_buf_addf(&names, "%s%s", i ? ", " : "", tm_bench_formats[i]->name);
    return tm_err_set(err, TM_E_FORMAT, "'%s' is no benchmark report of a known format (%s)", name,
                      names.data);
}

enum tm_code tm_bench_report_read(struct tm_bench_report *report, const struct tm_bench_format *format,
                                  const char *name, struct tm_str data, struct tm_err *err)
{
    enum tm_code code;

    if (data.len > TM_BENCH_REPORT_MAX)
        return tm_err_set(err, TM_E_LIMIT, "'%s' is larger than %ju bytes", name,
                          (uintmax_t)TM_BENCH_REPORT_MAX);
    if (!format)
        format = tm_bench_format_detect(data);
    if (!format)
        return fail_unknown(name, err);
    code = format->read(report, name, data, err);
    if (code)
        tm_bench_report_release(report);
    return code;
}

void tm_bench_report_release(struct tm_bench_report *report)
{
    for (size_t i = 0; i < report->n_results; i++)
        free(report->results[i].samples);
    free(report->results);
    tm_map_release(&report->names);
    tm_arena_release(&report->arena);
    *report = TM_BENCH_REPORT_INIT;
}

static enum tm_code check_result(const struct tm_bench_report *report, const struct tm_bench_result *result,
                                 struct tm_err *err)
{
    if (result->name.len == 0)
        return tm_err_set(err, TM_E_FORMAT, "a benchmark with an empty name");
    if (result->name.len > TM_BENCH_NAME_MAX)
        return tm_err_set(err, TM_E_LIMIT, "a benchmark whose name is longer than %d bytes",
                          TM_BENCH_NAME_MAX);
    if (tm_map_has(&report->names, result->name))
        return tm_err_set(err, TM_E_FORMAT, "a second benchmark '%.*s'", TM_STR_ARG(result->name));
    if (report->n_results == TM_BENCH_RESULTS_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d benchmarks", TM_BENCH_RESULTS_MAX);
    if (result->n_samples > TM_BENCH_SAMPLES_MAX - report->n_samples)
        return tm_err_set(err, TM_E_LIMIT, "more than %d samples", TM_BENCH_SAMPLES_MAX);
    return TM_OK;
}

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

enum tm_code tm_bench_report_add(struct tm_bench_report *report, const struct tm_bench_result *result,
                                 struct tm_err *err)
{
    enum tm_code code = check_result(report, result, err);
    struct tm_bench_result *added;

    if (code) {
        free(result->samples);
        return code;
    }
    TM_GROW(report->results, report->n_results, report->cap_results);
    added = &report->results[report->n_results++];
    *added = *result;
    added->name = tm_arena_str(&report->arena, result->name);
    if (added->n_samples)
        qsort(added->samples, added->n_samples, sizeof(*added->samples), by_value);
    report->n_samples += added->n_samples;
    tm_map_at(&report->names, added->name, NULL);
    return TM_OK;
}
