#include "ext/git_pack.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/alloc.h"

enum {
    IDX_HEAD = 8,
    FANOUT = 256 * 4,
    IDX_TAIL = 2 * TM_GIT_ID_LEN,
    ROW = TM_GIT_ID_LEN + 4 + 4, /* id, checksum, offset: each in a table of its own */
    PACK_HEAD = 12,
    OFS_DELTA = 6,
    REF_DELTA = 7,
};

static uint32_t be32(const char *at)
{
    const unsigned char *p = (const unsigned char *)at;

    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool tm_pack_init(struct tm_pack *pack, struct tm_str idx, struct tm_str data)
{
    uint32_t n = 0;

    if (idx.len < IDX_HEAD + FANOUT + IDX_TAIL || memcmp(idx.data, "\377tOc\0\0\0\2", IDX_HEAD) != 0)
        return false;
    if (data.len < PACK_HEAD + TM_GIT_ID_LEN || memcmp(data.data, "PACK", 4) != 0)
        return false;
    for (size_t i = 0; i < 256; i++) {
        uint32_t next = be32(idx.data + IDX_HEAD + 4 * i);

        if (next < n)
            return false;
        n = next;
    }
    if ((idx.len - IDX_HEAD - FANOUT - IDX_TAIL) / ROW < n)
        return false;
    *pack = (struct tm_pack) { idx, data, n };
    return true;
}

static const char *row_id(const struct tm_pack *pack, uint32_t row)
{
    return pack->idx.data + IDX_HEAD + FANOUT + (size_t)row * TM_GIT_ID_LEN;
}

/* The offset of a row: 31 bits, or the place of 64 in the table behind. */
static bool row_offset(const struct tm_pack *pack, uint32_t row, uint64_t *at)
{
    size_t tables = IDX_HEAD + FANOUT + (size_t)pack->n * ROW;
    uint32_t low = be32(pack->idx.data + tables - (size_t)(pack->n - row) * 4);
    size_t wide;

    *at = low;
    if (low >> 31 == 0)
        return *at < pack->data.len;
    wide = tables + (size_t)(low & 0x7fffffff) * 8;
    if (wide + 8 > pack->idx.len - IDX_TAIL)
        return false;
    *at = (uint64_t)be32(pack->idx.data + wide) << 32 | be32(pack->idx.data + wide + 4);
    return *at < pack->data.len;
}

/*
 * Narrows the rows to a few around where the id should be: ids are evenly spread, so that most of the steps
 * of a binary search, each of which waits for memory, can be spared.
 */
static void narrow(const struct tm_pack *pack, const struct tm_git_id *id, uint32_t *low, uint32_t *high)
{
    enum { NEAR = 8 };
    uint32_t part = (uint32_t)id->bytes[1] << 16 | (uint32_t)id->bytes[2] << 8 | id->bytes[3];
    uint32_t guess = *low + (uint32_t)((uint64_t)(*high - *low) * part >> 24);

    if (guess - *low > NEAR && memcmp(row_id(pack, guess - NEAR), id->bytes, TM_GIT_ID_LEN) <= 0)
        *low = guess - NEAR;
    if (*high - guess > NEAR && memcmp(row_id(pack, guess + NEAR), id->bytes, TM_GIT_ID_LEN) > 0)
        *high = guess + NEAR;
}

bool tm_pack_find(const struct tm_pack *pack, const struct tm_git_id *id, uint64_t *at)
{
    const char *fanout = pack->idx.data + IDX_HEAD;
    uint32_t low = id->bytes[0] ? be32(fanout + 4 * (id->bytes[0] - 1)) : 0;
    uint32_t high = be32(fanout + 4 * id->bytes[0]);

    if (low < high)
        narrow(pack, id, &low, &high);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = memcmp(row_id(pack, middle), id->bytes, TM_GIT_ID_LEN);

        if (order == 0)
            return row_offset(pack, middle, at);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* The bytes between `at` and the pack's own digest. */
static struct tm_str bytes_at(const struct tm_pack *pack, uint64_t at)
{
    size_t end = pack->data.len - TM_GIT_ID_LEN;

    return at < end ? tm_str_n(pack->data.data + at, end - at) : TM_STR("");
}

/* Where an OFS_DELTA's base stands: a count of bytes back, in sevens of bits, each but the last plus one. */
static bool read_distance(struct tm_str bytes, size_t *used, uint64_t *distance)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes.len && value < UINT64_C(1) << 56; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];

        value = value << 7 | (byte & 0x7f);
        if (!(byte & 0x80)) {
            *used = i + 1;
            *distance = value;
            return true;
        }
        value++;
    }
    return false;
}

static bool read_base(const struct tm_pack *pack, uint64_t at, unsigned type, uint64_t *data_at,
                      uint64_t *base_at)
{
    struct tm_str bytes = bytes_at(pack, *data_at);
    struct tm_git_id id;
    uint64_t distance;
    size_t used;

    if (type == REF_DELTA) {
        if (bytes.len < TM_GIT_ID_LEN)
            return false;
        memcpy(id.bytes, bytes.data, TM_GIT_ID_LEN);
        *data_at += TM_GIT_ID_LEN;
        return tm_pack_find(pack, &id, base_at);
    }
    if (!read_distance(bytes, &used, &distance) || distance == 0 || distance > at)
        return false;
    *data_at += used;
    *base_at = at - distance;
    return true;
}

