/*
 * Sweeping: running the collectors over the modules and writing what they
 * measured into ledgers and manifests (docs/formats/settings.md, ledger.md, manifest.md).
 *
 * A sweep has one pass for each kind. A pass picks for each module the first collector that fits,
 * runs the jobs, reads their reports, attributes them to modules, and then writes everything at
 * once: one append to the ledger, then the manifests. Bench jobs run one at a time, so that they do
 * not disturb each other's timings.
 *
 * Crash: before the append a pass leaves the edits it is going to make in the state folder (intent);
 * tm_sweep_recover finishes or drops them. At no moment does a manifest hold a figure that no
 * ledger entry has.
 *
 * What is ledgered: every coverage outcome; bench outcomes but `skipped` ones, which are ledgered
 * only where they withdraw a figure from the manifest (else each module without benchmarks would add
 * a line to each sweep).
 *
 * In the state folder: runs/<run>/<kind>/<module>/ holds `log` and out/, the job's {out}, of the
 * last TM_SWEEP_KEEP runs; work/<run>/ holds mirrors while jobs run.
 */
#ifndef TM_SWEEP_SWEEP_H
#define TM_SWEEP_SWEEP_H

#include "catalog/catalog.h"
#include "ledger/observation.h"

struct tm_json_writer;

enum {
    TM_SWEEP_KEEP = 5,             /* run folders */
    TM_SWEEP_LOG_LIMIT = 16 << 20, /* bytes of output of a job; more ends it, as failed */
    TM_SWEEP_KINDS = TM_COLLECT_BENCH + 1,
};

/* What became of one module in a pass. */
struct tm_sweep_outcome {
    struct tm_module *module;
    enum tm_collector_kind kind;
    struct tm_str log_path; /* absolute; "" when nothing ran */
    bool known;             /* private: it has ended */
    /* One of the two, by kind. bench: one for each benchmark, or a single one that says why there is none. */
    struct tm_coverage_observation coverage;
    const struct tm_str *unreported; /* repository paths, coverage.unreported of them; NULL when not known */
    struct tm_bench_observation *bench;
    size_t n_bench;
};

/* Evidence, reason, exit status, duration, collector of an outcome; of the first benchmark for bench. */
const struct tm_provenance *tm_sweep_from(const struct tm_sweep_outcome *outcome);
/* The benchmark that is the module's figure, or NULL when none was measured. */
const struct tm_bench_observation *tm_sweep_slowest(const struct tm_sweep_outcome *outcome);

struct tm_sweep_totals {
    size_t modules; /* outcomes; the sum of the following */
    size_t measured, no_data, failed, timeout, skipped;
};

struct tm_sweep_pass {
    bool ran;
    struct tm_sweep_outcome *outcomes; /* in catalog order */
    size_t n_outcomes;
    struct tm_sweep_totals totals;
    size_t entries;          /* appended to the ledger, genesis not counted */
    size_t manifests_failed; /* could not be edited: warned of, the ledger has the figure */
    struct tm_str *changed;  /* repository paths of the ledger and of each manifest whose bytes changed */
    size_t n_changed;
    int64_t duration_ns;
    bool recalled; /* nothing ran: the ledger already held this run (see request.run) */
};

struct tm_sweep {
    struct tm_arena arena;
    char run[TM_LEDGER_LOG_HEX + 1];
    int64_t started_s;
    struct tm_sweep_pass pass[TM_SWEEP_KINDS]; /* by enum tm_collector_kind */
};

#define TM_SWEEP_INIT ((struct tm_sweep) { .arena = TM_ARENA_INIT })

struct tm_sweep_request {
    struct tm_module *const *modules; /* as from tm_catalog_select */
    size_t n_modules;
    bool coverage, bench; /* passes to run */
    unsigned jobs;        /* 0: the settings', then the processors */
    /*
     * NULL for a new run. With the id of an earlier one (32 hexadecimal digits), a pass whose entries are in
     * the ledger already is not run again: its outcomes come from the ledger. So a caller that was killed
     * asks again with the same id and gets what an undisturbed run gives, without double entries.
     */
    const char *run;
    bool whole;   /* when stopped, write nothing instead of what has finished */
    bool pending; /* write entries to fragments (ledger/pending.h), which are not among pass.changed */
};

/*
 * Runs the passes. The repository's lock must be held. TM_OK also when modules failed: see the
 * totals. TM_E_STOPPED when a signal came: the sweep then holds, and unless request.whole the
 * ledger has, what had finished. Other failures: nothing of the pass in question was written.
 */
enum tm_code tm_sweep_run(struct tm_sweep *sweep, struct tm_repo *repo, struct tm_catalog *catalog,
                          const struct tm_sweep_request *request, struct tm_err *err) TM_CHECK;
void tm_sweep_release(struct tm_sweep *sweep);

/*
 * Finishes or drops what a killed sweep or ingest left; nothing when there is no such thing. Called first by
 * every command that writes ledgers or manifests, with the lock held. tm_sweep_run does it itself.
 */
enum tm_code tm_sweep_recover(struct tm_repo *repo, struct tm_err *err) TM_CHECK;

/* The sweep as JSON (docs/formats/output.md): an object with a member for each pass that ran. */
void tm_sweep_json(const struct tm_sweep *sweep, struct tm_json_writer *w);

/* One outcome's figure or reason, for tables: "36.50 % (73 of 200 lines)", "failed: exit status 1". */
void tm_sweep_add_result(struct tm_buf *out, const struct tm_sweep_outcome *outcome);

#endif
