/* What a few files were in every commit of a history, and between which commits they changed. */
#include "ext/git_internal.h"

#include "base/alloc.h"
#include "base/map.h"

/* A commit that was met: the files in its tree. */
struct met {
    git_oid id;
    git_oid folder; /* tree that holds the files; zero for none */
    git_oid *blobs; /* of each name, trees of folders; zero for none */
    bool hidden, done;
};

struct place {
    struct met *met;
};

struct walk {
    struct tm_git *git;
    const struct tm_str *names;
    size_t n;
    char *dir;
    struct tm_arena arena;
    struct tm_map by_id; /* bytes of an id -> struct met */
    struct place *stack; /* commits whose parents were not looked at yet */
    size_t depth, cap;
    tm_git_edge_visit *visit;
    void *ctx;
    struct tm_git_walked walked;
};

static void release(struct walk *w)
{
    free(w->dir);
    free(w->stack);
    tm_map_release(&w->by_id);
    tm_arena_release(&w->arena);
}

static void read_folder(struct walk *w, const git_tree *folder, git_oid *ids)
{
    for (size_t i = 0; i < w->n; i++) {
        bool is_folder = tm_str_has_suffix(w->names[i], TM_STR("/"));
        char *TM_CLEANUP(tm_freep) name = tm_strndup(w->names[i].data, w->names[i].len - is_folder);
        const git_tree_entry *entry = git_tree_entry_byname(folder, name);

        if (entry && git_tree_entry_type(entry) == (is_folder ? GIT_OBJECT_TREE : GIT_OBJECT_BLOB))
            ids[i] = *git_tree_entry_id(entry);
    }
}

/* The folder of the files in a tree; NULL when there is none. */
static enum tm_code open_folder(struct walk *w, git_tree *root, git_tree **folder, struct tm_err *err)
{
    git_tree_entry *entry = NULL;
    int rc;

    *folder = NULL;
    if (!*w->dir)
        rc = git_tree_lookup(folder, w->git->repo, git_tree_id(root));
    else if ((rc = git_tree_entry_bypath(&entry, root, w->dir)) == 0 &&
             git_tree_entry_type(entry) == GIT_OBJECT_TREE)
        rc = git_tree_lookup(folder, w->git->repo, git_tree_entry_id(entry));
    git_tree_entry_free(entry);
    return rc < 0 && rc != GIT_ENOTFOUND ? tm_git_fail(err, rc, "cannot read '%s' of a commit", w->dir)
                                         : TM_OK;
}

static enum tm_code read_files(struct walk *w, git_commit *commit, struct met *met, struct tm_err *err)
{
    git_tree *root = NULL, *folder = NULL;
    enum tm_code code = TM_OK;
    int rc = git_commit_tree(&root, commit);

    met->blobs = tm_arena_array(&w->arena, w->n, sizeof(*met->blobs));
    if (rc < 0)
        return tm_git_fail(err, rc, "cannot read the tree of a commit");
    code = open_folder(w, root, &folder, err);
    if (!code && folder) {
        met->folder = *git_tree_id(folder);
        read_folder(w, folder, met->blobs);
    }
    git_tree_free(folder);
    git_tree_free(root);
    return code;
}

/* Notes a commit for the walk; NULL when the clone does not have it. */
static enum tm_code meet(struct walk *w, const git_oid *id, struct met **met, struct tm_err *err)
{
    struct tm_str key = tm_str_n((const char *)id->id, sizeof(id->id));
    git_commit *commit = NULL;
    enum tm_code code;
    int rc;

    *met = tm_map_get(&w->by_id, key);
    if (*met)
        return TM_OK;
    rc = git_commit_lookup(&commit, w->git->repo, id);
    if (rc == GIT_ENOTFOUND)
        return TM_OK;
    if (rc < 0)
        return tm_git_fail(err, rc, "cannot read a commit");
    *met = tm_arena_alloc(&w->arena, sizeof(**met));
    (*met)->id = *id;
    code = read_files(w, commit, *met, err);
    git_commit_free(commit);
    if (code)
        return code;
    *tm_map_at(&w->by_id, tm_arena_str(&w->arena, key), NULL) = *met;
    TM_GROW(w->stack, w->depth, w->cap);
    w->stack[w->depth++].met = *met;
    return TM_OK;
}

static struct tm_oid hex_or_none(const git_oid *id)
{
    struct tm_oid none = { "" };

    return git_oid_is_zero(id) ? none : tm_git_oid_hex(id);
}

/* What changed from one parent. */
static enum tm_code compare(struct walk *w, const struct met *parent, const struct met *child,
                            struct tm_err *err)
{
    enum tm_code code = TM_OK;

