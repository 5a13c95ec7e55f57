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

TM_TESTS(cmocka_unit_test(every_index_is_worked_on_once),
         cmocka_unit_test(one_piece_stays_on_the_calling_thread))
