/*
 * Manifests as commits have them: which paths are manifests, what one says, and where one was before. Private
 * to the consistency room.
 */
#ifndef TM_CONSISTENCY_MANIFESTS_H
#define TM_CONSISTENCY_MANIFESTS_H

#include "catalog/observed_fields.h"
#include "repo/repo.h"
#include "repo/tree_diff.h"

/* True for names that a manifest can have; false for a path that makes no module by its place or the
 * settings. */
bool tm_manifest_is_named(const struct tm_repo *repo, struct tm_str name);
bool tm_manifest_counts(const struct tm_repo *repo, struct tm_str path);

struct tm_manifest_at {
    struct tm_object *object; /* its bytes; NULL when there is none */
    struct tm_observed_fields fields;
    struct tm_buf module;
    struct tm_buf unreadable; /* why it cannot be read; "" when it can */
};
#define TM_MANIFEST_AT_INIT ((struct tm_manifest_at) { .module = TM_BUF_INIT, .unreadable = TM_BUF_INIT })

/*
 * Reads the manifest that stood at `path`, entry. One that is too large or not JSON is unreadable, which is
 * no failure; an entry that is no file gives an empty one.
 */
enum tm_code tm_manifest_at_read(struct tm_manifest_at *manifest, struct tm_objects *objects,
                                 struct tm_str path, const struct tm_tree_entry *entry, struct tm_err *err)
    TM_CHECK;
void tm_manifest_at_release(struct tm_manifest_at *manifest);

/* True when both have the same values in the fields of the group. */
bool tm_manifest_at_same(const struct tm_manifest_at *a, const struct tm_manifest_at *b, unsigned group);

/* Manifests that one tree has and another does not have at that path. */
struct tm_gone_manifest {
    struct tm_str path;
    struct tm_tree_entry entry;
};
struct tm_gone_manifests {
    struct tm_arena arena;
    struct tm_gone_manifest *items;
    size_t n, cap;
};
#define TM_GONE_MANIFESTS_INIT ((struct tm_gone_manifests) { .arena = TM_ARENA_INIT })
enum tm_code tm_gone_manifests_find(struct tm_gone_manifests *gone, const struct tm_repo *repo,
                                    struct tm_objects *objects, const struct tm_git_id *before,
                                    const struct tm_git_id *now, struct tm_err *err) TM_CHECK;
void tm_gone_manifests_release(struct tm_gone_manifests *gone);

/*
 * The manifest that was moved to where `now` stands: the gone one with the same blob, else the one whose
 * module has the same name; read into *before, which stays empty when there is none.
 */
enum tm_code tm_gone_manifests_match(const struct tm_gone_manifests *gone, struct tm_objects *objects,
                                     const struct tm_tree_entry *entry, const struct tm_manifest_at *now,
                                     struct tm_manifest_at *before, struct tm_err *err) TM_CHECK;

#endif
