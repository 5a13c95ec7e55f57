/*
 * Two bytes with the length of an index, the index, and a pack; and the same bytes as a delta, a tree and a
 * commit. What must hold: nothing is read that is not there; what a delta's form says is so of the bytes it
 * makes; entries of a tree that is accepted are as long as it.
 */
#include "base/alloc.h"
#include "ext/git_pack.h"
#include "fuzz.h"
#include "repo/history.h"
#include "repo/tree_diff.h"

enum { SIZE_MAX_READ = 1 << 16 };

static void check_delta(struct tm_str delta, struct tm_str base)
{
    uint64_t base_size, size;
    struct tm_str rest;
    enum tm_delta_form form = tm_delta_form(delta);
    char *out;

    if (!tm_delta_sizes(delta, &base_size, &size, &rest) || size > SIZE_MAX_READ || base_size > base.len)
        return;
    out = tm_alloc((size_t)size);
    base.len = (size_t)base_size;
    if (tm_delta_apply(delta, base, out)) {
        FUZZ_CHECK(form != TM_DELTA_PREFIX ||
                   (size <= base.len && memcmp(out, base.data, (size_t)size) == 0));
        FUZZ_CHECK(form != TM_DELTA_EXTENDS || (size >= base.len && memcmp(out, base.data, base.len) == 0));
    }
    free(out);
}

static void check_object(struct tm_str bytes)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_history_commit commit = { 0 };
    struct tm_tree_entry entry;
    struct tm_str rest = bytes;
    size_t taken = 0;

    while (tm_tree_next(&rest, &entry)) {
        FUZZ_CHECK(entry.name.len && entry.name.data >= bytes.data);
        taken += entry.name.len + 2 + TM_GIT_ID_LEN;
    }
    FUZZ_CHECK(taken + rest.len <= bytes.len);
    if (tm_history_parse(&arena, bytes, &commit))
        FUZZ_CHECK(commit.n_parents * 48 < bytes.len);
}

static void check_entry(const struct tm_pack *pack, uint64_t at, struct tm_inflater *inflater)
{
    struct tm_pack_entry entry;
    char *out;

    if (!tm_pack_entry(pack, at, &entry))
        return;
    FUZZ_CHECK(entry.data_at <= pack->data.len);
    FUZZ_CHECK(entry.type != TM_PACK_DELTA || entry.base_at < pack->data.len);
    if (entry.size > SIZE_MAX_READ)
        return;
    out = tm_alloc((size_t)entry.size);
    if (tm_pack_inflate(pack, &entry, inflater, out)) {
        if (entry.type == TM_PACK_DELTA)
            check_delta(tm_str_n(out, (size_t)entry.size), pack->data);
        else
            check_object(tm_str_n(out, (size_t)entry.size));
    }
    free(out);
}

static void check_pack(struct tm_str idx, struct tm_str data)
{
    struct tm_inflater *inflater;
    struct tm_pack pack;

    if (!tm_pack_init(&pack, idx, data))
        return;
    inflater = tm_inflater_new();
    for (size_t i = 0; i < pack.n && i < 64; i++) {
        struct tm_git_id id;
        uint64_t at;

        memcpy(id.bytes, idx.data + 8 + 1024 + i * TM_GIT_ID_LEN, TM_GIT_ID_LEN);
        if (tm_pack_find(&pack, &id, &at)) {
            FUZZ_CHECK(at < data.len);
            check_entry(&pack, at, inflater);
        }
    }
    for (uint64_t at = 0; at < data.len && at < 512; at++)
        check_entry(&pack, at, inflater);
    tm_inflater_free(inflater);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_str text = tm_str_n((const char *)data, size);
    char *idx, *pack;
    size_t n;

    check_object(text);
    check_delta(text, text);
    if (size < 2)
        return 0;
    n = TM_MIN((size_t)data[0] << 8 | data[1], size - 2);
    /* Copies, so that a byte too far is noticed. */
    idx = tm_alloc(n);
    pack = tm_alloc(size - 2 - n);
    memcpy(idx, text.data + 2, n);
    memcpy(pack, text.data + 2 + n, size - 2 - n);
    check_pack(tm_str_n(idx, n), tm_str_n(pack, size - 2 - n));
    free(idx);
    free(pack);
    return 0;
}
