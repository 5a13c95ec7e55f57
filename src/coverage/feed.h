/*
 * The bytes of a source, from a file or from memory, unpacked when they are gzip. Private to
 * coverage/source.h, which has the limits and errors; one thread at a time.
 */
#ifndef TM_COVERAGE_FEED_H
#define TM_COVERAGE_FEED_H

#include "base/err.h"
#include "base/str.h"

struct tm_gunzip;

struct tm_feed {
    const char *name;           /* for messages; not owned */
    int fd;                     /* owned; -1 for memory */
    struct tm_str rest, memory; /* what is not read yet, and all of it, when it comes from memory */
    uint64_t total;             /* bytes read so far, unpacked */
    bool begun, ended;
    /* Of gzip data, else NULL. */
    struct tm_gunzip *gunzip;
    char *packed;
    size_t packed_from, packed_to;
};

void tm_feed_release(struct tm_feed *feed);

/* Back to the start. TM_E_IO. */
enum tm_code tm_feed_rewind(struct tm_feed *feed, struct tm_err *err) TM_CHECK;

/* The next n bytes into `to`; fewer only at the end, which feed->ended says then. n is at least TM_FEED_MIN.
 */
enum { TM_FEED_MIN = 3 };
enum tm_code tm_feed_fill(struct tm_feed *feed, char *to, size_t n, size_t *got, struct tm_err *err) TM_CHECK;

#endif
