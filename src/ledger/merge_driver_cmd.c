#include "ledger/ledger_cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ledger/merge.h"

enum { BASE, OURS, THEIRS, VERSIONS };

/* The three files that git hands to a driver, open. */
struct inputs {
    const char *const *paths;
    struct tm_buf names[VERSIONS]; /* for messages */
    struct tm_ledger_version versions[VERSIONS];
};

static void inputs_release(struct inputs *in)
{
    for (size_t i = 0; i < VERSIONS; i++) {
        tm_closep(&in->versions[i].fd);
        tm_buf_release(&in->names[i]);
    }
}

/* Git's temporary files mean nothing to people: the path in the repository does, when it is given. */
static void name_inputs(struct inputs *in, const char *path)
{
    static const char *const sides[VERSIONS] = { "base", "ours", "theirs" };

    for (size_t i = 0; i < VERSIONS; i++) {
        in->names[i] = TM_BUF_INIT;
        tm_buf_addf(&in->names[i], "%s (%s)", path ? path : in->paths[i], sides[i]);
        in->versions[i] = (struct tm_ledger_version) { -1, 0, tm_buf_str(&in->names[i]) };
    }
}

static enum tm_code open_inputs(struct inputs *in, struct tm_err *err)
{
    for (size_t i = 0; i < VERSIONS; i++) {
        struct tm_ledger_version *version = &in->versions[i];
        struct stat st;

        version->fd = open(in->paths[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (version->fd < 0 || fstat(version->fd, &st) < 0)
            return tm_err_errno(err, errno, "cannot read '%s'", in->paths[i]);
        if (!S_ISREG(st.st_mode))
            return tm_err_set(err, TM_E_IO, "'%s' is not a regular file", in->paths[i]);
        version->size = (uint64_t)st.st_size;
    }
    return TM_OK;
}

/* Replaces the file at any path, in a folder that is trusted: git, or who calls by hand, has named it. */
static enum tm_code replace(const char *path, tm_fill_fn *fill, void *ctx, struct tm_err *err)
{
    struct tm_root TM_CLEANUP(tm_root_close) folder = TM_ROOT_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) dir = TM_BUF_INIT;
    const char *slash = strrchr(path, '/');
    enum tm_code code;

    if (slash)
        tm_buf_add(&dir, path, (size_t)(slash - path) + 1);
    else
        tm_buf_adds(&dir, ".");
    code = tm_root_open(&folder, dir.data, err);
    return code ? code : tm_root_replace_by(&folder, tm_str(slash ? slash + 1 : path), fill, ctx, err);
}

/* What git is to take for a conflict is a "no"; what could not be read or written stays what it is. */
static enum tm_code conflict(struct tm_err *err)
{
    if (err->code == TM_E_FORMAT || err->code == TM_E_REFUSED)
        err->code = TM_E_NO;
    return err->code;
}

static enum tm_code merge_ledgers(const struct inputs *in, struct tm_err *err)
{
    struct tm_ledger_union TM_CLEANUP(tm_ledger_union_release) all = TM_LEDGER_UNION_INIT;
    enum tm_code code = tm_ledger_union_make(&all, in->versions, VERSIONS, err);

    if (code)
        return conflict(err);
    return tm_ledger_union_is(&all, OURS) ? TM_OK
                                          : replace(in->paths[OURS], tm_ledger_union_write, &all, err);
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct inputs TM_CLEANUP(inputs_release) in = { .paths = args->words };
    enum tm_code code;

    if (args->n_words < VERSIONS || args->n_words > VERSIONS + 1)
        return tm_err_set(err, TM_E_USAGE,
                          "'ledger merge-driver' takes three files and maybe a path, see 'tidemark ledger "
                          "merge-driver --help'");
    name_inputs(&in, args->n_words > VERSIONS ? args->words[VERSIONS] : NULL);
    code = open_inputs(&in, err);
    return code ? code : merge_ledgers(&in, err);
}

const struct tm_cmd tm_ledger_merge_driver_cmd = {
    .name = "merge-driver",
    .summary = "merge two versions of a ledger, for git",
    .usage = "BASE OURS THEIRS [PATH]",
    .help =
        "Git calls this in merges; 'tidemark doctor --fix' tells it to. Writes to OURS every entry that one\n"
        "of the three ledgers has, each once, in ledger order. PATH is the file's name in the repository,\n"
        "for messages.\n\n"
        "Ends with status 1, and OURS as it was, when one of them is no ledger or they cannot be joined:\n"
        "git then leaves a conflict.\n",
    .run = run,
};
