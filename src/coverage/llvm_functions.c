#include "coverage/llvm_functions.h"

#include "base/alloc.h"

enum {
    REGION_LINE,
    REGION_COLUMN,
    REGION_END_LINE,
    REGION_END_COLUMN,
    REGION_COUNT,
    REGION_FILE,
    REGION_KIND = 7,
    KIND_CODE = 0,
};

struct span {
    size_t at, len; /* in functions->text */
};

struct tm_llvm_function {
    struct span name;
    uint64_t hits;
    uint32_t line, column;
    size_t n_runs; /* the first is of the file where it stands, with or without statements */
};

struct tm_llvm_run {
    struct span path;
    size_t packed;                   /* where in functions->packed */
    struct tm_statements statements; /* without memory of their own */
};

void tm_llvm_functions_release(struct tm_llvm_functions *functions)
{
    tm_buf_release(&functions->text);
    free(functions->items);
    free(functions->runs);
    tm_buf_release(&functions->packed);
    tm_statements_release(&functions->run);
}

enum tm_code tm_llvm_names_path(const struct tm_llvm_names *names, uint64_t number, struct tm_str *path,
                                struct tm_err *err)
{
    size_t start, end;

    if (number >= names->n)
        return tm_err_set(err, TM_E_FORMAT, "row of a file that 'filenames' does not have");
    start = names->starts[number];
    end = number + 1 < names->n ? names->starts[number + 1] : names->text.len;
    *path = tm_str_n(names->text.data + start, end - 1 - start);
    return TM_OK;
}

static struct span keep_text(struct tm_llvm_functions *f, struct tm_str text)
{
    struct span span = { f->text.len, text.len };

    tm_buf_add_str(&f->text, text);
    return span;
}

static struct tm_str text_of(const struct tm_llvm_functions *f, struct span span)
{
    return tm_str_n(f->text.data + span.at, span.len);
}

/* Regions of the file of that number follow. */
static enum tm_code start_run(struct tm_llvm_functions *f, const struct tm_llvm_names *files, uint64_t number,
                              struct tm_err *err)
{
    struct tm_str path;
    enum tm_code code = tm_llvm_names_path(files, number, &path, err);

    if (!code)
        code = tm_report_check_path(path, err);
    if (code)
        return code;
    TM_GROW(f->runs, f->n_runs, f->cap_runs);
    f->runs[f->n_runs].path = (struct span) { f->names_at + files->starts[number], path.len };
    tm_statements_clear(&f->run);
    return TM_OK;
}

static void pack_waiting(struct tm_llvm_functions *f)
{
    tm_statements_add(&f->run, f->waiting, f->n_waiting);
    f->n_waiting = 0;
}

static void end_run(struct tm_llvm_functions *f)
{
    struct tm_llvm_run *run = &f->runs[f->n_runs++];

    pack_waiting(f);
    run->packed = f->packed.len;
    run->statements = f->run;
    tm_buf_add(&f->packed, f->run.data, f->run.len);
    f->items[f->n_items].n_runs++;
}

static void keep_region(struct tm_llvm_functions *f, const uint64_t *v)
{
    struct tm_statement *statement = &f->waiting[f->n_waiting++];

    statement->at.line = (uint32_t)v[REGION_LINE];
    statement->at.column = (uint32_t)TM_MIN(v[REGION_COLUMN], (uint64_t)UINT32_MAX);
    statement->at.end_line = (uint32_t)TM_MIN(v[REGION_END_LINE], (uint64_t)TM_REPORT_LINE_MAX);
    statement->at.end_column = (uint32_t)TM_MIN(v[REGION_END_COLUMN], (uint64_t)UINT32_MAX);
    statement->n = 1;
    statement->hits = v[REGION_COUNT];
    if (f->n_waiting == TM_LLVM_WAITING_MAX)
        pack_waiting(f);
}

enum tm_code tm_llvm_functions_keep(struct tm_llvm_functions *functions, struct tm_str name, uint64_t count,
                                    const struct tm_json_row *regions, size_t n,
                                    const struct tm_llvm_names *files, struct tm_err *err)
{
    struct tm_llvm_functions *f = functions;
    const uint64_t *first = regions[0].values;
    struct tm_function checked = { .name = name };
    uint64_t file = first[REGION_FILE];
    enum tm_code code;

    assert(n);
    TM_GROW(f->items, f->n_items, f->cap_items);
    f->items[f->n_items] = (struct tm_llvm_function) {
        .hits = count,
        .line = (uint32_t)first[REGION_LINE],
        .column = (uint32_t)TM_MIN(first[REGION_COLUMN], (uint64_t)UINT32_MAX),
    };
    /* Once for the function: a run can be one region. */
    f->names_at = keep_text(f, tm_buf_str(&files->text)).at;
    code = start_run(f, files, file, err);
    if (!code)
        code = tm_report_check_function(&checked, err);
    for (size_t i = 0; !code && i < n; i++) {
        const uint64_t *v = regions[i].values;

        if (v[REGION_KIND] != KIND_CODE)
            continue;
        if (v[REGION_FILE] != file) {
            end_run(f);
            code = start_run(f, files, file = v[REGION_FILE], err);
        }
        if (!code)
            keep_region(f, v);
    }
    if (code)
        return code;
    end_run(f);
    f->items[f->n_items++].name = keep_text(f, name);
    return TM_OK;
}

enum tm_code tm_llvm_functions_add(struct tm_llvm_functions *functions, struct tm_report *report,
                                   struct tm_err *err)
{
    const struct tm_llvm_functions *f = functions;
    struct tm_llvm_run *run = f->runs;
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < f->n_items; i++) {
        const struct tm_llvm_function *item = &f->items[i];
        struct tm_function function = {
            .key = TM_FUNCTION_BY_LINE,
            .name = text_of(f, item->name),
            .hits = item->hits,
            .line = item->line,
            .place = item->column,
        };

        for (size_t k = 0; !code && k < item->n_runs; k++, run++) {
            struct tm_report_file *file = NULL;

            code = tm_report_file(report, text_of(f, run->path), &file, err);
            if (!code && k == 0)
                code = tm_report_add_function(file, function, err);
            run->statements.data = (unsigned char *)f->packed.data + run->packed;
            if (!code)
                code = tm_report_append_statements(file, &run->statements, err);
        }
    }
    tm_buf_clear(&functions->text);
    tm_buf_clear(&functions->packed);
    functions->n_items = functions->n_runs = 0;
    return code;
}
