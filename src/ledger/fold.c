#include "ledger/fold.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"
#include "ledger/read.h"

static struct tm_str key_of(const struct tm_hash *id)
{
    return tm_str_n((const char *)id->bytes, sizeof(id->bytes));
}

/* ---- One ledger ---- */

struct folding {
    struct tm_map wanted; /* ids of pending entries; a value other than NULL: the file has it */
    struct tm_buf lines;  /* those it has not, in ledger order */
    size_t found;         /* how many of the wanted ones either has */
};

static void folding_release(struct folding *f)
{
    tm_map_release(&f->wanted);
    tm_buf_release(&f->lines);
}

static enum tm_code note_there(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct folding *f = ctx;

    if (entry->adopted || !tm_map_has(&f->wanted, key_of(&entry->id)))
        return TM_OK;
    *tm_map_at(&f->wanted, key_of(&entry->id), NULL) = f;
    f->found++;
    return TM_OK;
}

static enum tm_code take_pending(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct folding *f = ctx;

    if (entry->adopted || !tm_map_has(&f->wanted, key_of(&entry->id)) ||
        tm_map_get(&f->wanted, key_of(&entry->id)))
        return TM_OK;
    tm_buf_add_str(&f->lines, entry->text);
    tm_buf_addc(&f->lines, '\n');
    f->found++;
    return TM_OK;
}

/* Finds the lines to append; file and fragments together are checked by the way. */
static enum tm_code gather(struct folding *f, const struct tm_ledger_file *file,
                           const struct tm_fragments *all, int fd, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) whole = -1;
    uint64_t size = 0;
    struct stat st;
    enum tm_code code;

    if (fstat(fd, &st) < 0)
        return tm_err_errno(err, errno, "cannot stat '%.*s'", TM_STR_ARG(file->path));
    for (size_t i = 0; i < all->n; i++)
        for (size_t k = 0; k < all->items[i].n_entries; k++)
            tm_map_at(&f->wanted, key_of(&all->items[i].entries[k]), NULL);
    code =
        tm_ledger_read_fd(fd, (uint64_t)st.st_size, file->path, TM_READ_IDS, note_there, f, NULL, NULL, err);
    if (!code)
        code = tm_pending_whole(file, all, fd, (uint64_t)st.st_size, &whole, &size, err);
    if (code || whole < 0)
        return code;
    code = tm_ledger_read_fd(whole, size, file->path, TM_READ_IDS, take_pending, f, NULL, NULL, err);
    return code ? tm_err_wrap(err, "with what is pending") : TM_OK;
}

static enum tm_code fold_locked(const struct tm_ledger_file *file, const struct tm_fragments *all, int fd,
                                struct tm_err *err)
{
    struct folding TM_CLEANUP(folding_release) f = { .wanted = TM_MAP_INIT, .lines = TM_BUF_INIT };
    enum tm_code code = gather(&f, file, all, fd, err);

    /* No fragment goes before each of its entries was seen. */
    if (!code && f.found != f.wanted.len)
        code =
            tm_err_set(err, TM_E_IO, "'%.*s': not all that is pending could be read", TM_STR_ARG(file->path));
    if (!code && f.lines.len && tm_append_write(fd, tm_buf_str(&f.lines), err))
        code = tm_err_wrap(err, "'%.*s'", TM_STR_ARG(file->path));
    /* Git does not ask for locks: in a file that it has just replaced, the entries are lost. */
    if (!code && tm_root_is_replaced(file->root, file->path, fd))
        code = tm_err_set(err, TM_E_LOCKED, "'%.*s' was replaced by another process meanwhile, fold again",
                          TM_STR_ARG(file->path));
    for (size_t i = 0; i < all->n && !code; i++)
        code = tm_root_unlink(file->root, all->items[i].path, err);
    return code;
}

