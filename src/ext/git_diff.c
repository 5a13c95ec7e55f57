/* Lines that differ; see git_diff.h. */
#include "ext/git_internal.h"

#include "ext/git_diff.h"

#include "base/alloc.h"
#include "base/map.h"

static void free_diff(git_diff **diff)
{
    git_diff_free(*diff);
}

static void free_patch(git_patch **patch)
{
    git_patch_free(*patch);
}

static void free_tree(git_tree **tree)
{
    git_tree_free(*tree);
}

static enum tm_code make_diff(git_diff **diff, struct tm_git *git, const struct tm_git_diff_request *request,
                              struct tm_err *err)
{
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    git_tree *TM_CLEANUP(free_tree) old = NULL;
    git_tree *TM_CLEANUP(free_tree) new = NULL;
    git_index *index = NULL;
    enum tm_code code = tm_git_load_tree(&old, git, request->from, err);
    int rc;

    options.flags = GIT_DIFF_IGNORE_SUBMODULES | GIT_DIFF_INDENT_HEURISTIC | GIT_DIFF_INCLUDE_UNTRACKED |
                    GIT_DIFF_RECURSE_UNTRACKED_DIRS | GIT_DIFF_SHOW_UNTRACKED_CONTENT;
    if (request->ignore_space)
        options.flags |= GIT_DIFF_IGNORE_WHITESPACE;
    options.context_lines = 0;
    options.interhunk_lines = 0;
    options.max_size = TM_GIT_DIFF_MAX;
    if (!code && request->to)
        code = tm_git_load_tree(&new, git, request->to, err);
    else if (!code)
        code = tm_git_index(&index, git, err);
    if (code)
        return code;
    if (request->to)
        rc = git_diff_tree_to_tree(diff, git->repo, old, new, &options);
    else
        rc = git_diff_tree_to_workdir_with_index(diff, git->repo, old, &options);
    return rc < 0 ? tm_git_fail(err, rc, "cannot compare with '%s'", request->from->hex) : TM_OK;
}

/* True for a regular file: not a link, a submodule, another repository. */
static bool is_file(const git_diff_file *file)
{
    return file->mode == GIT_FILEMODE_BLOB || file->mode == GIT_FILEMODE_BLOB_EXECUTABLE;
}

static bool is_added(const git_diff_delta *delta)
{
    return delta->status == GIT_DELTA_ADDED || delta->status == GIT_DELTA_UNTRACKED;
}

static size_t count_pairs(git_diff *diff, size_t *n_added)
{
    size_t n_deleted = 0;

    *n_added = 0;
    for (size_t i = 0; i < git_diff_num_deltas(diff); i++) {
        const git_diff_delta *delta = git_diff_get_delta(diff, i);

        *n_added += is_added(delta);
        n_deleted += delta->status == GIT_DELTA_DELETED;
    }
    return *n_added * n_deleted;
}

/*
 * libgit2 compares each added file with each deleted one, and looks for those in the list of all: both are
 * bounded. Past that `limited` is set, and the walk pairs files that stayed equal.
 */
static enum tm_code find_renames(git_diff *diff, bool *limited, struct tm_err *err)
{
    enum { STEPS_MAX = 100000000 };
    git_diff_find_options options = GIT_DIFF_FIND_OPTIONS_INIT;
    size_t n_added, pairs = count_pairs(diff, &n_added);
    int rc;

    *limited = pairs > TM_GIT_RENAME_PAIRS_MAX || n_added * git_diff_num_deltas(diff) > STEPS_MAX;
    if (pairs == 0 || *limited)
        return TM_OK;
    options.flags = GIT_DIFF_FIND_RENAMES | GIT_DIFF_FIND_FOR_UNTRACKED;
    options.rename_limit = TM_GIT_RENAME_PAIRS_MAX;
    rc = git_diff_find_similar(diff, &options);
    return rc < 0 ? tm_git_fail(err, rc, "cannot look for renamed files") : TM_OK;
}

struct walk {
    git_diff *diff;
    tm_git_delta_visit *visit;
    void *ctx;
    struct tm_git_hunk *hunks;
    size_t n, cap;
    struct tm_map deleted; /* with `limited`: by blob id, the delta that lost it */
};

static enum tm_code read_hunks(struct walk *walk, size_t i, struct tm_git_delta *out, struct tm_err *err)
{
    git_patch *TM_CLEANUP(free_patch) patch = NULL;
    int rc = git_patch_from_diff(&patch, walk->diff, i);

