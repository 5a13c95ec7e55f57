#include "coverage/suffix.h"

#include "base/alloc.h"

void tm_suffixes_release(struct tm_suffixes *suffixes)
{
    free(suffixes->paths);
    *suffixes = TM_SUFFIXES_INIT;
}

void tm_suffixes_add(struct tm_suffixes *suffixes, struct tm_str path)
{
    assert(!suffixes->sorted);
    TM_GROW(suffixes->paths, suffixes->n, suffixes->cap);
    suffixes->paths[suffixes->n++] = path;
}

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* The i-th byte from the end of "/" + path; -1 behind its start. */
static int byte_from_end(struct tm_str path, size_t i)
{
    if (i < path.len)
        return fold(path.data[path.len - 1 - i]);
    return i == path.len ? '/' : -1;
}

/* Compares the last n bytes of both, the "/" before them included. */
static int compare_ends(struct tm_str a, struct tm_str b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int ca = byte_from_end(a, i), cb = byte_from_end(b, i);

        if (ca != cb)
            return ca < cb ? -1 : 1;
    }
    return 0;
}

static int by_end(const void *pa, const void *pb)
{
    const struct tm_str *a = pa, *b = pb;
    int order = compare_ends(*a, *b, TM_MAX(a->len, b->len) + 1);

    return order ? order : tm_str_cmp(*a, *b);
}

void tm_suffixes_sort(struct tm_suffixes *suffixes)
{
    if (suffixes->n)
        qsort(suffixes->paths, suffixes->n, sizeof(*suffixes->paths), by_end);
    suffixes->sorted = true;
}

/* Index of the first path that does not sort before the suffix, or that sorts behind it. */
static size_t bound(const struct tm_suffixes *suffixes, struct tm_str suffix, bool behind)
{
    size_t low = 0, high = suffixes->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_ends(suffixes->paths[middle], suffix, suffix.len + 1);

        if (order < 0 || (behind && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct tm_str *tm_suffixes_find(const struct tm_suffixes *suffixes, struct tm_str suffix, size_t *n)
{
    size_t from, to;

    assert(suffixes->sorted);
    from = bound(suffixes, suffix, false);
    to = bound(suffixes, suffix, true);
    *n = to - from;
    return suffixes->paths + from;
}
