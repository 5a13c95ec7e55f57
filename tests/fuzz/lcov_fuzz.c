/*
 * Any bytes as an LCOV tracefile. With CRLF for LF no record takes the fast way: both ways must
 * say the same.
 */
#include "report.h"

static enum tm_code read_into(struct tm_report *report, struct tm_str text)
{
    struct tm_source TM_CLEANUP(tm_source_close) source;

    tm_source_memory(&source, "input", text);
    return tm_report_read(&source, &tm_format_lcov, report, NULL);
}

static void check_same_lines(const struct tm_report_file *a, const struct tm_report_file *b)
{
    struct tm_hits_iter ia = tm_hits_iter(&a->lines), ib = tm_hits_iter(&b->lines);
    struct tm_line la, lb;

    FUZZ_CHECK(a->lines.n == b->lines.n);
    while (tm_hits_next(&ia, &la))
        FUZZ_CHECK(tm_hits_next(&ib, &lb) && la.line == lb.line && la.hits == lb.hits);
}

static void check_both_ways(struct tm_str text)
{
    struct tm_report TM_CLEANUP(tm_report_release) fast = TM_REPORT_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) slow = TM_REPORT_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) crlf = TM_BUF_INIT;

    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\n')
            tm_buf_addc(&crlf, '\r');
        tm_buf_addc(&crlf, text.data[i]);
    }
    FUZZ_CHECK(read_into(&fast, text) == read_into(&slow, tm_buf_str(&crlf)));
    FUZZ_CHECK(tm_report_n_files(&fast) == tm_report_n_files(&slow));
    for (size_t i = 0; i < tm_report_n_files(&fast); i++)
        check_same_lines(tm_report_file_at(&fast, i), tm_report_file_at(&slow, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_str text = tm_str_n((const char *)data, size);

    check_format(&tm_format_lcov, text, NULL, NULL);
    if (!size || tm_str_find(text, '\r') == SIZE_MAX)
        check_both_ways(text);
    return 0;
}
