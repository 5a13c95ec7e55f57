/*
 * The walk over the work tree that finds which tracked files are there and
 * which untracked ones count. Folders are shared out among threads; each thread reads a
 * folder whole before it decides about anything in it.
 *
 * Never entered: links, ".git", submodules, other repositories, ignored folders and
 * excluded ones (without anything tracked in them, for the first; an excluded folder never).
 */
#ifndef TM_REPO_WALK_H
#define TM_REPO_WALK_H

#include "base/arena.h"
#include "base/io.h"
#include "base/map.h"
#include "repo/dirs.h"
#include "repo/ignore.h"
#include "repo/settings.h"

/* What was found at an index entry's path. */
enum { TM_WALK_ABSENT, TM_WALK_FILE, TM_WALK_LINK };

struct tm_walk_file {
    struct tm_str path;
    bool is_link;
};

struct tm_walk {
    /* In; all but `found` are only read. */
    const struct tm_root *root;
    const struct tm_index *index;
    const struct tm_dirs *dirs;
    const bool *dir_excluded;          /* for each folder of dirs */
    const struct tm_str_list *exclude; /* globs */
    const struct tm_ignore *common;    /* .git/info/exclude, then core.excludesFile: 2 lists */
    const struct tm_map
        *left_rules; /* texts (struct tm_buf) of .gitignore files not in the work tree, by folder */
    bool icase;
    /* With icase, the index by folded path: entry number + 1, and SIZE_MAX for a folder. */
    const struct tm_map *folded;
    unsigned char *found; /* for each index entry */
    unsigned threads;     /* at least 1 */
    /* Out: untracked files, in no order; their paths are in the arenas. */
    struct tm_walk_file *files;
    size_t n_files, cap_files;
    struct tm_arena *arenas; /* one for each thread */
    size_t ignored_dirs, excluded;
};

/* TM_E_IO when a folder cannot be read: what is in it would be missed. */
enum tm_code tm_walk(struct tm_walk *walk, struct tm_err *err) TM_CHECK;

/* Frees files and arenas. */
void tm_walk_release(struct tm_walk *walk);

/* True when the globs leave out a file, by itself, or a folder with all that is in it. */
bool tm_walk_excludes_file(const struct tm_str_list *globs, struct tm_str path);
bool tm_walk_excludes_dir(const struct tm_str_list *globs, struct tm_str path);

/* ASCII letters to lower case, as git folds paths; out is replaced. */
void tm_walk_fold(struct tm_buf *out, struct tm_str path);

#endif
