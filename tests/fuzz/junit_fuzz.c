/* Any bytes as a test report: JUNIT. */
#include "coverage/tests.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_source TM_CLEANUP(tm_source_close) source;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_test_counts counts;

    tm_source_memory(&source, "input", tm_str_n((const char *)data, size));
    if (tm_tests_read(&source, &tm_tests_junit, &counts, &err) == TM_OK)
        FUZZ_CHECK(counts.passed + counts.failed + counts.skipped <= size);
    else
        FUZZ_CHECK(err.msg && !strchr(err.msg, '\n'));
    return 0;
}
