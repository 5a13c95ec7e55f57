/*
 * Reading ahead: blocks of bytes made by a thread of its own while their reader works on those before, so
 * that reading and unpacking a file take no time from parsing it. At most TM_AHEAD_BLOCKS are held.
 *
 * What a reader has not used of a block it takes along: there is room for it in front of the next one, so
 * that it sees the bytes without a gap.
 *
 * The maker's fill runs in the other thread and must not touch what the reader touches. One reader.
 */
#ifndef TM_BASE_AHEAD_H
#define TM_BASE_AHEAD_H

#include "base/err.h"
#include "base/str.h"

enum { TM_AHEAD_BLOCKS = 3 };

struct tm_ahead;

struct tm_ahead_plan {
    size_t block; /* bytes of a block */
    size_t room;  /* most bytes that are taken along */
    size_t slack; /* bytes behind a block that may be read and written; 0 at first */
    /* Puts the next n bytes at `to`, fewer only at their end. A failure is given to who takes the block. */
    enum tm_code (*fill)(void *ctx, char *to, size_t n, size_t *got, struct tm_err *err);
    void *ctx;
};

struct tm_ahead_block {
    char *data; /* what was taken along stands before it */
    size_t n;
    bool last; /* nothing follows; n may be 0 */
};

/* NULL when a second thread cannot be had or there is no processor for it: then read without. */
struct tm_ahead *tm_ahead_start(const struct tm_ahead_plan *plan);

/* Stops the thread, at the latest when the block it is at is full. */
void tm_ahead_free(struct tm_ahead *ahead);

/*
 * The next block, with `left`, at most plan->room bytes, in front of it. Valid until the next call, to which
 * `left` may point into it. Not to be called after the last one; a failure is the last one, and is
 * given again.
 */
enum tm_code tm_ahead_next(struct tm_ahead *ahead, struct tm_str left, struct tm_ahead_block *block,
                           struct tm_err *err) TM_CHECK;

#endif
