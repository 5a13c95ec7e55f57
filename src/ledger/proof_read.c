/*
 * Reading a proof. Members are looked up by name; that there are no others, and all in their order and
 * spelling, is seen by spelling what was read again.
 */
#include "base/json_members.h"
#include "ledger/proof.h"

static enum tm_code get_hashes(const struct tm_json_members *p, const struct tm_json_node *node,
                               struct tm_proof_tree *tree)
{
    const struct tm_json_node *list = tm_json_get(node, "hashes");
    struct tm_hash *hashes;

    if (!list || list->kind != TM_JSON_KIND_ARRAY)
        return tm_json_members_wrong(p, node, "hashes");
    if (list->count > TM_MERKLE_PROOF_MAX)
        return tm_err_set(p->err, TM_E_LIMIT, "'%s' has %zu hashes for one ledger, the limit is %d",
                          p->doc->name, list->count, TM_MERKLE_PROOF_MAX);
    hashes = tm_arena_array(p->arena, list->count, sizeof(*hashes));
    for (const struct tm_json_node *n = list->child; n; n = n->next) {
        struct tm_str hex;

        if (!tm_json_node_str(n, &hex) || !tm_hash_parse(hex, &hashes[tree->n_hashes++]))
            return tm_json_doc_fail(p->doc, n, p->err, "'hashes' are of 64 hexadecimal digits");
    }
    tree->hashes = hashes;
    return TM_OK;
}

/* A name as a kind or ledger has it. */
static bool is_name(struct tm_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];

        if (!(c >= 'a' && c <= 'z') && (i == 0 || (!(c >= '0' && c <= '9') && c != '_')))
            return false;
    }
    return s.len > 0;
}

static enum tm_code get_tree(const struct tm_json_members *p, const struct tm_json_node *node,
                             enum tm_proof_kind kind, struct tm_proof_tree *tree)
{
    enum tm_code code = tm_json_members_str(p, node, "ledger", 1, TM_LEDGER_NAME_MAX, &tree->ledger);

    if (!code && !is_name(tree->ledger))
        code = tm_json_members_wrong(p, node, "ledger");
    if (!code)
        code = tm_json_members_str(p, node, "log", 1, TM_LEDGER_LOG_HEX, &tree->log);
    if (!code && !tm_str_is_hex(tree->log, TM_LEDGER_LOG_HEX))
        code = tm_json_members_wrong(p, node, "log");
    if (!code)
        code = tm_json_members_u64(p, node, "size", 1, TM_LEDGER_NUMBER_MAX, &tree->size);
    if (!code)
        code = tm_json_members_hash(p, node, "root", &tree->root);
    if (!code && kind == TM_PROOF_INCLUSION)
        code = tm_json_members_u64(p, node, "index", 0, TM_LEDGER_NUMBER_MAX, &tree->index);
    if (!code && kind == TM_PROOF_CONSISTENCY)
        code = tm_json_members_u64(p, node, "old_size", 0, TM_LEDGER_NUMBER_MAX, &tree->old_size);
    if (!code && kind == TM_PROOF_CONSISTENCY)
        code = tm_json_members_hash(p, node, "old_root", &tree->old_root);
    return code ? code : get_hashes(p, node, tree);
}

static enum tm_code get_inclusion(const struct tm_json_members *p, const struct tm_json_node *root,
                                  struct tm_proof *proof)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_ledger_entry entry;
    enum tm_ledger_flaw flaw;
    enum tm_code code;

    proof->kind = TM_PROOF_INCLUSION;
    proof->trees = tm_arena_array(p->arena, 1, sizeof(*proof->trees));
    proof->n_trees = 1;
    tm_ledger_parser_init(&parser);
    code = get_tree(p, root, proof->kind, proof->trees);
    if (!code)
        code = tm_json_members_str(p, root, "entry", 1, TM_LEDGER_LINE_MAX, &proof->entry);
    if (code)
        return code;
    flaw = tm_proof_entry(proof, &parser, &entry);
    if (flaw)
        return tm_json_doc_fail(p->doc, tm_json_get(root, "entry"), p->err, "'entry' is none of a ledger: %s",
                                tm_ledger_flaw_text(flaw));
    return TM_OK;
}

