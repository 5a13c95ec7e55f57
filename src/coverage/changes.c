#include "coverage/changes.h"

#include "base/alloc.h"
#include "base/json_write.h"

/* What git calls the tree without files: a base for who wants all lines. */
#define EMPTY_TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

void tm_changes_release(struct tm_changes *changes)
{
    tm_map_release(&changes->by_new);
    tm_map_release(&changes->by_old);
    free(changes->items);
    tm_arena_release(&changes->arena);
    *changes = TM_CHANGES_INIT;
}

/* The two sides of "A...B" and "A..B". */
static bool split_range(struct tm_str text, struct tm_str *base, struct tm_str *head, bool *merge_base)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        size_t dots = 2;

        if (text.data[i] != '.' || text.data[i + 1] != '.')
            continue;
        dots += i + 2 < text.len && text.data[i + 2] == '.';
        *base = tm_str_n(text.data, i);
        *head = tm_str_from(text, i + dots);
        *merge_base = dots == 3;
        return true;
    }
    return false;
}

bool tm_changes_is_range(struct tm_str text)
{
    struct tm_str base, head;
    bool merge_base;

    if (!split_range(text, &base, &head, &merge_base) || base.len + head.len == 0)
        return false;
    return (base.len == 0 || base.data[base.len - 1] != '/') && (head.len == 0 || head.data[0] != '/');
}

static enum tm_code resolve(struct tm_git *git, struct tm_str rev, struct tm_oid *commit, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = tm_strndup(rev.data, rev.len);

    if (strcmp(name, EMPTY_TREE) == 0) {
        *commit = (struct tm_oid) { "" };
        return TM_OK;
    }
    return tm_git_resolve(git, name, commit, err);
}

/* Makes base the commit where both part. The empty tree parts from nothing. */
static enum tm_code go_back(struct tm_changes *changes, struct tm_git *git, const struct tm_oid *head,
                            struct tm_err *err)
{
    struct tm_oid base = changes->base;

    if (!changes->merge_base || !*base.hex)
        return TM_OK;
    return tm_git_merge_base(git, &base, head, &changes->base, err);
}

static enum tm_code choose_range(struct tm_changes *changes, struct tm_git *git, struct tm_str range,
                                 struct tm_err *err)
{
    struct tm_str base, head;
    enum tm_code code;

    if (!split_range(range, &base, &head, &changes->merge_base))
        return tm_err_set(err, TM_E_USAGE, "'%.*s' is no range, give BASE...HEAD", TM_STR_ARG(range));
    if (base.len == 0)
        base = TM_STR("HEAD");
    if (head.len == 0)
        head = TM_STR("HEAD");
    changes->base_name = tm_arena_str(&changes->arena, base);
    code = resolve(git, base, &changes->base, err);
    if (!code)
        code = resolve(git, head, &changes->head, err);
    if (!code && !*changes->head.hex)
        code = tm_err_set(err, TM_E_USAGE, "the empty tree can be the base, not the head");
    return code ? code : go_back(changes, git, &changes->head, err);
}

/* Without a revision given: from where the branch parted from the one it goes back to. */
static enum tm_code choose_default(struct tm_changes *changes, struct tm_git *git, const struct tm_oid *head,
                                   struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    enum tm_code code = tm_git_default_base(git, &name, err);

    if (code)
        return code;
    changes->base_name = tm_arena_str(&changes->arena, tm_buf_str(&name));
    changes->merge_base = true;
    code = tm_git_resolve(git, name.data, &changes->base, err);
    return code ? code : go_back(changes, git, head, err);
}

static enum tm_code choose(struct tm_changes *changes, struct tm_git *git,
                           const struct tm_changes_request *request, struct tm_err *err)
{
    struct tm_git_head head = { .branch = NULL };
    struct tm_oid tip;
    enum tm_code code;

    if (request->range.len)
        return choose_range(changes, git, request->range, err);
    code = tm_git_head(git, &head, err);
    tip = head.commit;
    tm_git_head_release(&head);
    if (!code && request->head) {
        code = tm_git_resolve(git, request->head, &changes->head, err);
        tip = changes->head;
    }
    if (code)
        return code;
    if (request->base) {
        changes->base_name = tm_arena_str(&changes->arena, tm_str(request->base));
        return resolve(git, tm_str(request->base), &changes->base, err);
    }
    if (!*tip.hex) {
        changes->base_name = TM_STR("nothing"); /* no commit yet */
        return TM_OK;
    }
    return choose_default(changes, git, &tip, err);
}

static enum tm_code add(void *ctx, const struct tm_git_delta *delta, struct tm_err *err)
{
    struct tm_changes *changes = ctx;
    struct tm_git_delta copy = *delta;
    struct tm_git_hunk *hunks = tm_arena_array(&changes->arena, delta->n_hunks, sizeof(*hunks));

