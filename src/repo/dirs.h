/*
 * The folders that the index's paths lie in, and what each of them holds: made once per listing, so that a
 * name found in a folder of the work tree is looked up among that folder's few, not among all paths.
 */
#ifndef TM_REPO_DIRS_H
#define TM_REPO_DIRS_H

#include "repo/index.h"

struct tm_dir_child {
    const char *name; /* not NUL-terminated */
    uint32_t len;
    uint32_t ref; /* number of an index entry; or of a folder, with TM_DIR_BIT set */
};

#define TM_DIR_BIT UINT32_C(0x80000000)

struct tm_dir {
    const char *path; /* len bytes of the path of an entry below it; "" for the root, which is folder 0 */
    uint32_t len;
    uint32_t parent;
    uint32_t entry;    /* the first entry below it */
    uint32_t first, n; /* its children, sorted */
};

struct tm_dirs {
    struct tm_dir *items;
    uint32_t n;
    struct tm_dir_child *children;
    uint32_t *dir_of; /* the folder of each entry */
};

#define TM_DIRS_INIT ((struct tm_dirs) { NULL, 0, NULL, NULL })

/* The index must outlive the folders, and have fewer than 2^31 entries. */
void tm_dirs_build(struct tm_dirs *dirs, const struct tm_index *index);
void tm_dirs_release(struct tm_dirs *dirs);

/* The child of that name: a folder when is_dir, else an entry; NULL when there is none. */
const struct tm_dir_child *tm_dirs_find(const struct tm_dirs *dirs, uint32_t dir, struct tm_str name,
                                        bool is_dir);

#endif
