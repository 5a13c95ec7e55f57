#include "ledger/read.h"

#include <errno.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ledger/act.h"
#include "ledger/graph.h"
#include "ledger/judge.h"
#include "ledger/lines.h"
#include "ledger/order.h"
#include "ledger/pending.h"

struct reading {
    struct tm_str path;
    unsigned flags;
    tm_ledger_visit_fn *visit;
    void *ctx;
    struct tm_ledger_places *places; /* where lines stand, when they must be sorted first */
    struct tm_lines lines;
    uint64_t line_at; /* first byte of the current line */
    struct tm_line_judge judge;
    struct tm_graph graph;
    struct tm_hasher *hasher;        /* of lines */
    struct tm_hasher *prefix_hasher; /* of what was adopted; NULL behind it */
    struct tm_hasher *file_hasher;   /* with TM_READ_SHA256 */
    struct tm_ledger_state state;
    struct tm_ledger_key last; /* of the entry before, for state.reordered */
    bool has_genesis;
    size_t genesis_line;
    struct tm_hash genesis_id;
    struct tm_genesis genesis; /* what it says was adopted */
};

static enum tm_code damaged(const struct reading *r, enum tm_ledger_flaw flaw, size_t line,
                            struct tm_err *err)
{
    return tm_err_set(err, TM_E_FORMAT, "%s at line %zu of '%.*s'", tm_ledger_flaw_text(flaw), line,
                      TM_STR_ARG(r->path));
}

static void end_prefix(struct reading *r)
{
    if (!r->prefix_hasher)
        return;
    r->state.adopted_sha256 = tm_hasher_finish(r->prefix_hasher);
    tm_hasher_free(r->prefix_hasher);
    r->prefix_hasher = NULL;
}

/* A line before the first entry. */
static enum tm_code read_adopted(struct reading *r, struct tm_str text, struct tm_err *err)
{
    struct tm_ledger_entry entry;
    enum tm_ledger_flaw flaw;
    bool blank;

    tm_hasher_add(r->prefix_hasher, text);
    tm_hasher_add(r->prefix_hasher, TM_STR("\n"));
    r->state.adopted_lines++;
    r->state.adopted_bytes += text.len + 1;
    flaw = tm_line_judge_adopted(&r->judge, text, &entry, &blank);
    if (flaw)
        return damaged(r, flaw, r->lines.line, err);
    if (blank)
        return TM_OK;
    entry.line = r->lines.line;
    entry.at = r->line_at;
    if (r->places)
        tm_ledger_places_add(r->places, &entry, r->line_at);
    return !r->places && r->visit ? r->visit(r->ctx, &entry, err) : TM_OK;
}

static enum tm_code read_genesis(struct reading *r, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct tm_hash id = r->flags & TM_READ_IDS ? entry->id : tm_hash_of(entry->text);

    if (r->has_genesis && tm_hash_cmp(&id, &r->genesis_id) == 0)
        return TM_OK; /* the line stands twice */
    if (r->has_genesis)
        return damaged(r, TM_FLAW_SECOND_GENESIS, entry->line, err);
    r->has_genesis = true;
    r->genesis_line = entry->line;
    r->genesis_id = id;
    tm_arena_release(&r->judge.arena);
    if (tm_genesis_read(entry, &r->judge.arena, &r->genesis, err))
        return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(r->path));
    return TM_OK;
}

/* What one entry must hold beside its spelling. */
static enum tm_code check_entry(struct reading *r, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    bool is_genesis = tm_str_is(entry->kind, tm_ledger_kind_name(TM_LEDGER_GENESIS));

    if (!r->state.log[0])
        memcpy(r->state.log, entry->log.data, TM_LEDGER_LOG_HEX);
    else if (!tm_str_is(entry->log, r->state.log))
        return damaged(r, TM_FLAW_FOREIGN, entry->line, err);
    if (is_genesis && entry->n_prev)
        return damaged(r, TM_FLAW_GENESIS_PARENTS, entry->line, err);
    if (!is_genesis && !entry->n_prev)
        return damaged(r, TM_FLAW_NO_PARENTS, entry->line, err);
    if (!is_genesis)
        return TM_OK;
    if (entry->lc != 1)
        return damaged(r, TM_FLAW_CLOCK, entry->line, err);
    return read_genesis(r, entry, err);
}

static void note_order(struct reading *r, const struct tm_ledger_entry *entry)
{
    struct tm_ledger_key key = { entry->lc, entry->id };

    if (r->state.entries && tm_ledger_key_cmp(&r->last, &key) > 0)
        r->state.reordered = true;
    r->last = key;
}

