#include "ledger/ledger_cmd.h"

#include <unistd.h>

static const struct tm_cmd *const subs[] = {
    &tm_ledger_check_note_cmd,
    &tm_ledger_check_proof_cmd,
    &tm_ledger_checkpoint_key_cmd,
    &tm_ledger_log_cmd,
    &tm_ledger_proof_cmd,
    &tm_ledger_prove_append_cmd,
    NULL,
};

const struct tm_cmd tm_ledger_cmd = {
    .name = "ledger",
    .summary = "look into the ledgers",
    .usage = "COMMAND",
    .sub = subs,
};

enum tm_code tm_ledger_read_word(const struct tm_args *args, uint64_t limit, const char **name,
                                 struct tm_buf *out, struct tm_err *err)
{
    enum tm_code code;

    if (args->n_words > 1)
        return tm_err_set(err, TM_E_USAGE, "give one file, or none to read standard input");
    if (args->n_words && strcmp(args->words[0], "-") != 0) {
        *name = args->words[0];
        return tm_file_read(*name, limit, out, err);
    }
    *name = "standard input";
    code = tm_fd_read_all(STDIN_FILENO, limit, out, err);
    if (code)
        tm_err_wrap(err, "%s", *name);
    return code;
}
