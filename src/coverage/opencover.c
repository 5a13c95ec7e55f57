/*
 * OpenCover XML (docs/formats/coverage.md, "OpenCover").
 *
 * Sequence points are statements; the lines of a file come from them at the end, when all methods of it are
 * read.
 */
#include "coverage/format.h"
#include "coverage/sniff.h"
#include "coverage/spread.h"
#include "coverage/xml_report.h"

/* What a uid stands for. A file that no point is in does not become one of the report. */
struct known_file {
    struct tm_str path;
    struct tm_report_file *file; /* NULL: none yet */
    unsigned module;             /* the one, from 1, that said so last */
};

struct opencover {
    struct tm_xml_report x;
    struct tm_arena arena;    /* uids and what they stand for */
    struct tm_map files;      /* uid to struct known_file */
    unsigned module;          /* number of modules so far */
    unsigned skip_depth;      /* of the open entity that was skipped, 0: none */
    unsigned method_depth;    /* of the open method */
    struct tm_buf method_ref; /* uid of its FileRef, or "" */
    struct tm_buf name, token;
    struct tm_function method;
    struct tm_report_file *method_file; /* of its first point */
    uint64_t first_hits;                /* of that point */
    struct tm_seen no_line;
};

static bool detect(struct tm_str text)
{
    return tm_sniff_root_is(tm_sniff_root(text), "CoverageSession");
}

/* Modules, classes and methods that a filter took out are still listed. */
static void skip_if_told(struct opencover *o, const char *const *attrs)
{
    if (!o->skip_depth && tm_xml_attr(attrs, "skippedDueTo"))
        o->skip_depth = o->x.depth;
}

static enum tm_code end_entity(void *ctx, struct tm_err *err)
{
    struct opencover *o = ctx;

    if (o->skip_depth == o->x.depth)
        o->skip_depth = 0;
    return TM_OK;
}

static enum tm_code start_module(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct opencover *o = ctx;

    o->module++;
    skip_if_told(o, attrs);
    return TM_OK;
}

static enum tm_code start_class(void *ctx, const char *const *attrs, struct tm_err *err)
{
    skip_if_told(ctx, attrs);
    return TM_OK;
}

static enum tm_code start_file(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct opencover *o = ctx;
    const char *uid = tm_xml_attr(attrs, "uid"), *path = tm_xml_attr(attrs, "fullPath");
    struct known_file *known;

    if (o->skip_depth)
        return TM_OK;
    if (!uid || !path)
        return tm_xml_report_invalid(&o->x, uid ? "fullPath" : "uid", NULL, err);
    known = tm_map_get(&o->files, tm_str(uid));
    if (known && tm_str_is(known->path, path)) {
        known->module = o->module;
        return TM_OK;
    }
    /* Ids are of the whole session, but in a report that was put together from several they start over. */
    if (known && known->module == o->module)
        return tm_xml_fail(o->x.xml, err, TM_E_FORMAT, "two files have the uid '%.60s'", uid);
    if (!known) {
        known = tm_arena_alloc(&o->arena, sizeof(*known));
        *tm_map_at(&o->files, tm_arena_str(&o->arena, tm_str(uid)), NULL) = known;
    }
    *known = (struct known_file) { tm_arena_str(&o->arena, tm_str(path)), NULL, o->module };
    return TM_OK;
}

/* The file that a point is in; NULL when it is in none: code that has no source. */
static enum tm_code find_file(struct opencover *o, const char *const *attrs, struct tm_report_file **file,
                              struct tm_err *err)
{
    const char *uid = tm_xml_attr(attrs, "fileid");
    struct known_file *known;

