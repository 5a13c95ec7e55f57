#include "ledger/leaves.h"

#include "base/alloc.h"
#include "ledger/merkle.h"

void tm_ledger_leaves_release(struct tm_ledger_leaves *leaves)
{
    free(leaves->ids);
    *leaves = (struct tm_ledger_leaves) { 0 };
}

/* The entries of a ledger in ledger order, with who their parents are. */
struct node {
    struct tm_hash id;
    size_t parents; /* where they begin in graph.parents */
    size_t n_parents;
    size_t batch; /* the first that reaches it; SIZE_MAX for none */
};

struct graph {
    struct node *nodes;
    size_t n, cap;
    struct tm_hash *parents;
    size_t n_parents, parents_cap;
    struct node **by_id;
};

static enum tm_code collect(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct graph *g = ctx;

    (void)err;
    if (entry->adopted)
        return TM_OK;
    TM_GROW(g->nodes, g->n, g->cap);
    g->nodes[g->n++] = (struct node) { entry->id, g->n_parents, entry->n_prev, SIZE_MAX };
    for (size_t i = 0; i < entry->n_prev; i++) {
        TM_GROW(g->parents, g->n_parents, g->parents_cap);
        g->parents[g->n_parents++] = entry->prev[i];
    }
    return TM_OK;
}

static int compare_ids(const void *a, const void *b)
{
    const struct node *const *left = a, *const *right = b;

    return tm_hash_cmp(&(*left)->id, &(*right)->id);
}

static struct node *find(const struct graph *g, const struct tm_hash *id)
{
    struct node wanted = { .id = *id }, *key = &wanted;
    struct node **hit = g->n ? bsearch(&key, g->by_id, g->n, sizeof(struct node *), compare_ids) : NULL;

    return hit ? *hit : NULL;
}

/* Gives every entry the first batch that reaches it: parents stand before their children in ledger order. */
static enum tm_code spread(struct graph *g, const struct tm_ledger_heads *batches, size_t n,
                           const struct tm_ledger_file *file, struct tm_err *err)
{
    for (size_t b = 0; b < n; b++) {
        for (size_t i = 0; i < batches[b].n; i++) {
            struct node *head = find(g, &batches[b].ids[i]);

            if (!head)
                return tm_err_set(err, TM_E_FORMAT, "a head that a freeze pinned is not in '%.*s'",
                                  TM_STR_ARG(file->path));
            head->batch = TM_MIN(head->batch, b);
        }
    }
    for (size_t i = g->n; i-- > 0;) {
        for (size_t p = 0; p < g->nodes[i].n_parents; p++) {
            struct node *parent = find(g, &g->parents[g->nodes[i].parents + p]);

            if (parent)
                parent->batch = TM_MIN(parent->batch, g->nodes[i].batch);
        }
    }
    return TM_OK;
}

/* The ids batch by batch: entries of one batch stay in ledger order. */
static void put_in_order(const struct graph *g, size_t n_batches, struct tm_ledger_leaves *leaves)
{
    size_t *TM_CLEANUP(tm_freep) next = tm_alloc_array(n_batches + 1, sizeof(*next));

    for (size_t i = 0; i < g->n; i++)
        if (g->nodes[i].batch < n_batches)
            next[g->nodes[i].batch + 1]++;
    for (size_t b = 0; b < n_batches; b++)
        next[b + 1] += next[b];
    leaves->n = next[n_batches];
    leaves->ids = tm_alloc_array(leaves->n, sizeof(*leaves->ids));
    for (size_t i = 0; i < g->n; i++)
        if (g->nodes[i].batch < n_batches)
            leaves->ids[next[g->nodes[i].batch]++] = g->nodes[i].id;
}

static void release(struct graph *g)
{
    free(g->nodes);
    free(g->parents);
    free(g->by_id);
}

enum tm_code tm_ledger_leaves_read(const struct tm_ledger_file *file, const struct tm_ledger_heads *batches,
                                   size_t n, struct tm_ledger_leaves *leaves, struct tm_err *err)
{
    struct graph TM_CLEANUP(release) g = { 0 };
    enum tm_code code = tm_ledger_read(file, collect, &g, NULL, err);

    if (code)
        return code;
    g.by_id = tm_alloc_array(g.n, sizeof(struct node *));
    for (size_t i = 0; i < g.n; i++)
        g.by_id[i] = &g.nodes[i];
    if (g.n)
        qsort(g.by_id, g.n, sizeof(struct node *), compare_ids);
    code = spread(&g, batches, n, file, err);
    if (!code)
        put_in_order(&g, n, leaves);
    return code;
}

struct tm_hash tm_ledger_leaves_root(const struct tm_ledger_leaves *leaves, size_t n)
{
    struct tm_merkle tree;

    assert(n <= leaves->n);
    tm_merkle_init(&tree);
    for (size_t i = 0; i < n; i++)
        tm_merkle_add(&tree, tm_str_n((const char *)leaves->ids[i].bytes, TM_HASH_LEN));
    return tm_merkle_finish(&tree);
}

enum tm_code tm_ledger_root(const struct tm_ledger_file *file, const struct tm_ledger_heads *batches,
                            size_t n, struct tm_hash *root, struct tm_err *err)
{
    struct tm_ledger_leaves TM_CLEANUP(tm_ledger_leaves_release) leaves = { 0 };
    enum tm_code code = tm_ledger_leaves_read(file, batches, n, &leaves, err);

    if (!code)
        *root = tm_ledger_leaves_root(&leaves, leaves.n);
    return code;
}
