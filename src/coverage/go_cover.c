/*
 * Cover profiles of Go (docs/formats/coverage.md, "Go").
 *
 * "<import path>/<file>:<line>.<column>,<line>.<column> <statements> <count>", one block on each line. Names
 * stay import paths; coverage/resolve.h knows the modules of go.mod files.
 */
#include "coverage/count.h"
#include "coverage/format.h"
#include "coverage/sniff.h"

enum { STATEMENTS_MAX = 1 << 20 }; /* of one block */

struct block {
    struct tm_str path;
    struct tm_extent at;
    uint64_t statements, count;
};

struct go_cover {
    struct tm_source *source;
    struct tm_report *report;
    struct tm_report_file *file; /* of the last block */
    bool begun;                  /* a mode was read */
    bool set;                    /* counts are 0 and 1 */
    struct tm_seen backward;     /* blocks that end before they begin */
};

static bool detect(struct tm_str text)
{
    return tm_sniff_starts(text, "mode: ");
}

static enum tm_code invalid(const struct go_cover *g, const char *what, struct tm_str text,
                            struct tm_err *err)
{
    return tm_source_fail(g->source, err, TM_E_FORMAT, "invalid %s '%.*s'", what,
                          (int)TM_MIN(text.len, (size_t)60), text.len ? text.data : "");
}

static enum tm_code read_mode(struct go_cover *g, struct tm_str mode, struct tm_err *err)
{
    if (!tm_str_is(mode, "set") && !tm_str_is(mode, "count") && !tm_str_is(mode, "atomic"))
        return invalid(g, "mode", mode, err);
    if (g->begun && g->set != tm_str_is(mode, "set"))
        return tm_source_fail(g->source, err, TM_E_FORMAT, "profiles of different modes in one report");
    g->begun = true;
    g->set = tm_str_is(mode, "set");
    return TM_OK;
}

/* Takes a number up to `stop` off *s. */
static bool take_number(struct tm_str *s, char stop, uint64_t *out)
{
    size_t end = tm_str_find(*s, stop);

    if (end == SIZE_MAX || !tm_str_u64(tm_str_n(s->data, end), out))
        return false;
    *s = tm_str_from(*s, end + 1);
    return true;
}

static bool parse_place(struct tm_str *s, char stop, uint32_t *line, uint32_t *column)
{
    uint64_t l, c;

    if (!take_number(s, '.', &l) || !take_number(s, stop, &c) || l == 0 || l > TM_REPORT_LINE_MAX ||
        c > UINT32_MAX)
        return false;
    *line = (uint32_t)l;
    *column = (uint32_t)c;
    return true;
}

static bool parse_block(struct tm_str text, struct block *block)
{
    size_t colon = tm_str_rfind(text, ':');
    bool negative = false;
    struct tm_str rest;

    if (colon == SIZE_MAX || colon == 0)
        return false;
    block->path = tm_str_n(text.data, colon);
    rest = tm_str_from(text, colon + 1);
    return parse_place(&rest, ',', &block->at.line, &block->at.column) &&
           parse_place(&rest, ' ', &block->at.end_line, &block->at.end_column) &&
           take_number(&rest, ' ', &block->statements) && block->statements <= STATEMENTS_MAX && rest.len &&
           rest.data[0] != '-' && tm_count_parse(rest, &block->count, &negative);
}

/* The file of a block; most are of the one before. */
static enum tm_code find_file(struct go_cover *g, struct tm_str path, struct tm_err *err)
{
    enum tm_code code;

    if (g->file && tm_str_eq(g->file->path, path))
        return TM_OK;
    code = tm_report_file(g->report, path, &g->file, err);
    return code ? tm_source_fail(g->source, err, code, "%s", err ? tm_err_msg(err) : "") : TM_OK;
}

/* What has no statement has no code. */
static enum tm_code add_block(struct go_cover *g, const struct block *block, struct tm_err *err)
{
    struct tm_statement statement = { block->at, (uint32_t)block->statements, block->count };
    enum tm_code code = block->statements ? tm_report_add_statement(g->file, statement, err) : TM_OK;

    return code ? tm_source_fail(g->source, err, code, "%s", err ? tm_err_msg(err) : "") : TM_OK;
}

static enum tm_code read_line(void *ctx, struct tm_str line, struct tm_err *err)
{
    struct go_cover *g = ctx;
    struct block block;
    enum tm_code code;

    if (!line.len)
        return TM_OK;
    if (tm_str_has_prefix(line, TM_STR("mode: ")))
        return read_mode(g, tm_str_from(line, 6), err);
    if (!g->begun)
        return tm_source_fail(g->source, err, TM_E_FORMAT, "block before the mode");
    if (!parse_block(line, &block))
        return invalid(g, "block", line, err);
    if (block.at.end_line < block.at.line)
        tm_seen_add(&g->backward, g->source->line);
    code = find_file(g, block.path, err);
    return code ? code : add_block(g, &block, err);
}

/*
 * A block's lines are those from its first to its last, but a last one that it leaves in the first column.
 * Line comments of generated code ("//line grammar.y:12") may end a block in another file, before it begins:
 * which lines it has is not known, how many statements is. They have no columns, which are 0 then.
 * Blocks overlap in lines: the greatest count is the line's. Those that the profile repeats were united
 * before.
 */
static enum tm_code add_lines(struct tm_report_file *file, struct tm_err *err)
{
    struct tm_statements_iter iter = tm_statements_iter(&file->statements);
    struct tm_hits lines = { .greatest = true };
    struct tm_statement s;
    enum tm_code code;

    while (tm_statements_next(&iter, &s)) {
        uint32_t last = s.at.end_line - (s.at.end_column == 1 && s.at.end_line > s.at.line);

        for (uint32_t line = s.at.line; line <= last; line++)
            tm_hits_put(&lines, line, s.hits);
    }
    tm_hits_settle(&lines);
    code = tm_report_add_hits(file, &lines, err);
    tm_hits_release(&lines);
    return code;
}

static enum tm_code finish(struct go_cover *g, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    if (g->source->no_line_end)
        return tm_source_fail(g->source, err, TM_E_FORMAT, "report ends in the middle of a line");
    tm_report_settle(g->report);
    for (size_t i = 0; i < tm_report_n_files(g->report) && !code; i++)
        code = add_lines(tm_report_file_at(g->report, i), err);
    tm_report_note_seen(g->report, &g->backward, "block that ends before it begins, counted without lines,",
                        g->source->name);
    return code;
}

static enum tm_code read_go_cover(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct go_cover g = { .source = source, .report = report };
    enum tm_code code = tm_source_each_line(source, read_line, &g, err);

    return code ? code : finish(&g, err);
}

const struct tm_format tm_format_go_cover = {
    .name = "go-cover",
    .summary = "Go cover profile (go test -coverprofile)",
    .detect = detect,
    .read = read_go_cover,
};
