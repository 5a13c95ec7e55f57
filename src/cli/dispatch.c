#include "cli/cmd.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/nearest.h"
#include "cli/help.h"
#include "cli/options.h"
#include "sweep/sweep.h"

enum { DEFAULT_LOCK_TIMEOUT_S = 10 };

/* All that one run of the program owns. */
struct run {
    struct tm_ctx ctx;
    struct tm_repo repo;
    struct tm_opt_value globals[TM_GLOBAL_COUNT];
    struct tm_opt_value *values; /* of the command's options */
    const char **words;          /* of the command */
    struct tm_buf path;          /* "ledger log" */
};

enum tm_code tm_ctx_flush(struct tm_ctx *ctx, struct tm_err *err)
{
    enum tm_code code = tm_fd_write_all(STDOUT_FILENO, tm_buf_str(&ctx->out), err);

    tm_buf_clear(&ctx->out);
    if (code)
        tm_err_wrap(err, "standard output");
    return code;
}

static const struct tm_cmd *find_command(const struct tm_cmd *const *commands, const char *name)
{
    for (; *commands; commands++)
        if (strcmp((*commands)->name, name) == 0)
            return *commands;
    return NULL;
}

static enum tm_code unknown_command(const struct tm_cmd *const *commands, const char *name,
                                    struct tm_err *err)
{
    const char *names[64];
    size_t n = 0;
    const char *near;

    for (; n < TM_LEN(names) - 1 && commands[n]; n++)
        names[n] = commands[n]->name;
    names[n] = NULL;
    near = tm_nearest(name, names);
    if (near)
        return tm_err_set(err, TM_E_USAGE, "unknown command '%s', did you mean '%s'?", name, near);
    return tm_err_set(err, TM_E_USAGE, "unknown command '%s', 'tidemark --help' lists them", name);
}

/* What --format can be; of those behind the first a command has what it `needs`. */
static const struct {
    const char *name;
    unsigned need;
} answers[] = {
    [TM_ANSWER_TEXT] = { "text", 0 },
    [TM_ANSWER_JSON] = { "json", TM_NEEDS_JSON },
    [TM_ANSWER_MD] = { "md", TM_NEEDS_MD },
    [TM_ANSWER_GITHUB] = { "github", TM_NEEDS_GITHUB },
};

static enum tm_code choose_answer(struct tm_ctx *ctx, const char *name, struct tm_err *err)
{
    for (size_t i = 0; i < TM_LEN(answers); i++) {
        if (strcmp(name, answers[i].name) == 0) {
            ctx->answer = (enum tm_answer)i;
            ctx->json = ctx->answer == TM_ANSWER_JSON;
            return TM_OK;
        }
    }
    return tm_err_set(err, TM_E_USAGE, "unknown format '%s', give text or json", name);
}

/* Reads --format, --color, -q, -v and --lock-timeout into the context. */
static enum tm_code apply_globals(struct run *run, struct tm_err *err)
{
    const struct tm_opt_value *g = run->globals;
    enum tm_color color = TM_COLOR_AUTO;

    if (g[TM_GLOBAL_FORMAT].given && choose_answer(&run->ctx, g[TM_GLOBAL_FORMAT].text, err))
        return err->code;
    if (g[TM_GLOBAL_COLOR].given) {
        const char *when = g[TM_GLOBAL_COLOR].text;

        if (strcmp(when, "always") == 0)
            color = TM_COLOR_ALWAYS;
        else if (strcmp(when, "never") == 0)
            color = TM_COLOR_NEVER;
        else if (strcmp(when, "auto") != 0)
            return tm_err_set(err, TM_E_USAGE, "unknown colour choice '%s', give auto, always or never",
                              when);
    }
    if (g[TM_GLOBAL_QUIET].given && g[TM_GLOBAL_VERBOSE].given)
        return tm_err_set(err, TM_E_USAGE, "give --quiet or --verbose, not both");
    run->ctx.lock_timeout_ms = DEFAULT_LOCK_TIMEOUT_S * 1000;
    if (g[TM_GLOBAL_LOCK_TIMEOUT].given) {
        if (g[TM_GLOBAL_LOCK_TIMEOUT].number > 86400)
            return tm_err_set(err, TM_E_USAGE, "--lock-timeout is at most 86400 seconds");
        run->ctx.lock_timeout_ms = (int64_t)g[TM_GLOBAL_LOCK_TIMEOUT].number * 1000;
    }
    run->ctx.color = tm_term_color(stdout, color);
    run->ctx.log.color = tm_term_color(stderr, color);
    run->ctx.log.live = tm_term_is_live(stderr);
    run->ctx.log.level = g[TM_GLOBAL_QUIET].given     ? TM_LOG_QUIET
                         : g[TM_GLOBAL_VERBOSE].given ? TM_LOG_VERBOSE
                                                      : TM_LOG_NORMAL;
    return TM_OK;
}

/* Takes the lock and settles what a killed command has left. */
static enum tm_code lock(struct run *run, struct tm_err *err)
{
    enum tm_code code = tm_repo_lock(&run->repo, run->ctx.lock_timeout_ms, err);

    return code ? code : tm_sweep_recover(&run->repo, err);
}

