#include "scaffold/recorded.h"

#include "ledger/act.h"

static void make_key(struct tm_buf *key, struct tm_str sha256, struct tm_str path)
{
    tm_buf_add_str(key, sha256);
    tm_buf_addc(key, ' ');
    tm_buf_add_str(key, path);
}

static enum tm_code remember(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct tm_recorded *recorded = ctx;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_scaffold_act act;
    enum tm_code code;

    if (entry->adopted || tm_str_is(entry->kind, tm_ledger_kind_name(TM_LEDGER_GENESIS)))
        return TM_OK;
    code = tm_scaffold_read(entry, &arena, &act, err);
    for (size_t i = 0; !code && i < act.n_files; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;

        make_key(&key, act.files[i].sha256, act.files[i].path);
        if (!tm_map_has(&recorded->files, tm_buf_str(&key)))
            (void)tm_map_at(&recorded->files, tm_arena_str(&recorded->arena, tm_buf_str(&key)), NULL);
    }
    return code;
}

static enum tm_code load(struct tm_recorded *recorded, struct tm_err *err)
{
    static const char *const names[] = { "scaffold.ndjson", "test_scaffold.ndjson" };

    for (size_t i = 0; i < TM_LEN(names); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
        struct tm_ledger_file file;
        enum tm_code code;

        tm_repo_ledger(recorded->repo, names[i], &path);
        file = tm_ledger_in(recorded->repo, tm_buf_str(&path));
        code = tm_ledger_scan(&file, remember, recorded, err);
        if (code)
            return code;
    }
    recorded->loaded = true;
    return TM_OK;
}

enum tm_code tm_recorded_has(struct tm_recorded *recorded, struct tm_str path, struct tm_str content,
                             bool *yes, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;
    struct tm_hash hash = tm_hash_of(content);

    if (!recorded->loaded) {
        enum tm_code code = load(recorded, err);

        if (code)
            return code;
    }
    tm_hash_add_hex(&hex, &hash);
    make_key(&key, tm_buf_str(&hex), path);
    *yes = tm_map_has(&recorded->files, tm_buf_str(&key));
    return TM_OK;
}

void tm_recorded_release(struct tm_recorded *recorded)
{
    tm_map_release(&recorded->files);
    tm_arena_release(&recorded->arena);
    recorded->loaded = false;
}
