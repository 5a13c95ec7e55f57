/*
 * The JSON of `llvm-cov export` (docs/formats/coverage.md, "llvm-cov").
 *
 * Nearly all of it are rows of numbers: segments, regions, branches. They are taken straight from the
 * text where they are spelled as llvm-cov spells them. Lines are made while the segments of a file pass by.
 */
#include "base/alloc.h"
#include "coverage/format.h"
#include "coverage/json_parts.h"
#include "coverage/llvm_functions.h"
#include "coverage/sniff.h"

enum {
    ROWS_MAX = 1 << 20,
};

struct rows {
    struct tm_json_row *items;
    size_t n, cap;
};

struct segment {
    uint32_t line, column;
    uint64_t count;
    bool counted, entry, gap;
};

/* From segments to lines. */
struct walk {
    struct segment last; /* the last segment; line 0 before the first */
    uint64_t wrapped;    /* count that the current line began with */
    bool wrapped_counted;
    bool skipped;       /* the current line begins with a region that is not counted */
    bool starts;        /* a region starts in it */
    uint64_t count;     /* the greatest of those */
    size_t next_branch; /* of the file's branches: the first whose start was not passed */
};

struct llvm_cov {
    struct tm_json_report r;
    struct tm_json_row segment;         /* the one being read */
    struct rows *into;                  /* where rows that are kept go; NULL: they are segments */
    struct rows branches;               /* of the file or expansion */
    struct rows regions;                /* of the function */
    struct tm_buf name;                 /* of the file or function */
    struct tm_llvm_names names;         /* files of the expansion or function */
    uint64_t count;                     /* of the function */
    struct tm_llvm_functions functions; /* of a part, that were read */
    struct tm_hits lines;
    struct walk walk;
};

/* Keys come in byte order, so what is sought stands in the first file; `type` only stands at the end. */
static bool detect(struct tm_str text)
{
    static const char *const paths[] = { "data/[]/files", "data/[]/functions/[]/filenames", NULL };
    static const char *const type[] = { "type", NULL };

    return tm_sniff_json(text, paths) ||
           (tm_sniff_has(text, "\"llvm.coverage.json.export\"") && tm_sniff_json(text, type));
}

static void init(void *state)
{
    struct llvm_cov *l = state;

    l->name = l->names.text = l->functions.text = l->functions.packed = TM_BUF_INIT;
}

static void release(void *state)
{
    struct llvm_cov *l = state;

    tm_buf_release(&l->name);
    tm_buf_release(&l->names.text);
    tm_llvm_functions_release(&l->functions);
    tm_hits_release(&l->lines);
    free(l->branches.items);
    free(l->regions.items);
}

static enum tm_code join(void *into, void *from, struct tm_err *err)
{
    return tm_llvm_functions_add(&((struct llvm_cov *)from)->functions, ((struct llvm_cov *)into)->r.report,
                                 err);
}

/* Files and functions do not depend on each other. */
static const struct tm_json_parts parts_kind = { sizeof(struct llvm_cov), init, release, join };

/* ---- Rows ---- */

static enum tm_code use_row(struct llvm_cov *l, struct tm_err *err);

/* Where the next row goes. */
static struct tm_json_row *next_row(struct llvm_cov *l)
{
    if (!l->into)
        return &l->segment;
    TM_GROW(l->into->items, l->into->n, l->into->cap);
    return &l->into->items[l->into->n];
}

/* tm_json_take_fn: as many rows as are plain. One that is no good comes again, to be told with its place. */
static const char *take_rows(void *ctx, const char *at, const char *end)
{
    struct llvm_cov *l = ctx;
    const char *stop = at, *p;

    while ((p = tm_json_row_take(at, end, next_row(l))) && use_row(l, NULL) == TM_OK) {
        stop = p;
        if (*p != ',')
            break;
        at = p + 1;
    }
    return stop;
}

static enum tm_code read_value(struct llvm_cov *l, struct tm_json_row *row, struct tm_err *err)
{
    enum tm_json_token token = l->r.json.token;
    uint64_t value = token == TM_JSON_TRUE;
    enum tm_code code = TM_OK;

    if (token != TM_JSON_TRUE && token != TM_JSON_FALSE)
        code = tm_json_report_count(&l->r, &value, err);
    if (!code && row->n < TM_JSON_ROW_MAX)
        row->values[row->n++] = value;
    return code;
}

