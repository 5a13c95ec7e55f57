/*
 * A folder for each test of base/io: <dir>/repo is the root, <dir>/outside is
 * not beneath it and holds the file "secret". Tests are listed with IO_TEST.
 */
#ifndef TM_TEST_PLACE_H
#define TM_TEST_PLACE_H

#include "test.h"

#include <ftw.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"

struct place {
    char dir[512];
    struct tm_root root;
};

TM_UNUSED static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    return remove(path);
}

TM_UNUSED static void place_path(const struct place *place, struct tm_buf *out, const char *path)
{
    tm_buf_clear(out);
    tm_buf_addf(out, "%s/%s", place->dir, path);
}

TM_UNUSED static void put(const struct place *place, const char *path, const char *content)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) full = TM_BUF_INIT;
    FILE *file;

    place_path(place, &full, path);
    file = fopen(full.data, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

TM_UNUSED static void assert_holds(const struct place *place, const char *path, const char *content)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) full = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;

    place_path(place, &full, path);
    assert_ok(&err, tm_file_read(full.data, 1 << 20, &got, &err));
    assert_string_equal(got.data, content);
}

TM_UNUSED static bool is_there(const struct place *place, const char *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) full = TM_BUF_INIT;
    struct stat st;

    place_path(place, &full, path);
    return lstat(full.data, &st) == 0;
}

TM_UNUSED static void make_dir(const struct place *place, const char *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) full = TM_BUF_INIT;

    place_path(place, &full, path);
    assert_int_equal(mkdir(full.data, 0777), 0);
}

TM_UNUSED static void make_link(const struct place *place, const char *target, const char *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) full = TM_BUF_INIT;

    place_path(place, &full, path);
    assert_int_equal(symlink(target, full.data), 0);
}

static unsigned entries_seen;

TM_UNUSED static int count_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    entries_seen++;
    return 0;
}

/* Everything below the root, the root itself included. */
TM_UNUSED static unsigned count_entries(const struct place *place)
{
    entries_seen = 0;
    assert_int_equal(nftw(place->root.path, count_entry, 8, FTW_PHYS), 0);
    return entries_seen;
}

TM_UNUSED static int setup(void **state)
{
    struct place *place = tm_alloc(sizeof(*place));
    const char *tmp = getenv("TMPDIR");
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) repo = TM_BUF_INIT;

    umask(022);
    snprintf(place->dir, sizeof(place->dir), "%s/tidemark-io-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(place->dir));
    make_dir(place, "repo");
    make_dir(place, "outside");
    put(place, "outside/secret", "secret");
    place_path(place, &repo, "repo");
    place->root = TM_ROOT_INIT;
    assert_ok(&err, tm_root_open(&place->root, repo.data, &err));
    *state = place;
    return 0;
}

TM_UNUSED static int teardown(void **state)
{
    struct place *place = *state;

    tm_root_close(&place->root);
    nftw(place->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(place);
    return 0;
}

TM_UNUSED static mode_t mode_of(const struct place *place, const char *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) full = TM_BUF_INIT;
    struct stat st;

    place_path(place, &full, path);
    assert_int_equal(lstat(full.data, &st), 0);
    return st.st_mode & 07777;
}

/* Runs fn in a child; its result is the exit status. */
TM_UNUSED static int in_child(int (*fn)(const struct place *), const struct place *place)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(fn(place));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* A disk that is full: from here on no file of this process grows past `bytes`. */
TM_UNUSED static void fill_disk(rlim_t bytes)
{
    struct rlimit limit = { bytes, bytes };

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
}

#define IO_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
