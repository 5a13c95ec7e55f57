/* `tidemark ledger proof` and `tidemark ledger prove-append`: proofs that are verified without a repository.
 */
#include "ledger/ledger_cmd.h"
#include "ledger/prove.h"

enum { OPT_FREEZE, OPT_LEDGER };

static const struct tm_opt proof_opts[] = {
    [OPT_FREEZE] = { "freeze", 0, TM_OPT_STR, "TAG",
                     "prove it by this freeze; else by the last that has it" },
    [OPT_LEDGER] = { "ledger", 0, TM_OPT_STR, "NAME", "look for the entry in this ledger only" },
    { NULL },
};

static enum tm_code run_proof(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_prove_entry what = { .ledger = args->opts[OPT_LEDGER].text,
                                   .freeze = args->opts[OPT_FREEZE].text };
    struct tm_proof proof;
    enum tm_code code;

    if (args->n_words != 1)
        return tm_err_set(err, TM_E_USAGE, "give one id: tidemark ledger proof ID");
    what.id = tm_str(args->words[0]);
    code = tm_prove_inclusion(ctx->repo, &what, &arena, &proof, err);
    if (!code)
        tm_proof_spell(&proof, &ctx->out);
    return code;
}

static enum tm_code run_append(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_proof proof;
    enum tm_code code;

    if (args->n_words != 2)
        return tm_err_set(err, TM_E_USAGE,
                          "give two freezes, the older first: tidemark ledger prove-append A B");
    code = tm_prove_append(ctx->repo, args->words[0], args->words[1], &arena, &proof, err);
    if (!code)
        tm_proof_spell(&proof, &ctx->out);
    return code;
}

const struct tm_cmd tm_ledger_proof_cmd = {
    .name = "proof",
    .summary = "prove that an entry is in a frozen ledger",
    .usage = "ID [--freeze TAG] [--ledger NAME]",
    .help =
        "Prints a proof that the entry was in its ledger when it was frozen. ID is what 'ledger log' shows,\n"
        "or the first four or more digits of it. 'ledger check-proof' verifies the proof anywhere, without\n"
        "this repository. An entry that no freeze has yet cannot be proved: freeze first.",
    .opts = proof_opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run_proof,
};

const struct tm_cmd tm_ledger_prove_append_cmd = {
    .name = "prove-append",
    .summary = "prove that a freeze only added to an earlier one",
    .usage = "A B",
    .help = "Prints a proof that the ledgers of freeze B begin with those of freeze A, an earlier one:\n"
            "nothing was taken out or changed between them. A and B are their tags. 'ledger check-proof'\n"
            "verifies the proof anywhere, without this repository.",
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run_append,
};
