#include "cli/cmd.h"

#include "base/json_write.h"
#include "freeze/rollback.h"
#include "ledger/pending.h"

enum { OPT_APPLY };

static const struct tm_opt opts[] = {
    [OPT_APPLY] = { "apply", 0, TM_OPT_FLAG, NULL, "do it; without, only the plan is printed" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

static const struct {
    const char *json, *text;
} words[] = {
    [TM_ROLLBACK_SAME] = { "same", NULL },
    [TM_ROLLBACK_RESTORE] = { "restore", "restore " },
    [TM_ROLLBACK_OBSERVED] = { "observed", "observed" },
    [TM_ROLLBACK_GONE] = { "gone", "gone    " },
};

static void print_text(struct tm_ctx *ctx, const struct tm_rollback_plan *plan, bool apply,
                       const struct tm_oid *commit)
{
    size_t observed = 0, gone = 0;

    for (size_t i = 0; i < plan->n_files; i++) {
        const struct tm_rollback_file *file = &plan->files[i];

        observed += file->what == TM_ROLLBACK_OBSERVED;
        gone += file->what == TM_ROLLBACK_GONE;
        if (!words[file->what].text)
            continue;
        tm_buf_addf(&ctx->out, "%s  ", words[file->what].text);
        tm_buf_add_escaped(&ctx->out, file->path);
        tm_buf_addc(&ctx->out, '\n');
    }
    if (observed)
        tm_buf_adds(&ctx->out,
                    "(observed: people changed the manifest since; only its observed fields return)\n");
    if (gone)
        tm_buf_adds(&ctx->out, "(gone: the module is no more; its manifest is not brought back)\n");
    tm_buf_addf(&ctx->out, "%zu ledger entries made since the freeze stay\n", plan->ledger_entries_kept);
    if (plan->changes == 0)
        tm_buf_adds(&ctx->out, "nothing to do: every artifact is as it was frozen\n");
    else if (apply)
        tm_buf_addf(&ctx->out, "%zu of %zu artifacts rolled back in commit %.10s\n", plan->changes,
                    plan->n_files, commit->hex);
    else
        tm_buf_addf(&ctx->out, "%zu of %zu artifacts would be rolled back; add --apply to do it\n",
                    plan->changes, plan->n_files);
}

static void print_json(struct tm_ctx *ctx, const struct tm_rollback_plan *plan, bool apply,
                       const struct tm_oid *commit)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, &ctx->out, 2);
    tm_json_object_begin(&w);
    tm_json_member_str(&w, "tag", plan->record.tag);
    tm_json_members(&w, "frozen_commit", plan->record.commit.hex);
    tm_json_member_bool(&w, "applied", apply && plan->changes);
    tm_json_key(&w, "commit");
    if (apply && plan->changes)
        tm_json_puts(&w, commit->hex);
    else
        tm_json_put_null(&w);
    tm_json_member_u64(&w, "artifacts", plan->n_files);
    tm_json_member_u64(&w, "changes", plan->changes);
    tm_json_member_u64(&w, "ledger_entries_kept", plan->ledger_entries_kept);
    tm_json_key(&w, "files");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < plan->n_files; i++) {
        tm_json_object_begin(&w);
        tm_json_member_str(&w, "path", plan->files[i].path);
        tm_json_members(&w, "what", words[plan->files[i].what].json);
        tm_json_object_end(&w);
    }
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(&ctx->out, '\n');
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_rollback_plan TM_CLEANUP(tm_rollback_plan_release) plan = { 0 };
    struct tm_oid commit = { "" };
    bool apply = args->opts[OPT_APPLY].given;
    enum tm_code code;

    if (args->n_words != 1)
        return tm_err_set(err, TM_E_USAGE, "give one tag: tidemark rollback TAG");
    code = apply ? tm_pending_refuse(ctx->repo, err) : TM_OK;
    if (!code)
        code = tm_rollback_plan(ctx->repo, args->words[0], &plan, err);
    if (!code && apply)
        code = tm_rollback_apply(ctx->repo, &plan, &commit, err);
    if (code)
        return code;
    if (ctx->json)
        print_json(ctx, &plan, apply, &commit);
    else
        print_text(ctx, &plan, apply, &commit);
    return TM_OK;
}

const struct tm_cmd tm_rollback_cmd = {
    .name = "rollback",
    .summary = "go back to a freeze, in a new commit",
    .usage = "TAG [--apply]",
    .help = "Restores the artifacts that the freeze pinned and the observed fields of manifests. History\n"
            "is never rewritten and ledgers keep every line; the rollback itself is ledgered. Source and\n"
            "other files are not touched: for those, git switch --detach TAG shows the frozen state.\n",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_LOCK | TM_NEEDS_JSON,
    .run = run,
};
