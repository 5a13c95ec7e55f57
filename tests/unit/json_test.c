#include "test.h"

#include <float.h>

#include "base/json.h"

/* Reads all of data from memory of exactly its size, so that a sanitizer sees one byte too far. */
static enum tm_code read_all(struct tm_str data, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) copy = malloc(data.len ? data.len : 1);
    struct tm_json_reader reader;
    enum tm_json_token token;
    enum tm_code code;

    if (data.len)
        memcpy(copy, data.data, data.len);
    tm_json_reader_init(&reader, "x.json", tm_str_n(copy, data.len));
    do
        code = tm_json_next(&reader, &token, err);
    while (!code && token != TM_JSON_END);
    return code;
}

static void what_the_rfc_allows_is_read(void **state)
{
    static const char *const cases[] = {
        "0",
        "-0",
        "10",
        "1.50",
        "-0.0e-00",
        "1E+2",
        "1e400",
        "123456789012345678901234567890",
        "true",
        "false",
        "null",
        "\"\"",
        " \t\r\n1\n",
        "[]",
        "{}",
        "[ ]",
        "{\r\n}",
        "[1,2 , 3]",
        "{\"a\":1}",
        "{\"\":{\"\":[[],{}]}}",
        "{ \"a\" : [ null , true ] , \"b\" : \"c\" }",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83c\\udf0A\\u0000\"",
        "\"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"",
        "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
        "\"\xef\xbb\xbf\"", /* U+FEFF inside a string is a character like others */
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        if (read_all(tm_str(cases[i]), &err) != TM_OK)
            fail_msg("%s: %s", cases[i], tm_err_msg(&err));
    }
}

