/*
 * Cobertura XML (docs/formats/coverage.md, "Cobertura").
 *
 * The lines of a class are collected before they go into its file: a line
 * that a class repeats, mostly below a method and in its own list, is one line with the greatest hits.
 */
#include "base/alloc.h"
#include "base/digits.h"
#include "coverage/format.h"
#include "coverage/sniff.h"
#include "coverage/xml_report.h"

/* What the root element claims; UINT64_MAX: nothing. */
struct claims {
    uint64_t lines_valid, lines_covered, branches_valid, branches_covered;
    char *line_rate; /* NULL: nothing; only looked at when the counts are missing */
};

struct cobertura {
    struct tm_xml_report x;
    unsigned class_depth;        /* of the open class, 0: none */
    unsigned method_depth;       /* of the open method */
    struct tm_report_file *file; /* of the open class; NULL: it has no name and is dropped */
    struct tm_hits lines;        /* of the open class */
    struct tm_hits starts;       /* likewise, of methods that have no other line */
    bool own_lines;              /* the open class has lines that are below no method */
    struct tm_function method;   /* the open one; its line is 0 before it has one */
    struct tm_buf method_name;
    bool method_counted;        /* it says its hits itself: the line below it is no code by that */
    bool method_long;           /* it has more than one line */
    uint64_t first_hits;        /* of its first line */
    uint32_t line;              /* the open one, when only its conditions tell of branches; 0: none */
    uint64_t taken, conditions; /* of it */
    struct claims claims;
    struct tm_seen no_counts;
};

static bool detect(struct tm_str text)
{
    struct tm_str root = tm_sniff_root(text);

    if (!tm_sniff_root_is(root, "coverage"))
        return false;
    if (tm_sniff_has(text, "<project") || tm_sniff_has(text, "<file path") ||
        tm_sniff_has(text, "<assembly "))
        return false;
    return tm_sniff_has(root, "line-rate") || tm_sniff_has(root, "lines-valid") ||
           tm_sniff_has(text, "<packages") || tm_sniff_has(text, "<sources") || tm_sniff_has(text, "<class ");
}

static enum tm_code start_root(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct cobertura *c = ctx;
    const char *rate = tm_xml_attr(attrs, "line-rate");

    if (c->x.depth != 1)
        return TM_OK;
    c->claims.lines_valid = tm_xml_report_claim(attrs, "lines-valid");
    c->claims.lines_covered = tm_xml_report_claim(attrs, "lines-covered");
    c->claims.branches_valid = tm_xml_report_claim(attrs, "branches-valid");
    c->claims.branches_covered = tm_xml_report_claim(attrs, "branches-covered");
    c->claims.line_rate = rate ? tm_strndup(rate, TM_MIN(strlen(rate), (size_t)40)) : NULL;
    return TM_OK;
}

static enum tm_code start_class(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct cobertura *c = ctx;
    const char *filename = tm_xml_attr(attrs, "filename");

    if (c->class_depth)
        return tm_xml_fail(c->x.xml, err, TM_E_FORMAT, "class inside a class");
    c->class_depth = c->x.depth;
    c->file = NULL;
    c->own_lines = false;
    if (!filename || !*filename) {
        tm_drops_add(&c->x.report->drops, TM_DROP_NO_NAME, tm_str(tm_xml_attr(attrs, "name")));
        return TM_OK;
    }
    return tm_xml_report_placed(&c->x, tm_report_file(c->x.report, tm_str(filename), &c->file, err), err);
}

static enum tm_code end_class(void *ctx, struct tm_err *err)
{
    struct cobertura *c = ctx;
    enum tm_code code = TM_OK;

    if (!c->own_lines)
        tm_hits_append(&c->lines, &c->starts);
    tm_hits_clear(&c->starts);
    tm_hits_settle(&c->lines);
    if (c->file)
        code = tm_report_add_hits(c->file, &c->lines, err);
    tm_hits_clear(&c->lines);
    c->class_depth = 0;
    return tm_xml_report_placed(&c->x, code, err);
}

