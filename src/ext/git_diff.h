/*
 * Which lines differ between two states of a repository, and where such a comparison starts.
 *
 * Lines are compared as by `git diff -U0`: content as git stores it (line ends converted), renames found by
 * likeness, submodules and links passed over, untracked files of the work tree that are not ignored
 * taken for added ones. One file's lines are in memory at a time.
 */
#ifndef TM_EXT_GIT_DIFF_H
#define TM_EXT_GIT_DIFF_H

#include "ext/git.h"

/*
 * Lines that stand in place of others, as in "@@ -old_start,old_lines +new_start,new_lines @@". Where there
 * are none (0 lines), start is the line before the place.
 */
struct tm_git_hunk {
    uint32_t old_start, old_lines, new_start, new_lines;
};

struct tm_git_delta {
    char what;                        /* 'A', 'D', 'M', 'R' (renamed), 'U' (in conflict: no hunks) */
    struct tm_str old_path, new_path; /* "" where there is none */
    bool binary;                      /* not text, or over TM_GIT_DIFF_MAX: no hunks */
    const struct tm_git_hunk *hunks;  /* ascending, apart; none of a deleted file */
    size_t n_hunks;
};

enum {
    TM_GIT_DIFF_MAX = 64 << 20,        /* bytes of a file whose lines are compared */
    TM_GIT_RENAME_PAIRS_MAX = 1000000, /* added times deleted files; past it only files that stayed equal */
};

struct tm_git_diff_request {
    const struct tm_oid *from; /* a commit; "": nothing, all is added */
    const struct tm_oid *to;   /* a commit; NULL: the work tree */
    bool ignore_space;         /* lines that differ in white space alone are equal */
};

/*
 * Calls visit for each file that differs, in no order to rely on, until it fails; what it gets is valid
 * during the call. *limited: too many files for renames to be found by likeness.
 */
typedef enum tm_code tm_git_delta_visit(void *ctx, const struct tm_git_delta *delta, struct tm_err *err);
enum tm_code tm_git_diff_lines(struct tm_git *git, const struct tm_git_diff_request *request,
                               tm_git_delta_visit *visit, void *ctx, bool *limited, struct tm_err *err)
    TM_CHECK;

/* The best common ancestor; TM_E_NOT_FOUND when there is none, or a shallow clone does not reach to it. */
enum tm_code tm_git_merge_base(struct tm_git *git, const struct tm_oid *a, const struct tm_oid *b,
                               struct tm_oid *base, struct tm_err *err) TM_CHECK;

/*
 * What the current branch goes back to, as a revision, into name (replaced): the branch it tracks, unless
 * that is its own copy; else the remote's default branch (its HEAD, main, master); else that own copy; else
 * the local main or master. TM_E_NOT_FOUND.
 */
enum tm_code tm_git_default_base(struct tm_git *git, struct tm_buf *name, struct tm_err *err) TM_CHECK;

#endif
