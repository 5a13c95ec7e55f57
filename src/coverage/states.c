#include "coverage/states.h"

#include "base/alloc.h"

const char *tm_line_state_name(enum tm_line_state state)
{
    static const char *const names[] = { [TM_LINE_NONE] = "none",
                                         [TM_LINE_COVERED] = "covered",
                                         [TM_LINE_PARTIAL] = "partial",
                                         [TM_LINE_MISSED] = "missed" };

    return names[state];
}

struct tm_states tm_states(const struct tm_report_file *file)
{
    return (struct tm_states) {
        .lines = tm_hits_iter(&file->lines),
        .branch = file->branches,
        .end = file->branches ? file->branches + file->n_branches : NULL,
    };
}

/* Takes the branches of the view's line; where some have ids, those without are the same again. */
static void take_branches(struct tm_states *states, struct tm_line_view *view)
{
    uint64_t ids = 0, ids_taken = 0;

    while (states->branch < states->end && states->branch->line < view->line)
        states->branch++;
    for (; states->branch < states->end && states->branch->line == view->line; states->branch++) {
        const struct tm_branch *branch = states->branch;

        if (branch->flags & TM_BRANCH_COUNT) {
            view->taken += branch->taken;
            view->branches += branch->branch;
        } else {
            ids++;
            ids_taken += !(branch->flags & TM_BRANCH_UNEVALUATED) && branch->taken > 0;
        }
    }
    if (ids) {
        view->taken = ids_taken;
        view->branches = ids;
    }
}

bool tm_states_next(struct tm_states *states, struct tm_line_view *view)
{
    struct tm_line line;

    if (!tm_hits_next(&states->lines, &line))
        return false;
    *view = (struct tm_line_view) { .line = line.line, .hits = line.hits };
    take_branches(states, view);
    if (line.hits == 0)
        view->state = TM_LINE_MISSED;
    else
        view->state = view->taken < view->branches ? TM_LINE_PARTIAL : TM_LINE_COVERED;
    return true;
}

void tm_state_counts_add(struct tm_state_counts *into, const struct tm_state_counts *counts)
{
    for (size_t i = 0; i < TM_LINE_STATES; i++)
        into->of[i] += counts->of[i];
}

struct tm_ratio tm_state_counts_ratio(const struct tm_state_counts *counts)
{
    uint64_t ran = counts->of[TM_LINE_COVERED] + counts->of[TM_LINE_PARTIAL];

    return (struct tm_ratio) { ran, ran + counts->of[TM_LINE_MISSED] };
}

void tm_state_counts_put(struct tm_json_writer *w, const struct tm_state_counts *counts)
{
    uint64_t bp;

    for (size_t i = TM_LINE_COVERED; i < TM_LINE_STATES; i++)
        tm_json_member_u64(w, tm_line_state_name((enum tm_line_state)i), counts->of[i]);
    tm_json_key(w, "coverage_pct");
    if (tm_ratio_bp(tm_state_counts_ratio(counts), &bp))
        tm_json_put_decimal(w, (int64_t)bp, 2);
    else
        tm_json_put_null(w);
}

void tm_spans_add(struct tm_spans *spans, uint32_t line, enum tm_line_state state, bool joins)
{
    struct tm_span *last = spans->n ? &spans->items[spans->n - 1] : NULL;

    if (last && joins && last->state == state) {
        last->last = line;
        return;
    }
    TM_GROW(spans->items, spans->n, spans->cap);
    assert(spans->items);
    spans->items[spans->n++] = (struct tm_span) { line, line, state };
}

void tm_spans_add_text(struct tm_buf *out, const struct tm_span *spans, size_t n, enum tm_line_state state)
{
    const char *comma = "";

    for (size_t i = 0; i < n; i++) {
        if (spans[i].state != state)
            continue;
        tm_buf_addf(out, "%s%u", comma, spans[i].first);
        if (spans[i].last > spans[i].first)
            tm_buf_addf(out, "-%u", spans[i].last);
        comma = ", ";
    }
}

void tm_spans_put(struct tm_json_writer *w, const struct tm_span *spans, size_t n)
{
    tm_json_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        tm_json_object_begin(w);
        tm_json_members(w, "state", tm_line_state_name(spans[i].state));
        tm_json_member_u64(w, "first", spans[i].first);
        tm_json_member_u64(w, "last", spans[i].last);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}
