/*
 * Cobertura XML (docs/formats/coverage.md, "Cobertura").
 *
 * Elements are recognised by name wherever they stand below the root, because
 * writers leave out levels. The lines of a class are collected before they go into its file: a line
 * that a class repeats, mostly below a method and in its own list, is one line.
 */
#include "base/alloc.h"
#include "coverage/count.h"
#include "coverage/format.h"
#include "coverage/sniff.h"
#include "ext/xml.h"

enum { BRANCHES_OF_LINE_MAX = 65535 };

/* What the root element claims; UINT64_MAX: nothing. */
struct claims {
    uint64_t lines_valid, lines_covered, branches_valid, branches_covered;
    char *line_rate; /* NULL: nothing; only looked at when the counts are missing */
};

struct cobertura {
    struct tm_xml *xml;
    const char *name;
    struct tm_report *report;
    unsigned depth;              /* of open elements */
    unsigned class_depth;        /* of the open class, 0: none */
    unsigned method_depth;       /* of the open method */
    struct tm_report_file *file; /* of the open class; NULL: it has no name and is dropped */
    struct tm_line *lines;       /* of the open class */
    size_t n_lines, cap_lines;
    struct tm_function method; /* the open one; its line is 0 before it has one */
    struct tm_buf method_name;
    bool in_source;
    struct tm_buf source; /* text of the open source element */
    struct claims claims;
    uint64_t negative, negative_line, no_counts, no_counts_line;
};

static bool detect(struct tm_str text)
{
    struct tm_str root = tm_sniff_root(text);

    if (!tm_sniff_root_is(root, "coverage"))
        return false;
    if (tm_sniff_has(text, "<project") || tm_sniff_has(text, "<file path"))
        return false;
    return tm_sniff_has(root, "line-rate") || tm_sniff_has(root, "lines-valid") ||
           tm_sniff_has(text, "<packages") || tm_sniff_has(text, "<sources") || tm_sniff_has(text, "<class ");
}

static enum tm_code invalid(const struct cobertura *c, const char *what, const char *value,
                            struct tm_err *err)
{
    if (!value)
        return tm_xml_fail(c->xml, err, TM_E_FORMAT, "%s is missing", what);
    return tm_xml_fail(c->xml, err, TM_E_FORMAT, "invalid %s '%.60s'", what, value);
}

static enum tm_code placed(const struct cobertura *c, enum tm_code code, struct tm_err *err)
{
    return tm_xml_fail(c->xml, err, code, "%s", err ? tm_err_msg(err) : "");
}

/* A whole number of the root element; one that cannot be read claims nothing. */
static uint64_t claim(const char *const *attrs, const char *name)
{
    const char *value = tm_xml_attr(attrs, name);
    uint64_t number;

    return value && tm_str_u64(tm_str(value), &number) ? number : UINT64_MAX;
}

static enum tm_code start_root(struct cobertura *c, const char *name, const char *const *attrs,
                               struct tm_err *err)
{
    const char *rate = tm_xml_attr(attrs, "line-rate");

    if (strcmp(name, "coverage") != 0)
        return tm_xml_fail(c->xml, err, TM_E_FORMAT, "root element is '%.60s', not 'coverage'", name);
    c->claims.lines_valid = claim(attrs, "lines-valid");
    c->claims.lines_covered = claim(attrs, "lines-covered");
    c->claims.branches_valid = claim(attrs, "branches-valid");
    c->claims.branches_covered = claim(attrs, "branches-covered");
    c->claims.line_rate = rate ? tm_strndup(rate, TM_MIN(strlen(rate), (size_t)40)) : NULL;
    return TM_OK;
}

static enum tm_code start_class(struct cobertura *c, const char *const *attrs, struct tm_err *err)
{
    const char *filename = tm_xml_attr(attrs, "filename");
    const char *name = tm_xml_attr(attrs, "name");

    enum tm_code code;

