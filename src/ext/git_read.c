/* Commits, trees and blobs, read. */
#include "ext/git_internal.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"

static void free_reference(git_reference **ref)
{
    git_reference_free(*ref);
}

static void free_object(git_object **object)
{
    git_object_free(*object);
}

static void free_commit(git_commit **commit)
{
    git_commit_free(*commit);
}

static void free_tree(git_tree **tree)
{
    git_tree_free(*tree);
}

static void free_entry(git_tree_entry **entry)
{
    git_tree_entry_free(*entry);
}

enum tm_code tm_git_load_commit(git_commit **out, struct tm_git *git, const struct tm_oid *id,
                                struct tm_err *err)
{
    git_oid oid;
    enum tm_code code = tm_git_oid(&oid, id, err);
    int rc;

    if (code)
        return code;
    rc = git_commit_lookup(out, git->repo, &oid);
    return rc < 0 ? tm_git_fail(err, rc, "cannot read commit '%s'", id->hex) : TM_OK;
}

enum tm_code tm_git_head(struct tm_git *git, struct tm_git_head *head, struct tm_err *err)
{
    git_reference *TM_CLEANUP(free_reference) ref = NULL;
    git_commit *TM_CLEANUP(free_commit) commit = NULL;
    struct tm_git_head result = { .branch = NULL };
    git_oid id;
    int rc = git_reference_lookup(&ref, git->repo, "HEAD");

