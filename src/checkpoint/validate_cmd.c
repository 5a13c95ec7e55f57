#include "cli/cmd.h"

#include "base/json_write.h"
#include "checkpoint/checkpoint.h"
#include "ledger/pending.h"

enum { OPT_STRICT };

static const struct tm_opt opts[] = {
    [OPT_STRICT] = { "strict", 0, TM_OPT_FLAG, NULL, "a check that had nothing to check fails" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

#define RULE "================================================================================\n"

static void print_text(struct tm_ctx *ctx, const struct tm_checkpoint *checkpoint, bool good)
{
    static const struct {
        const char *mark, *word, *color;
    } looks[] = {
        [TM_CHECK_PASSED] = { "✅", "PASSED", "\033[32m" },
        [TM_CHECK_FAILED] = { "❌", "FAILED", "\033[31m" },
        [TM_CHECK_SKIPPED] = { "ℹ ", "SKIPPED", "\033[33m" },
    };
    size_t judged = checkpoint->passed + checkpoint->failed;

    tm_buf_adds(&ctx->out, RULE "VALIDATION CHECKPOINT\n" RULE "\n");
    for (size_t i = 0; i < TM_CHECKS; i++) {
        const struct tm_check_result *check = &checkpoint->checks[i];

        tm_buf_addf(&ctx->out, "%s %s - %s%s%s", looks[check->status].mark, check->name,
                    ctx->color ? looks[check->status].color : "", looks[check->status].word,
                    ctx->color ? "\033[0m" : "");
        if (check->detail.len) {
            tm_buf_adds(&ctx->out, " (");
            tm_buf_add_escaped(&ctx->out, tm_buf_str(&check->detail));
            tm_buf_addc(&ctx->out, ')');
        }
        tm_buf_addc(&ctx->out, '\n');
    }
    tm_buf_addf(&ctx->out, "\n" RULE "Passed: %zu/%zu, failed: %zu/%zu, skipped: %zu\n%s\n" RULE,
                checkpoint->passed, judged, checkpoint->failed, judged, checkpoint->skipped,
                good ? "ALL CHECKS PASSED" : "CHECKPOINT NOT PASSED");
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = { 0 };
    struct tm_checkpoint TM_CLEANUP(tm_checkpoint_release) checkpoint = TM_CHECKPOINT_INIT;
    enum tm_code code;
    bool good;

    if (args->n_words)
        return tm_err_set(err, TM_E_USAGE, "'validate' takes no arguments, got '%s'", args->words[0]);
    code = tm_catalog_load(&catalog, ctx->repo, err);
    if (!code)
        code = tm_checkpoint_run(&checkpoint, ctx->repo, &catalog, err);
    if (code)
        return code;
    tm_pending_note(ctx->repo, &ctx->log);
    good = checkpoint.failed == 0 && checkpoint.passed > 0 &&
           !(args->opts[OPT_STRICT].given && checkpoint.skipped);
    if (ctx->json) {
        struct tm_json_writer w;

        tm_json_writer_init(&w, &ctx->out, 2);
        tm_json_object_begin(&w);
        tm_json_member_bool(&w, "ok", good);
        tm_checkpoint_json(&checkpoint, &w);
        tm_json_object_end(&w);
        tm_buf_addc(&ctx->out, '\n');
    } else {
        print_text(ctx, &checkpoint, good);
    }
    if (!good)
        return tm_err_set(err, TM_E_NO, "the checkpoint did not pass: %zu failed, %zu skipped",
                          checkpoint.failed, checkpoint.skipped);
    return tm_catalog_report_problems(&catalog, &ctx->log, err);
}

const struct tm_cmd tm_validate_cmd = {
    .name = "validate",
    .summary = "the checkpoint: is everything up to date and consistent?",
    .usage = "[--strict]",
    .help = "Compares the generated files in the work tree with what the repository says now, tests them\n"
            "against their schemas, and checks the ledgers and what manifests claim. SKIPPED means that\n"
            "there was nothing to check: neither pass nor fail.\n",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run,
};
