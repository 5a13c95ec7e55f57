/*
 * A ledger: an append-only NDJSON file whose entries form a Merkle DAG
 * (docs/formats/ledger.md, tidemark-ledger(5)).
 *
 * The id of an entry is the SHA-256 of its line without the LF. `prev` holds the
 * ids of all heads at the time of writing, `lc` is 1 + the greatest lc among them; order is
 * (lc, id), never the order of lines nor the clock. The first entry is a genesis; unchained
 * lines before it were adopted and stay untouched.
 */
#ifndef TM_LEDGER_LEDGER_H
#define TM_LEDGER_LEDGER_H

#include "base/arena.h"
#include "base/io.h"
#include "base/json_doc.h"
#include "ext/hash.h"

enum {
    TM_LEDGER_LINE_MAX = 64 << 10, /* bytes of a line, without the LF */
    TM_LEDGER_LOG_HEX = 32,
};

enum tm_ledger_kind {
    TM_LEDGER_GENESIS,
    TM_LEDGER_COVERAGE,
    TM_LEDGER_BENCH,
    TM_LEDGER_SCAFFOLD,
    TM_LEDGER_TEST_SCAFFOLD,
    TM_LEDGER_FREEZE,
    TM_LEDGER_ROLLBACK,
};
const char *tm_ledger_kind_name(enum tm_ledger_kind kind);

/* One entry as read. Pieces belong to the reader's line and are valid inside the callback only. */
struct tm_ledger_entry {
    bool adopted;         /* an unchained line of before: id, lc and prev mean nothing */
    size_t line;          /* from 1 */
    struct tm_str text;   /* the line without LF */
    struct tm_hash id;
    struct tm_str log;
    uint64_t lc;
    const struct tm_hash *prev;
    size_t n_prev;
    struct tm_str run;
    int64_t ts_s;
    struct tm_str kind;
    struct tm_str module;
    const struct tm_json_node *body; /* adopted: the whole object */
};

/* What a freeze pins of a ledger. */
struct tm_ledger_state {
    uint64_t bytes, lines;   /* of the whole file */
    uint64_t entries;        /* chained ones */
    uint64_t adopted_lines;
    char log[TM_LEDGER_LOG_HEX + 1]; /* "" while there is no genesis */
    struct tm_hash *heads;   /* sorted; owned */
    size_t n_heads;
    uint64_t max_lc;
    struct tm_hash sha256;   /* of the whole file */
};

/*
 * Reads the ledger at `path` beneath root, in the order of lines. visit may be NULL. A missing
 * file is an empty ledger. Stops at the first line that is not a strictly spelled entry (TM_E_FORMAT,
 * "<problem> at line N of '<path>'") or when visit returns a failure. A torn last line (no LF) is
 * TM_E_FORMAT too. Memory: the ids, one line, and what visit keeps.
 */
enum tm_code tm_ledger_read(const struct tm_root *root, struct tm_str path,
                            enum tm_code (*visit)(void *ctx, const struct tm_ledger_entry *entry,
                                                  struct tm_err *err),
                            void *ctx, struct tm_ledger_state *state, struct tm_err *err) TM_CHECK;
void tm_ledger_state_release(struct tm_ledger_state *state);

/* One entry to write. `body` is strict JSON (ledger/body.h) without white space. */
struct tm_ledger_draft {
    enum tm_ledger_kind kind;
    struct tm_str module; /* "" for acts on the repository */
    struct tm_str body;
};

/*
 * Appends the drafts in order as one write: lock, read heads, (genesis first on a new or adopted
 * file), spell, write, fdatasync. `run` is the caller's run id (tm_ledger_new_run); each entry's own
 * nonce is "<run>.<n>". `ids`, when not NULL, receives n ids. The file is as before when it fails.
 */
enum tm_code tm_ledger_append(const struct tm_root *root, struct tm_str path, const char *run,
                              int64_t ts_s, const struct tm_ledger_draft *drafts, size_t n,
                              struct tm_hash *ids, struct tm_err *err) TM_CHECK;

/*
 * The same without touching the file: out receives the whole new content (old bytes, then the new
 * lines). For freeze, which publishes file and commit together.
 */
enum tm_code tm_ledger_compose(const struct tm_root *root, struct tm_str path, const char *run,
                               int64_t ts_s, const struct tm_ledger_draft *drafts, size_t n,
                               struct tm_buf *out, struct tm_hash *ids, struct tm_err *err) TM_CHECK;

/* A fresh run id: 32 hexadecimal digits. out is replaced. */
void tm_ledger_new_run(struct tm_buf *out);

#endif
