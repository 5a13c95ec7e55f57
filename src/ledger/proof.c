#include "ledger/proof.h"

#include "base/json_write.h"

/* Bytes of a proof from the line of its sha256 on. */
enum { LAST_LINES = sizeof("  \"sha256\": \"\"\n}\n") - 1 + TM_HASH_HEX };

static const char *const kinds[] = {
    [TM_PROOF_INCLUSION] = "inclusion", [TM_PROOF_CONSISTENCY] = "consistency"
};

const char *tm_proof_kind_name(enum tm_proof_kind kind)
{
    return kinds[kind];
}

static void put_tree(struct tm_json_writer *w, const struct tm_proof_tree *tree, enum tm_proof_kind kind)
{
    tm_json_member_str(w, "ledger", tree->ledger);
    tm_json_member_str(w, "log", tree->log);
    tm_json_member_u64(w, "size", tree->size);
    tm_hash_member(w, "root", &tree->root);
    if (kind == TM_PROOF_INCLUSION) {
        tm_json_member_u64(w, "index", tree->index);
    } else {
        tm_json_member_u64(w, "old_size", tree->old_size);
        tm_hash_member(w, "old_root", &tree->old_root);
    }
    tm_json_key(w, "hashes");
    tm_json_array_begin(w);
    for (size_t i = 0; i < tree->n_hashes; i++)
        tm_hash_put(w, &tree->hashes[i]);
    tm_json_array_end(w);
}

static void put_trees(struct tm_json_writer *w, const struct tm_proof *proof)
{
    tm_json_key(w, "ledgers");
    tm_json_array_begin(w);
    for (size_t i = 0; i < proof->n_trees; i++) {
        tm_json_object_begin(w);
        put_tree(w, &proof->trees[i], proof->kind);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

void tm_proof_spell(const struct tm_proof *proof, struct tm_buf *out)
{
    struct tm_json_writer w;

    tm_buf_clear(out);
    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_members(&w, "format", TM_PROOF_FORMAT);
    tm_json_members(&w, "kind", kinds[proof->kind]);
    if (proof->kind == TM_PROOF_CONSISTENCY)
        tm_json_member_str(&w, "old_freeze", proof->old_freeze);
    tm_json_member_str(&w, "freeze", proof->freeze);
    if (proof->kind == TM_PROOF_CONSISTENCY) {
        put_trees(&w, proof);
    } else {
        put_tree(&w, proof->trees, proof->kind);
        tm_json_member_str(&w, "entry", proof->entry);
    }
    tm_hash_member(&w, "sha256", &proof->sha256);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

void tm_proof_seal(struct tm_proof *proof)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) spelled = TM_BUF_INIT;
    struct tm_str all;

    tm_proof_spell(proof, &spelled);
    all = tm_buf_str(&spelled);
    proof->sha256 = tm_hash_of(tm_str_n(all.data, all.len - LAST_LINES));
}

enum tm_ledger_flaw tm_proof_entry(const struct tm_proof *proof, struct tm_ledger_parser *parser,
                                   struct tm_ledger_entry *entry)
{
    enum tm_ledger_flaw flaw = tm_ledger_parse(parser, proof->entry, entry);

    if (!flaw)
        entry->id = tm_hash_of(proof->entry);
    return flaw;
}

static enum tm_code check_inclusion(const struct tm_proof *proof, struct tm_err *err)
{
    const struct tm_proof_tree *tree = proof->trees;
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_ledger_entry entry;
    struct tm_hash leaf;

    tm_ledger_parser_init(&parser);
    if (tm_proof_entry(proof, &parser, &entry) || !tm_str_eq(entry.log, tree->log))
        return tm_err_set(err, TM_E_NO, "the entry is not of the ledger that the proof is about");
    leaf = tm_merkle_leaf(tm_str_n((const char *)entry.id.bytes, TM_HASH_LEN));
    if (!tm_merkle_includes(&tree->root, tree->size, tree->index, &leaf, tree->hashes, tree->n_hashes))
        return tm_err_set(err, TM_E_NO, "the hashes do not lead from the entry to the root");
    return TM_OK;
}

static enum tm_code check_consistency(const struct tm_proof *proof, struct tm_err *err)
{
    for (size_t i = 0; i < proof->n_trees; i++) {
        const struct tm_proof_tree *tree = &proof->trees[i];

        if (!tm_merkle_extends(&tree->root, tree->size, &tree->old_root, tree->old_size, tree->hashes,
                               tree->n_hashes))
            return tm_err_set(err, TM_E_NO,
                              "the hashes do not lead from the old root of ledger '%.*s' to the new one",
                              TM_STR_ARG(tree->ledger));
    }
    return TM_OK;
}

static bool has_root(struct tm_proof_roots roots, const struct tm_hash *root)
{
    for (size_t i = 0; i < roots.n; i++)
        if (tm_hash_cmp(&roots.items[i], root) == 0)
            return true;
    return false;
}

/* The roots of the proof, or its old ones, against those insisted on: the same set. */
static enum tm_code check_roots(const struct tm_proof *proof, struct tm_proof_roots roots, bool old,
                                struct tm_err *err)
{
    struct tm_hash own[TM_PROOF_TREES_MAX];
    struct tm_proof_roots owned = { own, 0 };

    for (size_t i = 0; i < proof->n_trees; i++) {
        const struct tm_proof_tree *tree = &proof->trees[i];

        if (old && tree->old_size == 0)
            continue;
        own[owned.n] = old ? tree->old_root : tree->root;
        if (!has_root(roots, &own[owned.n++]))
            return tm_err_set(err, TM_E_NO, "the %sroot of ledger '%.*s' is not one of those given",
                              old ? "old " : "", TM_STR_ARG(tree->ledger));
    }
    for (size_t i = 0; i < roots.n; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

        if (has_root(owned, &roots.items[i]))
            continue;
        tm_hash_add_hex(&hex, &roots.items[i]);
        return tm_err_set(err, TM_E_NO, "no ledger of the proof has the %sroot '%s'", old ? "old " : "",
                          hex.data);
    }
    return TM_OK;
}

static enum tm_code check_digest(const struct tm_proof *proof, struct tm_err *err)
{
    struct tm_proof sealed = *proof;

    tm_proof_seal(&sealed);
    if (tm_hash_cmp(&sealed.sha256, &proof->sha256) != 0)
        return tm_err_set(err, TM_E_NO, "the proof was changed since it was made: its sha256 is another");
    return TM_OK;
}

enum tm_code tm_proof_check(const struct tm_proof *proof, struct tm_proof_roots roots,
                            struct tm_proof_roots old_roots, struct tm_err *err)
{
    enum tm_code code =
        proof->kind == TM_PROOF_INCLUSION ? check_inclusion(proof, err) : check_consistency(proof, err);

    if (!code && roots.n)
        code = check_roots(proof, roots, false, err);
    if (!code && old_roots.n)
        code = check_roots(proof, old_roots, true, err);
    return code ? code : check_digest(proof, err);
}
