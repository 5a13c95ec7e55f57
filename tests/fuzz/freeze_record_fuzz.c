/*
 * Any bytes as a freeze record. What must hold: a record that is accepted is spelled in one way, which reads
 * back as the same record, and no path in it leads out of the repository.
 */
#include "base/path.h"
#include "freeze/record.h"
#include "fuzz.h"

static void check_record(const struct tm_freeze_record *r)
{
    FUZZ_CHECK(r->tag.len > 0 && r->tag.len <= TM_FREEZE_TAG_MAX);
    FUZZ_CHECK(r->meta_registry.len && tm_path_is_normal(r->meta_registry));
    for (size_t i = 0; i < r->n_artifacts; i++)
        FUZZ_CHECK(r->artifacts[i].path.len && tm_path_is_normal(r->artifacts[i].path));
    for (size_t i = 0; i < r->n_ledgers; i++)
        FUZZ_CHECK(r->ledgers[i].path.len && tm_path_is_normal(r->ledgers[i].path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) once = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) twice = TM_BUF_INIT;
    struct tm_freeze_record record;

    if (size > 1 << 18)
        return 0;
    if (tm_freeze_record_parse(&record, &arena, "record", tm_str_n((const char *)data, size), &err)) {
        FUZZ_CHECK(err.msg);
        return 0;
    }
    check_record(&record);
    tm_freeze_record_spell(&record, &once);
    FUZZ_CHECK(tm_freeze_record_parse(&record, &arena, "record", tm_buf_str(&once), &err) == TM_OK);
    tm_freeze_record_spell(&record, &twice);
    FUZZ_CHECK(tm_str_eq(tm_buf_str(&once), tm_buf_str(&twice)));
    return 0;
}
