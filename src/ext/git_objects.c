#include "ext/git_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/io.h"
#include "ext/git_objects.h"
#include "ext/hash.h"

enum {
    SLOTS = 1 << 12,
    KEPT_MAX = 256 << 10, /* bytes of an object that is kept */
    KEPT_ALL = 16 << 20,  /* ... of all */
    CHAIN_MAX = 4096,     /* deltas on deltas; git makes at most 4095 */
    FORM_MAX = 1 << 20,   /* bytes of a delta that is looked into for its form */
    BASE_MAX = INT32_MAX, /* bytes of what a delta stands on, and of a delta */
};

/* What was read last, by place: its next reader, or the delta against it, comes soon. */
struct slot {
    struct tm_object_place place;
    struct tm_object *object; /* NULL: empty */
};

/* The way from an object down its deltas to one that is there, or whole. */
struct chain {
    struct tm_object_place places[CHAIN_MAX];
    struct tm_pack_entry entries[CHAIN_MAX];
    size_t n;
};

/* Where an object was found: most trees are asked for twice, for a commit and for the one after it. */
struct found {
    struct tm_git_id id;
    struct tm_object_place place;
};

struct tm_objects {
    struct tm_git *git;
    git_odb *odb;
    struct tm_pack *packs;
    size_t n_packs, cap_packs;
    size_t last; /* pack that had the object before */
    struct tm_inflater *inflater;
    struct chain *chain; /* of the object that is being read */
    struct found *found; /* by the first bits of the id */
    struct tm_buf delta; /* the one that is applied */
    struct slot *slots;
    size_t kept; /* bytes in slots */
    size_t hand; /* where room is made next */
};

bool tm_git_id_parse(struct tm_git_id *out, struct tm_str hex)
{
    git_oid id;

    if (hex.len != TM_OID_HEX || git_oid_fromstrn(&id, hex.data, hex.len) < 0)
        return false;
    memcpy(out->bytes, id.id, TM_GIT_ID_LEN);
    return true;
}

struct tm_oid tm_git_id_hex(const struct tm_git_id *id)
{
    git_oid oid;

    memcpy(oid.id, id->bytes, TM_GIT_ID_LEN);
    return tm_git_oid_hex(&oid);
}

int tm_git_id_cmp(const struct tm_git_id *a, const struct tm_git_id *b)
{
    return memcmp(a->bytes, b->bytes, TM_GIT_ID_LEN);
}

struct tm_git_id tm_git_id_of_blob(const struct tm_str *pieces, size_t n)
{
    struct tm_str *TM_CLEANUP(tm_freep) all = tm_alloc_array(n + 1, sizeof(*all));
    struct tm_buf TM_CLEANUP(tm_buf_release) head = TM_BUF_INIT;
    struct tm_git_id id = { { 0 } };
    size_t size = 0;

    for (size_t i = 0; i < n; i++) {
        all[i + 1] = pieces[i];
        size += pieces[i].len;
    }
    tm_buf_addf(&head, "blob %zu", size);
    tm_buf_addc(&head, '\0');
    all[0] = tm_buf_str(&head);
    tm_sha1_of(all, n + 1, id.bytes);
    return id;
}

/* Maps a file whole; an empty piece when that cannot be done. Packs are never written to, only replaced. */
static struct tm_str map_file(int dir, const char *name)
{
    int TM_CLEANUP(tm_closep) fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    struct stat st;
    void *map;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
        return TM_STR("");
    map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    return map == MAP_FAILED ? TM_STR("") : tm_str_n(map, (size_t)st.st_size);
}

static void unmap(struct tm_str mapped)
{
    if (mapped.len)
        munmap((void *)(uintptr_t)mapped.data, mapped.len);
}

