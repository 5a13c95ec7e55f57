#include "test.h"

#include "base/base64.h"

/* The vectors of RFC 4648, section 10. */
static const struct {
    const char *bytes, *text;
} vectors[] = {
    { "", "" },
    { "f", "Zg==" },
    { "fo", "Zm8=" },
    { "foo", "Zm9v" },
    { "foob", "Zm9vYg==" },
    { "fooba", "Zm9vYmE=" },
    { "foobar", "Zm9vYmFy" },
};

static void the_vectors_of_the_rfc_go_both_ways(void **state)
{
    for (size_t i = 0; i < TM_LEN(vectors); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) back = TM_BUF_INIT;

        tm_base64_add(&out, vectors[i].bytes, strlen(vectors[i].bytes));
        assert_string_equal(out.data, vectors[i].text);
        assert_true(tm_base64_read(tm_buf_str(&out), &back));
        assert_string_equal(back.data, vectors[i].bytes);
    }
}

static void every_byte_value_and_length_comes_back(void **state)
{
    unsigned char bytes[256];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 37 + 11);
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) back = TM_BUF_INIT;

        tm_base64_add(&text, bytes, n);
        assert_int_equal(text.len, (n + 2) / 3 * 4);
        assert_true(tm_base64_read(tm_buf_str(&text), &back));
        assert_int_equal(back.len, n);
        assert_memory_equal(back.data, bytes, n);
    }
}

static void another_spelling_is_refused(void **state)
{
    static const char *const wrong[] = {
        "Z",    "Zg",   "Zg=",  "Zm8",  "====", "Z===", "=Zg=",  "Zg==Zg==", "Zm9v\n",
        "Zm 8", "Zm9-", "Zm9_", "Zh==", "Zm9=", "Zg=g", "Zm9vZ", "Zm9v====", "\xC3\xA4==",
    };

    for (size_t i = 0; i < TM_LEN(wrong); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_buf_adds(&out, "before");
        if (tm_base64_read(tm_str(wrong[i]), &out))
            fail_msg("taken: %s", wrong[i]);
        assert_int_equal(out.len, 0);
    }
}

TM_TESTS(cmocka_unit_test(the_vectors_of_the_rfc_go_both_ways),
         cmocka_unit_test(every_byte_value_and_length_comes_back),
         cmocka_unit_test(another_spelling_is_refused))
