#include "repo/index.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/io.h"
#include "base/path.h"
#include "repo/index_internal.h"

enum {
    HEADER = 12,
    TRAILER = 20,
    FIXED = 62, /* of an entry, up to the path, without extended flags */
    ID_AT = 40,
    FLAGS_AT = 60,
    NAME_MASK = 0xFFF,
    EXTENDED = 0x4000,
    SKIP_WORKTREE = 0x4000, /* in the extended flags */
};

static uint32_t get16(const unsigned char *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

uint32_t tm_index_get32(const unsigned char *p)
{
    return get16(p) << 16 | get16(p + 2);
}

/* A walk through the entries of one file. */
struct reader {
    const unsigned char *data;
    size_t len; /* without the checksum */
    size_t at;
    uint32_t version;
    struct tm_arena *arena;
    struct tm_buf path; /* version 4: the path before */
    struct tm_err *err;
};

static enum tm_code damaged(const struct reader *r, const char *what)
{
    return tm_err_set(r->err, TM_E_FORMAT, "git's index is damaged at byte %zu: %s", r->at, what);
}

static enum tm_code read_header(struct reader *r, uint32_t *count)
{
    if (r->len < HEADER || memcmp(r->data, "DIRC", 4) != 0)
        return damaged(r, "it does not begin with 'DIRC'");
    r->at = 4;
    r->version = tm_index_get32(r->data + 4);
    if (r->version < 2 || r->version > 4)
        return damaged(r, "its version is none of 2, 3 and 4");
    *count = tm_index_get32(r->data + 8);
    r->at = HEADER;
    /* Before anything is allocated by it. */
    if (*count > (r->len - HEADER) / (FIXED + 1))
        return damaged(r, "it says it has more entries than fit into it");
    return TM_OK;
}

/* Versions 2 and 3: the path is there as it is. */
static enum tm_code read_plain_path(struct reader *r, size_t start, size_t head, size_t said,
                                    struct tm_index_raw *out)
{
    const unsigned char *path = r->data + start + head;
    size_t room = r->len - start - head;
    const unsigned char *nul = said < NAME_MASK ? (said < room ? path + said : NULL) : memchr(path, 0, room);
    size_t len, size;

    if (!nul || *nul)
        return damaged(r, "a path does not end where it should");
    len = (size_t)(nul - path);
    size = (head + len + 8) & ~(size_t)7;
    if (size > r->len - start)
        return damaged(r, "an entry is cut off");
    for (size_t i = head + len; i < size; i++)
        if (r->data[start + i])
            return damaged(r, "an entry is not padded with NULs");
    out->path = (const char *)path;
    out->len = len;
    r->at = start + size;
    return TM_OK;
}

/* Version 4: how much of the path before goes, then what comes instead. */
static enum tm_code read_packed_path(struct reader *r, size_t start, size_t head, size_t said,
                                     struct tm_index_raw *out)
{
    size_t at = start + head;
    const unsigned char *nul;
    uint64_t drop;

    if (at >= r->len)
        return damaged(r, "an entry is cut off");
    drop = r->data[at] & 0x7F;
    while (r->data[at++] & 0x80) {
        if (at >= r->len || drop > TM_PATH_MAX)
            return damaged(r, "a number in a path is too large");
        drop = (drop + 1) << 7 | (r->data[at] & 0x7F);
    }
    nul = at < r->len ? memchr(r->data + at, 0, r->len - at) : NULL;
    if (!nul || drop > r->path.len)
        return damaged(r, "a path does not follow from the one before");
    tm_buf_truncate(&r->path, r->path.len - (size_t)drop);
    tm_buf_add(&r->path, r->data + at, (size_t)(nul - r->data) - at);
    if (r->path.len > TM_PATH_MAX || (said < NAME_MASK && said != r->path.len))
        return damaged(r, "a path does not have the length it says");
    out->path = tm_arena_str(r->arena, tm_buf_str(&r->path)).data;
    out->len = r->path.len;
    r->at = (size_t)(nul - r->data) + 1;
    return TM_OK;
}

static bool kind_of(uint32_t mode, unsigned char *kind)
{
    switch (mode & 0170000) {
    case 0100000:
        *kind = TM_INDEX_FILE;
        return true;
    case 0120000:
        *kind = TM_INDEX_LINK;
        return true;
    case 0160000:
        *kind = TM_INDEX_SUBMODULE;
        return true;
    case 0040000:
        *kind = TM_INDEX_DIR;
        return true;
    default:
        return false;
    }
}

static enum tm_code read_entry(struct reader *r, struct tm_index_raw *out)
{
    const unsigned char *entry = r->data + r->at;
    size_t head = FIXED;
    uint32_t flags;
    enum tm_code code;

    if (r->len - r->at < FIXED + 2)
        return damaged(r, "an entry is cut off");
    flags = get16(entry + FLAGS_AT);
    out->id = entry + ID_AT;
    out->skip_worktree = false;
    if (!kind_of(tm_index_get32(entry + 24), &out->kind))
        return damaged(r, "an entry has an unknown type");
    if (flags & EXTENDED) {
        if (r->version < 3)
            return damaged(r, "an entry has flags that version 2 does not know");
        out->skip_worktree = get16(entry + FIXED) & SKIP_WORKTREE;
        head += 2;
    }
    out->stage = (flags >> 12) & 3;
    code = r->version == 4 ? read_packed_path(r, r->at, head, flags & NAME_MASK, out)
                           : read_plain_path(r, r->at, head, flags & NAME_MASK, out);
    return code;
}

/* Extensions: their sizes must fit; only `link` matters here. */
static enum tm_code read_extensions(struct reader *r, struct tm_str *link)
{
    while (r->at < r->len) {
        const unsigned char *name = r->data + r->at;
        size_t size;

        if (r->len - r->at < 8)
            return damaged(r, "an extension is cut off");
        size = tm_index_get32(name + 4);
        if (size > r->len - r->at - 8)
            return damaged(r, "an extension is cut off");
        if (memcmp(name, "link", 4) == 0)
            *link = tm_str_n((const char *)name + 8, size);
        else if ((name[0] < 'A' || name[0] > 'Z') && memcmp(name, "sdir", 4) != 0)
            return tm_err_set(r->err, TM_E_FORMAT, "git's index has the extension '%.4s', which is not known",
                              name);
        r->at += 8 + size;
    }
    return TM_OK;
}

enum tm_code tm_index_read_raw(struct tm_index_list *list, struct tm_arena *arena, struct tm_str bytes,
                               struct tm_err *err)
{
    struct reader r = {
        .data = (const unsigned char *)bytes.data,
        .len = bytes.len < TRAILER ? 0 : bytes.len - TRAILER,
        .arena = arena,
        .path = TM_BUF_INIT,
        .err = err,
    };
    uint32_t count = 0;
    enum tm_code code = read_header(&r, &count);

    if (!code) {
        list->items = tm_alloc_array(count, sizeof(*list->items));
        list->n = count;
    }
    for (uint32_t i = 0; !code && i < count; i++)
        code = read_entry(&r, &list->items[i]);
    if (!code)
        code = read_extensions(&r, &list->link);
    tm_buf_release(&r.path);
    return code;
}

void tm_index_list_release(struct tm_index_list *list)
{
    free(list->items);
    list->items = NULL;
    list->n = 0;
}

/* True when the parts of path from `at` on are fit for a repository path. at is the start of a part. */
static bool parts_are_fine(const char *path, size_t len, size_t at)
{
    while (at <= len) {
        const char *slash = memchr(path + at, '/', len - at);
        size_t n = slash ? (size_t)(slash - path) - at : len - at;
        const char *part = path + at;

        if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.') ||
            (n == 4 && part[0] == '.' && strncasecmp(part, ".git", 4) == 0))
            return false;
        at += n + 1;
    }
    return true;
}