    if (c->class_depth)
        return tm_xml_fail(c->xml, err, TM_E_FORMAT, "class inside a class");
    c->class_depth = c->depth;
    c->file = NULL;
    if (!filename || !*filename) {
        tm_drops_add(&c->report->drops, TM_DROP_NO_NAME, tm_str(name));
        return TM_OK;
    }
    code = tm_report_file(c->report, tm_str(filename), &c->file, err);
    return code ? placed(c, code, err) : TM_OK;
}

static enum tm_code start_method(struct cobertura *c, const char *const *attrs, struct tm_err *err)
{
    const char *name = tm_xml_attr(attrs, "name");
    const char *signature = tm_xml_attr(attrs, "signature");

    if (!c->class_depth || c->method_depth)
        return tm_xml_fail(c->xml, err, TM_E_FORMAT, "method outside a class");
    c->method_depth = c->depth;
    c->method = (struct tm_function) { .key = TM_FUNCTION_BY_PLACE };
    tm_buf_clear(&c->method_name);
    tm_buf_adds(&c->method_name, name ? name : "");
    tm_buf_adds(&c->method_name, signature ? signature : "");
    return TM_OK;
}

static enum tm_code end_method(struct cobertura *c, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    c->method_depth = 0;
    c->method.name = tm_buf_str(&c->method_name);
    if (c->file)
        code = tm_report_add_function(c->file, c->method, err);
    return code ? placed(c, code, err) : TM_OK;
}

/* "50% (1/2)": the part in the last parentheses. False when there is none. */
static bool find_condition_counts(const char *text, struct tm_str *taken, struct tm_str *all)
{
    struct tm_str s = tm_str(text);
    size_t open = tm_str_rfind(s, '(');
    size_t slash;

    if (open == SIZE_MAX)
        return false;
    s = tm_str_from(s, open + 1);
    slash = tm_str_find(s, '/');
    if (slash == SIZE_MAX || tm_str_find(s, ')') == SIZE_MAX)
        return false;
    *taken = tm_str_trim(tm_str_n(s.data, slash));
    s = tm_str_from(s, slash + 1);
    *all = tm_str_trim(tm_str_n(s.data, tm_str_find(s, ')') == SIZE_MAX ? 0 : tm_str_find(s, ')')));
    return true;
}

static enum tm_code add_condition(struct cobertura *c, uint32_t line, const char *text, struct tm_err *err)
{
    struct tm_branch branch = { .line = line, .flags = TM_BRANCH_COUNT };
    struct tm_str taken, all;
    enum tm_code code;
    uint64_t n;

    if (!find_condition_counts(text, &taken, &all)) {
        if (c->no_counts++ == 0)
            c->no_counts_line = tm_xml_line(c->xml);
        return TM_OK;
    }
    if (!tm_str_u64(taken, &branch.taken) || !tm_str_u64(all, &n) || n > BRANCHES_OF_LINE_MAX ||
        branch.taken > n)
        return invalid(c, "condition-coverage", text, err);
    branch.branch = (uint32_t)n;
    code = c->file ? tm_report_add_branch(c->file, branch, err) : TM_OK;
    return code ? placed(c, code, err) : TM_OK;
}

static int by_line(const void *a, const void *b)
{
    const struct tm_line *la = a, *lb = b;

    return (la->line > lb->line) - (la->line < lb->line);
}

/* Sorts the lines of the open class and keeps one for each number, with the greatest hits. */
static void unite_lines(struct cobertura *c)
{
    struct tm_line *lines = c->lines;
    size_t kept = 0;

    if (c->n_lines < 2)
        return;
    qsort(lines, c->n_lines, sizeof(*lines), by_line);
    for (size_t i = 1; i < c->n_lines; i++) {
        if (lines[i].line == lines[kept].line)
            lines[kept].hits = TM_MAX(lines[kept].hits, lines[i].hits);
        else
            lines[++kept] = lines[i];
    }
    c->n_lines = kept + 1;
}

