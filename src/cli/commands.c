#include "cli/cmd.h"

/* A row per command: its declaration stands here, its definition in <feature>_cmd.c. */

const struct tm_cmd *const tm_commands[] = {
    NULL,
};