static void add_pack(struct tm_objects *objects, int dir, const char *idx_name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    struct tm_str idx = map_file(dir, idx_name), data;

    tm_buf_adds(&name, idx_name);
    tm_buf_truncate(&name, name.len - strlen(".idx"));
    tm_buf_adds(&name, ".pack");
    data = map_file(dir, name.data);
    TM_GROW(objects->packs, objects->n_packs, objects->cap_packs);
    if (tm_pack_init(&objects->packs[objects->n_packs], idx, data)) {
        objects->n_packs++;
        return;
    }
    unmap(idx);
    unmap(data);
}

static void open_packs(struct tm_objects *objects)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct dirent *entry;
    DIR *dir;

    tm_buf_addf(&path, "%s/objects/pack", objects->git->common_dir);
    dir = opendir(path.data);
    while (dir && (entry = readdir(dir)))
        if (tm_str_has_suffix(tm_str(entry->d_name), TM_STR(".idx")))
            add_pack(objects, dirfd(dir), entry->d_name);
    if (dir)
        closedir(dir);
}

enum tm_code tm_objects_open(struct tm_objects **out, struct tm_git *git, struct tm_err *err)
{
    struct tm_objects *objects = tm_alloc(sizeof(*objects));
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    int rc;

    objects->git = git;
    objects->delta = TM_BUF_INIT;
    objects->inflater = tm_inflater_new();
    objects->chain = tm_alloc(sizeof(*objects->chain));
    objects->found = tm_alloc_array(SLOTS, sizeof(*objects->found));
    objects->slots = tm_alloc_array(SLOTS, sizeof(*objects->slots));
    /* One of its own: what libgit2 hands out belongs to one thread. */
    tm_buf_addf(&path, "%s/objects", git->common_dir);
    rc = git_odb_open(&objects->odb, path.data);
    if (rc < 0) {
        tm_objects_close(objects);
        return tm_git_fail(err, rc, "cannot open the objects of git");
    }
    open_packs(objects);
    *out = objects;
    return TM_OK;
}

void tm_objects_close(struct tm_objects *objects)
{
    if (!objects)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        tm_object_free(objects->slots[i].object);
    for (size_t i = 0; i < objects->n_packs; i++) {
        unmap(objects->packs[i].idx);
        unmap(objects->packs[i].data);
    }
    free(objects->packs);
    free(objects->slots);
    free(objects->chain);
    free(objects->found);
    tm_buf_release(&objects->delta);
    tm_inflater_free(objects->inflater);
    git_odb_free(objects->odb);
    free(objects);
}

static struct tm_object *new_object(enum tm_object_type type, size_t len)
{
    struct tm_object *object = tm_realloc_array(NULL, sizeof(*object) + len + 1, 1);

    *object = (struct tm_object) { .refs = 1, .type = type, .len = len };
    object->data[len] = '\0';
    return object;
}

void tm_object_free(struct tm_object *object)
{
    if (object && --object->refs == 0)
        free(object);
}

void tm_object_freep(struct tm_object **object)
{
    tm_object_free(*object);
    *object = NULL;
}

static struct slot *slot_of(struct tm_objects *objects, struct tm_object_place place)
{
    return &objects->slots[(place.at * UINT64_C(0x9e3779b97f4a7c15) + place.pack) >> 40 & (SLOTS - 1)];
}

static struct tm_object *kept_at(struct tm_objects *objects, struct tm_object_place place)
{
    struct slot *slot = slot_of(objects, place);

    if (!slot->object || slot->place.at != place.at || slot->place.pack != place.pack)
        return NULL;
    slot->object->refs++;
    return slot->object;
}

static void drop(struct tm_objects *objects, struct slot *slot)
{
    if (!slot->object)
        return;
    objects->kept -= slot->object->len;
    tm_object_free(slot->object);
    slot->object = NULL;
}

static void keep(struct tm_objects *objects, struct tm_object_place place, struct tm_object *object)
{
    struct slot *slot = slot_of(objects, place);

    if (object->len > KEPT_MAX)
        return;
    drop(objects, slot);
    while (objects->kept + object->len > KEPT_ALL)
        drop(objects, &objects->slots[objects->hand++ & (SLOTS - 1)]);
    *slot = (struct slot) { place, object };
    object->refs++;
    objects->kept += object->len;
}

