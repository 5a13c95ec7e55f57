/*
 * A ledger: an append-only NDJSON file whose entries form a Merkle DAG
 * (docs/formats/ledger.md, tidemark-ledger(5)).
 *
 * The id of an entry is the SHA-256 of its line without the LF. `prev` holds the
 * ids of all heads at the time of writing, `lc` is 1 + the greatest lc among them. Ledger order is
 * (lc, id), never the order of lines nor the clock. The first entry is a genesis; unchained
 * lines before it were adopted, stay untouched and come first in ledger order.
 *
 * Readers take a shared lock for the moment in which they ask for the size and never look past
 * it: an append that goes on meanwhile is not seen, and never taken for damage.
 */
#ifndef TM_LEDGER_LEDGER_H
#define TM_LEDGER_LEDGER_H

#include "base/io.h"
#include "base/log.h"
#include "ext/hash.h"

enum {
    TM_LEDGER_LINE_MAX = 64 << 10, /* bytes of a line, without the LF */
    TM_LEDGER_PREV_MAX = 256,      /* ids in prev */
    TM_LEDGER_LOG_HEX = 32,
    TM_LEDGER_RUN_HEX = 32,
};
#define TM_LEDGER_FORMAT "tidemark-ledger/1"

/* Numbers in a ledger are whole and at most this: 2^53 - 1. */
#define TM_LEDGER_NUMBER_MAX UINT64_C(9007199254740991)

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

/* Names of the ledgers of a repository in byte order, ended by NULL: of their files, without ".ndjson". */
extern const char *const tm_ledger_names[];

/* Which ledger, and who is told of a torn end. tm_ledger_in fills it; tests fill it by hand. */
struct tm_ledger_file {
    const struct tm_root *root;
    struct tm_str path;          /* beneath root */
    const struct tm_root *state; /* keeps torn ends (<state>/torn/...); NULL: a torn end is an error */
    struct tm_log *log;          /* may be NULL */
    bool pending;                /* append to a fragment, not to the file (pending.h) */
};

struct tm_repo;
/* The ledger at `path` of a repository; path must live as long. */
struct tm_ledger_file tm_ledger_in(const struct tm_repo *repo, struct tm_str path);

/* A member of a body, as spelled: pieces of it. */
struct tm_ledger_member {
    struct tm_str key, value;
    uint64_t number;   /* what value is, when it is a number */
    bool is_hex;       /* value was seen to be a string of hexadecimal digits; false says nothing */
    const char **name; /* private to body.c: what key was last found to be; outlives the line */
};

/* One entry as read. Pieces belong to the reader and are valid inside the callback only. */
struct tm_ledger_entry {
    bool adopted;       /* an unchained line of before: id, log, lc, prev and run mean nothing */
    size_t line;        /* from 1 */
    uint64_t at;        /* its first byte in the file */
    struct tm_str text; /* the line without LF */
    struct tm_hash id;  /* set by tm_ledger_read; see tm_ledger_scan */
    struct tm_str log;
    uint64_t lc;
    const struct tm_hash *prev; /* n_prev, strictly ascending */
    size_t n_prev;
    struct tm_str run;
    int64_t ts_s;         /* -1: an adopted line without a time */
    struct tm_str kind;   /* "" when adopted */
    struct tm_str module; /* "" for acts on the repository, and for adopted lines without one */
    struct tm_str body;   /* as spelled; adopted: the whole object */
    const struct tm_ledger_member *members; /* of the body, n_members; NULL: not taken apart yet */
    size_t n_members;
};

typedef enum tm_code tm_ledger_visit_fn(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err);

/* What a freeze pins of a ledger, and what an append must know. */
struct tm_ledger_state {
    uint64_t bytes, lines;                 /* of the whole file */
    uint64_t entries;                      /* chained ones, genesis included, each once */
    uint64_t adopted_lines, adopted_bytes; /* before the first entry; blank lines included */
    struct tm_hash adopted_sha256;         /* of those bytes */
    uint64_t duplicates;                   /* lines that stand twice */
    bool reordered;                        /* lines are not in ledger order */
    char log[TM_LEDGER_LOG_HEX + 1];       /* "" while there is no genesis */
    struct tm_hash *heads;                 /* ascending; owned */
    uint64_t *head_lcs;                    /* their clocks; owned */
    size_t n_heads;
    uint64_t max_lc;
    struct tm_hash sha256; /* of the whole file */
};

