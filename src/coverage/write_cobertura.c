/*
 * Cobertura XML of DTD 04: a package for each folder, a class for each file.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/path.h"
#include "coverage/write.h"

/* Adds text for an attribute or element: what XML 1.0 cannot hold becomes U+FFFD. */
static void add_text(struct tm_buf *out, struct tm_str text)
{
    while (text.len) {
        size_t n = tm_str_utf8_len(text);
        unsigned char c = (unsigned char)text.data[0];

        if (c == '&')
            tm_buf_adds(out, "&amp;");
        else if (c == '<')
            tm_buf_adds(out, "&lt;");
        else if (c == '"')
            tm_buf_adds(out, "&quot;");
        else if (c == '\t' || c == '\n' || c == '\r')
            tm_buf_addf(out, "&#%u;", c);
        else if (n == 0 || c < 0x20 || tm_str_has_prefix(text, TM_STR("\xef\xbf\xbe")) ||
                 tm_str_has_prefix(text, TM_STR("\xef\xbf\xbf")))
            tm_buf_adds(out, "\xef\xbf\xbd");
        else
            tm_buf_add_str(out, tm_str_n(text.data, n));
        text = tm_str_from(text, TM_MAX(n, (size_t)1));
    }
}

/* A rate with four decimals; of nothing it is 1, as Cobertura has it. */
static void add_rate(struct tm_buf *out, const char *name, struct tm_ratio ratio)
{
    uint64_t bp;

    if (!tm_ratio_bp(ratio, &bp))
        bp = TM_BP_WHOLE;
    tm_buf_addf(out, " %s=\"%llu.%04llu\"", name, (unsigned long long)bp / TM_BP_WHOLE,
                (unsigned long long)bp % TM_BP_WHOLE);
}

static void add_rates(struct tm_buf *out, const struct tm_totals *totals)
{
    add_rate(out, "line-rate", totals->lines);
    add_rate(out, "branch-rate", totals->branches);
}

/* Taken and all branches of the line that branches[*i] and the ones behind it are of; moves *i behind them.
 */
static struct tm_ratio take_branches(const struct tm_report_file *file, size_t *i)
{
    uint32_t line = file->branches[*i].line;
    bool ids = !(file->branches[*i].flags & TM_BRANCH_COUNT);
    struct tm_ratio taken = { 0, 0 };

    for (; *i < file->n_branches && file->branches[*i].line == line; ++*i) {
        const struct tm_branch *branch = &file->branches[*i];

        if (!(branch->flags & TM_BRANCH_COUNT))
            tm_ratio_pool(&taken, (struct tm_ratio) { branch->taken > 0, 1 });
        else if (!ids)
            tm_ratio_pool(&taken, (struct tm_ratio) { branch->taken, branch->branch });
    }
    return taken;
}

/* The lines of a file, each with its branches. */
struct walk {
    struct tm_hits_iter lines;
    size_t branch; /* the next one */
};

static bool next_line(struct walk *walk, const struct tm_report_file *file, struct tm_line *line,
                      struct tm_ratio *taken)
{
    *taken = (struct tm_ratio) { 0, 0 };
    if (!tm_hits_next(&walk->lines, line))
        return false;
    while (walk->branch < file->n_branches && file->branches[walk->branch].line < line->line)
        walk->branch++;
    if (walk->branch < file->n_branches && file->branches[walk->branch].line == line->line)
        *taken = take_branches(file, &walk->branch);
    return true;
}

/* Figures of what is written: a branch of a line without code has no place in Cobertura. */
static struct tm_totals totals_of(const struct tm_report_file *file)
{
    struct tm_totals totals = tm_report_file_totals(file);
    struct walk walk = { tm_hits_iter(&file->lines), 0 };
    struct tm_line line;
    struct tm_ratio taken;

    totals.branches = (struct tm_ratio) { 0, 0 };
    while (next_line(&walk, file, &line, &taken))
        tm_ratio_pool(&totals.branches, taken);
    return totals;
}

static void add_attr(struct tm_buf *out, const char *name, uint64_t value)
{
    tm_buf_addf(out, " %s=\"%llu\"", name, (unsigned long long)value);
}

static void add_head(const struct tm_report_writing *w)
{
    struct tm_buf *out = w->out->buf;
    struct tm_totals totals = { .lines = { 0, 0 } };

    for (size_t i = 0; i < tm_report_n_files(w->report); i++) {
        struct tm_totals of_file = totals_of(tm_report_file_at(w->report, i));

        tm_totals_add(&totals, &of_file);
    }
    tm_buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE coverage SYSTEM "
                     "\"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n<coverage");
    add_rates(out, &totals);
    add_attr(out, "lines-covered", totals.lines.num);
    add_attr(out, "lines-valid", totals.lines.den);
    add_attr(out, "branches-covered", totals.branches.num);
    add_attr(out, "branches-valid", totals.branches.den);
    tm_buf_adds(out, " complexity=\"0\" version=\"tidemark " TM_VERSION "\"");
    add_attr(out, "timestamp", (uint64_t)TM_MAX(tm_clock_now_s(), (int64_t)0));
    tm_buf_adds(out, ">\n<sources>\n");
    for (size_t i = 0; i < w->report->n_roots; i++) {
        tm_buf_adds(out, "<source>");
        add_text(out, w->report->roots[i]);
        tm_buf_adds(out, "</source>\n");
    }
    tm_buf_adds(out, "</sources>\n<packages>\n");
}