bool tm_pack_entry(const struct tm_pack *pack, uint64_t at, struct tm_pack_entry *entry)
{
    struct tm_str bytes = bytes_at(pack, at);
    unsigned shift = 4, type;
    size_t used = 0;
    unsigned char byte;

    if (bytes.len == 0 || at < PACK_HEAD)
        return false;
    byte = (unsigned char)bytes.data[used++];
    type = byte >> 4 & 7;
    *entry = (struct tm_pack_entry) { .size = byte & 15 };
    while (byte & 0x80) {
        if (used == bytes.len || shift > 56)
            return false;
        byte = (unsigned char)bytes.data[used++];
        entry->size |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    }
    entry->data_at = at + used;
    if (type >= TM_PACK_COMMIT && type <= TM_PACK_TAG) {
        entry->type = (enum tm_pack_type)type;
        return true;
    }
    entry->type = TM_PACK_DELTA;
    return (type == OFS_DELTA || type == REF_DELTA) &&
           read_base(pack, at, type, &entry->data_at, &entry->base_at);
}

struct tm_inflater {
    z_stream z;
};

struct tm_inflater *tm_inflater_new(void)
{
    struct tm_inflater *inflater = tm_alloc(sizeof(*inflater));

    if (inflateInit(&inflater->z) != Z_OK)
        abort();
    return inflater;
}

void tm_inflater_free(struct tm_inflater *inflater)
{
    if (!inflater)
        return;
    inflateEnd(&inflater->z);
    free(inflater);
}

bool tm_pack_inflate(const struct tm_pack *pack, const struct tm_pack_entry *entry,
                     struct tm_inflater *inflater, char *out)
{
    struct tm_str in = bytes_at(pack, entry->data_at);
    z_stream *z = &inflater->z;
    char none;
    int rc;

    if (entry->size > UINT32_MAX || inflateReset(z) != Z_OK)
        return false;
    z->next_in = (unsigned char *)(uintptr_t)in.data;
    z->avail_in = (uInt)TM_MIN(in.len, (size_t)UINT32_MAX);
    z->next_out = (unsigned char *)(entry->size ? out : &none);
    z->avail_out = (uInt)entry->size;
    rc = inflate(z, Z_FINISH);
    return rc == Z_STREAM_END && z->avail_out == 0;
}

static bool read_size(struct tm_str *rest, uint64_t *out)
{
    uint64_t value = 0;

    for (unsigned shift = 0; rest->len && shift < 63; shift += 7) {
        unsigned char byte = (unsigned char)rest->data[0];

        *rest = tm_str_from(*rest, 1);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *out = value;
            return true;
        }
    }
    return false;
}

bool tm_delta_sizes(struct tm_str delta, uint64_t *base, uint64_t *result, struct tm_str *rest)
{
    *rest = delta;
    return read_size(rest, base) && read_size(rest, result);
}

/* One instruction: bytes of the base, or bytes of its own. */
struct step {
    bool copies;
    uint64_t from, len; /* of the base */
    struct tm_str bytes;
};

static bool next_step(struct tm_str *rest, struct step *step)
{
    unsigned char op = (unsigned char)rest->data[0];
    size_t used = 1;

    *step = (struct step) { .copies = op & 0x80 };
    if (!step->copies) {
        if (op == 0 || rest->len - 1 < op)
            return false;
        step->bytes = tm_str_n(rest->data + 1, op);
        *rest = tm_str_from(*rest, 1 + (size_t)op);
        return true;
    }
    for (unsigned bit = 0; bit < 7; bit++) {
        unsigned char byte;

        if (!(op >> bit & 1))
            continue;
        if (used == rest->len)
            return false;
        byte = (unsigned char)rest->data[used++];
        if (bit < 4)
            step->from |= (uint64_t)byte << (8 * bit);
        else
            step->len |= (uint64_t)byte << (8 * (bit - 4));
    }
    if (step->len == 0)
        step->len = 0x10000;
    *rest = tm_str_from(*rest, used);
    return true;
}

bool tm_delta_apply(struct tm_str delta, struct tm_str base, char *out)
{
    uint64_t base_size, size, done = 0;
    struct tm_str rest;
    struct step step;

    if (!tm_delta_sizes(delta, &base_size, &size, &rest) || base_size != base.len)
        return false;
    while (rest.len) {
        if (!next_step(&rest, &step))
            return false;
        if (step.copies) {
            if (step.from > base.len || step.len > base.len - step.from)
                return false;
            step.bytes = tm_str_n(base.data + step.from, (size_t)step.len);
        }
        if (step.bytes.len > size - done)
            return false;
        memcpy(out + done, step.bytes.data, step.bytes.len);
        done += step.bytes.len;
    }
    return done == size;
}

enum tm_delta_form tm_delta_form(struct tm_str delta)
{
    uint64_t base_size, size, copied = 0, added = 0;
    struct tm_str rest;
    struct step step;

    if (!tm_delta_sizes(delta, &base_size, &size, &rest))
        return TM_DELTA_OTHER;
    while (rest.len) {
        if (!next_step(&rest, &step))
            return TM_DELTA_OTHER;
        if (!step.copies)
            added += step.bytes.len;
        else if (added || step.from != copied)
            return TM_DELTA_OTHER;
        else
            copied += step.len;
    }
    if (copied > base_size || copied + added != size)
        return TM_DELTA_OTHER;
    if (added == 0)
        return TM_DELTA_PREFIX;
    return copied == base_size ? TM_DELTA_EXTENDS : TM_DELTA_OTHER;
}