    (void)err;
    if (delta->n_hunks)
        memcpy(hunks, delta->hunks, delta->n_hunks * sizeof(*hunks));
    copy.hunks = hunks;
    copy.old_path = tm_arena_str(&changes->arena, delta->old_path);
    copy.new_path = tm_arena_str(&changes->arena, delta->new_path);
    TM_GROW(changes->items, changes->n, changes->cap);
    changes->items[changes->n++] = copy;
    return TM_OK;
}

static struct tm_str path_of(const struct tm_git_delta *delta)
{
    return delta->new_path.len ? delta->new_path : delta->old_path;
}

static int by_path(const void *a, const void *b)
{
    return tm_str_cmp(path_of(a), path_of(b));
}

static void index_paths(struct tm_changes *changes)
{
    if (changes->n)
        qsort(changes->items, changes->n, sizeof(*changes->items), by_path);
    for (size_t i = 0; i < changes->n; i++) {
        struct tm_git_delta *delta = &changes->items[i];

        if (delta->new_path.len)
            *tm_map_at(&changes->by_new, delta->new_path, NULL) = delta;
        if (delta->old_path.len)
            *tm_map_at(&changes->by_old, delta->old_path, NULL) = delta;
    }
}

enum tm_code tm_changes_load(struct tm_changes *changes, struct tm_git *git,
                             const struct tm_changes_request *request, struct tm_err *err)
{
    struct tm_git_diff_request diff = { .from = &changes->base, .ignore_space = request->ignore_space };
    enum tm_code code = choose(changes, git, request, err);

    diff.to = *changes->head.hex ? &changes->head : NULL;
    if (!code)
        code = tm_git_diff_lines(git, &diff, add, changes, &changes->limited, err);
    if (!code)
        index_paths(changes);
    return code;
}

const struct tm_git_delta *tm_changes_of_new(const struct tm_changes *changes, struct tm_str path)
{
    return tm_map_get(&changes->by_new, path);
}

const struct tm_git_delta *tm_changes_of_old(const struct tm_changes *changes, struct tm_str path)
{
    return tm_map_get(&changes->by_old, path);
}

void tm_changes_add_base(struct tm_buf *out, const struct tm_changes *changes)
{
    tm_buf_add_escaped(out, changes->base_name);
    if (changes->merge_base)
        tm_buf_addf(out, " (merge base %.10s)", changes->base.hex);
    else if (*changes->base.hex)
        tm_buf_addf(out, " (%.10s)", changes->base.hex);
}

void tm_changes_add_head(struct tm_buf *out, const struct tm_changes *changes)
{
    if (*changes->head.hex)
        tm_buf_addf(out, "commit %.10s", changes->head.hex);
    else
        tm_buf_adds(out, "the work tree");
}

void tm_changes_put(struct tm_json_writer *w, const struct tm_changes *changes)
{
    tm_json_key(w, "base");
    tm_json_object_begin(w);
    tm_json_member_str(w, "revision", changes->base_name);
    tm_json_members(w, "commit", changes->base.hex);
    tm_json_member_bool(w, "merge_base", changes->merge_base);
    tm_json_object_end(w);
    tm_json_key(w, "head");
    tm_json_object_begin(w);
    tm_json_members(w, "commit", changes->head.hex);
    tm_json_member_bool(w, "work_tree", !*changes->head.hex);
    tm_json_object_end(w);
}

static struct tm_linemap make_map(const struct tm_git_delta *change, bool from_old)
{
    /* A deleted file comes without hunks: no line of it is left. */
    static const struct tm_git_hunk all = { 1, UINT32_MAX - 1, 0, 0 };

    if (change && change->what == 'D')
        return (struct tm_linemap) { &all, 1, from_old, 0 };
    return (struct tm_linemap) { change ? change->hunks : NULL, change ? change->n_hunks : 0, from_old, 0 };
}

struct tm_linemap tm_linemap_to_old(const struct tm_git_delta *change)
{
    return make_map(change, false);
}

struct tm_linemap tm_linemap_to_new(const struct tm_git_delta *change)
{
    return make_map(change, true);
}

/* The first line behind it; where there are no lines, start is the one before the place. */
static uint32_t end_of(uint32_t start, uint32_t lines)
{
    return lines ? start + lines : start + 1;
}

bool tm_linemap_next(struct tm_linemap *map, uint32_t line, uint32_t *other)
{
    for (; map->n; map->hunks++, map->n--) {
        const struct tm_git_hunk *h = map->hunks;
        uint32_t start = map->from_old ? h->old_start : h->new_start;
        uint32_t lines = map->from_old ? h->old_lines : h->new_lines;
        uint32_t end = end_of(start, lines);

        if (line < end) {
            if (lines && line >= start)
                return false;
            break;
        }
        map->shift = map->from_old ? (int64_t)end_of(h->new_start, h->new_lines) - end
                                   : (int64_t)end_of(h->old_start, h->old_lines) - end;
    }
    *other = (uint32_t)(line + map->shift);
    return true;
}
