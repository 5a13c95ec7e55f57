/*
 * The Merkle DAG of a ledger: which entries there are, who is named by whom, whether each
 * clock follows from its parents. Entries may be added in any order, parents after children.
 * 40 bytes for each entry and tables of 7 to 14; more only for entries that came before a parent, or when
 * everyone's parents are kept.
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

/* Where the parents of a node stand among all parents. */
struct tm_graph_parents {
    size_t at;
    uint32_t n;
};

struct tm_graph {
    bool keeps_parents; /* set before the first entry */
    struct tm_graph_node *nodes;
    size_t n, cap;
    uint32_t *slots;     /* node + 1; 0 is empty */
    unsigned char *tags; /* of each slot: a byte of its id; 0 is empty */
    size_t n_slots;
    struct tm_graph_early *early;
    size_t n_early, cap_early;
    uint32_t *early_parents;
    size_t n_early_parents, cap_early_parents;
    struct tm_graph_parents *parents_of; /* parallel to nodes; with keeps_parents */
    size_t n_parents_of, cap_parents_of;
    uint32_t *parents;
    size_t n_parents, cap_parents;
};

#define TM_GRAPH_INIT ((struct tm_graph) { 0 })

/* No node. */
#define TM_GRAPH_NONE UINT32_MAX

void tm_graph_release(struct tm_graph *graph);

/*
 * Adds entry (id, lc, prev, line). *twice: it was there already, and nothing changed. TM_FLAW_CLOCK when all
 * parents are there and lc does not follow from them. At most 2^32 - 2 entries: memory ends long before.
 */
enum tm_ledger_flaw tm_graph_add(struct tm_graph *graph, const struct tm_ledger_entry *entry, bool *twice);

/* Makes room for n entries in all, for who knows how many will come: nothing is looked up anew as it grows.
 */
void tm_graph_reserve(struct tm_graph *graph, size_t n);

/* Says that id will be added soon. */
void tm_graph_expect(const struct tm_graph *graph, const struct tm_hash *id);

/* The node of an entry that was added, or TM_GRAPH_NONE. */
uint32_t tm_graph_find(const struct tm_graph *graph, const struct tm_hash *id);

/*
 * When all are added: what is wrong with the i-th of the early ones: TM_FLAW_DANGLING, and the parent that is
 * not there; TM_FLAW_CLOCK; TM_FLAW_NONE.
 */
enum tm_ledger_flaw tm_graph_check_early(const struct tm_graph *graph, size_t i, struct tm_hash *missing);

/* When all are added: TM_FLAW_DANGLING or TM_FLAW_CLOCK with the line of the first entry that has it. */
enum tm_ledger_flaw tm_graph_check(const struct tm_graph *graph, size_t *line);

/* Entries without children, by id, into state (heads, head_lcs, n_heads), and its max_lc. */
void tm_graph_heads(const struct tm_graph *graph, struct tm_ledger_state *state);

#endif
