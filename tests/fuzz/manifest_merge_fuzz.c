/*
 * Three versions of a manifest, divided by the byte 0x1E, and before them a byte that says who is backed.
 * What must hold: two equal sides merge to themselves, a side that alone changed is taken, and where the
 * ledger decides and the merge is clean, the observed fields of the result are those of a side, not a
 * mixture.
 */
#include "catalog/manifest.h"
#include "catalog/observed.h"
#include "fuzz.h"
#include "ledger/manifest_merge.h"

static void find(void *ctx, unsigned group, struct tm_backed sides[2])
{
    unsigned who = *(const uint8_t *)ctx;

    for (unsigned i = 0; i < 2; i++) {
        sides[i].found = who >> i & 1;
        sides[i].key.lc = (who >> 2 & 1) == i ? 2 : 1;
    }
}

static bool merge(struct tm_str base, struct tm_str ours, struct tm_str theirs, uint8_t who,
                  struct tm_buf *out)
{
    struct tm_manifest_versions versions = { .path = "m", .base = base, .ours = ours, .theirs = theirs };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    enum tm_code code = tm_manifest_merge(&versions, find, &who, out, &err);

    FUZZ_CHECK(!code || err.msg);
    return code == TM_OK;
}

/* The fields are the side's; one that it does not have may be there as null. */
static bool has_group_of(struct tm_str merged, struct tm_str side, unsigned group)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) taken = TM_BUF_INIT;

    return tm_observed_take("m", merged, side, group, &taken, NULL) == TM_OK &&
           tm_str_eq(tm_buf_str(&taken), merged);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_str rest = tm_str_n((const char *)data + (size > 0), size ? size - 1 : 0), parts[3];
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    bool same;

    for (size_t i = 0; i < TM_LEN(parts); i++) {
        size_t end = i + 1 < TM_LEN(parts) ? tm_str_find(rest, '\x1e') : SIZE_MAX;

        parts[i] = end == SIZE_MAX ? rest : tm_str_n(rest.data, end);
        rest = end == SIZE_MAX ? tm_str_from(rest, rest.len) : tm_str_from(rest, end + 1);
    }
    if (merge(parts[0], parts[1], parts[1], 3, &out))
        FUZZ_CHECK(tm_str_eq(tm_buf_str(&out), parts[1]));
    if (merge(parts[0], parts[0], parts[2], 3, &out))
        FUZZ_CHECK(tm_str_eq(tm_buf_str(&out), parts[2]));
    if (!size || !merge(parts[0], parts[1], parts[2], data[0], &out))
        return 0;
    /* Both are JSON, and so is what came out: a group is one side's. */
    for (unsigned group = TM_OBSERVED_COVERAGE; group <= TM_OBSERVED_BENCH; group <<= 1)
        if (parts[1].len <= TM_MANIFEST_MAX && parts[2].len <= TM_MANIFEST_MAX &&
            tm_observed_same("m", parts[1], parts[2], group, &same, NULL) == TM_OK && !same &&
            tm_observed_same("m", tm_buf_str(&out), parts[1], group, &same, NULL) == TM_OK &&
            tm_observed_same("m", parts[0], parts[1], group, &same, NULL) == TM_OK && !same &&
            tm_observed_same("m", parts[0], parts[2], group, &same, NULL) == TM_OK && !same)
            FUZZ_CHECK(has_group_of(tm_buf_str(&out), parts[1], group) ||
                       has_group_of(tm_buf_str(&out), parts[2], group));
    return 0;
}
