#include "test.h"

static void an_empty_buffer_is_a_string(void **state)
{
    struct tm_buf buf = TM_BUF_INIT;

    assert_string_equal(buf.data, "");
    tm_buf_addf(&buf, "%0100d", 7);
    assert_int_equal(buf.len, 100);
    assert_int_equal(buf.data[100], '\0');
    tm_buf_release(&buf);
    assert_string_equal(buf.data, "");
}

static void escaping_leaves_no_control_character(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "plain", "plain" },
        { "a\nb\tc\r", "a\\nb\\tc\\r" },
        { "\033[31m", "\\x1b[31m" },
        { "\x7f", "\\x7f" },
        { "\xc2\x9b"
          "5n",
          "\\xc2\\x9b5n" }, /* C1 CSI */
        { "\xff\xfe", "\\xff\\xfe" },
        { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;

        tm_buf_add_escaped(&buf, tm_str(cases[i].in));
        assert_string_equal(buf.data, cases[i].out);
    }
}

static void splice_replaces_in_the_middle(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;

    tm_buf_adds(&buf, "0123456789");
    tm_buf_splice(&buf, 2, 3, TM_STR("abcdef"));
    assert_string_equal(buf.data, "01abcdef56789");
    tm_buf_splice(&buf, 0, 8, TM_STR(""));
    assert_string_equal(buf.data, "56789");
}

TM_TESTS(cmocka_unit_test(an_empty_buffer_is_a_string),
         cmocka_unit_test(escaping_leaves_no_control_character),
         cmocka_unit_test(splice_replaces_in_the_middle))