static enum tm_code read_entry(struct reading *r, struct tm_str text, struct tm_err *err)
{
    struct tm_ledger_entry entry;
    enum tm_ledger_flaw flaw = tm_line_judge_entry(&r->judge, text, &entry);
    bool twice = false;
    enum tm_code code;

    if (flaw == TM_FLAW_UNCHAINED)
        return damaged(r, flaw, r->lines.line, err);
    if (flaw)
        return tm_err_set(err, TM_E_FORMAT, "%s at line %zu, byte %zu of '%.*s'", tm_ledger_flaw_text(flaw),
                          r->lines.line, r->judge.parser.flaw_at + 1, TM_STR_ARG(r->path));
    entry.line = r->lines.line;
    entry.at = r->line_at;
    if (r->flags & TM_READ_IDS) {
        tm_hasher_add(r->hasher, text);
        entry.id = tm_hasher_finish(r->hasher);
    }
    code = check_entry(r, &entry, err);
    if (code)
        return code;
    if (r->flags & TM_READ_IDS) {
        flaw = tm_graph_add(&r->graph, &entry, &twice);
        if (flaw)
            return damaged(r, flaw, entry.line, err);
    }
    note_order(r, &entry);
    r->state.duplicates += twice;
    r->state.entries += !twice;
    if (r->places)
        tm_ledger_places_add(r->places, &entry, r->line_at);
    return !r->places && r->visit && !twice ? r->visit(r->ctx, &entry, err) : TM_OK;
}

static enum tm_code read_tail(struct reading *r, struct tm_str text, uint64_t at, struct tm_ledger_tail *tail,
                              struct tm_err *err)
{
    struct tm_ledger_tail found = { TM_FLAW_NONE, at, r->lines.read - at };
    struct tm_ledger_entry entry;

    if (found.len)
        found.flaw = tm_line_judge_tail(&r->judge, text, r->prefix_hasher != NULL, &entry);
    if (found.flaw && (!tail || found.flaw == TM_FLAW_UNCHAINED_JSON))
        return damaged(r, found.flaw, r->lines.line, err);
    if (tail)
        *tail = found;
    return TM_OK;
}

static enum tm_code read_lines(struct reading *r, struct tm_ledger_tail *tail, struct tm_err *err)
{
    struct tm_str text;
    bool more;

    for (;;) {
        enum tm_code code = tm_lines_next(&r->lines, &text, &r->line_at, &more, err);

        if (code)
            return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(r->path));
        if (!more)
            return read_tail(r, text, r->line_at, tail, err);
        r->state.lines++;
        r->state.bytes = r->line_at + text.len + 1;
        if (r->prefix_hasher && tm_ledger_looks_chained(text))
            end_prefix(r);
        code = r->prefix_hasher ? read_adopted(r, text, err) : read_entry(r, text, err);
        if (code)
            return code;
    }
}

/* What only shows when all lines were read. */
static enum tm_code check_whole(struct reading *r, struct tm_err *err)
{
    enum tm_ledger_flaw flaw;
    size_t line = 0;

    end_prefix(r);
    if (r->state.entries == 0)
        return TM_OK;
    if (!r->has_genesis)
        return tm_err_set(err, TM_E_FORMAT, "%s: '%.*s'", tm_ledger_flaw_text(TM_FLAW_NO_GENESIS),
                          TM_STR_ARG(r->path));
    if (r->genesis.adopted_lines != r->state.adopted_lines ||
        r->genesis.adopted_bytes != r->state.adopted_bytes ||
        (r->genesis.adopted_bytes && tm_hash_cmp(&r->genesis.adopted_sha256, &r->state.adopted_sha256) != 0))
        return damaged(r, TM_FLAW_ADOPTED, r->genesis_line, err);
    flaw = tm_graph_check(&r->graph, &line);
    return flaw ? damaged(r, flaw, line, err) : TM_OK;
}

static void begin(struct reading *r, int fd, uint64_t size)
{
    tm_line_judge_init(&r->judge);
    r->hasher = tm_hasher_new();
    r->prefix_hasher = tm_hasher_new();
    r->file_hasher = r->flags & TM_READ_SHA256 ? tm_hasher_new() : NULL;
    tm_lines_init(&r->lines, fd, size, r->file_hasher);
}

