#include "merkle_naive.h"

#include <ftw.h>
#include <unistd.h>

#include "ledger/freezes.h"
#include "ledger/merkle.h"

#define PATH    "coverage.ndjson"
#define FREEZES "freeze.ndjson"
#define STAMP   1795348800 /* 2026-11-22T12:00:00Z */

/* A folder with one ledger. */
struct place {
    char path[64];
    struct tm_root root;
    struct tm_ledger_file file;
};

static int set_up(void **state)
{
    struct place *place = tm_alloc(sizeof(*place));

    snprintf(place->path, sizeof(place->path), "/tmp/tm-merkle-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    assert_int_equal(tm_root_open(&place->root, place->path, NULL), TM_OK);
    place->file = (struct tm_ledger_file) { &place->root, TM_STR(PATH), NULL, NULL };
    *state = place;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

static int tear_down(void **state)
{
    struct place *place = *state;

    tm_root_close(&place->root);
    nftw(place->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(place);
    return 0;
}

static struct tm_hash append(struct place *place, const char *module)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_draft draft = { TM_LEDGER_COVERAGE, tm_str(module),
                                     TM_STR("{\"evidence\":\"no_data\",\"dirty\":false}") };
    struct tm_ledger_run run;
    struct tm_hash id;

    tm_ledger_run_init(&run);
    assert_ok(&err, tm_ledger_append(&place->file, &run, STAMP, &draft, 1, &id, &err));
    return id;
}

static void get(struct place *place, struct tm_buf *out)
{
    assert_int_equal(tm_root_read(&place->root, TM_STR(PATH), 1 << 20, out, NULL), TM_OK);
}

static void put(struct place *place, const struct tm_buf *text)
{
    assert_int_equal(tm_root_replace(&place->root, TM_STR(PATH), tm_buf_str(text), NULL, NULL), TM_OK);
}

/* The id of line i (from 0). */
static struct tm_hash id_of_line(struct place *place, size_t i)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_str rest, line = TM_STR("");

    get(place, &text);
    rest = tm_buf_str(&text);
    for (size_t at = 0; at <= i; at++)
        assert_true(tm_str_split(&rest, '\n', &line));
    return tm_hash_of(line);
}

/* The root over ids. */
static struct tm_hash root_of(const struct tm_hash *ids, size_t n)
{
    struct tm_hash *TM_CLEANUP(tm_freep) leaves = tm_alloc_array(n, sizeof(*leaves));

    for (size_t i = 0; i < n; i++)
        leaves[i] = naive_leaf(tm_str_n((const char *)ids[i].bytes, TM_HASH_LEN));
    return naive_root(leaves, n);
}

static void assert_root(struct place *place, const struct tm_ledger_heads *batches, size_t n,
                        const struct tm_hash *leaves, size_t n_leaves)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_hash expected = root_of(leaves, n_leaves), root;

    assert_ok(&err, tm_ledger_root(&place->file, batches, n, &root, &err));
    assert_int_equal(tm_hash_cmp(&root, &expected), 0);
}

static void the_leaves_of_one_freeze_are_the_first_of_the_next(void **state)
{
    struct place *place = *state;
    struct tm_hash leaves[6];
    struct tm_ledger_heads batches[3];

    leaves[1] = append(place, "a");
    leaves[0] = id_of_line(place, 0); /* genesis */
    batches[0] = (struct tm_ledger_heads) { &leaves[1], 1 };
    assert_root(place, batches, 1, leaves, 2);
    leaves[2] = append(place, "b");
    leaves[3] = append(place, "c");
    batches[1] = (struct tm_ledger_heads) { &leaves[3], 1 };
    assert_root(place, batches, 2, leaves, 4);
    /* Pinning the same state again adds no leaf; what came after the last freeze does not count. */
    batches[2] = batches[1];
    append(place, "d");
    assert_root(place, batches, 3, leaves, 4);
    assert_root(place, batches, 1, leaves, 2);
    assert_root(place, batches, 0, leaves, 0);
}

/*
 * Two branches from entry b: x (clock 4) was frozen on one, y and z (4, 5) came from the other. By the clock
 * y may stand before x, but x belongs to the earlier batch.
 */
