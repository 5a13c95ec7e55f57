/*
 * Two documents, one behind the other with a zero byte between them, as the frozen and the present content of
 * a manifest. What must hold: the result is JSON; it is the frozen content when it says so; and doing it
 * again changes no byte.
 */
#include "base/json_doc.h"
#include "catalog/observed.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_str now = tm_str_n((const char *)data, size), frozen;
    bool exact;

    if (size > 1 << 14 || !tm_str_split(&now, '\0', &frozen) || !now.data)
        return 0;
    if (tm_observed_restore("manifest", frozen, now, &out, &exact, &err)) {
        FUZZ_CHECK(err.msg && out.len == 0);
        return 0;
    }
    FUZZ_CHECK(tm_json_doc_parse(&doc, "out", tm_buf_str(&out), &err) == TM_OK);
    FUZZ_CHECK(!exact || tm_str_eq(tm_buf_str(&out), frozen));
    FUZZ_CHECK(tm_observed_restore("manifest", frozen, tm_buf_str(&out), &again, &exact, &err) == TM_OK);
    FUZZ_CHECK(tm_str_eq(tm_buf_str(&again), tm_buf_str(&out)));
    return 0;
}
