#include "ledger/prove.h"

#include "base/alloc.h"
#include "ledger/freezes.h"

/* What making a proof goes by. */
struct proving {
    const struct tm_repo *repo;
    struct tm_arena *arena;
    struct tm_ledger_freezes freezes;
};

static struct tm_ledger_file ledger_file(struct proving *p, struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) file = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    tm_buf_addf(&file, "%.*s.ndjson", TM_STR_ARG(name));
    tm_repo_ledger(p->repo, file.data, &path);
    return tm_ledger_in(p->repo, tm_arena_str(p->arena, tm_buf_str(&path)));
}

static enum tm_code begin(struct proving *p, struct tm_err *err)
{
    struct tm_ledger_file file = ledger_file(p, TM_STR("freeze"));

    return tm_ledger_freezes_read(&file, &p->freezes, err);
}

static void finish(struct proving *p)
{
    tm_ledger_freezes_release(&p->freezes);
}

static enum tm_code find_freeze(struct proving *p, const char *tag, size_t *at, struct tm_err *err)
{
    *at = tm_ledger_freezes_find(&p->freezes, tm_str(tag));
    if (*at == TM_FREEZE_NONE)
        return tm_err_set(err, TM_E_NOT_FOUND,
                          "no freeze '%s' in the freeze ledger, 'tidemark ledger log freeze' shows them",
                          tag);
    return TM_OK;
}

/* The leaves of a ledger at a freeze that pinned it. */
static enum tm_code read_leaves(struct proving *p, size_t freeze, const struct tm_ledger_pin *pin,
                                struct tm_ledger_leaves *leaves, struct tm_err *err)
{
    struct tm_ledger_file file = ledger_file(p, pin->name);
    struct tm_ledger_heads *batches;
    struct tm_hash root;
    size_t n;
    enum tm_code code;

    tm_ledger_freezes_batches(&p->freezes, freeze, pin->name, p->arena, &batches, &n);
    code = tm_ledger_leaves_read(&file, batches, n, leaves, err);
    if (code)
        return code;
    root = tm_ledger_leaves_root(leaves, leaves->n);
    if (leaves->n != pin->entries || tm_hash_cmp(&root, &pin->root) != 0)
        return tm_err_set(err, TM_E_FORMAT, "'%.*s' does not give the root that freeze '%.*s' pinned",
                          TM_STR_ARG(file.path), TM_STR_ARG(p->freezes.items[freeze].act.tag));
    return TM_OK;
}

/* The hashes of n leaves with these ids. */
static struct tm_hash *hash_leaves(const struct tm_ledger_leaves *leaves)
{
    struct tm_hash *hashes = tm_alloc_array(leaves->n, sizeof(*hashes));

    for (size_t i = 0; i < leaves->n; i++)
        hashes[i] = tm_merkle_leaf(tm_str_n((const char *)leaves->ids[i].bytes, TM_HASH_LEN));
    return hashes;
}

static const struct tm_hash *keep_hashes(struct proving *p, const struct tm_hash *hashes, size_t n)
{
    struct tm_hash *kept = tm_arena_array(p->arena, n, sizeof(*kept));

    if (n)
        memcpy(kept, hashes, n * sizeof(*kept));
    return kept;
}

static struct tm_proof_tree tree_of(struct proving *p, const struct tm_ledger_pin *pin)
{
    return (struct tm_proof_tree) { .ledger = tm_arena_str(p->arena, pin->name),
                                    .log = tm_arena_str(p->arena, pin->log),
                                    .size = pin->entries,
                                    .root = pin->root };
}

/* ---- An entry ---- */

/* The search for an entry by the first digits of its id. */
struct search {
    struct proving *p;
    struct tm_str prefix;
    struct tm_str ledger; /* the one that is read */
    struct tm_hash id;
    struct tm_str found_in, line; /* "" until found */
};

