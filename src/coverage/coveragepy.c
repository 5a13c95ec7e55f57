/*
 * The JSON of coverage.py, versions 5 to 7 (docs/formats/coverage.md, "coverage.py").
 *
 * The lists of a file come in any order, and what they mean depends on each other: an executed line that is
 * excluded, or no statement at all, is no line with code. So they are collected and judged at the file's end.
 */
#include "coverage/format.h"
#include "coverage/json_parts.h"
#include "coverage/sniff.h"

enum { SUMMARY = 1 << 0, EXECUTED = 1 << 1, MISSING = 1 << 2 }; /* bits of the first rows of a file */

/* What a file, or a region of one, says of its lines. */
struct lists {
    struct tm_hits executed, missing, excluded;
};

struct coveragepy {
    struct tm_json_report r;
    struct tm_seen disagree; /* summaries that are not what the lists say */
    struct tm_report_file *file;
    struct lists of_file, of_region;
    struct lists *lists;     /* those being read */
    uint64_t covered, valid; /* lines by the summary of the file */
    struct tm_buf region;
    uint32_t start_line;
    struct tm_branch branch;
    unsigned n_numbers; /* of an arc */
    struct tm_hits found, left, spare;
    struct tm_buf source;
};

static bool detect(struct tm_str text)
{
    static const char *const paths[] = { "files/*/executed_lines", "files/*/missing_lines",
                                         "meta/branch_coverage", NULL };

    return tm_sniff_json(text, paths);
}

/* ---- Lists ---- */

static enum tm_code read_executed(void *ctx, struct tm_err *err)
{
    struct coveragepy *py = ctx;

    return tm_json_report_lines(&py->r, &py->lists->executed, 1, err);
}

static enum tm_code read_missing(void *ctx, struct tm_err *err)
{
    struct coveragepy *py = ctx;

    return tm_json_report_lines(&py->r, &py->lists->missing, 0, err);
}

static enum tm_code read_excluded(void *ctx, struct tm_err *err)
{
    struct coveragepy *py = ctx;

    return tm_json_report_lines(&py->r, &py->lists->excluded, 0, err);
}

static enum tm_code read_covered(void *ctx, struct tm_err *err)
{
    struct coveragepy *py = ctx;

    return tm_json_report_take_count(&py->r, &py->covered, err);
}

static enum tm_code read_valid(void *ctx, struct tm_err *err)
{
    struct coveragepy *py = ctx;

    return tm_json_report_take_count(&py->r, &py->valid, err);
}

static enum tm_code read_summary(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "covered_lines", read_covered },
                                                     { "num_statements", read_valid },
                                                     { NULL, NULL } };
    enum { ALL = 3 };
    struct coveragepy *py = ctx;
    unsigned seen;
    enum tm_code code = tm_json_report_expect(&py->r, TM_JSON_OBJECT_BEGIN, "an object", err);

    if (!code)
        code = tm_json_report_members(&py->r, members, py, &seen, err);
    if (!code && seen != ALL)
        return tm_json_report_fail(&py->r, "summary without 'covered_lines' and 'num_statements'", err);
    return code;
}

/* ---- Branches ---- */

/* An arc is the line of the branch and the line it leads to, which is negative for leaving a function. */
static enum tm_code read_arc_end(void *ctx, struct tm_err *err)
{
    struct coveragepy *py = ctx;
    int64_t to;

    if (py->n_numbers++ == 0)
        return tm_json_report_line(&py->r, &py->branch.line, err);
    if (py->r.json.token != TM_JSON_NUMBER || !tm_str_i64(tm_json_raw(&py->r.json), &to))
        return tm_json_report_wrong(&py->r, "the line that a branch leads to", err);
    py->branch.branch = tm_report_id(py->r.report, tm_json_raw(&py->r.json));
    return TM_OK;
}

static enum tm_code read_arc(void *ctx, struct tm_err *err)
{
    struct coveragepy *py = ctx;
    enum tm_code code = tm_json_report_is(&py->r, TM_JSON_ARRAY_BEGIN, "an array", err);

    py->n_numbers = 0;
    if (!code)
        code = tm_json_report_elements(&py->r, read_arc_end, py, err);
    if (!code && py->n_numbers != 2)
        return tm_json_report_fail(&py->r, "branch that is not two lines", err);
    return code ? code : tm_json_report_placed(&py->r, tm_report_add_branch(py->file, py->branch, err), err);
}