    if (rc < 0)
        return tm_git_fail(err, rc, "cannot compare '%.*s'", TM_STR_ARG(out->new_path));
    walk->n = 0;
    out->binary = patch && (git_patch_get_delta(patch)->flags & GIT_DIFF_FLAG_BINARY);
    for (size_t k = 0; patch && k < git_patch_num_hunks(patch); k++) {
        const git_diff_hunk *hunk;

        if (git_patch_get_hunk(&hunk, NULL, patch, k) < 0)
            return tm_git_fail(err, GIT_ERROR, "cannot compare '%.*s'", TM_STR_ARG(out->new_path));
        TM_GROW(walk->hunks, walk->n, walk->cap);
        walk->hunks[walk->n++] =
            (struct tm_git_hunk) { (uint32_t)hunk->old_start, (uint32_t)hunk->old_lines,
                                   (uint32_t)hunk->new_start, (uint32_t)hunk->new_lines };
    }
    out->hunks = walk->hunks;
    out->n_hunks = walk->n;
    return TM_OK;
}

static char letter_of(const git_diff_delta *delta)
{
    if (delta->status == GIT_DELTA_CONFLICTED)
        return 'U';
    if (is_added(delta) || !is_file(&delta->old_file))
        return 'A';
    return delta->status == GIT_DELTA_RENAMED ? 'R' : 'M';
}

/* Only its name is another: also of a binary file nothing is unknown then. */
static bool is_same(const git_diff_delta *delta)
{
    return delta->status == GIT_DELTA_RENAMED && !git_oid_is_zero(&delta->new_file.id) &&
           git_oid_equal(&delta->old_file.id, &delta->new_file.id);
}

static enum tm_code visit_delta(struct walk *walk, size_t i, struct tm_err *err)
{
    const git_diff_delta *delta = git_diff_get_delta(walk->diff, i), *from;
    struct tm_git_delta out = { .what = letter_of(delta) };
    enum tm_code code = TM_OK;

    if (out.what != 'U' && (delta->status == GIT_DELTA_DELETED || !is_file(&delta->new_file))) {
        if (!is_file(&delta->old_file))
            return TM_OK;
        out.what = 'D';
        out.old_path = tm_str(delta->old_file.path);
        return walk->visit(walk->ctx, &out, err);
    }
    out.new_path = tm_str(delta->new_file.path ? delta->new_file.path : delta->old_file.path);
    if (out.what != 'A')
        out.old_path = tm_str(delta->old_file.path);
    from = tm_map_get(&walk->deleted, tm_str_n((const char *)delta->new_file.id.id, GIT_OID_RAWSZ));
    if (out.what == 'A' && from) {
        out.what = 'R';
        out.old_path = tm_str(from->old_file.path);
    } else if (out.what != 'U' && !is_same(delta)) {
        code = read_hunks(walk, i, &out, err);
    }
    return code ? code : walk->visit(walk->ctx, &out, err);
}

static void index_deleted(struct walk *walk)
{
    for (size_t i = 0; i < git_diff_num_deltas(walk->diff); i++) {
        const git_diff_delta *delta = git_diff_get_delta(walk->diff, i);
        struct tm_str id = tm_str_n((const char *)delta->old_file.id.id, GIT_OID_RAWSZ);

        if (delta->status == GIT_DELTA_DELETED && is_file(&delta->old_file))
            *tm_map_at(&walk->deleted, id, NULL) = (void *)(uintptr_t)delta;
    }
}

enum tm_code tm_git_diff_lines(struct tm_git *git, const struct tm_git_diff_request *request,
                               tm_git_delta_visit *visit, void *ctx, bool *limited, struct tm_err *err)
{
    git_diff *TM_CLEANUP(free_diff) diff = NULL;
    struct walk walk = { .visit = visit, .ctx = ctx, .deleted = TM_MAP_INIT };
    enum tm_code code = make_diff(&diff, git, request, err);

    if (!code)
        code = find_renames(diff, limited, err);
    if (code)
        return code;
    walk.diff = diff;
    if (*limited)
        index_deleted(&walk);
    for (size_t i = 0; !code && i < git_diff_num_deltas(diff); i++)
        code = visit_delta(&walk, i, err);
    tm_map_release(&walk.deleted);
    free(walk.hunks);
    return code;
}
