#include "ledger/pending.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "ledger/lines.h"
#include "ledger/parse.h"
#include "repo/repo.h"

#define FOLDER "pending"
#define SUFFIX ".ndjson"

enum { BLOCK = 1 << 20 };

bool tm_fragment_is_name(struct tm_str name, struct tm_hash *id)
{
    return tm_str_has_suffix(name, TM_STR(SUFFIX)) &&
           tm_hash_parse(tm_str_n(name.data, name.len - strlen(SUFFIX)), id);
}

void tm_fragment_folder(struct tm_str ledger_path, struct tm_buf *out)
{
    tm_path_join(out, tm_path_dir(ledger_path), TM_STR(FOLDER));
}

void tm_fragment_path(struct tm_str ledger_path, const struct tm_hash *id, struct tm_buf *out)
{
    tm_fragment_folder(ledger_path, out);
    tm_buf_addc(out, '/');
    tm_hash_add_hex(out, id);
    tm_buf_adds(out, SUFFIX);
}

const char *tm_fragment_ledger(struct tm_str kind)
{
    static const struct {
        enum tm_ledger_kind kind;
        const char *ledger;
    } rows[] = {
        { TM_LEDGER_COVERAGE, "coverage" }, { TM_LEDGER_BENCH, "bench" },
        { TM_LEDGER_SCAFFOLD, "scaffold" }, { TM_LEDGER_TEST_SCAFFOLD, "test_scaffold" },
        { TM_LEDGER_FREEZE, "freeze" },     { TM_LEDGER_ROLLBACK, "freeze" },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++)
        if (tm_str_is(kind, tm_ledger_kind_name(rows[i].kind)))
            return rows[i].ledger;
    return NULL;
}

/* One line of a fragment, chained to the one before. */
static const char *read_line(struct tm_fragment *fragment, struct tm_ledger_parser *parser,
                             struct tm_str line)
{
    const struct tm_hash *before = fragment->n_entries ? &fragment->entries[fragment->n_entries - 1] : NULL;
    struct tm_ledger_entry entry;
    enum tm_ledger_flaw flaw = tm_ledger_parse(parser, line, &entry);
    const char *ledger = flaw ? NULL : tm_fragment_ledger(entry.kind);

    assert(fragment->entries);
    if (flaw)
        return tm_ledger_flaw_text(flaw);
    if (!ledger || (before && ledger != fragment->ledger))
        return "entry of a kind that cannot stand there";
    if (before && (entry.n_prev != 1 || tm_hash_cmp(&entry.prev[0], before) != 0))
        return "entry that is not chained to the one before";
    if (entry.n_prev == 0)
        return tm_ledger_flaw_text(TM_FLAW_NO_PARENTS);
    fragment->ledger = ledger;
    fragment->entries[fragment->n_entries++] = tm_hash_of(line);
    return NULL;
}

static enum tm_code read_lines(struct tm_fragment *fragment, struct tm_err *err)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_str rest = fragment->text, line;

    tm_ledger_parser_init(&parser);
    rest.len--; /* the LF at the end divides nothing */
    while (tm_str_split(&rest, '\n', &line)) {
        const char *problem = read_line(fragment, &parser, line);

        if (problem)
            return tm_err_set(err, TM_E_FORMAT, "%s at line %zu of '%.*s'", problem, fragment->n_entries + 1,
                              TM_STR_ARG(fragment->path));
    }
    return TM_OK;
}

enum tm_code tm_fragment_parse(struct tm_fragment *fragment, struct tm_arena *arena, struct tm_str path,
                               struct tm_str text, const struct tm_hash *named, struct tm_err *err)
{
    struct tm_fragment read = { .path = path, .text = text };
    enum tm_code code;

    if (text.len < 2 || text.data[text.len - 1] != '\n')
        return tm_err_set(err, TM_E_FORMAT, "the last line of '%.*s' has no line feed", TM_STR_ARG(path));
    read.entries = tm_arena_array(arena, tm_str_count(text, '\n'), sizeof(*read.entries));
    code = read_lines(&read, err);
    if (code)
        return code;
    if (tm_hash_cmp(&read.entries[read.n_entries - 1], named) != 0)
        return tm_err_set(err, TM_E_FORMAT, "the name of '%.*s' is not the id of its last line",
                          TM_STR_ARG(path));
    *fragment = read;
    return TM_OK;
}

/* ---- All of a folder ---- */

void tm_fragments_release(struct tm_fragments *all)
{
    free(all->items);
    tm_arena_release(&all->arena);
    *all = TM_FRAGMENTS_INIT;
}

struct reading {
    struct tm_fragments *all;
    struct tm_str folder;
};

static enum tm_code note_name(void *ctx, const char *name, struct tm_err *err)
{
    struct reading *r = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_hash id;

    if (!tm_fragment_is_name(tm_str(name), &id))
        return TM_OK;
    tm_path_join(&path, r->folder, tm_str(name));
    TM_GROW(r->all->items, r->all->n, r->all->cap);
    r->all->items[r->all->n++] =
        (struct tm_fragment) { .path = tm_arena_str(&r->all->arena, tm_buf_str(&path)) };
    return TM_OK;
}

static int by_path(const void *a, const void *b)
{
    const struct tm_fragment *left = a, *right = b;

    return tm_str_cmp(left->path, right->path);
}

