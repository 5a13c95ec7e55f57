#include "ledger/adopted.h"

#include "base/clock.h"
#include "base/json_doc.h"

bool tm_adopted_is_blank(struct tm_str line)
{
    return tm_str_trim(line).len == 0;
}

/* The first member of those names; NULL when there is none. */
static const struct tm_json_node *first_of(const struct tm_json_node *object, const char *const *names)
{
    const struct tm_json_node *node = NULL;

    for (; *names && !node; names++)
        node = tm_json_get(object, *names);
    return node;
}

static int64_t time_of(const struct tm_json_node *object)
{
    static const char *const names[] = { "ts", "timestamp", "date", NULL };
    struct tm_str text;
    int64_t time_s;

    if (!tm_json_node_str(first_of(object, names), &text) || !tm_clock_parse(text, &time_s))
        return -1;
    return TM_MAX(time_s, (int64_t)-1);
}

bool tm_adopted_parse(struct tm_str line, struct tm_arena *arena, struct tm_ledger_entry *entry)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_str module = TM_STR("");

    if (line.len > TM_LEDGER_LINE_MAX || tm_json_doc_parse(&doc, "line", line, NULL))
        return false;
    if (doc.root->kind != TM_JSON_KIND_OBJECT || tm_json_get(doc.root, "v"))
        return false;
    if (tm_json_node_str(tm_json_get(doc.root, "module"), &module))
        module = tm_arena_str(arena, module);
    *entry = (struct tm_ledger_entry) {
        .adopted = true,
        .text = line,
        .ts_s = time_of(doc.root),
        .module = module,
        .body = tm_str_trim(line),
    };
    return true;
}

bool tm_adopted_has_version(struct tm_str line)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;

    return !tm_json_doc_parse(&doc, "line", line, NULL) && tm_json_get(doc.root, "v");
}

static enum tm_code not_understood(const struct tm_ledger_entry *entry, const char *what, struct tm_err *err)
{
    return tm_err_set(err, TM_E_FORMAT, "adopted line %zu is not understood: %s", entry->line, what);
}

static enum tm_code parse_again(const struct tm_ledger_entry *entry, struct tm_json_doc *doc,
                                struct tm_err *err)
{
    if (entry->module.len == 0)
        return not_understood(entry, "no 'module'", err);
    if (entry->ts_s < 0)
        return not_understood(entry, "no 'ts', 'timestamp' or 'date' with a time", err);
    return tm_json_doc_parse(doc, "adopted line", entry->body, err);
}

/* percent / 100, exact but for decimals that 64 bits cannot hold. */
static bool part_of_one(struct tm_ratio percent, struct tm_ratio *out)
{
    uint64_t den;

    while (__builtin_mul_overflow(percent.den, (uint64_t)100, &den)) {
        percent.num /= 10;
        percent.den /= 10;
    }
    if (percent.num > den)
        return false;
    *out = (struct tm_ratio) { percent.num, den };
    return true;
}

static bool number_of(const struct tm_json_node *node, struct tm_ratio *out)
{
    return node && node->kind == TM_JSON_KIND_NUMBER && tm_ratio_parse(node->text, out);
}

enum tm_code tm_adopted_coverage(const struct tm_ledger_entry *entry, struct tm_coverage_observation *obs,
                                 struct tm_err *err)
{
    static const char *const names[] = { "coverage", "coverage_pct", "coverage_observed", NULL };
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    enum tm_code code = parse_again(entry, &doc, err);
    struct tm_ratio percent;

    if (code)
        return code;
    if (!number_of(first_of(doc.root, names), &percent) || !part_of_one(percent, &percent))
        return not_understood(entry, "no coverage from 0 to 100", err);
    *obs = (struct tm_coverage_observation) {
        .from = { .evidence = TM_MEASURED, .exit_status = -1, .duration_ns = -1 },
        .is_percent = true,
        .percent = percent,
    };
    return TM_OK;
}

static struct tm_latency latency_of(const struct tm_json_node *ms)
{
    struct tm_ratio r;
    uint64_t ns;

    if (!number_of(ms, &r) || !tm_ratio_round(r, 1000000, &ns) || ns > TM_LEDGER_NUMBER_MAX)
        return (struct tm_latency) { false, 0 };
    return (struct tm_latency) { true, (int64_t)ns };
}

enum tm_code tm_adopted_bench(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                              struct tm_bench_observation *obs, struct tm_err *err)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    enum tm_code code = parse_again(entry, &doc, err);
    struct tm_bench_observation read = {
        .from = { .evidence = TM_MEASURED, .exit_status = -1, .duration_ns = -1 },
        .slowest = true,
    };

    if (code)
        return code;
    read.p50 = latency_of(tm_json_get(doc.root, "p50_ms"));
    read.p95 = latency_of(tm_json_get(doc.root, "p95_ms"));
    read.p99 = latency_of(tm_json_get(doc.root, "p99_ms"));
    if (!read.p50.known && !read.p95.known && !read.p99.known)
        return not_understood(entry, "no 'p50_ms', 'p95_ms' or 'p99_ms'", err);
    if (tm_json_node_str(tm_json_get(doc.root, "env_fingerprint"), &read.env))
        read.env = tm_arena_str(arena, read.env);
    else
        read.env = TM_STR("");
    *obs = read;
    return TM_OK;
}
