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

static void whole_numbers_are_written_as_printf_does(void **state)
{
    static const uint64_t values[] = { 0, 9, 10, 99, 100, 1234567890, UINT32_MAX, INT64_MAX, UINT64_MAX };

    for (size_t i = 0; i < TM_LEN(values); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) ours = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) theirs = TM_BUF_INIT;

        tm_buf_add_u64(&ours, values[i]);
        tm_buf_addf(&theirs, "%llu", (unsigned long long)values[i]);
        assert_string_equal(ours.data, theirs.data);
    }
}

static void every_length_grows_into_the_same_text(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) one = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) all = TM_BUF_INIT;

    for (size_t i = 0; i < 300; i++) {
        char c = (char)('a' + i % 26);

        tm_buf_addc(&one, c);
        tm_buf_add(&all, &c, 1);
        assert_string_equal(one.data, all.data);
        assert_int_equal(one.len, i + 1);
        assert_true(one.cap > one.len);
    }
}

TM_TESTS(cmocka_unit_test(an_empty_buffer_is_a_string),
         cmocka_unit_test(escaping_leaves_no_control_character),
         cmocka_unit_test(splice_replaces_in_the_middle),
         cmocka_unit_test(whole_numbers_are_written_as_printf_does),
         cmocka_unit_test(every_length_grows_into_the_same_text))
