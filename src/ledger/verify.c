#include "ledger/verify.h"

#include "base/alloc.h"
#include "base/parallel.h"
#include "ledger/act.h"
#include "ledger/judge.h"
#include "ledger/lines.h"
#include "ledger/order.h"
#include "ledger/piece.h"
#include "ledger/read.h"
#include "ledger/runs.h"

enum {
    RESERVED_MAX = 1 << 22, /* entries that room is made for before they are seen */
};

struct verifying {
    int fd;
    uint64_t start, size; /* of the first entry line, and of the file */
    size_t stretch;
    const struct tm_verify_options *options;
    struct tm_verified *out;
    struct tm_runs runs;
    struct tm_line_judge judge; /* of the adopted lines and the tail */
    struct tm_hasher *hasher;
    struct tm_piece *pieces; /* of each thread, made when it begins */
    bool *made;
    uint64_t lines;            /* of the pieces before */
    bool open;                 /* the last of them is too long, and no LF has been seen since */
    struct tm_ledger_key last; /* the entry before */
    bool any;                  /* there is one */
    bool has_genesis;
    uint64_t genesis_line;
    struct tm_hash genesis_id;
    struct tm_genesis genesis;
    bool shrunk;
    struct tm_err err; /* of whoever failed first */
};

void tm_verified_release(struct tm_verified *verified)
{
    tm_ledger_findings_release(&verified->findings);
    tm_ledger_state_release(&verified->state);
    tm_graph_release(&verified->graph);
    tm_arena_release(&verified->arena);
    free(verified->kept);
    *verified = TM_VERIFIED_INIT;
}

static void found(struct verifying *v, enum tm_ledger_flaw flaw, const struct tm_ledger_entry *entry)
{
    tm_ledger_findings_add(&v->out->findings, flaw, entry->line, &entry->id, NULL);
}

/* A genesis: the first one is the ledger's. */
static void take_genesis(struct verifying *v, const struct tm_ledger_entry *entry)
{
    if (entry->n_prev) {
        found(v, TM_FLAW_GENESIS_PARENTS, entry);
        return;
    }
    if (v->has_genesis) {
        found(v, TM_FLAW_SECOND_GENESIS, entry);
        return;
    }
    v->has_genesis = true;
    v->genesis_line = entry->line;
    v->genesis_id = entry->id;
    tm_arena_release(&v->judge.arena);
    /* One that cannot be read records nothing; its body is a finding of its own. */
    if (tm_genesis_read(entry, &v->judge.arena, &v->genesis, NULL))
        v->genesis = (struct tm_genesis) { 0 };
}

static void note_order(struct verifying *v, const struct tm_ledger_entry *entry)
{
    struct tm_ledger_key key = { entry->lc, entry->id };

    if (v->any && tm_ledger_key_cmp(&v->last, &key) > 0) {
        v->out->state.reordered = true;
        found(v, TM_FLAW_REORDERED, entry);
    }
    v->last = key;
    v->any = true;
}

static void keep(struct verifying *v, const struct tm_ledger_entry *entry)
{
    struct tm_verified *out = v->out;
    struct tm_str text = tm_arena_str(&out->arena, entry->text);

    TM_GROW(out->kept, out->n_kept, out->cap_kept);
    out->kept[out->n_kept++] = (struct tm_ledger_entry) {
        .line = entry->line,
        .text = text,
        .id = entry->id,
        .lc = entry->lc,
        .kind = tm_str_n(text.data + (entry->kind.data - entry->text.data), entry->kind.len),
        .body = tm_str_n(text.data + (entry->body.data - entry->text.data), entry->body.len),
    };
}

/* True when the entry is one of this ledger; the first one says which that is. */
static bool is_ours(struct verifying *v, const struct tm_ledger_entry *entry)
{
    struct tm_ledger_state *state = &v->out->state;

    if (!state->log[0])
        memcpy(state->log, entry->log.data, TM_LEDGER_LOG_HEX);
    return memcmp(entry->log.data, state->log, TM_LEDGER_LOG_HEX) == 0;
}

/* Ties a well-spelled entry to those before it. One of another ledger, or a line that stands twice, is left
 * at that. */
static void take_entry(struct verifying *v, const struct tm_ledger_entry *entry, const char *body_fault,
                       bool is_pending)
{
    bool is_genesis = tm_str_is(entry->kind, tm_ledger_kind_name(TM_LEDGER_GENESIS));
    enum tm_ledger_flaw flaw;
    bool twice;

    if (!is_ours(v, entry)) {
        found(v, TM_FLAW_FOREIGN, entry);
        return;
    }
    flaw = tm_graph_add(&v->out->graph, entry, &twice);
    v->out->state.entries += !twice;
    v->out->state.duplicates += twice;
    if (twice) {
        if (!is_pending)
            found(v, TM_FLAW_DUPLICATE, entry);
        return;
    }
    if (is_genesis)
        take_genesis(v, entry);
    else if (!entry->n_prev)
        found(v, TM_FLAW_NO_PARENTS, entry);
    if (flaw && (is_genesis || entry->n_prev))
        found(v, flaw, entry);
    if (!is_pending)
        note_order(v, entry);
    if (!tm_runs_add(&v->runs, entry->run))
        found(v, TM_FLAW_REPLAY, entry);
    if (body_fault)
        tm_ledger_findings_add(&v->out->findings, TM_FLAW_BODY, entry->line, &entry->id, "%s", body_fault);
    if (v->options->kept_kind && tm_str_is(entry->kind, v->options->kept_kind))
        keep(v, entry);
}