    if (rc < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot read HEAD");
    result.detached = git_reference_type(ref) == GIT_REFERENCE_DIRECT;
    rc = git_reference_name_to_id(&id, git->repo, "HEAD");
    result.unborn = rc == GIT_ENOTFOUND;
    if (!result.unborn && rc == 0)
        rc = git_commit_lookup(&commit, git->repo, &id);
    if (!result.unborn && rc < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot read the commit of HEAD");
    if (commit) {
        result.commit = tm_git_oid_hex(&id);
        result.tree = tm_git_oid_hex(git_commit_tree_id(commit));
    }
    if (!result.detached)
        result.branch = tm_strdup(git_reference_symbolic_target(ref));
    *head = result;
    return TM_OK;
}

void tm_git_head_release(struct tm_git_head *head)
{
    free(head->branch);
    *head = (struct tm_git_head) { .branch = NULL };
}

enum tm_code tm_git_resolve(struct tm_git *git, const char *rev, struct tm_oid *commit, struct tm_err *err)
{
    git_object *TM_CLEANUP(free_object) found = NULL;
    git_object *TM_CLEANUP(free_object) peeled = NULL;
    int rc = git_revparse_single(&found, git->repo, rev);

    /* Fewer digits are no name of a commit, as in git. */
    if (rc == GIT_EAMBIGUOUS && strlen(rev) >= GIT_OID_MINPREFIXLEN)
        return tm_err_set(err, TM_E_GIT, "'%s' is short for more than one commit, give more digits", rev);
    if (rc < 0)
        return tm_err_set(err, TM_E_NOT_FOUND, "there is no revision '%s'", rev);
    if (git_object_peel(&peeled, found, GIT_OBJECT_COMMIT) < 0)
        return tm_err_set(err, TM_E_NOT_FOUND, "'%s' is a %s, not a commit", rev,
                          git_object_type2string(git_object_type(found)));
    *commit = tm_git_oid_hex(git_object_id(peeled));
    return TM_OK;
}

enum tm_code tm_git_commit_read(struct tm_git *git, const struct tm_oid *id, struct tm_arena *arena,
                                struct tm_git_commit *out, struct tm_err *err)
{
    git_commit *TM_CLEANUP(free_commit) commit = NULL;
    enum tm_code code = tm_git_load_commit(&commit, git, id, err);

    if (code)
        return code;
    out->id = tm_git_oid_hex(git_commit_id(commit));
    out->tree = tm_git_oid_hex(git_commit_tree_id(commit));
    out->n_parents = git_commit_parentcount(commit);
    out->parents = tm_arena_array(arena, out->n_parents, sizeof(*out->parents));
    for (size_t i = 0; i < out->n_parents; i++)
        out->parents[i] = tm_git_oid_hex(git_commit_parent_id(commit, (unsigned)i));
    out->time_s = git_commit_time(commit);
    out->subject = tm_arena_str(arena, tm_str(git_commit_summary(commit)));
    return TM_OK;
}

struct tm_oid tm_git_blob_id(struct tm_str data)
{
    git_oid id;

    tm_git_init();
    if (git_odb_hash(&id, data.len ? data.data : "", data.len, GIT_OBJECT_BLOB) < 0)
        abort();
    return tm_git_oid_hex(&id);
}

/* The tree of a commit. */
static enum tm_code commit_tree(git_tree **out, struct tm_git *git, const struct tm_oid *id,
                                struct tm_err *err)
{
    git_commit *TM_CLEANUP(free_commit) commit = NULL;
    enum tm_code code = tm_git_load_commit(&commit, git, id, err);
    int rc;

    if (code)
        return code;
    rc = git_commit_tree(out, commit);
    return rc < 0 ? tm_git_fail(err, GIT_ERROR, "cannot read the tree of '%s'", id->hex) : TM_OK;
}

/* The entry at path in the tree of a commit. */
static enum tm_code find_entry(git_tree_entry **out, struct tm_git *git, const struct tm_oid *commit,
                               struct tm_str path, struct tm_err *err)
{
    git_tree *TM_CLEANUP(free_tree) tree = NULL;
    char *TM_CLEANUP(tm_freep) name = tm_strndup(path.data, path.len);
    enum tm_code code = tm_git_check_path(path, err);
    int rc;

    if (!code)
        code = commit_tree(&tree, git, commit, err);
    if (code)
        return code;
    rc = git_tree_entry_bypath(out, tree, name);
    if (rc == GIT_ENOTFOUND)
        return tm_err_set(err, TM_E_NOT_FOUND, "'%s' is not in commit %.12s", name, commit->hex);
    return rc < 0 ? tm_git_fail(err, GIT_ERROR, "cannot find '%s' in commit %.12s", name, commit->hex)
                  : TM_OK;
}

static enum tm_code read_blob(struct tm_git *git, const git_oid *id, uint64_t limit, struct tm_buf *out,
                              struct tm_err *err)
{
    git_odb *odb = NULL;
    git_odb_object *object = NULL;
    git_object_t type;
    size_t size;
    enum tm_code code = TM_OK;
    int rc = git_repository_odb(&odb, git->repo);

    if (rc == 0)
        rc = git_odb_read_header(&size, &type, odb, id);
    if (rc == 0 && size > limit)
        code = tm_err_set(err, TM_E_LIMIT, "file has %zu bytes, the limit is %llu", size,
                          (unsigned long long)limit);
    else if (rc == 0)
        rc = git_odb_read(&object, odb, id);
    if (rc < 0) {
        code = tm_git_fail(err, GIT_ERROR, "cannot read object");
    } else if (!code) {
        tm_buf_clear(out);
        tm_buf_add(out, git_odb_object_data(object), git_odb_object_size(object));
    }
    git_odb_object_free(object);
    git_odb_free(odb);
    return code;
}

enum tm_code tm_git_read_blob(struct tm_git *git, const struct tm_oid *blob, uint64_t limit,
                              struct tm_buf *out, struct tm_err *err)
{
    git_oid id;
    enum tm_code code = tm_git_oid(&id, blob, err);

    return code ? code : read_blob(git, &id, limit, out, err);
}

enum tm_code tm_git_read_at(struct tm_git *git, const struct tm_oid *commit, struct tm_str path,
                            uint64_t limit, struct tm_buf *out, struct tm_err *err)
{
    git_tree_entry *TM_CLEANUP(free_entry) entry = NULL;
    enum tm_code code = find_entry(&entry, git, commit, path, err);

    if (code)
        return code;
    if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB || git_tree_entry_filemode(entry) == GIT_FILEMODE_LINK)
        return tm_err_set(err, TM_E_NOT_FOUND, "'%.*s' is not a file in commit %.12s", TM_STR_ARG(path),
                          commit->hex);
    if (read_blob(git, git_tree_entry_id(entry), limit, out, err))
        return tm_err_wrap(err, "'%.*s' in commit %.12s", TM_STR_ARG(path), commit->hex);
    return TM_OK;
}

/* A walk over the trees below one; path holds the folder they stand in. */
struct walk {
    struct tm_git *git;
    struct tm_buf path;
    tm_git_visit *visit;
    void *ctx;
};

static enum tm_code walk_tree(struct walk *walk, const git_tree *tree, struct tm_err *err)
{
    size_t base = walk->path.len;
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < git_tree_entrycount(tree); i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
        git_tree *TM_CLEANUP(free_tree) below = NULL;
        struct tm_oid id;

        if (base)
            tm_buf_addc(&walk->path, '/');
        tm_buf_adds(&walk->path, git_tree_entry_name(entry));
        /* A tree can be made by hand: it bounds the depth, too. */
        if (walk->path.len > TM_PATH_MAX)
            return tm_err_set(err, TM_E_LIMIT, "path is longer than %d bytes: '%.60s...'", TM_PATH_MAX,
                              walk->path.data);
        if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB) {
            id = tm_git_oid_hex(git_tree_entry_id(entry));
            code = walk->visit(walk->ctx, tm_buf_str(&walk->path), git_tree_entry_filemode(entry), &id, err);
        } else if (git_tree_entry_type(entry) == GIT_OBJECT_TREE) {
            if (git_tree_lookup(&below, walk->git->repo, git_tree_entry_id(entry)) < 0)
                code = tm_git_fail(err, GIT_ERROR, "cannot read the tree of '%s'", walk->path.data);
            else
                code = walk_tree(walk, below, err);
        }
        tm_buf_truncate(&walk->path, base);
    }
    return code;
}

