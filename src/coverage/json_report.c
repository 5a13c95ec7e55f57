#include "coverage/json_report.h"

#include "base/digits.h"
#include "coverage/count.h"

static enum tm_code more(void *ctx, size_t used, struct tm_str *window, struct tm_err *err)
{
    return tm_source_slide(ctx, used, window, err);
}

enum tm_code tm_json_report_fail(const struct tm_json_report *r, const char *problem, struct tm_err *err)
{
    return tm_json_fail(&r->json, r->json.token_at, err, "%s", problem);
}

enum tm_code tm_json_report_wrong(const struct tm_json_report *r, const char *wanted, struct tm_err *err)
{
    return tm_json_fail(&r->json, r->json.token_at, err, "expected %s", wanted);
}

enum tm_code tm_json_report_is(const struct tm_json_report *r, enum tm_json_token kind, const char *wanted,
                               struct tm_err *err)
{
    return r->json.token == kind ? TM_OK : tm_json_report_wrong(r, wanted, err);
}

enum tm_code tm_json_report_expect(struct tm_json_report *r, enum tm_json_token kind, const char *wanted,
                                   struct tm_err *err)
{
    enum tm_json_token token;
    enum tm_code code = tm_json_next(&r->json, &token, err);

    return code ? code : tm_json_report_is(r, kind, wanted, err);
}

enum tm_code tm_json_report_placed(const struct tm_json_report *r, enum tm_code code, struct tm_err *err)
{
    if (code && err) {
        tm_json_fail(&r->json, r->json.token_at, err, "%s", tm_err_msg(err));
        err->code = code;
    }
    return code;
}

/* Reads the value behind the key that is the last token. */
static enum tm_code read_member(struct tm_json_report *r, const struct tm_json_member *members, void *ctx,
                                unsigned *seen, struct tm_err *err)
{
    for (unsigned i = 0; members[i].key; i++) {
        unsigned bit = 1u << i;

        assert(i < 32);
        if (!tm_json_is(&r->json, members[i].key))
            continue;
        if (*seen & bit)
            return tm_json_fail(&r->json, r->json.token_at, err, "'%s' is there twice", members[i].key);
        *seen |= bit;
        return members[i].read(ctx, err);
    }
    return tm_json_skip(&r->json, err);
}

enum tm_code tm_json_report_members(struct tm_json_report *r, const struct tm_json_member *members, void *ctx,
                                    unsigned *seen, struct tm_err *err)
{
    unsigned bits = 0;
    enum tm_code code;

    do {
        enum tm_json_token token;

        code = tm_json_next(&r->json, &token, err);
        if (!code && token == TM_JSON_OBJECT_END)
            break;
        if (!code)
            code = read_member(r, members, ctx, &bits, err);
    } while (!code);
    if (!code && seen)
        *seen = bits;
    return code;
}

enum tm_code tm_json_report_map(struct tm_json_report *r, enum tm_code (*read)(void *ctx, struct tm_err *err),
                                void *ctx, struct tm_err *err)
{
    enum tm_code code = tm_json_report_expect(r, TM_JSON_OBJECT_BEGIN, "an object", err);

    while (!code) {
        enum tm_json_token token;

        code = tm_json_next(&r->json, &token, err);
        if (!code && token == TM_JSON_OBJECT_END)
            break;
        if (!code)
            code = read(ctx, err);
    }
    return code;
}

/* The elements of an array whose '[' was the last token; take may be NULL. */
static enum tm_code read_elements(struct tm_json_report *r, tm_json_take_fn *take,
                                  enum tm_code (*read)(void *ctx, struct tm_err *err), void *ctx,
                                  struct tm_err *err)
{
    enum tm_code code = TM_OK;

    do {
        enum tm_json_token token;

        if (take)
            code = tm_json_take(&r->json, take, ctx, err);
        if (!code)
            code = tm_json_next(&r->json, &token, err);
        if (!code && token == TM_JSON_ARRAY_END)
            break;
        if (!code)
            code = read(ctx, err);
    } while (!code);
    return code;
}

enum tm_code tm_json_report_elements(struct tm_json_report *r,
                                     enum tm_code (*read)(void *ctx, struct tm_err *err), void *ctx,
                                     struct tm_err *err)
{
    return read_elements(r, NULL, read, ctx, err);
}

