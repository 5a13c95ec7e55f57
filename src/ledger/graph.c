#include "ledger/graph.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"

void tm_graph_release(struct tm_graph *graph)
{
    free(graph->nodes);
    free(graph->slots);
    free(graph->tags);
    free(graph->early);
    free(graph->early_parents);
    free(graph->parents_of);
    free(graph->parents);
    *graph = TM_GRAPH_INIT;
}

/* Ids are digests: their first bytes are as good a hash as any. Who grinds them to collide gains slowness
 * only. */
static size_t first_slot(const struct tm_graph *graph, const struct tm_hash *id)
{
    size_t i;

    memcpy(&i, id->bytes, sizeof(i));
    return i & (graph->n_slots - 1);
}

/* A byte of the id that has no part in where it is looked for; never 0, which is an empty slot. */
static unsigned char tag_of(const struct tm_hash *id)
{
    return id->bytes[8] | 1;
}

/* Only a node whose tag is the same is worth a look: they are far apart, and the tags are not. */
static size_t slot_of(const struct tm_graph *graph, const struct tm_hash *id)
{
    size_t mask = graph->n_slots - 1, i = first_slot(graph, id);
    unsigned char tag = tag_of(id);

    for (; graph->tags[i]; i = (i + 1) & mask)
        if (graph->tags[i] == tag && tm_hash_cmp(&graph->nodes[graph->slots[i] - 1].id, id) == 0)
            break;
    return i;
}

/* At most three in four are taken: with tags, a few more steps cost less than a larger table. */
static bool has_room(size_t n_slots, size_t n)
{
    return n <= n_slots / 4 * 3;
}

static void put_in_slot(struct tm_graph *graph, size_t slot, uint32_t node)
{
    graph->tags[slot] = tag_of(&graph->nodes[node].id);
    graph->slots[slot] = node + 1;
}

static void resize_slots(struct tm_graph *graph, size_t n_slots)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = n_slots * sizeof(*graph->slots);

    free(graph->slots);
    free(graph->tags);
    graph->n_slots = n_slots;
    graph->slots = tm_alloc_array(n_slots, sizeof(*graph->slots));
    graph->tags = tm_alloc_array(n_slots, sizeof(*graph->tags));
    /* Every look-up is in another place: with large pages, where the system has some, it costs half. */
    if (size > page * 1024)
        madvise((void *)(((uintptr_t)graph->slots + page - 1) / page * page), size - page, MADV_HUGEPAGE);
    for (size_t i = 0; i < graph->n; i++)
        put_in_slot(graph, slot_of(graph, &graph->nodes[i].id), (uint32_t)i);
}

void tm_graph_reserve(struct tm_graph *graph, size_t n)
{
    size_t n_slots = TM_MAX(graph->n_slots, (size_t)64);

    while (!has_room(n_slots, n))
        n_slots *= 2;
    if (n_slots > graph->n_slots)
        resize_slots(graph, n_slots);
    if (n > graph->cap) {
        graph->cap = n;
        graph->nodes = tm_realloc_array(graph->nodes, n, sizeof(*graph->nodes));
    }
}

void tm_graph_expect(const struct tm_graph *graph, const struct tm_hash *id)
{
    if (!graph->n_slots)
        return;
    __builtin_prefetch(&graph->tags[first_slot(graph, id)]);
    __builtin_prefetch(&graph->slots[first_slot(graph, id)], 1);
}

uint32_t tm_graph_find(const struct tm_graph *graph, const struct tm_hash *id)
{
    uint32_t slot = graph->n_slots ? graph->slots[slot_of(graph, id)] : 0;

    return slot && graph->nodes[slot - 1].present ? slot - 1 : TM_GRAPH_NONE;
}

/* The node of id, made when nobody has named it before. */
static uint32_t node_of(struct tm_graph *graph, const struct tm_hash *id)
{
    size_t slot;

    /* Mostly the parent of an entry is the one that came before it. */
    if (graph->n && tm_hash_cmp(&graph->nodes[graph->n - 1].id, id) == 0)
        return (uint32_t)graph->n - 1;
    if (!has_room(graph->n_slots, graph->n + 1))
        resize_slots(graph, graph->n_slots ? graph->n_slots * 2 : 64);
    slot = slot_of(graph, id);
    if (!graph->slots[slot]) {
        if (graph->n >= UINT32_MAX - 1)
            abort();
        TM_GROW(graph->nodes, graph->n, graph->cap);
        graph->nodes[graph->n] = (struct tm_graph_node) { .id = *id };
        put_in_slot(graph, slot, (uint32_t)graph->n++);
    }
    return graph->slots[slot] - 1;
}

