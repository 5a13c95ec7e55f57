/*
 * The subcommands of `tidemark ledger`, each in <name>_cmd.c (prove-append in that of proof, checkpoint-key
 * and check-note in that of note); the table is in ledger_cmd.c. consistency, which needs more than ledgers,
 * has a room of its own.
 */
#ifndef TM_LEDGER_LEDGER_CMD_H
#define TM_LEDGER_LEDGER_CMD_H

#include "cli/cmd.h"

extern const struct tm_cmd tm_ledger_check_note_cmd;
extern const struct tm_cmd tm_ledger_check_proof_cmd;
extern const struct tm_cmd tm_ledger_checkpoint_key_cmd;
extern const struct tm_cmd tm_ledger_consistency_cmd;
extern const struct tm_cmd tm_ledger_fold_cmd;
extern const struct tm_cmd tm_ledger_log_cmd;
extern const struct tm_cmd tm_ledger_merge_driver_cmd;
extern const struct tm_cmd tm_ledger_normalize_cmd;
extern const struct tm_cmd tm_ledger_proof_cmd;
extern const struct tm_cmd tm_ledger_prove_append_cmd;
extern const struct tm_cmd tm_ledger_verify_cmd;

/*
 * Reads the file that is the command's only word, or standard input when that is "-" or missing, at most
 * limit bytes, into out (replaced). *name is for messages. TM_E_USAGE for more than one word.
 */
enum tm_code tm_ledger_read_word(const struct tm_args *args, uint64_t limit, const char **name,
                                 struct tm_buf *out, struct tm_err *err) TM_CHECK;

/* The path of the ledger that a word names: "coverage", or a file of the repository. TM_E_NOT_FOUND. */
enum tm_code tm_ledger_find(const struct tm_repo *repo, const char *word, struct tm_buf *path,
                            struct tm_err *err) TM_CHECK;

#endif
