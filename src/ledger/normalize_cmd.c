/* `tidemark ledger normalize`: order and duplicates put right. */
#include "base/alloc.h"
#include "base/json_write.h"
#include "ledger/ledger_cmd.h"
#include "ledger/normalize.h"

enum { OPT_CHECK };

static const struct tm_opt opts[] = {
    [OPT_CHECK] = { "check", 0, TM_OPT_FLAG, NULL, "write nothing; exit 1 when a ledger is not in order" },
    { NULL },
};

struct outcome {
    struct tm_buf path;
    bool is_there;
    struct tm_normalized found;
};

struct outcomes {
    struct outcome *items;
    size_t n;
};

static void outcomes_release(struct outcomes *all)
{
    for (size_t i = 0; i < all->n; i++)
        tm_buf_release(&all->items[i].path);
    free(all->items);
}

static enum tm_code handle_all(struct tm_ctx *ctx, const char *const *words, size_t n, bool check,
                               struct outcomes *all, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    all->items = tm_alloc_array(n, sizeof(*all->items));
    for (size_t i = 0; i < n && !code; i++) {
        struct outcome *one = &all->items[all->n++];
        struct tm_ledger_file file;

        *one = (struct outcome) { .path = TM_BUF_INIT };
        code = tm_ledger_find(ctx->repo, words[i], &one->path, err);
        if (code)
            return code;
        one->is_there = tm_root_exists(&ctx->repo->root, tm_buf_str(&one->path));
        file = tm_ledger_in(ctx->repo, tm_buf_str(&one->path));
        code = tm_ledger_normalize(&file, check, &one->found, err);
    }
    return code;
}

static const char *state_of(bool check, const struct outcome *one)
{
    if (check)
        return tm_normalized_changed(&one->found) ? "stale" : "up to date";
    return tm_normalized_changed(&one->found) ? "written" : "unchanged";
}

static void print_text(struct tm_buf *out, bool check, const struct outcome *one)
{
    const struct tm_normalized *found = &one->found;

    tm_buf_addc(out, '\'');
    tm_buf_add_escaped(out, tm_buf_str(&one->path));
    tm_buf_addf(out, "' %s: %llu %s", state_of(check, one), (unsigned long long)found->entries,
                found->entries == 1 ? "entry" : "entries");
    if (found->reordered)
        tm_buf_adds(out, ", out of order");
    if (found->duplicates)
        tm_buf_addf(out, ", %llu %s twice", (unsigned long long)found->duplicates,
                    found->duplicates == 1 ? "line stood" : "lines stood");
    tm_buf_addc(out, '\n');
}

static void put_json(struct tm_json_writer *w, bool check, const struct outcome *one)
{
    tm_json_object_begin(w);
    tm_json_member_str(w, "path", tm_buf_str(&one->path));
    tm_json_members(w, "state", state_of(check, one));
    tm_json_member_u64(w, "entries", one->found.entries);
    tm_json_member_bool(w, "reordered", one->found.reordered);
    tm_json_member_u64(w, "duplicates", one->found.duplicates);
    tm_json_object_end(w);
}

static void print_json(struct tm_buf *out, bool check, const struct outcomes *all)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_key(&w, "files");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < all->n; i++)
        if (all->items[i].is_there)
            put_json(&w, check, &all->items[i]);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

static enum tm_code answer(struct tm_ctx *ctx, bool check, const struct outcomes *all, struct tm_err *err)
{
    size_t there = 0, stale = 0;

    for (size_t i = 0; i < all->n; i++) {
        there += all->items[i].is_there;
        stale += tm_normalized_changed(&all->items[i].found);
        if (!ctx->json && all->items[i].is_there)
            print_text(&ctx->out, check, &all->items[i]);
    }
    if (ctx->json)
        print_json(&ctx->out, check, all);
    else if (!there)
        tm_log_note(&ctx->log, "no ledgers");
    if (check && stale)
        return tm_err_set(err, TM_E_NO,
                          "%zu of %zu ledgers are not in order, run 'tidemark ledger normalize'", stale,
                          there);
    return TM_OK;
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct outcomes TM_CLEANUP(outcomes_release) all = { 0 };
    bool check = args->opts[OPT_CHECK].given;
    const char *const *words = args->n_words ? args->words : tm_ledger_names;
    size_t n = args->n_words;
    enum tm_code code = check ? TM_OK : tm_repo_lock(ctx->repo, ctx->lock_timeout_ms, err);

    while (!args->n_words && tm_ledger_names[n])
        n++;
    if (!code)
        code = handle_all(ctx, words, n, check, &all, err);
    return code ? code : answer(ctx, check, &all, err);
}

const struct tm_cmd tm_ledger_normalize_cmd = {
    .name = "normalize",
    .summary = "put lines in ledger order, each once",
    .usage = "[--check] [LEDGER...]",
    .help =
        "A merge may leave the lines of a ledger in any order, and some twice. This puts them in ledger\n"
        "order, each once; no entry changes. A ledger that is in order is not touched. A LEDGER is bench,\n"
        "coverage, freeze, scaffold, test_scaffold, or a file; all of them without one.\n",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run,
};
