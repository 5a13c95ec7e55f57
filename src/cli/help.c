#include "cli/help.h"

#include "cli/options.h"

static void add_commands(struct tm_buf *out, const struct tm_cmd *const *commands)
{
    for (; *commands; commands++)
        tm_buf_addf(out, "  %-14s %s\n", (*commands)->name, (*commands)->summary);
}

void tm_help_program(struct tm_buf *out, unsigned width)
{
    tm_buf_adds(out, "usage: tidemark [-C DIR] [--format=text|json] [--color=auto|always|never] [-q|-v]\n"
                     "                COMMAND ...\n\n"
                     "Keeps the quality baseline of a repository: finds its modules, scaffolds what they\n"
                     "lack, measures them, ledgers the figures and freezes the state under a tag.\n\n"
                     "commands:\n");
    add_commands(out, tm_commands);
    tm_buf_adds(out, "\noptions:\n");
    tm_opts_add_help(out, tm_global_opts, width);
    tm_buf_adds(out, "\nexit status:\n"
                     "  0  done, or the answer is yes\n"
                     "  1  checked, and the answer is no\n"
                     "  2  wrong usage or settings\n"
                     "  3  could not be done\n"
                     "  4  partly done: some modules failed, the rest is written\n"
                     "  128+n  ended by signal n\n\n"
                     "'tidemark COMMAND --help' tells more of a command.\n");
}

void tm_help_command(struct tm_buf *out, const struct tm_cmd *cmd, const char *path, unsigned width)
{
    tm_buf_addf(out, "usage: tidemark %s%s%s\n\n%s\n", path, cmd->usage && cmd->usage[0] ? " " : "",
                cmd->usage ? cmd->usage : "", cmd->summary);
    if (cmd->help)
        tm_buf_addf(out, "\n%s%s", cmd->help, cmd->help[strlen(cmd->help) - 1] == '\n' ? "" : "\n");
    if (cmd->sub) {
        tm_buf_adds(out, "\ncommands:\n");
        add_commands(out, cmd->sub);
    }
    if (cmd->opts) {
        tm_buf_adds(out, "\noptions:\n");
        tm_opts_add_help(out, cmd->opts, width);
    }
    tm_buf_adds(out, "\n'tidemark --help' lists the options every command takes.\n");
}
