/*
 * The files of the work tree: what git tracks and is there, plus untracked
 * files it does not ignore, less settings.exclude. What `git ls-files -co
 * --exclude-standard` lists, but for tracked files that are gone, submodules, other
 * repositories, and things that are neither files nor links (links are kept, marked). What a
 * sparse checkout leaves out is kept, too, marked: it is tracked, and not missing.
 *
 * The index is read by ourselves (repo/index.h) and ignore rules are matched
 * by ourselves (repo/ignore.h), because both bound the speed of every command; folders
 * that are ignored and hold nothing tracked are not entered.
 */
#ifndef TM_REPO_FILES_H
#define TM_REPO_FILES_H

#include "base/arena.h"
#include "repo/repo.h"

struct tm_file {
    struct tm_str path; /* normal, in byte order over the list */
    bool tracked;
    bool is_link;
    bool left_out; /* by a sparse checkout: tracked, but not in the work tree to be read */
};

struct tm_files {
    struct tm_arena arena;
    struct tm_file *items; /* sorted by path, unique */
    size_t n;
    /* Not counted, for the discovery report. */
    size_t ignored_dirs; /* ignored folders not entered */
    size_t
        excluded; /* files that settings.exclude left out; untracked ones in excluded folders are not seen */
    size_t missing; /* tracked files that are not in the work tree */
    size_t submodules;
};

#define TM_FILES_INIT ((struct tm_files) { .arena = TM_ARENA_INIT })

/*
 * TM_E_FORMAT when git's index is damaged, TM_E_IO when a folder cannot be read, TM_E_LIMIT for a path that
 * is longer than TM_PATH_MAX: nothing is left out in silence.
 */
enum tm_code tm_files_list(struct tm_files *files, struct tm_repo *repo, struct tm_err *err) TM_CHECK;
void tm_files_release(struct tm_files *files);

/* The file at path, or NULL; binary search. */
const struct tm_file *tm_files_find(const struct tm_files *files, struct tm_str path);

#endif