static enum tm_code start_method(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct cobertura *c = ctx;
    const char *name = tm_xml_attr(attrs, "name");
    const char *signature = tm_xml_attr(attrs, "signature");

    if (!c->class_depth || c->method_depth)
        return tm_xml_fail(c->x.xml, err, TM_E_FORMAT, "method outside a class");
    c->method_depth = c->x.depth;
    c->method_counted = tm_xml_attr(attrs, "hits");
    c->method_long = false;
    c->method = (struct tm_function) { .key = TM_FUNCTION_BY_PLACE };
    tm_buf_clear(&c->method_name);
    tm_buf_adds(&c->method_name, name ? name : "");
    tm_buf_adds(&c->method_name, signature ? signature : "");
    return c->method_counted ? tm_xml_report_count(&c->x, attrs, "hits", &c->method.hits, err) : TM_OK;
}

static enum tm_code end_method(void *ctx, struct tm_err *err)
{
    struct cobertura *c = ctx;
    enum tm_code code = TM_OK;

    c->method_depth = 0;
    if (c->method.line && !c->method_long && !c->method_counted)
        tm_hits_put(&c->starts, c->method.line, c->first_hits);
    c->method.name = tm_buf_str(&c->method_name);
    if (c->file && (c->method.line || c->method_counted))
        code = tm_report_add_function(c->file, c->method, err);
    return tm_xml_report_placed(&c->x, code, err);
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
    struct tm_str taken_text, all_text;
    uint64_t taken, all;

    if (!find_condition_counts(text, &taken_text, &all_text)) {
        tm_seen_add(&c->no_counts, c->no_counts.count ? 0 : tm_xml_line(c->x.xml));
        return TM_OK;
    }
    if (!tm_str_u64(taken_text, &taken) || !tm_str_u64(all_text, &all))
        return tm_xml_report_invalid(&c->x, "condition-coverage", text, err);
    return tm_xml_report_add_branches(&c->x, c->file, line, taken, all, err);
}

/*
 * Before a line that is code for sure. The only one that a method has may be where it is declared and no
 * code: Istanbul and lcov_cobertura tell the hits of a function that way, and have the lines with code in the
 * class's own list. So it waits for the end of the class.
 */
static void begin_lines(struct cobertura *c)
{
    if (!c->method_depth) {
        c->own_lines = true;
    } else if (!c->method_long) {
        c->method_long = true;
        tm_hits_put(&c->lines, c->method.line, c->first_hits);
    }
}

static enum tm_code start_line(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct cobertura *c = ctx;
    const char *condition = tm_xml_attr(attrs, "condition-coverage");
    uint32_t line;
    uint64_t hits;
    enum tm_code code;

    if (!c->class_depth)
        return tm_xml_fail(c->x.xml, err, TM_E_FORMAT, "line outside a class");
    c->line = 0;
    code = tm_xml_report_code_line(&c->x, attrs, "number", &line, err);
    if (!code)
        code = tm_xml_report_count(&c->x, attrs, "hits", &hits, err);
    if (code || !line)
        return code;
    /* The first line of a method is where it starts, and its hits how often it was entered. */
    if (c->method_depth && c->method.line == 0) {
        c->method.line = line;
        c->first_hits = hits;
        if (!c->method_counted)
            c->method.hits = hits;
    } else {
        begin_lines(c);
        tm_hits_put(&c->lines, line, hits);
    }
    c->line = condition ? 0 : line;
    c->taken = c->conditions = 0;
    return condition ? add_condition(c, line, condition, err) : TM_OK;
}

/* grcov's: a branch each, which was taken or not. Others give a share of the branches of the line. */
static enum tm_code start_condition(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct cobertura *c = ctx;
    const char *coverage = tm_xml_attr(attrs, "coverage");

    if (!coverage || (strcmp(coverage, "0") != 0 && strcmp(coverage, "1") != 0))
        return TM_OK;
    c->conditions++;
    c->taken += coverage[0] == '1';
    return TM_OK;
}

static enum tm_code end_line(void *ctx, struct tm_err *err)
{
    struct cobertura *c = ctx;
    uint32_t line = c->line;

    c->line = 0;
    return line ? tm_xml_report_add_branches(&c->x, c->file, line, c->taken, c->conditions, err) : TM_OK;
}