static void push_line(struct cobertura *c, struct tm_line line)
{
    if (c->n_lines == c->cap_lines) {
        unite_lines(c);
        if (c->n_lines >= c->cap_lines / 2) {
            c->cap_lines = TM_MAX(c->cap_lines * 2, (size_t)64);
            c->lines = tm_realloc_array(c->lines, c->cap_lines, sizeof(*c->lines));
        }
    }
    c->lines[c->n_lines++] = line;
    /* The first line of a method is where it starts, and its hits how often it was entered. */
    if (c->method_depth && c->method.line == 0) {
        c->method.line = line.line;
        c->method.hits = line.hits;
    }
}

static enum tm_code start_line(struct cobertura *c, const char *const *attrs, struct tm_err *err)
{
    const char *number = tm_xml_attr(attrs, "number");
    const char *hits = tm_xml_attr(attrs, "hits");
    const char *condition = tm_xml_attr(attrs, "condition-coverage");
    bool negative = false;
    uint64_t line_number, count;
    struct tm_line line;

    if (!c->class_depth)
        return tm_xml_fail(c->xml, err, TM_E_FORMAT, "line outside a class");
    if (!number || !tm_str_u64(tm_str(number), &line_number))
        return invalid(c, "line number", number, err);
    if (line_number - 1 >= TM_REPORT_LINE_MAX)
        return tm_xml_fail(c->xml, err, line_number ? TM_E_LIMIT : TM_E_FORMAT,
                           "line number is not between 1 and %d", TM_REPORT_LINE_MAX);
    if (!hits || !tm_count_parse(tm_str(hits), &count, &negative))
        return invalid(c, "hits", hits, err);
    if (negative && c->negative++ == 0)
        c->negative_line = tm_xml_line(c->xml);
    line = (struct tm_line) { (uint32_t)line_number, count };
    push_line(c, line);
    return condition ? add_condition(c, line.line, condition, err) : TM_OK;
}

static enum tm_code on_start(void *ctx, const char *name, const char *const *attrs, struct tm_err *err)
{
    struct cobertura *c = ctx;

    c->depth++;
    if (c->depth == 1)
        return start_root(c, name, attrs, err);
    if (strcmp(name, "line") == 0)
        return start_line(c, attrs, err);
    if (strcmp(name, "class") == 0)
        return start_class(c, attrs, err);
    if (strcmp(name, "method") == 0)
        return start_method(c, attrs, err);
    if (strcmp(name, "source") == 0) {
        tm_buf_clear(&c->source);
        c->in_source = true;
    }
    return TM_OK;
}

static enum tm_code on_text(void *ctx, struct tm_str text, struct tm_err *err)
{
    struct cobertura *c = ctx;

    if (!c->in_source)
        return TM_OK;
    if (c->source.len + text.len > TM_SOURCE_LINE_MAX)
        return tm_xml_fail(c->xml, err, TM_E_LIMIT, "text of a source element is too long");
    tm_buf_add_str(&c->source, text);
    return TM_OK;
}

static enum tm_code end_class(struct cobertura *c, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    unite_lines(c);
    if (c->file)
        code = tm_report_add_lines(c->file, c->lines, c->n_lines, err);
    c->n_lines = 0;
    c->class_depth = 0;
    return code ? placed(c, code, err) : TM_OK;
}

static enum tm_code end_source(struct cobertura *c, struct tm_err *err)
{
    enum tm_code code = tm_report_add_root(c->report, tm_str_trim(tm_buf_str(&c->source)), err);

    c->in_source = false;
    return code ? placed(c, code, err) : TM_OK;
}

static enum tm_code on_end(void *ctx, const char *name, struct tm_err *err)
{
    struct cobertura *c = ctx;
    enum tm_code code = TM_OK;

    if (c->in_source && strcmp(name, "source") == 0)
        code = end_source(c, err);
    else if (c->depth == c->method_depth)
        code = end_method(c, err);
    else if (c->depth == c->class_depth)
        code = end_class(c, err);
    c->depth--;
    return code;
}

