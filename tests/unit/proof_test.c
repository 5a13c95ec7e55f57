#include "test.h"

#include "ledger/proof.h"
#include "ledger/spell.h"

#define LOG "00112233445566778899aabbccddeeff"

enum { LEAVES = 11 };

/* Entries of a ledger, whatever they say, and the hashes of their leaves. */
struct ledger {
    struct tm_buf lines[LEAVES];
    struct tm_hash leaves[LEAVES];
    struct tm_arena arena;
    struct tm_err err;
};

static int set_up(void **state)
{
    struct ledger *l = tm_alloc(sizeof(*l));

    l->err = TM_ERR_INIT;
    for (size_t i = 0; i < LEAVES; i++) {
        struct tm_hash prev = tm_hash_of(TM_STR("before"));
        struct tm_buf TM_CLEANUP(tm_buf_release) run = TM_BUF_INIT;
        struct tm_ledger_entry entry = {
            .log = TM_STR(LOG),
            .lc = i + 2,
            .prev = &prev,
            .n_prev = 1,
            .ts_s = 1795348800,
            .kind = TM_STR("coverage"),
            .module = TM_STR("identity"),
            .body = TM_STR("{\"evidence\":\"no_data\",\"dirty\":false}"),
        };
        struct tm_hash id;

        tm_buf_addf(&run, "ffeeddccbbaa99887766554433221100.%zu", i + 1);
        entry.run = tm_buf_str(&run);
        l->lines[i] = TM_BUF_INIT;
        tm_ledger_spell(&entry, &l->lines[i]);
        id = tm_hash_of(tm_buf_str(&l->lines[i]));
        l->leaves[i] = tm_merkle_leaf(tm_str_n((const char *)id.bytes, TM_HASH_LEN));
    }
    *state = l;
    return 0;
}

static int tear_down(void **state)
{
    struct ledger *l = *state;

    for (size_t i = 0; i < LEAVES; i++)
        tm_buf_release(&l->lines[i]);
    tm_arena_release(&l->arena);
    tm_err_release(&l->err);
    free(l);
    return 0;
}

static struct tm_proof_tree *new_tree(struct ledger *l, const char *name, size_t size)
{
    struct tm_proof_tree *tree = tm_arena_array(&l->arena, 2, sizeof(*tree));

    *tree = (struct tm_proof_tree) { .ledger = tm_str(name),
                                     .log = TM_STR(LOG),
                                     .size = size,
                                     .root = tm_merkle_root(l->leaves, size),
                                     .hashes = tm_arena_array(&l->arena, TM_MERKLE_PROOF_MAX,
                                                              sizeof(struct tm_hash)) };
    return tree;
}

static struct tm_proof inclusion(struct ledger *l, size_t size, size_t index)
{
    struct tm_proof_tree *tree = new_tree(l, "coverage", size);
    struct tm_proof proof = { .kind = TM_PROOF_INCLUSION,
                              .freeze = TM_STR("v\"1"),
                              .entry = tm_buf_str(&l->lines[index]),
                              .trees = tree,
                              .n_trees = 1 };

    tree->index = index;
    tree->n_hashes = tm_merkle_inclusion(l->leaves, size, index, (struct tm_hash *)tree->hashes);
    tm_proof_seal(&proof);
    return proof;
}

static void add_consistency(struct ledger *l, struct tm_proof_tree *tree, size_t old_size)
{
    tree->old_size = old_size;
    tree->old_root = tm_merkle_root(l->leaves, old_size);
    tree->n_hashes =
        tm_merkle_consistency(l->leaves, (size_t)tree->size, old_size, (struct tm_hash *)tree->hashes);
}

/* Ledger "bench", which the older freeze did not have, and "coverage". */
static struct tm_proof consistency(struct ledger *l, size_t size, size_t old_size)
{
    struct tm_proof_tree *trees = new_tree(l, "bench", 3);
    struct tm_proof proof = { .kind = TM_PROOF_CONSISTENCY,
                              .old_freeze = TM_STR("v0"),
                              .freeze = TM_STR("v1"),
                              .trees = trees,
                              .n_trees = 2 };

    trees[1] = *new_tree(l, "coverage", size);
    add_consistency(l, &trees[0], 0);
    add_consistency(l, &trees[1], old_size);
    tm_proof_seal(&proof);
    return proof;
}

static enum tm_code parse(struct ledger *l, const struct tm_buf *text, struct tm_proof *proof)
{
    tm_err_release(&l->err);
    return tm_proof_parse(proof, &l->arena, "proof", tm_buf_str(text), &l->err);
}

