#include "base/alloc.h"
#include "base/arena.h"
#include "sweep/pass.h"

struct recall {
    struct tm_pass *pass;
    const char *id;
    uint64_t greatest;
    size_t entries;
    struct tm_map outcomes; /* by name of module */
    bool *seen;             /* of each outcome: the ledger has it */
};

static void keep(struct tm_arena *arena, struct tm_str *text)
{
    *text = tm_arena_str(arena, *text);
}

static void keep_provenance(struct tm_arena *arena, struct tm_provenance *from)
{
    keep(arena, &from->reason);
    keep(arena, &from->commit);
    keep(arena, &from->tree);
    keep(arena, &from->report_sha256);
    keep(arena, &from->collector);
    keep(arena, &from->tool);
    keep(arena, &from->manifest_blob);
}

/* Benchmarks of a module come one entry after the other. */
static enum tm_code recall_bench(struct recall *recall, struct tm_sweep_outcome *outcome,
                                 const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct tm_arena *arena = &recall->pass->sweep->arena;
    struct tm_bench_observation *grown;
    size_t n = recall->seen[outcome - recall->pass->result->outcomes] ? outcome->n_bench : 0;
    enum tm_code code;

    grown = tm_arena_array(arena, n + 1, sizeof(*grown));
    if (n)
        memcpy(grown, outcome->bench, n * sizeof(*grown));
    code = tm_bench_read(entry, arena, &grown[n], err);
    if (code)
        return code;
    keep_provenance(arena, &grown[n].from);
    keep(arena, &grown[n].benchmark);
    keep(arena, &grown[n].env);
    outcome->bench = grown;
    outcome->n_bench = n + 1;
    return TM_OK;
}

static enum tm_code recall_coverage(struct recall *recall, struct tm_sweep_outcome *outcome,
                                    const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct tm_arena *arena = &recall->pass->sweep->arena;
    struct tm_coverage_observation coverage;
    enum tm_code code = tm_coverage_read(entry, arena, &coverage, err);

    if (code)
        return code;
    keep_provenance(arena, &coverage.from);
    outcome->coverage = coverage;
    return TM_OK;
}

static bool is_of_run(const struct tm_ledger_entry *entry, const char *run, uint64_t *n)
{
    struct tm_str number = entry->run, id;

    return !entry->adopted && tm_str_split(&number, '.', &id) && tm_str_is(id, run) && tm_str_u64(number, n);
}

static enum tm_code visit(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct recall *recall = ctx;
    struct tm_sweep_outcome *outcome;
    uint64_t n;
    enum tm_code code;

    if (!is_of_run(entry, recall->id, &n))
        return TM_OK;
    outcome = tm_map_get(&recall->outcomes, entry->module);
    if (!outcome || tm_str_is(entry->kind, tm_ledger_kind_name(TM_LEDGER_GENESIS)))
        return TM_OK;
    if (outcome->kind == TM_COLLECT_BENCH)
        code = recall_bench(recall, outcome, entry, err);
    else
        code = recall_coverage(recall, outcome, entry, err);
    recall->entries++;
    recall->seen[outcome - recall->pass->result->outcomes] = true;
    return code;
}

/* What a recalled run has no entry of was skipped in it, as planning says now, or is new since. */
static void settle_rest(struct recall *recall)
{
    struct tm_sweep_pass *result = recall->pass->result;

    for (size_t i = 0; i < result->n_outcomes; i++) {
        if (!recall->seen[i] && !result->outcomes[i].known)
            tm_outcome_set(recall->pass, &result->outcomes[i], TM_SKIPPED, "not part of run %s", recall->id);
        result->outcomes[i].known = true;
    }
}

/* The manifests that the run edited are among those of its outcomes. */
static void list_changed(struct tm_pass *pass, struct tm_str ledger)
{
    struct tm_sweep_pass *result = pass->result;
    struct tm_arena *arena = &pass->sweep->arena;

    result->changed = tm_arena_array(arena, result->n_outcomes + 1, sizeof(*result->changed));
    result->changed[result->n_changed++] = tm_arena_str(arena, ledger);
    for (size_t i = 0; i < result->n_outcomes; i++)
        result->changed[result->n_changed++] = result->outcomes[i].module->manifest_path;
}

/* Nonces are unique across all ledgers: the run goes on counting where its last process stopped. */
static enum tm_code count_on(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct recall *recall = ctx;
    uint64_t n;

    if (is_of_run(entry, recall->id, &n))
        recall->greatest = TM_MAX(recall->greatest, n);
    return TM_OK;
}

static enum tm_code count_elsewhere(struct recall *recall, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    enum tm_code code = TM_OK;

    for (const char *const *ledger = tm_ledger_names; !code && *ledger; ledger++) {
        struct tm_ledger_file file;

        tm_buf_clear(&name);
        tm_buf_addf(&name, "%s.ndjson", *ledger);
        tm_repo_ledger(recall->pass->repo, name.data, &path);
        file = tm_ledger_in(recall->pass->repo, tm_buf_str(&path));
        code = tm_ledger_scan(&file, count_on, recall, err);
    }
    return code;
}

enum tm_code tm_pass_recall(struct tm_pass *pass, const char *id, bool *found, uint64_t *count,
                            struct tm_err *err)
{
    struct recall recall = { .pass = pass, .id = id, .outcomes = TM_MAP_INIT };
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_sweep_pass *result = pass->result;
    struct tm_ledger_file file;
    enum tm_code code;

    tm_pass_ledger(pass->repo, pass->kind, &path);
    file = tm_ledger_in(pass->repo, tm_buf_str(&path));
    recall.seen = tm_alloc_array(result->n_outcomes, sizeof(*recall.seen));
    for (size_t i = 0; i < result->n_outcomes; i++)
        *tm_map_at(&recall.outcomes, result->outcomes[i].module->name, NULL) = &result->outcomes[i];
    code = tm_ledger_mend(&file, NULL, err);
    if (!code)
        code = tm_ledger_scan(&file, visit, &recall, err);
    if (!code)
        code = count_elsewhere(&recall, err);
    if (!code) {
        *found = recall.entries > 0;
        *count = TM_MAX(*count, recall.greatest);
        result->entries = recall.entries;
        result->recalled = *found;
    }
    if (!code && *found) {
        settle_rest(&recall);
        list_changed(pass, tm_buf_str(&path));
    }
    tm_map_release(&recall.outcomes);
    free(recall.seen);
    return code;
}
