/*
 * Which commits somebody means, and what they are: for commands that look at a part of the history.
 *
 * Shallow clones are fine: a commit whose parents are not there is marked, and nothing behind it is looked
 * for. In any other repository a missing commit is TM_E_NOT_FOUND.
 */
#ifndef TM_REPO_HISTORY_H
#define TM_REPO_HISTORY_H

#include "base/arena.h"
#include "base/map.h"
#include "ext/git_objects.h"
#include "repo/repo.h"

enum { TM_HISTORY_MAX = 4 << 20, TM_COMMIT_MAX = 16 << 20 };

/* Commits reachable from `to` and not from `from`; `to` alone when single. */
struct tm_range {
    bool single;
    bool has_from;
    struct tm_git_id from, to;
    struct tm_buf label; /* how a person would name it: "origin/main..HEAD" */
};
#define TM_RANGE_INIT ((struct tm_range) { .label = TM_BUF_INIT })

/*
 * Reads "A..B", "A..", "..B" (a side left out is HEAD) or "REV", that commit alone. NULL is the default: the
 * commits of HEAD that its branch's upstream does not have, or HEAD alone when there is no upstream.
 * TM_E_USAGE for any other spelling, TM_E_NOT_FOUND for a revision that is not there, or without commits.
 */
enum tm_code tm_range_parse(struct tm_range *range, struct tm_git *git, const char *text, struct tm_err *err)
    TM_CHECK;
void tm_range_release(struct tm_range *range);

struct tm_history_commit {
    struct tm_git_id id, tree;
    int64_t time_s; /* committer's */
    struct tm_git_id *parents;
    size_t n_parents;
    bool cut; /* a parent of it is not in this shallow clone */
    bool in_range;
    size_t mark;        /* for who walks over the commits; 0 at first */
    unsigned flags;     /* private */
    uint32_t n_waiting; /* private */
};

/* Commits, to be grown. */
struct tm_commit_list {
    struct tm_commit_item {
        struct tm_history_commit *commit;
    } * items;
    size_t n, cap;
};

struct tm_history {
    struct tm_arena arena;
    struct tm_commit_list commits; /* children before their parents, else newest first */
    struct tm_map known; /* private: id -> commit, those of the range and some of those they stand on */
};
#define TM_HISTORY_INIT ((struct tm_history) { .arena = TM_ARENA_INIT })

/* The commits of the range. At most TM_HISTORY_MAX: TM_E_LIMIT. */
enum tm_code tm_history_load(struct tm_history *history, struct tm_git *git, struct tm_objects *objects,
                             const struct tm_range *range, struct tm_err *err) TM_CHECK;
void tm_history_release(struct tm_history *history);

/*
 * A commit of the range or outside of it, read when it was not yet; NULL in *commit when it is not there and
 * the clone is shallow.
 */
enum tm_code tm_history_commit(struct tm_history *history, struct tm_git *git, struct tm_objects *objects,
                               const struct tm_git_id *id, struct tm_history_commit **commit,
                               struct tm_err *err) TM_CHECK;

/* Reads the bytes of a commit object: all but its id. False when it has no tree, or a parent is no id. */
bool tm_history_parse(struct tm_arena *arena, struct tm_str text, struct tm_history_commit *commit) TM_CHECK;

#endif
