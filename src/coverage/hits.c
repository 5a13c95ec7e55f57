#include "coverage/hits.h"

#include "base/alloc.h"
#include "base/leb128.h"
#include "base/sort.h"
#include "coverage/count.h"

enum { RECORD_MAX = 1 + 4 + TM_LEB128_MAX }; /* bytes: starting over, a step, hits */

void tm_hits_release(struct tm_hits *lines)
{
    free(lines->data);
    *lines = TM_HITS_INIT;
}

/* Makes room for one more record. What is loose is settled first: it may need no more. */
static void make_room(struct tm_hits *lines)
{
    tm_hits_settle(lines);
    if (lines->len + RECORD_MAX <= lines->cap / 2)
        return;
    lines->cap = TM_MAX(lines->cap * 2, (size_t)64);
    lines->data = tm_realloc_array(lines->data, lines->cap, 1);
}

/* Adds records as long as there is room, and returns how many. What changes with each is kept in registers.
 */
static size_t add_fitting(struct tm_hits *lines, const struct tm_line *records, size_t n)
{
    unsigned char *to = lines->data + lines->len, *end = lines->data + lines->cap;
    uint32_t last = lines->last;
    size_t covered = 0, i;

    for (i = 0; i < n && end - to >= RECORD_MAX; i++) {
        uint64_t hits = records[i].hits;
        uint32_t line = records[i].line;

        if (line <= last) {
            *to++ = 0;
            last = 0;
            lines->loose = true;
        }
        if (line - last < 0x80 && hits < 0x4000) {
            *to++ = (unsigned char)(line - last);
            to = tm_leb128_put_short(to, hits);
        } else {
            to = tm_leb128_put(tm_leb128_put(to, line - last), hits);
        }
        last = line;
        covered += hits > 0;
    }
    lines->len = (size_t)(to - lines->data);
    lines->last = last;
    lines->n += i;
    lines->covered += covered;
    return i;
}

void tm_hits_add(struct tm_hits *lines, const struct tm_line *records, size_t n)
{
    for (size_t done = 0; done < n;) {
        if (lines->cap - lines->len < RECORD_MAX)
            make_room(lines);
        done += add_fitting(lines, records + done, n - done);
    }
}

struct tm_hits_iter tm_hits_iter(const struct tm_hits *lines)
{
    return (struct tm_hits_iter) { lines->data, lines->data ? lines->data + lines->len : NULL, 0 };
}

bool tm_hits_next(struct tm_hits_iter *iter, struct tm_line *record)
{
    uint64_t step;

    if (iter->at == iter->end)
        return false;
    iter->at = tm_leb128_take(iter->at, &step);
    if (step == 0) {
        iter->line = 0;
        iter->at = tm_leb128_take(iter->at, &step);
    }
    iter->at = tm_leb128_take(iter->at, &record->hits);
    iter->line += (uint32_t)step;
    record->line = iter->line;
    return true;
}

static int by_line(const void *a, const void *b)
{
    const struct tm_line *la = a, *lb = b;

    return (la->line > lb->line) - (la->line < lb->line);
}

void tm_hits_settle(struct tm_hits *lines)
{
    struct tm_hits_iter iter = tm_hits_iter(lines);
    struct tm_line *records;
    size_t n = 0, kept = 0;

    if (!lines->loose)
        return;
    records = tm_alloc_array(lines->n, sizeof(*records));
    while (n < lines->n && tm_hits_next(&iter, &records[n]))
        n++;
    tm_sort_runs(records, n, sizeof(*records), by_line);
    for (size_t i = 1; i < n; i++) {
        if (records[i].line == records[kept].line)
            records[kept].hits = tm_count_unite(records[kept].hits, records[i].hits, lines->greatest);
        else
            records[++kept] = records[i];
    }
    tm_hits_clear(lines);
    tm_hits_add(lines, records, kept + 1);
    free(records);
}

void tm_hits_clear(struct tm_hits *lines)
{
    unsigned char *data = lines->data;
    size_t cap = lines->cap;

    *lines = (struct tm_hits) { .data = data, .cap = cap, .greatest = lines->greatest };
}

void tm_hits_append(struct tm_hits *lines, const struct tm_hits *src)
{
    struct tm_hits_iter iter = tm_hits_iter(src);
    bool greatest = lines->greatest;
    struct tm_line record;

    if (lines->n == 0 && src->n) {
        tm_hits_release(lines);
        *lines = *src;
        lines->greatest = greatest;
        lines->cap = src->len;
        lines->data = tm_realloc_array(NULL, src->len, 1);
        memcpy(lines->data, src->data, src->len);
        return;
    }
    while (tm_hits_next(&iter, &record))
        tm_hits_put(lines, record.line, record.hits);
}

void tm_hits_merge(struct tm_hits *lines, struct tm_hits *src)
{
    bool greatest = lines->greatest;

    if (lines->n == 0) {
        tm_hits_release(lines);
        *lines = *src;
        lines->greatest = greatest;
        *src = TM_HITS_INIT;
        return;
    }
    tm_hits_append(lines, src);
    tm_hits_release(src);
}

void tm_hits_subtract(struct tm_hits *out, const struct tm_hits *all, const struct tm_hits *without)
{
    struct tm_hits_iter a = tm_hits_iter(all), b = tm_hits_iter(without);
    struct tm_line line, other = { 0, 0 };
    bool more = tm_hits_next(&b, &other);

    tm_hits_clear(out);
    while (tm_hits_next(&a, &line)) {
        while (more && other.line < line.line)
            more = tm_hits_next(&b, &other);
        if (!more || other.line != line.line)
            tm_hits_put(out, line.line, line.hits);
    }
}
