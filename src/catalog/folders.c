#include "catalog/folders.h"

#include "base/alloc.h"
#include "base/path.h"

/* Manifests that a thread takes at once: reading one takes about as long as taking some. */
enum { MANIFESTS_AT_ONCE = 16 };

struct reading {
    struct tm_folders *folders;
    struct tm_catalog *catalog;
    struct tm_repo *repo;
    struct tm_buf data[TM_PARALLEL_MAX]; /* of the manifest that a thread is reading */
};

bool tm_folders_is_manifest(struct tm_str path, bool fold)
{
    static const struct tm_str name = { TM_MANIFEST_NAME, sizeof(TM_MANIFEST_NAME) - 1 };
    size_t at = path.len - name.len;

    if (path.len < name.len || (at && path.data[at - 1] != '/'))
        return false;
    return fold ? strncasecmp(path.data + at, name.data, name.len) == 0
                : memcmp(path.data + at, name.data, name.len) == 0;
}

struct tm_str tm_folder_manifest(const struct tm_catalog *catalog, const struct tm_folder *folder)
{
    return catalog->files.items[folder->file].path;
}

/* Byte order of the paths with a final '/', as in a list of files. The root is before all. */
static int compare_folders(const void *left, const void *right)
{
    const struct tm_folder *a = left, *b = right;
    size_t n = TM_MIN(a->path.len, b->path.len);
    int order = n ? memcmp(a->path.data, b->path.data, n) : 0;

    if (order)
        return order;
    if (a->path.len == b->path.len)
        return (a->file > b->file) - (a->file < b->file);
    if (n == 0)
        return a->path.len ? 1 : -1;
    if (a->path.len > n)
        return a->path.data[n] == '/' ? 1 : (unsigned char)a->path.data[n] - '/';
    return b->path.data[n] == '/' ? -1 : '/' - (unsigned char)b->path.data[n];
}

static void find(struct tm_folders *out, const struct tm_files *files, const uint32_t *owners, bool fold)
{
    size_t cap = 0;

    for (size_t i = 0; i < files->n; i++) {
        struct tm_str path = files->items[i].path;

        if (owners[i] == UINT32_MAX || !tm_folders_is_manifest(path, fold))
            continue;
        TM_GROW(out->items, out->n, cap);
        out->items[out->n++] = (struct tm_folder) { .path = tm_path_dir(path), .file = i };
    }
    if (out->n)
        qsort(out->items, out->n, sizeof(*out->items), compare_folders);
}

TM_PRINTF(3, 4)
static void refuse(struct tm_arena *arena, struct tm_folder *folder, const char *fmt, ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) safe = TM_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(&message, fmt, ap);
    va_end(ap);
    tm_buf_add_escaped(&safe, tm_buf_str(&message));
    folder->refused = tm_arena_str(arena, tm_buf_str(&safe)).data;
}

/* A name taken from the path must be as printable as one from the manifest. */
static bool is_plain(struct tm_str path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) escaped = TM_BUF_INIT;

    tm_buf_add_escaped(&escaped, path);
    return escaped.len == path.len;
}

static void name_folder(struct tm_arena *arena, struct tm_folder *folder, struct tm_str manifest)
{
    if (folder->manifest.name.len)
        folder->name = folder->manifest.name;
    else if (folder->path.len == 0)
        folder->name = TM_STR(".");
    else if (is_plain(folder->path))
        folder->name = tm_arena_str(arena, folder->path);
    else
        refuse(arena, folder,
               "the folder's path is not UTF-8 or holds a control character, give the module a 'name' in "
               "'%.*s'",
               TM_STR_ARG(manifest));
}

static void take_manifest(struct tm_arena *arena, struct tm_folder *folder, struct tm_str manifest,
                          struct tm_str data)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    char *TM_CLEANUP(tm_freep) path = tm_strndup(manifest.data, manifest.len);

    if (tm_manifest_parse(&folder->manifest, arena, path, data, &err))
        refuse(arena, folder, "%s", tm_err_msg(&err));
    else
        name_folder(arena, folder, manifest);
}

