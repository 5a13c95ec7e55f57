/*
 * Which manifests commits changed, found by a few threads: walking through trees is most of the work. Private
 * to the consistency room.
 */
#ifndef TM_CONSISTENCY_MANIFEST_CHANGES_H
#define TM_CONSISTENCY_MANIFEST_CHANGES_H

#include "base/parallel.h"
#include "consistency/manifests.h"
#include "repo/history.h"

/* A manifest that is not the same in any parent. */
struct tm_changed_manifest {
    struct tm_str path;
    struct tm_tree_entry now;
    const struct tm_tree_entry *before; /* in each parent that is there */
};

struct tm_commit_changes {
    struct tm_history_commit *commit;
    struct tm_git_id *trees; /* of its parents that are there */
    size_t n_parents;
    struct tm_changed_manifest *manifests;
    size_t n, cap;
    struct tm_err err;
};

struct tm_manifest_changes {
    struct tm_repo *repo;
    struct tm_objects *objects[TM_PARALLEL_MAX]; /* one for each thread; the first is not owned */
    struct tm_arena arenas[TM_PARALLEL_MAX];
    struct tm_commit_changes *commits; /* of the last call */
    size_t n;
};

void tm_manifest_changes_init(struct tm_manifest_changes *changes, struct tm_repo *repo,
                              struct tm_objects *objects);
void tm_manifest_changes_release(struct tm_manifest_changes *changes);

/*
 * Replaces changes->commits by those of the history from index `from` on, n of them. Fails with the first
 * failure in the order of commits. Memory: about 200 bytes for each changed manifest.
 */
enum tm_code tm_manifest_changes_find(struct tm_manifest_changes *changes, struct tm_history *history,
                                      size_t from, size_t n, struct tm_err *err) TM_CHECK;

#endif
