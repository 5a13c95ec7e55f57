/* Appending to a long ledger by the note on its head: what is read, when the note counts, what it cannot do.
 */
#include "ledger_place.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "ledger/head_cache.h"

/* Bytes read from any file since it was set to 0. */
static uint64_t bytes_read;

static ssize_t count(ssize_t n)
{
    bytes_read += n > 0 ? (uint64_t)n : 0;
    return n;
}

ssize_t pread(int fd, void *to, size_t n, off_t at)
{
    return count((ssize_t)syscall(SYS_pread64, fd, to, n, at));
}

ssize_t read(int fd, void *to, size_t n)
{
    return count((ssize_t)syscall(SYS_read, fd, to, n));
}

/* Done once at the next sync of an append. */
static void (*at_next_sync)(struct place *place);
static struct place *synced_place;

int fdatasync(int fd)
{
    void (*once)(struct place *) = at_next_sync;

    at_next_sync = NULL;
    if (once)
        once(synced_place);
    return (int)syscall(SYS_fdatasync, fd);
}

enum { LONG = 2000 }; /* entries of a long ledger: about 600 KB */

static uint64_t size_of(struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    get(place, &text);
    return text.len;
}

/* True when an append read the whole ledger; it must have succeeded. */
static bool reads_whole(struct place *place)
{
    uint64_t size = size_of(place);

    assert_true(size > 4 * TM_HEAD_CACHE_TAIL);
    bytes_read = 0;
    append(place, "one");
    if (bytes_read >= size)
        return true;
    /* The end once to look and once to note, and the note itself. */
    assert_true(bytes_read <= 2 * TM_HEAD_CACHE_TAIL + 1000);
    return false;
}

static void assert_one_chain(struct place *place, uint64_t entries)
{
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };

    read_state(place, &s);
    assert_int_equal(s.entries, entries);
    assert_int_equal(s.max_lc, entries);
    assert_int_equal(s.n_heads, 1);
}

/* The only file in the folder of notes, beneath state. */
static void note_path(struct place *place, struct tm_buf *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;
    struct dirent *entry;
    int n = 0;
    DIR *dir;

    tm_buf_addf(&folder, "%s/heads", place->state.path);
    dir = opendir(folder.data);
    assert_non_null(dir);
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.') {
            tm_buf_addf(path, "heads/%s", entry->d_name);
            n++;
        }
    closedir(dir);
    assert_int_equal(n, 1);
}

static void get_note(struct place *place, struct tm_buf *note)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    note_path(place, &path);
    assert_ok(&err, tm_root_read(&place->state, tm_buf_str(&path), 4096, note, &err));
}

static void put_note(struct place *place, struct tm_str note)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    note_path(place, &path);
    assert_ok(&err, tm_root_replace(&place->state, tm_buf_str(&path), note, NULL, &err));
}

static void an_entry_to_a_long_ledger_reads_its_end_only(void **state)
{
    struct place *place = *state;

    append_many(place, LONG);
    for (int i = 0; i < 5; i++)
        assert_false(reads_whole(place));
    assert_one_chain(place, LONG + 6);
}

static void what_is_chained_to_is_what_the_whole_ledger_says(void **state)
{
    struct place *place = *state;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) whole = { 0 };
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) noted = { 0 };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int fd;

    append_many(place, LONG);
    read_state(place, &whole);
    assert_ok(&err, tm_append_open(&place->root, TM_STR(PATH), &fd, &err));
    assert_true(tm_head_cache_load(&place->file, fd, &noted));
    tm_append_close(fd);
    assert_int_equal(noted.bytes, whole.bytes);
    assert_string_equal(noted.log, whole.log);
    assert_int_equal(noted.n_heads, 1);
    assert_memory_equal(&noted.heads[0], &whole.heads[0], sizeof(noted.heads[0]));
    assert_int_equal(noted.head_lcs[0], whole.max_lc);
    assert_int_equal(noted.max_lc, whole.max_lc);
}

