#include "freeze/chain.h"

#include "base/alloc.h"
#include "freeze/record.h"
#include "ledger/act.h"
#include "ledger/batches.h"
#include "ledger/order.h"

#define NONE SIZE_MAX

enum { KINDS = TM_FREEZE_FINAL + 1 };

struct freeze {
    const struct tm_ledger_entry *entry;
    struct tm_freeze_act act;
    enum tm_freeze_kind kind;
    struct tm_hash record;
    uint32_t node;   /* in the freeze ledger's graph */
    size_t follows;  /* the last freeze among those it reaches; NONE */
    bool superseded; /* a freeze of the same kind reaches it */
};

struct checking {
    struct tm_chain *chain;
    struct tm_repo *repo;
    struct tm_chain_ledger *ledgers;
    size_t n_ledgers;
    struct tm_chain_ledger *own; /* the freeze ledger */
    struct freeze *freezes;      /* in ledger order */
    size_t n;
};

void tm_chain_release(struct tm_chain *chain)
{
    for (size_t i = 0; i < chain->n_records; i++)
        tm_ledger_findings_release(&chain->records[i].findings);
    free(chain->records);
    tm_arena_release(&chain->arena);
    *chain = TM_CHAIN_INIT;
}

static struct tm_chain_ledger *find_ledger(const struct checking *c, struct tm_str name)
{
    for (size_t i = 0; i < c->n_ledgers; i++)
        if (tm_str_eq(c->ledgers[i].name, name))
            return &c->ledgers[i];
    return NULL;
}

static int by_key(const void *a, const void *b)
{
    const struct freeze *left = a, *right = b;
    struct tm_ledger_key keys[] = { { left->entry->lc, left->entry->id },
                                    { right->entry->lc, right->entry->id } };

    return tm_ledger_key_cmp(&keys[0], &keys[1]);
}

/* The freezes of the freeze ledger; one whose body is not a freeze's has been found already. */
static void load_freezes(struct checking *c)
{
    const struct tm_verified *own = c->own->verified;

    c->freezes = tm_arena_array(&c->chain->arena, own->n_kept, sizeof(*c->freezes));
    for (size_t i = 0; i < own->n_kept; i++) {
        struct freeze *freeze = &c->freezes[c->n];

        *freeze = (struct freeze) { .entry = &own->kept[i], .follows = NONE };
        freeze->node = tm_graph_find(&own->graph, &own->kept[i].id);
        if (tm_freeze_read(freeze->entry, &c->chain->arena, &freeze->act, NULL) ||
            !tm_freeze_kind_parse(freeze->act.kind, &freeze->kind) ||
            !tm_hash_parse(freeze->act.record_sha256, &freeze->record))
            continue;
        c->n++;
    }
    if (c->n)
        qsort(c->freezes, c->n, sizeof(*c->freezes), by_key);
    c->chain->freezes = c->n;
}

/* The nodes of a graph in ledger order, from the arena. */
static uint32_t *in_order(struct tm_arena *arena, const struct tm_graph *graph, size_t *n)
{
    struct tm_ledger_key *TM_CLEANUP(tm_freep) keys = tm_alloc_array(graph->n, sizeof(*keys));
    uint32_t *order = tm_arena_array(arena, graph->n, sizeof(*order));

    *n = 0;
    for (size_t i = 0; i < graph->n; i++)
        if (graph->nodes[i].present)
            keys[(*n)++] = (struct tm_ledger_key) { graph->nodes[i].lc, graph->nodes[i].id };
    if (*n)
        qsort(keys, *n, sizeof(*keys), (int (*)(const void *, const void *))tm_ledger_key_cmp);
    for (size_t i = 0; i < *n; i++)
        order[i] = tm_graph_find(graph, &keys[i].id);
    return order;
}

/* The later of two freezes: their indexes are in ledger order. */
static size_t later(size_t a, size_t b)
{
    return a == NONE ? b : b == NONE ? a : TM_MAX(a, b);
}

