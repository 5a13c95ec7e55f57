#include "base/ahead.h"

#include <sched.h>

#include "base/buf.h"
#include "test.h"

/* Bytes 0, 1, 2 ... modulo 251, `n` of them; then the end, or a failure. */
struct bytes {
    size_t made, n;
    bool fails;
};

static char byte_at(size_t i)
{
    return (char)(i % 251);
}

static enum tm_code fill_bytes(void *ctx, char *to, size_t n, size_t *got, struct tm_err *err)
{
    struct bytes *bytes = ctx;

    n = TM_MIN(n, bytes->n - bytes->made);
    if (n == 0 && bytes->fails)
        return tm_err_set(err, TM_E_IO, "no more after %zu bytes", bytes->made);
    for (size_t i = 0; i < n; i++)
        to[i] = byte_at(bytes->made++);
    *got = n;
    return TM_OK;
}

/* Reads everything, each time taking `keep` bytes along, and checks it. */
static enum tm_code read_all(struct tm_ahead *ahead, size_t keep, size_t *total, struct tm_err *err)
{
    struct tm_ahead_block block = { NULL, 0, false };
    struct tm_str left = TM_STR("");

    *total = 0;
    do {
        enum tm_code code = tm_ahead_next(ahead, left, &block, err);

        if (code)
            return code;
        for (size_t i = 0; i < left.len + block.n; i++)
            assert_int_equal(block.data[i - left.len], byte_at(*total - left.len + i));
        assert_int_equal(block.data[block.n], 0);
        *total += block.n;
        left.len = TM_MIN(left.len + block.n, keep);
        left.data = block.data + block.n - left.len;
    } while (!block.last);
    return TM_OK;
}

static struct tm_ahead_plan plan_of(struct bytes *bytes, size_t block, size_t room)
{
    return (struct tm_ahead_plan) { block, room, 1, fill_bytes, bytes };
}

static void blocks_come_in_order_with_what_was_left(void **state)
{
    static const struct {
        size_t n, block, keep;
    } cases[] = { { 0, 10, 0 },   { 9, 10, 3 },      { 10, 10, 3 },
                  { 11, 10, 10 }, { 100000, 7, 50 }, { 100000, 1, 1 } };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct bytes bytes = { .n = cases[i].n };
        struct tm_ahead_plan plan = plan_of(&bytes, cases[i].block, cases[i].keep);
        struct tm_ahead *ahead = tm_ahead_start(&plan);
        size_t total;

        if (!ahead)
            skip();
        assert_ok(&err, read_all(ahead, cases[i].keep, &total, &err));
        assert_int_equal(total, cases[i].n);
        tm_ahead_free(ahead);
    }
}

static void a_failure_comes_behind_the_blocks_before_it(void **state)
{
    struct bytes bytes = { .n = 40, .fails = true };
    struct tm_ahead_plan plan = plan_of(&bytes, 10, 0);
    struct tm_ahead *ahead = tm_ahead_start(&plan);
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ahead_block block;
    size_t total;

    if (!ahead)
        skip();
    assert_fails(&err, TM_E_IO, read_all(ahead, 0, &total, &err));
    assert_string_equal(tm_err_msg(&err), "no more after 40 bytes");
    assert_int_equal(total, 40);
    assert_fails(&err, TM_E_IO, tm_ahead_next(ahead, TM_STR(""), &block, &err));
    tm_ahead_free(ahead);
}

static void it_can_be_stopped_at_any_block(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    for (size_t n = 0; n < 50; n++) {
        struct bytes bytes = { .n = SIZE_MAX };
        struct tm_ahead_plan plan = plan_of(&bytes, 100, 0);
        struct tm_ahead *ahead = tm_ahead_start(&plan);
        struct tm_ahead_block block;

        if (!ahead)
            skip();
        for (size_t i = 0; i < n; i++)
            assert_ok(&err, tm_ahead_next(ahead, TM_STR(""), &block, &err));
        tm_ahead_free(ahead);
        assert_in_range(bytes.made, n * 100, (n + TM_AHEAD_BLOCKS) * 100);
    }
}

static void with_one_processor_there_is_none(void **state)
{
    struct bytes bytes = { .n = 40 };
    struct tm_ahead_plan plan = plan_of(&bytes, 10, 0);
    cpu_set_t all, one;

    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    CPU_ZERO(&one);
    for (size_t i = 0; !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &all))
            CPU_SET(i, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_null(tm_ahead_start(&plan));
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    assert_int_equal(bytes.made, 0);
}

TM_TESTS(cmocka_unit_test(blocks_come_in_order_with_what_was_left),
         cmocka_unit_test(a_failure_comes_behind_the_blocks_before_it),
         cmocka_unit_test(it_can_be_stopped_at_any_block), cmocka_unit_test(with_one_processor_there_is_none))
