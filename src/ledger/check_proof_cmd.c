/* `tidemark ledger check-proof`: verifies a proof from itself and the roots that somebody knows. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "ledger/describe.h"
#include "ledger/ledger_cmd.h"
#include "ledger/proof.h"

enum { OPT_OLD_ROOT, OPT_ROOT };

static const struct tm_opt opts[] = {
    [OPT_OLD_ROOT] = { "old-root", 0, TM_OPT_STR, "ROOT,...", "the old roots must be exactly these" },
    [OPT_ROOT] = { "root", 0, TM_OPT_STR, "ROOT,...", "the roots must be exactly these" },
    { NULL },
};

/* One run of the command. */
struct check {
    struct tm_ctx *ctx;
    struct tm_arena arena;
    struct tm_proof proof;
    struct tm_proof_roots roots, old_roots;
};

static void release(struct check *check)
{
    tm_arena_release(&check->arena);
}

static enum tm_code read_roots(struct check *check, const struct tm_opt_value *given, const char *option,
                               struct tm_proof_roots *roots, struct tm_err *err)
{
    struct tm_str rest = tm_str(given->text), hex;
    struct tm_hash *items = tm_arena_array(&check->arena, rest.len + 1, sizeof(*items));

    if (!given->given)
        return TM_OK;
    do {
        if (!tm_str_split(&rest, ',', &hex) || !tm_hash_parse(hex, &items[roots->n++]))
            return tm_err_set(
                err, TM_E_USAGE,
                "--%s takes roots of 64 lower-case hexadecimal digits, with commas between them", option);
    } while (rest.len);
    roots->items = items;
    return TM_OK;
}

static enum tm_code read_proof(struct check *check, const struct tm_args *args, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    const char *name;
    enum tm_code code = tm_ledger_read_word(args, TM_PROOF_MAX, &name, &data, err);

    return code ? code : tm_proof_parse(&check->proof, &check->arena, name, tm_buf_str(&data), err);
}

/* What the entry says, as `ledger log` would; "" when that cannot be understood. */
static void describe(const struct check *check, const struct tm_ledger_entry *entry, struct tm_buf *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    tm_buf_addf(&path, "%.*s.ndjson", TM_STR_ARG(check->proof.trees->ledger));
    if (tm_ledger_describe(entry, tm_buf_str(&path), out, NULL))
        tm_buf_clear(out);
}

static void add_root(struct tm_buf *out, const char *what, const struct tm_hash *root, bool known)
{
    tm_buf_addf(out, "  %-8s  ", what);
    tm_hash_add_hex(out, root);
    tm_buf_adds(out, known ? ", as given\n" : ", by the proof itself\n");
}

static void print_inclusion(struct check *check)
{
    const struct tm_proof_tree *tree = check->proof.trees;
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) says = TM_BUF_INIT;
    struct tm_buf *out = &check->ctx->out;
    struct tm_ledger_entry entry;

    tm_ledger_parser_init(&parser);
    /* The proof was accepted, so its entry is one. */
    if (tm_proof_entry(&check->proof, &parser, &entry))
        return;
    describe(check, &entry, &says);
    tm_buf_addf(&text, "the proof holds: entry %llu of the %llu in ledger '%.*s' at freeze '%.*s'",
                (unsigned long long)tree->index + 1, (unsigned long long)tree->size, TM_STR_ARG(tree->ledger),
                TM_STR_ARG(check->proof.freeze));
    tm_buf_add_escaped(out, tm_buf_str(&text));
    tm_buf_adds(out, "\n  id        ");
    tm_hash_add_hex(out, &entry.id);
    tm_buf_clear(&text);
    tm_clock_add_stamp(&text, entry.ts_s);
    tm_buf_addf(&text, "  %.*s", TM_STR_ARG(entry.kind));
    if (entry.module.len)
        tm_buf_addf(&text, "  %.*s", TM_STR_ARG(entry.module));
    if (says.len)
        tm_buf_addf(&text, "  %s", says.data);
    tm_buf_adds(out, "\n  entry     ");
    tm_buf_add_escaped(out, tm_buf_str(&text));
    tm_buf_addc(out, '\n');
    add_root(out, "root", &tree->root, check->roots.n > 0);
}

