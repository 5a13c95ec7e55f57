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
 * The content `now` of a manifest with its observed fields as in `frozen`, into out (replaced; it may be
 * neither of them). When the two differ in nothing else, out is `frozen` byte for byte (*exact). Else every
 * other byte of `now` stays, a field that the frozen manifest did not have becomes null, and one whose
 * section has become something else than an object is left out. TM_E_FORMAT, naming `path`, when either is
 * not JSON or not an object.
 */
enum tm_code tm_observed_restore(const char *path, struct tm_str frozen, struct tm_str now,
                                 struct tm_buf *out, bool *exact, struct tm_err *err) TM_CHECK;

#endif
