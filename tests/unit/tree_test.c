#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sweep/tree.h"

static int make_folder(void **state)
{
    static char dir[] = "/tmp/tm-tree-XXXXXX";
    struct tm_root *root = tm_alloc(sizeof(*root));

    memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
    *state = root;
    return mkdtemp(dir) && tm_root_open(root, dir, NULL) == TM_OK ? 0 : -1;
}

static int remove_folder(void **state)
{
    struct tm_root *root = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) command = TM_BUF_INIT;
    int rc;

    tm_buf_addf(&command, "rm -rf '%s'", root->path);
    rc = system(command.data);
    tm_root_close(root);
    free(root);
    return rc;
}

static void shell(const struct tm_root *root, const char *script)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) command = TM_BUF_INIT;

    tm_buf_addf(&command, "cd '%s' && { %s; }", root->path, script);
    assert_int_equal(system(command.data), 0);
}

static void a_name_is_one_harmless_part(void **state)
{
    static const struct {
        const char *path, *name;
    } cases[] = {
        { "", "~" },
        { "tides", "tides" },
        { "tides/almanac", "tides+almanac" },
        { "a+b", "a~2Bb" },
        { "~", "~7E" },
        { "..", "~2E." },
        { "a b\n", "a~20b~0A" },
        { "gr\xc3\xbc\xc3\x9f", "gr~C3~BC~C3~9F" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;

        tm_tree_add_name(&name, tm_str(cases[i].path));
        assert_string_equal(name.data, cases[i].name);
    }
}

static void long_paths_that_differ_at_the_end_have_different_names(void **state)
{
    char path[400];
    struct tm_buf TM_CLEANUP(tm_buf_release) a = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) b = TM_BUF_INIT;

    memset(path, 'x', sizeof(path));
    tm_tree_add_name(&a, tm_str_n(path, 200));
    assert_int_equal(a.len, 200);
    assert_null(strchr(a.data, '~'));
    tm_buf_clear(&a);
    tm_tree_add_name(&a, tm_str_n(path, sizeof(path)));
    path[sizeof(path) - 1] = 'y';
    tm_tree_add_name(&b, tm_str_n(path, sizeof(path)));
    assert_int_equal(a.len, 200);
    assert_int_equal(b.len, 200);
    assert_string_not_equal(a.data, b.data);
}

static void removal_takes_everything_and_follows_no_link(void **state)
{
    const struct tm_root *root = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    shell(root,
          "mkdir -p keep w/a/b w/sealed && echo x >keep/file && echo y >w/a/b/file &&"
          "ln -s ../keep w/link && ln -s ../../keep/file w/a/link && mkfifo w/fifo && chmod 0 w/sealed");
    assert_ok(&err, tm_tree_remove(root, TM_STR("w"), &err));
    assert_false(tm_root_exists(root, TM_STR("w")));
    assert_true(tm_root_exists(root, TM_STR("keep/file")));
    assert_ok(&err, tm_tree_remove(root, TM_STR("w"), &err));
    assert_ok(&err, tm_tree_remove(root, TM_STR("no/such"), &err));
}

static void removal_of_a_link_to_a_folder_is_refused(void **state)
{
    const struct tm_root *root = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    shell(root, "mkdir keep && echo x >keep/file && ln -s keep link");
    assert_fails(&err, TM_E_IO, tm_tree_remove(root, TM_STR("link"), &err));
    assert_true(tm_root_exists(root, TM_STR("keep/file")));
}

static void removal_reaches_any_depth(void **state)
{
    const struct tm_root *root = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int fd;

    assert_ok(&err, tm_tree_make(root, TM_STR("w"), &err));
    fd = openat(root->fd, "w", O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 3000; i++) {
        int next;

        assert_int_equal(mkdirat(fd, "d", 0777), 0);
        next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
        close(fd);
        fd = next;
    }
    close(fd);
    assert_ok(&err, tm_tree_remove(root, TM_STR("w"), &err));
    assert_false(tm_root_exists(root, TM_STR("w")));
}

static void making_stops_at_a_link(void **state)
{
    const struct tm_root *root = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_tree_make(root, TM_STR("a/b/c"), &err));
    assert_ok(&err, tm_tree_make(root, TM_STR("a/b/c"), &err));
    assert_true(tm_root_is_dir(root, TM_STR("a/b/c")));
    shell(root, "ln -s a link && echo x >file");
    assert_fails(&err, TM_E_NOT_FOUND, tm_tree_make(root, TM_STR("link/new"), &err));
    assert_false(tm_root_exists(root, TM_STR("a/new")));
    assert_fails(&err, TM_E_NOT_FOUND, tm_tree_make(root, TM_STR("file/new"), &err));
}

static void pruning_keeps_the_newest_folders(void **state)
{
    const struct tm_root *root = *state;

    shell(root, "mkdir -p r/old r/older r/new r/newest/sub && echo x >r/file &&"
                "touch -d 2020-01-01 r/older && touch -d 2021-01-01 r/old &&"
                "touch -d 2022-01-01 r/new && touch -d 2023-01-01 r/newest");
    tm_tree_prune(root, TM_STR("r"), 2);
    assert_true(tm_root_exists(root, TM_STR("r/new")));
    assert_true(tm_root_exists(root, TM_STR("r/newest/sub")));
    assert_true(tm_root_exists(root, TM_STR("r/file")));
    assert_false(tm_root_exists(root, TM_STR("r/old")));
    assert_false(tm_root_exists(root, TM_STR("r/older")));
    tm_tree_prune(root, TM_STR("missing"), 2);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

TM_TESTS(cmocka_unit_test(a_name_is_one_harmless_part),
         cmocka_unit_test(long_paths_that_differ_at_the_end_have_different_names),
         IN_FOLDER(removal_takes_everything_and_follows_no_link),
         IN_FOLDER(removal_of_a_link_to_a_folder_is_refused), IN_FOLDER(removal_reaches_any_depth),
         IN_FOLDER(making_stops_at_a_link), IN_FOLDER(pruning_keeps_the_newest_folders))
