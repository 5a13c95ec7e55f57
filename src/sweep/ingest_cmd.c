#include "base/json_write.h"
#include "cli/cmd.h"
#include "ledger/pending.h"
#include "sweep/ingest.h"
#include "sweep/table.h"

enum { OPT_AS, OPT_MODULE, OPT_PENDING, OPT_STRICT };

static const struct tm_opt ingest_opts[] = {
    [OPT_AS] = { "as", 0, TM_OPT_STR, "FORMAT",
                 "format of the reports, found from each one's content when not given: ",
                 tm_ingest_add_formats },
    [OPT_MODULE] = { "module", 0, TM_OPT_STR, "NAME",
                     "the module whose benchmarks these are (default: by the file each one is in)" },
    [OPT_PENDING] = { "pending", 0, TM_OPT_FLAG, NULL,
                      "write ledger entries to fragments, for hosts that merge without tidemark's driver" },
    [OPT_STRICT] = { "strict", 0, TM_OPT_FLAG, NULL,
                     "write nothing, and exit 1, when a report names a file that is not found" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

static void print_text(struct tm_buf *out, const struct tm_ingest *ingest)
{
    static const char *const titles[TM_SWEEP_KINDS] = { "coverage", "benchmarks" };

    for (size_t kind = 0; kind < TM_SWEEP_KINDS; kind++) {
        const struct tm_sweep_pass *pass = &ingest->sweep.pass[kind];

        if (!pass->n_outcomes)
            continue;
        tm_buf_addf(out, "%s\n", titles[kind]);
        tm_table_add_outcomes(out, pass);
    }
    tm_drops_add_text(out, &ingest->drops);
    if (ingest->benchmarks_left_out)
        tm_buf_addf(out, "%zu %s left out, in no module: name theirs with --module\n",
                    ingest->benchmarks_left_out,
                    ingest->benchmarks_left_out == 1 ? "benchmark" : "benchmarks");
}

static void put_report(struct tm_json_writer *w, const struct tm_ingest_report *report)
{
    tm_json_object_begin(w);
    tm_json_members(w, "path", report->path);
    if (report->error)
        tm_json_members(w, "error", report->error);
    else
        tm_json_members(w, "format", report->format);
    tm_json_object_end(w);
}

static void put_notes(struct tm_json_writer *w, const struct tm_ingest *ingest)
{
    tm_json_array_begin(w);
    for (size_t i = 0; i < ingest->n_notes; i++)
        tm_json_puts(w, ingest->notes[i]);
    tm_json_array_end(w);
}

static void print_json(struct tm_buf *out, const struct tm_ingest *ingest)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_key(&w, "reports");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < ingest->n_reports; i++)
        put_report(&w, &ingest->reports[i]);
    tm_json_array_end(&w);
    tm_json_key(&w, "notes");
    put_notes(&w, ingest);
    tm_drops_put_json(&w, &ingest->drops);
    tm_json_member_u64(&w, "benchmarks_left_out", ingest->benchmarks_left_out);
    tm_json_key(&w, "observed");
    tm_sweep_json(&ingest->sweep, &w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

static enum tm_code verdict(const struct tm_ingest *ingest, struct tm_err *err)
{
    size_t observed = 0, lost = 0;

    for (size_t kind = 0; kind < TM_SWEEP_KINDS; kind++) {
        observed += ingest->sweep.pass[kind].n_outcomes;
        lost += ingest->sweep.pass[kind].manifests_failed + ingest->sweep.pass[kind].totals.failed;
    }
    /* A single one is told once. */
    if (ingest->n_failed == 1 && ingest->n_reports == 1)
        return tm_err_set(err, TM_E_FORMAT, "%s", ingest->reports[0].error);
    if (ingest->n_failed == ingest->n_reports)
        return tm_err_set(err, TM_E_FORMAT, "none of the %zu reports could be read", ingest->n_reports);
    if (ingest->refused)
        return tm_err_set(err, TM_E_NO,
                          "%llu files of the reports are not found in the repository, nothing "
                          "was written",
                          (unsigned long long)tm_drops_unresolved(&ingest->drops));
    if (observed == 0)
        return tm_err_set(err, TM_E_NOT_FOUND, "the reports name no source of a module, nothing was written");
    if (ingest->n_failed)
        return tm_err_set(err, TM_E_PARTIAL, "%zu of %zu reports could not be read", ingest->n_failed,
                          ingest->n_reports);
    if (lost)
        err->code = TM_E_PARTIAL;
    return err->code;
}

static enum tm_code ingest_reports(struct tm_ctx *ctx, const struct tm_args *args, struct tm_catalog *catalog,
                                   struct tm_err *err)
{
    struct tm_ingest TM_CLEANUP(tm_ingest_release) ingest = { .sweep = TM_SWEEP_INIT };
    struct tm_ingest_request request = {
        .paths = args->words,
        .n_paths = args->n_words,
        .format = args->opts[OPT_AS].text,
        .pending = args->opts[OPT_PENDING].given,
        .strict = args->opts[OPT_STRICT].given,
    };
    const char *module = args->opts[OPT_MODULE].text;
    enum tm_code code;

    if (module) {
        struct tm_module **selected;
        size_t n;

        code = tm_catalog_select(catalog, &module, 1, &selected, &n, err);
        if (code)
            return code;
        request.module = selected[0];
    }
    code = tm_ingest_run(&ingest, ctx->repo, catalog, &request, err);
    if (code)
        return code;
    for (size_t i = 0; i < ingest.n_reports; i++) {
        if (ingest.reports[i].error && ingest.n_reports > 1)
            tm_log_warn(&ctx->log, "%s", ingest.reports[i].error);
    }
    if (request.pending)
        tm_pending_note(ctx->repo, &ctx->log);
    for (size_t i = 0; i < ingest.n_notes; i++)
        tm_log_warn(&ctx->log, "%s", ingest.notes[i]);
    if (ingest.total_notes > ingest.n_notes)
        tm_log_warn(&ctx->log, "%llu more notes on the reports",
                    (unsigned long long)(ingest.total_notes - ingest.n_notes));
    if (ctx->json)
        print_json(&ctx->out, &ingest);
    else
        print_text(&ctx->out, &ingest);
    code = verdict(&ingest, err);
    return code ? code : tm_catalog_report_problems(catalog, &ctx->log, err);
}

static enum tm_code run_ingest(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = TM_CATALOG_INIT;
    enum tm_code code = TM_OK;

    if (args->n_words == 0)
        return tm_err_set(err, TM_E_USAGE, "no report given, see 'tidemark ingest --help'");
    if (!args->opts[OPT_PENDING].given)
        code = tm_pending_refuse(ctx->repo, err);
    if (!code)
        code = tm_catalog_load(&catalog, ctx->repo, err);
    return code ? code : ingest_reports(ctx, args, &catalog, err);
}

const struct tm_cmd tm_ingest_cmd = {
    .name = "ingest",
    .summary = "take reports that something else produced",
    .usage = "[--as FORMAT] [--module NAME] [--pending] [--strict] REPORT...",
    .help =
        "Finds the modules that the reports are about by the files they name, ledgers what they say, and\n"
        "writes the figures into the manifests, as a sweep does. Coverage reports given together are one: a\n"
        "line is covered when one of them covered it. Tests, generated, vendored and excluded files are "
        "left\n"
        "out and counted, as are files that are not found; where several could be meant they are listed, "
        "with\n"
        "the setting that decides.\n\n"
        "Ends with status 4 when some reports could not be read, 3 when none could.\n",
    .opts = ingest_opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_LOCK | TM_NEEDS_JSON,
    .run = run_ingest,
};
