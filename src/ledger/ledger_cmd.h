/*
 * The subcommands of `tidemark ledger`, each in <name>_cmd.c (prove-append in that of proof); the table
 * is in ledger_cmd.c.
 */
#ifndef TM_LEDGER_LEDGER_CMD_H
#define TM_LEDGER_LEDGER_CMD_H

#include "cli/cmd.h"

extern const struct tm_cmd tm_ledger_check_proof_cmd;
extern const struct tm_cmd tm_ledger_log_cmd;
extern const struct tm_cmd tm_ledger_proof_cmd;
extern const struct tm_cmd tm_ledger_prove_append_cmd;

#endif
