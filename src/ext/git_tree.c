/* A tree made from another one by a few changes, touching only the folders they are in. */
#include "ext/git_internal.h"

#include "base/path.h"

struct change {
    struct tm_git *git;
    const struct tm_git_update *updates;
    size_t n;
};

static void free_tree(git_tree **tree)
{
    git_tree_free(*tree);
}

static void free_builder(git_treebuilder **builder)
{
    git_treebuilder_free(*builder);
}

/* The part of a path that starts at `at`. */
static struct tm_str part_at(struct tm_str path, size_t at)
{
    struct tm_str rest = tm_str_from(path, at);
    size_t slash = tm_str_find(rest, '/');

    return slash == SIZE_MAX ? rest : tm_str_n(rest.data, slash);
}

static enum tm_code apply(git_oid *out, bool *empty, struct change change, size_t at, const git_oid *base,
                          struct tm_err *err);

/* Puts one file into a folder, or takes it out. */
static enum tm_code apply_file(git_treebuilder *builder, const struct tm_git_update *update, const char *name,
                               struct tm_err *err)
{
    int rc = 0;

    if (update->mode)
        rc = git_treebuilder_insert(NULL, builder, name, &update->id, update->mode);
    else if (git_treebuilder_get(builder, name))
        rc = git_treebuilder_remove(builder, name);
    return rc < 0 ? tm_git_fail(err, GIT_ERROR, "cannot record '%.*s'", TM_STR_ARG(update->path)) : TM_OK;
}

/* Applies changes that all lie below the folder `name`, the part at `at` of their paths. */
static enum tm_code apply_folder(git_treebuilder *builder, struct change below, size_t at, const char *name,
                                 struct tm_err *err)
{
    const git_tree_entry *entry = git_treebuilder_get(builder, name);
    git_object_t type = entry ? git_tree_entry_type(entry) : GIT_OBJECT_INVALID;
    bool is_tree = type == GIT_OBJECT_TREE;
    git_oid old, id;
    bool empty = true;
    enum tm_code code;
    int rc = 0;

    if (type == GIT_OBJECT_COMMIT)
        return tm_err_set(err, TM_E_PATH, "'%.*s' is inside the submodule '%.*s'",
                          TM_STR_ARG(below.updates->path), (int)(at + strlen(name)),
                          below.updates->path.data);
    if (is_tree)
        git_oid_cpy(&old, git_tree_entry_id(entry));
    code = apply(&id, &empty, below, at + strlen(name) + 1, is_tree ? &old : NULL, err);
    if (code)
        return code;
    /* A file of that name stays when nothing replaced it. */
    if (!empty)
        rc = git_treebuilder_insert(NULL, builder, name, &id, GIT_FILEMODE_TREE);
    else if (is_tree)
        rc = git_treebuilder_remove(builder, name);
    return rc < 0 ? tm_git_fail(err, GIT_ERROR, "cannot record '%.*s'", TM_STR_ARG(below.updates->path))
                  : TM_OK;
}

/*
 * The changes share the first `at` bytes of their paths, a folder whose tree is
 * `base`. Sorting keeps those below one folder together.
 */
static enum tm_code apply(git_oid *out, bool *empty, struct change change, size_t at, const git_oid *base,
                          struct tm_err *err)
{
    git_tree *TM_CLEANUP(free_tree) tree = NULL;
    git_treebuilder *TM_CLEANUP(free_builder) builder = NULL;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    enum tm_code code = TM_OK;

    if ((base && git_tree_lookup(&tree, change.git->repo, base) < 0) ||
        git_treebuilder_new(&builder, change.git->repo, tree) < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot read a tree");
    for (size_t i = 0, end; !code && i < change.n; i = end) {
        const struct tm_git_update *first = &change.updates[i];
        struct tm_str part = part_at(first->path, at);

        tm_buf_clear(&name);
        tm_buf_add_str(&name, part);
        end = i + 1;
        if (at + part.len == first->path.len) {
            code = apply_file(builder, first, name.data, err);
            continue;
        }
        while (end < change.n && tm_str_eq(part_at(change.updates[end].path, at), part))
            end++;
        code = apply_folder(builder, (struct change) { change.git, first, end - i }, at, name.data, err);
    }
    if (code)
        return code;
    *empty = git_treebuilder_entrycount(builder) == 0;
    /* git keeps no empty folders, except that a commit needs a tree. */
    if (*empty && at)
        return TM_OK;
    if (git_treebuilder_write(out, builder) < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot write a tree");
    return TM_OK;
}

enum tm_code tm_git_tree_update(git_oid *out, struct tm_git *git, const git_oid *base,
                                const struct tm_git_update *updates, size_t n, struct tm_err *err)
{
    struct change change = { git, updates, n };
    bool empty;

    return apply(out, &empty, change, 0, base, err);
}
