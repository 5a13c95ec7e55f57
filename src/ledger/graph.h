/*
 * The Merkle DAG of a ledger: which entries there are, who is named by whom, whether each
 * clock follows from its parents. Entries may be added in any order, parents after children.
 * 40 bytes for each entry and a table of 4 to 16; more only for entries that came before a parent.
 */
#ifndef TM_LEDGER_GRAPH_H
#define TM_LEDGER_GRAPH_H

#include "ledger/flaw.h"
#include "ledger/ledger.h"

struct tm_graph_node {
    struct tm_hash id;
    uint64_t lc : 53;
    bool present : 1; /* added, not only named by another */
    bool has_child : 1;
};
static_assert(sizeof(struct tm_graph_node) == 40, "an entry costs 40 bytes");

/* An entry that was added before one of its parents: its clock is checked at the end. */
struct tm_graph_early {
    uint32_t node;
    uint32_t n_parents;
    size_t parents; /* index into early_parents */
    size_t line;
};

struct tm_graph {
    struct tm_graph_node *nodes;
    size_t n, cap;
    uint32_t *slots; /* node + 1; 0 is empty */
    size_t n_slots;
    struct tm_graph_early *early;
    size_t n_early, cap_early;
    uint32_t *early_parents;
    size_t n_early_parents, cap_early_parents;
};

#define TM_GRAPH_INIT ((struct tm_graph) { 0 })

void tm_graph_release(struct tm_graph *graph);

/*
 * Adds entry (id, lc, prev, line). *twice: it was there already, and nothing changed. TM_FLAW_CLOCK when all
 * parents are there and lc does not follow from them. At most 2^32 - 2 entries: memory ends long before.
 */
enum tm_ledger_flaw tm_graph_add(struct tm_graph *graph, const struct tm_ledger_entry *entry, bool *twice);

/* When all are added: TM_FLAW_DANGLING or TM_FLAW_CLOCK with the line of the first entry that has it. */
enum tm_ledger_flaw tm_graph_check(const struct tm_graph *graph, size_t *line);

/* Entries without children, by id, into state (heads, head_lcs, n_heads), and its max_lc. */
void tm_graph_heads(const struct tm_graph *graph, struct tm_ledger_state *state);

#endif
