#include "merkle_naive.h"

#include "ledger/merkle.h"

enum { SIZES = 70 };

/* The eight leaves that implementations of RFC 6962 test with. */
static const struct tm_str ct_leaves[] = {
    TM_STR(""),
    TM_STR("\x00"),
    TM_STR("\x10"),
    TM_STR("\x20\x21"),
    TM_STR("\x30\x31"),
    TM_STR("\x40\x41\x42\x43"),
    TM_STR("\x50\x51\x52\x53\x54\x55\x56\x57"),
    TM_STR("\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"),
};

/* Their roots; 0 is SHA-256(""). */
static void roots_are_those_of_the_certificate_transparency_vectors(void **state)
{
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
            tm_merkle_add(&tree, ct_leaves[k]);
        root = tm_merkle_finish(&tree);
        assert_hash(&root, cases[i].root);
    }
}

/* Proofs between those two published roots: they hold by the vectors alone, whatever made them. */
static void proofs_hold_under_the_published_roots(void **state)
{
    struct tm_hash leaves[TM_LEN(ct_leaves)], proof[TM_MERKLE_PROOF_MAX], six, eight;
    size_t n;

    assert_true(
        tm_hash_parse(TM_STR("76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"), &six));
    assert_true(
        tm_hash_parse(TM_STR("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"), &eight));
    for (size_t i = 0; i < TM_LEN(ct_leaves); i++)
        leaves[i] = tm_merkle_leaf(ct_leaves[i]);
    for (size_t i = 0; i < TM_LEN(ct_leaves); i++) {
        n = tm_merkle_inclusion(leaves, 8, i, proof);
        assert_int_equal(n, 3);
        assert_true(tm_merkle_includes(&eight, 8, i, &leaves[i], proof, n));
        assert_false(tm_merkle_includes(&six, 8, i, &leaves[i], proof, n));
    }
    n = tm_merkle_consistency(leaves, 8, 6, proof);
    assert_int_equal(n, 3);
    assert_true(tm_merkle_extends(&eight, 8, &six, 6, proof, n));
    assert_false(tm_merkle_extends(&six, 8, &eight, 6, proof, n));
}

static void fill(struct tm_hash *leaves, size_t n)
{
    for (size_t i = 0; i < n; i++)
        leaves[i] = tm_merkle_leaf(tm_str_n((const char *)&i, sizeof(i)));
}

static void every_size_gives_the_root_of_the_definition(void **state)
{
    struct tm_hash leaves[2 * SIZES];

    fill(leaves, TM_LEN(leaves));
    for (size_t n = 0; n <= TM_LEN(leaves); n++) {
        struct tm_hash expected = naive_root(leaves, n), root = tm_merkle_root(leaves, n);

        assert_memory_equal(root.bytes, expected.bytes, TM_HASH_LEN);
    }
}

static void a_leaf_is_hashed_as_the_definition_says(void **state)
{
    struct tm_hash expected = naive_leaf(TM_STR("leaf")), leaf = tm_merkle_leaf(TM_STR("leaf"));

    assert_memory_equal(leaf.bytes, expected.bytes, TM_HASH_LEN);
}

static void inclusion_is_proved_as_defined_for_every_leaf_of_every_size(void **state)
{
    struct tm_hash leaves[SIZES], proof[TM_MERKLE_PROOF_MAX], expected[TM_MERKLE_PROOF_MAX];

    fill(leaves, SIZES);
    for (size_t n = 1; n <= SIZES; n++) {
        struct tm_hash root = naive_root(leaves, n);

        for (size_t i = 0; i < n; i++) {
            size_t count = tm_merkle_inclusion(leaves, n, i, proof);

            assert_int_equal(count, naive_path(i, leaves, n, expected));
            assert_memory_equal(proof, expected, count * sizeof(*proof));
            assert_true(tm_merkle_includes(&root, n, i, &leaves[i], proof, count));
            assert_false(tm_merkle_includes(&root, n, n, &leaves[i], proof, count));
            assert_false(tm_merkle_includes(&root, n, i, &leaves[(i + 1) % SIZES], proof, count));
            assert_false(tm_merkle_includes(&root, n, i, &leaves[i], proof, count + 1));
            assert_false(count && tm_merkle_includes(&root, n, i, &leaves[i], proof, count - 1));
            for (size_t other = 0; other < n; other++)
                assert_false(other != i && tm_merkle_includes(&root, n, other, &leaves[i], proof, count));
        }
    }
}

static void consistency_is_proved_as_defined_between_any_two_sizes(void **state)
{
    struct tm_hash leaves[SIZES], proof[TM_MERKLE_PROOF_MAX], expected[TM_MERKLE_PROOF_MAX];

    fill(leaves, SIZES);
    for (size_t n = 0; n <= SIZES; n++) {
        struct tm_hash root = naive_root(leaves, n);

        for (size_t m = 0; m <= n; m++) {
            struct tm_hash old = naive_root(leaves, m);
            size_t count = tm_merkle_consistency(leaves, n, m, proof);

            /* PROOF is defined for 0 < m < n; the empty tree and the same one need none. */
            assert_int_equal(count, m ? naive_subproof(m, leaves, n, true, expected) : 0);
            assert_memory_equal(proof, expected, count * sizeof(*proof));
            assert_true(tm_merkle_extends(&root, n, &old, m, proof, count));
            assert_false(m < n && tm_merkle_extends(&old, n, &root, m, proof, count));
            assert_false(m < n && tm_merkle_extends(&old, m, &root, n, proof, count));
            assert_false(tm_merkle_extends(&root, n, &old, m, proof, count + 1));
            assert_false(count && tm_merkle_extends(&root, n, &old, m, proof, count - 1));
        }
    }
}