static void what_it_does_not_allow_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *in, *message;
    } cases[] = {
        { "", "expected a value, found the end at line 1, column 1 of 'x.json'" },
        { " \n", "expected a value, found the end at line 2, column 1 of 'x.json'" },
        { "[1,]", "trailing comma at line 1, column 3 of 'x.json'" },
        { "{\"a\":1,\n }", "trailing comma at line 1, column 7 of 'x.json'" },
        { "[,1]", "expected a value, found ',' at line 1, column 2 of 'x.json'" },
        { "[1,,2]", "expected a value, found ',' at line 1, column 4 of 'x.json'" },
        { "[1 2]", "expected ',' or ']', found '2' at line 1, column 4 of 'x.json'" },
        { "{\"a\" 1}", "expected ':' after the key, found '1' at line 1, column 6 of 'x.json'" },
        { "{\"a\":}", "expected a value, found '}' at line 1, column 6 of 'x.json'" },
        { "{\"a\":1 \"b\":2}", "expected ',' or '}', found '\"' at line 1, column 8 of 'x.json'" },
        { "{a:1}", "expected a key in double quotes, found 'a' at line 1, column 2 of 'x.json'" },
        { "{1:1}", "expected a key in double quotes, found '1' at line 1, column 2 of 'x.json'" },
        { "{'a':1}",
          "expected a key in double quotes, found a single quote at line 1, column 2 of 'x.json'" },
        { "{\"a\":1,b", "expected a key in double quotes, found 'b' at line 1, column 8 of 'x.json'" },
        { "[1}", "expected ',' or ']', found '}' at line 1, column 3 of 'x.json'" },
        { "{\"a\":1]", "expected ',' or '}', found ']' at line 1, column 7 of 'x.json'" },
        { "]", "expected a value, found ']' at line 1, column 1 of 'x.json'" },
        { "[", "expected a value, found the end at line 1, column 2 of 'x.json'" },
        { "{\"a\":[1,{\"b\":2}", "expected ',' or ']', found the end at line 1, column 16 of 'x.json'" },
        { "1 2", "expected the end, found '2' at line 1, column 3 of 'x.json'" },
        { "{} // done",
          "expected the end, found '/' (JSON has no comments) at line 1, column 4 of 'x.json'" },
        { "# x\n1", "expected a value, found '#' (JSON has no comments) at line 1, column 1 of 'x.json'" },
        { "True", "expected a value, found 'True' at line 1, column 1 of 'x.json'" },
        { "nul", "expected a value, found 'nul' at line 1, column 1 of 'x.json'" },
        { "nulls", "expected a value, found 'nulls' at line 1, column 1 of 'x.json'" },
        { "[NaN]", "expected a value, found 'NaN' at line 1, column 2 of 'x.json'" },
        { "-Infinity", "expected a digit, found 'Infinity' at line 1, column 2 of 'x.json'" },
        { "01", "number with a leading zero at line 1, column 1 of 'x.json'" },
        { "-00", "number with a leading zero at line 1, column 1 of 'x.json'" },
        { "+1", "expected a value, found '+' at line 1, column 1 of 'x.json'" },
        { ".5", "expected a value, found '.' at line 1, column 1 of 'x.json'" },
        { "-", "expected a digit, found the end at line 1, column 2 of 'x.json'" },
        { "1.", "expected a digit after '.', found the end at line 1, column 3 of 'x.json'" },
        { "1.e5", "expected a digit after '.', found 'e5' at line 1, column 3 of 'x.json'" },
        { "1e", "expected a digit of the exponent, found the end at line 1, column 3 of 'x.json'" },
        { "[1e+]", "expected a digit of the exponent, found ']' at line 1, column 5 of 'x.json'" },
        { "0x1f", "expected the end, found 'x1f' at line 1, column 2 of 'x.json'" },
        { "\"abc", "string is not closed at line 1, column 1 of 'x.json'" },
        { "[\"abcdefghijklmnop\\", "string is not closed at line 1, column 2 of 'x.json'" },
        { "\"a\nb\"",
          "control character 0x0a in a string, write it as an escape at line 1, column 3 of 'x.json'" },
        { "\"\\x41\"", "unknown escape in a string at line 1, column 2 of 'x.json'" },
        { "\"\\u12g4\"", "\\u without four hexadecimal digits at line 1, column 2 of 'x.json'" },
        { "\"\\u123", "\\u without four hexadecimal digits at line 1, column 2 of 'x.json'" },
        { "\"a\\ud800\"", "lone surrogate in a \\u escape at line 1, column 3 of 'x.json'" },
        { "\"\\udc00\"", "lone surrogate in a \\u escape at line 1, column 2 of 'x.json'" },
        { "\"\\ud800\\u0041\"", "lone surrogate in a \\u escape at line 1, column 2 of 'x.json'" },
        { "\"\\ud800\\ud800\"", "lone surrogate in a \\u escape at line 1, column 2 of 'x.json'" },
        { "\"\\ud800\\n12345\"", "lone surrogate in a \\u escape at line 1, column 2 of 'x.json'" },
        { "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\x8a\", x]",
          "expected a value, found 'x' at line 1, column 9 of 'x.json'" },
        { "[1,\r\n2,\r\n  \xc3\xa9]", "expected a value, found '\xc3\xa9' at line 3, column 3 of 'x.json'" },
        { "[\xff]", "expected a value, found byte 0xff at line 1, column 2 of 'x.json'" },
        { "[\f1]", "expected a value, found byte 0x0c at line 1, column 2 of 'x.json'" },
        { "\xef\xbb\xbf{}",
          "byte order mark at line 1, column 1 of 'x.json', save the file as UTF-8 without one" },
        { "\xff\xfe{", "'x.json' is UTF-16 text, save the file as UTF-8" },
        { "\xfe\xff{", "'x.json' is UTF-16 text, save the file as UTF-8" },
        { " \xef\xbb\xbf{}", "expected a value, found '\xef\xbb\xbf' at line 1, column 2 of 'x.json'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        if (read_all(tm_str(cases[i].in), &err) != TM_E_FORMAT)
            fail_msg("accepted: %s", cases[i].in);
        assert_string_equal(tm_err_msg(&err), cases[i].message);
    }
}

