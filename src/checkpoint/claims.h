/*
 * What manifests claim, against what the ledgers hold: a figure in a manifest
 * that no entry of its module has is a silent edit.
 */
#ifndef TM_CHECKPOINT_CLAIMS_H
#define TM_CHECKPOINT_CLAIMS_H

#include "catalog/catalog.h"
#include "ledger/observation.h"

/*
 * TM_OK when every testing.coverage_observed that is a number equals, to two decimals, a measured coverage
 * observation of its module, and every performance.observed.latency_p95_ms a measured benchmark. TM_E_NO
 * names the first manifest that does not, and how many more there are. A module that was never measured may
 * hold figures from before tidemark: they are counted in *unbacked, and no number is taken from them.
 */
enum tm_code tm_claims_check(const struct tm_repo *repo, const struct tm_catalog *catalog,
                             const struct tm_observations *observations, size_t *unbacked, struct tm_err *err)
    TM_CHECK;

#endif
