/*
 * Clover XML (docs/formats/coverage.md, "Clover"): Clover's own, PHPUnit's, Istanbul's and Devel::Cover's.
 */
#include "coverage/count.h"
#include "coverage/format.h"
#include "coverage/sniff.h"
#include "coverage/xml_report.h"

/* What the metrics of a project claim, UINT64_MAX: nothing; and what its lines say. */
struct sums {
    uint64_t statements, covered_statements, conditionals, covered_conditionals;
};

struct ways {
    uint64_t taken, all;
    uint32_t line;
};

struct clover {
    struct tm_xml_report x;
    bool tests;                  /* in a testproject */
    struct tm_buf test_path;     /* of the open file of one, which is no file before it has a line; or "" */
    unsigned file_depth;         /* of the open file, 0: none */
    struct tm_report_file *file; /* NULL: it has no name and is dropped */
    struct tm_hits lines;        /* of the open file */
    uint32_t condition_line;     /* of the last condition with ids, and how many its line had before it */
    uint32_t condition;
    bool is_devel_cover;
    struct ways ways; /* of the conditions of the line that is read, Devel::Cover's */
    /* The method that no line of code has followed yet, line 0: none; and whether it is surely PHPUnit's. */
    struct tm_line method;
    bool is_phpunit;
    /* Of the open file: such methods that may be PHPUnit's, and its statements, by its metrics and so far. */
    struct tm_hits bare;
    uint64_t n_bare, bare_covered, file_claim, file_start;
    struct sums claims, counted; /* of the open project */
};

static bool detect(struct tm_str text)
{
    return tm_sniff_root_is(tm_sniff_root(text), "coverage") && tm_sniff_has(text, "<project");
}

static enum tm_code start_coverage(void *ctx, const char *const *attrs, struct tm_err *err)
{
    const char *version = tm_xml_attr(attrs, "clover");

    /* The version of that writer; Clover's own have three parts. */
    ((struct clover *)ctx)->is_devel_cover = version && strcmp(version, "1.01") == 0;
    return TM_OK;
}

