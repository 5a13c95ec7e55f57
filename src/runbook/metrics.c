#include "runbook/metrics.h"

#include "base/alloc.h"
#include "base/ratio.h"
#include "health/meta.h"

/* The meta-registry as it stands in the work tree. */
static enum tm_code open_meta(struct tm_repo *repo, struct tm_buf *data, struct tm_json_doc *doc,
                              struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_code code;

    tm_repo_generated(repo, TM_META_NAME, &path);
    code = tm_root_read(&repo->root, tm_buf_str(&path), TM_GENERATED_MAX, data, err);
    return code ? code : tm_json_doc_parse(doc, TM_META_NAME, tm_buf_str(data), err);
}

static void copy_member(struct tm_json_writer *w, const struct tm_json_node *from, const char *key,
                        const char *as)
{
    const struct tm_json_node *node = tm_json_get(from, key);

    tm_json_key(w, as);
    if (node)
        tm_json_put_node(w, node);
    else
        tm_json_put_null(w);
}

enum tm_code tm_metrics_take(struct tm_repo *repo, const struct tm_catalog *catalog,
                             const struct tm_checkpoint *checkpoint, struct tm_buf *out, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) ledger = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
    struct tm_ledger_file file;
    const struct tm_json_node *summary;
    struct tm_json_writer w;
    size_t docs = 0, tests = 0;
    enum tm_code code = open_meta(repo, &data, &doc, err);

    tm_repo_ledger(repo, "coverage.ndjson", &ledger);
    file = tm_ledger_in(repo, tm_buf_str(&ledger));
    if (!code)
        code = tm_ledger_read(&file, NULL, NULL, &state, err);
    if (code)
        return code;
    for (size_t i = 0; i < catalog->n_modules; i++) {
        docs += catalog->modules[i].own.docs;
        tests += catalog->modules[i].own.tests;
    }
    summary = tm_json_get(doc.root, "summary");
    tm_json_writer_init(&w, out, 0);
    tm_json_object_begin(&w);
    copy_member(&w, summary, "total_modules", "modules");
    copy_member(&w, summary, "with_coverage", "with_coverage");
    copy_member(&w, summary, "with_benchmarks", "with_benchmarks");
    copy_member(&w, summary, "meeting_coverage_target", "meeting_coverage_target");
    copy_member(&w, summary, "meeting_sla", "meeting_sla");
    copy_member(&w, summary, "avg_health_score", "avg_health_score");
    /* The genesis is bookkeeping, not an observation. */
    tm_json_member_u64(&w, "coverage_entries", state.adopted_lines + state.entries - (state.entries > 0));
    tm_json_member_u64(&w, "docs", docs);
    tm_json_member_u64(&w, "tests", tests);
    tm_json_member_u64(&w, "checks_passed", checkpoint->passed);
    tm_json_member_u64(&w, "checks_failed", checkpoint->failed);
    tm_json_member_u64(&w, "checks_skipped", checkpoint->skipped);
    tm_json_object_end(&w);
    return TM_OK;
}

enum tm_code tm_metrics_summary(struct tm_repo *repo, struct tm_json_writer *w, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    enum tm_code code = open_meta(repo, &data, &doc, err);

    if (!code)
        copy_member(w, doc.root, "summary", "summary");
    return code;
}

/* A step that one module could take, and what it brings: tenths of a health point. */
struct step {
    struct tm_str module;
    const char *action;
    int64_t gain;
    struct tm_buf text;
};

/* A decimal of the meta-registry with at most two places, in hundredths. */
static bool hundredths(const struct tm_json_node *node, int64_t *out)
{
    double value;

    if (!tm_json_node_double(node, &value) || value < 0 || value > 1e12)
        return false;
    *out = (int64_t)(value * 100 + 0.5);
    return true;
}

