/*
 * A hash map from strings to pointers; keys are not copied and must outlive
 * the map. Open addressing, FNV-1a mixed with a per-process random seed so
 * that foreign keys cannot be chosen to collide. Iteration order is insertion
 * order: nothing that is written may depend on the seed.
 */
#ifndef TM_BASE_MAP_H
#define TM_BASE_MAP_H

#include "base/base.h"
#include "base/str.h"

struct tm_map_entry {
    struct tm_str key;
    uint64_t hash;
    void *value;
};

struct tm_map {
    struct tm_map_entry *entries; /* in insertion order */
    size_t len, cap;
    uint32_t *slots; /* index + 1 into entries, 0 is empty; slot_count is a power of two */
    size_t slot_count;
};

#define TM_MAP_INIT ((struct tm_map) { NULL, 0, 0, NULL, 0 })

void tm_map_release(struct tm_map *map);

/* The value of key, or NULL when there is none. */
void *tm_map_get(const struct tm_map *map, struct tm_str key);

/* True when key is there, whatever its value. */
bool tm_map_has(const struct tm_map *map, struct tm_str key);

/*
 * The place of key's value, added with NULL when it was not there (*added says
 * so; may be NULL). Valid until the next addition. At most UINT32_MAX - 1 keys.
 */
void **tm_map_at(struct tm_map *map, struct tm_str key, bool *added);

#endif