static void forked_heads_stay_in_the_batch_of_their_freeze(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) common = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) ours = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) theirs = TM_BUF_INIT;
    struct tm_hash leaves[7], both[2];
    struct tm_ledger_heads batches[3];

    leaves[1] = append(place, "a");
    leaves[2] = append(place, "b");
    leaves[0] = id_of_line(place, 0);
    get(place, &common);
    leaves[3] = append(place, "x");
    batches[0] = (struct tm_ledger_heads) { &leaves[3], 1 };
    assert_root(place, batches, 1, leaves, 4);
    get(place, &ours);

    put(place, &common);
    leaves[4] = append(place, "y");
    leaves[5] = append(place, "z");
    get(place, &theirs);

    /* The merge, with the other branch's lines in front. */
    tm_buf_add_str(&theirs, tm_str_from(tm_buf_str(&ours), common.len));
    put(place, &theirs);
    assert_root(place, batches, 1, leaves, 4);
    both[0] = leaves[3];
    both[1] = leaves[5];
    batches[1] = (struct tm_ledger_heads) { both, 2 };
    assert_root(place, batches, 2, leaves, 6);
    /* The next entry ties both heads. */
    leaves[6] = append(place, "m");
    batches[2] = (struct tm_ledger_heads) { &leaves[6], 1 };
    assert_root(place, batches, 3, leaves, 7);
}

static void a_head_that_is_gone_is_refused(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_hash gone = tm_hash_of(TM_STR("gone")), root;
    struct tm_ledger_heads batch = { &gone, 1 };

    append(place, "a");
    assert_fails(&err, TM_E_FORMAT, tm_ledger_root(&place->file, &batch, 1, &root, &err));
    assert_string_equal(err.msg, "a head that a freeze pinned is not in 'coverage.ndjson'");
}

static void a_missing_ledger_has_the_root_of_nothing(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_hash root, gone = tm_hash_of(TM_STR("gone"));
    struct tm_ledger_heads batches[] = { { NULL, 0 }, { &gone, 1 } };

    assert_ok(&err, tm_ledger_root(&place->file, batches, 1, &root, &err));
    assert_hash(&root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_fails(&err, TM_E_FORMAT, tm_ledger_root(&place->file, batches, 2, &root, &err));
}

static void a_damaged_ledger_has_no_root(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_hash head = append(place, "a"), root;
    struct tm_ledger_heads batch = { &head, 1 };

    get(place, &text);
    tm_buf_truncate(&text, text.len - 1);
    put(place, &text);
    assert_fails(&err, TM_E_FORMAT, tm_ledger_root(&place->file, &batch, 1, &root, &err));
}

/* ---- Random histories ---- */

enum { BRANCHES = 3, STEPS = 24, HISTORIES = 24, FREEZES_MAX = STEPS + BRANCHES };

/* Two files as one branch has them. */
struct branch {
    struct tm_buf ledger, freezes;
};

/* What a freeze saw when it was made. */
struct seen {
    char tag[16];
    struct tm_hash *ids;
    size_t n, follows;
};

struct history {
    struct place *place;
    struct tm_ledger_file freezes;
    struct branch branches[BRANCHES];
    struct seen seen[FREEZES_MAX];
    size_t n_seen;
    uint64_t random;
};

static unsigned draw(struct history *h, unsigned below)
{
    h->random = h->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(h->random >> 33) % below;
}

static void put_file(struct place *place, const char *path, const struct tm_buf *text)
{
    assert_int_equal(tm_root_replace(&place->root, tm_str(path), tm_buf_str(text), NULL, NULL), TM_OK);
}

static void get_file(struct place *place, const char *path, struct tm_buf *out)
{
    tm_buf_clear(out);
    if (tm_root_exists(&place->root, tm_str(path)))
        assert_int_equal(tm_root_read(&place->root, tm_str(path), 1 << 22, out, NULL), TM_OK);
}

static void check_out(struct history *h, const struct branch *branch)
{
    put_file(h->place, PATH, &branch->ledger);
    put_file(h->place, FREEZES, &branch->freezes);
}

static void commit(struct history *h, struct branch *branch)
{
    get_file(h->place, PATH, &branch->ledger);
    get_file(h->place, FREEZES, &branch->freezes);
}

static bool has_line(struct tm_str text, struct tm_str line)
{
    struct tm_str each;

    while (text.len && tm_str_split(&text, '\n', &each))
        if (tm_str_eq(each, line))
            return true;
    return false;
}

/* The union of both, with the new lines in front or behind: the order of lines means nothing. */
static void unite(struct tm_buf *into, const struct tm_buf *from, bool in_front)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) added = TM_BUF_INIT;
    struct tm_str rest = tm_buf_str(from), line;

    while (rest.len && tm_str_split(&rest, '\n', &line)) {
        if (line.len && !has_line(tm_buf_str(into), line)) {
            tm_buf_add_str(&added, line);
            tm_buf_addc(&added, '\n');
        }
    }
    tm_buf_splice(into, in_front ? 0 : into->len, 0, tm_buf_str(&added));
}