    if (git_oid_equal(&parent->folder, &child->folder))
        return TM_OK;
    for (size_t i = 0; i < w->n && !code; i++) {
        struct tm_git_edge edge = { tm_git_oid_hex(&child->id), tm_git_oid_hex(&parent->id), i,
                                    hex_or_none(&parent->blobs[i]), hex_or_none(&child->blobs[i]) };

        if (!git_oid_equal(&parent->blobs[i], &child->blobs[i]))
            code = w->visit(w->ctx, &edge, err);
    }
    return code;
}

static void note_horizon(struct walk *w, const git_oid *id)
{
    if (w->walked.horizons++ == 0)
        w->walked.horizon = tm_git_oid_hex(id);
}

static void note_commit(struct walk *w, const struct met *met)
{
    bool any = false;

    for (size_t i = 0; i < w->n; i++)
        any = any || !git_oid_is_zero(&met->blobs[i]);
    w->walked.commits++;
    w->walked.with_files += any;
}

/* A commit and its parents. Hidden ones only hide theirs. */
static enum tm_code step(struct walk *w, struct met *met, struct tm_err *err)
{
    git_commit *commit = NULL;
    enum tm_code code = TM_OK;
    int rc = git_commit_lookup(&commit, w->git->repo, &met->id);
    unsigned n;

    if (rc < 0)
        return tm_git_fail(err, rc, "cannot read a commit");
    n = git_commit_parentcount(commit);
    /* Newer libgit2 takes the parents of a commit at the edge of a shallow clone away. */
    if (!met->hidden && n == 0 && strstr(git_commit_raw_header(commit), "\nparent "))
        note_horizon(w, &met->id);
    for (unsigned i = 0; i < n && !code; i++) {
        struct met *parent;

        code = meet(w, git_commit_parent_id(commit, i), &parent, err);
        if (code || (!parent && met->hidden))
            continue;
        if (!parent)
            note_horizon(w, &met->id);
        else if (met->hidden)
            parent->hidden = true;
        else
            code = compare(w, parent, met, err);
    }
    git_commit_free(commit);
    return code;
}

static enum tm_code walk_from(struct walk *w, const struct tm_oid *start, bool hidden, struct tm_err *err)
{
    struct met *met;
    git_oid id;
    enum tm_code code = tm_git_oid(&id, start, err);

    if (!code)
        code = meet(w, &id, &met, err);
    if (!code && !met)
        return tm_err_set(err, TM_E_NOT_FOUND, "there is no commit '%s'", start->hex);
    if (!code && hidden)
        met->hidden = true;
    while (!code && w->depth) {
        met = w->stack[--w->depth].met;
        if (met->done || (met->hidden && !hidden))
            continue;
        met->done = true;
        if (!hidden)
            note_commit(w, met);
        code = step(w, met, err);
    }
    return code;
}

enum tm_code tm_git_edges(struct tm_git *git, const struct tm_oid *from, const struct tm_oid *to,
                          struct tm_str dir, const struct tm_str *names, size_t n, tm_git_edge_visit *visit,
                          void *ctx, struct tm_git_walked *walked, struct tm_err *err)
{
    struct walk TM_CLEANUP(release) w = {
        .git = git,
        .names = names,
        .n = n,
        .dir = tm_strndup(dir.data, dir.len),
        .arena = TM_ARENA_INIT,
        .by_id = TM_MAP_INIT,
        .visit = visit,
        .ctx = ctx,
    };
    enum tm_code code = *from->hex ? walk_from(&w, from, true, err) : TM_OK;

    if (!code)
        code = walk_from(&w, to, false, err);
    if (!code)
        *walked = w.walked;
    return code;
}

enum tm_code tm_git_id_at(struct tm_git *git, const struct tm_oid *commit, struct tm_str path, bool is_folder,
                          struct tm_oid *id, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = tm_strndup(path.data, path.len);
    git_tree_entry *entry = NULL;
    git_commit *object = NULL;
    git_tree *root = NULL;
    enum tm_code code = tm_git_load_commit(&object, git, commit, err);
    int rc;

    if (code)
        return code;
    rc = git_commit_tree(&root, object);
    if (rc == 0)
        rc = git_tree_entry_bypath(&entry, root, name);
    *id = (struct tm_oid) { "" };
    if (rc == 0 && git_tree_entry_type(entry) == (is_folder ? GIT_OBJECT_TREE : GIT_OBJECT_BLOB))
        *id = tm_git_oid_hex(git_tree_entry_id(entry));
    git_tree_entry_free(entry);
    git_tree_free(root);
    git_commit_free(object);
    return rc < 0 && rc != GIT_ENOTFOUND ? tm_git_fail(err, rc, "cannot read the tree of '%s'", commit->hex)
                                         : TM_OK;
}
