#include "ext/git_internal.h"

#include <errno.h>
#include <pthread.h>

#include <git2/sys/repository.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/path.h"

/*
 * libgit2 as Debian builds it reads all certificates of the system when it starts, about a hundred and fifty,
 * which takes longer than most of what is asked of it. Nothing here connects to anywhere: where its library
 * looks for the certificates it finds this function, and none.
 */
int mbedtls_x509_crt_parse_file(void *chain, const char *path);

int mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
    return -0x2900; /* MBEDTLS_ERR_X509_FILE_IO_ERROR */
}

static pthread_once_t init_once = PTHREAD_ONCE_INIT;

static void init(void)
{
    /*
     * Extensions that change nothing about what is read here: libgit2 1.5
     * would refuse every partial clone and every repository that
     * `git sparse-checkout` has touched.
     */
    static const char *extensions[] = { "worktreeconfig", "partialclone", "preciousobjects" };

    if (git_libgit2_init() < 0 ||
        git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, TM_LEN(extensions)) < 0 ||
        git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) < 0)
        abort();
}

void tm_git_init(void)
{
    pthread_once(&init_once, init);
}

enum tm_code tm_git_fail(struct tm_err *err, int rc, const char *fmt, ...)
{
    const git_error *last = git_error_last();
    struct tm_buf TM_CLEANUP(tm_buf_release) what = TM_BUF_INIT;
    enum tm_code code = TM_E_GIT;
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(&what, fmt, ap);
    va_end(ap);
    if (rc == GIT_ELOCKED)
        code = TM_E_LOCKED;
    else if (rc == GIT_ENOTFOUND)
        code = TM_E_NOT_FOUND;
    return tm_err_set(err, code, "%s: %s", what.data,
                      last && last->message ? last->message : "git gives no reason");
}

struct tm_oid tm_git_oid_hex(const git_oid *id)
{
    struct tm_oid out;

    git_oid_tostr(out.hex, sizeof(out.hex), id);
    return out;
}

enum tm_code tm_git_oid(git_oid *out, const struct tm_oid *id, struct tm_err *err)
{
    git_oid parsed;

    if (strlen(id->hex) != TM_OID_HEX || git_oid_fromstr(&parsed, id->hex) < 0)
        return tm_err_set(err, TM_E_GIT, "'%.40s' is not a git object id", id->hex);
    *out = parsed;
    return TM_OK;
}

enum tm_code tm_git_check_path(struct tm_str path, struct tm_err *err)
{
    struct tm_str rest = path, part;

    if (path.len == 0 || !tm_path_is_normal(path))
        return tm_err_set(err, TM_E_PATH, "'%.*s' is not a path inside the repository", TM_STR_ARG(path));
    while (tm_str_split(&rest, '/', &part))
        if (part.len == 4 && strncasecmp(part.data, ".git", 4) == 0)
            return tm_err_set(err, TM_E_PATH, "'%.*s' lies in a git folder", TM_STR_ARG(path));
    return TM_OK;
}

void tm_git_work_path(const struct tm_git *git, struct tm_str path, struct tm_buf *out)
{
    tm_buf_clear(out);
    tm_buf_addf(out, "%s/", git->workdir);
    tm_buf_add_str(out, path);
}

/*
 * libgit2 reads ~/.gitconfig and /etc/gitconfig whatever the environment says,
 * and never config.worktree. Put together as git does: GIT_CONFIG_GLOBAL,
 * GIT_CONFIG_SYSTEM and GIT_CONFIG_NOSYSTEM are honoured, which is also what
 * keeps a test away from its user's settings.
 */
struct config_file {
    git_config_level_t level;
    const char *variable; /* environment variable that replaces it */
    int (*find)(git_buf *out);
};

static enum tm_code add_config(struct tm_git *git, const char *path, git_config_level_t level,
                               struct tm_err *err)
{
    int rc = git_config_add_file_ondisk(git->config, path, level, git->repo, 0);

    return rc < 0 ? tm_git_fail(err, rc, "cannot read '%s'", path) : TM_OK;
}

static enum tm_code add_user_configs(struct tm_git *git, struct tm_err *err)
{
    static const struct config_file files[] = {
        { GIT_CONFIG_LEVEL_SYSTEM, "GIT_CONFIG_SYSTEM", git_config_find_system },
        { GIT_CONFIG_LEVEL_XDG, NULL, git_config_find_xdg },
        { GIT_CONFIG_LEVEL_GLOBAL, "GIT_CONFIG_GLOBAL", git_config_find_global },
    };
    const char *no_system = getenv("GIT_CONFIG_NOSYSTEM");
    bool skip_system = false;