static size_t find_seen(const struct history *h, struct tm_str tag)
{
    for (size_t i = 0; i < h->n_seen; i++)
        if (tm_str_is(tag, h->seen[i].tag))
            return i;
    fail_msg("no freeze '%.*s'", TM_STR_ARG(tag));
    return 0;
}

static void read_leaves(struct history *h, const struct tm_ledger_freezes *freezes, size_t last,
                        const struct tm_ledger_state *now, struct tm_ledger_leaves *leaves)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_heads *batches;
    size_t n;

    tm_ledger_freezes_batches(freezes, last, TM_STR("coverage"), &arena, &batches, &n);
    if (now)
        batches[n++] = (struct tm_ledger_heads) { now->heads, now->n_heads };
    assert_ok(&err, tm_ledger_leaves_read(&h->place->file, batches, n, leaves, &err));
}

/* The entry of a freeze as pin and act make it. */
static void append_freeze(struct history *h, const struct seen *seen, const struct tm_ledger_state *now)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
    struct tm_ledger_pin pin = {
        .name = TM_STR("coverage"),
        .log = tm_str(now->log),
        .entries = now->entries,
        .max_lc = now->max_lc,
        .heads = now->heads,
        .n_heads = now->n_heads,
        .root = root_of(seen->ids, seen->n),
    };
    struct tm_freeze_act act = {
        .tag = tm_str(seen->tag),
        .kind = TM_STR("baseline"),
        .commit = TM_STR("0123456789abcdef0123456789abcdef01234567"),
        .tree = TM_STR("0123456789abcdef0123456789abcdef01234567"),
        .record = TM_STR("RECORD.json"),
        .record_sha256 = TM_STR("00000000000000000000000000000000000000000000000000000000000000ff"),
        .ledgers = &pin,
        .n_ledgers = 1,
    };
    struct tm_ledger_draft draft = { .kind = TM_LEDGER_FREEZE };
    struct tm_ledger_run run;

    tm_freeze_body(&act, &body);
    draft.body = tm_buf_str(&body);
    tm_ledger_run_init(&run);
    assert_ok(&err, tm_ledger_append(&h->freezes, &run, STAMP, &draft, 1, NULL, &err));
}

static void freeze(struct history *h)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_freezes TM_CLEANUP(tm_ledger_freezes_release) freezes = TM_LEDGER_FREEZES_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) now = { 0 };
    struct seen *seen = &h->seen[h->n_seen];
    struct tm_ledger_leaves leaves;

    assert_ok(&err, tm_ledger_read(&h->place->file, NULL, NULL, &now, &err));
    if (now.entries == 0)
        return;
    assert_ok(&err, tm_ledger_freezes_read(&h->freezes, &freezes, &err));
    read_leaves(h, &freezes, freezes.latest, &now, &leaves);
    snprintf(seen->tag, sizeof(seen->tag), "v%zu", h->n_seen);
    seen->ids = leaves.ids;
    seen->n = leaves.n;
    seen->follows =
        freezes.latest == TM_FREEZE_NONE ? SIZE_MAX : find_seen(h, freezes.items[freezes.latest].act.tag);
    assert_int_equal(seen->n, now.entries);
    if (seen->follows != SIZE_MAX) {
        const struct seen *before = &h->seen[seen->follows];

        assert_true(before->n <= seen->n);
        assert_memory_equal(seen->ids, before->ids, before->n * sizeof(*before->ids));
    }
    append_freeze(h, seen, &now);
    h->n_seen++;
}

