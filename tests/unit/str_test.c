#include "test.h"

#include "base/buf.h"
#include "base/str.h"

static void comparing_is_by_bytes_shorter_first(void **state)
{
    static const struct {
        struct tm_str a, b;
        int order;
    } cases[] = {
        { { "", 0 }, { NULL, 0 }, 0 },        { { "a", 1 }, { "a", 1 }, 0 },
        { { "a", 1 }, { "b", 1 }, -1 },       { { "a", 1 }, { "aa", 2 }, -1 },
        { { "", 0 }, { "a", 1 }, -1 },        { { "B", 1 }, { "a", 1 }, -1 },
        { { "\x7f", 1 }, { "\x80", 1 }, -1 }, { { "a\0", 2 }, { "a\0b", 3 }, -1 },
        { { "a", 1 }, { "a\0", 2 }, -1 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        int forth = tm_str_cmp(cases[i].a, cases[i].b), back = tm_str_cmp(cases[i].b, cases[i].a);

        assert_int_equal((forth > 0) - (forth < 0), cases[i].order);
        assert_int_equal((back > 0) - (back < 0), -cases[i].order);
        assert_int_equal(tm_str_eq(cases[i].a, cases[i].b), cases[i].order == 0);
    }
}

static void a_missing_string_is_the_empty_one(void **state)
{
    struct tm_str none = tm_str(NULL);

    assert_int_equal(none.len, 0);
    assert_true(tm_str_is(none, ""));
    assert_int_equal(tm_str_trim(none).len, 0);
    assert_int_equal(tm_str_from(none, 0).len, 0);
    assert_true(tm_str_find(none, 'x') == SIZE_MAX && tm_str_rfind(none, 'x') == SIZE_MAX);
    assert_true(tm_str_is_utf8(none));
    assert_int_equal(tm_str_utf8_len(none), 0);
}

static void beginnings_and_ends_are_recognised(void **state)
{
    struct tm_str s = TM_STR("a.json");

    assert_true(tm_str_has_prefix(s, TM_STR("a.")) && tm_str_has_prefix(s, TM_STR("")) &&
                tm_str_has_prefix(s, s));
    assert_true(tm_str_has_suffix(s, TM_STR(".json")) && tm_str_has_suffix(s, TM_STR("")) &&
                tm_str_has_suffix(s, s));
    assert_false(tm_str_has_prefix(s, TM_STR("b")) || tm_str_has_prefix(s, TM_STR("a.jsonl")));
    assert_false(tm_str_has_suffix(s, TM_STR("jso")) || tm_str_has_suffix(s, TM_STR("aa.json")));
}

static void characters_are_found_from_both_sides(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) many = TM_BUF_INIT;
    struct tm_str s = TM_STR("a/b/c");

    assert_int_equal(tm_str_find(s, '/'), 1);
    assert_int_equal(tm_str_rfind(s, '/'), 3);
    assert_int_equal(tm_str_find(s, 'a'), 0);
    assert_int_equal(tm_str_rfind(s, 'c'), 4);
    assert_int_equal(tm_str_count(s, '/'), 2);
    assert_int_equal(tm_str_count(TM_STR(""), '/'), 0);
    /* More than a byte holds. */
    for (size_t i = 0; i < 2000; i++)
        tm_buf_addc(&many, "ab/"[i % 3]);
    for (size_t n = 0; n <= 2000; n++)
        assert_int_equal(tm_str_count(tm_str_n(many.data, n), 'b'), (n + 1) / 3);
    assert_true(tm_str_find(s, 'x') == SIZE_MAX && tm_str_rfind(s, '\0') == SIZE_MAX);
}

static void trimming_takes_ascii_white_space_only(void **state)
{
    assert_true(tm_str_is(tm_str_trim(TM_STR(" \t\r\n\v\fa b\n ")), "a b"));
    assert_true(tm_str_is(tm_str_trim(TM_STR("\xc2\xa0x")), "\xc2\xa0x"));
    assert_true(tm_str_is(tm_str_trim(TM_STR(" \n ")), ""));
}

