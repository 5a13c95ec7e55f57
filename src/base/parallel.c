#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>

struct crew {
    size_t n, chunk;
    size_t next; /* first index that nobody has taken; touched with __atomic_fetch_add only */
    void (*work)(void *ctx, unsigned thread, size_t from, size_t to);
    void *ctx;
};

struct worker {
    struct crew *crew;
    unsigned thread;
    pthread_t id;
};

static void *run(void *arg)
{
    const struct worker *worker = arg;
    struct crew *crew = worker->crew;

    for (;;) {
        size_t from = __atomic_fetch_add(&crew->next, crew->chunk, __ATOMIC_RELAXED);

        if (from >= crew->n)
            return NULL;
        crew->work(crew->ctx, worker->thread, from, from + TM_MIN(crew->chunk, crew->n - from));
    }
}

unsigned tm_parallel_processors(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return 1;
    return (unsigned)TM_MAX(CPU_COUNT(&set), 1);
}

void tm_parallel(size_t n, size_t chunk, void (*work)(void *ctx, unsigned thread, size_t from, size_t to),
                 void *ctx)
{
    struct crew crew = { .n = n, .chunk = chunk, .work = work, .ctx = ctx };
    struct worker workers[TM_PARALLEL_MAX] = { 0 };
    unsigned wanted = n <= chunk ? 1 : TM_MIN(tm_parallel_processors(), (unsigned)TM_PARALLEL_MAX);
    unsigned started = 1;

    assert(chunk > 0);
    for (unsigned i = 0; i < TM_PARALLEL_MAX; i++)
        workers[i] = (struct worker) { .crew = &crew, .thread = i };
    /* Fewer threads than wanted only take longer. */
    while (started < wanted && pthread_create(&workers[started].id, NULL, run, &workers[started]) == 0)
        started++;
    run(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].id, NULL);
}

struct queue {
    const struct tm_parallel_steps *steps;
    void *ctx;
    pthread_mutex_t mutex;
    pthread_cond_t turned;
    size_t turn; /* index that is finished next; SIZE_MAX when none is */
};

/* Waits until it is i's turn; false when there will be no more turns. */
static bool wait_for_turn(struct queue *queue, size_t i)
{
    bool mine;

    pthread_mutex_lock(&queue->mutex);
    while (queue->turn < i)
        pthread_cond_wait(&queue->turned, &queue->mutex);
    mine = queue->turn == i;
    pthread_mutex_unlock(&queue->mutex);
    return mine;
}

static void pass_turn(struct queue *queue, size_t turn)
{
    pthread_mutex_lock(&queue->mutex);
    queue->turn = turn;
    pthread_cond_broadcast(&queue->turned);
    pthread_mutex_unlock(&queue->mutex);
}

/* Indexes are handed out in order, so whoever waits waits for a thread that is at work. */
static void work_and_finish(void *ctx, unsigned thread, size_t from, size_t to)
{
    struct queue *queue = ctx;

    for (size_t i = from; i < to; i++) {
        queue->steps->work(queue->ctx, thread, i);
        if (wait_for_turn(queue, i))
            pass_turn(queue, queue->steps->finish(queue->ctx, thread, i) ? i + 1 : SIZE_MAX);
    }
}

void tm_parallel_in_order(size_t n, const struct tm_parallel_steps *steps, void *ctx)
{
    struct queue queue = { steps, ctx, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };

    tm_parallel(n, 1, work_and_finish, &queue);
    pthread_cond_destroy(&queue.turned);
    pthread_mutex_destroy(&queue.mutex);
}