static enum tm_code get_consistency(const struct tm_json_members *p, const struct tm_json_node *root,
                                    struct tm_proof *proof)
{
    const struct tm_json_node *list = tm_json_get(root, "ledgers");
    enum tm_code code = tm_json_members_str(p, root, "old_freeze", 1, TM_PROOF_TAG_MAX, &proof->old_freeze);

    proof->kind = TM_PROOF_CONSISTENCY;
    if (code)
        return code;
    if (!list || list->kind != TM_JSON_KIND_ARRAY || list->count == 0)
        return tm_json_members_wrong(p, root, "ledgers");
    if (list->count > TM_PROOF_TREES_MAX)
        return tm_err_set(p->err, TM_E_LIMIT, "'%s' has %zu ledgers, the limit is %d", p->doc->name,
                          list->count, TM_PROOF_TREES_MAX);
    proof->trees = tm_arena_array(p->arena, list->count, sizeof(*proof->trees));
    for (const struct tm_json_node *n = list->child; n && !code; n = n->next) {
        struct tm_proof_tree *tree = &proof->trees[proof->n_trees++];

        code = get_tree(p, n, proof->kind, tree);
        if (!code && tree > proof->trees && tm_str_cmp(tree[-1].ledger, tree->ledger) >= 0)
            code = tm_json_doc_fail(p->doc, n, p->err, "'ledgers' are not in the order of their names");
    }
    return code;
}

static enum tm_code get_proof(const struct tm_json_members *p, const struct tm_json_node *root,
                              struct tm_proof *proof)
{
    struct tm_str format = TM_STR(""), kind = TM_STR("");
    enum tm_code code;

    if (root->kind != TM_JSON_KIND_OBJECT)
        return tm_json_doc_fail(p->doc, root, p->err, "a proof is an object");
    if (!tm_json_node_str(tm_json_get(root, "format"), &format))
        return tm_json_members_wrong(p, root, "format");
    if (!tm_str_is(format, TM_PROOF_FORMAT))
        return tm_json_doc_fail(p->doc, tm_json_get(root, "format"), p->err,
                                "proofs of format '%.*s' cannot be read", TM_STR_ARG(format));
    code = tm_json_members_str(p, root, "freeze", 1, TM_PROOF_TAG_MAX, &proof->freeze);
    if (!code)
        code = tm_json_members_str(p, root, "kind", 1, TM_LEDGER_NAME_MAX, &kind);
    if (!code && tm_str_is(kind, "inclusion"))
        code = get_inclusion(p, root, proof);
    else if (!code && tm_str_is(kind, "consistency"))
        code = get_consistency(p, root, proof);
    else if (!code)
        code = tm_json_members_wrong(p, root, "kind");
    return code ? code : tm_json_members_hash(p, root, "sha256", &proof->sha256);
}

/* Where two texts part. */
static size_t first_difference(struct tm_str a, struct tm_str b)
{
    size_t at = 0;

    while (at < a.len && at < b.len && a.data[at] == b.data[at])
        at++;
    return at;
}

static enum tm_code check_spelling(const struct tm_json_doc *doc, const struct tm_proof *proof,
                                   struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) spelled = TM_BUF_INIT;
    size_t line, column;

    tm_proof_spell(proof, &spelled);
    if (tm_str_eq(doc->data, tm_buf_str(&spelled)))
        return TM_OK;
    tm_json_place(doc->data, first_difference(doc->data, tm_buf_str(&spelled)), &line, &column);
    return tm_err_set(err, TM_E_FORMAT, "not spelled as a proof is, from line %zu, column %zu of '%s'", line,
                      column, doc->name);
}

enum tm_code tm_proof_parse(struct tm_proof *proof, struct tm_arena *arena, const char *name,
                            struct tm_str data, struct tm_err *err)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_json_members p = { &doc, "a proof", arena, err };
    struct tm_proof read = { .kind = TM_PROOF_INCLUSION };
    enum tm_code code;

    if (data.len > TM_PROOF_MAX)
        return tm_err_set(err, TM_E_LIMIT, "proof '%s' has more than %d bytes", name, TM_PROOF_MAX);
    code = tm_json_doc_parse(&doc, name, data, err);
    if (!code)
        code = get_proof(&p, doc.root, &read);
    if (!code)
        code = check_spelling(&doc, &read, err);
    if (!code)
        *proof = read;
    return code;
}