static enum tm_code match(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct search *s = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) other = TM_BUF_INIT;

    if (entry->adopted)
        return TM_OK;
    tm_hash_add_hex(&hex, &entry->id);
    if (!tm_str_has_prefix(tm_buf_str(&hex), s->prefix))
        return TM_OK;
    if (s->line.len) {
        tm_hash_add_hex(&other, &s->id);
        return tm_err_set(err, TM_E_USAGE,
                          "two entries begin with '%.*s', give more digits: %.16s in %.*s, %.16s in %.*s",
                          TM_STR_ARG(s->prefix), other.data, TM_STR_ARG(s->found_in), hex.data,
                          TM_STR_ARG(s->ledger));
    }
    s->id = entry->id;
    s->found_in = s->ledger;
    s->line = tm_arena_str(s->p->arena, entry->text);
    return TM_OK;
}

static enum tm_code check_prefix(struct tm_str id, struct tm_err *err)
{
    if (id.len < TM_PROVE_PREFIX_MIN || id.len > TM_HASH_HEX || !tm_str_is_hex(id, id.len))
        return tm_err_set(err, TM_E_USAGE,
                          "'%.*s' is no id of an entry: give %d to %d lower-case hexadecimal digits",
                          TM_STR_ARG(id), TM_PROVE_PREFIX_MIN, TM_HASH_HEX);
    return TM_OK;
}

static enum tm_code find_entry(struct search *s, const char *only, struct tm_err *err)
{
    bool looked = false;
    enum tm_code code = check_prefix(s->prefix, err);

    for (size_t i = 0; tm_ledger_names[i] && !code; i++) {
        struct tm_ledger_file file = ledger_file(s->p, tm_str(tm_ledger_names[i]));

        if (only && strcmp(only, tm_ledger_names[i]) != 0)
            continue;
        looked = true;
        s->ledger = tm_str(tm_ledger_names[i]);
        code = tm_ledger_read(&file, match, s, NULL, err);
    }
    if (!code && !looked)
        return tm_err_set(err, TM_E_USAGE,
                          "no ledger '%s', name one of bench, coverage, freeze, scaffold, test_scaffold",
                          only);
    if (!code && s->line.len == 0)
        return tm_err_set(err, TM_E_NOT_FOUND, "no entry '%.*s', 'tidemark ledger log' shows them",
                          TM_STR_ARG(s->prefix));
    return code;
}

static size_t index_of(const struct tm_ledger_leaves *leaves, const struct tm_hash *id)
{
    for (size_t i = 0; i < leaves->n; i++)
        if (tm_hash_cmp(&leaves->ids[i], id) == 0)
            return i;
    return SIZE_MAX;
}

/* The leaves of one freeze; *index is SIZE_MAX when the entry is none of them. */
static enum tm_code look_at(struct search *s, size_t freeze, struct tm_ledger_leaves *leaves, size_t *index,
                            struct tm_err *err)
{
    const struct tm_ledger_pin *pin = tm_freeze_pin(&s->p->freezes.items[freeze].act, s->found_in);
    enum tm_code code;

    *index = SIZE_MAX;
    if (!pin)
        return TM_OK;
    tm_ledger_leaves_release(leaves);
    code = read_leaves(s->p, freeze, pin, leaves, err);
    if (!code)
        *index = index_of(leaves, &s->id);
    return code;
}

/* The freeze that was asked for. */
static enum tm_code take_freeze(struct search *s, const char *tag, size_t *freeze,
                                struct tm_ledger_leaves *leaves, size_t *index, struct tm_err *err)
{
    enum tm_code code = find_freeze(s->p, tag, freeze, err);

    if (!code)
        code = look_at(s, *freeze, leaves, index, err);
    if (!code && *index == SIZE_MAX)
        return tm_err_set(err, TM_E_REFUSED,
                          "freeze '%s' does not have the entry, leave --freeze out to find one that does",
                          tag);
    return code;
}

