/*
 * The text of `gcov`, with the lines of its -a, -b, -c, -f, -g, -H, -k, -m and -q (docs/formats/coverage.md,
 * "gcov").
 */
#include "coverage/count.h"
#include "coverage/format.h"
#include "coverage/sniff.h"

enum { BRANCHES_OF_LINE_MAX = 65535 };

struct gcov_text {
    struct tm_source *source;
    struct tm_report *report;
    struct tm_report_file *file; /* NULL before the first Source */
    struct tm_buf plain;         /* a line without its colours */
    uint32_t line;               /* the last one with a number */
    uint32_t n_branches;         /* of it */
    bool dashes;                 /* the line before was one of dashes */
    bool instances; /* in the part that repeats the lines before it for each instance of a template */
    /* A function whose line is to come. */
    struct tm_buf function;
    uint64_t called;
    bool has_function;
};

static bool detect(struct tm_str text)
{
    return tm_sniff_starts(text, "-:") && tm_sniff_has(text, "    0:Source:");
}

static enum tm_code invalid(const struct gcov_text *g, const char *what, struct tm_str text,
                            struct tm_err *err)
{
    return tm_source_fail(g->source, err, TM_E_FORMAT, "invalid %s '%.*s'", what,
                          (int)TM_MIN(text.len, (size_t)60), text.len ? text.data : "");
}

static enum tm_code placed(const struct gcov_text *g, enum tm_code code, struct tm_err *err)
{
    return code ? tm_source_fail(g->source, err, code, "%s", err ? tm_err_msg(err) : "") : TM_OK;
}

/* ---- Counts ---- */

/* "5", and in readable form (-H) "1.2k": thousands, with the letters of the SI. */
static bool parse_count(struct tm_str text, uint64_t *count)
{
    static const char units[] = "kMGTPEZY";
    const char *unit = text.len ? strchr(units, text.data[text.len - 1]) : NULL;
    struct tm_buf TM_CLEANUP(tm_buf_release) number = TM_BUF_INIT;
    bool negative = false;

    if (!unit || !*unit)
        return tm_count_parse(text, count, &negative);
    tm_buf_add(&number, text.data, text.len - 1);
    tm_buf_addf(&number, "e%zu", 3 * (size_t)(unit - units + 1));
    return tm_count_parse(tm_buf_str(&number), count, &negative);
}

/* "5", "5*" (a block of the line never ran), "#####" and "=====" (never ran), "$$$$$" and "%%%%%" (a block).
 */
static bool parse_hits(struct tm_str text, uint64_t *hits)
{
    if (text.len && text.data[text.len - 1] == '*')
        text.len--;
    if (tm_str_is(text, "#####") || tm_str_is(text, "=====")) {
        *hits = 0;
        return true;
    }
    return text.len && text.data[0] >= '0' && text.data[0] <= '9' && parse_count(text, hits);
}

/* "taken 75%", "taken 3", each maybe with what follows. A share that is not 0 % is once. */
static bool parse_taken(struct tm_str text, uint64_t *taken)
{
    size_t end = tm_str_find(text, ' ');
    bool negative = false;

    text = tm_str_n(text.data, TM_MIN(end, text.len));
    if (text.len && text.data[text.len - 1] == '%') {
        text.len--;
        if (!tm_count_parse(text, taken, &negative))
            return false;
        *taken = *taken > 0;
        return true;
    }
    return parse_count(text, taken);
}

/* ---- What is no line of the source ---- */

/* "function NAME called 5 returned 100% blocks executed 100%" */
static enum tm_code read_function(struct gcov_text *g, struct tm_str text, struct tm_err *err)
{
    static const struct tm_str called = TM_STR(" called ");
    const char *at = text.len ? memmem(text.data, text.len, called.data, called.len) : NULL;
    struct tm_str rest;

