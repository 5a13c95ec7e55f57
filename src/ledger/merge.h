/*
 * The union of versions of one ledger: every entry that one of them has, each once, in ledger order
 * (docs/formats/ledger.md, "Merging"). What the merge driver and `ledger normalize` write.
 */
#ifndef TM_LEDGER_MERGE_H
#define TM_LEDGER_MERGE_H

#include "ledger/order.h"

/* One version: the first `size` bytes of fd, which stays the caller's. */
struct tm_ledger_version {
    int fd;
    uint64_t size;
    struct tm_str name; /* for messages: "manifests/.ledger/coverage.ndjson (theirs)" */
};

/* Where a line of the union is read from. */
struct tm_ledger_piece {
    struct tm_ledger_key key;
    uint64_t at;
    uint32_t len;
    uint32_t version; /* index into versions */
};

struct tm_ledger_union {
    const struct tm_ledger_version *versions; /* the caller's, which must stay open */
    struct tm_ledger_state *states;           /* of each version */
    size_t n_versions;
    size_t prefix_version; /* whose adopted lines are those of the union */
    struct tm_ledger_piece *pieces;
    size_t n, cap;
};
#define TM_LEDGER_UNION_INIT ((struct tm_ledger_union) { NULL })

/*
 * Reads and checks every version as tm_ledger_read does. An empty one, and one that only has lines from
 * before adoption, goes with any whose adopted lines begin with them. TM_E_FORMAT: a version is damaged, or
 * no ledger; TM_E_REFUSED: they are versions of different ledgers, or of one that was begun twice, or their
 * adopted lines differ. Memory: 60 bytes for each entry of each version, beside what reading one takes.
 */
enum tm_code tm_ledger_union_make(struct tm_ledger_union *all, const struct tm_ledger_version *versions,
                                  size_t n, struct tm_err *err) TM_CHECK;
void tm_ledger_union_release(struct tm_ledger_union *all);

/* True when that version is the union, byte for byte. */
bool tm_ledger_union_is(const struct tm_ledger_union *all, size_t version);

/* Writes the union to fd; all is a struct tm_ledger_union. For tm_root_replace_by. */
enum tm_code tm_ledger_union_write(void *all, int fd, struct tm_err *err) TM_CHECK;

#endif
