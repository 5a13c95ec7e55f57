/* What differs between HEAD, index and work tree. */
#include "ext/git_internal.h"

#include "base/alloc.h"

/* Changes by path; a path may appear twice, once from each comparison. */
struct changes {
    struct tm_arena *arena;
    struct tm_git_change *items;
    size_t n, cap;
};

static char letter_of(git_delta_t status)
{
    switch (status) {
    case GIT_DELTA_ADDED:
        return 'A';
    case GIT_DELTA_DELETED:
        return 'D';
    case GIT_DELTA_TYPECHANGE:
        return 'T';
    case GIT_DELTA_UNTRACKED:
        return '?';
    case GIT_DELTA_CONFLICTED:
        return 'U';
    default:
        return 'M';
    }
}

static void add_deltas(struct changes *changes, git_diff *diff)
{
    for (size_t i = 0; i < git_diff_num_deltas(diff); i++) {
        const git_diff_delta *delta = git_diff_get_delta(diff, i);
        const char *path = delta->new_file.path ? delta->new_file.path : delta->old_file.path;

        TM_GROW(changes->items, changes->n, changes->cap);
        changes->items[changes->n++] =
            (struct tm_git_change) { tm_arena_str(changes->arena, tm_str(path)), letter_of(delta->status) };
    }
}

static enum tm_code collect(struct changes *changes, struct tm_git *git, git_index *index, git_tree *tree,
                            struct tm_err *err)
{
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    git_diff *staged = NULL, *unstaged = NULL;
    int rc;

    /* A submodule counts as changed when another commit is checked out in it, whatever else it holds. */
    options.ignore_submodules = GIT_SUBMODULE_IGNORE_DIRTY;
    options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_SKIP_BINARY_CHECK;
    rc = git_diff_tree_to_index(&staged, git->repo, tree, index, &options);
    options.flags |= GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS;
    if (rc == 0)
        rc = git_diff_index_to_workdir(&unstaged, git->repo, index, &options);
    if (rc == 0) {
        add_deltas(changes, unstaged);
        add_deltas(changes, staged);
    }
    git_diff_free(staged);
    git_diff_free(unstaged);
    return rc < 0 ? tm_git_fail(err, GIT_ERROR, "cannot compare the work tree with HEAD") : TM_OK;
}

static int compare_changes(const void *a, const void *b)
{
    const struct tm_git_change *x = a, *y = b;
    int by_path = tm_str_cmp(x->path, y->path);

    /* Any order will do for one path: it stands once for each comparison, and the letter is settled below. */
    return by_path ? by_path : x->what - y->what;
}

/* Sorts and makes each path appear once, with the more telling letter. */
static size_t settle(struct tm_git_change *items, size_t n)
{
    static const char order[] = "UDAT?M"; /* the earlier one wins */
    size_t kept = 0;

    if (n)
        qsort(items, n, sizeof(*items), compare_changes);
    for (size_t i = 0; i < n; i++) {
        if (kept && tm_str_eq(items[kept - 1].path, items[i].path)) {
            if (strchr(order, items[i].what) < strchr(order, items[kept - 1].what))
                items[kept - 1].what = items[i].what;
        } else {
            items[kept++] = items[i];
        }
    }
    return kept;
}

enum tm_code tm_git_changes(struct tm_git *git, struct tm_arena *arena, size_t limit,
                            struct tm_git_change **out, size_t *n, size_t *total, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) scratch = TM_ARENA_INIT;
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { .branch = NULL };
    struct changes changes = { &scratch, NULL, 0, 0 };
    git_commit *commit = NULL;
    git_tree *tree = NULL;
    git_index *index;
    enum tm_code code = tm_git_index(&index, git, err);

    if (!code)
        code = tm_git_head(git, &head, err);
    if (!code && !head.unborn)
        code = tm_git_load_commit(&commit, git, &head.commit, err);
    if (!code && commit && git_commit_tree(&tree, commit) < 0)
        code = tm_git_fail(err, GIT_ERROR, "cannot read the tree of HEAD");
    if (!code)
        code = collect(&changes, git, index, tree, err);
    if (!code) {
        *total = settle(changes.items, changes.n);
        *n = TM_MIN(*total, limit);
        *out = tm_arena_array(arena, *n, sizeof(**out));
        for (size_t i = 0; i < *n; i++)
            (*out)[i] =
                (struct tm_git_change) { tm_arena_str(arena, changes.items[i].path), changes.items[i].what };
    }
    free(changes.items);
    git_tree_free(tree);
    git_commit_free(commit);
    return code;
}

enum tm_code tm_git_is_tracked(struct tm_git *git, struct tm_str path, bool *tracked, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = tm_strndup(path.data, path.len);
    git_index *index;
    enum tm_code code = tm_git_check_path(path, err);

    if (!code)
        code = tm_git_index(&index, git, err);
    if (code)
        return code;
    *tracked = git_index_find(NULL, index, name) == 0;
    return TM_OK;
}

enum tm_code tm_git_is_ignored(struct tm_git *git, struct tm_str path, bool *ignored, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = tm_strndup(path.data, path.len);
    int matched = 0;
    bool tracked;
    enum tm_code code = tm_git_is_tracked(git, path, &tracked, err);

    if (code)
        return code;
    if (!tracked && git_ignore_path_is_ignored(&matched, git->repo, name) < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot match '%s' with the ignore rules", name);
    *ignored = !tracked && matched;
    return TM_OK;
}
