/*
 * The fields of a manifest that tidemark writes: testing.coverage_observed,
 * testing.observed_at and performance.observed.*. Private to the freeze room.
 */
#ifndef TM_FREEZE_OBSERVED_H
#define TM_FREEZE_OBSERVED_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * The content `now` of a manifest with its observed fields as in `frozen`, into out (replaced). When the two
 * differ in nothing else, out is `frozen` byte for byte (*exact); else a field that the frozen manifest did
 * not have becomes null and every other byte of `now` stays. TM_E_FORMAT when either is not JSON.
 */
enum tm_code tm_observed_restore(const char *path, struct tm_str frozen, struct tm_str now,
                                 struct tm_buf *out, bool *exact, struct tm_err *err) TM_CHECK;

#endif
