#include "ledger/ledger_cmd.h"

static const struct tm_cmd *const subs[] = {
    &tm_ledger_check_proof_cmd, &tm_ledger_log_cmd, &tm_ledger_proof_cmd, &tm_ledger_prove_append_cmd, NULL,
};

const struct tm_cmd tm_ledger_cmd = {
    .name = "ledger",
    .summary = "look into the ledgers",
    .usage = "COMMAND",
    .sub = subs,
};
