#include "coverage/xml_report.h"

#include "coverage/count.h"

static const struct tm_xml_element *find_row(const struct tm_xml_report *x, const char *name)
{
    for (const struct tm_xml_element *row = x->elements; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

static bool wants_text(const struct tm_xml_element *row)
{
    return row && (row->flags & TM_XML_TEXT);
}

static enum tm_code on_start(void *ctx, const char *name, const char *const *attrs, struct tm_err *err)
{
    struct tm_xml_report *x = ctx;
    const struct tm_xml_element *row = find_row(x, name);

    x->depth++;
    if (x->depth == 1 && strcmp(name, x->root) != 0)
        return tm_xml_fail(x->xml, err, TM_E_FORMAT, "root element is '%.60s', not '%s'", name, x->root);
    x->open[x->depth] = row;
    if (wants_text(row))
        tm_buf_clear(&x->text);
    return row && row->start ? row->start(x->ctx, attrs, err) : TM_OK;
}

static enum tm_code on_text(void *ctx, struct tm_str text, struct tm_err *err)
{
    struct tm_xml_report *x = ctx;

    if (!wants_text(x->open[x->depth]))
        return TM_OK;
    if (x->text.len + text.len > TM_SOURCE_LINE_MAX)
        return tm_xml_fail(x->xml, err, TM_E_LIMIT, "text of a %s element is too long",
                           x->open[x->depth]->name);
    tm_buf_add_str(&x->text, text);
    return TM_OK;
}

static enum tm_code on_end(void *ctx, const char *name, struct tm_err *err)
{
    struct tm_xml_report *x = ctx;
    const struct tm_xml_element *row = x->open[x->depth];
    enum tm_code code = row && row->end ? row->end(x->ctx, err) : TM_OK;

    x->depth--;
    return code;
}

struct tm_str tm_xml_report_name_end(struct tm_str name)
{
    return tm_str_from(name, name.len - TM_MIN(name.len, (size_t)TM_XML_NAME_END));
}

const char *tm_xml_report_element(const struct tm_xml_report *x)
{
    return x->open[x->depth]->name;
}

enum tm_code tm_xml_read_source(struct tm_xml *xml, struct tm_source *source, struct tm_err *err)
{
    struct tm_str chunk;

    for (;;) {
        enum tm_code code = tm_source_chunk(source, &chunk, err);

        if (!code && !chunk.len)
            return tm_xml_finish(xml, err);
        if (!code)
            code = tm_xml_feed(xml, chunk, err);
        if (code)
            return code;
    }
}

static const char *take(void *ctx, const char *at, const char *end)
{
    struct tm_xml_report *x = ctx;

    return wants_text(x->open[x->depth]) ? at : x->take(x->ctx, at, end);
}

/* The fast way; what it does not take is read again. */
static enum tm_code read_plain(struct tm_xml_report *x, struct tm_source *source, struct tm_err *err)
{
    struct tm_xml_plain_handler handler = { { on_start, on_text, on_end, x }, x->take ? take : NULL };
    bool asked = false;

    source->plain_tried = true;
    x->xml = tm_xml_new_placeless(source->name, &asked);
    if (tm_xml_plain_read(source, &handler) && !asked)
        return TM_OK;
    source->again = true;
    return tm_err_set(err, TM_E_FORMAT, "'%s' is to be read again", source->name);
}

static enum tm_code read_thoroughly(struct tm_xml_report *x, struct tm_source *source, struct tm_err *err)
{
    struct tm_xml_handler handler = { on_start, on_text, on_end, x };

    x->xml = tm_xml_new(source->name, &handler);
    return tm_xml_read_source(x->xml, source, err);
}

enum tm_code tm_xml_report_read(struct tm_xml_report *x, struct tm_source *source, struct tm_report *report,
                                struct tm_err *err)
{
    enum tm_code code;

    x->name = source->name;
    x->report = report;
    x->depth = 0;
    x->open[0] = NULL;
    x->text = TM_BUF_INIT;
    x->negative = x->no_line = (struct tm_seen) { 0, 0 };
    code = source->plain_tried ? read_thoroughly(x, source, err) : read_plain(x, source, err);
    if (!code) {
        tm_report_note_seen(report, &x->negative, "negative count, read as 0,", x->name);
        tm_report_note_seen(report, &x->no_line, "element without a line, left out,", x->name);
    }
    tm_xml_free(x->xml);
    tm_buf_release(&x->text);
    return code;
}

enum tm_code tm_xml_report_invalid(const struct tm_xml_report *x, const char *what, const char *value,
                                   struct tm_err *err)
{
    if (!value)
        return tm_xml_fail(x->xml, err, TM_E_FORMAT, "%s is missing", what);
    return tm_xml_fail(x->xml, err, TM_E_FORMAT, "invalid %s '%.60s'", what, value);
}

enum tm_code tm_xml_report_placed(const struct tm_xml_report *x, enum tm_code code, struct tm_err *err)
{
    return code ? tm_xml_fail(x->xml, err, code, "%s", err ? tm_err_msg(err) : "") : TM_OK;
}

enum tm_code tm_xml_report_u64(const struct tm_xml_report *x, const char *const *attrs, const char *name,
                               uint64_t *value, struct tm_err *err)
{
    const char *text = tm_xml_attr(attrs, name);

    return text && tm_str_u64(tm_str(text), value) ? TM_OK : tm_xml_report_invalid(x, name, text, err);
}

enum tm_code tm_xml_report_line(const struct tm_xml_report *x, const char *const *attrs, const char *name,
                                uint32_t *line, struct tm_err *err)
{
    const char *text = tm_xml_attr(attrs, name);
    uint64_t number;

    if (!text || !tm_str_u64(tm_str(text), &number))
        return tm_xml_report_invalid(x, "line number", text, err);
    if (number - 1 >= TM_REPORT_LINE_MAX)
        return tm_xml_fail(x->xml, err, number ? TM_E_LIMIT : TM_E_FORMAT,
                           "line number is not between 1 and %d", TM_REPORT_LINE_MAX);
    *line = (uint32_t)number;
    return TM_OK;
}

enum tm_code tm_xml_report_code_line(struct tm_xml_report *x, const char *const *attrs, const char *name,
                                     uint32_t *line, struct tm_err *err)
{
    const char *text = tm_xml_attr(attrs, name);

    if (!text || !tm_count_is_no_line(tm_str(text)))
        return tm_xml_report_line(x, attrs, name, line, err);
    tm_seen_add(&x->no_line, x->no_line.count ? 0 : tm_xml_line(x->xml));
    *line = 0;
    return TM_OK;
}

enum tm_code tm_xml_report_dotnet_line(const struct tm_xml_report *x, const char *const *attrs,
                                       const char *name, uint32_t *line, struct tm_err *err)
{
    enum { HIDDEN = 0xFEEFEE, NEVER_STEP_INTO = 0xF00F00 };
    const char *text = tm_xml_attr(attrs, name);
    enum tm_code code = TM_OK;

    *line = 0;
    if (!text || strcmp(text, "0") != 0)
        code = tm_xml_report_line(x, attrs, name, line, err);
    if (*line == HIDDEN || *line == NEVER_STEP_INTO)
        *line = 0;
    return code;
}

enum tm_code tm_xml_report_column(const struct tm_xml_report *x, const char *const *attrs, const char *name,
                                  uint32_t *column, struct tm_err *err)
{
    const char *text = tm_xml_attr(attrs, name);
    uint64_t value = 0;

    if (text && (!tm_str_u64(tm_str(text), &value) || value > INT32_MAX))
        return tm_xml_report_invalid(x, name, text, err);
    *column = (uint32_t)value;
    return TM_OK;
}

enum tm_code tm_xml_report_count(struct tm_xml_report *x, const char *const *attrs, const char *name,
                                 uint64_t *count, struct tm_err *err)
{
    const char *text = tm_xml_attr(attrs, name);
    bool negative = false;

    if (!text || !tm_count_parse(tm_str(text), count, &negative))
        return tm_xml_report_invalid(x, name, text, err);
    if (negative)
        tm_seen_add(&x->negative, x->negative.count ? 0 : tm_xml_line(x->xml));
    return TM_OK;
}

enum tm_code tm_xml_report_u64_or(const struct tm_xml_report *x, const char *const *attrs, const char *name,
                                  uint64_t otherwise, uint64_t *value, struct tm_err *err)
{
    if (tm_xml_attr(attrs, name))
        return tm_xml_report_u64(x, attrs, name, value, err);
    *value = otherwise;
    return TM_OK;
}

enum tm_code tm_xml_report_add_branches(const struct tm_xml_report *x, struct tm_report_file *file,
                                        uint32_t line, uint64_t taken, uint64_t all, struct tm_err *err)
{
    struct tm_branch branch = { taken, line, 0, (uint32_t)all, TM_BRANCH_COUNT };

    if (all == 0 && taken == 0)
        return TM_OK;
    if (taken > all || all > TM_XML_BRANCHES_MAX)
        return tm_xml_fail(x->xml, err, TM_E_FORMAT, "invalid branch counts, %llu of %llu",
                           (unsigned long long)taken, (unsigned long long)all);
    return file ? tm_xml_report_placed(x, tm_report_add_branch(file, branch, err), err) : TM_OK;
}

uint64_t tm_xml_report_claim(const char *const *attrs, const char *name)
{
    const char *value = tm_xml_attr(attrs, name);
    uint64_t number;

    return value && tm_str_u64(tm_str(value), &number) ? number : UINT64_MAX;
}

void tm_report_note_claim(struct tm_report *report, const char *name, const char *what, uint64_t claimed,
                          uint64_t counted)
{
    if (claimed != UINT64_MAX && claimed != counted)
        tm_report_note(report, "header of '%s' says %s=%llu, its body has %llu", name, what,
                       (unsigned long long)claimed, (unsigned long long)counted);
}
