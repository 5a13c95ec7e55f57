#include "coverage/compare.h"

#include "base/alloc.h"

void tm_compare_release(struct tm_compare *compare)
{
    tm_arena_release(&compare->arena);
    free(compare->files);
    *compare = TM_COMPARE_INIT;
}

uint64_t tm_flips_all(const struct tm_flip_counts *flips)
{
    uint64_t n = 0;

    for (size_t from = 0; from < TM_LINE_STATES; from++)
        for (size_t to = 0; to < TM_LINE_STATES; to++)
            n += flips->of[from][to];
    return n;
}

/* States stand in the order from best to worst, behind "none". */
uint64_t tm_flips_worse(const struct tm_flip_counts *flips)
{
    uint64_t n = 0;

    for (size_t from = TM_LINE_COVERED; from < TM_LINE_STATES; from++)
        for (size_t to = from + 1; to < TM_LINE_STATES; to++)
            n += flips->of[from][to];
    return n;
}

uint64_t tm_flips_better(const struct tm_flip_counts *flips)
{
    uint64_t n = 0;

    for (size_t from = TM_LINE_COVERED; from < TM_LINE_STATES; from++)
        for (size_t to = TM_LINE_COVERED; to < from; to++)
            n += flips->of[from][to];
    return n;
}

/* One side of a file: its lines one by one, and where they are on the other side. */
struct side {
    struct tm_states states;
    struct tm_linemap map;
    struct tm_line_view view;
    uint32_t line; /* after the change */
    bool more;
};

/* The lines of both sides, met in the order of the numbers they have after the change. */
struct pairing {
    struct tm_compare_file *file;
    struct side before, after;
    struct tm_spans spans;
    struct tm_flip *flips;
    size_t n_flips, cap_flips;
    bool span_joins, flip_joins; /* nothing that counts came since the last one */
};

/* The next line of before that stayed; those that the change took away are counted on the way. */
static void step_before(struct pairing *p)
{
    struct side *side = &p->before;

    while ((side->more = side->more && tm_states_next(&side->states, &side->view))) {
        if (tm_linemap_next(&side->map, side->view.line, &side->line))
            return;
        p->file->removed.of[side->view.state]++;
    }
}

/* The next line of after that was there before; those that the change made are counted on the way. */
static void step_after(struct pairing *p)
{
    struct side *side = &p->after;
    uint32_t old;

    while ((side->more = side->more && tm_states_next(&side->states, &side->view))) {
        side->line = side->view.line;
        if (tm_linemap_next(&side->map, side->line, &old))
            return;
        p->file->added.of[side->view.state]++;
        tm_spans_add(&p->spans, side->line, side->view.state, p->span_joins);
        p->span_joins = true;
        p->flip_joins = false;
    }
}

static void meet(struct pairing *p, uint32_t line, enum tm_line_state from, enum tm_line_state to)
{
    struct tm_flip *last = p->n_flips ? &p->flips[p->n_flips - 1] : NULL;

    p->span_joins = false;
    if (from == to) {
        p->flip_joins = false;
        return;
    }
    p->file->elsewhere.of[from][to]++;
    if (last && p->flip_joins && last->from == from && last->to == to) {
        last->last = line;
        return;
    }
    TM_GROW(p->flips, p->n_flips, p->cap_flips);
    assert(p->flips);
    p->flips[p->n_flips++] = (struct tm_flip) { line, line, from, to };
    p->flip_joins = true;
}

static void walk(struct pairing *p)
{
    step_before(p);
    step_after(p);
    while (p->before.more || p->after.more) {
        bool has_before = p->before.more && (!p->after.more || p->before.line <= p->after.line);
        bool has_after = p->after.more && (!p->before.more || p->after.line <= p->before.line);
        uint32_t line = has_before ? p->before.line : p->after.line;

        meet(p, line, has_before ? p->before.view.state : TM_LINE_NONE,
             has_after ? p->after.view.state : TM_LINE_NONE);
        if (has_before)
            step_before(p);
        if (has_after)
            step_after(p);
    }
}

static struct side make_side(const struct tm_report_file *file, struct tm_linemap map)
{
    struct side side = { .map = map, .more = file != NULL };

    if (file)
        side.states = tm_states(file);
    return side;
}

