/*
 * Commands and their options, as tables. The dispatcher parses the options,
 * supplies what a command `needs`, calls it, and turns its error into one line on
 * stderr and an exit status.
 */
#ifndef TM_CLI_CMD_H
#define TM_CLI_CMD_H

#include "base/err.h"
#include "base/log.h"
#include "repo/repo.h"

enum tm_opt_type {
    TM_OPT_FLAG,
    TM_OPT_STR,   /* takes a value */
    TM_OPT_MAYBE, /* takes a value behind '=', or none: text is then "" */
    TM_OPT_UINT,  /* takes a decimal number */
};

/* A row; the table ends with one whose name is NULL. Rows are addressed by their index. */
struct tm_opt {
    const char *name; /* long name, without dashes */
    char letter;      /* short name, 0 for none */
    enum tm_opt_type type;
    const char *value; /* what the value is called in help: "N", "TAG"; NULL for flags */
    const char *help;
    void (*add_help)(struct tm_buf *out); /* adds more behind help: the values there are; may be NULL */
};

/* What a row received from the command line. */
struct tm_opt_value {
    bool given;
    const char *text; /* but for flags: as it was written */
    uint64_t number;  /* TM_OPT_UINT */
};

struct tm_args {
    const struct tm_opt_value *opts; /* parallel to the command's options */
    const char *const *words;        /* the arguments that are no options */
    size_t n_words;
};

enum {
    TM_NEEDS_REPO = 1 << 0,   /* ctx->repo is open */
    TM_NEEDS_LOCK = 1 << 1,   /* ... and the lock of writing commands is held */
    TM_NEEDS_JSON = 1 << 2,   /* the command has a --format=json; others refuse it */
    TM_NEEDS_MD = 1 << 3,     /* likewise --format=md */
    TM_NEEDS_GITHUB = 1 << 4, /* likewise --format=github */
};

/* What --format asks for. Every command has text. */
enum tm_answer { TM_ANSWER_TEXT, TM_ANSWER_JSON, TM_ANSWER_MD, TM_ANSWER_GITHUB };

struct tm_ctx {
    struct tm_repo *repo; /* NULL unless needed */
    struct tm_log log;
    enum tm_answer answer;
    bool json;  /* answer is TM_ANSWER_JSON */
    bool color; /* on stdout */
    int64_t lock_timeout_ms;
    struct tm_buf out; /* the answer; the dispatcher writes it to stdout and checks */
};

struct tm_cmd {
    const char *name;
    const char *summary;             /* one phrase for the table of commands */
    const char *usage;               /* what follows the name: "[--apply] [MODULE...]" */
    const char *help;                /* paragraphs below the usage; may be NULL */
    const struct tm_opt *opts;       /* NULL when none */
    const struct tm_cmd *const *sub; /* subcommands, ended by NULL; NULL when none */
    unsigned needs;
    enum tm_code (*run)(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err);
};

/* Every command, alphabetical, ended by NULL (cli/commands.c). */
extern const struct tm_cmd *const tm_commands[];

/* Sends what is in ctx->out to stdout now, for answers that grow. TM_E_IO when it cannot be written. */
enum tm_code tm_ctx_flush(struct tm_ctx *ctx, struct tm_err *err) TM_CHECK;

/* Runs the program; returns its exit status. */
int tm_cli_main(int argc, char **argv);

#define TM_VERSION_TEXT "tidemark " TM_VERSION

#endif
