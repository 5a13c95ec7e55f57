#include "ledger/history.h"

#include "base/alloc.h"
#include "base/path.h"
#include "ledger/idset.h"
#include "ledger/judge.h"
#include "ledger/lines.h"
#include "ledger/pending.h"
#include "ledger/read.h"

#define BLOB_MAX (UINT64_C(2) << 30)

/* A version of the file; the last two are kept, for a step's end is mostly the next one's beginning. */
struct version {
    struct tm_oid blob;
    struct tm_buf data;
};

struct holding {
    struct tm_ledger_history *history;
    const struct tm_repo *repo;
    const struct tm_ledger_history_range *range;
    struct tm_str dir;
    const struct tm_str *names; /* of n ledgers, and one more for the folder of fragments */
    struct tm_ledger_findings *const *findings;
    struct tm_idset *now; /* of each name, the lines that are there now */
    size_t n;
    bool pending; /* fragments are looked at */
    struct version versions[2];
    size_t oldest; /* index of the version that goes next */
    struct tm_line_judge judge;
    struct tm_hasher *hasher;
};

static void release(struct holding *h)
{
    for (size_t i = 0; i <= h->n; i++)
        tm_idset_release(&h->now[i]);
    free(h->now);
    for (size_t i = 0; i < TM_LEN(h->versions); i++)
        tm_buf_release(&h->versions[i].data);
    tm_line_judge_release(&h->judge);
    tm_hasher_free(h->hasher);
}

static enum tm_code resolve(struct tm_git *git, struct tm_str text, struct tm_oid *commit, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) rev = tm_strndup(text.data, text.len);

    return tm_git_resolve(git, text.len ? rev : "HEAD", commit, err);
}

enum tm_code tm_ledger_history_parse(struct tm_ledger_history_range *range, struct tm_git *git,
                                     const char *text, struct tm_err *err)
{
    struct tm_str all = tm_str(text);
    const char *dots = text ? strstr(text, "..") : NULL;
    struct tm_ledger_history_range read = { .work_tree = all.len == 0 };
    enum tm_code code = TM_OK;

    if (dots && dots[2] == '.')
        return tm_err_set(err, TM_E_USAGE, "'%s' is not a range like A..B", text);
    if (dots && dots > text)
        code = resolve(git, tm_str_n(text, (size_t)(dots - text)), &read.from, err);
    if (!code)
        code = resolve(git, dots ? tm_str(dots + 2) : all, &read.to, err);
    if (!code)
        *range = read;
    return code;
}

/* Adds the content of a fragment. */
static enum tm_code add_blob(void *ctx, struct tm_str path, unsigned mode, const struct tm_oid *blob,
                             struct tm_err *err)
{
    struct holding *h = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_buf *out = &h->versions[h->oldest].data;
    enum tm_code code = tm_git_read_blob(h->repo->git, blob, BLOB_MAX, &data, err);

    (void)path;
    (void)mode;
    tm_buf_add_str(out, tm_buf_str(&data));
    if (data.len && data.data[data.len - 1] != '\n')
        tm_buf_addc(out, '\n');
    return code;
}

/* The content of a blob, or of all in a folder, until the one after the next is asked for; "" has none. */
static enum tm_code read_version(struct holding *h, bool is_folder, const struct tm_oid *blob,
                                 struct tm_str *data, struct tm_err *err)
{
    struct version *version = &h->versions[h->oldest];
    enum tm_code code;

    for (size_t i = 0; i < TM_LEN(h->versions); i++) {
        if (strcmp(h->versions[i].blob.hex, blob->hex) != 0)
            continue;
        *data = tm_buf_str(&h->versions[i].data);
        h->oldest = 1 - i;
        return TM_OK;
    }
    tm_buf_clear(&version->data);
    version->blob = (struct tm_oid) { "" };
    code = !*blob->hex ? TM_OK
           : is_folder ? tm_git_tree_walk_id(h->repo->git, blob, TM_STR(""), add_blob, h, err)
                       : tm_git_read_blob(h->repo->git, blob, BLOB_MAX, &version->data, err);
    if (code)
        return code;
    version->blob = *blob;
    *data = tm_buf_str(&version->data);
    h->oldest = 1 - h->oldest;
    return TM_OK;
}

static struct tm_hash hash_of(struct holding *h, struct tm_str line)
{
    tm_hasher_add(h->hasher, line);
    return tm_hasher_finish(h->hasher);
}

