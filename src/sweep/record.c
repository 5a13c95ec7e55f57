#include "base/alloc.h"
#include "base/clock.h"
#include "base/json_doc.h"
#include "base/json_write.h"
#include "sweep/intent.h"
#include "sweep/pass.h"

struct record {
    struct tm_pass *pass;
    struct tm_arena *arena; /* the sweep's */
    int64_t ts_s;
    struct tm_str stamp; /* of ts_s, as JSON */
    struct tm_intent_entry *entries;
    size_t n, cap;
};

static void add_edit(struct tm_intent_entry *entry, const char *path, struct tm_str value, bool only_existing)
{
    assert(entry->n_edits < TM_INTENT_EDITS_MAX);
    entry->edits[entry->n_edits++] = (struct tm_intent_edit) { path, value, only_existing };
}

/* value / 10^decimals as JSON. */
static struct tm_str decimal(struct record *record, int64_t value, unsigned decimals)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;
    struct tm_json_writer w;

    tm_json_writer_init(&w, &buf, 0);
    tm_json_put_decimal(&w, value, decimals);
    return tm_arena_str(record->arena, tm_buf_str(&buf));
}

static struct tm_str quoted(struct record *record, struct tm_str text)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;

    tm_json_add_quoted(&buf, text);
    return tm_arena_str(record->arena, tm_buf_str(&buf));
}

static struct tm_str milliseconds(struct record *record, struct tm_latency latency)
{
    return latency.known ? decimal(record, latency.ns, 6) : TM_STR("null");
}

static bool holds_figure(const struct tm_json_node *node)
{
    return node && node->kind != TM_JSON_KIND_NULL;
}

static void edit_coverage(struct record *record, const struct tm_sweep_outcome *outcome,
                          const struct tm_json_node *root, struct tm_intent_entry *entry)
{
    const struct tm_count *lines = &outcome->coverage.lines;
    uint64_t bp;

    if (outcome->coverage.from.evidence == TM_MEASURED &&
        tm_ratio_bp((struct tm_ratio) { lines->covered, lines->valid }, &bp))
        add_edit(entry, "testing.coverage_observed", decimal(record, (int64_t)bp, 2), false);
    else if (holds_figure(tm_json_at(root, "testing.coverage_observed")))
        add_edit(entry, "testing.coverage_observed", TM_STR("null"), true);
    else
        return;
    add_edit(entry, "testing.observed_at", record->stamp, false);
}

static const char *const latency_paths[] = {
    "performance.observed.latency_p50_ms",
    "performance.observed.latency_p95_ms",
    "performance.observed.latency_p99_ms",
};

static void edit_bench(struct record *record, const struct tm_sweep_outcome *outcome,
                       const struct tm_json_node *root, struct tm_intent_entry *entry)
{
    const struct tm_bench_observation *slowest = tm_sweep_slowest(outcome);
    bool held = false;

    if (slowest) {
        const struct tm_latency latencies[] = { slowest->p50, slowest->p95, slowest->p99 };

        for (size_t i = 0; i < TM_LEN(latency_paths); i++)
            add_edit(entry, latency_paths[i], milliseconds(record, latencies[i]), false);
        add_edit(entry, "performance.observed.env_fingerprint",
                 slowest->env.len ? quoted(record, slowest->env) : TM_STR("null"), false);
    } else {
        for (size_t i = 0; i < TM_LEN(latency_paths); i++) {
            held |= holds_figure(tm_json_at(root, latency_paths[i]));
            add_edit(entry, latency_paths[i], TM_STR("null"), true);
        }
        if (!held) {
            entry->n_edits = 0;
            return;
        }
    }
    add_edit(entry, "performance.observed.observed_at", record->stamp, false);
}

/* Fills in the edits of the module's manifest, and the blob id that it will have. */
static enum tm_code edit_manifest(struct record *record, struct tm_sweep_outcome *outcome,
                                  struct tm_intent_entry *entry, struct tm_oid *blob, struct tm_err *err)
{
    const struct tm_module *module = outcome->module;
    struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    char *TM_CLEANUP(tm_freep) name = tm_strndup(module->manifest_path.data, module->manifest_path.len);
    enum tm_code code =
        tm_root_read(&record->pass->repo->root, module->manifest_path, TM_MANIFEST_MAX, &bytes, err);

    if (!code)
        code = tm_json_doc_parse(&doc, name, tm_buf_str(&bytes), err);
    if (code)
        return code;
    if (outcome->kind == TM_COLLECT_BENCH)
        edit_bench(record, outcome, doc.root, entry);
    else
        edit_coverage(record, outcome, doc.root, entry);
    *blob = tm_git_blob_id(tm_buf_str(&bytes));
    if (!entry->n_edits)
        return TM_OK;
    code = tm_intent_apply(entry, name, tm_buf_str(&bytes), &bytes, err);
    if (!code)
        *blob = tm_git_blob_id(tm_buf_str(&bytes));
    return code;
}

