/* Phases 2 and 3: which modules lack docs or tests, and giving them what they lack. */
#include "runbook/phase.h"

#include "base/clock.h"
#include "base/json_doc.h"
#include "catalog/scan.h"
#include "scaffold/provenance.h"
#include "scaffold/recorded.h"
#include "scaffold/scaffold.h"

static enum tm_code make_plan(struct tm_run *run, struct tm_scaffold_plan *plan, struct tm_err *err)
{
    struct tm_scaffold_options options = { .docs = true, .tests = true };
    struct tm_module **modules;
    size_t n;
    enum tm_code code = tm_catalog_select(&run->catalog, NULL, 0, &modules, &n, err);

    return code ? code : tm_scaffold_plan_make(plan, run->repo, &run->catalog, modules, n, &options, err);
}

static void put_paths(struct tm_json_writer *w, const char *key, const struct tm_scaffold_file *files,
                      size_t n)
{
    tm_json_key(w, key);
    tm_json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        tm_json_put_str(w, files[i].path);
    tm_json_array_end(w);
}

/* What each module lacks: kept in the journal, because after a kill a new plan would lack what was made. */
static void put_needed(struct tm_json_writer *w, const struct tm_scaffold_plan *plan)
{
    tm_json_key(w, "needing_modules");
    tm_json_array_begin(w);
    for (size_t i = 0; i < plan->n_modules; i++)
        if (tm_scaffold_is_needed(&plan->modules[i]))
            tm_json_put_str(w, plan->modules[i].module->name);
    tm_json_array_end(w);
    tm_json_key(w, "plan");
    tm_json_array_begin(w);
    for (size_t i = 0; i < plan->n_modules; i++) {
        const struct tm_scaffold_module *module = &plan->modules[i];

        if (!tm_scaffold_is_needed(module))
            continue;
        tm_json_object_begin(w);
        tm_json_member_str(w, "module", module->module->name);
        put_paths(w, "docs", module->docs, module->n_docs);
        put_paths(w, "tests", module->tests, module->n_tests);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

static void put_filtered(struct tm_json_writer *w, const struct tm_catalog *catalog)
{
    struct tm_scan_left_out reasons[TM_SCAN_REASONS];

    tm_scan_left_out(catalog, reasons);
    tm_json_key(w, "filtered");
    tm_json_array_begin(w);
    for (size_t i = 0; i < TM_LEN(reasons); i++) {
        if (!reasons[i].n)
            continue;
        tm_json_object_begin(w);
        tm_json_members(w, "what", reasons[i].n == 1 ? reasons[i].one : reasons[i].many);
        tm_json_member_u64(w, "count", reasons[i].n);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

enum tm_code tm_phase_discovery(struct tm_run *run, struct tm_phase_record *record,
                                struct tm_json_writer *facts, struct tm_err *err)
{
    struct tm_scaffold_plan TM_CLEANUP(tm_scaffold_plan_release) plan = { 0 };
    enum tm_code code = make_plan(run, &plan, err);

    if (code)
        return code;
    tm_json_member_u64(facts, "modules", plan.n_modules);
    tm_json_member_u64(facts, "scaffolded", plan.n_modules - plan.n_needed);
    tm_json_member_u64(facts, "needing", plan.n_needed);
    put_needed(facts, &plan);
    put_filtered(facts, &run->catalog);
    tm_phase_set(record, TM_PHASE_PASSED, "");
    return TM_OK;
}

/* Adds the paths of the array `key` of each module of the plan. */
static void add_planned(struct tm_paths *paths, const struct tm_json_node *plan, const char *key)
{
    for (const struct tm_json_node *module = plan ? plan->child : NULL; module; module = module->next) {
        const struct tm_json_node *list = tm_json_get(module, key);

        for (const struct tm_json_node *n = list ? list->child : NULL; n; n = n->next)
            tm_paths_add(paths, n->text);
    }
}

/*
 * A killed run may have created some files of a module and recorded none: they are removed, so that the entry
 * that is written now names them all, as it would have. Only untouched scaffolds that no entry names go.
 */
static enum tm_code drop_unrecorded(struct tm_run *run, const struct tm_paths *planned, struct tm_err *err)
{
    struct tm_recorded TM_CLEANUP(tm_recorded_release) recorded = TM_RECORDED_INIT(run->repo);
    struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
    enum tm_code code = TM_OK;

    for (size_t i = 0; i < planned->n && !code; i++) {
        bool known = true;

        if (tm_root_read(&run->repo->root, planned->items[i], TM_TEMPLATE_OUT_MAX + TM_PROVENANCE_HEAD,
                         &content, NULL) ||
            !tm_scaffold_is_untouched(tm_buf_str(&content)))
            continue;
        code = tm_recorded_has(&recorded, planned->items[i], tm_buf_str(&content), &known, err);
        if (!code && !known)
            code = tm_root_unlink(&run->repo->root, planned->items[i], err);
    }
    return code ? code : tm_run_reload(run, err);
}

/* Creates the files and records them. Those that could not be created are told and counted. */
static enum tm_code apply(struct tm_run *run, struct tm_phase_record *record, struct tm_err *err)
{
    struct tm_scaffold_plan TM_CLEANUP(tm_scaffold_plan_release) plan = { 0 };
    struct tm_scaffold_result TM_CLEANUP(tm_scaffold_result_release) result = TM_SCAFFOLD_RESULT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) reason = TM_BUF_INIT;
    struct tm_ledger_run id;
    enum tm_code code = make_plan(run, &plan, err);

    if (code)
        return code;
    tm_ledger_run_init(&id);
    code = tm_scaffold_apply(&plan, &id, tm_clock_now_s(), &result, &lower);
    if (code && code != TM_E_PARTIAL)
        return tm_err_move(err, &lower);
    tm_phase_set(record, TM_PHASE_PASSED, "");
    if (code) {
        run->partial = true;
        for (size_t i = 0; i < result.n_failures; i++)
            tm_log_warn(run->repo->log, "%s", result.failures[i].message);
        tm_buf_addf(&reason, "%zu files could not be created", result.n_failures);
        tm_phase_set(record, TM_PHASE_PARTIAL, reason.data);
    }
    return TM_OK;
}

static void put_registry(struct tm_json_writer *w, const struct tm_catalog *catalog)
{
    size_t docs = 0, tests = 0;

    for (size_t i = 0; i < catalog->n_modules; i++) {
        docs += catalog->modules[i].own.docs;
        tests += catalog->modules[i].own.tests;
    }
    tm_json_key(w, "registry");
    tm_json_object_begin(w);
    tm_json_member_u64(w, "modules", catalog->n_modules);
    tm_json_member_u64(w, "docs", docs);
    tm_json_member_u64(w, "tests", tests);
    tm_json_object_end(w);
}

static void add_message(struct tm_buf *message, const struct tm_json_node *plan)
{
    tm_buf_adds(message, "docs+tests(scaffold): add missing docs and tests ");
    if (plan && plan->count == 1)
        tm_buf_addf(message, "for %.*s\n", TM_STR_ARG(tm_json_get(plan->child, "module")->text));
    else
        tm_buf_addf(message, "for %zu modules\n", plan ? plan->count : 0);
}

enum tm_code tm_phase_scaffolding(struct tm_run *run, struct tm_phase_record *record,
                                  struct tm_json_writer *facts, struct tm_err *err)
{
    struct tm_paths TM_CLEANUP(tm_paths_release) paths = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    const struct tm_json_node *plan;
    enum tm_code code =
        tm_json_doc_parse(&doc, "plan", tm_buf_str(&run->journal.phases[TM_PHASE_DISCOVERY].facts), err);

    if (code)
        return code;
    plan = tm_json_get(doc.root, "plan");
    add_planned(&paths, plan, "docs");
    add_planned(&paths, plan, "tests");
    if (run->options->resume)
        code = drop_unrecorded(run, &paths, err);
    if (!code)
        code = apply(run, record, err);
    if (!code)
        code = tm_run_reload(run, err);
    if (!code)
        code = tm_scan_write(run->repo, &run->catalog, NULL, err);
    if (code)
        return code;
    tm_json_key(facts, "modules");
    if (plan)
        tm_json_put_node(facts, plan);
    else
        tm_json_put_null(facts);
    put_registry(facts, &run->catalog);
    tm_paths_add_scanned(&paths, run->repo);
    tm_paths_add_ledger(&paths, run->repo, "scaffold");
    tm_paths_add_ledger(&paths, run->repo, "test_scaffold");
    add_message(&message, plan);
    if (record->status == TM_PHASE_PASSED && (!plan || !plan->count))
        tm_phase_set(record, TM_PHASE_SKIPPED, "every module has its docs and tests");
    return tm_run_commit(run, record, paths.items, paths.n, message.data, err);
}
