/* The folders of a sparse index, replaced by the files that stand in their trees. */
#include "base/alloc.h"
#include "repo/index.h"

struct expansion {
    struct tm_arena *arena;
    struct tm_index_entry *items;
    size_t n, cap;
};

static void add(struct expansion *to, struct tm_index_entry entry)
{
    if (to->n) {
        const struct tm_index_entry *before = &to->items[to->n - 1];
        uint32_t max = TM_MIN(before->len, entry.len), same = 0;

        while (same < max && before->path[same] == entry.path[same])
            same++;
        entry.shared = same;
    }
    TM_GROW(to->items, to->n, to->cap);
    to->items[to->n++] = entry;
}

static enum tm_code add_file(void *ctx, struct tm_str path, unsigned mode, const struct tm_oid *blob,
                             struct tm_err *err)
{
    struct expansion *to = ctx;
    struct tm_index_entry entry = {
        .path = tm_arena_str(to->arena, path).data,
        .len = (uint32_t)path.len,
        .kind = mode == TM_GIT_LINK ? TM_INDEX_LINK : TM_INDEX_FILE,
        .skip_worktree = true,
    };

    add(to, entry);
    return TM_OK;
}

enum tm_code tm_index_expand(struct tm_index *index, struct tm_git *git, struct tm_err *err)
{
    struct expansion to = { .arena = &index->arena };
    bool sparse = false;
    enum tm_code code = TM_OK;

    for (size_t i = 0; i < index->n && !sparse; i++)
        sparse = index->entries[i].kind == TM_INDEX_DIR;
    if (!sparse)
        return TM_OK;
    for (size_t i = 0; !code && i < index->n; i++) {
        const struct tm_index_entry *entry = &index->entries[i];
        struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
        struct tm_oid tree;

        if (entry->kind != TM_INDEX_DIR) {
            add(&to, *entry);
            continue;
        }
        tm_buf_add_hex(&hex, entry->id, TM_OID_HEX / 2);
        memcpy(tree.hex, hex.data, sizeof(tree.hex));
        code = tm_git_tree_walk_id(git, &tree, tm_str_n(entry->path, entry->len), add_file, &to, err);
    }
    if (code) {
        free(to.items);
        return code;
    }
    free(index->entries);
    index->entries = to.items;
    index->n = to.n;
    return TM_OK;
}
