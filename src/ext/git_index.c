/*
 * The index as part of a transaction.
 *
 * index.lock is taken first, as every git does, so nobody else changes the index
 * meanwhile. It holds a few lines that say what was begun: who finds it after
 * this process was killed can tell how far things came and finish or undo them
 * (tm_git_recover). The new index is made beside the old one, so that all that
 * can fail (reading, a full disk) fails before a ref moves.
 *
 *     index.lock            taken; holds the intent
 *     index.tidemark-new    the new index, then renamed to index
 *     index.tidemark-old    the old index, kept until the refs have moved
 */
#include "ext/git_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/io.h"

#define INTENT_MAGIC    "tidemark intent 1\n"
#define INTENT_NO_INDEX "no index\n"

static char *beside(const struct tm_git *git, const char *name)
{
    struct tm_buf path = TM_BUF_INIT;

    tm_buf_addf(&path, "%s/%s", git->dir, name);
    return tm_buf_take(&path);
}

static void set_paths(struct tm_git_index_txn *txn, struct tm_git *git)
{
    *txn = (struct tm_git_index_txn) {
        .git = git,
        .path = beside(git, "index"),
        .lock = beside(git, "index.lock"),
        .fresh = beside(git, "index.tidemark-new"),
        .old = beside(git, "index.tidemark-old"),
    };
}

/* An index that only cannot be seen is there: taken for none, it would be replaced by one of our paths alone.
 */
static bool is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 || errno != ENOENT;
}

/* What a killed process may have left of the file that was being made. */
static void drop_fresh(const struct tm_git_index_txn *txn)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) lock = TM_BUF_INIT;

    tm_buf_addf(&lock, "%s.lock", txn->fresh);
    unlink(lock.data);
    unlink(txn->fresh);
}

static void free_paths(struct tm_git_index_txn *txn)
{
    free(txn->path);
    free(txn->lock);
    free(txn->fresh);
    free(txn->old);
    *txn = TM_GIT_INDEX_TXN_INIT;
}

/*
 * Creates the lock with its content in one step where the file system can (an
 * unnamed file that gets its name last); -1 with errno, EEXIST when it is held.
 */
static int create_lock(const char *dir, const char *lock, struct tm_str content)
{
    int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    struct tm_buf TM_CLEANUP(tm_buf_release) self = TM_BUF_INIT;
    int saved;

    if (fd >= 0) {
        tm_buf_addf(&self, "/proc/self/fd/%d", fd);
        if (tm_fd_write_all(fd, content, NULL) == TM_OK && fsync(fd) == 0 &&
            linkat(AT_FDCWD, self.data, AT_FDCWD, lock, AT_SYMLINK_FOLLOW) == 0)
            return close(fd);
        saved = errno;
        close(fd);
        errno = saved;
        if (errno == EEXIST || errno == ENOSPC || errno == EDQUOT || errno == EIO)
            return -1;
    }
    fd = open(lock, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    if (tm_fd_write_all(fd, content, NULL) == TM_OK && fsync(fd) == 0)
        return close(fd);
    saved = errno;
    close(fd);
    unlink(lock);
    errno = saved;
    return -1;
}

enum tm_code tm_git_index_begin(struct tm_git_index_txn *txn, struct tm_git *git,
                                const struct tm_git_intent *intent, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
    enum tm_code code;

    set_paths(txn, git);
    txn->had_index = is_there(txn->path);
    tm_buf_addf(&content, INTENT_MAGIC "%s %s\n", intent->to->hex, intent->branch);
    if (intent->tag)
        tm_buf_addf(&content, "%s %s\n", intent->tag_object->hex, intent->tag);
    if (!txn->had_index)
        tm_buf_adds(&content, INTENT_NO_INDEX);
    if (create_lock(git->dir, txn->lock, tm_buf_str(&content)) == 0) {
        txn->locked = true;
        return TM_OK;
    }
    if (errno == EEXIST)
        code = tm_err_set(err, TM_E_LOCKED,
                          "another git process holds '%s', wait for it (or remove that file if it crashed)",
                          txn->lock);
    else
        code = tm_err_errno(err, errno, "cannot create '%s'", txn->lock);
    free_paths(txn);
    return code;
}

static enum tm_code copy_file(const char *from, const char *to, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) in = open(from, O_RDONLY | O_CLOEXEC);
    int TM_CLEANUP(tm_closep) out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    char *TM_CLEANUP(tm_freep) chunk = tm_alloc(1 << 16);
    ssize_t n = 0;

    if (in < 0 || out < 0)
        return tm_err_errno(err, errno, "cannot copy '%s'", from);
    while ((n = read(in, chunk, 1 << 16)) > 0)
        if (tm_fd_write_all(out, tm_str_n(chunk, (size_t)n), err))
            return err ? err->code : TM_E_IO;
    return n < 0 ? tm_err_errno(err, errno, "cannot copy '%s'", from) : TM_OK;
}

