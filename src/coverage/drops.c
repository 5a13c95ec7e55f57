#include "coverage/drops.h"

#include "base/alloc.h"

const char *tm_drop_reason(enum tm_drop reason)
{
    switch (reason) {
    case TM_DROP_NO_NAME:
        return "without a file name";
    case TM_DROP_NO_SOURCE:
        return "source not readable";
    case TM_DROP_CHANGED:
        return "source is not what ran";
    case TM_DROP_OUTSIDE:
        return "outside the repository";
    case TM_DROP_MISSING:
        return "not in the repository";
    case TM_DROP_AMBIGUOUS:
        return "ambiguous";
    case TM_DROP_NO_MODULE:
        return "in no module";
    case TM_DROP_TEST:
        return "test";
    case TM_DROP_EXCLUDED:
        return "excluded by settings";
    case TM_DROP_REASONS:
        break;
    }
    return "unknown";
}

static void keep(struct tm_drops *drops, struct tm_drop_entry entry)
{
    if (drops->n_kept < TM_DROPS_KEPT)
        drops->kept[drops->n_kept++] = entry;
    else
        free(entry.path);
}

void tm_drops_add(struct tm_drops *drops, enum tm_drop reason, struct tm_str path)
{
    drops->count[reason]++;
    if (drops->n_kept < TM_DROPS_KEPT)
        keep(drops, (struct tm_drop_entry) { reason, tm_strndup(path.data, path.len) });
}

void tm_drops_merge(struct tm_drops *drops, struct tm_drops *src)
{
    for (size_t i = 0; i < TM_DROP_REASONS; i++)
        drops->count[i] += src->count[i];
    for (size_t i = 0; i < src->n_kept; i++)
        keep(drops, src->kept[i]);
    *src = (struct tm_drops) { 0 };
}

uint64_t tm_drops_total(const struct tm_drops *drops)
{
    uint64_t total = 0;

    for (size_t i = 0; i < TM_DROP_REASONS; i++)
        total += drops->count[i];
    return total;
}

void tm_drops_release(struct tm_drops *drops)
{
    for (size_t i = 0; i < drops->n_kept; i++)
        free(drops->kept[i].path);
    *drops = (struct tm_drops) { 0 };
}
