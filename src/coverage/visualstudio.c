/*
 * Coverage XML of Visual Studio and dotnet-coverage (docs/formats/coverage.md, "Visual Studio"): the newer
 * form, in attributes, and the older one, in elements.
 *
 * Both name their source files behind the code, so ranges are kept by the id of the file until it has a
 * name: in the newer form to the end of the module, in the older one to the end of the report. A range is
 * kept as a statement, and becomes lines then.
 */
#include "coverage/format.h"
#include "coverage/sniff.h"
#include "coverage/spread.h"
#include "coverage/xml_report.h"

enum { FIELDS = 6 };

/* The elements of the older form's ranges, and the attributes that the newer one has for them. */
static const struct {
    const char *element, *attr;
} fields[FIELDS] = {
    { "SourceFileID", "source_id" }, { "LnStart", "start_line" }, { "ColStart", "start_column" },
    { "LnEnd", "end_line" },         { "ColEnd", "end_column" },  { "Coverage", "covered" },
};

struct visualstudio {
    struct tm_xml_report x;
    struct tm_report staged; /* by id instead of path */
    struct tm_arena arena;   /* ids and names of source files */
    struct tm_map names;     /* id to struct tm_str, its name */
    unsigned module_depth;   /* of the open module, 0: none */
    unsigned function_depth; /* of the open function */
    struct tm_buf function_name;
    struct tm_function function;
    struct tm_report_file *function_file; /* staged: of its first range */
    struct tm_seen no_line;
    /* Of the older form. */
    struct tm_buf namespace, class;
    struct tm_buf field[FIELDS], file_name;
    bool has_field[FIELDS];
};

static bool detect(struct tm_str text)
{
    struct tm_str root = tm_sniff_root(text);

    return tm_sniff_root_is(root, "CoverageDSPriv") ||
           (tm_sniff_root_is(root, "results") && tm_sniff_has(text, "<modules"));
}

/* ---- Both forms ---- */

static void start_code(struct visualstudio *v)
{
    v->function_depth = v->x.depth;
    v->function = (struct tm_function) { .key = TM_FUNCTION_BY_PLACE };
    v->function_file = NULL;
    tm_buf_clear(&v->function_name);
}

static enum tm_code end_code(void *ctx, struct tm_err *err)
{
    struct visualstudio *v = ctx;
    enum tm_code code = TM_OK;

    v->function_depth = 0;
    v->function.name = tm_buf_str(&v->function_name);
    if (v->function_file)
        code = tm_report_add_function(v->function_file, v->function, err);
    return tm_xml_report_placed(&v->x, code, err);
}

static void add_name_part(struct visualstudio *v, const char *part)
{
    if (v->function_name.len && part && *part)
        tm_buf_addc(&v->function_name, '.');
    tm_buf_add_str(&v->function_name, tm_xml_report_name_end(tm_str(part)));
}

static enum tm_code read_extent(struct visualstudio *v, const char *const *attrs, struct tm_extent *at,
                                struct tm_err *err)
{
    enum tm_code code = tm_xml_report_dotnet_line(&v->x, attrs, "start_line", &at->line, err);

    if (!code)
        code = tm_xml_report_dotnet_line(&v->x, attrs, "end_line", &at->end_line, err);
    if (!code)
        code = tm_xml_report_column(&v->x, attrs, "start_column", &at->column, err);
    if (!code)
        code = tm_xml_report_column(&v->x, attrs, "end_column", &at->end_column, err);
    if (!code && at->end_line && at->end_line < at->line)
        return tm_xml_fail(v->x.xml, err, TM_E_FORMAT, "range ends before it starts");
    return code;
}

static void add_to_function(struct visualstudio *v, struct tm_report_file *file,
                            const struct tm_statement *range)
{
    if (!v->function_file) {
        v->function_file = file;
        v->function.line = range->at.line;
    }
    if (v->function_file == file)
        v->function.line = TM_MIN(v->function.line, range->at.line);
    v->function.hits = TM_MAX(v->function.hits, range->hits);
}

/* Partly covered is covered: a branch that was not taken never lowers line coverage. */
static bool parse_covered(const char *text, uint64_t *hits)
{
    *hits = text && (strcmp(text, "yes") == 0 || strcmp(text, "partial") == 0);
    return *hits || (text && strcmp(text, "no") == 0);
}

static enum tm_code start_range(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct visualstudio *v = ctx;
    const char *id = tm_xml_attr(attrs, "source_id"), *covered = tm_xml_attr(attrs, "covered");
    struct tm_statement range = { .n = 1 };
    struct tm_report_file *file;
    enum tm_code code;

    if (!id || !*id)
        return tm_xml_report_invalid(&v->x, "source_id", id, err);
    if (!parse_covered(covered, &range.hits))
        return tm_xml_report_invalid(&v->x, "covered", covered, err);
    code = read_extent(v, attrs, &range.at, err);
    if (code)
        return code;
    if (!range.at.line) {
        tm_seen_add(&v->no_line, v->no_line.count ? 0 : tm_xml_line(v->x.xml));
        return TM_OK;
    }
    code = tm_report_file(&v->staged, tm_str(id), &file, err);
    if (!code) {
        add_to_function(v, file, &range);
        code = tm_report_add_statement(file, range, err);
    }
    return tm_xml_report_placed(&v->x, code, err);
}

