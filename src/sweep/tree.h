/*
 * Folders of tidemark's own in the state folder: their names, and their removal whatever a
 * job left in them.
 */
#ifndef TM_SWEEP_TREE_H
#define TM_SWEEP_TREE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"

/*
 * Adds a repository path as one name of a folder, at most 200 bytes, different for different paths: '/'
 * becomes
 * '+', bytes other than letters, digits, '-', '_' and '.' (and a '.' in front) become '~' and two digits, the
 * root is "~". Of a longer one the first part stays, followed by '~' and 16 digits of its SHA-256.
 */
void tm_tree_add_name(struct tm_buf *out, struct tm_str path);

/*
 * Removes the folder at path beneath root with all it holds. Links are removed, not followed; folders without
 * permissions get them; any depth. A missing folder is fine. TM_E_IO names what could not be removed.
 */
enum tm_code tm_tree_remove(const struct tm_root *root, struct tm_str path, struct tm_err *err) TM_CHECK;

/* Creates the folder at path beneath root and those above it, without syncing: for what a crash may lose. */
enum tm_code tm_tree_make(const struct tm_root *root, struct tm_str path, struct tm_err *err) TM_CHECK;

/*
 * Of the folders directly in `path` beneath root, removes all but the `keep` that were changed last (by
 * time, then name). What cannot be removed is left.
 */
void tm_tree_prune(const struct tm_root *root, struct tm_str path, size_t keep);

#endif
