/*
 * The meta-registry, META_REGISTRY.json (docs/formats/meta-registry.md): every module with its newest
 * observations and its health.
 *
 * A module that the newest run did not measure keeps its last observation, marked as carried.
 *
 * Computed once per command from catalog and ledgers, and handed on: fuse writes it, freeze, trends,
 * validate and the report read the struct. No number in it comes from a manifest but the targets.
 */
#ifndef TM_HEALTH_META_H
#define TM_HEALTH_META_H

#include "catalog/catalog.h"
#include "catalog/generated.h"
#include "health/health.h"
#include "ledger/observation.h"

#define TM_META_NAME   "META_REGISTRY.json"
#define TM_META_SCHEMA "1"

/* Index of a module without any observation in counts by evidence. */
enum { TM_META_NEVER = TM_SKIPPED + 1, TM_META_EVIDENCES };

struct tm_meta_module {
    const struct tm_module *module;
    const struct tm_observation *coverage; /* the newest; NULL when there is none */
    const struct tm_observation *bench;
    bool has_coverage;        /* the newest is measured */
    bool carried;             /* has_coverage, and newer runs measured others: it stands from before */
    int64_t carried_s;        /* how much older it is than the newest of the ledger */
    struct tm_ratio observed; /* exact, when has_coverage */
    struct tm_ratio target;
    bool meets_target;    /* has_coverage, and observed is at or over target */
    bool has_p95;         /* the newest benchmark observation is measured and has a p95 */
    bool has_sla_verdict; /* has_p95, and the manifest has an SLA */
    bool meets_sla;
    bool claims; /* the manifest has a coverage_observed that no measured ledger entry backs */
    struct tm_health health;
    /* Why there is no value, one phrase each; NULL when there is one. */
    const char *coverage_reason;
    const char *bench_reason;
    const char *points_reason[TM_HEALTH_PARTS];
};

struct tm_meta_summary {
    size_t total;
    size_t with_coverage, meeting_target;
    size_t coverage_carried;
    size_t with_benchmarks, with_sla_verdict, meeting_sla;
    size_t coverage_evidence[TM_META_EVIDENCES]; /* by enum tm_evidence, then TM_META_NEVER */
    size_t bench_evidence[TM_META_EVIDENCES];
    uint64_t lines_covered, lines_valid; /* of measured coverage that has counts */
    size_t unknown_modules;              /* in the ledgers, not in the catalog */
    size_t claims;
    bool has_health;        /* false without modules */
    unsigned health_tenths; /* mean of the scores as printed */
};

struct tm_meta {
    struct tm_arena arena;
    const struct tm_catalog *catalog; /* not owned, as the observations: both must outlive it */
    const struct tm_health_formula *formula;
    struct tm_meta_module *modules; /* parallel to catalog->modules */
    struct tm_meta_summary summary;
};

#define TM_META_INIT ((struct tm_meta) { .arena = TM_ARENA_INIT })

/* Computes the whole; TM_E_SETTINGS when repo->settings.health names no formula. */
enum tm_code tm_meta_compute(struct tm_meta *meta, const struct tm_repo *repo,
                             const struct tm_catalog *catalog, const struct tm_observations *observations,
                             struct tm_err *err) TM_CHECK;
void tm_meta_release(struct tm_meta *meta);

/* What is known of a module of the catalog. */
const struct tm_meta_module *tm_meta_of(const struct tm_meta *meta, const struct tm_module *module);

/* The file; its subject is a const struct tm_meta. Write and check it with catalog/generated.h. */
extern const struct tm_generated tm_meta_file;

/*
 * Is the file in the work tree valid? TM_OK, or TM_E_NO with why: it does not parse, a field is missing or of
 * another type, its summary does not follow from its modules, or its modules are not those of the catalog.
 */
enum tm_code tm_meta_validate(const struct tm_repo *repo, const struct tm_catalog *catalog,
                              struct tm_err *err) TM_CHECK;

/*
 * observed less target in hundredths of a percentage point, of the figures as printed; 1 or -1 when they
 * print alike and are not equal. Both must have data.
 */
int64_t tm_meta_delta_bp(struct tm_ratio observed, struct tm_ratio target);

/* Writes the summary as an object, as it stands in the file. */
struct tm_json_writer;
void tm_meta_put_summary(struct tm_json_writer *w, const struct tm_meta_summary *s);

/* "measured" ... "skipped", and "none" for TM_META_NEVER. */
const char *tm_meta_evidence_name(size_t index);

#endif
