/*
 * V8's raw coverage, as NODE_V8_COVERAGE writes it (docs/formats/coverage.md, "V8").
 *
 * A script is a list of functions with ranges of characters and their counts. Ranges
 * nest; the innermost around a character decides. They are flattened into segments, and each line gets
 * the greatest count that a segment gives to its code.
 */
#include "base/alloc.h"
#include "coverage/format.h"
#include "coverage/js_code.h"
#include "coverage/json_report.h"
#include "coverage/sniff.h"

struct range {
    uint64_t count;
    uint32_t from, to; /* UTF-16 code units, `to` excluded */
    uint32_t order;    /* in the script: of two equal ranges the later is the inner one */
};

struct function {
    size_t name_at, name_len; /* in names */
    size_t range;             /* index of its first range */
};

struct v8 {
    struct tm_json_report r;
    /* The range, function and script being read. */
    struct range range;
    struct tm_buf name, url, names, source, path;
    struct function *functions;
    size_t n_functions, cap_functions;
    struct range *ranges; /* in the order of the report */
    size_t n_ranges, cap_ranges;
    struct range *segments; /* ascending, without overlap */
    size_t n_segments, cap_segments;
    struct range *open; /* ranges around the current offset, innermost last */
    size_t n_open, cap_open;
};

static bool detect(struct tm_str text)
{
    static const char *const paths[] = { "result", NULL };
    static const char *const object[] = { "result/*", NULL };

    return tm_sniff_json(text, paths) && !tm_sniff_json(text, object);
}

static enum tm_code read_from(void *ctx, struct tm_err *err)
{
    struct v8 *v8 = ctx;

    return tm_json_report_take_u32(&v8->r, "an offset", &v8->range.from, err);
}

static enum tm_code read_to(void *ctx, struct tm_err *err)
{
    struct v8 *v8 = ctx;

    return tm_json_report_take_u32(&v8->r, "an offset", &v8->range.to, err);
}

static enum tm_code read_count(void *ctx, struct tm_err *err)
{
    struct v8 *v8 = ctx;

    return tm_json_report_take_count(&v8->r, &v8->range.count, err);
}

static enum tm_code read_range(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = {
        { "startOffset", read_from }, { "endOffset", read_to }, { "count", read_count }, { NULL, NULL }
    };
    enum { ALL = 7 };
    struct v8 *v8 = ctx;
    unsigned seen;
    enum tm_code code = tm_json_report_is(&v8->r, TM_JSON_OBJECT_BEGIN, "an object", err);

    v8->range = (struct range) { .order = (uint32_t)v8->n_ranges };
    if (!code)
        code = tm_json_report_members(&v8->r, members, v8, &seen, err);
    if (code)
        return code;
    if (seen != ALL || v8->range.from > v8->range.to)
        return tm_json_report_fail(&v8->r, "range without its offsets and count", err);
    TM_GROW(v8->ranges, v8->n_ranges, v8->cap_ranges);
    v8->ranges[v8->n_ranges++] = v8->range;
    return TM_OK;
}

static enum tm_code read_ranges(void *ctx, struct tm_err *err)
{
    struct v8 *v8 = ctx;

    return tm_json_report_array(&v8->r, read_range, v8, err);
}

static enum tm_code read_name(void *ctx, struct tm_err *err)
{
    struct v8 *v8 = ctx;

    return tm_json_report_take_text(&v8->r, "a name", &v8->name, err);
}

static enum tm_code read_function(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "functionName", read_name },
                                                     { "ranges", read_ranges },
                                                     { NULL, NULL } };
    struct v8 *v8 = ctx;
    struct function function = { .name_at = v8->names.len, .range = v8->n_ranges };
    enum tm_code code = tm_json_report_is(&v8->r, TM_JSON_OBJECT_BEGIN, "an object", err);

    tm_buf_clear(&v8->name);
    if (!code)
        code = tm_json_report_members(&v8->r, members, v8, NULL, err);
    if (code)
        return code;
    if (v8->n_ranges == function.range)
        return tm_json_report_fail(&v8->r, "function without ranges", err);
    function.name_len = v8->name.len;
    tm_buf_add_str(&v8->names, tm_buf_str(&v8->name));
    TM_GROW(v8->functions, v8->n_functions, v8->cap_functions);
    v8->functions[v8->n_functions++] = function;
    return TM_OK;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

/*
 * The path of a file URL: percent-decoded, without query and fragment; "file:///C:/x" gives
 * "C:/x". False for another host, a NUL, or a bad escape.
 */
