/* `tidemark scaffold`: prints what modules lack; --apply creates it. */
#include "base/clock.h"
#include "base/json_write.h"
#include "cli/cmd.h"
#include "ledger/pending.h"
#include "scaffold/scaffold.h"

enum { OPT_APPLY, OPT_DOCS, OPT_TESTS, OPT_INTEGRATION, OPT_PENDING };

static const struct tm_opt opts[] = {
    [OPT_APPLY] = { "apply", 0, TM_OPT_FLAG, NULL, "create the files; without it the plan is printed" },
    [OPT_DOCS] = { "docs", 0, TM_OPT_FLAG, NULL, "docs only, unless --tests is given too" },
    [OPT_TESTS] = { "tests", 0, TM_OPT_FLAG, NULL, "tests only, unless --docs is given too" },
    [OPT_INTEGRATION] = { "with-integration", 0, TM_OPT_FLAG, NULL, "integration tests, too" },
    [OPT_PENDING] = { "pending", 0, TM_OPT_FLAG, NULL,
                      "write ledger entries to fragments, for hosts that merge without tidemark's driver" },
    { NULL },
};

static void add_path(struct tm_buf *out, const char *mark, struct tm_str path)
{
    tm_buf_addf(out, "  %s ", mark);
    tm_buf_add_escaped(out, path);
    tm_buf_addc(out, '\n');
}

static void add_name(struct tm_buf *out, const struct tm_module *module)
{
    tm_buf_add_escaped(out, module->name);
    tm_buf_addc(out, '\n');
}

static void add_count(struct tm_buf *out, size_t n, const char *one, const char *many)
{
    tm_buf_addf(out, "%zu %s", n, n == 1 ? one : many);
}

static void print_plan(const struct tm_scaffold_plan *plan, struct tm_buf *out)
{
    for (size_t i = 0; i < plan->n_modules; i++) {
        const struct tm_scaffold_module *m = &plan->modules[i];

        if (!tm_scaffold_is_needed(m))
            continue;
        add_name(out, m->module);
        for (size_t k = 0; k < m->n_docs; k++)
            add_path(out, "+", m->docs[k].path);
        for (size_t k = 0; k < m->n_tests; k++)
            add_path(out, "+", m->tests[k].path);
    }
}

static void print_created(const struct tm_scaffold_result *result, struct tm_buf *out)
{
    const struct tm_scaffold_module *last = NULL;

    for (size_t i = 0; i < result->n_created; i++) {
        const struct tm_scaffold_created *c = &result->created[i];

        if (c->module != last)
            add_name(out, c->module->module);
        add_path(out, c->recovered ? "=" : "+", c->path);
        last = c->module;
    }
}

static void print_filtered(const struct tm_scaffold_plan *plan, struct tm_buf *out)
{
    for (size_t i = 0; i < plan->n_filtered; i++) {
        tm_buf_adds(out, "left out '");
        tm_buf_add_escaped(out, plan->filtered[i].path);
        tm_buf_addf(out, "': %s\n", plan->filtered[i].reason);
    }
}

static void print_summary(const struct tm_scaffold_plan *plan, const struct tm_scaffold_result *result,
                          struct tm_buf *out)
{
    size_t docs = result ? result->n_docs : plan->n_docs;
    size_t tests = result ? result->n_tests : plan->n_tests;

    tm_buf_addf(out, "%zu of ", plan->n_done);
    add_count(out, plan->n_modules, "module", "modules");
    tm_buf_addf(out, " already scaffolded, %zu in need\n", plan->n_needed);
    tm_buf_adds(out, result ? "created " : "to create: ");
    add_count(out, docs, "doc", "docs");
    tm_buf_adds(out, ", ");
    add_count(out, tests, "test file", "test files");
    tm_buf_addc(out, '\n');
    if (result && result->n_recovered) {
        add_count(out, result->n_recovered, "file", "files");
        tm_buf_adds(out, " of an earlier run recorded\n");
    }
    if (!result && plan->n_needed)
        tm_buf_adds(out, "nothing is written without --apply\n");
}

