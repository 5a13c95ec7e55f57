/*
 * The records of one file: appended, and sorted and united when room runs out
 * or at the end. Reports mostly come in order, so the usual append is a store and a
 * comparison, and settling finds nothing to do.
 */
#include "base/alloc.h"
#include "base/sort.h"
#include "coverage/count.h"
#include "coverage/report.h"

static void settle_lines(struct tm_report_file *file)
{
    file->report->n_lines -= file->lines.n;
    tm_hits_settle(&file->lines);
    file->report->n_lines += file->lines.n;
}

/* A count has no ids: it sorts behind the branches of its line that have some. */
static int by_branch(const void *pa, const void *pb)
{
    const struct tm_branch *a = pa, *b = pb;
    int order = tm_compare(a->line, b->line);

    if (!order)
        order = tm_compare(a->flags & TM_BRANCH_COUNT, b->flags & TM_BRANCH_COUNT);
    if (order || a->flags & TM_BRANCH_COUNT)
        return order;
    order = tm_compare(a->block, b->block);
    return order ? order : tm_compare(a->branch, b->branch);
}

static void unite_branches(const struct tm_report_file *file, struct tm_branch *into,
                           const struct tm_branch *b)
{
    if (into->flags & TM_BRANCH_COUNT) {
        into->taken = TM_MAX(into->taken, b->taken);
        into->branch = TM_MAX(into->branch, b->branch);
        return;
    }
    into->taken = tm_count_unite(into->taken, b->taken, file->report->greatest);
    into->flags &= b->flags;
}

static void settle_branches(struct tm_report_file *file)
{
    struct tm_branch *branches = file->branches;
    size_t kept = 0;

    if (!file->branches_loose)
        return;
    file->branches_loose = false;
    tm_sort_runs(branches, file->n_branches, sizeof(*branches), by_branch);
    for (size_t i = 1; i < file->n_branches; i++) {
        if (by_branch(&branches[i], &branches[kept]) == 0)
            unite_branches(file, &branches[kept], &branches[i]);
        else
            branches[++kept] = branches[i];
    }
    file->report->n_branches -= file->n_branches - (kept + 1);
    file->n_branches = kept + 1;
}

static int by_function_key(const struct tm_function *a, const struct tm_function *b)
{
    int order = tm_compare(a->key, b->key);

    if (order)
        return order;
    if (a->key == TM_FUNCTION_BY_NAME)
        return tm_str_cmp(a->name, b->name);
    order = tm_compare(a->line, b->line);
    if (!order)
        order = tm_compare(a->place, b->place);
    return order || a->key == TM_FUNCTION_BY_LINE ? order : tm_str_cmp(a->name, b->name);
}

static int by_function(const void *pa, const void *pb)
{
    const struct tm_function *a = pa, *b = pb;
    int order = by_function_key(a, b);

    /* Among equal ones the order decides which name and line stay; unknown lines (0) go last. */
    if (!order)
        order = tm_str_cmp(a->name, b->name);
    return order ? order : tm_compare(a->line - 1u, b->line - 1u);
}

static void settle_functions(struct tm_report_file *file)
{
    struct tm_function *functions = file->functions;
    size_t kept = 0;

    if (!file->functions_loose)
        return;
    file->functions_loose = false;
    tm_sort_runs(functions, file->n_functions, sizeof(*functions), by_function);
    for (size_t i = 1; i < file->n_functions; i++) {
        if (by_function_key(&functions[i], &functions[kept]) == 0)
            functions[kept].hits =
                tm_count_unite(functions[kept].hits, functions[i].hits, file->report->greatest);
        else
            functions[++kept] = functions[i];
    }
    file->report->n_functions -= file->n_functions - (kept + 1);
    file->n_functions = kept + 1;
}

static void settle_statements(struct tm_report_file *file)
{
    file->report->n_statements -= file->statements.n;
    tm_statements_settle(&file->statements);
    file->report->n_statements += file->statements.n;
}

