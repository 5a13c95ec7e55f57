/* Any bytes as a report of pytest-benchmark: see bench_check.h. */
#include "bench_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return check_report(&tm_bench_pytest, data, size);
}
