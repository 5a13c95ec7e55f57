#include "base/parallel.h"
#include "test.h"

enum { N = 10007 };

struct work {
    unsigned char seen[N];
    size_t largest;
    bool bad_thread;
};

static void note(void *ctx, unsigned thread, size_t from, size_t to)
{
    struct work *work = ctx;

    if (thread >= TM_PARALLEL_MAX)
        work->bad_thread = true;
    for (size_t i = from; i < to; i++)
        work->seen[i]++;
}

static void every_index_is_worked_on_once(void **state)
{
    static const struct {
        size_t n, chunk;
    } cases[] = { { 0, 1 }, { 1, 1 }, { 5, 100 }, { N, 1 }, { N, 100 }, { N, N }, { N, SIZE_MAX / 16 } };

    for (size_t c = 0; c < TM_LEN(cases); c++) {
        struct work *work = tm_alloc(sizeof(*work));

        tm_parallel(cases[c].n, cases[c].chunk, note, work);
        for (size_t i = 0; i < N; i++)
            assert_int_equal(work->seen[i], i < cases[c].n);
        assert_false(work->bad_thread);
        free(work);
    }
}

static void measure(void *ctx, unsigned thread, size_t from, size_t to)
{
    struct work *work = ctx;

    assert_int_equal(thread, 0);
    work->largest = TM_MAX(work->largest, to - from);
}

static void one_piece_stays_on_the_calling_thread(void **state)
{
    struct work *work = tm_alloc(sizeof(*work));

    tm_parallel(7, 7, measure, work);
    assert_int_equal(work->largest, 7);
    free(work);
}

struct sums {
    size_t results[TM_PARALLEL_MAX]; /* of each thread's last work */
    size_t finished, stop_at;
    bool out_of_order;
};

static void square(void *ctx, unsigned thread, size_t i)
{
    struct sums *sums = ctx;

    sums->results[thread] = i * i;
}

static bool take(void *ctx, unsigned thread, size_t i)
{
    struct sums *sums = ctx;

    if (i != sums->finished || sums->results[thread] != i * i)
        sums->out_of_order = true;
    sums->finished++;
    return sums->finished < sums->stop_at;
}

static const struct tm_parallel_steps steps = { square, take };

static void results_are_taken_in_order(void **state)
{
    struct sums sums = { .stop_at = SIZE_MAX };

    tm_parallel_in_order(N, &steps, &sums);
    assert_int_equal(sums.finished, N);
    assert_false(sums.out_of_order);
}

static void nothing_is_taken_after_the_last_wanted_result(void **state)
{
    struct sums sums = { .stop_at = 100 };

    tm_parallel_in_order(N, &steps, &sums);
    assert_int_equal(sums.finished, 100);
    assert_false(sums.out_of_order);
}

TM_TESTS(cmocka_unit_test(every_index_is_worked_on_once),
         cmocka_unit_test(one_piece_stays_on_the_calling_thread),
         cmocka_unit_test(results_are_taken_in_order),
         cmocka_unit_test(nothing_is_taken_after_the_last_wanted_result))
