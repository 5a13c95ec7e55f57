/*
 * What index.c and index_split.c share: entries as they stand in a file, before
 * the two halves of a split index are put together and paths are checked.
 */
#ifndef TM_REPO_INDEX_INTERNAL_H
#define TM_REPO_INDEX_INTERNAL_H

#include "repo/index.h"

struct tm_index_raw {
    const char *path; /* NUL-terminated */
    size_t len;       /* 0 in a split index: the path is in the shared file */
    const unsigned char *id;
    unsigned char kind, stage;
    bool skip_worktree;
};

struct tm_index_list {
    struct tm_index_raw *items; /* owned */
    size_t n;
    struct tm_str link; /* content of the `link` extension, or empty */
};

uint32_t tm_index_get32(const unsigned char *p);

/* Reads a file's entries; paths are bounded, but not checked. */
enum tm_code tm_index_read_raw(struct tm_index_list *list, struct tm_arena *arena, struct tm_str bytes,
                               struct tm_err *err) TM_CHECK;
void tm_index_list_release(struct tm_index_list *list);

/* True when the list is to be combined with a shared file, named by the first 20 bytes of its link. */
bool tm_index_is_split(const struct tm_index_list *list);

/* Replaces the list by what it makes of the shared file. */
enum tm_code tm_index_unsplit(struct tm_index_list *list, struct tm_arena *arena, struct tm_str shared,
                              struct tm_err *err) TM_CHECK;

#endif
