#include "coverage/drops.h"

#include "base/alloc.h"
#include "base/json_write.h"
#include "base/log.h"

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
    case TM_DROP_FOREIGN:
        return "of the system or an installed dependency";
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
    case TM_DROP_GENERATED:
        return "generated";
    case TM_DROP_VENDORED:
        return "vendored";
    case TM_DROP_REASONS:
        break;
    }
    return "unknown";
}

bool tm_drop_is_unresolved(enum tm_drop reason)
{
    return reason == TM_DROP_NO_NAME || reason == TM_DROP_OUTSIDE || reason == TM_DROP_MISSING ||
           reason == TM_DROP_AMBIGUOUS;
}

static void free_entry(struct tm_drop_entry *entry)
{
    free(entry->path);
    for (size_t i = 0; i < TM_CANDIDATES_KEPT; i++)
        free(entry->candidates[i]);
}

static bool has_room(const struct tm_drops *drops, enum tm_drop reason)
{
    return drops->kept_of[reason] < TM_DROPS_KEPT;
}

static void keep(struct tm_drops *drops, struct tm_drop_entry entry)
{
    if (!has_room(drops, entry.reason)) {
        free_entry(&entry);
        return;
    }
    drops->kept_of[entry.reason]++;
    TM_GROW(drops->kept, drops->n_kept, drops->cap_kept);
    drops->kept[drops->n_kept++] = entry;
}

void tm_drops_add(struct tm_drops *drops, enum tm_drop reason, struct tm_str path)
{
    drops->count[reason]++;
    if (has_room(drops, reason))
        keep(drops, (struct tm_drop_entry) { .reason = reason, .path = tm_strndup(path.data, path.len) });
}

void tm_drops_add_ambiguous(struct tm_drops *drops, struct tm_str path, const struct tm_buf *candidates,
                            size_t n)
{
    struct tm_drop_entry entry = { .reason = TM_DROP_AMBIGUOUS, .n_candidates = n };

    drops->count[TM_DROP_AMBIGUOUS]++;
    if (!has_room(drops, TM_DROP_AMBIGUOUS))
        return;
    entry.path = tm_strndup(path.data, path.len);
    for (size_t i = 0; i < TM_MIN(n, (size_t)TM_CANDIDATES_KEPT); i++)
        entry.candidates[i] = tm_strndup(candidates[i].data, candidates[i].len);
    keep(drops, entry);
}

void tm_drops_merge(struct tm_drops *drops, struct tm_drops *src)
{
    for (size_t i = 0; i < TM_DROP_REASONS; i++)
        drops->count[i] += src->count[i];
    for (size_t i = 0; i < src->n_kept; i++)
        keep(drops, src->kept[i]);
    free(src->kept);
    *src = (struct tm_drops) { 0 };
}

uint64_t tm_drops_total(const struct tm_drops *drops)
{
    uint64_t total = 0;

    for (size_t i = 0; i < TM_DROP_REASONS; i++)
        total += drops->count[i];
    return total;
}

uint64_t tm_drops_unresolved(const struct tm_drops *drops)
{
    uint64_t total = 0;

    for (size_t i = 0; i < TM_DROP_REASONS; i++)
        total += tm_drop_is_unresolved((enum tm_drop)i) ? drops->count[i] : 0;
    return total;
}

void tm_drops_release(struct tm_drops *drops)
{
    for (size_t i = 0; i < drops->n_kept; i++)
        free_entry(&drops->kept[i]);
    free(drops->kept);
    *drops = (struct tm_drops) { 0 };
}

static const struct tm_drop_entry *first_of(const struct tm_drops *drops, enum tm_drop reason)
{
    for (size_t i = 0; i < drops->n_kept; i++)
        if (drops->kept[i].reason == reason)
            return &drops->kept[i];
    return NULL;
}

static void add_ambiguous(struct tm_buf *out, const struct tm_drop_entry *entry)
{
    size_t shown = TM_MIN(entry->n_candidates, (size_t)TM_CANDIDATES_KEPT);

    tm_buf_adds(out, "  ");
    tm_buf_add_escaped(out, tm_str(entry->path));
    tm_buf_adds(out, " could be ");
    for (size_t i = 0; i < shown; i++) {
        tm_buf_adds(out, i ? ", " : "");
        tm_buf_add_escaped(out, tm_str(entry->candidates[i]));
    }
    if (entry->n_candidates > shown)
        tm_buf_addf(out, " and %zu more", entry->n_candidates - shown);
    tm_buf_addc(out, '\n');
}

void tm_drops_add_text(struct tm_buf *out, const struct tm_drops *drops)
{
    for (size_t reason = 0; reason < TM_DROP_REASONS; reason++) {
        const struct tm_drop_entry *first = first_of(drops, (enum tm_drop)reason);
        uint64_t n = drops->count[reason];

        if (!n)
            continue;
        tm_buf_addf(out, "%llu %s left out, %s", (unsigned long long)n, n == 1 ? "file" : "files",
                    tm_drop_reason((enum tm_drop)reason));
        if (reason == TM_DROP_AMBIGUOUS) {
            tm_buf_adds(out, " ('coverage.paths' in tidemark.yaml decides):\n");
            for (size_t i = 0; i < drops->n_kept; i++)
                if (drops->kept[i].reason == TM_DROP_AMBIGUOUS)
                    add_ambiguous(out, &drops->kept[i]);
            continue;
        }
        tm_buf_adds(out, ": ");
        tm_buf_add_escaped(out, tm_str(first ? first->path : ""));
        tm_buf_adds(out, n > 1 ? ", ...\n" : "\n");
    }
}

void tm_drops_warn(const struct tm_drops *drops, struct tm_log *log)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_str rest, line;

    tm_drops_add_text(&text, drops);
    rest = tm_buf_str(&text);
    while (rest.len && tm_str_split(&rest, '\n', &line))
        tm_log_warn(log, "%.*s", TM_STR_ARG(line));
}

static void put_ambiguous(struct tm_json_writer *w, const struct tm_drop_entry *entry)
{
    tm_json_object_begin(w);
    tm_json_members(w, "path", entry->path);
    tm_json_key(w, "candidates");
    tm_json_array_begin(w);
    for (size_t i = 0; i < TM_MIN(entry->n_candidates, (size_t)TM_CANDIDATES_KEPT); i++)
        tm_json_puts(w, entry->candidates[i]);
    tm_json_array_end(w);
    tm_json_member_u64(w, "candidate_count", entry->n_candidates);
    tm_json_object_end(w);
}

void tm_drops_put_json(struct tm_json_writer *w, const struct tm_drops *drops)
{
    tm_json_key(w, "files_left_out");
    tm_json_object_begin(w);
    for (size_t reason = 0; reason < TM_DROP_REASONS; reason++)
        if (drops->count[reason])
            tm_json_member_u64(w, tm_drop_reason((enum tm_drop)reason), drops->count[reason]);
    tm_json_object_end(w);
    tm_json_member_u64(w, "unresolved", tm_drops_unresolved(drops));
    tm_json_key(w, "ambiguous");
    tm_json_array_begin(w);
    for (size_t i = 0; i < drops->n_kept; i++)
        if (drops->kept[i].reason == TM_DROP_AMBIGUOUS)
            put_ambiguous(w, &drops->kept[i]);
    tm_json_array_end(w);
}
