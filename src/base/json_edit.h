/*
 * Changes single values of a JSON document and keeps every other byte: key
 * order, indentation, line ends, the spelling of numbers, missing final newline.
 *
 * An edit names a path of members from the root. Where the value exists, its
 * bytes alone are replaced (not even those when it is spelled the same). Where
 * the last member or objects above it are missing, they are inserted as one
 * run of bytes after the last member of the deepest object that exists, in the
 * document's own style; docs/formats/json.md says how that is found. A null where
 * the path wants an object counts as missing and is replaced by one; anything
 * else there that is not an object is an error.
 */
#ifndef TM_BASE_JSON_EDIT_H
#define TM_BASE_JSON_EDIT_H

#include "base/buf.h"
#include "base/err.h"

/* At most this many bytes are edited or produced; larger documents give TM_E_LIMIT. */
enum { TM_JSON_EDIT_MAX = 16 << 20 };

struct tm_json_edit {
    const char *const *path; /* member names, ended by NULL; at least one */
    struct tm_str value;     /* the new value as JSON text: 36.5, null, "x"; trusted */
    bool only_existing;      /* do nothing when the member is not there */
};

/*
 * Applies the edits in order to `in` and replaces out by the result. TM_E_FORMAT,
 * naming line and column of `name`, when `in` is not valid JSON, has duplicate keys on the way,
 * or its root or a member on the way is not an object; out is then untouched. `in` may
 * be out's own content.
 */
enum tm_code tm_json_edit(const char *name, struct tm_str in, const struct tm_json_edit *edits, size_t n,
                          struct tm_buf *out, struct tm_err *err) TM_CHECK;

#endif
