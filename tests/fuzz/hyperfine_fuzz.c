/* Any bytes as a report of hyperfine: see bench_check.h. */
#include "bench_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return check_report(&tm_bench_hyperfine, data, size);
}
