/*
 * A picture of a folder: everything beneath it with what is in it, small files as they are in a test's
 * repository. It tells whether two states are the same for git and for tidemark, and puts one back.
 */
#ifndef TM_PICTURE_H
#define TM_PICTURE_H

#include "test.h"

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "ext/hash.h"

struct picture_item {
    char *path; /* absolute */
    mode_t mode;
    struct tm_buf data; /* of a file */
};

/* In the order of paths, so that a folder comes before what is in it. */
struct picture {
    struct picture_item *items;
    size_t n, cap;
};

enum { PICTURE_FILE_MAX = 1 << 20 };

TM_UNUSED static void picture_release(struct picture *picture)
{
    for (size_t i = 0; i < picture->n; i++) {
        free(picture->items[i].path);
        tm_buf_release(&picture->items[i].data);
    }
    free(picture->items);
    *picture = (struct picture) { 0 };
}

static struct picture *picture_now; /* that nftw takes, which hands on nothing */

static int picture_add(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct picture *picture = picture_now;
    struct picture_item *item;

    /* Where sandbox_run() puts what a script says. */
    if (ftw->level == 0 || (ftw->level == 1 && strcmp(path + ftw->base, ".stderr") == 0))
        return 0;
    assert_true(kind == FTW_D || kind == FTW_F);
    TM_GROW(picture->items, picture->n, picture->cap);
    item = &picture->items[picture->n++];
    *item = (struct picture_item) { strdup(path), st->st_mode, TM_BUF_INIT };
    assert_non_null(item->path);
    if (kind == FTW_F)
        assert_ok(&err, tm_file_read(path, PICTURE_FILE_MAX, &item->data, &err));
    return 0;
}

static int picture_order(const void *a, const void *b)
{
    return strcmp(((const struct picture_item *)a)->path, ((const struct picture_item *)b)->path);
}

/* Takes the place of what was in the picture. */
TM_UNUSED static void picture_take(struct picture *picture, const char *dir)
{
    picture_release(picture);
    picture_now = picture;
    assert_int_equal(nftw(dir, picture_add, 16, FTW_PHYS), 0);
    qsort(picture->items, picture->n, sizeof(*picture->items), picture_order);
}

static void picture_put(const struct picture_item *item, const struct picture_item *old)
{
    FILE *file;

    if (old && old->mode == item->mode && tm_str_eq(tm_buf_str(&old->data), tm_buf_str(&item->data)))
        return;
    if (S_ISDIR(item->mode)) {
        assert_true(old || mkdir(item->path, 0700) == 0);
    } else {
        assert_true(!old || unlink(item->path) == 0);
        file = fopen(item->path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(item->data.data, 1, item->data.len, file), item->data.len);
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(chmod(item->path, item->mode & 07777), 0);
}

static struct picture_item *picture_find(const struct picture *picture, const struct picture_item *like)
{
    return bsearch(like, picture->items, picture->n, sizeof(*like), picture_order);
}

/* Makes the folder what it was; `now` is what it is. */
TM_UNUSED static void picture_put_back(const struct picture *picture, const struct picture *now)
{
    for (size_t i = now->n; i-- > 0;)
        if (!picture_find(picture, &now->items[i]))
            assert_int_equal(remove(now->items[i].path), 0);
    for (size_t i = 0; i < picture->n; i++)
        picture_put(&picture->items[i], picture_find(now, &picture->items[i]));
}

static size_t picture_u32(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;

    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

/*
 * An index (gitformat-index(5), version 2) without what stat(2) said of the files when it was written, and
 * without the checksum that has it in.
 */
static void picture_hash_index(struct tm_hasher *hasher, struct tm_str data)
{
    enum { HEADER = 12, PLACE = 24, NAME = 62, FLAGS = 60, NAME_MAX_LEN = 0xfff, SUM = 20 };
    size_t at = HEADER;

    data.len -= TM_MIN(data.len, (size_t)SUM);
    if (data.len < HEADER || picture_u32(data.data + 4) != 2)
        at = data.len;
    tm_hasher_add(hasher, tm_str_n(data.data, at));
    for (size_t n = at < data.len ? picture_u32(data.data + 8) : 0; n > 0 && data.len - at > NAME; n--) {
        size_t len = picture_u32(data.data + at + FLAGS - 2) & NAME_MAX_LEN;
        size_t size = TM_MIN((NAME + len + 8) & ~(size_t)7, data.len - at);

        tm_hasher_add(hasher, tm_str_n(data.data + at + PLACE, size - PLACE));
        at += size;
    }
    tm_hasher_add(hasher, tm_str_from(data, at));
}

/* The same for states that nobody can tell apart but by the times of files, and by who had the lock. */
TM_UNUSED static struct tm_hash picture_hash(const struct picture *picture)
{
    struct tm_hasher *hasher = tm_hasher_new();
    struct tm_buf TM_CLEANUP(tm_buf_release) head = TM_BUF_INIT;
    struct tm_hash hash;

    for (size_t i = 0; i < picture->n; i++) {
        const struct picture_item *item = &picture->items[i];
        struct tm_str data = tm_buf_str(&item->data);

        if (tm_str_has_suffix(tm_str(item->path), TM_STR("/.git/tidemark/lock")))
            data = TM_STR("");
        tm_buf_clear(&head);
        tm_buf_addf(&head, "%s %o %zu\n", item->path, item->mode, data.len);
        tm_hasher_add(hasher, tm_buf_str(&head));
        if (tm_str_has_prefix(data, TM_STR("DIRC")))
            picture_hash_index(hasher, data);
        else
            tm_hasher_add(hasher, data);
    }
    hash = tm_hasher_finish(hasher);
    tm_hasher_free(hasher);
    return hash;
}

#endif