static void put_paths(struct tm_json_writer *w, const char *key, const struct tm_scaffold_file *files,
                      size_t n)
{
    tm_json_key(w, key);
    tm_json_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        tm_json_object_begin(w);
        tm_json_member_str(w, "path", files[i].path);
        tm_json_member_str(w, "template", files[i].file->name);
        tm_json_members(w, "set", files[i].set->id);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

static void put_plan(struct tm_json_writer *w, const struct tm_scaffold_plan *plan)
{
    tm_json_key(w, "totals");
    tm_json_object_begin(w);
    tm_json_member_u64(w, "modules", plan->n_modules);
    tm_json_member_u64(w, "scaffolded", plan->n_done);
    tm_json_member_u64(w, "needed", plan->n_needed);
    tm_json_member_u64(w, "docs", plan->n_docs);
    tm_json_member_u64(w, "tests", plan->n_tests);
    tm_json_object_end(w);
    tm_json_key(w, "modules");
    tm_json_array_begin(w);
    for (size_t i = 0; i < plan->n_modules; i++) {
        const struct tm_scaffold_module *m = &plan->modules[i];

        if (!tm_scaffold_is_needed(m))
            continue;
        tm_json_object_begin(w);
        tm_json_member_str(w, "module", m->module->name);
        tm_json_member_str(w, "path", m->module->path);
        put_paths(w, "docs", m->docs, m->n_docs);
        put_paths(w, "tests", m->tests, m->n_tests);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
    tm_json_key(w, "filtered");
    tm_json_array_begin(w);
    for (size_t i = 0; i < plan->n_filtered; i++) {
        tm_json_object_begin(w);
        tm_json_member_str(w, "path", plan->filtered[i].path);
        tm_json_members(w, "reason", plan->filtered[i].reason);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

static void put_result(struct tm_json_writer *w, const struct tm_scaffold_result *result)
{
    tm_json_key(w, "created");
    tm_json_array_begin(w);
    for (size_t i = 0; i < result->n_created; i++) {
        const struct tm_scaffold_created *c = &result->created[i];

        tm_json_object_begin(w);
        tm_json_member_str(w, "module", c->module->module->name);
        tm_json_member_str(w, "path", c->path);
        tm_json_members(w, "kind", c->is_test ? "test" : "doc");
        tm_json_member_bool(w, "recovered", c->recovered);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
    tm_json_key(w, "failed");
    tm_json_array_begin(w);
    for (size_t i = 0; i < result->n_failures; i++) {
        tm_json_object_begin(w);
        tm_json_member_str(w, "module", result->failures[i].module->module->name);
        tm_json_member_str(w, "path", result->failures[i].path);
        tm_json_members(w, "message", result->failures[i].message);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
    tm_json_member_u64(w, "ledger_entries", result->ledger_entries);
}

/* result is NULL for a plan. */
static void answer(struct tm_ctx *ctx, const struct tm_scaffold_plan *plan,
                   const struct tm_scaffold_result *result)
{
    struct tm_json_writer w;

    if (!ctx->json) {
        if (result)
            print_created(result, &ctx->out);
        else
            print_plan(plan, &ctx->out);
        print_filtered(plan, &ctx->out);
        print_summary(plan, result, &ctx->out);
        return;
    }
    tm_json_writer_init(&w, &ctx->out, 2);
    tm_json_object_begin(&w);
    tm_json_member_bool(&w, "applied", result != NULL);
    put_plan(&w, plan);
    if (result)
        put_result(&w, result);
    tm_json_object_end(&w);
    tm_buf_addc(&ctx->out, '\n');
}

static enum tm_code apply(struct tm_ctx *ctx, const struct tm_scaffold_plan *plan, struct tm_err *err)
{
    struct tm_scaffold_result result = TM_SCAFFOLD_RESULT_INIT;
    struct tm_ledger_run run;
    enum tm_code code;

    tm_ledger_run_init(&run);
    code = tm_scaffold_apply(plan, &run, tm_clock_now_s(), &result, err);
    answer(ctx, plan, &result);
    if (plan->options.pending)
        tm_pending_note(ctx->repo, &ctx->log);
    for (size_t i = 0; i < result.n_failures; i++)
        tm_log_warn(&ctx->log, "'%.*s' was not created: %s", TM_STR_ARG(result.failures[i].path),
                    result.failures[i].message);
    tm_scaffold_result_release(&result);
    return code;
}

static enum tm_code plan_and_apply(struct tm_ctx *ctx, struct tm_catalog *catalog, const struct tm_args *args,
                                   struct tm_err *err)
{
    bool docs = args->opts[OPT_DOCS].given, tests = args->opts[OPT_TESTS].given;
    struct tm_scaffold_options options = { docs || !tests, tests || !docs, args->opts[OPT_INTEGRATION].given,
                                           args->opts[OPT_PENDING].given };
    struct tm_scaffold_plan plan;
    struct tm_module **modules;
    size_t n;
    enum tm_code code = tm_catalog_select(catalog, args->words, args->n_words, &modules, &n, err);

    if (code)
        return code;
    code = tm_scaffold_plan_make(&plan, ctx->repo, catalog, modules, n, &options, err);
    if (!code && args->opts[OPT_APPLY].given)
        code = apply(ctx, &plan, err);
    else if (!code)
        answer(ctx, &plan, NULL);
    tm_scaffold_plan_release(&plan);
    return code;
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_catalog catalog = TM_CATALOG_INIT;
    enum tm_code code = TM_OK;

    /* A plan writes nothing and waits for no one. */
    if (args->opts[OPT_APPLY].given)
        code = tm_repo_lock(ctx->repo, ctx->lock_timeout_ms, err);
    if (!code && args->opts[OPT_APPLY].given && !args->opts[OPT_PENDING].given)
        code = tm_pending_refuse(ctx->repo, err);
    if (!code)
        code = tm_catalog_load(&catalog, ctx->repo, err);
    if (!code)
        code = plan_and_apply(ctx, &catalog, args, err);
    if (!code)
        code = tm_catalog_report_problems(&catalog, &ctx->log, err);
    tm_catalog_release(&catalog);
    return code;
}

const struct tm_cmd tm_scaffold_cmd = {
    .name = "scaffold",
    .summary = "create missing docs and tests from templates",
    .usage = "[--apply] [--docs] [--tests] [--with-integration] [--pending] [MODULE...]",
    .help = "Prints the docs and tests that modules lack; --apply creates them from the templates of\n"
            "the repository, or the built-in ones. A file that exists is never touched. A module\n"
            "that has tests gets none.\n"
            "\n"
            "What is created is recorded in the ledgers scaffold.ndjson and test_scaffold.ndjson.\n",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run,
};
