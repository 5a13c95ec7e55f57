#include "bench/reading.h"

#include "base/alloc.h"

enum { MEMBERS_MAX = 32 }; /* bits of `seen` */

static enum tm_code fail_here(const struct tm_bench_reading *reading, struct tm_err *err, const char *problem,
                              const char *subject)
{
    return tm_json_fail(&reading->json, reading->json.token_at, err, "'%s' %s", subject, problem);
}

/* One member of an object: its value by the row that has its key. */
static enum tm_code read_member(struct tm_bench_reading *reading, const struct tm_bench_member *rows,
                                uint32_t *seen, struct tm_err *err)
{
    const struct tm_bench_member *row = rows;
    enum tm_json_token token;
    enum tm_code code;

    while (row->key && !tm_json_is(&reading->json, row->key))
        row++;
    if (row->key) {
        uint32_t bit = UINT32_C(1) << (row - rows);

        assert(row - rows < MEMBERS_MAX);
        if (*seen & bit)
            return fail_here(reading, err, "for the second time", row->key);
        *seen |= bit;
    }
    code = tm_json_next(&reading->json, &token, err);
    if (code)
        return code;
    return row->key ? row->read(reading, err) : tm_json_skip(&reading->json, err);
}

enum tm_code tm_bench_object(struct tm_bench_reading *reading, const char *what,
                             const struct tm_bench_member *rows, struct tm_err *err)
{
    enum tm_json_token token = reading->json.token;
    uint32_t seen = 0;
    enum tm_code code = TM_OK;

    if (token != TM_JSON_OBJECT_BEGIN)
        return fail_here(reading, err, "is no object", what);
    while (!code) {
        code = tm_json_next(&reading->json, &token, err);
        if (code || token == TM_JSON_OBJECT_END)
            break;
        code = read_member(reading, rows, &seen, err);
    }
    return code;
}

enum tm_code tm_bench_array(struct tm_bench_reading *reading, const char *what, tm_bench_reader *each,
                            struct tm_err *err)
{
    enum tm_json_token token = reading->json.token;
    enum tm_code code = TM_OK;

    if (token != TM_JSON_ARRAY_BEGIN)
        return fail_here(reading, err, "is no array", what);
    while (!code) {
        code = tm_json_next(&reading->json, &token, err);
        if (code || token == TM_JSON_ARRAY_END)
            break;
        code = each(reading, err);
    }
    return code;
}

enum tm_code tm_bench_read_name(struct tm_bench_reading *reading, struct tm_err *err)
{
    if (reading->json.token != TM_JSON_STRING)
        return tm_json_fail(&reading->json, reading->json.token_at, err,
                            "a benchmark's name that is no text");
    tm_json_string(&reading->json, &reading->name);
    reading->has_name = true;
    return TM_OK;
}

static enum tm_code read_seconds(struct tm_bench_reading *reading, int64_t *ns, struct tm_err *err)
{
    const struct tm_json_reader *json = &reading->json;

    if (json->token != TM_JSON_NUMBER)
        return tm_json_fail(json, json->token_at, err, "a time that is no number");
    if (!tm_bench_ns(tm_json_raw(json), ns))
        return tm_json_fail(json, json->token_at, err,
                            "a time that is negative or longer than 9223372036 seconds");
    return TM_OK;
}

static enum tm_code read_sample(struct tm_bench_reading *reading, struct tm_err *err)
{
    int64_t ns = 0;
    enum tm_code code = read_seconds(reading, &ns, err);

    if (code)
        return code;
    if (reading->n_samples == TM_BENCH_SAMPLES_MAX - reading->report->n_samples)
        return tm_err_set(err, TM_E_LIMIT, "more than %d samples in '%s'", TM_BENCH_SAMPLES_MAX,
                          reading->json.name);
    TM_GROW(reading->samples, reading->n_samples, reading->cap_samples);
    reading->samples[reading->n_samples++] = ns;
    return TM_OK;
}

enum tm_code tm_bench_read_times(struct tm_bench_reading *reading, struct tm_err *err)
{
    if (reading->json.token == TM_JSON_NULL)
        return TM_OK;
    return tm_bench_array(reading, "times", read_sample, err);
}

