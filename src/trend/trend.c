#include "trend/trend.h"

/* What the next row of a module is compared with. */
struct last_row {
    struct tm_ratio coverage; /* den 0 before the first row */
    struct tm_latency p95;
    struct tm_str env; /* "" when not known; owned by the trend's arena */
};

void tm_csv_add(struct tm_buf *out, struct tm_str field)
{
    bool quoted = false;

    for (size_t i = 0; i < field.len && !quoted; i++)
        quoted = strchr(",\"\r\n", field.data[i]) && field.data[i];
    if (!quoted) {
        tm_buf_add_str(out, field);
        return;
    }
    tm_buf_addc(out, '"');
    for (size_t i = 0; i < field.len; i++) {
        if (field.data[i] == '"')
            tm_buf_addc(out, '"');
        tm_buf_addc(out, field.data[i]);
    }
    tm_buf_addc(out, '"');
}

/* The last row of the entry's module, made empty when this is its first. */
static struct last_row *last_of(struct tm_trend *trend, struct tm_str module)
{
    struct last_row *row = tm_map_get(&trend->modules, module);

    if (row)
        return row;
    row = tm_arena_alloc(&trend->arena, sizeof(*row));
    *tm_map_at(&trend->modules, tm_arena_str(&trend->arena, module), NULL) = row;
    trend->counts.modules++;
    return row;
}

static void begin_row(struct tm_trend *trend, const struct tm_ledger_entry *entry)
{
    if (trend->has_date && trend->date_s == entry->ts_s) {
        tm_buf_add(trend->csv, trend->date, TM_STAMP_LEN);
    } else {
        tm_clock_add_stamp(trend->csv, entry->ts_s);
        memcpy(trend->date, trend->csv->data + trend->csv->len - TM_STAMP_LEN, TM_STAMP_LEN);
        trend->date_s = entry->ts_s;
        trend->has_date = true;
    }
    tm_buf_addc(trend->csv, ',');
    tm_csv_add(trend->csv, entry->module);
    tm_buf_addc(trend->csv, ',');
    trend->counts.rows++;
}

static enum tm_code coverage_row(struct tm_trend *trend, const struct tm_ledger_entry *entry,
                                 struct tm_err *err)
{
    struct tm_coverage_observation obs;
    struct last_row *last;
    struct tm_ratio now;
    enum tm_code code = tm_coverage_read(entry, &trend->scratch, &obs, err);

    if (code || !tm_coverage_ratio(&obs, &now))
        return code;
    last = last_of(trend, entry->module);
    begin_row(trend, entry);
    tm_ratio_add_percent(trend->csv, now);
    tm_buf_addc(trend->csv, ',');
    if (tm_ratio_has_data(last->coverage))
        tm_ratio_add_points(trend->csv, last->coverage, now);
    tm_buf_addc(trend->csv, '\n');
    last->coverage = now;
    return TM_OK;
}

static void add_latency(struct tm_trend *trend, struct tm_latency latency)
{
    if (latency.known)
        tm_clock_add_ms(trend->csv, latency.ns);
    tm_buf_addc(trend->csv, ',');
}

static enum tm_code bench_row(struct tm_trend *trend, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct tm_bench_observation obs;
    struct last_row *last;
    enum tm_code code = tm_bench_read(entry, &trend->scratch, &obs, err);

    if (code || obs.from.evidence != TM_MEASURED || !obs.slowest)
        return code;
    last = last_of(trend, entry->module);
    begin_row(trend, entry);
    add_latency(trend, obs.p50);
    add_latency(trend, obs.p95);
    add_latency(trend, obs.p99);
    if (obs.p95.known && last->p95.known && obs.env.len && tm_str_eq(obs.env, last->env))
        tm_clock_add_ms(trend->csv, obs.p95.ns - last->p95.ns);
    tm_buf_addc(trend->csv, ',');
    tm_csv_add(trend->csv, obs.env);
    tm_buf_addc(trend->csv, '\n');
    last->p95 = obs.p95;
    if (!tm_str_eq(obs.env, last->env))
        last->env = tm_arena_str(&trend->arena, obs.env);
    return TM_OK;
}

