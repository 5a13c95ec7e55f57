#include "repo/tree_diff.h"

#include "base/alloc.h"
#include "base/path.h"

enum { MODE_TYPE = 0170000, MODE_FOLDER = 0040000, MODE_FILE = 0100000 };

bool tm_tree_entry_is_file(const struct tm_tree_entry *entry)
{
    return (entry->mode & MODE_TYPE) == MODE_FILE;
}

static bool is_folder(const struct tm_tree_entry *entry)
{
    return (entry->mode & MODE_TYPE) == MODE_FOLDER;
}

bool tm_tree_next(struct tm_str *rest, struct tm_tree_entry *entry)
{
    unsigned mode = 0;
    size_t at = 0, end;

    while (at < rest->len && at < 7 && rest->data[at] >= '0' && rest->data[at] <= '7')
        mode = mode * 8 + (unsigned)(rest->data[at++] - '0');
    if (at == 0 || at >= rest->len || rest->data[at] != ' ')
        return false;
    entry->mode = mode;
    entry->name = tm_str_from(*rest, at + 1);
    end = tm_str_find(entry->name, '\0');
    if (end == SIZE_MAX || end == 0 || entry->name.len - end - 1 < TM_GIT_ID_LEN)
        return false;
    memcpy(entry->id.bytes, entry->name.data + end + 1, TM_GIT_ID_LEN);
    entry->name.len = end;
    *rest = tm_str_from(*rest, at + 1 + end + 1 + TM_GIT_ID_LEN);
    return true;
}

/* The order of trees: a folder's name counts as if it ended in '/'. */
static int compare(const struct tm_tree_entry *a, const struct tm_tree_entry *b)
{
    size_t n = TM_MIN(a->name.len, b->name.len);
    int order = memcmp(a->name.data, b->name.data, n);
    unsigned char left, right;

    if (order)
        return order;
    left = (unsigned char)(a->name.len > n ? a->name.data[n] : is_folder(a) ? '/' : '\0');
    right = (unsigned char)(b->name.len > n ? b->name.data[n] : is_folder(b) ? '/' : '\0');
    return left - right;
}

static bool is_same(const struct tm_tree_entry *a, const struct tm_tree_entry *b)
{
    return a->mode == b->mode && tm_git_id_cmp(&a->id, &b->id) == 0;
}

static enum tm_code damaged(const struct tm_git_id *tree, struct tm_err *err)
{
    return tm_err_set(err, TM_E_GIT, "tree %.12s is damaged", tm_git_id_hex(tree).hex);
}

/* The entry of that name in one folder. */
static enum tm_code find_in(struct tm_objects *objects, const struct tm_git_id *tree, struct tm_str name,
                            struct tm_tree_entry *entry, struct tm_err *err)
{
    struct tm_object *TM_CLEANUP(tm_object_freep) object = NULL;
    struct tm_str rest;
    enum tm_code code = tm_objects_read(objects, tree, TM_OBJECT_TREE, TM_TREE_MAX, &object, err);

    if (code)
        return code;
    rest = tm_str_n(object->data, object->len);
    while (tm_tree_next(&rest, entry))
        if (tm_str_eq(entry->name, name))
            return TM_OK;
    entry->mode = 0;
    return rest.len ? damaged(tree, err) : TM_OK;
}

enum tm_code tm_tree_find(struct tm_objects *objects, const struct tm_git_id *tree, struct tm_str path,
                          struct tm_tree_entry *entry, struct tm_err *err)
{
    struct tm_str rest = path, part;
    enum tm_code code = TM_OK;

    *entry = (struct tm_tree_entry) { .mode = MODE_FOLDER, .id = *tree };
    while (!code && tm_str_split(&rest, '/', &part)) {
        struct tm_git_id folder = entry->id;

        if (!is_folder(entry)) {
            entry->mode = 0;
            return TM_OK;
        }
        code = find_in(objects, &folder, part, entry, err);
    }
    entry->name = TM_STR("");
    return code;
}

/* One folder of a parent on the way through it. */
struct side {
    struct tm_object *object;  /* NULL: it has no such folder */
    struct tm_tree_entry next; /* mode 0 at the end */
    const char *at;            /* where it stands */
    struct tm_str rest;        /* behind it */
};

/* One folder: how far its sides are read, and what they have at the entry that is looked at. */
struct level {
    size_t n;
    struct side *sides;
    struct tm_tree_entry *before;
};

static void release(struct level *level)
{
    for (size_t i = 0; i < level->n; i++)
        tm_object_free(level->sides[i].object);
    free(level->sides);
    free(level->before);
}

static void step(struct side *side)
{
    side->at = side->rest.data;
    if (!tm_tree_next(&side->rest, &side->next))
        side->next.mode = 0;
}

static size_t common(const char *a, const char *b, size_t n)
{
    size_t at = 0;

    for (; at + sizeof(uint64_t) <= n; at += sizeof(uint64_t)) {
        uint64_t left, right;

        memcpy(&left, a + at, sizeof(left));
        memcpy(&right, b + at, sizeof(right));
        if (left != right)
            break;
    }
    while (at < n && a[at] == b[at])
        at++;
    return at;
}

/*
 * Takes the entries off *rest that the side has byte for byte at its place: most of a folder is as it was,
 * and is passed over without looking at names.
 */
