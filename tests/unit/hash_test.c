#include <stdio.h>
#include <unistd.h>

#include "ext/hash.h"
#include "test.h"

static void assert_hex(struct tm_hash hash, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    tm_hash_add_hex(&hex, &hash);
    assert_string_equal(hex.data, expected);
}

/* FIPS 180-4 examples (one block, two blocks) and the digest of nothing. */
static const struct {
    const char *text, *digest;
} known[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void known_answers_come_out(void **state)
{
    for (size_t i = 0; i < TM_LEN(known); i++)
        assert_hex(tm_hash_of(tm_str(known[i].text)), known[i].digest);
}

static void one_hasher_serves_many_pieces(void **state)
{
    struct tm_hasher *hasher = tm_hasher_new();

    for (size_t i = 0; i < TM_LEN(known); i++) {
        size_t half = strlen(known[i].text) / 2;

        tm_hasher_add(hasher, tm_str_n(known[i].text, half));
        tm_hasher_add(hasher, tm_str(known[i].text + half));
        assert_hex(tm_hasher_finish(hasher), known[i].digest);
    }
    tm_hasher_free(hasher);
}

/* FIPS 180-4: one million times 'a', here from a file so that chunks meet. */
static void a_file_is_hashed_from_its_start(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    FILE *file = tmpfile();
    struct tm_hash hash;
    uint64_t size = 0;

    assert_non_null(file);
    for (int i = 0; i < 1000000; i++)
        fputc('a', file);
    assert_int_equal(fflush(file), 0);
    assert_ok(&err, tm_hash_fd(fileno(file), &hash, &size, &err));
    assert_int_equal(size, 1000000);
    assert_hex(hash, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    fclose(file);
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_hash hash;

    assert_fails(&err, TM_E_IO, tm_hash_fd(-1, &hash, NULL, &err));
}

static void only_64_lower_case_digits_are_read(void **state)
{
    struct tm_hash hash, again;
    char hex[TM_HASH_HEX + 1];

    memcpy(hex, known[1].digest, sizeof(hex));
    assert_true(tm_hash_parse(tm_str(hex), &hash));
    again = tm_hash_of(TM_STR("abc"));
    assert_int_equal(tm_hash_cmp(&hash, &again), 0);
    assert_false(tm_hash_parse(tm_str_n(hex, 63), &hash));
    assert_false(tm_hash_parse(tm_str_n(hex, 0), &hash));
    hex[0] = 'B';
    assert_false(tm_hash_parse(tm_str(hex), &hash));
    hex[0] = 'g';
    assert_false(tm_hash_parse(tm_str(hex), &hash));
}

static void digests_are_ordered_by_bytes(void **state)
{
    struct tm_hash a = { { 0 } }, b = { { 0 } };

    b.bytes[TM_HASH_LEN - 1] = 0x80;
    assert_true(tm_hash_cmp(&a, &b) < 0);
    a.bytes[0] = 0x80;
    assert_true(tm_hash_cmp(&a, &b) > 0);
}

static void random_digits_differ(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) a = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) b = TM_BUF_INIT;

    tm_random_add_hex(&a, 100);
    tm_random_add_hex(&b, 100);
    assert_int_equal(a.len, 200);
    assert_string_not_equal(a.data, b.data);
    assert_int_equal(strspn(a.data, "0123456789abcdef"), 200);
}

TM_TESTS(cmocka_unit_test(known_answers_come_out), cmocka_unit_test(one_hasher_serves_many_pieces),
         cmocka_unit_test(a_file_is_hashed_from_its_start),
         cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
         cmocka_unit_test(only_64_lower_case_digits_are_read), cmocka_unit_test(digests_are_ordered_by_bytes),
         cmocka_unit_test(random_digits_differ))
