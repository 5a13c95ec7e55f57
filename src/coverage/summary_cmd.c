#include "base/json_write.h"
#include "coverage/coverage_cmd.h"
#include "coverage/format.h"

enum { OPT_AS, OPT_FILES };

static const struct tm_opt summary_opts[] = {
    [OPT_AS] = { "as", 0, TM_OPT_STR, "FORMAT",
                 "format of the reports (default: by content); tidemark(1) has the names" },
    [OPT_FILES] = { "files", 0, TM_OPT_FLAG, NULL, "each file, too" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

/* The figures in the order of their columns. */
enum { FIGURES = 4 };
static const char *const figures[FIGURES] = { "lines", "branches", "functions", "statements" };

static struct tm_ratio figure_of(const struct tm_totals *totals, size_t i)
{
    const struct tm_ratio all[FIGURES] = { totals->lines, totals->branches, totals->functions,
                                           totals->statements };

    return all[i];
}

static void add_totals(struct tm_buf *out, const struct tm_totals *totals)
{
    for (size_t i = 0; i < FIGURES; i++) {
        struct tm_ratio r = figure_of(totals, i);

        if (!tm_ratio_has_data(r)) {
            tm_buf_addf(out, "%-11s none\n", figures[i]);
            continue;
        }
        tm_buf_addf(out, "%-11s %llu of %llu, ", figures[i], (unsigned long long)r.num,
                    (unsigned long long)r.den);
        tm_ratio_add_percent(out, r);
        tm_buf_adds(out, " %\n");
    }
}

static void add_file(struct tm_buf *out, const struct tm_report_file *file)
{
    struct tm_totals totals = tm_report_file_totals(file);
    struct tm_buf TM_CLEANUP(tm_buf_release) percent = TM_BUF_INIT;

    if (tm_ratio_has_data(totals.lines))
        tm_ratio_add_percent(&percent, totals.lines);
    tm_buf_addf(out, "%7s %%  %llu of %llu  ", percent.len ? percent.data : "-",
                (unsigned long long)totals.lines.num, (unsigned long long)totals.lines.den);
    tm_buf_add_escaped(out, file->path);
    tm_buf_addc(out, '\n');
}

static void print_text(struct tm_buf *out, const struct tm_report *report, bool files)
{
    struct tm_totals totals = tm_report_totals(report);

    for (size_t i = 0; files && i < tm_report_n_files(report); i++)
        add_file(out, tm_report_file_at(report, i));
    tm_buf_addf(out, "%-11s %zu\n", "files", tm_report_n_files(report));
    add_totals(out, &totals);
}

static void put_totals(struct tm_json_writer *w, const struct tm_totals *totals)
{
    for (size_t i = 0; i < FIGURES; i++) {
        struct tm_ratio r = figure_of(totals, i);

        if (!tm_ratio_has_data(r))
            continue;
        tm_json_key(w, figures[i]);
        tm_json_object_begin(w);
        tm_json_member_u64(w, "covered", r.num);
        tm_json_member_u64(w, "valid", r.den);
        tm_json_object_end(w);
    }
}

static void print_json(struct tm_buf *out, const struct tm_report *report, bool files)
{
    struct tm_totals totals = tm_report_totals(report);
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_member_u64(&w, "n_files", tm_report_n_files(report));
    put_totals(&w, &totals);
    if (files) {
        tm_json_key(&w, "files");
        tm_json_array_begin(&w);
        for (size_t i = 0; i < tm_report_n_files(report); i++) {
            const struct tm_report_file *file = tm_report_file_at(report, i);

            totals = tm_report_file_totals(file);
            tm_json_object_begin(&w);
            tm_json_key(&w, "path");
            tm_json_put_str(&w, file->path);
            put_totals(&w, &totals);
            tm_json_object_end(&w);
        }
        tm_json_array_end(&w);
    }
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

static enum tm_code run_summary(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    const struct tm_format *format;
    enum tm_code code = tm_format_choose(args->opts[OPT_AS].text, &format, err);

    if (code)
        return code;
    if (args->n_words == 0)
        return tm_err_set(err, TM_E_USAGE, "no report given, see 'tidemark coverage summary --help'");
    for (size_t i = 0; !code && i < args->n_words; i++)
        code = tm_report_read_file(args->words[i], format, &report, err);
    if (code)
        return code;
    for (size_t i = 0; i < report.n_notes; i++)
        tm_log_warn(&ctx->log, "%s", report.notes[i]);
    tm_drops_warn(&report.drops, &ctx->log);
    if (report.drops.count[TM_DROP_NO_SOURCE])
        tm_log_warn(&ctx->log, "summary looks for no sources, 'tidemark coverage convert' does");
    if (ctx->json)
        print_json(&ctx->out, &report, args->opts[OPT_FILES].given);
    else
        print_text(&ctx->out, &report, args->opts[OPT_FILES].given);
    return TM_OK;
}

const struct tm_cmd tm_coverage_summary_cmd = {
    .name = "summary",
    .summary = "what coverage reports say in total, without a repository",
    .usage = "[--as FORMAT] [--files] REPORT...",
    .opts = summary_opts,
    .needs = TM_NEEDS_JSON,
    .run = run_summary,
};