static void compare_count(struct cobertura *c, const char *what, uint64_t claimed, uint64_t counted)
{
    if (claimed != UINT64_MAX && claimed != counted)
        tm_report_note(c->report, "header of '%s' says %s=%llu, its body has %llu", c->name, what,
                       (unsigned long long)claimed, (unsigned long long)counted);
}

/* A rate such as "0.8571" or "0,86" against the body, to within one unit of its last decimal. */
static void compare_rate(struct cobertura *c, struct tm_ratio lines)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_ratio rate;
    uint64_t scaled;

    if (!c->claims.line_rate || !tm_ratio_has_data(lines))
        return;
    tm_buf_adds(&text, c->claims.line_rate);
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == ',')
            text.data[i] = '.';
    /* As many decimals as it gives, at least two: "1" and "0.9" are rounded by nobody. */
    if (!tm_ratio_parse(tm_str_n(text.data, TM_MIN(text.len, (size_t)8)), &rate))
        return;
    if (rate.den < 100) {
        rate.num *= 100;
        rate.den *= 100;
    }
    if (tm_ratio_round(lines, rate.den, &scaled) &&
        (scaled > rate.num ? scaled - rate.num : rate.num - scaled) > 1)
        tm_report_note(c->report, "header of '%s' says line-rate=%s, its body has %llu of %llu lines",
                       c->name, c->claims.line_rate, (unsigned long long)lines.num,
                       (unsigned long long)lines.den);
}

static void make_notes(struct cobertura *c)
{
    struct tm_totals totals;

    tm_report_settle(c->report);
    totals = tm_report_totals(c->report);
    compare_count(c, "lines-valid", c->claims.lines_valid, totals.lines.den);
    compare_count(c, "lines-covered", c->claims.lines_covered, totals.lines.num);
    compare_count(c, "branches-valid", c->claims.branches_valid, totals.branches.den);
    compare_count(c, "branches-covered", c->claims.branches_covered, totals.branches.num);
    if (c->claims.lines_valid == UINT64_MAX)
        compare_rate(c, totals.lines);
    if (c->negative)
        tm_report_note(c->report, "negative hits, read as 0, in %llu line(s), first at line %llu of '%s'",
                       (unsigned long long)c->negative, (unsigned long long)c->negative_line, c->name);
    if (c->no_counts)
        tm_report_note(
            c->report,
            "condition-coverage without counts, left out, in %llu line(s), first at line %llu of '%s'",
            (unsigned long long)c->no_counts, (unsigned long long)c->no_counts_line, c->name);
}

static enum tm_code read_chunks(struct cobertura *c, struct tm_source *source, struct tm_err *err)
{
    struct tm_str chunk;

    for (;;) {
        enum tm_code code = tm_source_chunk(source, &chunk, err);

        if (!code && !chunk.len)
            return tm_xml_finish(c->xml, err);
        if (!code)
            code = tm_xml_feed(c->xml, chunk, err);
        if (code)
            return code;
    }
}

static enum tm_code read_cobertura(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct cobertura c = {
        .name = source->name,
        .report = report,
        .method_name = TM_BUF_INIT,
        .source = TM_BUF_INIT,
    };
    struct tm_xml_handler handler = { on_start, on_text, on_end, &c };
    enum tm_code code;

    c.xml = tm_xml_new(source->name, &handler);
    code = read_chunks(&c, source, err);
    if (!code)
        make_notes(&c);
    tm_xml_free(c.xml);
    tm_buf_release(&c.method_name);
    tm_buf_release(&c.source);
    free(c.lines);
    free(c.claims.line_rate);
    return code;
}

const struct tm_format tm_format_cobertura = {
    .name = "cobertura",
    .summary = "Cobertura XML (coverage.py, pytest-cov, gcovr, coverlet, ...)",
    .detect = detect,
    .read = read_cobertura,
};