/* Opens what the command needs and calls it. */
static enum tm_code call(struct run *run, const struct tm_cmd *cmd, const struct tm_args *args,
                         struct tm_err *err)
{
    const char *dir = run->globals[TM_GLOBAL_DIR].given ? run->globals[TM_GLOBAL_DIR].text : ".";
    enum tm_code code = TM_OK;

    if (answers[run->ctx.answer].need & ~cmd->needs)
        return tm_err_set(err, TM_E_USAGE, "'%s' has no --format=%s", run->path.data,
                          answers[run->ctx.answer].name);
    if (cmd->needs & TM_NEEDS_REPO) {
        code = tm_repo_open(&run->repo, dir, &run->ctx.log, err);
        if (code)
            return code;
        run->ctx.repo = &run->repo;
    }
    /* Paths among the arguments are relative to it as well. */
    if (run->globals[TM_GLOBAL_DIR].given && chdir(dir) < 0)
        return tm_err_errno(err, errno, "cannot enter '%s'", dir);
    if (cmd->needs & TM_NEEDS_LOCK)
        code = lock(run, err);
    return code ? code : cmd->run(&run->ctx, args, err);
}

/* Parses the words of `cmd` and runs it, or its subcommand, or its help. */
static enum tm_code run_command(struct run *run, const struct tm_cmd *cmd, const char *const *words, size_t n,
                                struct tm_err *err)
{
    struct tm_args args = { 0 };
    size_t n_words, used;
    enum tm_code code;

    tm_buf_addf(&run->path, "%s%s", run->path.len ? " " : "", cmd->name);
    free(run->values);
    run->values = tm_alloc_array(tm_opts_count(cmd->opts) + 1, sizeof(*run->values));
    tm_freep(&run->words);
    code = tm_opts_parse(cmd->opts, run->values, run->globals, words, n, cmd->sub != NULL, &run->words,
                         &n_words, &used, err);
    if (!code)
        code = apply_globals(run, err);
    if (code)
        return code;
    if (run->globals[TM_GLOBAL_HELP].given && used >= n) {
        tm_help_command(&run->ctx.out, cmd, run->path.data, tm_term_width(stdout));
        return TM_OK;
    }
    if (cmd->sub) {
        const struct tm_cmd *sub;

        if (used >= n)
            return tm_err_set(err, TM_E_USAGE, "'%s' needs a command, see 'tidemark %s --help'",
                              run->path.data, run->path.data);
        sub = find_command(cmd->sub, words[used]);
        if (!sub)
            return unknown_command(cmd->sub, words[used], err);
        return run_command(run, sub, words + used + 1, n - used - 1, err);
    }
    args = (struct tm_args) { run->values, run->words, n_words };
    return call(run, cmd, &args, err);
}

static enum tm_code run_program(struct run *run, const char *const *words, size_t n, struct tm_err *err)
{
    const char **none = NULL;
    const struct tm_cmd *cmd;
    size_t n_none, used;
    enum tm_code code;

    code = tm_opts_parse(NULL, NULL, run->globals, words, n, true, &none, &n_none, &used, err);
    free(none);
    if (!code)
        code = apply_globals(run, err);
    if (code)
        return code;
    if (run->globals[TM_GLOBAL_VERSION].given) {
        tm_buf_adds(&run->ctx.out, TM_VERSION_TEXT "\n");
        return TM_OK;
    }
    if (run->globals[TM_GLOBAL_HELP].given && used >= n) {
        tm_help_program(&run->ctx.out, tm_term_width(stdout));
        return TM_OK;
    }
    if (used >= n)
        return tm_err_set(err, TM_E_USAGE, "no command given, 'tidemark --help' lists them");
    cmd = find_command(tm_commands, words[used]);
    if (!cmd)
        return unknown_command(tm_commands, words[used], err);
    return run_command(run, cmd, words + used + 1, n - used - 1, err);
}

/* What could not be written to stdout is a failure, whatever the command said. */
static void write_answer(struct run *run, struct tm_err *err)
{
    struct tm_err lost = TM_ERR_INIT;

    tm_log_status(&run->ctx.log, "%s", "");
    if (tm_ctx_flush(&run->ctx, &lost) || (fflush(stdout) && tm_err_errno(&lost, errno, "standard output")))
        tm_err_move(err, &lost);
    tm_err_release(&lost);
}

int tm_cli_main(int argc, char **argv)
{
    struct run run = { .repo = TM_REPO_INIT, .path = TM_BUF_INIT, .ctx = { .out = TM_BUF_INIT } };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    const char *const *words = (const char *const *)argv + (argc > 0);

    /* A pipe that closes and a file that may not grow are errors of write(2), with the exit status of one. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    /* What failed on the way and did not matter in the end may still be in err. */
    if (run_program(&run, words, (size_t)TM_MAX(argc - 1, 0), &err) == TM_OK)
        tm_err_release(&err);
    write_answer(&run, &err);
    /* Answers of "no" and "partly" may come without a message: the answer said it. */
    if (err.code && err.msg)
        fprintf(stderr, "tidemark: %s\n", err.msg);
    free(run.values);
    free(run.words);
    tm_buf_release(&run.path);
    tm_buf_release(&run.ctx.out);
    tm_repo_close(&run.repo);
    return tm_err_exit_status(&err);
}