/* A fragment that is gone by now has no ledger. */
static enum tm_code read_one(struct tm_fragments *all, const struct tm_root *root,
                             struct tm_fragment *fragment, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_hash id;
    enum tm_code code = tm_root_read(root, fragment->path, TM_FRAGMENT_MAX, &text, &lower);

    if (code)
        return code == TM_E_NOT_FOUND ? TM_OK : tm_err_move(err, &lower);
    if (!tm_fragment_is_name(tm_path_base(fragment->path), &id))
        return TM_OK;
    return tm_fragment_parse(fragment, &all->arena, fragment->path,
                             tm_arena_str(&all->arena, tm_buf_str(&text)), &id, err);
}

enum tm_code tm_fragments_read(struct tm_fragments *all, const struct tm_root *root, struct tm_str path,
                               const char *ledger, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;
    struct reading r = { all, TM_STR("") };
    size_t kept = 0;
    enum tm_code code;

    *all = TM_FRAGMENTS_INIT;
    tm_fragment_folder(path, &folder);
    r.folder = tm_buf_str(&folder);
    code = tm_root_names(root, r.folder, note_name, &r, err);
    if (all->n)
        qsort(all->items, all->n, sizeof(*all->items), by_path);
    for (size_t i = 0; i < all->n && !code; i++) {
        const char *its = NULL;

        code = read_one(all, root, &all->items[i], err);
        its = all->items[i].ledger;
        if (code || !its || (ledger && strcmp(its, ledger) != 0))
            continue;
        all->n_entries += all->items[i].n_entries;
        all->items[kept++] = all->items[i];
    }
    if (!code)
        all->n = kept;
    return code;
}

enum tm_code tm_fragments_of(struct tm_fragments *all, const struct tm_ledger_file *file, struct tm_err *err)
{
    struct tm_str base = tm_path_base(file->path);
    char *TM_CLEANUP(tm_freep) name = tm_strndup(base.data, base.len - tm_path_ext(base).len);

    return tm_fragments_read(all, file->root, file->path, name, err);
}

/* ---- The ledger as a whole ---- */

/* A file without a name, beside the state where there is one: a ledger may be larger than memory. */
static int open_nameless(const struct tm_ledger_file *file)
{
    int fd = file->state ? open(file->state->path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;

    return fd >= 0 ? fd : memfd_create("ledger", MFD_CLOEXEC);
}

static enum tm_code copy(int from, uint64_t size, int to, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) block = TM_BUF_INIT;
    enum tm_code code = TM_OK;

    for (uint64_t at = 0; at < size && !code; at += BLOCK) {
        code = tm_ledger_read_bytes(from, at, (size_t)TM_MIN(size - at, (uint64_t)BLOCK), &block, err);
        if (!code)
            code = tm_fd_write_all(to, tm_buf_str(&block), err);
    }
    return code;
}

static enum tm_code ends_a_line(int fd, uint64_t size, bool *yes, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) last = TM_BUF_INIT;
    enum tm_code code = size ? tm_ledger_read_bytes(fd, size - 1, 1, &last, err) : TM_OK;

    *yes = !code && (size == 0 || last.data[0] == '\n');
    return code;
}

static enum tm_code compose(const struct tm_ledger_file *file, int fd, uint64_t size,
                            const struct tm_fragments *all, int to, uint64_t *whole_size, struct tm_err *err)
{
    enum tm_code code = copy(fd, size, to, err);

    *whole_size = size;
    for (size_t i = 0; i < all->n && !code; i++) {
        code = tm_fd_write_all(to, all->items[i].text, err);
        *whole_size += all->items[i].text.len;
    }
    return code ? tm_err_wrap(err, "'%.*s'", TM_STR_ARG(file->path)) : TM_OK;
}

enum tm_code tm_pending_whole(const struct tm_ledger_file *file, const struct tm_fragments *all, int fd,
                              uint64_t size, int *whole, uint64_t *whole_size, struct tm_err *err)
{
    bool whole_lines;
    enum tm_code code;

    *whole = -1;
    if (all->n == 0)
        return TM_OK;
    code = ends_a_line(fd, size, &whole_lines, err);
    if (code)
        return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(file->path));
    if (!whole_lines)
        return TM_OK;
    *whole = open_nameless(file);
    if (*whole < 0)
        return tm_err_errno(err, errno, "cannot make a temporary file for '%.*s'", TM_STR_ARG(file->path));
    code = compose(file, fd, size, all, *whole, whole_size, err);
    if (code)
        tm_closep(whole);
    return code;
}

/* ---- For commands ---- */

static enum tm_code read_of(const struct tm_repo *repo, struct tm_fragments *all, struct tm_buf *folder,
                            struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    tm_repo_ledger(repo, "x" SUFFIX, &path);
    tm_fragment_folder(tm_buf_str(&path), folder);
    return tm_fragments_read(all, &repo->root, tm_buf_str(&path), NULL, err);
}

enum tm_code tm_pending_refuse(const struct tm_repo *repo, struct tm_err *err)
{
    struct tm_fragments TM_CLEANUP(tm_fragments_release) all = TM_FRAGMENTS_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;
    enum tm_code code = read_of(repo, &all, &folder, err);

    if (code || all.n == 0)
        return code;
    return tm_err_set(err, TM_E_REFUSED,
                      "%zu ledger %s pending in '%s', run 'tidemark ledger fold --apply' first",
                      all.n_entries, all.n_entries == 1 ? "entry is" : "entries are", folder.data);
}

void tm_pending_note(const struct tm_repo *repo, struct tm_log *log)
{
    struct tm_fragments TM_CLEANUP(tm_fragments_release) all = TM_FRAGMENTS_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;

    /* What cannot be read was said by who read the ledgers. */
    if (read_of(repo, &all, &folder, NULL) || all.n == 0)
        return;
    tm_log_note(log, "%zu ledger %s pending in '%s' and counted", all.n_entries,
                all.n_entries == 1 ? "entry is" : "entries are", folder.data);
}