static void print_consistency(struct check *check)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf *out = &check->ctx->out;

    tm_buf_addf(&text, "the proof holds: the ledgers of freeze '%.*s' begin with those of '%.*s'",
                TM_STR_ARG(check->proof.freeze), TM_STR_ARG(check->proof.old_freeze));
    tm_buf_add_escaped(out, tm_buf_str(&text));
    tm_buf_addc(out, '\n');
    for (size_t i = 0; i < check->proof.n_trees; i++) {
        const struct tm_proof_tree *tree = &check->proof.trees[i];

        tm_buf_addf(out, "%.*s: %llu entries, %llu before\n", TM_STR_ARG(tree->ledger),
                    (unsigned long long)tree->size, (unsigned long long)tree->old_size);
        if (tree->old_size)
            add_root(out, "old root", &tree->old_root, check->old_roots.n > 0);
        add_root(out, "root", &tree->root, check->roots.n > 0);
    }
}

static void print_tree(struct tm_json_writer *w, const struct tm_proof *proof,
                       const struct tm_proof_tree *tree)
{
    tm_json_object_begin(w);
    tm_json_member_str(w, "ledger", tree->ledger);
    tm_json_member_str(w, "log", tree->log);
    tm_json_member_u64(w, "size", tree->size);
    tm_hash_member(w, "root", &tree->root);
    if (proof->kind == TM_PROOF_CONSISTENCY) {
        tm_json_member_u64(w, "old_size", tree->old_size);
        tm_hash_member(w, "old_root", &tree->old_root);
    }
    tm_json_object_end(w);
}

static void print_json(struct check *check, const struct tm_err *no)
{
    const struct tm_proof *proof = &check->proof;
    struct tm_json_writer w;

    tm_json_writer_init(&w, &check->ctx->out, 2);
    tm_json_object_begin(&w);
    tm_json_member_bool(&w, "holds", !no->code);
    tm_json_key(&w, "problem");
    if (no->code)
        tm_json_puts(&w, no->msg);
    else
        tm_json_put_null(&w);
    tm_json_members(&w, "kind", tm_proof_kind_name(proof->kind));
    if (proof->kind == TM_PROOF_CONSISTENCY)
        tm_json_member_str(&w, "old_freeze", proof->old_freeze);
    tm_json_member_str(&w, "freeze", proof->freeze);
    if (proof->kind == TM_PROOF_INCLUSION) {
        struct tm_hash id = tm_hash_of(proof->entry);

        tm_hash_member(&w, "id", &id);
        tm_json_member_u64(&w, "index", proof->trees->index);
        tm_json_key(&w, "entry");
        tm_json_put_raw(&w, proof->entry);
    }
    tm_json_member_bool(&w, "roots_given", check->roots.n > 0);
    tm_json_member_bool(&w, "old_roots_given", check->old_roots.n > 0);
    tm_json_key(&w, "ledgers");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < proof->n_trees; i++)
        print_tree(&w, proof, &proof->trees[i]);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(&check->ctx->out, '\n');
}

static enum tm_code judge(struct check *check, struct tm_err *err)
{
    enum tm_code code = tm_proof_check(&check->proof, check->roots, check->old_roots, err);

    if (check->ctx->json)
        print_json(check, err);
    else if (!code && check->proof.kind == TM_PROOF_INCLUSION)
        print_inclusion(check);
    else if (!code)
        print_consistency(check);
    return code ? tm_err_wrap(err, "the proof does not hold") : TM_OK;
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct check TM_CLEANUP(release) check = { .ctx = ctx, .arena = TM_ARENA_INIT };
    enum tm_code code;

    code = read_roots(&check, &args->opts[OPT_ROOT], "root", &check.roots, err);
    if (!code)
        code = read_roots(&check, &args->opts[OPT_OLD_ROOT], "old-root", &check.old_roots, err);
    if (!code)
        code = read_proof(&check, args, err);
    return code ? code : judge(&check, err);
}

const struct tm_cmd tm_ledger_check_proof_cmd = {
    .name = "check-proof",
    .summary = "verify a proof, without a repository",
    .usage = "[--root ROOT,...] [--old-root ROOT,...] [FILE|-]",
    .help = "Verifies what 'ledger proof' or 'ledger prove-append' printed, from FILE or standard input. A "
            "proof\n"
            "only says what follows from its roots: give those that you know from a freeze record or a\n"
            "checkpoint. Exit status: 0 it holds, 1 it does not, 3 it is none.",
    .opts = opts,
    .needs = TM_NEEDS_JSON,
    .run = run,
};
