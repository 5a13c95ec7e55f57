#include "base/map.h"

#include <sys/random.h>

#include "base/alloc.h"

static uint64_t seed(void)
{
    static _Atomic uint64_t value;

    if (!value) {
        uint64_t fresh = 0;

        /* Any seed is correct; a failed call only loses the protection. */
        if (getrandom(&fresh, sizeof(fresh), GRND_NONBLOCK) != sizeof(fresh))
            fresh = (uint64_t)(uintptr_t)&value;
        value = fresh | 1;
    }
    return value;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes at once: names of functions are long. */
static uint64_t hash_of(struct tm_str key)
{
    const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t h = mix(seed() ^ key.len, odd);
    const char *p = key.data;
    size_t left = key.len;
    uint64_t word;

    for (; left >= sizeof(word); p += sizeof(word), left -= sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        h = mix(h ^ word, odd);
    }
    word = 0;
    if (left)
        memcpy(&word, p, left);
    return mix(h ^ word, odd);
}

void tm_map_release(struct tm_map *map)
{
    free(map->entries);
    free(map->slots);
    *map = TM_MAP_INIT;
}

/* The slot that holds key, or the empty one where it belongs. */
static size_t slot_of(const struct tm_map *map, struct tm_str key, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    size_t i = hash & mask;

    while (map->slots[i]) {
        const struct tm_map_entry *e = &map->entries[map->slots[i] - 1];

        if (e->hash == hash && tm_str_eq(e->key, key))
            break;
        i = (i + 1) & mask;
    }
    return i;
}

static const struct tm_map_entry *find(const struct tm_map *map, struct tm_str key)
{
    uint32_t index;

    if (!map->len)
        return NULL;
    index = map->slots[slot_of(map, key, hash_of(key))];
    return index ? &map->entries[index - 1] : NULL;
}

void *tm_map_get(const struct tm_map *map, struct tm_str key)
{
    const struct tm_map_entry *e = find(map, key);

    return e ? e->value : NULL;
}

bool tm_map_has(const struct tm_map *map, struct tm_str key)
{
    return find(map, key) != NULL;
}

static void grow_slots(struct tm_map *map)
{
    free(map->slots);
    map->slot_count = map->slot_count ? map->slot_count * 2 : 16;
    map->slots = tm_alloc_array(map->slot_count, sizeof(*map->slots));
    for (size_t i = 0; i < map->len; i++)
        map->slots[slot_of(map, map->entries[i].key, map->entries[i].hash)] = (uint32_t)i + 1;
}

void **tm_map_at(struct tm_map *map, struct tm_str key, bool *added)
{
    uint64_t hash = hash_of(key);
    size_t slot;

    if ((map->len + 1) * 2 > map->slot_count)
        grow_slots(map);
    slot = slot_of(map, key, hash);
    if (added)
        *added = !map->slots[slot];
    if (!map->slots[slot]) {
        assert(map->len < UINT32_MAX - 1);
        TM_GROW(map->entries, map->len, map->cap);
        map->entries[map->len] = (struct tm_map_entry) { key, hash, NULL };
        map->slots[slot] = (uint32_t)++map->len;
    }
    return &map->entries[map->slots[slot] - 1].value;
}
