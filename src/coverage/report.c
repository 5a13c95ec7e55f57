#include "coverage/report.h"

#include "base/alloc.h"
#include "base/path.h"
#include "coverage/count.h"

/* Numbers from here on are indexes of report->ids. */
#define FIRST_TEXT_ID (UINT32_C(1) << 31)

void tm_report_release(struct tm_report *report)
{
    for (size_t i = 0; i < tm_report_n_files(report); i++)
        tm_records_release(tm_report_file_at(report, i));
    for (size_t i = 0; i < report->n_notes; i++)
        free(report->notes[i]);
    tm_map_release(&report->files);
    tm_map_release(&report->names);
    tm_map_release(&report->ids);
    tm_drops_release(&report->drops);
    tm_arena_release(&report->arena);
    free(report->roots);
    *report = TM_REPORT_INIT;
}

enum tm_code tm_report_check_path(struct tm_str path, struct tm_err *err)
{
    if (path.len == 0)
        return tm_err_set(err, TM_E_FORMAT, "empty file name");
    if (path.len > TM_PATH_MAX)
        return tm_err_set(err, TM_E_LIMIT, "file name is longer than %d bytes", TM_PATH_MAX);
    if (tm_str_find(path, '\0') != SIZE_MAX)
        return tm_err_set(err, TM_E_FORMAT, "file name holds a NUL byte");
    return TM_OK;
}

enum tm_code tm_report_file(struct tm_report *report, struct tm_str path, struct tm_report_file **file,
                            struct tm_err *err)
{
    struct tm_report_file *found = tm_map_get(&report->files, path);

    if (!found) {
        enum tm_code code = tm_report_check_path(path, err);

        if (code)
            return code;
        if (report->files.len >= TM_REPORT_FILES_MAX)
            return tm_err_set(err, TM_E_LIMIT, "more than %d files", TM_REPORT_FILES_MAX);
        found = tm_arena_alloc(&report->arena, sizeof(*found));
        found->path = tm_arena_str(&report->arena, path);
        found->report = report;
        found->lines.greatest = found->statements.greatest = report->greatest;
        *tm_map_at(&report->files, found->path, NULL) = found;
    }
    *file = found;
    return TM_OK;
}

struct tm_report_file *tm_report_find(const struct tm_report *report, struct tm_str path)
{
    return tm_map_get(&report->files, path);
}

size_t tm_report_n_files(const struct tm_report *report)
{
    return report->files.len;
}

struct tm_report_file *tm_report_file_at(const struct tm_report *report, size_t i)
{
    assert(i < report->files.len);
    return report->files.entries[i].value;
}

enum tm_code tm_report_add_root(struct tm_report *report, struct tm_str root, struct tm_err *err)
{
    if (root.len == 0)
        return TM_OK;
    for (size_t i = 0; i < report->n_roots; i++)
        if (tm_str_eq(report->roots[i], root))
            return TM_OK;
    if (root.len > TM_PATH_MAX)
        return tm_err_set(err, TM_E_LIMIT, "source root is longer than %d bytes", TM_PATH_MAX);
    if (report->n_roots == TM_REPORT_ROOTS_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d source roots", TM_REPORT_ROOTS_MAX);
    TM_GROW(report->roots, report->n_roots, report->cap_roots);
    report->roots[report->n_roots++] = tm_arena_str(&report->arena, root);
    return TM_OK;
}

uint32_t tm_report_id(struct tm_report *report, struct tm_str text)
{
    bool canonical = text.len == 1 || (text.len > 1 && text.data[0] != '0');
    uint64_t number;
    void *known;

    if (canonical && tm_str_u64(text, &number) && number < FIRST_TEXT_ID)
        return (uint32_t)number;
    known = tm_map_get(&report->ids, text);
    if (!known) {
        known = (void *)(uintptr_t)(FIRST_TEXT_ID + report->ids.len);
        *tm_map_at(&report->ids, tm_arena_str(&report->arena, text), NULL) = known;
    }
    return (uint32_t)(uintptr_t)known;
}

struct tm_str tm_report_id_text(const struct tm_report *report, uint32_t id)
{
    return id < FIRST_TEXT_ID ? (struct tm_str) { NULL, 0 } : report->ids.entries[id - FIRST_TEXT_ID].key;
}

void tm_report_note(struct tm_report *report, const char *fmt, ...)
{
    struct tm_buf note = TM_BUF_INIT;
    va_list ap;

    report->total_notes++;
    if (report->n_notes == TM_REPORT_NOTES_KEPT)
        return;
    va_start(ap, fmt);
    tm_buf_vaddf(&note, fmt, ap);
    va_end(ap);
    report->notes[report->n_notes++] = tm_buf_take(&note);
}

void tm_seen_add(struct tm_seen *seen, uint64_t line)
{
    if (seen->count++ == 0)
        seen->line = line;
}

void tm_seen_join(struct tm_seen *seen, struct tm_seen *behind)
{
    if (seen->count == 0)
        seen->line = behind->line;
    seen->count += behind->count;
    *behind = (struct tm_seen) { 0, 0 };
}

void tm_report_note_seen(struct tm_report *report, const struct tm_seen *seen, const char *what,
                         const char *name)
{
    if (seen->count)
        tm_report_note(report, "%s in %llu place(s), first at line %llu of '%s'", what,
                       (unsigned long long)seen->count, (unsigned long long)seen->line, name);
}

void tm_report_settle(struct tm_report *report)
{
    for (size_t i = 0; i < tm_report_n_files(report); i++)
        tm_records_settle(tm_report_file_at(report, i));
}

void tm_report_drop_file(struct tm_report_file *file)
{
    file->report->n_lines -= file->lines.n;
    file->report->n_branches -= file->n_branches;
    file->report->n_functions -= file->n_functions;
    file->report->n_statements -= file->statements.n;
    tm_records_release(file);
}

/* Ids win over a count of the same line; a count sorts last on its line. */
static struct tm_ratio branch_totals(const struct tm_report_file *file)
{
    struct tm_ratio totals = { 0, 0 };

