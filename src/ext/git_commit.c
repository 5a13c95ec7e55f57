/* Commits made of a few paths: objects only; git_publish.c makes them count. */
#include "ext/git_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/io.h"

/*
 * Objects are synced one by one as they are written. For many files that takes
 * longer than everything else together: they are then written without, and the
 * file system is synced once before any ref can name them.
 */
enum { MANY_FILES = 16 };

static void begin_objects(size_t n)
{
    if (n > MANY_FILES)
        git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 0);
}

static enum tm_code end_objects(const struct tm_git *git, size_t n, enum tm_code code, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = -1;

    if (n <= MANY_FILES)
        return code;
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    if (code)
        return code;
    fd = open(git->common_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || syncfs(fd) < 0)
        return tm_err_errno(err, errno, "cannot sync '%s'", git->common_dir);
    return TM_OK;
}

/* What the new commit stands on; tree and commit are NULL when there is no parent. */
struct base {
    git_commit *commit;
    git_tree *tree;
};

static void free_base(struct base *base)
{
    git_tree_free(base->tree);
    git_commit_free(base->commit);
}

static enum tm_code load_base(struct base *base, struct tm_git *git, const struct tm_oid *parent,
                              struct tm_err *err)
{
    enum tm_code code;

    if (!*parent->hex)
        return TM_OK;
    code = tm_git_load_commit(&base->commit, git, parent, err);
    if (!code && git_commit_tree(&base->tree, base->commit) < 0)
        code = tm_git_fail(err, GIT_ERROR, "cannot read the tree of '%s'", parent->hex);
    return code;
}

/* The mode of name in the base; 0 when it is not there. */
static git_filemode_t base_mode(const struct base *base, const char *name)
{
    git_tree_entry *entry = NULL;
    git_filemode_t mode = GIT_FILEMODE_UNREADABLE;

    if (base->tree && git_tree_entry_bypath(&entry, base->tree, name) == 0)
        mode = git_tree_entry_filemode(entry);
    git_tree_entry_free(entry);
    return mode;
}

static int compare_updates(const void *a, const void *b)
{
    const struct tm_git_update *x = a, *y = b;

    return tm_str_cmp(x->path, y->path);
}

/* Sorts; of two updates of one path one is kept. Returns how many are left. */
static size_t sort_updates(struct tm_git_update *updates, size_t n)
{
    size_t kept = 0;

    if (n)
        qsort(updates, n, sizeof(*updates), compare_updates);
    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || !tm_str_eq(updates[i].path, updates[i + 1].path))
            updates[kept++] = updates[i];
    return kept;
}

static bool setting(const struct tm_git *git, const char *name)
{
    int yes = 1;

    return git_config_get_bool(&yes, git->config, name) < 0 || yes;
}

/* The mode of a file of the work tree, as far as its file system can tell. */
static git_filemode_t work_mode(const struct tm_git *git, const struct base *base, const char *name,
                                const struct stat *st)
{
    git_filemode_t before = base_mode(base, name);

    if (S_ISLNK(st->st_mode) || (before == GIT_FILEMODE_LINK && !setting(git, "core.symlinks")))
        return GIT_FILEMODE_LINK;
    if (!setting(git, "core.fileMode") &&
        (before == GIT_FILEMODE_BLOB || before == GIT_FILEMODE_BLOB_EXECUTABLE))
        return before;
    return st->st_mode & S_IXUSR ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB;
}

/* False when nothing is at path; TM_E_PATH when a link leads there. */
static enum tm_code stat_work(const struct tm_git *git, struct tm_str path, struct stat *st, bool *there,
                              struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) full = TM_BUF_INIT;

    for (size_t i = 1; i <= path.len; i++) {
        if (i < path.len && path.data[i] != '/')
            continue;
        tm_git_work_path(git, tm_str_n(path.data, i), &full);
        *there = lstat(full.data, st) == 0;
        if (!*there && errno != ENOENT && errno != ENOTDIR)
            return tm_err_errno(err, errno, "cannot stat '%.*s'", TM_STR_ARG(path));
        if (!*there)
            return TM_OK;
        if (i < path.len && S_ISLNK(st->st_mode))
            return tm_err_set(err, TM_E_PATH, "'%.*s' lies behind the link '%.*s'", TM_STR_ARG(path), (int)i,
                              path.data);
    }
    return TM_OK;
}

