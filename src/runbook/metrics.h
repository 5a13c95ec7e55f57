/*
 * Figures of the repository as its meta-registry and registry have them, for
 * the comparison of before and after and for the next steps.
 */
#ifndef TM_RUNBOOK_METRICS_H
#define TM_RUNBOOK_METRICS_H

#include "base/json_write.h"
#include "catalog/catalog.h"
#include "checkpoint/checkpoint.h"

/* Appends the metrics of docs/formats/run.md as a JSON object. Both registries must be up to date. */
enum tm_code tm_metrics_take(struct tm_repo *repo, const struct tm_catalog *catalog,
                             const struct tm_checkpoint *checkpoint, struct tm_buf *out, struct tm_err *err)
    TM_CHECK;

/* Writes the member `summary`: the summary of the meta-registry in the work tree. */
enum tm_code tm_metrics_summary(struct tm_repo *repo, struct tm_json_writer *w, struct tm_err *err) TM_CHECK;

enum { TM_NEXT_STEPS_MAX = 10 };

/*
 * Writes the array `next_steps` of docs/formats/run.md: for each module the step that brings most health
 * points by formula t4, the best TM_NEXT_STEPS_MAX of them. Derived from the meta-registry in the work tree.
 */
enum tm_code tm_next_steps(struct tm_repo *repo, struct tm_json_writer *w, struct tm_err *err) TM_CHECK;

#endif
