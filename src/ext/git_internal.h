/*
 * What the git_*.c files share. Only they include this, first of all, and with it
 * libgit2: a field of an index entry has a name that base/banned.h forbids.
 */
#ifndef TM_EXT_GIT_INTERNAL_H
#define TM_EXT_GIT_INTERNAL_H

#include <sys/stat.h>

#include <git2.h>

/* What an index entry remembers of a file, to tell later whether it changed. */
static inline void tm_git_entry_set_stat(git_index_entry *entry, const struct stat *st)
{
    entry->ctime.seconds = (int32_t)st->st_ctim.tv_sec;
    entry->ctime.nanoseconds = (uint32_t)st->st_ctim.tv_nsec;
    entry->mtime.seconds = (int32_t)st->st_mtim.tv_sec;
    entry->mtime.nanoseconds = (uint32_t)st->st_mtim.tv_nsec;
    entry->dev = (uint32_t)st->st_dev;
    entry->ino = (uint32_t)st->st_ino;
    entry->uid = st->st_uid;
    entry->gid = st->st_gid;
    entry->file_size = (uint32_t)st->st_size;
}

#include "ext/git.h"

struct tm_git {
    git_repository *repo;
    git_config *config;
    char *workdir, *dir, *common_dir; /* without a final '/' */
    char *excludes_file;
    bool ignores_case;
};

/* Sets "<what>: <libgit2's message>"; the code follows rc: TM_E_LOCKED, TM_E_NOT_FOUND, else TM_E_GIT. */
enum tm_code tm_git_fail(struct tm_err *err, int rc, const char *fmt, ...) TM_PRINTF(3, 4);

/* Sets libgit2 up, once per process; every call that needs no repository starts with it. */
void tm_git_init(void);

/* The id that hex spells; TM_E_GIT when it is no id. "" is refused too. */
enum tm_code tm_git_oid(git_oid *out, const struct tm_oid *id, struct tm_err *err) TM_CHECK;
struct tm_oid tm_git_oid_hex(const git_oid *id);

/* The commit with that id, the caller's to free; TM_E_NOT_FOUND. */
enum tm_code tm_git_load_commit(git_commit **out, struct tm_git *git, const struct tm_oid *id,
                                struct tm_err *err) TM_CHECK;

/* The tree of that commit, the caller's to free; NULL for "". */
enum tm_code tm_git_load_tree(git_tree **tree, struct tm_git *git, const struct tm_oid *id,
                              struct tm_err *err) TM_CHECK;

/* Author and committer, at tm_clock_now_s() UTC. */
enum tm_code tm_git_author(git_signature **out, struct tm_git *git, struct tm_err *err) TM_CHECK;
enum tm_code tm_git_committer(git_signature **out, struct tm_git *git, struct tm_err *err) TM_CHECK;

/* The index as it is on disk now; git's own, not to be freed. */
enum tm_code tm_git_index(git_index **out, struct tm_git *git, struct tm_err *err) TM_CHECK;

/* "<work tree>/<path>", into out (replaced). */
void tm_git_work_path(const struct tm_git *git, struct tm_str path, struct tm_buf *out);

/* TM_E_PATH unless path is a normal repository path, and neither "" nor below a ".git". */
enum tm_code tm_git_check_path(struct tm_str path, struct tm_err *err) TM_CHECK;

/* TM_E_GIT when `git add` would run a program over the file, or convert its encoding: libgit2 does neither.
 */
enum tm_code tm_git_check_filters(struct tm_git *git, const char *name, struct tm_err *err) TM_CHECK;

/* One change to a tree. mode 0 removes the path; entries are sorted by path, without duplicates. */
struct tm_git_update {
    struct tm_str path;
    git_oid id;
    git_filemode_t mode;
};

/* The tree that has the updates over `base` (NULL: the empty tree); written to the object store. */
enum tm_code tm_git_tree_update(git_oid *out, struct tm_git *git, const git_oid *base,
                                const struct tm_git_update *updates, size_t n, struct tm_err *err) TM_CHECK;

/*
 * The index, locked against every other git, replaced in one step, and put back
 * when what follows fails. See git_index.c for what a killed process leaves.
 */
struct tm_git_index_txn {
    struct tm_git *git;
    char *path, *lock, *fresh, *old; /* files in the work tree's git folder */
    bool locked, swapped, had_index;
};

#define TM_GIT_INDEX_TXN_INIT ((struct tm_git_index_txn) { NULL })

/* What is begun, for who finds the lock when this process was killed. */
struct tm_git_intent {
    const char *branch;      /* ref that moves, "HEAD" when detached */
    const struct tm_oid *to; /* where it moves */
    const char *tag;         /* full ref name or NULL */
    const struct tm_oid *tag_object;
};

/* The same, as found; buffers are the caller's. tagged is "" when there is no tag. */
struct tm_git_left {
    struct tm_buf branch, tag;
    struct tm_oid to, tagged;
};

enum tm_code tm_git_index_begin(struct tm_git_index_txn *txn, struct tm_git *git,
                                const struct tm_git_intent *intent, struct tm_err *err) TM_CHECK;
/* Makes the entries of paths those of commit's tree, and puts the new index in place. */
enum tm_code tm_git_index_swap(struct tm_git_index_txn *txn, const git_oid *commit,
                               const struct tm_str *paths, size_t n, struct tm_err *err) TM_CHECK;
/* Ends it: the new index stays when keep, else the old one comes back. Nothing when not begun. */
void tm_git_index_end(struct tm_git_index_txn *txn, bool keep);

/* True when the lock is one of ours: txn can then be ended, left says what it was for. */
bool tm_git_index_left_behind(struct tm_git_index_txn *txn, struct tm_git *git, struct tm_git_left *left)
    TM_CHECK;

/* Says why libgit2 could not read an index. */
enum tm_code tm_git_index_failed(struct tm_err *err);

#endif