/* A sparse checkout leaves files out of the work tree that are not gone. */
static enum tm_code is_left_out(bool *left_out, struct tm_git *git, const char *name, struct tm_err *err)
{
    const git_index_entry *entry;
    git_index *index;
    enum tm_code code = tm_git_index(&index, git, err);

    if (code)
        return code;
    entry = git_index_get_bypath(index, name, 0);
    *left_out = entry && (entry->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE);
    return TM_OK;
}

/* Writes the blob of a path as it stands in the work tree; *same when it is to stay as in the base. */
static enum tm_code read_work(struct tm_git_update *update, bool *same, struct tm_git *git,
                              const struct base *base, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = tm_strndup(update->path.data, update->path.len);
    struct stat st;
    bool there = false;
    enum tm_code code = tm_git_check_path(update->path, err);

    *same = false;
    if (!code)
        code = stat_work(git, update->path, &st, &there, err);
    if (code)
        return code;
    if (!there) {
        update->mode = GIT_FILEMODE_UNREADABLE;
        return is_left_out(same, git, name, err);
    }
    if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        return tm_err_set(err, TM_E_PATH, "'%s' is neither a file nor a link", name);
    if (S_ISREG(st.st_mode))
        code = tm_git_check_filters(git, name, err);
    if (code)
        return code;
    update->mode = work_mode(git, base, name, &st);
    if (git_blob_create_from_workdir(&update->id, git->repo, name) < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot store '%s'", name);
    return TM_OK;
}

/* Writes the commit; "" in *out never happens. */
static enum tm_code write_commit(struct tm_oid *out, struct tm_git *git, const struct base *base,
                                 const git_oid *tree_id, const char *message, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    const git_commit *parents[] = { base->commit };
    git_signature *author = NULL, *committer = NULL;
    git_tree *tree = NULL;
    git_oid id;
    enum tm_code code = tm_git_author(&author, git, err);

    tm_buf_adds(&text, message);
    if (text.len && text.data[text.len - 1] != '\n')
        tm_buf_addc(&text, '\n');
    if (!code)
        code = tm_git_committer(&committer, git, err);
    if (!code && (git_tree_lookup(&tree, git->repo, tree_id) < 0 ||
                  git_commit_create(&id, git->repo, NULL, author, committer, NULL, text.data, tree,
                                    base->commit ? 1 : 0, parents) < 0))
        code = tm_git_fail(err, GIT_ERROR, "cannot write a commit");
    if (!code)
        *out = tm_git_oid_hex(&id);
    git_tree_free(tree);
    git_signature_free(author);
    git_signature_free(committer);
    return code;
}

/* Git, too, refuses to commit single paths then. */
enum tm_code tm_git_check_state(struct tm_git *git, struct tm_err *err)
{
    const char *what;

    switch (git_repository_state(git->repo)) {
    case GIT_REPOSITORY_STATE_NONE:
    case GIT_REPOSITORY_STATE_BISECT:
        return TM_OK;
    case GIT_REPOSITORY_STATE_MERGE:
        what = "merge";
        break;
    case GIT_REPOSITORY_STATE_REVERT:
    case GIT_REPOSITORY_STATE_REVERT_SEQUENCE:
        what = "revert";
        break;
    case GIT_REPOSITORY_STATE_CHERRYPICK:
    case GIT_REPOSITORY_STATE_CHERRYPICK_SEQUENCE:
        what = "cherry-pick";
        break;
    default:
        what = "rebase";
        break;
    }
    return tm_err_set(err, TM_E_REFUSED, "a %s is in progress, finish it or give it up before committing",
                      what);
}

enum tm_code tm_git_commit_prepare(struct tm_git *git, const struct tm_oid *parent,
                                   const struct tm_git_file *files, size_t n, const char *message,
                                   struct tm_oid *commit, struct tm_err *err)
{
    struct base TM_CLEANUP(free_base) base = { NULL, NULL };
    struct tm_git_update *TM_CLEANUP(tm_freep) updates = tm_alloc_array(n, sizeof(*updates));
    enum tm_code code = tm_git_check_state(git, err);
    struct tm_oid id;
    git_oid tree;

    if (!code)
        code = load_base(&base, git, parent, err);
    begin_objects(n);
    for (size_t i = 0; !code && i < n; i++) {
        char *TM_CLEANUP(tm_freep) name = tm_strndup(files[i].path.data, files[i].path.len);

        updates[i].path = files[i].path;
        code = tm_git_check_path(files[i].path, err);
        if (code || !files[i].data.data)
            continue;
        updates[i].mode = base_mode(&base, name) == GIT_FILEMODE_BLOB_EXECUTABLE
                              ? GIT_FILEMODE_BLOB_EXECUTABLE
                              : GIT_FILEMODE_BLOB;
        if (git_blob_create_from_buffer(&updates[i].id, git->repo, files[i].data.data, files[i].data.len) < 0)
            code = tm_git_fail(err, GIT_ERROR, "cannot store '%s'", name);
    }
    if (!code)
        code = tm_git_tree_update(&tree, git, base.tree ? git_tree_id(base.tree) : NULL, updates,
                                  sort_updates(updates, n), err);
    if (!code)
        code = write_commit(&id, git, &base, &tree, message, err);
    code = end_objects(git, n, code, err);
    if (!code)
        *commit = id;
    return code;
}

/* The updates that the work tree holds for paths; *n_updates of them. */
static enum tm_code read_all_work(struct tm_git_update *updates, size_t *n_updates, struct tm_git *git,
                                  const struct base *base, const struct tm_str *paths, size_t n,
                                  struct tm_err *err)
{
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        bool same;
        enum tm_code code;

        updates[used].path = paths[i];
        code = read_work(&updates[used], &same, git, base, err);
        if (code)
            return code;
        used += !same;
    }
    *n_updates = sort_updates(updates, used);
    return TM_OK;
}

