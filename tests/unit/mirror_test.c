#include "test.h"

#include <fcntl.h>
#include <unistd.h>

#include "sweep/mirror.h"
#include "sweep/tree.h"

/* repo/ is the repository, state/ tidemark's folder. */
struct fixture {
    struct tm_root top, repo, state;
};

static void shell(const struct fixture *f, const char *script)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) command = TM_BUF_INIT;

    tm_buf_addf(&command, "cd '%s' && { %s; }", f->top.path, script);
    if (system(command.data))
        fail_msg("failed: %s", script);
}

static int make_fixture(void **state)
{
    static char dir[] = "/tmp/tm-mirror-XXXXXX";
    struct fixture *f = tm_alloc(sizeof(*f));
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
    *state = f;
    if (!mkdtemp(dir) || tm_root_open(&f->top, dir, NULL))
        return -1;
    shell(f, "mkdir -p repo/.git repo/lib/net/src repo/lib/net/sub repo/lib/util repo/docs state &&"
             "echo inc >repo/lib/util/util.h && echo top >repo/common.mk && echo c >repo/lib/net/src/net.c &&"
             "echo sub >repo/lib/net/sub/s.c && echo ignored >repo/lib/net/src/net.o &&"
             "printf '#!/bin/sh\\n' >'repo/lib/net/run me' && chmod 755 'repo/lib/net/run me' &&"
             "ln -s src/net.c repo/lib/net/link && touch -d 2020-02-03T04:05:06Z repo/lib/net/src/net.c");
    tm_buf_addf(&path, "%s/repo", dir);
    if (tm_root_open(&f->repo, path.data, NULL))
        return -1;
    tm_buf_clear(&path);
    tm_buf_addf(&path, "%s/state", dir);
    return tm_root_open(&f->state, path.data, NULL) == TM_OK ? 0 : -1;
}

static int remove_fixture(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) command = TM_BUF_INIT;
    int rc;

    tm_buf_addf(&command, "rm -rf '%s'", f->top.path);
    rc = system(command.data);
    tm_root_close(&f->top);
    tm_root_close(&f->repo);
    tm_root_close(&f->state);
    free(f);
    return rc;
}

/* What git would list; net.o is ignored, gone.c was deleted after the listing. */
static struct tm_file listed[] = {
    { .path = { "common.mk", 9 } },
    { .path = { "lib/net/gone.c", 14 } },
    { .path = { "lib/net/link", 12 }, .is_link = true },
    { .path = { "lib/net/run me", 14 } },
    { .path = { "lib/net/src/net.c", 17 } },
    { .path = { "lib/net/sub/s.c", 15 } },
    { .path = { "lib/util/util.h", 15 } },
};
static const struct tm_files files = { .items = listed, .n = TM_LEN(listed) };

static void the_module_is_copied_and_its_surroundings_are_links(void **state)
{
    const struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_mirror_make(&f->state, TM_STR("w/1"), &f->repo, &files, TM_STR("lib/net"), &err));
    shell(f, "cd state/w/1/lib/net && test \"$(cat src/net.c)\" = c && test \"$(cat sub/s.c)\" = sub &&"
             "test \"$(cat ../util/util.h)\" = inc && test \"$(cat ../../common.mk)\" = top");
    shell(f, "cd state/w/1 && test -L common.mk && test -L docs && test ! -L lib && test -L lib/util && test "
             "! -L lib/net");
    shell(f, "cd state/w/1/lib/net && test -L link && test \"$(cat link)\" = c && test -x 'run me'");
    shell(f, "cd state/w/1 && test ! -e .git && test ! -e lib/net/src/net.o && test ! -e lib/net/gone.c");
    shell(f, "test $(stat -c %Y state/w/1/lib/net/src/net.c) = $(date -d 2020-02-03T04:05:06Z +%s)");
}

static void what_is_built_in_the_mirror_stays_there(void **state)
{
    const struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_mirror_make(&f->state, TM_STR("w"), &f->repo, &files, TM_STR("lib/net"), &err));
    shell(f,
          "find repo | sort >before && cd state/w/lib/net && echo changed >src/net.c && echo new >new.o && "
          "rm sub/s.c &&"
          "cd ../../../.. && find repo | sort | cmp - before && test \"$(cat repo/lib/net/src/net.c)\" = c");
    assert_ok(&err, tm_tree_remove(&f->state, TM_STR("w"), &err));
    shell(f, "find repo | sort | cmp - before && test \"$(cat repo/lib/util/util.h)\" = inc");
}

static void a_module_at_the_root_is_copied_whole(void **state)
{
    const struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_mirror_make(&f->state, TM_STR("w"), &f->repo, &files, TM_STR(""), &err));
    shell(
        f,
        "cd state/w && test ! -L common.mk && test ! -L lib && test -f lib/net/src/net.c && test ! -e docs");
}

static void a_link_in_the_repository_does_not_lead_the_copy_astray(void **state)
{
    const struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    /* The list says that m/d is a link and that a file is below it. */
    struct tm_file odd[] = {
        { .path = { "m/d", 3 }, .is_link = true },
        { .path = { "m/d/victim", 10 } },
    };
    const struct tm_files list = { .items = odd, .n = TM_LEN(odd) };

    shell(f, "mkdir repo/m repo/target && echo old >repo/target/victim && ln -s ../target repo/m/d");
    assert_ok(&err, tm_mirror_make(&f->state, TM_STR("w"), &f->repo, &list, TM_STR("m"), &err));
    shell(f, "test \"$(cat repo/target/victim)\" = old && test \"$(ls repo/target)\" = victim");
}

static void a_mirror_is_made_once(void **state)
{
    const struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_mirror_make(&f->state, TM_STR("w"), &f->repo, &files, TM_STR("lib/net"), &err));
    assert_fails(&err, TM_E_IO,
                 tm_mirror_make(&f->state, TM_STR("w"), &f->repo, &files, TM_STR("lib/net"), &err));
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, make_fixture, remove_fixture)

TM_TESTS(WITH_FIXTURE(the_module_is_copied_and_its_surroundings_are_links),
         WITH_FIXTURE(what_is_built_in_the_mirror_stays_there),
         WITH_FIXTURE(a_module_at_the_root_is_copied_whole),
         WITH_FIXTURE(a_link_in_the_repository_does_not_lead_the_copy_astray),
         WITH_FIXTURE(a_mirror_is_made_once))
