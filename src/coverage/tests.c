#include "coverage/tests.h"

#include "coverage/sniff.h"

const struct tm_tests_format *const tm_tests_formats[] = { &tm_tests_junit, &tm_tests_tap, NULL };

const struct tm_tests_format *tm_tests_format_find(struct tm_str name)
{
    for (size_t i = 0; tm_tests_formats[i]; i++)
        if (tm_str_is(name, tm_tests_formats[i]->name))
            return tm_tests_formats[i];
    return NULL;
}

uint64_t tm_tests_run(const struct tm_test_counts *counts)
{
    return counts->passed + counts->failed;
}

enum tm_code tm_tests_read(struct tm_source *source, const struct tm_tests_format *format,
                           struct tm_test_counts *counts, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_test_counts fresh = { 0 };
    struct tm_str head;
    enum tm_code code = tm_source_head(source, &head, err);

    if (code)
        return code;
    tm_sniff_text(head, &text);
    if (tm_str_trim(tm_buf_str(&text)).len == 0 && head.len < TM_SOURCE_HEAD)
        return tm_err_set(err, TM_E_FORMAT, "'%s' is empty", source->name);
    if (!format)
        format = tm_sniff_starts(tm_buf_str(&text), "<") ? &tm_tests_junit : &tm_tests_tap;
    code = format->read(source, &fresh, err);
    if (!code)
        *counts = fresh;
    return code;
}

enum tm_code tm_tests_read_file(const char *path, const struct tm_tests_format *format,
                                struct tm_test_counts *counts, struct tm_err *err)
{
    struct tm_source TM_CLEANUP(tm_source_close) source = { .feed = { .fd = -1 } };
    enum tm_code code = tm_source_open(&source, path, err);

    return code ? code : tm_tests_read(&source, format, counts, err);
}
