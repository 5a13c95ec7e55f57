/*
 * The `run` of every entry of a ledger: has another entry the same? A process numbers its entries one
 * after the other, so that each costs memory once for all; entries out of that order cost about 100 bytes
 * each.
 */
#ifndef TM_LEDGER_RUNS_H
#define TM_LEDGER_RUNS_H

#include "base/arena.h"
#include "base/map.h"

struct tm_runs {
    struct tm_arena arena;
    struct tm_map spans;  /* digits of a run -> struct tm_run_span */
    struct tm_map strays; /* whole runs that lie outside their span */
    struct tm_run_span *last;
};
#define TM_RUNS_INIT ((struct tm_runs) { TM_ARENA_INIT, TM_MAP_INIT, TM_MAP_INIT, NULL })

void tm_runs_release(struct tm_runs *runs);

/* Adds the run of an entry, as it was accepted by tm_ledger_parse; false when it was there. */
bool tm_runs_add(struct tm_runs *runs, struct tm_str run);

#endif