static void a_nul_byte_is_refused_wherever_it_stands(void **state)
{
    static const struct tm_str cases[] = {
        { "\0", 1 },   { "1\0", 2 },      { "\"\0\"", 3 },      { "[\0]", 3 },
        { "{\0}", 3 }, { "\"\\\0\"", 4 }, { "{\"a\"\0:1}", 8 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_fails(&err, TM_E_FORMAT, read_all(cases[i], &err));
    }
}

static void invalid_utf8_is_refused_at_every_offset_in_a_word(void **state)
{
    static const char *const bad[] = {
        "\x80",
        "\xbf", /* continuation alone */
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf", /* overlong */
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf", /* surrogates */
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", /* above U+10FFFF */
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x8c", /* cut by the quote */
        "\xfe",
        "\xff",
    };

    /* The reader looks at eight bytes at once: move the fault through them. */
    for (size_t i = 0; i < TM_LEN(bad); i++) {
        for (int before = 0; before < 18; before++) {
            struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
            struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
            struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;

            tm_buf_addf(&text, "\"%.*s%s\"", before, "abcdefghijklmnopqr", bad[i]);
            tm_buf_addf(&message, "invalid UTF-8 in a string at line 1, column %d of 'x.json'", before + 2);
            assert_fails(&err, TM_E_FORMAT, read_all(tm_buf_str(&text), &err));
            assert_string_equal(tm_err_msg(&err), message.data);
        }
    }
}

static void every_control_character_is_refused_at_every_offset(void **state)
{
    for (char c = 0; c < 0x20; c++) {
        for (size_t before = 0; before < 18; before++) {
            struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
            struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

            tm_buf_addc(&text, '"');
            tm_buf_add(&text, "abcdefghijklmnopqr", before);
            tm_buf_addc(&text, c);
            tm_buf_adds(&text, "abcdefghijkl\"");
            assert_fails(&err, TM_E_FORMAT, read_all(tm_buf_str(&text), &err));
            assert_non_null(strstr(err.msg, "control character"));
        }
    }
}

static void every_other_byte_passes_at_every_offset(void **state)
{
    for (int c = 0x20; c < 0x80; c++) {
        for (size_t before = 0; before < 18; before++) {
            struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
            struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

            if (c == '"' || c == '\\')
                continue;
            tm_buf_addc(&text, '"');
            tm_buf_add(&text, "abcdefghijklmnopqr", before);
            tm_buf_addc(&text, (char)c);
            tm_buf_adds(&text, "abcdefghijkl\"");
            assert_ok(&err, read_all(tm_buf_str(&text), &err));
        }
    }
}

static void every_beginning_of_a_document_is_refused(void **state)
{
    struct tm_str whole =
        TM_STR("{\"a\\u00e9\\ud83c\\udf0a\": [true, -1.5e+3, \"\xe2\x82\xac\"], \"b\": {\"c\": null}}");
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    for (size_t n = 0; n < whole.len; n++)
        assert_fails(&err, TM_E_FORMAT, read_all(tm_str_n(whole.data, n), &err));
    tm_err_release(&err);
    assert_ok(&err, read_all(whole, &err));
}

static void nested(struct tm_buf *out, int depth, const char *open, const char *close)
{
    for (int i = 0; i < depth; i++)
        tm_buf_adds(out, open);
    tm_buf_adds(out, "1");
    for (int i = 0; i < depth; i++)
        tm_buf_adds(out, close);
}

static void depth_128_is_read_and_129_is_not(void **state)
{
    static const struct {
        const char *open, *close;
    } kinds[] = { { "[", "]" }, { "{\"a\":", "}" } };

    for (size_t i = 0; i < TM_LEN(kinds); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) fits = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) over = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        nested(&fits, 128, kinds[i].open, kinds[i].close);
        nested(&over, 129, kinds[i].open, kinds[i].close);
        assert_ok(&err, read_all(tm_buf_str(&fits), &err));
        assert_fails(&err, TM_E_LIMIT, read_all(tm_buf_str(&over), &err));
    }
}

