/*
 * Does an entry have the figures that a manifest claims? For manifests whose blob no entry names. Private to
 * the consistency room.
 */
#ifndef TM_CONSISTENCY_CLAIMED_H
#define TM_CONSISTENCY_CLAIMED_H

#include "catalog/observed_fields.h"
#include "consistency/consistency.h"
#include "ledger/ledger.h"

struct tm_claimed {
    const struct tm_observed_fields *fields; /* of the manifest as it stands */
    unsigned group;
    int64_t commit_s;
    int64_t tolerance_s;
};

/*
 * TM_BACKED_FIGURES when a chained entry was written at the manifest's observed_at and has its figures, or
 * has none where the manifest has none. TM_BACKED_TIME when an unchained line has the figure and a time
 * within the tolerance of the commit's. Else TM_BACKED_SILENT.
 */
enum tm_backing tm_claimed_by(const struct tm_claimed *claimed, const struct tm_ledger_entry *entry);

/* True for the fields of the group that entries can back: performance.observed may hold others. */
bool tm_claimed_is_known(const struct tm_observed_field *field);

#endif