static enum tm_code read_arcs(struct coveragepy *py, uint64_t taken, struct tm_err *err)
{
    py->branch = (struct tm_branch) { .taken = taken };
    return tm_json_report_array(&py->r, read_arc, py, err);
}

static enum tm_code read_executed_arcs(void *ctx, struct tm_err *err)
{
    return read_arcs(ctx, 1, err);
}

static enum tm_code read_missing_arcs(void *ctx, struct tm_err *err)
{
    return read_arcs(ctx, 0, err);
}

/* ---- What is code ---- */

/* Settles the lists; the executed lines that are code are in py->left then. */
static void settle(struct coveragepy *py, struct lists *lists)
{
    tm_hits_settle(&lists->executed);
    tm_hits_settle(&lists->missing);
    tm_hits_settle(&lists->excluded);
    tm_hits_subtract(&py->left, &lists->executed, &lists->excluded);
}

static void clear(struct lists *lists)
{
    tm_hits_clear(&lists->executed);
    tm_hits_clear(&lists->missing);
    tm_hits_clear(&lists->excluded);
}

/* True when a line is a string and nothing before it: r"..., u'... and the like. */
static bool starts_string(struct tm_str line)
{
    size_t at = 0;

    while (at < line.len && at < 2 && strchr("rRuUbB", line.data[at]))
        at++;
    return at < line.len && (line.data[at] == '"' || line.data[at] == '\'');
}

/* Finds the docstrings among the lines of py->left: strings that come first in the file or in a block. */
static void find_docstrings(struct coveragepy *py)
{
    struct tm_hits_iter iter = tm_hits_iter(&py->left);
    struct tm_str rest = tm_buf_str(&py->source), text;
    struct tm_line line = { 0, 0 };
    bool first = true;

    for (uint32_t number = 1; rest.len && tm_str_split(&rest, '\n', &text); number++) {
        text = tm_str_trim(text);
        while (line.line < number && tm_hits_next(&iter, &line))
            continue;
        if (line.line == number && first && starts_string(text))
            tm_hits_put(&py->found, number, 1);
        if (text.len && text.data[0] != '#')
            first = text.data[text.len - 1] == ':';
    }
}

/*
 * Takes the docstrings off the executed lines: coverage.py before 7.13.1 lists those of modules and classes,
 * which it does not count. The summary says how many there are, the source which; without a source they stay.
 */
static void drop_docstrings(struct coveragepy *py)
{
    struct tm_report *report = py->r.report;
    struct tm_hits all = py->left;

    tm_hits_clear(&py->found);
    if (!report->read_source ||
        report->read_source(report->read_source_ctx, py->file->path, &py->source, NULL))
        return;
    find_docstrings(py);
    if (py->left.n - py->found.n != py->covered)
        return;
    tm_hits_subtract(&py->spare, &all, &py->found);
    py->left = py->spare;
    py->spare = all;
}

static enum tm_code add_lines(struct coveragepy *py, bool has_summary, struct tm_err *err)
{
    struct lists *lists = &py->of_file;
    enum tm_code code;

    settle(py, lists);
    if (has_summary) {
        if (py->valid == 0 && lists->missing.n == 0)
            tm_hits_clear(&py->left);
        else if (py->left.n > py->covered)
            drop_docstrings(py);
        if (py->left.n != py->covered || py->left.n + lists->missing.n != py->valid)
            tm_json_report_see(&py->r, &py->disagree);
    }
    code = tm_report_add_hits(py->file, &py->left, err);
    return code ? code : tm_report_add_hits(py->file, &lists->missing, err);
}

/* ---- Functions ---- */

static uint32_t first_line(const struct tm_hits *lines)
{
    struct tm_hits_iter iter = tm_hits_iter(lines);
    struct tm_line line;

    return tm_hits_next(&iter, &line) ? line.line : UINT32_MAX;
}

/* The region "" is what stands outside functions; one without code is no function that could run. */
static enum tm_code add_function(struct coveragepy *py, struct tm_err *err)
{
    struct lists *lists = &py->of_region;
    struct tm_function function = { .name = tm_buf_str(&py->region), .key = TM_FUNCTION_BY_PLACE };

    settle(py, lists);
    if (!function.name.len || !(py->left.n + lists->missing.n))
        return TM_OK;
    function.hits = py->left.n > 0;
    function.line = py->start_line;
    if (!function.line)
        function.line = TM_MIN(first_line(&py->left), first_line(&lists->missing));
    return tm_json_report_placed(&py->r, tm_report_add_function(py->file, function, err), err);
}

