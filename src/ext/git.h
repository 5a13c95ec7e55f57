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
 *
 * Environment. Which repository is meant follows from the folder alone: GIT_DIR,
 * GIT_WORK_TREE, GIT_INDEX_FILE and their kind are ignored, because inside a hook
 * they name the outer repository whatever folder is asked for. Honoured are
 * GIT_CEILING_DIRECTORIES, GIT_CONFIG_GLOBAL, GIT_CONFIG_SYSTEM, GIT_CONFIG_NOSYSTEM,
 * GIT_{AUTHOR,COMMITTER}_{NAME,EMAIL}, and SOURCE_DATE_EPOCH for the time of commits
 * (the zone is UTC). Settings given by `git -c` (GIT_CONFIG_PARAMETERS, GIT_CONFIG_COUNT) are not.
 *
 * Hooks are not run and nothing is signed.
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
    bool unborn; /* no commit yet */
};
enum tm_code tm_git_head(struct tm_git *git, struct tm_git_head *head, struct tm_err *err) TM_CHECK;
void tm_git_head_release(struct tm_git_head *head);

/* user.name and user.email (environment and configuration); TM_E_GIT tells how to set them. */
enum tm_code tm_git_identity(struct tm_git *git, char **name, char **email, struct tm_err *err) TM_CHECK;

/* Peels any revision ("HEAD~2", a tag, a short id) to a commit. TM_E_NOT_FOUND when there is none. */
enum tm_code tm_git_resolve(struct tm_git *git, const char *rev, struct tm_oid *commit, struct tm_err *err)
    TM_CHECK;

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

/*
 * The content of path in the tree of a commit, at most limit bytes (else TM_E_LIMIT), into out
 * (replaced). TM_E_NOT_FOUND when it is not there, or is a folder, a link or a submodule.
 */
enum tm_code tm_git_read_at(struct tm_git *git, const struct tm_oid *commit, struct tm_str path,
                            uint64_t limit, struct tm_buf *out, struct tm_err *err) TM_CHECK;

/* The content of a blob by its id, under the same conditions. */
enum tm_code tm_git_read_blob(struct tm_git *git, const struct tm_oid *blob, uint64_t limit,
                              struct tm_buf *out, struct tm_err *err) TM_CHECK;

/*
 * Calls visit for each blob below folder `dir` ("" for all) in the commit's tree, in
 * byte order of paths, until it fails. mode is git's: TM_GIT_FILE, TM_GIT_EXECUTABLE or
 * TM_GIT_LINK. TM_E_NOT_FOUND when dir is not a folder there; TM_E_LIMIT for a path longer
 * than TM_PATH_MAX. Submodules are passed over.
 */
enum { TM_GIT_FILE = 0100644, TM_GIT_EXECUTABLE = 0100755, TM_GIT_LINK = 0120000 };
typedef enum tm_code tm_git_visit(void *ctx, struct tm_str path, unsigned mode, const struct tm_oid *blob,
                                  struct tm_err *err);
enum tm_code tm_git_tree_walk(struct tm_git *git, const struct tm_oid *commit, struct tm_str dir,
                              tm_git_visit *visit, void *ctx, struct tm_err *err) TM_CHECK;
/* The same for a tree by its id, paths beginning with that of folder `dir`. */
enum tm_code tm_git_tree_walk_id(struct tm_git *git, const struct tm_oid *tree, struct tm_str dir,
                                 tm_git_visit *visit, void *ctx, struct tm_err *err) TM_CHECK;

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
                            struct tm_git_change **changes, size_t *n, size_t *total, struct tm_err *err)
    TM_CHECK;

/* True when path is ignored (and not tracked); True when path is in the index. */
enum tm_code tm_git_is_ignored(struct tm_git *git, struct tm_str path, bool *ignored, struct tm_err *err)
    TM_CHECK;
enum tm_code tm_git_is_tracked(struct tm_git *git, struct tm_str path, bool *tracked, struct tm_err *err)
    TM_CHECK;

/*
 * True when git may store other bytes of path than the work tree has, because line ends or $Id$ are
 * converted; convert gives what `git add` would store for data, into out (replaced; it may hold data).
 * TM_E_GIT for a path with a filter program (such as LFS) or working-tree-encoding.
 */
enum tm_code tm_git_converts(struct tm_git *git, struct tm_str path, bool *converts, struct tm_err *err)
    TM_CHECK;
enum tm_code tm_git_convert(struct tm_git *git, struct tm_str path, struct tm_str data, struct tm_buf *out,
                            struct tm_err *err) TM_CHECK;

