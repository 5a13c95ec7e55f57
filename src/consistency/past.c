#include "consistency/past.h"

#include "base/alloc.h"

void tm_past_init(struct tm_past *past, struct tm_repo *repo, struct tm_objects *objects,
                  struct tm_history *history)
{
    *past = (struct tm_past) { .repo = repo, .objects = objects, .history = history };
    tm_ledgers_init(&past->ledgers, repo, objects);
}

void tm_past_release(struct tm_past *past)
{
    for (size_t i = 0; i < TM_LEDGERS_KINDS; i++)
        free(past->versions[i]);
    tm_ledgers_release(&past->ledgers);
}

static void add(struct tm_past *past, enum tm_ledgers_kind kind, const struct tm_text_version *version)
{
    for (size_t i = 0; i < past->n[kind]; i++)
        if (past->versions[kind][i].version == version)
            return;
    TM_GROW(past->versions[kind], past->n[kind], past->cap[kind]);
    past->versions[kind][past->n[kind]++].version = version;
}

/* An entry of another kind backs nothing, so a fragment may stand among the versions of every ledger. */
static void add_fragment(void *ctx, const struct tm_text_version *version)
{
    struct tm_past *past = ctx;

    add(past, TM_LEDGERS_COVERAGE, version);
    add(past, TM_LEDGERS_BENCH, version);
}

static enum tm_code add_ledgers(struct tm_past *past, const struct tm_history_commit *commit,
                                struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t kind = 0; kind < TM_LEDGERS_KINDS && !code; kind++) {
        const struct tm_text_version *version;

        code = tm_ledgers_at(&past->ledgers, &commit->tree, (enum tm_ledgers_kind)kind, &version, err);
        if (code)
            break;
        add(past, (enum tm_ledgers_kind)kind, version);
        if (commit != past->of && kind != TM_LEDGERS_FREEZE && (version->size || version->damaged))
            past->had_ledger = true;
    }
    return code ? code : tm_ledgers_pending(&past->ledgers, &commit->tree, add_fragment, past, err);
}

static enum tm_code push_parents(struct tm_past *past, const struct tm_history_commit *commit,
                                 struct tm_commit_list *stack, struct tm_err *err)
{
    for (size_t i = 0; i < commit->n_parents; i++) {
        struct tm_history_commit *parent = NULL;
        enum tm_code code = tm_history_commit(past->history, past->repo->git, past->objects,
                                              &commit->parents[i], &parent, err);

        if (code)
            return code;
        if (!parent || parent->mark == past->stamp)
            continue;
        parent->mark = past->stamp;
        TM_GROW(stack->items, stack->n, stack->cap);
        stack->items[stack->n++].commit = parent;
    }
    return TM_OK;
}

enum tm_code tm_past_look(struct tm_past *past, struct tm_history_commit *commit, struct tm_err *err)
{
    struct tm_commit_list stack = { NULL, 0, 0 };
    enum tm_code code;

    if (past->of == commit)
        return TM_OK;
    past->of = commit;
    past->had_ledger = false;
    past->stamp++;
    for (size_t i = 0; i < TM_LEDGERS_KINDS; i++)
        past->n[i] = 0;
    code = add_ledgers(past, commit, err);
    if (!code)
        code = push_parents(past, commit, &stack, err);
    while (stack.n && !code) {
        struct tm_history_commit *at = stack.items[--stack.n].commit;

        code = add_ledgers(past, at, err);
        if (!code && at->in_range)
            code = push_parents(past, at, &stack, err);
    }
    free(stack.items);
    return code;
}
