#include "place.h"

#include <fcntl.h>

#include "base/clock.h"

/* ---- Reading ---- */

static void a_file_is_read_up_to_the_limit(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    put(place, "repo/a", "0123456789");
    tm_buf_adds(&out, "replaced");
    assert_ok(&err, tm_root_read(&place->root, TM_STR("a"), 10, &out, &err));
    assert_string_equal(out.data, "0123456789");
    assert_fails(&err, TM_E_LIMIT, tm_root_read(&place->root, TM_STR("a"), 9, &out, &err));
    assert_string_equal(err.msg, "'a': file has 10 bytes, the limit is 9");
    assert_int_equal(tm_root_read(&place->root, TM_STR("a"), 9, &out, NULL), TM_E_LIMIT);
    put(place, "repo/empty", "");
    assert_ok(&err, tm_root_read(&place->root, TM_STR("empty"), 0, &out, &err));
    assert_int_equal(out.len, 0);
}

static void a_pipe_is_read_up_to_the_limit(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    for (uint64_t limit = 9; limit <= 10; limit++) {
        int ends[2];

        assert_int_equal(pipe(ends), 0);
        assert_ok(&err, tm_fd_write_all(ends[1], TM_STR("0123456789"), &err));
        close(ends[1]);
        if (limit < 10)
            assert_fails(&err, TM_E_LIMIT, tm_fd_read_all(ends[0], limit, &out, &err));
        else
            assert_ok(&err, tm_fd_read_all(ends[0], limit, &out, &err));
        close(ends[0]);
    }
    assert_string_equal(out.data, "0123456789");
}

static void only_regular_files_are_opened(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) fifo = TM_BUF_INIT;
    struct stat st;
    int fd = -1;

    make_dir(place, "repo/dir");
    place_path(place, &fifo, "repo/fifo");
    assert_int_equal(mkfifo(fifo.data, 0666), 0);
    assert_fails(&err, TM_E_NOT_FOUND, tm_root_open_file(&place->root, TM_STR("none"), &fd, NULL, &err));
    assert_fails(&err, TM_E_NOT_FOUND, tm_root_open_file(&place->root, TM_STR("no/ne"), &fd, NULL, &err));
    assert_fails(&err, TM_E_IO, tm_root_open_file(&place->root, TM_STR("dir"), &fd, NULL, &err));
    assert_fails(&err, TM_E_IO, tm_root_open_file(&place->root, TM_STR(""), &fd, NULL, &err));
    assert_fails(&err, TM_E_IO, tm_root_open_file(&place->root, TM_STR("fifo"), &fd, NULL, &err));
    assert_string_equal(err.msg, "'fifo' is not a regular file");
    assert_int_equal(fd, -1);
    put(place, "repo/dir/a", "xyz");
    assert_ok(&err, tm_root_open_file(&place->root, TM_STR("dir/a"), &fd, &st, &err));
    assert_int_equal(st.st_size, 3);
    tm_closep(&fd);
    assert_int_equal(fd, -1);
}

static void a_root_must_be_a_folder(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_root root = TM_ROOT_INIT;

    place_path(place, &path, "outside/secret");
    assert_fails(&err, TM_E_NOT_FOUND, tm_root_open(&root, path.data, &err));
    place_path(place, &path, "nowhere");
    assert_fails(&err, TM_E_NOT_FOUND, tm_root_open(&root, path.data, &err));
    assert_int_equal(root.fd, -1);
    assert_null(root.path);
    tm_root_close(&root);
}

static void what_is_there_is_told_without_following_links(void **state)
{
    struct place *place = *state;
    struct tm_root *root = &place->root;

    make_dir(place, "repo/dir");
    put(place, "repo/dir/a", "");
    make_link(place, "nowhere", "repo/dangling");
    assert_true(tm_root_exists(root, TM_STR("")) && tm_root_exists(root, TM_STR("dir")));
    assert_true(tm_root_exists(root, TM_STR("dir/a")) && tm_root_exists(root, TM_STR("dangling")));
    assert_false(tm_root_exists(root, TM_STR("x")) || tm_root_exists(root, TM_STR("dir/a/b")));
    assert_false(tm_root_exists(root, TM_STR("../outside")));
    assert_true(tm_root_is_dir(root, TM_STR("")) && tm_root_is_dir(root, TM_STR("dir")));
    assert_false(tm_root_is_dir(root, TM_STR("dir/a")) || tm_root_is_dir(root, TM_STR("dangling")));
    assert_false(tm_root_is_dir(root, TM_STR("..")) || tm_root_is_dir(root, TM_STR("none")));
}

