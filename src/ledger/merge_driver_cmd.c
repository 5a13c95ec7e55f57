#include "ledger/ledger_cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ledger/manifest_merge.h"
#include "ledger/merge.h"

enum { BASE, OURS, THEIRS, VERSIONS };
enum { OPT_MANIFEST, OPT_SIZE, OPT_BASE, OPT_OURS, OPT_THEIRS };
enum { TEXT_MAX = 64 << 20, MARKER_MAX = 1000 };

static const struct tm_opt opts[] = {
    [OPT_MANIFEST] = { "manifest", 0, TM_OPT_FLAG, NULL, "merge a module's manifest" },
    [OPT_SIZE] = { "marker-size", 0, TM_OPT_UINT, "N", "with --manifest: characters of a conflict marker" },
    [OPT_BASE] = { "base", 0, TM_OPT_STR, "LABEL", "with --manifest: what a conflict calls the base," },
    [OPT_OURS] = { "ours", 0, TM_OPT_STR, "LABEL", "... our side," },
    [OPT_THEIRS] = { "theirs", 0, TM_OPT_STR, "LABEL", "... and the other one" },
    { NULL },
};

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

/* Git before 2.44 leaves "%X" as it stands. */
static const char *label_of(const struct tm_opt_value *value)
{
    const char *text = value->text;

    return value->given && *text && !(text[0] == '%' && text[1] && !text[2]) ? text : NULL;
}

static void read_style(struct tm_repo *repo, struct tm_git_markers *markers)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) style = TM_BUF_INIT;

    if (!tm_git_setting(repo->git, "merge.conflictStyle", &style))
        return;
    if (strcmp(style.data, "diff3") == 0)
        markers->style = TM_GIT_STYLE_DIFF3;
    else if (strcmp(style.data, "zdiff3") == 0)
        markers->style = TM_GIT_STYLE_ZDIFF3;
}

/* Outside of a repository there is no ledger to ask. */
static void find_nothing(void *ctx, unsigned group, struct tm_backed sides[2])
{
}

static enum tm_code fill(void *ctx, int fd, struct tm_err *err)
{
    const struct tm_buf *data = ctx;

    return tm_fd_write_all(fd, tm_buf_str(data), err);
}

/* Conflict or not, what was merged goes into OURS: markers are what git would leave. */
static enum tm_code merge_texts(struct tm_repo *repo, const char *ours, struct tm_manifest_versions *versions,
                                struct tm_err *err)
{
    struct tm_backing_sources sources = { repo, versions };
    struct tm_buf TM_CLEANUP(tm_buf_release) merged = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) left = TM_ERR_INIT;
    enum tm_code code =
        tm_manifest_merge(versions, repo ? tm_backing_find : find_nothing, &sources, &merged, &left);

    if (code && code != TM_E_NO)
        return tm_err_move(err, &left);
    if (!tm_str_eq(tm_buf_str(&merged), versions->ours)) {
        enum tm_code written = replace(ours, fill, &merged, err);

        if (written)
            return written;
    }
    return code ? tm_err_move(err, &left) : TM_OK;
}

static enum tm_code merge_manifests(const struct inputs *in, const struct tm_args *args, struct tm_log *log,
                                    struct tm_err *err)
{
    struct tm_repo TM_CLEANUP(tm_repo_close) repo = TM_REPO_INIT;
    struct tm_buf texts[VERSIONS] = { TM_BUF_INIT, TM_BUF_INIT, TM_BUF_INIT };
    struct tm_manifest_versions versions = {
        .path = args->n_words > VERSIONS ? args->words[VERSIONS] : in->paths[OURS],
        .markers = { label_of(&args->opts[OPT_BASE]), label_of(&args->opts[OPT_OURS]),
                     label_of(&args->opts[OPT_THEIRS]), (unsigned)args->opts[OPT_SIZE].number,
                     TM_GIT_STYLE_MERGE },
    };
    struct tm_err TM_CLEANUP(tm_err_release) none = TM_ERR_INIT;
    bool has_repo = tm_repo_open(&repo, ".", log, &none) == TM_OK;
    enum tm_code code = TM_OK;

    if (has_repo)
        read_style(&repo, &versions.markers);
    else if (none.code != TM_E_GIT)
        tm_log_warn(log, "merging without the ledger: %s", tm_err_msg(&none));
    for (size_t i = 0; i < VERSIONS && !code; i++)
        code = tm_file_read(in->paths[i], TEXT_MAX, &texts[i], err);
    versions.base = tm_buf_str(&texts[BASE]);
    versions.ours = tm_buf_str(&texts[OURS]);
    versions.theirs = tm_buf_str(&texts[THEIRS]);
    if (!code)
        code = merge_texts(has_repo ? &repo : NULL, in->paths[OURS], &versions, err);
    for (size_t i = 0; i < VERSIONS; i++)
        tm_buf_release(&texts[i]);
    return code;
}

static enum tm_code check_usage(const struct tm_args *args, struct tm_err *err)
{
    if (args->n_words < VERSIONS || args->n_words > VERSIONS + 1)
        return tm_err_set(err, TM_E_USAGE,
                          "'ledger merge-driver' takes three files and maybe a path, see 'tidemark ledger "
                          "merge-driver --help'");
    for (size_t i = OPT_SIZE; i <= OPT_THEIRS; i++)
        if (args->opts[i].given && !args->opts[OPT_MANIFEST].given)
            return tm_err_set(err, TM_E_USAGE, "--%s is for --manifest only", opts[i].name);
    if (args->opts[OPT_SIZE].number > MARKER_MAX)
        return tm_err_set(err, TM_E_USAGE, "--marker-size is at most %d", MARKER_MAX);
    return TM_OK;
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct inputs TM_CLEANUP(inputs_release) in = { .paths = args->words };
    enum tm_code code = check_usage(args, err);

    if (code)
        return code;
    name_inputs(&in, args->n_words > VERSIONS ? args->words[VERSIONS] : NULL);
    code = open_inputs(&in, err);
    if (code)
        return code;
    return args->opts[OPT_MANIFEST].given ? merge_manifests(&in, args, &ctx->log, err)
                                          : merge_ledgers(&in, err);
}

const struct tm_cmd tm_ledger_merge_driver_cmd = {
    .name = "merge-driver",
    .summary = "merge two versions of a ledger or manifest, for git",
    .usage = "[--manifest] BASE OURS THEIRS [PATH]",
    .help =
        "Git calls this in merges; 'tidemark doctor --fix' tells it to. Writes to OURS every entry that one\n"
        "of the three ledgers has, each once, in ledger order. PATH is the file's name in the repository,\n"
        "for messages. With --manifest the files are merged as text, and where both sides measured, the\n"
        "one counts whose entry comes last in the ledger.\n\n"
        "Ends with status 1 when one of the ledgers is none or they cannot be joined, OURS as it was, and\n"
        "when a manifest has conflicts, marked in OURS: for git both are conflicts.\n",
    .opts = opts,
    .run = run,
};
