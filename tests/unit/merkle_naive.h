/*
 * RFC 9162, 2.1.1, 2.1.3.1 and 2.1.4.1 as they are written there: recursive, over a list that is known. What
 * the tests of trees compare with.
 */
#ifndef TM_MERKLE_NAIVE_H
#define TM_MERKLE_NAIVE_H

#include "ext/hash.h"
#include "test.h"

TM_UNUSED static struct tm_hash naive_leaf(struct tm_str bytes)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) input = TM_BUF_INIT;

    tm_buf_addc(&input, '\0');
    tm_buf_add_str(&input, bytes);
    return tm_hash_of(tm_buf_str(&input));
}

static struct tm_hash naive_node(struct tm_hash left, struct tm_hash right)
{
    unsigned char node[1 + 2 * TM_HASH_LEN] = { 1 };

    memcpy(node + 1, left.bytes, TM_HASH_LEN);
    memcpy(node + 1 + TM_HASH_LEN, right.bytes, TM_HASH_LEN);
    return tm_hash_of(tm_str_n((const char *)node, sizeof(node)));
}

static size_t naive_split(size_t n)
{
    size_t k = 1;

    while (2 * k < n)
        k *= 2;
    return k;
}

/* MTH, over the hashes of the leaves. */
static struct tm_hash naive_root(const struct tm_hash *leaves, size_t n)
{
    size_t k = naive_split(n);

    if (n == 0)
        return tm_hash_of(TM_STR(""));
    return n == 1 ? *leaves : naive_node(naive_root(leaves, k), naive_root(leaves + k, n - k));
}

/* PATH(m, D_n); returns the number of hashes. */
TM_UNUSED static size_t naive_path(size_t m, const struct tm_hash *leaves, size_t n, struct tm_hash *path)
{
    size_t k = naive_split(n), count;

    if (n == 1)
        return 0;
    count = m < k ? naive_path(m, leaves, k, path) : naive_path(m - k, leaves + k, n - k, path);
    path[count] = m < k ? naive_root(leaves + k, n - k) : naive_root(leaves, k);
    return count + 1;
}

/* SUBPROOF(m, D_n, b). PROOF(m, D_n) is it with b true. */
TM_UNUSED static size_t naive_subproof(size_t m, const struct tm_hash *leaves, size_t n, bool b,
                                       struct tm_hash *path)
{
    size_t k = naive_split(n), count;

    if (m == n) {
        *path = naive_root(leaves, n);
        return !b;
    }
    if (m <= k) {
        count = naive_subproof(m, leaves, k, b, path);
        path[count] = naive_root(leaves + k, n - k);
    } else {
        count = naive_subproof(m - k, leaves + k, n - k, false, path);
        path[count] = naive_root(leaves, k);
    }
    return count + 1;
}

TM_UNUSED static void assert_hash(const struct tm_hash *hash, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    tm_hash_add_hex(&hex, hash);
    assert_string_equal(hex.data, expected);
}

#endif