/* Which freeze each follows, and which of them are superseded. */
static void tie(struct checking *c)
{
    const struct tm_graph *graph = &c->own->verified->graph;
    struct tm_arena *arena = &c->chain->arena;
    size_t *last = tm_arena_array(arena, graph->n, sizeof(*last)); /* freeze that a node is or reaches */
    size_t *is = tm_arena_array(arena, graph->n, sizeof(*is));     /* freeze that a node is */
    unsigned char *behind = tm_arena_array(arena, graph->n, 1);    /* kinds of freezes that reach a node */
    size_t n;
    const uint32_t *order = in_order(arena, graph, &n);

    for (size_t i = 0; i < graph->n; i++)
        last[i] = is[i] = NONE;
    for (size_t i = 0; i < c->n; i++)
        is[c->freezes[i].node] = i;
    for (size_t i = 0; i < n; i++) {
        const struct tm_graph_parents *of = &graph->parents_of[order[i]];

        for (size_t k = 0; k < of->n; k++)
            last[order[i]] = later(last[order[i]], last[graph->parents[of->at + k]]);
        if (is[order[i]] == NONE)
            continue;
        c->freezes[is[order[i]]].follows = last[order[i]];
        last[order[i]] = is[order[i]];
    }
    for (size_t i = n; i-- > 0;) {
        const struct tm_graph_parents *of = &graph->parents_of[order[i]];
        size_t freeze = is[order[i]];
        unsigned kinds = behind[order[i]];

        if (freeze != NONE) {
            c->freezes[freeze].superseded = kinds >> c->freezes[freeze].kind & 1;
            kinds |= 1u << c->freezes[freeze].kind;
        }
        for (size_t k = 0; k < of->n; k++)
            behind[graph->parents[of->at + k]] |= (unsigned char)kinds;
    }
}

static const struct tm_ledger_pin *pin_of(const struct freeze *freeze, struct tm_str ledger)
{
    for (size_t i = 0; i < freeze->act.n_ledgers; i++)
        if (tm_str_eq(freeze->act.ledgers[i].name, ledger))
            return &freeze->act.ledgers[i];
    return NULL;
}

/* One ledger held against all freezes: the tree of the freezes up to `at`. */
struct holding {
    struct checking *c;
    struct tm_chain_ledger *ledger;
    const struct tm_graph *graph;
    struct tm_batches batches;
    size_t at;     /* freeze whose tree it is; NONE */
    bool is_whole; /* all heads of its freezes were there */
};

/* The nodes of pinned heads that are there, in arena; *missing says how many are not. */
static uint32_t *heads_of(struct holding *h, const struct tm_ledger_pin *pin, size_t *n, size_t *missing)
{
    uint32_t *nodes = tm_arena_array(&h->c->chain->arena, pin->n_heads, sizeof(*nodes));

    *n = 0;
    for (size_t i = 0; i < pin->n_heads; i++) {
        nodes[*n] = tm_graph_find(h->graph, &pin->heads[i]);
        *n += nodes[*n] != TM_GRAPH_NONE;
    }
    *missing = pin->n_heads - *n;
    return nodes;
}

static void add_batch(struct holding *h, size_t freeze)
{
    const struct tm_ledger_pin *pin = pin_of(&h->c->freezes[freeze], h->ledger->name);
    size_t n, missing;
    const uint32_t *nodes;

    h->at = freeze;
    if (!pin)
        return;
    nodes = heads_of(h, pin, &n, &missing);
    tm_batches_add(&h->batches, nodes, n);
    h->is_whole = h->is_whole && missing == 0;
}

static void begin_tree(struct holding *h)
{
    tm_batches_release(&h->batches);
    tm_batches_init(&h->batches, h->graph);
    h->at = NONE;
    h->is_whole = true;
}

