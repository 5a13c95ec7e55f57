#include "runbook/journal.h"

#include "base/clock.h"
#include "base/json_doc.h"

#define JOURNAL "run/journal.json"

enum { JOURNAL_MAX = 256 << 20 };

static const struct {
    const char *name, *title;
} phases[] = {
    [TM_PHASE_PREFLIGHT] = { "preflight", "Pre-flight validations" },
    [TM_PHASE_BASELINE] = { "baseline_freeze", "Baseline freeze" },
    [TM_PHASE_DISCOVERY] = { "discovery", "Module discovery" },
    [TM_PHASE_SCAFFOLDING] = { "scaffolding", "Scaffolding" },
    [TM_PHASE_COVERAGE] = { "coverage_sweep", "Coverage sweep" },
    [TM_PHASE_BENCH] = { "benchmark_sweep", "Benchmark sweep" },
    [TM_PHASE_DASHBOARDS] = { "dashboards", "Dashboard refresh" },
    [TM_PHASE_FINAL] = { "final_checkpoint", "Final validations" },
    [TM_PHASE_RELEASE] = { "production_freeze", "Production freeze" },
};

static const char *const statuses[] = {
    [TM_PHASE_TODO] = "todo",       [TM_PHASE_PASSED] = "passed", [TM_PHASE_SKIPPED] = "skipped",
    [TM_PHASE_PARTIAL] = "partial", [TM_PHASE_FAILED] = "failed",
};

const char *tm_phase_name(enum tm_phase phase)
{
    return phases[phase].name;
}

const char *tm_phase_title(enum tm_phase phase)
{
    return phases[phase].title;
}

const char *tm_phase_status_name(enum tm_phase_status status)
{
    return statuses[status];
}

void tm_journal_init(struct tm_journal *journal)
{
    *journal = (struct tm_journal) { 0 };
    journal->branch = journal->baseline = journal->release = TM_BUF_INIT;
    journal->before = journal->after = TM_BUF_INIT;
    for (size_t i = 0; i < TM_PHASES; i++)
        journal->phases[i].reason = journal->phases[i].subject = journal->phases[i].facts = TM_BUF_INIT;
}

void tm_journal_release(struct tm_journal *journal)
{
    tm_buf_release(&journal->branch);
    tm_buf_release(&journal->baseline);
    tm_buf_release(&journal->release);
    tm_buf_release(&journal->before);
    tm_buf_release(&journal->after);
    for (size_t i = 0; i < TM_PHASES; i++) {
        tm_buf_release(&journal->phases[i].reason);
        tm_buf_release(&journal->phases[i].subject);
        tm_buf_release(&journal->phases[i].facts);
    }
}

static void member_or_null(struct tm_json_writer *w, const char *key, const struct tm_buf *value)
{
    tm_json_key(w, key);
    if (value->len)
        tm_json_put_str(w, tm_buf_str(value));
    else
        tm_json_put_null(w);
}

/* The members of an object that was written before, into the open object. */
static void splice_members(struct tm_json_writer *w, const struct tm_buf *object)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;

    if (!object->len || tm_json_doc_parse(&doc, "facts", tm_buf_str(object), NULL))
        return;
    for (const struct tm_json_node *n = doc.root->child; n; n = n->next) {
        tm_json_key_str(w, n->key);
        tm_json_put_node(w, n);
    }
}

static void put_object(struct tm_json_writer *w, const char *key, const struct tm_buf *object)
{
    tm_json_key(w, key);
    if (object->len) {
        tm_json_object_begin(w);
        splice_members(w, object);
        tm_json_object_end(w);
    } else {
        tm_json_put_null(w);
    }
}

static void put_phase(struct tm_json_writer *w, enum tm_phase phase, const struct tm_phase_record *record)
{
    tm_json_object_begin(w);
    tm_json_member_u64(w, "number", phase);
    tm_json_members(w, "name", phases[phase].name);
    tm_json_members(w, "title", phases[phase].title);
    tm_json_members(w, "status", statuses[record->status]);
    member_or_null(w, "reason", &record->reason);
    tm_json_key(w, "started_at");
    tm_json_put_stamp(w, record->started_s);
    tm_json_member_u64(w, "duration_ns", (uint64_t)record->duration_ns);
    tm_json_key(w, "commit");
    if (record->commit.hex[0]) {
        tm_json_object_begin(w);
        tm_json_members(w, "id", record->commit.hex);
        tm_json_member_str(w, "subject", tm_buf_str(&record->subject));
        tm_json_object_end(w);
    } else {
        tm_json_put_null(w);
    }
    splice_members(w, &record->facts);
    tm_json_object_end(w);
}

void tm_journal_members(const struct tm_journal *journal, struct tm_json_writer *w)
{
    tm_json_members(w, "schema_version", "1.0.0");
    tm_json_members(w, "run", journal->run);
    tm_json_key(w, "started_at");
    tm_json_put_stamp(w, journal->started_s);
    tm_json_member_str(w, "branch", tm_buf_str(&journal->branch));
    tm_json_members(w, "head", journal->head.hex);
    member_or_null(w, "baseline", &journal->baseline);
    member_or_null(w, "release", &journal->release);
    tm_json_key(w, "phases");
    tm_json_array_begin(w);
    for (size_t i = 0; i < TM_PHASES; i++)
        if (journal->phases[i].status != TM_PHASE_TODO)
            put_phase(w, (enum tm_phase)i, &journal->phases[i]);
    tm_json_array_end(w);
    put_object(w, "before", &journal->before);
    put_object(w, "after", &journal->after);
}

