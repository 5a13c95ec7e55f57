#include "ext/hash.h"

#include <endian.h>
#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

/* Starting anew costs EVP of OpenSSL 3.0 a malloc, a wipe and a look for engines, as much as half a ledger
 * line; the functions below it, which every 3.x has but calls deprecated, nothing. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/alloc.h"
#include "base/json_write.h"

struct tm_hasher {
    SHA256_CTX ctx;
};

static void start(struct tm_hasher *hasher)
{
    if (SHA256_Init(&hasher->ctx) != 1)
        abort();
}

struct tm_hasher *tm_hasher_new(void)
{
    struct tm_hasher *hasher = tm_alloc(sizeof(*hasher));

    start(hasher);
    return hasher;
}

void tm_hasher_free(struct tm_hasher *hasher)
{
    free(hasher);
}

void tm_hasher_add(struct tm_hasher *hasher, struct tm_str data)
{
    if (data.len && SHA256_Update(&hasher->ctx, data.data, data.len) != 1)
        abort();
}

struct tm_hash tm_hasher_finish(struct tm_hasher *hasher)
{
    struct tm_hash hash;

    if (SHA256_Final(hash.bytes, &hasher->ctx) != 1)
        abort();
    start(hasher);
    return hash;
}

struct tm_hash tm_hash_of(struct tm_str data)
{
    struct tm_hasher hasher;

    start(&hasher);
    tm_hasher_add(&hasher, data);
    return tm_hasher_finish(&hasher);
}

enum tm_code tm_hash_fd(int fd, struct tm_hash *out, uint64_t *size, struct tm_err *err)
{
    enum { CHUNK = 1 << 17 };
    struct tm_hasher *hasher = tm_hasher_new();
    char *chunk = tm_alloc(CHUNK);
    enum tm_code code = TM_OK;
    uint64_t at = 0;

    for (;;) {
        ssize_t n = pread(fd, chunk, CHUNK, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            code = tm_err_errno(err, errno, "cannot read file");
        if (n <= 0)
            break;
        tm_hasher_add(hasher, tm_str_n(chunk, (size_t)n));
        at += (uint64_t)n;
    }
    if (!code) {
        *out = tm_hasher_finish(hasher);
        if (size)
            *size = at;
    }
    free(chunk);
    tm_hasher_free(hasher);
    return code;
}

void tm_hash_add_hex(struct tm_buf *buf, const struct tm_hash *hash)
{
    tm_buf_add_hex(buf, hash->bytes, TM_HASH_LEN);
}

void tm_hash_put(struct tm_json_writer *w, const struct tm_hash *hash)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    tm_hash_add_hex(&hex, hash);
    tm_json_put_str(w, tm_buf_str(&hex));
}

void tm_hash_member(struct tm_json_writer *w, const char *key, const struct tm_hash *hash)
{
    tm_json_key(w, key);
    tm_hash_put(w, hash);
}

/*
 * Eight lower-case hexadecimal digits as four bytes, in the order they are read: by arithmetic on all of them
 * at once, for ledgers are full of them. False when one is none.
 */
static bool parse8(const char *hex, unsigned char *out)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
    uint64_t v, digit, letter;
    uint32_t bytes;

    memcpy(&v, hex, sizeof(v));
    v = be64toh(v);
    /* Adding to a byte that is ASCII carries into its top bit when it is not below. */
    digit = (v + ones * (0x80 - '0')) & ~(v + ones * (0x80 - '9' - 1));
    letter = (v + ones * (0x80 - 'a')) & ~(v + ones * (0x80 - 'f' - 1));
    if ((v & tops) || ((digit | letter) & tops) != tops)
        return false;
    v = (v & ones * 15) + (letter & tops) / 128 * 9;
    v = (v | v >> 4) & UINT64_C(0x00ff00ff00ff00ff);
    v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
    bytes = htobe32((uint32_t)(v | v >> 16));
    memcpy(out, &bytes, sizeof(bytes));
    return true;
}

bool tm_hash_parse(struct tm_str hex, struct tm_hash *out)
{
    struct tm_hash hash;

    if (hex.len != TM_HASH_HEX)
        return false;
    for (size_t i = 0; i < TM_HASH_LEN; i += 4)
        if (!parse8(hex.data + 2 * i, hash.bytes + i))
            return false;
    *out = hash;
    return true;
}

enum tm_code tm_json_members_hash(const struct tm_json_members *m, const struct tm_json_node *object,
                                  const char *key, struct tm_hash *out)
{
    struct tm_str text;

    if (!tm_json_node_str(tm_json_get(object, key), &text) || !tm_hash_parse(text, out))
        return tm_json_members_wrong(m, object, key);
    return TM_OK;
}

int tm_hash_cmp(const struct tm_hash *a, const struct tm_hash *b)
{
    return memcmp(a->bytes, b->bytes, TM_HASH_LEN);
}

void tm_sha1_of(const struct tm_str *pieces, size_t n, unsigned char out[TM_SHA1_LEN])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done = ctx && EVP_DigestInit_ex2(ctx, EVP_sha1(), NULL) == 1;

    for (size_t i = 0; i < n && done; i++)
        done = EVP_DigestUpdate(ctx, pieces[i].data, pieces[i].len) == 1;
    if (!done || EVP_DigestFinal_ex(ctx, out, NULL) != 1)
        abort();
    EVP_MD_CTX_free(ctx);
}

void tm_random_add_hex(struct tm_buf *buf, size_t n)
{
    unsigned char bytes[64];

    while (n) {
        size_t want = TM_MIN(n, sizeof(bytes));
        ssize_t got = getrandom(bytes, want, 0);

        if (got < 0 && errno == EINTR)
            continue;
        /* A nonce that is not random would be worse than none. */
        if (got <= 0)
            abort();
        tm_buf_add_hex(buf, bytes, (size_t)got);
        n -= (size_t)got;
    }
}