static enum tm_code read_start_line(void *ctx, struct tm_err *err)
{
    struct coveragepy *py = ctx;

    return tm_json_report_take_line(&py->r, &py->start_line, err);
}

static enum tm_code read_function(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "executed_lines", read_executed },
                                                     { "missing_lines", read_missing },
                                                     { "excluded_lines", read_excluded },
                                                     { "start_line", read_start_line },
                                                     { NULL, NULL } };
    struct coveragepy *py = ctx;
    enum tm_code code;

    tm_json_string(&py->r.json, &py->region);
    clear(&py->of_region);
    py->start_line = 0;
    code = tm_json_report_expect(&py->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    if (!code)
        code = tm_json_report_members(&py->r, members, py, NULL, err);
    return code ? code : add_function(py, err);
}

static enum tm_code read_functions(void *ctx, struct tm_err *err)
{
    struct coveragepy *py = ctx;
    enum tm_code code;

    py->lists = &py->of_region;
    code = tm_json_report_map(&py->r, read_function, py, err);
    py->lists = &py->of_file;
    return code;
}

/* ---- Files ---- */

static enum tm_code read_file(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "summary", read_summary },
                                                     { "executed_lines", read_executed },
                                                     { "missing_lines", read_missing },
                                                     { "excluded_lines", read_excluded },
                                                     { "executed_branches", read_executed_arcs },
                                                     { "missing_branches", read_missing_arcs },
                                                     { "functions", read_functions },
                                                     { NULL, NULL } };
    struct coveragepy *py = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    unsigned seen;
    enum tm_code code;

    tm_json_string(&py->r.json, &path);
    clear(&py->of_file);
    py->lists = &py->of_file;
    code =
        tm_json_report_placed(&py->r, tm_report_file(py->r.report, tm_buf_str(&path), &py->file, err), err);
    if (!code)
        code = tm_json_report_expect(&py->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    if (!code)
        code = tm_json_report_members(&py->r, members, py, &seen, err);
    if (code)
        return code;
    if (!(seen & EXECUTED) || !(seen & MISSING))
        return tm_json_report_fail(&py->r, "file without 'executed_lines' and 'missing_lines'", err);
    return tm_json_report_placed(&py->r, add_lines(py, seen & SUMMARY, err), err);
}

static void release_lists(struct lists *lists)
{
    tm_hits_release(&lists->executed);
    tm_hits_release(&lists->missing);
    tm_hits_release(&lists->excluded);
}

static void init(void *state)
{
    struct coveragepy *py = state;

    py->region = py->source = TM_BUF_INIT;
    /* What a list repeats is one line. */
    py->of_file.executed.greatest = py->of_region.executed.greatest = true;
}

static void release(void *state)
{
    struct coveragepy *py = state;

    release_lists(&py->of_file);
    release_lists(&py->of_region);
    tm_hits_release(&py->found);
    tm_hits_release(&py->left);
    tm_hits_release(&py->spare);
    tm_buf_release(&py->region);
    tm_buf_release(&py->source);
}

static enum tm_code join(void *into, void *from, struct tm_err *err)
{
    tm_seen_join(&((struct coveragepy *)into)->disagree, &((struct coveragepy *)from)->disagree);
    return TM_OK;
}

static const struct tm_json_parts parts_kind = { sizeof(struct coveragepy), init, release, join };

static enum tm_code read_files(void *ctx, struct tm_err *err)
{
    return tm_json_parts_map(&parts_kind, ctx, read_file, err);
}

static enum tm_code read_coveragepy(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "files", read_files }, { NULL, NULL } };
    struct coveragepy py = { .n_numbers = 0 };
    unsigned seen;
    enum tm_code code;

    init(&py);
    code = tm_json_report_read(&py.r, source, report, members, &py, &seen, err);
    if (!code && !seen)
        code = tm_err_set(err, TM_E_FORMAT, "'%s' has no 'files'", source->name);
    if (!code)
        tm_report_note_seen(report, &py.disagree, "summary that is not what the lines say, left aside,",
                            source->name);
    release(&py);
    return code;
}

const struct tm_format tm_format_coveragepy = {
    .name = "coveragepy",
    .summary = "coverage.py JSON (coverage json, pytest-cov)",
    .detect = detect,
    .in_parts = true,
    .read = read_coveragepy,
};
