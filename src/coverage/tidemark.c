/*
 * Our own JSON, which `tidemark coverage convert --to json` writes (docs/formats/coverage.md, "tidemark").
 */
#include "coverage/format.h"
#include "coverage/json_report.h"
#include "coverage/sniff.h"

enum { BRANCHES_OF_LINE_MAX = 65535 };

/* Numbers, ids and null of one row. */
struct cell {
    bool is_null;
    uint64_t number;
    uint32_t id;
};

enum { CELLS_MAX = 6 };

struct tidemark {
    struct tm_json_report r;
    struct tm_buf text;
    struct tm_report_file *file; /* of the object being read, once its path is known */
    struct cell cells[CELLS_MAX];
    size_t n_cells;
    struct tm_function function;
    struct tm_buf name;
};

static bool detect(struct tm_str text)
{
    static const char *const paths[] = { "format", NULL };

    return tm_sniff_json(text, paths) && tm_sniff_has(text, "\"tidemark-coverage/");
}

static enum tm_code placed(const struct tidemark *t, enum tm_code code, struct tm_err *err)
{
    return tm_json_report_placed(&t->r, code, err);
}

static enum tm_code read_cell(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;
    struct cell *cell = &t->cells[t->n_cells];

    if (t->n_cells++ == CELLS_MAX)
        return tm_json_report_wrong(&t->r, "the end of a row", err);
    *cell = (struct cell) { .is_null = t->r.json.token == TM_JSON_NULL };
    if (cell->is_null)
        return TM_OK;
    if (t->r.json.token == TM_JSON_STRING) {
        tm_json_string(&t->r.json, &t->text);
        cell->id = tm_report_id(t->r.report, tm_buf_str(&t->text));
        cell->number = UINT64_MAX;
        return TM_OK;
    }
    if (!tm_json_u64(&t->r.json, &cell->number))
        return tm_json_report_wrong(&t->r, "a number", err);
    cell->id = tm_report_id(t->r.report, tm_json_raw(&t->r.json));
    return TM_OK;
}

/* Reads a row whose '[' was the last token. */
static enum tm_code read_row(struct tidemark *t, struct tm_err *err)
{
    enum tm_code code = tm_json_report_is(&t->r, TM_JSON_ARRAY_BEGIN, "a row", err);

    t->n_cells = 0;
    return code ? code : tm_json_report_elements(&t->r, read_cell, t, err);
}

static uint32_t fit(uint64_t number)
{
    return (uint32_t)TM_MIN(number, (uint64_t)UINT32_MAX);
}

static enum tm_code wrong_row(const struct tidemark *t, struct tm_err *err)
{
    return tm_json_report_fail(&t->r, "row of another shape", err);
}

