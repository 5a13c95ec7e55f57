#include "coverage/statements.h"

#include "base/alloc.h"
#include "base/leb128.h"
#include "base/sort.h"
#include "coverage/count.h"

/*
 * The first number of a record is the step from the line before it, more one; 0 says that it, and so the step
 * behind it, is from line 0 again.
 */
enum {
    RECORD_MAX = 1 + 4 + 5 + 5 + 5 + 5 + TM_LEB128_MAX,
    USUAL = 6, /* bytes of most records */
};

void tm_statements_release(struct tm_statements *list)
{
    free(list->data);
    *list = TM_STATEMENTS_INIT;
}

void tm_statements_clear(struct tm_statements *list)
{
    unsigned char *data = list->data;
    size_t cap = list->cap;

    *list = (struct tm_statements) { .data = data, .cap = cap, .greatest = list->greatest };
}

static int by_extent(const struct tm_extent *a, const struct tm_extent *b)
{
    int order = tm_compare(a->line, b->line);

    if (!order)
        order = tm_compare(a->column, b->column);
    if (!order)
        order = tm_compare(a->end_line, b->end_line);
    return order ? order : tm_compare(a->end_column, b->end_column);
}

/* Nearly always the lines say it. */
static inline bool stands_behind(const struct tm_extent *a, const struct tm_extent *b)
{
    return b->line > a->line || (b->line == a->line && by_extent(a, b) < 0);
}

/* Lines to the end, which may stand before the start: 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
static uint64_t zigzag(int64_t n)
{
    return n < 0 ? (uint64_t)-n * 2 - 1 : (uint64_t)n * 2;
}

static int64_t unzigzag(uint64_t n)
{
    return n & 1 ? -(int64_t)(n / 2) - 1 : (int64_t)(n / 2);
}

static inline unsigned char *put_record(unsigned char *to, uint32_t step, const struct tm_statement *s)
{
    uint64_t lines = zigzag((int64_t)s->at.end_line - s->at.line);

    if ((step | s->at.column | lines | s->at.end_column | s->n) < 0x80 && s->hits < 0x4000) {
        to[0] = (unsigned char)step;
        to[1] = (unsigned char)s->at.column;
        to[2] = (unsigned char)lines;
        to[3] = (unsigned char)s->at.end_column;
        to[4] = (unsigned char)s->n;
        return tm_leb128_put_short(to + 5, s->hits);
    }
    to = tm_leb128_put(tm_leb128_put(to, step), s->at.column);
    to = tm_leb128_put(tm_leb128_put(to, lines), s->at.end_column);
    return tm_leb128_put(tm_leb128_put(to, s->n), s->hits);
}

/* Makes room for so many bytes more. What is loose is settled first: it may need no more. */
static void make_room(struct tm_statements *list, size_t bytes)
{
    if (list->cap - list->len >= bytes)
        return;
    tm_statements_settle(list);
    if (list->len + bytes <= list->cap / 2)
        return;
    list->cap = TM_MAX(list->cap * 2, TM_MAX(list->len + bytes, (size_t)2 * RECORD_MAX));
    list->data = tm_realloc_array(list->data, list->cap, 1);
}

/* Adds as many as have room for sure, at least one. */
static size_t add_fitting(struct tm_statements *list, const struct tm_statement *records, size_t n)
{
    uint64_t total = 0, covered = 0;
    struct tm_extent last;
    unsigned char *to;
    bool loose;

    if (list->cap - list->len < RECORD_MAX)
        make_room(list, RECORD_MAX + USUAL * (n - 1));
    assert(list->data);
    last = list->last;
    loose = list->loose;
    to = list->data + list->len;
    n = TM_MIN(n, (list->cap - list->len) / RECORD_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct tm_statement *s = &records[i];

        loose |= !stands_behind(&last, &s->at);
        if (s->at.line < last.line) {
            *to++ = 0;
            last.line = 0;
        }
        to = put_record(to, s->at.line - last.line + 1, s);
        last = s->at;
        total += s->n;
        covered += s->hits ? s->n : 0;
    }
    list->len = (size_t)(to - list->data);
    list->last = last;
    list->loose = loose;
    list->n += n;
    list->total += total;
    list->covered += covered;
    return n;
}

