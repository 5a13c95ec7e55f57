/* `tidemark ledger fold`: pending entries put into their ledgers. */
#include "base/json_write.h"
#include "ledger/fold.h"
#include "ledger/ledger_cmd.h"

enum { OPT_APPLY };

static const struct tm_opt opts[] = {
    [OPT_APPLY] = { "apply", 0, TM_OPT_FLAG, NULL, "do it, in one commit" },
    { NULL },
};

static void add_count(struct tm_buf *out, size_t n, const char *one, const char *many)
{
    tm_buf_addf(out, "%zu %s", n, n == 1 ? one : many);
}

static void print_ledger(struct tm_buf *out, const struct tm_fold_ledger *ledger)
{
    tm_buf_addc(out, '\'');
    tm_buf_add_escaped(out, ledger->path);
    tm_buf_adds(out, "': ");
    add_count(out, ledger->entries, "entry", "entries");
    tm_buf_adds(out, " from ");
    add_count(out, ledger->fragments, "fragment", "fragments");
    if (ledger->folded) {
        tm_buf_adds(out, ", ");
        add_count(out, ledger->folded, "fragment", "fragments");
        tm_buf_adds(out, " folded before and not committed");
    }
    tm_buf_addc(out, '\n');
}

static void print_text(struct tm_ctx *ctx, const struct tm_fold *fold, const struct tm_oid *commit)
{
    struct tm_buf *out = &ctx->out;

    for (size_t i = 0; i < fold->n_ledgers; i++)
        print_ledger(out, &fold->ledgers[i]);
    if (fold->n_ledgers == 0)
        tm_buf_adds(out, "nothing is pending\n");
    else if (commit->hex[0])
        tm_buf_addf(out, "folded in commit %.10s\n", commit->hex);
    else
        tm_log_note(&ctx->log, "nothing was changed, --apply does it");
}

static void print_json(struct tm_buf *out, const struct tm_fold *fold, const struct tm_oid *commit)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_member_bool(&w, "applied", commit->hex[0]);
    tm_json_key(&w, "commit");
    if (commit->hex[0])
        tm_json_put_str(&w, tm_str(commit->hex));
    else
        tm_json_put_null(&w);
    tm_json_key(&w, "ledgers");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < fold->n_ledgers; i++) {
        tm_json_object_begin(&w);
        tm_json_member_str(&w, "path", fold->ledgers[i].path);
        tm_json_member_u64(&w, "entries", fold->ledgers[i].entries);
        tm_json_member_u64(&w, "fragments", fold->ledgers[i].fragments);
        tm_json_member_u64(&w, "folded", fold->ledgers[i].folded);
        tm_json_object_end(&w);
    }
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_fold TM_CLEANUP(tm_fold_release) fold = TM_FOLD_INIT;
    struct tm_oid commit = { "" };
    bool apply = args->opts[OPT_APPLY].given;
    enum tm_code code = TM_OK;

    if (args->n_words)
        return tm_err_set(err, TM_E_USAGE, "'ledger fold' takes no arguments, got '%s'", args->words[0]);
    if (apply)
        code = tm_repo_lock(ctx->repo, ctx->lock_timeout_ms, err);
    if (!code && apply)
        code = tm_fold_mend(ctx->repo, err);
    if (!code)
        code = tm_fold_plan(&fold, ctx->repo, err);
    if (!code && apply && fold.n_ledgers)
        code = tm_fold_apply(&fold, ctx->repo, &commit, err);
    if (code)
        return code;
    if (ctx->json)
        print_json(&ctx->out, &fold, &commit);
    else
        print_text(ctx, &fold, &commit);
    return TM_OK;
}

const struct tm_cmd tm_ledger_fold_cmd = {
    .name = "fold",
    .summary = "put pending entries into their ledgers",
    .usage = "[--apply]",
    .help =
        "Commands with --pending write their entries into fragments, so that branches do not run into each\n"
        "other where git merges without tidemark's driver. This says what is pending; --apply appends the\n"
        "entries to their ledgers, in ledger order, removes the fragments, and commits that.\n",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run,
};