enum tm_code tm_git_tree_walk_id(struct tm_git *git, const struct tm_oid *tree_id, struct tm_str dir,
                                 tm_git_visit *visit, void *ctx, struct tm_err *err)
{
    git_tree *TM_CLEANUP(free_tree) tree = NULL;
    struct walk walk = { git, TM_BUF_INIT, visit, ctx };
    git_oid id;
    enum tm_code code = tm_git_oid(&id, tree_id, err);
    int rc;

    if (code)
        return code;
    rc = git_tree_lookup(&tree, git->repo, &id);
    if (rc < 0)
        return tm_git_fail(err, rc, "cannot read the tree of '%.*s'", TM_STR_ARG(dir));
    tm_buf_add_str(&walk.path, dir);
    code = walk_tree(&walk, tree, err);
    tm_buf_release(&walk.path);
    return code;
}

enum tm_code tm_git_tree_walk(struct tm_git *git, const struct tm_oid *commit, struct tm_str dir,
                              tm_git_visit *visit, void *ctx, struct tm_err *err)
{
    git_tree_entry *TM_CLEANUP(free_entry) entry = NULL;
    git_tree *TM_CLEANUP(free_tree) tree = NULL;
    struct tm_oid id;
    enum tm_code code;

    if (dir.len == 0) {
        code = commit_tree(&tree, git, commit, err);
        if (!code)
            id = tm_git_oid_hex(git_tree_id(tree));
    } else {
        code = find_entry(&entry, git, commit, dir, err);
        if (!code && git_tree_entry_type(entry) != GIT_OBJECT_TREE)
            code = tm_err_set(err, TM_E_NOT_FOUND, "'%.*s' is not a folder in commit %.12s", TM_STR_ARG(dir),
                              commit->hex);
        if (!code)
            id = tm_git_oid_hex(git_tree_entry_id(entry));
    }
    return code ? code : tm_git_tree_walk_id(git, &id, dir, visit, ctx, err);
}

bool tm_git_is_shallow(struct tm_git *git)
{
    return git_repository_is_shallow(git->repo) == 1;
}

/*
 * In a shallow clone parents are named that are not there, which libgit2 1.5
 * takes for damage: a plain search that stops at them. The map is the queue as well.
 */
static enum tm_code search_shallow(struct tm_git *git, const git_oid *ancestor, const git_oid *commit,
                                   bool *yes, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_map TM_CLEANUP(tm_map_release) seen = TM_MAP_INIT;
    bool found = false;

    tm_map_at(&seen, tm_str_n((const char *)commit->id, GIT_OID_RAWSZ), NULL);
    for (size_t i = 0; !found && i < seen.len; i++) {
        git_commit *TM_CLEANUP(free_commit) at = NULL;
        git_oid id;
        int rc;

        memcpy(id.id, seen.entries[i].key.data, GIT_OID_RAWSZ);
        found = git_oid_equal(&id, ancestor);
        rc = git_commit_lookup(&at, git->repo, &id);
        if (rc == GIT_ENOTFOUND)
            continue;
        if (rc < 0)
            return tm_git_fail(err, GIT_ERROR, "cannot read history");
        for (unsigned p = 0; p < git_commit_parentcount(at); p++) {
            const git_oid *parent = git_commit_parent_id(at, p);
            struct tm_str key = tm_str_n((const char *)parent->id, GIT_OID_RAWSZ);

            if (!tm_map_has(&seen, key))
                tm_map_at(&seen, tm_arena_str(&arena, key), NULL);
        }
    }
    *yes = found;
    return TM_OK;
}

/* True when no object has that id; false also when it cannot be told. */
static bool is_missing(struct tm_git *git, const git_oid *id)
{
    git_commit *commit = NULL;
    int rc = git_commit_lookup(&commit, git->repo, id);

    git_commit_free(commit);
    return rc == GIT_ENOTFOUND;
}

enum tm_code tm_git_is_ancestor(struct tm_git *git, const struct tm_oid *ancestor,
                                const struct tm_oid *commit, bool *yes, struct tm_err *err)
{
    git_oid a, c;
    enum tm_code code = tm_git_oid(&a, ancestor, err);
    int rc;

    if (!code)
        code = tm_git_oid(&c, commit, err);
    if (code)
        return code;
    if (git_oid_equal(&a, &c)) {
        *yes = true;
        return TM_OK;
    }
    if (tm_git_is_shallow(git))
        return search_shallow(git, &a, &c, yes, err);
    rc = git_graph_descendant_of(git->repo, &c, &a);
    if (rc < 0)
        return tm_git_fail(err, is_missing(git, &a) ? GIT_ENOTFOUND : rc, "cannot read history");
    *yes = rc == 1;
    return TM_OK;
}
