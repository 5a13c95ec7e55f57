#include "consistency/ledgers.h"

#include "base/alloc.h"
#include "base/path.h"
#include "ext/yaml.h"

/* Deltas that are followed from one version to one that is known, and texts that are tried by their digest.
 */
enum { STEPS_MAX = 256, TRIES_MAX = 3 };

static const char *const files[TM_LEDGERS_KINDS] = {
    [TM_LEDGERS_COVERAGE] = "coverage.ndjson",
    [TM_LEDGERS_BENCH] = "bench.ndjson",
    [TM_LEDGERS_FREEZE] = "freeze.ndjson",
};

void tm_ledgers_init(struct tm_ledgers *ledgers, struct tm_repo *repo, struct tm_objects *objects)
{
    *ledgers = (struct tm_ledgers) { .repo = repo, .objects = objects };
}

static void free_texts(struct tm_ledger_text *text)
{
    while (text) {
        struct tm_ledger_text *next = text->next;

        tm_ledger_text_release(text);
        free(text);
        text = next;
    }
}

void tm_ledgers_release(struct tm_ledgers *ledgers)
{
    free_texts(ledgers->texts);
    free_texts(ledgers->fragments);
    tm_map_release(&ledgers->by_id);
    tm_map_release(&ledgers->by_place);
    tm_arena_release(&ledgers->arena);
}

/* The folder that the settings of a tree name. */
static struct tm_str folder_of(struct tm_ledgers *ledgers, const struct tm_tree_entry *file)
{
    struct tm_object *TM_CLEANUP(tm_object_freep) object = NULL;
    struct tm_settings TM_CLEANUP(tm_settings_release) settings = TM_SETTINGS_INIT;
    struct tm_str data = TM_STR("");

    if (file->mode &&
        tm_objects_read(ledgers->objects, &file->id, TM_OBJECT_BLOB, TM_YAML_MAX, &object, NULL))
        return ledgers->repo->settings.ledger;
    if (object)
        data = tm_str_n(object->data, object->len);
    if (tm_settings_parse(&settings, data, NULL))
        return ledgers->repo->settings.ledger;
    return tm_arena_str(&ledgers->arena, settings.ledger);
}

/* Finds the files of the ledgers in a tree; what is as in the tree before is not looked for again. */
static enum tm_code find_files(struct tm_ledgers *ledgers, const struct tm_git_id *tree, struct tm_err *err)
{
    struct tm_tree_entry settings, folder;
    enum tm_code code = tm_tree_find(ledgers->objects, tree, TM_STR(TM_SETTINGS_FILE), &settings, err);

    if (code)
        return code;
    if (!settings.mode)
        settings.id = (struct tm_git_id) { { 0 } };
    if (!ledgers->has_last || tm_git_id_cmp(&settings.id, &ledgers->settings) != 0) {
        ledgers->path = folder_of(ledgers, &settings);
        ledgers->settings = settings.id;
        ledgers->has_last = false;
    }
    code = tm_tree_find(ledgers->objects, tree, ledgers->path, &folder, err);
    if (code)
        return code;
    if (!folder.mode)
        folder.id = (struct tm_git_id) { { 0 } };
    if (ledgers->has_last && tm_git_id_cmp(&folder.id, &ledgers->folder) == 0)
        return TM_OK;
    for (size_t i = 0; i < TM_LEDGERS_KINDS && !code; i++) {
        ledgers->files[i].mode = 0;
        if (folder.mode)
            code = tm_tree_find(ledgers->objects, &folder.id, tm_str(files[i]), &ledgers->files[i], err);
    }
    ledgers->folder = folder.id;
    ledgers->has_last = !code;
    return code;
}

static struct tm_str id_key(const struct tm_git_id *id)
{
    return tm_str_n((const char *)id->bytes, TM_GIT_ID_LEN);
}

static void place_key(struct tm_object_place place, struct tm_buf *key)
{
    tm_buf_clear(key);
    tm_buf_addf(key, "%u:%llu", place.pack, (unsigned long long)place.at);
}

static struct tm_text_version *version_at(struct tm_ledgers *ledgers, struct tm_object_place place)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;

    place_key(place, &key);
    return tm_map_get(&ledgers->by_place, tm_buf_str(&key));
}

