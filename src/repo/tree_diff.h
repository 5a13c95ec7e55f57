/*
 * What a commit has that none of its parents has: git's combined diff, for files of one name. Folders that
 * are the same as in a parent are never read.
 */
#ifndef TM_REPO_TREE_DIFF_H
#define TM_REPO_TREE_DIFF_H

#include "ext/git_objects.h"

enum { TM_TREE_MAX = 256 << 20, TM_PARENTS_MAX = 1024 };

struct tm_tree_entry {
    unsigned mode; /* git's: TM_GIT_FILE and so on; 0 for an entry that is not there */
    struct tm_str name;
    struct tm_git_id id;
};

/* True for a file that is read as one: neither a link nor a submodule nor a folder. */
bool tm_tree_entry_is_file(const struct tm_tree_entry *entry);

/*
 * Takes the next entry off *rest, the bytes of a tree; its name points into them. False at the end, and when
 * what follows is no entry: then *rest is not empty.
 */
bool tm_tree_next(struct tm_str *rest, struct tm_tree_entry *entry) TM_CHECK;

/* The entry at `path` below a tree; mode 0 when there is none. Its name is not set. */
enum tm_code tm_tree_find(struct tm_objects *objects, const struct tm_git_id *tree, struct tm_str path,
                          struct tm_tree_entry *entry, struct tm_err *err) TM_CHECK;

struct tm_tree_diff {
    struct tm_objects *objects;
    bool (*is_wanted)(void *ctx, struct tm_str name); /* by the last part of the path */
    /*
     * Called for each file that is in the tree and not the same in any parent; `before` is what stands at the
     * path in each parent, n of them, mode 0 for nothing. All is valid inside the call only.
     */
    enum tm_code (*visit)(void *ctx, struct tm_str path, const struct tm_tree_entry *now,
                          const struct tm_tree_entry *before, size_t n, struct tm_err *err);
    void *ctx;
};

/*
 * Visits in byte order of trees. With n 0 every file is new. TM_E_GIT for a tree that is damaged, TM_E_LIMIT
 * for a path over TM_PATH_MAX or over TM_PARENTS_MAX parents; else the first failure of visit, or of reading.
 */
enum tm_code tm_tree_diff(const struct tm_tree_diff *diff, const struct tm_git_id *tree,
                          const struct tm_git_id *parents, size_t n, struct tm_err *err) TM_CHECK;

#endif
