#include "repo/files.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "repo/walk.h"

/* A second thread pays from about so many tracked files on. */
enum { MANY_FILES = 2000, MOST_THREADS = 4 };

/* Everything that is needed until the list is made. */
struct listing {
    struct tm_repo *repo;
    struct tm_index index;
    struct tm_dirs dirs;
    bool *dir_excluded;
    unsigned char *found;
    struct tm_ignore common[2];
    struct tm_map left_rules; /* to struct tm_buf, in folder order */
    struct tm_map folded;
    struct tm_arena folded_keys;
    struct tm_walk walk;
};

static void release(struct listing *l)
{
    tm_walk_release(&l->walk);
    for (size_t i = 0; i < l->left_rules.len; i++) {
        tm_buf_release(l->left_rules.entries[i].value);
        free(l->left_rules.entries[i].value);
    }
    tm_map_release(&l->left_rules);
    tm_map_release(&l->folded);
    tm_arena_release(&l->folded_keys);
    tm_ignore_release(&l->common[0]);
    tm_ignore_release(&l->common[1]);
    free(l->found);
    free(l->dir_excluded);
    tm_dirs_release(&l->dirs);
    tm_index_release(&l->index);
}

/* Reads a file of patterns outside the work tree. As for git, one that may not be read is no reason to stop.
 */
static enum tm_code read_rules(struct listing *l, struct tm_ignore *rules, const char *path,
                               struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    enum tm_code code;

    if (*path == '\0')
        return TM_OK;
    if (access(path, R_OK) < 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            tm_log_warn(l->repo->log, "cannot read ignore rules '%s': %s", path, strerror(errno));
        return TM_OK;
    }
    code = tm_file_read(path, TM_IGNORE_MAX, &text, err);
    if (!code)
        tm_ignore_parse(rules, tm_buf_str(&text), tm_git_ignores_case(l->repo->git));
    return code;
}

static enum tm_code read_common_rules(struct listing *l, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_code code;

    tm_buf_addf(&path, "%s/info/exclude", tm_git_common_dir(l->repo->git));
    code = read_rules(l, &l->common[0], path.data, err);
    return code ? code : read_rules(l, &l->common[1], tm_git_excludes_file(l->repo->git), err);
}

/* The rules in a .gitignore that a sparse checkout leaves out hold all the same, as git has it. */
static enum tm_code read_left_rules(struct listing *l, struct tm_err *err)
{
    for (size_t i = 0; i < l->index.n; i++) {
        const struct tm_index_entry *entry = &l->index.entries[i];
        struct tm_str path = tm_str_n(entry->path, entry->len);
        struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
        struct tm_buf *text;
        struct tm_oid id;

        /* What was in a sparse folder has no id: there is nothing untracked where it would matter. */
        if (!entry->skip_worktree || !entry->id || !tm_str_is(tm_path_base(path), ".gitignore"))
            continue;
        tm_buf_add_hex(&hex, entry->id, TM_OID_HEX / 2);
        memcpy(id.hex, hex.data, sizeof(id.hex));
        text = tm_alloc(sizeof(*text));
        *text = TM_BUF_INIT;
        *tm_map_at(&l->left_rules, tm_path_dir(path), NULL) = text;
        if (tm_git_read_blob(l->repo->git, &id, TM_IGNORE_MAX, text, err))
            return tm_err_wrap(err, "'%s'", entry->path);
    }
    return TM_OK;
}

/* Folders come after those around them, so that one pass inherits. */
static void mark_excluded_dirs(struct listing *l)
{
    const struct tm_dirs *dirs = &l->dirs;

    l->dir_excluded = tm_alloc_array(dirs->n, sizeof(*l->dir_excluded));
    for (uint32_t i = 1; l->repo->settings.exclude.n && i < dirs->n; i++) {
        const struct tm_dir *dir = &dirs->items[i];

        l->dir_excluded[i] = l->dir_excluded[dir->parent] ||
                             tm_walk_excludes_dir(&l->repo->settings.exclude, tm_str_n(dir->path, dir->len));
    }
}

/* With core.ignorecase: the index by folded path; a folder's ends in '/'. */
static void fold_index(struct listing *l)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) folded = TM_BUF_INIT;

    for (size_t i = 0; i < l->index.n; i++) {
        bool added;
        void **value;

        tm_walk_fold(&folded, tm_str_n(l->index.entries[i].path, l->index.entries[i].len));
        value = tm_map_at(&l->folded, tm_arena_str(&l->folded_keys, tm_buf_str(&folded)), &added);
        if (added)
            *value = (void *)(uintptr_t)(i + 1);
    }
    for (uint32_t i = 0; i < l->dirs.n; i++) {
        tm_walk_fold(&folded, tm_str_n(l->dirs.items[i].path, l->dirs.items[i].len));
        tm_buf_addc(&folded, '/');
        *tm_map_at(&l->folded, tm_arena_str(&l->folded_keys, tm_buf_str(&folded)), NULL) =
            (void *)UINTPTR_MAX;
    }
}