enum tm_code tm_json_report_rows(struct tm_json_report *r, tm_json_take_fn *take,
                                 enum tm_code (*read)(void *ctx, struct tm_err *err), void *ctx,
                                 struct tm_err *err)
{
    enum tm_code code = tm_json_report_expect(r, TM_JSON_ARRAY_BEGIN, "an array", err);

    return code ? code : read_elements(r, take, read, ctx, err);
}

enum tm_code tm_json_report_array(struct tm_json_report *r,
                                  enum tm_code (*read)(void *ctx, struct tm_err *err), void *ctx,
                                  struct tm_err *err)
{
    return tm_json_report_rows(r, NULL, read, ctx, err);
}

void tm_json_report_begin(struct tm_json_report *r, struct tm_source *source, struct tm_report *report)
{
    r->source = source;
    r->report = report;
    r->part = false;
    r->negative = (struct tm_seen) { 0, 0 };
    tm_json_reader_stream(&r->json, source->name, more, source);
}

enum tm_code tm_json_report_end(struct tm_json_report *r, struct tm_err *err)
{
    enum tm_json_token token;
    enum tm_code code = tm_json_next(&r->json, &token, err);

    if (code)
        return code;
    assert(token == TM_JSON_END);
    tm_report_note_seen(r->report, &r->negative, "negative count, read as 0,", r->source->name);
    return TM_OK;
}

enum tm_code tm_json_report_read(struct tm_json_report *r, struct tm_source *source, struct tm_report *report,
                                 const struct tm_json_member *members, void *ctx, unsigned *seen,
                                 struct tm_err *err)
{
    enum tm_code code;

    tm_json_report_begin(r, source, report);
    code = tm_json_report_expect(r, TM_JSON_OBJECT_BEGIN, "an object", err);
    if (!code)
        code = tm_json_report_members(r, members, ctx, seen, err);
    return code ? code : tm_json_report_end(r, err);
}

void tm_json_report_see(const struct tm_json_report *r, struct tm_seen *seen)
{
    size_t line = 0, column;

    /* Takes as long as looking through the window: only for the first. */
    if (!seen->count)
        tm_json_place(tm_str_n(r->json.data, r->json.len), r->json.token_at, &line, &column);
    tm_seen_add(seen, r->json.lines + line);
}

enum tm_code tm_json_report_count(struct tm_json_report *r, uint64_t *count, struct tm_err *err)
{
    bool negative = false;

    if (r->json.token != TM_JSON_NUMBER || !tm_count_parse(tm_json_raw(&r->json), count, &negative))
        return tm_json_report_wrong(r, "a count", err);
    if (negative)
        tm_json_report_see(r, &r->negative);
    return TM_OK;
}

enum tm_code tm_json_report_line(const struct tm_json_report *r, uint32_t *line, struct tm_err *err)
{
    uint64_t number;

    if (!tm_json_u64(&r->json, &number) || number - 1 >= TM_REPORT_LINE_MAX)
        return tm_json_report_wrong(r, "a line number", err);
    *line = (uint32_t)number;
    return TM_OK;
}

enum tm_code tm_json_report_u32(const struct tm_json_report *r, const char *what, uint32_t *value,
                                struct tm_err *err)
{
    uint64_t number;

    if (!tm_json_u64(&r->json, &number) || number > UINT32_MAX)
        return tm_json_report_wrong(r, what, err);
    *value = (uint32_t)number;
    return TM_OK;
}

static enum tm_code next(struct tm_json_report *r, struct tm_err *err)
{
    enum tm_json_token token;

    return tm_json_next(&r->json, &token, err);
}

enum tm_code tm_json_report_take_count(struct tm_json_report *r, uint64_t *count, struct tm_err *err)
{
    enum tm_code code = next(r, err);

    return code ? code : tm_json_report_count(r, count, err);
}

enum tm_code tm_json_report_take_line(struct tm_json_report *r, uint32_t *line, struct tm_err *err)
{
    enum tm_code code = next(r, err);

    return code ? code : tm_json_report_line(r, line, err);
}

enum tm_code tm_json_report_take_u32(struct tm_json_report *r, const char *what, uint32_t *value,
                                     struct tm_err *err)
{
    enum tm_code code = next(r, err);

    return code ? code : tm_json_report_u32(r, what, value, err);
}

enum tm_code tm_json_report_take_text(struct tm_json_report *r, const char *what, struct tm_buf *out,
                                      struct tm_err *err)
{
    enum tm_code code = tm_json_report_expect(r, TM_JSON_STRING, what, err);

    if (!code)
        tm_json_string(&r->json, out);
    return code;
}