/*
 * Commits the work tree's content of exactly these paths (a missing file is a
 * removal) on top of HEAD, and nothing else: what the user has staged stays staged.
 * The branch moves only if it still is where it was when HEAD was read (else
 * TM_E_GIT); a detached HEAD moves likewise. When no path differs from HEAD, *made is
 * false, no ref or index changes and *commit is HEAD. Author and committer are the
 * identity, at tm_clock_now_s().
 *
 * Line ends and $Id$ are converted as by `git add`. A path with a filter program (such as LFS) or
 * working-tree-encoding is refused with TM_E_GIT, one in a submodule or behind a link with TM_E_PATH, and
 * everything during a merge, rebase, revert or cherry-pick with TM_E_REFUSED.
 */
enum tm_code tm_git_commit_paths(struct tm_git *git, const struct tm_str *paths, size_t n,
                                 const char *message, struct tm_oid *commit, bool *made, struct tm_err *err)
    TM_CHECK;

/* TM_E_REFUSED in the middle of a merge, rebase, revert or cherry-pick. */
enum tm_code tm_git_check_state(struct tm_git *git, struct tm_err *err) TM_CHECK;

/*
 * The same in two steps, for what must be all or nothing. `prepare` writes
 * objects only (blobs, tree, commit) for the given contents, exactly as they are: no
 * ref, no index, no file changes. A NULL data.data removes the path; parent "" makes a
 * first commit. `publish` then moves HEAD's branch (or a detached HEAD) from `parent` to
 * `commit` and, when tag is not NULL, creates refs/tags/<tag> at the tag object (made by
 * tm_git_tag_prepare), and makes the index entries of `paths` those of the commit.
 *
 * Publish takes every lock (index, HEAD, branch, tag) before it changes anything and makes
 * the new index first, so that when it fails, no ref and not the index has changed:
 * TM_E_LOCKED when another git holds a lock, TM_E_GIT when HEAD or the branch is no longer at
 * parent, TM_E_EXISTS when the tag is there. If the process is killed in the middle,
 * tm_git_recover finishes or undoes it.
 */
struct tm_git_file {
    struct tm_str path;
    struct tm_str data;
};
enum tm_code tm_git_commit_prepare(struct tm_git *git, const struct tm_oid *parent,
                                   const struct tm_git_file *files, size_t n, const char *message,
                                   struct tm_oid *commit, struct tm_err *err) TM_CHECK;
enum tm_code tm_git_tag_prepare(struct tm_git *git, const char *tag, const struct tm_oid *commit,
                                const char *message, struct tm_oid *tag_object, struct tm_err *err) TM_CHECK;
enum tm_code tm_git_publish(struct tm_git *git, const struct tm_oid *parent, const struct tm_oid *commit,
                            const char *tag, const struct tm_oid *tag_object, const struct tm_str *paths,
                            size_t n, struct tm_err *err) TM_CHECK;

/*
 * Cleans up after a tidemark process that was killed in tm_git_publish: when the branch
 * had moved, the commit stands; else the tag and the index are put back. Locks
 * it left are removed. Nothing when there is nothing to do. The caller must hold
 * the lock of writing commands (repo/repo.h), so that no other tidemark is at work.
 */
enum tm_code tm_git_recover(struct tm_git *git, struct tm_err *err) TM_CHECK;

/* TM_OK and the peeled commit when refs/tags/<tag> exists; TM_E_NOT_FOUND. annotated may be NULL. */
enum tm_code tm_git_tag_find(struct tm_git *git, const char *tag, struct tm_oid *commit, bool *annotated,
                             struct tm_err *err) TM_CHECK;
/* True when git would accept refs/tags/<tag>. */
bool tm_git_tag_is_valid(const char *tag);
/* Tags in byte order, from arena. */
enum tm_code tm_git_tags(struct tm_git *git, struct tm_arena *arena, struct tm_str **tags, size_t *n,
                         struct tm_err *err) TM_CHECK;

/*
 * For each blob the newest commit that has it at path, among the last TM_GIT_SEARCH_MAX that HEAD, ORIG_HEAD
 * or a ref reaches; "" when there is none. Where the history ends because the clone is shallow, the search
 * ends as well.
 */
enum { TM_GIT_SEARCH_MAX = 10000 };
enum tm_code tm_git_find_blobs(struct tm_git *git, struct tm_str path, const struct tm_oid *blobs, size_t n,
                               struct tm_oid *commits, struct tm_err *err) TM_CHECK;

/* *yes: ancestor is commit or reachable from it. TM_E_NOT_FOUND when there is no such ancestor at all. */
enum tm_code tm_git_is_ancestor(struct tm_git *git, const struct tm_oid *ancestor,
                                const struct tm_oid *commit, bool *yes, struct tm_err *err) TM_CHECK;
