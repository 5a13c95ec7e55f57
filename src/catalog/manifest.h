/*
 * One manifest, `module.manifest.json` (docs/formats/manifest.md). At most
 * 1 MiB. Fields tidemark does not know are left alone; null is the same as absent.
 */
#ifndef TM_CATALOG_MANIFEST_H
#define TM_CATALOG_MANIFEST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ratio.h"
#include "base/str.h"

enum {
    TM_MANIFEST_MAX = 1 << 20,
    TM_MODULE_NAME_MAX = 512, /* bytes of a name in a manifest */
    TM_LANES = 6,
    TM_LANE_DEFAULT = 2,
};
#define TM_MANIFEST_NAME "module.manifest.json"

struct tm_manifest_api {
    struct tm_str name;
    struct tm_str description; /* "" when the manifest has none */
};

struct tm_manifest {
    struct tm_str name; /* "name", else "module"; "" when absent */
    struct tm_str description;
    struct tm_str status; /* "" when absent */
    struct tm_str *tags;
    size_t n_tags;
    struct tm_manifest_api *apis; /* "apis": array of texts or objects with "name", or object by name */
    size_t n_apis;
    struct tm_str *owners; /* "ownership.codeowners", or "owners" */
    size_t n_owners;
    unsigned lane; /* 0..5 from the tag "lane:L<n>"; 2 when absent */
    bool has_coverage_target;
    struct tm_ratio coverage_target; /* testing.coverage_target as a part of 1, exact */
    bool has_sla_p95;
    int64_t sla_p95_ns;   /* performance.sla_targets.latency_p95_ms */
    bool claims_coverage; /* testing.coverage_observed has a number: a copy, never used as one */
};

/*
 * Reads a manifest of at most TM_MANIFEST_MAX bytes; texts are NUL-terminated copies in arena. `path` is
 * used in messages. TM_E_FORMAT with line and column when it is not JSON, or a known field has a wrong type
 * or is out of its range; *manifest is then untouched.
 */
enum tm_code tm_manifest_parse(struct tm_manifest *manifest, struct tm_arena *arena, const char *path,
                               struct tm_str data, struct tm_err *err) TM_CHECK;

/* The coverage target: the manifest's own, else its lane's 70, 75, 80, 85, 90, 90 %. */
struct tm_ratio tm_manifest_target(const struct tm_manifest *manifest);

#endif
