/*
 * scoverage XML (docs/formats/coverage.md, "scoverage").
 *
 * Where the compiler puts code in (implicit conversions, macros) several statements have one place, and
 * scoverage counts each. So statements are kept until all are known, and numbered at their place.
 */
#include "base/alloc.h"
#include "coverage/format.h"
#include "coverage/sniff.h"
#include "coverage/xml_report.h"

struct statement {
    struct tm_report_file *file;
    uint64_t hits;
    uint32_t line, start, end;
    bool is_branch;
    size_t order; /* in the report */
};

struct scoverage {
    struct tm_xml_report x;
    struct tm_buf class_file; /* filename of the open class, for statements without a source */
    unsigned method_depth;    /* of the open method, 0: none */
    bool method_named;        /* it is one: code outside of methods has "<none>" */
    struct tm_buf method_name;
    struct tm_function method;
    struct tm_report_file *method_file; /* of its first statement */
    struct statement *statements;
    size_t n_statements, cap_statements;
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

static void add_to_method(struct scoverage *s, struct tm_report_file *file, const struct statement *statement)
{
    if (!s->method_depth)
        return;
    if (!s->method_file) {
        s->method_file = file;
        s->method.line = statement->line;
    }
    if (s->method_file == file)
        s->method.line = TM_MIN(s->method.line, statement->line);
    s->method.hits = TM_MAX(s->method.hits, statement->hits);
}

static enum tm_code start_statement(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct scoverage *s = ctx;
    struct statement statement = { .order = s->n_statements };
    bool ignored;
    enum tm_code code = read_boolean(s, attrs, "ignored", &ignored, err);

    if (!code)
        code = read_boolean(s, attrs, "branch", &statement.is_branch, err);
    if (!code)
        code = tm_xml_report_count(&s->x, attrs, "invocation-count", &statement.hits, err);
    if (!code)
        code = tm_xml_report_line(&s->x, attrs, "line", &statement.line, err);
    if (!code)
        code = tm_xml_report_column(&s->x, attrs, "start", &statement.start, err);
    if (!code)
        code = tm_xml_report_column(&s->x, attrs, "end", &statement.end, err);
    if (!code && !ignored)
        code = find_file(s, attrs, &statement.file, err);
    if (code || !statement.file)
        return code;
    if (s->n_statements == TM_REPORT_STATEMENTS_MAX)
        return tm_xml_fail(s->x.xml, err, TM_E_LIMIT, "more than %d statements", TM_REPORT_STATEMENTS_MAX);
    add_to_method(s, statement.file, &statement);
    TM_GROW(s->statements, s->n_statements, s->cap_statements);
    s->statements[s->n_statements++] = statement;
    return TM_OK;
}

/* ---- What is known at the end ---- */

/* A branch often has the offsets of the statement in it. */
static int by_place(const struct statement *a, const struct statement *b)
{
    int order = tm_compare((uintptr_t)a->file, (uintptr_t)b->file);

    if (!order)
        order = tm_compare(a->line, b->line);
    if (!order)
        order = tm_compare(a->start, b->start);
    if (!order)
        order = tm_compare(a->end, b->end);
    return order ? order : tm_compare(a->is_branch, b->is_branch);
}

static int by_place_and_order(const void *pa, const void *pb)
{
    const struct statement *a = pa, *b = pb;
    int order = by_place(a, b);

    return order ? order : tm_compare(a->order, b->order);
}

/* The one of that number at its place. In an extent number and kind stand for the end line, which the report
 * does not have. */
static enum tm_code add_statement(const struct scoverage *s, const struct statement *from, uint32_t number,
                                  struct tm_err *err)
{
    struct tm_statement statement = { { from->line, from->start, 2 * number + from->is_branch, from->end },
                                      1,
                                      from->hits };
    struct tm_branch branch = { from->hits, from->line, from->start, from->end, 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) block = TM_BUF_INIT;
    enum tm_code code = tm_report_add_statement(from->file, statement, err);

    if (code || !from->is_branch)
        return code;
    if (number) {
        tm_buf_addf(&block, "%u#%u", from->start, number);
        branch.block = tm_report_id(s->x.report, tm_buf_str(&block));
    }
    return tm_report_add_branch(from->file, branch, err);
}

static enum tm_code add_lines(struct tm_report_file *file, const struct statement *statements, size_t n,
                              struct tm_err *err)
{
    struct tm_hits lines = { .greatest = true };
    enum tm_code code;

    for (size_t i = 0; i < n; i++)
        tm_hits_put(&lines, statements[i].line, statements[i].hits);
    tm_hits_settle(&lines);
    code = tm_report_add_hits(file, &lines, err);
    tm_hits_release(&lines);
    return code;
}

static enum tm_code add_statements(struct scoverage *s, struct tm_err *err)
{
    enum tm_code code = TM_OK;
    size_t first = 0; /* of the file */
    uint32_t number = 0;

    if (s->n_statements)
        qsort(s->statements, s->n_statements, sizeof(*s->statements), by_place_and_order);
    for (size_t i = 0; i < s->n_statements && !code; i++) {
        const struct statement *at = &s->statements[i];

        number = i && by_place(at - 1, at) == 0 ? number + 1 : 0;
        code = add_statement(s, at, number, err);
        if (!code && (i + 1 == s->n_statements || at[1].file != at->file)) {
            code = add_lines(at->file, s->statements + first, i + 1 - first, err);
            first = i + 1;
        }
    }
    return code ? tm_err_set(err, code, "%s in '%s'", err ? tm_err_msg(err) : "", s->x.name) : TM_OK;
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
    struct tm_ratio statements;

    tm_report_settle(s->x.report);
    statements = tm_report_totals(s->x.report).statements;
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
        code = add_statements(&s, err);
    if (!code)
        make_notes(&s);
    tm_buf_release(&s.class_file);
    tm_buf_release(&s.method_name);
    free(s.statements);
    return code;
}

const struct tm_format tm_format_scoverage = {
    .name = "scoverage",
    .summary = "scoverage XML (Scala)",
    .detect = detect,
    .read = read_scoverage,
};