static void levels_remember_what_they_are(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    /* Object and array in turn, over the border between two words of bits. */
    nested(&text, 64, "{\"a\":[", "]}");
    assert_ok(&err, read_all(tm_buf_str(&text), &err));
    text.data[text.len - 1] = ']';
    assert_fails(&err, TM_E_FORMAT, read_all(tm_buf_str(&text), &err));
}

static void tokens_come_with_their_bytes(void **state)
{
    static const struct {
        enum tm_json_token token;
        const char *bytes, *raw;
        unsigned depth;
    } expected[] = {
        { TM_JSON_OBJECT_BEGIN, "{", "{", 1 },
        { TM_JSON_KEY, "\"k\"", "k", 1 },
        { TM_JSON_ARRAY_BEGIN, "[", "[", 2 },
        { TM_JSON_NUMBER, "-1.50", "-1.50", 2 },
        { TM_JSON_STRING, "\"a\\n\"", "a\\n", 2 },
        { TM_JSON_TRUE, "true", "true", 2 },
        { TM_JSON_FALSE, "false", "false", 2 },
        { TM_JSON_NULL, "null", "null", 2 },
        { TM_JSON_ARRAY_END, "]", "]", 1 },
        { TM_JSON_OBJECT_END, "}", "}", 0 },
        { TM_JSON_END, "", "", 0 },
        { TM_JSON_END, "", "", 0 },
    };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_reader reader;

    tm_json_reader_init(&reader, "x.json", TM_STR(" {\"k\" : [-1.50,\"a\\n\", true,false,null ] } \n"));
    for (size_t i = 0; i < TM_LEN(expected); i++) {
        enum tm_json_token token;

        assert_ok(&err, tm_json_next(&reader, &token, &err));
        assert_int_equal(token, expected[i].token);
        assert_int_equal(reader.token, token);
        assert_true(tm_str_is(tm_str_n(reader.data + reader.token_at, reader.token_len), expected[i].bytes));
        assert_true(tm_str_is(tm_json_raw(&reader), expected[i].raw));
        assert_int_equal(reader.depth, expected[i].depth);
    }
}

static void skipping_ends_after_the_value(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_reader reader;
    enum tm_json_token token;

    tm_json_reader_init(&reader, "x.json",
                        TM_STR("{\"a\":[1,{\"b\":[]}],\"c\":{},\"d\":7,\"e\":{\"f\":1},\"g\":2}"));
    assert_ok(&err, tm_json_next(&reader, &token, &err)); /* { */
    assert_ok(&err, tm_json_next(&reader, &token, &err)); /* "a" */
    assert_ok(&err, tm_json_next(&reader, &token, &err)); /* [ */
    assert_ok(&err, tm_json_skip(&reader, &err));
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_true(token == TM_JSON_KEY && tm_json_is(&reader, "c"));
    assert_ok(&err, tm_json_skip(&reader, &err)); /* from the key */
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_true(token == TM_JSON_KEY && tm_json_is(&reader, "d"));
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_ok(&err, tm_json_skip(&reader, &err)); /* a scalar: nothing to skip */
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_true(token == TM_JSON_KEY && tm_json_is(&reader, "e"));
    assert_ok(&err, tm_json_skip(&reader, &err));
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_true(token == TM_JSON_KEY && tm_json_is(&reader, "g"));
    assert_ok(&err, tm_json_skip(&reader, &err));
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_int_equal(token, TM_JSON_OBJECT_END);
}

static void skipping_a_damaged_value_fails(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_reader reader;
    enum tm_json_token token;

    tm_json_reader_init(&reader, "x.json", TM_STR("[[1,[2]"));
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_fails(&err, TM_E_FORMAT, tm_json_skip(&reader, &err));
}

/* Reads one scalar. */
/* Reads all tokens, or skips the value; both end with the same words. */
static enum tm_code walk(const char *text, bool skip, struct tm_err *err)
{
    struct tm_json_reader reader;
    enum tm_json_token token;
    enum tm_code code;

    tm_json_reader_init(&reader, "doc", tm_str(text));
    code = tm_json_next(&reader, &token, err);
    if (!code && skip)
        code = tm_json_skip(&reader, err);
    while (!code && token != TM_JSON_END)
        code = tm_json_next(&reader, &token, err);
    return code;
}