static enum tm_code check(struct ledger *l, const struct tm_proof *proof)
{
    struct tm_proof_roots any = { NULL, 0 };

    tm_err_release(&l->err);
    return tm_proof_check(proof, any, any, &l->err);
}

static void assert_comes_back(struct ledger *l, const struct tm_proof *proof)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
    struct tm_proof read;

    tm_proof_spell(proof, &text);
    assert_ok(&l->err, parse(l, &text, &read));
    tm_proof_spell(&read, &again);
    assert_string_equal(again.data, text.data);
    assert_ok(&l->err, check(l, &read));
}

static void every_proof_is_read_back_and_holds(void **state)
{
    struct ledger *l = *state;

    for (size_t size = 1; size <= LEAVES; size++) {
        for (size_t i = 0; i <= size; i++) {
            struct tm_proof two = consistency(l, size, i);

            assert_comes_back(l, &two);
            if (i < size) {
                struct tm_proof one = inclusion(l, size, i);

                assert_comes_back(l, &one);
            }
        }
    }
}

static void the_format_is_that_of_its_page(void **state)
{
    struct ledger *l = *state;
    struct tm_proof proof = inclusion(l, 1, 0);
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_hash digest;

    tm_proof_spell(&proof, &text);
    tm_buf_adds(&expected, "{\n  \"format\": \"tidemark-proof/1\",\n  \"kind\": \"inclusion\",\n"
                           "  \"freeze\": \"v\\\"1\",\n  \"ledger\": \"coverage\",\n  \"log\": \"" LOG "\",\n"
                           "  \"size\": 1,\n  \"root\": \"");
    tm_hash_add_hex(&expected, &l->leaves[0]);
    tm_buf_adds(&expected, "\",\n  \"index\": 0,\n  \"hashes\": [],\n  \"entry\": ");
    tm_buf_addc(&expected, '"');
    for (const char *c = l->lines[0].data; *c; c++)
        tm_buf_addf(&expected, *c == '"' ? "\\%c" : "%c", *c);
    tm_buf_adds(&expected, "\",\n");
    digest = tm_hash_of(tm_buf_str(&expected));
    tm_buf_adds(&expected, "  \"sha256\": \"");
    tm_hash_add_hex(&expected, &digest);
    tm_buf_adds(&expected, "\"\n}\n");
    assert_string_equal(text.data, expected.data);
}