/* An attribute `branch` of letters, if there is one at p. */
static const char *skip_branch(const char *p, const char *end)
{
    static const struct tm_str name = TM_STR(" branch=\"");

    if (!tm_str_has_prefix(tm_str_n(p, (size_t)(end - p)), name))
        return p;
    for (p += name.len; (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');)
        p++;
    return *p == '"' ? p + 1 : end;
}

/* "<line number="12" hits="3"/>": start_line without the ways around. */
static const char *take_lines(void *ctx, const char *at, const char *end)
{
    static const char first[] = "<line number=\"", second[] = " hits=\"";
    enum { LONGEST = 64 };
    struct cobertura *c = ctx;
    const char *stop = at, *p;
    uint32_t number, hits;

    if (!c->class_depth || (c->method_depth && c->method.line == 0))
        return at;
    while (end - at > LONGEST && memcmp(at, first, sizeof(first) - 1) == 0 &&
           (p = tm_short_number(at + sizeof(first) - 1, '"', &number)) && number &&
           memcmp(p, second, sizeof(second) - 1) == 0 &&
           (p = tm_short_number(p + sizeof(second) - 1, '"', &hits))) {
        if (*p == ' ')
            p = skip_branch(p, end);
        p += *p == ' ';
        if (end - p < 2 || p[0] != '/' || p[1] != '>')
            break;
        begin_lines(c);
        tm_hits_put(&c->lines, number, hits);
        stop = p + 2;
        at = tm_xml_plain_skip_space(stop, end);
    }
    return stop;
}

static enum tm_code end_source(void *ctx, struct tm_err *err)
{
    struct cobertura *c = ctx;
    enum tm_code code = tm_report_add_root(c->x.report, tm_str_trim(tm_buf_str(&c->x.text)), err);

    return tm_xml_report_placed(&c->x, code, err);
}

static const struct tm_xml_element elements[] = {
    { "line", start_line, end_line, 0 },
    { "class", start_class, end_class, 0 },
    { "condition", start_condition, NULL, 0 },
    { "method", start_method, end_method, 0 },
    { "source", NULL, end_source, TM_XML_TEXT },
    { "coverage", start_root, NULL, 0 },
    { NULL, NULL, NULL, 0 },
};

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
        tm_report_note(c->x.report, "header of '%s' says line-rate=%s, its body has %llu of %llu lines",
                       c->x.name, c->claims.line_rate, (unsigned long long)lines.num,
                       (unsigned long long)lines.den);
}

static void make_notes(struct cobertura *c)
{
    struct tm_report *report = c->x.report;
    struct tm_totals totals;

    tm_report_settle(report);
    totals = tm_report_totals(report);
    tm_report_note_claim(report, c->x.name, "lines-valid", c->claims.lines_valid, totals.lines.den);
    tm_report_note_claim(report, c->x.name, "lines-covered", c->claims.lines_covered, totals.lines.num);
    tm_report_note_claim(report, c->x.name, "branches-valid", c->claims.branches_valid, totals.branches.den);
    tm_report_note_claim(report, c->x.name, "branches-covered", c->claims.branches_covered,
                         totals.branches.num);
    if (c->claims.lines_valid == UINT64_MAX)
        compare_rate(c, totals.lines);
    tm_report_note_seen(report, &c->no_counts, "condition-coverage without counts, left out,", c->x.name);
}

/* The summary that Cobertura writes ends with its packages. */
static enum tm_code check_summary(const struct cobertura *c, struct tm_err *err)
{
    uint64_t lines = c->claims.lines_valid;

    if (lines == 0 || lines == UINT64_MAX || tm_report_n_files(c->x.report) ||
        tm_drops_total(&c->x.report->drops))
        return TM_OK;
    return tm_err_set(err, TM_E_FORMAT,
                      "'%s' says lines-valid=%llu but has no class: a summary has no lines, take the report "
                      "with them",
                      c->x.name, (unsigned long long)lines);
}

static enum tm_code read_cobertura(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct cobertura c = {
        .x = { .elements = elements, .root = "coverage", .take = take_lines },
        .lines = { .greatest = true },
        .starts = { .greatest = true },
        .method_name = TM_BUF_INIT,
    };
    enum tm_code code;

    c.x.ctx = &c;
    code = tm_xml_report_read(&c.x, source, report, err);
    if (!code)
        code = check_summary(&c, err);
    if (!code)
        make_notes(&c);
    tm_buf_release(&c.method_name);
    tm_hits_release(&c.lines);
    tm_hits_release(&c.starts);
    free(c.claims.line_rate);
    return code;
}

const struct tm_format tm_format_cobertura = {
    .name = "cobertura",
    .summary = "Cobertura XML (coverage.py, pytest-cov, gcovr, coverlet, ...)",
    .detect = detect,
    .read = read_cobertura,
};