/* What a sparse checkout leaves out is for read_left_out: libgit2 is for one thread. */
static void read_some(void *ctx, unsigned thread, size_t from, size_t to)
{
    struct reading *r = ctx;
    struct tm_arena *arena = &r->catalog->readers[thread];
    struct tm_buf *data = &r->data[thread];

    for (size_t i = from; i < to; i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_folder *folder = &r->folders->items[i];
        const struct tm_file *file = &r->catalog->files.items[folder->file];

        if (file->left_out)
            continue;
        if (file->is_link)
            refuse(arena, folder, "'%.*s' is a symbolic link, a manifest must be a file of its own",
                   TM_STR_ARG(file->path));
        else if (tm_root_read(&r->repo->root, file->path, TM_MANIFEST_MAX, data, &err))
            refuse(arena, folder, "%s", tm_err_msg(&err));
        else
            take_manifest(arena, folder, file->path, tm_buf_str(data));
    }
}

/* Manifests that a sparse checkout leaves out come from HEAD, so that every checkout gives one inventory. */
static void read_left_out(struct reading *r)
{
    struct tm_arena *arena = &r->catalog->arena;
    struct tm_buf *data = &r->data[0];

    for (size_t i = 0; i < r->folders->n; i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_folder *folder = &r->folders->items[i];
        const struct tm_file *file = &r->catalog->files.items[folder->file];
        struct tm_git_head head = { 0 };
        enum tm_code code;

        if (!file->left_out)
            continue;
        code = tm_git_head(r->repo->git, &head, &err);
        if (!code)
            code = tm_git_read_at(r->repo->git, &head.commit, file->path, TM_MANIFEST_MAX, data, &err);
        tm_git_head_release(&head);
        if (code)
            refuse(arena, folder, "%s", tm_err_msg(&err));
        else
            take_manifest(arena, folder, file->path, tm_buf_str(data));
    }
}

/* core.ignorecase lets two spellings of the manifest's name stand side by side. Neither is the right one. */
static void refuse_twins(struct tm_folders *folders, struct tm_catalog *catalog)
{
    static const char message[] = "'%.*s' is a second manifest beside '%.*s'";

    for (size_t i = 1; i < folders->n; i++) {
        struct tm_folder *a = &folders->items[i - 1], *b = &folders->items[i];
        struct tm_str a_manifest = tm_folder_manifest(catalog, a);
        struct tm_str b_manifest = tm_folder_manifest(catalog, b);

        if (!tm_str_eq(a->path, b->path))
            continue;
        refuse(&catalog->arena, a, message, TM_STR_ARG(a_manifest), TM_STR_ARG(b_manifest));
        refuse(&catalog->arena, b, message, TM_STR_ARG(b_manifest), TM_STR_ARG(a_manifest));
    }
}

static void refuse_namesake(struct tm_catalog *catalog, struct tm_folder *folder,
                            const struct tm_folder *other)
{
    struct tm_str mine = tm_folder_manifest(catalog, folder);
    struct tm_str theirs = tm_folder_manifest(catalog, other);

    refuse(&catalog->arena, folder, "module name '%.*s' in '%.*s' is also in '%.*s'",
           TM_STR_ARG(folder->name), TM_STR_ARG(mine), TM_STR_ARG(theirs));
}

static void refuse_namesakes(struct tm_folders *folders, struct tm_catalog *catalog)
{
    struct tm_map TM_CLEANUP(tm_map_release) first = TM_MAP_INIT;

    for (size_t i = 0; i < folders->n; i++) {
        struct tm_folder *folder = &folders->items[i], *other;
        bool added;
        void **value;

        if (folder->refused)
            continue;
        value = tm_map_at(&first, folder->name, &added);
        if (added) {
            *value = folder;
            continue;
        }
        other = *value;
        refuse_namesake(catalog, folder, other);
        if (!other->refused)
            refuse_namesake(catalog, other, folder);
    }
}

void tm_folders_find(struct tm_folders *out, struct tm_catalog *catalog, struct tm_repo *repo,
                     const uint32_t *owners, bool fold)
{
    struct reading reading = { .folders = out, .catalog = catalog, .repo = repo };

    *out = (struct tm_folders) { NULL, 0 };
    find(out, &catalog->files, owners, fold);
    for (size_t i = 0; i < TM_PARALLEL_MAX; i++)
        reading.data[i] = TM_BUF_INIT;
    tm_parallel(out->n, MANIFESTS_AT_ONCE, read_some, &reading);
    read_left_out(&reading);
    for (size_t i = 0; i < TM_PARALLEL_MAX; i++)
        tm_buf_release(&reading.data[i]);
    refuse_twins(out, catalog);
    refuse_namesakes(out, catalog);
}

void tm_folders_release(struct tm_folders *folders)
{
    free(folders->items);
    *folders = (struct tm_folders) { NULL, 0 };
}