const struct tm_trend_file tm_trend_coverage = {
    "coverage_trend.csv", "coverage",   "coverage.ndjson", "date,module,coverage_pct,delta_from_previous\n",
    TM_LEDGER_COVERAGE,   coverage_row,
};

const struct tm_trend_file tm_trend_bench = {
    "bench_trend.csv", "benchmark",
    "bench.ndjson",    "date,module,p50_ms,p95_ms,p99_ms,delta_p95,env_fingerprint\n",
    TM_LEDGER_BENCH,   bench_row,
};

struct computing {
    const struct tm_trend_file *file;
    struct tm_str path; /* of the ledger */
    struct tm_trend trend;
};

static void computing_release(struct computing *c)
{
    tm_arena_release(&c->trend.arena);
    tm_arena_release(&c->trend.scratch);
    tm_map_release(&c->trend.modules);
}

static enum tm_code visit(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct computing *c = ctx;
    enum tm_code code;

    if (!entry->adopted && !tm_str_is(entry->kind, tm_ledger_kind_name(c->file->kind)))
        return TM_OK;
    tm_arena_release(&c->trend.scratch);
    code = c->file->row(&c->trend, entry, err);
    if (code && entry->adopted) {
        c->trend.counts.unread++;
        if (err)
            tm_err_release(err);
        return TM_OK;
    }
    return code ? tm_err_wrap(err, "'%.*s'", TM_STR_ARG(c->path)) : TM_OK;
}

enum tm_code tm_trend_compute(const struct tm_trend_file *file, const struct tm_repo *repo,
                              struct tm_buf *csv, struct tm_trend_counts *counts, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct computing TM_CLEANUP(computing_release) c = { .file = file, .trend = { .csv = csv } };
    struct tm_ledger_file ledger;
    enum tm_code code;

    tm_repo_ledger(repo, file->ledger, &path);
    c.path = tm_buf_str(&path);
    ledger = tm_ledger_in(repo, c.path);
    tm_buf_clear(csv);
    tm_buf_adds(csv, file->header);
    code = tm_ledger_scan(&ledger, visit, &c, err);
    if (!code)
        *counts = c.trend.counts;
    return code;
}

enum tm_code tm_trend_put(const struct tm_trend_file *file, const struct tm_repo *repo, struct tm_str csv,
                          bool *changed, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    tm_repo_trend(repo, file->name, &path);
    return tm_root_replace(&repo->root, tm_buf_str(&path), csv, changed, err);
}

enum tm_code tm_trend_compare(const struct tm_trend_file *file, const struct tm_repo *repo, struct tm_str csv,
                              bool *stale, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    bool same;
    enum tm_code code;

    tm_repo_trend(repo, file->name, &path);
    code = tm_root_holds(&repo->root, tm_buf_str(&path), csv, &same, err);
    if (!code)
        *stale = !same;
    return code;
}

enum tm_code tm_trend_write(const struct tm_trend_file *file, const struct tm_repo *repo, size_t *rows,
                            bool *changed, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) csv = TM_BUF_INIT;
    struct tm_trend_counts counts;
    enum tm_code code = tm_trend_compute(file, repo, &csv, &counts, err);

    if (!code)
        code = tm_trend_put(file, repo, tm_buf_str(&csv), changed, err);
    if (!code && rows)
        *rows = counts.rows;
    return code;
}

enum tm_code tm_trend_check(const struct tm_trend_file *file, const struct tm_repo *repo, bool *stale,
                            size_t *rows, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) csv = TM_BUF_INIT;
    struct tm_trend_counts counts;
    enum tm_code code = tm_trend_compute(file, repo, &csv, &counts, err);

    if (!code)
        code = tm_trend_compare(file, repo, tm_buf_str(&csv), stale, err);
    if (!code && rows)
        *rows = counts.rows;
    return code;
}
