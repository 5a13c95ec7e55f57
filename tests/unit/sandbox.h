/*
 * A temporary folder for tests that need a real git repository, made with the
 * real git program, shut off from the settings and hooks of who runs the test.
 */
#ifndef TM_SANDBOX_H
#define TM_SANDBOX_H

#include <ftw.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

struct sandbox {
    char *dir; /* absolute, real */
};

TM_UNUSED static int sandbox_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

/* Makes the folder and points HOME and git's settings into it: an identity, branch "main". */
TM_UNUSED static struct sandbox sandbox_make(void)
{
    static const char *unset[] = { "GIT_DIR",           "GIT_WORK_TREE",          "GIT_INDEX_FILE",
                                   "GIT_PREFIX",        "XDG_CONFIG_HOME",        "GIT_AUTHOR_NAME",
                                   "GIT_AUTHOR_EMAIL",  "GIT_COMMITTER_NAME",     "GIT_COMMITTER_EMAIL",
                                   "GIT_CONFIG_SYSTEM", "GIT_COMMON_DIR",         "GIT_OBJECT_DIRECTORY",
                                   "SOURCE_DATE_EPOCH", "GIT_CEILING_DIRECTORIES" };
    const char *tmp = getenv("TMPDIR");
    struct tm_buf path = TM_BUF_INIT;
    struct sandbox box;
    FILE *config;

    tm_buf_addf(&path, "%s/tidemark-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(path.data));
    box.dir = realpath(path.data, NULL);
    assert_non_null(box.dir);
    for (size_t i = 0; i < TM_LEN(unset); i++)
        unsetenv(unset[i]);
    setenv("HOME", box.dir, 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    tm_buf_clear(&path);
    tm_buf_addf(&path, "%s/.gitconfig", box.dir);
    setenv("GIT_CONFIG_GLOBAL", path.data, 1);
    config = fopen(path.data, "w");
    assert_non_null(config);
    fputs("[user]\n\tname = Test Person\n\temail = test@example.org\n"
          "[init]\n\tdefaultBranch = main\n[protocol \"file\"]\n\tallow = always\n"
          "[core]\n\tautocrlf = false\n[commit]\n\tgpgsign = false\n",
          config);
    assert_int_equal(fclose(config), 0);
    tm_buf_release(&path);
    return box;
}

TM_UNUSED static void sandbox_remove(struct sandbox *box)
{
    if (chdir("/") == 0 && box->dir && *box->dir)
        nftw(box->dir, sandbox_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(box->dir);
    box->dir = NULL;
}

/* "<sandbox>/<name>"; the caller frees. */
TM_UNUSED static char *sandbox_path(const struct sandbox *box, const char *name)
{
    struct tm_buf path = TM_BUF_INIT;

    tm_buf_addf(&path, "%s/%s", box->dir, name);
    return tm_buf_take(&path);
}

/* Runs a shell script in the sandbox, stopping at its first failure; its output into out when not NULL. */
TM_UNUSED static void sandbox_run(const struct sandbox *box, struct tm_buf *out, const char *script)
{
    struct tm_buf command = TM_BUF_INIT;
    char chunk[4096];
    size_t n;
    FILE *pipe;
    int status;

    setenv("SANDBOX_SCRIPT", script, 1);
    tm_buf_addf(&command, "cd '%s' && sh -e -c \"$SANDBOX_SCRIPT\" 2>'%s/.stderr'", box->dir, box->dir);
    pipe = popen(command.data, "r");
    assert_non_null(pipe);
    while ((n = fread(chunk, 1, sizeof(chunk), pipe)) > 0)
        if (out)
            tm_buf_add(out, chunk, n);
    status = pclose(pipe);
    tm_buf_release(&command);
    if (status != 0)
        fail_msg("script failed with status %d: %s", status, script);
}

/* The script's output must be exactly `expected`. */
TM_UNUSED static void sandbox_says(const struct sandbox *box, const char *script, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    sandbox_run(box, &out, script);
    assert_string_equal(out.data, expected);
}

#endif