void tm_records_settle(struct tm_report_file *file)
{
    settle_lines(file);
    settle_branches(file);
    settle_functions(file);
    settle_statements(file);
}

void tm_records_release(struct tm_report_file *file)
{
    tm_hits_release(&file->lines);
    tm_statements_release(&file->statements);
    free(file->branches);
    free(file->functions);
    file->branches = NULL;
    file->functions = NULL;
    file->n_branches = file->cap_branches = 0;
    file->n_functions = file->cap_functions = 0;
    file->branches_loose = file->functions_loose = false;
}

/* Two counts say what both took together when one took none or all, or both are the same branches. */
static bool is_exact(const struct tm_branch *a, const struct tm_branch *b)
{
    if (a->branch != b->branch)
        return false;
    return a->taken == 0 || b->taken == 0 || a->taken == a->branch || b->taken == b->branch;
}

uint64_t tm_records_count_approximate(const struct tm_report_file *a, const struct tm_report_file *b)
{
    uint64_t n = 0;

    for (size_t i = 0, k = 0; i < a->n_branches && k < b->n_branches;) {
        const struct tm_branch *left = &a->branches[i], *right = &b->branches[k];
        int order = by_branch(left, right);

        if (order == 0 && (left->flags & TM_BRANCH_COUNT) && !is_exact(left, right))
            n++;
        i += order <= 0;
        k += order >= 0;
    }
    return n;
}

/* Doubles a capacity until n more fit; settling before must have left less than half to keep it. */
static size_t grown(size_t used, size_t cap, size_t n)
{
    if (used <= cap / 2 && n <= cap - used)
        return cap;
    cap = TM_MAX(cap, (size_t)16);
    while (cap - used < n)
        cap *= 2;
    return used > cap / 2 ? cap * 2 : cap;
}

static enum tm_code refuse_line(uint32_t line, struct tm_err *err)
{
    return tm_err_set(err, line ? TM_E_LIMIT : TM_E_FORMAT, "line number %u is not between 1 and %d", line,
                      TM_REPORT_LINE_MAX);
}

enum tm_code tm_report_add_lines(struct tm_report_file *file, const struct tm_line *lines, size_t n,
                                 struct tm_err *err)
{
    size_t before = file->lines.n;

    if (n > TM_REPORT_LINES_MAX - TM_MIN(file->report->n_lines, (size_t)TM_REPORT_LINES_MAX))
        return tm_err_set(err, TM_E_LIMIT, "more than %d lines", TM_REPORT_LINES_MAX);
    for (size_t i = 0; i < n; i++)
        if (lines[i].line - 1 >= TM_REPORT_LINE_MAX)
            return refuse_line(lines[i].line, err);
    tm_hits_add(&file->lines, lines, n);
    /* What repeated itself may have been united. */
    file->report->n_lines += file->lines.n - before;
    return TM_OK;
}

enum tm_code tm_report_add_hits(struct tm_report_file *file, const struct tm_hits *lines, struct tm_err *err)
{
    size_t before = file->lines.n;

    if (lines->n > TM_REPORT_LINES_MAX - TM_MIN(file->report->n_lines, (size_t)TM_REPORT_LINES_MAX))
        return tm_err_set(err, TM_E_LIMIT, "more than %d lines", TM_REPORT_LINES_MAX);
    tm_hits_append(&file->lines, lines);
    file->report->n_lines += file->lines.n - before;
    return TM_OK;
}

enum tm_code tm_report_add_line(struct tm_report_file *file, uint64_t line, uint64_t hits, struct tm_err *err)
{
    struct tm_line record = { (uint32_t)TM_MIN(line, (uint64_t)UINT32_MAX), hits };

    return tm_report_add_lines(file, &record, 1, err);
}

