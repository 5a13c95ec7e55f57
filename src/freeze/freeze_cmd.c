#include "cli/cmd.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "checkpoint/checkpoint.h"
#include "freeze/freeze.h"

enum { OPT_KIND, OPT_REASON };

static const struct tm_opt opts[] = {
    [OPT_KIND] = { "kind", 0, TM_OPT_STR, "KIND", "baseline (default), production or final" },
    [OPT_REASON] = { "reason", 0, TM_OPT_STR, "TEXT", "why; goes into record, ledger and tag" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

static void print_text(struct tm_ctx *ctx, const char *tag, const struct tm_freeze_result *result)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;

    tm_buf_addf(&line, "froze %.10s as '%s': %zu artifacts, %zu ledger%s", result->commit.hex, tag,
                result->artifacts, result->ledgers, result->ledgers == 1 ? "" : "s");
    tm_buf_add_escaped(&ctx->out, tm_buf_str(&line));
    tm_buf_addf(&ctx->out, "\nthe tag stands on %.10s, the record is %s\n", result->freeze.hex,
                result->record);
}

static void print_json(struct tm_ctx *ctx, const char *tag, enum tm_freeze_kind kind,
                       const struct tm_freeze_result *result)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, &ctx->out, 2);
    tm_json_object_begin(&w);
    tm_json_members(&w, "tag", tag);
    tm_json_members(&w, "kind", tm_freeze_kind_name(kind));
    tm_json_key(&w, "frozen_at");
    tm_json_put_stamp(&w, result->frozen_at_s);
    tm_json_members(&w, "commit", result->commit.hex);
    tm_json_members(&w, "freeze", result->freeze.hex);
    tm_json_members(&w, "record", result->record);
    tm_json_members(&w, "ledger", result->ledger);
    tm_json_member_u64(&w, "artifacts", result->artifacts);
    tm_json_member_u64(&w, "ledgers", result->ledgers);
    tm_json_object_end(&w);
    tm_buf_addc(&ctx->out, '\n');
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_freeze_request request = { .kind = TM_FREEZE_BASELINE };
    struct tm_freeze_result TM_CLEANUP(tm_freeze_result_release) result = { 0 };
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = { 0 };
    struct tm_checkpoint TM_CLEANUP(tm_checkpoint_release) checkpoint = TM_CHECKPOINT_INIT;
    enum tm_code code;

    if (args->n_words != 1)
        return tm_err_set(err, TM_E_USAGE, "give one tag: tidemark freeze TAG");
    request.tag = args->words[0];
    request.reason = args->opts[OPT_REASON].text;
    if (args->opts[OPT_KIND].given && !tm_freeze_kind_parse(tm_str(args->opts[OPT_KIND].text), &request.kind))
        return tm_err_set(err, TM_E_USAGE, "unknown kind '%s', give baseline, production or final",
                          args->opts[OPT_KIND].text);
    /* What costs nothing is refused first. */
    code = tm_freeze_check(ctx->repo, request.tag, err);
    if (!code)
        code = tm_freeze_check_clean(ctx->repo, err);
    if (!code)
        code = tm_catalog_load(&catalog, ctx->repo, err);
    if (!code)
        code = tm_checkpoint_run(&checkpoint, ctx->repo, &catalog, err);
    if (code)
        return code;
    if (checkpoint.failed)
        return tm_err_set(err, TM_E_REFUSED, "the checkpoint did not pass (%s), see 'tidemark validate'",
                          tm_checkpoint_first_failure(&checkpoint));
    code = tm_freeze_create(ctx->repo, &catalog, &request, &result, err);
    if (code)
        return code;
    if (ctx->json)
        print_json(ctx, request.tag, request.kind, &result);
    else
        print_text(ctx, request.tag, &result);
    return TM_OK;
}

const struct tm_cmd tm_freeze_cmd = {
    .name = "freeze",
    .summary = "freeze the state under a tag",
    .usage = "TAG [--kind KIND] [--reason TEXT]",
    .help = "Writes the freeze record and a ledger entry, commits both and puts an annotated tag on\n"
            "that commit: all of it or nothing. Refuses a dirty tree, a tag that exists, a missing,\n"
            "ignored or untracked artifact, and a checkpoint that does not pass.\n",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_LOCK | TM_NEEDS_JSON,
    .run = run,
};
