/*
 * How a ledger is read from an open file: what tm_ledger_read, tm_ledger_scan and
 * an append have in common.
 */
#ifndef TM_LEDGER_READ_H
#define TM_LEDGER_READ_H

#include "ledger/flaw.h"
#include "ledger/ledger.h"

enum {
    TM_READ_IDS = 1 << 0,    /* hash every line and check the graph */
    TM_READ_SHA256 = 1 << 1, /* fill state->sha256 */
};

/* What stands behind the last LF. */
struct tm_ledger_tail {
    enum tm_ledger_flaw flaw; /* TM_FLAW_NONE, TM_FLAW_NO_LF or TM_FLAW_TORN */
    uint64_t at;              /* its first byte in the file */
    uint64_t len;
};

/*
 * Reads the first `size` bytes of fd. With visit, entries come in ledger order. tail NULL: something behind
 * the last LF is TM_E_FORMAT; else it is described there, the rest is read, and state is of the rest. state
 * may be NULL.
 */
enum tm_code tm_ledger_read_fd(int fd, uint64_t size, struct tm_str path, unsigned flags,
                               tm_ledger_visit_fn *visit, void *ctx, struct tm_ledger_state *state,
                               struct tm_ledger_tail *tail, struct tm_err *err) TM_CHECK;

/* Opens a ledger for reading and takes its size under the shared lock. A missing one: *fd is -1, *size 0. */
enum tm_code tm_ledger_open(const struct tm_ledger_file *file, int *fd, uint64_t *size, struct tm_err *err)
    TM_CHECK;

#endif