/* The rest of a row whose '[' was read. */
static enum tm_code read_row(void *ctx, struct tm_err *err)
{
    struct llvm_cov *l = ctx;
    struct tm_json_row *row = next_row(l);
    enum tm_code code = tm_json_report_is(&l->r, TM_JSON_ARRAY_BEGIN, "an array", err);
    enum tm_json_token token;

    row->n = 0;
    while (!code) {
        code = tm_json_next(&l->r.json, &token, err);
        if (!code && token == TM_JSON_ARRAY_END)
            break;
        if (!code)
            code = read_value(l, row, err);
    }
    return code ? code : use_row(l, err);
}

/* ---- Lines ---- */

/*
 * The line that the last segment stands in is over. Follows LineCoverageStats of LLVM 14: a line is mapped
 * when the segment before it is counted or a region starts in it, and not when it begins with a skipped
 * region.
 */
static void end_line(struct llvm_cov *l)
{
    struct walk *w = &l->walk;

    if (!w->skipped && (w->wrapped_counted || w->starts))
        tm_hits_put(&l->lines, w->last.line, w->starts ? TM_MAX(w->wrapped, w->count) : w->wrapped);
}

/* Starts the line of `next`; those between have what the last segment says. */
static void begin_line(struct llvm_cov *l, const struct segment *next)
{
    struct walk *w = &l->walk;

    if (w->last.line) {
        end_line(l);
        for (uint32_t line = w->last.line + 1; w->last.counted && line < next->line; line++)
            tm_hits_put(&l->lines, line, w->last.count);
    }
    w->wrapped = w->last.count;
    w->wrapped_counted = w->last.counted;
    w->skipped = !next->counted && next->entry;
    w->starts = false;
    w->count = 0;
}

/*
 * A branch that was taken in neither way although the code around it ran was decided by the compiler:
 * llvm-cov does not count it either. Marks those that start before the segment at line and column.
 */
static void fold_branches(struct llvm_cov *l, uint32_t line, uint32_t column)
{
    struct walk *w = &l->walk;

    for (; w->next_branch < l->branches.n; w->next_branch++) {
        uint64_t *branch = l->branches.items[w->next_branch].values;

        if (branch[0] > line || (branch[0] == line && branch[1] >= column))
            return;
        if (branch[4] == 0 && branch[5] == 0 && w->last.counted && w->last.count > 0)
            branch[0] = 0;
    }
}

static enum tm_code add_segment(struct llvm_cov *l, struct tm_err *err)
{
    uint64_t *v = l->segment.values;
    struct walk *w = &l->walk;
    struct segment s;

    /* Before LLVM 11 segments had no gaps. */
    if (l->segment.n == 5)
        v[l->segment.n++] = false;
    if (l->segment.n < 6 || v[0] == 0 || v[0] > TM_REPORT_LINE_MAX || v[1] > UINT32_MAX ||
        (v[3] | v[4] | v[5]) > 1)
        return tm_json_report_wrong(&l->r, "a segment [line, column, count, has count, starts, is gap]", err);
    s = (struct segment) { (uint32_t)v[0], (uint32_t)v[1], v[2], v[3], v[4], v[5] };
    if (s.line < w->last.line || (s.line == w->last.line && s.column < w->last.column))
        return tm_json_report_fail(&l->r, "segments are not in order", err);
    fold_branches(l, s.line, s.column);
    if (s.line != w->last.line)
        begin_line(l, &s);
    if (s.counted && s.entry && !s.gap) {
        w->starts = true;
        w->count = TM_MAX(w->count, s.count);
    }
    w->last = s;
    return TM_OK;
}

static enum tm_code use_row(struct llvm_cov *l, struct tm_err *err)
{
    const struct tm_json_row *row;

    if (!l->into)
        return add_segment(l, err);
    row = &l->into->items[l->into->n];
    if (row->n < 8 || row->values[0] == 0 || row->values[0] > TM_REPORT_LINE_MAX)
        return tm_json_report_wrong(&l->r, "a row of at least eight numbers, the first a line", err);
    if (l->into->n == ROWS_MAX)
        return tm_json_report_fail(&l->r, "too many regions or branches in one place", err);
    l->into->n++;
    return TM_OK;
}

static enum tm_code read_rows(struct llvm_cov *l, struct rows *into, struct tm_err *err)
{
    l->into = into;
    return tm_json_report_rows(&l->r, take_rows, read_row, l, err);
}

