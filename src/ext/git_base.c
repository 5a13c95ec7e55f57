/* Where the work of a branch began; see git_diff.h. */
#include "ext/git_internal.h"

#include "ext/git_diff.h"

#include "base/alloc.h"
#include "base/map.h"

/* Commits reached from one, each once, in the order they were found; those that are not there are left out.
 */
struct reached {
    struct tm_arena arena;
    struct tm_map ids; /* raw */
    git_time_t newest; /* of the candidates for a base */
    git_oid base;
    bool found;
};

static void reached_release(struct reached *reached)
{
    tm_map_release(&reached->ids);
    tm_arena_release(&reached->arena);
}

static void reach(struct reached *reached, const git_oid *id)
{
    struct tm_str key = tm_str_n((const char *)id->id, GIT_OID_RAWSZ);

    if (!tm_map_has(&reached->ids, key))
        tm_map_at(&reached->ids, tm_arena_str(&reached->arena, key), NULL);
}

/* Follows parents as far as they are there, but not beyond what `known` has: such a commit may be the base.
 */
static void follow(struct reached *reached, struct tm_git *git, const git_oid *start,
                   const struct reached *known)
{
    reach(reached, start);
    for (size_t i = 0; i < reached->ids.len; i++) {
        struct tm_str key = reached->ids.entries[i].key;
        git_commit *commit = NULL;
        git_oid id;

        git_oid_fromraw(&id, (const unsigned char *)key.data);
        if (git_commit_lookup(&commit, git->repo, &id) < 0)
            continue;
        if (!known || !tm_map_has(&known->ids, key)) {
            for (unsigned k = 0; k < git_commit_parentcount(commit); k++)
                reach(reached, git_commit_parent_id(commit, k));
        } else if (!reached->found || git_commit_time(commit) > reached->newest) {
            reached->found = true;
            reached->newest = git_commit_time(commit);
            reached->base = id;
        }
        git_commit_free(commit);
    }
}

/* In a shallow clone: libgit2 fails at the first parent that is not there, and leaves memory behind. */
static bool find_shallow_base(struct tm_git *git, const git_oid *a, const git_oid *b, git_oid *base)
{
    struct reached TM_CLEANUP(reached_release) one = { .arena = TM_ARENA_INIT, .ids = TM_MAP_INIT };
    struct reached TM_CLEANUP(reached_release) two = { .arena = TM_ARENA_INIT, .ids = TM_MAP_INIT };

    follow(&one, git, a, NULL);
    follow(&two, git, b, &one);
    *base = two.base;
    return two.found;
}

enum tm_code tm_git_merge_base(struct tm_git *git, const struct tm_oid *a, const struct tm_oid *b,
                               struct tm_oid *base, struct tm_err *err)
{
    git_oid one, two, found;
    enum tm_code code = tm_git_oid(&one, a, err);
    int rc = 0;

    if (!code)
        code = tm_git_oid(&two, b, err);
    if (code)
        return code;
    if (!tm_git_is_shallow(git))
        rc = git_merge_base(&found, git->repo, &one, &two);
    else if (!find_shallow_base(git, &one, &two, &found))
        return tm_err_set(err, TM_E_NOT_FOUND,
                          "this clone is too shallow to have the merge base of '%.10s' and '%.10s', run "
                          "'git fetch --unshallow' or give BASE..HEAD",
                          a->hex, b->hex);
    if (rc == GIT_ENOTFOUND)
        return tm_err_set(err, TM_E_NOT_FOUND,
                          "'%.10s' and '%.10s' have no common ancestor, give BASE..HEAD to compare them as "
                          "they are",
                          a->hex, b->hex);
    if (rc < 0)
        return tm_git_fail(err, rc, "cannot find the merge base of '%.10s' and '%.10s'", a->hex, b->hex);
    *base = tm_git_oid_hex(&found);
    return TM_OK;
}

/* "origin/main" when refs/remotes/<remote>/<name> is there. */
static bool find_remote_branch(struct tm_git *git, struct tm_str remote, const char *name, struct tm_buf *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) ref = TM_BUF_INIT;
    git_reference *found = NULL;

    tm_buf_addf(&ref, "refs/remotes/%.*s/%s", TM_STR_ARG(remote), name);
    if (git_reference_lookup(&found, git->repo, ref.data) < 0)
        return false;
    if (git_reference_type(found) == GIT_REFERENCE_SYMBOLIC) {
        tm_buf_clear(&ref);
        tm_buf_adds(&ref, git_reference_symbolic_target(found));
    }
    git_reference_free(found);
    /* A HEAD that points to a branch that was never fetched leads nowhere. */
    if (git_reference_lookup(&found, git->repo, ref.data) < 0)
        return false;
    git_reference_free(found);
    tm_buf_clear(out);
    tm_buf_add_str(out, tm_str_from(tm_buf_str(&ref), sizeof("refs/remotes/") - 1));
    return true;
}

/* The branch that the current one tracks; *own: it is its copy, of the same name. */
static bool find_upstream(struct tm_git *git, struct tm_buf *out, bool *own)
{
    git_reference *head = NULL, *upstream = NULL;
    const char *name, *branch;
    bool found = false;

    if (git_repository_head(&head, git->repo) == 0 && git_branch_upstream(&upstream, head) == 0) {
        name = git_reference_shorthand(upstream);
        branch = git_reference_shorthand(head);
        tm_buf_clear(out);
        tm_buf_adds(out, name);
        *own = git_reference_is_remote(upstream) && strchr(name, '/') &&
               strcmp(strchr(name, '/') + 1, branch) == 0;
        found = true;
    }
    git_reference_free(head);
    git_reference_free(upstream);
    return found;
}

enum tm_code tm_git_default_base(struct tm_git *git, struct tm_buf *name, struct tm_err *err)
{
    static const char *const usual[] = { "HEAD", "main", "master" };
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_str remote = tm_git_remote(git, &arena);
    bool own = false, tracks = find_upstream(git, name, &own);
    git_reference *found = NULL;

    if (tracks && !own)
        return TM_OK;
    for (size_t i = 0; remote.len && i < TM_LEN(usual); i++)
        if (find_remote_branch(git, remote, usual[i], name))
            return TM_OK;
    if (tracks)
        return TM_OK;
    for (size_t i = 1; i < TM_LEN(usual); i++) {
        if (git_branch_lookup(&found, git->repo, usual[i], GIT_BRANCH_LOCAL) == 0) {
            git_reference_free(found);
            tm_buf_clear(name);
            tm_buf_adds(name, usual[i]);
            return TM_OK;
        }
    }
    return tm_err_set(
        err, TM_E_NOT_FOUND,
        "no branch that the changes go back to: it tracks none, and there is no main or master, "
        "give BASE...HEAD");
}
