/*
 * Istanbul's coverage-final.json (docs/formats/coverage.md, "Istanbul").
 *
 * A file says what there is (statementMap, fnMap, branchMap) and how often it ran (s, f, b), brought together
 * by ids. These come in any order, so they are collected and joined at the file's end.
 */
#include "coverage/istanbul.h"

#include "coverage/format.h"
#include "coverage/json_parts.h"
#include "coverage/sniff.h"

struct istanbul {
    struct tm_json_report r;
    struct tm_seen no_line; /* statements and branches that stand in no line */
    /* The file being read. */
    struct tm_buf path;
    struct tm_istanbul_file file;
    unsigned data_seen; /* members below "data", where they are wrapped */
    bool in_data;
    /* The parts being read. */
    struct tm_istanbul_table *table;
    struct tm_istanbul_entry entry;
    struct tm_istanbul_count count;
    struct tm_extent location;
    uint32_t *line, *column; /* of the position */
    bool skip;               /* of the location */
    uint32_t bare_line;      /* of a function or branch: its "line" */
    uint32_t first_line;     /* of a branch: where its first path starts */
    uint32_t n_paths;
    struct tm_buf text;
};

static bool detect(struct tm_str text)
{
    static const char *const paths[] = { "*/statementMap", "*/branchMap", "*/fnMap", "*/data/statementMap",
                                         NULL };

    return tm_sniff_json(text, paths);
}

/* ---- Positions ---- */

/* null and 0 stand for "in no line": source maps lead to such. */
static enum tm_code read_line(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_json_token token;
    enum tm_code code = tm_json_next(&is->r.json, &token, err);
    uint64_t zero;

    *is->line = 0;
    if (code || token == TM_JSON_NULL || (tm_json_u64(&is->r.json, &zero) && zero == 0))
        return code;
    return tm_json_report_line(&is->r, is->line, err);
}

/* Columns only tell places of one line apart: -1, null and more are written for the start or end of a line.
 */
static enum tm_code read_column(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_json_token token;
    enum tm_code code = tm_json_next(&is->r.json, &token, err);
    uint64_t column;

    *is->column = 0;
    if (code || token == TM_JSON_NULL)
        return code;
    if (token != TM_JSON_NUMBER)
        return tm_json_report_wrong(&is->r, "a column", err);
    if (tm_json_u64(&is->r.json, &column) && column < UINT32_MAX)
        *is->column = (uint32_t)column + 1;
    return TM_OK;
}

static enum tm_code read_position(struct istanbul *is, uint32_t *line, uint32_t *column, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "line", read_line },
                                                     { "column", read_column },
                                                     { NULL, NULL } };
    enum tm_json_token token;
    enum tm_code code = tm_json_next(&is->r.json, &token, err);

    if (code || token == TM_JSON_NULL)
        return code;
    code = tm_json_report_is(&is->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    is->line = line;
    is->column = column;
    return code ? code : tm_json_report_members(&is->r, members, is, NULL, err);
}

static enum tm_code read_start(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;

    return read_position(is, &is->location.line, &is->location.column, err);
}

static enum tm_code read_end(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;

    return read_position(is, &is->location.end_line, &is->location.end_column, err);
}

static enum tm_code read_skip(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_json_token token;
    enum tm_code code = tm_json_next(&is->r.json, &token, err);

    if (!code && token != TM_JSON_TRUE && token != TM_JSON_FALSE)
        return tm_json_report_wrong(&is->r, "true or false", err);
    is->skip = token == TM_JSON_TRUE;
    return code;
}

