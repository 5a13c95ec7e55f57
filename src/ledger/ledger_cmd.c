#include "ledger/ledger_cmd.h"

static const struct tm_cmd *const subs[] = {
    &tm_ledger_log_cmd,
    NULL,
};

const struct tm_cmd tm_ledger_cmd = {
    .name = "ledger",
    .summary = "look into the ledgers",
    .usage = "COMMAND",
    .sub = subs,
};
