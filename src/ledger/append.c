#include "ledger/ledger.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "ledger/act.h"
#include "ledger/head_cache.h"
#include "ledger/lines.h"
#include "ledger/order.h"
#include "ledger/parse.h"
#include "ledger/pending.h"
#include "ledger/read.h"
#include "ledger/spell.h"
#include "repo/repo.h"

enum {
    TORN_MAX = 16 << 20,
    APPEND_TRIES = 100, /* when another process replaces the file while it is written to */
};

const char *const tm_ledger_names[] = { "bench", "coverage", "freeze", "scaffold", "test_scaffold", NULL };

struct tm_ledger_file tm_ledger_in(const struct tm_repo *repo, struct tm_str path)
{
    return (struct tm_ledger_file) { &repo->root, path, &repo->state, repo->log };
}

void tm_ledger_run_init(struct tm_ledger_run *run)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    tm_random_add_hex(&hex, TM_LEDGER_RUN_HEX / 2);
    memcpy(run->id, hex.data, TM_LEDGER_RUN_HEX + 1);
    run->count = 0;
}

/* What is being written: the lines so far and what the next entry chains to. */
struct chain {
    struct tm_ledger_run *run;
    int64_t ts_s;
    char log[TM_LEDGER_LOG_HEX + 1];
    uint64_t lc; /* greatest among prev */
    struct tm_hash prev[TM_LEDGER_PREV_MAX];
    size_t n_prev;
    struct tm_ledger_parser parser;
    struct tm_buf lines;
};

static void chain_release(struct chain *chain)
{
    tm_ledger_parser_release(&chain->parser);
    tm_buf_release(&chain->lines);
}

static int last_first(const void *a, const void *b)
{
    return -tm_ledger_key_cmp(a, b);
}

static int by_id(const void *a, const void *b)
{
    return tm_hash_cmp(a, b);
}

/* All heads; of more than fit in an entry, the last ones in ledger order. */
static void chain_to_heads(struct chain *chain, const struct tm_ledger_state *state)
{
    struct tm_ledger_key *keys = tm_alloc_array(state->n_heads, sizeof(*keys));

    for (size_t i = 0; i < state->n_heads; i++)
        keys[i] = (struct tm_ledger_key) { state->head_lcs[i], state->heads[i] };
    if (state->n_heads > TM_LEDGER_PREV_MAX)
        qsort(keys, state->n_heads, sizeof(*keys), last_first);
    chain->n_prev = TM_MIN(state->n_heads, (size_t)TM_LEDGER_PREV_MAX);
    for (size_t i = 0; i < chain->n_prev; i++)
        chain->prev[i] = keys[i].id;
    if (chain->n_prev)
        qsort(chain->prev, chain->n_prev, sizeof(*chain->prev), by_id);
    chain->lc = state->max_lc;
    free(keys);
}

static enum tm_code cannot_spell(enum tm_ledger_flaw flaw, const struct tm_ledger_draft *draft,
                                 struct tm_err *err)
{
    return tm_err_set(err, flaw == TM_FLAW_TOO_LONG ? TM_E_LIMIT : TM_E_FORMAT,
                      "cannot write a %s entry for module '%.*s': %s", tm_ledger_kind_name(draft->kind),
                      TM_STR_ARG(draft->module), tm_ledger_flaw_text(flaw));
}

/* Spells one entry behind the others; what the strict reader would refuse is never written. */
static enum tm_code chain_add(struct chain *chain, const struct tm_ledger_draft *draft, struct tm_hash *id,
                              struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) run = TM_BUF_INIT;
    size_t start = chain->lines.len;
    struct tm_ledger_entry read;
    enum tm_ledger_flaw flaw;
    struct tm_str line;

    if (!tm_str_is_utf8(draft->module))
        return cannot_spell(TM_FLAW_UTF8, draft, err);
    tm_buf_addf(&run, "%s.%llu", chain->run->id, (unsigned long long)++chain->run->count);
    struct tm_ledger_entry entry = {
        .log = tm_str(chain->log),
        .lc = chain->lc + 1,
        .prev = chain->prev,
        .n_prev = chain->n_prev,
        .run = tm_buf_str(&run),
        .ts_s = chain->ts_s,
        .kind = tm_str(tm_ledger_kind_name(draft->kind)),
        .module = draft->module,
        .body = draft->body,
    };
    tm_ledger_spell(&entry, &chain->lines);
    line = tm_str_from(tm_buf_str(&chain->lines), start);
    flaw = tm_ledger_parse(&chain->parser, line, &read);
    if (flaw)
        return cannot_spell(flaw, draft, err);
    chain->prev[0] = tm_hash_of(line);
    chain->n_prev = 1;
    chain->lc++;
    if (id)
        *id = chain->prev[0];
    tm_buf_addc(&chain->lines, '\n');
    return TM_OK;
}