/* ---- Folders ---- */

static void folders_are_created_as_deep_as_needed(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_root_mkdirs(&place->root, TM_STR(""), &err));
    assert_ok(&err, tm_root_mkdirs(&place->root, TM_STR("a/b/c"), &err));
    assert_ok(&err, tm_root_mkdirs(&place->root, TM_STR("a/b/c"), &err));
    assert_ok(&err, tm_root_mkdirs(&place->root, TM_STR("a/b/d"), &err));
    assert_true(tm_root_is_dir(&place->root, TM_STR("a/b/c")) &&
                tm_root_is_dir(&place->root, TM_STR("a/b/d")));
    put(place, "repo/file", "x");
    assert_fails(&err, TM_E_PATH, tm_root_mkdirs(&place->root, TM_STR("file/x"), &err));
    assert_non_null(strstr(err.msg, "cannot create folder 'file': a file,"));
    assert_fails(&err, TM_E_PATH, tm_root_mkdirs(&place->root, TM_STR("../y"), &err));
    assert_false(is_there(place, "y"));
}

/* ---- Replacing and creating ---- */

static ino_t inode_of(const struct place *place, const char *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) full = TM_BUF_INIT;
    struct stat st;

    place_path(place, &full, path);
    assert_int_equal(lstat(full.data, &st), 0);
    return st.st_ino;
}

static void a_new_file_comes_with_its_folders(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    bool changed = false;

    assert_ok(&err, tm_root_replace(&place->root, TM_STR("a/b/c"), TM_STR("one"), &changed, &err));
    assert_true(changed);
    assert_holds(place, "repo/a/b/c", "one");
    assert_int_equal(mode_of(place, "repo/a/b/c"), 0644);
    umask(077);
    assert_ok(&err, tm_root_create(&place->root, TM_STR("private"), TM_STR(""), &err));
    assert_int_equal(mode_of(place, "repo/private"), 0600);
    assert_int_equal(count_entries(place), 5); /* the root, a, b, c, private: no temporary file */
}

static void a_replaced_file_keeps_its_mode(void **state)
{
    static const mode_t modes[] = { 0755, 0600, 0444 };
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) full = TM_BUF_INIT;

    place_path(place, &full, "repo/a");
    put(place, "repo/a", "old");
    for (size_t i = 0; i < TM_LEN(modes); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;

        tm_buf_addf(&content, "new %zu", i);
        assert_int_equal(chmod(full.data, modes[i]), 0);
        assert_ok(&err, tm_root_replace(&place->root, TM_STR("a"), tm_buf_str(&content), NULL, &err));
        assert_int_equal(mode_of(place, "repo/a"), modes[i]);
        assert_holds(place, "repo/a", content.data);
    }
    assert_int_equal(count_entries(place), 2);
}

static void a_file_that_holds_the_data_already_is_left_alone(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    bool changed = true;
    ino_t inode;

    put(place, "repo/a", "same");
    inode = inode_of(place, "repo/a");
    assert_ok(&err, tm_root_replace(&place->root, TM_STR("a"), TM_STR("same"), &changed, &err));
    assert_false(changed);
    assert_true(inode_of(place, "repo/a") == inode);
    assert_ok(&err, tm_root_replace(&place->root, TM_STR("a"), TM_STR("sam"), &changed, &err));
    assert_true(changed);
    assert_ok(&err, tm_root_replace(&place->root, TM_STR("a"), TM_STR("same"), &changed, &err));
    assert_true(changed);
    assert_holds(place, "repo/a", "same");
}