static void skip_same(struct tm_str *rest, struct side *side)
{
    size_t left = side->next.mode ? (size_t)(side->rest.data + side->rest.len - side->at) : 0;
    size_t same = common(rest->data, side->at, TM_MIN(rest->len, left));
    const char *start = rest->data;
    struct tm_str after = *rest;
    struct tm_tree_entry entry;

    if (same < TM_GIT_ID_LEN)
        return;
    while (after.len && tm_tree_next(&after, &entry) && (size_t)(after.data - start) <= same)
        *rest = after;
    if (rest->data == start)
        return;
    side->rest = tm_str_n(side->at + (rest->data - start), left - (size_t)(rest->data - start));
    step(side);
}

/*
 * What stands in the side at the place of `entry`, mode 0 for nothing. A file where there was a folder has
 * another place in the order: then nothing was there. Who makes trees that are not in order sees more
 * differences, never fewer.
 */
static void seek(struct side *side, const struct tm_tree_entry *entry, struct tm_tree_entry *found)
{
    int order = 1;

    while (side->next.mode && (order = compare(&side->next, entry)) < 0)
        step(side);
    *found = side->next;
    if (!side->next.mode || order != 0)
        found->mode = 0;
    else
        step(side);
}

struct walk {
    const struct tm_tree_diff *diff;
    size_t n;
    struct tm_buf path;
};

static enum tm_code walk_folder(struct walk *walk, const struct tm_git_id *tree,
                                const struct tm_tree_entry *before, struct tm_err *err);

static enum tm_code walk_entry(struct walk *walk, const struct tm_tree_entry *entry, struct level *level,
                               struct tm_err *err)
{
    struct tm_tree_entry *before = level->before;
    size_t length = walk->path.len;
    enum tm_code code = TM_OK;

    for (size_t i = 0; i < walk->n; i++) {
        seek(&level->sides[i], entry, &before[i]);
        if (is_same(&before[i], entry))
            return TM_OK;
    }
    if (length)
        tm_buf_addc(&walk->path, '/');
    tm_buf_add_str(&walk->path, entry->name);
    if (walk->path.len > TM_PATH_MAX)
        code = tm_err_set(err, TM_E_LIMIT, "path is longer than %d bytes: '%.60s...'", TM_PATH_MAX,
                          walk->path.data);
    else if (is_folder(entry))
        code = walk_folder(walk, &entry->id, before, err);
    else
        code = walk->diff->visit(walk->diff->ctx, tm_buf_str(&walk->path), entry, before, walk->n, err);
    tm_buf_truncate(&walk->path, length);
    return code;
}

static enum tm_code open_sides(struct walk *walk, const struct tm_tree_entry *before, struct level *level,
                               struct tm_err *err)
{
    level->sides = tm_alloc_array(walk->n, sizeof(*level->sides));
    level->before = tm_alloc_array(walk->n, sizeof(*level->before));
    for (; level->n < walk->n; level->n++) {
        struct side *side = &level->sides[level->n];
        enum tm_code code;

        *side = (struct side) { .rest = TM_STR("") };
        if (!is_folder(&before[level->n]))
            continue;
        code = tm_objects_read(walk->diff->objects, &before[level->n].id, TM_OBJECT_TREE, TM_TREE_MAX,
                               &side->object, err);
        if (code)
            return code;
        side->rest = tm_str_n(side->object->data, side->object->len);
        step(side);
    }
    return TM_OK;
}

static enum tm_code walk_folder(struct walk *walk, const struct tm_git_id *tree,
                                const struct tm_tree_entry *before, struct tm_err *err)
{
    struct tm_object *TM_CLEANUP(tm_object_freep) object = NULL;
    struct level TM_CLEANUP(release) level = { 0 };
    struct tm_tree_entry entry;
    struct tm_str rest;
    enum tm_code code = tm_objects_read(walk->diff->objects, tree, TM_OBJECT_TREE, TM_TREE_MAX, &object, err);

    if (!code)
        code = open_sides(walk, before, &level, err);
    if (code)
        return code;
    rest = tm_str_n(object->data, object->len);
    for (;;) {
        if (level.n)
            skip_same(&rest, &level.sides[0]);
        if (code || !tm_tree_next(&rest, &entry))
            break;
        if (is_folder(&entry) ||
            (tm_tree_entry_is_file(&entry) && walk->diff->is_wanted(walk->diff->ctx, entry.name)))
            code = walk_entry(walk, &entry, &level, err);
    }
    return !code && rest.len ? damaged(tree, err) : code;
}

enum tm_code tm_tree_diff(const struct tm_tree_diff *diff, const struct tm_git_id *tree,
                          const struct tm_git_id *parents, size_t n, struct tm_err *err)
{
    struct walk walk = { diff, n, TM_BUF_INIT };
    struct tm_tree_entry *TM_CLEANUP(tm_freep) before = NULL;
    enum tm_code code;

    if (n > TM_PARENTS_MAX)
        return tm_err_set(err, TM_E_LIMIT, "a commit has %zu parents, the limit is %d", n, TM_PARENTS_MAX);
    before = tm_alloc_array(n, sizeof(*before));
    for (size_t i = 0; i < n; i++) {
        if (tm_git_id_cmp(&parents[i], tree) == 0)
            return TM_OK;
        before[i] = (struct tm_tree_entry) { .mode = MODE_FOLDER, .id = parents[i] };
    }
    code = walk_folder(&walk, tree, before, err);
    tm_buf_release(&walk.path);
    return code;
}
