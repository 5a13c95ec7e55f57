/*
 * Commits, trees and blobs of a repository by their ids, read as fast as git reads them: for who looks at
 * whole histories. Objects in the repository's own packs are read by ourselves (ext/git_pack.h), because
 * libgit2 takes several times as long for each; all others (loose ones, alternates) are libgit2's.
 *
 * A struct tm_objects belongs to one thread; several of one repository may be open at once. Packs that are
 * written after it was opened are not looked into, but libgit2 finds what they hold. Memory: 16 MiB for what
 * was read last, and one delta chain.
 */
#ifndef TM_EXT_GIT_OBJECTS_H
#define TM_EXT_GIT_OBJECTS_H

#include "ext/git.h"
#include "ext/git_pack.h"

/* False when hex is no id. */
bool tm_git_id_parse(struct tm_git_id *out, struct tm_str hex) TM_CHECK;
struct tm_oid tm_git_id_hex(const struct tm_git_id *id);
int tm_git_id_cmp(const struct tm_git_id *a, const struct tm_git_id *b);

/* The id of the blob that the pieces are together. */
struct tm_git_id tm_git_id_of_blob(const struct tm_str *pieces, size_t n);

struct tm_objects;
enum tm_code tm_objects_open(struct tm_objects **objects, struct tm_git *git, struct tm_err *err) TM_CHECK;
void tm_objects_close(struct tm_objects *objects);

enum tm_object_type { TM_OBJECT_COMMIT = 1, TM_OBJECT_TREE = 2, TM_OBJECT_BLOB = 3 };

struct tm_object {
    unsigned refs; /* private */
    enum tm_object_type type;
    size_t len;
    char data[]; /* NUL-terminated */
};

/*
 * The object; the caller's to free. TM_E_NOT_FOUND when it is not there, TM_E_LIMIT when it has more than
 * `limit` bytes, TM_E_GIT when it is of another type or damaged.
 */
enum tm_code tm_objects_read(struct tm_objects *objects, const struct tm_git_id *id, enum tm_object_type type,
                             uint64_t limit, struct tm_object **out, struct tm_err *err) TM_CHECK;
void tm_object_free(struct tm_object *object);
/* For TM_CLEANUP. */
void tm_object_freep(struct tm_object **object);

/* Size of a blob without reading it; the same failures. */
enum tm_code tm_objects_size(struct tm_objects *objects, const struct tm_git_id *id, uint64_t *size,
                             struct tm_err *err) TM_CHECK;

/*
 * How a blob is stored. Git stores a version of a file that only grows as "the first n bytes of that other
 * version", or "that other version and these bytes": who knows the other one then knows this one unread.
 */
struct tm_object_place {
    uint32_t pack;
    uint64_t at;
};
struct tm_object_form {
    struct tm_object_place place;
    uint64_t size;
    enum tm_delta_form form;     /* TM_DELTA_OTHER: base means nothing */
    struct tm_object_place base; /* place of the other one */
};
/* False when it is not in a pack, or the pack cannot be read. */
bool tm_objects_form(struct tm_objects *objects, const struct tm_git_id *id, struct tm_object_form *out)
    TM_CHECK;
bool tm_objects_form_at(struct tm_objects *objects, struct tm_object_place place, struct tm_object_form *out)
    TM_CHECK;

#endif
