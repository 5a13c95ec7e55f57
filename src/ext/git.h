/*
 * The few things tidemark asks of git, on libgit2.
 *
 * Object ids are 40 lower-case hexadecimal digits (SHA-1 repositories; a
 * SHA-256 repository is refused by tm_git_open with TM_E_GIT). Paths are
 * repository paths (base/path.h) relative to the work tree. libgit2's global state is
 * set up by the first tm_git_open; a struct tm_git belongs to one thread.
 *
 * Work trees made by `git worktree`, a `.git` that is a file, and shallow clones
 * work; a bare repository is refused.
 */
#ifndef TM_EXT_GIT_H
#define TM_EXT_GIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum { TM_OID_HEX = 40 };

struct tm_oid {
    char hex[TM_OID_HEX + 1]; /* NUL-terminated; "" when there is none */
};

struct tm_git;

/*
 * Opens the repository that holds the folder `start`, looking upwards as git
 * does. TM_E_GIT "'<start>' is not inside a git repository, ..." and the like.
 */
enum tm_code tm_git_open(struct tm_git **git, const char *start, struct tm_err *err) TM_CHECK;
void tm_git_close(struct tm_git *git);

/* Absolute folders, without a final '/'; owned by git. */
const char *tm_git_workdir(const struct tm_git *git);
/* This work tree's own git folder (".git", or ".git/worktrees/x"): its index and HEAD. */
const char *tm_git_dir(const struct tm_git *git);
/* The folder shared by all work trees: objects, refs, and tidemark's own state. */
const char *tm_git_common_dir(const struct tm_git *git);
/* core.ignorecase, and the file of core.excludesFile ("" when there is none). */
bool tm_git_ignores_case(const struct tm_git *git);
const char *tm_git_excludes_file(const struct tm_git *git);

struct tm_git_head {
    struct tm_oid commit; /* "" when unborn */
    struct tm_oid tree;   /* "" when unborn */
    char *branch;         /* full ref name ("refs/heads/main"); NULL when detached; owned */
    bool detached;
    bool unborn;          /* no commit yet */
};
enum tm_code tm_git_head(struct tm_git *git, struct tm_git_head *head, struct tm_err *err) TM_CHECK;
void tm_git_head_release(struct tm_git_head *head);

/* user.name and user.email (environment and configuration); TM_E_GIT tells how to set them. */
enum tm_code tm_git_identity(struct tm_git *git, char **name, char **email,
                             struct tm_err *err) TM_CHECK;

/* Peels any revision ("HEAD~2", a tag, a short id) to a commit. TM_E_NOT_FOUND when there is none. */
enum tm_code tm_git_resolve(struct tm_git *git, const char *rev, struct tm_oid *commit,
                            struct tm_err *err) TM_CHECK;

struct tm_git_commit {
    struct tm_oid id, tree;
    struct tm_oid *parents; /* n_parents of them */
    size_t n_parents;
    int64_t time_s; /* committer's */
    struct tm_str subject;
};
/* Reads one commit; its memory comes from arena. */
enum tm_code tm_git_commit_read(struct tm_git *git, const struct tm_oid *id, struct tm_arena *arena,
                                struct tm_git_commit *out, struct tm_err *err) TM_CHECK;

/* The blob id that the bytes would have; does not write. */
struct tm_oid tm_git_blob_id(struct tm_str data);

/* The content of path in the tree of a commit, at most limit bytes, into out (replaced). TM_E_NOT_FOUND. */
enum tm_code tm_git_read_at(struct tm_git *git, const struct tm_oid *commit, struct tm_str path,
                            uint64_t limit, struct tm_buf *out, struct tm_err *err) TM_CHECK;

/* Calls visit for each blob below folder `dir` ("" for all) in the commit's tree, in tree order. */
enum tm_code tm_git_tree_walk(struct tm_git *git, const struct tm_oid *commit, struct tm_str dir,
                              enum tm_code (*visit)(void *ctx, struct tm_str path,
                                                    const struct tm_oid *blob, struct tm_err *err),
                              void *ctx, struct tm_err *err) TM_CHECK;

