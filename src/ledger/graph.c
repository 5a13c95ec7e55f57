#include "ledger/graph.h"

#include "base/alloc.h"

void tm_graph_release(struct tm_graph *graph)
{
    free(graph->nodes);
    free(graph->slots);
    free(graph->early);
    free(graph->early_parents);
    *graph = TM_GRAPH_INIT;
}

/* Ids are digests: their first bytes are as good a hash as any. Who grinds them to collide gains slowness
 * only. */
static size_t slot_of(const struct tm_graph *graph, const struct tm_hash *id)
{
    size_t mask = graph->n_slots - 1;
    size_t i;

    memcpy(&i, id->bytes, sizeof(i));
    for (i &= mask; graph->slots[i]; i = (i + 1) & mask)
        if (tm_hash_cmp(&graph->nodes[graph->slots[i] - 1].id, id) == 0)
            break;
    return i;
}

static void grow_slots(struct tm_graph *graph)
{
    free(graph->slots);
    graph->n_slots = graph->n_slots ? graph->n_slots * 2 : 64;
    graph->slots = tm_alloc_array(graph->n_slots, sizeof(*graph->slots));
    for (size_t i = 0; i < graph->n; i++)
        graph->slots[slot_of(graph, &graph->nodes[i].id)] = (uint32_t)i + 1;
}

/* The node of id, made when nobody has named it before. */
static uint32_t node_of(struct tm_graph *graph, const struct tm_hash *id)
{
    size_t slot;

    if ((graph->n + 1) * 2 > graph->n_slots)
        grow_slots(graph);
    slot = slot_of(graph, id);
    if (!graph->slots[slot]) {
        if (graph->n >= UINT32_MAX - 1)
            abort();
        TM_GROW(graph->nodes, graph->n, graph->cap);
        graph->nodes[graph->n] = (struct tm_graph_node) { .id = *id };
        graph->slots[slot] = (uint32_t)++graph->n;
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

enum tm_ledger_flaw tm_graph_add(struct tm_graph *graph, const struct tm_ledger_entry *entry, bool *twice)
{
    uint32_t node = node_of(graph, &entry->id);
    uint64_t greatest = 0;
    bool all_present = true;

    *twice = graph->nodes[node].present;
    if (*twice)
        return TM_FLAW_NONE;
    graph->nodes[node].present = true;
    graph->nodes[node].lc = entry->lc & TM_LEDGER_NUMBER_MAX;
    for (size_t i = 0; i < entry->n_prev; i++) {
        uint32_t at = node_of(graph, &entry->prev[i]); /* may move the nodes: before they are looked at */
        struct tm_graph_node *parent = &graph->nodes[at];

        parent->has_child = true;
        all_present = all_present && parent->present;
        greatest = TM_MAX(greatest, (uint64_t)parent->lc);
    }
    if (!all_present)
        add_early(graph, entry, node);
    else if (entry->lc != greatest + 1)
        return TM_FLAW_CLOCK;
    return TM_FLAW_NONE;
}

enum tm_ledger_flaw tm_graph_check(const struct tm_graph *graph, size_t *line)
{
    for (size_t i = 0; i < graph->n_early; i++) {
        const struct tm_graph_early *early = &graph->early[i];
        uint64_t greatest = 0;

        *line = early->line;
        for (size_t j = 0; j < early->n_parents; j++) {
            const struct tm_graph_node *parent = &graph->nodes[graph->early_parents[early->parents + j]];

            if (!parent->present)
                return TM_FLAW_DANGLING;
            greatest = TM_MAX(greatest, (uint64_t)parent->lc);
        }
        if (graph->nodes[early->node].lc != greatest + 1)
            return TM_FLAW_CLOCK;
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
