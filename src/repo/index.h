/*
 * Git's index, read only: the paths git tracks (docs/formats/index.md).
 *
 * A struct tm_index may be read by several threads at once. Its paths are normal
 * repository paths, NUL-terminated (but TM_INDEX_DIR), never inside a ".git", and sorted in byte order; a
 * path in conflict stands there once.
 */
#ifndef TM_REPO_INDEX_H
#define TM_REPO_INDEX_H

#include "base/arena.h"
#include "base/err.h"
#include "ext/git.h"

enum tm_index_kind {
    TM_INDEX_FILE,
    TM_INDEX_LINK,
    TM_INDEX_SUBMODULE,
    TM_INDEX_DIR, /* of a sparse index; the '/' behind its path is not counted in len */
};

struct tm_index_entry {
    const char *path;
    uint32_t len;
    uint32_t shared;         /* how many bytes the path has in common with the one before */
    const unsigned char *id; /* the object's, 20 bytes; NULL after tm_index_expand */
    unsigned char kind;      /* enum tm_index_kind */
    bool skip_worktree;      /* a sparse checkout leaves it out of the work tree */
};

struct tm_index {
    struct tm_index_entry *entries;
    size_t n;
    struct tm_arena arena; /* paths that do not stand in a file as they are */
    struct {
        void *data;
        size_t len;
    } maps[2]; /* the files, the shared one second */
};

#define TM_INDEX_INIT ((struct tm_index) { .arena = TM_ARENA_INIT })

/*
 * Reads <git_dir>/index and the shared file it may name. No index gives no
 * entries. TM_E_FORMAT when it is damaged, TM_E_LIMIT over 4 GiB.
 */
enum tm_code tm_index_read(struct tm_index *index, const char *git_dir, struct tm_err *err) TM_CHECK;

/* The same from memory, which must outlive the index. shared is the content of the shared file, for a split
 * one. */
enum tm_code tm_index_parse(struct tm_index *index, struct tm_str bytes, struct tm_str shared,
                            struct tm_err *err) TM_CHECK;

/* Replaces each folder of a sparse index by the files of its tree. Those have no id. */
enum tm_code tm_index_expand(struct tm_index *index, struct tm_git *git, struct tm_err *err) TM_CHECK;

void tm_index_release(struct tm_index *index);

#endif
