#include "ledger/note_key.h"

#include "base/base64.h"
#include "base/secret.h"
#include "ext/hash.h"

enum { ALGORITHM = 1 }; /* Ed25519, in the list of signed-note */

#define SECRET_PREFIX TM_STR("PRIVATE+KEY+")

static bool is_name(struct tm_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] <= ' ' || s.data[i] > '~' || s.data[i] == '+')
            return false;
    return s.len >= 1 && s.len <= TM_NOTE_NAME_MAX;
}

/* Fills in the name and what follows from it and the public key. */
static void name_key(struct tm_note_key *key, struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) input = TM_BUF_INIT;
    struct tm_hash hash;

    memcpy(key->name, name.data, name.len);
    key->name[name.len] = '\0';
    tm_buf_addf(&input, "%s\n", key->name);
    tm_buf_addc(&input, ALGORITHM);
    tm_buf_add(&input, key->public.bytes, sizeof(key->public.bytes));
    hash = tm_hash_of(tm_buf_str(&input));
    memcpy(key->id, hash.bytes, sizeof(key->id));
}

/* "<name>+<id>+<base 64>", behind what out holds. */
static void spell(const struct tm_note_key *key, const void *bytes, size_t n, struct tm_buf *out)
{
    struct tm_buf TM_CLEANUP(tm_secret_release) input = TM_BUF_INIT;

    tm_buf_reserve(&input, n + 1);
    tm_buf_addc(&input, ALGORITHM);
    tm_buf_add(&input, bytes, n);
    tm_buf_addf(out, "%s+", key->name);
    tm_buf_add_hex(out, key->id, sizeof(key->id));
    tm_buf_addc(out, '+');
    tm_base64_add(out, input.data, input.len);
}

void tm_note_key_spell(const struct tm_note_key *key, struct tm_buf *out)
{
    tm_buf_clear(out);
    spell(key, key->public.bytes, sizeof(key->public.bytes), out);
}

/* Takes a spelling apart: n bytes of key, its name, its id in hexadecimal. What follows is base 64's '+',
 * too. */
static bool take_apart(struct tm_str text, struct tm_str *name, struct tm_str *id, void *bytes, size_t n)
{
    struct tm_buf TM_CLEANUP(tm_secret_release) decoded = TM_BUF_INIT;
    bool good;

    tm_buf_reserve(&decoded, text.len);
    good = text.len > 0 && tm_str_split(&text, '+', name) && is_name(*name) && text.len &&
           tm_str_split(&text, '+', id) && tm_str_is_hex(*id, 2 * TM_NOTE_ID_LEN) &&
           tm_base64_read(text, &decoded) && decoded.len == n + 1 && decoded.data[0] == ALGORITHM;
    if (good)
        memcpy(bytes, decoded.data + 1, n);
    return good;
}

static bool has_id(const struct tm_note_key *key, struct tm_str id)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    tm_buf_add_hex(&hex, key->id, sizeof(key->id));
    return tm_str_eq(tm_buf_str(&hex), id);
}

enum tm_code tm_note_key_parse(struct tm_str text, struct tm_note_key *key, struct tm_err *err)
{
    struct tm_str name, id;
    struct tm_note_key read = { .name = "" };

    if (!take_apart(text, &name, &id, read.public.bytes, sizeof(read.public.bytes)))
        return tm_err_set(err, TM_E_USAGE, "'%.*s' is no verifier's key: '<name>+<id>+<base 64>'",
                          TM_STR_ARG(text));
    name_key(&read, name);
    if (!has_id(&read, id))
        return tm_err_set(err, TM_E_USAGE,
                          "the id in the verifier's key '%.*s' is not that of its name and bytes",
                          TM_STR_ARG(text));
    *key = read;
    return TM_OK;
}

void tm_note_signer_wipe(struct tm_note_signer *signer)
{
    tm_secret_wipe(signer, sizeof(*signer));
}

enum tm_code tm_note_signer_new(struct tm_note_signer *signer, struct tm_str name, struct tm_err *err)
{
    if (!is_name(name))
        return tm_err_set(err, TM_E_USAGE,
                          "'%.*s' cannot name a key: 1 to %d visible ASCII characters without '+'",
                          TM_STR_ARG(name), TM_NOTE_NAME_MAX);
    tm_sign_generate(&signer->secret);
    signer->key.public = tm_sign_public_of(&signer->secret);
    name_key(&signer->key, name);
    return TM_OK;
}

enum tm_code tm_note_signer_save(const struct tm_note_signer *signer, const char *path, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_secret_release) text = TM_BUF_INIT;

    tm_buf_reserve(&text, TM_NOTE_KEY_FILE_MAX);
    tm_buf_add_str(&text, SECRET_PREFIX);
    spell(&signer->key, signer->secret.bytes, sizeof(signer->secret.bytes), &text);
    tm_buf_addc(&text, '\n');
    return tm_secret_create(path, tm_buf_str(&text), err);
}

enum tm_code tm_note_signer_load(struct tm_note_signer *signer, const char *path, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_secret_release) data = TM_BUF_INIT;
    struct tm_note_signer TM_CLEANUP(tm_note_signer_wipe) read = { .key = { .name = "" } };
    struct tm_str text, name, id;
    enum tm_code code = tm_secret_read(path, TM_NOTE_KEY_FILE_MAX, &data, err);

    if (code)
        return code;
    text = tm_str_trim(tm_buf_str(&data));
    /* No message may quote the file. */
    if (!tm_str_has_prefix(text, SECRET_PREFIX) ||
        !take_apart(tm_str_from(text, SECRET_PREFIX.len), &name, &id, read.secret.bytes,
                    sizeof(read.secret.bytes)))
        return tm_err_set(err, TM_E_FORMAT,
                          "'%s' holds no secret key of a signed note, make one: tidemark "
                          "ledger checkpoint-key --new NAME FILE",
                          path);
    read.key.public = tm_sign_public_of(&read.secret);
    name_key(&read.key, name);
    if (!has_id(&read.key, id))
        return tm_err_set(err, TM_E_FORMAT, "the id in key file '%s' is not that of its name and key", path);
    *signer = read;
    return TM_OK;
}
