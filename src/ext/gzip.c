#include "ext/gzip.h"

#include <zlib.h>

#include "base/alloc.h"

enum state {
    IN_MEMBER,
    BETWEEN, /* behind a member: another one, or NULs up to the end */
    PADDING,
};

struct tm_gunzip {
    z_stream stream;
    const char *name;
    enum state state;
    uint64_t packed, plain; /* bytes so far */
};

bool tm_gzip_is(struct tm_str bytes)
{
    return tm_str_has_prefix(bytes, TM_STR("\x1f\x8b\x08"));
}

struct tm_gunzip *tm_gunzip_new(const char *name)
{
    enum { GZIP_ONLY = 16 };
    struct tm_gunzip *gunzip = tm_alloc(sizeof(*gunzip));

    gunzip->name = name;
    if (inflateInit2(&gunzip->stream, MAX_WBITS + GZIP_ONLY) != Z_OK)
        abort(); /* out of memory, as base/alloc.h has it */
    return gunzip;
}

void tm_gunzip_free(struct tm_gunzip *gunzip)
{
    if (!gunzip)
        return;
    inflateEnd(&gunzip->stream);
    free(gunzip);
}

static enum tm_code damaged(const struct tm_gunzip *gunzip, const char *what, struct tm_err *err)
{
    return tm_err_set(err, TM_E_FORMAT, "damaged gzip data (%s) in '%s'", what, gunzip->name);
}

/* One call of inflate: updates *packed, to and n. */
static enum tm_code inflate_some(struct tm_gunzip *gunzip, struct tm_str *packed, char **to, size_t *n,
                                 struct tm_err *err)
{
    enum { PIECE = 1 << 20 }; /* fits zlib's types */
    z_stream *stream = &gunzip->stream;
    uInt give = (uInt)TM_MIN(packed->len, (size_t)PIECE), room = (uInt)TM_MIN(*n, (size_t)PIECE);
    int result;

    stream->next_in = (z_const Bytef *)packed->data;
    stream->avail_in = give;
    stream->next_out = (Bytef *)*to;
    stream->avail_out = room;
    result = inflate(stream, Z_NO_FLUSH);
    *packed = tm_str_from(*packed, give - stream->avail_in);
    *to += room - stream->avail_out;
    *n -= room - stream->avail_out;
    gunzip->packed += give - stream->avail_in;
    gunzip->plain += room - stream->avail_out;
    if (result == Z_MEM_ERROR)
        abort();
    if (result == Z_STREAM_END)
        gunzip->state = BETWEEN;
    else if (result != Z_OK && result != Z_BUF_ERROR)
        return damaged(gunzip, stream->msg ? stream->msg : "needs a dictionary", err);
    return TM_OK;
}

/* Behind a member: begins the next one, or goes over NULs. */
static enum tm_code pass_between(struct tm_gunzip *gunzip, struct tm_str *packed, struct tm_err *err)
{
    if (packed->data[0]) {
        if (gunzip->state == PADDING)
            return damaged(gunzip, "bytes behind its end", err);
        inflateReset(&gunzip->stream);
        gunzip->state = IN_MEMBER;
        return TM_OK;
    }
    gunzip->state = PADDING;
    while (packed->len && !packed->data[0]) {
        *packed = tm_str_from(*packed, 1);
        gunzip->packed++;
    }
    return TM_OK;
}

enum tm_code tm_gunzip_read(struct tm_gunzip *gunzip, struct tm_str *packed, char *to, size_t n, size_t *got,
                            struct tm_err *err)
{
    size_t left = n;
    enum tm_code code = TM_OK;

    while (!code && left && packed->len) {
        if (gunzip->state != IN_MEMBER)
            code = pass_between(gunzip, packed, err);
        else
            code = inflate_some(gunzip, packed, &to, &left, err);
        if (!code && gunzip->plain > TM_GZIP_FREE && gunzip->plain / TM_GZIP_RATIO > gunzip->packed)
            return tm_err_set(err, TM_E_LIMIT,
                              "gzip data that unpacks to over %d times its size in '%s', unpack it first",
                              TM_GZIP_RATIO, gunzip->name);
    }
    *got = n - left;
    return code;
}

enum tm_code tm_gunzip_finish(const struct tm_gunzip *gunzip, struct tm_err *err)
{
    if (gunzip->state == IN_MEMBER)
        return tm_err_set(err, TM_E_FORMAT, "gzip data ends in the middle in '%s'", gunzip->name);
    return TM_OK;
}