/* True when the file at path in the work tree has the content of id; st is from before it was read. */
static bool holds(struct tm_git *git, const char *path, const git_oid *id, struct stat *st)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) full = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) target = TM_BUF_INIT;
    git_oid found;

    tm_git_work_path(git, tm_str(path), &full);
    if (lstat(full.data, st) < 0)
        return false;
    if (S_ISLNK(st->st_mode)) {
        char *to = tm_buf_reserve(&target, (size_t)st->st_size + 1);
        ssize_t n = readlink(full.data, to, (size_t)st->st_size + 1);

        return n >= 0 && git_odb_hash(&found, to, (size_t)n, GIT_OBJECT_BLOB) == 0 &&
               git_oid_equal(&found, id);
    }
    return S_ISREG(st->st_mode) &&
           git_repository_hashfile(&found, git->repo, path, GIT_OBJECT_BLOB, NULL) == 0 &&
           git_oid_equal(&found, id);
}

/* Takes out what cannot stand beside the file at path: files that were where its folders are, and the
 * reverse. */
static void drop_collisions(git_index *index, const char *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        tm_buf_clear(&folder);
        tm_buf_add(&folder, path, (size_t)(slash - path));
        git_index_remove(index, folder.data, 0);
    }
    git_index_remove_directory(index, path, 0);
}

/* Makes the entry of path what the tree has there. */
static int set_entry(struct tm_git *git, git_index *index, const git_tree *tree, const char *path)
{
    const git_index_entry *before = git_index_get_bypath(index, path, 0);
    uint16_t left_out = before ? before->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE : 0;
    git_index_entry entry = { .path = path };
    git_tree_entry *found = NULL;
    struct stat st;
    int rc = git_tree_entry_bypath(&found, tree, path);

    if (rc < 0 && rc != GIT_ENOTFOUND)
        return rc;
    git_index_conflict_remove(index, path);
    if (rc == GIT_ENOTFOUND || git_tree_entry_type(found) != GIT_OBJECT_BLOB) {
        git_tree_entry_free(found);
        rc = git_index_remove(index, path, 0);
        return rc == GIT_ENOTFOUND ? 0 : rc;
    }
    drop_collisions(index, path);
    entry.mode = git_tree_entry_filemode(found);
    git_oid_cpy(&entry.id, git_tree_entry_id(found));
    git_tree_entry_free(found);
    /* Without matching content the stat stays empty, and git looks at the file itself. */
    if (holds(git, path, &entry.id, &st))
        tm_git_entry_set_stat(&entry, &st);
    else
        entry.flags_extended = left_out;
    return git_index_add(index, &entry);
}

/*
 * An entry whose file changed in the second the old index was written cannot be
 * told from a clean one by its stat, only by the index being no newer. The new
 * index is newer, so such an entry is looked at now, and marked by size 0 when
 * its content differs: what git does, too (Documentation/technical/racy-git).
 */