static bool find(struct tm_objects *objects, const struct tm_git_id *id, struct tm_object_place *place)
{
    struct found *found = &objects->found[(id->bytes[0] << 8 | id->bytes[1]) & (SLOTS - 1)];

    /* No entry of a pack stands at its first byte: a place of 0 is none. */
    if (found->place.at && tm_git_id_cmp(&found->id, id) == 0) {
        *place = found->place;
        return true;
    }
    for (size_t i = 0; i < objects->n_packs; i++) {
        size_t at = (objects->last + i) % objects->n_packs;

        if (!tm_pack_find(&objects->packs[at], id, &place->at))
            continue;
        objects->last = at;
        place->pack = (uint32_t)at;
        *found = (struct found) { *id, *place };
        return true;
    }
    return false;
}

/* The object that stands in a pack without a base; NULL when it is too large, or cannot be read. */
static struct tm_object *read_whole(struct tm_objects *objects, const struct tm_pack *pack,
                                    const struct tm_pack_entry *entry, uint64_t limit)
{
    struct tm_object *object;

    if (entry->size > limit || entry->type == TM_PACK_TAG)
        return NULL;
    object = new_object((enum tm_object_type)entry->type, (size_t)entry->size);
    if (tm_pack_inflate(pack, entry, objects->inflater, object->data))
        return object;
    tm_object_free(object);
    return NULL;
}

/* Inflates a delta into objects->delta. */
static bool read_delta(struct tm_objects *objects, const struct tm_pack *pack,
                       const struct tm_pack_entry *entry, uint64_t limit)
{
    tm_buf_clear(&objects->delta);
    if (entry->size > limit || !tm_pack_inflate(pack, entry, objects->inflater,
                                                tm_buf_reserve(&objects->delta, (size_t)entry->size)))
        return false;
    objects->delta.len = (size_t)entry->size;
    return true;
}

/* The object that the delta makes of `base`; NULL when it does not fit, or gives more than limit. */
static struct tm_object *apply_delta(struct tm_objects *objects, const struct tm_object *base, uint64_t limit)
{
    struct tm_str delta = tm_buf_str(&objects->delta), rest;
    struct tm_object *object;
    uint64_t base_size, size;

    if (!tm_delta_sizes(delta, &base_size, &size, &rest) || size > limit)
        return NULL;
    object = new_object(base->type, (size_t)size);
    if (tm_delta_apply(delta, tm_str_n(base->data, base->len), object->data))
        return object;
    tm_object_free(object);
    return NULL;
}

/* The object that the chain from `place` on ends in; what stands on it may be smaller than it. */
static struct tm_object *walk_down(struct tm_objects *objects, struct tm_object_place place, uint64_t limit)
{
    const struct tm_pack *pack = &objects->packs[place.pack];
    struct chain *chain = objects->chain;

    for (chain->n = 0; chain->n < CHAIN_MAX; chain->n++) {
        struct tm_pack_entry *entry = &chain->entries[chain->n];
        struct tm_object *object = kept_at(objects, place);

        if (object)
            return object;
        if (!tm_pack_entry(pack, place.at, entry))
            return NULL;
        if (entry->type != TM_PACK_DELTA) {
            object = read_whole(objects, pack, entry, chain->n ? BASE_MAX : limit);
            if (object)
                keep(objects, place, object);
            return object;
        }
        chain->places[chain->n] = place;
        place.at = entry->base_at;
    }
    return NULL;
}

/* The object at a place of a pack; NULL when it is too large, or anything is wrong. */
static struct tm_object *read_packed(struct tm_objects *objects, struct tm_object_place place, uint64_t limit)
{
    struct tm_object *object = walk_down(objects, place, limit);
    struct chain *chain = objects->chain;