static void take_flaw(struct verifying *v, const struct tm_piece_flaw *flaw)
{
    tm_ledger_findings_add(&v->out->findings, flaw->flaw, v->lines + flaw->line + 1, NULL, "byte %u",
                           flaw->at + 1);
}

/* What stands behind the last LF. A whole entry there is looked at like the others. */
static void take_tail(struct verifying *v, struct tm_str text, uint64_t line, bool in_prefix)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_entry entry = { .adopted = true };
    enum tm_ledger_flaw flaw = tm_line_judge_tail(&v->judge, text, in_prefix, &entry);

    tm_ledger_findings_add(&v->out->findings, flaw, line, NULL, NULL);
    if (flaw != TM_FLAW_NO_LF || entry.adopted)
        return;
    entry.line = (size_t)line;
    entry.id = tm_hash_of(text);
    if (!tm_line_judge_body(&v->judge, &entry, &err))
        take_entry(v, &entry, NULL, false);
    else
        take_entry(v, &entry, tm_err_msg(&err), false);
}

/* The adopted lines, up to the first that begins as an entry does: v->start. */
static enum tm_code read_prefix(struct verifying *v, struct tm_err *err)
{
    struct tm_lines TM_CLEANUP(tm_lines_release) lines;
    struct tm_ledger_state *state = &v->out->state;

    tm_lines_init(&lines, v->fd, v->size, NULL);
    for (;;) {
        struct tm_ledger_entry entry;
        enum tm_ledger_flaw flaw;
        struct tm_str text;
        bool more, blank;
        enum tm_code code = tm_lines_next(&lines, &text, &v->start, &more, err);

        if (code)
            return code;
        if (more && tm_ledger_looks_chained(text))
            return TM_OK;
        if (!more) {
            v->shrunk = lines.read < v->size;
            v->start = v->size;
            state->lines = lines.line - (text.len > 0);
            if (text.len)
                take_tail(v, text, lines.line, true);
            return TM_OK;
        }
        tm_hasher_add(v->hasher, text);
        tm_hasher_add(v->hasher, TM_STR("\n"));
        state->lines = ++state->adopted_lines;
        state->adopted_bytes += text.len + 1;
        flaw = tm_line_judge_adopted(&v->judge, text, &entry, &blank);
        if (flaw)
            tm_ledger_findings_add(&v->out->findings, flaw, lines.line, NULL, NULL);
    }
}

static struct tm_piece *piece_of(struct verifying *v, unsigned thread)
{
    if (!v->made[thread])
        tm_piece_init(&v->pieces[thread], v->stretch);
    v->made[thread] = true;
    return &v->pieces[thread];
}

/* On any thread: touches that thread's piece only. */
struct outcome {
    enum tm_code code;
    bool shrunk;
    struct tm_err err;
};

struct pass {
    struct verifying *v;
    struct outcome outcomes[TM_PARALLEL_MAX];
};

static void work(void *ctx, unsigned thread, size_t i)
{
    struct pass *pass = ctx;
    struct outcome *outcome = &pass->outcomes[thread];
    const struct verifying *v = pass->v;

    outcome->code = tm_piece_read(piece_of(pass->v, thread), v->fd, v->start, v->size, i, &outcome->shrunk,
                                  &outcome->err);
}

/* The lines of a piece one after the other. */
static void take_lines(struct verifying *v, struct tm_piece *piece)
{
    enum { AHEAD = 8 };
    size_t n_flaws = piece->n_flaws - piece->open, f = 0;
    uint64_t own_size = v->options->own_size;

    for (size_t i = 0; i < TM_MIN(piece->n_entries, (size_t)AHEAD); i++)
        tm_graph_expect(&v->out->graph, &piece->entries[i].entry.id);
    for (size_t i = 0; i < piece->n_entries; i++) {
        struct tm_piece_entry *item = &piece->entries[i];

        if (i + AHEAD < piece->n_entries)
            tm_graph_expect(&v->out->graph, &piece->entries[i + AHEAD].entry.id);
        while (f < n_flaws && piece->flaws[f].line < item->line)
            take_flaw(v, &piece->flaws[f++]);
        item->entry.line = (size_t)v->lines + item->line + 1;
        take_entry(v, &item->entry, item->body_fault,
                   own_size && piece->from + (uint64_t)(item->entry.text.data - piece->data) >= own_size);
    }
    while (f < n_flaws)
        take_flaw(v, &piece->flaws[f++]);
}