static struct tm_intent_entry *push(struct record *record)
{
    TM_GROW(record->entries, record->n, record->cap);
    record->entries[record->n] = (struct tm_intent_entry) { 0 };
    return &record->entries[record->n++];
}

static void spell_coverage(struct record *record, struct tm_sweep_outcome *outcome,
                           struct tm_intent_entry *entry)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;

    tm_coverage_body(&outcome->coverage, &body);
    entry->module = outcome->module->name;
    entry->body = tm_arena_str(record->arena, tm_buf_str(&body));
}

/* One entry for each benchmark; the manifest changes with the last, when all that it says is ledgered. */
static void spell_benches(struct record *record, struct tm_sweep_outcome *outcome,
                          const struct tm_intent_entry *edits)
{
    for (size_t i = 0; i < outcome->n_bench; i++) {
        struct tm_intent_entry *entry = push(record);
        struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;

        if (i + 1 == outcome->n_bench)
            *entry = *edits;
        outcome->bench[i].from.manifest_blob = outcome->bench[0].from.manifest_blob;
        tm_bench_body(&outcome->bench[i], &body);
        entry->module = outcome->module->name;
        entry->body = tm_arena_str(record->arena, tm_buf_str(&body));
    }
}

/* A module that has no benchmarks says so only when that takes a figure away. */
static bool is_worth_an_entry(const struct tm_sweep_outcome *outcome, const struct tm_intent_entry *edits)
{
    return outcome->kind == TM_COLLECT_COVERAGE || edits->n_edits ||
           tm_sweep_from(outcome)->evidence != TM_SKIPPED;
}

static void record_outcome(struct record *record, struct tm_sweep_outcome *outcome)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_intent_entry edits = { .manifest = outcome->module->manifest_path };
    struct tm_oid blob = { "" };

    if (edit_manifest(record, outcome, &edits, &blob, &err)) {
        tm_log_warn(record->pass->repo->log, "%s: the figure is in the ledger only", tm_err_msg(&err));
        record->pass->result->manifests_failed++;
        edits.n_edits = 0;
    }
    if (!is_worth_an_entry(outcome, &edits))
        return;
    tm_outcome_from(outcome)->manifest_blob = tm_arena_str(record->arena, tm_str(blob.hex));
    if (outcome->kind == TM_COLLECT_BENCH) {
        spell_benches(record, outcome, &edits);
    } else {
        struct tm_intent_entry *entry = push(record);

        *entry = edits;
        spell_coverage(record, outcome, entry);
    }
}

static void keep_changed(struct record *record, struct tm_str ledger, const bool *changed)
{
    struct tm_sweep_pass *result = record->pass->result;

    result->changed = tm_arena_array(record->arena, record->n + 1, sizeof(*result->changed));
    if (changed[record->n] && !record->pass->pending)
        result->changed[result->n_changed++] = tm_arena_str(record->arena, ledger);
    for (size_t i = 0; i < record->n; i++) {
        if (changed[i])
            result->changed[result->n_changed++] = record->entries[i].manifest;
    }
}

void tm_pass_ledger(const struct tm_repo *repo, enum tm_collector_kind kind, struct tm_buf *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;

    tm_buf_addf(&name, "%s.ndjson", tm_kind_name(kind));
    tm_repo_ledger(repo, name.data, path);
}

enum tm_code tm_pass_record(struct tm_pass *pass, struct tm_ledger_run *run, struct tm_err *err)
{
    struct record record = { .pass = pass, .arena = &pass->sweep->arena, .ts_s = tm_clock_now_s() };
    struct tm_buf TM_CLEANUP(tm_buf_release) ledger = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) stamp = TM_BUF_INIT;
    struct tm_intent intent = { .head = tm_str(pass->head.commit.hex), .ts_s = record.ts_s, .run = run };
    bool *changed;
    enum tm_code code;

    tm_clock_add_stamp(&stamp, record.ts_s);
    record.stamp = quoted(&record, tm_buf_str(&stamp));
    tm_pass_ledger(pass->repo, pass->kind, &ledger);
    for (size_t i = 0; i < pass->result->n_outcomes; i++)
        record_outcome(&record, &pass->result->outcomes[i]);
    intent.ledger = tm_buf_str(&ledger);
    intent.pending = pass->pending;
    intent.kind = pass->kind == TM_COLLECT_BENCH ? TM_LEDGER_BENCH : TM_LEDGER_COVERAGE;
    intent.entries = record.entries;
    intent.n = record.n;
    changed = tm_alloc_array(record.n + 1, sizeof(*changed));
    code = tm_intent_write(pass->repo, &intent, changed, &pass->result->manifests_failed, err);
    if (!code) {
        keep_changed(&record, tm_buf_str(&ledger), changed);
        pass->result->entries = record.n;
    }
    free(changed);
    free(record.entries);
    return code;
}