/* Goes to the tree of a freeze: from that of the one it follows, or from the start of its line. */
static void go_to(struct holding *h, size_t freeze)
{
    const struct freeze *freezes = h->c->freezes;
    size_t n = 0, at = NONE;
    size_t *line;

    if (freezes[freeze].follows == h->at) {
        add_batch(h, freeze);
        return;
    }
    begin_tree(h);
    for (size_t i = freeze; i != NONE; i = freezes[i].follows)
        n++;
    line = tm_alloc_array(n, sizeof(*line));
    at = n;
    for (size_t i = freeze; i != NONE; i = freezes[i].follows)
        line[--at] = i;
    for (size_t i = 0; i < n; i++)
        add_batch(h, line[i]);
    free(line);
}

static void say_pinned(struct holding *h, const struct freeze *freeze, const char *what, uint64_t is,
                       uint64_t pinned)
{
    tm_ledger_findings_add(&h->c->own->verified->findings, TM_FLAW_PINNED, freeze->entry->line,
                           &freeze->entry->id, "'%.*s' has %s %llu, freeze '%.*s' says %llu",
                           TM_STR_ARG(h->ledger->name), what, (unsigned long long)is,
                           TM_STR_ARG(freeze->act.tag), (unsigned long long)pinned);
}

static void say_other(struct holding *h, const struct freeze *freeze, const char *what)
{
    tm_ledger_findings_add(&h->c->own->verified->findings, TM_FLAW_PINNED, freeze->entry->line,
                           &freeze->entry->id, "'%.*s' has another %s than freeze '%.*s' says",
                           TM_STR_ARG(h->ledger->name), what, TM_STR_ARG(freeze->act.tag));
}

/* The heads are there, and with them all they name: the rest follows from them. */
static void compare(struct holding *h, size_t i, const struct tm_ledger_pin *pin)
{
    const struct freeze *freeze = &h->c->freezes[i];
    const struct tm_ledger_state *state = &h->ledger->verified->state;
    uint64_t max_lc = 0;
    struct tm_hash root;

    for (size_t k = 0; k < pin->n_heads; k++)
        max_lc = TM_MAX(max_lc, (uint64_t)h->graph->nodes[tm_graph_find(h->graph, &pin->heads[k])].lc);
    root = tm_batches_root(&h->batches);
    if (!tm_str_is(pin->log, state->log))
        say_other(h, freeze, "log");
    if (tm_batches_leaves(&h->batches) != pin->entries)
        say_pinned(h, freeze, "entries", tm_batches_leaves(&h->batches), pin->entries);
    else if (tm_hash_cmp(&root, &pin->root) != 0)
        say_other(h, freeze, "root");
    if (max_lc != pin->max_lc)
        say_pinned(h, freeze, "max_lc", max_lc, pin->max_lc);
}

static void say_truncated(struct holding *h, const struct freeze *freeze, const struct tm_ledger_pin *pin)
{
    for (size_t i = 0; i < pin->n_heads; i++)
        if (tm_graph_find(h->graph, &pin->heads[i]) == TM_GRAPH_NONE)
            tm_ledger_findings_add(&h->ledger->verified->findings, TM_FLAW_TRUNCATED, 0, &pin->heads[i],
                                   "freeze '%.*s'", TM_STR_ARG(freeze->act.tag));
}

/* How many entries no freeze reaches. */
static uint64_t count_uncovered(struct holding *h)
{
    begin_tree(h);
    for (size_t i = 0; i < h->c->n; i++)
        add_batch(h, i);
    return h->ledger->verified->state.entries - tm_batches_leaves(&h->batches);
}

static void hold_ledger(struct checking *c, struct tm_chain_ledger *ledger)
{
    struct holding h = { .c = c, .ledger = ledger, .graph = &ledger->verified->graph };
    bool complete = ledger->verified->findings.counts[TM_FLAW_DANGLING] == 0;

    begin_tree(&h);
    for (size_t i = 0; i < c->n; i++) {
        const struct tm_ledger_pin *pin = pin_of(&c->freezes[i], ledger->name);

        if (!pin)
            continue;
        go_to(&h, i);
        say_truncated(&h, &c->freezes[i], pin);
        if (h.is_whole && complete)
            compare(&h, i, pin);
    }
    ledger->uncovered = count_uncovered(&h);
    tm_batches_release(&h.batches);
}

