/*
 * Work on an array by a few threads at once, for what is bound by the processor or by many small reads. The
 * pieces must not depend on each other; what comes out must not depend on who did what.
 */
#ifndef TM_BASE_PARALLEL_H
#define TM_BASE_PARALLEL_H

#include "base/base.h"

/* Threads that one call uses at most; `thread` is below it. */
enum { TM_PARALLEL_MAX = 4 };

/* Processors this process may run on, at least 1. */
unsigned tm_parallel_processors(void);

/*
 * Calls work(ctx, thread, from, to) for pieces of at most `chunk` indexes that together are 0 to n, and
 * returns when all are done. As many threads as there are processors for us, the calling one included; only
 * that one (thread 0) when there is but one piece. Each thread has its own number, for memory of its own.
 */
void tm_parallel(size_t n, size_t chunk, void (*work)(void *ctx, unsigned thread, size_t from, size_t to),
                 void *ctx);

/*
 * Work whose results must be taken in order: steps->work(ctx, thread, i) for i from 0 to n - 1 by the same
 * threads at once, and after each steps->finish(ctx, thread, i), on the thread that did the work, one at a
 * time and in the order of i. At most TM_PARALLEL_MAX results are unfinished at any time. When finish returns
 * false, no finish follows; some works may.
 */
struct tm_parallel_steps {
    void (*work)(void *ctx, unsigned thread, size_t i);
    bool (*finish)(void *ctx, unsigned thread, size_t i);
};
void tm_parallel_in_order(size_t n, const struct tm_parallel_steps *steps, void *ctx);

#endif
