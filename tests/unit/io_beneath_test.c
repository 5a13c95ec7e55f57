/* Nothing leaves the root: no "..", no link, with and without openat2. */
#include "place.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static const char *const escapes[] = {
    "../outside/secret",
    "/etc/hostname",
    "dir/../../outside/secret",
    "./a",
    "to-secret",
    "to-absolute",
    "to-outside/secret",
    "to-outside/new",
    "chain",
    "dir/up/outside/secret",
    "to-new",
};

static void make_escapes(const struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) target = TM_BUF_INIT;

    make_dir(place, "repo/dir");
    make_link(place, "../outside/secret", "repo/to-secret");
    place_path(place, &target, "outside/secret");
    make_link(place, target.data, "repo/to-absolute");
    make_link(place, "../outside", "repo/to-outside");
    make_link(place, "to-secret", "repo/chain");
    make_link(place, "../..", "repo/dir/up");
    make_link(place, "../outside/new", "repo/to-new");
}

/* Every way to read or write through `path`; the number of those that did not fail. */
static unsigned try_all(const struct tm_root *root, struct tm_str path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) below = TM_BUF_INIT;
    struct tm_lock lock = TM_LOCK_INIT;
    unsigned done = 0;
    int fd = -1;

    tm_buf_addf(&below, "%.*s/x/y", TM_STR_ARG(path));
    done += tm_root_open_file(root, path, &fd, NULL, NULL) == TM_OK;
    done += tm_root_read(root, path, 1000, &out, NULL) == TM_OK;
    done += tm_root_is_dir(root, path);
    done += tm_root_replace(root, path, TM_STR("x"), NULL, NULL) == TM_OK;
    done += tm_root_create(root, path, TM_STR("x"), NULL) == TM_OK;
    done += tm_append_open(root, path, &fd, NULL) == TM_OK;
    done += tm_lock_take(&lock, root, path, 0, NULL) == TM_OK;
    done += tm_root_mkdirs(root, tm_buf_str(&below), NULL) == TM_OK;
    done += tm_root_replace(root, tm_buf_str(&below), TM_STR("x"), NULL, NULL) == TM_OK;
    return done;
}

static bool outside_is_untouched(const struct place *place)
{
    return is_there(place, "outside/secret") && !is_there(place, "outside/new") &&
           !is_there(place, "outside/x") && !is_there(place, "x");
}

static void no_path_leads_out_of_the_root(void **state)
{
    struct place *place = *state;

    make_escapes(place);
    for (size_t i = 0; i < TM_LEN(escapes); i++)
        if (try_all(&place->root, tm_str(escapes[i])) != 0)
            fail_msg("'%s' leads out", escapes[i]);
    assert_true(outside_is_untouched(place));
    assert_holds(place, "outside/secret", "secret");
}

static void leaving_is_a_path_error(void **state)
{
    static const char *const cases[] = { "../outside/secret", "to-secret", "to-absolute",
                                         "to-outside/secret" };
    struct place *place = *state;

    make_escapes(place);
    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        assert_fails(&err, TM_E_PATH, tm_root_read(&place->root, tm_str(cases[i]), 100, &out, &err));
    }
}

static void removing_takes_the_link_and_not_what_it_points_to(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    make_escapes(place);
    assert_ok(&err, tm_root_unlink(&place->root, TM_STR("to-secret"), &err));
    assert_false(is_there(place, "repo/to-secret"));
    assert_fails(&err, TM_E_PATH, tm_root_unlink(&place->root, TM_STR("to-outside/secret"), &err));
    assert_fails(&err, TM_E_PATH, tm_root_unlink(&place->root, TM_STR("../outside/secret"), &err));
    assert_holds(place, "outside/secret", "secret");
}

/* Makes openat2 unknown to this process, as on a kernel before 5.6. */
static bool forget_openat2(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { TM_LEN(filter), filter };

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 &&
           syscall(SYS_openat2, -1, NULL, NULL, 0) < 0 && errno == ENOSYS;
}

enum { CHILD_SKIPS = 77 };

static int escape_without_openat2(const struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    if (!forget_openat2())
        return CHILD_SKIPS;
    for (size_t i = 0; i < TM_LEN(escapes); i++)
        if (try_all(&place->root, tm_str(escapes[i])) != 0)
            return (int)i + 1;
    /* The error is the same, in the middle and at the end of a path. */
    if (tm_root_read(&place->root, TM_STR("to-secret"), 100, &out, NULL) != TM_E_PATH)
        return 50;
    if (tm_root_read(&place->root, TM_STR("to-outside/secret"), 100, &out, NULL) != TM_E_PATH)
        return 51;
    /* What is no link works. */
    if (tm_root_replace(&place->root, TM_STR("dir/deep/er"), TM_STR("walked"), NULL, NULL))
        return 52;
    if (tm_root_read(&place->root, TM_STR("dir/deep/er"), 100, &out, NULL) ||
        !tm_str_is(tm_buf_str(&out), "walked"))
        return 53;
    if (tm_root_read(&place->root, TM_STR("dir/none"), 100, &out, NULL) != TM_E_NOT_FOUND)
        return 54;
    return tm_root_is_dir(&place->root, TM_STR("")) ? 0 : 55;
}

static void without_openat2_a_walk_does_as_well(void **state)
{
    struct place *place = *state;
    int status;

    make_escapes(place);
    status = in_child(escape_without_openat2, place);
    if (status == CHILD_SKIPS)
        skip();
    assert_int_equal(status, 0);
    assert_true(outside_is_untouched(place));
    assert_holds(place, "outside/secret", "secret");
    assert_holds(place, "repo/dir/deep/er", "walked");
}

static void links_inside_are_followed_where_the_kernel_can_check_them(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    if (syscall(SYS_openat2, -1, NULL, NULL, 0) < 0 && errno == ENOSYS)
        skip();
    make_dir(place, "repo/dir");
    put(place, "repo/dir/a", "inside");
    make_link(place, "dir", "repo/to-dir");
    make_link(place, "../to-dir/a", "repo/dir/round");
    assert_ok(&err, tm_root_read(&place->root, TM_STR("to-dir/a"), 100, &out, &err));
    assert_string_equal(out.data, "inside");
    assert_ok(&err, tm_root_read(&place->root, TM_STR("to-dir/round"), 100, &out, &err));
    assert_ok(&err, tm_root_replace(&place->root, TM_STR("to-dir/a"), TM_STR("new"), NULL, &err));
    assert_holds(place, "repo/dir/a", "new");
}

TM_TESTS(IO_TEST(no_path_leads_out_of_the_root), IO_TEST(leaving_is_a_path_error),
         IO_TEST(removing_takes_the_link_and_not_what_it_points_to),
         IO_TEST(without_openat2_a_walk_does_as_well),
         IO_TEST(links_inside_are_followed_where_the_kernel_can_check_them))