    for (size_t i = 0; i < file->n_branches; i++) {
        const struct tm_branch *branch = &file->branches[i];

        if (!(branch->flags & TM_BRANCH_COUNT)) {
            totals.den++;
            totals.num += branch->taken > 0;
        } else if (i == 0 || branch[-1].line != branch->line) {
            totals.den += branch->branch;
            totals.num += branch->taken;
        }
    }
    return totals;
}

static int by_line(const void *a, const void *b)
{
    const struct tm_line *la = a, *lb = b;

    return (la->line > lb->line) - (la->line < lb->line);
}

/* Functions that reports of several formats tell apart in different ways: by their line, which all have. */
static struct tm_ratio mixed_functions(const struct tm_report_file *file)
{
    struct tm_line *TM_CLEANUP(tm_freep) starts = tm_alloc_array(file->n_functions, sizeof(*starts));
    struct tm_ratio totals = { 0, 0 };

    for (size_t i = 0; i < file->n_functions; i++)
        starts[i] = (struct tm_line) { file->functions[i].line, file->functions[i].hits };
    qsort(starts, file->n_functions, sizeof(*starts), by_line);
    for (size_t i = 0, next; i < file->n_functions; i = next) {
        bool entered = false;

        for (next = i; next < file->n_functions && starts[next].line == starts[i].line; next++)
            entered = entered || starts[next].hits;
        totals.den++;
        totals.num += entered;
    }
    return totals;
}

static struct tm_ratio function_totals(const struct tm_report_file *file)
{
    struct tm_ratio totals = { 0, file->n_functions };

    /* Settled functions stand in the order of their kind of key. */
    if (file->n_functions && file->functions[0].key != file->functions[file->n_functions - 1].key)
        return mixed_functions(file);
    for (size_t i = 0; i < file->n_functions; i++)
        totals.num += file->functions[i].hits > 0;
    return totals;
}

struct tm_totals tm_report_file_totals(const struct tm_report_file *file)
{
    struct tm_totals totals = { .branches = branch_totals(file), .functions = function_totals(file) };

    assert(!file->lines.loose && !file->branches_loose && !file->functions_loose && !file->statements.loose);
    totals.lines = (struct tm_ratio) { file->lines.covered, file->lines.n };
    totals.statements = (struct tm_ratio) { file->statements.covered, file->statements.total };
    return totals;
}

void tm_totals_add(struct tm_totals *into, const struct tm_totals *totals)
{
    tm_ratio_pool(&into->lines, totals->lines);
    tm_ratio_pool(&into->branches, totals->branches);
    tm_ratio_pool(&into->functions, totals->functions);
    tm_ratio_pool(&into->statements, totals->statements);
}

struct tm_totals tm_report_totals(const struct tm_report *report)
{
    struct tm_totals totals = { .lines = { 0, 0 } };

    for (size_t i = 0; i < tm_report_n_files(report); i++) {
        struct tm_totals file = tm_report_file_totals(tm_report_file_at(report, i));

        tm_totals_add(&totals, &file);
    }
    return totals;
}

bool tm_report_hits(const struct tm_report_file *file, uint32_t line, uint64_t *hits)
{
    struct tm_hits_iter iter = tm_hits_iter(&file->lines);
    struct tm_line record;

    assert(!file->lines.loose);
    while (tm_hits_next(&iter, &record)) {
        if (record.line != line)
            continue;
        *hits = record.hits;
        return true;
    }
    return false;
}