    /* The last one: names of C++ may hold anything. */
    for (const char *next = at; next;
         next = memmem(next, (size_t)(text.data + text.len - next), called.data, called.len)) {
        at = next;
        next += called.len;
    }
    if (!at)
        return invalid(g, "function", text, err);
    rest = tm_str_from(text, (size_t)(at - text.data) + called.len);
    if (!parse_count(tm_str_n(rest.data, TM_MIN(tm_str_find(rest, ' '), rest.len)), &g->called))
        return invalid(g, "function", text, err);
    tm_buf_clear(&g->function);
    tm_buf_add(&g->function, text.data, (size_t)(at - text.data));
    g->has_function = true;
    return TM_OK;
}

/* "branch  0 taken 75% (fallthrough)", "branch  1 never executed" */
static enum tm_code read_branch(struct gcov_text *g, struct tm_str text, struct tm_err *err)
{
    struct tm_branch branch = { .line = g->line, .branch = g->n_branches };
    struct tm_str rest = tm_str_trim(text), number;

    if (!g->file || !g->line || !tm_str_split(&rest, ' ', &number))
        return invalid(g, "branch", text, err);
    if (tm_str_has_prefix(rest, TM_STR("never executed")))
        branch.flags = TM_BRANCH_UNEVALUATED;
    else if (!tm_str_has_prefix(rest, TM_STR("taken ")) || !parse_taken(tm_str_from(rest, 6), &branch.taken))
        return invalid(g, "branch", text, err);
    if (g->n_branches++ == BRANCHES_OF_LINE_MAX)
        return tm_source_fail(g->source, err, TM_E_LIMIT, "line with more than %d branches",
                              BRANCHES_OF_LINE_MAX);
    return placed(g, tm_report_add_branch(g->file, branch, err), err);
}

static enum tm_code read_header(struct gcov_text *g, struct tm_str text, struct tm_err *err)
{
    static const struct tm_str source = TM_STR("Source:");

    if (!tm_str_has_prefix(text, source))
        return TM_OK;
    g->line = 0;
    g->has_function = false;
    return placed(g, tm_report_file(g->report, tm_str_from(text, source.len), &g->file, err), err);
}

/* ---- Lines of the source ---- */

static enum tm_code add_function(struct gcov_text *g, struct tm_err *err)
{
    struct tm_function function = { .key = TM_FUNCTION_BY_PLACE, .line = g->line, .hits = g->called };

    g->has_function = false;
    function.name = tm_buf_str(&g->function);
    return tm_report_add_function(g->file, function, err);
}

static enum tm_code add_line(struct gcov_text *g, struct tm_str count, uint64_t number, struct tm_err *err)
{
    enum tm_code code = TM_OK;
    uint64_t hits = 0;

    if (number > TM_REPORT_LINE_MAX)
        return tm_source_fail(g->source, err, TM_E_LIMIT, "line number over %d", TM_REPORT_LINE_MAX);
    g->line = (uint32_t)number;
    g->n_branches = 0;
    if (!tm_str_is(count, "-") && !parse_hits(count, &hits))
        return invalid(g, "count", count, err);
    if (g->has_function)
        code = add_function(g, err);
    if (!code && !tm_str_is(count, "-") && !g->instances)
        code = tm_report_add_line(g->file, g->line, hits, err);
    return placed(g, code, err);
}

/* How long a colour at the start of text is, "ESC[41;37m" or "ESC[K"; 0 when there is none. */
static size_t colour_length(struct tm_str text)
{
    size_t end = 2;

    if (!tm_str_has_prefix(text, TM_STR("\x1b[")))
        return 0;
    while (end < text.len && (text.data[end] == ';' || (text.data[end] >= '0' && text.data[end] <= '9')))
        end++;
    return end < text.len && (text.data[end] == 'm' || text.data[end] == 'K') ? end + 1 : 0;
}

/* The line without the colours of counts (-k) and numbers (-q). The header has none, so paths stay. */
static struct tm_str without_colours(struct gcov_text *g, struct tm_str line)
{
    if (tm_str_find(line, '\x1b') == SIZE_MAX || tm_str_has_prefix(tm_str_trim(line), TM_STR("-:    0:")))
        return line;
    tm_buf_clear(&g->plain);
    while (line.len) {
        size_t n = colour_length(line);

        if (!n)
            tm_buf_addc(&g->plain, line.data[0]);
        line = tm_str_from(line, n ? n : 1);
    }
    return tm_buf_str(&g->plain);
}

