#include "bench/reading.h"

/* docs/formats/bench.md, "hyperfine". */

/* null: ended by a signal. */
static enum tm_code read_exit_code(struct tm_bench_reading *reading, struct tm_err *err)
{
    const struct tm_json_reader *json = &reading->json;

    if (json->token != TM_JSON_NUMBER && json->token != TM_JSON_NULL)
        return tm_json_fail(json, json->token_at, err, "an exit status that is no number");
    reading->failed |= !tm_str_is(tm_json_raw(json), "0");
    return TM_OK;
}

static enum tm_code read_exit_codes(struct tm_bench_reading *reading, struct tm_err *err)
{
    if (reading->json.token == TM_JSON_NULL)
        return TM_OK;
    return tm_bench_array(reading, "exit_codes", read_exit_code, err);
}

static const struct tm_bench_member result_rows[] = {
    { "command", tm_bench_read_name },
    { "exit_codes", read_exit_codes },
    { "max", tm_bench_read_max },
    { "mean", tm_bench_read_mean },
    { "min", tm_bench_read_min },
    { "times", tm_bench_read_times },
    { 0 },
};

static enum tm_code read_result(struct tm_bench_reading *reading, struct tm_err *err)
{
    enum tm_code code;

    tm_bench_begin(reading);
    code = tm_bench_object(reading, "result", result_rows, err);
    return code ? code : tm_bench_finish(reading, err);
}

static enum tm_code read_results(struct tm_bench_reading *reading, struct tm_err *err)
{
    reading->has_list = true;
    return tm_bench_array(reading, "results", read_result, err);
}

static const struct tm_bench_member report_rows[] = {
    { "results", read_results },
    { 0 },
};

static enum tm_code read_report(struct tm_bench_report *report, const char *name, struct tm_str data,
                                struct tm_err *err)
{
    return tm_bench_document(report, name, data, report_rows, err);
}

const struct tm_bench_format tm_bench_hyperfine = {
    .name = "hyperfine",
    .summary = "JSON of hyperfine --export-json",
    .member = "results",
    .read = read_report,
};
