/* A split index: two files and two compressed bitmaps (docs/formats/index.md, "Split index"). */
#include "base/alloc.h"
#include "repo/index_internal.h"

enum { ID = 20 };

bool tm_index_is_split(const struct tm_index_list *list)
{
    static const char none[ID];

    return list->link.len > ID && memcmp(list->link.data, none, ID) != 0;
}

static enum tm_code bad_link(const char *what, struct tm_err *err)
{
    return tm_err_set(err, TM_E_FORMAT, "git's split index is damaged: %s", what);
}

static uint64_t get64(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;

    return (uint64_t)tm_index_get32(b) << 32 | tm_index_get32(b + 4);
}

/* Sets n bits of a word's value from bit `at` on; bits past the end must be 0. */
static bool put_word(unsigned char *marks, size_t n, uint64_t at, uint64_t word)
{
    for (unsigned bit = 0; word; bit++, word >>= 1) {
        if (!(word & 1))
            continue;
        if (at + bit >= n)
            return false;
        marks[at + bit] = 1;
    }
    return true;
}

/* Unpacks the words of one bitmap into marks, one byte for each of n entries. */
static bool unpack(unsigned char *marks, size_t n, struct tm_str words)
{
    uint64_t at = 0;

    while (words.len) {
        uint64_t marker = get64(words.data);
        uint64_t run = (marker >> 1) & UINT32_MAX, literals = marker >> 33;

        words = tm_str_from(words, 8);
        if (literals > words.len / 8 || run > n / 64 + 1)
            return false;
        for (uint64_t i = 0; i < run; i++, at += 64)
            if (marker & 1) {
                /* The last word of a run of ones may reach past the last entry. */
                for (uint64_t bit = at; bit < n && bit < at + 64; bit++)
                    marks[bit] = 1;
            }
        for (uint64_t i = 0; i < literals; i++, at += 64) {
            if (!put_word(marks, n, at, get64(words.data)))
                return false;
            words = tm_str_from(words, 8);
        }
    }
    return true;
}

/* Takes one bitmap off link. */
static enum tm_code take_bitmap(struct tm_str *link, unsigned char *marks, size_t n, struct tm_err *err)
{
    size_t words;

    if (link->len < 8)
        return bad_link("a bitmap is cut off", err);
    words = tm_index_get32((const unsigned char *)link->data + 4);
    if (tm_index_get32((const unsigned char *)link->data) > n)
        return bad_link("a bitmap has more bits than there are entries", err);
    if (link->len < 12 || words > (link->len - 12) / 8)
        return bad_link("a bitmap is cut off", err);
    if (!unpack(marks, n, tm_str_n(link->data + 8, words * 8)))
        return bad_link("a bitmap does not fit the entries", err);
    *link = tm_str_from(*link, 12 + words * 8);
    return TM_OK;
}

/* Order of paths, then stages. */
static int compare(const struct tm_index_raw *a, const struct tm_index_raw *b)
{
    int by_path = tm_str_cmp(tm_str_n(a->path, a->len), tm_str_n(b->path, b->len));

    return by_path ? by_path : a->stage - b->stage;
}

/* What is left of the shared entries after deletions, with replacements in place. *used counts those. */
static size_t apply_marks(struct tm_index_list *base, const struct tm_index_list *list,
                          const unsigned char *deleted, const unsigned char *replaced, size_t *used)
{
    size_t kept = 0;

    *used = 0;
    for (size_t i = 0; i < base->n; i++) {
        struct tm_index_raw entry = base->items[i];

        if (replaced[i]) {
            if (*used == list->n || list->items[*used].len)
                return SIZE_MAX;
            entry = list->items[(*used)++];
            entry.path = base->items[i].path;
            entry.len = base->items[i].len;
        }
        if (!deleted[i])
            base->items[kept++] = entry;
    }
    return kept;
}

/* Merges the added entries, those of list from `from` on, into base. */
static void merge(struct tm_index_list *list, size_t from, const struct tm_index_list *base)
{
    size_t added = list->n - from, a = from, b = 0, n = 0;
    struct tm_index_raw *all = tm_alloc_array(base->n + added, sizeof(*all));

    while (a < list->n || b < base->n) {
        if (b == base->n || (a < list->n && compare(&list->items[a], &base->items[b]) < 0))
            all[n++] = list->items[a++];
        else
            all[n++] = base->items[b++];
    }
    free(list->items);
    list->items = all;
    list->n = n;
}

enum tm_code tm_index_unsplit(struct tm_index_list *list, struct tm_arena *arena, struct tm_str shared,
                              struct tm_err *err)
{
    struct tm_index_list TM_CLEANUP(tm_index_list_release) base = { NULL, 0, { NULL, 0 } };
    unsigned char *TM_CLEANUP(tm_freep) deleted = NULL;
    unsigned char *TM_CLEANUP(tm_freep) replaced = NULL;
    struct tm_str link = tm_str_from(list->link, ID);
    size_t used = 0;
    enum tm_code code = tm_index_read_raw(&base, arena, shared, err);

    if (code)
        return code;
    if (tm_index_is_split(&base))
        return bad_link("the shared file is split, too", err);
    deleted = tm_alloc(base.n);
    replaced = tm_alloc(base.n);
    code = take_bitmap(&link, deleted, base.n, err);
    if (!code)
        code = take_bitmap(&link, replaced, base.n, err);
    if (code)
        return code;
    base.n = apply_marks(&base, list, deleted, replaced, &used);
    if (base.n == SIZE_MAX || (used < list->n && list->items[used].len == 0))
        return bad_link("the replaced entries are not those it brings", err);
    merge(list, used, &base);
    return TM_OK;
}
