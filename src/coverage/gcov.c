/*
 * The JSON of `gcov --json-format`, formats 1 and 2 (docs/formats/coverage.md, "gcov").
 *
 * Members come in any order, the name of a file often last: what a file and a line say is collected first.
 */
#include "base/alloc.h"
#include "coverage/format.h"
#include "coverage/json_report.h"
#include "coverage/sniff.h"

struct function {
    size_t name; /* in gcov->names, NUL-terminated */
    uint64_t hits;
    uint32_t line, column;
};

struct gcov {
    struct tm_json_report r;
    struct tm_buf text; /* the last text read */
    /* The file. */
    struct tm_buf path, names;
    struct tm_hits lines;
    struct tm_branch *branches;
    size_t n_branches, cap_branches;
    struct function *functions;
    size_t n_functions, cap_functions;
    /* The line, function or branch being read. */
    uint64_t count;
    uint32_t line, column;
    size_t first_branch; /* of the line */
};

static bool detect(struct tm_str text)
{
    static const char *const paths[] = { "gcc_version", "files/[]/lines/[]/unexecuted_block", NULL };

    return tm_sniff_json(text, paths);
}

static enum tm_code read_count(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;

    return tm_json_report_take_count(&g->r, &g->count, err);
}

static enum tm_code read_line_number(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;

    return tm_json_report_take_line(&g->r, &g->line, err);
}

static enum tm_code read_column(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;

    return tm_json_report_take_u32(&g->r, "a column", &g->column, err);
}

static enum tm_code read_text(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;

    return tm_json_report_take_text(&g->r, "a name", &g->text, err);
}

/* ---- Lines ---- */

static enum tm_code read_branch(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "count", read_count }, { NULL, NULL } };
    struct gcov *g = ctx;
    uint64_t of_line = g->count;
    enum tm_code code = tm_json_report_is(&g->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    unsigned seen;

    if (!code)
        code = tm_json_report_members(&g->r, members, g, &seen, err);
    if (!code && !seen)
        code = tm_json_report_fail(&g->r, "branch without a 'count'", err);
    if (!code && g->n_branches - g->first_branch == UINT16_MAX)
        code = tm_json_report_fail(&g->r, "line with more than 65535 branches", err);
    if (code)
        return code;
    TM_GROW(g->branches, g->n_branches, g->cap_branches);
    g->branches[g->n_branches] = (struct tm_branch) {
        .taken = g->count,
        .branch = (uint32_t)(g->n_branches - g->first_branch),
    };
    g->n_branches++;
    g->count = of_line;
    return TM_OK;
}

static enum tm_code read_branches(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;

    return tm_json_report_array(&g->r, read_branch, g, err);
}

/* A line that several functions share (instances of a template, lambdas) comes once for each; they add up. */
static enum tm_code read_line(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "line_number", read_line_number },
                                                     { "count", read_count },
                                                     { "branches", read_branches },
                                                     { NULL, NULL } };
    struct gcov *g = ctx;
    enum tm_code code = tm_json_report_is(&g->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    unsigned seen;

    g->first_branch = g->n_branches;
    if (!code)
        code = tm_json_report_members(&g->r, members, g, &seen, err);
    if (!code && (seen & 3) != 3)
        code = tm_json_report_fail(&g->r, "line without 'line_number' or 'count'", err);
    if (code)
        return code;
    tm_hits_put(&g->lines, g->line, g->count);
    for (size_t i = g->first_branch; i < g->n_branches; i++) {
        g->branches[i].line = g->line;
        g->branches[i].flags = g->count || g->branches[i].taken ? 0 : TM_BRANCH_UNEVALUATED;
    }
    return TM_OK;
}

static enum tm_code read_lines(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;

    return tm_json_report_array(&g->r, read_line, g, err);
}

/* ---- Functions ---- */

static enum tm_code read_function(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "name", read_text },
                                                     { "execution_count", read_count },
                                                     { "start_line", read_line_number },
                                                     { "start_column", read_column },
                                                     { NULL, NULL } };
    struct gcov *g = ctx;
    enum tm_code code = tm_json_report_is(&g->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    unsigned seen;

    g->column = 0;
    if (!code)
        code = tm_json_report_members(&g->r, members, g, &seen, err);
    if (!code && (seen & 7) != 7)
        code = tm_json_report_fail(&g->r, "function without 'name', 'execution_count' or 'start_line'", err);
    if (code)
        return code;
    TM_GROW(g->functions, g->n_functions, g->cap_functions);
    g->functions[g->n_functions++] = (struct function) { g->names.len, g->count, g->line, g->column };
    tm_buf_add(&g->names, g->text.data, g->text.len + 1);
    return TM_OK;
}

