/* `tidemark ledger consistency`: did observed figures change without an entry? */
#include "base/clock.h"
#include "base/json_write.h"
#include "cli/cmd.h"
#include "consistency/consistency.h"
#include "ledger/ledger_cmd.h"

enum { OPT_ROOT, OPT_TOLERANCE };
enum { FLUSH_AT = 64 << 10, VALUE_SHOWN = 60 };

static const struct tm_opt opts[] = {
    [OPT_ROOT] = { "root", 0, TM_OPT_FLAG, NULL,
                   "from the first commit on: the whole history behind the range's end" },
    [OPT_TOLERANCE] = { "tolerance", 0, TM_OPT_UINT, "S",
                        "how far the time of an unchained line may be from the commit's, in seconds; 60" },
    { NULL },
};

static const struct {
    const char *word, *color;
} looks[TM_BACKINGS] = {
    [TM_BACKED_FIGURES] = { "by figures only", "" },
    [TM_BACKED_TIME] = { "by time only", "" },
    [TM_BACKED_UNPROVED] = { "not proved", "\033[33m" },
    [TM_BACKED_SILENT] = { "silent edit", "\033[31m" },
};

/* A value as it is spelled, cut short: a line is for people. */
static void add_value(struct tm_buf *out, struct tm_str value)
{
    if (!value.len) {
        tm_buf_adds(out, "nothing");
        return;
    }
    tm_buf_add_escaped(out, tm_str_n(value.data, TM_MIN(value.len, (size_t)VALUE_SHOWN)));
    if (value.len > VALUE_SHOWN)
        tm_buf_adds(out, "...");
}

static void print_finding(struct tm_ctx *ctx, const struct tm_consistency_finding *finding)
{
    struct tm_buf *out = &ctx->out;
    const char *color = ctx->color ? looks[finding->backing].color : "";

    if (!looks[finding->backing].word)
        return;
    tm_buf_addf(out, "%.12s  ", finding->commit.hex);
    tm_clock_add_stamp(out, finding->time_s);
    tm_buf_addf(out, "  %s%s%s  ", color, looks[finding->backing].word, *color ? "\033[0m" : "");
    tm_buf_add_escaped(out, finding->manifest);
    if (finding->reason.len) {
        tm_buf_adds(out, ": ");
        tm_buf_add_escaped(out, finding->reason);
    }
    tm_buf_addc(out, '\n');
    for (size_t i = 0; i < finding->n_fields; i++) {
        tm_buf_adds(out, "    ");
        tm_buf_add_escaped(out, finding->fields[i].name);
        tm_buf_adds(out, ": ");
        add_value(out, finding->fields[i].before);
        tm_buf_adds(out, " -> ");
        add_value(out, finding->fields[i].now);
        tm_buf_addc(out, '\n');
    }
}

static enum tm_code print_text(struct tm_ctx *ctx, const struct tm_consistency *result, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; i < result->n_findings && !code; i++) {
        print_finding(ctx, &result->findings[i]);
        if (ctx->out.len > FLUSH_AT)
            code = tm_ctx_flush(ctx, err);
    }
    for (size_t i = 0; i < result->n_horizon; i++)
        tm_buf_addf(&ctx->out, "%.12s  this shallow clone ends here\n", result->horizon[i].hex);
    tm_consistency_summary(result, &ctx->out);
    tm_buf_addc(&ctx->out, '\n');
    return code;
}

static void put_value(struct tm_json_writer *w, const char *key, struct tm_str value)
{
    tm_json_key(w, key);
    tm_json_put_raw(w, value.len ? value : TM_STR("null"));
}