static void step(struct history *h)
{
    unsigned at = draw(h, BRANCHES), other = draw(h, BRANCHES), what = draw(h, 10);
    struct branch *branch = &h->branches[at];

    if (what == 9 && other != at) {
        bool in_front = draw(h, 2);

        unite(&branch->ledger, &h->branches[other].ledger, in_front);
        unite(&branch->freezes, &h->branches[other].freezes, in_front);
        return;
    }
    check_out(h, branch);
    if (what >= 6)
        freeze(h);
    else
        append(h->place, "m");
    commit(h, branch);
}

/* What each freeze saw is what anyone can derive later, from ledgers that hold everybody's entries. */
static void assert_all_stands(struct history *h)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_freezes TM_CLEANUP(tm_ledger_freezes_release) freezes = TM_LEDGER_FREEZES_INIT;

    assert_ok(&err, tm_ledger_freezes_read(&h->freezes, &freezes, &err));
    assert_int_equal(freezes.n, h->n_seen);
    for (size_t i = 0; i < freezes.n; i++) {
        struct tm_ledger_leaves TM_CLEANUP(tm_ledger_leaves_release) leaves = { 0 };
        const struct seen *seen = &h->seen[find_seen(h, freezes.items[i].act.tag)];

        read_leaves(h, &freezes, i, NULL, &leaves);
        assert_int_equal(leaves.n, seen->n);
        assert_memory_equal(leaves.ids, seen->ids, seen->n * sizeof(*seen->ids));
    }
}

/* Returns how many freezes came to stand outside the line of the last one: merges of branches that froze. */
static size_t live(struct place *place, uint64_t seed)
{
    struct history h = { .place = place, .freezes = place->file, .random = seed };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_freezes TM_CLEANUP(tm_ledger_freezes_release) freezes = TM_LEDGER_FREEZES_INIT;
    size_t aside = 0;

    h.freezes.path = TM_STR(FREEZES);
    append(place, "first");
    freeze(&h);
    for (size_t b = 0; b < BRANCHES; b++) {
        h.branches[b] = (struct branch) { TM_BUF_INIT, TM_BUF_INIT };
        commit(&h, &h.branches[b]);
    }
    for (size_t i = 0; i < STEPS; i++)
        step(&h);
    for (size_t b = 1; b < BRANCHES; b++) {
        unite(&h.branches[0].ledger, &h.branches[b].ledger, b & 1);
        unite(&h.branches[0].freezes, &h.branches[b].freezes, b & 1);
    }
    check_out(&h, &h.branches[0]);
    assert_all_stands(&h);
    freeze(&h);
    assert_all_stands(&h);
    assert_ok(&err, tm_ledger_freezes_read(&h.freezes, &freezes, &err));
    for (size_t i = 0; i < freezes.n; i++)
        aside += !tm_ledger_freezes_in_line(&freezes, i, freezes.n - 1);
    for (size_t i = 0; i < h.n_seen; i++)
        free(h.seen[i].ids);
    for (size_t b = 0; b < BRANCHES; b++) {
        tm_buf_release(&h.branches[b].ledger);
        tm_buf_release(&h.branches[b].freezes);
    }
    return aside;
}

/* In any history of appends, freezes and merges; TM_TEST_SEED begins elsewhere. */
static void the_leaves_of_a_freeze_begin_with_those_of_the_one_it_follows(void **state)
{
    struct place *place = *state;
    const char *text = getenv("TM_TEST_SEED");
    uint64_t seed = 1;
    size_t aside = 0;

    if (text)
        assert_true(tm_str_u64(tm_str(text), &seed));
    for (size_t i = 0; i < HISTORIES; i++) {
        assert_int_equal(tm_root_unlink(&place->root, TM_STR(PATH), NULL), TM_OK);
        assert_int_equal(tm_root_unlink(&place->root, TM_STR(FREEZES), NULL), TM_OK);
        aside += live(place, seed + i);
    }
    assert_true(aside > 0);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

TM_TESTS(WITH_PLACE(the_leaves_of_one_freeze_are_the_first_of_the_next),
         WITH_PLACE(forked_heads_stay_in_the_batch_of_their_freeze),
         WITH_PLACE(a_head_that_is_gone_is_refused), WITH_PLACE(a_missing_ledger_has_the_root_of_nothing),
         WITH_PLACE(a_damaged_ledger_has_no_root),
         WITH_PLACE(the_leaves_of_a_freeze_begin_with_those_of_the_one_it_follows))
