/* Appending under a lock, and the lock between processes. */
#include "broken_calls.h"
#include "place.h"

#include <sys/prctl.h>

#include "base/clock.h"

static int append_on_full_disk(const struct place *place)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int fd;

    fill_disk(15);
    if (tm_append_open(&place->root, TM_STR("ledger"), &fd, &err))
        return 1;
    /* Five bytes of these fit: they are written and taken back. */
    if (tm_append_write(fd, TM_STR("does not fit at all\n"), &err) != TM_E_IO)
        return 2;
    if (tm_append_write(fd, TM_STR("four\n"), &err))
        return 3;
    tm_append_close(fd);
    return 0;
}

static void an_entry_that_does_not_fit_is_cut_off_again(void **state)
{
    struct place *place = *state;

    put(place, "repo/ledger", "123456789\n");
    assert_int_equal(in_child(append_on_full_disk, place), 0);
    assert_holds(place, "repo/ledger", "123456789\nfour\n");
}

static void append(const struct place *place, const char *path, const char *line)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int fd;

    assert_ok(&err, tm_append_open(&place->root, tm_str(path), &fd, &err));
    assert_ok(&err, tm_append_write(fd, tm_str(line), &err));
    tm_append_close(fd);
}

static void appending_creates_and_adds_at_the_end(void **state)
{
    struct place *place = *state;

    append(place, "manifests/.ledger/coverage.ndjson", "one\n");
    append(place, "manifests/.ledger/coverage.ndjson", "two\n");
    assert_holds(place, "repo/manifests/.ledger/coverage.ndjson", "one\ntwo\n");
    assert_int_equal(mode_of(place, "repo/manifests/.ledger/coverage.ndjson"), 0644);
}

static void only_regular_files_are_appended_to(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) fifo = TM_BUF_INIT;
    int fd = -1;

    make_dir(place, "repo/dir");
    put(place, "repo/file", "");
    make_link(place, "file", "repo/link");
    place_path(place, &fifo, "repo/fifo");
    assert_int_equal(mkfifo(fifo.data, 0666), 0);
    assert_fails(&err, TM_E_IO, tm_append_open(&place->root, TM_STR("dir"), &fd, &err));
    assert_fails(&err, TM_E_IO, tm_append_open(&place->root, TM_STR("fifo"), &fd, &err));
    assert_fails(&err, TM_E_IO, tm_append_open(&place->root, TM_STR("link"), &fd, &err));
    assert_string_equal(err.msg, "'link' is a symbolic link, not appending to it");
    assert_fails(&err, TM_E_PATH, tm_append_open(&place->root, TM_STR(""), &fd, &err));
    assert_int_equal(fd, -1);
}

static int append_many(const struct place *place)
{
    for (int i = 0; i < 50; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) seen = TM_BUF_INIT;
        int fd;

        if (tm_append_open(&place->root, TM_STR("ledger"), &fd, NULL))
            return 1;
        /* Who holds the lock sees whole lines only: both halves are written under it. */
        if (tm_fd_read_all(fd, 1 << 20, &seen, NULL) || seen.len % 8)
            return 2;
        if (tm_append_write(fd, TM_STR("1234"), NULL) || tm_append_write(fd, TM_STR("567\n"), NULL))
            return 3;
        tm_append_close(fd);
    }
    return 0;
}

static void those_who_append_at_once_wait_for_each_other(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) all = TM_BUF_INIT;
    pid_t pids[3];

    for (size_t i = 0; i < TM_LEN(pids); i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0)
            _exit(append_many(place));
    }
    for (size_t i = 0; i < TM_LEN(pids); i++) {
        int status;

        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    assert_ok(&err, tm_root_read(&place->root, TM_STR("ledger"), 1 << 20, &all, &err));
    assert_int_equal(all.len, 3 * 50 * 8);
    for (size_t i = 0; i < all.len; i += 8)
        assert_memory_equal(all.data + i, "1234567\n", 8);
}

static int append_one_line(const struct place *place)
{
    int fd;

    if (tm_append_open(&place->root, TM_STR("ledger"), &fd, NULL))
        return 1;
    if (tm_append_write(fd, TM_STR("late\n"), NULL))
        return 2;
    tm_append_close(fd);
    return 0;
}

/* Waits until the kernel says that pid waits for a lock; a few seconds at most. */
static bool waits_for_lock(pid_t pid)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) needle = TM_BUF_INIT;

    tm_buf_addf(&needle, "-> FLOCK  ADVISORY  WRITE %ld ", (long)pid);
    for (int i = 0; i < 500; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) locks = TM_BUF_INIT;
        struct timespec pause = { 0, 10 * 1000000 };

        if (tm_file_read("/proc/locks", 1 << 20, &locks, NULL))
            return false;
        if (strstr(locks.data, needle.data))
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

