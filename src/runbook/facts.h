/*
 * The facts of a run (docs/formats/run.md): the journal, and what is computed
 * at the end from git and the ledgers. Private to the runbook room.
 */
#ifndef TM_RUNBOOK_FACTS_H
#define TM_RUNBOOK_FACTS_H

#include "runbook/phase.h"

/* Appends the facts as JSON, indented. `status` is complete, partial or failed. */
enum tm_code tm_facts_spell(struct tm_run *run, const char *status, struct tm_buf *out, struct tm_err *err)
    TM_CHECK;

#endif
