/* Reading the record of a freeze back from its tag. */
#include "freeze/freeze.h"

enum tm_code tm_freeze_load(struct tm_repo *repo, const char *tag, struct tm_arena *arena,
                            struct tm_freeze_record *record, struct tm_oid *freeze, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_code code = tm_git_tag_find(repo->git, tag, freeze, NULL, &lower);

    if (code == TM_E_NOT_FOUND)
        return tm_err_set(err, TM_E_NOT_FOUND, "there is no tag '%s'", tag);
    if (code)
        return tm_err_move(err, &lower);
    for (unsigned kind = TM_FREEZE_BASELINE; kind <= TM_FREEZE_FINAL; kind++) {
        struct tm_freeze_record read;

        tm_repo_generated(repo, tm_freeze_kind_file((enum tm_freeze_kind)kind), &path);
        code = tm_git_read_at(repo->git, freeze, tm_buf_str(&path), TM_FREEZE_RECORD_MAX, &data, &lower);
        if (code == TM_E_NOT_FOUND)
            continue;
        if (code)
            return tm_err_move(err, &lower);
        code = tm_freeze_record_parse(&read, arena, path.data, tm_arena_str(arena, tm_buf_str(&data)), err);
        if (code)
            return code;
        /* A commit may hold the records of other kinds and of other tags. */
        if (tm_str_is(read.tag, tag)) {
            *record = read;
            return TM_OK;
        }
    }
    return tm_err_set(err, TM_E_NOT_FOUND, "tag '%s' is not a freeze: its commit holds no record of it", tag);
}