static void a_file_replaced_during_the_wait_is_opened_again(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int fd, status;
    pid_t pid;

    assert_ok(&err, tm_append_open(&place->root, TM_STR("ledger"), &fd, &err));
    assert_ok(&err, tm_append_write(fd, TM_STR("before\n"), &err));
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(fd); /* it shares our lock */
        _exit(append_one_line(place));
    }
    if (!waits_for_lock(pid)) {
        close(fd);
        waitpid(pid, &status, 0);
        skip();
    }
    assert_ok(&err, tm_root_replace(&place->root, TM_STR("ledger"), TM_STR("checked out\n"), NULL, &err));
    tm_append_close(fd);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_holds(place, "repo/ledger", "checked out\nlate\n");
}

/* ---- The lock ---- */

/* A child that takes the lock, says so, and keeps it until it is killed. */
static pid_t start_holder(const struct place *place)
{
    int ends[2];
    char said = 0;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct tm_lock lock = TM_LOCK_INIT;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        said = tm_lock_take(&lock, &place->root, TM_STR("state/lock"), 0, NULL) ? 'n' : 'y';
        (void)!write(ends[1], &said, 1);
        for (;;)
            pause();
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &said, 1), 1);
    close(ends[0]);
    assert_int_equal(said, 'y');
    return pid;
}

static void a_held_lock_names_its_holder_after_the_timeout(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_lock lock = TM_LOCK_INIT;
    pid_t holder = start_holder(place);
    int64_t start_ns = tm_clock_mono_ns();
    int status;

    tm_buf_addf(&expected, "process %ld is working in this repository, wait for it or raise --lock-timeout",
                (long)holder);
    assert_fails(&err, TM_E_LOCKED, tm_lock_take(&lock, &place->root, TM_STR("state/lock"), 0, &err));
    assert_string_equal(err.msg, expected.data);
    assert_true(tm_clock_mono_ns() - start_ns < (int64_t)5 * 1000000000);

    start_ns = tm_clock_mono_ns();
    assert_fails(&err, TM_E_LOCKED, tm_lock_take(&lock, &place->root, TM_STR("state/lock"), 120, &err));
    assert_true(tm_clock_mono_ns() - start_ns >= 120 * 1000000);
    assert_int_equal(lock.fd, -1);

    /* Released by the system, however the holder ends. */
    kill(holder, SIGKILL);
    assert_int_equal(waitpid(holder, &status, 0), holder);
    assert_ok(&err, tm_lock_take(&lock, &place->root, TM_STR("state/lock"), 0, &err));
    tm_lock_release(&lock);
    assert_int_equal(lock.fd, -1);
}

static void a_lock_is_taken_when_it_becomes_free(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_lock lock = TM_LOCK_INIT;
    pid_t holder = start_holder(place), killer = fork();
    int status;

    assert_true(killer >= 0);
    if (killer == 0) {
        struct timespec pause = { 0, 100 * 1000000 };

        nanosleep(&pause, NULL);
        _exit(kill(holder, SIGKILL) != 0);
    }
    assert_ok(&err, tm_lock_take(&lock, &place->root, TM_STR("state/lock"), INT64_MAX, &err));
    assert_int_equal(waitpid(killer, &status, 0), killer);
    assert_int_equal(status, 0);
    assert_int_equal(waitpid(holder, &status, 0), holder);
    tm_lock_release(&lock);
    tm_lock_release(&lock); /* once more changes nothing */
}

static void a_lock_that_cannot_be_taken_is_not_waited_for(void **state)
{
    struct place *place = *state;
    enum tm_code code;
    int n = 0;

    do {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_lock lock = TM_LOCK_INIT;

        break_call(BROKEN_REST, CALL_LOOK, ENOLCK, n++);
        code = tm_lock_take(&lock, &place->root, TM_STR("state/lock"), INT64_MAX, &err);
        broken_how = BROKEN_NOT;
        assert_true(code == TM_OK || code == TM_E_IO);
        assert_int_equal(lock.fd >= 0, code == TM_OK);
        tm_lock_release(&lock);
    } while (code);
    assert_true(n > 1);
}

TM_TESTS(IO_TEST(an_entry_that_does_not_fit_is_cut_off_again), IO_TEST(appending_creates_and_adds_at_the_end),
         IO_TEST(only_regular_files_are_appended_to), IO_TEST(those_who_append_at_once_wait_for_each_other),
         IO_TEST(a_file_replaced_during_the_wait_is_opened_again),
         IO_TEST(a_held_lock_names_its_holder_after_the_timeout),
         IO_TEST(a_lock_is_taken_when_it_becomes_free),
         IO_TEST(a_lock_that_cannot_be_taken_is_not_waited_for))