static void remember(struct tm_ledgers *ledgers, struct tm_object_place place,
                     struct tm_text_version *version)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;

    place_key(place, &key);
    if (!tm_map_has(&ledgers->by_place, tm_buf_str(&key)))
        *tm_map_at(&ledgers->by_place, tm_arena_str(&ledgers->arena, tm_buf_str(&key)), NULL) = version;
}

/*
 * The text of a version that git stores as the beginning of a known one. A damaged one is passed on: the
 * beginning of it may be fine.
 */
static bool find_by_form(struct tm_ledgers *ledgers, const struct tm_object_form *form,
                         struct tm_text_version *version)
{
    struct tm_object_form at = *form;

    for (size_t i = 0; i < STEPS_MAX && at.form == TM_DELTA_PREFIX; i++) {
        const struct tm_text_version *known = version_at(ledgers, at.base);

        if (known && known->damaged)
            return false;
        if (known) {
            version->text = known->text;
            return known->text != NULL;
        }
        if (!tm_objects_form_at(ledgers->objects, at.base, &at))
            return false;
    }
    return false;
}

/* The text of which a version is the beginning, by its digest. */
static bool find_by_digest(struct tm_ledgers *ledgers, const struct tm_git_id *id,
                           struct tm_text_version *version)
{
    const struct tm_ledger_text *text = ledgers->texts;

    for (size_t i = 0; text && i < TRIES_MAX; i++, text = text->next) {
        struct tm_str pieces[2];
        struct tm_git_id digest;

        if (version->size > text->shared + text->own.len)
            continue;
        digest = tm_git_id_of_blob(pieces, tm_ledger_text_pieces(text, version->size, pieces));
        if (tm_git_id_cmp(&digest, id) != 0)
            continue;
        version->text = text;
        return true;
    }
    return false;
}

/*
 * The content of a blob, when the file in the work tree has the same, which its digest tells: then it need
 * not be inflated.
 */
static bool read_from_work_tree(const struct tm_ledgers *ledgers, struct tm_str path,
                                const struct tm_git_id *id, uint64_t limit, struct tm_buf *out)
{
    struct tm_git_id digest;
    struct tm_str piece;

    if (tm_root_read(&ledgers->repo->root, path, limit, out, NULL))
        return false;
    piece = tm_buf_str(out);
    digest = tm_git_id_of_blob(&piece, 1);
    return tm_git_id_cmp(&digest, id) == 0;
}

static enum tm_code read_content(struct tm_ledgers *ledgers, struct tm_str path, const struct tm_git_id *id,
                                 uint64_t size, struct tm_buf *out, struct tm_err *err)
{
    struct tm_object *TM_CLEANUP(tm_object_freep) object = NULL;
    enum tm_code code;

    if (size > TM_LEDGER_TEXT_MAX)
        return tm_err_set(err, TM_E_LIMIT, "'%.*s' has %llu bytes, the limit is %d", TM_STR_ARG(path),
                          (unsigned long long)size, TM_LEDGER_TEXT_MAX);
    if (!ledgers->texts && read_from_work_tree(ledgers, path, id, size, out))
        return TM_OK;
    code = tm_objects_read(ledgers->objects, id, TM_OBJECT_BLOB, TM_LEDGER_TEXT_MAX, &object, err);
    if (code)
        return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(path));
    tm_buf_clear(out);
    tm_buf_add(out, object->data, object->len);
    return TM_OK;
}

/* The text without a base that has the most in common with the content. */
static const struct tm_ledger_text *nearest(const struct tm_ledgers *ledgers, struct tm_str content,
                                            uint64_t *shared)
{
    const struct tm_ledger_text *best = NULL;

    *shared = 0;
    for (const struct tm_ledger_text *text = ledgers->texts; text; text = text->next) {
        uint64_t common = text->base ? 0 : tm_ledger_text_common(text, content);

        if (common > *shared) {
            *shared = common;
            best = text;
        }
    }
    return best;
}