static enum tm_code read_branches(void *ctx, struct tm_err *err)
{
    struct llvm_cov *l = ctx;

    return read_rows(l, &l->branches, err);
}

/* ---- Names ---- */

static enum tm_code read_name(void *ctx, struct tm_err *err)
{
    struct llvm_cov *l = ctx;

    return tm_json_report_take_text(&l->r, "a name", &l->name, err);
}

static enum tm_code read_one_name(void *ctx, struct tm_err *err)
{
    struct llvm_cov *l = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    enum tm_code code = tm_json_report_is(&l->r, TM_JSON_STRING, "a file name", err);

    if (code)
        return code;
    if (l->names.n == TM_LLVM_NAMES_MAX)
        return tm_json_report_fail(&l->r, "too many files in one place", err);
    tm_json_string(&l->r.json, &name);
    l->names.starts[l->names.n++] = l->names.text.len;
    tm_buf_add(&l->names.text, name.data, name.len + 1);
    return TM_OK;
}

static void forget_names(struct llvm_cov *l)
{
    tm_buf_clear(&l->names.text);
    l->names.n = 0;
}

static enum tm_code read_names(void *ctx, struct tm_err *err)
{
    struct llvm_cov *l = ctx;

    forget_names(l);
    return tm_json_report_array(&l->r, read_one_name, l, err);
}

/* ---- Branches ---- */

/* Both ways of the branch in `row`; its place is its id. */
static enum tm_code add_branch(struct llvm_cov *l, struct tm_report_file *file, const struct tm_json_row *row,
                               struct tm_err *err)
{
    const uint64_t *v = row->values;
    enum tm_code code = TM_OK;

    for (unsigned way = 0; way < 2 && !code; way++) {
        struct tm_branch branch = { .line = (uint32_t)v[0], .taken = v[4 + way] };

        branch.block = (uint32_t)TM_MIN(v[1], (uint64_t)INT32_MAX);
        branch.branch = way;
        code = tm_report_add_branch(file, branch, err);
    }
    return tm_json_report_placed(&l->r, code, err);
}

static enum tm_code add_expanded(struct llvm_cov *l, const struct tm_json_row *row, struct tm_err *err)
{
    struct tm_report_file *file = NULL;
    struct tm_str path;
    enum tm_code code = tm_llvm_names_path(&l->names, row->values[6], &path, err);

    if (!code)
        code = tm_report_file(l->r.report, path, &file, err);
    return code ? tm_json_report_placed(&l->r, code, err) : add_branch(l, file, row, err);
}

/* Those of an expanded macro stand where it is written; what stands in the file itself it has, too. */
static enum tm_code read_expansion(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "branches", read_branches },
                                                     { "filenames", read_names },
                                                     { NULL, NULL } };
    struct llvm_cov *l = ctx;
    enum tm_code code = tm_json_report_is(&l->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    struct rows files = l->branches;
    unsigned seen;

    /* The file's own wait meanwhile. */
    l->branches = (struct rows) { NULL, 0, 0 };
    forget_names(l);
    if (!code)
        code = tm_json_report_members(&l->r, members, l, &seen, err);
    for (size_t i = 0; i < l->branches.n && !code; i++)
        code = add_expanded(l, &l->branches.items[i], err);
    free(l->branches.items);
    l->branches = files;
    return code;
}

static enum tm_code read_expansions(void *ctx, struct tm_err *err)
{
    struct llvm_cov *l = ctx;

    return tm_json_report_array(&l->r, read_expansion, l, err);
}

/* ---- Files ---- */

static int by_place(const void *pa, const void *pb)
{
    const uint64_t *a = ((const struct tm_json_row *)pa)->values,
                   *b = ((const struct tm_json_row *)pb)->values;

    if (a[0] != b[0])
        return a[0] < b[0] ? -1 : 1;
    return (a[1] > b[1]) - (a[1] < b[1]);
}

static enum tm_code read_segments(void *ctx, struct tm_err *err)
{
    struct llvm_cov *l = ctx;
    enum tm_code code;

    if (l->branches.n)
        qsort(l->branches.items, l->branches.n, sizeof(struct tm_json_row), by_place);
    l->walk = (struct walk) { .next_branch = 0 };
    code = read_rows(l, NULL, err);
    if (!code && l->walk.last.line) {
        fold_branches(l, UINT32_MAX, 0);
        end_line(l);
    }
    return code;
}