/* Changes each bit of n hashes in turn; none may hold. */
static void assert_each_bit_counts(struct tm_hash *hashes, size_t n, bool (*holds)(void *), void *ctx)
{
    for (size_t bit = 0; bit < n * TM_HASH_LEN * 8; bit++) {
        unsigned char *byte = &hashes[bit / (TM_HASH_LEN * 8)].bytes[bit / 8 % TM_HASH_LEN];

        *byte ^= (unsigned char)(1 << bit % 8);
        assert_false(holds(ctx));
        *byte ^= (unsigned char)(1 << bit % 8);
    }
    assert_true(holds(ctx));
}

struct claim {
    struct tm_hash root, other, proof[TM_MERKLE_PROOF_MAX];
    size_t size, n, count;
};

static bool included(void *ctx)
{
    const struct claim *c = ctx;

    return tm_merkle_includes(&c->root, c->size, c->n, &c->other, c->proof, c->count);
}

static bool extended(void *ctx)
{
    const struct claim *c = ctx;

    return tm_merkle_extends(&c->root, c->size, &c->other, c->n, c->proof, c->count);
}

static void every_changed_bit_of_an_inclusion_proof_is_refused(void **state)
{
    struct tm_hash leaves[13];

    fill(leaves, TM_LEN(leaves));
    for (size_t n = 1; n <= TM_LEN(leaves); n++) {
        for (size_t i = 0; i < n; i++) {
            struct claim c = { .root = naive_root(leaves, n), .other = leaves[i], .size = n, .n = i };

            c.count = tm_merkle_inclusion(leaves, n, i, c.proof);
            assert_each_bit_counts(&c.root, 1, included, &c);
            assert_each_bit_counts(&c.other, 1, included, &c);
            assert_each_bit_counts(c.proof, c.count, included, &c);
        }
    }
}

static void every_changed_bit_of_a_consistency_proof_is_refused(void **state)
{
    struct tm_hash leaves[13];

    fill(leaves, TM_LEN(leaves));
    for (size_t n = 0; n <= TM_LEN(leaves); n++) {
        for (size_t m = 0; m <= n; m++) {
            struct claim c = {
                .root = naive_root(leaves, n), .other = naive_root(leaves, m), .size = n, .n = m
            };

            c.count = tm_merkle_consistency(leaves, n, m, c.proof);
            /* The empty tree is the beginning of any: of the new root the proof then says nothing. */
            if (m)
                assert_each_bit_counts(&c.root, 1, extended, &c);
            assert_each_bit_counts(&c.other, 1, extended, &c);
            assert_each_bit_counts(c.proof, c.count, extended, &c);
        }
    }
}

static void sizes_at_the_ends_of_their_type_are_judged(void **state)
{
    struct tm_hash leaf = tm_merkle_leaf(TM_STR("a")), proof[TM_MERKLE_PROOF_MAX] = { { { 0 } } };

    assert_false(tm_merkle_includes(&leaf, 0, 0, &leaf, proof, 0));
    assert_false(tm_merkle_includes(&leaf, UINT64_MAX, UINT64_MAX, &leaf, proof, 0));
    assert_false(tm_merkle_includes(&leaf, UINT64_MAX, UINT64_MAX - 1, &leaf, proof, TM_MERKLE_PROOF_MAX));
    assert_false(tm_merkle_extends(&leaf, UINT64_MAX, &leaf, UINT64_MAX - 1, proof, TM_MERKLE_PROOF_MAX));
    assert_false(tm_merkle_extends(&leaf, 0, &leaf, 0, proof, 0));
    assert_false(tm_merkle_extends(&leaf, 1, &leaf, 2, proof, 0));
    assert_true(tm_merkle_extends(&leaf, UINT64_MAX, &leaf, UINT64_MAX, proof, 0));
}

TM_TESTS(cmocka_unit_test(roots_are_those_of_the_certificate_transparency_vectors),
         cmocka_unit_test(proofs_hold_under_the_published_roots),
         cmocka_unit_test(every_size_gives_the_root_of_the_definition),
         cmocka_unit_test(a_leaf_is_hashed_as_the_definition_says),
         cmocka_unit_test(inclusion_is_proved_as_defined_for_every_leaf_of_every_size),
         cmocka_unit_test(consistency_is_proved_as_defined_between_any_two_sizes),
         cmocka_unit_test(every_changed_bit_of_an_inclusion_proof_is_refused),
         cmocka_unit_test(every_changed_bit_of_a_consistency_proof_is_refused),
         cmocka_unit_test(sizes_at_the_ends_of_their_type_are_judged))
