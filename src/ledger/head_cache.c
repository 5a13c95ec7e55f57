#include "ledger/head_cache.h"

#include "base/alloc.h"
#include "base/path.h"
#include "ledger/lines.h"
#include "ledger/parse.h"

/* Where the note on a ledger is kept; the absolute path tells work trees apart, which share the state folder.
 */
static void note_path(const struct tm_ledger_file *file, struct tm_buf *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) whole = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_hash hash;

    tm_buf_addf(&whole, "%s/%.*s", file->root->path, TM_STR_ARG(file->path));
    hash = tm_hash_of(tm_buf_str(&whole));
    tm_hash_add_hex(&hex, &hash);
    tm_buf_addf(path, "heads/%.*s-%.16s", TM_STR_ARG(tm_path_base(file->path)), hex.data);
}

bool tm_head_cache_last(struct tm_ledger_parser *parser, struct tm_str tail, struct tm_ledger_entry *entry)
{
    struct tm_str line;
    const char *lf;

    if (tail.len < 2 || tail.data[tail.len - 1] != '\n')
        return false;
    line = tm_str_n(tail.data, tail.len - 1);
    lf = memrchr(line.data, '\n', line.len);
    if (!lf)
        return false;
    line = tm_str_from(line, (size_t)(lf + 1 - line.data));
    if (tm_ledger_parse(parser, line, entry))
        return false;
    entry->id = tm_hash_of(line);
    return true;
}

static int64_t ns_of(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static void spell_note(const struct stat *st, struct tm_str tail, const struct tm_ledger_entry *last,
                       struct tm_buf *out)
{
    struct tm_hash hash = tm_hash_of(tail);

    tm_buf_addf(out,
                "{\"format\":\"tidemark-heads/1\",\"bytes\":%llu,\"device\":%llu,\"inode\":%llu,"
                "\"mtime_ns\":%lld,\"ctime_ns\":%lld,\"tail_sha256\":\"",
                (unsigned long long)st->st_size, (unsigned long long)st->st_dev,
                (unsigned long long)st->st_ino, (long long)ns_of(&st->st_mtim),
                (long long)ns_of(&st->st_ctim));
    tm_hash_add_hex(out, &hash);
    tm_buf_addf(out, "\",\"log\":\"%.*s\",\"head\":\"", TM_STR_ARG(last->log));
    tm_hash_add_hex(out, &last->id);
    tm_buf_addf(out, "\",\"lc\":%llu}\n", (unsigned long long)last->lc);
}

/* The end of a ledger and the note that would be right for it. */
struct look {
    struct tm_buf tail, note;
    struct tm_ledger_parser parser;
    struct tm_ledger_entry last; /* points into tail */
    uint64_t bytes;
};

static void look_init(struct look *look)
{
    *look = (struct look) { .tail = TM_BUF_INIT, .note = TM_BUF_INIT };
    tm_ledger_parser_init(&look->parser);
}

static void look_release(struct look *look)
{
    tm_ledger_parser_release(&look->parser);
    tm_buf_release(&look->tail);
    tm_buf_release(&look->note);
}

/* False when there cannot be a note. */
static bool look_at(struct look *look, int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0 || st.st_size <= TM_HEAD_CACHE_TAIL)
        return false;
    look->bytes = (uint64_t)st.st_size;
    if (tm_ledger_read_bytes(fd, look->bytes - TM_HEAD_CACHE_TAIL, TM_HEAD_CACHE_TAIL, &look->tail, NULL) ||
        !tm_head_cache_last(&look->parser, tm_buf_str(&look->tail), &look->last))
        return false;
    spell_note(&st, tm_buf_str(&look->tail), &look->last, &look->note);
    return true;
}

bool tm_head_cache_load(const struct tm_ledger_file *file, int fd, struct tm_ledger_state *state)
{
    struct look TM_CLEANUP(look_release) look;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    bool same = false;

    look_init(&look);
    if (!file->state || !look_at(&look, fd))
        return false;
    note_path(file, &path);
    if (tm_root_holds(file->state, tm_buf_str(&path), tm_buf_str(&look.note), &same, NULL) || !same)
        return false;
    *state = (struct tm_ledger_state) {
        .bytes = look.bytes,
        .entries = look.last.lc,
        .n_heads = 1,
        .max_lc = look.last.lc,
    };
    memcpy(state->log, look.last.log.data, TM_LEDGER_LOG_HEX);
    state->heads = tm_alloc_array(1, sizeof(*state->heads));
    state->heads[0] = look.last.id;
    state->head_lcs = tm_alloc_array(1, sizeof(*state->head_lcs));
    state->head_lcs[0] = look.last.lc;
    return true;
}

void tm_head_cache_save(const struct tm_ledger_file *file, int fd, uint64_t bytes, const struct tm_hash *head)
{
    struct look TM_CLEANUP(look_release) look;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    look_init(&look);
    if (!file->state || bytes <= TM_HEAD_CACHE_TAIL || !look_at(&look, fd))
        return;
    if (look.bytes != bytes || tm_hash_cmp(&look.last.id, head) != 0)
        return;
    note_path(file, &path);
    (void)!tm_root_note(file->state, tm_buf_str(&path), tm_buf_str(&look.note), NULL);
}
