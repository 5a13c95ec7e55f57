#include "coverage/feed.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/io.h"
#include "coverage/source.h"
#include "ext/gzip.h"

enum { PACKED_BLOCK = 256 << 10 };

static void forget_packed(struct tm_feed *feed)
{
    tm_gunzip_free(feed->gunzip);
    free(feed->packed);
    feed->gunzip = NULL;
    feed->packed = NULL;
    feed->packed_from = feed->packed_to = 0;
}

void tm_feed_release(struct tm_feed *feed)
{
    forget_packed(feed);
    tm_closep(&feed->fd);
}

enum tm_code tm_feed_rewind(struct tm_feed *feed, struct tm_err *err)
{
    if (feed->fd >= 0 && lseek(feed->fd, 0, SEEK_SET) < 0)
        return tm_err_errno(err, errno, "cannot read '%s' again", feed->name);
    forget_packed(feed);
    feed->rest = feed->memory;
    feed->total = 0;
    feed->begun = feed->ended = false;
    return TM_OK;
}

/* read(2), for both kinds of source; 0 at the end, -1 with errno. */
static ssize_t read_raw(struct tm_feed *feed, char *to, size_t n)
{
    ssize_t got;

    if (feed->fd < 0) {
        n = TM_MIN(n, feed->rest.len);
        if (n)
            memcpy(to, feed->rest.data, n);
        feed->rest = tm_str_from(feed->rest, n);
        return (ssize_t)n;
    }
    do
        got = read(feed->fd, to, n);
    while (got < 0 && errno == EINTR);
    return got;
}

static enum tm_code read_some(struct tm_feed *feed, char *to, size_t n, size_t *got, struct tm_err *err)
{
    ssize_t result = read_raw(feed, to, n);

    if (result < 0)
        return tm_err_errno(err, errno, "cannot read '%s'", feed->name);
    *got = (size_t)result;
    return TM_OK;
}

/* The same for gzip data, unpacked. */
static enum tm_code unpack_some(struct tm_feed *feed, char *to, size_t n, size_t *got, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    *got = 0;
    while (!code && !*got) {
        struct tm_str packed =
            tm_str_n(feed->packed + feed->packed_from, feed->packed_to - feed->packed_from);

        if (!packed.len) {
            feed->packed_from = 0;
            code = read_some(feed, feed->packed, PACKED_BLOCK, &feed->packed_to, err);
            if (!code && !feed->packed_to)
                return tm_gunzip_finish(feed->gunzip, err);
            continue;
        }
        code = tm_gunzip_read(feed->gunzip, &packed, to, n, got, err);
        feed->packed_from = feed->packed_to - packed.len;
    }
    return code;
}

/* Reads the first bytes; when they are gzip they are what gets unpacked, and none of them counts. */
static enum tm_code begin(struct tm_feed *feed, char *to, size_t n, size_t *got, struct tm_err *err)
{
    size_t have = 0, some = 1;
    enum tm_code code = TM_OK;

    assert(n >= TM_FEED_MIN);
    feed->begun = true;
    while (!code && some && have < TM_FEED_MIN) {
        code = read_some(feed, to + have, TM_MIN(n, (size_t)PACKED_BLOCK) - have, &some, err);
        have += code ? 0 : some;
    }
    *got = have;
    if (code || !tm_gzip_is(tm_str_n(to, have)))
        return code;
    feed->gunzip = tm_gunzip_new(feed->name);
    feed->packed = tm_alloc(PACKED_BLOCK);
    memcpy(feed->packed, to, have);
    feed->packed_to = have;
    *got = 0;
    return TM_OK;
}

enum tm_code tm_feed_fill(struct tm_feed *feed, char *to, size_t n, size_t *got, struct tm_err *err)
{
    size_t have = 0;
    enum tm_code code = feed->begun ? TM_OK : begin(feed, to, n, &have, err);

    while (!code && !feed->ended && have < n) {
        size_t some;

        code = feed->gunzip ? unpack_some(feed, to + have, n - have, &some, err)
                            : read_some(feed, to + have, n - have, &some, err);
        if (code)
            break;
        feed->ended = some == 0;
        have += some;
        if (feed->total + have > TM_SOURCE_MAX)
            code = tm_err_set(err, TM_E_LIMIT, "'%s' is larger than the limit of %llu GiB", feed->name,
                              (unsigned long long)(TM_SOURCE_MAX >> 30));
    }
    if (code)
        return code;
    feed->total += have;
    *got = have;
    return TM_OK;
}