static void finish(struct reading *r)
{
    tm_lines_release(&r->lines);
    tm_line_judge_release(&r->judge);
    tm_graph_release(&r->graph);
    tm_hasher_free(r->hasher);
    tm_hasher_free(r->prefix_hasher);
    tm_hasher_free(r->file_hasher);
    tm_ledger_state_release(&r->state);
}

enum tm_code tm_ledger_read_fd(int fd, uint64_t size, struct tm_str path, unsigned flags,
                               tm_ledger_visit_fn *visit, void *ctx, struct tm_ledger_state *state,
                               struct tm_ledger_tail *tail, struct tm_err *err)
{
    struct reading TM_CLEANUP(finish) r = { .path = path, .flags = flags, .visit = visit, .ctx = ctx };
    struct tm_ledger_places TM_CLEANUP(tm_ledger_places_release) places = TM_LEDGER_PLACES_INIT;
    bool sorted = true;
    enum tm_code code = visit ? tm_ledger_is_sorted(fd, size, &sorted, err) : TM_OK;

    if (code)
        return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(path));
    if (!sorted)
        r.places = &places;
    begin(&r, fd, size);
    code = read_lines(&r, tail, err);
    if (!code)
        code = check_whole(&r, err);
    if (!code && r.places)
        code = tm_ledger_places_visit(&places, fd, path, visit, ctx, err);
    if (code || !state)
        return code;
    tm_graph_heads(&r.graph, &r.state);
    if (r.file_hasher)
        r.state.sha256 = tm_hasher_finish(r.file_hasher);
    *state = r.state;
    r.state = (struct tm_ledger_state) { 0 };
    return TM_OK;
}

/* The lock only keeps a reader from seeing half of a write; on file systems without, reading goes on. */
static void lock(int fd, int operation)
{
    while (flock(fd, operation) < 0 && errno == EINTR)
        ;
}

enum tm_code tm_ledger_open(const struct tm_ledger_file *file, int *fd, uint64_t *size, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct stat st;
    enum tm_code code = tm_root_open_file(file->root, file->path, fd, NULL, &lower);

    *size = 0;
    if (code) {
        *fd = -1;
        return code == TM_E_NOT_FOUND ? TM_OK : tm_err_move(err, &lower);
    }
    lock(*fd, LOCK_SH);
    if (fstat(*fd, &st) < 0)
        code = tm_err_errno(err, errno, "cannot stat '%.*s'", TM_STR_ARG(file->path));
    else
        *size = (uint64_t)st.st_size;
    lock(*fd, LOCK_UN);
    if (code)
        tm_closep(fd);
    return code;
}

/* Opens and reads, fragments included; everything a public reader does. */
static enum tm_code read_file(const struct tm_ledger_file *file, unsigned flags, tm_ledger_visit_fn *visit,
                              void *ctx, struct tm_ledger_state *state, struct tm_err *err)
{
    struct tm_fragments TM_CLEANUP(tm_fragments_release) all = TM_FRAGMENTS_INIT;
    int TM_CLEANUP(tm_closep) fd = -1;
    int TM_CLEANUP(tm_closep) whole = -1;
    uint64_t size, whole_size = 0;
    /* First the fragments: what is folded from then on is in the file. */
    enum tm_code code = tm_fragments_of(&all, file, err);

    if (!code)
        code = tm_ledger_open(file, &fd, &size, err);
    if (!code)
        code = tm_pending_whole(file, &all, fd, size, &whole, &whole_size, err);
    if (code)
        return code;
    if (whole < 0)
        return tm_ledger_read_fd(fd, size, file->path, flags, visit, ctx, state, NULL, err);
    code = tm_ledger_read_fd(whole, whole_size, file->path, flags, visit, ctx, state, NULL, err);
    return code ? tm_err_wrap(err, "with what is pending") : TM_OK;
}

enum tm_code tm_ledger_read(const struct tm_ledger_file *file, tm_ledger_visit_fn *visit, void *ctx,
                            struct tm_ledger_state *state, struct tm_err *err)
{
    return read_file(file, TM_READ_IDS | (state ? TM_READ_SHA256 : 0), visit, ctx, state, err);
}

enum tm_code tm_ledger_scan(const struct tm_ledger_file *file, tm_ledger_visit_fn *visit, void *ctx,
                            struct tm_err *err)
{
    return read_file(file, 0, visit, ctx, NULL, err);
}

void tm_ledger_state_release(struct tm_ledger_state *state)
{
    free(state->heads);
    free(state->head_lcs);
    *state = (struct tm_ledger_state) { 0 };
}
