#include "runbook/plan.h"

#include "base/json_write.h"
#include "catalog/catalog.h"
#include "freeze/freeze.h"
#include "runbook/journal.h"
#include "runbook/run.h"
#include "scaffold/plan.h"

static enum tm_code put_scaffolding(struct tm_repo *repo, struct tm_catalog *catalog,
                                    struct tm_json_writer *w, struct tm_err *err)
{
    struct tm_scaffold_options options = { .docs = true, .tests = true };
    struct tm_scaffold_plan TM_CLEANUP(tm_scaffold_plan_release) plan = { 0 };
    struct tm_module **modules;
    size_t n;
    enum tm_code code = tm_catalog_select(catalog, NULL, 0, &modules, &n, err);

    if (!code)
        code = tm_scaffold_plan_make(&plan, repo, catalog, modules, n, &options, err);
    if (code)
        return code;
    tm_json_member_u64(w, "modules", plan.n_modules);
    tm_json_key(w, "create");
    tm_json_array_begin(w);
    for (size_t i = 0; i < plan.n_modules; i++) {
        const struct tm_scaffold_module *module = &plan.modules[i];

        for (size_t k = 0; k < module->n_docs + module->n_tests; k++)
            tm_json_put_str(w, k < module->n_docs ? module->docs[k].path
                                                  : module->tests[k - module->n_docs].path);
    }
    tm_json_array_end(w);
    return TM_OK;
}

/* Why the run would be refused now, or null. */
static void put_refusal(struct tm_repo *repo, const struct tm_run_options *options, struct tm_json_writer *w)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    const char *tags[] = { options->baseline, options->release };
    enum tm_code code = tm_freeze_check_place(repo, &err);

    for (size_t i = 0; i < TM_LEN(tags) && !code; i++)
        if (tags[i])
            code = tm_freeze_check(repo, tags[i], &err);
    if (!code)
        code = tm_freeze_check_clean(repo, &err);
    tm_json_key(w, "refused");
    if (code)
        tm_json_puts(w, tm_err_msg(&err));
    else
        tm_json_put_null(w);
}

static void put_tag(struct tm_json_writer *w, const char *key, const char *tag)
{
    tm_json_key(w, key);
    if (tag)
        tm_json_puts(w, tag);
    else
        tm_json_put_null(w);
}

/* How many modules have tests or get some, and how many have benchmarks. */
static void put_sweeps(const struct tm_catalog *catalog, struct tm_json_writer *w)
{
    size_t tested = 0;

    for (size_t i = 0; i < catalog->n_modules; i++)
        tested += catalog->modules[i].own.tests > 0;
    tm_json_member_u64(w, "with_tests", tested);
}

enum tm_code tm_run_plan(struct tm_repo *repo, const struct tm_run_options *options, struct tm_buf *out,
                         struct tm_err *err)
{
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = { 0 };
    struct tm_json_writer w;
    enum tm_code code = tm_catalog_load(&catalog, repo, err);

    if (code)
        return code;
    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_members(&w, "schema_version", "1.0.0");
    put_tag(&w, "baseline", options->baseline);
    put_tag(&w, "release", options->release);
    put_refusal(repo, options, &w);
    code = put_scaffolding(repo, &catalog, &w, err);
    put_sweeps(&catalog, &w);
    tm_json_key(&w, "problems");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < catalog.n_problems; i++)
        tm_json_puts(&w, catalog.problems[i].message);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
    return code;
}

static uint64_t number(const struct tm_json_doc *plan, const char *key)
{
    uint64_t value = 0;

    return tm_json_node_u64(tm_json_get(plan->root, key), &value) ? value : 0;
}

static struct tm_str text(const struct tm_json_doc *plan, const char *key)
{
    struct tm_str value;

    return tm_json_node_str(tm_json_get(plan->root, key), &value) ? value : TM_STR("");
}

static void add_phase(struct tm_buf *out, enum tm_phase phase, const char *what)
{
    tm_buf_addf(out, "phase %u  %s: %s\n", (unsigned)phase, tm_phase_title(phase), what);
}

static void add_freeze(struct tm_buf *out, enum tm_phase phase, struct tm_str tag, const char *option)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) what = TM_BUF_INIT;

    if (tag.len)
        tm_buf_addf(&what, "freeze record, ledger entry, commit and tag '%.*s'", TM_STR_ARG(tag));
    else
        tm_buf_addf(&what, "skipped, no %s given", option);
    add_phase(out, phase, what.data);
}

void tm_plan_text(const struct tm_json_doc *plan, struct tm_buf *out)
{
    const struct tm_json_node *create = tm_json_get(plan->root, "create");
    const struct tm_json_node *problems = tm_json_get(plan->root, "problems");
    struct tm_buf TM_CLEANUP(tm_buf_release) what = TM_BUF_INIT;
    size_t files = create ? create->count : 0;

    for (const struct tm_json_node *n = problems ? problems->child : NULL; n; n = n->next) {
        tm_buf_adds(out, "left out: ");
        tm_buf_add_escaped(out, n->text);
        tm_buf_addc(out, '\n');
    }
    add_phase(out, TM_PHASE_PREFLIGHT, "refresh registries, map and trends; the checkpoint");
    add_freeze(out, TM_PHASE_BASELINE, text(plan, "baseline"), "--baseline");
    tm_buf_addf(&what, "%llu modules", (unsigned long long)number(plan, "modules"));
    add_phase(out, TM_PHASE_DISCOVERY, what.data);
    tm_buf_clear(&what);
    tm_buf_addf(&what, "create %zu files", files);
    add_phase(out, TM_PHASE_SCAFFOLDING, what.data);
    for (const struct tm_json_node *n = create ? create->child : NULL; n; n = n->next) {
        tm_buf_adds(out, "         + ");
        tm_buf_add_escaped(out, n->text);
        tm_buf_addc(out, '\n');
    }
    tm_buf_clear(&what);
    tm_buf_addf(&what, "%llu modules have tests now", (unsigned long long)number(plan, "with_tests"));
    add_phase(out, TM_PHASE_COVERAGE, what.data);
    add_phase(out, TM_PHASE_BENCH, "modules that have benchmarks, one at a time");
    add_phase(out, TM_PHASE_DASHBOARDS, "meta-registry and trends");
    add_phase(out, TM_PHASE_FINAL, "the checkpoint");
    add_freeze(out, TM_PHASE_RELEASE, text(plan, "release"), "--release");
    if (text(plan, "refused").len) {
        tm_buf_adds(out, "the run would be refused now: ");
        tm_buf_add_escaped(out, text(plan, "refused"));
        tm_buf_addc(out, '\n');
    }
    tm_buf_adds(out, "nothing was changed\n");
}
