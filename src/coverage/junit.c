/*
 * JUnit XML (docs/formats/tests.md): test cases are counted wherever they
 * stand, totals of suites are not looked at.
 */
#include "coverage/tests.h"
#include "coverage/xml_report.h"

struct junit {
    struct tm_xml *xml;
    struct tm_test_counts *counts;
    unsigned depth;
    unsigned case_depth; /* of the open testcase, 0: none */
    bool failed, skipped;
};

static bool is_one_of(const char *value, const char *const *names)
{
    for (; value && *names; names++)
        if (strcmp(value, *names) == 0)
            return true;
    return false;
}

static enum tm_code start_case(struct junit *junit, const char *const *attrs, struct tm_err *err)
{
    static const char *const not_run[] = { "skipped", "disabled", "notrun", "suppressed", NULL };

    if (junit->case_depth)
        return tm_xml_fail(junit->xml, err, TM_E_FORMAT, "testcase inside a testcase");
    junit->case_depth = junit->depth;
    junit->failed = false;
    junit->skipped =
        is_one_of(tm_xml_attr(attrs, "status"), not_run) || is_one_of(tm_xml_attr(attrs, "result"), not_run);
    return TM_OK;
}

static enum tm_code on_start(void *ctx, const char *name, const char *const *attrs, struct tm_err *err)
{
    static const char *const roots[] = { "testsuites", "testsuite", NULL };
    struct junit *junit = ctx;

    junit->depth++;
    if (junit->depth == 1 && !is_one_of(name, roots))
        return tm_xml_fail(junit->xml, err, TM_E_FORMAT, "root element is '%.60s', not 'testsuites'", name);
    if (strcmp(name, "testcase") == 0)
        return start_case(junit, attrs, err);
    if (!junit->case_depth || junit->depth != junit->case_depth + 1)
        return TM_OK;
    if (strcmp(name, "failure") == 0 || strcmp(name, "error") == 0)
        junit->failed = true;
    else if (strcmp(name, "skipped") == 0)
        junit->skipped = true;
    return TM_OK;
}

static enum tm_code on_end(void *ctx, const char *name, struct tm_err *err)
{
    struct junit *junit = ctx;

    if (junit->depth == junit->case_depth) {
        junit->case_depth = 0;
        if (junit->failed)
            junit->counts->failed++;
        else if (junit->skipped)
            junit->counts->skipped++;
        else
            junit->counts->passed++;
    }
    junit->depth--;
    return TM_OK;
}

static enum tm_code read_junit(struct tm_source *source, struct tm_test_counts *counts, struct tm_err *err)
{
    struct junit junit = { .counts = counts };
    struct tm_xml_handler handler = { on_start, NULL, on_end, &junit };
    enum tm_code code;

    junit.xml = tm_xml_new(source->name, &handler);
    code = tm_xml_read_source(junit.xml, source, err);
    tm_xml_free(junit.xml);
    return code;
}

const struct tm_tests_format tm_tests_junit = { "junit", read_junit };