static bool finish(void *ctx, unsigned thread, size_t i)
{
    struct pass *pass = ctx;
    struct verifying *v = pass->v;
    struct tm_piece *piece = &v->pieces[thread];

    if (pass->outcomes[thread].code || pass->outcomes[thread].shrunk) {
        v->shrunk = pass->outcomes[thread].shrunk;
        tm_err_move(&v->err, &pass->outcomes[thread].err);
        return false;
    }
    if (v->open && piece->has_lf) {
        tm_ledger_findings_add(&v->out->findings, TM_FLAW_TOO_LONG, v->lines, NULL, NULL);
        v->open = false;
    }
    take_lines(v, piece);
    if (i == 0)
        tm_graph_reserve(&v->out->graph,
                         (size_t)TM_MIN((v->size - v->start) / v->stretch * piece->n_entries * 17 / 16,
                                        (uint64_t)RESERVED_MAX));
    v->lines += piece->lines;
    v->open = v->open || piece->open;
    if (piece->tail.len)
        take_tail(v, piece->tail, v->lines + 1, false);
    return true;
}

static enum tm_code read_entries(struct verifying *v, struct tm_err *err)
{
    static const struct tm_parallel_steps steps = { work, finish };
    struct tm_piece pieces[TM_PARALLEL_MAX];
    bool made[TM_PARALLEL_MAX] = { false };
    struct pass pass = { .v = v };
    uint64_t len = v->size - v->start;

    v->pieces = pieces;
    v->made = made;
    v->lines = v->out->state.lines;
    tm_parallel_in_order((size_t)((len + v->stretch - 1) / v->stretch), &steps, &pass);
    for (size_t i = 0; i < TM_PARALLEL_MAX; i++) {
        tm_err_release(&pass.outcomes[i].err);
        if (made[i])
            tm_piece_release(&pieces[i]);
    }
    if (v->err.code)
        return tm_err_move(err, &v->err);
    /* A line that is too long and has no LF was never acknowledged either. */
    if (v->open)
        tm_ledger_findings_add(&v->out->findings, TM_FLAW_TORN, v->lines, NULL, NULL);
    v->out->state.lines = v->lines - v->open;
    return TM_OK;
}

/* Entries that came before one of their parents: now all that are there are known. */
static void check_early(struct verifying *v)
{
    const struct tm_graph *graph = &v->out->graph;

    for (size_t i = 0; i < graph->n_early; i++) {
        struct tm_hash missing;
        enum tm_ledger_flaw flaw = tm_graph_check_early(graph, i, &missing);
        const struct tm_hash *id = &graph->nodes[graph->early[i].node].id;
        struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

        if (flaw == TM_FLAW_CLOCK)
            tm_ledger_findings_add(&v->out->findings, flaw, graph->early[i].line, id, NULL);
        if (flaw != TM_FLAW_DANGLING)
            continue;
        tm_hash_add_hex(&hex, &missing);
        tm_ledger_findings_add(&v->out->findings, flaw, graph->early[i].line, id, "%.12s", hex.data);
    }
}

static void check_whole(struct verifying *v)
{
    const struct tm_ledger_state *state = &v->out->state;
    struct tm_hash prefix = tm_hasher_finish(v->hasher);

    check_early(v);
    tm_graph_heads(&v->out->graph, &v->out->state);
    if (state->entries == 0)
        return;
    if (!v->has_genesis)
        tm_ledger_findings_add(&v->out->findings, TM_FLAW_NO_GENESIS, 0, NULL, NULL);
    else if (v->genesis.adopted_lines != state->adopted_lines ||
             v->genesis.adopted_bytes != state->adopted_bytes ||
             (state->adopted_bytes && tm_hash_cmp(&v->genesis.adopted_sha256, &prefix) != 0))
        tm_ledger_findings_add(&v->out->findings, TM_FLAW_ADOPTED, v->genesis_line, &v->genesis_id, NULL);
}

enum tm_code tm_verify_fd(int fd, uint64_t size, const struct tm_verify_options *options,
                          struct tm_verified *out, bool *shrunk, struct tm_err *err)
{
    struct verifying v = {
        .fd = fd,
        .size = size,
        .stretch = options->stretch ? options->stretch : TM_PIECE_STRETCH,
        .options = options,
        .out = out,
        .runs = TM_RUNS_INIT,
        .hasher = tm_hasher_new(),
        .err = TM_ERR_INIT,
    };
    enum tm_code code;

    tm_line_judge_init(&v.judge);
    out->graph.keeps_parents = options->parents;
    out->state.bytes = size;
    code = read_prefix(&v, err);
    if (!code && !v.shrunk)
        code = read_entries(&v, err);
    if (!code && !v.shrunk)
        check_whole(&v);
    tm_ledger_findings_sort(&out->findings);
    *shrunk = v.shrunk;
    tm_runs_release(&v.runs);
    tm_line_judge_release(&v.judge);
    tm_hasher_free(v.hasher);
    return code;
}