/* The last freeze that has the entry. A ledger is read once for each line: what its end lacks, all lack. */
static enum tm_code choose_freeze(struct search *s, size_t *freeze, struct tm_ledger_leaves *leaves,
                                  size_t *index, struct tm_err *err)
{
    const struct tm_ledger_freezes *freezes = &s->p->freezes;
    bool *lacks = tm_arena_array(s->p->arena, freezes->n, sizeof(*lacks));

    for (size_t i = freezes->n; i-- > 0;) {
        enum tm_code code;

        if (lacks[i] || !tm_freeze_pin(&freezes->items[i].act, s->found_in))
            continue;
        *freeze = i;
        code = look_at(s, i, leaves, index, err);
        if (code || *index != SIZE_MAX)
            return code;
        for (size_t k = i; k != TM_FREEZE_NONE; k = freezes->items[k].follows)
            lacks[k] = true;
    }
    return tm_err_set(err, TM_E_REFUSED,
                      "no freeze has the entry yet, so there is nothing to prove it by, make one: "
                      "tidemark freeze TAG");
}

static enum tm_code prove_entry(struct search *s, const char *tag, struct tm_proof *proof, struct tm_err *err)
{
    struct tm_ledger_leaves TM_CLEANUP(tm_ledger_leaves_release) leaves = { 0 };
    struct tm_hash *TM_CLEANUP(tm_freep) hashes = NULL;
    struct tm_hash path[TM_MERKLE_PROOF_MAX];
    struct tm_proof_tree *tree = tm_arena_array(s->p->arena, 1, sizeof(*tree));
    const struct tm_freeze_act *act;
    size_t freeze = 0, index = 0;
    enum tm_code code = tag ? take_freeze(s, tag, &freeze, &leaves, &index, err)
                            : choose_freeze(s, &freeze, &leaves, &index, err);

    if (code)
        return code;
    act = &s->p->freezes.items[freeze].act;
    hashes = hash_leaves(&leaves);
    *tree = tree_of(s->p, tm_freeze_pin(act, s->found_in));
    tree->index = index;
    tree->n_hashes = tm_merkle_inclusion(hashes, leaves.n, index, path);
    tree->hashes = keep_hashes(s->p, path, tree->n_hashes);
    *proof = (struct tm_proof) { .kind = TM_PROOF_INCLUSION,
                                 .freeze = tm_arena_str(s->p->arena, act->tag),
                                 .entry = s->line,
                                 .trees = tree,
                                 .n_trees = 1 };
    tm_proof_seal(proof);
    return TM_OK;
}

enum tm_code tm_prove_inclusion(const struct tm_repo *repo, const struct tm_prove_entry *what,
                                struct tm_arena *arena, struct tm_proof *proof, struct tm_err *err)
{
    struct proving TM_CLEANUP(finish) p = { repo, arena, TM_LEDGER_FREEZES_INIT };
    struct search s = { .p = &p, .prefix = what->id, .line = TM_STR("") };
    enum tm_code code = find_entry(&s, what->ledger, err);

    if (!code)
        code = begin(&p, err);
    return code ? code : prove_entry(&s, what->freeze, proof, err);
}

/* ---- Two freezes ---- */

static enum tm_code check_line(struct proving *p, size_t old, size_t new, struct tm_err *err)
{
    struct tm_str old_tag = p->freezes.items[old].act.tag, tag = p->freezes.items[new].act.tag;

    if (tm_ledger_freezes_in_line(&p->freezes, old, new))
        return TM_OK;
    if (tm_ledger_freezes_in_line(&p->freezes, new, old))
        return tm_err_set(err, TM_E_USAGE, "freeze '%.*s' comes after '%.*s', give the older one first",
                          TM_STR_ARG(old_tag), TM_STR_ARG(tag));
    return tm_err_set(err, TM_E_NO,
                      "freeze '%.*s' does not follow '%.*s': they were made on two branches, and no tree of "
                      "one begins with that of the other",
                      TM_STR_ARG(tag), TM_STR_ARG(old_tag));
}