static bool has_numbers(const struct tidemark *t, size_t n)
{
    if (t->n_cells != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (t->cells[i].is_null)
            return false;
    return true;
}

static enum tm_code read_line(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;
    enum tm_code code = read_row(t, err);

    if (code)
        return code;
    if (!has_numbers(t, 2))
        return wrong_row(t, err);
    return placed(t, tm_report_add_line(t->file, t->cells[0].number, t->cells[1].number, err), err);
}

static enum tm_code read_branch(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;
    struct tm_branch branch = { .flags = 0 };
    enum tm_code code = read_row(t, err);

    if (code)
        return code;
    branch.line = fit(t->cells[0].number);
    if (has_numbers(t, 3)) {
        if (t->cells[2].number > BRANCHES_OF_LINE_MAX || t->cells[1].number > t->cells[2].number)
            return wrong_row(t, err);
        branch.flags = TM_BRANCH_COUNT;
        branch.taken = t->cells[1].number;
        branch.branch = (uint32_t)t->cells[2].number;
    } else if (t->n_cells == 4 && !t->cells[0].is_null && !t->cells[1].is_null && !t->cells[2].is_null) {
        branch.block = t->cells[1].id;
        branch.branch = t->cells[2].id;
        branch.flags = t->cells[3].is_null ? TM_BRANCH_UNEVALUATED : 0;
        branch.taken = t->cells[3].number;
    } else {
        return wrong_row(t, err);
    }
    return placed(t, tm_report_add_branch(t->file, branch, err), err);
}

static enum tm_code read_statement(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;
    struct tm_statement statement;
    enum tm_code code = read_row(t, err);

    if (code)
        return code;
    if (!has_numbers(t, 6) || t->cells[4].number == 0)
        return wrong_row(t, err);
    statement = (struct tm_statement) {
        .at = { fit(t->cells[0].number), fit(t->cells[1].number), fit(t->cells[2].number),
                fit(t->cells[3].number) },
        .n = fit(t->cells[4].number),
        .hits = t->cells[5].number,
    };
    return placed(t, tm_report_add_statement(t->file, statement, err), err);
}

static enum tm_code read_function_name(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;

    return tm_json_report_take_text(&t->r, "a name", &t->name, err);
}

static enum tm_code read_function_line(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;

    return tm_json_report_take_u32(&t->r, "a line number", &t->function.line, err);
}

static enum tm_code read_function_place(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;

    return tm_json_report_take_u32(&t->r, "a place", &t->function.place, err);
}

static enum tm_code read_function_hits(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;

    return tm_json_report_take_count(&t->r, &t->function.hits, err);
}

static enum tm_code read_function_key(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;
    enum tm_code code = tm_json_report_take_text(&t->r, "a kind of key", &t->text, err);

    if (code)
        return code;
    if (strcmp(t->text.data, "name") == 0)
        t->function.key = TM_FUNCTION_BY_NAME;
    else if (strcmp(t->text.data, "line") == 0)
        t->function.key = TM_FUNCTION_BY_LINE;
    else if (strcmp(t->text.data, "place") == 0)
        t->function.key = TM_FUNCTION_BY_PLACE;
    else
        return tm_json_report_wrong(&t->r, "\"name\", \"line\" or \"place\"", err);
    return TM_OK;
}

static enum tm_code read_function(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = {
        { "name", read_function_name }, { "line", read_function_line }, { "place", read_function_place },
        { "hits", read_function_hits }, { "by", read_function_key },    { NULL, NULL },
    };
    struct tidemark *t = ctx;
    enum tm_code code = tm_json_report_is(&t->r, TM_JSON_OBJECT_BEGIN, "a function", err);

    t->function = (struct tm_function) { .key = TM_FUNCTION_BY_NAME };
    tm_buf_clear(&t->name);
    if (!code)
        code = tm_json_report_members(&t->r, members, t, NULL, err);
    if (code)
        return code;
    t->function.name = tm_buf_str(&t->name);
    return placed(t, tm_report_add_function(t->file, t->function, err), err);
}

static enum tm_code read_path(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;
    enum tm_code code = tm_json_report_take_text(&t->r, "a path", &t->text, err);

    return code ? code : placed(t, tm_report_file(t->r.report, tm_buf_str(&t->text), &t->file, err), err);
}

/* The records of a file, which can only be kept behind its path. */
static enum tm_code read_records(struct tidemark *t, enum tm_code (*read)(void *ctx, struct tm_err *err),
                                 struct tm_err *err)
{
    if (!t->file)
        return tm_json_report_fail(&t->r, "records before the path of their file", err);
    return tm_json_report_array(&t->r, read, t, err);
}

static enum tm_code read_lines(void *ctx, struct tm_err *err)
{
    return read_records(ctx, read_line, err);
}

static enum tm_code read_branches(void *ctx, struct tm_err *err)
{
    return read_records(ctx, read_branch, err);
}

static enum tm_code read_functions(void *ctx, struct tm_err *err)
{
    return read_records(ctx, read_function, err);
}

static enum tm_code read_statements(void *ctx, struct tm_err *err)
{
    return read_records(ctx, read_statement, err);
}

static enum tm_code read_file(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = {
        { "path", read_path },           { "lines", read_lines },           { "branches", read_branches },
        { "functions", read_functions }, { "statements", read_statements }, { NULL, NULL },
    };
    struct tidemark *t = ctx;
    unsigned seen;
    enum tm_code code = tm_json_report_is(&t->r, TM_JSON_OBJECT_BEGIN, "a file", err);

    t->file = NULL;
    if (!code)
        code = tm_json_report_members(&t->r, members, t, &seen, err);
    if (!code && !(seen & 1))
        return tm_json_report_fail(&t->r, "file without a path", err);
    return code;
}

static enum tm_code read_files(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;

    return tm_json_report_array(&t->r, read_file, t, err);
}

static enum tm_code read_root(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;
    enum tm_code code = tm_json_report_is(&t->r, TM_JSON_STRING, "a folder", err);

    if (code)
        return code;
    tm_json_string(&t->r.json, &t->text);
    return placed(t, tm_report_add_root(t->r.report, tm_buf_str(&t->text), err), err);
}

static enum tm_code read_roots(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;

    return tm_json_report_array(&t->r, read_root, t, err);
}

static enum tm_code read_format(void *ctx, struct tm_err *err)
{
    struct tidemark *t = ctx;
    enum tm_code code = tm_json_report_take_text(&t->r, "a format", &t->text, err);

    if (!code && strcmp(t->text.data, "tidemark-coverage/1") != 0)
        return tm_json_report_wrong(&t->r, "\"tidemark-coverage/1\"", err);
    return code;
}

static enum tm_code read_tidemark(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    static const struct tm_json_member members[] = {
        { "format", read_format },
        { "roots", read_roots },
        { "files", read_files },
        { NULL, NULL },
    };
    struct tidemark t = { .text = TM_BUF_INIT, .name = TM_BUF_INIT };
    unsigned seen;
    enum tm_code code = tm_json_report_read(&t.r, source, report, members, &t, &seen, err);

    if (!code && (seen & 5) != 5)
        code = tm_err_set(err, TM_E_FORMAT, "'%s' has no 'format' or no 'files'", source->name);
    tm_buf_release(&t.text);
    tm_buf_release(&t.name);
    return code;
}

const struct tm_format tm_format_tidemark = {
    .name = "tidemark",
    .summary = "tidemark's own JSON (tidemark coverage convert --to json)",
    .detect = detect,
    .read = read_tidemark,
};
