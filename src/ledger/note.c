#include "ledger/note.h"

#include "base/base64.h"

#define DASH TM_STR("\xE2\x80\x94 ")

void tm_note_sign(const struct tm_tree_head *head, const struct tm_note_signer *signer, struct tm_buf *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
    struct tm_signature signature;

    tm_buf_clear(out);
    tm_buf_add_str(out, head->origin);
    tm_buf_addf(out, "\n%llu\n", (unsigned long long)head->size);
    tm_base64_add(out, head->root.bytes, sizeof(head->root.bytes));
    tm_buf_addc(out, '\n');
    signature = tm_sign(&signer->secret, tm_buf_str(out));
    tm_buf_add(&bytes, signer->key.id, sizeof(signer->key.id));
    tm_buf_add(&bytes, signature.bytes, sizeof(signature.bytes));
    tm_buf_addc(out, '\n');
    tm_buf_add_str(out, DASH);
    tm_buf_addf(out, "%s ", signer->key.name);
    tm_base64_add(out, bytes.data, bytes.len);
    tm_buf_addc(out, '\n');
}

static enum tm_code no_note(const char *name, const char *why, struct tm_err *err)
{
    return tm_err_set(err, TM_E_FORMAT, "'%s' is no signed note: %s", name, why);
}

/* Splits a note at its last empty line: the text with its final LF, and the signature lines. */
static enum tm_code split(struct tm_str note, const char *name, struct tm_str *text, struct tm_str *lines,
                          struct tm_err *err)
{
    size_t at = SIZE_MAX;

    if (note.len > TM_NOTE_MAX)
        return tm_err_set(err, TM_E_LIMIT, "'%s' has more than %d bytes", name, TM_NOTE_MAX);
    if (!tm_str_is_utf8(note))
        return no_note(name, "it is not UTF-8", err);
    for (size_t i = 0; i < note.len; i++) {
        if ((unsigned char)note.data[i] < ' ' && note.data[i] != '\n')
            return no_note(name, "it has control characters, or its line ends were converted", err);
        if (i && note.data[i] == '\n' && note.data[i - 1] == '\n')
            at = i;
    }
    if (at == SIZE_MAX)
        return no_note(name, "it has no empty line before its signatures", err);
    *text = tm_str_n(note.data, at);
    *lines = tm_str_from(note, at + 1);
    if (lines->len == 0 || note.data[note.len - 1] != '\n')
        return no_note(name, "it does not end with a signature line", err);
    return TM_OK;
}

/* Takes a signature line apart: name, and what the base 64 stands for, which begins with the id. */
static bool read_line(struct tm_str line, struct tm_str *signer, struct tm_buf *bytes)
{
    if (!tm_str_has_prefix(line, DASH))
        return false;
    line = tm_str_from(line, DASH.len);
    return tm_str_split(&line, ' ', signer) && signer->len && tm_base64_read(line, bytes) &&
           bytes->len > TM_NOTE_ID_LEN;
}

static bool is_by(const struct tm_note_key *key, struct tm_str signer, const struct tm_buf *bytes)
{
    return tm_str_is(signer, key->name) && memcmp(bytes->data, key->id, TM_NOTE_ID_LEN) == 0;
}

static bool is_good(const struct tm_note_key *key, struct tm_str text, const struct tm_buf *bytes)
{
    struct tm_signature signature;

    if (bytes->len != TM_NOTE_ID_LEN + TM_SIGN_LEN)
        return false;
    memcpy(signature.bytes, bytes->data + TM_NOTE_ID_LEN, TM_SIGN_LEN);
    return tm_sign_verify(&key->public, text, &signature);
}

static enum tm_code verify(struct tm_str text, struct tm_str lines, const char *name,
                           const struct tm_note_key *key, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
    struct tm_str line, signer;
    bool signed_by_key = false;

    while (lines.len && tm_str_split(&lines, '\n', &line)) {
        if (!read_line(line, &signer, &bytes))
            return no_note(name, "a signature line is not spelled as one", err);
        if (!is_by(key, signer, &bytes))
            continue;
        if (!is_good(key, text, &bytes))
            return tm_err_set(err, TM_E_NO, "the signature by '%s' in '%s' is wrong", key->name, name);
        signed_by_key = true;
    }
    if (!signed_by_key)
        return tm_err_set(err, TM_E_NO, "'%s' is not signed by that key of '%s'", name, key->name);
    return TM_OK;
}

static bool read_size(struct tm_str text, uint64_t *size)
{
    return tm_str_u64(text, size) && (text.len == 1 || text.data[0] != '0');
}

static bool read_root(struct tm_str text, struct tm_hash *root)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;

    if (!tm_base64_read(text, &bytes) || bytes.len != sizeof(root->bytes))
        return false;
    memcpy(root->bytes, bytes.data, sizeof(root->bytes));
    return true;
}

/* Reads a text that is known to end with LF. */
static bool read_head(struct tm_str text, struct tm_tree_head *head)
{
    struct tm_str size, root, more;

    if (!tm_str_split(&text, '\n', &head->origin) || head->origin.len == 0 || !text.len ||
        !tm_str_split(&text, '\n', &size) || !read_size(size, &head->size) || !text.len ||
        !tm_str_split(&text, '\n', &root) || !read_root(root, &head->root))
        return false;
    while (text.len && tm_str_split(&text, '\n', &more))
        if (more.len == 0)
            return false;
    return true;
}

enum tm_code tm_note_open(struct tm_str note, const char *name, const struct tm_note_key *key,
                          struct tm_tree_head *head, struct tm_err *err)
{
    struct tm_str text, lines;
    struct tm_tree_head read;
    enum tm_code code = split(note, name, &text, &lines, err);

    if (!code)
        code = verify(text, lines, name, key, err);
    if (code)
        return code;
    if (!read_head(text, &read))
        return tm_err_set(err, TM_E_FORMAT, "'%s' is signed, but its text is no checkpoint", name);
    *head = read;
    return TM_OK;
}
