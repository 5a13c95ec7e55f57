/*
 * Checkpoints as signed notes (docs/formats/checkpoint.md): the size and root of a ledger, with a signature.
 */
#ifndef TM_LEDGER_NOTE_H
#define TM_LEDGER_NOTE_H

#include "ext/hash.h"
#include "ledger/note_key.h"

enum { TM_NOTE_MAX = 1 << 20 /* bytes */ };

/* What a checkpoint says. */
struct tm_tree_head {
    struct tm_str origin;
    uint64_t size;
    struct tm_hash root;
};

/* Replaces out by the note. The origin must be UTF-8 without control characters, and not empty. */
void tm_note_sign(const struct tm_tree_head *head, const struct tm_note_signer *signer, struct tm_buf *out);

/*
 * Verifies a note and reads its checkpoint; head points into note. TM_E_NO: it has no signature by the key,
 * or a wrong one. TM_E_FORMAT: it is no note, or its text is signed but no checkpoint. TM_E_LIMIT. `name` is
 * for messages.
 */
enum tm_code tm_note_open(struct tm_str note, const char *name, const struct tm_note_key *key,
                          struct tm_tree_head *head, struct tm_err *err) TM_CHECK;

#endif