/*
 * What differs between HEAD, index and work tree, and untracked files that are not
 * ignored: at most `limit` paths in byte order ("" prefix none), each with a letter as in
 * `git status --short` ('M', 'A', 'D', '?', ...). n is the full count. Submodule content is not looked into.
 */
struct tm_git_change {
    struct tm_str path;
    char what;
};
enum tm_code tm_git_changes(struct tm_git *git, struct tm_arena *arena, size_t limit,
                            struct tm_git_change **changes, size_t *n, size_t *total,
                            struct tm_err *err) TM_CHECK;

/* True when path is ignored (and not tracked); True when path is in the index. */
enum tm_code tm_git_is_ignored(struct tm_git *git, struct tm_str path, bool *ignored,
                               struct tm_err *err) TM_CHECK;
enum tm_code tm_git_is_tracked(struct tm_git *git, struct tm_str path, bool *tracked,
                               struct tm_err *err) TM_CHECK;

/*
 * Commits the work tree's content of exactly these paths (a missing file is a
 * removal) on top of HEAD, and nothing else: what the user has staged stays staged.
 * The branch moves only if it still is where it was when HEAD was read (else
 * TM_E_GIT); a detached HEAD moves likewise. When no path differs from HEAD, *made is
 * false, nothing is written and *commit is HEAD. Author and committer are the identity, at
 * tm_clock_now_s(). Hooks are not run.
 */
enum tm_code tm_git_commit_paths(struct tm_git *git, const struct tm_str *paths, size_t n,
                                 const char *message, struct tm_oid *commit, bool *made,
                                 struct tm_err *err) TM_CHECK;

/*
 * The same in two steps, for what must be all or nothing. `prepare` writes
 * objects only (blobs, tree, commit) for the given contents: no ref, no index, no
 * file changes. A NULL data.data removes the path. `publish` then moves HEAD's branch from
 * `parent` to `commit` and, when tag is not NULL, creates refs/tags/<tag> at the tag object
 * (made by tm_git_tag_prepare), both under ref locks taken first; then updates the index entries of
 * the paths. When it fails no ref has changed.
 */
struct tm_git_file {
    struct tm_str path;
    struct tm_str data;
};
enum tm_code tm_git_commit_prepare(struct tm_git *git, const struct tm_oid *parent,
                                   const struct tm_git_file *files, size_t n, const char *message,
                                   struct tm_oid *commit, struct tm_err *err) TM_CHECK;
enum tm_code tm_git_tag_prepare(struct tm_git *git, const char *tag, const struct tm_oid *commit,
                                const char *message, struct tm_oid *tag_object,
                                struct tm_err *err) TM_CHECK;
enum tm_code tm_git_publish(struct tm_git *git, const struct tm_oid *parent,
                            const struct tm_oid *commit, const char *tag,
                            const struct tm_oid *tag_object, const struct tm_str *paths, size_t n,
                            struct tm_err *err) TM_CHECK;

/* TM_OK and the peeled commit when refs/tags/<tag> exists; TM_E_NOT_FOUND. annotated may be NULL. */
enum tm_code tm_git_tag_find(struct tm_git *git, const char *tag, struct tm_oid *commit,
                             bool *annotated, struct tm_err *err) TM_CHECK;
/* True when git would accept refs/tags/<tag>. */
bool tm_git_tag_is_valid(const char *tag);
/* Tags in byte order, from arena. */
enum tm_code tm_git_tags(struct tm_git *git, struct tm_arena *arena, struct tm_str **tags, size_t *n,
                         struct tm_err *err) TM_CHECK;

/* True when ancestor is commit or reachable from it. */
enum tm_code tm_git_is_ancestor(struct tm_git *git, const struct tm_oid *ancestor,
                                const struct tm_oid *commit, bool *yes, struct tm_err *err) TM_CHECK;
bool tm_git_is_shallow(struct tm_git *git);

#endif
