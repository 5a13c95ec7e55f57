/*
 * Any bytes as git's index: 4 bytes, how long the index is; the index; and after it the shared file of a
 * split one. What is accepted must keep the promises of repo/index.h, and its folders those of repo/dirs.h.
 */
#include "base/path.h"
#include "fuzz.h"
#include "repo/dirs.h"

static void check_entries(const struct tm_index *index)
{
    for (size_t i = 0; i < index->n; i++) {
        const struct tm_index_entry *entry = &index->entries[i];
        struct tm_str path = tm_str_n(entry->path, entry->len);

        FUZZ_CHECK(path.len && tm_path_is_normal(path));
        FUZZ_CHECK(entry->path[entry->len] == (entry->kind == TM_INDEX_DIR ? '/' : '\0'));
        FUZZ_CHECK(entry->id[0] + entry->id[19] >= 0);
        if (i == 0)
            continue;
        FUZZ_CHECK(entry->shared <= TM_MIN(entry[-1].len + 1, entry->len + 1));
        FUZZ_CHECK(memcmp(entry->path, entry[-1].path, entry->shared) == 0);
    }
}

/* Every entry, and every folder it lies in, must be found where it is. */
static void check_dirs(const struct tm_index *index)
{
    struct tm_dirs dirs;

    tm_dirs_build(&dirs, index);
    for (uint32_t i = 0; i < index->n; i++) {
        struct tm_str path = tm_str_n(index->entries[i].path, index->entries[i].len), part;
        uint32_t dir = 0;

        while (tm_str_split(&path, '/', &part)) {
            const struct tm_dir_child *child = tm_dirs_find(&dirs, dir, part, path.data != NULL);

            FUZZ_CHECK(child);
            if (path.data)
                dir = child->ref & ~TM_DIR_BIT;
            else
                FUZZ_CHECK(child->ref == i && dirs.dir_of[i] == dir);
        }
    }
    tm_dirs_release(&dirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_index TM_CLEANUP(tm_index_release) index = TM_INDEX_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_str main = { "", 0 }, shared = { "", 0 };

    if (size >= 4) {
        size_t len = (size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3];

        len = TM_MIN(len, size - 4);
        main = tm_str_n((const char *)data + 4, len);
        shared = tm_str_n((const char *)data + 4 + len, size - 4 - len);
    }
    if (tm_index_parse(&index, main, shared, &err) == TM_OK) {
        check_entries(&index);
        check_dirs(&index);
    } else {
        FUZZ_CHECK(err.msg && !strchr(err.msg, '\n'));
    }
    return 0;
}
