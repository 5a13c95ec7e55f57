#include "scaffold/set.h"

#include "base/alloc.h"
#include "base/embedded.h"
#include "base/path.h"
#include "scaffold/facts.h"

/* The set's folder and the rest: "tests/python" and "tests/conftest.py". False for what belongs to no set. */
static bool split_name(struct tm_str name, struct tm_str *folder, struct tm_str *path)
{
    size_t first = tm_str_find(name, '/');
    size_t cut = first;

    if (first == SIZE_MAX)
        return false;
    if (tm_str_is(tm_str_n(name.data, first), "tests")) {
        size_t second = tm_str_find(tm_str_from(name, first + 1), '/');

        if (second == SIZE_MAX || second == 0)
            return false;
        cut = first + 1 + second;
    } else if (!tm_str_is(tm_str_n(name.data, first), "module")) {
        return false;
    }
    *folder = tm_str_n(name.data, cut);
    *path = tm_str_from(name, cut + 1);
    return path->len > 0;
}

static struct tm_set *find_set(const struct tm_sets *sets, struct tm_str folder)
{
    for (size_t i = 0; i < sets->n; i++)
        if (tm_str_eq(sets->items[i].folder, folder))
            return &sets->items[i];
    return NULL;
}

/* The set is found at another place once the next one is added. */
static struct tm_set *add_set(struct tm_sets *sets, struct tm_str folder, bool built_in)
{
    struct tm_set *set;

    TM_GROW(sets->items, sets->n, sets->cap);
    set = &sets->items[sets->n++];
    *set = (struct tm_set) { .folder = tm_arena_str(&sets->arena, folder), .built_in = built_in };
    if (tm_str_has_prefix(folder, TM_STR("tests/")))
        set->language = tm_str_from(set->folder, strlen("tests/"));
    return set;
}

/* Puts one template into its set; `top` is the templates folder, for messages. */
static enum tm_code add_template(struct tm_sets *sets, struct tm_set *set, struct tm_str top,
                                 struct tm_str name, struct tm_str path, struct tm_str text,
                                 struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) shown = TM_BUF_INIT;
    struct tm_set_file file = { .tmpl = TM_TEMPLATE_INIT };
    enum tm_code code;

    if (set->n == TM_SET_FILES_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d templates in '%.*s/%.*s'", TM_SET_FILES_MAX,
                          TM_STR_ARG(top), TM_STR_ARG(set->folder));
    tm_path_join(&shown, top, name);
    if (!tm_str_is_utf8(name))
        return tm_err_set(err, TM_E_SETTINGS, "the name of template '%s' is not UTF-8", shown.data);
    file.name = tm_arena_str(&sets->arena, name);
    file.path = tm_arena_str(&sets->arena, path);
    code = tm_template_compile(&file.tmpl, tm_arena_str(&sets->arena, tm_buf_str(&shown)).data, text,
                               tm_facts_fields, err);
    if (code)
        return code;
    for (size_t i = 0; i < path.len; i++)
        file.tmpl.depth += path.data[i] == '/';
    TM_GROW(set->files, set->n, set->cap);
    set->files[set->n++] = file;
    return TM_OK;
}

/* The id: what the format page says, fed file by file in byte order of path. */
static void add_to_id(struct tm_hasher *hasher, struct tm_str path, struct tm_str text)
{
    struct tm_hash hash = tm_hash_of(text);

    tm_hasher_add(hasher, path);
    tm_hasher_add(hasher, tm_str_n("", 1));
    tm_hasher_add(hasher, tm_str_n((const char *)hash.bytes, TM_HASH_LEN));
}

static void finish_id(struct tm_set *set, struct tm_hasher *hasher)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_hash hash = tm_hasher_finish(hasher);

    tm_hash_add_hex(&hex, &hash);
    memcpy(set->id, hex.data, TM_SET_ID_LEN);
}

static enum tm_code read_own(const struct tm_repo *repo, const struct tm_file *file, struct tm_buf *text,
                             struct tm_err *err)
{
    if (file->is_link)
        return tm_err_set(err, TM_E_SETTINGS, "template '%.*s' is a symbolic link, use a file",
                          TM_STR_ARG(file->path));
    return tm_root_read(&repo->root, file->path, TM_TEMPLATE_MAX, text, err);
}

