/* Every call of an append fails, or is its last: what was acknowledged is there, what was not is no half. */
#include "faults.h"
#include "ledger_place.h"

struct job {
    const char *name;
    void (*prepare)(struct place *place); /* NULL: nothing is there */
    size_t n;                             /* entries that are appended at once, "new0" and on */
    int syncs;                            /* how often something must be made durable for them */
    bool mends;                           /* the end needs it, so that a failed append may have done that */
};

static bool append_new(void *ctx)
{
    static const char *const names[] = { "new0", "new1", "new2" };
    struct place *place = ctx;
    struct tm_log log = { .level = TM_LOG_NORMAL };
    struct tm_ledger_draft drafts[TM_LEN(names)];
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_run run;
    const struct job *job = place->extra;

    for (size_t i = 0; i < job->n; i++)
        drafts[i] = draft_of(names[i]);
    place->file.log = &log;
    tm_ledger_run_init(&run);
    return tm_ledger_append(&place->file, &run, STAMP, drafts, job->n, NULL, &err) == TM_OK;
}

/* ---- What is there before ---- */

static void two_entries(struct place *place)
{
    append_many(place, 2);
}

static void put_end(struct place *place, const char *end)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    append_many(place, 2);
    get(place, &text);
    tm_buf_adds(&text, end);
    put(place, text.data);
}

static void a_torn_end(struct place *place)
{
    put_end(place, "{\"v\":1,\"log\":\"01");
}

static void a_missing_line_feed(struct place *place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    append_many(place, 2);
    get(place, &text);
    tm_buf_truncate(&text, text.len - 1);
    put(place, text.data);
}

static void lines_of_before(struct place *place)
{
    put(place, "{\"module\":\"old\",\"coverage\":5}\n\n");
}

static void a_long_ledger(struct place *place)
{
    append_many(place, 300);
}

static void a_long_ledger_without_its_note(struct place *place)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    a_long_ledger(place);
    assert_ok(&err, tm_root_empty_dir(&place->state, TM_STR("heads"), &err));
}

/* ---- What must hold after ---- */

/* Modules that were appended, each with how often. */
struct listed {
    size_t entries, fresh[3], after;
};

static enum tm_code count_modules(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct listed *listed = ctx;

    listed->entries++;
    if (tm_str_has_prefix(entry->module, TM_STR("new")))
        listed->fresh[entry->module.data[3] - '0']++;
    listed->after += tm_str_is(entry->module, "after");
    return TM_OK;
}

/* What stands behind the last LF. */
static struct tm_str end_of(const struct tm_buf *text)
{
    const char *lf = memrchr(text->data, '\n', text->len);

    return tm_str_from(tm_buf_str(text), lf ? (size_t)(lf + 1 - text->data) : 0);
}

static void get_or_nothing(struct place *place, struct tm_buf *out)
{
    tm_buf_clear(out);
    if (tm_root_exists(&place->root, TM_STR(PATH)))
        get(place, out);
}

/* The bytes are in the folder of torn ends, under the name that is made of them. */
static void assert_kept(struct place *place, struct tm_str torn)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_hash hash = tm_hash_of(torn);
    bool same = false;

    tm_hash_add_hex(&hex, &hash);
    tm_buf_addf(&name, "torn/coverage.ndjson-%.16s", hex.data);
    assert_ok(&err, tm_root_holds(&place->state, tm_buf_str(&name), torn, &same, &err));
    assert_true(same);
}

static bool append_after(void *ctx)
{
    struct place *place = ctx;
    struct tm_log log = { .level = TM_LOG_NORMAL };

    place->file.log = &log;
    append(place, "after");
    return true;
}