/* "        5:   12:text", "        -:    0:Source:a.c", and of blocks (-a) "        5:   12-block  0" */
static enum tm_code read_numbered(struct gcov_text *g, struct tm_str line, struct tm_err *err)
{
    size_t colon = tm_str_find(line, ':');
    struct tm_str count, rest, digits;
    uint64_t number;
    size_t end = 0;

    if (colon == SIZE_MAX)
        return invalid(g, "line", line, err);
    count = tm_str_trim(tm_str_n(line.data, colon));
    rest = tm_str_from(line, colon + 1);
    while (end < rest.len && (rest.data[end] == ' ' || (rest.data[end] >= '0' && rest.data[end] <= '9')))
        end++;
    digits = tm_str_trim(tm_str_n(rest.data, end));
    if (!tm_str_u64(digits, &number) || end == rest.len)
        return invalid(g, "line", line, err);
    if (rest.data[end] == '-')
        return TM_OK;
    if (rest.data[end] != ':')
        return invalid(g, "line", line, err);
    rest = tm_str_from(rest, end + 1);
    if (number == 0)
        return tm_str_is(count, "-") ? read_header(g, rest, err) : invalid(g, "line", line, err);
    if (!g->file)
        return tm_source_fail(g->source, err, TM_E_FORMAT, "line before the first Source");
    return add_line(g, count, number, err);
}

/* True for "   5:   12:" and whatever follows: what starts with a count and a number. */
static bool is_numbered(struct tm_str line)
{
    size_t colon = tm_str_find(line, ':');
    struct tm_str rest = colon == SIZE_MAX ? TM_STR("") : tm_str_trim(tm_str_from(line, colon + 1));

    return rest.len && rest.data[0] >= '0' && rest.data[0] <= '9';
}

/* What -b, -g and --prime-paths say of a line besides its branches. */
static bool is_passed_over(struct tm_str line)
{
    static const struct tm_str starts[] = { TM_STR("call "), TM_STR("unconditional "), TM_STR("condition "),
                                            TM_STR("path "), TM_STR("paths ") };

    for (size_t i = 0; i < TM_LEN(starts); i++)
        if (tm_str_has_prefix(line, starts[i]))
            return true;
    return false;
}

/*
 * Behind a line that several functions share (instances of a template, lambdas) each of them stands between
 * lines of dashes: its name and a colon, then its lines again. Their counts are in the line already.
 */
static enum tm_code read_line(void *ctx, struct tm_str line, struct tm_err *err)
{
    struct gcov_text *g = ctx;
    bool behind_dashes = g->dashes;

    line = without_colours(g, line);
    g->dashes = tm_str_is(line, "------------------");
    if (g->dashes || !line.len)
        return TM_OK;
    if (behind_dashes) {
        g->instances = !is_numbered(line);
        if (g->instances)
            return TM_OK;
    }
    if (tm_str_has_prefix(line, TM_STR("function ")))
        return read_function(g, tm_str_from(line, 9), err);
    if (tm_str_has_prefix(line, TM_STR("branch ")))
        return read_branch(g, tm_str_from(line, 7), err);
    if (is_passed_over(line))
        return TM_OK;
    return read_numbered(g, line, err);
}

static enum tm_code read_gcov_text(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct gcov_text g = {
        .source = source, .report = report, .plain = TM_BUF_INIT, .function = TM_BUF_INIT
    };
    enum tm_code code = tm_source_each_line(source, read_line, &g, err);

    if (!code && source->no_line_end)
        code = tm_source_fail(source, err, TM_E_FORMAT, "report ends in the middle of a line");
    if (!code && (!g.file || !g.line))
        code = tm_source_fail(source, err, TM_E_FORMAT,
                              "no line follows its Source: it was cut, or gcov could not open that file");
    tm_buf_release(&g.plain);
    tm_buf_release(&g.function);
    return code;
}

const struct tm_format tm_format_gcov_text = {
    .name = "gcov-text",
    .summary = "text of gcov (a .gcov file, or several after one another)",
    .detect = detect,
    .read = read_gcov_text,
};
