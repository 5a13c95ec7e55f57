#include "base/json_row.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "test.h"

enum { BEHIND = 72 };

/* Takes the row that text begins with: how many bytes it has, 0 when it is left to the reader. */
static size_t take(struct tm_str text, struct tm_json_row *row)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) padded = TM_BUF_INIT;
    const char *end;

    tm_buf_add_str(&padded, text);
    for (size_t i = 0; i < BEHIND; i++)
        tm_buf_addc(&padded, ",]0"[i % 3]);
    end = tm_json_row_take(padded.data, padded.data + padded.len, row);
    return end ? (size_t)(end - padded.data) : 0;
}

static void rows_as_tools_write_them_are_taken(void **state)
{
    static const struct {
        const char *text;
        struct tm_json_row want;
    } cases[] = {
        { "[0]", { { 0 }, 1 } },
        { "[12345678,1234567,123456,12345,1234,123,12,1]",
          { { 12345678, 1234567, 123456, 12345, 1234, 123, 12, 1 }, 8 } },
        { "[1,2,3,4,5,6,7,8,9]", { { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, 9 } },
        { "[135,17,0,true,true,false]", { { 135, 17, 0, 1, 1, 0 }, 6 } },
        { "[135,17,0,true,false,false]", { { 135, 17, 0, 1, 0, 0 }, 6 } },
        { "[135,17,0,false,false,false]", { { 135, 17, 0, 0, 0, 0 }, 6 } },
        { "[true,true,false]", { { 1, 1, 0 }, 3 } },
        { "[1,true,true,false]", { { 1, 1, 1, 0 }, 4 } },
        { "[0,0,0]", { { 0, 0, 0 }, 3 } },
        { "[10,5,11,40,130,0,0,0]", { { 10, 5, 11, 40, 130, 0, 0, 0 }, 8 } },
        { "[99999999,99999999,99999999,99999999,99999999,99999999,0,0,0]",
          { { 99999999, 99999999, 99999999, 99999999, 99999999, 99999999, 0, 0, 0 }, 9 } },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_str text = tm_str(cases[i].text);
        struct tm_json_row row;

        if (take(text, &row) != text.len || row.n != cases[i].want.n ||
            memcmp(row.values, cases[i].want.values, row.n * sizeof(row.values[0])) != 0)
            fail_msg("%s", cases[i].text);
    }
}

static void other_rows_are_left(void **state)
{
    static const char *const cases[] = {
        "[]",
        "[,1]",
        "[1,]",
        "[1,,2]",
        "[01]",
        "[00]",
        "[1,02,3]",
        "[-1]",
        "[1.5]",
        "[1e3]",
        "[123456789]",
        "[ 1]",
        "[1 ]",
        "[1, 2]",
        "[\"1\"]",
        "[null]",
        "[True]",
        "[tru]",
        "[truee]",
        "[fals,1]",
        "[falsey]",
        "[[1]]",
        "[{}]",
        "[1:2]",
        "[1/2]",
        "1]",
        "{1]",
        "[a]",
        "[\xff]",
        "[1,\x80,0,0,0]",
        "[0,0,0,0,0,0,0,0,0,0]",
        "[1,2,3,4,5,6,7,0,0,0]",
        "[,0,0,0]",
        "[1,,true,true,false]",
        "[x,0,0,0]",
        "[12345678,12345678,12345678,12345678,12345678,12345678,12345678,8]",
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_json_row row;

        if (take(tm_str(cases[i]), &row))
            fail_msg("%s", cases[i]);
    }
}

/* What is taken reads the same through the reader. */
static void assert_same(struct tm_str text, const struct tm_json_row *row)
{
    struct tm_json_reader reader;
    enum tm_json_token token;

    tm_json_reader_init(&reader, "row", text);
    assert_int_equal(tm_json_next(&reader, &token, NULL), TM_OK);
    assert_int_equal(token, TM_JSON_ARRAY_BEGIN);
    for (unsigned i = 0; i < row->n; i++) {
        uint64_t value = 2;

        assert_int_equal(tm_json_next(&reader, &token, NULL), TM_OK);
        if (token == TM_JSON_TRUE || token == TM_JSON_FALSE)
            value = token == TM_JSON_TRUE;
        else
            assert_true(tm_json_u64(&reader, &value));
        assert_true(value == row->values[i]);
    }
    assert_int_equal(tm_json_next(&reader, &token, NULL), TM_OK);
    assert_int_equal(token, TM_JSON_ARRAY_END);
    assert_int_equal(tm_json_next(&reader, &token, NULL), TM_OK);
    assert_int_equal(token, TM_JSON_END);
}

/* Rows with a byte changed anywhere. */
static void damage_is_never_taken_for_a_row(void **state)
{
    static const char *const rows[] = { "[3617,5,0,true,false,false]", "[3931,5,3932,40,1,0,0,0]",
                                        "[12345678,1,23,456,7890,true,99999,false]" };
    size_t taken = 0;

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        for (size_t at = 0; rows[i][at]; at++) {
            for (int c = 0; c < 256; c++) {
                struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
                struct tm_json_row row;
                size_t len;

                tm_buf_adds(&text, rows[i]);
                text.data[at] = (char)c;
                len = take(tm_buf_str(&text), &row);
                if (!len)
                    continue;
                taken++;
                assert_same(tm_str_n(text.data, len), &row);
            }
        }
    }
    assert_true(taken > 500);
}

/* Nothing behind the end is read. */
static void a_row_near_the_end_is_left(void **state)
{
    static const char row[] = "[1,2,3]";

    for (size_t room = 0; room < 80; room++) {
        /* Memory of its own, so that sanitizers see what is read behind it. */
        char *TM_CLEANUP(tm_freep) text = tm_alloc(room + 1);
        struct tm_json_row taken;

        memcpy(text, row, TM_MIN(room, sizeof(row) - 1));
        assert_int_equal(tm_json_row_take(text, text + room, &taken) != NULL, room >= BEHIND);
    }
}

TM_TESTS(cmocka_unit_test(rows_as_tools_write_them_are_taken), cmocka_unit_test(other_rows_are_left),
         cmocka_unit_test(damage_is_never_taken_for_a_row), cmocka_unit_test(a_row_near_the_end_is_left))
