/*
 * The plan of a run as text for people.
 */
#ifndef TM_RUNBOOK_PLAN_H
#define TM_RUNBOOK_PLAN_H

#include "base/json_doc.h"

/* Adds the plan that tm_run_plan spelled as text. */
void tm_plan_text(const struct tm_json_doc *plan, struct tm_buf *out);

#endif
