/*
 * gzip (RFC 1952) as a stream, on zlib: packed bytes in, plain ones out, nothing kept.
 *
 * Several members one after the other are one text, and NULs may follow the last one, as gzip(1) has it.
 * Data that ends in a member, a wrong checksum and anything else behind a member are errors. What
 * unpacks to more than TM_GZIP_FREE bytes may be at most TM_GZIP_RATIO times as large as it is packed:
 * reports are not that repetitive, and what is made to fill a disk or a day is.
 *
 * Errors are "<problem> in '<name>'".
 */
#ifndef TM_EXT_GZIP_H
#define TM_EXT_GZIP_H

#include "base/err.h"
#include "base/str.h"

enum {
    TM_GZIP_FREE = 64 << 20,
    TM_GZIP_RATIO = 200,
};

struct tm_gunzip;

/* True when bytes start as gzip does; three are enough. */
bool tm_gzip_is(struct tm_str bytes);

/* name is used in messages and must stay valid. */
struct tm_gunzip *tm_gunzip_new(const char *name);
void tm_gunzip_free(struct tm_gunzip *gunzip);

/*
 * Unpacks into the n bytes at `to`, *got of them. Takes what it used off *packed; when that becomes empty,
 * and *got is less than n, give more. TM_E_FORMAT or TM_E_LIMIT; the stream is then finished.
 */
enum tm_code tm_gunzip_read(struct tm_gunzip *gunzip, struct tm_str *packed, char *to, size_t n, size_t *got,
                            struct tm_err *err) TM_CHECK;

/* Says that the data is over: TM_E_FORMAT when it is not. */
enum tm_code tm_gunzip_finish(const struct tm_gunzip *gunzip, struct tm_err *err) TM_CHECK;

#endif
