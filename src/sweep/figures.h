/*
 * From what reports say to observations of modules: shared by sweep and ingest.
 * Private to src/sweep.
 */
#ifndef TM_SWEEP_FIGURES_H
#define TM_SWEEP_FIGURES_H

#include "bench/bench.h"
#include "catalog/catalog.h"
#include "coverage/gather.h"
#include "sweep/sweep.h"

/*
 * Sets the counts of an outcome's module, and its evidence: TM_MEASURED, or false when the reports have none
 * of its lines. With coverage.all the files that no report mentions as well; texts come from arena.
 */
bool tm_figures_coverage(const struct tm_gather *gather, struct tm_arena *arena,
                         struct tm_sweep_outcome *outcome) TM_CHECK;

/*
 * The benchmarks of one module as observations from arena, the module's figure first; each begins as a copy
 * of `from` and belongs to the environment `env`. Where there is no figure the result is a single observation
 * that is not measured, with the reason. Names are copied.
 */
struct tm_bench_observation *tm_figures_bench(struct tm_arena *arena, const struct tm_module *module,
                                              const struct tm_bench_result *results, size_t n,
                                              const struct tm_provenance *from, struct tm_str env,
                                              size_t *n_out);

/* The module whose file a benchmark's name begins with ("a/tests/test_x.py::test_y"), or NULL. */
struct tm_module *tm_figures_bench_owner(const struct tm_catalog *catalog, struct tm_str name);

#endif
