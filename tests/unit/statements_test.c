#include "coverage/statements.h"

#include "coverage/hits.h"
#include "test.h"

enum { MANY = 600, ROUNDS = 40 };

static uint32_t pseudo_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

static bool same(const struct tm_statement *a, const struct tm_statement *b)
{
    return memcmp(&a->at, &b->at, sizeof(a->at)) == 0 && a->n == b->n && a->hits == b->hits;
}

static void assert_holds(const struct tm_statements *list, const struct tm_statement *want, size_t n)
{
    struct tm_statements_iter iter = tm_statements_iter(list);
    uint64_t total = 0, covered = 0;
    struct tm_statement got;

    assert_int_equal(list->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_true(tm_statements_next(&iter, &got));
        if (!same(&got, &want[i]))
            fail_msg("record %zu is %u.%u, not %u.%u", i, got.at.line, got.at.column, want[i].at.line,
                     want[i].at.column);
        total += want[i].n;
        covered += want[i].hits ? want[i].n : 0;
    }
    assert_false(tm_statements_next(&iter, &got));
    assert_int_equal(list->total, total);
    assert_int_equal(list->covered, covered);
}

static void statements_come_back_as_they_went_in(void **state)
{
    /* Numbers of every length, and ends before their start. */
    static const struct tm_statement records[] = {
        { { 1, 0, 0, 0 }, 1, 0 },
        { { 1, 127, 1, 127 }, 127, 127 },
        { { 1, 128, 65, 128 }, 128, 128 },
        { { 2, 1, 1, 1 }, 1, 16383 },
        { { 129, 16384, 16700, 9 }, 70000, 16384 },
        { { 40000, UINT32_MAX, 1, UINT32_MAX }, UINT32_MAX, UINT32_MAX },
        { { 40000, UINT32_MAX, UINT32_MAX, 1 }, 1, UINT64_MAX - 1 },
        { { TM_LINE_MAX, 1, 0, 0 }, 1, UINT64_MAX },
    };
    struct tm_statements TM_CLEANUP(tm_statements_release) list = TM_STATEMENTS_INIT;

    tm_statements_add(&list, records, TM_LEN(records));
    assert_false(list.loose);
    assert_holds(&list, records, TM_LEN(records));
}

static int by_extent(const void *pa, const void *pb)
{
    const struct tm_extent *a = &((const struct tm_statement *)pa)->at;
    const struct tm_extent *b = &((const struct tm_statement *)pb)->at;

    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    if (a->end_line != b->end_line)
        return a->end_line < b->end_line ? -1 : 1;
    return (a->end_column > b->end_column) - (a->end_column < b->end_column);
}

/* What settling must give, worked out plainly; returns how many are left. */
static size_t unite(struct tm_statement *records, size_t n, bool greatest)
{
    size_t kept = 0;

    qsort(records, n, sizeof(*records), by_extent);
    for (size_t i = 1; i < n; i++) {
        struct tm_statement *last = &records[kept];

        if (by_extent(last, &records[i])) {
            records[++kept] = records[i];
            continue;
        }
        last->n = TM_MAX(last->n, records[i].n);
        last->hits = greatest ? TM_MAX(last->hits, records[i].hits) : last->hits + records[i].hits;
    }
    return n ? kept + 1 : 0;
}

static struct tm_statement any(uint32_t *seed, uint32_t lines)
{
    struct tm_statement s = { .n = 1 + pseudo_random(seed) % 3, .hits = pseudo_random(seed) % 3 };

    s.at.line = 1 + pseudo_random(seed) % lines;
    s.at.column = pseudo_random(seed) % 4;
    s.at.end_line = s.at.line + pseudo_random(seed) % 2;
    s.at.end_column = pseudo_random(seed) % 2;
    return s;
}

/* Added one by one, several at once, and as lists of their own, that are loose or not. */
static void any_order_comes_to_the_same(void **state)
{
    uint32_t seed = 7;

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct tm_statements TM_CLEANUP(tm_statements_release) list = { .greatest = round % 2 };
        struct tm_statement want[MANY];
        size_t n = 1 + pseudo_random(&seed) % MANY;

        for (size_t i = 0; i < n; i++)
            want[i] = any(&seed, round < ROUNDS / 2 ? 9 : 50000);
        for (size_t i = 0, few; i < n; i += few) {
            struct tm_statements part = { .greatest = list.greatest };

            few = 1 + pseudo_random(&seed) % 20;
            few = TM_MIN(few, n - i);
            switch (pseudo_random(&seed) % 3) {
            case 0:
                tm_statements_add(&list, &want[i], few);
                continue;
            case 1:
                tm_statements_add(&part, &want[i], few);
                break;
            default:
                tm_statements_add(&part, &want[i], few);
                tm_statements_settle(&part);
            }
            if (pseudo_random(&seed) % 2)
                tm_statements_append(&list, &part);
            else
                tm_statements_merge(&list, &part);
            tm_statements_release(&part);
        }
        tm_statements_settle(&list);
        n = unite(want, n, list.greatest);
        assert_holds(&list, want, n);
    }
}

static void repetition_takes_no_memory(void **state)
{
    struct tm_statements TM_CLEANUP(tm_statements_release) list = TM_STATEMENTS_INIT;
    struct tm_statement s = { { 0, 1, 1, 2 }, 1, 1 };

    for (uint32_t i = 0; i < 1000000; i++) {
        s.at.line = 1 + i % 10;
        tm_statements_add(&list, &s, 1);
    }
    assert_true(list.cap < 1000);
    tm_statements_settle(&list);
    assert_int_equal(list.n, 10);
    assert_int_equal(list.covered, 10);
}

TM_TESTS(cmocka_unit_test(statements_come_back_as_they_went_in),
         cmocka_unit_test(any_order_comes_to_the_same), cmocka_unit_test(repetition_takes_no_memory))
