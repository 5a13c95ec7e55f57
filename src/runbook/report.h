/*
 * The execution report of a run: the facts (docs/formats/run.md) as Markdown.
 * It has every section of the runbook's report and no figure that the facts do not have.
 */
#ifndef TM_RUNBOOK_REPORT_H
#define TM_RUNBOOK_REPORT_H

#include "base/json_doc.h"

/* Writes the report of the facts in doc into out (replaced). Missing members leave their lines out. */
void tm_report_markdown(const struct tm_json_doc *facts, struct tm_buf *out);

/* The summary that a run prints at its end: a few lines of text. */
void tm_report_summary(const struct tm_json_doc *facts, struct tm_buf *out);

#endif
