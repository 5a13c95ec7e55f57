/*
 * Any bytes as V8 coverage of any JavaScript: what stands before the first NUL is the source
 * of every script, what follows is the report.
 */
#include "coverage/js_code.h"
#include "report.h"

static void check_code(struct tm_str source)
{
    struct tm_js_code TM_CLEANUP(tm_js_release) code;

    tm_js_scan(&code, source);
    FUZZ_CHECK(code.units <= source.len);
    for (size_t i = 0; i < code.n_spans; i++) {
        FUZZ_CHECK(code.spans[i].from < code.spans[i].to && code.spans[i].to <= code.units);
        FUZZ_CHECK(i == 0 || code.spans[i - 1].to <= code.spans[i].from);
        FUZZ_CHECK(tm_js_line(&code, code.spans[i].from) == code.spans[i].line);
        FUZZ_CHECK(tm_js_line(&code, code.spans[i].to - 1) == code.spans[i].line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_str text = tm_str_n((const char *)data, size);
    size_t nul = size ? tm_str_find(text, '\0') : SIZE_MAX;
    struct tm_str source = tm_str_n(text.data, TM_MIN(nul, size));

    check_code(source);
    check_format(&tm_format_v8, nul == SIZE_MAX ? text : tm_str_from(text, nul + 1), give_text, &source);
    return 0;
}
