/*
 * A ledger, verified: every finding of the format page's "Damage" in one file, going on after each, where
 * tm_ledger_read stops at the first. tm_ledger_read accepts a file exactly when there is no finding but
 * warnings, `body` (of another kind than genesis) and `replay`, which it does not look for.
 *
 * One pass by as many threads as there are processors: pieces of the file are hashed and parsed at once and
 * then tied together in order. Memory: a few hundred KiB for each thread, 48 to 120 bytes for each entry, and
 * 100 for each process that wrote some.
 */
#ifndef TM_LEDGER_VERIFY_H
#define TM_LEDGER_VERIFY_H

#include "base/arena.h"
#include "ledger/finding.h"
#include "ledger/graph.h"
#include "ledger/ledger.h"

struct tm_verify_options {
    bool parents;          /* keep who the parents of each entry are, in graph */
    bool pending;          /* the fragments of the ledger are part of it (tm_verify_file) */
    uint64_t own_size;     /* bytes that are the file's own: lines behind may stand anywhere; 0: all are */
    const char *kept_kind; /* keep entries of this kind; NULL: none */
    size_t stretch;        /* bytes that a thread takes at a time, at most TM_PIECE_STRETCH; 0: those */
};

struct tm_verified {
    struct tm_ledger_findings findings;
    struct tm_ledger_state state; /* of what is fine; sha256 and adopted_sha256 are not filled */
    struct tm_graph graph;        /* every entry of this ledger */
    uint64_t pending;             /* lines of fragments, counted in state */
    struct tm_arena arena;
    struct tm_ledger_entry
        *kept; /* with kept_kind, in the order of lines: text, id, line, lc, kind, body only */
    size_t n_kept, cap_kept;
};
#define TM_VERIFIED_INIT ((struct tm_verified) { .findings = TM_LEDGER_FINDINGS_INIT })

void tm_verified_release(struct tm_verified *verified);

/*
 * Verifies the first `size` bytes of fd into *out, an empty one. *shrunk: the file has become shorter
 * meanwhile, and what was found means nothing. TM_E_IO.
 */
enum tm_code tm_verify_fd(int fd, uint64_t size, const struct tm_verify_options *options,
                          struct tm_verified *out, bool *shrunk, struct tm_err *err) TM_CHECK;

/*
 * With options->pending, a finding in a fragment has line 0 and says where; fragments of which one is damaged
 * are left out, for who calls to say.
 *
 * Opens the file, takes its size under the shared lock and verifies it; begins anew when a writer has cut
 * back what it could not finish. *found is false for a missing file. TM_E_IO when it cannot be read.
 */
enum tm_code tm_verify_file(const struct tm_ledger_file *file, const struct tm_verify_options *options,
                            struct tm_verified *out, bool *found, struct tm_err *err) TM_CHECK;

#endif