static enum tm_code add_source_file(struct visualstudio *v, const char *id, const char *path,
                                    struct tm_err *err)
{
    struct tm_str *name;

    if (!id || !*id)
        return tm_xml_report_invalid(&v->x, "id of a source file", id, err);
    name = tm_map_get(&v->names, tm_str(id));
    if (name && !tm_str_is(*name, path ? path : ""))
        return tm_xml_fail(v->x.xml, err, TM_E_FORMAT, "two source files have the id '%.60s'", id);
    if (name)
        return TM_OK;
    name = tm_arena_alloc(&v->arena, sizeof(*name));
    *name = tm_arena_str(&v->arena, tm_str(path ? path : ""));
    *tm_map_at(&v->names, tm_arena_str(&v->arena, tm_str(id)), NULL) = name;
    return TM_OK;
}

static enum tm_code move_file(struct visualstudio *v, struct tm_report_file *staged, struct tm_err *err)
{
    const struct tm_str *name = tm_map_get(&v->names, staged->path);
    struct tm_report_file *file;
    enum tm_code code;

    if (!name)
        return tm_err_set(err, TM_E_FORMAT, "no source file of '%s' has the id '%s'", v->x.name,
                          staged->path.data);
    if (!name->len) {
        tm_drops_add(&v->x.report->drops, TM_DROP_NO_NAME, staged->path);
        return TM_OK;
    }
    code = tm_spread_statements(staged, err);
    tm_spread_drop_statements(staged);
    if (!code)
        code = tm_report_file(v->x.report, *name, &file, err);
    if (!code)
        code = tm_report_merge_file(file, staged, err);
    return code ? tm_err_set(err, code, "%s in '%s'", err ? tm_err_msg(err) : "", v->x.name) : TM_OK;
}

/* Gives all ranges so far to the files that they are in, and forgets them and the ids. */
static enum tm_code move_all(struct visualstudio *v, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < tm_report_n_files(&v->staged); i++)
        code = move_file(v, tm_report_file_at(&v->staged, i), err);
    tm_report_release(&v->staged);
    tm_map_release(&v->names);
    tm_arena_release(&v->arena);
    return code;
}

/* ---- The newer form ---- */

static enum tm_code start_function(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    if (!v->module_depth || v->function_depth)
        return tm_xml_fail(v->x.xml, err, TM_E_FORMAT, "function outside a module");
    start_code(v);
    add_name_part(v, tm_xml_attr(attrs, "namespace"));
    add_name_part(v, tm_xml_attr(attrs, "type_name"));
    add_name_part(v, tm_xml_attr(attrs, "name"));
    return TM_OK;
}

static enum tm_code start_function_range(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    if (!v->function_depth)
        return tm_xml_fail(v->x.xml, err, TM_E_FORMAT, "range outside a function");
    return start_range(v, attrs, err);
}

static enum tm_code start_source_file(void *ctx, const char *const *attrs, struct tm_err *err)
{
    return add_source_file(ctx, tm_xml_attr(attrs, "id"), tm_xml_attr(attrs, "path"), err);
}

/* What is open in a module ends before it. */
static enum tm_code start_module(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    if (v->module_depth || v->function_depth)
        return tm_xml_fail(v->x.xml, err, TM_E_FORMAT, "module inside a module");
    v->module_depth = v->x.depth;
    return TM_OK;
}

static enum tm_code end_module(void *ctx, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    v->module_depth = 0;
    return move_all(v, err);
}

static const struct tm_xml_element newer[] = {
    { "range", start_function_range, NULL, 0 },
    { "function", start_function, end_code, 0 },
    { "source_file", start_source_file, NULL, 0 },
    { "module", start_module, end_module, 0 },
    { NULL, NULL, NULL, 0 },
};

/* ---- The older form ---- */

/* The element's text, without white space around it, into a buffer. */
static enum tm_code take_text(struct visualstudio *v, struct tm_buf *into)
{
    tm_buf_clear(into);
    tm_buf_add_str(into, tm_str_trim(tm_buf_str(&v->x.text)));
    return TM_OK;
}

static enum tm_code start_lines(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    memset(v->has_field, 0, sizeof(v->has_field));
    tm_buf_clear(&v->file_name);
    return TM_OK;
}

static enum tm_code end_field(void *ctx, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    for (size_t i = 0; i < FIELDS; i++) {
        if (strcmp(fields[i].element, tm_xml_report_element(&v->x)) != 0)
            continue;
        v->has_field[i] = true;
        return take_text(v, &v->field[i]);
    }
    return TM_OK;
}