static enum tm_code add_genesis(struct chain *chain, const struct tm_ledger_state *state, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_ledger_draft draft = { TM_LEDGER_GENESIS, TM_STR(""), TM_STR("") };
    struct tm_genesis genesis = { state->adopted_lines, state->adopted_bytes, state->adopted_sha256 };

    tm_random_add_hex(&text, TM_LEDGER_LOG_HEX / 2);
    memcpy(chain->log, text.data, sizeof(chain->log));
    tm_genesis_body(&genesis, &text);
    draft.body = tm_buf_str(&text);
    return chain_add(chain, &draft, NULL, err);
}

/* Spells everything that an append to a ledger in that state writes. */
static enum tm_code chain_spell(struct chain *chain, const struct tm_ledger_state *state,
                                const struct tm_ledger_draft *drafts, size_t n, struct tm_hash *ids,
                                struct tm_err *err)
{
    enum tm_code code = TM_OK;

    tm_ledger_parser_init(&chain->parser);
    chain_to_heads(chain, state);
    memcpy(chain->log, state->log, sizeof(chain->log));
    if (!state->log[0])
        code = add_genesis(chain, state, err);
    for (size_t i = 0; i < n && !code; i++)
        code = chain_add(chain, &drafts[i], ids ? &ids[i] : NULL, err);
    return code;
}

/* Copies the torn end into the state folder, so that cutting it off loses nothing. */
static enum tm_code keep_torn(const struct tm_ledger_file *file, int fd, const struct tm_ledger_tail *tail,
                              struct tm_buf *kept, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_str base = tm_path_base(file->path);
    struct tm_hash hash;
    bool same = false;

    if (!file->state)
        return tm_err_set(err, TM_E_FORMAT, "the last line of '%.*s' is cut off", TM_STR_ARG(file->path));
    if (tail->len > TORN_MAX)
        return tm_err_set(err, TM_E_LIMIT,
                          "the last %llu bytes of '%.*s' are no entry, look at them and cut them off",
                          (unsigned long long)tail->len, TM_STR_ARG(file->path));
    if (tm_ledger_read_bytes(fd, tail->at, (size_t)tail->len, &bytes, err))
        return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(file->path));
    hash = tm_hash_of(tm_buf_str(&bytes));
    tm_hash_add_hex(&hex, &hash);
    tm_buf_clear(kept);
    tm_buf_addf(kept, "torn/%.*s-%.16s", TM_STR_ARG(base), hex.data);
    if (tm_root_create(file->state, tm_buf_str(kept), tm_buf_str(&bytes), &lower) == TM_OK)
        return TM_OK;
    /* Kept before, by one that was stopped before it cut them off. */
    if (lower.code == TM_E_EXISTS &&
        tm_root_holds(file->state, tm_buf_str(kept), tm_buf_str(&bytes), &same, NULL) == TM_OK && same)
        return TM_OK;
    return tm_err_move(err, &lower);
}

static enum tm_code cut_off(const struct tm_ledger_file *file, int fd, uint64_t size, struct tm_err *err)
{
    if (ftruncate(fd, (off_t)size) < 0 || fdatasync(fd) < 0)
        return tm_err_errno(err, errno, "cannot cut the torn end off '%.*s'", TM_STR_ARG(file->path));
    return TM_OK;
}

/* Sets the end of a locked ledger right. */
static enum tm_code mend_tail(const struct tm_ledger_file *file, int fd, const struct tm_ledger_tail *tail,
                              struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) kept = TM_BUF_INIT;
    enum tm_code code;

    if (tail->flaw == TM_FLAW_NO_LF) {
        if (tm_append_write(fd, TM_STR("\n"), err))
            return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(file->path));
        tm_log_warn(file->log, "the last line of '%.*s' had no line feed, added it", TM_STR_ARG(file->path));
        return TM_OK;
    }
    code = keep_torn(file, fd, tail, &kept, err);
    if (code)
        return code;
    /* Told before it is done: whoever is killed in between has not kept it to himself. */
    tm_log_warn(file->log, "the last write to '%.*s' was cut off, moved %llu bytes to '%s/%s'",
                TM_STR_ARG(file->path), (unsigned long long)tail->len, file->state->path, kept.data);
    return cut_off(file, fd, tail->at, err);
}