/* A freeze can name ledgers that this version does not know. */
static void check_names(struct checking *c)
{
    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < c->freezes[i].act.n_ledgers; k++)
            if (!find_ledger(c, c->freezes[i].act.ledgers[k].name))
                tm_ledger_findings_add(&c->own->verified->findings, TM_FLAW_TRUNCATED,
                                       c->freezes[i].entry->line, &c->freezes[i].entry->id,
                                       "freeze '%.*s' pinned a ledger '%.*s', which is not there",
                                       TM_STR_ARG(c->freezes[i].act.tag),
                                       TM_STR_ARG(c->freezes[i].act.ledgers[k].name));
}

static struct tm_ledger_findings *findings_of(struct checking *c, struct tm_str path)
{
    struct tm_chain *chain = c->chain;

    for (size_t i = 0; i < chain->n_records; i++)
        if (tm_str_eq(chain->records[i].path, path))
            return &chain->records[i].findings;
    TM_GROW(chain->records, chain->n_records, chain->cap_records);
    chain->records[chain->n_records] =
        (struct tm_chain_record) { tm_arena_str(&chain->arena, path), TM_LEDGER_FINDINGS_INIT };
    return &chain->records[chain->n_records++].findings;
}

static bool has_tag(const struct checking *c, struct tm_str tag)
{
    for (size_t i = 0; i < c->n; i++)
        if (tm_str_eq(c->freezes[i].act.tag, tag))
            return true;
    return false;
}

static bool has_record(const struct checking *c, const struct tm_hash *record)
{
    for (size_t i = 0; i < c->n; i++)
        if (tm_hash_cmp(&c->freezes[i].record, record) == 0)
            return true;
    return false;
}

/* A record that is not one of the last of its kind. */
static void say_record(struct checking *c, struct tm_str path, struct tm_str data, const struct tm_hash *hash)
{
    struct tm_ledger_findings *findings = findings_of(c, path);
    struct tm_freeze_record record;

    if (has_record(c, hash))
        tm_ledger_findings_add(findings, TM_FLAW_RECORD, 0, NULL, "it is an older one, put back");
    else if (tm_freeze_record_parse(&record, &c->chain->arena, "record", data, NULL))
        tm_ledger_findings_add(findings, TM_FLAW_RECORD, 0, NULL, "it was changed");
    else if (has_tag(c, record.tag))
        tm_ledger_findings_add(findings, TM_FLAW_RECORD, 0, NULL, "that of '%.*s' was changed",
                               TM_STR_ARG(record.tag));
    else
        tm_ledger_findings_add(findings, TM_FLAW_FREEZE_MISSING, 0, NULL, "'%.*s'", TM_STR_ARG(record.tag));
}

/* The freezes of a kind that no other of the kind has followed; their record is what must be in the work
 * tree. */
static bool is_standing(const struct checking *c, size_t i, enum tm_freeze_kind kind)
{
    return c->freezes[i].kind == kind && !c->freezes[i].superseded;
}

/* The record in the work tree at the path where freezes of a kind have theirs. */
static enum tm_code check_record(struct checking *c, enum tm_freeze_kind kind, struct tm_str path,
                                 struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_hash hash;
    bool any = false, same = false;
    enum tm_code code = tm_root_read(&c->repo->root, path, TM_FREEZE_RECORD_MAX, &data, err);

    if (code && code != TM_E_NOT_FOUND && code != TM_E_PATH)
        return code;
    tm_err_release(err);
    hash = tm_hash_of(tm_buf_str(&data));
    for (size_t i = 0; i < c->n; i++) {
        if (!is_standing(c, i, kind) || !tm_str_eq(c->freezes[i].act.record, path))
            continue;
        any = true;
        same = same || tm_hash_cmp(&hash, &c->freezes[i].record) == 0;
    }
    if (code && any)
        tm_ledger_findings_add(findings_of(c, path), TM_FLAW_RECORD, 0, NULL, "it is not there");
    else if (!code && !same)
        say_record(c, path, tm_buf_str(&data), &hash);
    return TM_OK;
}