enum tm_code tm_journal_save(struct tm_repo *repo, const struct tm_journal *journal, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_json_writer w;

    tm_json_writer_init(&w, &out, 2);
    tm_json_object_begin(&w);
    tm_journal_members(journal, &w);
    tm_json_member_u64(&w, "current", journal->current);
    tm_json_members(&w, "current_head", journal->current_head.hex);
    tm_json_object_end(&w);
    tm_buf_addc(&out, '\n');
    return tm_root_replace(&repo->state, TM_STR(JOURNAL), tm_buf_str(&out), NULL, err);
}

bool tm_journal_exists(const struct tm_repo *repo)
{
    return tm_root_exists(&repo->state, TM_STR(JOURNAL));
}

enum tm_code tm_journal_drop(struct tm_repo *repo, struct tm_err *err)
{
    return tm_root_unlink(&repo->state, TM_STR(JOURNAL), err);
}

static void read_str(const struct tm_json_node *node, const char *path, struct tm_buf *out)
{
    struct tm_str s;

    if (tm_json_node_str(tm_json_at(node, path), &s))
        tm_buf_add_str(out, s);
}

static bool read_oid(const struct tm_json_node *node, const char *path, struct tm_oid *out)
{
    struct tm_str s;

    if (!tm_json_node_str(tm_json_at(node, path), &s) || (s.len != TM_OID_HEX && s.len != 0))
        return false;
    memcpy(out->hex, s.data, s.len);
    out->hex[s.len] = '\0';
    return true;
}

static bool read_stamp(const struct tm_json_node *node, const char *path, int64_t *out)
{
    struct tm_str s;

    return tm_json_node_str(tm_json_at(node, path), &s) && tm_clock_parse(s, out);
}

static void read_object(const struct tm_json_doc *doc, const char *path, struct tm_buf *out)
{
    const struct tm_json_node *node = tm_json_at(doc->root, path);

    if (node && node->kind == TM_JSON_KIND_OBJECT)
        tm_buf_add(out, doc->data.data + node->at, node->len);
}

/* Keeps the members of a phase that put_phase did not write itself. */
static void read_facts(const struct tm_json_node *node, struct tm_buf *out)
{
    static const char *const own[] = { "number",     "name",        "title",  "status", "reason",
                                       "started_at", "duration_ns", "commit", NULL };
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 0);
    tm_json_object_begin(&w);
    for (const struct tm_json_node *n = node->child; n; n = n->next) {
        bool skip = false;

        for (size_t i = 0; own[i]; i++)
            skip = skip || tm_str_is(n->key, own[i]);
        if (skip)
            continue;
        tm_json_key_str(&w, n->key);
        tm_json_put_node(&w, n);
    }
    tm_json_object_end(&w);
}

static bool read_phase(const struct tm_json_node *node, struct tm_journal *journal)
{
    struct tm_phase_record *record;
    struct tm_str status;
    uint64_t number, duration;

    if (!tm_json_node_u64(tm_json_get(node, "number"), &number) || number >= TM_PHASES ||
        !tm_json_node_u64(tm_json_get(node, "duration_ns"), &duration) ||
        !tm_json_node_str(tm_json_get(node, "status"), &status))
        return false;
    record = &journal->phases[number];
    for (size_t i = 0; i < TM_LEN(statuses); i++)
        if (tm_str_is(status, statuses[i]))
            record->status = (enum tm_phase_status)i;
    record->duration_ns = (int64_t)duration;
    read_str(node, "reason", &record->reason);
    read_str(node, "commit.subject", &record->subject);
    (void)read_oid(node, "commit.id", &record->commit);
    read_facts(node, &record->facts);
    return read_stamp(node, "started_at", &record->started_s);
}

static bool read_all(const struct tm_json_doc *doc, struct tm_journal *journal)
{
    const struct tm_json_node *list = tm_json_get(doc->root, "phases");
    struct tm_str run;
    uint64_t current;

    if (!tm_json_node_str(tm_json_get(doc->root, "run"), &run) || run.len != TM_LEDGER_RUN_HEX ||
        !tm_json_node_u64(tm_json_get(doc->root, "current"), &current) || current > TM_PHASES ||
        !read_oid(doc->root, "head", &journal->head) ||
        !read_oid(doc->root, "current_head", &journal->current_head) ||
        !read_stamp(doc->root, "started_at", &journal->started_s) || !list)
        return false;
    memcpy(journal->run, run.data, run.len);
    journal->current = (enum tm_phase)current;
    read_str(doc->root, "branch", &journal->branch);
    read_str(doc->root, "baseline", &journal->baseline);
    read_str(doc->root, "release", &journal->release);
    read_object(doc, "before", &journal->before);
    read_object(doc, "after", &journal->after);
    for (const struct tm_json_node *n = list->child; n; n = n->next)
        if (!read_phase(n, journal))
            return false;
    return true;
}

enum tm_code tm_journal_load(struct tm_repo *repo, struct tm_journal *journal, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    enum tm_code code = tm_root_read(&repo->state, TM_STR(JOURNAL), JOURNAL_MAX, &data, err);

    if (!code)
        code = tm_json_doc_parse(&doc, JOURNAL, tm_buf_str(&data), err);
    if (!code && !read_all(&doc, journal))
        code = tm_err_set(err, TM_E_FORMAT, "the journal of the last run is damaged, start a new run");
    return code;
}