/* Makes content the text of a version, or the version a damaged one. Takes the content over. */
static void read_text(struct tm_ledgers *ledgers, struct tm_buf *content, struct tm_text_version *version)
{
    struct tm_ledger_text *text = tm_alloc(sizeof(*text));
    const struct tm_ledger_text *base;
    uint64_t shared;

    base = nearest(ledgers, tm_buf_str(content), &shared);
    version->size = content->len;
    version->damaged = !tm_ledger_text_read(text, base, shared, content);
    if (version->damaged) {
        tm_ledger_text_release(text);
        free(text);
        return;
    }
    text->next = ledgers->texts;
    ledgers->texts = text;
    version->text = text;
}

/* What git stores as "that other version and more" makes that other version known as well. */
static void remember_bases(struct tm_ledgers *ledgers, const struct tm_object_form *form,
                           const struct tm_text_version *version)
{
    struct tm_object_form at = *form;

    for (size_t i = 0; i < STEPS_MAX && at.form == TM_DELTA_EXTENDS; i++) {
        struct tm_text_version *known;

        if (version_at(ledgers, at.base) || !tm_objects_form_at(ledgers->objects, at.base, &at))
            return;
        known = tm_arena_alloc(&ledgers->arena, sizeof(*known));
        *known = (struct tm_text_version) { .text = version->text, .size = at.size };
        remember(ledgers, at.place, known);
    }
}

static void remember_form(struct tm_ledgers *ledgers, const struct tm_object_form *form,
                          struct tm_text_version *version)
{
    remember(ledgers, form->place, version);
    if (version->text)
        remember_bases(ledgers, form, version);
}

static enum tm_code find_version(struct tm_ledgers *ledgers, struct tm_str path, const struct tm_git_id *id,
                                 struct tm_text_version **out, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_object_form form;
    bool packed = tm_objects_form(ledgers->objects, id, &form);
    struct tm_text_version *version = packed ? version_at(ledgers, form.place) : NULL;
    enum tm_code code = TM_OK;

    if (version) {
        *out = version;
        return TM_OK;
    }
    version = tm_arena_alloc(&ledgers->arena, sizeof(*version));
    if (packed)
        version->size = form.size;
    else
        code = tm_objects_size(ledgers->objects, id, &version->size, &lower);
    if (!code && !(packed && find_by_form(ledgers, &form, version)) &&
        !find_by_digest(ledgers, id, version)) {
        code = read_content(ledgers, path, id, version->size, &content, &lower);
        if (!code)
            read_text(ledgers, &content, version);
    }
    version->damaged |= code == TM_E_NOT_FOUND;
    if (code && code != TM_E_NOT_FOUND)
        return tm_err_move(err, &lower);
    if (packed)
        remember_form(ledgers, &form, version);
    *out = version;
    return TM_OK;
}

enum tm_code tm_ledgers_ahead_begin(struct tm_ledgers *ledgers, const struct tm_git_id *tree,
                                    struct tm_err *err)
{
    return find_files(ledgers, tree, err);
}

void tm_ledgers_ahead_read(struct tm_ledgers *ledgers)
{
    for (size_t i = TM_LEDGERS_COVERAGE; i <= TM_LEDGERS_BENCH; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
        const struct tm_tree_entry *file = &ledgers->files[i];
        struct tm_text_version *version;

        tm_path_join(&path, ledgers->path, tm_str(files[i]));
        if (!tm_tree_entry_is_file(file) ||
            !read_from_work_tree(ledgers, tm_buf_str(&path), &file->id, TM_LEDGER_TEXT_MAX, &content))
            continue;
        version = tm_arena_alloc(&ledgers->arena, sizeof(*version));
        read_text(ledgers, &content, version);
        *tm_map_at(&ledgers->by_id, tm_arena_str(&ledgers->arena, id_key(&file->id)), NULL) = version;
    }
}

void tm_ledgers_ahead_end(struct tm_ledgers *ledgers)
{
    for (size_t i = TM_LEDGERS_COVERAGE; i <= TM_LEDGERS_BENCH; i++) {
        const struct tm_git_id *id = &ledgers->files[i].id;
        struct tm_text_version *version = tm_map_get(&ledgers->by_id, id_key(id));
        struct tm_object_form form;

        if (version && tm_objects_form(ledgers->objects, id, &form))
            remember_form(ledgers, &form, version);
    }
}

