/*
 * The Merkle tree of a ledger in freeze-batch order (docs/formats/ledger.md, "Root"), batch by batch, over a
 * graph that may be damaged: what it does not reach is left out.
 */
#ifndef TM_LEDGER_BATCHES_H
#define TM_LEDGER_BATCHES_H

#include "ledger/graph.h"
#include "ledger/merkle.h"

struct tm_batches {
    const struct tm_graph *graph; /* keeps parents */
    bool *taken;                  /* of each node: a leaf already */
    uint32_t *reached;            /* of the current batch, and what is still to be looked at */
    struct tm_merkle tree;
};

/* Begins with no leaves. graph must live as long. */
void tm_batches_init(struct tm_batches *batches, const struct tm_graph *graph);
void tm_batches_release(struct tm_batches *batches);

/* Adds as leaves what n nodes of the graph reach and is none yet. */
void tm_batches_add(struct tm_batches *batches, const uint32_t *nodes, size_t n);

uint64_t tm_batches_leaves(const struct tm_batches *batches);
struct tm_hash tm_batches_root(const struct tm_batches *batches);

#endif