static bool path_of_url(struct tm_str url, struct tm_buf *path)
{
    static const struct tm_str prefix = { "file://", 7 };

    tm_buf_clear(path);
    if (!tm_str_has_prefix(url, prefix) || url.len == prefix.len || url.data[prefix.len] != '/')
        return false;
    for (size_t i = prefix.len; i < url.len && url.data[i] != '?' && url.data[i] != '#'; i++) {
        char c = url.data[i];

        if (c == '%') {
            int high = i + 2 < url.len ? hex_value(url.data[i + 1]) : -1;
            int low = i + 2 < url.len ? hex_value(url.data[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (!c)
            return false;
        tm_buf_addc(path, c);
    }
    if (path->len > 2 && path->data[2] == ':')
        tm_buf_splice(path, 0, 1, TM_STR(""));
    return true;
}

static int by_nesting(const void *pa, const void *pb)
{
    const struct range *a = pa, *b = pb;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    if (a->to != b->to)
        return a->to > b->to ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static void add_segment(struct v8 *v8, uint32_t from, uint32_t to, uint64_t count)
{
    if (from >= to)
        return;
    TM_GROW(v8->segments, v8->n_segments, v8->cap_segments);
    v8->segments[v8->n_segments++] = (struct range) { .from = from, .to = to, .count = count };
}

/* Closes the open ranges that end at or before `until`; returns the offset up to which segments are made. */
static uint32_t close_ranges(struct v8 *v8, uint32_t at, uint32_t until)
{
    while (v8->n_open && v8->open[v8->n_open - 1].to <= until) {
        struct range top = v8->open[--v8->n_open];

        add_segment(v8, at, top.to, top.count);
        at = TM_MAX(at, top.to);
    }
    return at;
}

static void flatten(struct v8 *v8)
{
    uint32_t at = 0;

    v8->n_segments = v8->n_open = 0;
    qsort(v8->ranges, v8->n_ranges, sizeof(*v8->ranges), by_nesting);
    for (size_t i = 0; i < v8->n_ranges; i++) {
        struct range range = v8->ranges[i];

        at = close_ranges(v8, at, range.from);
        if (v8->n_open) {
            struct range outer = v8->open[v8->n_open - 1];

            add_segment(v8, at, range.from, outer.count);
            /* V8's ranges nest; one that does not is cut at the end of what is around it. */
            range.to = TM_MIN(range.to, outer.to);
        }
        at = TM_MAX(at, range.from);
        TM_GROW(v8->open, v8->n_open, v8->cap_open);
        v8->open[v8->n_open++] = range;
    }
    close_ranges(v8, at, UINT32_MAX);
}

/* Adds every line with code: its hits are the greatest count of a segment that its code touches. */
static enum tm_code add_lines(struct v8 *v8, const struct tm_js_code *js, struct tm_report_file *file,
                              struct tm_err *err)
{
    size_t segment = 0;

    for (size_t i = 0; i < js->n_spans;) {
        uint32_t line = js->spans[i].line;
        uint64_t hits = 0;
        enum tm_code code;

        for (; i < js->n_spans && js->spans[i].line == line; i++) {
            while (segment < v8->n_segments && v8->segments[segment].to <= js->spans[i].from)
                segment++;
            for (size_t k = segment; k < v8->n_segments && v8->segments[k].from < js->spans[i].to; k++) {
                hits = TM_MAX(hits, v8->segments[k].count);
                segment = k;
            }
        }
        code = tm_report_add_line(file, line, hits, err);
        if (code)
            return code;
    }
    return TM_OK;
}

/* All but the script itself. Ranges must still be in the order of the report. */
static enum tm_code add_functions(struct v8 *v8, const struct tm_js_code *js, struct tm_report_file *file,
                                  struct tm_err *err)
{
    for (size_t i = 1; i < v8->n_functions; i++) {
        const struct range *range = &v8->ranges[v8->functions[i].range];
        struct tm_function function = {
            .name = tm_str_n(v8->names.data + v8->functions[i].name_at, v8->functions[i].name_len),
            .hits = range->count,
            .line = tm_js_line(js, range->from),
            .place = range->from,
            .key = TM_FUNCTION_BY_PLACE,
        };
        enum tm_code code = tm_report_add_function(file, function, err);

        if (code)
            return code;
    }
    return TM_OK;
}

/* Offsets of V8 do not count the byte order mark that node takes off. */
static void shift(struct v8 *v8)
{
    for (size_t i = 0; i < v8->n_ranges; i++) {
        v8->ranges[i].from += v8->ranges[i].from < UINT32_MAX;
        v8->ranges[i].to += v8->ranges[i].to < UINT32_MAX;
    }
    v8->ranges[0].from = 0;
}

/* True when the first function is the whole of the source, which then is what ran. */
static bool is_what_ran(struct v8 *v8, const struct tm_js_code *js)
{
    const struct range *whole = v8->ranges;

    if (!v8->n_functions || whole->from != 0)
        return false;
    if (tm_str_has_prefix(tm_buf_str(&v8->source), TM_STR("\xef\xbb\xbf")) && whole->to + 1 == js->units)
        shift(v8);
    return whole->to == js->units;
}

static enum tm_code add_script(struct v8 *v8, const struct tm_js_code *js, struct tm_err *err)
{
    struct tm_report_file *file;
    enum tm_code code;

    if (!is_what_ran(v8, js)) {
        tm_drops_add(&v8->r.report->drops, TM_DROP_CHANGED, tm_buf_str(&v8->path));
        return TM_OK;
    }
    code = tm_report_file(v8->r.report, tm_buf_str(&v8->path), &file, err);
    if (!code)
        code = add_functions(v8, js, file, err);
    flatten(v8);
    return code ? code : add_lines(v8, js, file, err);
}

/* Reads the source of the script; false, with the reason, when there is none that can be used. */
static bool read_source(struct v8 *v8, enum tm_drop *reason)
{
    struct tm_report *report = v8->r.report;
    enum tm_code code = TM_E_NOT_FOUND;

    *reason = TM_DROP_NO_SOURCE;
    if (report->read_source)
        code = report->read_source(report->read_source_ctx, tm_buf_str(&v8->path), &v8->source, NULL);
    if (code == TM_E_PATH)
        *reason = TM_DROP_OUTSIDE;
    return !code && v8->source.len <= TM_JS_SOURCE_MAX;
}

/* Turns the script that was read into a file of the report, or drops it. */
static enum tm_code finish_script(struct v8 *v8, struct tm_err *err)
{
    struct tm_js_code TM_CLEANUP(tm_js_release) js = { 0 };
    struct tm_drops *drops = &v8->r.report->drops;
    enum tm_drop reason;

    if (!tm_str_has_prefix(tm_buf_str(&v8->url), TM_STR("file:")))
        return TM_OK;
    if (!path_of_url(tm_buf_str(&v8->url), &v8->path)) {
        tm_drops_add(drops, TM_DROP_NO_NAME, tm_buf_str(&v8->url));
        return TM_OK;
    }
    if (!read_source(v8, &reason)) {
        tm_drops_add(drops, reason, tm_buf_str(&v8->path));
        return TM_OK;
    }
    tm_js_scan(&js, tm_buf_str(&v8->source));
    return add_script(v8, &js, err);
}

static enum tm_code read_url(void *ctx, struct tm_err *err)
{
    struct v8 *v8 = ctx;

    return tm_json_report_take_text(&v8->r, "a URL", &v8->url, err);
}

static enum tm_code read_functions(void *ctx, struct tm_err *err)
{
    struct v8 *v8 = ctx;

    return tm_json_report_array(&v8->r, read_function, v8, err);
}

static enum tm_code read_script(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "url", read_url },
                                                     { "functions", read_functions },
                                                     { NULL, NULL } };
    struct v8 *v8 = ctx;
    unsigned seen;
    enum tm_code code = tm_json_report_is(&v8->r, TM_JSON_OBJECT_BEGIN, "an object", err);

    v8->n_functions = v8->n_ranges = 0;
    tm_buf_clear(&v8->names);
    if (!code)
        code = tm_json_report_members(&v8->r, members, v8, &seen, err);
    if (code)
        return code;
    if (!(seen & 1))
        return tm_json_report_fail(&v8->r, "script without a 'url'", err);
    return finish_script(v8, err);
}

static enum tm_code read_result(void *ctx, struct tm_err *err)
{
    struct v8 *v8 = ctx;

    return tm_json_report_array(&v8->r, read_script, v8, err);
}

static enum tm_code read_v8(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "result", read_result }, { NULL, NULL } };
    struct v8 v8 = {
        .name = TM_BUF_INIT,
        .url = TM_BUF_INIT,
        .names = TM_BUF_INIT,
        .source = TM_BUF_INIT,
        .path = TM_BUF_INIT,
    };
    unsigned seen;
    enum tm_code code = tm_json_report_read(&v8.r, source, report, members, &v8, &seen, err);

    if (!code && !seen)
        code = tm_err_set(err, TM_E_FORMAT, "'%s' has no 'result'", source->name);
    tm_buf_release(&v8.name);
    tm_buf_release(&v8.url);
    tm_buf_release(&v8.names);
    tm_buf_release(&v8.source);
    tm_buf_release(&v8.path);
    free(v8.functions);
    free(v8.ranges);
    free(v8.segments);
    free(v8.open);
    return code;
}

const struct tm_format tm_format_v8 = {
    .name = "v8",
    .summary = "V8 raw coverage JSON (NODE_V8_COVERAGE)",
    .detect = detect,
    .read = read_v8,
};