static enum tm_code start_project(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct clover *c = ctx;
    const char *name = tm_xml_attr(attrs, "name");

    /* What it calls a project without a name. */
    if (name && strcmp(name, "Devel::Cover::Report::Clover") == 0)
        c->is_devel_cover = true;
    c->claims = (struct sums) { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
    c->counted = (struct sums) { 0, 0, 0, 0 };
    return TM_OK;
}

static enum tm_code start_testproject(void *ctx, const char *const *attrs, struct tm_err *err)
{
    ((struct clover *)ctx)->tests = true;
    return start_project(ctx, attrs, err);
}

static enum tm_code end_project(void *ctx, struct tm_err *err)
{
    struct clover *c = ctx;
    struct tm_report *report = c->x.report;

    c->tests = false;
    tm_report_note_claim(report, c->x.name, "statements", c->claims.statements, c->counted.statements);
    tm_report_note_claim(report, c->x.name, "coveredstatements", c->claims.covered_statements,
                         c->counted.covered_statements);
    tm_report_note_claim(report, c->x.name, "conditionals", c->claims.conditionals, c->counted.conditionals);
    tm_report_note_claim(report, c->x.name, "coveredconditionals", c->claims.covered_conditionals,
                         c->counted.covered_conditionals);
    return TM_OK;
}

/* Packages, files and classes have metrics too; those of a project stand right below it. */
static enum tm_code start_metrics(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct clover *c = ctx;

    if (c->file_depth && c->x.depth == c->file_depth + 1)
        c->file_claim = tm_xml_report_claim(attrs, "statements");
    if (c->x.depth != 3)
        return TM_OK;
    c->claims.statements = tm_xml_report_claim(attrs, "statements");
    c->claims.covered_statements = tm_xml_report_claim(attrs, "coveredstatements");
    /* Devel::Cover's conditionals count operands as well, which it does not write. */
    if (c->is_devel_cover)
        return TM_OK;
    c->claims.conditionals = tm_xml_report_claim(attrs, "conditionals");
    c->claims.covered_conditionals = tm_xml_report_claim(attrs, "coveredconditionals");
    return TM_OK;
}

static void count_statement(struct clover *c, uint32_t line, uint64_t hits)
{
    tm_hits_put(&c->lines, line, hits);
    c->counted.statements++;
    c->counted.covered_statements += hits > 0;
}

/*
 * PHPUnit writes one element for a line, and for the line where a method starts it is the method's, also when
 * code stands there. But it only writes methods that have code: when none comes before the next method, it is
 * on that line.
 */
static void end_method(struct clover *c)
{
    if (c->method.line && c->is_phpunit) {
        count_statement(c, c->method.line, c->method.hits);
    } else if (c->method.line) {
        tm_hits_put(&c->bare, c->method.line, c->method.hits);
        c->n_bare++;
        c->bare_covered += c->method.hits > 0;
    }
    c->method.line = 0;
}

/*
 * What PHPUnit writes as OpenClover has nothing that is its own. But then the file's metrics have as many
 * statements more than there are as there are methods without any.
 */
static void add_bare(struct clover *c)
{
    if (c->n_bare && c->file_claim == c->counted.statements - c->file_start + c->n_bare) {
        tm_hits_append(&c->lines, &c->bare);
        c->counted.statements += c->n_bare;
        c->counted.covered_statements += c->bare_covered;
    }
    tm_hits_clear(&c->bare);
    c->n_bare = c->bare_covered = 0;
}

static enum tm_code start_file(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct clover *c = ctx;
    const char *path = tm_xml_attr(attrs, "path");

    if (c->file_depth)
        return tm_xml_fail(c->x.xml, err, TM_E_FORMAT, "file inside a file");
    c->file_depth = c->x.depth;
    c->file = NULL;
    c->condition_line = 0;
    c->file_claim = UINT64_MAX;
    c->file_start = c->counted.statements;
    if (!path || !*path)
        path = tm_xml_attr(attrs, "name");
    if (!path || !*path) {
        tm_drops_add(&c->x.report->drops, TM_DROP_NO_NAME, TM_STR("file"));
        return TM_OK;
    }
    if (!c->tests)
        return tm_xml_report_placed(&c->x, tm_report_file(c->x.report, tm_str(path), &c->file, err), err);
    tm_buf_adds(&c->test_path, path);
    return TM_OK;
}

/* gcovr writes a testproject with one file "dummy", in which nothing is. */
static enum tm_code make_test_file(struct clover *c, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    if (c->test_path.len)
        code = tm_report_file(c->x.report, tm_buf_str(&c->test_path), &c->file, err);
    tm_buf_clear(&c->test_path);
    return tm_xml_report_placed(&c->x, code, err);
}

/* Adds the ways of a line of which all conditions were read. */
static enum tm_code end_ways(struct clover *c, struct tm_err *err)
{
    struct ways ways = c->ways;

    c->ways = (struct ways) { 0 };
    return tm_xml_report_add_branches(&c->x, c->file, ways.line, ways.taken, ways.all, err);
}

static enum tm_code end_file(void *ctx, struct tm_err *err)
{
    struct clover *c = ctx;
    enum tm_code code = end_ways(c, err);

    end_method(c);
    add_bare(c);
    tm_hits_settle(&c->lines);
    if (code)
        return code;
    if (c->file)
        code = tm_report_add_hits(c->file, &c->lines, err);
    tm_hits_clear(&c->lines);
    tm_buf_clear(&c->test_path);
    c->file_depth = 0;
    return tm_xml_report_placed(&c->x, code, err);
}

static enum tm_code add_statement(struct clover *c, const char *const *attrs, uint32_t line,
                                  struct tm_err *err)
{
    uint64_t hits;
    enum tm_code code = tm_xml_report_count(&c->x, attrs, "count", &hits, err);

    if (code)
        return code;
    c->method.line = 0;
    count_statement(c, line, hits);
    return TM_OK;
}

static enum tm_code add_method(struct clover *c, const char *const *attrs, uint32_t line, struct tm_err *err)
{
    const char *name = tm_xml_attr(attrs, "name");
    struct tm_function function = { .line = line, .key = TM_FUNCTION_BY_PLACE };
    enum tm_code code = tm_xml_report_count(&c->x, attrs, "count", &function.hits, err);

    if (code)
        return code;
    end_method(c);
    c->method = (struct tm_line) { line, function.hits };
    c->is_phpunit = tm_xml_attr(attrs, "crap");
    if (!name)
        name = tm_xml_attr(attrs, "signature");
    function.name = tm_str(name ? name : "");
    code = c->file ? tm_report_add_function(c->file, function, err) : TM_OK;
    return tm_xml_report_placed(&c->x, code, err);
}

/* Clover's own: how often the condition was true and false. */
static enum tm_code add_condition(struct clover *c, const char *const *attrs, uint32_t line,
                                  struct tm_err *err)
{
    static const char *const names[] = { "truecount", "falsecount" };
    uint64_t hits = 0;
    enum tm_code code = TM_OK;

    c->method.line = 0;
    c->condition = c->condition_line == line ? c->condition + 1 : 0;
    c->condition_line = line;
    for (uint32_t i = 0; !code && i < TM_LEN(names); i++) {
        struct tm_branch branch = { .line = line, .block = c->condition, .branch = i };

        code = tm_xml_report_count(&c->x, attrs, names[i], &branch.taken, err);
        if (code)
            return code;
        hits = tm_count_add(hits, branch.taken);
        c->counted.conditionals++;
        c->counted.covered_conditionals += branch.taken > 0;
        code = c->file ? tm_report_add_branch(c->file, branch, err) : TM_OK;
    }
    tm_hits_put(&c->lines, line, hits);
    return tm_xml_report_placed(&c->x, code, err);
}

/* Devel::Cover's: how many of the two ways of a condition were taken; falsecount is no count. */
static enum tm_code add_ways(struct clover *c, const char *const *attrs, uint32_t line, struct tm_err *err)
{
    uint64_t taken;
    enum tm_code code = tm_xml_report_u64(&c->x, attrs, "truecount", &taken, err);

    if (code)
        return code;
    if (taken > 2)
        return tm_xml_report_invalid(&c->x, "truecount", tm_xml_attr(attrs, "truecount"), err);
    c->method.line = 0;
    c->ways.line = line;
    c->ways.taken += taken;
    c->ways.all += 2;
    tm_hits_put(&c->lines, line, taken > 0);
    return TM_OK;
}

/* Istanbul's: a line of code, and how many of its branches were taken and missed. */
static enum tm_code add_branches(struct clover *c, const char *const *attrs, uint32_t line,
                                 struct tm_err *err)
{
    uint64_t taken, missed = 0, all;
    enum tm_code code = add_statement(c, attrs, line, err);

    if (!code)
        code = tm_xml_report_u64_or(&c->x, attrs, "truecount", 0, &taken, err);
    if (!code)
        code = tm_xml_report_u64_or(&c->x, attrs, "falsecount", 0, &missed, err);
    if (code)
        return code;
    all = tm_count_add(taken, missed);
    c->counted.conditionals = tm_count_add(c->counted.conditionals, all);
    c->counted.covered_conditionals = tm_count_add(c->counted.covered_conditionals, taken);
    return tm_xml_report_add_branches(&c->x, c->file, line, taken, all, err);
}

static enum tm_code start_line(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct clover *c = ctx;
    const char *type = tm_xml_attr(attrs, "type");
    uint32_t line;
    enum tm_code code;

    if (!c->file_depth)
        return tm_xml_fail(c->x.xml, err, TM_E_FORMAT, "line outside a file");
    code = tm_xml_report_code_line(&c->x, attrs, "num", &line, err);
    if (!code && line)
        code = make_test_file(c, err);
    if (!code && line != c->ways.line)
        code = end_ways(c, err);
    if (code || !line)
        return code;
    if (type && strcmp(type, "stmt") == 0)
        return add_statement(c, attrs, line, err);
    if (type && strcmp(type, "method") == 0)
        return add_method(c, attrs, line, err);
    if (type && strcmp(type, "cond") == 0)
        return tm_xml_attr(attrs, "count") ? add_branches(c, attrs, line, err)
               : c->is_devel_cover         ? add_ways(c, attrs, line, err)
                                           : add_condition(c, attrs, line, err);
    return tm_xml_report_invalid(&c->x, "line type", type, err);
}

static const struct tm_xml_element elements[] = {
    { "coverage", start_coverage, NULL, 0 },
    { "line", start_line, NULL, 0 },
    { "file", start_file, end_file, 0 },
    { "metrics", start_metrics, NULL, 0 },
    { "project", start_project, end_project, 0 },
    { "testproject", start_testproject, end_project, 0 },
    { NULL, NULL, NULL, 0 },
};

static enum tm_code read_clover(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct clover c = {
        .x = { .elements = elements, .root = "coverage" },
        .test_path = TM_BUF_INIT,
        .lines = { .greatest = true },
        .bare = { .greatest = true },
    };
    enum tm_code code;

    c.x.ctx = &c;
    code = tm_xml_report_read(&c.x, source, report, err);
    tm_buf_release(&c.test_path);
    tm_hits_release(&c.lines);
    tm_hits_release(&c.bare);
    return code;
}

const struct tm_format tm_format_clover = {
    .name = "clover",
    .summary = "Clover XML (OpenClover, PHPUnit, Istanbul, c8, gcovr, ...)",
    .detect = detect,
    .read = read_clover,
};