static enum tm_code read_functions(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;

    return tm_json_report_array(&g->r, read_function, g, err);
}

/* ---- Files ---- */

static enum tm_code read_path(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;

    return tm_json_report_take_text(&g->r, "a path", &g->path, err);
}

static enum tm_code end_file(struct gcov *g, struct tm_err *err)
{
    struct tm_report_file *file;
    enum tm_code code = tm_report_file(g->r.report, tm_buf_str(&g->path), &file, err);

    if (!code)
        code = tm_report_add_hits(file, &g->lines, err);
    for (size_t i = 0; i < g->n_branches && !code; i++)
        code = tm_report_add_branch(file, g->branches[i], err);
    for (size_t i = 0; i < g->n_functions && !code; i++) {
        const struct function *f = &g->functions[i];
        struct tm_function function = { .key = TM_FUNCTION_BY_PLACE, .line = f->line, .hits = f->hits };

        function.name = tm_str(g->names.data + f->name);
        function.place = f->column;
        code = tm_report_add_function(file, function, err);
    }
    return tm_json_report_placed(&g->r, code, err);
}

static enum tm_code read_file(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = {
        { "file", read_path }, { "lines", read_lines }, { "functions", read_functions }, { NULL, NULL }
    };
    struct gcov *g = ctx;
    enum tm_code code = tm_json_report_is(&g->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    unsigned seen;

    tm_hits_clear(&g->lines);
    tm_buf_clear(&g->names);
    g->n_branches = g->n_functions = 0;
    if (!code)
        code = tm_json_report_members(&g->r, members, g, &seen, err);
    if (!code && (seen & 3) != 3)
        code = tm_json_report_fail(&g->r, "file without 'file' or 'lines'", err);
    return code ? code : end_file(g, err);
}

static enum tm_code read_files(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;

    return tm_json_report_array(&g->r, read_file, g, err);
}

/* ---- The document ---- */

static enum tm_code read_version(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;
    enum tm_code code = read_text(g, err);

    if (!code && strcmp(g->text.data, "1") != 0 && strcmp(g->text.data, "2") != 0)
        code = tm_json_report_fail(&g->r, "unknown format_version, 1 and 2 are read", err);
    return code;
}

static enum tm_code read_folder(void *ctx, struct tm_err *err)
{
    struct gcov *g = ctx;
    enum tm_code code = read_text(g, err);

    if (!code)
        code = tm_json_report_placed(&g->r, tm_report_add_root(g->r.report, tm_buf_str(&g->text), err), err);
    return code;
}

/* A document whose '{' was the last token. */
static enum tm_code read_document(struct gcov *g, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "files", read_files },
                                                     { "format_version", read_version },
                                                     { "current_working_directory", read_folder },
                                                     { NULL, NULL } };
    unsigned seen;
    enum tm_code code = tm_json_report_is(&g->r, TM_JSON_OBJECT_BEGIN, "an object", err);

    if (!code)
        code = tm_json_report_members(&g->r, members, g, &seen, err);
    if (!code && !(seen & 1))
        return tm_err_set(err, TM_E_FORMAT, "'%s' has no 'files'", g->r.source->name);
    return code;
}

/* One document, or with -t one for each data file that gcov was given. */
static enum tm_code read_gcov(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct gcov g = { .text = TM_BUF_INIT, .path = TM_BUF_INIT, .names = TM_BUF_INIT };
    enum tm_json_token token = TM_JSON_NULL;
    enum tm_code code;

    tm_json_report_begin(&g.r, source, report);
    g.r.json.many = true;
    code = tm_json_next(&g.r.json, &token, err);
    do {
        if (!code)
            code = read_document(&g, err);
        if (!code)
            code = tm_json_next(&g.r.json, &token, err);
    } while (!code && token != TM_JSON_END);
    if (!code)
        code = tm_json_report_end(&g.r, err);
    tm_buf_release(&g.text);
    tm_buf_release(&g.path);
    tm_buf_release(&g.names);
    tm_hits_release(&g.lines);
    free(g.branches);
    free(g.functions);
    return code;
}

const struct tm_format tm_format_gcov = {
    .name = "gcov",
    .summary = "JSON of gcov --json-format (GCC 9 and later)",
    .detect = detect,
    .read = read_gcov,
};