static int smudge_racy(struct tm_git *git, git_index *index, int64_t written_s)
{
    for (size_t i = 0; i < git_index_entrycount(index); i++) {
        const git_index_entry *entry = git_index_get_byindex(index, i);
        git_index_entry marked;
        struct stat st;
        int rc;

        if (entry->mtime.seconds < written_s || entry->file_size == 0 ||
            (entry->mode != GIT_FILEMODE_BLOB && entry->mode != GIT_FILEMODE_BLOB_EXECUTABLE) ||
            holds(git, entry->path, &entry->id, &st))
            continue;
        marked = *entry;
        marked.file_size = 0;
        rc = git_index_add(index, &marked);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/*
 * Opens the copy of the index. libgit2 takes one that it cannot find, for whatever reason, for an empty one:
 * the number of entries that the file itself gives (gitformat-index(5)) must have been read.
 */
static enum tm_code open_copy(git_index **index, const char *path, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = open(path, O_RDONLY | O_CLOEXEC);
    unsigned char header[12];
    size_t entries;

    if (fd < 0 || pread(fd, header, sizeof(header), 0) != sizeof(header))
        return tm_err_set(err, TM_E_IO, "cannot read '%s'", path);
    entries = (size_t)header[8] << 24 | (size_t)header[9] << 16 | (size_t)header[10] << 8 | header[11];
    if (git_index_open(index, path) < 0)
        return tm_git_index_failed(err);
    if (git_index_entrycount(*index) == entries)
        return TM_OK;
    git_index_free(*index);
    *index = NULL;
    return tm_err_set(err, TM_E_IO, "cannot read all of '%s'", path);
}

static enum tm_code make_fresh(struct tm_git_index_txn *txn, const git_tree *tree, const struct tm_str *paths,
                               size_t n, struct tm_err *err)
{
    git_index *index = NULL;
    struct stat st;
    enum tm_code code = TM_OK;
    int rc = 0;

    drop_fresh(txn);
    if (txn->had_index) {
        if (lstat(txn->path, &st) < 0)
            return tm_err_errno(err, errno, "cannot stat '%s'", txn->path);
        code = copy_file(txn->path, txn->fresh, err);
        if (!code)
            code = open_copy(&index, txn->fresh, err);
    } else if (git_index_open(&index, txn->fresh) < 0) {
        code = tm_git_index_failed(err);
    }
    if (code)
        return code;
    if (txn->had_index)
        rc = smudge_racy(txn->git, index, st.st_mtim.tv_sec);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        char *name = tm_strndup(paths[i].data, paths[i].len);

        rc = set_entry(txn->git, index, tree, name);
        free(name);
    }
    if (rc == 0)
        rc = git_index_write(index);
    git_index_free(index);
    return rc < 0 ? tm_git_fail(err, GIT_ERROR, "cannot write the index") : TM_OK;
}

enum tm_code tm_git_index_swap(struct tm_git_index_txn *txn, const git_oid *commit,
                               const struct tm_str *paths, size_t n, struct tm_err *err)
{
    git_object *object = NULL, *tree = NULL;
    enum tm_code code = TM_OK;

    if (git_object_lookup(&object, txn->git->repo, commit, GIT_OBJECT_COMMIT) < 0 ||
        git_object_peel(&tree, object, GIT_OBJECT_TREE) < 0)
        code = tm_git_fail(err, GIT_ERROR, "cannot read the new commit");
    else
        code = make_fresh(txn, (git_tree *)tree, paths, n, err);
    git_object_free(tree);
    git_object_free(object);
    if (code)
        return code;
    unlink(txn->old);
    if (txn->had_index && link(txn->path, txn->old) < 0) {
        code = copy_file(txn->path, txn->old, err);
        if (code)
            return code;
    }
    if (rename(txn->fresh, txn->path) < 0)
        return tm_err_errno(err, errno, "cannot replace '%s'", txn->path);
    txn->swapped = true;
    return TM_OK;
}

static bool put_back(const struct tm_git_index_txn *txn)
{
    if (txn->had_index)
        return rename(txn->old, txn->path) == 0;
    return unlink(txn->path) == 0 || errno == ENOENT;
}

void tm_git_index_end(struct tm_git_index_txn *txn, bool keep)
{
    /* An old index that cannot be put back stays, and the lock with its intent: tm_git_recover tries again.
     */
    if (txn->locked && (keep || !txn->swapped || put_back(txn))) {
        unlink(txn->old);
        drop_fresh(txn);
        unlink(txn->lock);
    }
    free_paths(txn);
}

/* Takes "<40 hex> <name>\n" off rest. */
static bool take_line(struct tm_str *rest, struct tm_oid *id, struct tm_buf *name)
{
    struct tm_str line;

    if (!rest->data || rest->len < TM_OID_HEX + 2 || rest->data[TM_OID_HEX] != ' ' ||
        !tm_str_split(rest, '\n', &line) || line.len < TM_OID_HEX + 2)
        return false;
    memcpy(id->hex, line.data, TM_OID_HEX);
    id->hex[TM_OID_HEX] = '\0';
    tm_buf_clear(name);
    tm_buf_add_str(name, tm_str_from(line, TM_OID_HEX + 1));
    return true;
}

bool tm_git_index_left_behind(struct tm_git_index_txn *txn, struct tm_git *git, struct tm_git_left *left)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
    struct tm_str rest;

    set_paths(txn, git);
    if (tm_file_read(txn->lock, 1 << 14, &content, NULL) == TM_OK &&
        tm_str_has_prefix(tm_buf_str(&content), TM_STR(INTENT_MAGIC))) {
        rest = tm_str_from(tm_buf_str(&content), sizeof(INTENT_MAGIC) - 1);
        if (take_line(&rest, &left->to, &left->branch)) {
            left->tagged.hex[0] = '\0';
            tm_buf_clear(&left->tag);
            if (!tm_str_is(rest, INTENT_NO_INDEX) && !take_line(&rest, &left->tagged, &left->tag))
                left->tagged.hex[0] = '\0';
            txn->had_index = !tm_str_is(rest, INTENT_NO_INDEX);
            txn->locked = true;
            txn->swapped = !txn->had_index || is_there(txn->old);
            return true;
        }
    }
    free_paths(txn);
    return false;
}
