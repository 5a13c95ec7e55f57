/*
 * Any bytes as JSON of coverage.py about any Python: what stands before the first NUL is the source of every
 * file, what follows is the report.
 */
#include "report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_str text = tm_str_n((const char *)data, size);
    size_t nul = size ? tm_str_find(text, '\0') : SIZE_MAX;
    struct tm_str source = tm_str_n(text.data, TM_MIN(nul, size));

    check_format(&tm_format_coveragepy, nul == SIZE_MAX ? text : tm_str_from(text, nul + 1), give_text,
                 &source);
    return 0;
}
