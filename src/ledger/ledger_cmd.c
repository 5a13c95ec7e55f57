#include "ledger/ledger_cmd.h"

#include <unistd.h>

#include "base/path.h"
#include "ledger/ledger.h"

enum tm_code tm_ledger_find(const struct tm_repo *repo, const char *word, struct tm_buf *path,
                            struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    enum tm_code code;

    for (size_t i = 0; tm_ledger_names[i]; i++) {
        if (strcmp(word, tm_ledger_names[i]) != 0)
            continue;
        tm_buf_addf(&name, "%s.ndjson", word);
        tm_repo_ledger(repo, name.data, path);
        return TM_OK;
    }
    code = tm_path_resolve(path, TM_STR(""), tm_str(word), err);
    if (!code && !tm_root_exists(&repo->root, tm_buf_str(path)))
        return tm_err_set(err, TM_E_NOT_FOUND,
                          "no ledger '%s', name a file or one of bench, coverage, freeze, scaffold, "
                          "test_scaffold",
                          word);
    return code;
}

static const struct tm_cmd *const subs[] = {
    &tm_ledger_check_note_cmd,   &tm_ledger_check_proof_cmd, &tm_ledger_checkpoint_key_cmd,
    &tm_ledger_consistency_cmd,  &tm_ledger_fold_cmd,        &tm_ledger_log_cmd,
    &tm_ledger_merge_driver_cmd, &tm_ledger_normalize_cmd,   &tm_ledger_proof_cmd,
    &tm_ledger_prove_append_cmd, &tm_ledger_verify_cmd,      NULL,
};

const struct tm_cmd tm_ledger_cmd = {
    .name = "ledger",
    .summary = "look into the ledgers, merge them",
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
