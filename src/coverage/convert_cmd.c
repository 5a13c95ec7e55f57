#include "coverage/coverage_cmd.h"
#include "coverage/gather.h"
#include "coverage/write.h"

enum { OPT_AS, OPT_RESOLVE, OPT_STRICT, OPT_TO };

static const struct tm_opt convert_opts[] = {
    [OPT_AS] = { "as", 0, TM_OPT_STR, "FORMAT",
                 "format of the reports (default: by content); tidemark(1) has the names" },
    [OPT_RESOLVE] = { "resolve", 0, TM_OPT_FLAG, NULL,
                      "write repository paths, and leave out what an ingest leaves out" },
    [OPT_STRICT] = { "strict", 0, TM_OPT_FLAG, NULL,
                     "with --resolve: write nothing, and exit 1, when a file is not found" },
    [OPT_TO] = { "to", 0, TM_OPT_STR, "FORMAT", "cobertura, json or lcov; required" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

static enum tm_code flush(void *ctx, struct tm_err *err)
{
    return tm_ctx_flush(ctx, err);
}

static enum tm_code write_report(struct tm_ctx *ctx, const struct tm_report_writer *writer,
                                 const struct tm_report *report, struct tm_err *err)
{
    struct tm_report_out out = { &ctx->out, flush, ctx };

    for (size_t i = 0; i < report->n_notes; i++)
        tm_log_warn(&ctx->log, "%s", report->notes[i]);
    return tm_report_write(report, writer, &out, err);
}

/* With their own names: all files that the reports have. */
static enum tm_code convert_names(struct tm_ctx *ctx, const struct tm_args *args, struct tm_gather *gather,
                                  const struct tm_format *format, const struct tm_report_writer *writer,
                                  struct tm_err *err)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    enum tm_code code = TM_OK;

    report.greatest = gather->all.greatest;
    report.read_source = tm_resolve_source;
    report.read_source_ctx = &gather->finder;
    for (size_t i = 0; !code && i < args->n_words; i++)
        code = tm_report_read_file(args->words[i], format, &report, err);
    if (!code)
        tm_drops_warn(&report.drops, &ctx->log);
    return code ? code : write_report(ctx, writer, &report, err);
}

/* Says on stderr what is left out: stdout is the report. */
static enum tm_code tell_drops(struct tm_ctx *ctx, const struct tm_drops *drops, bool strict,
                               struct tm_err *err)
{
    uint64_t unresolved = tm_drops_unresolved(drops);

    tm_drops_warn(drops, &ctx->log);
    if (strict && unresolved)
        return tm_err_set(err, TM_E_NO, "%llu files of the reports are not found in the repository",
                          (unsigned long long)unresolved);
    return TM_OK;
}

static enum tm_code convert_resolved(struct tm_ctx *ctx, const struct tm_args *args, struct tm_gather *gather,
                                     const struct tm_format *format, const struct tm_report_writer *writer,
                                     struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < args->n_words; i++)
        code = tm_gather_read(gather, args->words[i], format, err);
    if (!code)
        code = tm_gather_finish(gather, err);
    if (!code)
        code = tell_drops(ctx, &gather->drops, args->opts[OPT_STRICT].given, err);
    return code ? code : write_report(ctx, writer, &gather->attribution.report, err);
}

static enum tm_code choose(const struct tm_args *args, const struct tm_format **format,
                           const struct tm_report_writer **writer, struct tm_err *err)
{
    const char *to = args->opts[OPT_TO].text;

    if (args->n_words == 0)
        return tm_err_set(err, TM_E_USAGE, "no report given, see 'tidemark coverage convert --help'");
    *writer = to ? tm_report_writer_find(tm_str(to)) : NULL;
    if (!*writer)
        return tm_err_set(err, TM_E_USAGE, "--to wants cobertura, json or lcov%s%s%s", to ? ", not '" : "",
                          to ? to : "", to ? "'" : "");
    if (args->opts[OPT_STRICT].given && !args->opts[OPT_RESOLVE].given)
        return tm_err_set(err, TM_E_USAGE, "--strict goes with --resolve");
    return tm_format_choose(args->opts[OPT_AS].text, format, err);
}

static enum tm_code run_convert(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = TM_CATALOG_INIT;
    const struct tm_report_writer *writer;
    const struct tm_format *format;
    struct tm_gather gather;
    enum tm_code code = choose(args, &format, &writer, err);

    if (!code)
        code = tm_catalog_load(&catalog, ctx->repo, err);
    if (code)
        return code;
    tm_gather_init(&gather, ctx->repo, &catalog, NULL, NULL);
    if (args->opts[OPT_RESOLVE].given)
        code = convert_resolved(ctx, args, &gather, format, writer, err);
    else
        code = convert_names(ctx, args, &gather, format, writer, err);
    tm_gather_release(&gather);
    return code;
}

const struct tm_cmd tm_coverage_convert_cmd = {
    .name = "convert",
    .summary = "write coverage reports in another format",
    .usage = "--to FORMAT [--as FORMAT] [--resolve [--strict]] REPORT...",
    .help =
        "Reads the reports as one and prints it in the format of --to, files in the order of their names. "
        "What "
        "a\n"
        "format cannot say is left out: statements in lcov and cobertura, ids of branches in cobertura. json "
        "is\n"
        "tidemark's own and has everything.\n\n"
        "Names stay as the reports have them; with --resolve they become repository paths.\n",
    .opts = convert_opts,
    .needs = TM_NEEDS_REPO,
    .run = run_convert,
};
