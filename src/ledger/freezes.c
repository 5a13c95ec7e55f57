#include "ledger/freezes.h"

#include "base/alloc.h"
#include "base/map.h"

void tm_ledger_freezes_release(struct tm_ledger_freezes *freezes)
{
    free(freezes->items);
    tm_arena_release(&freezes->arena);
    *freezes = TM_LEDGER_FREEZES_INIT;
}

/* An entry of the freeze ledger. */
struct node {
    struct tm_hash id;
    size_t last; /* the last freeze among it and what it reaches */
    bool has_child;
    struct node *before; /* in ledger order */
};

/* The freeze ledger while it is read, in ledger order: parents come before their children. */
struct reading {
    struct tm_ledger_freezes *freezes;
    struct node *end; /* the last so far; from the arena of freezes */
    struct tm_map by_id;
};

static void release(struct reading *r)
{
    tm_map_release(&r->by_id);
}

/* The later of two freezes: their indices are in ledger order. */
static size_t later(size_t a, size_t b)
{
    return a == TM_FREEZE_NONE ? b : b == TM_FREEZE_NONE ? a : TM_MAX(a, b);
}

static struct node *add_node(struct reading *r, const struct tm_ledger_entry *entry)
{
    struct node *node = tm_arena_alloc(&r->freezes->arena, sizeof(*node));

    *node = (struct node) { entry->id, TM_FREEZE_NONE, false, r->end };
    for (size_t i = 0; i < entry->n_prev; i++) {
        struct node *parent =
            tm_map_get(&r->by_id, tm_str_n((const char *)entry->prev[i].bytes, TM_HASH_LEN));

        if (!parent)
            continue;
        parent->has_child = true;
        node->last = later(node->last, parent->last);
    }
    r->end = node;
    *tm_map_at(&r->by_id, tm_str_n((const char *)node->id.bytes, TM_HASH_LEN), NULL) = node;
    return node;
}

static enum tm_code collect(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct reading *r = ctx;
    struct tm_ledger_freezes *freezes = r->freezes;
    struct tm_ledger_entry kept = *entry;
    struct tm_ledger_freeze freeze = { .id = entry->id };
    struct node *node;
    enum tm_code code;

    if (entry->adopted)
        return TM_OK;
    node = add_node(r, entry);
    if (!tm_str_is(entry->kind, tm_ledger_kind_name(TM_LEDGER_FREEZE)))
        return TM_OK;
    /* The act's texts point into the entry, which is gone after this call. */
    kept.body = tm_arena_str(&freezes->arena, entry->body);
    code = tm_freeze_read(&kept, &freezes->arena, &freeze.act, err);
    if (code)
        return code;
    freeze.follows = node->last;
    node->last = freezes->n;
    TM_GROW(freezes->items, freezes->n, freezes->cap);
    freezes->items[freezes->n++] = freeze;
    return TM_OK;
}

/* What the next entry would reach: it names the heads, of more than fit the last ones in ledger order. */
static size_t latest(const struct reading *r)
{
    size_t last = TM_FREEZE_NONE, heads = 0;

    for (const struct node *node = r->end; node && heads < TM_LEDGER_PREV_MAX; node = node->before) {
        if (node->has_child)
            continue;
        last = later(last, node->last);
        heads++;
    }
    return last;
}

enum tm_code tm_ledger_freezes_read(const struct tm_ledger_file *file, struct tm_ledger_freezes *freezes,
                                    struct tm_err *err)
{
    struct reading TM_CLEANUP(release) r = { .freezes = freezes, .by_id = TM_MAP_INIT };
    enum tm_code code;

    *freezes = TM_LEDGER_FREEZES_INIT;
    code = tm_ledger_read(file, collect, &r, NULL, err);
    if (code)
        tm_ledger_freezes_release(freezes);
    else
        freezes->latest = latest(&r);
    return code;
}

size_t tm_ledger_freezes_find(const struct tm_ledger_freezes *freezes, struct tm_str tag)
{
    for (size_t i = freezes->n; i-- > 0;)
        if (tm_str_eq(freezes->items[i].act.tag, tag))
            return i;
    return TM_FREEZE_NONE;
}

bool tm_ledger_freezes_in_line(const struct tm_ledger_freezes *freezes, size_t a, size_t b)
{
    while (b != TM_FREEZE_NONE && b != a)
        b = freezes->items[b].follows;
    return b == a;
}

const struct tm_ledger_pin *tm_freeze_pin(const struct tm_freeze_act *act, struct tm_str ledger)
{
    for (size_t i = 0; i < act->n_ledgers; i++)
        if (tm_str_eq(act->ledgers[i].name, ledger))
            return &act->ledgers[i];
    return NULL;
}

void tm_ledger_freezes_batches(const struct tm_ledger_freezes *freezes, size_t last, struct tm_str ledger,
                               struct tm_arena *arena, struct tm_ledger_heads **batches, size_t *n)
{
    size_t count = 0;

    for (size_t i = last; i != TM_FREEZE_NONE; i = freezes->items[i].follows)
        count += tm_freeze_pin(&freezes->items[i].act, ledger) != NULL;
    *n = count;
    *batches = tm_arena_array(arena, count + 1, sizeof(**batches));
    for (size_t i = last; i != TM_FREEZE_NONE; i = freezes->items[i].follows) {
        const struct tm_ledger_pin *pin = tm_freeze_pin(&freezes->items[i].act, ledger);

        if (pin)
            (*batches)[--count] = (struct tm_ledger_heads) { pin->heads, pin->n_heads };
    }
}