static void add_lines(struct holding *h, struct tm_idset *set, struct tm_str data)
{
    struct tm_str line;

    while (data.len && tm_str_split(&data, '\n', &line)) {
        struct tm_hash id = hash_of(h, line);

        tm_idset_add(set, &id);
    }
}

/* True when the line must be kept; *before_genesis when nothing protects it yet. */
static bool counts(struct holding *h, struct tm_str line, bool in_prefix, bool has_entries,
                   bool *before_genesis)
{
    struct tm_ledger_entry entry;
    bool blank;

    *before_genesis = false;
    if (tm_ledger_parse(&h->judge.parser, line, &entry) == TM_FLAW_NONE)
        return true;
    if (!in_prefix || tm_line_judge_adopted(&h->judge, line, &entry, &blank) || blank)
        return false;
    *before_genesis = !has_entries;
    return has_entries;
}

/* A line may have moved from a fragment to its ledger, whichever that is. */
static bool is_there(const struct holding *h, size_t name, const struct tm_hash *id)
{
    if (tm_idset_has(&h->now[name], id) || tm_idset_has(&h->now[h->n], id))
        return true;
    for (size_t i = 0; i < h->n && name == h->n; i++)
        if (tm_idset_has(&h->now[i], id))
            return true;
    return false;
}

/* Where a lost line is told: at the ledger that it belongs to. */
static struct tm_ledger_findings *findings_of(struct holding *h, size_t name, struct tm_str line)
{
    struct tm_ledger_entry entry;
    const char *ledger = NULL;

    if (name < h->n)
        return h->findings[name];
    if (tm_ledger_parse(&h->judge.parser, line, &entry) == TM_FLAW_NONE)
        ledger = tm_fragment_ledger(entry.kind);
    for (size_t i = 0; i < h->n && ledger; i++)
        if (h->names[i].len == strlen(ledger) + sizeof(".ndjson") - 1 &&
            tm_str_has_prefix(h->names[i], tm_str(ledger)))
            return h->findings[i];
    return h->findings[0];
}

static void say_lost(struct tm_ledger_findings *findings, const struct tm_hash *id, size_t line,
                     const struct tm_git_edge *step)
{
    if (*step->commit.hex)
        tm_ledger_findings_add(findings, TM_FLAW_LOST, 0, id, "line %zu of commit %.12s, dropped by %.12s",
                               line, step->parent.hex, step->commit.hex);
    else
        tm_ledger_findings_add(findings, TM_FLAW_LOST, 0, id,
                               "line %zu of commit %.12s, dropped in the work tree", line, step->parent.hex);
}

/* True when data has a line that begins as an entry does: then it is a ledger that has begun. */
static bool has_begun(struct tm_str data)
{
    struct tm_str line;

    while (data.len && tm_str_split(&data, '\n', &line))
        if (tm_ledger_looks_chained(line))
            return true;
    return false;
}

/* The lines of `before` that are neither in `after` nor there now. */
static void compare(struct holding *h, const struct tm_git_edge *step, struct tm_str before,
                    struct tm_str after)
{
    struct tm_idset TM_CLEANUP(tm_idset_release) kept = TM_IDSET_INIT;
    bool in_prefix = true, has_entries = has_begun(before), before_genesis;
    struct tm_str line;

    /* Mostly a version is the one before with lines added. */
    if (tm_str_has_prefix(after, before) && (before.len == 0 || before.data[before.len - 1] == '\n'))
        return;
    for (size_t n = 1; before.len && tm_str_split(&before, '\n', &line); n++) {
        struct tm_hash id = hash_of(h, line);

        in_prefix = in_prefix && !tm_ledger_looks_chained(line);
        if (line.len == 0 || is_there(h, step->name, &id))
            continue;
        if (!kept.n)
            add_lines(h, &kept, after);
        if (tm_idset_has(&kept, &id))
            continue;
        if (counts(h, line, in_prefix, has_entries, &before_genesis))
            say_lost(findings_of(h, step->name, line), &id, n, step);
        h->history->before_genesis += before_genesis;
    }
}

static enum tm_code visit(void *ctx, const struct tm_git_edge *step, struct tm_err *err)
{
    struct holding *h = ctx;
    struct tm_str before = TM_STR(""), after = TM_STR("");
    enum tm_code code = TM_OK;

    h->history->steps++;
    if (!*step->before.hex)
        return TM_OK;
    code = read_version(h, step->name == h->n, &step->after, &after, err);
    if (!code)
        code = read_version(h, step->name == h->n, &step->before, &before, err);
    if (!code)
        compare(h, step, before, after);
    return code;
}

