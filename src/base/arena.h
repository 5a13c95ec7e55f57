/*
 * Memory that is freed all at once: one arena for each parsed document.
 * Blocks grow from 4 KiB by doubling up to 1 MiB. Not thread-safe.
 */
#ifndef TM_BASE_ARENA_H
#define TM_BASE_ARENA_H

#include "base/base.h"
#include "base/str.h"

struct tm_arena {
    struct tm_arena_block *blocks; /* newest first */
};

#define TM_ARENA_INIT ((struct tm_arena) { NULL })

/* Frees everything the arena handed out. */
void tm_arena_release(struct tm_arena *arena);

/* n zeroed bytes, aligned for any type; valid until the arena is released. */
void *tm_arena_alloc(struct tm_arena *arena, size_t n);

/* count * size zeroed bytes; aborts when the product overflows. */
void *tm_arena_array(struct tm_arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of s; the piece returned excludes the NUL. */
struct tm_str tm_arena_str(struct tm_arena *arena, struct tm_str s);

/* Bytes allocated by the arena, for tests of memory limits. */
size_t tm_arena_size(const struct tm_arena *arena);

#endif
