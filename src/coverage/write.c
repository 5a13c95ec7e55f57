#include "coverage/write.h"

#include "base/alloc.h"

const struct tm_report_writer *const tm_report_writers[] = {
    &tm_write_cobertura,
    &tm_write_json,
    &tm_write_lcov,
    NULL,
};

const struct tm_report_writer *tm_report_writer_find(struct tm_str name)
{
    for (size_t i = 0; tm_report_writers[i]; i++)
        if (tm_str_is(name, tm_report_writers[i]->name))
            return tm_report_writers[i];
    return NULL;
}

static int by_path(const void *a, const void *b)
{
    return tm_str_cmp((*(struct tm_report_file *const *)a)->path, (*(struct tm_report_file *const *)b)->path);
}

enum tm_code tm_report_write(const struct tm_report *report, const struct tm_report_writer *writer,
                             struct tm_report_out *out, struct tm_err *err)
{
    size_t n = tm_report_n_files(report);
    struct tm_report_file **files = tm_alloc_array(n + 1, sizeof(struct tm_report_file *));
    const struct tm_report_writing writing = { report, files, n, out };
    enum tm_code code;

    for (size_t i = 0; i < n; i++)
        files[i] = tm_report_file_at(report, i);
    qsort(files, n, sizeof(struct tm_report_file *), by_path);
    code = writer->write(&writing, err);
    if (!code)
        code = out->flush(out->ctx, err);
    free(files);
    return code;
}

struct tm_line *tm_report_lines(const struct tm_report_file *file)
{
    struct tm_line *lines = tm_alloc_array(file->lines.n + 1, sizeof(*lines));
    struct tm_hits_iter iter = tm_hits_iter(&file->lines);
    size_t n = 0;

    while (n < file->lines.n && tm_hits_next(&iter, &lines[n]))
        n++;
    return lines;
}

bool tm_report_lines_find(const struct tm_line *lines, size_t n, uint32_t line, uint64_t *hits)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (lines[middle].line < line)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == n || lines[low].line != line)
        return false;
    *hits = lines[low].hits;
    return true;
}

enum tm_code tm_report_out_step(struct tm_report_out *out, struct tm_err *err)
{
    enum { MUCH = 1 << 20 };

    return out->buf->len < MUCH ? TM_OK : out->flush(out->ctx, err);
}