bool tm_git_is_shallow(struct tm_git *git);

/* The commits reachable from `to` and not from `from`, oldest first, from arena. At most 10,000: TM_E_LIMIT.
 */
enum tm_code tm_git_range(struct tm_git *git, const struct tm_oid *from, const struct tm_oid *to,
                          struct tm_arena *arena, struct tm_git_commit **commits, size_t *n,
                          struct tm_err *err) TM_CHECK;

/*
 * Paths that differ between the trees of two commits, in byte order, from arena; `what` is 'A', 'D', 'M' or
 * 'T' (another type). Renames are an 'A' and a 'D'.
 */
enum tm_code tm_git_diff_names(struct tm_git *git, const struct tm_oid *from, const struct tm_oid *to,
                               struct tm_arena *arena, struct tm_git_change **changes, size_t *n,
                               struct tm_err *err) TM_CHECK;

/* The value of a setting such as "merge.conflictStyle", into out (replaced); false when it is not set. */
bool tm_git_setting(struct tm_git *git, const char *key, struct tm_buf *out);
/* Sets it in the repository's own configuration; nothing else in that file changes. */
enum tm_code tm_git_set(struct tm_git *git, const char *key, const char *value, struct tm_err *err) TM_CHECK;

/* An attribute of path as `git check-attr` prints it: "set", "unset", "unspecified" or its value. */
enum tm_code tm_git_attribute(struct tm_git *git, struct tm_str path, const char *name, struct tm_buf *out,
                              struct tm_err *err) TM_CHECK;
/* Whether it is set: bare, or to any value but "false". */
enum tm_code tm_git_attribute_set(struct tm_git *git, struct tm_str path, const char *name, bool *set,
                                  struct tm_err *err) TM_CHECK;

/* How conflicts are marked. Labels may be NULL. */
struct tm_git_markers {
    const char *base, *ours, *theirs;
    unsigned size; /* 0: 7 */
    enum { TM_GIT_STYLE_MERGE, TM_GIT_STYLE_DIFF3, TM_GIT_STYLE_ZDIFF3 } style;
};
/*
 * Merges three texts as git does, into out (replaced; it may hold none of them); *clean is false when
 * conflicts are marked in it. Needs no repository. TM_E_GIT for texts that git calls binary.
 */
enum tm_code tm_git_merge_text(struct tm_str base, struct tm_str ours, struct tm_str theirs,
                               const struct tm_git_markers *markers, struct tm_buf *out, bool *clean,
                               struct tm_err *err) TM_CHECK;

/*
 * The commit of the upstream of HEAD's branch, and its short name ("origin/main") into name (replaced). False
 * when HEAD is detached, has no upstream, or the upstream is not there (any more).
 */
bool tm_git_upstream(struct tm_git *git, struct tm_buf *name, struct tm_oid *commit) TM_CHECK;

/*
 * Walks the commits reachable from `to` and not from `from` ("" for none), and calls visit for each of them,
 * each of its parents, and each of n files `names` in the folder `dir` that differs between the two: the
 * blobs before (in the parent) and after (in the commit), "" where there is no such file. Parents may lie
 * outside the range. The first commit of a history has none. A name may be that of a folder: then its trees
 * are given. Of commits whose parents are not in this clone (a shallow one) *walked tells.
 */
struct tm_git_edge {
    struct tm_oid commit, parent;
    size_t name; /* index into names */
    struct tm_oid before, after;
};
struct tm_git_walked {
    size_t commits, with_files; /* how many; of them: that have one of the files */
    size_t horizons;            /* commits whose parents are not here */
    struct tm_oid horizon;      /* the first of them that was met */
};
typedef enum tm_code tm_git_edge_visit(void *ctx, const struct tm_git_edge *edge, struct tm_err *err);
enum tm_code tm_git_edges(struct tm_git *git, const struct tm_oid *from, const struct tm_oid *to,
                          struct tm_str dir, const struct tm_str *names, size_t n, tm_git_edge_visit *visit,
                          void *ctx, struct tm_git_walked *walked, struct tm_err *err) TM_CHECK;

/* The blob of a file, or the tree of a folder, in the tree of a commit; "" when there is none. */
enum tm_code tm_git_id_at(struct tm_git *git, const struct tm_oid *commit, struct tm_str path, bool is_folder,
                          struct tm_oid *id, struct tm_err *err) TM_CHECK;

/* The remote that a push goes to: "origin" when there is one, else the first; "" without remotes. From arena.
 */
struct tm_str tm_git_remote(struct tm_git *git, struct tm_arena *arena);

#endif
