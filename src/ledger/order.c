#include "ledger/order.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "ledger/adopted.h"
#include "ledger/lines.h"
#include "ledger/parse.h"

int tm_ledger_key_cmp(const struct tm_ledger_key *a, const struct tm_ledger_key *b)
{
    if (a->lc != b->lc)
        return a->lc < b->lc ? -1 : 1;
    return tm_hash_cmp(&a->id, &b->id);
}

/* Reads the lc of a line by its place in an entry; false for anything else. */
static bool peek_lc(struct tm_str text, uint64_t *lc)
{
    static const char head[] = "{\"v\":1,\"log\":\"", tail[] = "\",\"lc\":";
    size_t at = sizeof(head) - 1 + TM_LEDGER_LOG_HEX;
    uint64_t value = 0;

    if (text.len < at + sizeof(tail) || memcmp(text.data, head, sizeof(head) - 1) != 0 ||
        memcmp(text.data + at, tail, sizeof(tail) - 1) != 0)
        return false;
    for (at += sizeof(tail) - 1; at < text.len && text.data[at] >= '0' && text.data[at] <= '9'; at++)
        if ((value = value * 10 + (uint64_t)(text.data[at] - '0')) > TM_LEDGER_NUMBER_MAX)
            return false;
    *lc = value;
    return true;
}

/* The entry before, as far as it is needed: its id only when the next one has the same clock. */
struct last {
    bool is_there, has_id;
    struct tm_ledger_key key;
    uint64_t at;
    size_t len;
};

/* Whether the next entry comes after *last in ledger order; it becomes *last. */
static enum tm_code step(struct last *last, int fd, uint64_t lc, uint64_t at, struct tm_str text,
                         bool *sorted, struct tm_err *err)
{
    struct last next = { true, false, { .lc = lc }, at, text.len };
    enum tm_code code = TM_OK;

    if (last->is_there && lc == last->key.lc) {
        struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;

        if (!last->has_id)
            code = tm_ledger_read_bytes(fd, last->at, last->len, &before, err);
        if (code)
            return code;
        if (!last->has_id)
            last->key.id = tm_hash_of(tm_buf_str(&before));
        next.key.id = tm_hash_of(text);
        next.has_id = true;
    }
    *sorted = !last->is_there || tm_ledger_key_cmp(&last->key, &next.key) < 0;
    *last = next;
    return TM_OK;
}

enum tm_code tm_ledger_is_sorted(int fd, uint64_t size, bool *sorted, struct tm_err *err)
{
    struct tm_lines TM_CLEANUP(tm_lines_release) lines;
    struct last last = { 0 };
    bool so_far = true, more = true;

    tm_lines_init(&lines, fd, size, NULL);
    while (so_far && more) {
        struct tm_str text;
        uint64_t at, lc;
        enum tm_code code = tm_lines_next(&lines, &text, &at, &more, err);

        if (!code && more && peek_lc(text, &lc))
            code = step(&last, fd, lc, at, text, &so_far, err);
        if (code)
            return code;
    }
    *sorted = so_far;
    return TM_OK;
}

void tm_ledger_places_release(struct tm_ledger_places *places)
{
    free(places->items);
    *places = TM_LEDGER_PLACES_INIT;
}

void tm_ledger_places_add(struct tm_ledger_places *places, const struct tm_ledger_entry *entry, uint64_t at)
{
    static const struct tm_hash zero;
    struct tm_ledger_place *place;

    TM_GROW(places->items, places->n, places->cap);
    place = &places->items[places->n++];
    *place = (struct tm_ledger_place) { .at = at,
                                        .len = (uint32_t)entry->text.len,
                                        .line = (uint32_t)entry->line };
    if (entry->adopted)
        return;
    place->key.lc = entry->lc;
    place->key.id = tm_hash_cmp(&entry->id, &zero) == 0 ? tm_hash_of(entry->text) : entry->id;
}

/* Adopted lines, all of one key, stay as they stand. */
static int by_key(const void *a, const void *b)
{
    const struct tm_ledger_place *left = a, *right = b;
    int order = tm_ledger_key_cmp(&left->key, &right->key);

    return order ? order : (left->at > right->at) - (left->at < right->at);
}

static enum tm_code visit_place(const struct tm_ledger_place *place, struct tm_ledger_parser *parser,
                                struct tm_str text, struct tm_str path, tm_ledger_visit_fn *visit, void *ctx,
                                struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_ledger_entry entry;
    bool fine = place->key.lc ? tm_ledger_parse(parser, text, &entry) == TM_FLAW_NONE
                              : tm_adopted_parse(text, &arena, &entry);

    if (!fine)
        return tm_err_set(err, TM_E_IO, "'%.*s' was changed while it was read", TM_STR_ARG(path));
    entry.id = place->key.id;
    entry.line = place->line;
    entry.at = place->at;
    return visit(ctx, &entry, err);
}

enum tm_code tm_ledger_places_visit(struct tm_ledger_places *places, int fd, struct tm_str path,
                                    tm_ledger_visit_fn *visit, void *ctx, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    enum tm_code code = TM_OK;

    tm_ledger_parser_init(&parser);
    if (places->n)
        qsort(places->items, places->n, sizeof(*places->items), by_key);
    for (size_t i = 0; i < places->n && !code; i++) {
        const struct tm_ledger_place *place = &places->items[i];

        if (i && place->key.lc && tm_ledger_key_cmp(&place[-1].key, &place->key) == 0)
            continue;
        code = tm_ledger_read_bytes(fd, place->at, place->len, &text, err);
        if (code)
            return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(path));
        code = visit_place(place, &parser, tm_buf_str(&text), path, visit, ctx, err);
    }
    return code;
}
