#include "consistency/manifests.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/path.h"
#include "catalog/catalog.h"
#include "repo/walk.h"

bool tm_manifest_is_named(const struct tm_repo *repo, struct tm_str name)
{
    static const char wanted[] = TM_MANIFEST_NAME;

    if (name.len != sizeof(wanted) - 1)
        return false;
    return memcmp(name.data, wanted, name.len) == 0 ||
           (tm_git_ignores_case(repo->git) && strncasecmp(name.data, wanted, name.len) == 0);
}

bool tm_manifest_counts(const struct tm_repo *repo, struct tm_str path)
{
    const struct tm_str_list *globs = &repo->settings.exclude;

    if (tm_catalog_is_nobodys(repo, path) || tm_walk_excludes_file(globs, path))
        return false;
    for (size_t i = 0; i < path.len; i++)
        if (path.data[i] == '/' && tm_walk_excludes_dir(globs, tm_str_n(path.data, i)))
            return false;
    return true;
}

void tm_manifest_at_release(struct tm_manifest_at *manifest)
{
    tm_observed_fields_release(&manifest->fields);
    tm_object_free(manifest->object);
    tm_buf_release(&manifest->module);
    tm_buf_release(&manifest->unreadable);
    *manifest = TM_MANIFEST_AT_INIT;
}

/* Its name as the catalog has it; that of a manifest which the catalog would refuse is of no use to anyone.
 */
static void add_module(struct tm_buf *out, const struct tm_json_node *root, struct tm_str path)
{
    struct tm_str name = tm_path_dir(path);

    if (!tm_json_node_str(tm_json_get(root, "name"), &name) &&
        !tm_json_node_str(tm_json_get(root, "module"), &name) && !name.len)
        name = TM_STR(".");
    tm_buf_add_str(out, name);
}

enum tm_code tm_manifest_at_read(struct tm_manifest_at *manifest, struct tm_objects *objects,
                                 struct tm_str path, const struct tm_tree_entry *entry, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    enum tm_code code;

    *manifest = TM_MANIFEST_AT_INIT;
    if (!tm_tree_entry_is_file(entry))
        return TM_OK;
    tm_buf_add_str(&name, path);
    code = tm_objects_read(objects, &entry->id, TM_OBJECT_BLOB, TM_MANIFEST_MAX, &manifest->object, &lower);
    if (!code)
        code = tm_observed_fields_find(&manifest->fields, name.data,
                                       tm_str_n(manifest->object->data, manifest->object->len),
                                       TM_OBSERVED_ALL, &lower);
    if (!code)
        add_module(&manifest->module, manifest->fields.doc.root, path);
    if (code && code != TM_E_LIMIT && code != TM_E_FORMAT && code != TM_E_NOT_FOUND)
        return tm_err_move(err, &lower);
    if (code)
        tm_buf_adds(&manifest->unreadable, tm_err_msg(&lower));
    return TM_OK;
}

static const struct tm_json_node *value_in(const struct tm_manifest_at *manifest, const char *const *path)
{
    const struct tm_observed_field *field = tm_observed_fields_get(&manifest->fields, path);

    return field ? field->node : NULL;
}

static bool has_all(const struct tm_manifest_at *a, const struct tm_manifest_at *b, unsigned group)
{
    for (size_t i = 0; i < a->fields.n; i++) {
        const struct tm_observed_field *field = &a->fields.items[i];

        if (field->group == group && !tm_observed_same_value(field->node, value_in(b, field->path)))
            return false;
    }
    return true;
}

bool tm_manifest_at_same(const struct tm_manifest_at *a, const struct tm_manifest_at *b, unsigned group)
{
    return has_all(a, b, group) && has_all(b, a, group);
}

void tm_gone_manifests_release(struct tm_gone_manifests *gone)
{
    free(gone->items);
    tm_arena_release(&gone->arena);
    *gone = TM_GONE_MANIFESTS_INIT;
}

struct search {
    struct tm_gone_manifests *gone;
    const struct tm_repo *repo;
};

static bool is_wanted(void *ctx, struct tm_str name)
{
    const struct search *search = ctx;

    return tm_manifest_is_named(search->repo, name);
}

/* Here the earlier tree is the one that is looked through, and the later one stands for its parent. */
static enum tm_code note(void *ctx, struct tm_str path, const struct tm_tree_entry *entry,
                         const struct tm_tree_entry *later, size_t n, struct tm_err *err)
{
    const struct search *search = ctx;
    struct tm_gone_manifests *gone = search->gone;

    if (later->mode || !tm_manifest_counts(search->repo, path))
        return TM_OK;
    TM_GROW(gone->items, gone->n, gone->cap);
    gone->items[gone->n++] =
        (struct tm_gone_manifest) { tm_arena_str(&gone->arena, path),
                                    { .mode = entry->mode, .name = TM_STR(""), .id = entry->id } };
    return TM_OK;
}

enum tm_code tm_gone_manifests_find(struct tm_gone_manifests *gone, const struct tm_repo *repo,
                                    struct tm_objects *objects, const struct tm_git_id *before,
                                    const struct tm_git_id *now, struct tm_err *err)
{
    struct search search = { gone, repo };
    struct tm_tree_diff diff = { objects, is_wanted, note, &search };

    return tm_tree_diff(&diff, before, now, 1, err);
}

enum tm_code tm_gone_manifests_match(const struct tm_gone_manifests *gone, struct tm_objects *objects,
                                     const struct tm_tree_entry *entry, const struct tm_manifest_at *now,
                                     struct tm_manifest_at *before, struct tm_err *err)
{
    *before = TM_MANIFEST_AT_INIT;
    for (size_t i = 0; i < gone->n; i++)
        if (tm_git_id_cmp(&gone->items[i].entry.id, &entry->id) == 0)
            return tm_manifest_at_read(before, objects, gone->items[i].path, &gone->items[i].entry, err);
    for (size_t i = 0; i < gone->n; i++) {
        enum tm_code code =
            tm_manifest_at_read(before, objects, gone->items[i].path, &gone->items[i].entry, err);

        if (code || tm_str_eq(tm_buf_str(&before->module), tm_buf_str(&now->module)))
            return code;
        tm_manifest_at_release(before);
    }
    return TM_OK;
}
