/*
 * The subcommands of `tidemark ledger`, each in <name>_cmd.c; the table is in ledger_cmd.c.
 */
#ifndef TM_LEDGER_LEDGER_CMD_H
#define TM_LEDGER_LEDGER_CMD_H

#include "cli/cmd.h"

extern const struct tm_cmd tm_ledger_log_cmd;

#endif