/* How many bytes two paths have in common at their start. */
static size_t common_start(const char *a, const char *b, size_t max)
{
    size_t i = 0;

    for (; i + 8 <= max; i += 8) {
        uint64_t x, y;

        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y)
            break;
    }
    while (i < max && a[i] == b[i])
        i++;
    return i;
}

static enum tm_code bad_entry(size_t i, const char *what, struct tm_err *err)
{
    return tm_err_set(err, TM_E_FORMAT, "git's index is damaged: the path of entry %zu %s", i + 1, what);
}

/*
 * Checks one path against the one before it, which was checked, too: only what
 * is new needs a look.
 */
static enum tm_code check_path(const struct tm_index_raw *raw, const struct tm_index_raw *before, size_t i,
                               uint32_t *shared, struct tm_err *err)
{
    size_t max = before ? TM_MIN(raw->len, before->len) : 0;
    size_t same, part;

    if (raw->len == 0 || raw->len > TM_PATH_MAX)
        return bad_entry(i, raw->len ? "is too long" : "is empty", err);
    same = before ? common_start(raw->path, before->path, max) : 0;
    if (before && same == max) {
        if (raw->len < before->len || (raw->len == before->len && raw->stage <= before->stage))
            return bad_entry(i, "is out of order", err);
    } else if (before && (unsigned char)raw->path[same] < (unsigned char)before->path[same]) {
        return bad_entry(i, "is out of order", err);
    }
    for (part = same; part && raw->path[part - 1] != '/'; part--)
        ;
    if (memchr(raw->path + same, 0, raw->len - same) ||
        !parts_are_fine(raw->path, raw->len - (raw->kind == TM_INDEX_DIR), part))
        return bad_entry(i, "is not one inside the repository", err);
    *shared = (uint32_t)same;
    return TM_OK;
}