static enum tm_code end_file(struct llvm_cov *l, struct tm_err *err)
{
    struct tm_report_file *file = NULL;
    enum tm_code code = tm_report_file(l->r.report, tm_buf_str(&l->name), &file, err);

    if (!code)
        code = tm_report_add_hits(file, &l->lines, err);
    for (size_t i = 0; i < l->branches.n && !code; i++)
        if (l->branches.items[i].values[0])
            code = add_branch(l, file, &l->branches.items[i], err);
    return tm_json_report_placed(&l->r, code, err);
}

static enum tm_code read_file(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "filename", read_name },
                                                     { "segments", read_segments },
                                                     { "branches", read_branches },
                                                     { "expansions", read_expansions },
                                                     { NULL, NULL } };
    struct llvm_cov *l = ctx;
    enum tm_code code = tm_json_report_is(&l->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    unsigned seen;

    tm_hits_clear(&l->lines);
    l->branches.n = 0;
    if (!code)
        code = tm_json_report_members(&l->r, members, l, &seen, err);
    if (code)
        return code;
    if (!(seen & 1))
        return tm_json_report_fail(&l->r, "file without a 'filename'", err);
    if (!(seen & 2))
        return tm_json_report_fail(
            &l->r, "file without 'segments', export it without -summary-only: the summary has no lines", err);
    return end_file(l, err);
}

static enum tm_code read_files(void *ctx, struct tm_err *err)
{
    return tm_json_parts_array(&parts_kind, ctx, read_file, err);
}

/* ---- Functions ---- */

static enum tm_code read_count(void *ctx, struct tm_err *err)
{
    struct llvm_cov *l = ctx;

    return tm_json_report_take_count(&l->r, &l->count, err);
}

static enum tm_code read_regions(void *ctx, struct tm_err *err)
{
    struct llvm_cov *l = ctx;

    return read_rows(l, &l->regions, err);
}

/* Those of a part wait until it is joined. */
static enum tm_code end_function(struct llvm_cov *l, struct tm_err *err)
{
    enum tm_code code;

    if (!l->regions.n)
        return TM_OK;
    code = tm_llvm_functions_keep(&l->functions, tm_buf_str(&l->name), l->count, l->regions.items,
                                  l->regions.n, &l->names, err);
    if (!code && !l->r.part)
        code = tm_llvm_functions_add(&l->functions, l->r.report, err);
    return tm_json_report_placed(&l->r, code, err);
}

static enum tm_code read_function(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "name", read_name },
                                                     { "count", read_count },
                                                     { "filenames", read_names },
                                                     { "regions", read_regions },
                                                     { NULL, NULL } };
    struct llvm_cov *l = ctx;
    enum tm_code code = tm_json_report_is(&l->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    unsigned seen;

    l->regions.n = 0;
    forget_names(l);
    if (!code)
        code = tm_json_report_members(&l->r, members, l, &seen, err);
    if (!code && seen != 15)
        code = tm_json_report_fail(&l->r, "function without 'name', 'count', 'filenames' or 'regions'", err);
    return code ? code : end_function(l, err);
}

static enum tm_code read_functions(void *ctx, struct tm_err *err)
{
    return tm_json_parts_array(&parts_kind, ctx, read_function, err);
}

/* ---- The export ---- */

static enum tm_code read_export(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "files", read_files },
                                                     { "functions", read_functions },
                                                     { NULL, NULL } };
    struct llvm_cov *l = ctx;
    enum tm_code code = tm_json_report_is(&l->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    unsigned seen;

    return code ? code : tm_json_report_members(&l->r, members, l, &seen, err);
}

static enum tm_code read_data(void *ctx, struct tm_err *err)
{
    struct llvm_cov *l = ctx;

    return tm_json_report_array(&l->r, read_export, l, err);
}

static enum tm_code read_llvm_cov(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "data", read_data }, { NULL, NULL } };
    struct llvm_cov *l = tm_alloc(sizeof(*l));
    unsigned seen;
    enum tm_code code;

    init(l);
    code = tm_json_report_read(&l->r, source, report, members, l, &seen, err);
    if (!code && !seen)
        code = tm_err_set(err, TM_E_FORMAT, "'%s' has no 'data'", source->name);
    release(l);
    free(l);
    return code;
}

const struct tm_format tm_format_llvm_cov = {
    .name = "llvm-cov",
    .summary = "JSON of llvm-cov export (clang, Rust, Swift)",
    .detect = detect,
    .in_parts = true,
    .read = read_llvm_cov,
};
