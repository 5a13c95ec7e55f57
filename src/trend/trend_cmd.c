/* `tidemark trends`: the trend CSVs from the ledgers. */
#include "base/json_write.h"
#include "cli/cmd.h"
#include "ledger/pending.h"
#include "trend/trend.h"

enum { OPT_CHECK };

static const struct tm_opt opts[] = {
    [OPT_CHECK] = { "check", 0, TM_OPT_FLAG, NULL, "write nothing; exit 1 when a file is not up to date" },
    { NULL },
};

/* What was done with one file. */
struct outcome {
    const struct tm_trend_file *file;
    struct tm_trend_counts counts;
    bool changed; /* was written, or would be */
};

static enum tm_code handle(struct tm_ctx *ctx, bool check, struct outcome *outcome, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) csv = TM_BUF_INIT;
    enum tm_code code = tm_trend_compute(outcome->file, ctx->repo, &csv, &outcome->counts, err);

    if (code)
        return code;
    if (outcome->counts.unread)
        tm_log_warn(&ctx->log, "adopted lines of '%s' that are not understood: %zu", outcome->file->ledger,
                    outcome->counts.unread);
    return check ? tm_trend_compare(outcome->file, ctx->repo, tm_buf_str(&csv), &outcome->changed, err)
                 : tm_trend_put(outcome->file, ctx->repo, tm_buf_str(&csv), &outcome->changed, err);
}

static const char *state_of(bool check, const struct outcome *outcome)
{
    if (check)
        return outcome->changed ? "stale" : "up to date";
    return outcome->changed ? "written" : "unchanged";
}

static void print_text(struct tm_ctx *ctx, bool check, const struct outcome *outcome)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    tm_repo_trend(ctx->repo, outcome->file->name, &path);
    tm_buf_addc(&ctx->out, '\'');
    tm_buf_add_escaped(&ctx->out, tm_buf_str(&path));
    tm_buf_addf(&ctx->out, "' %s: ", state_of(check, outcome));
    if (outcome->counts.rows)
        tm_buf_addf(&ctx->out, "%zu row%s, %zu module%s\n", outcome->counts.rows,
                    outcome->counts.rows == 1 ? "" : "s", outcome->counts.modules,
                    outcome->counts.modules == 1 ? "" : "s");
    else
        tm_buf_addf(&ctx->out, "no %s data\n", outcome->file->title);
}

static void print_json(struct tm_ctx *ctx, bool check, const struct outcome *outcomes, size_t n)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, &ctx->out, 2);
    tm_json_object_begin(&w);
    tm_json_key(&w, "files");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < n; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

        tm_repo_trend(ctx->repo, outcomes[i].file->name, &path);
        tm_json_object_begin(&w);
        tm_json_member_str(&w, "path", tm_buf_str(&path));
        tm_json_members(&w, "state", state_of(check, &outcomes[i]));
        tm_json_member_u64(&w, "rows", outcomes[i].counts.rows);
        tm_json_member_u64(&w, "modules", outcomes[i].counts.modules);
        tm_json_member_u64(&w, "not_understood", outcomes[i].counts.unread);
        tm_json_object_end(&w);
    }
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(&ctx->out, '\n');
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct outcome outcomes[] = { { .file = &tm_trend_coverage }, { .file = &tm_trend_bench } };
    bool check = args->opts[OPT_CHECK].given;
    enum tm_code code = TM_OK;
    size_t stale = 0;

    if (args->n_words)
        return tm_err_set(err, TM_E_USAGE, "'trends' takes no arguments, but there is '%s'", args->words[0]);
    if (!check)
        code = tm_repo_lock(ctx->repo, ctx->lock_timeout_ms, err);
    for (size_t i = 0; i < TM_LEN(outcomes) && !code; i++) {
        code = handle(ctx, check, &outcomes[i], err);
        stale += check && outcomes[i].changed;
    }
    if (code)
        return code;
    tm_pending_note(ctx->repo, &ctx->log);
    if (ctx->json)
        print_json(ctx, check, outcomes, TM_LEN(outcomes));
    else
        for (size_t i = 0; i < TM_LEN(outcomes); i++)
            print_text(ctx, check, &outcomes[i]);
    if (stale)
        return tm_err_set(err, TM_E_NO, "%zu of %zu trends are stale, run 'tidemark trends'", stale,
                          TM_LEN(outcomes));
    return TM_OK;
}

const struct tm_cmd tm_trends_cmd = {
    .name = "trends",
    .summary = "write the trend CSVs from the ledgers",
    .usage = "[--check]",
    .help = "Writes coverage_trend.csv and bench_trend.csv: a row for each measured observation in the\n"
            "ledgers, with the step from the module's row before. A file is written only when its content\n"
            "changes; without measurements it holds the header alone.",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run,
};