    *file = NULL;
    if (!uid)
        uid = o->method_ref.data;
    if (!*uid || strcmp(uid, "0") == 0)
        return TM_OK;
    known = tm_map_get(&o->files, tm_str(uid));
    if (!known)
        return tm_xml_fail(o->x.xml, err, TM_E_FORMAT, "no file has the uid '%.60s'", uid);
    if (!known->file) {
        enum tm_code code = tm_report_file(o->x.report, known->path, &known->file, err);

        if (code)
            return tm_xml_report_placed(&o->x, code, err);
    }
    *file = known->file;
    return TM_OK;
}

static enum tm_code start_method(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct opencover *o = ctx;

    skip_if_told(o, attrs);
    if (o->method_depth)
        return tm_xml_fail(o->x.xml, err, TM_E_FORMAT, "Method inside a Method");
    o->method_depth = o->x.depth;
    o->method = (struct tm_function) { .key = TM_FUNCTION_BY_PLACE };
    o->method_file = NULL;
    o->first_hits = 0;
    tm_buf_clear(&o->method_ref);
    tm_buf_clear(&o->name);
    tm_buf_clear(&o->token);
    return TM_OK;
}

static enum tm_code end_method(void *ctx, struct tm_err *err)
{
    struct opencover *o = ctx;
    enum tm_code code = TM_OK;

    o->method_depth = 0;
    o->method.name = tm_buf_str(&o->name);
    /* A method is entered at its first point; where code was moved before that one, any other tells that it
     * ran. */
    if (o->first_hits)
        o->method.hits = o->first_hits;
    if (o->method_file)
        code = tm_report_add_function(o->method_file, o->method, err);
    code = tm_xml_report_placed(&o->x, code, err);
    return code ? code : end_entity(ctx, err);
}

static enum tm_code end_text(void *ctx, struct tm_err *err)
{
    struct opencover *o = ctx;
    struct tm_buf *into = strcmp(tm_xml_report_element(&o->x), "Name") == 0 ? &o->name : &o->token;

    tm_buf_clear(into);
    tm_buf_add_str(into, tm_str_trim(tm_buf_str(&o->x.text)));
    return TM_OK;
}

static enum tm_code start_file_ref(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct opencover *o = ctx;
    const char *uid = tm_xml_attr(attrs, "uid");

    tm_buf_clear(&o->method_ref);
    tm_buf_adds(&o->method_ref, uid ? uid : "");
    return TM_OK;
}

static enum tm_code read_extent(const struct opencover *o, const char *const *attrs, struct tm_extent *at,
                                struct tm_err *err)
{
    enum tm_code code = tm_xml_report_dotnet_line(&o->x, attrs, "sl", &at->line, err);

    if (!code && tm_xml_attr(attrs, "el"))
        code = tm_xml_report_dotnet_line(&o->x, attrs, "el", &at->end_line, err);
    if (!code)
        code = tm_xml_report_column(&o->x, attrs, "sc", &at->column, err);
    if (!code)
        code = tm_xml_report_column(&o->x, attrs, "ec", &at->end_column, err);
    if (!code && at->end_line && at->end_line < at->line)
        return tm_xml_fail(o->x.xml, err, TM_E_FORMAT, "sequence point ends before it starts");
    return code;
}

static enum tm_code start_sequence_point(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct opencover *o = ctx;
    struct tm_statement point = { .n = 1 };
    struct tm_report_file *file = NULL;
    enum tm_code code;

    if (o->skip_depth)
        return TM_OK;
    if (!o->method_depth)
        return tm_xml_fail(o->x.xml, err, TM_E_FORMAT, "SequencePoint outside a Method");
    code = tm_xml_report_count(&o->x, attrs, "vc", &point.hits, err);
    if (!code)
        code = find_file(o, attrs, &file, err);
    if (code || !file)
        return code;
    code = read_extent(o, attrs, &point.at, err);
    if (code || !point.at.line)
        return code;
    if (!o->method_file) {
        o->method_file = file;
        o->first_hits = point.hits;
        o->method.line = point.at.line;
    }
    if (file == o->method_file)
        o->method.line = TM_MIN(o->method.line, point.at.line);
    o->method.hits = TM_MAX(o->method.hits, point.hits);
    return tm_xml_report_placed(&o->x, tm_report_add_statement(file, point, err), err);
}