static void put_finding(struct tm_json_writer *w, const struct tm_consistency_finding *finding)
{
    tm_json_object_begin(w);
    tm_json_members(w, "backing", tm_backing_name(finding->backing));
    tm_json_members(w, "commit", finding->commit.hex);
    tm_json_key(w, "time");
    tm_json_put_stamp(w, finding->time_s);
    tm_json_member_str(w, "manifest", finding->manifest);
    tm_json_key(w, "module");
    if (finding->module.len)
        tm_json_put_str(w, finding->module);
    else
        tm_json_put_null(w);
    if (finding->reason.len)
        tm_json_member_str(w, "reason", finding->reason);
    tm_json_key(w, "fields");
    tm_json_array_begin(w);
    for (size_t i = 0; i < finding->n_fields; i++) {
        tm_json_object_begin(w);
        tm_json_member_str(w, "field", finding->fields[i].name);
        put_value(w, "before", finding->fields[i].before);
        put_value(w, "now", finding->fields[i].now);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
    tm_json_object_end(w);
}

static enum tm_code print_json(struct tm_ctx *ctx, const struct tm_consistency *result, const char *verdict,
                               int64_t tolerance_s, struct tm_err *err)
{
    struct tm_json_writer w;
    enum tm_code code = TM_OK;

    tm_json_writer_init(&w, &ctx->out, 2);
    tm_json_object_begin(&w);
    tm_json_members(&w, "verdict", verdict);
    tm_json_member_str(&w, "range", result->range);
    tm_json_member_u64(&w, "tolerance_s", (uint64_t)tolerance_s);
    tm_json_member_u64(&w, "commits", result->commits);
    tm_json_member_u64(&w, "manifests", result->manifests);
    tm_json_key(&w, "by");
    tm_json_object_begin(&w);
    for (size_t i = 0; i < TM_BACKINGS; i++)
        tm_json_member_u64(&w, tm_backing_name((enum tm_backing)i), result->by[i]);
    tm_json_object_end(&w);
    tm_json_key(&w, "horizon");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < result->n_horizon; i++)
        tm_json_puts(&w, result->horizon[i].hex);
    tm_json_array_end(&w);
    tm_json_key(&w, "findings");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < result->n_findings && !code; i++) {
        put_finding(&w, &result->findings[i]);
        if (ctx->out.len > FLUSH_AT)
            code = tm_ctx_flush(ctx, err);
    }
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(&ctx->out, '\n');
    return code;
}

static const char *verdict_name(enum tm_code code, const struct tm_consistency *result)
{
    if (!result->commits)
        return "nothing_checked";
    return code == TM_OK ? "consistent" : code == TM_E_NO ? "silent_edits" : "not_proved";
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_consistency TM_CLEANUP(tm_consistency_release) result = { 0 };
    struct tm_err TM_CLEANUP(tm_err_release) verdict = TM_ERR_INIT;
    struct tm_consistency_request request = { .root = args->opts[OPT_ROOT].given,
                                              .tolerance_s = TM_TOLERANCE_S };
    enum tm_code code;

    if (args->n_words > 1)
        return tm_err_set(err, TM_E_USAGE, "'ledger consistency' takes one range, got '%s' as well",
                          args->words[1]);
    if (args->opts[OPT_TOLERANCE].given) {
        if (args->opts[OPT_TOLERANCE].number > TM_TOLERANCE_MAX_S)
            return tm_err_set(err, TM_E_USAGE, "--tolerance is at most %d seconds", TM_TOLERANCE_MAX_S);
        request.tolerance_s = (int64_t)args->opts[OPT_TOLERANCE].number;
    }
    request.range = args->n_words ? args->words[0] : NULL;
    code = tm_consistency_check(&result, ctx->repo, &request, err);
    if (code)
        return code;
    code = tm_consistency_verdict(&result, &verdict);
    if (ctx->json)
        code = print_json(ctx, &result, verdict_name(code, &result), request.tolerance_s, err);
    else
        code = print_text(ctx, &result, err);
    return code || !verdict.code ? code : tm_err_move(err, &verdict);
}

const struct tm_cmd tm_ledger_consistency_cmd = {
    .name = "consistency",
    .summary = "did observed figures change without an entry?",
    .usage = "[--root] [--tolerance S] [RANGE]",
    .help =
        "Lists the commits that changed observed figures of a manifest while no entry of a ledger, in that\n"
        "commit or an ancestor, backs them. RANGE is A..B, or a revision for one commit; without it the\n"
        "commits that the branch's upstream does not have, or HEAD when there is no upstream.\n"
        "\n"
        "Exit status: 0 consistent, 1 silent edits, 2 wrong usage, 3 could not be read, 4 not proved or\n"
        "nothing to check.\n",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run,
};