static enum tm_code prove_ledger(struct proving *p, size_t freeze, const struct tm_ledger_pin *old,
                                 const struct tm_ledger_pin *pin, struct tm_proof_tree *tree,
                                 struct tm_err *err)
{
    struct tm_ledger_leaves TM_CLEANUP(tm_ledger_leaves_release) leaves = { 0 };
    struct tm_hash *TM_CLEANUP(tm_freep) hashes = NULL;
    struct tm_hash path[TM_MERKLE_PROOF_MAX];
    enum tm_code code = read_leaves(p, freeze, pin, &leaves, err);

    if (code)
        return code;
    *tree = tree_of(p, pin);
    tree->old_size = old ? old->entries : 0;
    if (tree->old_size > leaves.n)
        return tm_err_set(err, TM_E_NO, "the ledger '%.*s' had more entries in the older freeze",
                          TM_STR_ARG(pin->name));
    tree->old_root = tm_ledger_leaves_root(&leaves, (size_t)tree->old_size);
    if (old && tm_hash_cmp(&tree->old_root, &old->root) != 0)
        return tm_err_set(err, TM_E_NO, "the ledger '%.*s' does not begin with what the older freeze pinned",
                          TM_STR_ARG(pin->name));
    hashes = hash_leaves(&leaves);
    tree->n_hashes = tm_merkle_consistency(hashes, leaves.n, (size_t)tree->old_size, path);
    tree->hashes = keep_hashes(p, path, tree->n_hashes);
    return TM_OK;
}

static enum tm_code prove_ledgers(struct proving *p, size_t old, size_t new, struct tm_proof *proof,
                                  struct tm_err *err)
{
    const struct tm_freeze_act *before = &p->freezes.items[old].act, *act = &p->freezes.items[new].act;
    enum tm_code code = TM_OK;

    for (size_t i = 0; i < before->n_ledgers; i++)
        if (!tm_freeze_pin(act, before->ledgers[i].name))
            return tm_err_set(err, TM_E_NO, "freeze '%.*s' lacks the ledger '%.*s' that '%.*s' had",
                              TM_STR_ARG(act->tag), TM_STR_ARG(before->ledgers[i].name),
                              TM_STR_ARG(before->tag));
    if (act->n_ledgers == 0)
        return tm_err_set(err, TM_E_REFUSED,
                          "freeze '%.*s' has no ledger with entries, there is nothing to prove",
                          TM_STR_ARG(act->tag));
    *proof = (struct tm_proof) { .kind = TM_PROOF_CONSISTENCY,
                                 .old_freeze = tm_arena_str(p->arena, before->tag),
                                 .freeze = tm_arena_str(p->arena, act->tag),
                                 .trees = tm_arena_array(p->arena, act->n_ledgers, sizeof(*proof->trees)) };
    for (size_t i = 0; i < act->n_ledgers && !code; i++) {
        const struct tm_ledger_pin *pin = &act->ledgers[i];

        code =
            prove_ledger(p, new, tm_freeze_pin(before, pin->name), pin, &proof->trees[proof->n_trees++], err);
    }
    if (!code)
        tm_proof_seal(proof);
    return code;
}

enum tm_code tm_prove_append(const struct tm_repo *repo, const char *old_tag, const char *tag,
                             struct tm_arena *arena, struct tm_proof *proof, struct tm_err *err)
{
    struct proving TM_CLEANUP(finish) p = { repo, arena, TM_LEDGER_FREEZES_INIT };
    size_t old = 0, new = 0;
    enum tm_code code = begin(&p, err);

    if (!code)
        code = find_freeze(&p, old_tag, &old, err);
    if (!code)
        code = find_freeze(&p, tag, &new, err);
    if (!code)
        code = check_line(&p, old, new, err);
    return code ? code : prove_ledgers(&p, old, new, proof, err);
}