static void a_short_ledger_is_read_and_gets_no_note(void **state)
{
    struct place *place = *state;

    append_many(place, 100);
    append(place, "one");
    assert_true(size_of(place) <= TM_HEAD_CACHE_TAIL);
    assert_false(tm_root_exists(&place->state, TM_STR("heads")));
}

static void mending_a_ledger_with_a_note_reads_its_end_only(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    bool mended = true;

    append_many(place, LONG);
    bytes_read = 0;
    assert_ok(&err, tm_ledger_mend(&place->file, &mended, &err));
    assert_false(mended);
    assert_true(bytes_read <= TM_HEAD_CACHE_TAIL + 1000);
}

/* ---- When the note does not count ---- */

static void ledger_path(struct place *place, struct tm_buf *path)
{
    tm_buf_addf(path, "%s/" PATH, place->path);
}

static void change_time(struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    const struct timespec times[] = { { 1, 0 }, { 1, 0 } };

    ledger_path(place, &path);
    assert_int_equal(utimensat(AT_FDCWD, path.data, times, 0), 0);
}

/* The same bytes with the same times, in another file; as a checkout or a copy leaves it. */
static void replace_by_itself(struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct stat st;

    ledger_path(place, &path);
    assert_int_equal(stat(path.data, &st), 0);
    get(place, &text);
    assert_ok(&err, tm_root_replace(&place->root, TM_STR("copy"), tm_buf_str(&text), NULL, &err));
    assert_int_equal(renameat(place->root.fd, "copy", AT_FDCWD, path.data), 0);
    assert_int_equal(utimensat(AT_FDCWD, path.data, (struct timespec[]) { st.st_atim, st.st_mtim }, 0), 0);
}

static void remove_note(struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    note_path(place, &path);
    assert_ok(&err, tm_root_unlink(&place->state, tm_buf_str(&path), &err));
}

static void empty_note(struct place *place)
{
    put_note(place, TM_STR(""));
}

static void lengthen_note(struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) note = TM_BUF_INIT;

    get_note(place, &note);
    tm_buf_addc(&note, '\n');
    put_note(place, tm_buf_str(&note));
}

static void cut_the_last_entry_off(struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    const char *lf;

    ledger_path(place, &path);
    get(place, &text);
    lf = memrchr(text.data, '\n', text.len - 1);
    assert_int_equal(truncate(path.data, lf + 1 - text.data), 0);
}

static void tear_the_last_entry(struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    ledger_path(place, &path);
    assert_int_equal(truncate(path.data, (off_t)size_of(place) - 10), 0);
}

static void a_note_counts_only_for_the_file_it_was_written_for(void **state)
{
    static void (*const changes[])(struct place *) = {
        change_time,   replace_by_itself,      remove_note,         empty_note,
        lengthen_note, cut_the_last_entry_off, tear_the_last_entry,
    };
    struct place *place = *state;

    append_many(place, LONG);
    assert_false(reads_whole(place));
    for (size_t i = 0; i < TM_LEN(changes); i++) {
        changes[i](place);
        if (!reads_whole(place))
            fail_msg("after change %zu the note still counts", i);
        assert_false(reads_whole(place));
    }
    assert_one_chain(place, LONG + 2 + 2 * TM_LEN(changes) - 2);
}

static void a_note_counts_to_its_last_byte(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) note = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int fd;

    append_many(place, LONG);
    get_note(place, &note);
    assert_ok(&err, tm_append_open(&place->root, TM_STR(PATH), &fd, &err));
    for (size_t i = 0; i < note.len; i++) {
        struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };

        note.data[i] ^= 1;
        put_note(place, tm_buf_str(&note));
        assert_false(tm_head_cache_load(&place->file, fd, &s));
        put_note(place, tm_str_n(note.data, i)); /* half written */
        assert_false(tm_head_cache_load(&place->file, fd, &s));
        note.data[i] ^= 1;
    }
    tm_append_close(fd);
    put_note(place, tm_buf_str(&note));
    assert_false(reads_whole(place));
}

