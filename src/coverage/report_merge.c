/* Two reports become one: what both say is united, the rest moves. */
#include "base/alloc.h"
#include "coverage/report.h"

/* A branch id of one report as an id of another. */
static uint32_t move_id(struct tm_report *dst, const struct tm_report *src, uint32_t id)
{
    struct tm_str text = tm_report_id_text(src, id);

    return text.data ? tm_report_id(dst, text) : id;
}

static enum tm_code merge_branches(struct tm_report_file *file, struct tm_report_file *src,
                                   struct tm_err *err)
{
    for (size_t i = 0; i < src->n_branches; i++) {
        struct tm_branch branch = src->branches[i];
        enum tm_code code;

        if (!(branch.flags & TM_BRANCH_COUNT)) {
            branch.block = move_id(file->report, src->report, branch.block);
            branch.branch = move_id(file->report, src->report, branch.branch);
        }
        code = tm_report_add_branch(file, branch, err);
        if (code)
            return code;
    }
    return TM_OK;
}

static enum tm_code merge_lines(struct tm_report_file *file, struct tm_report_file *src, struct tm_err *err)
{
    size_t n = src->lines.n;

    if (n > TM_REPORT_LINES_MAX - file->report->n_lines)
        return tm_err_set(err, TM_E_LIMIT, "more than %d lines", TM_REPORT_LINES_MAX);
    file->report->n_lines -= file->lines.n;
    tm_hits_merge(&file->lines, &src->lines);
    file->report->n_lines += file->lines.n;
    src->report->n_lines -= n;
    return TM_OK;
}

/* Names are those of the source's memory: each is kept anew. */
static enum tm_code merge_functions(struct tm_report_file *file, const struct tm_report_file *src,
                                    struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < src->n_functions; i++)
        code = tm_report_add_function(file, src->functions[i], err);
    return code;
}

static enum tm_code merge_statements(struct tm_report_file *file, struct tm_report_file *src,
                                     struct tm_err *err)
{
    size_t n = src->statements.n;

    if (n > TM_REPORT_STATEMENTS_MAX - file->report->n_statements)
        return tm_err_set(err, TM_E_LIMIT, "more than %d statements", TM_REPORT_STATEMENTS_MAX);
    file->report->n_statements -= file->statements.n;
    tm_statements_merge(&file->statements, &src->statements);
    file->report->n_statements += file->statements.n;
    src->report->n_statements -= n;
    return TM_OK;
}

/* The records of src, settled, to the end of file. */
static enum tm_code move_records(struct tm_report_file *file, struct tm_report_file *src, struct tm_err *err)
{
    enum tm_code code;

    file->formats |= src->formats;
    code = merge_lines(file, src, err);
    if (!code)
        code = merge_branches(file, src, err);
    if (!code)
        code = merge_functions(file, src, err);
    return code ? code : merge_statements(file, src, err);
}

enum tm_code tm_report_merge_file(struct tm_report_file *file, struct tm_report_file *src, struct tm_err *err)
{
    enum tm_code code;

    tm_records_settle(src);
    tm_records_settle(file);
    file->report->approximate += tm_records_count_approximate(file, src);
    code = move_records(file, src, err);
    if (!code)
        tm_report_drop_file(src);
    return code;
}

void tm_report_merge_notes(struct tm_report *dst, struct tm_report *src)
{
    dst->total_notes += src->total_notes;
    for (size_t i = 0; i < src->n_notes; i++) {
        if (dst->n_notes < TM_REPORT_NOTES_KEPT)
            dst->notes[dst->n_notes++] = src->notes[i];
        else
            free(src->notes[i]);
    }
    src->n_notes = 0;
    src->total_notes = 0;
}

/* Whether both together are within the limits, before anything moves. */
static enum tm_code check_limits(const struct tm_report *dst, const struct tm_report *src, struct tm_err *err)
{
    if (dst->files.len + src->files.len > TM_REPORT_FILES_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d files in all reports", TM_REPORT_FILES_MAX);
    if (dst->n_lines + src->n_lines > TM_REPORT_LINES_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d lines in all reports", TM_REPORT_LINES_MAX);
    if (dst->n_branches + src->n_branches > TM_REPORT_BRANCHES_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d branches in all reports", TM_REPORT_BRANCHES_MAX);
    if (dst->n_functions + src->n_functions > TM_REPORT_FUNCTIONS_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d functions in all reports", TM_REPORT_FUNCTIONS_MAX);
    if (dst->n_statements + src->n_statements > TM_REPORT_STATEMENTS_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d statements in all reports",
                          TM_REPORT_STATEMENTS_MAX);
    return TM_OK;
}

/* A report that says nothing becomes src, without a copy. */
static void become(struct tm_report *dst, struct tm_report *src)
{
    struct tm_report was = *dst;

    tm_report_settle(src);
    *dst = *src;
    *src = TM_REPORT_INIT;
    dst->greatest = was.greatest;
    dst->read_source = was.read_source;
    dst->read_source_ctx = was.read_source_ctx;
    for (size_t i = 0; i < tm_report_n_files(dst); i++) {
        struct tm_report_file *file = tm_report_file_at(dst, i);

        file->report = dst;
        file->lines.greatest = file->statements.greatest = dst->greatest;
    }
    tm_report_release(&was);
}

static bool is_blank(const struct tm_report *report)
{
    return !report->files.len && !report->ids.len && !report->n_roots && !report->total_notes &&
           !report->approximate && !tm_drops_total(&report->drops);
}

/* Moves all but the records of files. Ids are numbered in the order in which they appear. */
static enum tm_code move_rest(struct tm_report *dst, struct tm_report *src, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < src->n_roots; i++)
        code = tm_report_add_root(dst, src->roots[i], err);
    if (code)
        return code;
    for (size_t i = 0; i < src->ids.len; i++)
        tm_report_id(dst, src->ids.entries[i].key);
    dst->approximate += src->approximate;
    tm_report_merge_notes(dst, src);
    tm_drops_merge(&dst->drops, &src->drops);
    return TM_OK;
}

static enum tm_code move_files(struct tm_report *dst, struct tm_report *src,
                               enum tm_code (*move)(struct tm_report_file *file, struct tm_report_file *src,
                                                    struct tm_err *err),
                               struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < tm_report_n_files(src); i++) {
        struct tm_report_file *from = tm_report_file_at(src, i);
        struct tm_report_file *to;

        code = tm_report_file(dst, from->path, &to, err);
        if (!code)
            code = move(to, from, err);
    }
    return code;
}

enum tm_code tm_report_merge(struct tm_report *dst, struct tm_report *src, struct tm_err *err)
{
    enum tm_code code;

    if (is_blank(dst)) {
        become(dst, src);
        return TM_OK;
    }
    code = check_limits(dst, src, err);
    if (!code)
        code = move_rest(dst, src, err);
    if (!code)
        code = move_files(dst, src, tm_report_merge_file, err);
    if (!code)
        tm_report_release(src);
    return code;
}

enum tm_code tm_report_join(struct tm_report *dst, struct tm_report *src, struct tm_err *err)
{
    enum tm_code code = move_rest(dst, src, err);

    return code ? code : move_files(dst, src, move_records, err);
}
