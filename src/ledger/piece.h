/*
 * Pieces of a ledger that threads read, hash and parse at once for `ledger verify`. A piece is
 * the lines that begin in one stretch of the file; its last line is read to its end, or until it is too long.
 */
#ifndef TM_LEDGER_PIECE_H
#define TM_LEDGER_PIECE_H

#include "ext/hash.h"
#include "ledger/judge.h"

enum { TM_PIECE_STRETCH = 256 << 10 }; /* bytes, at most */

/* A line that is no entry. */
struct tm_piece_flaw {
    uint32_t line; /* from 0 in the piece */
    uint32_t at;   /* byte of the line, from 0 */
    enum tm_ledger_flaw flaw;
};

struct tm_piece_entry {
    struct tm_ledger_entry entry; /* id is set; line is not. Points into the piece */
    uint32_t line;                /* from 0 in the piece */
    size_t prev_at;               /* private: where entry.prev begins in prev, which moves while it grows */
    char *body_fault;             /* what is wrong with the body; NULL */
};

/* What one thread works in. */
struct tm_piece {
    size_t stretch;
    struct tm_line_judge judge;
    struct tm_hasher *hasher;
    uint64_t from; /* where data begins in the file */
    char *data;
    size_t len;
    struct tm_piece_flaw *flaws;
    size_t n_flaws, cap_flaws;
    struct tm_piece_entry *entries;
    size_t n_entries, cap_entries;
    struct tm_hash *prev;
    size_t n_prev, cap_prev;
    uint32_t lines;     /* that begin in it, the tail not counted */
    bool has_lf;        /* a line ends in the stretch */
    bool open;          /* the last line, counted, is too long, and its end was not looked for */
    struct tm_str tail; /* what stands behind the last LF of the file */
};

/* For stretches of that many bytes, at least 1. */
void tm_piece_init(struct tm_piece *piece, size_t stretch);
void tm_piece_release(struct tm_piece *piece);

/*
 * Reads the i-th piece of what fd holds from `start` (where a line begins) to `size`. What it held before is
 * gone. *shrunk: the file has become shorter. TM_E_IO.
 */
enum tm_code tm_piece_read(struct tm_piece *piece, int fd, uint64_t start, uint64_t size, size_t i,
                           bool *shrunk, struct tm_err *err) TM_CHECK;

#endif