/*
 * Reads and checks a ledger with its fragments, which stand behind the file's lines: spelling of every line,
 * ids, log, parents, clocks, the adopted prefix (all codes of the format page but `body` and `replay`). visit
 * (may be NULL) gets every adopted line but blank ones, and every entry once, in ledger order, while the
 * check goes on: what it was given counts only when the result is TM_OK. A missing file is an empty ledger.
 * Stops at the first damage with TM_E_FORMAT,
 * "<problem> at line N of '<path>'", or at the first failure of visit, passed on. A line without LF at the
 * end is damage too. Memory: 48 to 120 bytes for each entry, one line, and what visit keeps. state may be
 * NULL; else release it.
 */
enum tm_code tm_ledger_read(const struct tm_ledger_file *file, tm_ledger_visit_fn *visit, void *ctx,
                            struct tm_ledger_state *state, struct tm_err *err) TM_CHECK;
void tm_ledger_state_release(struct tm_ledger_state *state);

/*
 * The same visits, checking the spelling of each line and nothing else: ids stay zero (tm_hash_of the text
 * gives one). Memory: one line; but 64 bytes for each entry when lines are not in ledger order.
 */
enum tm_code tm_ledger_scan(const struct tm_ledger_file *file, tm_ledger_visit_fn *visit, void *ctx,
                            struct tm_err *err) TM_CHECK;

/*
 * Who writes: a random id and a count, so that every entry gets its own nonce "<id>.<n>". One for
 * each process and run; never stored and used again.
 */
struct tm_ledger_run {
    char id[TM_LEDGER_RUN_HEX + 1];
    uint64_t count; /* entries spelled so far */
};
void tm_ledger_run_init(struct tm_ledger_run *run);

/* One entry to write. */
struct tm_ledger_draft {
    enum tm_ledger_kind kind;
    struct tm_str module; /* UTF-8; "" for acts on the repository */
    struct tm_str body;   /* spelled by tm_*_body (observation.h, act.h) */
};

/*
 * Appends the drafts in order as one write: lock, heads, genesis first when there is none (which adopts what
 * the file holds), spell, write, fdatasync. When it returns TM_OK the entries are durable, in the file that
 * the path named by then; in one that another process (git) put in its place meanwhile, they are written
 * again. ids, when not NULL, receives n ids (what it holds after a failure means nothing).
 *
 * The ledger is read and checked whole, unless a note in file->state says that it is as the last append left
 * it: then about 64 KiB of its end are read (head_cache.h, docs/formats/ledger-cache.md). Damage that came
 * into the middle of such a ledger below the file system is tm_ledger_read's to find.
 *
 * A torn end is first kept in file->state and reported to file->log, then cut off. When an append fails the
 * file is as before; should even cutting back fail, the message says so, and the next append mends it.
 * TM_E_FORMAT: the ledger is damaged, or a draft cannot be spelled (body not strict JSON, a number over the
 * limit, invalid UTF-8); TM_E_LIMIT: an entry over TM_LEDGER_LINE_MAX. With file->pending the entries become
 * a fragment, unless the ledger is not begun.
 */
enum tm_code tm_ledger_append(const struct tm_ledger_file *file, struct tm_ledger_run *run, int64_t ts_s,
                              const struct tm_ledger_draft *drafts, size_t n, struct tm_hash *ids,
                              struct tm_err *err) TM_CHECK;

/*
 * The same without touching the file: out receives the whole new content (old bytes, then the new
 * lines). For freeze, which publishes file and commit together. A torn end is TM_E_FORMAT.
 */
enum tm_code tm_ledger_compose(const struct tm_ledger_file *file, struct tm_ledger_run *run, int64_t ts_s,
                               const struct tm_ledger_draft *drafts, size_t n, struct tm_buf *out,
                               struct tm_hash *ids, struct tm_err *err) TM_CHECK;

/*
 * Sets right what a crash can leave at the end of a ledger, as an append would, for commands that read before
 * they append (run --resume). *mended (may be NULL) says whether there was something.
 */
enum tm_code tm_ledger_mend(const struct tm_ledger_file *file, bool *mended, struct tm_err *err) TM_CHECK;

#endif
