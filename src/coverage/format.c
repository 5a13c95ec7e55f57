#include "coverage/format.h"

#include "coverage/sniff.h"

#define FORMAT_ADDRESS(name) &tm_format_##name,

const struct tm_format *const tm_formats[] = { TM_FORMATS(FORMAT_ADDRESS) NULL };

const struct tm_format *tm_format_find(struct tm_str name)
{
    for (size_t i = 0; tm_formats[i]; i++)
        if (tm_str_is(name, tm_formats[i]->name))
            return tm_formats[i];
    return NULL;
}

void tm_format_add_names(struct tm_buf *out)
{
    for (size_t i = 0; tm_formats[i]; i++)
        tm_buf_addf(out, "%s%s", i ? ", " : "", tm_formats[i]->name);
}

enum tm_code tm_format_choose(const char *as, const struct tm_format **format, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) names = TM_BUF_INIT;

    *format = as ? tm_format_find(tm_str(as)) : NULL;
    if (!as || *format)
        return TM_OK;
    tm_format_add_names(&names);
    return tm_err_set(err, TM_E_USAGE, "unknown format '%s', known are %s", as, names.data);
}

const struct tm_format *tm_format_detect(struct tm_str text)
{
    const struct tm_format *found = NULL;

    for (size_t i = 0; tm_formats[i]; i++) {
        if (!tm_formats[i]->detect(text))
            continue;
        if (found)
            return NULL;
        found = tm_formats[i];
    }
    return found;
}

/* "istanbul or v8": the formats that claim the text. */
static void add_candidates(struct tm_buf *out, struct tm_str text)
{
    for (size_t i = 0; tm_formats[i]; i++)
        if (tm_formats[i]->detect(text))
            tm_buf_addf(out, "%s%s", out->len ? " or " : "", tm_formats[i]->name);
}

static enum tm_code refuse(const struct tm_source *source, struct tm_str text, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) names = TM_BUF_INIT;
    const char *name = tm_sniff_name(text);

    add_candidates(&names, text);
    if (names.len)
        return tm_err_set(err, TM_E_FORMAT, "'%s' may be %s, give --as", source->name, names.data);
    tm_format_add_names(&names);
    if (name)
        return tm_err_set(err, TM_E_FORMAT, "'%s' looks like %s, which is not read; known formats: %s",
                          source->name, name, names.data);
    return tm_err_set(err, TM_E_FORMAT, "'%s' is no coverage report of a known format (%s), give --as",
                      source->name, names.data);
}

/* Readers of XML know UTF-16; what else there is of it was written by the > of a shell of Windows. */
static bool is_wide_text(struct tm_str head, struct tm_str text)
{
    return (tm_str_has_prefix(head, TM_STR("\xff\xfe")) || tm_str_has_prefix(head, TM_STR("\xfe\xff"))) &&
           !tm_sniff_starts(text, "<");
}

/* A report that its reader refused, or found no line in: say so when it is one of another format. */
static enum tm_code explain(const struct tm_source *source, const struct tm_format *format,
                            struct tm_str text, enum tm_code code, struct tm_err *err)
{
    const struct tm_format *other;
    const char *name;

    if ((code && code != TM_E_FORMAT) || format->detect(text))
        return code;
    other = tm_format_detect(text);
    name = other ? other->name : code ? tm_sniff_name(text) : NULL;
    if (name)
        return tm_err_set(err, TM_E_FORMAT, "'%s' is not %s, it looks like %s", source->name, format->name,
                          name);
    return code;
}

/* Ids of branches mean something only beside others of their format. */
static void mark_format(struct tm_report *report, const struct tm_format *format)
{
    size_t index = 0;

    while (tm_formats[index] != format)
        index++;
    for (size_t i = 0; i < tm_report_n_files(report); i++) {
        struct tm_report_file *file = tm_report_file_at(report, i);

        file->formats = file->n_branches ? UINT32_C(1) << TM_MIN(index, (size_t)31) : 0;
    }
}

static enum tm_code read_fresh(struct tm_source *source, const struct tm_format *format,
                               struct tm_report *report, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    const struct tm_format *use = format;
    struct tm_str head;
    enum tm_code code = tm_source_head(source, &head, err);

    if (code)
        return code;
    tm_sniff_text(head, &text);
    if (tm_str_trim(tm_buf_str(&text)).len == 0 && head.len < TM_SOURCE_HEAD)
        return tm_err_set(err, TM_E_FORMAT, "'%s' is empty", source->name);
    if (is_wide_text(head, tm_buf_str(&text)))
        return tm_err_set(err, TM_E_FORMAT, "'%s' is UTF-16 text, save it as UTF-8", source->name);
    if (!use)
        use = tm_format_detect(tm_buf_str(&text));
    if (!use)
        return refuse(source, tm_buf_str(&text), err);
    source->in_parts = use->in_parts;
    code = use->read(source, report, err);
    if (!code)
        mark_format(report, use);
    if (format && (code || !report->n_lines))
        return explain(source, format, tm_buf_str(&text), code, err);
    return code;
}

enum tm_code tm_report_read(struct tm_source *source, const struct tm_format *format,
                            struct tm_report *report, struct tm_err *err)
{
    struct tm_report TM_CLEANUP(tm_report_release) fresh = TM_REPORT_INIT;
    enum tm_code code;
    bool again;

    do {
        fresh.read_source = report->read_source;
        fresh.read_source_ctx = report->read_source_ctx;
        code = read_fresh(source, format, &fresh, err);
        again = source->again;
        if (again) {
            if (err)
                tm_err_release(err);
            tm_report_release(&fresh);
            fresh = TM_REPORT_INIT;
            code = tm_source_rewind(source, err);
        }
    } while (again && !code);
    /* Within one report counts of what it repeats add up; between reports report->greatest says. */
    if (!code)
        code = tm_report_merge(report, &fresh, err);
    if (!code)
        tm_report_settle(report);
    return code;
}

enum tm_code tm_report_read_file(const char *path, const struct tm_format *format, struct tm_report *report,
                                 struct tm_err *err)
{
    struct tm_source TM_CLEANUP(tm_source_close) source = { .feed = { .fd = -1 } };
    enum tm_code code = tm_source_open(&source, path, err);

    return code ? code : tm_report_read(&source, format, report, err);
}
