#include "ledger/merkle.h"

#include "base/alloc.h"

void tm_merkle_init(struct tm_merkle *tree)
{
    tree->hasher = tm_hasher_new();
    tree->count = 0;
}

static struct tm_hash join(struct tm_hasher *hasher, const struct tm_hash *left, const struct tm_hash *right)
{
    tm_hasher_add(hasher, tm_str_n("\1", 1));
    tm_hasher_add(hasher, tm_str_n((const char *)left->bytes, TM_HASH_LEN));
    tm_hasher_add(hasher, tm_str_n((const char *)right->bytes, TM_HASH_LEN));
    return tm_hasher_finish(hasher);
}

void tm_merkle_add(struct tm_merkle *tree, struct tm_str leaf)
{
    unsigned depth = (unsigned)__builtin_popcountll(tree->count);
    struct tm_hash hash;

    tm_hasher_add(tree->hasher, tm_str_n("\0", 1));
    tm_hasher_add(tree->hasher, leaf);
    hash = tm_hasher_finish(tree->hasher);
    /* Each trailing one of the count is a perfect subtree of the size that is now complete twice. */
    for (uint64_t n = tree->count; n & 1; n >>= 1)
        hash = join(tree->hasher, &tree->stack[--depth], &hash);
    tree->stack[depth] = hash;
    tree->count++;
}

struct tm_hash tm_merkle_finish(struct tm_merkle *tree)
{
    unsigned depth = (unsigned)__builtin_popcountll(tree->count);
    struct tm_hash root = depth ? tree->stack[depth - 1] : tm_hasher_finish(tree->hasher);

    while (depth > 1) {
        depth--;
        root = join(tree->hasher, &tree->stack[depth - 1], &root);
    }
    tm_hasher_free(tree->hasher);
    tree->hasher = NULL;
    return root;
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

/* Adds the leaves batch by batch: entries of one batch stay in ledger order. */
static struct tm_hash root_of(const struct graph *g, size_t n_batches)
{
    size_t *TM_CLEANUP(tm_freep) next = tm_alloc_array(n_batches + 1, sizeof(*next));
    const struct node **TM_CLEANUP(tm_freep) leaves = tm_alloc_array(g->n, sizeof(struct node *));
    struct tm_merkle tree;
    size_t n = 0;

    for (size_t i = 0; i < g->n; i++)
        if (g->nodes[i].batch < n_batches)
            next[g->nodes[i].batch + 1]++;
    for (size_t b = 0; b < n_batches; b++)
        next[b + 1] += next[b];
    n = next[n_batches];
    for (size_t i = 0; i < g->n; i++)
        if (g->nodes[i].batch < n_batches)
            leaves[next[g->nodes[i].batch]++] = &g->nodes[i];
    tm_merkle_init(&tree);
    for (size_t i = 0; i < n; i++)
        tm_merkle_add(&tree, tm_str_n((const char *)leaves[i]->id.bytes, TM_HASH_LEN));
    return tm_merkle_finish(&tree);
}

static void release(struct graph *g)
{
    free(g->nodes);
    free(g->parents);
    free(g->by_id);
}

enum tm_code tm_ledger_root(const struct tm_ledger_file *file, const struct tm_ledger_heads *batches,
                            size_t n, struct tm_hash *root, struct tm_err *err)
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
        *root = root_of(&g, n);
    return code;
}
