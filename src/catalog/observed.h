/*
 * The observed fields of a manifest (catalog/observed_fields.h), compared and put into another.
 */
#ifndef TM_CATALOG_OBSERVED_H
#define TM_CATALOG_OBSERVED_H

#include "catalog/observed_fields.h"

/* *same: the two manifests have the same fields of those groups, and spell their values alike. TM_E_FORMAT.
 */
enum tm_code tm_observed_same(const char *path, struct tm_str a, struct tm_str b, unsigned groups, bool *same,
                              struct tm_err *err) TM_CHECK;

/*
 * The content of a manifest with the fields of those groups as they are in `from`, into out (replaced; it may
 * be neither of them). Every other byte stays; a field that `from` does not have becomes null, and one whose
 * section is something else than an object is left out. TM_E_FORMAT, naming `path`, when either is not JSON
 * or not an object.
 */
enum tm_code tm_observed_take(const char *path, struct tm_str content, struct tm_str from, unsigned groups,
                              struct tm_buf *out, struct tm_err *err) TM_CHECK;

/*
 * The content `now` of a manifest with its observed fields as in `frozen`, into out (replaced; it may be
 * neither of them). When the two differ in nothing else, out is `frozen` byte for byte (*exact). Else it is
 * what tm_observed_take gives for all groups.
 */
enum tm_code tm_observed_restore(const char *path, struct tm_str frozen, struct tm_str now,
                                 struct tm_buf *out, bool *exact, struct tm_err *err) TM_CHECK;

#endif
