#include "base/sort.h"

#include "test.h"

enum { MANY = 400 };

struct item {
    uint32_t key, place; /* place: where it stood */
};

static int by_key(const void *a, const void *b)
{
    return tm_compare(((const struct item *)a)->key, ((const struct item *)b)->key);
}

static uint32_t pseudo_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

/* Sorts items whose places are counted here; all must be there in order, equal ones as they stood. */
static void assert_sorts(struct item *items, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        items[i].place = (uint32_t)i;
        sum += (uint64_t)items[i].key * (i + 1);
    }
    tm_sort_runs(items, n, sizeof(*items), by_key);
    for (size_t i = 0; i < n; i++)
        sum -= (uint64_t)items[i].key * (items[i].place + 1);
    assert_true(sum == 0);
    for (size_t i = 1; i < n; i++) {
        assert_true(items[i - 1].key <= items[i].key);
        assert_true(items[i - 1].key < items[i].key || items[i - 1].place < items[i].place);
    }
}

static void runs_of_any_number_and_length_are_merged(void **state)
{
    struct item items[MANY];
    uint32_t seed = 3;

    for (size_t n = 0; n < MANY; n++) {
        for (uint32_t run = 1; run <= n + 1; run += 1 + run / 2) {
            for (size_t i = 0; i < n; i++)
                items[i].key = (uint32_t)(i % run) * 7 + pseudo_random(&seed) % 7;
            assert_sorts(items, n);
        }
    }
}

static void any_order_is_sorted(void **state)
{
    struct item items[MANY];
    uint32_t seed = 5;

    for (size_t n = 0; n < MANY; n++) {
        for (size_t i = 0; i < n; i++)
            items[i].key = pseudo_random(&seed) % (n % 3 ? 9 : 60000);
        assert_sorts(items, n);
        for (size_t i = 0; i < n; i++)
            items[i].key = (uint32_t)(n - i);
        assert_sorts(items, n);
    }
}

TM_TESTS(cmocka_unit_test(runs_of_any_number_and_length_are_merged), cmocka_unit_test(any_order_is_sorted))
