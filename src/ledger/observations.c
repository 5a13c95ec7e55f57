#include "ledger/observation.h"

#include "base/alloc.h"
#include "repo/repo.h"

/* One list while it grows. */
struct list {
    struct tm_observations *all;
    struct tm_observation **items;
    size_t *n, cap;
    struct tm_map *newest; /* module -> index + 1 */
    size_t *unread;
    struct tm_str path;         /* of the ledger, for messages */
    struct tm_arena scratch;    /* of the entry being read */
    struct tm_observation last; /* texts repeat from entry to entry */
};

/* s in the arena; the copy that the entry before has, when it is the same. */
static struct tm_str keep(struct list *list, struct tm_str last, struct tm_str s)
{
    if (s.len == 0)
        return TM_STR("");
    return tm_str_eq(last, s) ? last : tm_arena_str(&list->all->arena, s);
}

static void keep_provenance(struct list *list, const struct tm_provenance *last, struct tm_provenance *from)
{
    from->reason = keep(list, last->reason, from->reason);
    from->commit = keep(list, last->commit, from->commit);
    from->tree = keep(list, last->tree, from->tree);
    from->report_sha256 = keep(list, last->report_sha256, from->report_sha256);
    from->collector = keep(list, last->collector, from->collector);
    from->tool = keep(list, last->tool, from->tool);
    from->manifest_blob = keep(list, last->manifest_blob, from->manifest_blob);
}

/* The id of the run; what stands behind it numbers its entries. */
static struct tm_str run_id(struct tm_str nonce)
{
    struct tm_str rest = nonce, id;

    return tm_str_split(&rest, '.', &id) ? id : nonce;
}

/* Puts an observation at the end of its list; `counts`: it can be the newest of its module. */
static void push(struct list *list, const struct tm_ledger_entry *entry, struct tm_observation *obs,
                 bool counts)
{
    struct tm_observation *items = *list->items;

    obs->module = keep(list, list->last.module, entry->module);
    obs->run = entry->adopted ? TM_STR("") : keep(list, list->last.run, run_id(entry->run));
    obs->ts_s = entry->ts_s;
    obs->lc = entry->lc;
    obs->id = entry->id;
    keep_provenance(list, &list->last.coverage.from, &obs->coverage.from);
    keep_provenance(list, &list->last.bench.from, &obs->bench.from);
    obs->bench.benchmark = keep(list, list->last.bench.benchmark, obs->bench.benchmark);
    obs->bench.env = keep(list, list->last.bench.env, obs->bench.env);
    TM_GROW(items, *list->n, list->cap);
    items[(*list->n)++] = *obs;
    *list->items = items;
    list->last = *obs;
    if (counts)
        *tm_map_at(list->newest, obs->module, NULL) = (void *)(uintptr_t)*list->n;
}

/* Adopted lines that say nothing are counted; a chained entry with a wrong body is damage. */
static enum tm_code judge(struct list *list, const struct tm_ledger_entry *entry, enum tm_code code,
                          struct tm_err *err)
{
    if (!entry->adopted)
        return code == TM_E_FORMAT ? tm_err_wrap(err, "'%.*s'", TM_STR_ARG(list->path)) : code;
    ++*list->unread;
    if (err)
        tm_err_release(err);
    return TM_OK;
}

static enum tm_code visit_coverage(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct list *list = ctx;
    struct tm_observation obs = { 0 };
    enum tm_code code;

    if (!entry->adopted && !tm_str_is(entry->kind, tm_ledger_kind_name(TM_LEDGER_COVERAGE)))
        return TM_OK;
    tm_arena_release(&list->scratch);
    code = tm_coverage_read(entry, &list->scratch, &obs.coverage, err);
    if (code)
        return judge(list, entry, code, err);
    push(list, entry, &obs, true);
    return TM_OK;
}

static enum tm_code visit_bench(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct list *list = ctx;
    struct tm_observation obs = { 0 };
    enum tm_code code;

    if (!entry->adopted && !tm_str_is(entry->kind, tm_ledger_kind_name(TM_LEDGER_BENCH)))
        return TM_OK;
    tm_arena_release(&list->scratch);
    code = tm_bench_read(entry, &list->scratch, &obs.bench, err);
    if (code)
        return judge(list, entry, code, err);
    push(list, entry, &obs, obs.bench.slowest || obs.bench.from.evidence != TM_MEASURED);
    return TM_OK;
}

static enum tm_code load_list(struct list *list, const struct tm_repo *repo, const char *name,
                              tm_ledger_visit_fn *visit, struct tm_ledger_state *state, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_ledger_file file;
    enum tm_code code;

    tm_repo_ledger(repo, name, &path);
    list->path = tm_buf_str(&path);
    file = tm_ledger_in(repo, list->path);
    code = tm_ledger_read(&file, visit, list, state, err);
    tm_arena_release(&list->scratch);
    return code;
}

enum tm_code tm_observations_load(struct tm_observations *all, const struct tm_repo *repo, struct tm_err *err)
{
    struct tm_observations read = TM_OBSERVATIONS_INIT;
    struct list coverage = { &read, &read.coverage,        &read.n_coverage,
                             0,     &read.coverage_newest, &read.coverage_unread };
    struct list bench = { &read, &read.bench, &read.n_bench, 0, &read.bench_newest, &read.bench_unread };
    enum tm_code code =
        load_list(&coverage, repo, "coverage.ndjson", visit_coverage, &read.coverage_state, err);

    if (!code)
        code = load_list(&bench, repo, "bench.ndjson", visit_bench, &read.bench_state, err);
    if (code)
        tm_observations_release(&read);
    else
        *all = read;
    return code;
}

void tm_observations_release(struct tm_observations *all)
{
    free(all->coverage);
    free(all->bench);
    tm_ledger_state_release(&all->coverage_state);
    tm_ledger_state_release(&all->bench_state);
    tm_map_release(&all->coverage_newest);
    tm_map_release(&all->bench_newest);
    tm_arena_release(&all->arena);
    *all = TM_OBSERVATIONS_INIT;
}

void tm_observations_report(const struct tm_observations *all, struct tm_log *log)
{
    if (all->coverage_unread)
        tm_log_warn(log, "adopted lines of the coverage ledger that are not understood: %zu",
                    all->coverage_unread);
    if (all->bench_unread)
        tm_log_warn(log, "adopted lines of the bench ledger that are not understood: %zu", all->bench_unread);
}

static const struct tm_observation *newest(const struct tm_map *map, const struct tm_observation *items,
                                           struct tm_str module)
{
    uintptr_t place = (uintptr_t)tm_map_get(map, module);

    return place ? &items[place - 1] : NULL;
}

const struct tm_observation *tm_observations_coverage(const struct tm_observations *all, struct tm_str module)
{
    return newest(&all->coverage_newest, all->coverage, module);
}

const struct tm_observation *tm_observations_bench(const struct tm_observations *all, struct tm_str module)
{
    return newest(&all->bench_newest, all->bench, module);
}
