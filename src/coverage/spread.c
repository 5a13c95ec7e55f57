#include "coverage/spread.h"

#include "base/alloc.h"

/* A statement that is open at the current line. */
struct open {
    uint64_t hits;
    uint32_t end;
};

/* A heap: the open statement with the greatest hits comes first. */
struct heap {
    struct open *items;
    size_t n, cap;
};

static void swap(struct open *a, struct open *b)
{
    struct open kept = *a;

    *a = *b;
    *b = kept;
}

static void push(struct heap *heap, struct open item)
{
    size_t i = heap->n;

    TM_GROW(heap->items, heap->n, heap->cap);
    heap->items[heap->n++] = item;
    for (; i && heap->items[(i - 1) / 2].hits < heap->items[i].hits; i = (i - 1) / 2)
        swap(&heap->items[i], &heap->items[(i - 1) / 2]);
}

static void pop(struct heap *heap)
{
    size_t i = 0;

    heap->items[0] = heap->items[--heap->n];
    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= heap->n)
            return;
        if (child + 1 < heap->n && heap->items[child + 1].hits > heap->items[child].hits)
            child++;
        if (heap->items[child].hits <= heap->items[i].hits)
            return;
        swap(&heap->items[i], &heap->items[child]);
        i = child;
    }
}

enum tm_code tm_spread_statements(struct tm_report_file *file, struct tm_err *err)
{
    struct heap heap = { NULL, 0, 0 };
    enum tm_code code = TM_OK;
    struct tm_statements_iter iter;
    struct tm_statement next;
    uint32_t line = 0;
    bool more;

    tm_records_settle(file);
    iter = tm_statements_iter(&file->statements);
    more = tm_statements_next(&iter, &next);
    while (!code && (more || heap.n)) {
        if (!heap.n)
            line = next.at.line;
        for (; more && next.at.line == line; more = tm_statements_next(&iter, &next)) {
            assert(!next.at.end_line || next.at.end_line >= line);
            push(&heap, (struct open) { next.hits, TM_MAX(next.at.end_line, line) });
        }
        code = tm_report_add_line(file, line, heap.items[0].hits, err);
        line++;
        /* Those further down may be over as well: they go when they come up. */
        while (heap.n && heap.items[0].end < line)
            pop(&heap);
    }
    free(heap.items);
    tm_records_settle(file);
    return code;
}

enum tm_code tm_spread_report(struct tm_report *report, const char *name, struct tm_err *err)
{
    for (size_t i = 0; i < tm_report_n_files(report); i++) {
        enum tm_code code = tm_spread_statements(tm_report_file_at(report, i), err);

        if (code)
            return tm_err_set(err, code, "%s in '%s'", err ? tm_err_msg(err) : "", name);
    }
    return TM_OK;
}

void tm_spread_drop_statements(struct tm_report_file *file)
{
    file->report->n_statements -= file->statements.n;
    tm_statements_release(&file->statements);
    file->statements.greatest = file->report->greatest;
}
