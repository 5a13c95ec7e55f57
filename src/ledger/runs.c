#include "ledger/runs.h"

#include "ledger/ledger.h"

/* The entries of one process that were seen, from `first` to `last` without a gap. */
struct tm_run_span {
    struct tm_str digits;
    uint64_t first, last;
};

void tm_runs_release(struct tm_runs *runs)
{
    tm_map_release(&runs->spans);
    tm_map_release(&runs->strays);
    tm_arena_release(&runs->arena);
    *runs = TM_RUNS_INIT;
}

/* The span of those digits, begun with count when there was none. */
static struct tm_run_span *span_of(struct tm_runs *runs, struct tm_str digits, uint64_t count, bool *added)
{
    struct tm_run_span *span;

    *added = false;
    if (runs->last && tm_str_eq(runs->last->digits, digits))
        return runs->last;
    span = tm_map_get(&runs->spans, digits);
    if (!span) {
        span = tm_arena_alloc(&runs->arena, sizeof(*span));
        *span = (struct tm_run_span) { tm_arena_str(&runs->arena, digits), count, count };
        *tm_map_at(&runs->spans, span->digits, added) = span;
    }
    runs->last = span;
    return span;
}

bool tm_runs_add(struct tm_runs *runs, struct tm_str run)
{
    struct tm_run_span *span;
    uint64_t count = 0;
    bool added, fits = tm_str_u64(tm_str_from(run, TM_LEDGER_RUN_HEX + 1), &count);

    assert(fits);
    span = span_of(runs, tm_str_n(run.data, TM_LEDGER_RUN_HEX), count, &added);
    if (added)
        return true;
    if ((count >= span->first && count <= span->last) || tm_map_has(&runs->strays, run))
        return false;
    if (count == span->last + 1) {
        span->last = count;
        return true;
    }
    tm_map_at(&runs->strays, tm_arena_str(&runs->arena, run), NULL);
    return true;
}