/* Changes a byte of an entry's module far before the end, and puts the time of the last change back. */
static void edit_the_middle(struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct stat st;
    const char *at;
    int fd;

    ledger_path(place, &path);
    get(place, &text);
    at = strstr(text.data, "\"m17\"");
    fd = open(path.data, O_WRONLY);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(pwrite(fd, "\"m71\"", 5, at - text.data), 5);
    assert_int_equal(futimens(fd, (struct timespec[]) { st.st_atim, st.st_mtim }), 0);
    close(fd);
}

static void an_edit_that_hides_its_time_is_found(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_draft draft = draft_of("one");
    struct tm_ledger_run run;

    append_many(place, LONG);
    usleep(50 * 1000); /* past the tick of the file system's clock */
    edit_the_middle(place);
    tm_ledger_run_init(&run);
    assert_fails(&err, TM_E_FORMAT, tm_ledger_append(&place->file, &run, STAMP, &draft, 1, NULL, &err));
    assert_non_null(strstr(err.msg, "prev names an entry that is not there"));
}

static void two_branches_are_tied_although_there_was_a_note(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) base = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) left = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) right = TM_BUF_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };

    append_many(place, LONG);
    get(place, &base);
    append(place, "left");
    get(place, &left);
    put(place, base.data);
    append(place, "right");
    get(place, &right);
    tm_buf_adds(&left, right.data + base.len);
    put(place, left.data); /* what git leaves of both */
    append(place, "tie");
    read_state(place, &s);
    assert_int_equal(s.entries, LONG + 4);
    assert_int_equal(s.n_heads, 1);
}

static void work_trees_have_notes_of_their_own(void **state)
{
    struct place *place = *state, other = *place;
    struct tm_root TM_CLEANUP(tm_root_close) tree = TM_ROOT_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    tm_buf_addf(&path, "%s/tree", place->path);
    assert_int_equal(mkdir(path.data, 0700), 0);
    assert_ok(&err, tm_root_open(&tree, path.data, &err));
    other.root = tree;
    other.file.root = &other.root;
    append_many(place, LONG);
    append_many(&other, LONG);
    for (int i = 0; i < 3; i++) {
        assert_false(reads_whole(place));
        assert_false(reads_whole(&other));
    }
}

static void a_note_that_cannot_be_written_only_costs_time(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_root_replace(&place->state, TM_STR("heads"), TM_STR("in the way"), NULL, &err));
    append_many(place, LONG);
    assert_true(reads_whole(place));
    assert_true(reads_whole(place));
    assert_one_chain(place, LONG + 3);
    place->file.state = NULL;
    assert_true(reads_whole(place));
}

/* Links lead notes to nobody's file, not even within the state folder. */
static void a_note_is_not_written_through_a_link(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) kept = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    append_many(place, LONG);
    note_path(place, &path);
    assert_ok(&err, tm_root_replace(&place->state, TM_STR("other"), TM_STR("precious"), NULL, &err));
    assert_int_equal(unlinkat(place->state.fd, path.data, 0), 0);
    assert_int_equal(symlinkat("../other", place->state.fd, path.data), 0);
    append(place, "one");
    assert_int_equal(unlinkat(place->state.fd, path.data, 0), 0);
    assert_int_equal(linkat(place->state.fd, "other", place->state.fd, path.data, 0), 0);
    append(place, "two");
    assert_ok(&err, tm_root_read(&place->state, TM_STR("other"), 100, &kept, &err));
    assert_string_equal(kept.data, "precious");
    assert_one_chain(place, LONG + 3);
}

/* ---- A forged note ---- */

/* Somebody who can write to the state folder says that the ledger is sound and its last line the only head.
 */
static void forge_note(struct place *place)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    const char *last;
    struct tm_hash id;
    int fd;

    get(place, &text);
    last = (const char *)memrchr(text.data, '\n', text.len - 1) + 1;
    id = tm_hash_of(tm_str_n(last, text.len - 1 - (size_t)(last - text.data)));
    assert_ok(&err, tm_append_open(&place->root, TM_STR(PATH), &fd, &err));
    tm_head_cache_save(&place->file, fd, text.len, &id);
    tm_append_close(fd);
}

