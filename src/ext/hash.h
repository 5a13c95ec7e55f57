/*
 * SHA-256 (FIPS 180-4, through OpenSSL's libcrypto) with a reused context, and random nonces.
 * SHA-1 is here for the ids of git's objects only (ext/git_objects.h).
 */
#ifndef TM_EXT_HASH_H
#define TM_EXT_HASH_H

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json_members.h"

enum { TM_HASH_LEN = 32, TM_HASH_HEX = 64 };

struct tm_hash {
    unsigned char bytes[TM_HASH_LEN];
};

struct tm_hasher; /* not thread-safe: one per thread */

/* A context ready for data. */
struct tm_hasher *tm_hasher_new(void);
void tm_hasher_free(struct tm_hasher *hasher);

void tm_hasher_add(struct tm_hasher *hasher, struct tm_str data);
/* The digest of what was added; the context then starts anew. */
struct tm_hash tm_hasher_finish(struct tm_hasher *hasher);

/* The digest of one piece. */
struct tm_hash tm_hash_of(struct tm_str data);

/* The digest and size of all that fd holds, read from its start in chunks. size may be NULL. */
enum tm_code tm_hash_fd(int fd, struct tm_hash *out, uint64_t *size, struct tm_err *err) TM_CHECK;

/* 64 lower-case hexadecimal digits. */
void tm_hash_add_hex(struct tm_buf *buf, const struct tm_hash *hash);
/* The same as a JSON string, and as a member. */
struct tm_json_writer;
void tm_hash_put(struct tm_json_writer *w, const struct tm_hash *hash);
void tm_hash_member(struct tm_json_writer *w, const char *key, const struct tm_hash *hash);
/* Reads exactly 64 lower-case hexadecimal digits; false on anything else. */
bool tm_hash_parse(struct tm_str hex, struct tm_hash *out) TM_CHECK;
/* A member of a document that is one (base/json_members.h). */
enum tm_code tm_json_members_hash(const struct tm_json_members *m, const struct tm_json_node *object,
                                  const char *key, struct tm_hash *out) TM_CHECK;
int tm_hash_cmp(const struct tm_hash *a, const struct tm_hash *b);

/* The SHA-1 digest of the pieces, one behind the other. */
enum { TM_SHA1_LEN = 20 };
void tm_sha1_of(const struct tm_str *pieces, size_t n, unsigned char out[TM_SHA1_LEN]);

/* n bytes from the system's generator, as 2n lower-case hexadecimal digits. */
void tm_random_add_hex(struct tm_buf *buf, size_t n);

#endif