/* Turns raw entries, all with paths, into the index. */
static enum tm_code take_entries(struct tm_index *index, const struct tm_index_list *list, struct tm_err *err)
{
    const struct tm_index_raw *before = NULL;

    index->entries = tm_alloc_array(list->n, sizeof(*index->entries));
    for (size_t i = 0; i < list->n; i++) {
        const struct tm_index_raw *raw = &list->items[i];
        struct tm_index_entry *entry = &index->entries[index->n];
        uint32_t shared = 0;
        enum tm_code code;

        if (raw->kind == TM_INDEX_DIR &&
            (raw->len < 2 || raw->path[raw->len - 1] != '/' || !raw->skip_worktree))
            return bad_entry(i, "is no folder of a sparse index", err);
        code = check_path(raw, before, i, &shared, err);
        if (code)
            return code;
        /* The stages of a conflict are one path. */
        if (before && raw->len == before->len && shared == raw->len)
            continue;
        *entry = (struct tm_index_entry) {
            .path = raw->path,
            .len = (uint32_t)raw->len - (raw->kind == TM_INDEX_DIR),
            .shared = shared,
            .id = raw->id,
            .kind = raw->kind,
            .skip_worktree = raw->skip_worktree,
        };
        index->n++;
        before = raw;
    }
    return TM_OK;
}

enum tm_code tm_index_parse(struct tm_index *index, struct tm_str bytes, struct tm_str shared,
                            struct tm_err *err)
{
    struct tm_index_list TM_CLEANUP(tm_index_list_release) list = { NULL, 0, { NULL, 0 } };
    enum tm_code code = tm_index_read_raw(&list, &index->arena, bytes, err);

    if (!code && tm_index_is_split(&list))
        code = tm_index_unsplit(&list, &index->arena, shared, err);
    return code ? code : take_entries(index, &list, err);
}

void tm_index_release(struct tm_index *index)
{
    for (size_t i = 0; i < TM_LEN(index->maps); i++)
        if (index->maps[i].data)
            munmap(index->maps[i].data, index->maps[i].len);
    free(index->entries);
    tm_arena_release(&index->arena);
    *index = TM_INDEX_INIT;
}

/* Maps a file into slot i; *bytes stays empty when there is none. */
static enum tm_code map_file(struct tm_index *index, size_t i, const char *path, struct tm_str *bytes,
                             struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat st;
    void *data;

    if (fd < 0)
        return errno == ENOENT ? TM_OK : tm_err_errno(err, errno, "cannot open '%s'", path);
    if (fstat(fd, &st) < 0)
        return tm_err_errno(err, errno, "cannot stat '%s'", path);
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return tm_err_set(err, TM_E_FORMAT, "'%s' is not an index of git", path);
    if ((uint64_t)st.st_size > UINT32_MAX)
        return tm_err_set(err, TM_E_LIMIT, "'%s' is larger than 4 GiB", path);
    data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (data == MAP_FAILED)
        return tm_err_errno(err, errno, "cannot map '%s'", path);
    index->maps[i].data = data;
    index->maps[i].len = (size_t)st.st_size;
    *bytes = tm_str_n(data, (size_t)st.st_size);
    return TM_OK;
}

enum tm_code tm_index_read(struct tm_index *index, const char *git_dir, struct tm_err *err)
{
    struct tm_index_list TM_CLEANUP(tm_index_list_release) list = { NULL, 0, { NULL, 0 } };
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_str bytes = { NULL, 0 }, shared = { NULL, 0 };
    enum tm_code code;

    tm_buf_addf(&path, "%s/index", git_dir);
    code = map_file(index, 0, path.data, &bytes, err);
    if (code || !bytes.len)
        return code;
    code = tm_index_read_raw(&list, &index->arena, bytes, err);
    if (!code && tm_index_is_split(&list)) {
        tm_buf_clear(&path);
        tm_buf_addf(&path, "%s/sharedindex.", git_dir);
        tm_buf_add_hex(&path, (const unsigned char *)list.link.data, TRAILER);
        code = map_file(index, 1, path.data, &shared, err);
        if (!code && !shared.len)
            code = tm_err_set(err, TM_E_FORMAT, "git's index is split and '%s' is missing", path.data);
        if (!code)
            code = tm_index_unsplit(&list, &index->arena, shared, err);
    }
    return code ? code : take_entries(index, &list, err);
}
