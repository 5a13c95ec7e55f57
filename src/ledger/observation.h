/*
 * Observations: the typed bodies of coverage and bench entries, written by
 * sweep and ingest, read by health, trend and the report. The field list and order are
 * in docs/formats/ledger.md; a body has exactly one spelling.
 */
#ifndef TM_LEDGER_OBSERVATION_H
#define TM_LEDGER_OBSERVATION_H

#include "base/arena.h"
#include "base/map.h"
#include "base/ratio.h"
#include "ledger/ledger.h"

/* Only TM_MEASURED carries a value. */
enum tm_evidence { TM_MEASURED, TM_NO_DATA, TM_FAILED, TM_TIMEOUT, TM_SKIPPED };
/* "measured", "no_data", "failed", "timeout", "skipped" */
const char *tm_evidence_name(enum tm_evidence evidence);
bool tm_evidence_parse(struct tm_str name, enum tm_evidence *out) TM_CHECK;

/*
 * What both kinds say of how they came to be. Empty strings and -1 are left out of the body. Texts must be
 * UTF-8; ids and digests are lower-case hexadecimal.
 */
struct tm_provenance {
    enum tm_evidence evidence;
    struct tm_str reason;        /* why there is no value; "" when measured */
    int64_t exit_status;         /* of a failed command; -1 for none */
    struct tm_str commit, tree;  /* of HEAD when it was measured */
    bool dirty;                  /* the module's files differed from HEAD */
    struct tm_str report_sha256; /* of the report's bytes (several: of their digests' lines, sorted) */
    struct tm_str collector;     /* its name; "ingest" for reports made elsewhere */
    struct tm_str tool;          /* "pytest 7.2.1, coverage 6.5.0" */
    int64_t duration_ns;         /* -1 for none */
    struct tm_str manifest_blob; /* git blob id of the manifest as the entry leaves it */
};

struct tm_count {
    bool known;
    uint64_t covered, valid;
};

struct tm_coverage_observation {
    struct tm_provenance from;
    struct tm_count lines, branches, functions, statements; /* lines.known exactly when measured */
    bool unreported_known; /* measured with coverage.all: source files that no report mentions were counted */
    uint64_t unreported;
    bool tests_known; /* the report counted tests */
    uint64_t tests_run, tests_skipped;
    /* Adopted entries only: a percentage without counts, exact (36.5 is 365/1000). */
    bool is_percent;
    struct tm_ratio percent;
};

/* Percentiles are absent (known false) when there were too few samples. */
struct tm_latency {
    bool known;
    int64_t ns;
};

struct tm_bench_observation {
    struct tm_provenance from;
    struct tm_str benchmark; /* its full name in the report */
    bool slowest;            /* the module's figure is this one: slowest by p95 (else p50) of its run */
    uint64_t samples;
    struct tm_latency p50, p95, p99, mean, min, max;
    struct tm_str env; /* fingerprint: 16 hexadecimal digits */
    bool has_sla;
    int64_t sla_p95_ns; /* the target it was judged by */
};

/*
 * Spells the body of an entry into out (replaced). What only a measured observation has is left out of any
 * other, and `reason` of a measured one.
 */
void tm_coverage_body(const struct tm_coverage_observation *obs, struct tm_buf *out);
void tm_bench_body(const struct tm_bench_observation *obs, struct tm_buf *out);

/*
 * Reads an entry's body, chained or adopted. Texts point into the entry, or into arena where they had to be
 * unescaped. TM_E_FORMAT when the body is not the one of its kind; for an adopted line: when it is not
 * understood.
 */
enum tm_code tm_coverage_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                              struct tm_coverage_observation *obs, struct tm_err *err) TM_CHECK;
enum tm_code tm_bench_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                           struct tm_bench_observation *obs, struct tm_err *err) TM_CHECK;

/* The exact line coverage as a part of 1; false when there is none. */
bool tm_coverage_ratio(const struct tm_coverage_observation *obs, struct tm_ratio *out) TM_CHECK;

/*
 * All observations of a repository in ledger order ((lc, id); adopted lines first, as they stand),
 * loaded once and handed on. Texts live in the arena.
 */
struct tm_observation {
    struct tm_str module;
    struct tm_str run; /* id of the run that wrote it; "" for adopted lines */
    int64_t ts_s;
    uint64_t lc;                             /* 0 for adopted lines */
    struct tm_hash id;                       /* zero for adopted lines */
    struct tm_coverage_observation coverage; /* one of the two, by the list it stands in */
    struct tm_bench_observation bench;
};

struct tm_observations {
    struct tm_arena arena;
    struct tm_observation *coverage, *bench;
    size_t n_coverage, n_bench;
    struct tm_ledger_state coverage_state, bench_state;
    size_t coverage_unread, bench_unread;        /* adopted lines that are not understood */
    struct tm_map coverage_newest, bench_newest; /* private: module -> observation */
};
#define TM_OBSERVATIONS_INIT ((struct tm_observations) { .arena = TM_ARENA_INIT })

struct tm_repo;
enum tm_code tm_observations_load(struct tm_observations *all, const struct tm_repo *repo, struct tm_err *err)
    TM_CHECK;
void tm_observations_release(struct tm_observations *all);

/* Warns of adopted lines that are not understood, once for each ledger that has some. */
void tm_observations_report(const struct tm_observations *all, struct tm_log *log);

/*
 * The newest observation of a module, or NULL. For bench: the newest entry
 * marked slowest, or the newest that is not measured, whichever is later.
 */
const struct tm_observation *tm_observations_coverage(const struct tm_observations *all,
                                                      struct tm_str module);
const struct tm_observation *tm_observations_bench(const struct tm_observations *all, struct tm_str module);

#endif
