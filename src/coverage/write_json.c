/*
 * Our own JSON (docs/formats/coverage.md, "tidemark"): all that the model holds. Read by coverage/tidemark.c.
 */
#include "base/json_write.h"
#include "coverage/write.h"

static void put_row(struct tm_json_writer *w, const uint64_t *numbers, size_t n)
{
    tm_json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        tm_json_put_u64(w, numbers[i]);
    tm_json_array_end(w);
}

static void put_lines(struct tm_json_writer *w, const struct tm_report_file *file)
{
    struct tm_hits_iter iter = tm_hits_iter(&file->lines);
    struct tm_line line;

    tm_json_key(w, "lines");
    tm_json_array_begin(w);
    while (tm_hits_next(&iter, &line))
        put_row(w, (uint64_t[]) { line.line, line.hits }, 2);
    tm_json_array_end(w);
}

static void put_id(struct tm_json_writer *w, const struct tm_report *report, uint32_t id)
{
    struct tm_str text = tm_report_id_text(report, id);

    if (text.data)
        tm_json_put_str(w, text);
    else
        tm_json_put_u64(w, id);
}

static void put_branches(struct tm_json_writer *w, const struct tm_report_file *file)
{
    tm_json_key(w, "branches");
    tm_json_array_begin(w);
    for (size_t i = 0; i < file->n_branches; i++) {
        const struct tm_branch *branch = &file->branches[i];

        if (branch->flags & TM_BRANCH_COUNT) {
            put_row(w, (uint64_t[]) { branch->line, branch->taken, branch->branch }, 3);
            continue;
        }
        tm_json_array_begin(w);
        tm_json_put_u64(w, branch->line);
        put_id(w, file->report, branch->block);
        put_id(w, file->report, branch->branch);
        if (branch->flags & TM_BRANCH_UNEVALUATED)
            tm_json_put_null(w);
        else
            tm_json_put_u64(w, branch->taken);
        tm_json_array_end(w);
    }
    tm_json_array_end(w);
}

static void put_functions(struct tm_json_writer *w, const struct tm_report_file *file)
{
    static const char *const keys[] = {
        [TM_FUNCTION_BY_NAME] = "name", [TM_FUNCTION_BY_LINE] = "line", [TM_FUNCTION_BY_PLACE] = "place"
    };

    tm_json_key(w, "functions");
    tm_json_array_begin(w);
    for (size_t i = 0; i < file->n_functions; i++) {
        const struct tm_function *f = &file->functions[i];

        tm_json_object_begin(w);
        tm_json_member_str(w, "name", f->name);
        tm_json_member_u64(w, "line", f->line);
        tm_json_member_u64(w, "place", f->place);
        tm_json_member_u64(w, "hits", f->hits);
        tm_json_members(w, "by", keys[f->key]);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

static void put_statements(struct tm_json_writer *w, const struct tm_report_file *file)
{
    struct tm_statements_iter iter = tm_statements_iter(&file->statements);
    struct tm_statement s;

    tm_json_key(w, "statements");
    tm_json_array_begin(w);
    while (tm_statements_next(&iter, &s))
        put_row(w, (uint64_t[]) { s.at.line, s.at.column, s.at.end_line, s.at.end_column, s.n, s.hits }, 6);
    tm_json_array_end(w);
}

static void put_file(struct tm_json_writer *w, const struct tm_report_file *file)
{
    tm_json_object_begin(w);
    tm_json_member_str(w, "path", file->path);
    put_lines(w, file);
    put_branches(w, file);
    put_functions(w, file);
    put_statements(w, file);
    tm_json_object_end(w);
}

static enum tm_code write_json(const struct tm_report_writing *writing, struct tm_err *err)
{
    const struct tm_report *report = writing->report;
    enum tm_code code = TM_OK;
    struct tm_json_writer w;

    tm_json_writer_init(&w, writing->out->buf, 0);
    tm_json_object_begin(&w);
    tm_json_members(&w, "format", "tidemark-coverage/1");
    tm_json_key(&w, "roots");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < report->n_roots; i++)
        tm_json_put_str(&w, report->roots[i]);
    tm_json_array_end(&w);
    tm_json_key(&w, "files");
    tm_json_array_begin(&w);
    for (size_t i = 0; !code && i < writing->n_files; i++) {
        put_file(&w, writing->files[i]);
        code = tm_report_out_step(writing->out, err);
    }
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(writing->out->buf, '\n');
    return code;
}

const struct tm_report_writer tm_write_json = { "json", write_json };
