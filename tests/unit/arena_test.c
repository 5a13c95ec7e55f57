#include "test.h"

#include "base/arena.h"

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    unsigned char *pieces[2000];

    for (size_t i = 0; i < TM_LEN(pieces); i++) {
        size_t n = i % 97;

        pieces[i] = tm_arena_alloc(&arena, n);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)(i & 0xFF), n);
    }
    for (size_t i = 0; i < TM_LEN(pieces); i++)
        for (size_t k = 0; k < i % 97; k++)
            assert_int_equal(pieces[i][k], i & 0xFF);
}

static void a_piece_may_be_larger_than_any_block(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    char *small = tm_arena_alloc(&arena, 1);
    char *large = tm_arena_alloc(&arena, 5 << 20);

    large[0] = large[(5 << 20) - 1] = 'x';
    *small = 'y';
    assert_int_equal(*(char *)tm_arena_alloc(&arena, 1), 0);
    assert_int_equal(large[0], 'x');
}

static void the_size_grows_with_what_is_handed_out_and_not_much_more(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;

    assert_int_equal(tm_arena_size(&arena), 0);
    for (size_t i = 0; i < 100000; i++)
        tm_arena_alloc(&arena, 64);
    assert_true(tm_arena_size(&arena) >= 6400000);
    assert_true(tm_arena_size(&arena) <= 6400000 + (2 << 20));
    tm_arena_release(&arena);
    assert_int_equal(tm_arena_size(&arena), 0);
}

static void strings_are_copied_and_terminated(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    char text[] = { 'a', '\0', 'b', 'c' };
    struct tm_str copy = tm_arena_str(&arena, tm_str_n(text, 3));
    struct tm_str empty = tm_arena_str(&arena, tm_str(NULL));

    memset(text, 'x', sizeof(text));
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.data, "a\0b\0", 4);
    assert_int_equal(empty.len, 0);
    assert_string_equal(empty.data, "");
}

static void arrays_hold_their_elements(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    uint64_t *numbers = tm_arena_array(&arena, 1000, sizeof(*numbers));

    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], 0);
}

TM_TESTS(cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
         cmocka_unit_test(a_piece_may_be_larger_than_any_block),
         cmocka_unit_test(the_size_grows_with_what_is_handed_out_and_not_much_more),
         cmocka_unit_test(strings_are_copied_and_terminated), cmocka_unit_test(arrays_hold_their_elements))
