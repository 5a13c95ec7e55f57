#include "ledger/merge.h"

#include "base/alloc.h"
#include "ledger/lines.h"
#include "ledger/read.h"

/* Bytes that are copied or compared at once. */
enum { BLOCK = 1 << 20 };

void tm_ledger_union_release(struct tm_ledger_union *all)
{
    for (size_t i = 0; i < all->n_versions; i++)
        tm_ledger_state_release(&all->states[i]);
    free(all->states);
    free(all->pieces);
    *all = TM_LEDGER_UNION_INIT;
}

/* Who is being read. */
struct gather {
    struct tm_ledger_union *all;
    uint32_t version;
};

static enum tm_code add_piece(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct gather *gather = ctx;
    struct tm_ledger_union *all = gather->all;

    if (entry->adopted)
        return TM_OK;
    TM_GROW(all->pieces, all->n, all->cap);
    all->pieces[all->n++] = (struct tm_ledger_piece) {
        { entry->lc, entry->id }, entry->at, (uint32_t)entry->text.len, gather->version
    };
    return TM_OK;
}

static enum tm_code read_versions(struct tm_ledger_union *all, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; i < all->n_versions && !code; i++) {
        const struct tm_ledger_version *version = &all->versions[i];
        struct gather gather = { all, (uint32_t)i };

        code = tm_ledger_read_fd(version->fd, version->size, version->name, TM_READ_IDS, add_piece, &gather,
                                 &all->states[i], NULL, err);
    }
    return code;
}

static enum tm_code check_logs(const struct tm_ledger_union *all, struct tm_err *err)
{
    size_t first = SIZE_MAX;

    for (size_t i = 0; i < all->n_versions; i++) {
        if (!all->states[i].entries)
            continue;
        if (first == SIZE_MAX)
            first = i;
        if (strcmp(all->states[i].log, all->states[first].log) != 0)
            return tm_err_set(
                err, TM_E_REFUSED,
                "'%.*s' and '%.*s' were begun separately and cannot be joined, keep one of them; see "
                "tidemark-ledger(5), \"Begun twice\"",
                TM_STR_ARG(all->versions[first].name), TM_STR_ARG(all->versions[i].name));
    }
    return TM_OK;
}

/* The adopted lines of the union: those of a version that has entries, else the longest. */
static void choose_prefix(struct tm_ledger_union *all)
{
    size_t best = 0;

    for (size_t i = 1; i < all->n_versions; i++) {
        const struct tm_ledger_state *a = &all->states[best], *b = &all->states[i];

        if ((b->entries && !a->entries) ||
            (!b->entries == !a->entries && b->adopted_bytes > a->adopted_bytes))
            best = i;
    }
    all->prefix_version = best;
}

static enum tm_code same_start(const struct tm_ledger_version *a, const struct tm_ledger_version *b,
                               uint64_t size, bool *same, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) left = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) right = TM_BUF_INIT;
    enum tm_code code = TM_OK;

    *same = true;
    for (uint64_t at = 0; at < size && *same && !code; at += BLOCK) {
        size_t n = (size_t)TM_MIN(size - at, (uint64_t)BLOCK);

        code = tm_ledger_read_bytes(a->fd, at, n, &left, err);
        if (!code)
            code = tm_ledger_read_bytes(b->fd, at, n, &right, err);
        *same = tm_str_eq(tm_buf_str(&left), tm_buf_str(&right));
    }
    return code;
}

/* Nothing adopted may get lost: what another version has must be the start of the chosen one. */
static enum tm_code check_prefixes(const struct tm_ledger_union *all, struct tm_err *err)
{
    const struct tm_ledger_version *chosen = &all->versions[all->prefix_version];
    uint64_t longest = all->states[all->prefix_version].adopted_bytes;

    for (size_t i = 0; i < all->n_versions; i++) {
        uint64_t size = all->states[i].adopted_bytes;
        bool same = size <= longest;
        enum tm_code code = same ? same_start(chosen, &all->versions[i], size, &same, err) : TM_OK;

        if (code)
            return code;
        if (!same)
            return tm_err_set(err, TM_E_REFUSED,
                              "the lines before the first entry differ between '%.*s' and '%.*s', see "
                              "tidemark-ledger(5), \"Merging\"",
                              TM_STR_ARG(chosen->name), TM_STR_ARG(all->versions[i].name));
    }
    return TM_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct tm_ledger_piece *left = a, *right = b;
    int order = tm_ledger_key_cmp(&left->key, &right->key);

