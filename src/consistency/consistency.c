#include "consistency/consistency.h"

#include "base/alloc.h"
#include "base/parallel.h"
#include "consistency/judge.h"

/* Commits that are looked through before any of them is judged: a bound for memory. */
enum { BATCH = 1 << 13 };

static const char *const names[TM_BACKINGS] = {
    [TM_BACKED_UNCHANGED] = "unchanged", [TM_BACKED_BLOB] = "blob",     [TM_BACKED_ROLLBACK] = "rollback",
    [TM_BACKED_FIGURES] = "figures",     [TM_BACKED_TIME] = "time",     [TM_BACKED_BEFORE] = "before_ledger",
    [TM_BACKED_UNPROVED] = "not_proved", [TM_BACKED_SILENT] = "silent",
};

const char *tm_backing_name(enum tm_backing backing)
{
    return names[backing];
}

static int by_path(const void *a, const void *b)
{
    const struct tm_consistency_finding *left = a, *right = b;

    return tm_str_cmp(left->manifest, right->manifest);
}

/* Commits come newest first, because ledgers then need to be read once; a reader wants them oldest first. */
static void sort_findings(struct tm_consistency *result)
{
    struct tm_consistency_finding *findings = result->findings;
    size_t n = result->n_findings;

    for (size_t i = 0; i < n / 2; i++) {
        struct tm_consistency_finding swap = findings[i];

        findings[i] = findings[n - 1 - i];
        findings[n - 1 - i] = swap;
    }
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && strcmp(findings[to].commit.hex, findings[from].commit.hex) == 0;)
            to++;
        qsort(findings + from, to - from, sizeof(*findings), by_path);
    }
}

static void add_horizon(struct tm_consistency *result, const struct tm_history *history)
{
    result->horizon = tm_arena_array(&result->arena, history->commits.n, sizeof(*result->horizon));
    for (size_t i = history->commits.n; i-- > 0;)
        if (history->commits.items[i].commit->cut)
            result->horizon[result->n_horizon++] = tm_git_id_hex(&history->commits.items[i].commit->id);
}

/* Loading the commits of a range, while its last ledgers are read. */
struct loading {
    struct tm_consistency_judge *judge;
    const struct tm_range *range;
    enum tm_code code;
    struct tm_err *err;
};

static void load_part(void *ctx, unsigned thread, size_t from, size_t to)
{
    struct loading *loading = ctx;
    struct tm_consistency_judge *judge = loading->judge;

    for (size_t part = from; part < to; part++)
        if (part == 1)
            tm_ledgers_ahead_read(&judge->past.ledgers);
        else
            loading->code = tm_history_load(judge->history, judge->repo->git, judge->objects, loading->range,
                                            loading->err);
}

static enum tm_code load(struct tm_consistency_judge *judge, const struct tm_range *range, struct tm_err *err)
{
    struct loading loading = { judge, range, TM_OK, err };
    struct tm_history_commit *last;
    enum tm_code code;

    /* Of one commit, maybe without a manifest, the ledgers are read when they are needed. */
    if (range->single)
        return tm_history_load(judge->history, judge->repo->git, judge->objects, range, err);
    code = tm_history_commit(judge->history, judge->repo->git, judge->objects, &range->to, &last, err);
    if (!code && last)
        code = tm_ledgers_ahead_begin(&judge->past.ledgers, &last->tree, err);
    if (code)
        return code;
    tm_parallel(2, 1, load_part, &loading);
    tm_ledgers_ahead_end(&judge->past.ledgers);
    return loading.code;
}

static enum tm_code judge_batch(struct tm_consistency_judge *judge, size_t from, size_t n, struct tm_err *err)
{
    struct tm_manifest_changes TM_CLEANUP(tm_manifest_changes_release) changes;
    enum tm_code code;

    tm_manifest_changes_init(&changes, judge->repo, judge->objects);
    code = tm_manifest_changes_find(&changes, judge->history, from, n, err);
    for (size_t i = 0; i < n && !code; i++)
        code = tm_consistency_judge_commit(judge, &changes.commits[i], err);
    return code;
}

static enum tm_code judge_range(struct tm_consistency_judge *judge, const struct tm_range *range,
                                struct tm_err *err)
{
    const struct tm_history *history = judge->history;
    struct tm_consistency *result = judge->result;
    enum tm_code code = load(judge, range, err);

    for (size_t from = 0; from < history->commits.n && !code; from += BATCH)
        code = judge_batch(judge, from, TM_MIN((size_t)BATCH, history->commits.n - from), err);
    if (code)
        return code;
    result->commits = history->commits.n;
    sort_findings(result);
    add_horizon(result, history);
    result->is_cut = result->n_horizon && !range->single;
    return TM_OK;
}

static enum tm_code check_range(struct tm_consistency *result, struct tm_repo *repo, int64_t tolerance_s,
                                const struct tm_range *range, struct tm_err *err)
{
    struct tm_history TM_CLEANUP(tm_history_release) history = TM_HISTORY_INIT;
    struct tm_objects *objects = NULL;
    struct tm_consistency_judge judge;
    enum tm_code code = tm_objects_open(&objects, repo->git, err);

    if (code)
        return code;
    tm_consistency_judge_init(&judge, result, repo, objects, &history);
    judge.tolerance_s = tolerance_s;
    code = judge_range(&judge, range, err);
    tm_consistency_judge_release(&judge);
    tm_objects_close(objects);
    return code;
}

enum tm_code tm_consistency_check(struct tm_consistency *result, struct tm_repo *repo,
                                  const struct tm_consistency_request *request, struct tm_err *err)
{
    struct tm_range TM_CLEANUP(tm_range_release) range = TM_RANGE_INIT;
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { 0 };
    enum tm_code code = tm_git_head(repo->git, &head, err);

    *result = (struct tm_consistency) { .is_default = !request->range, .range = TM_STR("HEAD") };
    if (code || (head.unborn && !request->range))
        return code;
    code = tm_range_parse(&range, repo->git, request->range, err);
    if (code)
        return code;
    if (request->root)
        range.single = range.has_from = false;
    result->range = tm_arena_str(&result->arena, tm_buf_str(&range.label));
    code = check_range(result, repo, request->tolerance_s, &range, err);
    if (code)
        tm_consistency_release(result);
    return code;
}

void tm_consistency_release(struct tm_consistency *result)
{
    free(result->findings);
    tm_arena_release(&result->arena);
    *result = (struct tm_consistency) { 0 };
}
