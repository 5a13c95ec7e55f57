#include "test.h"

#include "base/arena.h"
#include "base/map.h"

static void an_empty_map_has_nothing(void **state)
{
    struct tm_map TM_CLEANUP(tm_map_release) map = TM_MAP_INIT;

    assert_null(tm_map_get(&map, TM_STR("x")));
    assert_false(tm_map_has(&map, TM_STR("")));
}

static void what_was_put_is_found_in_order(void **state)
{
    enum { COUNT = 20000 };
    struct tm_map TM_CLEANUP(tm_map_release) map = TM_MAP_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;
    static int values[COUNT];

    for (size_t i = 0; i < COUNT; i++) {
        bool added = false;
        void **at;

        tm_buf_clear(&key);
        tm_buf_addf(&key, "module-%zu", i * 7919 % COUNT);
        at = tm_map_at(&map, tm_arena_str(&arena, tm_buf_str(&key)), &added);
        assert_true(added);
        assert_null(*at);
        *at = &values[i];
    }
    assert_int_equal(map.len, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        bool added = true;

        tm_buf_clear(&key);
        tm_buf_addf(&key, "module-%zu", i * 7919 % COUNT);
        assert_ptr_equal(tm_map_get(&map, tm_buf_str(&key)), &values[i]);
        assert_ptr_equal(*tm_map_at(&map, tm_buf_str(&key), &added), &values[i]);
        assert_false(added);
        assert_true(tm_str_eq(map.entries[i].key, tm_buf_str(&key)));
        tm_buf_addc(&key, 'x');
        assert_false(tm_map_has(&map, tm_buf_str(&key)));
    }
    assert_int_equal(map.len, COUNT);
}

static void keys_are_bytes(void **state)
{
    static const struct tm_str keys[] = {
        { "", 0 },    { "\0", 1 },   { "\0\0", 2 }, { "a", 1 },
        { "a\0", 2 }, { "a\0b", 3 }, { "A", 1 },    { "\xff", 1 },
    };
    struct tm_map TM_CLEANUP(tm_map_release) map = TM_MAP_INIT;

    for (size_t i = 0; i < TM_LEN(keys); i++)
        *tm_map_at(&map, keys[i], NULL) = (void *)&keys[i];
    assert_int_equal(map.len, TM_LEN(keys));
    for (size_t i = 0; i < TM_LEN(keys); i++)
        assert_ptr_equal(tm_map_get(&map, keys[i]), &keys[i]);
    assert_ptr_equal(tm_map_get(&map, tm_str(NULL)), &keys[0]);
}

static void a_key_without_a_value_is_there(void **state)
{
    struct tm_map TM_CLEANUP(tm_map_release) map = TM_MAP_INIT;

    tm_map_at(&map, TM_STR("x"), NULL);
    assert_true(tm_map_has(&map, TM_STR("x")));
    assert_null(tm_map_get(&map, TM_STR("x")));
}

static void a_released_map_can_be_used_again(void **state)
{
    struct tm_map TM_CLEANUP(tm_map_release) map = TM_MAP_INIT;

    tm_map_at(&map, TM_STR("x"), NULL);
    tm_map_release(&map);
    assert_false(tm_map_has(&map, TM_STR("x")));
    tm_map_at(&map, TM_STR("y"), NULL);
    assert_int_equal(map.len, 1);
}

TM_TESTS(cmocka_unit_test(an_empty_map_has_nothing), cmocka_unit_test(what_was_put_is_found_in_order),
         cmocka_unit_test(keys_are_bytes), cmocka_unit_test(a_key_without_a_value_is_there),
         cmocka_unit_test(a_released_map_can_be_used_again))