/*
 * A branch is known by its method, the offset of its instruction there, and the path it takes. coverlet has
 * no tokens; the end of a name has the method's own and its arguments.
 */
static enum tm_code add_branch(struct opencover *o, const char *const *attrs, struct tm_report_file *file,
                               struct tm_branch branch, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) block = TM_BUF_INIT;
    uint32_t offset;
    enum tm_code code = tm_xml_report_column(&o->x, attrs, "offset", &offset, err);

    if (!code && !tm_xml_attr(attrs, "path"))
        return tm_xml_report_invalid(&o->x, "path", NULL, err);
    if (!code)
        code = tm_xml_report_column(&o->x, attrs, "path", &branch.branch, err);
    if (code)
        return code;
    tm_buf_addf(&block, "%u:", offset);
    tm_buf_add_str(&block, tm_xml_report_name_end(tm_buf_str(o->token.len ? &o->token : &o->name)));
    branch.block = tm_report_id(o->x.report, tm_buf_str(&block));
    return tm_xml_report_placed(&o->x, tm_report_add_branch(file, branch, err), err);
}

static enum tm_code start_branch_point(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct opencover *o = ctx;
    struct tm_branch branch = { 0, 0, 0, 0, 0 };
    struct tm_report_file *file = NULL;
    enum tm_code code;

    if (o->skip_depth)
        return TM_OK;
    if (!o->method_depth)
        return tm_xml_fail(o->x.xml, err, TM_E_FORMAT, "BranchPoint outside a Method");
    code = tm_xml_report_count(&o->x, attrs, "vc", &branch.taken, err);
    if (!code)
        code = find_file(o, attrs, &file, err);
    if (code || !file)
        return code;
    if (!tm_xml_attr(attrs, "sl")) {
        tm_seen_add(&o->no_line, o->no_line.count ? 0 : tm_xml_line(o->x.xml));
        return TM_OK;
    }
    code = tm_xml_report_dotnet_line(&o->x, attrs, "sl", &branch.line, err);
    if (code || !branch.line)
        return code;
    return add_branch(o, attrs, file, branch, err);
}

static const struct tm_xml_element elements[] = {
    { "SequencePoint", start_sequence_point, NULL, 0 },
    { "BranchPoint", start_branch_point, NULL, 0 },
    { "Method", start_method, end_method, 0 },
    { "Name", NULL, end_text, TM_XML_TEXT },
    { "MetadataToken", NULL, end_text, TM_XML_TEXT },
    { "FileRef", start_file_ref, NULL, 0 },
    { "File", start_file, NULL, 0 },
    { "Class", start_class, end_entity, 0 },
    { "Module", start_module, end_entity, 0 },
    { NULL, NULL, NULL, 0 },
};

static enum tm_code read_opencover(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct opencover o = {
        .x = { .elements = elements, .root = "CoverageSession" },
        .arena = TM_ARENA_INIT,
        .files = TM_MAP_INIT,
        .method_ref = TM_BUF_INIT,
        .name = TM_BUF_INIT,
        .token = TM_BUF_INIT,
    };
    enum tm_code code;

    o.x.ctx = &o;
    code = tm_xml_report_read(&o.x, source, report, err);
    if (!code)
        code = tm_spread_report(report, o.x.name, err);
    if (!code)
        tm_report_note_seen(report, &o.no_line, "branch point without a line, left out,", o.x.name);
    tm_map_release(&o.files);
    tm_arena_release(&o.arena);
    tm_buf_release(&o.method_ref);
    tm_buf_release(&o.name);
    tm_buf_release(&o.token);
    return code;
}

const struct tm_format tm_format_opencover = {
    .name = "opencover",
    .summary = "OpenCover XML (OpenCover, coverlet, AltCover)",
    .detect = detect,
    .read = read_opencover,
};