static void what_a_file_holds_is_compared_byte_by_byte(void **state)
{
    /* Several pieces, and the difference in the first, at an edge, and in the last byte. */
    static const size_t places[] = { 0, (1 << 16) - 1, 1 << 16, (1 << 17) + 99 };
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    bool same = false;

    for (size_t i = 0; i < (1 << 17) + 100; i++)
        tm_buf_addc(&data, (char)('a' + i % 26));
    put(place, "repo/a", data.data);
    assert_ok(&err, tm_root_holds(&place->root, TM_STR("a"), tm_buf_str(&data), &same, &err));
    assert_true(same);
    for (size_t i = 0; i < TM_LEN(places); i++) {
        data.data[places[i]] ^= 1;
        assert_ok(&err, tm_root_holds(&place->root, TM_STR("a"), tm_buf_str(&data), &same, &err));
        assert_false(same);
        data.data[places[i]] ^= 1;
    }
    assert_ok(&err, tm_root_holds(&place->root, TM_STR("a"), TM_STR(""), &same, &err));
    assert_false(same);
    assert_ok(&err, tm_root_holds(&place->root, TM_STR("none"), TM_STR(""), &same, &err));
    assert_false(same);
    put(place, "repo/empty", "");
    assert_ok(&err, tm_root_holds(&place->root, TM_STR("empty"), TM_STR(""), &same, &err));
    assert_true(same);
    assert_fails(&err, TM_E_IO, tm_root_holds(&place->root, TM_STR(""), TM_STR(""), &same, &err));
}

static void only_regular_files_are_replaced(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    make_dir(place, "repo/dir");
    put(place, "repo/file", "kept");
    make_link(place, "file", "repo/link");
    assert_fails(&err, TM_E_IO, tm_root_replace(&place->root, TM_STR("link"), TM_STR("x"), NULL, &err));
    assert_fails(&err, TM_E_IO, tm_root_replace(&place->root, TM_STR("dir"), TM_STR("x"), NULL, &err));
    assert_fails(&err, TM_E_PATH, tm_root_replace(&place->root, TM_STR(""), TM_STR("x"), NULL, &err));
    assert_fails(&err, TM_E_PATH, tm_root_replace(&place->root, TM_STR("file/x"), TM_STR("x"), NULL, &err));
    assert_holds(place, "repo/file", "kept");
    assert_int_equal(count_entries(place), 4);
}

static void the_longest_name_can_be_replaced(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;

    for (int i = 0; i < 255; i++)
        tm_buf_addc(&name, 'n');
    assert_ok(&err, tm_root_replace(&place->root, tm_buf_str(&name), TM_STR("x"), NULL, &err));
    assert_ok(&err, tm_root_replace(&place->root, tm_buf_str(&name), TM_STR("y"), NULL, &err));
    tm_buf_addc(&name, 'n');
    assert_fails(&err, TM_E_IO, tm_root_replace(&place->root, tm_buf_str(&name), TM_STR("x"), NULL, &err));
    assert_int_equal(count_entries(place), 2);
}

static enum tm_code fill_or_fail(void *ctx, int fd, struct tm_err *err)
{
    const bool *fails = ctx;
    enum tm_code code = tm_fd_write_all(fd, TM_STR("new"), err);

    return !code && *fails ? tm_err_set(err, TM_E_LIMIT, "no more") : code;
}

static void a_file_that_is_filled_piece_by_piece_is_replaced_whole_or_not_at_all(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    bool fails = true;

    put(place, "repo/a", "old");
    assert_fails(&err, TM_E_LIMIT, tm_root_replace_by(&place->root, TM_STR("a"), fill_or_fail, &fails, &err));
    assert_holds(place, "repo/a", "old");
    assert_int_equal(count_entries(place), 2);
    fails = false;
    assert_ok(&err, tm_root_replace_by(&place->root, TM_STR("a"), fill_or_fail, &fails, &err));
    assert_holds(place, "repo/a", "new");
    assert_int_equal(count_entries(place), 2);
}

static void creating_never_replaces(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    put(place, "repo/a", "kept");
    make_link(place, "nowhere", "repo/dangling");
    assert_fails(&err, TM_E_EXISTS, tm_root_create(&place->root, TM_STR("a"), TM_STR("x"), &err));
    assert_string_equal(err.msg, "'a' exists already");
    assert_fails(&err, TM_E_EXISTS, tm_root_create(&place->root, TM_STR("dangling"), TM_STR("x"), &err));
    assert_holds(place, "repo/a", "kept");
    assert_int_equal(count_entries(place), 3);
}

