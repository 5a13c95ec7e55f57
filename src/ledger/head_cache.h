/*
 * The head of a long ledger, without reading all of it (docs/formats/ledger-cache.md).
 *
 * A note in the state folder says of a ledger, as an append left it, that it was checked whole and that its
 * last line is its only head. It is no more than that one word of trust: what an entry is made of comes from
 * the last line itself. When anything differs the note does not count, and the caller reads the ledger.
 *
 * The caller holds the exclusive lock on the ledger, which makes notes safe to write in place.
 */
#ifndef TM_LEDGER_HEAD_CACHE_H
#define TM_LEDGER_HEAD_CACHE_H

#include "ledger/ledger.h"

/* What is read of a ledger's end: the longest line, its LF, and the one before. Shorter ledgers have no note.
 */
enum { TM_HEAD_CACHE_TAIL = TM_LEDGER_LINE_MAX + 2 };

/*
 * True when the note on file (open and locked as fd) counts. Then *state holds what an append needs and no
 * more: bytes, log, the one head with its clock, max_lc, and as entries how many there are at least; the
 * caller releases it. Reads at most TM_HEAD_CACHE_TAIL bytes of the ledger. Never fails: what cannot be read
 * does not count.
 */
bool tm_head_cache_load(const struct tm_ledger_file *file, int fd, struct tm_ledger_state *state) TM_CHECK;

/*
 * Notes that the ledger, now of `bytes` bytes, is sound and `head` its only head and last line. Nothing is
 * noted when the file says otherwise. A failure costs the next append its time, and is not told.
 */
void tm_head_cache_save(const struct tm_ledger_file *file, int fd, uint64_t bytes,
                        const struct tm_hash *head);

/*
 * The last line of a ledger from its last TM_HEAD_CACHE_TAIL bytes: false unless it is whole and strictly
 * spelled. *entry is as tm_ledger_parse leaves it, with its id.
 */
struct tm_ledger_parser;
bool tm_head_cache_last(struct tm_ledger_parser *parser, struct tm_str tail, struct tm_ledger_entry *entry);

#endif