static void add_early(struct tm_graph *graph, const struct tm_ledger_entry *entry, uint32_t node)
{
    struct tm_graph_early *early;

    TM_GROW(graph->early, graph->n_early, graph->cap_early);
    early = &graph->early[graph->n_early++];
    *early = (struct tm_graph_early) { node, (uint32_t)entry->n_prev, graph->n_early_parents, entry->line };
    for (size_t i = 0; i < entry->n_prev; i++) {
        TM_GROW(graph->early_parents, graph->n_early_parents, graph->cap_early_parents);
        graph->early_parents[graph->n_early_parents++] = node_of(graph, &entry->prev[i]);
    }
}

/* Sets aside who the parents of the node are; all of them have nodes. */
static void keep_parents(struct tm_graph *graph, const struct tm_ledger_entry *entry, uint32_t node)
{
    while (graph->n_parents_of < graph->n) {
        TM_GROW(graph->parents_of, graph->n_parents_of, graph->cap_parents_of);
        graph->parents_of[graph->n_parents_of++] = (struct tm_graph_parents) { 0, 0 };
    }
    graph->parents_of[node] = (struct tm_graph_parents) { graph->n_parents, (uint32_t)entry->n_prev };
    for (size_t i = 0; i < entry->n_prev; i++) {
        TM_GROW(graph->parents, graph->n_parents, graph->cap_parents);
        graph->parents[graph->n_parents++] = node_of(graph, &entry->prev[i]);
    }
}

enum tm_ledger_flaw tm_graph_add(struct tm_graph *graph, const struct tm_ledger_entry *entry, bool *twice)
{
    uint64_t greatest = 0;
    bool all_present = true;
    uint32_t node;

    /* Parents first: the one before is still the last of the nodes. */
    for (size_t i = 0; i < entry->n_prev; i++) {
        uint32_t at = node_of(graph, &entry->prev[i]); /* may move the nodes: before they are looked at */
        struct tm_graph_node *parent = &graph->nodes[at];

        parent->has_child = true;
        all_present = all_present && parent->present;
        greatest = TM_MAX(greatest, (uint64_t)parent->lc);
    }
    node = node_of(graph, &entry->id);
    *twice = graph->nodes[node].present;
    if (*twice)
        return TM_FLAW_NONE;
    graph->nodes[node].present = true;
    graph->nodes[node].lc = entry->lc & TM_LEDGER_NUMBER_MAX;
    if (graph->keeps_parents)
        keep_parents(graph, entry, node);
    if (!all_present)
        add_early(graph, entry, node);
    else if (entry->lc != greatest + 1)
        return TM_FLAW_CLOCK;
    return TM_FLAW_NONE;
}

enum tm_ledger_flaw tm_graph_check_early(const struct tm_graph *graph, size_t i, struct tm_hash *missing)
{
    const struct tm_graph_early *early = &graph->early[i];
    uint64_t greatest = 0;

    for (size_t j = 0; j < early->n_parents; j++) {
        const struct tm_graph_node *parent = &graph->nodes[graph->early_parents[early->parents + j]];

        if (!parent->present) {
            *missing = parent->id;
            return TM_FLAW_DANGLING;
        }
        greatest = TM_MAX(greatest, (uint64_t)parent->lc);
    }
    return graph->nodes[early->node].lc == greatest + 1 ? TM_FLAW_NONE : TM_FLAW_CLOCK;
}

enum tm_ledger_flaw tm_graph_check(const struct tm_graph *graph, size_t *line)
{
    struct tm_hash missing;

    for (size_t i = 0; i < graph->n_early; i++) {
        enum tm_ledger_flaw flaw = tm_graph_check_early(graph, i, &missing);

        *line = graph->early[i].line;
        if (flaw)
            return flaw;
    }
    return TM_FLAW_NONE;
}

static int by_id(const void *a, const void *b)
{
    const struct tm_graph_node *left = a, *right = b;

    return tm_hash_cmp(&left->id, &right->id);
}

void tm_graph_heads(const struct tm_graph *graph, struct tm_ledger_state *state)
{
    struct tm_graph_node *heads = NULL;
    size_t n = 0, cap = 0;

    for (size_t i = 0; i < graph->n; i++) {
        const struct tm_graph_node *node = &graph->nodes[i];

        state->max_lc = TM_MAX(state->max_lc, (uint64_t)node->lc);
        if (!node->present || node->has_child)
            continue;
        TM_GROW(heads, n, cap);
        heads[n++] = *node;
    }
    if (n)
        qsort(heads, n, sizeof(*heads), by_id);
    state->heads = tm_alloc_array(n, sizeof(*state->heads));
    state->head_lcs = tm_alloc_array(n, sizeof(*state->head_lcs));
    state->n_heads = n;
    for (size_t i = 0; i < n; i++) {
        state->heads[i] = heads[i].id;
        state->head_lcs[i] = heads[i].lc;
    }
    free(heads);
}
