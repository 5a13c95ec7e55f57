/*
 * LCOV tracefiles, as geninfo 1 writes them: every tool that reads LCOV reads these.
 */
#include "base/alloc.h"
#include "coverage/write.h"

static void add_number(struct tm_buf *out, const char *before, uint64_t number, char behind)
{
    tm_buf_adds(out, before);
    tm_buf_add_u64(out, number);
    if (behind)
        tm_buf_addc(out, behind);
}

/* Adds text that must stay on one line. */
static void add_text(struct tm_buf *out, struct tm_str text)
{
    for (size_t i = 0; i < text.len; i++)
        tm_buf_addc(out, (unsigned char)text.data[i] < 0x20 ? ' ' : text.data[i]);
}

/* The name of a function; LCOV tells them apart by it, so what others have too gets its place behind it. */
static void add_name(struct tm_buf *out, const struct tm_function *f, const struct tm_map *names)
{
    add_text(out, f->name.len ? f->name : TM_STR("(anonymous)"));
    if ((uintptr_t)tm_map_get(names, f->name) < 2)
        return;
    add_number(out, "@", f->line, 0);
    if (f->place)
        add_number(out, ":", f->place, 0);
}

static void add_functions(struct tm_buf *out, const struct tm_report_file *file)
{
    struct tm_map TM_CLEANUP(tm_map_release) names = TM_MAP_INIT;
    size_t entered = 0;

    for (size_t i = 0; i < file->n_functions; i++) {
        void **count = tm_map_at(&names, file->functions[i].name, NULL);

        *count = (void *)((uintptr_t)*count + 1);
    }
    for (size_t i = 0; i < file->n_functions; i++) {
        add_number(out, "FN:", file->functions[i].line, ',');
        add_name(out, &file->functions[i], &names);
        tm_buf_addc(out, '\n');
    }
    for (size_t i = 0; i < file->n_functions; i++) {
        add_number(out, "FNDA:", file->functions[i].hits, ',');
        add_name(out, &file->functions[i], &names);
        tm_buf_addc(out, '\n');
        entered += file->functions[i].hits > 0;
    }
    if (file->n_functions) {
        add_number(out, "FNF:", file->n_functions, '\n');
        add_number(out, "FNH:", entered, '\n');
    }
}

static void add_id(struct tm_buf *out, const struct tm_report *report, uint32_t id)
{
    struct tm_str text = tm_report_id_text(report, id);

    if (text.data)
        add_text(out, text);
    else
        tm_buf_add_u64(out, id);
}

/* Branches without ids are numbered; the first ones are those that were taken. */
static void add_count(struct tm_buf *out, const struct tm_branch *branch, bool ran)
{
    for (uint32_t i = 0; i < branch->branch; i++) {
        add_number(out, "BRDA:", branch->line, ',');
        add_number(out, "0,", i, ',');
        tm_buf_adds(out, i < branch->taken ? "1\n" : ran ? "0\n" : "-\n");
    }
}

static void add_branches(struct tm_buf *out, const struct tm_report_file *file, struct tm_ratio totals)
{
    struct tm_line *TM_CLEANUP(tm_freep) lines = tm_report_lines(file);

    for (size_t i = 0; i < file->n_branches; i++) {
        const struct tm_branch *branch = &file->branches[i];
        uint64_t hits;

        if (branch->flags & TM_BRANCH_COUNT) {
            bool ran = !tm_report_lines_find(lines, file->lines.n, branch->line, &hits) || hits;

            if (i == 0 || branch[-1].line != branch->line)
                add_count(out, branch, ran);
            continue;
        }
        add_number(out, "BRDA:", branch->line, ',');
        add_id(out, file->report, branch->block);
        tm_buf_addc(out, ',');
        add_id(out, file->report, branch->branch);
        if (branch->flags & TM_BRANCH_UNEVALUATED)
            tm_buf_adds(out, ",-\n");
        else
            add_number(out, ",", branch->taken, '\n');
    }
    if (totals.den) {
        add_number(out, "BRF:", totals.den, '\n');
        add_number(out, "BRH:", totals.num, '\n');
    }
}

/* LCOV has no source roots: a single one goes before the path. */
static void add_path(struct tm_buf *out, const struct tm_report *report, struct tm_str path)
{
    bool absolute = path.data[0] == '/' || (path.len > 1 && path.data[1] == ':');

    if (report->n_roots == 1 && !absolute) {
        add_text(out, report->roots[0]);
        if (!tm_str_has_suffix(report->roots[0], TM_STR("/")))
            tm_buf_addc(out, '/');
    }
    add_text(out, path);
}

static void add_file(struct tm_buf *out, const struct tm_report_file *file)
{
    struct tm_totals totals = tm_report_file_totals(file);
    struct tm_hits_iter iter = tm_hits_iter(&file->lines);
    struct tm_line line;

    tm_buf_adds(out, "TN:\nSF:");
    add_path(out, file->report, file->path);
    tm_buf_addc(out, '\n');
    add_functions(out, file);
    add_branches(out, file, totals.branches);
    while (tm_hits_next(&iter, &line)) {
        add_number(out, "DA:", line.line, ',');
        add_number(out, "", line.hits, '\n');
    }
    add_number(out, "LF:", totals.lines.den, '\n');
    add_number(out, "LH:", totals.lines.num, '\n');
    tm_buf_adds(out, "end_of_record\n");
}

static enum tm_code write_lcov(const struct tm_report_writing *w, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < w->n_files; i++) {
        add_file(w->out->buf, w->files[i]);
        code = tm_report_out_step(w->out, err);
    }
    return code;
}

const struct tm_report_writer tm_write_lcov = { "lcov", write_lcov };
