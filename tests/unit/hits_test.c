#include "coverage/hits.h"
#include "test.h"

static void add(struct tm_hits *lines, uint32_t line, uint64_t hits)
{
    struct tm_line record = { line, hits };

    tm_hits_add(lines, &record, 1);
}

static void lines_come_back_as_they_went_in(void **state)
{
    /* Steps and hits of every length. */
    static const struct tm_line records[] = {
        { 1, 0 },
        { 2, 1 },
        { 129, 127 },
        { 257, 128 },
        { 16640, 16383 },
        { 33024, 16384 },
        { 2130176, UINT32_MAX },
        { 4227328, UINT64_MAX - 1 },
        { TM_LINE_MAX, UINT64_MAX },
    };
    struct tm_hits TM_CLEANUP(tm_hits_release) lines = TM_HITS_INIT;
    struct tm_hits_iter iter;
    struct tm_line record;

    tm_hits_add(&lines, records, TM_LEN(records));
    iter = tm_hits_iter(&lines);
    for (size_t i = 0; i < TM_LEN(records); i++) {
        assert_true(tm_hits_next(&iter, &record));
        assert_int_equal(record.line, records[i].line);
        assert_true(record.hits == records[i].hits);
    }
    assert_false(tm_hits_next(&iter, &record));
    assert_false(lines.loose);
    assert_int_equal(lines.n, TM_LEN(records));
    assert_int_equal(lines.covered, TM_LEN(records) - 1);
}

static void settling_sorts_and_adds_hits(void **state)
{
    static const struct tm_line want[] = { { 1, 5 }, { 3, UINT64_MAX }, { 9, 0 } };
    struct tm_hits TM_CLEANUP(tm_hits_release) lines = TM_HITS_INIT;
    struct tm_hits_iter iter;
    struct tm_line record;

    add(&lines, 9, 0);
    add(&lines, 3, UINT64_MAX);
    add(&lines, 3, 1);
    add(&lines, 1, 2);
    add(&lines, 9, 0);
    add(&lines, 1, 3);
    assert_true(lines.loose);
    tm_hits_settle(&lines);
    assert_false(lines.loose);
    assert_int_equal(lines.n, 3);
    assert_int_equal(lines.covered, 2);
    iter = tm_hits_iter(&lines);
    for (size_t i = 0; i < TM_LEN(want); i++) {
        assert_true(tm_hits_next(&iter, &record));
        assert_int_equal(record.line, want[i].line);
        assert_true(record.hits == want[i].hits);
    }
    assert_false(tm_hits_next(&iter, &record));
}

static void putting_equals_adding(void **state)
{
    struct tm_hits TM_CLEANUP(tm_hits_release) put = TM_HITS_INIT;
    struct tm_hits TM_CLEANUP(tm_hits_release) added = TM_HITS_INIT;
    struct tm_hits TM_CLEANUP(tm_hits_release) copy = TM_HITS_INIT;

    /* Steps around 128 forward, none, and back, with hits around 128. */
    for (uint32_t i = 0; i < 10000; i++) {
        uint32_t line = 1000 + i * 37 % 400;
        uint64_t hits = 120 + i % 16;

        tm_hits_put(&put, line, hits);
        add(&added, line, hits);
    }
    tm_hits_append(&copy, &put);
    assert_int_equal(copy.cap, put.len);
    tm_hits_settle(&copy);
    tm_hits_settle(&put);
    tm_hits_settle(&added);
    /* A settled list has one spelling. */
    assert_int_equal(put.n, 400);
    assert_int_equal(put.len, added.len);
    assert_memory_equal(put.data, added.data, put.len);
    assert_int_equal(put.len, copy.len);
    assert_memory_equal(put.data, copy.data, put.len);
    tm_hits_clear(&put);
    assert_int_equal(put.n, 0);
    assert_true(put.cap > 0);
}

static void a_line_takes_two_bytes(void **state)
{
    struct tm_hits TM_CLEANUP(tm_hits_release) lines = TM_HITS_INIT;

    for (uint32_t i = 1; i <= 100000; i++)
        add(&lines, 3 * i, i % 100);
    assert_int_equal(lines.len, 200000);
}

static void merging_keeps_all_and_empties_the_source(void **state)
{
    struct tm_hits TM_CLEANUP(tm_hits_release) a = TM_HITS_INIT;
    struct tm_hits TM_CLEANUP(tm_hits_release) b = TM_HITS_INIT;

    add(&b, 7, 1);
    add(&b, 5, 0);
    tm_hits_merge(&a, &b); /* moves */
    assert_int_equal(b.n, 0);
    add(&b, 5, 2);
    add(&b, 6, 1);
    tm_hits_merge(&a, &b); /* adds */
    assert_int_equal(b.n, 0);
    assert_null(b.data);
    tm_hits_settle(&a);
    assert_int_equal(a.n, 3);
    assert_int_equal(a.covered, 3);
}

static void lines_of_one_list_are_taken_off_another(void **state)
{
    static const struct {
        const char *all, *without, *left;
    } cases[] = {
        { "", "", "" },       { "abc", "", "abc" },  { "", "abc", "" },          { "abc", "abc", "" },
        { "abc", "b", "ac" }, { "bd", "ace", "bd" }, { "acegz", "bcdz", "aeg" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_hits TM_CLEANUP(tm_hits_release) all = TM_HITS_INIT;
        struct tm_hits TM_CLEANUP(tm_hits_release) without = TM_HITS_INIT;
        struct tm_hits TM_CLEANUP(tm_hits_release) left = TM_HITS_INIT;
        const char *want = cases[i].left;
        struct tm_hits_iter iter;
        struct tm_line line;

        add(&left, 7, 7);
        for (const char *c = cases[i].all; *c; c++)
            add(&all, (uint32_t)*c, (uint64_t)*c * 1000);
        for (const char *c = cases[i].without; *c; c++)
            add(&without, (uint32_t)*c, 1);
        tm_hits_subtract(&left, &all, &without);
        assert_int_equal(left.n, strlen(want));
        iter = tm_hits_iter(&left);
        for (; tm_hits_next(&iter, &line); want++) {
            assert_int_equal(line.line, *want);
            assert_int_equal(line.hits, *want * 1000);
        }
    }
}

TM_TESTS(cmocka_unit_test(lines_of_one_list_are_taken_off_another),
         cmocka_unit_test(lines_come_back_as_they_went_in), cmocka_unit_test(settling_sorts_and_adds_hits),
         cmocka_unit_test(putting_equals_adding), cmocka_unit_test(a_line_takes_two_bytes),
         cmocka_unit_test(merging_keeps_all_and_empties_the_source))
