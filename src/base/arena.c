#include "base/arena.h"

#include "base/alloc.h"

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

struct tm_arena_block {
    struct tm_arena_block *next;
    size_t used;
    size_t cap;
    _Alignas(max_align_t) char data[];
};

void tm_arena_release(struct tm_arena *arena)
{
    while (arena->blocks) {
        struct tm_arena_block *next = arena->blocks->next;

        free(arena->blocks);
        arena->blocks = next;
    }
}

static struct tm_arena_block *add_block(struct tm_arena *arena, size_t n)
{
    size_t last = arena->blocks ? arena->blocks->cap : FIRST_BLOCK / 2;
    size_t cap = TM_MAX(n, TM_MIN(last * 2, (size_t)LARGEST_BLOCK));
    struct tm_arena_block *block;

    if (cap > SIZE_MAX - sizeof(*block))
        abort();
    block = tm_alloc(sizeof(*block) + cap);
    block->cap = cap;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *tm_arena_alloc(struct tm_arena *arena, size_t n)
{
    const size_t align = _Alignof(max_align_t);
    struct tm_arena_block *block = arena->blocks;
    void *p;

    if (n > SIZE_MAX - align)
        abort();
    n = (n + align - 1) / align * align;
    if (!block || block->cap - block->used < n)
        block = add_block(arena, n);
    p = block->data + block->used;
    block->used += n;
    return p;
}

void *tm_arena_array(struct tm_arena *arena, size_t count, size_t size)
{
    size_t n;

    if (__builtin_mul_overflow(count, size, &n))
        abort();
    return tm_arena_alloc(arena, n);
}

struct tm_str tm_arena_str(struct tm_arena *arena, struct tm_str s)
{
    char *copy = tm_arena_alloc(arena, s.len + 1);

    if (s.len)
        memcpy(copy, s.data, s.len);
    return tm_str_n(copy, s.len);
}

size_t tm_arena_size(const struct tm_arena *arena)
{
    size_t n = 0;

    for (const struct tm_arena_block *b = arena->blocks; b; b = b->next)
        n += sizeof(*b) + b->cap;
    return n;
}
