/*
 * The subcommands of `tidemark coverage`, each in <name>_cmd.c; the table is in coverage_cmd.c.
 */
#ifndef TM_COVERAGE_COVERAGE_CMD_H
#define TM_COVERAGE_COVERAGE_CMD_H

#include "cli/cmd.h"

extern const struct tm_cmd tm_coverage_convert_cmd;
extern const struct tm_cmd tm_coverage_diff_cmd;
extern const struct tm_cmd tm_coverage_patch_cmd;
extern const struct tm_cmd tm_coverage_show_cmd;
extern const struct tm_cmd tm_coverage_summary_cmd;

#endif
