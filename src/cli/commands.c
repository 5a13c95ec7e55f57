#include "cli/cmd.h"

/* A row per command: its declaration stands here, its definition in <feature>_cmd.c. */
extern const struct tm_cmd tm_coverage_cmd, tm_doctor_cmd, tm_freeze_cmd, tm_fuse_cmd, tm_ingest_cmd,
    tm_ledger_cmd, tm_rollback_cmd, tm_run_cmd, tm_scaffold_cmd, tm_scan_cmd, tm_sweep_cmd, tm_trends_cmd,
    tm_validate_cmd;

const struct tm_cmd *const tm_commands[] = {
    &tm_coverage_cmd, &tm_doctor_cmd, &tm_freeze_cmd,   &tm_fuse_cmd, &tm_ingest_cmd, &tm_ledger_cmd,
    &tm_rollback_cmd, &tm_run_cmd,    &tm_scaffold_cmd, &tm_scan_cmd, &tm_sweep_cmd,  &tm_trends_cmd,
    &tm_validate_cmd, NULL,
};
