#include "base/clock.h"
#include "base/json_write.h"
#include "cli/cmd.h"
#include "ledger/pending.h"
#include "sweep/sweep.h"
#include "sweep/table.h"

enum { OPT_COVERAGE, OPT_BENCH, OPT_JOBS, OPT_PENDING };

static const struct tm_opt sweep_opts[] = {
    [OPT_COVERAGE] = { "coverage", 0, TM_OPT_FLAG, NULL,
                       "run tests for coverage; not benchmarks, unless --bench is given" },
    [OPT_BENCH] = { "bench", 0, TM_OPT_FLAG, NULL, "run benchmarks; not tests, unless --coverage is given" },
    [OPT_JOBS] = { "jobs", 'j', TM_OPT_UINT, "N",
                   "test this many modules at once (default: settings, then processors)" },
    [OPT_PENDING] = { "pending", 0, TM_OPT_FLAG, NULL,
                      "write ledger entries to fragments, for hosts that merge without tidemark's driver" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

static void add_pass(struct tm_buf *out, const char *title, const struct tm_sweep_pass *pass)
{
    if (!pass->ran)
        return;
    tm_buf_addf(out, "%s\n", title);
    tm_table_add_outcomes(out, pass);
    tm_table_add_totals(out, &pass->totals);
    tm_buf_adds(out, ", in ");
    tm_clock_add_duration(out, pass->duration_ns);
    tm_buf_adds(out, "\n");
}

static void print_sweep(struct tm_ctx *ctx, const struct tm_sweep *sweep)
{
    if (ctx->json) {
        struct tm_json_writer w;

        tm_json_writer_init(&w, &ctx->out, 2);
        tm_sweep_json(sweep, &w);
        tm_buf_addc(&ctx->out, '\n');
        return;
    }
    add_pass(&ctx->out, "coverage", &sweep->pass[TM_COLLECT_COVERAGE]);
    add_pass(&ctx->out, "benchmarks", &sweep->pass[TM_COLLECT_BENCH]);
}

/* The table says which; the exit status that there were any. */
static enum tm_code verdict(const struct tm_sweep *sweep, struct tm_err *err)
{
    for (size_t kind = 0; kind < TM_SWEEP_KINDS; kind++) {
        const struct tm_sweep_pass *pass = &sweep->pass[kind];

        if (pass->totals.failed || pass->totals.timeout || pass->manifests_failed)
            err->code = TM_E_PARTIAL;
    }
    return err->code;
}

static enum tm_code sweep_modules(struct tm_ctx *ctx, const struct tm_args *args, struct tm_catalog *catalog,
                                  struct tm_err *err)
{
    struct tm_sweep TM_CLEANUP(tm_sweep_release) sweep = TM_SWEEP_INIT;
    bool both = !args->opts[OPT_COVERAGE].given && !args->opts[OPT_BENCH].given;
    struct tm_sweep_request request = {
        .coverage = both || args->opts[OPT_COVERAGE].given,
        .bench = both || args->opts[OPT_BENCH].given,
        .jobs = (unsigned)args->opts[OPT_JOBS].number,
        .pending = args->opts[OPT_PENDING].given,
    };
    struct tm_module **modules;
    enum tm_code code =
        tm_catalog_select(catalog, args->words, args->n_words, &modules, &request.n_modules, err);

    if (code)
        return code;
    request.modules = modules;
    code = tm_sweep_run(&sweep, ctx->repo, catalog, &request, err);
    if (!code || code == TM_E_STOPPED)
        print_sweep(ctx, &sweep);
    if (request.pending)
        tm_pending_note(ctx->repo, &ctx->log);
    if (!code)
        code = tm_catalog_report_problems(catalog, &ctx->log, err);
    return code ? code : verdict(&sweep, err);
}

static enum tm_code run_sweep(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_catalog catalog = TM_CATALOG_INIT;
    enum tm_code code = TM_OK;

    if (args->opts[OPT_JOBS].given &&
        (args->opts[OPT_JOBS].number == 0 || args->opts[OPT_JOBS].number > TM_JOBS_MAX))
        return tm_err_set(err, TM_E_USAGE, "--jobs is 1 to %d", TM_JOBS_MAX);
    if (!args->opts[OPT_PENDING].given)
        code = tm_pending_refuse(ctx->repo, err);
    if (!code)
        code = tm_catalog_load(&catalog, ctx->repo, err);
    if (!code)
        code = sweep_modules(ctx, args, &catalog, err);
    tm_catalog_release(&catalog);
    return code;
}

const struct tm_cmd tm_sweep_cmd = {
    .name = "sweep",
    .summary = "run tests and benchmarks, write what they measured",
    .usage = "[--coverage] [--bench] [-j N] [--pending] [MODULE...]",
    .help =
        "Runs for each module the first collector that fits (tidemark.yaml may choose another), ledgers "
        "what\n"
        "it measured or why it did not, and writes the figure into the module's manifest. Benchmarks run\n"
        "one at a time. Names of modules are those of their manifests, or their folders.\n\n"
        "Ends with status 4 when a module failed or timed out: the others are written.\n",
    .opts = sweep_opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_LOCK | TM_NEEDS_JSON,
    .run = run_sweep,
};