/* Whatever was meant, a file with one other bit is refused. */
static void assert_each_bit_counts(struct ledger *l, const struct tm_proof *proof)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_proof_spell(proof, &text);
    for (size_t bit = 0; bit < 8 * text.len; bit++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_proof_roots any = { NULL, 0 };
        struct tm_proof read;
        enum tm_code code;

        text.data[bit / 8] ^= (char)(1 << bit % 8);
        code = tm_proof_parse(&read, &arena, "proof", tm_buf_str(&text), &err);
        if (!code) {
            code = tm_proof_check(&read, any, any, &err);
            assert_true(!code || code == TM_E_NO);
        }
        if (!code)
            fail_msg("bit %zu of byte %zu does not count", bit % 8, bit / 8);
        text.data[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static void every_changed_bit_of_a_proof_is_refused(void **state)
{
    struct ledger *l = *state;
    struct tm_proof one = inclusion(l, 7, 2), two = consistency(l, 7, 3);

    assert_each_bit_counts(l, &one);
    assert_each_bit_counts(l, &two);
}

static void a_proof_of_something_else_does_not_hold(void **state)
{
    struct ledger *l = *state;
    struct tm_proof proof = inclusion(l, 7, 2);

    proof.entry = tm_buf_str(&l->lines[3]);
    tm_proof_seal(&proof);
    assert_fails(&l->err, TM_E_NO, check(l, &proof));
    assert_string_equal(l->err.msg, "the hashes do not lead from the entry to the root");

    proof = inclusion(l, 7, 2);
    proof.trees->log = TM_STR("00112233445566778899aabbccddeef0");
    tm_proof_seal(&proof);
    assert_fails(&l->err, TM_E_NO, check(l, &proof));
    assert_string_equal(l->err.msg, "the entry is not of the ledger that the proof is about");

    proof = consistency(l, 7, 3);
    proof.trees[1].old_root = tm_merkle_root(l->leaves, 4);
    tm_proof_seal(&proof);
    assert_fails(&l->err, TM_E_NO, check(l, &proof));
    assert_string_equal(l->err.msg,
                        "the hashes do not lead from the old root of ledger 'coverage' to the new one");

    proof = inclusion(l, 7, 2);
    proof.freeze = TM_STR("v2");
    assert_fails(&l->err, TM_E_NO, check(l, &proof));
    assert_string_equal(l->err.msg, "the proof was changed since it was made: its sha256 is another");
}

static void roots_that_are_insisted_on_must_be_exactly_those(void **state)
{
    struct ledger *l = *state;
    struct tm_proof proof = consistency(l, 7, 3);
    struct tm_hash roots[] = { tm_merkle_root(l->leaves, 7), tm_merkle_root(l->leaves, 3),
                               tm_merkle_root(l->leaves, 5) };
    struct tm_proof_roots any = { NULL, 0 }, both = { roots, 2 }, one = { roots, 1 }, more = { roots, 3 };
    struct tm_proof_roots old = { &roots[1], 1 }, other = { &roots[2], 1 };

    /* bench has 3 leaves, of the same entries, and coverage 7; the older freeze had 3 of coverage. */
    assert_ok(&l->err, tm_proof_check(&proof, both, old, &l->err));
    assert_ok(&l->err, tm_proof_check(&proof, any, old, &l->err));
    assert_fails(&l->err, TM_E_NO, tm_proof_check(&proof, one, any, &l->err));
    assert_string_equal(l->err.msg, "the root of ledger 'bench' is not one of those given");
    assert_fails(&l->err, TM_E_NO, tm_proof_check(&proof, more, any, &l->err));
    assert_non_null(strstr(l->err.msg, "no ledger of the proof has the root '"));
    assert_fails(&l->err, TM_E_NO, tm_proof_check(&proof, any, other, &l->err));
    assert_string_equal(l->err.msg, "the old root of ledger 'coverage' is not one of those given");
    /* That the older freeze had nothing cannot be claimed by one who knows better. */
    proof = consistency(l, 7, 0);
    assert_fails(&l->err, TM_E_NO, tm_proof_check(&proof, any, old, &l->err));
    assert_non_null(strstr(l->err.msg, "no ledger of the proof has the old root '"));
    proof = inclusion(l, 7, 2);
    assert_ok(&l->err, tm_proof_check(&proof, one, any, &l->err));
    assert_fails(&l->err, TM_E_NO, tm_proof_check(&proof, old, any, &l->err));
    assert_fails(&l->err, TM_E_NO, tm_proof_check(&proof, one, old, &l->err));
}

/* Replaces the first `from` of a proof's text; the digest is then wrong, which only the check would say. */
static void assert_unreadable(struct ledger *l, const struct tm_proof *proof, const char *from,
                              const char *to, const char *message)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_proof read;
    char *at;

    tm_proof_spell(proof, &text);
    at = strstr(text.data, from);
    assert_non_null(at);
    tm_buf_splice(&text, (size_t)(at - text.data), strlen(from), tm_str(to));
    assert_fails(&l->err, TM_E_FORMAT, parse(l, &text, &read));
    if (!strstr(l->err.msg, message))
        fail_msg("'%s' is not in: %s", message, l->err.msg);
}

static void what_is_not_spelled_as_a_proof_is_unreadable(void **state)
{
    struct ledger *l = *state;
    struct tm_proof one = inclusion(l, 7, 2), two = consistency(l, 7, 3);

    assert_unreadable(l, &one, "  \"format\"", "\t\"format\"",
                      "not spelled as a proof is, from line 2, column 1");
    assert_unreadable(l, &one, "proof/1", "proof/2", "proofs of format 'tidemark-proof/2' cannot be read");
    assert_unreadable(l, &one, "\"format\": \"tidemark-proof/1\",\n", "", "'format' is missing");
    assert_unreadable(l, &one, "inclusion", "exclusion", "'kind' is not what a proof has there");
    assert_unreadable(l, &one, "\"index\"", "\"more\": 1,\n  \"index\"", "not spelled as a proof is");
    assert_unreadable(l, &one, "\"index\": 2", "\"index\": 2.0", "'index' is not what");
    assert_unreadable(l, &one, "\"index\": 2", "\"index\": 9007199254740992", "'index' is not what");
    assert_unreadable(l, &one, "\"size\": 7", "\"size\": 0", "'size' is not what");
    assert_unreadable(l, &one, "\"size\": 7", "\"size\": \"7\"", "'size' is not what");
    assert_unreadable(l, &one, "\"coverage\"", "\"../coverage\"", "'ledger' is not what");
    assert_unreadable(l, &one, LOG, "00112233445566778899AABBCCDDEEFF", "'log' is not what");
    assert_unreadable(l, &one, "\"hashes\": [", "\"hashes\": [\"0\", ",
                      "'hashes' are of 64 hexadecimal digits");
    assert_unreadable(l, &one, "{\\\"v\\\":1,", "{\\\"v\\\":2,", "'entry' is none of a ledger");
    assert_unreadable(l, &one, "\"v\\\"1\"", "\"\"", "'freeze' is not what");
    assert_unreadable(l, &one, "\"v\\\"1\"", "\"v\\u00221\"", "not spelled as a proof is");
    assert_unreadable(l, &one, "\"sha256\": \"", "\"sha256\": \"0", "'sha256' is not what");
    assert_unreadable(l, &one, "\n}\n", "\n}", "not spelled as a proof is");
    assert_unreadable(l, &two, "\"ledger\": \"bench\"", "\"ledger\": \"doverage\"",
                      "in the order of their names");
    assert_unreadable(l, &two, "\"ledger\": \"bench\"", "\"ledger\": \"coverage\"",
                      "in the order of their names");
    assert_unreadable(l, &two, "\"old_freeze\": \"v0\",\n", "", "'old_freeze' is missing");
    assert_unreadable(l, &two, "\"old_size\"", "\"older_size\"", "'old_size' is missing");
}

static void limits_are_kept(void **state)
{
    struct ledger *l = *state;
    struct tm_proof proof = inclusion(l, 1, 0), read;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    char tag[TM_PROOF_TAG_MAX + 2];

    memset(tag, 't', sizeof(tag));
    proof.freeze = tm_str_n(tag, TM_PROOF_TAG_MAX);
    tm_proof_seal(&proof);
    assert_comes_back(l, &proof);
    proof.freeze = tm_str_n(tag, TM_PROOF_TAG_MAX + 1);
    tm_proof_seal(&proof);
    tm_proof_spell(&proof, &text);
    assert_fails(&l->err, TM_E_FORMAT, parse(l, &text, &read));

    proof = inclusion(l, 1, 0);
    proof.trees->hashes = tm_arena_array(&l->arena, TM_MERKLE_PROOF_MAX + 1, sizeof(struct tm_hash));
    proof.trees->n_hashes = TM_MERKLE_PROOF_MAX;
    tm_proof_seal(&proof);
    tm_proof_spell(&proof, &text);
    assert_ok(&l->err, parse(l, &text, &read));
    assert_fails(&l->err, TM_E_NO, check(l, &read));
    proof.trees->n_hashes++;
    tm_proof_spell(&proof, &text);
    assert_fails(&l->err, TM_E_LIMIT, parse(l, &text, &read));

    tm_buf_clear(&text);
    while (text.len <= TM_PROOF_MAX)
        tm_buf_addc(&text, ' ');
    assert_fails(&l->err, TM_E_LIMIT, parse(l, &text, &read));
    tm_buf_truncate(&text, TM_PROOF_MAX);
    assert_fails(&l->err, TM_E_FORMAT, parse(l, &text, &read));
}

static void more_ledgers_than_the_limit_are_refused(void **state)
{
    struct ledger *l = *state;
    struct tm_proof proof = consistency(l, 7, 3), read;
    struct tm_proof_tree *trees = tm_arena_array(&l->arena, TM_PROOF_TREES_MAX + 1, sizeof(*trees));
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    for (size_t i = 0; i <= TM_PROOF_TREES_MAX; i++) {
        char name[8];

        snprintf(name, sizeof(name), "l%03zu", i);
        trees[i] = proof.trees[1];
        trees[i].ledger = tm_arena_str(&l->arena, tm_str(name));
    }
    proof.trees = trees;
    proof.n_trees = TM_PROOF_TREES_MAX;
    tm_proof_seal(&proof);
    assert_comes_back(l, &proof);
    proof.n_trees++;
    tm_proof_spell(&proof, &text);
    assert_fails(&l->err, TM_E_LIMIT, parse(l, &text, &read));
}

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TM_TESTS(LEDGER_TEST(every_proof_is_read_back_and_holds), LEDGER_TEST(the_format_is_that_of_its_page),
         LEDGER_TEST(every_changed_bit_of_a_proof_is_refused),
         LEDGER_TEST(a_proof_of_something_else_does_not_hold),
         LEDGER_TEST(roots_that_are_insisted_on_must_be_exactly_those),
         LEDGER_TEST(what_is_not_spelled_as_a_proof_is_unreadable), LEDGER_TEST(limits_are_kept),
         LEDGER_TEST(more_ledgers_than_the_limit_are_refused))
