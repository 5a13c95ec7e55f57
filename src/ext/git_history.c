/* Ranges of commits, and what they changed. */
#include "ext/git_internal.h"

#include "base/alloc.h"

enum { RANGE_MAX = 10000 };

static enum tm_code start_walk(git_revwalk **walk, struct tm_git *git, const struct tm_oid *from,
                               const struct tm_oid *to, struct tm_err *err)
{
    git_oid hide, push;
    enum tm_code code = tm_git_oid(&push, to, err);
    int rc;

    if (!code && *from->hex)
        code = tm_git_oid(&hide, from, err);
    if (code)
        return code;
    rc = git_revwalk_new(walk, git->repo);
    if (rc == 0)
        rc = git_revwalk_sorting(*walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
    if (rc == 0)
        rc = git_revwalk_push(*walk, &push);
    if (rc == 0 && *from->hex)
        rc = git_revwalk_hide(*walk, &hide);
    return rc < 0 ? tm_git_fail(err, rc, "cannot walk the history") : TM_OK;
}

enum tm_code tm_git_range(struct tm_git *git, const struct tm_oid *from, const struct tm_oid *to,
                          struct tm_arena *arena, struct tm_git_commit **commits, size_t *n,
                          struct tm_err *err)
{
    git_revwalk *walk = NULL;
    struct tm_oid *ids = NULL;
    size_t count = 0, cap = 0;
    git_oid id;
    enum tm_code code = start_walk(&walk, git, from, to, err);

    while (!code && git_revwalk_next(&id, walk) == 0) {
        if (count == RANGE_MAX) {
            code = tm_err_set(err, TM_E_LIMIT, "more than %d commits in the range", RANGE_MAX);
            break;
        }
        TM_GROW(ids, count, cap);
        ids[count++] = tm_git_oid_hex(&id);
    }
    git_revwalk_free(walk);
    if (!code) {
        struct tm_git_commit *list = tm_arena_array(arena, count, sizeof(*list));

        for (size_t i = 0; i < count && !code; i++)
            code = tm_git_commit_read(git, &ids[i], arena, &list[i], err);
        if (!code) {
            *commits = list;
            *n = count;
        }
    }
    free(ids);
    return code;
}

enum tm_code tm_git_load_tree(git_tree **tree, struct tm_git *git, const struct tm_oid *id,
                              struct tm_err *err)
{
    git_commit *commit = NULL;
    enum tm_code code;
    int rc;

    *tree = NULL;
    if (!*id->hex)
        return TM_OK;
    code = tm_git_load_commit(&commit, git, id, err);
    if (code)
        return code;
    rc = git_commit_tree(tree, commit);
    git_commit_free(commit);
    return rc < 0 ? tm_git_fail(err, rc, "cannot read the tree of '%s'", id->hex) : TM_OK;
}

static char letter_of(git_delta_t status)
{
    switch (status) {
    case GIT_DELTA_ADDED:
        return 'A';
    case GIT_DELTA_DELETED:
        return 'D';
    case GIT_DELTA_TYPECHANGE:
        return 'T';
    case GIT_DELTA_UNMODIFIED:
    case GIT_DELTA_MODIFIED:
    case GIT_DELTA_RENAMED:
    case GIT_DELTA_COPIED:
    case GIT_DELTA_IGNORED:
    case GIT_DELTA_UNTRACKED:
    case GIT_DELTA_UNREADABLE:
    case GIT_DELTA_CONFLICTED:
        break;
    }
    return 'M';
}

enum tm_code tm_git_diff_names(struct tm_git *git, const struct tm_oid *from, const struct tm_oid *to,
                               struct tm_arena *arena, struct tm_git_change **changes, size_t *n,
                               struct tm_err *err)
{
    git_tree *old = NULL, *new = NULL;
    git_diff *diff = NULL;
    enum tm_code code;
    int rc;

    code = tm_git_load_tree(&old, git, from, err);
    if (!code)
        code = tm_git_load_tree(&new, git, to, err);
    if (!code) {
        rc = git_diff_tree_to_tree(&diff, git->repo, old, new, NULL);
        if (rc < 0)
            code = tm_git_fail(err, rc, "cannot compare '%s' and '%s'", from->hex, to->hex);
    }
    if (!code) {
        size_t count = git_diff_num_deltas(diff);
        struct tm_git_change *list = tm_arena_array(arena, count, sizeof(*list));

        for (size_t i = 0; i < count; i++) {
            const git_diff_delta *delta = git_diff_get_delta(diff, i);
            const char *path = delta->new_file.path ? delta->new_file.path : delta->old_file.path;

            list[i] = (struct tm_git_change) { tm_arena_str(arena, tm_str(path)), letter_of(delta->status) };
        }
        *changes = list;
        *n = count;
    }
    git_diff_free(diff);
    git_tree_free(old);
    git_tree_free(new);
    return code;
}

struct tm_str tm_git_remote(struct tm_git *git, struct tm_arena *arena)
{
    git_strarray names = { NULL, 0 };
    struct tm_str found = TM_STR("");

    if (git_remote_list(&names, git->repo) < 0)
        return found;
    for (size_t i = 0; i < names.count; i++)
        if (i == 0 || strcmp(names.strings[i], "origin") == 0)
            found = tm_arena_str(arena, tm_str(names.strings[i]));
    git_strarray_dispose(&names);
    return found;
}

static enum tm_code start_search(git_revwalk **walk, struct tm_git *git, struct tm_err *err)
{
    static const char *const heads[] = { "HEAD", "ORIG_HEAD" };
    int rc = git_revwalk_new(walk, git->repo);

    if (rc == 0)
        rc = git_revwalk_sorting(*walk, GIT_SORT_TIME);
    if (rc == 0)
        rc = git_revwalk_push_glob(*walk, "*");
    for (size_t i = 0; i < TM_LEN(heads) && rc == 0; i++) {
        git_oid id;

        if (git_reference_name_to_id(&id, git->repo, heads[i]) == 0)
            rc = git_revwalk_push(*walk, &id);
    }
    return rc < 0 ? tm_git_fail(err, rc, "cannot walk the history") : TM_OK;
}

/* The id of what stands at path in a commit's tree; false when there is nothing. */
static bool blob_at(git_oid *out, struct tm_git *git, const git_oid *id, const char *path)
{
    git_tree_entry *entry = NULL;
    git_commit *commit = NULL;
    git_tree *tree = NULL;
    bool found = git_commit_lookup(&commit, git->repo, id) == 0 && git_commit_tree(&tree, commit) == 0 &&
                 git_tree_entry_bypath(&entry, tree, path) == 0;

    if (found)
        *out = *git_tree_entry_id(entry);
    git_tree_entry_free(entry);
    git_tree_free(tree);
    git_commit_free(commit);
    return found;
}

enum tm_code tm_git_find_blobs(struct tm_git *git, struct tm_str path, const struct tm_oid *blobs, size_t n,
                               struct tm_oid *commits, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = tm_strndup(path.data, path.len);
    git_revwalk *walk = NULL;
    git_oid id, blob;
    size_t found = 0;
    enum tm_code code = start_search(&walk, git, err);

    for (size_t i = 0; i < n; i++)
        commits[i].hex[0] = '\0';
    for (size_t seen = 0; !code && found < n && seen < TM_GIT_SEARCH_MAX && git_revwalk_next(&id, walk) == 0;
         seen++) {
        struct tm_oid hex;

        if (!blob_at(&blob, git, &id, name))
            continue;
        hex = tm_git_oid_hex(&blob);
        for (size_t i = 0; i < n; i++) {
            if (commits[i].hex[0] || strcmp(blobs[i].hex, hex.hex) != 0)
                continue;
            commits[i] = tm_git_oid_hex(&id);
            found++;
        }
    }
    git_revwalk_free(walk);
    return code;
}
