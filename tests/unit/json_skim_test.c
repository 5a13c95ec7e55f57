#include "base/json_skim.h"

#include "base/buf.h"
#include "test.h"

/* Where the value ends, as an offset; -1 for nowhere. */
static ptrdiff_t skim(const char *(*over)(const char *at, const char *end), struct tm_str text)
{
    const char *end = over(text.data, text.data + text.len);

    return end ? end - text.data : -1;
}

static void values_end_where_their_brackets_close(void **state)
{
    static const struct {
        const char *text;
        ptrdiff_t end;
    } cases[] = {
        { "", -1 },     { "1", -1 },   { "1,", 1 },          { "-1.5e3 ", 6 },      { "true]", 4 },
        { "\"a\"", 3 }, { "\"a", -1 }, { "\"a\\\"b\",", 6 }, { "\"\\\\\"x", 4 },    { "\"\\", -1 },
        { "[],", 2 },   { "[", -1 },   { "[[]", -1 },        { "{\"]\":[1]},", 9 }, { "[\"\\\"]\"]]", 7 },
        { ",", -1 },    { "]", -1 },   { " 1,", -1 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        if (skim(tm_json_skim_value, tm_str(cases[i].text)) != cases[i].end)
            fail_msg("'%s' ends at %td", cases[i].text, skim(tm_json_skim_value, tm_str(cases[i].text)));
}

static void members_have_a_key_and_a_value(void **state)
{
    static const struct {
        const char *text;
        ptrdiff_t end;
    } cases[] = {
        { "\"a\":1,", 5 },
        { "\"a\" : {\"b\":[]} ", 14 },
        { "\"a\"", -1 },
        { "\"a\":", -1 },
        { "\"a\",1", -1 },
        { "a:1,", -1 },
        { "1:1,", -1 },
        { "\"a:\":\"b\"", 8 },
        { "\"a\"\n\t: \"b\"", 10 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        if (skim(tm_json_skim_member, tm_str(cases[i].text)) != cases[i].end)
            fail_msg("'%s' ends at %td", cases[i].text, skim(tm_json_skim_member, tm_str(cases[i].text)));
}

/* Sixty-four bytes are looked at together: brackets and strings at every place in them. */
static void blocks_make_no_difference(void **state)
{
    for (size_t front = 0; front < 140; front++) {
        for (size_t middle = 0; middle < 140; middle++) {
            struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
            ptrdiff_t len;

            tm_buf_addc(&text, '[');
            for (size_t i = 0; i < front; i++)
                tm_buf_addc(&text, i % 3 ? '1' : ',');
            tm_buf_adds(&text, "{\"}]\\\"\":[");
            for (size_t i = 0; i < middle; i++)
                tm_buf_adds(&text, i % 2 ? "]" : "[");
            tm_buf_adds(&text, middle % 2 ? "]]}]" : "]}]");
            len = (ptrdiff_t)text.len;
            tm_buf_adds(&text, "]]]]");
            assert_int_equal(skim(tm_json_skim_value, tm_buf_str(&text)), len);
            assert_int_equal(skim(tm_json_skim_value, tm_str_n(text.data, (size_t)len - 1)), -1);
        }
    }
}

TM_TESTS(cmocka_unit_test(values_end_where_their_brackets_close),
         cmocka_unit_test(members_have_a_key_and_a_value), cmocka_unit_test(blocks_make_no_difference))
