#include "base/json.h"
#include "test.h"

/* A document that is shown in windows of a few bytes. */
struct windows {
    struct tm_str text;
    size_t from;  /* of the window in text */
    size_t shown; /* bytes that a window shows */
    size_t calls;
};

static enum tm_code more(void *ctx, size_t used, struct tm_str *window, struct tm_err *err)
{
    struct windows *w = ctx;

    w->from += used;
    w->calls++;
    assert_true(w->from <= w->text.len);
    *window = tm_str_n(w->text.data + w->from, TM_MIN(w->shown, w->text.len - w->from));
    return TM_OK;
}

enum { TOKEN_MAX = 8 };

static void start(struct tm_json_reader *reader, struct windows *windows, const char *text)
{
    *windows = (struct windows) { .text = tm_str(text), .shown = TOKEN_MAX + TM_JSON_AHEAD };
    tm_json_reader_stream(reader, "doc", more, windows);
    reader->token_max = TOKEN_MAX;
    reader->ahead = TOKEN_MAX + TM_JSON_AHEAD;
}

/* Everything a reader says, up to its error. */
static void transcribe(struct tm_json_reader *reader, struct tm_buf *out)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    enum tm_json_token token;

    do {
        if (tm_json_next(reader, &token, &err)) {
            tm_buf_addf(out, "! %s", tm_err_msg(&err));
            return;
        }
        tm_buf_addf(out, "%d ", token);
        tm_buf_add_str(out, tm_json_raw(reader));
        tm_buf_addc(out, '\n');
    } while (token != TM_JSON_END);
}

static void a_stream_reads_as_memory_does(void **state)
{
    static const char *const texts[] = {
        "{}",
        "",
        "[1, 2, 3]",
        "{\"key\": [true, false, null, \"text\"], \"b\": {\"c\": -1.5e3}}\n",
        "{ \"a\"                                              :                              1}",
        "[\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n  1,\n  2\n]\n\n\n\n",
        "[1,\n2,\n3,\n4,\n5,\n6,\n7,\n8,\n9,\n10,\n11,\n12,\n13 14]",
        "[\"\xc3\xa9\xc3\xa9\",\"\xc3\xa9\xc3\xa9\",\"\xc3\xa9\xc3\xa9\",\"\xc3\xa9\xc3\xa9\", x]",
        "[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,]",
        "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\"",
        "[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,\"\\ud800\"]",
        "\xef\xbb\xbf[]",
        "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]] 1",
    };

    for (size_t i = 0; i < TM_LEN(texts); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) whole = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) stream = TM_BUF_INIT;
        struct tm_json_reader reader;
        struct windows windows;

        tm_json_reader_init(&reader, "doc", tm_str(texts[i]));
        transcribe(&reader, &whole);
        start(&reader, &windows, texts[i]);
        transcribe(&reader, &stream);
        assert_string_equal(stream.data, whole.data);
        assert_true(windows.calls >= strlen(texts[i]) / windows.shown);
    }
}

static void a_value_is_skipped_over_windows(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_reader reader;
    struct windows windows;
    enum tm_json_token token;
    uint64_t value;

    start(&reader, &windows, "[{\"a\": [1, 2, 3, {\"b\": [4, 5, 6]}], \"c\": \"d\", \"e\": 123456}, 7]");
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_ok(&err, tm_json_skip(&reader, &err));
    assert_ok(&err, tm_json_next(&reader, &token, &err));
    assert_true(tm_json_u64(&reader, &value));
    assert_int_equal(value, 7);
}

/* Skips the value of a document's first member and transcribes the rest. */
static void skip_first(struct tm_json_reader *reader, struct tm_buf *out)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    enum tm_json_token token;

    if (tm_json_next(reader, &token, &err) || tm_json_next(reader, &token, &err) ||
        tm_json_skip(reader, &err))
        tm_buf_addf(out, "! %s", tm_err_msg(&err));
    else
        transcribe(reader, out);
}