static void keep_lines(struct tm_compare *compare, struct pairing *p)
{
    struct tm_compare_file *file = p->file;

    file->n_spans = p->spans.n;
    file->spans = tm_arena_array(&compare->arena, p->spans.n, sizeof(*file->spans));
    if (p->spans.n)
        memcpy(file->spans, p->spans.items, p->spans.n * sizeof(*file->spans));
    file->n_flips = p->n_flips;
    file->flips = tm_arena_array(&compare->arena, p->n_flips, sizeof(*file->flips));
    if (p->n_flips)
        memcpy(file->flips, p->flips, p->n_flips * sizeof(*file->flips));
    free(p->spans.items);
    free(p->flips);
}

/* Why lines of a file cannot be followed; NULL when they can. */
static const char *why_skipped(const struct tm_git_delta *change, const struct tm_report_file *before,
                               const struct tm_report_file *after)
{
    char what = change ? change->what : ' ';

    if (what == 'U')
        return "in conflict";
    if (change && change->binary)
        return "git takes it for binary, or it is too large to compare";
    if (!before && what != 'A')
        return "in the second report only";
    return !after && what != 'D' ? "in the first report only" : NULL;
}

static void add_up(struct tm_compare *compare, const struct tm_compare_file *file)
{
    tm_state_counts_add(&compare->added, &file->added);
    tm_state_counts_add(&compare->removed, &file->removed);
    for (size_t from = 0; from < TM_LINE_STATES; from++)
        for (size_t to = 0; to < TM_LINE_STATES; to++)
            compare->elsewhere.of[from][to] += file->elsewhere.of[from][to];
    compare->skipped += file->skipped != NULL;
}

static bool says_something(const struct tm_compare_file *file)
{
    uint64_t touched = 0;

    for (size_t i = 0; i < TM_LINE_STATES; i++)
        touched += file->added.of[i] + file->removed.of[i];
    return file->skipped || touched || file->n_flips;
}

static void add_pair(struct tm_compare *compare, const struct tm_git_delta *change, struct tm_str path,
                     const struct tm_report_file *before, const struct tm_report_file *after)
{
    struct tm_compare_file *file;

    TM_GROW(compare->files, compare->n_files, compare->cap_files);
    file = &compare->files[compare->n_files];
    *file = (struct tm_compare_file) { .path = path, .change = change };
    file->module = tm_catalog_owner(compare->after->gather.catalog, path);
    file->skipped = why_skipped(change, before, after);
    if (!file->skipped) {
        struct pairing p = { .file = file,
                             .before = make_side(before, tm_linemap_to_new(change)),
                             .after = make_side(after, tm_linemap_to_old(change)) };

        walk(&p);
        keep_lines(compare, &p);
    }
    if (!says_something(file))
        return;
    add_up(compare, file);
    compare->n_files++;
}

/* A file of the second report, with the one it was in the first. */
static void add_after(struct tm_compare *compare, const struct tm_report_file *after)
{
    const struct tm_git_delta *change = tm_changes_of_new(compare->changes, after->path);
    const struct tm_report_file *before =
        tm_reading_find(compare->before, change ? change->old_path : after->path);

    add_pair(compare, change, after->path, before, after);
}

/* A file of the first report, when the second does not have what became of it. */
static void add_before(struct tm_compare *compare, const struct tm_report_file *before)
{
    const struct tm_git_delta *change = tm_changes_of_old(compare->changes, before->path);
    struct tm_str path = change ? change->new_path : before->path;
    bool deleted = change && change->what == 'D';

    if (deleted || !tm_reading_find(compare->after, path))
        add_pair(compare, change, deleted ? before->path : path, before, NULL);
}

static int by_path(const void *a, const void *b)
{
    return tm_str_cmp(((const struct tm_compare_file *)a)->path, ((const struct tm_compare_file *)b)->path);
}

void tm_compare_run(struct tm_compare *compare, const struct tm_changes *changes,
                    const struct tm_reading *before, const struct tm_reading *after)
{
    const struct tm_report *first = &before->gather.attribution.report;
    const struct tm_report *second = &after->gather.attribution.report;

    compare->changes = changes;
    compare->before = before;
    compare->after = after;
    compare->before_lines = tm_report_totals(first).lines;
    compare->after_lines = tm_report_totals(second).lines;
    for (size_t i = 0; i < tm_report_n_files(second); i++)
        add_after(compare, tm_report_file_at(second, i));
    for (size_t i = 0; i < tm_report_n_files(first); i++)
        add_before(compare, tm_report_file_at(first, i));
    if (compare->n_files)
        qsort(compare->files, compare->n_files, sizeof(*compare->files), by_path);
}