/* Coverage below its target, or none: half a point for each percent. */
static void coverage_step(const struct tm_json_node *module, struct step *step)
{
    const struct tm_json_node *coverage = tm_json_get(module, "coverage");
    struct tm_str target_text;
    int64_t observed = 0, target;
    uint64_t covered, valid;

    if (!hundredths(tm_json_get(coverage, "target"), &target))
        return;
    target_text = tm_json_get(coverage, "target")->text;
    if (!hundredths(tm_json_get(coverage, "observed"), &observed)) {
        step->action = "measure";
        step->gain = target / 20;
        tm_buf_addf(&step->text,
                    "has no measured coverage; tests that reach its target of %.*s %% would count",
                    TM_STR_ARG(target_text));
        return;
    }
    if (observed >= target)
        return;
    step->action = "cover";
    step->gain = (target - observed) / 20;
    if (tm_json_node_u64(tm_json_get(coverage, "lines_covered"), &covered) &&
        tm_json_node_u64(tm_json_get(coverage, "lines_valid"), &valid)) {
        uint64_t want = (uint64_t)(((unsigned __int128)valid * (uint64_t)target + 9999) / 10000);

        if (want <= covered)
            return;
        tm_buf_addf(&step->text, "cover %llu more of its %llu lines to reach %.*s %%",
                    (unsigned long long)(want - covered), (unsigned long long)valid, TM_STR_ARG(target_text));
    } else {
        tm_buf_addf(&step->text, "raise coverage to its target of %.*s %%", TM_STR_ARG(target_text));
    }
}

/* A promised latency that is not kept, or not measured. */
static void sla_step(const struct tm_json_node *module, struct step *step)
{
    const struct tm_json_node *performance = tm_json_get(module, "performance");
    const struct tm_json_node *sla = tm_json_get(performance, "sla_p95_ms");
    const struct tm_json_node *p95 = tm_json_get(performance, "latency_p95_ms");
    bool meets = false;

    if (!sla || sla->kind != TM_JSON_KIND_NUMBER)
        return;
    if (tm_json_node_bool(tm_json_get(performance, "meets_sla"), &meets) && meets)
        return;
    step->action = "speed";
    step->gain = 300;
    if (p95 && p95->kind == TM_JSON_KIND_NUMBER)
        tm_buf_addf(&step->text, "bring its p95 from %.*s ms to the promised %.*s ms", TM_STR_ARG(p95->text),
                    TM_STR_ARG(sla->text));
    else
        tm_buf_addf(&step->text, "measure it: %.*s ms are promised and no benchmark has a p95",
                    TM_STR_ARG(sla->text));
}

static void docs_step(const struct tm_json_node *module, struct step *step)
{
    uint64_t docs;

    if (!tm_json_node_u64(tm_json_get(module, "docs_count"), &docs) || docs)
        return;
    step->action = "document";
    step->gain = 200;
    tm_buf_adds(&step->text, "has no docs");
}

/* The step of a module that brings most. */
static struct step best_step(const struct tm_json_node *module)
{
    static void (*const kinds[])(const struct tm_json_node *, struct step *) = { coverage_step, sla_step,
                                                                                 docs_step };
    struct step best = { .text = TM_BUF_INIT };

    for (size_t i = 0; i < TM_LEN(kinds); i++) {
        struct step step = { .text = TM_BUF_INIT };

        kinds[i](module, &step);
        if (step.gain > best.gain) {
            tm_buf_release(&best.text);
            best = step;
        } else {
            tm_buf_release(&step.text);
        }
    }
    if (!tm_json_node_str(tm_json_get(module, "module"), &best.module))
        best.gain = 0;
    return best;
}

static int by_gain(const void *a, const void *b)
{
    const struct step *left = a, *right = b;

    if (left->gain != right->gain)
        return left->gain < right->gain ? 1 : -1;
    return tm_str_cmp(left->module, right->module);
}

enum tm_code tm_next_steps(struct tm_repo *repo, struct tm_json_writer *w, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    const struct tm_json_node *modules;
    struct step *steps;
    size_t n = 0;
    enum tm_code code = open_meta(repo, &data, &doc, err);

    if (code)
        return code;
    modules = tm_json_get(doc.root, "modules");
    steps = tm_alloc_array(modules ? modules->count : 0, sizeof(*steps));
    for (const struct tm_json_node *m = modules ? modules->child : NULL; m; m = m->next) {
        steps[n] = best_step(m);
        if (steps[n].gain > 0)
            n++;
        else
            tm_buf_release(&steps[n].text);
    }
    if (n)
        qsort(steps, n, sizeof(*steps), by_gain);
    tm_json_key(w, "next_steps");
    tm_json_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        if (i < TM_NEXT_STEPS_MAX) {
            tm_json_object_begin(w);
            tm_json_member_str(w, "module", steps[i].module);
            tm_json_members(w, "action", steps[i].action);
            tm_json_key(w, "gain");
            tm_json_put_decimal(w, steps[i].gain, 1);
            tm_json_member_str(w, "text", tm_buf_str(&steps[i].text));
            tm_json_object_end(w);
        }
        tm_buf_release(&steps[i].text);
    }
    tm_json_array_end(w);
    free(steps);
    return TM_OK;
}