/* Arrays of numbers are skipped many at once, as far as more than a few bytes follow. */
static void numbers_are_skipped_as_strictly_as_they_are_read(void **state)
{
    static const char *const elements[] = {
        "1",       "0",      "1234567", "12345678", "true",  "false", "null",    "[1,2,true]", "[]",
        "[[1],2]", "\"1\"",  "-1",      "1.5",      "1e3",   "01",    "00",      "truex",      "nul",
        "[1,]",    "[,1]",   "[1 ,2]",  "[1,2",     "1]",    "",      "[01]",    "[1,nulls]",  "{\"a\":1}",
        "[1}",     "[1,2]]", "x",       "\xc3\xa4", "[1\n]", "[1]x",  "[true1]", "[falsex]",   "1,",
    };

    for (size_t i = 0; i < TM_LEN(elements); i++) {
        for (size_t j = 0; j < TM_LEN(elements); j++) {
            struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
            struct tm_err TM_CLEANUP(tm_err_release) read = TM_ERR_INIT;
            struct tm_err TM_CLEANUP(tm_err_release) skipped = TM_ERR_INIT;

            tm_buf_addf(&text, "[7,%s,[%s,%s],3]                              ", elements[i], elements[j],
                        elements[i]);
            assert_int_equal(walk(text.data, false, &read), walk(text.data, true, &skipped));
            assert_string_equal(tm_err_msg(&skipped), tm_err_msg(&read));
        }
    }
}

static void read_one(struct tm_json_reader *reader, const char *text)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    enum tm_json_token token;

    tm_json_reader_init(reader, "x.json", tm_str(text));
    assert_ok(&err, tm_json_next(reader, &token, &err));
}

