#include "consistency/manifest_changes.h"

#include "base/alloc.h"

/* Commits that a thread takes at once: the folders of one are mostly those of the next. */
enum { CHUNK = 128 };

void tm_manifest_changes_init(struct tm_manifest_changes *changes, struct tm_repo *repo,
                              struct tm_objects *objects)
{
    *changes = (struct tm_manifest_changes) { .repo = repo, .objects = { objects } };
}

static void clear(struct tm_manifest_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        free(changes->commits[i].trees);
        free(changes->commits[i].manifests);
        tm_err_release(&changes->commits[i].err);
    }
    free(changes->commits);
    for (size_t i = 0; i < TM_PARALLEL_MAX; i++)
        tm_arena_release(&changes->arenas[i]);
    changes->commits = NULL;
    changes->n = 0;
}

void tm_manifest_changes_release(struct tm_manifest_changes *changes)
{
    clear(changes);
    for (size_t i = 1; i < TM_PARALLEL_MAX; i++)
        tm_objects_close(changes->objects[i]);
}

/* The trees of a commit's parents; threads must not read commits, whose memory is the history's. */
static enum tm_code find_parents(struct tm_manifest_changes *changes, struct tm_history *history,
                                 struct tm_commit_changes *at, struct tm_err *err)
{
    at->trees = tm_alloc_array(at->commit->n_parents, sizeof(*at->trees));
    for (size_t i = 0; i < at->commit->n_parents; i++) {
        struct tm_history_commit *parent = NULL;
        enum tm_code code = tm_history_commit(history, changes->repo->git, changes->objects[0],
                                              &at->commit->parents[i], &parent, err);

        if (code)
            return code;
        if (parent)
            at->trees[at->n_parents++] = parent->tree;
    }
    return TM_OK;
}

/* What a thread is at. */
struct walk {
    const struct tm_repo *repo;
    struct tm_arena *arena;
    struct tm_commit_changes *at;
};

static bool is_wanted(void *ctx, struct tm_str name)
{
    const struct walk *walk = ctx;

    return tm_manifest_is_named(walk->repo, name);
}

static enum tm_code note(void *ctx, struct tm_str path, const struct tm_tree_entry *now,
                         const struct tm_tree_entry *before, size_t n, struct tm_err *err)
{
    const struct walk *walk = ctx;
    struct tm_commit_changes *at = walk->at;
    struct tm_tree_entry *copy = tm_arena_array(walk->arena, n, sizeof(*copy));

    /* Names point into trees that are soon gone. */
    for (size_t i = 0; i < n; i++)
        copy[i] = (struct tm_tree_entry) { .mode = before[i].mode, .name = TM_STR(""), .id = before[i].id };
    TM_GROW(at->manifests, at->n, at->cap);
    at->manifests[at->n++] = (struct tm_changed_manifest) {
        .path = tm_arena_str(walk->arena, path),
        .now = { .mode = now->mode, .name = TM_STR(""), .id = now->id },
        .before = copy,
    };
    return TM_OK;
}

static void walk_commits(void *ctx, unsigned thread, size_t from, size_t to)
{
    struct tm_manifest_changes *changes = ctx;
    struct walk walk = { changes->repo, &changes->arenas[thread], NULL };
    struct tm_tree_diff diff = { NULL, is_wanted, note, &walk };

    for (size_t i = from; i < to; i++) {
        struct tm_commit_changes *at = &changes->commits[i];

        if (!changes->objects[thread] &&
            tm_objects_open(&changes->objects[thread], changes->repo->git, &at->err))
            return;
        diff.objects = changes->objects[thread];
        walk.at = at;
        if (tm_tree_diff(&diff, &at->commit->tree, at->trees, at->n_parents, &at->err))
            return;
    }
}

enum tm_code tm_manifest_changes_find(struct tm_manifest_changes *changes, struct tm_history *history,
                                      size_t from, size_t n, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    clear(changes);
    changes->commits = tm_alloc_array(n, sizeof(*changes->commits));
    changes->n = n;
    for (size_t i = 0; i < n && !code; i++) {
        changes->commits[i].commit = history->commits.items[from + i].commit;
        code = find_parents(changes, history, &changes->commits[i], err);
    }
    if (code)
        return code;
    tm_parallel(n, CHUNK, walk_commits, changes);
    for (size_t i = 0; i < n; i++)
        if (changes->commits[i].err.code)
            return tm_err_move(err, &changes->commits[i].err);
    return TM_OK;
}
