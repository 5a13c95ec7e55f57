/*
 * The JSON that is sent to Coveralls (docs/formats/coverage.md, "Coveralls"): a list of source files, each
 * with a count for every line. The name may come last, so what a file says is collected first.
 */
#include "base/alloc.h"
#include "coverage/format.h"
#include "coverage/json_parts.h"
#include "coverage/sniff.h"

enum { COVERAGE = 1 << 1 }; /* bit of its row */

struct coveralls {
    struct tm_json_report r;
    /* Of the file being read. */
    struct tm_buf name;
    struct tm_hits lines;
    struct tm_branch *branches;
    size_t n_branches, cap_branches;
    struct tm_branch branch; /* the next, as far as it is read */
    unsigned n_numbers;      /* of the four that make a branch */
};

static bool detect(struct tm_str text)
{
    static const char *const paths[] = { "source_files", NULL };

    return tm_sniff_json(text, paths);
}

static enum tm_code read_name(void *ctx, struct tm_err *err)
{
    struct coveralls *c = ctx;

    return tm_json_report_take_text(&c->r, "a file name", &c->name, err);
}

static enum tm_code read_coverage(void *ctx, struct tm_err *err)
{
    struct coveralls *c = ctx;
    enum tm_code code = tm_json_report_expect(&c->r, TM_JSON_ARRAY_BEGIN, "an array", err);

    return code ? code : tm_json_report_counts(&c->r, &c->lines, NULL, err);
}

static enum tm_code read_id(struct coveralls *c, uint32_t *id, struct tm_err *err)
{
    uint64_t number;

    if (!tm_json_u64(&c->r.json, &number))
        return tm_json_report_wrong(&c->r, "a number of a branch", err);
    *id = tm_report_id(c->r.report, tm_json_raw(&c->r.json));
    return TM_OK;
}

/* Line, block, branch, hits; and so on. */
static enum tm_code read_branch_number(void *ctx, struct tm_err *err)
{
    struct coveralls *c = ctx;
    enum tm_code code;

    switch (c->n_numbers++) {
    case 0:
        return tm_json_report_line(&c->r, &c->branch.line, err);
    case 1:
        return read_id(c, &c->branch.block, err);
    case 2:
        return read_id(c, &c->branch.branch, err);
    default:
        code = tm_json_report_count(&c->r, &c->branch.taken, err);
    }
    if (code)
        return code;
    if (c->n_branches == TM_REPORT_BRANCHES_MAX)
        return tm_json_report_fail(&c->r, "more branches than a report may have", err);
    TM_GROW(c->branches, c->n_branches, c->cap_branches);
    c->branches[c->n_branches++] = c->branch;
    c->n_numbers = 0;
    return TM_OK;
}

static enum tm_code read_branches(void *ctx, struct tm_err *err)
{
    struct coveralls *c = ctx;
    enum tm_code code;

    c->n_numbers = 0;
    code = tm_json_report_array(&c->r, read_branch_number, c, err);
    if (!code && c->n_numbers)
        return tm_json_report_fail(&c->r, "branches are not four numbers each", err);
    return code;
}

static enum tm_code add_file(struct coveralls *c, struct tm_err *err)
{
    struct tm_report_file *file;
    enum tm_code code = tm_report_file(c->r.report, tm_buf_str(&c->name), &file, err);

    if (!code)
        code = tm_report_add_hits(file, &c->lines, err);
    for (size_t i = 0; !code && i < c->n_branches; i++)
        code = tm_report_add_branch(file, c->branches[i], err);
    return tm_json_report_placed(&c->r, code, err);
}

static enum tm_code read_file(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = {
        { "name", read_name }, { "coverage", read_coverage }, { "branches", read_branches }, { NULL, NULL }
    };
    struct coveralls *c = ctx;
    unsigned seen;
    enum tm_code code = tm_json_report_is(&c->r, TM_JSON_OBJECT_BEGIN, "an object", err);

    tm_buf_clear(&c->name);
    tm_hits_clear(&c->lines);
    c->n_branches = 0;
    if (!code)
        code = tm_json_report_members(&c->r, members, c, &seen, err);
    if (code)
        return code;
    if (!(seen & COVERAGE))
        return tm_json_report_fail(&c->r, "source file without 'coverage'", err);
    if (c->name.len)
        return add_file(c, err);
    tm_drops_add(&c->r.report->drops, TM_DROP_NO_NAME, TM_STR(""));
    return TM_OK;
}

static void init(void *state)
{
    ((struct coveralls *)state)->name = TM_BUF_INIT;
}

static void release(void *state)
{
    struct coveralls *c = state;

    tm_buf_release(&c->name);
    tm_hits_release(&c->lines);
    free(c->branches);
}

static const struct tm_json_parts parts_kind = { sizeof(struct coveralls), init, release, NULL };

static enum tm_code read_files(void *ctx, struct tm_err *err)
{
    return tm_json_parts_array(&parts_kind, ctx, read_file, err);
}

static enum tm_code read_coveralls(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "source_files", read_files }, { NULL, NULL } };
    struct coveralls c = { .n_numbers = 0 };
    unsigned seen;
    enum tm_code code;

    init(&c);
    code = tm_json_report_read(&c.r, source, report, members, &c, &seen, err);
    if (!code && !seen)
        code = tm_err_set(err, TM_E_FORMAT, "'%s' has no 'source_files'", source->name);
    release(&c);
    return code;
}

const struct tm_format tm_format_coveralls = {
    .name = "coveralls",
    .summary = "Coveralls JSON (gcovr, ExCoveralls, node-coveralls, ...)",
    .detect = detect,
    .in_parts = true,
    .read = read_coveralls,
};