static void strings_are_unescaped_to_utf8(void **state)
{
    static const struct {
        const char *in;
        struct tm_str out;
    } cases[] = {
        { "\"\"", { "", 0 } },
        { "\"plain\"", { "plain", 5 } },
        { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", { "\"\\/\b\f\n\r\t", 8 } },
        { "\"x\\u0000y\"", { "x\0y", 3 } },
        { "\"\\u007f\\u0080\\u07FF\\u0800\\uffff\"", { "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 11 } },
        { "\"\\ud800\\udc00 \\uDBFF\\uDFFF\"", { "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", 9 } },
        { "\"a\\u00e9\xc3\xa9z\"", { "a\xc3\xa9\xc3\xa9z", 6 } },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_json_reader reader;

        tm_buf_adds(&out, "replaced");
        read_one(&reader, cases[i].in);
        assert_int_equal(reader.token_escaped, strchr(cases[i].in, '\\') != NULL);
        tm_json_string(&reader, &out);
        assert_int_equal(out.len, cases[i].out.len);
        assert_memory_equal(out.data, cases[i].out.data, out.len);
    }
}

static void comparing_sees_through_escapes(void **state)
{
    static const struct {
        const char *in, *name;
        bool is;
    } cases[] = {
        { "\"name\"", "name", true },        { "\"n\\u0061me\"", "name", true },
        { "\"n\\u0061m\"", "name", false },  { "\"n\\u0061mes\"", "name", false },
        { "\"nam\"", "name", false },        { "\"\"", "", true },
        { "\"\\u00e9\"", "\xc3\xa9", true }, { "\"a\\u0000\"", "a", false },
        { "\"\\u0062\"", "a", false },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_json_reader reader;

        read_one(&reader, cases[i].in);
        assert_int_equal(tm_json_is(&reader, cases[i].name), cases[i].is);
    }
}

static void integers_are_exact_or_refused(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        uint64_t value;
    } cases[] = {
        { "0", true, 0 },
        { "18446744073709551615", true, UINT64_MAX },
        { "18446744073709551616", false, 0 },
        { "-0", false, 0 },
        { "1.0", false, 0 },
        { "1e2", false, 0 },
        { "\"1\"", false, 0 },
        { "true", false, 0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_json_reader reader;
        uint64_t value = 42;

        read_one(&reader, cases[i].in);
        assert_int_equal(tm_json_u64(&reader, &value), cases[i].ok);
        assert_true(value == (cases[i].ok ? cases[i].value : 42));
    }
}

static void doubles_are_the_nearest_or_refused(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        double value;
    } cases[] = {
        { "0", true, 0 },
        { "-1.5e+3", true, -1500 },
        { "0.1", true, 0.1 },
        { "1.7976931348623157e308", true, DBL_MAX },
        { "1e309", false, 0 },
        { "-1e309", false, 0 },
        { "1e-400", true, 0 },
        { "9007199254740993", true, 9007199254740992.0 },
        /* Longer than the room on the stack: rounds up only because of its last digit. */
        { "9007199254740993.0000000000000000000000000000000000000000000000000000000000000001", true,
          9007199254740994.0 },
        { "\"1\"", false, 0 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_json_reader reader;
        double value = 42;

        read_one(&reader, cases[i].in);
        assert_int_equal(tm_json_double(&reader, &value), cases[i].ok);
        assert_true(value == (cases[i].ok ? cases[i].value : 42));
    }
}

static void a_number_ends_where_its_token_ends(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_reader reader;
    enum tm_json_token token;
    double value;

    tm_json_reader_init(&reader, "x.json", TM_STR("0x1f"));
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_true(tm_json_double(&reader, &value) && value == 0);
}

static void places_count_lines_and_characters(void **state)
{
    struct tm_str text = TM_STR("ab\r\n\xc3\xa9x\n\n");
    static const struct {
        size_t at, line, column;
    } cases[] = {
        { 0, 1, 1 }, { 2, 1, 3 }, { 3, 1, 4 }, { 4, 2, 1 },    { 6, 2, 2 },
        { 7, 2, 3 }, { 8, 3, 1 }, { 9, 4, 1 }, { 1000, 4, 1 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        size_t line, column;

        tm_json_place(text, cases[i].at, &line, &column);
        assert_int_equal(line, cases[i].line);
        assert_int_equal(column, cases[i].column);
    }
}

static void failures_can_be_put_at_any_byte(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_reader reader;

    tm_json_reader_init(&reader, "m.json", TM_STR("{\n  \"lane\": 9\n}"));
    assert_fails(&err, TM_E_FORMAT, tm_json_fail(&reader, 12, &err, "unknown lane '%d'", 9));
    assert_string_equal(err.msg, "unknown lane '9' at line 2, column 11 of 'm.json'");
}

TM_TESTS(cmocka_unit_test(what_the_rfc_allows_is_read),
         cmocka_unit_test(what_it_does_not_allow_is_refused_with_its_place),
         cmocka_unit_test(a_nul_byte_is_refused_wherever_it_stands),
         cmocka_unit_test(invalid_utf8_is_refused_at_every_offset_in_a_word),
         cmocka_unit_test(every_control_character_is_refused_at_every_offset),
         cmocka_unit_test(every_other_byte_passes_at_every_offset),
         cmocka_unit_test(every_beginning_of_a_document_is_refused),
         cmocka_unit_test(depth_128_is_read_and_129_is_not), cmocka_unit_test(levels_remember_what_they_are),
         cmocka_unit_test(tokens_come_with_their_bytes), cmocka_unit_test(skipping_ends_after_the_value),
         cmocka_unit_test(numbers_are_skipped_as_strictly_as_they_are_read),
         cmocka_unit_test(skipping_a_damaged_value_fails), cmocka_unit_test(strings_are_unescaped_to_utf8),
         cmocka_unit_test(comparing_sees_through_escapes), cmocka_unit_test(integers_are_exact_or_refused),
         cmocka_unit_test(doubles_are_the_nearest_or_refused),
         cmocka_unit_test(a_number_ends_where_its_token_ends),
         cmocka_unit_test(places_count_lines_and_characters),
         cmocka_unit_test(failures_can_be_put_at_any_byte))