enum tm_code tm_ledgers_at(struct tm_ledgers *ledgers, const struct tm_git_id *tree,
                           enum tm_ledgers_kind kind, const struct tm_text_version **out, struct tm_err *err)
{
    static const struct tm_text_version none;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    const struct tm_tree_entry *file = &ledgers->files[kind];
    struct tm_text_version *version;
    enum tm_code code = find_files(ledgers, tree, err);

    if (code)
        return code;
    if (!tm_tree_entry_is_file(file)) {
        *out = &none;
        return TM_OK;
    }
    version = tm_map_get(&ledgers->by_id, id_key(&file->id));
    if (!version) {
        struct tm_str key = tm_arena_str(&ledgers->arena, id_key(&file->id));

        tm_path_join(&path, ledgers->path, tm_str(files[kind]));
        code = find_version(ledgers, tm_buf_str(&path), &file->id, &version, err);
        if (code)
            return code;
        *tm_map_at(&ledgers->by_id, key, NULL) = version;
    }
    *out = version;
    return TM_OK;
}

/* A fragment, read when it was not yet. All its lines are entries; else it says nothing. */
static enum tm_code find_fragment(struct tm_ledgers *ledgers, const struct tm_git_id *id,
                                  struct tm_text_version **out, struct tm_err *err)
{
    struct tm_object *TM_CLEANUP(tm_object_freep) object = NULL;
    struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
    struct tm_text_version *version = tm_map_get(&ledgers->by_id, id_key(id));
    struct tm_ledger_text *text;
    enum tm_code code;

    *out = version;
    if (version)
        return TM_OK;
    code = tm_objects_read(ledgers->objects, id, TM_OBJECT_BLOB, TM_FRAGMENT_MAX, &object, err);
    if (code)
        return code;
    tm_buf_add(&content, object->data, object->len);
    text = tm_alloc(sizeof(*text));
    version = tm_arena_alloc(&ledgers->arena, sizeof(*version));
    version->size = content.len;
    version->damaged =
        !tm_ledger_text_read(text, NULL, 0, &content) || !text->n || text->lines[0].end != text->first_entry;
    if (!version->damaged)
        version->text = text;
    text->next = ledgers->fragments;
    ledgers->fragments = text;
    *tm_map_at(&ledgers->by_id, tm_arena_str(&ledgers->arena, id_key(id)), NULL) = version;
    *out = version;
    return TM_OK;
}

/* The folder of fragments in the tree; NULL when there is none. */
static enum tm_code read_fragment_folder(struct tm_ledgers *ledgers, const struct tm_git_id *tree,
                                         struct tm_object **folder, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) ledger = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_tree_entry entry;
    enum tm_code code = find_files(ledgers, tree, err);

    if (code)
        return code;
    tm_path_join(&ledger, ledgers->path, tm_str(files[0]));
    tm_fragment_folder(tm_buf_str(&ledger), &path);
    code = tm_tree_find(ledgers->objects, tree, tm_buf_str(&path), &entry, err);
    if (code || !entry.mode || tm_tree_entry_is_file(&entry))
        return code;
    return tm_objects_read(ledgers->objects, &entry.id, TM_OBJECT_TREE, TM_TREE_MAX, folder, err);
}

enum tm_code tm_ledgers_pending(struct tm_ledgers *ledgers, const struct tm_git_id *tree,
                                tm_fragment_visit *visit, void *ctx, struct tm_err *err)
{
    struct tm_object *TM_CLEANUP(tm_object_freep) folder = NULL;
    struct tm_tree_entry entry;
    struct tm_str rest;
    enum tm_code code = read_fragment_folder(ledgers, tree, &folder, err);

    if (code || !folder)
        return code;
    rest = tm_str_n(folder->data, folder->len);
    while (!code && tm_tree_next(&rest, &entry)) {
        struct tm_text_version *version = NULL;
        struct tm_hash id;

        if (!tm_tree_entry_is_file(&entry) || !tm_fragment_is_name(entry.name, &id))
            continue;
        code = find_fragment(ledgers, &entry.id, &version, err);
        if (!code)
            visit(ctx, version);
    }
    return code;
}
