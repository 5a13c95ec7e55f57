#include "test.h"

#include "base/json_write.h"

/* One document with every kind of value, empty containers at several places. */
static void write_sample(struct tm_json_writer *w)
{
    tm_json_object_begin(w);
    tm_json_members(w, "name", "identity");
    tm_json_member_u64(w, "n", UINT64_MAX);
    tm_json_member_bool(w, "yes", true);
    tm_json_key(w, "empty");
    tm_json_object_begin(w);
    tm_json_object_end(w);
    tm_json_key_str(w, TM_STR("list"));
    tm_json_array_begin(w);
    tm_json_put_i64(w, INT64_MIN);
    tm_json_put_bool(w, false);
    tm_json_put_null(w);
    tm_json_array_begin(w);
    tm_json_array_end(w);
    tm_json_object_begin(w);
    tm_json_key(w, "raw");
    tm_json_put_raw(w, TM_STR("1.00"));
    tm_json_object_end(w);
    tm_json_array_end(w);
    tm_json_key(w, "at");
    tm_json_put_stamp(w, 0);
    tm_json_object_end(w);
}

static void no_indent_writes_no_white_space(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_json_writer w;

    tm_json_writer_init(&w, &out, 0);
    write_sample(&w);
    assert_string_equal(out.data,
                        "{\"name\":\"identity\",\"n\":18446744073709551615,\"yes\":true,\"empty\":{},"
                        "\"list\":[-9223372036854775808,false,null,[],{\"raw\":1.00}],"
                        "\"at\":\"1970-01-01T00:00:00Z\"}");
}

static void indent_puts_every_item_on_its_line(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_json_writer w;

    tm_json_writer_init(&w, &out, 2);
    write_sample(&w);
    assert_string_equal(out.data, "{\n"
                                  "  \"name\": \"identity\",\n"
                                  "  \"n\": 18446744073709551615,\n"
                                  "  \"yes\": true,\n"
                                  "  \"empty\": {},\n"
                                  "  \"list\": [\n"
                                  "    -9223372036854775808,\n"
                                  "    false,\n"
                                  "    null,\n"
                                  "    [],\n"
                                  "    {\n"
                                  "      \"raw\": 1.00\n"
                                  "    }\n"
                                  "  ],\n"
                                  "  \"at\": \"1970-01-01T00:00:00Z\"\n"
                                  "}");
}

static void strings_have_the_minimal_escapes(void **state)
{
    static const struct {
        struct tm_str in;
        const char *out;
    } cases[] = {
        { { "", 0 }, "\"\"" },
        { { "a\"b\\c/d", 7 }, "\"a\\\"b\\\\c/d\"" },
        { { "\b\f\n\r\t", 5 }, "\"\\b\\f\\n\\r\\t\"" },
        { { "\0\x01\x1f\x7f", 4 }, "\"\\u0000\\u0001\\u001f\x7f\"" },
        { { "\xe2\x80\xa8 \xf0\x9f\x8c\x8a", 8 }, "\"\xe2\x80\xa8 \xf0\x9f\x8c\x8a\"" },
        { { "a\xff\xfe", 3 }, "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"" },
        { { "\xed\xa0\x80", 3 }, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" }, /* a surrogate */
        { { "\xc3", 1 }, "\"\xEF\xBF\xBD\"" },                                 /* cut */
        { { NULL, 0 }, "\"\"" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_json_add_quoted(&out, cases[i].in);
        assert_string_equal(out.data, cases[i].out);
    }
}

static void decimals_lose_trailing_zeros_and_nothing_else(void **state)
{
    static const struct {
        int64_t value;
        unsigned decimals;
        const char *out;
    } cases[] = {
        { 3650, 2, "36.5" },
        { 3600, 2, "36" },
        { 3605, 2, "36.05" },
        { 0, 2, "0" },
        { 5, 2, "0.05" },
        { -5, 2, "-0.05" },
        { -3650, 2, "-36.5" },
        { 100, 0, "100" },
        { 10000, 2, "100" },
        { 1, 18, "0.000000000000000001" },
        { INT64_MIN, 1, "-922337203685477580.8" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_json_writer w;

        tm_json_writer_init(&w, &out, 0);
        tm_json_put_decimal(&w, cases[i].value, cases[i].decimals);
        assert_string_equal(out.data, cases[i].out);
    }
}

static void nesting_goes_as_deep_as_the_reader_does(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_json_writer w;

    tm_json_writer_init(&w, &out, 0);
    for (int i = 0; i < TM_JSON_DEPTH; i++)
        tm_json_array_begin(&w);
    for (int i = 0; i < TM_JSON_DEPTH; i++)
        tm_json_array_end(&w);
    assert_int_equal(out.len, 2 * TM_JSON_DEPTH);
    assert_int_equal(out.data[TM_JSON_DEPTH - 1], '[');
    assert_int_equal(out.data[TM_JSON_DEPTH], ']');
}

TM_TESTS(cmocka_unit_test(no_indent_writes_no_white_space),
         cmocka_unit_test(indent_puts_every_item_on_its_line),
         cmocka_unit_test(strings_have_the_minimal_escapes),
         cmocka_unit_test(decimals_lose_trailing_zeros_and_nothing_else),
         cmocka_unit_test(nesting_goes_as_deep_as_the_reader_does))
