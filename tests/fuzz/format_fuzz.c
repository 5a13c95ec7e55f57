/*
 * Any bytes as a coverage report of one format, which the build names: tm_format_cobertura and so on.
 */
#include "report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_format(&TM_FUZZ_FORMAT, tm_str_n((const char *)data, size), NULL, NULL);
    return 0;
}
