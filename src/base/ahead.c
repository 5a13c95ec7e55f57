#include "base/ahead.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/parallel.h"

struct slot {
    char *memory; /* room, block, slack */
    size_t n;
    bool last;
    enum tm_code code;
    struct tm_err err;
};

/* Blocks are numbered in order; number i is in slot i % TM_AHEAD_BLOCKS. */
struct tm_ahead {
    struct tm_ahead_plan plan;
    pthread_t thread;
    pthread_mutex_t mutex; /* of made, taken, stop */
    pthread_cond_t changed;
    uint64_t made, taken; /* the block that was taken last is still the reader's */
    bool stop;
    struct slot slots[TM_AHEAD_BLOCKS];
};

static char *data_of(const struct tm_ahead *ahead, const struct slot *slot)
{
    return slot->memory + ahead->plan.room;
}

/* Waits for a slot to fill; NULL when no more are wanted. */
static struct slot *free_slot(struct tm_ahead *ahead)
{
    struct slot *slot;

    pthread_mutex_lock(&ahead->mutex);
    while (!ahead->stop && ahead->made - ahead->taken + (ahead->taken > 0) == TM_AHEAD_BLOCKS)
        pthread_cond_wait(&ahead->changed, &ahead->mutex);
    slot = ahead->stop ? NULL : &ahead->slots[ahead->made % TM_AHEAD_BLOCKS];
    pthread_mutex_unlock(&ahead->mutex);
    return slot;
}

static void *make_blocks(void *arg)
{
    struct tm_ahead *ahead = arg;
    struct slot *slot;
    bool last = false;

    while (!last && (slot = free_slot(ahead)) != NULL) {
        char *data = data_of(ahead, slot);

        slot->n = 0;
        slot->code = ahead->plan.fill(ahead->plan.ctx, data, ahead->plan.block, &slot->n, &slot->err);
        memset(data + slot->n, 0, ahead->plan.slack);
        last = slot->last = slot->code || slot->n < ahead->plan.block;
        pthread_mutex_lock(&ahead->mutex);
        ahead->made++;
        pthread_cond_signal(&ahead->changed);
        pthread_mutex_unlock(&ahead->mutex);
    }
    return NULL;
}

struct tm_ahead *tm_ahead_start(const struct tm_ahead_plan *plan)
{
    struct tm_ahead *ahead;

    if (tm_parallel_processors() < 2)
        return NULL;
    ahead = tm_alloc(sizeof(*ahead));
    ahead->plan = *plan;
    pthread_mutex_init(&ahead->mutex, NULL);
    pthread_cond_init(&ahead->changed, NULL);
    for (size_t i = 0; i < TM_AHEAD_BLOCKS; i++) {
        ahead->slots[i].memory = tm_realloc_array(NULL, plan->room + plan->block + plan->slack, 1);
        ahead->slots[i].err = TM_ERR_INIT;
    }
    if (pthread_create(&ahead->thread, NULL, make_blocks, ahead) == 0)
        return ahead;
    ahead->stop = true;
    tm_ahead_free(ahead);
    return NULL;
}

void tm_ahead_free(struct tm_ahead *ahead)
{
    if (!ahead)
        return;
    if (!ahead->stop) {
        pthread_mutex_lock(&ahead->mutex);
        ahead->stop = true;
        pthread_cond_signal(&ahead->changed);
        pthread_mutex_unlock(&ahead->mutex);
        pthread_join(ahead->thread, NULL);
    }
    pthread_cond_destroy(&ahead->changed);
    pthread_mutex_destroy(&ahead->mutex);
    for (size_t i = 0; i < TM_AHEAD_BLOCKS; i++) {
        free(ahead->slots[i].memory);
        tm_err_release(&ahead->slots[i].err);
    }
    free(ahead);
}

/* Waits for the next block, which stays the maker's. */
static struct slot *made_slot(struct tm_ahead *ahead)
{
    struct slot *slot;

    pthread_mutex_lock(&ahead->mutex);
    while (ahead->made == ahead->taken)
        pthread_cond_wait(&ahead->changed, &ahead->mutex);
    slot = &ahead->slots[ahead->taken % TM_AHEAD_BLOCKS];
    pthread_mutex_unlock(&ahead->mutex);
    return slot;
}

enum tm_code tm_ahead_next(struct tm_ahead *ahead, struct tm_str left, struct tm_ahead_block *block,
                           struct tm_err *err)
{
    struct slot *slot = made_slot(ahead);
    char *data = data_of(ahead, slot);

    if (slot->code)
        return tm_err_set(err, slot->code, "%s", tm_err_msg(&slot->err));
    assert(left.len <= ahead->plan.room);
    if (left.len)
        memcpy(data - left.len, left.data, left.len);
    *block = (struct tm_ahead_block) { data, slot->n, slot->last };
    /* Gives the block before back. */
    pthread_mutex_lock(&ahead->mutex);
    ahead->taken++;
    pthread_cond_signal(&ahead->changed);
    pthread_mutex_unlock(&ahead->mutex);
    return TM_OK;
}