/*
 * What an append must know of the locked ledger: by the note on its head, or by reading it, mending its end
 * first when it needs it. *seen is of the file as it was read.
 */
static enum tm_code read_locked(const struct tm_ledger_file *file, int fd, struct tm_ledger_state *state,
                                struct stat *seen, bool *mended, struct tm_err *err)
{
    struct tm_ledger_tail tail = { TM_FLAW_NONE, 0, 0 };

    for (int tries = 0;; tries++) {
        enum tm_code code;

        if (fstat(fd, seen) < 0)
            return tm_err_errno(err, errno, "cannot stat '%.*s'", TM_STR_ARG(file->path));
        if (tm_head_cache_load(file, fd, state))
            return TM_OK;
        code = tm_ledger_read_fd(fd, (uint64_t)seen->st_size, file->path, TM_READ_IDS, NULL, NULL, state,
                                 tries ? NULL : &tail, err);
        if (code || !tail.flaw)
            return code;
        tm_ledger_state_release(state);
        code = mend_tail(file, fd, &tail, err);
        if (code)
            return code;
        tail.flaw = TM_FLAW_NONE;
        *mended = true;
    }
}

/* What is asked of one append. */
struct request {
    const struct tm_ledger_file *file;
    struct tm_ledger_run *run;
    int64_t ts_s;
    const struct tm_ledger_draft *drafts;
    size_t n;
    struct tm_hash *ids;
};

static bool is_untouched(int fd, const struct stat *seen)
{
    struct stat now;

    return fstat(fd, &now) == 0 && now.st_size == seen->st_size &&
           now.st_mtim.tv_sec == seen->st_mtim.tv_sec && now.st_mtim.tv_nsec == seen->st_mtim.tv_nsec &&
           now.st_ctim.tv_sec == seen->st_ctim.tv_sec && now.st_ctim.tv_nsec == seen->st_ctim.tv_nsec;
}

/* Spells and writes behind what is there, and notes the new head when it is the only one. */
static enum tm_code write_locked(const struct request *request, int fd, const struct tm_ledger_state *state,
                                 const struct stat *seen, struct tm_err *err)
{
    const struct tm_ledger_file *file = request->file;
    struct chain TM_CLEANUP(chain_release)
        chain = { .run = request->run, .ts_s = request->ts_s, .lines = TM_BUF_INIT };
    enum tm_code code = chain_spell(&chain, state, request->drafts, request->n, request->ids, err);
    bool untouched;

    if (code)
        return code;
    untouched = is_untouched(fd, seen);
    if (tm_append_write(fd, tm_buf_str(&chain.lines), err))
        return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(file->path));
    if (untouched && state->n_heads <= TM_LEDGER_PREV_MAX)
        tm_head_cache_save(file, fd, state->bytes + chain.lines.len, chain.prev);
    return TM_OK;
}

/* The state of file and fragments together, which is *state when there are none. */
static enum tm_code read_whole(const struct tm_ledger_file *file, int fd, struct tm_ledger_state *state,
                               struct tm_err *err)
{
    struct tm_fragments TM_CLEANUP(tm_fragments_release) all = TM_FRAGMENTS_INIT;
    int TM_CLEANUP(tm_closep) whole = -1;
    uint64_t size = 0;
    enum tm_code code = tm_fragments_of(&all, file, err);

    if (!code)
        code = tm_pending_whole(file, &all, fd, state->bytes, &whole, &size, err);
    if (code || whole < 0)
        return code;
    tm_ledger_state_release(state);
    code = tm_ledger_read_fd(whole, size, file->path, TM_READ_IDS, NULL, NULL, state, NULL, err);
    return code ? tm_err_wrap(err, "with what is pending") : TM_OK;
}

/* Spells and writes a fragment, while the lock keeps others from naming the same heads. */
static enum tm_code write_fragment(const struct request *request, int fd, struct tm_ledger_state *state,
                                   struct tm_err *err)
{
    const struct tm_ledger_file *file = request->file;
    struct chain TM_CLEANUP(chain_release)
        chain = { .run = request->run, .ts_s = request->ts_s, .lines = TM_BUF_INIT };
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_code code = read_whole(file, fd, state, err);

    if (!code)
        code = chain_spell(&chain, state, request->drafts, request->n, request->ids, err);
    if (!code && chain.lines.len > TM_FRAGMENT_MAX)
        code =
            tm_err_set(err, TM_E_LIMIT, "a fragment of '%.*s' would be over %d MiB, append without --pending",
                       TM_STR_ARG(file->path), TM_FRAGMENT_MAX >> 20);
    if (code)
        return code;
    tm_fragment_path(file->path, &chain.prev[0], &path);
    return tm_root_create(file->root, tm_buf_str(&path), tm_buf_str(&chain.lines), err);
}