enum tm_code tm_report_add_branch(struct tm_report_file *file, struct tm_branch branch, struct tm_err *err)
{
    if (branch.line - 1 >= TM_REPORT_LINE_MAX)
        return refuse_line(branch.line, err);
    if (file->n_branches == file->cap_branches) {
        settle_branches(file);
        file->cap_branches = grown(file->n_branches, file->cap_branches, 1);
        file->branches = tm_realloc_array(file->branches, file->cap_branches, sizeof(*file->branches));
    }
    if (file->report->n_branches >= TM_REPORT_BRANCHES_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d branches", TM_REPORT_BRANCHES_MAX);
    if (file->n_branches && by_branch(&file->branches[file->n_branches - 1], &branch) >= 0)
        file->branches_loose = true;
    file->branches[file->n_branches++] = branch;
    file->report->n_branches++;
    return TM_OK;
}

/* The name, kept once in the report. */
static struct tm_str keep_name(struct tm_report *report, struct tm_str name)
{
    struct tm_str *kept = tm_map_get(&report->names, name);

    if (!kept) {
        kept = tm_arena_alloc(&report->arena, sizeof(*kept));
        *kept = tm_arena_str(&report->arena, name);
        *tm_map_at(&report->names, *kept, NULL) = kept;
    }
    return *kept;
}

enum tm_code tm_report_check_function(const struct tm_function *function, struct tm_err *err)
{
    if (function->line > TM_REPORT_LINE_MAX)
        return tm_err_set(err, TM_E_LIMIT, "line number %u is over %d", function->line, TM_REPORT_LINE_MAX);
    if (function->name.len > TM_REPORT_NAME_MAX)
        return tm_err_set(err, TM_E_LIMIT, "name of a function is longer than %d bytes", TM_REPORT_NAME_MAX);
    return TM_OK;
}

enum tm_code tm_report_add_function(struct tm_report_file *file, struct tm_function function,
                                    struct tm_err *err)
{
    enum tm_code code = tm_report_check_function(&function, err);

    if (code)
        return code;
    if (file->n_functions == file->cap_functions) {
        settle_functions(file);
        file->cap_functions = grown(file->n_functions, file->cap_functions, 1);
        file->functions = tm_realloc_array(file->functions, file->cap_functions, sizeof(*file->functions));
    }
    if (file->report->n_functions >= TM_REPORT_FUNCTIONS_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d functions", TM_REPORT_FUNCTIONS_MAX);
    function.name = keep_name(file->report, function.name);
    if (file->n_functions && by_function_key(&file->functions[file->n_functions - 1], &function) >= 0)
        file->functions_loose = true;
    file->functions[file->n_functions++] = function;
    file->report->n_functions++;
    return TM_OK;
}

static enum tm_code check_room_for_statements(const struct tm_report *report, size_t n, struct tm_err *err)
{
    if (n > TM_REPORT_STATEMENTS_MAX - TM_MIN(report->n_statements, (size_t)TM_REPORT_STATEMENTS_MAX))
        return tm_err_set(err, TM_E_LIMIT, "more than %d statements", TM_REPORT_STATEMENTS_MAX);
    return TM_OK;
}

enum tm_code tm_report_add_statement(struct tm_report_file *file, struct tm_statement statement,
                                     struct tm_err *err)
{
    size_t before = file->statements.n;
    enum tm_code code = check_room_for_statements(file->report, 1, err);

    assert(statement.n);
    if (code)
        return code;
    if (statement.at.line - 1 >= TM_REPORT_LINE_MAX)
        return refuse_line(statement.at.line, err);
    tm_statements_add(&file->statements, &statement, 1);
    /* What repeated itself may have been united. */
    file->report->n_statements += file->statements.n - before;
    return TM_OK;
}

enum tm_code tm_report_append_statements(struct tm_report_file *file, const struct tm_statements *list,
                                         struct tm_err *err)
{
    size_t before = file->statements.n;
    enum tm_code code = check_room_for_statements(file->report, list->n, err);

    if (code)
        return code;
    tm_statements_append(&file->statements, list);
    file->report->n_statements += file->statements.n - before;
    return TM_OK;
}