/* Files of a set stand together, since the list is sorted: the first one of another folder ends it. */
static enum tm_code load_own(struct tm_sets *sets, const struct tm_repo *repo, const struct tm_files *files,
                             struct tm_hasher *hasher, struct tm_err *err)
{
    struct tm_str top = repo->settings.templates;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_set *set = NULL;

    for (size_t i = 0; i < files->n; i++) {
        struct tm_str file = files->items[i].path;
        struct tm_str name, folder, path;
        enum tm_code code;

        if (!tm_path_is_below(file, top) || file.len == top.len)
            continue;
        name = tm_str_from(file, top.len + 1);
        if (!split_name(name, &folder, &path))
            continue;
        if (!set || !tm_str_eq(set->folder, folder)) {
            if (set)
                finish_id(set, hasher);
            set = add_set(sets, folder, false);
        }
        code = read_own(repo, &files->items[i], &text, err);
        if (!code)
            code = add_template(sets, set, top, name, path, tm_buf_str(&text), err);
        if (code)
            return code;
        add_to_id(hasher, path, tm_buf_str(&text));
    }
    if (set)
        finish_id(set, hasher);
    return TM_OK;
}

/* A folder whose files do not count would silently give way to the built-in set. */
static enum tm_code check_unseen(const struct tm_repo *repo, struct tm_str folder, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    tm_path_join(&path, repo->settings.templates, folder);
    if (!tm_root_is_dir(&repo->root, tm_buf_str(&path)))
        return TM_OK;
    return tm_err_set(
        err, TM_E_SETTINGS,
        "no file in '%s' counts: git ignores them, or tidemark.yaml excludes them; remove the folder to "
        "use the built-in templates",
        path.data);
}

static enum tm_code load_built_in(struct tm_sets *sets, const struct tm_repo *repo, struct tm_hasher *hasher,
                                  struct tm_err *err)
{
    struct tm_set *set = NULL;

    for (const struct tm_embedded *row = tm_embedded_templates; row->path; row++) {
        struct tm_str text = tm_str_n((const char *)row->data, row->len);
        struct tm_str folder, path;
        enum tm_code code = TM_OK;

        if (!split_name(tm_str(row->path), &folder, &path))
            continue;
        if (!set || !tm_str_eq(set->folder, folder)) {
            const struct tm_set *own = find_set(sets, folder);

            if (own && !own->built_in)
                continue;
            code = check_unseen(repo, folder, err);
            if (code)
                return code;
            if (set)
                finish_id(set, hasher);
            set = add_set(sets, folder, true);
        }
        code = add_template(sets, set, TM_STR("templates"), tm_str(row->path), path, text, err);
        if (code)
            return code;
        add_to_id(hasher, path, text);
    }
    if (set)
        finish_id(set, hasher);
    return TM_OK;
}

static int by_folder(const void *a, const void *b)
{
    const struct tm_set *x = a, *y = b;

    return tm_str_cmp(x->folder, y->folder);
}

enum tm_code tm_sets_load(struct tm_sets *sets, const struct tm_repo *repo, const struct tm_files *files,
                          struct tm_err *err)
{
    struct tm_hasher *hasher = tm_hasher_new();
    enum tm_code code = load_own(sets, repo, files, hasher, err);

    if (!code)
        code = load_built_in(sets, repo, hasher, err);
    tm_hasher_free(hasher);
    if (!code)
        qsort(sets->items, sets->n, sizeof(*sets->items), by_folder);
    return code;
}

void tm_sets_release(struct tm_sets *sets)
{
    for (size_t i = 0; i < sets->n; i++) {
        for (size_t k = 0; k < sets->items[i].n; k++)
            tm_template_release(&sets->items[i].files[k].tmpl);
        free(sets->items[i].files);
    }
    free(sets->items);
    tm_arena_release(&sets->arena);
    *sets = TM_SETS_INIT;
}

const struct tm_set *tm_sets_module(const struct tm_sets *sets)
{
    const struct tm_set *set = find_set(sets, TM_STR("module"));

    assert(set);
    return set;
}

const struct tm_set *tm_sets_tests(const struct tm_sets *sets, struct tm_str language)
{
    for (size_t i = 0; language.len && i < sets->n; i++)
        if (tm_str_eq(sets->items[i].language, language))
            return &sets->items[i];
    return NULL;
}
