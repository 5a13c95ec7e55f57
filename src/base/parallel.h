/*
 * Work on an array by a few threads at once, for what is bound by the processor or by many small reads. The
 * pieces must not depend on each other; what comes out must not depend on who did what.
 */
#ifndef TM_BASE_PARALLEL_H
#define TM_BASE_PARALLEL_H

#include "base/base.h"

/* Threads that one call uses at most; `thread` is below it. */
enum { TM_PARALLEL_MAX = 4 };

/*
 * Calls work(ctx, thread, from, to) for pieces of at most `chunk` indexes that together are 0 to n, and
 * returns when all are done. As many threads as there are processors for us, the calling one included; only
 * that one (thread 0) when there is but one piece. Each thread has its own number, for memory of its own.
 */
void tm_parallel(size_t n, size_t chunk, void (*work)(void *ctx, unsigned thread, size_t from, size_t to),
                 void *ctx);

#endif
