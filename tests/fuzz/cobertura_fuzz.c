/* Any bytes as Cobertura XML. */
#include "report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_format(&tm_format_cobertura, tm_str_n((const char *)data, size), NULL, NULL);
    return 0;
}