    if (no_system) {
        int yes = 0;

        skip_system = git_config_parse_bool(&yes, no_system) < 0 || yes;
    }
    for (size_t i = 0; i < TM_LEN(files); i++) {
        const char *given = files[i].variable ? getenv(files[i].variable) : NULL;
        git_buf found = GIT_BUF_INIT;
        enum tm_code code = TM_OK;

        if (files[i].level == GIT_CONFIG_LEVEL_SYSTEM && skip_system)
            continue;
        if (files[i].level == GIT_CONFIG_LEVEL_XDG && getenv("GIT_CONFIG_GLOBAL"))
            continue;
        if (given)
            code = *given ? add_config(git, given, files[i].level, err) : TM_OK;
        else if (files[i].find(&found) == 0)
            code = add_config(git, found.ptr, files[i].level, err);
        git_buf_dispose(&found);
        if (code)
            return code;
    }
    return TM_OK;
}

static bool config_bool(const struct tm_git *git, const char *name)
{
    int yes = 0;

    return git_config_get_bool(&yes, git->config, name) == 0 && yes;
}

static enum tm_code load_config(struct tm_git *git, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_code code;

    if (git_config_new(&git->config) < 0)
        return tm_git_fail(err, -1, "cannot read the settings of git");
    code = add_user_configs(git, err);
    tm_buf_addf(&path, "%s/config", git->common_dir);
    if (!code)
        code = add_config(git, path.data, GIT_CONFIG_LEVEL_LOCAL, err);
    if (!code && config_bool(git, "extensions.worktreeConfig")) {
        tm_buf_clear(&path);
        tm_buf_addf(&path, "%s/config.worktree", git->dir);
        code = add_config(git, path.data, GIT_CONFIG_LEVEL_APP, err);
    }
    if (!code && git_repository_set_config(git->repo, git->config) < 0)
        code = tm_git_fail(err, -1, "cannot read the settings of git");
    return code;
}

/* core.excludesFile, else git's default place for it. */
static char *find_excludes_file(const struct tm_git *git)
{
    git_buf set = GIT_BUF_INIT;
    struct tm_buf path = TM_BUF_INIT;
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    /* libgit2 remembers the home folder its process began with. */
    if (home && git_config_get_string_buf(&set, git->config, "core.excludesFile") == 0 &&
        strncmp(set.ptr, "~/", 2) == 0)
        tm_buf_addf(&path, "%s%s", home, set.ptr + 1);
    else if (git_config_get_path(&set, git->config, "core.excludesFile") == 0)
        tm_buf_adds(&path, set.ptr);
    else if (xdg && *xdg)
        tm_buf_addf(&path, "%s/git/ignore", xdg);
    else if (home && *home)
        tm_buf_addf(&path, "%s/.config/git/ignore", home);
    git_buf_dispose(&set);
    return tm_buf_take(&path);
}

/* Says why libgit2 would not open what holds `start`. */
static enum tm_code open_failed(const char *start, int rc, struct tm_err *err)
{
    const git_error *last = git_error_last();
    const char *why = last && last->message ? last->message : "";

    if (rc == GIT_ENOTFOUND && !strstr(why, "safe.directory"))
        return tm_err_set(err, TM_E_GIT,
                          "'%s' is not inside a git repository, run 'git init' there or name another "
                          "folder with -C",
                          start);
    /* libgit2 1.5 reports another owner as a missing setting when safe.directory was never set. */
    if (rc == GIT_EOWNER || strstr(why, "safe.directory"))
        return tm_err_set(err, TM_E_GIT,
                          "the repository that holds '%s' belongs to another user; if you trust it, run: "
                          "git config --global --add safe.directory <its folder>",
                          start);
    if (strstr(why, "objectformat"))
        return tm_err_set(err, TM_E_GIT,
                          "the repository that holds '%s' names its objects by SHA-256, only SHA-1 "
                          "repositories can be read",
                          start);
    return tm_git_fail(err, GIT_ERROR, "cannot open the git repository that holds '%s'", start);
}

static char *without_slash(const char *path)
{
    size_t n = strlen(path);

    return tm_strndup(path, n && path[n - 1] == '/' ? n - 1 : n);
}

enum tm_code tm_git_open(struct tm_git **out, const char *start, struct tm_err *err)
{
    /* The environment's GIT_DIR and the like are not asked (git.h says why). */
    const char *ceiling = getenv("GIT_CEILING_DIRECTORIES");
    char *real = realpath(start, NULL);
    struct tm_git *git;
    enum tm_code code;
    int rc;

