/*
 * Options: one table, parsed and printed from the same rows.
 */
#ifndef TM_CLI_OPTIONS_H
#define TM_CLI_OPTIONS_H

#include "cli/cmd.h"

/* The options before the command, in the order of their rows in tm_global_opts. */
enum tm_global {
    TM_GLOBAL_DIR,
    TM_GLOBAL_FORMAT,
    TM_GLOBAL_COLOR,
    TM_GLOBAL_QUIET,
    TM_GLOBAL_VERBOSE,
    TM_GLOBAL_LOCK_TIMEOUT,
    TM_GLOBAL_HELP,
    TM_GLOBAL_VERSION,
    TM_GLOBAL_COUNT,
};
extern const struct tm_opt tm_global_opts[];

/* Number of rows in a table; NULL has none. */
size_t tm_opts_count(const struct tm_opt *opts);

/*
 * Parses words[0..n). Rows are looked up in `local` first, then in the global
 * table (which may be NULL); what a row received goes into local_values and global_values, arrays parallel to
 * the tables. Words that are no options are collected in *rest (allocated, the caller's)
 * up to "--"; with stop_at_word parsing ends before the first of them. *used is the number of words read.
 * TM_E_USAGE names the option and the nearest known one.
 */
struct tm_opt_value;
enum tm_code tm_opts_parse(const struct tm_opt *local, struct tm_opt_value *local_values,
                           struct tm_opt_value *global_values, const char *const *words, size_t n,
                           bool stop_at_word, const char ***rest, size_t *n_rest, size_t *used,
                           struct tm_err *err) TM_CHECK;

/* Adds the table as help: "  -j, --jobs N      what it does", folded at `width` columns. */
void tm_opts_add_help(struct tm_buf *out, const struct tm_opt *opts, unsigned width);

#endif