/* A location whose '{' was the last token, into is->location; null is an empty one. */
static enum tm_code read_location(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = {
        { "start", read_start }, { "end", read_end }, { "skip", read_skip }, { NULL, NULL }
    };
    struct istanbul *is = ctx;
    enum tm_code code;

    is->location = (struct tm_extent) { .line = 0 };
    is->skip = false;
    if (is->r.json.token == TM_JSON_NULL)
        return TM_OK;
    code = tm_json_report_is(&is->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    return code ? code : tm_json_report_members(&is->r, members, is, NULL, err);
}

static enum tm_code take_location(struct istanbul *is, struct tm_err *err)
{
    enum tm_json_token token;
    enum tm_code code = tm_json_next(&is->r.json, &token, err);

    return code ? code : read_location(is, err);
}

/* ---- Maps ---- */

static uint32_t take_id(struct istanbul *is)
{
    tm_json_string(&is->r.json, &is->text);
    return tm_report_id(is->r.report, tm_buf_str(&is->text));
}

static enum tm_code add_entry(struct istanbul *is, struct tm_err *err)
{
    return tm_json_report_placed(&is->r, tm_istanbul_add_entry(is->table, is->entry, err), err);
}

static enum tm_code read_statement(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_code code;

    is->entry = (struct tm_istanbul_entry) { .id = take_id(is) };
    code = take_location(is, err);
    is->entry.at = is->location;
    is->entry.skip = is->skip;
    return code ? code : add_entry(is, err);
}

/* Where a function is declared, or a branch stands. */
static enum tm_code read_decl(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_code code = take_location(is, err);

    if (is->location.line)
        is->entry.at = is->location;
    return code;
}

/* The body of a function, in the place of a declaration. */
static enum tm_code read_body(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_code code = take_location(is, err);

    if (!is->entry.at.line)
        is->entry.at = is->location;
    return code;
}

static enum tm_code read_bare_line(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;

    is->line = &is->bare_line;
    return read_line(is, err);
}

static enum tm_code read_name(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_code code = tm_json_report_take_text(&is->r, "a name", &is->text, err);

    is->entry.name_at = is->file.names.len;
    is->entry.name_len = is->text.len;
    if (!code)
        tm_buf_add_str(&is->file.names, tm_buf_str(&is->text));
    return code;
}

static enum tm_code read_entry_skip(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_code code = read_skip(is, err);

    is->entry.skip = is->skip;
    return code;
}

/* A function or branch: an entry with members, in no place when none of them gives one. */
static enum tm_code read_entry(struct istanbul *is, const struct tm_json_member *members, struct tm_err *err)
{
    enum tm_code code;

    is->entry = (struct tm_istanbul_entry) { .id = take_id(is) };
    is->bare_line = is->first_line = is->n_paths = 0;
    code = tm_json_report_expect(&is->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    if (!code)
        code = tm_json_report_members(&is->r, members, is, NULL, err);
    if (!is->entry.at.line)
        is->entry.at.line = is->bare_line ? is->bare_line : is->first_line;
    return code ? code : add_entry(is, err);
}

static enum tm_code read_function(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "name", read_name },       { "decl", read_decl },
                                                     { "loc", read_body },        { "line", read_bare_line },
                                                     { "skip", read_entry_skip }, { NULL, NULL } };

    return read_entry(ctx, members, err);
}

/* One path of a branch. The location of an "else" that is not written is empty. */
static enum tm_code read_branch_path(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_code code = read_location(is, err);

    if (!is->first_line)
        is->first_line = is->location.line;
    if (is->skip && is->n_paths < 64)
        is->entry.skip |= UINT64_C(1) << is->n_paths;
    is->n_paths++;
    return code;
}

static enum tm_code read_branch_paths(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;

    return tm_json_report_array(&is->r, read_branch_path, is, err);
}

static enum tm_code read_branch(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = {
        { "loc", read_decl }, { "line", read_bare_line }, { "locations", read_branch_paths }, { NULL, NULL }
    };

    return read_entry(ctx, members, err);
}

static enum tm_code read_map(struct istanbul *is, enum tm_istanbul_kind kind, struct tm_err *err)
{
    static enum tm_code (*const readers[TM_ISTANBUL_KINDS])(void *, struct tm_err *) = { read_statement,
                                                                                         read_function,
                                                                                         read_branch };

    is->table = &is->file.tables[kind];
    return tm_json_report_map(&is->r, readers[kind], is, err);
}

static enum tm_code read_statement_map(void *ctx, struct tm_err *err)
{
    return read_map(ctx, TM_ISTANBUL_STATEMENT, err);
}

static enum tm_code read_function_map(void *ctx, struct tm_err *err)
{
    return read_map(ctx, TM_ISTANBUL_FUNCTION, err);
}

static enum tm_code read_branch_map(void *ctx, struct tm_err *err)
{
    return read_map(ctx, TM_ISTANBUL_BRANCH, err);
}

/* ---- Counts ---- */

/* A count that is the last token. */
static enum tm_code read_count(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_code code = tm_json_report_count(&is->r, &is->count.hits, err);

    if (!code)
        code = tm_json_report_placed(&is->r, tm_istanbul_add_count(is->table, is->count, err), err);
    is->count.path++;
    return code;
}

static enum tm_code read_id_count(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_json_token token;
    enum tm_code code;

    is->count = (struct tm_istanbul_count) { .id = take_id(is) };
    code = tm_json_next(&is->r.json, &token, err);
    return code ? code : read_count(is, err);
}

