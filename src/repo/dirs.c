#include "repo/dirs.h"

#include "base/alloc.h"

/* The folders open at the current path, outermost first. */
struct open_dirs {
    uint32_t *items;
    size_t len, cap;
};

struct build {
    struct tm_dirs *dirs;
    size_t cap;
    struct open_dirs open;
};

static uint32_t add_dir(struct build *b, const char *path, size_t len, uint32_t parent, size_t entry)
{
    struct tm_dirs *dirs = b->dirs;
    size_t n = dirs->n;

    TM_GROW(dirs->items, n, b->cap);
    dirs->items[n] =
        (struct tm_dir) { .path = path, .len = (uint32_t)len, .parent = parent, .entry = (uint32_t)entry };
    return dirs->n++;
}

/* Closes the folders that path is not in, and opens those that are new. Returns its folder. */
static uint32_t enter(struct build *b, const struct tm_index_entry *entry, size_t number)
{
    struct tm_dirs *dirs = b->dirs;
    struct open_dirs *open = &b->open;
    const struct tm_dir *top = &dirs->items[open->items[open->len - 1]];
    size_t at;

    /* A folder stays open when the path has it in common with the one before, slash included. */
    while (top->len && (entry->shared <= top->len)) {
        open->len--;
        top = &dirs->items[open->items[open->len - 1]];
    }
    at = top->len ? top->len + 1 : 0;
    for (;;) {
        const char *slash = memchr(entry->path + at, '/', entry->len - at);
        uint32_t parent = open->items[open->len - 1];
        uint32_t dir;

        if (!slash)
            return parent;
        dir = add_dir(b, entry->path, (size_t)(slash - entry->path), parent, number);
        dirs->items[parent].n++;
        TM_GROW(open->items, open->len, open->cap);
        open->items[open->len++] = dir;
        at = (size_t)(slash - entry->path) + 1;
    }
}

static void add_child(struct tm_dirs *dirs, uint32_t parent, const char *path, uint32_t len, uint32_t ref)
{
    struct tm_dir *dir = &dirs->items[parent];
    uint32_t skip = dir->len ? dir->len + 1 : 0;

    dirs->children[dir->first + dir->n++] = (struct tm_dir_child) { path + skip, len - skip, ref };
}

/* Gives each folder its part of the children, then fills them in the order of the index, which is theirs. */
static void fill(struct build *b, const struct tm_index *index)
{
    struct tm_dirs *dirs = b->dirs;
    uint32_t at = 0, next = 1;

    dirs->children = tm_alloc_array(index->n + dirs->n, sizeof(*dirs->children));
    for (uint32_t i = 0; i < dirs->n; i++) {
        dirs->items[i].first = at;
        at += dirs->items[i].n;
        dirs->items[i].n = 0;
    }
    for (size_t i = 0; i < index->n; i++) {
        for (; next < dirs->n && dirs->items[next].entry == i; next++)
            add_child(dirs, dirs->items[next].parent, dirs->items[next].path, dirs->items[next].len,
                      next | TM_DIR_BIT);
        add_child(dirs, dirs->dir_of[i], index->entries[i].path, index->entries[i].len, (uint32_t)i);
    }
}

void tm_dirs_build(struct tm_dirs *dirs, const struct tm_index *index)
{
    struct build b = { .dirs = dirs };

    *dirs = TM_DIRS_INIT;
    dirs->dir_of = tm_alloc_array(index->n, sizeof(*dirs->dir_of));
    add_dir(&b, "", 0, 0, 0);
    TM_GROW(b.open.items, b.open.len, b.open.cap);
    b.open.items[b.open.len++] = 0;
    for (size_t i = 0; i < index->n; i++) {
        uint32_t dir = enter(&b, &index->entries[i], i);

        dirs->dir_of[i] = dir;
        dirs->items[dir].n++;
    }
    fill(&b, index);
    free(b.open.items);
}

void tm_dirs_release(struct tm_dirs *dirs)
{
    free(dirs->items);
    free(dirs->children);
    free(dirs->dir_of);
    *dirs = TM_DIRS_INIT;
}

/* Order of the index: a folder counts as if a slash followed its name. */
static int compare(const struct tm_dir_child *child, struct tm_str name, bool is_dir)
{
    size_t min = TM_MIN((size_t)child->len, name.len);
    int c = memcmp(child->name, name.data, min);
    int a, b;

    if (c)
        return c;
    a = child->len > min ? (unsigned char)child->name[min] : child->ref & TM_DIR_BIT ? '/' : 0;
    b = name.len > min ? (unsigned char)name.data[min] : is_dir ? '/' : 0;
    return a - b;
}

const struct tm_dir_child *tm_dirs_find(const struct tm_dirs *dirs, uint32_t dir, struct tm_str name,
                                        bool is_dir)
{
    const struct tm_dir_child *children = dirs->children + dirs->items[dir].first;
    size_t low = 0, high = dirs->items[dir].n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = compare(&children[mid], name, is_dir);

        if (c == 0)
            return &children[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}
