/*
 * What `--help` prints, made from the command tables.
 */
#ifndef TM_CLI_HELP_H
#define TM_CLI_HELP_H

#include "cli/cmd.h"

/* The program's help: usage, commands, global options, exit status. */
void tm_help_program(struct tm_buf *out, unsigned width);

/* One command's help. `path` is how it was called: "ledger log". */
void tm_help_command(struct tm_buf *out, const struct tm_cmd *cmd, const char *path, unsigned width);

#endif
