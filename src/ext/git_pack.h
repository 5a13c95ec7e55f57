/*
 * One pack of a git repository, read in place: the index (version 2) says where an object stands, an entry is
 * deflated bytes or a delta against another entry of the pack (gitformat-pack(5)).
 *
 * Both files are foreign bytes: every number in them is checked before it is used, and what does not fit is
 * "not there". Who asks then asks libgit2, which says what is wrong. Digests are not checked, as git does not
 * when it reads; what zlib deflated has its checksum.
 *
 * Private to src/ext/git_objects.c.
 */
#ifndef TM_EXT_GIT_PACK_H
#define TM_EXT_GIT_PACK_H

#include "base/str.h"

enum { TM_GIT_ID_LEN = 20 };

/* The id of an object as git stores it. */
struct tm_git_id {
    unsigned char bytes[TM_GIT_ID_LEN];
};

struct tm_pack {
    struct tm_str idx, data; /* not owned */
    uint32_t n;              /* objects */
};

/* False when the index is no index of version 2, or not as long as it must be. */
bool tm_pack_init(struct tm_pack *pack, struct tm_str idx, struct tm_str data) TM_CHECK;

/* Where the object stands in data. */
bool tm_pack_find(const struct tm_pack *pack, const struct tm_git_id *id, uint64_t *at) TM_CHECK;

enum tm_pack_type { TM_PACK_COMMIT = 1, TM_PACK_TREE = 2, TM_PACK_BLOB = 3, TM_PACK_TAG = 4, TM_PACK_DELTA };

struct tm_pack_entry {
    enum tm_pack_type type;
    uint64_t size;    /* inflated: of the object, or of the delta */
    uint64_t data_at; /* first deflated byte */
    uint64_t base_at; /* TM_PACK_DELTA: the entry it is a delta against */
};
bool tm_pack_entry(const struct tm_pack *pack, uint64_t at, struct tm_pack_entry *entry) TM_CHECK;

struct tm_inflater; /* one for each thread */
struct tm_inflater *tm_inflater_new(void);
void tm_inflater_free(struct tm_inflater *inflater);

/* Inflates the entry into out, which has room for exactly entry->size bytes. */
bool tm_pack_inflate(const struct tm_pack *pack, const struct tm_pack_entry *entry,
                     struct tm_inflater *inflater, char *out) TM_CHECK;

/* The sizes that a delta begins with; *rest is its instructions. */
bool tm_delta_sizes(struct tm_str delta, uint64_t *base, uint64_t *result, struct tm_str *rest) TM_CHECK;

/* Puts the object together; out has room for exactly the size that the delta says. */
bool tm_delta_apply(struct tm_str delta, struct tm_str base, char *out) TM_CHECK;

/* How the object stands to the one it is a delta against. */
enum tm_delta_form {
    TM_DELTA_OTHER,
    TM_DELTA_PREFIX,  /* its bytes are the first of the base */
    TM_DELTA_EXTENDS, /* its first bytes are the base */
};
enum tm_delta_form tm_delta_form(struct tm_str delta);

#endif
