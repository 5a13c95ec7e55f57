/*
 * scoverage XML (docs/formats/coverage.md, "scoverage").
 */
#include "coverage/format.h"
#include "coverage/sniff.h"
#include "coverage/spread.h"
#include "coverage/xml_report.h"

struct scoverage {
    struct tm_xml_report x;
    struct tm_buf class_file; /* filename of the open class, for statements without a source */
    unsigned method_depth;    /* of the open method, 0: none */
    bool method_named;        /* it is one: code outside of methods has "<none>" */
    struct tm_buf method_name;
    struct tm_function method;
    struct tm_report_file *method_file; /* of its first statement */
    uint64_t claimed, claimed_invoked;
};

static bool detect(struct tm_str text)
{
    return tm_sniff_root_is(tm_sniff_root(text), "scoverage");
}

static enum tm_code start_root(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct scoverage *s = ctx;

    if (s->x.depth != 1)
        return TM_OK;
    s->claimed = tm_xml_report_claim(attrs, "statement-count");
    s->claimed_invoked = tm_xml_report_claim(attrs, "statements-invoked");
    return TM_OK;
}

static enum tm_code start_class(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct scoverage *s = ctx;
    const char *name = tm_xml_attr(attrs, "filename");

    tm_buf_clear(&s->class_file);
    tm_buf_adds(&s->class_file, name ? name : "");
    return TM_OK;
}

static enum tm_code start_method(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct scoverage *s = ctx;
    const char *name = tm_xml_attr(attrs, "name");

    if (s->method_depth)
        return tm_xml_fail(s->x.xml, err, TM_E_FORMAT, "method inside a method");
    s->method_depth = s->x.depth;
    s->method = (struct tm_function) { .key = TM_FUNCTION_BY_PLACE };
    s->method_file = NULL;
    tm_buf_clear(&s->method_name);
    tm_buf_adds(&s->method_name, name ? name : "");
    s->method_named = name && !tm_str_has_suffix(tm_str(name), TM_STR("<none>"));
    return TM_OK;
}

static enum tm_code end_method(void *ctx, struct tm_err *err)
{
    struct scoverage *s = ctx;
    enum tm_code code = TM_OK;

    s->method_depth = 0;
    s->method.name = tm_buf_str(&s->method_name);
    if (s->method_file && s->method_named)
        code = tm_report_add_function(s->method_file, s->method, err);
    return tm_xml_report_placed(&s->x, code, err);
}

static enum tm_code read_boolean(const struct scoverage *s, const char *const *attrs, const char *name,
                                 bool *value, struct tm_err *err)
{
    const char *text = tm_xml_attr(attrs, name);

    *value = text && strcmp(text, "true") == 0;
    return !text || *value || strcmp(text, "false") == 0 ? TM_OK
                                                         : tm_xml_report_invalid(&s->x, name, text, err);
}

static enum tm_code find_file(struct scoverage *s, const char *const *attrs, struct tm_report_file **file,
                              struct tm_err *err)
{
    const char *path = tm_xml_attr(attrs, "source");

    *file = NULL;
    if (!path || !*path)
        path = s->class_file.data;
    if (!*path) {
        tm_drops_add(&s->x.report->drops, TM_DROP_NO_NAME, TM_STR("statement"));
        return TM_OK;
    }
    return tm_xml_report_placed(&s->x, tm_report_file(s->x.report, tm_str(path), file, err), err);
}

static void add_to_method(struct scoverage *s, struct tm_report_file *file,
                          const struct tm_statement *statement)
{
    if (!s->method_depth)
        return;
    if (!s->method_file) {
        s->method_file = file;
        s->method.line = statement->at.line;
    }
    if (s->method_file == file)
        s->method.line = TM_MIN(s->method.line, statement->at.line);
    s->method.hits = TM_MAX(s->method.hits, statement->hits);
}

/* Offsets tell statements apart. A branch often has those of the statement in it: it is told apart by no end
 * line. */
static enum tm_code read_place(const struct scoverage *s, const char *const *attrs, bool branch,
                               struct tm_extent *at, struct tm_err *err)
{
    enum tm_code code = tm_xml_report_line(&s->x, attrs, "line", &at->line, err);

    if (!code)
        code = tm_xml_report_column(&s->x, attrs, "start", &at->column, err);
    if (!code)
        code = tm_xml_report_column(&s->x, attrs, "end", &at->end_column, err);
    at->end_line = branch ? 0 : at->line;
    return code;
}

static enum tm_code start_statement(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct scoverage *s = ctx;
    struct tm_statement statement = { .n = 1 };
    struct tm_report_file *file = NULL;
    bool is_branch = false, ignored;
    enum tm_code code = read_boolean(s, attrs, "ignored", &ignored, err);

    if (!code)
        code = read_boolean(s, attrs, "branch", &is_branch, err);
    if (!code)
        code = tm_xml_report_count(&s->x, attrs, "invocation-count", &statement.hits, err);
    if (!code)
        code = read_place(s, attrs, is_branch, &statement.at, err);
    if (!code && !ignored)
        code = find_file(s, attrs, &file, err);
    if (code || !file)
        return code;
    add_to_method(s, file, &statement);
    code = tm_report_add_statement(file, statement, err);
    if (!code && is_branch)
        code = tm_report_add_branch(file,
                                    (struct tm_branch) { statement.hits, statement.at.line,
                                                         statement.at.column, statement.at.end_column, 0 },
                                    err);
    return tm_xml_report_placed(&s->x, code, err);
}

static const struct tm_xml_element elements[] = {
    { "statement", start_statement, NULL, 0 },
    { "method", start_method, end_method, 0 },
    { "class", start_class, NULL, 0 },
    { "scoverage", start_root, NULL, 0 },
    { NULL, NULL, NULL, 0 },
};

static void make_notes(const struct scoverage *s)
{
    struct tm_ratio statements = tm_report_totals(s->x.report).statements;

    tm_report_note_claim(s->x.report, s->x.name, "statement-count", s->claimed, statements.den);
    tm_report_note_claim(s->x.report, s->x.name, "statements-invoked", s->claimed_invoked, statements.num);
}

static enum tm_code read_scoverage(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct scoverage s = {
        .x = { .elements = elements, .root = "scoverage" },
        .class_file = TM_BUF_INIT,
        .method_name = TM_BUF_INIT,
    };
    enum tm_code code;

    s.x.ctx = &s;
    code = tm_xml_report_read(&s.x, source, report, err);
    if (!code)
        code = tm_spread_report(report, s.x.name, err);
    if (!code)
        make_notes(&s);
    tm_buf_release(&s.class_file);
    tm_buf_release(&s.method_name);
    return code;
}

const struct tm_format tm_format_scoverage = {
    .name = "scoverage",
    .summary = "scoverage XML (Scala)",
    .detect = detect,
    .read = read_scoverage,
};