static enum tm_code read_summary(struct tm_bench_reading *reading, int64_t *ns, bool *has, struct tm_err *err)
{
    enum tm_code code;

    if (reading->json.token == TM_JSON_NULL)
        return TM_OK;
    code = read_seconds(reading, ns, err);
    *has = !code;
    return code;
}

enum tm_code tm_bench_read_min(struct tm_bench_reading *reading, struct tm_err *err)
{
    return read_summary(reading, &reading->min_ns, &reading->has_min, err);
}

enum tm_code tm_bench_read_max(struct tm_bench_reading *reading, struct tm_err *err)
{
    return read_summary(reading, &reading->max_ns, &reading->has_max, err);
}

enum tm_code tm_bench_read_mean(struct tm_bench_reading *reading, struct tm_err *err)
{
    return read_summary(reading, &reading->mean_ns, &reading->has_mean, err);
}

void tm_bench_begin(struct tm_bench_reading *reading)
{
    tm_buf_clear(&reading->name);
    free(reading->samples);
    reading->samples = NULL;
    reading->n_samples = reading->cap_samples = 0;
    reading->has_name = reading->has_min = reading->has_max = reading->has_mean = reading->failed = false;
    reading->at = reading->json.token_at;
}

static enum tm_code check_benchmark(const struct tm_bench_reading *reading, struct tm_err *err)
{
    const struct tm_json_reader *json = &reading->json;

    if (!reading->has_name)
        return tm_json_fail(json, reading->at, err, "a benchmark without a name");
    if (reading->failed || reading->n_samples)
        return TM_OK;
    if (!reading->has_min || !reading->has_max || !reading->has_mean)
        return tm_json_fail(json, reading->at, err, "benchmark '%s' has neither times nor min, max and mean",
                            reading->name.data);
    if (reading->min_ns > reading->mean_ns || reading->mean_ns > reading->max_ns)
        return tm_json_fail(json, reading->at, err,
                            "the mean of benchmark '%s' is not between its min and max", reading->name.data);
    return TM_OK;
}

enum tm_code tm_bench_finish(struct tm_bench_reading *reading, struct tm_err *err)
{
    struct tm_bench_result result = { .name = tm_buf_str(&reading->name), .failed = reading->failed };
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    enum tm_code code = check_benchmark(reading, err);

    if (code)
        return code;
    if (!reading->failed && reading->n_samples) {
        result.samples = reading->samples;
        result.n_samples = reading->n_samples;
        reading->samples = NULL;
    } else if (!reading->failed) {
        result.has_summary = true;
        result.min_ns = reading->min_ns;
        result.max_ns = reading->max_ns;
        result.mean_ns = reading->mean_ns;
    }
    code = tm_bench_report_add(reading->report, &result, &lower);
    if (!code)
        return TM_OK;
    tm_json_fail(&reading->json, reading->at, err, "%s", tm_err_msg(&lower));
    if (err)
        err->code = code; /* a limit, not the format */
    return code;
}

enum tm_code tm_bench_document(struct tm_bench_report *report, const char *name, struct tm_str data,
                               const struct tm_bench_member *rows, struct tm_err *err)
{
    struct tm_bench_reading reading = { .report = report, .name = TM_BUF_INIT };
    enum tm_json_token token;
    enum tm_code code;

    tm_json_reader_init(&reading.json, name, data);
    code = tm_json_next(&reading.json, &token, err);
    if (!code && token != TM_JSON_OBJECT_BEGIN)
        code = tm_json_fail(&reading.json, reading.json.token_at, err, "a report that is no object");
    if (!code)
        code = tm_bench_object(&reading, "report", rows, err);
    if (!code)
        code = tm_json_next(&reading.json, &token, err); /* nothing may follow */
    if (!code && !reading.has_list)
        code = tm_err_set(err, TM_E_FORMAT, "no '%s' in '%s'", rows[0].key, name);
    free(reading.samples);
    tm_buf_release(&reading.name);
    return code;
}
