/*
 * What the ledgers of one kind said at one time, indexed by what they can answer for: which blobs of
 * manifests they name, and which entries a module has. Private to the consistency room.
 *
 * Ledgers only grow, so most versions of one are the first bytes of another: they share its text. A version
 * that is not (of a branch, or after a merge has put lines into another order) shares what it has in common
 * with the first text and keeps the rest.
 *
 * Lines are read strictly, each for itself: a text with a line that is neither an entry nor, before the first
 * entry, an unchained one is damaged and says nothing. That entries form one chain is `ledger verify`'s to
 * say.
 */
#ifndef TM_CONSISTENCY_LEDGER_TEXT_H
#define TM_CONSISTENCY_LEDGER_TEXT_H

#include "base/map.h"
#include "ext/git_objects.h"
#include "ledger/ledger.h"

struct tm_text_line {
    struct tm_git_id blob; /* manifest_blob; all zero when the entry names none */
    struct tm_str module;
    uint64_t end;         /* first byte behind the line, in the version's bytes */
    uint32_t at, len;     /* in `own` */
    uint32_t next_blob;   /* the line before with the same blob; index + 1, 0 for none */
    uint32_t next_module; /* ... of the same module */
};

struct tm_ledger_text {
    struct tm_ledger_text *next;       /* for who keeps a list */
    const struct tm_ledger_text *base; /* the text it begins like; NULL for none */
    uint64_t shared;                   /* so many bytes of base */
    struct tm_buf own;                 /* what comes behind them */
    struct tm_text_line *lines;
    size_t n, cap;
    uint32_t *slots; /* by blob: index + 1 */
    size_t n_slots;
    struct tm_map modules; /* name -> index + 1 of its last line */
    uint64_t first_entry;  /* end of the first entry's line; UINT64_MAX: there are only adopted ones */
    struct tm_arena arena;
};

/* Bytes of a ledger that is looked at. */
enum { TM_LEDGER_TEXT_MAX = 1 << 30 };

/* A ledger as some commit has it: the first `size` bytes of a text. */
struct tm_text_version {
    const struct tm_ledger_text *text; /* NULL: no ledger, or a damaged one */
    uint64_t size;
    bool damaged; /* ... or not in this (partial) clone */
};

/*
 * Indexes content, at most TM_LEDGER_TEXT_MAX bytes, of which the first `shared` are those of base (a text
 * without a base; NULL and 0). False when it is damaged; the text is to be freed either way. Takes the
 * content over.
 */
bool tm_ledger_text_read(struct tm_ledger_text *text, const struct tm_ledger_text *base, uint64_t shared,
                         struct tm_buf *content);
void tm_ledger_text_release(struct tm_ledger_text *text);

/* How many bytes of whole lines the content has in common with the text (one without a base). */
uint64_t tm_ledger_text_common(const struct tm_ledger_text *text, struct tm_str content);

/* The first `size` bytes of the text as at most two pieces; how many. */
size_t tm_ledger_text_pieces(const struct tm_ledger_text *text, uint64_t size, struct tm_str pieces[2]);

/* Calls visit for the entries of a version that name the blob, the last one first, until it returns true. */
typedef bool tm_text_visit(void *ctx, struct tm_str module);
bool tm_text_version_names(const struct tm_text_version *version, const struct tm_git_id *blob,
                           tm_text_visit *visit, void *ctx);

/* Calls visit for the lines of a module, read again, the last one first, until it returns true. */
typedef bool tm_entry_visit(void *ctx, const struct tm_ledger_entry *entry);
bool tm_text_version_entries(const struct tm_text_version *version, struct tm_str module,
                             tm_entry_visit *visit, void *ctx);

#endif
