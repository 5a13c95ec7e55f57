#include "cli/cmd.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "checkpoint/checkpoint.h"
#include "freeze/freeze.h"

enum { OPT_CHECKPOINT_KEY, OPT_KIND, OPT_REASON };

static const struct tm_opt opts[] = {
    [OPT_CHECKPOINT_KEY] = { "checkpoint-key", 0, TM_OPT_STR, "FILE",
                             "sign a checkpoint of each ledger with the key in FILE" },
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
    for (size_t i = 0; i < result->n_notes; i++) {
        tm_buf_adds(&ctx->out, "signed ");
        tm_buf_add_escaped(&ctx->out, tm_str(result->notes[i]));
        tm_buf_addc(&ctx->out, '\n');
    }
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
    tm_json_key(&w, "notes");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < result->n_notes; i++)
        tm_json_puts(&w, result->notes[i]);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(&ctx->out, '\n');
}

/* What the options and words say. */
static enum tm_code read_request(const struct tm_args *args, struct tm_freeze_request *request,
                                 struct tm_note_signer *signer, struct tm_err *err)
{
    const struct tm_opt_value *kind = &args->opts[OPT_KIND], *key = &args->opts[OPT_CHECKPOINT_KEY];

    if (args->n_words != 1)
        return tm_err_set(err, TM_E_USAGE, "give one tag: tidemark freeze TAG");
    *request = (struct tm_freeze_request) { .tag = args->words[0],
                                            .kind = TM_FREEZE_BASELINE,
                                            .reason = args->opts[OPT_REASON].text };
    if (kind->given && !tm_freeze_kind_parse(tm_str(kind->text), &request->kind))
        return tm_err_set(err, TM_E_USAGE, "unknown kind '%s', give baseline, production or final",
                          kind->text);
    if (!key->given)
        return TM_OK;
    request->signer = signer;
    return tm_note_signer_load(signer, key->text, err);
}

static enum tm_code freeze(struct tm_ctx *ctx, const struct tm_freeze_request *request,
                           struct tm_freeze_result *result, struct tm_err *err)
{
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = { 0 };
    struct tm_checkpoint TM_CLEANUP(tm_checkpoint_release) checkpoint = TM_CHECKPOINT_INIT;
    /* What costs nothing is refused first. */
    enum tm_code code = tm_freeze_check(ctx->repo, request->tag, err);

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
    return tm_freeze_create(ctx->repo, &catalog, request, result, err);
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_note_signer TM_CLEANUP(tm_note_signer_wipe) signer;
    struct tm_freeze_result TM_CLEANUP(tm_freeze_result_release) result = { 0 };
    struct tm_freeze_request request;
    enum tm_code code = read_request(args, &request, &signer, err);

    if (!code)
        code = freeze(ctx, &request, &result, err);
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
    .usage = "TAG [--kind KIND] [--reason TEXT] [--checkpoint-key FILE]",
    .help = "Writes the freeze record and a ledger entry, commits both and puts an annotated tag on\n"
            "that commit: all of it or nothing. Refuses a dirty tree, a tag that exists, a missing,\n"
            "ignored or untracked artifact, and a checkpoint that does not pass. With --checkpoint-key,\n"
            "signed checkpoints of the ledgers go into the same commit, see 'ledger checkpoint-key'.\n",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_LOCK | TM_NEEDS_JSON,
    .run = run,
};
