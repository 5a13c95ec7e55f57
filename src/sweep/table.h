/*
 * The text answer of sweep and ingest. Private to src/sweep.
 */
#ifndef TM_SWEEP_TABLE_H
#define TM_SWEEP_TABLE_H

#include "sweep/sweep.h"

/* Adds a line for each outcome, names in a column; everything escaped. */
void tm_table_add_outcomes(struct tm_buf *out, const struct tm_sweep_pass *pass);

/* Adds "13 modules: 8 measured, 1 no data, 1 failed, 0 timed out, 3 skipped". */
void tm_table_add_totals(struct tm_buf *out, const struct tm_sweep_totals *totals);

#endif
