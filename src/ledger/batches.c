#include "ledger/batches.h"

#include "base/alloc.h"
#include "ledger/order.h"

void tm_batches_init(struct tm_batches *batches, const struct tm_graph *graph)
{
    assert(graph->keeps_parents);
    *batches = (struct tm_batches) {
        .graph = graph,
        .taken = tm_alloc_array(graph->n, sizeof(bool)),
        .reached = tm_alloc_array(graph->n, sizeof(uint32_t)),
    };
    tm_merkle_init(&batches->tree);
}

void tm_batches_release(struct tm_batches *batches)
{
    free(batches->taken);
    free(batches->reached);
    if (batches->graph)
        tm_merkle_finish(&batches->tree);
    *batches = (struct tm_batches) { NULL };
}

static int by_order(const void *a, const void *b, void *ctx)
{
    const struct tm_graph *graph = ctx;
    const uint32_t *left = a, *right = b;
    struct tm_ledger_key keys[] = { { graph->nodes[*left].lc, graph->nodes[*left].id },
                                    { graph->nodes[*right].lc, graph->nodes[*right].id } };

    return tm_ledger_key_cmp(&keys[0], &keys[1]);
}

/* Puts a node into the batch, once. */
static void reach(struct tm_batches *batches, uint32_t node, size_t *n)
{
    if (!batches->graph->nodes[node].present || batches->taken[node])
        return;
    batches->taken[node] = true;
    batches->reached[(*n)++] = node;
}

void tm_batches_add(struct tm_batches *batches, const uint32_t *nodes, size_t n)
{
    const struct tm_graph *graph = batches->graph;
    size_t found = 0;

    for (size_t i = 0; i < n; i++)
        reach(batches, nodes[i], &found);
    for (size_t i = 0; i < found; i++) {
        const struct tm_graph_parents *of = &graph->parents_of[batches->reached[i]];

        for (size_t k = 0; k < of->n; k++)
            reach(batches, graph->parents[of->at + k], &found);
    }
    if (found)
        qsort_r(batches->reached, found, sizeof(*batches->reached), by_order, (void *)graph);
    for (size_t i = 0; i < found; i++)
        tm_merkle_add(&batches->tree,
                      tm_str_n((const char *)graph->nodes[batches->reached[i]].id.bytes, TM_HASH_LEN));
}

uint64_t tm_batches_leaves(const struct tm_batches *batches)
{
    return batches->tree.count;
}

struct tm_hash tm_batches_root(const struct tm_batches *batches)
{
    struct tm_merkle copy = batches->tree;

    copy.hasher = tm_hasher_new();
    return tm_merkle_finish(&copy);
}