enum tm_code tm_ledger_fold(const struct tm_ledger_file *file, const struct tm_fragments *all,
                            struct tm_err *err)
{
    enum tm_code code = tm_ledger_mend(file, NULL, err);
    int fd;

    if (!code)
        code = tm_append_open(file->root, file->path, &fd, err);
    if (code)
        return code;
    code = fold_locked(file, all, fd, err);
    tm_append_close(fd);
    return code;
}

/* ---- All of them ---- */

void tm_fold_release(struct tm_fold *fold)
{
    free(fold->paths);
    tm_fragments_release(&fold->fragments);
    tm_arena_release(&fold->arena);
    *fold = TM_FOLD_INIT;
}

static void add_path(struct tm_fold *fold, struct tm_str path)
{
    TM_GROW(fold->paths, fold->n_paths, fold->cap_paths);
    fold->paths[fold->n_paths++] = tm_arena_str(&fold->arena, path);
}

/* Fragments that HEAD has and the work tree has not, by the id that their name is. */
struct gone {
    struct tm_fold *fold;
    struct tm_repo *repo;
    struct tm_map by_id; /* to the path; NULL once it was found in a ledger */
};

static enum tm_code note_gone(void *ctx, struct tm_str path, unsigned mode, const struct tm_oid *blob,
                              struct tm_err *err)
{
    struct gone *gone = ctx;
    struct tm_hash id;

    if (tm_fragment_is_name(tm_path_base(path), &id) && !tm_root_exists(&gone->repo->root, path)) {
        struct tm_str key = tm_arena_str(&gone->fold->arena, key_of(&id));
        struct tm_str *copy = tm_arena_alloc(&gone->fold->arena, sizeof(*copy));

        *copy = tm_arena_str(&gone->fold->arena, path);
        *tm_map_at(&gone->by_id, key, NULL) = copy;
    }
    return TM_OK;
}

static enum tm_code find_gone(struct gone *gone, struct tm_str folder, struct tm_err *err)
{
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { 0 };
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    enum tm_code code = tm_git_head(gone->repo->git, &head, err);

    if (code || head.unborn)
        return code;
    code = tm_git_tree_walk(gone->repo->git, &head.commit, folder, note_gone, gone, &lower);
    return code && code != TM_E_NOT_FOUND ? tm_err_move(err, &lower) : TM_OK;
}

/* One ledger that is being looked at. */
struct look {
    struct gone *gone;
    struct tm_fold_ledger *ledger;
};

static enum tm_code note_folded(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct look *look = ctx;
    struct tm_str *path = entry->adopted ? NULL : tm_map_get(&look->gone->by_id, key_of(&entry->id));

    if (!path)
        return TM_OK;
    add_path(look->gone->fold, *path);
    look->ledger->folded++;
    *tm_map_at(&look->gone->by_id, key_of(&entry->id), NULL) = NULL;
    return TM_OK;
}

static enum tm_code look_at_ledger(struct tm_fold *fold, struct gone *gone, const char *name,
                                   struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) file_name = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_fold_ledger ledger = { .name = name };
    struct look look = { gone, &ledger };
    struct tm_ledger_file file;
    enum tm_code code = TM_OK;

    tm_buf_addf(&file_name, "%s.ndjson", name);
    tm_repo_ledger(gone->repo, file_name.data, &path);
    ledger.path = tm_arena_str(&fold->arena, tm_buf_str(&path));
    for (size_t i = 0; i < fold->fragments.n; i++) {
        if (strcmp(fold->fragments.items[i].ledger, name) != 0)
            continue;
        ledger.fragments++;
        ledger.entries += fold->fragments.items[i].n_entries;
        add_path(fold, fold->fragments.items[i].path);
    }
    file = tm_ledger_in(gone->repo, ledger.path);
    if (ledger.fragments || gone->by_id.len)
        code = tm_ledger_read(&file, note_folded, &look, NULL, err);
    if (code || !(ledger.fragments || ledger.folded))
        return code;
    add_path(fold, ledger.path);
    fold->ledgers[fold->n_ledgers++] = ledger;
    return TM_OK;
}

