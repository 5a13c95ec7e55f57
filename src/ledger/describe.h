/*
 * One phrase of what an entry says, for people.
 */
#ifndef TM_LEDGER_DESCRIBE_H
#define TM_LEDGER_DESCRIBE_H

#include "ledger/ledger.h"

/*
 * Replaces out: "36.50 % (365 of 1000 lines)", "no_data: no test was collected", "tag v1 (baseline)". Empty
 * for kinds that are not known. An adopted line is read as its ledger's file name says. TM_E_FORMAT when the
 * body of a chained entry is not one of its kind.
 */
enum tm_code tm_ledger_describe(const struct tm_ledger_entry *entry, struct tm_str path, struct tm_buf *out,
                                struct tm_err *err) TM_CHECK;

#endif