static unsigned thread_count(size_t tracked)
{
    cpu_set_t cpus;

    if (tracked < MANY_FILES || sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
        return 1;
    return (unsigned)TM_MAX(1, TM_MIN(CPU_COUNT(&cpus), MOST_THREADS));
}

static enum tm_code walk(struct listing *l, struct tm_err *err)
{
    l->found = tm_alloc(l->index.n);
    l->walk = (struct tm_walk) {
        .root = &l->repo->root,
        .index = &l->index,
        .dirs = &l->dirs,
        .dir_excluded = l->dir_excluded,
        .exclude = &l->repo->settings.exclude,
        .common = l->common,
        .left_rules = &l->left_rules,
        .icase = tm_git_ignores_case(l->repo->git),
        .folded = &l->folded,
        .found = l->found,
        .threads = thread_count(l->index.n),
    };
    return tm_walk(&l->walk, err);
}

/* True when a tracked path is to be listed; else it is counted where it belongs. */
static bool take_tracked(struct listing *l, struct tm_files *files, size_t i, struct tm_file *file)
{
    const struct tm_index_entry *entry = &l->index.entries[i];
    struct tm_str path = tm_str_n(entry->path, entry->len);

    if (entry->kind == TM_INDEX_SUBMODULE) {
        files->submodules++;
        return false;
    }
    if (l->dir_excluded[l->dirs.dir_of[i]] || tm_walk_excludes_file(&l->repo->settings.exclude, path)) {
        files->excluded++;
        return false;
    }
    if (l->found[i] == TM_WALK_ABSENT && !entry->skip_worktree) {
        files->missing++;
        return false;
    }
    *file = (struct tm_file) {
        .path = path,
        .tracked = true,
        .is_link = l->found[i] == TM_WALK_ABSENT ? entry->kind == TM_INDEX_LINK : l->found[i] == TM_WALK_LINK,
        .left_out = l->found[i] == TM_WALK_ABSENT,
    };
    return true;
}

static int compare_untracked(const void *a, const void *b)
{
    const struct tm_walk_file *x = a, *y = b;

    return tm_str_cmp(x->path, y->path);
}

/* Merges tracked and untracked files, both sorted, into one array. */
static void merge(struct listing *l, struct tm_files *files)
{
    const struct tm_walk *found = &l->walk;
    size_t next = 0;

    if (found->n_files)
        qsort(found->files, found->n_files, sizeof(*found->files), compare_untracked);
    files->items = tm_arena_array(&files->arena, l->index.n + found->n_files, sizeof(*files->items));
    for (size_t i = 0; i <= l->index.n; i++) {
        struct tm_file tracked;

        if (i < l->index.n && !take_tracked(l, files, i, &tracked))
            continue;
        for (; next < found->n_files &&
               (i == l->index.n || tm_str_cmp(found->files[next].path, tracked.path) < 0);
             next++)
            files->items[files->n++] =
                (struct tm_file) { .path = found->files[next].path, .is_link = found->files[next].is_link };
        if (i < l->index.n)
            files->items[files->n++] = tracked;
    }
}

/* The paths lie in the index and the walk, which go: one block takes them all. */
static void keep_paths(struct tm_files *files)
{
    size_t total = 0;
    char *to;

    for (size_t i = 0; i < files->n; i++)
        total += files->items[i].path.len + 1;
    to = tm_arena_alloc(&files->arena, total);
    for (size_t i = 0; i < files->n; i++) {
        struct tm_str *path = &files->items[i].path;

        memcpy(to, path->data, path->len);
        path->data = to;
        to += path->len + 1;
    }
}

enum tm_code tm_files_list(struct tm_files *files, struct tm_repo *repo, struct tm_err *err)
{
    struct listing TM_CLEANUP(release) l = {
        .repo = repo,
        .index = TM_INDEX_INIT,
        .dirs = TM_DIRS_INIT,
        .common = { TM_IGNORE_INIT, TM_IGNORE_INIT },
        .left_rules = TM_MAP_INIT,
        .folded = TM_MAP_INIT,
        .folded_keys = TM_ARENA_INIT,
    };
    enum tm_code code = tm_index_read(&l.index, tm_git_dir(repo->git), err);

    if (!code)
        code = tm_index_expand(&l.index, repo->git, err);
    if (!code && l.index.n >= TM_DIR_BIT)
        code = tm_err_set(err, TM_E_LIMIT, "git tracks more than %u files", TM_DIR_BIT - 1);
    if (!code)
        code = read_common_rules(&l, err);
    if (!code)
        code = read_left_rules(&l, err);
    if (code)
        return code;
    tm_dirs_build(&l.dirs, &l.index);
    mark_excluded_dirs(&l);
    if (tm_git_ignores_case(repo->git))
        fold_index(&l);
    code = walk(&l, err);
    if (code)
        return code;
    *files = TM_FILES_INIT;
    files->ignored_dirs = l.walk.ignored_dirs;
    files->excluded = l.walk.excluded;
    merge(&l, files);
    keep_paths(files);
    return TM_OK;
}

void tm_files_release(struct tm_files *files)
{
    tm_arena_release(&files->arena);
    *files = TM_FILES_INIT;
}

const struct tm_file *tm_files_find(const struct tm_files *files, struct tm_str path)
{
    size_t low = 0, high = files->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = tm_str_cmp(files->items[mid].path, path);

        if (c == 0)
            return &files->items[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}
