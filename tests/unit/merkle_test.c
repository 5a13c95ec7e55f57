#include "test.h"

#include <ftw.h>
#include <unistd.h>

#include "ledger/merkle.h"

#define PATH  "coverage.ndjson"
#define STAMP 1795348800 /* 2026-11-22T12:00:00Z */

static void assert_hex(const struct tm_hash *hash, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    tm_hash_add_hex(&hex, hash);
    assert_string_equal(hex.data, expected);
}

/* The eight leaves that implementations of RFC 6962 test with, and their roots; 0 is SHA-256(""). */
static void roots_are_those_of_the_certificate_transparency_vectors(void **state)
{
    static const struct tm_str leaves[] = {
        TM_STR(""),
        TM_STR("\x00"),
        TM_STR("\x10"),
        TM_STR("\x20\x21"),
        TM_STR("\x30\x31"),
        TM_STR("\x40\x41\x42\x43"),
        TM_STR("\x50\x51\x52\x53\x54\x55\x56\x57"),
        TM_STR("\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"),
    };
    static const struct {
        size_t n;
        const char *root;
    } cases[] = {
        { 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { 1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
        { 6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
        { 8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_merkle tree;
        struct tm_hash root;

        tm_merkle_init(&tree);
        for (size_t k = 0; k < cases[i].n; k++)
            tm_merkle_add(&tree, leaves[k]);
        root = tm_merkle_finish(&tree);
        assert_hex(&root, cases[i].root);
    }
}

/* MTH of RFC 9162, 2.1.1, as it is written there: recursive, over a list that is known. */
static struct tm_hash tree_hash(const struct tm_hash *leaves, size_t n)
{
    unsigned char node[1 + 2 * TM_HASH_LEN] = { 0 };
    struct tm_hash left, right;
    size_t k = 1;

    if (n == 0)
        return tm_hash_of(TM_STR(""));
    if (n == 1) {
        memcpy(node + 1, leaves->bytes, TM_HASH_LEN);
        return tm_hash_of(tm_str_n((const char *)node, 1 + TM_HASH_LEN));
    }
    while (2 * k < n)
        k *= 2;
    left = tree_hash(leaves, k);
    right = tree_hash(leaves + k, n - k);
    node[0] = 1;
    memcpy(node + 1, left.bytes, TM_HASH_LEN);
    memcpy(node + 1 + TM_HASH_LEN, right.bytes, TM_HASH_LEN);
    return tm_hash_of(tm_str_n((const char *)node, sizeof(node)));
}

static void every_size_gives_the_root_of_the_definition(void **state)
{
    struct tm_hash leaves[130];

    for (size_t n = 0; n <= TM_LEN(leaves); n++) {
        struct tm_hash expected = tree_hash(leaves, n), root;
        struct tm_merkle tree;

        tm_merkle_init(&tree);
        for (size_t i = 0; i < n; i++)
            tm_merkle_add(&tree, tm_str_n((const char *)leaves[i].bytes, TM_HASH_LEN));
        root = tm_merkle_finish(&tree);
        assert_int_equal(tm_hash_cmp(&root, &expected), 0);
        if (n < TM_LEN(leaves))
            leaves[n] = tm_hash_of(tm_str_n((const char *)&n, sizeof(n)));
    }
}

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

static void assert_root(struct place *place, const struct tm_ledger_heads *batches, size_t n,
                        const struct tm_hash *leaves, size_t n_leaves)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_hash expected = tree_hash(leaves, n_leaves), root;

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
    assert_hex(&root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
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

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

TM_TESTS(cmocka_unit_test(roots_are_those_of_the_certificate_transparency_vectors),
         cmocka_unit_test(every_size_gives_the_root_of_the_definition),
         WITH_PLACE(the_leaves_of_one_freeze_are_the_first_of_the_next),
         WITH_PLACE(forked_heads_stay_in_the_batch_of_their_freeze),
         WITH_PLACE(a_head_that_is_gone_is_refused), WITH_PLACE(a_missing_ledger_has_the_root_of_nothing),
         WITH_PLACE(a_damaged_ledger_has_no_root))