/* Wherever a window ends in it. */
static void a_string_of_any_length_is_skipped(void **state)
{
    static const char *const values[] = {
        "\"%sabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\"",
        "\"%"
        "s\\\"\\\\\\n\\u00e9\\ud83d\\ude00\\\"\\\\\\n\\u00e9\\ud83d\\ude00\\\"\\\\\\n\\u00e9\\ud83d\\ude00\"",
        "\"%"
        "s\xc3\xa9\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9\xf0\x9f\x98\x80"
        "\xe2\x82\xac\"",
        "\n[\n{\"%sa key that is longer than a window shows it, and so on\":[\"so is this one, much "
        "longer\"]}]",
        "\n \"%sthis one is not closed, whatever comes: ",
        "\n \"%sthis one ends in the middle of an escape \\\\\\",
        "\n \"%sthis one has an escape that does not exist, which is \\q\"",
        "\n \"%sthis one has half of \xf0\x9f\x98\x80, which is two of \xf0\x9f\"",
        "\n \"%sthis one has a surrogate that stands alone, \\ud83d\\u0020\"",
        "\n \"%sthis one has a line end, which is no part of a string: \n\"",
        "\n \"%sbehind this one there is something wrong, not in it\" \n  ;",
    };

    for (size_t i = 0; i < TM_LEN(values); i++) {
        for (size_t pad = 0; pad < 2 * (TOKEN_MAX + TM_JSON_AHEAD); pad++) {
            struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
            struct tm_buf TM_CLEANUP(tm_buf_release) whole = TM_BUF_INIT;
            struct tm_buf TM_CLEANUP(tm_buf_release) stream = TM_BUF_INIT;
            const char *rest = strstr(values[i], "%s");
            struct tm_json_reader reader;
            struct windows windows;

            tm_buf_addf(&text, "{\"k\": %.*s", (int)(rest - values[i]), values[i]);
            for (size_t n = 0; n < pad; n++)
                tm_buf_adds(&text, n % 5 ? "x" : "\xc3\xa9");
            tm_buf_addf(&text, "%s, \"l\": [1, \"a\"]}\n", rest + 2);
            tm_json_reader_init(&reader, "doc", tm_buf_str(&text));
            skip_first(&reader, &whole);
            start(&reader, &windows, text.data);
            skip_first(&reader, &stream);
            assert_string_equal(stream.data, whole.data);
        }
    }
}

static void documents_follow_one_another_where_they_may(void **state)
{
    static const enum tm_json_token want[] = {
        TM_JSON_OBJECT_BEGIN, TM_JSON_KEY,        TM_JSON_NUMBER,      TM_JSON_OBJECT_END,
        TM_JSON_OBJECT_BEGIN, TM_JSON_OBJECT_END, TM_JSON_ARRAY_BEGIN, TM_JSON_ARRAY_END,
        TM_JSON_NUMBER,       TM_JSON_END,
    };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_reader reader;
    struct windows windows;

    start(&reader, &windows, "{\"a\": 1}{}\n[] 3\n");
    reader.many = true;
    for (size_t i = 0; i < TM_LEN(want); i++) {
        enum tm_json_token token;

        assert_ok(&err, tm_json_next(&reader, &token, &err));
        assert_int_equal(token, want[i]);
    }
}

/* The quotes count: six characters fit into a token of eight bytes. */
static void a_token_at_the_limit_is_read_and_one_past_it_is_not(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "[\"123456\"                              ]", NULL },
        { "[12345678                              ]", NULL },
        { "[\"1234567890123456789012345678901234567890\"]",
          "text or number is too long at line 1, column 2 of 'doc'" },
        { "[1234567890123456789012345678901234567890]",
          "text or number is too long at line 1, column 2 of 'doc'" },
        /* The window ends between 'e' and its digits. */
        { "[12345678901234567890123e5                      ]",
          "text or number is too long at line 1, column 2 of 'doc'" },
        { "[\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"]",
          "text or number is too long at line 1, column 2 of 'doc'" },
        /* Also where the window shows the end. */
        { "[\"123456789012345\"]", "text or number is too long at line 1, column 2 of 'doc'" },
        { "[1234567890]", "text or number is too long at line 1, column 2 of 'doc'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_json_reader reader;
        struct windows windows;
        enum tm_json_token token;
        enum tm_code code = TM_OK;

        start(&reader, &windows, cases[i].text);
        do
            code = tm_json_next(&reader, &token, &err);
        while (!code && token != TM_JSON_END);
        if (cases[i].message) {
            assert_int_equal(code, TM_E_LIMIT);
            assert_string_equal(tm_err_msg(&err), cases[i].message);
        } else {
            assert_int_equal(code, TM_OK);
        }
    }
}

static enum tm_code broken(void *ctx, size_t used, struct tm_str *window, struct tm_err *err)
{
    return tm_err_set(err, TM_E_IO, "cannot read");
}

static void what_the_source_says_is_passed_on(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_json_reader reader;
    enum tm_json_token token;

    tm_json_reader_stream(&reader, "doc", broken, NULL);
    assert_fails(&err, TM_E_IO, tm_json_next(&reader, &token, &err));
}

TM_TESTS(cmocka_unit_test(a_stream_reads_as_memory_does), cmocka_unit_test(a_value_is_skipped_over_windows),
         cmocka_unit_test(a_string_of_any_length_is_skipped),
         cmocka_unit_test(documents_follow_one_another_where_they_may),
         cmocka_unit_test(a_token_at_the_limit_is_read_and_one_past_it_is_not),
         cmocka_unit_test(what_the_source_says_is_passed_on))
