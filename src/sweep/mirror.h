/*
 * A copy of a module, for collectors that build in place and would leave the work tree dirty.
 *
 * The mirror is a folder that stands for the repository's root. In it the module's
 * tree (its files that count, nested modules included) is copied to its own place; what
 * stands beside it, and beside each folder above it, is a link to the real thing, so that a
 * build that reads `../other/include` or `../../common.mk` finds it. `.git` is not there. What a
 * build writes through these links lands in the real tree: that it does not is the module's business.
 */
#ifndef TM_SWEEP_MIRROR_H
#define TM_SWEEP_MIRROR_H

#include "repo/files.h"

/*
 * Makes the mirror of the module in folder `module` ("" for the root) at path `at` beneath state, which must
 * not exist. Modes and times of files are kept; a file that is gone meanwhile is left out. On failure what
 * was made is left for tm_tree_remove.
 */
enum tm_code tm_mirror_make(const struct tm_root *state, struct tm_str at, const struct tm_root *root,
                            const struct tm_files *files, struct tm_str module, struct tm_err *err) TM_CHECK;

#endif