static void warn_of_lost(const struct gone *gone)
{
    for (size_t i = 0; i < gone->by_id.len; i++) {
        const struct tm_str *path = gone->by_id.entries[i].value;

        if (path)
            tm_log_warn(gone->repo->log, "'%.*s' was removed before it was folded: git checkout HEAD -- it",
                        TM_STR_ARG(*path));
    }
}

enum tm_code tm_fold_mend(struct tm_repo *repo, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (const char *const *name = tm_ledger_names; *name && !code; name++) {
        struct tm_fragments TM_CLEANUP(tm_fragments_release) own = TM_FRAGMENTS_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) base = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
        struct tm_ledger_file file;

        tm_buf_addf(&base, "%s.ndjson", *name);
        tm_repo_ledger(repo, base.data, &path);
        file = tm_ledger_in(repo, tm_buf_str(&path));
        code = tm_fragments_of(&own, &file, err);
        if (!code && own.n)
            code = tm_ledger_mend(&file, NULL, err);
    }
    return code;
}

enum tm_code tm_fold_plan(struct tm_fold *fold, struct tm_repo *repo, struct tm_err *err)
{
    struct gone gone = { fold, repo, TM_MAP_INIT };
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;
    size_t n = 0;
    enum tm_code code;

    *fold = TM_FOLD_INIT;
    tm_repo_ledger(repo, "x.ndjson", &path);
    tm_fragment_folder(tm_buf_str(&path), &folder);
    code = tm_fragments_read(&fold->fragments, &repo->root, tm_buf_str(&path), NULL, err);
    if (!code)
        code = find_gone(&gone, tm_buf_str(&folder), err);
    while (tm_ledger_names[n])
        n++;
    fold->ledgers = tm_arena_array(&fold->arena, n, sizeof(*fold->ledgers));
    for (size_t i = 0; i < n && !code; i++)
        code = look_at_ledger(fold, &gone, tm_ledger_names[i], err);
    if (!code)
        warn_of_lost(&gone);
    tm_map_release(&gone.by_id);
    return code;
}

/* What would keep the commit from being made must show before anything is changed. */
static enum tm_code check_place(struct tm_repo *repo, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = NULL;
    char *TM_CLEANUP(tm_freep) email = NULL;
    enum tm_code code = tm_git_check_state(repo->git, err);

    return code ? code : tm_git_identity(repo->git, &name, &email, err);
}

static enum tm_code fold_ledger(const struct tm_fold_ledger *ledger, struct tm_repo *repo, struct tm_err *err)
{
    struct tm_ledger_file file = tm_ledger_in(repo, ledger->path);
    struct tm_fragments TM_CLEANUP(tm_fragments_release) own = TM_FRAGMENTS_INIT;
    enum tm_code code = tm_fragments_of(&own, &file, err);

    return code || own.n == 0 ? code : tm_ledger_fold(&file, &own, err);
}

enum tm_code tm_fold_apply(struct tm_fold *fold, struct tm_repo *repo, struct tm_oid *commit,
                           struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    size_t entries = fold->fragments.n_entries;
    bool made;
    enum tm_code code = check_place(repo, err);

    for (size_t i = 0; i < fold->n_ledgers && !code; i++)
        code = fold_ledger(&fold->ledgers[i], repo, err);
    if (code)
        return code;
    if (entries)
        tm_buf_addf(&message, "ledger: fold %zu pending %s", entries, entries == 1 ? "entry" : "entries");
    else
        tm_buf_adds(&message, "ledger: finish a fold");
    code = tm_git_commit_paths(repo->git, fold->paths, fold->n_paths, message.data, commit, &made, err);
    return code ? tm_err_wrap(err, "folded, but not committed; 'tidemark ledger fold --apply' goes on")
                : TM_OK;
}