    if (!real)
        return tm_err_errno(err, errno, "cannot open folder '%s'", start);
    tm_git_init();
    git = tm_alloc(sizeof(*git));
    rc = git_repository_open_ext(&git->repo, real, 0, ceiling);
    if (rc < 0)
        code = open_failed(real, rc, err);
    else if (git_repository_is_bare(git->repo))
        code = tm_err_set(err, TM_E_GIT, "'%s' is a bare repository, work in a clone that has a work tree",
                          git_repository_path(git->repo));
    else {
        git->workdir = without_slash(git_repository_workdir(git->repo));
        git->dir = without_slash(git_repository_path(git->repo));
        git->common_dir = without_slash(git_repository_commondir(git->repo));
        code = load_config(git, err);
    }
    free(real);
    if (code) {
        tm_git_close(git);
        return code;
    }
    git->ignores_case = config_bool(git, "core.ignorecase");
    git->excludes_file = find_excludes_file(git);
    *out = git;
    return TM_OK;
}

void tm_git_close(struct tm_git *git)
{
    if (!git)
        return;
    git_config_free(git->config);
    git_repository_free(git->repo);
    free(git->workdir);
    free(git->dir);
    free(git->common_dir);
    free(git->excludes_file);
    free(git);
}

const char *tm_git_workdir(const struct tm_git *git)
{
    return git->workdir;
}

const char *tm_git_dir(const struct tm_git *git)
{
    return git->dir;
}

const char *tm_git_common_dir(const struct tm_git *git)
{
    return git->common_dir;
}

bool tm_git_ignores_case(const struct tm_git *git)
{
    return git->ignores_case;
}

const char *tm_git_excludes_file(const struct tm_git *git)
{
    return git->excludes_file;
}

enum tm_code tm_git_index(git_index **out, struct tm_git *git, struct tm_err *err)
{
    git_index *index = NULL;
    int rc = git_repository_index(&index, git->repo);

    /* The repository keeps it; this reference is not needed. */
    git_index_free(index);
    if (rc == 0)
        rc = git_index_read(index, 0);
    if (rc < 0)
        return tm_git_index_failed(err);
    *out = index;
    return TM_OK;
}

enum tm_code tm_git_index_failed(struct tm_err *err)
{
    if (git_error_last() && strstr(git_error_last()->message, "'link'"))
        return tm_err_set(err, TM_E_GIT,
                          "the index is split over two files, run: git update-index --no-split-index");
    if (git_error_last() && strstr(git_error_last()->message, "'sdir'"))
        return tm_err_set(err, TM_E_GIT,
                          "the index is sparse, run: git sparse-checkout reapply --no-sparse-index");
    return tm_git_fail(err, GIT_ERROR, "cannot read the index");
}

/* One half of an identity: the environment's, else the settings'; NULL when there is none. */
static char *identity_part(const struct tm_git *git, const char *role, const char *what)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;
    git_buf value = GIT_BUF_INIT;
    const char *env;
    char *result = NULL;

    tm_buf_addf(&key, "GIT_%s_%s", role, what);
    for (size_t i = 0; i < key.len; i++)
        if (key.data[i] >= 'a' && key.data[i] <= 'z')
            key.data[i] = (char)(key.data[i] - 'a' + 'A');
    env = getenv(key.data);
    if (env && *env)
        return tm_strdup(env);
    for (int user = 0; !result && user < 2; user++) {
        tm_buf_clear(&key);
        tm_buf_addf(&key, "%s.%s", user ? "user" : role, what);
        if (git_config_get_string_buf(&value, git->config, key.data) == 0 && value.size)
            result = tm_strdup(value.ptr);
        git_buf_dispose(&value);
    }
    return result;
}

static enum tm_code identity(struct tm_git *git, const char *role, char **name, char **email,
                             struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) n = identity_part(git, role, "name");
    char *TM_CLEANUP(tm_freep) e = identity_part(git, role, "email");

    if (!n || !e)
        return tm_err_set(err, TM_E_GIT,
                          "git does not know your %s, run: git config --global user.name 'Your Name' && "
                          "git config --global user.email you@example.org",
                          n   ? "address"
                          : e ? "name"
                              : "name and address");
    *name = n;
    *email = e;
    n = e = NULL;
    return TM_OK;
}

enum tm_code tm_git_identity(struct tm_git *git, char **name, char **email, struct tm_err *err)
{
    return identity(git, "author", name, email, err);
}

static enum tm_code sign(git_signature **out, struct tm_git *git, const char *role, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = NULL;
    char *TM_CLEANUP(tm_freep) email = NULL;
    enum tm_code code = identity(git, role, &name, &email, err);
    int rc;

    if (code)
        return code;
    rc = git_signature_new(out, name, email, tm_clock_now_s(), 0);
    if (rc < 0)
        return tm_git_fail(err, GIT_ERROR, "'%s <%s>' is no identity for a commit", name, email);
    return TM_OK;
}

enum tm_code tm_git_author(git_signature **out, struct tm_git *git, struct tm_err *err)
{
    return sign(out, git, "author", err);
}

enum tm_code tm_git_committer(git_signature **out, struct tm_git *git, struct tm_err *err)
{
    return sign(out, git, "committer", err);
}