/* The next append, and what it says on stderr. */
static void go_on(struct place *place, struct tm_buf *said)
{
    static const struct fault none = { "nothing", BROKEN_NOT, 0, 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    bool met;

    tm_buf_addf(&path, "%s/said", place->path);
    assert_int_equal(run_broken(&none, 0, 0, append_after, place, path.data, &met), GOT_THROUGH);
    assert_ok(&err, tm_file_read(path.data, 1 << 20, said, &err));
}

static void check(struct place *place, const struct job *job, const struct fault *fault,
                  const struct tm_buf *before, enum outcome outcome)
{
    /* What was written cannot be taken back from a disk that is gone; what is whole then counts. */
    bool takes_back = outcome == REFUSED && fault->how != BROKEN_REST;
    struct tm_buf TM_CLEANUP(tm_buf_release) left = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
    struct listed listed = { 0 };
    struct tm_str kept = end_of(before), torn;

    get_or_nothing(place, &left);
    torn = end_of(&left);
    if (outcome == GOT_THROUGH)
        assert_int_equal(torn.len, 0);
    if (takes_back && !job->mends)
        assert_string_equal(left.data, before->data);
    /* Whole lines are never touched. */
    assert_true(left.len >= before->len - kept.len);
    assert_memory_equal(left.data, before->data, before->len - kept.len);

    go_on(place, &said);
    assert_ok(&err, tm_ledger_read(&place->file, count_modules, &listed, &s, &err));
    assert_int_equal(listed.after, 1);
    assert_int_equal(s.n_heads, 1);
    assert_int_equal(s.max_lc, s.entries);
    for (size_t i = 0; i < TM_LEN(listed.fresh); i++) {
        assert_true(listed.fresh[i] <= (i < job->n));
        assert_true(outcome != GOT_THROUGH || listed.fresh[i] == (i < job->n));
        assert_true(!takes_back || listed.fresh[i] == 0);
        assert_true(i == 0 || listed.fresh[i] <= listed.fresh[i - 1]);
    }
    if (strstr(said.data, "was cut off, moved"))
        assert_kept(place, torn);
    else
        assert_true(torn.len == 0 || strstr(said.data, "had no line feed, added it"));
    if (job->prepare == a_torn_end)
        assert_kept(place, kept);
}

static void clear(struct place *place)
{
    tm_root_close(&place->root);
    tm_root_close(&place->state);
    nftw(place->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    make_place(place);
}

/* Runs the job with every call broken in that way, which it must not survive when that is deadly; how many.
 */
static int break_all(struct place *place, const struct job *job, const struct fault *fault, bool deadly)
{
    place->extra = job;
    for (int n = 0;; n++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
        enum outcome outcome;
        bool met;

        clear(place);
        if (job->prepare)
            job->prepare(place);
        get_or_nothing(place, &before);
        outcome = run_broken(fault, CALLS_ALL, n, append_new, place, NULL, &met);
        check(place, job, fault, &before, outcome);
        assert_true(!deadly || !met || outcome == REFUSED);
        if (!met) {
            assert_int_equal(outcome, GOT_THROUGH);
            return n;
        }
    }
}

static const struct job jobs[] = {
    /* Two folders are made and each synced into the one above; then the way from the file to the root is. */
    { "the first entry", NULL, 1, 2 + 3 + 1, false },
    { "an entry", two_entries, 1, 1, false },
    { "three entries at once", two_entries, 3, 1, false },
    /* The folder of torn ends, what is kept, its name, the cut. */
    { "an entry behind a torn end", a_torn_end, 1, 4 + 1, true },
    { "an entry behind a line without its end", a_missing_line_feed, 1, 1 + 1, true },
    { "an entry behind lines of before", lines_of_before, 1, 1, false },
    { "an entry to a long ledger", a_long_ledger, 1, 1, false },
    { "an entry to a long ledger without its note", a_long_ledger_without_its_note, 1, 1, false },
};

static void no_call_that_fails_loses_or_halves_an_entry(void **state)
{
    broken_power = true;
    for (size_t i = 0; i < TM_LEN(jobs); i++)
        for (size_t k = 0; k < TM_LEN(faults); k++) {
            int n = break_all(*state, &jobs[i], &faults[k], false);

            print_message("# %s: %s at each of %d calls\n", jobs[i].name, faults[k].name, n);
            /* An append gives names and takes them away only where it makes something. */
            assert_true(n > 0 || faults[k].which == CALL_REMOVE || faults[k].which == CALL_NAME);
        }
}

static void an_entry_is_acknowledged_when_all_of_it_is_synced(void **state)
{
    static const struct fault fault = { "EIO", BROKEN_ONCE, CALL_SYNC, EIO };

    broken_power = true;
    for (size_t i = 0; i < TM_LEN(jobs); i++)
        assert_int_equal(break_all(*state, &jobs[i], &fault, true), jobs[i].syncs);
}

static int set_up_in_memory(void **state)
{
    test_in_memory();
    return set_up(state);
}

#define FAULT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up_in_memory, tear_down)

TM_TESTS(FAULT_TEST(no_call_that_fails_loses_or_halves_an_entry),
         FAULT_TEST(an_entry_is_acknowledged_when_all_of_it_is_synced))