/* *replaced: the file is not the ledger any more, and what was written to it is lost. */
static enum tm_code write_to_file(const struct request *request, int fd, const struct tm_ledger_state *state,
                                  const struct stat *seen, bool *replaced, struct tm_err *err)
{
    const struct tm_ledger_file *file = request->file;
    enum tm_code code = write_locked(request, fd, state, seen, err);

    if (code)
        return code;
    *replaced = tm_root_is_replaced(file->root, file->path, fd);
    if (file->pending && !*replaced)
        tm_log_note(file->log,
                    "'%.*s' had to be begun, in its file: merge that before another branch begins it too",
                    TM_STR_ARG(file->path));
    return TM_OK;
}

/* What a failed append created goes again; others wait for the lock and look again. */
static void remove_empty(const struct tm_ledger_file *file, int fd)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && st.st_size == 0 && !tm_root_is_replaced(file->root, file->path, fd))
        (void)!tm_root_unlink(file->root, file->path, NULL);
}

static enum tm_code append_once(const struct request *request, bool *replaced, struct tm_err *err)
{
    const struct tm_ledger_file *file = request->file;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
    bool existed = tm_root_exists(file->root, file->path), mended = false;
    struct stat seen;
    int fd;
    enum tm_code code = tm_append_open(file->root, file->path, &fd, err);

    if (code)
        return code;
    code = read_locked(file, fd, &state, &seen, &mended, err);
    if (!code && file->pending && state.entries)
        code = write_fragment(request, fd, &state, err);
    else if (!code)
        code = write_to_file(request, fd, &state, &seen, replaced, err);
    if (code && !existed && !mended)
        remove_empty(file, fd);
    tm_append_close(fd);
    return code;
}

enum tm_code tm_ledger_append(const struct tm_ledger_file *file, struct tm_ledger_run *run, int64_t ts_s,
                              const struct tm_ledger_draft *drafts, size_t n, struct tm_hash *ids,
                              struct tm_err *err)
{
    const struct request request = { file, run, ts_s, drafts, n, ids };

    if (n == 0)
        return TM_OK;
    for (int tries = 0; tries < APPEND_TRIES; tries++) {
        bool replaced = false;
        enum tm_code code = append_once(&request, &replaced, err);

        if (code || !replaced)
            return code;
    }
    return tm_err_set(err, TM_E_LOCKED, "'%.*s' is replaced again and again by another process",
                      TM_STR_ARG(file->path));
}

enum tm_code tm_ledger_mend(const struct tm_ledger_file *file, bool *mended, struct tm_err *err)
{
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
    bool found = false, there;
    struct stat seen;
    int fd;
    enum tm_code code = tm_root_find(file->root, file->path, &there, err);

    if (!code && there) {
        code = tm_append_open(file->root, file->path, &fd, err);
        if (code)
            return code;
        code = read_locked(file, fd, &state, &seen, &found, err);
        tm_append_close(fd);
    }
    if (!code && mended)
        *mended = found;
    return code;
}

enum tm_code tm_ledger_compose(const struct tm_ledger_file *file, struct tm_ledger_run *run, int64_t ts_s,
                               const struct tm_ledger_draft *drafts, size_t n, struct tm_buf *out,
                               struct tm_hash *ids, struct tm_err *err)
{
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
    struct chain TM_CLEANUP(chain_release) chain = { .run = run, .ts_s = ts_s, .lines = TM_BUF_INIT };
    struct tm_buf TM_CLEANUP(tm_buf_release) whole = TM_BUF_INIT;
    int TM_CLEANUP(tm_closep) fd = -1;
    uint64_t size;
    enum tm_code code = tm_ledger_open(file, &fd, &size, err);

    if (!code)
        code = tm_ledger_read_fd(fd, size, file->path, TM_READ_IDS, NULL, NULL, &state, NULL, err);
    if (!code && size && tm_ledger_read_bytes(fd, 0, size, &whole, err))
        code = tm_err_wrap(err, "'%.*s'", TM_STR_ARG(file->path));
    if (!code)
        code = chain_spell(&chain, &state, drafts, n, ids, err);
    if (code)
        return code;
    tm_buf_add_str(&whole, tm_buf_str(&chain.lines));
    tm_buf_release(out);
    *out = whole;
    whole = TM_BUF_INIT;
    return TM_OK;
}