static enum tm_code read_id_counts(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;

    is->count = (struct tm_istanbul_count) { .id = take_id(is) };
    return tm_json_report_array(&is->r, read_count, is, err);
}

static enum tm_code read_statement_counts(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;

    is->table = &is->file.tables[TM_ISTANBUL_STATEMENT];
    return tm_json_report_map(&is->r, read_id_count, is, err);
}

static enum tm_code read_function_counts(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;

    is->table = &is->file.tables[TM_ISTANBUL_FUNCTION];
    return tm_json_report_map(&is->r, read_id_count, is, err);
}

static enum tm_code read_branch_counts(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;

    is->table = &is->file.tables[TM_ISTANBUL_BRANCH];
    return tm_json_report_map(&is->r, read_id_counts, is, err);
}

/* ---- Files ---- */

static enum tm_code add_file(struct istanbul *is, struct tm_err *err)
{
    struct tm_report_file *file;
    enum tm_code code = tm_report_file(is->r.report, tm_buf_str(&is->path), &file, err);

    if (!code)
        code = tm_istanbul_join(&is->file, file, err);
    for (uint64_t i = 0; !code && i < is->file.no_line; i++)
        tm_json_report_see(&is->r, &is->no_line);
    return tm_json_report_placed(&is->r, code, err);
}

static enum tm_code read_path(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;

    return tm_json_report_take_text(&is->r, "a path", &is->path, err);
}

static enum tm_code read_data(void *ctx, struct tm_err *err);

enum { MAPS = 0x3F, REQUIRED = 0x03, DATA = 0x40 };

static const struct tm_json_member file_members[] = {
    { "statementMap", read_statement_map },
    { "s", read_statement_counts },
    { "fnMap", read_function_map },
    { "f", read_function_counts },
    { "branchMap", read_branch_map },
    { "b", read_branch_counts },
    { "data", read_data },
    { "path", read_path },
    { NULL, NULL },
};

/* Some tools wrap the maps of a file once more. */
static enum tm_code read_data(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    enum tm_code code = tm_json_report_expect(&is->r, TM_JSON_OBJECT_BEGIN, "an object", err);

    if (!code && is->in_data)
        return tm_json_report_fail(&is->r, "'data' inside 'data'", err);
    is->in_data = true;
    if (!code)
        code = tm_json_report_members(&is->r, file_members, is, &is->data_seen, err);
    is->in_data = false;
    return code;
}

/* The key is the path, too, when the file does not name it. */
static enum tm_code read_file(void *ctx, struct tm_err *err)
{
    struct istanbul *is = ctx;
    unsigned seen;
    enum tm_code code;

    tm_istanbul_clear(&is->file);
    is->data_seen = 0;
    tm_json_string(&is->r.json, &is->path);
    code = tm_json_report_expect(&is->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    if (!code)
        code = tm_json_report_members(&is->r, file_members, is, &seen, err);
    if (code)
        return code;
    if (seen & DATA && seen & MAPS)
        return tm_json_report_fail(&is->r, "file with maps beside 'data'", err);
    seen |= is->data_seen;
    if ((seen & REQUIRED) != REQUIRED)
        return tm_json_report_fail(&is->r, "file without 'statementMap' and 's'", err);
    return add_file(is, err);
}

static void init(void *state)
{
    struct istanbul *is = state;

    is->path = is->text = TM_BUF_INIT;
    is->file = TM_ISTANBUL_FILE_INIT;
}

static void release(void *state)
{
    struct istanbul *is = state;

    tm_istanbul_release(&is->file);
    tm_buf_release(&is->path);
    tm_buf_release(&is->text);
}

static enum tm_code join(void *into, void *from, struct tm_err *err)
{
    tm_seen_join(&((struct istanbul *)into)->no_line, &((struct istanbul *)from)->no_line);
    return TM_OK;
}

static const struct tm_json_parts parts_kind = { sizeof(struct istanbul), init, release, join };

static enum tm_code read_istanbul(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct istanbul is = { .data_seen = 0 };
    enum tm_code code;

    init(&is);
    tm_json_report_begin(&is.r, source, report);
    code = tm_json_parts_map(&parts_kind, &is, read_file, err);
    if (!code)
        code = tm_json_report_end(&is.r, err);
    if (!code)
        tm_report_note_seen(report, &is.no_line, "code without a line, left out,", source->name);
    release(&is);
    return code;
}

const struct tm_format tm_format_istanbul = {
    .name = "istanbul",
    .summary = "Istanbul JSON, coverage-final.json (nyc, c8, Jest, Vitest, ...)",
    .detect = detect,
    .in_parts = true,
    .read = read_istanbul,
};
