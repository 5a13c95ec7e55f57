/*
 * From what reports say to observations of modules: shared by sweep and ingest.
 * Private to src/sweep.
 */
#ifndef TM_SWEEP_FIGURES_H
#define TM_SWEEP_FIGURES_H

#include "bench/bench.h"
#include "catalog/catalog.h"
#include "coverage/attribute.h"
#include "coverage/format.h"
#include "ledger/observation.h"

/*
 * Coverage reports on their way to modules. Each is attributed by itself, because where it stands decides
 * what its relative paths mean, and then they are one: a line is covered when one of them covered it. Must
 * stay where it is once set up.
 */
struct tm_figures {
    const struct tm_repo *repo;
    const struct tm_catalog *catalog;
    struct tm_attribute_rules rules;
    struct tm_source_finder finder;
    struct tm_report all;              /* by repository path */
    struct tm_attribution attribution; /* of all, after tm_figures_attribute */
    struct tm_drops drops;
};

/*
 * base: the folder of the repository the tool ran in, NULL when that is not known. mirror: an absolute folder
 * that stands for a folder of the repository as well, or NULL; both must live as long.
 */
void tm_figures_init(struct tm_figures *figures, const struct tm_repo *repo, const struct tm_catalog *catalog,
                     const struct tm_str *base, struct tm_prefix *mirror);
void tm_figures_release(struct tm_figures *figures);

/* Reads a coverage report, whole or not at all; format NULL: found from the content. */
enum tm_code tm_figures_read(struct tm_figures *figures, const char *path, const struct tm_format *format,
                             struct tm_err *err) TM_CHECK;

/* Ends reading; modules may be asked for then. */
enum tm_code tm_figures_attribute(struct tm_figures *figures, struct tm_err *err) TM_CHECK;

/* Sets the counts of a module, and its evidence: TM_MEASURED, or false when the reports have none of its
 * lines. */
bool tm_figures_coverage(const struct tm_figures *figures, const struct tm_module *module,
                         struct tm_coverage_observation *obs) TM_CHECK;

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
