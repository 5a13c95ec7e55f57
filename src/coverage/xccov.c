/*
 * The archive of Xcode's xccov as JSON (docs/formats/coverage.md, "xccov"): for each file a list of its
 * lines. Its report, which has only totals, is refused with the command that gives the lines.
 */
#include "coverage/format.h"
#include "coverage/json_report.h"
#include "coverage/sniff.h"

enum { LINE = 1 << 0, EXECUTABLE = 1 << 1, COUNT = 1 << 2 }; /* bits of the rows of a line */

struct xccov {
    struct tm_json_report r;
    struct tm_report_file *file;
    struct tm_buf path;
    struct tm_line line;
    bool is_executable;
};

static bool is_report(struct tm_str text)
{
    static const char *const paths[] = { "targets/[]/lineCoverage", "targets/[]/executableLines",
                                         "targets/[]/files", "[]/lineCoverage", NULL };

    return tm_sniff_json(text, paths);
}

static bool detect(struct tm_str text)
{
    static const char *const paths[] = { "*/[]/isExecutable", NULL };

    return tm_sniff_json(text, paths) || is_report(text);
}

static enum tm_code read_number(void *ctx, struct tm_err *err)
{
    struct xccov *x = ctx;

    return tm_json_report_take_line(&x->r, &x->line.line, err);
}

static enum tm_code read_executable(void *ctx, struct tm_err *err)
{
    struct xccov *x = ctx;
    enum tm_json_token token;
    enum tm_code code = tm_json_next(&x->r.json, &token, err);

    if (!code && token != TM_JSON_TRUE && token != TM_JSON_FALSE)
        return tm_json_report_wrong(&x->r, "true or false", err);
    x->is_executable = token == TM_JSON_TRUE;
    return code;
}

static enum tm_code read_count(void *ctx, struct tm_err *err)
{
    struct xccov *x = ctx;

    return tm_json_report_take_count(&x->r, &x->line.hits, err);
}

static enum tm_code read_line(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "line", read_number },
                                                     { "isExecutable", read_executable },
                                                     { "executionCount", read_count },
                                                     { NULL, NULL } };
    struct xccov *x = ctx;
    unsigned seen;
    enum tm_code code = tm_json_report_is(&x->r, TM_JSON_OBJECT_BEGIN, "an object", err);

    if (!code)
        code = tm_json_report_members(&x->r, members, x, &seen, err);
    if (code)
        return code;
    if (!(seen & LINE) || !(seen & EXECUTABLE))
        return tm_json_report_fail(&x->r, "line without 'line' and 'isExecutable'", err);
    if (!x->is_executable)
        return TM_OK;
    if (!(seen & COUNT))
        return tm_json_report_fail(&x->r, "executable line without 'executionCount'", err);
    return tm_json_report_placed(&x->r, tm_report_add_lines(x->file, &x->line, 1, err), err);
}

static enum tm_code read_file(void *ctx, struct tm_err *err)
{
    struct xccov *x = ctx;
    enum tm_code code;

    tm_json_string(&x->r.json, &x->path);
    code =
        tm_json_report_placed(&x->r, tm_report_file(x->r.report, tm_buf_str(&x->path), &x->file, err), err);
    return code ? code : tm_json_report_array(&x->r, read_line, x, err);
}

static enum tm_code check_archive(struct tm_source *source, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_str head;
    enum tm_code code = tm_source_head(source, &head, err);

    if (code)
        return code;
    tm_sniff_text(head, &text);
    if (!is_report(tm_buf_str(&text)))
        return TM_OK;
    return tm_err_set(err, TM_E_FORMAT,
                      "'%s' is a report of xccov, which has no lines; write them with 'xcrun xccov view "
                      "--archive --json RESULT.xcresult'",
                      source->name);
}

static enum tm_code read_xccov(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct xccov x = { .path = TM_BUF_INIT };
    enum tm_code code = check_archive(source, err);

    if (code)
        return code;
    tm_json_report_begin(&x.r, source, report);
    code = tm_json_report_map(&x.r, read_file, &x, err);
    if (!code)
        code = tm_json_report_end(&x.r, err);
    tm_buf_release(&x.path);
    return code;
}

const struct tm_format tm_format_xccov = {
    .name = "xccov",
    .summary = "Xcode archive as JSON (xcrun xccov view --archive --json)",
    .detect = detect,
    .read = read_xccov,
};
