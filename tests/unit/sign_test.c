#include "test.h"

#include "base/secret.h"
#include "ext/sign.h"

/* RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc). */
static const struct {
    const char *secret, *public, *message, *signature;
} vectors[] = {
    {
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    },
    {
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    },
    {
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    },
    {
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        "454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
    },
};

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static size_t from_hex(const char *hex, unsigned char *bytes)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    return n;
}

static void the_vectors_of_the_rfc_are_made_and_verified(void **state)
{
    for (size_t i = 0; i < TM_LEN(vectors); i++) {
        unsigned char message[64], expected[TM_SIGN_LEN];
        size_t n = from_hex(vectors[i].message, message);
        struct tm_str text = tm_str_n((const char *)message, n);
        struct tm_sign_secret secret;
        struct tm_sign_public public, derived;
        struct tm_signature signature;

        assert_int_equal(from_hex(vectors[i].secret, secret.bytes), TM_SIGN_SECRET_LEN);
        assert_int_equal(from_hex(vectors[i].public, public.bytes), TM_SIGN_PUBLIC_LEN);
        assert_int_equal(from_hex(vectors[i].signature, expected), TM_SIGN_LEN);
        derived = tm_sign_public_of(&secret);
        assert_memory_equal(derived.bytes, public.bytes, TM_SIGN_PUBLIC_LEN);
        signature = tm_sign(&secret, text);
        assert_memory_equal(signature.bytes, expected, TM_SIGN_LEN);
        assert_true(tm_sign_verify(&public, text, &signature));
    }
}

static void any_changed_bit_is_refused(void **state)
{
    struct tm_sign_secret secret;
    struct tm_sign_public public;
    struct tm_signature signature;
    char text[] = "what was measured";

    tm_sign_generate(&secret);
    public = tm_sign_public_of(&secret);
    signature = tm_sign(&secret, tm_str(text));
    assert_true(tm_sign_verify(&public, tm_str(text), &signature));
    for (size_t bit = 0; bit < 8 * TM_SIGN_LEN; bit++) {
        struct tm_signature changed = signature;

        changed.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_false(tm_sign_verify(&public, tm_str(text), &changed));
    }
    for (size_t bit = 0; bit < 8 * TM_SIGN_PUBLIC_LEN; bit++) {
        struct tm_sign_public changed = public;

        changed.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_false(tm_sign_verify(&changed, tm_str(text), &signature));
    }
    text[0] = 'W';
    assert_false(tm_sign_verify(&public, tm_str(text), &signature));
}

static void no_two_secrets_are_the_same_and_a_wiped_one_is_zero(void **state)
{
    struct tm_sign_secret a, b, zero = { { 0 } };

    tm_sign_generate(&a);
    tm_sign_generate(&b);
    assert_memory_not_equal(a.bytes, b.bytes, TM_SIGN_SECRET_LEN);
    tm_secret_wipe(&a, sizeof(a));
    assert_memory_equal(a.bytes, zero.bytes, TM_SIGN_SECRET_LEN);
}

TM_TESTS(cmocka_unit_test(the_vectors_of_the_rfc_are_made_and_verified),
         cmocka_unit_test(any_changed_bit_is_refused),
         cmocka_unit_test(no_two_secrets_are_the_same_and_a_wiped_one_is_zero))