static int create_when_told(const struct place *place)
{
    int64_t start_ns = tm_clock_mono_ns() / 20000000 * 20000000 + 40000000;
    struct tm_buf TM_CLEANUP(tm_buf_release) pid = TM_BUF_INIT;
    enum tm_code code;

    tm_buf_addf(&pid, "%ld", (long)getpid());
    while (tm_clock_mono_ns() < start_ns)
        ;
    code = tm_root_create(&place->root, TM_STR("raced"), tm_buf_str(&pid), NULL);
    return code == TM_OK ? 1 : code == TM_E_EXISTS ? 0 : 2;
}

static void of_those_who_create_at_once_one_wins(void **state)
{
    enum { RACERS = 8 };
    struct place *place = *state;
    pid_t pids[RACERS];
    int won = 0;

    for (int i = 0; i < RACERS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0)
            _exit(create_when_told(place));
    }
    for (int i = 0; i < RACERS; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) pid = TM_BUF_INIT;
        int status;

        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
        won += WEXITSTATUS(status);
        if (WEXITSTATUS(status) == 1) {
            tm_buf_addf(&pid, "%ld", (long)pids[i]);
            assert_holds(place, "repo/raced", pid.data);
        }
    }
    assert_int_equal(won, 1);
    assert_int_equal(count_entries(place), 2);
}

static void removing_what_is_not_there_is_fine(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    put(place, "repo/a", "x");
    assert_ok(&err, tm_root_unlink(&place->root, TM_STR("a"), &err));
    assert_false(is_there(place, "repo/a"));
    assert_ok(&err, tm_root_unlink(&place->root, TM_STR("a"), &err));
    assert_ok(&err, tm_root_unlink(&place->root, TM_STR("no/where"), &err));
    make_dir(place, "repo/dir");
    assert_fails(&err, TM_E_IO, tm_root_unlink(&place->root, TM_STR("dir"), &err));
}

static int replace_on_full_disk(const struct place *place)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    bool changed = true;

    fill_disk(8);
    if (tm_root_replace(&place->root, TM_STR("a"), TM_STR("longer than that"), &changed, &err) != TM_E_IO)
        return 1;
    if (!changed || !strstr(err.msg, "'a': cannot write: "))
        return 2;
    if (tm_root_create(&place->root, TM_STR("b"), TM_STR("longer than that"), NULL) != TM_E_IO)
        return 3;
    return tm_root_replace(&place->root, TM_STR("c"), TM_STR("it fits!"), NULL, NULL) ? 4 : 0;
}

static void a_full_disk_leaves_the_old_file_and_no_other(void **state)
{
    struct place *place = *state;

    put(place, "repo/a", "old");
    assert_int_equal(in_child(replace_on_full_disk, place), 0);
    assert_holds(place, "repo/a", "old");
    assert_false(is_there(place, "repo/b"));
    assert_holds(place, "repo/c", "it fits!");
    assert_int_equal(count_entries(place), 3);
}

static void a_write_that_fails_is_an_error(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    if (full < 0)
        skip();
    assert_fails(&err, TM_E_IO, tm_fd_write_all(full, TM_STR("x"), &err));
    assert_ok(&err, tm_fd_write_all(full, TM_STR(""), &err));
    close(full);
}

TM_TESTS(IO_TEST(a_file_is_read_up_to_the_limit), IO_TEST(a_pipe_is_read_up_to_the_limit),
         IO_TEST(only_regular_files_are_opened), IO_TEST(a_root_must_be_a_folder),
         IO_TEST(what_is_there_is_told_without_following_links),
         IO_TEST(folders_are_created_as_deep_as_needed), IO_TEST(a_new_file_comes_with_its_folders),
         IO_TEST(a_replaced_file_keeps_its_mode), IO_TEST(a_file_that_holds_the_data_already_is_left_alone),
         IO_TEST(what_a_file_holds_is_compared_byte_by_byte), IO_TEST(only_regular_files_are_replaced),
         IO_TEST(the_longest_name_can_be_replaced), IO_TEST(creating_never_replaces),
         IO_TEST(a_file_that_is_filled_piece_by_piece_is_replaced_whole_or_not_at_all),
         IO_TEST(of_those_who_create_at_once_one_wins), IO_TEST(removing_what_is_not_there_is_fine),
         IO_TEST(a_full_disk_leaves_the_old_file_and_no_other), IO_TEST(a_write_that_fails_is_an_error))