/* Every path that has or should have a record: where freezes of the kind have put it, and where they would.
 */
static enum tm_code check_records(struct checking *c, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (unsigned k = 0; k < KINDS && !code; k++) {
        enum tm_freeze_kind kind = (enum tm_freeze_kind)k;
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

        tm_repo_generated(c->repo, tm_freeze_kind_file(kind), &path);
        code = check_record(c, kind, tm_buf_str(&path), err);
        for (size_t i = 0; i < c->n && !code; i++)
            if (is_standing(c, i, kind) && !tm_str_eq(c->freezes[i].act.record, tm_buf_str(&path)))
                code = check_record(c, kind, c->freezes[i].act.record, err);
    }
    return code;
}

/* The bytes that a freeze recorded: in the work tree, else below its tag. */
static bool read_record(struct checking *c, const struct freeze *freeze, struct tm_buf *data)
{
    struct tm_hash hash;
    struct tm_oid commit;
    char *TM_CLEANUP(tm_freep) tag = tm_strndup(freeze->act.tag.data, freeze->act.tag.len);

    if (!tm_root_read(&c->repo->root, freeze->act.record, TM_FREEZE_RECORD_MAX, data, NULL)) {
        hash = tm_hash_of(tm_buf_str(data));
        if (tm_hash_cmp(&hash, &freeze->record) == 0)
            return true;
    }
    if (tm_git_tag_find(c->repo->git, tag, &commit, NULL, NULL) ||
        tm_git_read_at(c->repo->git, &commit, freeze->act.record, TM_FREEZE_RECORD_MAX, data, NULL))
        return false;
    hash = tm_hash_of(tm_buf_str(data));
    return tm_hash_cmp(&hash, &freeze->record) == 0;
}

/* The record must name the freeze that its entry follows. */
static void check_previous(struct checking *c, size_t i)
{
    const struct freeze *freeze = &c->freezes[i];
    const struct freeze *before = freeze->follows == NONE ? NULL : &c->freezes[freeze->follows];
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_freeze_record record;
    enum tm_ledger_flaw flaw = TM_FLAW_PREVIOUS;

    if (!read_record(c, freeze, &data) ||
        tm_freeze_record_parse(&record, &c->chain->arena, "record", tm_buf_str(&data), NULL)) {
        c->chain->unseen++;
        return;
    }
    if (record.has_previous ? before && tm_str_eq(record.previous_tag, before->act.tag) &&
                                  tm_hash_cmp(&record.previous_record, &before->record) == 0
                            : !before)
        return;
    if (record.has_previous && !has_record(c, &record.previous_record))
        flaw = TM_FLAW_FREEZE_MISSING;
    tm_ledger_findings_add(&c->own->verified->findings, flaw, freeze->entry->line, &freeze->entry->id,
                           "the record of '%.*s' follows %s%.*s%s", TM_STR_ARG(freeze->act.tag),
                           record.has_previous ? "'" : "none",
                           TM_STR_ARG(record.has_previous ? record.previous_tag : TM_STR("")),
                           record.has_previous ? "'" : "");
}

enum tm_code tm_chain_verify(struct tm_chain *chain, struct tm_repo *repo, struct tm_chain_ledger *ledgers,
                             size_t n, struct tm_err *err)
{
    struct checking c = { .chain = chain, .repo = repo, .ledgers = ledgers, .n_ledgers = n };
    enum tm_code code;

    c.own = find_ledger(&c, TM_STR("freeze"));
    assert(c.own && c.own->verified);
    load_freezes(&c);
    tie(&c);
    check_names(&c);
    for (size_t i = 0; i < n; i++)
        if (ledgers[i].verified)
            hold_ledger(&c, &ledgers[i]);
    code = check_records(&c, err);
    for (size_t i = 0; i < c.n && !code; i++)
        check_previous(&c, i);
    for (size_t i = 0; i < n; i++)
        if (ledgers[i].verified)
            tm_ledger_findings_sort(&ledgers[i].verified->findings);
    return code;
}