static bool is_tree_of(const git_oid *tree, const struct base *base)
{
    git_oid empty;

    if (base->tree)
        return git_oid_equal(tree, git_tree_id(base->tree));
    return git_odb_hash(&empty, "", 0, GIT_OBJECT_TREE) == 0 && git_oid_equal(tree, &empty);
}

/* Stores what paths hold now, and a commit of it; *made is false when that is what HEAD has. */
static enum tm_code store(struct tm_git *git, const struct tm_git_head *head, struct tm_git_update *updates,
                          size_t *n, const struct tm_str *paths, const char *message, struct tm_oid *id,
                          bool *made, struct tm_err *err)
{
    struct base TM_CLEANUP(free_base) base = { NULL, NULL };
    git_oid tree;
    enum tm_code code = load_base(&base, git, &head->commit, err);

    if (!code)
        code = read_all_work(updates, n, git, &base, paths, *n, err);
    if (!code)
        code = tm_git_tree_update(&tree, git, base.tree ? git_tree_id(base.tree) : NULL, updates, *n, err);
    if (code)
        return code;
    *made = !is_tree_of(&tree, &base);
    return *made ? write_commit(id, git, &base, &tree, message, err) : TM_OK;
}

enum tm_code tm_git_commit_paths(struct tm_git *git, const struct tm_str *paths, size_t n,
                                 const char *message, struct tm_oid *commit, bool *made, struct tm_err *err)
{
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { .branch = NULL };
    struct tm_git_update *TM_CLEANUP(tm_freep) updates = tm_alloc_array(n, sizeof(*updates));
    struct tm_str *TM_CLEANUP(tm_freep) changed = NULL;
    size_t n_updates = n;
    struct tm_oid id;
    git_index *index;
    bool differs = false;
    enum tm_code code = tm_git_check_state(git, err);

    /* Attributes come from the index, too: better one clear error before anything is stored. */
    if (!code)
        code = tm_git_index(&index, git, err);
    if (!code)
        code = tm_git_head(git, &head, err);
    if (code)
        return code;
    id = head.commit;
    begin_objects(n);
    code = store(git, &head, updates, &n_updates, paths, message, &id, &differs, err);
    code = end_objects(git, n, code, err);
    if (!code && differs) {
        changed = tm_alloc_array(n_updates, sizeof(*changed));
        for (size_t i = 0; i < n_updates; i++)
            changed[i] = updates[i].path;
        code = tm_git_publish(git, &head.commit, &id, NULL, NULL, changed, n_updates, err);
    }
    if (code)
        return code;
    *commit = id;
    *made = differs;
    return TM_OK;
}