static void path_of(const struct holding *h, size_t i, struct tm_buf *path)
{
    tm_path_join(path, h->dir, h->names[i]);
}

static enum tm_code read_work_tree(struct holding *h, struct tm_str path, struct tm_buf *data,
                                   struct tm_err *err)
{
    struct tm_ledger_file file = tm_ledger_in(h->repo, path);
    int TM_CLEANUP(tm_closep) fd = -1;
    uint64_t size;
    enum tm_code code = tm_ledger_open(&file, &fd, &size, err);

    if (!code && fd >= 0)
        code = tm_ledger_read_bytes(fd, 0, (size_t)size, data, err);
    return code;
}

/* The lines of all fragments; one that is damaged is told elsewhere. */
static enum tm_code read_fragments(struct holding *h, struct tm_buf *data, struct tm_err *err)
{
    struct tm_fragments TM_CLEANUP(tm_fragments_release) all = TM_FRAGMENTS_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_code code;

    path_of(h, 0, &path);
    code = tm_fragments_read(&all, &h->repo->root, tm_buf_str(&path), NULL, &lower);
    for (size_t i = 0; i < all.n && !code; i++)
        tm_buf_add_str(data, all.items[i].text);
    return code == TM_E_FORMAT ? TM_OK : code ? tm_err_move(err, &lower) : TM_OK;
}

/* What the end of the range has of a ledger, or of all fragments. */
static enum tm_code read_end(struct holding *h, size_t i, struct tm_str *text, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_oid id;
    enum tm_code code;

    path_of(h, i, &path);
    if (i == h->n)
        tm_buf_truncate(&path, path.len - 1);
    code = tm_git_id_at(h->repo->git, &h->range->to, tm_buf_str(&path), i == h->n, &id, err);
    return code ? code : read_version(h, i == h->n, &id, text, err);
}

/* What there is now of a ledger, or of all fragments: in the work tree, or at the end of the range. */
static enum tm_code load_now(struct holding *h, size_t i, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_str text = TM_STR("");
    enum tm_code code;

    path_of(h, i, &path);
    if (!h->range->work_tree)
        code = read_end(h, i, &text, err);
    else if (i == h->n)
        code = read_fragments(h, &data, err);
    else
        code = read_work_tree(h, tm_buf_str(&path), &data, err);
    if (!code)
        add_lines(h, &h->now[i], h->range->work_tree ? tm_buf_str(&data) : text);
    return code;
}

/* The step from HEAD to the work tree: what is there now is all that it can have kept. */
static enum tm_code compare_work_tree(struct holding *h, size_t i, struct tm_err *err)
{
    struct tm_git_edge step = { .parent = h->range->to, .name = i };
    struct tm_str before = TM_STR("");
    enum tm_code code = read_end(h, i, &before, err);

    if (!code)
        compare(h, &step, before, TM_STR(""));
    return code;
}

static enum tm_code hold(struct holding *h, struct tm_err *err)
{
    size_t n = h->n + h->pending;
    enum tm_code code = TM_OK;

    for (size_t i = 0; i < n && !code; i++)
        code = load_now(h, i, err);
    if (!code)
        code = tm_git_edges(h->repo->git, &h->range->from, &h->range->to, h->dir, h->names, n, visit, h,
                            &h->history->walked, err);
    for (size_t i = 0; i < n && !code && h->range->work_tree; i++)
        code = compare_work_tree(h, i, err);
    for (size_t i = 0; i < h->n; i++)
        tm_ledger_findings_sort(h->findings[i]);
    return code;
}

enum tm_code tm_ledger_history_verify(struct tm_ledger_history *history, const struct tm_repo *repo,
                                      const struct tm_ledger_history_range *range, struct tm_str dir,
                                      const struct tm_str *names, size_t n, bool pending,
                                      struct tm_ledger_findings *const *findings, struct tm_err *err)
{
    struct tm_str *TM_CLEANUP(tm_freep) all = tm_alloc_array(n + 1, sizeof(*all));
    struct holding TM_CLEANUP(release) h = {
        .history = history,
        .repo = repo,
        .range = range,
        .dir = dir,
        .names = all,
        .findings = findings,
        .now = tm_alloc_array(n + 1, sizeof(*h.now)),
        .n = n,
        .pending = pending,
        .versions = { { .data = TM_BUF_INIT }, { .data = TM_BUF_INIT } },
        .hasher = tm_hasher_new(),
    };

    memcpy(all, names, n * sizeof(*all));
    all[n] = TM_STR("pending/");
    tm_line_judge_init(&h.judge);
    return hold(&h, err);
}