static void splitting_gives_every_part_once(void **state)
{
    static const struct {
        const char *in, *parts;
    } cases[] = {
        { "", "[]" }, { "a", "[a]" }, { ",", "[][]" }, { "a,b", "[a][b]" }, { "a,,b,", "[a][][b][]" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
        struct tm_str rest = tm_str(cases[i].in), part;

        while (tm_str_split(&rest, ',', &part))
            tm_buf_addf(&got, "[%.*s]", TM_STR_ARG(part));
        assert_string_equal(got.data, cases[i].parts);
        assert_false(tm_str_split(&rest, ',', &part));
    }
}

static void unsigned_numbers_are_read_up_to_the_last_one(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        uint64_t value;
    } cases[] = {
        { "0", true, 0 },
        { "007", true, 7 },
        { "18446744073709551615", true, UINT64_MAX },
        { "18446744073709551616", false, 0 },
        { "99999999999999999999999", false, 0 },
        { "", false, 0 },
        { "-1", false, 0 },
        { "+1", false, 0 },
        { " 1", false, 0 },
        { "1 ", false, 0 },
        { "1.0", false, 0 },
        { "0x1", false, 0 },
        { "\xd9\xa1", false, 0 }, /* a digit, but none of ours */
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        uint64_t value = 42;

        assert_int_equal(tm_str_u64(tm_str(cases[i].in), &value), cases[i].ok);
        assert_true(value == (cases[i].ok ? cases[i].value : 42));
    }
    assert_false(tm_str_u64(tm_str_n("1\0", 2), &(uint64_t) { 0 }));
}

static void signed_numbers_are_read_to_both_ends(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        int64_t value;
    } cases[] = {
        { "0", true, 0 },
        { "-0", true, 0 },
        { "9223372036854775807", true, INT64_MAX },
        { "9223372036854775808", false, 0 },
        { "-9223372036854775808", true, INT64_MIN },
        { "-9223372036854775809", false, 0 },
        { "18446744073709551615", false, 0 },
        { "-", false, 0 },
        { "--1", false, 0 },
        { "+1", false, 0 },
        { "", false, 0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        int64_t value = 42;

        assert_int_equal(tm_str_i64(tm_str(cases[i].in), &value), cases[i].ok);
        assert_true(value == (cases[i].ok ? cases[i].value : 42));
    }
}

/* Encodes any number as RFC 3629 would, also those it forbids. */
static size_t encode(uint32_t u, size_t n, char out[4])
{
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };

    for (size_t i = n; i-- > 1; u >>= 6)
        out[i] = (char)(0x80 | (u & 0x3F));
    out[0] = (char)(lead[n] | u);
    return n;
}

static size_t shortest(uint32_t u)
{
    return u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
}

static void hexadecimal_digits_are_lower_case_and_counted(void **state)
{
    assert_true(tm_str_is_hex(TM_STR(""), 0));
    assert_true(tm_str_is_hex(TM_STR("0123456789abcdef"), 16));
    assert_false(tm_str_is_hex(TM_STR("0123456789abcdef"), 15));
    assert_false(tm_str_is_hex(TM_STR("0123456789abcdef"), 17));
    assert_false(tm_str_is_hex(TM_STR("aB"), 2));
    assert_false(tm_str_is_hex(TM_STR("ag"), 2));
    assert_false(tm_str_is_hex(tm_str_n("a\0", 2), 2));
}

static void every_character_is_utf8_in_its_shortest_form_only(void **state)
{
    for (uint32_t u = 0; u < 0x200000; u++) {
        bool is_character = u <= 0x10FFFF && (u < 0xD800 || u > 0xDFFF);

        for (size_t n = shortest(u); n <= 4; n++) {
            char bytes[4];
            bool valid = is_character && n == shortest(u);

            encode(u, n, bytes);
            if (tm_str_utf8_len(tm_str_n(bytes, n)) != (valid ? n : 0))
                fail_msg("U+%04X in %zu bytes", u, n);
            if (n > 1 && tm_str_utf8_len(tm_str_n(bytes, n - 1)) != 0)
                fail_msg("U+%04X cut to %zu bytes", u, n - 1);
        }
    }
}

static void text_is_utf8_as_a_whole(void **state)
{
    assert_true(tm_str_is_utf8(TM_STR("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x8c\x8a")));
    assert_true(tm_str_is_utf8(TM_STR("nul \0 is a character")));
    assert_false(tm_str_is_utf8(TM_STR("abc\xc3")));
    assert_false(tm_str_is_utf8(TM_STR("\xc3(")));
    assert_false(tm_str_is_utf8(TM_STR("a\x80")));
}

TM_TESTS(cmocka_unit_test(comparing_is_by_bytes_shorter_first),
         cmocka_unit_test(a_missing_string_is_the_empty_one),
         cmocka_unit_test(beginnings_and_ends_are_recognised),
         cmocka_unit_test(characters_are_found_from_both_sides),
         cmocka_unit_test(trimming_takes_ascii_white_space_only),
         cmocka_unit_test(splitting_gives_every_part_once),
         cmocka_unit_test(unsigned_numbers_are_read_up_to_the_last_one),
         cmocka_unit_test(signed_numbers_are_read_to_both_ends),
         cmocka_unit_test(every_character_is_utf8_in_its_shortest_form_only),
         cmocka_unit_test(hexadecimal_digits_are_lower_case_and_counted),
         cmocka_unit_test(text_is_utf8_as_a_whole))
