/*
 * The JSON of coverlet (docs/formats/coverage.md, "coverlet"): modules, their files, the classes in each,
 * their methods, and the lines and branches of each.
 */
#include "coverage/format.h"
#include "coverage/json_parts.h"
#include "coverage/sniff.h"

struct coverlet {
    struct tm_json_report r;
    struct tm_report_file *file;
    struct tm_hits lines; /* of the file: what its methods share is one line with the greatest hits */
    struct tm_buf name;   /* of the method */
    struct tm_function method;
    uint32_t ran_line; /* the first line of the method that ran, and its hits are those of the method */
    struct tm_branch branch;
};

static bool detect(struct tm_str text)
{
    static const char *const paths[] = { "*/*/*/*/Lines", "*/*/*/*/Branches", NULL };

    return tm_sniff_json(text, paths);
}

static enum tm_code read_line(void *ctx, struct tm_err *err)
{
    struct coverlet *c = ctx;
    uint64_t line, hits;
    enum tm_code code;

    if (!tm_str_u64(tm_json_raw(&c->r.json), &line) || line - 1 >= TM_REPORT_LINE_MAX)
        return tm_json_report_wrong(&c->r, "a line number", err);
    code = tm_json_report_take_count(&c->r, &hits, err);
    if (code)
        return code;
    tm_hits_put(&c->lines, (uint32_t)line, hits);
    if (!c->method.line || line < c->method.line)
        c->method.line = (uint32_t)line;
    if (hits && (!c->ran_line || line < c->ran_line)) {
        c->ran_line = (uint32_t)line;
        c->method.hits = hits;
    }
    return TM_OK;
}

static enum tm_code read_lines(void *ctx, struct tm_err *err)
{
    struct coverlet *c = ctx;

    return tm_json_report_map(&c->r, read_line, c, err);
}

static enum tm_code read_branch_line(void *ctx, struct tm_err *err)
{
    struct coverlet *c = ctx;

    return tm_json_report_take_line(&c->r, &c->branch.line, err);
}

static enum tm_code read_id(struct coverlet *c, const char *what, uint32_t *id, struct tm_err *err)
{
    enum tm_code code = tm_json_report_take_u32(&c->r, what, id, err);

    if (!code)
        *id = tm_report_id(c->r.report, tm_json_raw(&c->r.json));
    return code;
}

static enum tm_code read_offset(void *ctx, struct tm_err *err)
{
    struct coverlet *c = ctx;

    return read_id(c, "an offset", &c->branch.block, err);
}

static enum tm_code read_ordinal(void *ctx, struct tm_err *err)
{
    struct coverlet *c = ctx;

    return read_id(c, "an ordinal", &c->branch.branch, err);
}

static enum tm_code read_hits(void *ctx, struct tm_err *err)
{
    struct coverlet *c = ctx;

    return tm_json_report_take_count(&c->r, &c->branch.taken, err);
}

static enum tm_code read_branch(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "Line", read_branch_line },
                                                     { "Offset", read_offset },
                                                     { "Ordinal", read_ordinal },
                                                     { "Hits", read_hits },
                                                     { NULL, NULL } };
    enum { ALL = 15 };
    struct coverlet *c = ctx;
    unsigned seen;
    enum tm_code code = tm_json_report_is(&c->r, TM_JSON_OBJECT_BEGIN, "an object", err);

    c->branch = (struct tm_branch) { .taken = 0 };
    if (!code)
        code = tm_json_report_members(&c->r, members, c, &seen, err);
    if (!code && seen != ALL)
        return tm_json_report_fail(&c->r, "branch without 'Line', 'Offset', 'Ordinal' and 'Hits'", err);
    return code ? code : tm_json_report_placed(&c->r, tm_report_add_branch(c->file, c->branch, err), err);
}

static enum tm_code read_branches(void *ctx, struct tm_err *err)
{
    struct coverlet *c = ctx;

    return tm_json_report_array(&c->r, read_branch, c, err);
}

static enum tm_code add_method(struct coverlet *c, struct tm_err *err)
{
    if (!c->method.line)
        return TM_OK;
    c->method.name = tm_buf_str(&c->name);
    return tm_json_report_placed(&c->r, tm_report_add_function(c->file, c->method, err), err);
}

static enum tm_code read_method(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "Lines", read_lines },
                                                     { "Branches", read_branches },
                                                     { NULL, NULL } };
    enum { LINES = 1 };
    struct coverlet *c = ctx;
    unsigned seen;
    enum tm_code code;

    tm_json_string(&c->r.json, &c->name);
    c->method = (struct tm_function) { .key = TM_FUNCTION_BY_PLACE };
    c->ran_line = 0;
    code = tm_json_report_expect(&c->r, TM_JSON_OBJECT_BEGIN, "an object", err);
    if (!code)
        code = tm_json_report_members(&c->r, members, c, &seen, err);
    if (!code && !(seen & LINES))
        return tm_json_report_fail(&c->r, "method without 'Lines'", err);
    return code ? code : add_method(c, err);
}

static enum tm_code read_class(void *ctx, struct tm_err *err)
{
    struct coverlet *c = ctx;

    return tm_json_report_map(&c->r, read_method, c, err);
}

static enum tm_code read_file(void *ctx, struct tm_err *err)
{
    struct coverlet *c = ctx;
    enum tm_code code;

    tm_json_string(&c->r.json, &c->name);
    tm_hits_clear(&c->lines);
    code =
        tm_json_report_placed(&c->r, tm_report_file(c->r.report, tm_buf_str(&c->name), &c->file, err), err);
    if (!code)
        code = tm_json_report_map(&c->r, read_class, c, err);
    if (code)
        return code;
    tm_hits_settle(&c->lines);
    return tm_json_report_placed(&c->r, tm_report_add_hits(c->file, &c->lines, err), err);
}

static void init(void *state)
{
    struct coverlet *c = state;

    c->lines.greatest = true;
    c->name = TM_BUF_INIT;
}

static void release(void *state)
{
    struct coverlet *c = state;

    tm_hits_release(&c->lines);
    tm_buf_release(&c->name);
}

static const struct tm_json_parts parts_kind = { sizeof(struct coverlet), init, release, NULL };

static enum tm_code read_module(void *ctx, struct tm_err *err)
{
    return tm_json_parts_map(&parts_kind, ctx, read_file, err);
}

static enum tm_code read_coverlet(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct coverlet c = { .file = NULL };
    enum tm_code code;

    init(&c);
    tm_json_report_begin(&c.r, source, report);
    code = tm_json_report_map(&c.r, read_module, &c, err);
    if (!code)
        code = tm_json_report_end(&c.r, err);
    release(&c);
    return code;
}

const struct tm_format tm_format_coverlet = {
    .name = "coverlet",
    .summary = "coverlet JSON (.NET)",
    .detect = detect,
    .in_parts = true,
    .read = read_coverlet,
};
