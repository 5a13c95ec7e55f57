#include "coverage/coverage_cmd.h"

static const struct tm_cmd *const subs[] = {
    &tm_coverage_convert_cmd, &tm_coverage_diff_cmd,    &tm_coverage_patch_cmd,
    &tm_coverage_show_cmd,    &tm_coverage_summary_cmd, NULL,
};

const struct tm_cmd tm_coverage_cmd = {
    .name = "coverage",
    .summary = "look into coverage reports",
    .usage = "COMMAND",
    .sub = subs,
};
