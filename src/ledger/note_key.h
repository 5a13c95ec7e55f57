/*
 * Keys of signed notes (docs/formats/checkpoint.md, "Keys"): Ed25519, by name and id.
 */
#ifndef TM_LEDGER_NOTE_KEY_H
#define TM_LEDGER_NOTE_KEY_H

#include "base/buf.h"
#include "base/err.h"
#include "ext/sign.h"

enum {
    TM_NOTE_NAME_MAX = 200,
    TM_NOTE_ID_LEN = 4,
    TM_NOTE_KEY_FILE_MAX = 4096,
};

/* A verifier's key. */
struct tm_note_key {
    char name[TM_NOTE_NAME_MAX + 1];
    unsigned char id[TM_NOTE_ID_LEN];
    struct tm_sign_public public;
};

/* Replaces out by the key's one spelling, without LF. */
void tm_note_key_spell(const struct tm_note_key *key, struct tm_buf *out);

/* TM_E_USAGE when text is no such spelling, or the id is not the one of name and public key. */
enum tm_code tm_note_key_parse(struct tm_str text, struct tm_note_key *key, struct tm_err *err) TM_CHECK;

/* A key that can sign. Whoever has one wipes it. */
struct tm_note_signer {
    struct tm_note_key key;
    struct tm_sign_secret secret;
};
void tm_note_signer_wipe(struct tm_note_signer *signer);

/* A new key; TM_E_USAGE when the name cannot be one. */
enum tm_code tm_note_signer_new(struct tm_note_signer *signer, struct tm_str name, struct tm_err *err)
    TM_CHECK;

/* Writes the secret to a new file; as tm_secret_create. */
enum tm_code tm_note_signer_save(const struct tm_note_signer *signer, const char *path, struct tm_err *err)
    TM_CHECK;

/* Reads it back; as tm_secret_read, and TM_E_FORMAT when the file holds no key. */
enum tm_code tm_note_signer_load(struct tm_note_signer *signer, const char *path, struct tm_err *err)
    TM_CHECK;

#endif