/* The hits of a method are those of its first line: only what does not change the line is said. */
static void add_methods(struct tm_buf *out, const struct tm_report_file *file)
{
    struct tm_line *TM_CLEANUP(tm_freep) lines = tm_report_lines(file);

    tm_buf_adds(out, "<methods>\n");
    for (size_t i = 0; i < file->n_functions; i++) {
        const struct tm_function *f = &file->functions[i];
        uint64_t hits;

        if (!f->line || !tm_report_lines_find(lines, file->lines.n, f->line, &hits) ||
            (hits > 0) != (f->hits > 0))
            continue;
        tm_buf_adds(out, "<method name=\"");
        add_text(out, f->name);
        tm_buf_adds(out, "\" signature=\"\"");
        add_rates(out, &(struct tm_totals) { .lines = { f->hits > 0, 1 } });
        tm_buf_adds(out, " complexity=\"0\"><lines><line");
        add_attr(out, "number", f->line);
        add_attr(out, "hits", TM_MIN(f->hits, hits));
        tm_buf_adds(out, "/></lines></method>\n");
    }
    tm_buf_adds(out, "</methods>\n");
}

static void add_line(struct tm_buf *out, struct tm_line line, struct tm_ratio taken)
{
    uint64_t percent = 0;

    tm_buf_adds(out, "<line");
    add_attr(out, "number", line.line);
    add_attr(out, "hits", line.hits);
    if (taken.den && tm_ratio_round(taken, 100, &percent))
        tm_buf_addf(out, " branch=\"true\" condition-coverage=\"%llu%% (%llu/%llu)\"/>\n",
                    (unsigned long long)percent, (unsigned long long)taken.num,
                    (unsigned long long)taken.den);
    else
        tm_buf_adds(out, " branch=\"false\"/>\n");
}

static void add_lines(struct tm_buf *out, const struct tm_report_file *file)
{
    struct walk walk = { tm_hits_iter(&file->lines), 0 };
    struct tm_line line;
    struct tm_ratio taken;

    tm_buf_adds(out, "<lines>\n");
    while (next_line(&walk, file, &line, &taken))
        add_line(out, line, taken);
    tm_buf_adds(out, "</lines>\n");
}

static void add_class(struct tm_buf *out, const struct tm_report_file *file)
{
    struct tm_totals totals = totals_of(file);

    tm_buf_adds(out, "<class name=\"");
    add_text(out, tm_path_base(file->path));
    tm_buf_adds(out, "\" filename=\"");
    add_text(out, file->path);
    tm_buf_addc(out, '"');
    add_rates(out, &totals);
    tm_buf_adds(out, " complexity=\"0\">\n");
    add_methods(out, file);
    add_lines(out, file);
    tm_buf_adds(out, "</class>\n");
}

/* Files of one folder follow each other only when none is in a folder below it between them. */
static void add_package(struct tm_buf *out, const struct tm_report_writing *w, size_t from, size_t to)
{
    struct tm_totals totals = { .lines = { 0, 0 } };

    for (size_t i = from; i < to; i++) {
        struct tm_totals file = tm_report_file_totals(w->files[i]);

        tm_totals_add(&totals, &file);
    }
    tm_buf_adds(out, "<package name=\"");
    add_text(out, tm_path_dir(w->files[from]->path));
    tm_buf_addc(out, '"');
    add_rates(out, &totals);
    tm_buf_adds(out, " complexity=\"0\">\n<classes>\n");
}

static enum tm_code write_cobertura(const struct tm_report_writing *w, struct tm_err *err)
{
    struct tm_buf *out = w->out->buf;
    enum tm_code code = TM_OK;

    add_head(w);
    for (size_t from = 0, to; !code && from < w->n_files; from = to) {
        struct tm_str dir = tm_path_dir(w->files[from]->path);

        for (to = from + 1; to < w->n_files && tm_str_eq(tm_path_dir(w->files[to]->path), dir);)
            to++;
        add_package(out, w, from, to);
        for (size_t i = from; !code && i < to; i++) {
            add_class(out, w->files[i]);
            code = tm_report_out_step(w->out, err);
        }
        tm_buf_adds(out, "</classes>\n</package>\n");
    }
    tm_buf_adds(out, "</packages>\n</coverage>\n");
    return code;
}

const struct tm_report_writer tm_write_cobertura = { "cobertura", write_cobertura };
