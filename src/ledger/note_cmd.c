/* `tidemark ledger check-note` and `tidemark ledger checkpoint-key`: signed checkpoints and their keys. */
#include "base/json_write.h"
#include "ledger/ledger_cmd.h"
#include "ledger/note.h"

enum { OPT_KEY };

static const struct tm_opt check_opts[] = {
    [OPT_KEY] = { "key", 0, TM_OPT_STR, "KEY", "the verifier's key: <name>+<id>+<base 64>" },
    { NULL },
};

enum { OPT_NEW };

static const struct tm_opt key_opts[] = {
    [OPT_NEW] = { "new", 0, TM_OPT_STR, "NAME", "make the key first; FILE must not exist" },
    { NULL },
};

static void print_text(struct tm_buf *out, const struct tm_note_key *key, const struct tm_tree_head *head)
{
    tm_buf_addf(out, "the note is signed by '%s'\n  origin    ", key->name);
    tm_buf_add_escaped(out, head->origin);
    tm_buf_addf(out, "\n  size      %llu\n  root      ", (unsigned long long)head->size);
    tm_hash_add_hex(out, &head->root);
    tm_buf_addc(out, '\n');
}

/* head is NULL when the note is not signed: then nothing of it may be shown. */
static void print_json(struct tm_buf *out, const struct tm_note_key *key, const struct tm_tree_head *head,
                       const char *problem)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_member_bool(&w, "signed", head != NULL);
    tm_json_key(&w, "problem");
    if (problem)
        tm_json_puts(&w, problem);
    else
        tm_json_put_null(&w);
    tm_json_members(&w, "key", key->name);
    if (head) {
        tm_json_member_str(&w, "origin", head->origin);
        tm_json_member_u64(&w, "size", head->size);
        tm_hash_member(&w, "root", &head->root);
    }
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

static enum tm_code run_check(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) note = TM_BUF_INIT;
    struct tm_note_key key;
    struct tm_tree_head head;
    const char *name;
    enum tm_code code;

    if (!args->opts[OPT_KEY].given)
        return tm_err_set(err, TM_E_USAGE, "give the verifier's key: --key '<name>+<id>+<base 64>'");
    code = tm_note_key_parse(tm_str(args->opts[OPT_KEY].text), &key, err);
    if (!code)
        code = tm_ledger_read_word(args, TM_NOTE_MAX, &name, &note, err);
    if (!code)
        code = tm_note_open(tm_buf_str(&note), name, &key, &head, err);
    if (ctx->json && (!code || code == TM_E_NO))
        print_json(&ctx->out, &key, code ? NULL : &head, code ? err->msg : NULL);
    else if (!code)
        print_text(&ctx->out, &key, &head);
    return code;
}

static enum tm_code run_key(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_note_signer TM_CLEANUP(tm_note_signer_wipe) signer;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    enum tm_code code;

    if (args->n_words != 1)
        return tm_err_set(err, TM_E_USAGE,
                          "give one key file: tidemark ledger checkpoint-key [--new NAME] FILE");
    if (args->opts[OPT_NEW].given) {
        code = tm_note_signer_new(&signer, tm_str(args->opts[OPT_NEW].text), err);
        if (!code)
            code = tm_note_signer_save(&signer, args->words[0], err);
    } else {
        code = tm_note_signer_load(&signer, args->words[0], err);
    }
    if (code)
        return code;
    tm_note_key_spell(&signer.key, &text);
    if (ctx->json) {
        struct tm_json_writer w;

        tm_json_writer_init(&w, &ctx->out, 2);
        tm_json_object_begin(&w);
        tm_json_members(&w, "name", signer.key.name);
        tm_json_member_str(&w, "key", tm_buf_str(&text));
        tm_json_object_end(&w);
    } else {
        tm_buf_add_str(&ctx->out, tm_buf_str(&text));
    }
    tm_buf_addc(&ctx->out, '\n');
    return TM_OK;
}

const struct tm_cmd tm_ledger_check_note_cmd = {
    .name = "check-note",
    .summary = "verify a signed checkpoint, without a repository",
    .usage = "--key KEY [FILE|-]",
    .help = "Verifies a checkpoint that 'freeze --checkpoint-key' wrote and prints what it says: which\n"
            "ledger, how many entries, and their root, which 'check-proof --root' takes. Exit status: 0\n"
            "signed by KEY, 1 not, 3 it is no checkpoint.",
    .opts = check_opts,
    .needs = TM_NEEDS_JSON,
    .run = run_check,
};

const struct tm_cmd tm_ledger_checkpoint_key_cmd = {
    .name = "checkpoint-key",
    .summary = "make a key for signed checkpoints, or show its public part",
    .usage = "[--new NAME] FILE",
    .help = "Prints the verifier's key that belongs to the secret in FILE, which 'freeze --checkpoint-key'\n"
            "takes. With --new it makes the pair first; NAME is best a URL without its scheme, such as\n"
            "example.org/harbour. Keep FILE outside the repository.",
    .opts = key_opts,
    .needs = TM_NEEDS_JSON,
    .run = run_key,
};