void tm_statements_add(struct tm_statements *list, const struct tm_statement *records, size_t n)
{
    for (size_t done = 0; done < n;)
        done += add_fitting(list, records + done, n - done);
}

struct tm_statements_iter tm_statements_iter(const struct tm_statements *list)
{
    return (struct tm_statements_iter) { list->data, list->data ? list->data + list->len : NULL, 0 };
}

bool tm_statements_next(struct tm_statements_iter *iter, struct tm_statement *record)
{
    uint64_t step, column, lines, end_column, n;

    if (iter->at == iter->end)
        return false;
    iter->at = tm_leb128_take(iter->at, &step);
    if (step == 0) {
        iter->line = 0;
        iter->at = tm_leb128_take(iter->at, &step);
    }
    iter->at = tm_leb128_take(tm_leb128_take(iter->at, &column), &lines);
    iter->at = tm_leb128_take(tm_leb128_take(iter->at, &end_column), &n);
    iter->at = tm_leb128_take(iter->at, &record->hits);
    iter->line += (uint32_t)step - 1;
    record->at.line = iter->line;
    record->at.column = (uint32_t)column;
    record->at.end_line = (uint32_t)(iter->line + unzigzag(lines));
    record->at.end_column = (uint32_t)end_column;
    record->n = (uint32_t)n;
    return true;
}

static int by_place(const void *a, const void *b)
{
    return by_extent(&((const struct tm_statement *)a)->at, &((const struct tm_statement *)b)->at);
}

static void unite(struct tm_statement *into, const struct tm_statement *with, bool greatest)
{
    into->hits = tm_count_unite(into->hits, with->hits, greatest);
    into->n = TM_MAX(into->n, with->n);
}

void tm_statements_settle(struct tm_statements *list)
{
    struct tm_statements_iter iter = tm_statements_iter(list);
    struct tm_statement *records;
    size_t n = 0, kept = 0;

    if (!list->loose)
        return;
    records = tm_alloc_array(list->n, sizeof(*records));
    while (n < list->n && tm_statements_next(&iter, &records[n]))
        n++;
    tm_sort_runs(records, n, sizeof(*records), by_place);
    for (size_t i = 1; i < n; i++) {
        if (by_extent(&records[i].at, &records[kept].at) == 0)
            unite(&records[kept], &records[i], list->greatest);
        else
            records[++kept] = records[i];
    }
    tm_statements_clear(list);
    tm_statements_add(list, records, kept + 1);
    free(records);
}

void tm_statements_append(struct tm_statements *list, const struct tm_statements *src)
{
    struct tm_statements_iter iter = tm_statements_iter(src);
    const unsigned char *rest;
    struct tm_statement first;
    uint64_t step;
    unsigned char *to;

    if (!tm_statements_next(&iter, &first))
        return;
    make_room(list, src->len + RECORD_MAX);
    assert(list->data);
    list->loose |= src->loose || (list->n && !stands_behind(&list->last, &first.at));
    to = list->data + list->len;
    /* Records depend on the line before the first of them alone, and there is none before that of src. */
    rest = tm_leb128_take(src->data, &step);
    if (first.at.line < list->last.line)
        *to++ = 0;
    else
        step -= list->last.line;
    to = tm_leb128_put(to, step);
    memcpy(to, rest, src->len - (size_t)(rest - src->data));
    to += src->len - (size_t)(rest - src->data);
    list->len = (size_t)(to - list->data);
    list->last = src->last;
    list->n += src->n;
    list->total += src->total;
    list->covered += src->covered;
}

void tm_statements_merge(struct tm_statements *list, struct tm_statements *src)
{
    bool greatest = list->greatest;

    if (list->n) {
        tm_statements_append(list, src);
        tm_statements_release(src);
        return;
    }
    tm_statements_release(list);
    *list = *src;
    list->greatest = greatest;
    *src = TM_STATEMENTS_INIT;
}