/* ---- Arrays of numbers ---- */

/* A list of numbers that is being read: of counts by line, or of lines. */
struct numbers {
    struct tm_hits *lines, *nulls;
    uint32_t line; /* the one that the next count is of */
    uint64_t hits; /* of all lines in a list of lines */
};

static const char *pass_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n'))
        p++;
    return p;
}

/* The element behind the one that ends at p; NULL when none follows. */
static const char *pass_comma(const char *p, const char *end)
{
    p = pass_space(p, end);
    return p < end && *p == ',' ? pass_space(p + 1, end) : NULL;
}

static bool ends_element(char c)
{
    return c == ',' || c == ']' || c == ' ' || c == '\n';
}

/* What stands behind a number of up to seven digits at p; NULL when it is any other or does not end there. */
static const char *take_number(const char *p, const char *end, uint32_t *number)
{
    unsigned n;

    if (end - p < 2 * TM_JSON_AHEAD)
        return NULL;
    n = tm_short_digits(p, number);
    if (n == 0 || (n > 1 && *p == '0') || !ends_element(p[n]))
        return NULL;
    return p + n;
}

/* tm_json_take_fn: counts and nulls. */
static const char *take_counts(void *ctx, const char *at, const char *end)
{
    struct numbers *numbers = ctx;
    const char *stop = at;

    for (const char *p; at && numbers->line <= TM_REPORT_LINE_MAX; numbers->line++) {
        uint32_t hits;

        if (end - at >= 2 * TM_JSON_AHEAD && memcmp(at, "null", 4) == 0 && ends_element(at[4])) {
            p = at + 4;
            if (numbers->nulls)
                tm_hits_put(numbers->nulls, numbers->line, 0);
        } else if ((p = take_number(at, end, &hits))) {
            tm_hits_put(numbers->lines, numbers->line, hits);
        } else {
            break;
        }
        stop = p;
        at = pass_comma(p, end);
    }
    return stop;
}

/* One that take_counts left. */
static enum tm_code read_count(struct tm_json_report *r, struct numbers *numbers, struct tm_err *err)
{
    uint64_t hits = 0;
    enum tm_code code;

    if (numbers->line > TM_REPORT_LINE_MAX)
        return tm_json_report_fail(r, "more lines than a file may have", err);
    if (r->json.token == TM_JSON_NULL) {
        if (numbers->nulls)
            tm_hits_put(numbers->nulls, numbers->line, 0);
        return TM_OK;
    }
    code = tm_json_report_count(r, &hits, err);
    if (!code)
        tm_hits_put(numbers->lines, numbers->line, hits);
    return code;
}

enum tm_code tm_json_report_counts(struct tm_json_report *r, struct tm_hits *lines, struct tm_hits *nulls,
                                   struct tm_err *err)
{
    struct numbers numbers = { .lines = lines, .nulls = nulls, .line = 1 };
    enum tm_code code;

    for (;;) {
        code = tm_json_take(&r->json, take_counts, &numbers, err);
        if (!code)
            code = next(r, err);
        if (code || r->json.token == TM_JSON_ARRAY_END)
            return code;
        code = read_count(r, &numbers, err);
        if (code)
            return code;
        numbers.line++;
    }
}

/* tm_json_take_fn: lines. */
static const char *take_lines(void *ctx, const char *at, const char *end)
{
    struct numbers *numbers = ctx;
    const char *stop = at, *p;
    uint32_t line;

    for (; at && (p = take_number(at, end, &line)); at = pass_comma(p, end)) {
        if (line)
            tm_hits_put(numbers->lines, line, numbers->hits);
        stop = p;
    }
    return stop;
}

enum tm_code tm_json_report_lines(struct tm_json_report *r, struct tm_hits *lines, uint64_t hits,
                                  struct tm_err *err)
{
    struct numbers numbers = { .lines = lines, .hits = hits };
    enum tm_code code = tm_json_report_expect(r, TM_JSON_ARRAY_BEGIN, "an array", err);

    while (!code) {
        uint64_t zero;
        uint32_t line = 0;

        code = tm_json_take(&r->json, take_lines, &numbers, err);
        if (!code)
            code = next(r, err);
        if (!code && r->json.token == TM_JSON_ARRAY_END)
            break;
        if (code || (tm_json_u64(&r->json, &zero) && zero == 0))
            continue;
        code = tm_json_report_line(r, &line, err);
        if (!code)
            tm_hits_put(lines, line, hits);
    }
    return code;
}