/* The state of a range as a number, in the words of the newer form. */
static const char *covered_word(const char *number)
{
    static const char *const words[] = { "yes", "partial", "no" };

    return *number >= '0' && *number <= '2' && !number[1] ? words[*number - '0'] : number;
}

static enum tm_code end_lines(void *ctx, struct tm_err *err)
{
    struct visualstudio *v = ctx;
    const char *attrs[2 * FIELDS + 1];
    size_t n = 0;

    for (size_t i = 0; i < FIELDS; i++) {
        if (!v->has_field[i])
            continue;
        attrs[n++] = fields[i].attr;
        attrs[n++] =
            strcmp(fields[i].attr, "covered") == 0 ? covered_word(v->field[i].data) : v->field[i].data;
    }
    attrs[n] = NULL;
    return start_range(v, attrs, err);
}

static enum tm_code end_source_file_names(void *ctx, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    return add_source_file(v, v->has_field[0] ? v->field[0].data : NULL, v->file_name.data, err);
}

static enum tm_code end_file_name(void *ctx, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    return take_text(v, &v->file_name);
}

static enum tm_code start_namespace(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    tm_buf_clear(&v->namespace);
    tm_buf_clear(&v->class);
    return TM_OK;
}

static enum tm_code end_namespace_name(void *ctx, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    return take_text(v, &v->namespace);
}

static enum tm_code end_class_name(void *ctx, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    return take_text(v, &v->class);
}

static enum tm_code start_method(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct visualstudio *v = ctx;

    if (v->function_depth)
        return tm_xml_fail(v->x.xml, err, TM_E_FORMAT, "Method inside a Method");
    start_code(v);
    return TM_OK;
}

static enum tm_code end_method_name(void *ctx, struct tm_err *err)
{
    struct visualstudio *v = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;

    take_text(v, &name);
    tm_buf_clear(&v->function_name);
    add_name_part(v, v->namespace.data);
    add_name_part(v, v->class.data);
    add_name_part(v, name.data);
    return TM_OK;
}

static const struct tm_xml_element older[] = {
    { "Lines", start_lines, end_lines, 0 },
    { "LnStart", NULL, end_field, TM_XML_TEXT },
    { "ColStart", NULL, end_field, TM_XML_TEXT },
    { "LnEnd", NULL, end_field, TM_XML_TEXT },
    { "ColEnd", NULL, end_field, TM_XML_TEXT },
    { "Coverage", NULL, end_field, TM_XML_TEXT },
    { "SourceFileID", NULL, end_field, TM_XML_TEXT },
    { "Method", start_method, end_code, 0 },
    { "MethodName", NULL, end_method_name, TM_XML_TEXT },
    { "ClassName", NULL, end_class_name, TM_XML_TEXT },
    { "NamespaceTable", start_namespace, NULL, 0 },
    { "NamespaceName", NULL, end_namespace_name, TM_XML_TEXT },
    { "SourceFileNames", start_lines, end_source_file_names, 0 },
    { "SourceFileName", NULL, end_file_name, TM_XML_TEXT },
    { NULL, NULL, NULL, 0 },
};

/* ---- */

static void release(struct visualstudio *v)
{
    tm_report_release(&v->staged);
    tm_map_release(&v->names);
    tm_arena_release(&v->arena);
    tm_buf_release(&v->function_name);
    tm_buf_release(&v->namespace);
    tm_buf_release(&v->class);
    tm_buf_release(&v->file_name);
    for (size_t i = 0; i < FIELDS; i++)
        tm_buf_release(&v->field[i]);
}

static enum tm_code read_visualstudio(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct visualstudio v = {
        .x = { .elements = newer, .root = "results" },
        .staged = TM_REPORT_INIT,
        .arena = TM_ARENA_INIT,
        .names = TM_MAP_INIT,
        .function_name = TM_BUF_INIT,
        .namespace = TM_BUF_INIT,
        .class = TM_BUF_INIT,
        .file_name = TM_BUF_INIT,
    };
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_str head;
    enum tm_code code = tm_source_head(source, &head, err);

    if (code)
        return code;
    tm_sniff_text(head, &text);
    if (tm_sniff_root_is(tm_sniff_root(tm_buf_str(&text)), "CoverageDSPriv")) {
        v.x.elements = older;
        v.x.root = "CoverageDSPriv";
    }
    for (size_t i = 0; i < FIELDS; i++)
        v.field[i] = TM_BUF_INIT;
    v.x.ctx = &v;
    code = tm_xml_report_read(&v.x, source, report, err);
    if (!code)
        code = move_all(&v, err);
    if (!code)
        tm_report_note_seen(report, &v.no_line, "range without a line, left out,", v.x.name);
    release(&v);
    return code;
}

const struct tm_format tm_format_visualstudio = {
    .name = "visualstudio",
    .summary = "Visual Studio and dotnet-coverage XML",
    .detect = detect,
    .read = read_visualstudio,
};