static void a_forged_note_leaves_damage_as_it_was(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) before = TM_ERR_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) after = TM_ERR_INIT;

    append_many(place, LONG);
    edit_the_middle(place);
    assert_fails(&before, TM_E_FORMAT, tm_ledger_read(&place->file, NULL, NULL, NULL, &before));
    forge_note(place);
    append(place, "one");
    assert_fails(&after, TM_E_FORMAT, tm_ledger_read(&place->file, NULL, NULL, NULL, &after));
    assert_string_equal(after.msg, before.msg);
}

static void a_forged_note_makes_no_wrong_entry_of_a_merge(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) base = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) left = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) right = TM_BUF_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) tied = { 0 };

    append_many(place, LONG);
    get(place, &base);
    append(place, "left");
    get(place, &left);
    put(place, base.data);
    append(place, "right");
    get(place, &right);
    tm_buf_adds(&left, right.data + base.len);
    put(place, left.data);
    forge_note(place);
    append(place, "one");
    read_state(place, &s); /* sound, and nothing that names what is not there */
    assert_int_equal(s.entries, LONG + 4);
    assert_int_equal(s.n_heads, 2);
    remove_note(place);
    append(place, "tie");
    read_state(place, &tied);
    assert_int_equal(tied.n_heads, 1);
}

static void no_note_is_forged_of_a_torn_or_ill_spelled_end(void **state)
{
    static const char *const ends[] = { "x", "x\n", "\n", "{\"v\":1}\n", "{\"module\":\"m\"}\n" };
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) whole = TM_BUF_INIT;

    append_many(place, LONG);
    get(place, &whole);
    for (size_t i = 0; i < TM_LEN(ends); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;

        tm_buf_add_str(&text, tm_buf_str(&whole));
        tm_buf_adds(&text, ends[i]);
        put(place, text.data);
        get_note(place, &before);
        forge_note(place);
        get_note(place, &after);
        assert_string_equal(after.data, before.data);
    }
}

/* ---- The file is replaced while it is written to ---- */

static void check_out_again(struct place *place)
{
    put(place, "");
    append(place, "of git");
}

static void remove_ledger(struct place *place)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_root_unlink(&place->root, TM_STR(PATH), &err));
}

static void an_entry_goes_to_the_file_that_replaced_the_one_it_was_written_to(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    append(place, "a");
    synced_place = place;
    at_next_sync = check_out_again;
    append(place, "b");
    get(place, &text);
    assert_non_null(strstr(text.data, "\"of git\""));
    assert_non_null(strstr(text.data, "\"b\""));
    assert_one_chain(place, 3);
    at_next_sync = remove_ledger;
    append(place, "c");
    assert_one_chain(place, 2);
}

TM_TESTS(WITH_PLACE(an_entry_to_a_long_ledger_reads_its_end_only),
         WITH_PLACE(what_is_chained_to_is_what_the_whole_ledger_says),
         WITH_PLACE(a_short_ledger_is_read_and_gets_no_note),
         WITH_PLACE(mending_a_ledger_with_a_note_reads_its_end_only),
         WITH_PLACE(a_note_counts_only_for_the_file_it_was_written_for),
         WITH_PLACE(a_note_counts_to_its_last_byte), WITH_PLACE(an_edit_that_hides_its_time_is_found),
         WITH_PLACE(two_branches_are_tied_although_there_was_a_note),
         WITH_PLACE(work_trees_have_notes_of_their_own),
         WITH_PLACE(a_note_that_cannot_be_written_only_costs_time),
         WITH_PLACE(a_note_is_not_written_through_a_link), WITH_PLACE(a_forged_note_leaves_damage_as_it_was),
         WITH_PLACE(a_forged_note_makes_no_wrong_entry_of_a_merge),
         WITH_PLACE(no_note_is_forged_of_a_torn_or_ill_spelled_end),
         WITH_PLACE(an_entry_goes_to_the_file_that_replaced_the_one_it_was_written_to))