    while (object && chain->n) {
        size_t top = --chain->n;
        struct tm_object *base = object;
        bool read = read_delta(objects, &objects->packs[place.pack], &chain->entries[top], BASE_MAX);

        object = read ? apply_delta(objects, base, top ? BASE_MAX : limit) : NULL;
        tm_object_free(base);
        if (object)
            keep(objects, chain->places[top], object);
    }
    return object;
}

static enum tm_code read_other(struct tm_objects *objects, const struct tm_git_id *id, uint64_t limit,
                               struct tm_object **out, struct tm_err *err)
{
    git_odb_object *found = NULL;
    git_object_t type;
    git_oid oid;
    size_t size;
    int rc;

    memcpy(oid.id, id->bytes, TM_GIT_ID_LEN);
    rc = git_odb_read_header(&size, &type, objects->odb, &oid);
    if (rc == 0 && size > limit)
        return tm_err_set(err, TM_E_LIMIT, "object %.12s has %zu bytes, the limit is %llu",
                          tm_git_id_hex(id).hex, size, (unsigned long long)limit);
    if (rc == 0)
        rc = git_odb_read(&found, objects->odb, &oid);
    if (rc < 0)
        return tm_git_fail(err, rc, "cannot read object %.12s", tm_git_id_hex(id).hex);
    *out = new_object((enum tm_object_type)git_odb_object_type(found), git_odb_object_size(found));
    memcpy((*out)->data, git_odb_object_data(found), (*out)->len);
    git_odb_object_free(found);
    return TM_OK;
}

enum tm_code tm_objects_read(struct tm_objects *objects, const struct tm_git_id *id, enum tm_object_type type,
                             uint64_t limit, struct tm_object **out, struct tm_err *err)
{
    struct tm_object *object = NULL;
    struct tm_object_place place;
    enum tm_code code = TM_OK;

    if (find(objects, id, &place))
        object = read_packed(objects, place, limit);
    if (!object || object->len > limit) {
        tm_object_freep(&object);
        code = read_other(objects, id, limit, &object, err);
    }
    if (code)
        return code;
    assert(object);
    if (object->type != type) {
        tm_object_free(object);
        return tm_err_set(err, TM_E_GIT, "object %.12s is not of the type that it is named as",
                          tm_git_id_hex(id).hex);
    }
    *out = object;
    return TM_OK;
}

enum tm_code tm_objects_size(struct tm_objects *objects, const struct tm_git_id *id, uint64_t *size,
                             struct tm_err *err)
{
    git_object_t type;
    git_oid oid;
    size_t n;
    int rc;

    memcpy(oid.id, id->bytes, TM_GIT_ID_LEN);
    rc = git_odb_read_header(&n, &type, objects->odb, &oid);
    if (rc < 0)
        return tm_git_fail(err, rc, "cannot read object %.12s", tm_git_id_hex(id).hex);
    *size = n;
    return TM_OK;
}

bool tm_objects_form_at(struct tm_objects *objects, struct tm_object_place place, struct tm_object_form *out)
{
    const struct tm_pack *pack = &objects->packs[place.pack];
    struct tm_object_form form = { .place = place, .form = TM_DELTA_OTHER };
    struct tm_pack_entry entry;
    uint64_t base_size;
    struct tm_str rest;

    if (!tm_pack_entry(pack, place.at, &entry))
        return false;
    form.size = entry.size;
    if (entry.type == TM_PACK_DELTA) {
        if (!read_delta(objects, pack, &entry, FORM_MAX) ||
            !tm_delta_sizes(tm_buf_str(&objects->delta), &base_size, &form.size, &rest))
            return false;
        form.form = tm_delta_form(tm_buf_str(&objects->delta));
        form.base = (struct tm_object_place) { place.pack, entry.base_at };
    }
    *out = form;
    return true;
}

bool tm_objects_form(struct tm_objects *objects, const struct tm_git_id *id, struct tm_object_form *out)
{
    struct tm_object_place place;

    return find(objects, id, &place) && tm_objects_form_at(objects, place, out);
}