    return order ? order : (left->version > right->version) - (left->version < right->version);
}

static void sort_pieces(struct tm_ledger_union *all)
{
    size_t n = 0;

    if (all->n)
        qsort(all->pieces, all->n, sizeof(*all->pieces), by_key);
    for (size_t i = 0; i < all->n; i++)
        if (n == 0 || tm_ledger_key_cmp(&all->pieces[n - 1].key, &all->pieces[i].key) != 0)
            all->pieces[n++] = all->pieces[i];
    all->n = n;
}

enum tm_code tm_ledger_union_make(struct tm_ledger_union *all, const struct tm_ledger_version *versions,
                                  size_t n, struct tm_err *err)
{
    enum tm_code code;

    *all = (struct tm_ledger_union) {
        .versions = versions,
        .states = tm_alloc_array(n, sizeof(*all->states)),
        .n_versions = n,
    };
    code = read_versions(all, err);
    if (!code)
        code = check_logs(all, err);
    if (!code) {
        choose_prefix(all);
        code = check_prefixes(all, err);
    }
    if (code)
        return code;
    sort_pieces(all);
    /* Only a genesis has the clock 1. */
    if (all->n > 1 && all->pieces[1].key.lc == 1)
        return tm_err_set(err, TM_E_REFUSED, "%s in '%.*s'", tm_ledger_flaw_text(TM_FLAW_SECOND_GENESIS),
                          TM_STR_ARG(versions[all->pieces[1].version].name));
    return TM_OK;
}

bool tm_ledger_union_is(const struct tm_ledger_union *all, size_t version)
{
    const struct tm_ledger_state *state = &all->states[version];

    return state->entries == all->n && !state->reordered && !state->duplicates &&
           state->adopted_bytes == all->states[all->prefix_version].adopted_bytes;
}

static enum tm_code copy(const struct tm_ledger_version *version, uint64_t at, size_t len,
                         struct tm_buf *block, int fd, struct tm_err *err)
{
    if (tm_ledger_read_bytes(version->fd, at, len, block, err))
        return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(version->name));
    return tm_fd_write_all(fd, tm_buf_str(block), err);
}

static enum tm_code write_prefix(const struct tm_ledger_union *all, struct tm_buf *block, int fd,
                                 struct tm_err *err)
{
    uint64_t size = all->n_versions ? all->states[all->prefix_version].adopted_bytes : 0;
    enum tm_code code = TM_OK;

    for (uint64_t at = 0; at < size && !code; at += BLOCK)
        code = copy(&all->versions[all->prefix_version], at, (size_t)TM_MIN(size - at, (uint64_t)BLOCK),
                    block, fd, err);
    return code;
}

/* How many pieces from `from` on stand one behind the other in one version, and their bytes. */
static size_t run_of(const struct tm_ledger_union *all, size_t from, size_t *len)
{
    const struct tm_ledger_piece *first = &all->pieces[from];
    size_t n = 0;

    *len = 0;
    for (; from + n < all->n && *len < BLOCK; n++) {
        const struct tm_ledger_piece *next = &first[n];

        if (next->version != first->version || next->at != first->at + *len)
            break;
        *len += next->len + (size_t)1; /* the LF: versions without their last one were refused */
    }
    return n;
}

enum tm_code tm_ledger_union_write(void *ctx, int fd, struct tm_err *err)
{
    const struct tm_ledger_union *all = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) block = TM_BUF_INIT;
    enum tm_code code = write_prefix(all, &block, fd, err);
    size_t len;

    for (size_t i = 0; i < all->n && !code;) {
        const struct tm_ledger_piece *first = &all->pieces[i];

        i += run_of(all, i, &len);
        code = copy(&all->versions[first->version], first->at, len, &block, fd, err);
    }
    return code;
}
