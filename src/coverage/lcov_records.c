/*
 * Nearly all lines of a tracefile are "DA:<line>,<hits>": they are read in place, without looking for their
 * end first, into the packed lines of the section. Everything else goes through a table of records.
 */
#include "base/alloc.h"
#include "base/block.h"
#include "base/digits.h"
#include "coverage/count.h"
#include "coverage/lcov.h"

enum {
    INDEX_MAX = (1 << 20) - 1, /* of FNL */
    RECORDS = 64,              /* that are added to the lines together, or a few more */
    PLAIN_LEAST = 7,           /* bytes of "DA:1,0" and LF */
};

/* Where a function of FNL starts. Entries of earlier sections stay and do not count. */
struct tm_lcov_fnl {
    uint32_t section, line;
};

void tm_lcov_init(struct tm_lcov *lcov, struct tm_source *source, struct tm_report *report)
{
    *lcov = (struct tm_lcov) { .source = source, .report = report, .first_unknown = TM_BUF_INIT };
}

void tm_lcov_release(struct tm_lcov *lcov)
{
    free(lcov->fnl);
    tm_hits_release(&lcov->lines);
    tm_buf_release(&lcov->first_unknown);
}

static void see(struct tm_seen *seen, const struct tm_lcov *lcov)
{
    tm_seen_add(seen, lcov->source->line);
}

static enum tm_code invalid(const struct tm_lcov *lcov, const char *what, struct tm_str text,
                            struct tm_err *err)
{
    return tm_source_fail(lcov->source, err, TM_E_FORMAT, "invalid %s '%.*s'", what,
                          (int)TM_MIN(text.len, (size_t)60), text.len ? text.data : "");
}

/* Puts the place behind the message of the report model. */
static enum tm_code placed(const struct tm_lcov *lcov, enum tm_code code, struct tm_err *err)
{
    return tm_source_fail(lcov->source, err, code, "%s", err ? tm_err_msg(err) : "");
}

static enum tm_code read_count(struct tm_lcov *lcov, struct tm_str text, uint64_t *count, struct tm_err *err)
{
    bool negative = false;

    if (!tm_count_parse(text, count, &negative))
        return invalid(lcov, "count", text, err);
    if (negative)
        see(&lcov->negative, lcov);
    return TM_OK;
}

/* A line number that fits the model's type, which checks the range; 0 when there is none. */
static enum tm_code read_line_number(struct tm_lcov *lcov, struct tm_str text, uint32_t *line,
                                     struct tm_err *err)
{
    uint64_t value = 0;

    if (!tm_count_is_no_line(text) && !tm_str_u64(text, &value))
        return invalid(lcov, "line number", text, err);
    *line = (uint32_t)TM_MIN(value, (uint64_t)UINT32_MAX);
    return TM_OK;
}

/* Takes the text before the next comma off rest, and the comma; false when there is no comma. */
static bool take_field(struct tm_str *rest, struct tm_str *field)
{
    size_t comma = tm_str_find(*rest, ',');

    if (comma == SIZE_MAX)
        return false;
    *field = tm_str_n(rest->data, comma);
    *rest = tm_str_from(*rest, comma + 1);
    return true;
}

static enum tm_code add_line(struct tm_lcov *lcov, struct tm_line line, struct tm_err *err)
{
    if (line.line == 0) {
        see(&lcov->zero, lcov);
        return TM_OK;
    }
    if (line.line > TM_REPORT_LINE_MAX)
        return tm_source_fail(lcov->source, err, TM_E_LIMIT, "line number over %d", TM_REPORT_LINE_MAX);
    lcov->found++;
    lcov->hit += line.hits > 0;
    tm_hits_put(&lcov->lines, line.line, line.hits);
    return TM_OK;
}

static enum tm_code on_tn(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    lcov->named = true;
    return TM_OK;
}

static enum tm_code on_sf(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    enum tm_code code;

    if (lcov->file)
        return tm_source_fail(lcov->source, err, TM_E_FORMAT, "section of '%.*s' has no end_of_record",
                              TM_STR_ARG(lcov->file->path));
    code = tm_report_file(lcov->report, rest, &lcov->file, err);
    if (code)
        return placed(lcov, code, err);
    lcov->section++;
    lcov->named = false;
    lcov->found = lcov->hit = 0;
    lcov->said_found = lcov->said_hit = UINT64_MAX;
    return TM_OK;
}

static enum tm_code on_da(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    struct tm_str number, hits;
    struct tm_line line;
    uint32_t line_number = 0;
    uint64_t count = 0;
    enum tm_code code;

    if (!take_field(&rest, &number))
        return invalid(lcov, "DA record", rest, err);
    if (!take_field(&rest, &hits))
        hits = rest;
    code = read_line_number(lcov, number, &line_number, err);
    if (!code)
        code = read_count(lcov, hits, &count, err);
    if (code)
        return code;
    line = (struct tm_line) { line_number, count };
    return add_line(lcov, line, err);
}

static enum tm_code add_function(struct tm_lcov *lcov, struct tm_function function, struct tm_err *err)
{
    enum tm_code code = tm_report_add_function(lcov->file, function, err);

    return code ? placed(lcov, code, err) : TM_OK;
}

static enum tm_code on_fn(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    struct tm_function function = { .key = TM_FUNCTION_BY_NAME };
    struct tm_str number, after, end;
    uint64_t end_line;
    enum tm_code code;

    if (!take_field(&rest, &number))
        return invalid(lcov, "FN record", rest, err);
    after = rest;
    if (take_field(&after, &end) && tm_str_u64(end, &end_line))
        rest = after;
    function.name = rest;
    code = read_line_number(lcov, number, &function.line, err);
    return code ? code : add_function(lcov, function, err);
}

static enum tm_code on_fnda(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    struct tm_function function = { .key = TM_FUNCTION_BY_NAME };
    struct tm_str hits;
    enum tm_code code;

    if (!take_field(&rest, &hits))
        return invalid(lcov, "FNDA record", rest, err);
    function.name = rest;
    code = read_count(lcov, hits, &function.hits, err);
    return code ? code : add_function(lcov, function, err);
}

static enum tm_code read_index(struct tm_lcov *lcov, struct tm_str text, size_t *index, struct tm_err *err)
{
    uint64_t value;

    if (!tm_str_u64(text, &value) || value > INDEX_MAX)
        return invalid(lcov, "index of a function", text, err);
    *index = (size_t)value;
    return TM_OK;
}

static enum tm_code on_fnl(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    struct tm_str index_text, number;
    uint32_t line = 0;
    size_t index = 0;
    enum tm_code code;

    if (!take_field(&rest, &index_text))
        return invalid(lcov, "FNL record", rest, err);
    if (!take_field(&rest, &number))
        number = rest;
    code = read_index(lcov, index_text, &index, err);
    if (!code)
        code = read_line_number(lcov, number, &line, err);
    if (code)
        return code;
    if (line > TM_REPORT_LINE_MAX)
        return tm_source_fail(lcov->source, err, TM_E_LIMIT, "line number over %d", TM_REPORT_LINE_MAX);
    while (lcov->n_fnl <= index) {
        TM_GROW(lcov->fnl, lcov->n_fnl, lcov->cap_fnl);
        lcov->fnl[lcov->n_fnl++] = (struct tm_lcov_fnl) { 0, 0 };
    }
    lcov->fnl[index] = (struct tm_lcov_fnl) { lcov->section, line };
    return TM_OK;
}

static enum tm_code on_fna(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    struct tm_function function = { .key = TM_FUNCTION_BY_LINE };
    struct tm_str index_text, hits;
    size_t index = 0;
    enum tm_code code;

    if (!take_field(&rest, &index_text) || !take_field(&rest, &hits))
        return invalid(lcov, "FNA record", rest, err);
    function.name = rest;
    code = read_index(lcov, index_text, &index, err);
    if (!code && (index >= lcov->n_fnl || lcov->fnl[index].section != lcov->section))
        return tm_source_fail(lcov->source, err, TM_E_FORMAT, "FNA record without its FNL");
    if (!code)
        code = read_count(lcov, hits, &function.hits, err);
    if (code)
        return code;
    function.line = lcov->fnl[index].line;
    return add_function(lcov, function, err);
}

static enum tm_code add_branch(struct tm_lcov *lcov, struct tm_branch branch, struct tm_err *err)
{
    enum tm_code code = tm_report_add_branch(lcov->file, branch, err);

    return code ? placed(lcov, code, err) : TM_OK;
}

/* Those that wait are in no line. */
static void drop_waiting(struct tm_lcov *lcov)
{
    for (unsigned i = 0; i < lcov->n_waiting; i++)
        tm_seen_add(&lcov->zero, lcov->waiting_at);
    lcov->n_waiting = 0;
    lcov->block_line = 0;
}

/*
 * coverage.py 6 and 7, up to 7.6.1, gives the line where a branch leads to, and 0 where that is out of the
 * function. So it is where the others of its block are, which stand beside it.
 */
static enum tm_code add_beside(struct tm_lcov *lcov, struct tm_branch branch, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    if (branch.block != lcov->block) {
        drop_waiting(lcov);
        lcov->block = branch.block;
    }
    if (!branch.line && !lcov->block_line) {
        if (!lcov->n_waiting)
            lcov->waiting_at = lcov->source->line;
        if (lcov->n_waiting == TM_LCOV_WAITING_MAX)
            see(&lcov->zero, lcov);
        else
            lcov->waiting[lcov->n_waiting++] = branch;
        return TM_OK;
    }
    if (branch.line)
        lcov->block_line = branch.line;
    branch.line = lcov->block_line;
    code = add_branch(lcov, branch, err);
    for (; !code && lcov->n_waiting; lcov->n_waiting--) {
        lcov->waiting[lcov->n_waiting - 1].line = branch.line;
        code = add_branch(lcov, lcov->waiting[lcov->n_waiting - 1], err);
    }
    return code;
}

static enum tm_code on_brda(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    struct tm_str number, block, taken;
    struct tm_branch branch = { .flags = 0 };
    size_t comma;
    enum tm_code code;

    if (!take_field(&rest, &number) || !take_field(&rest, &block) ||
        (comma = tm_str_rfind(rest, ',')) == SIZE_MAX)
        return invalid(lcov, "BRDA record", rest, err);
    taken = tm_str_from(rest, comma + 1);
    code = read_line_number(lcov, number, &branch.line, err);
    if (tm_str_is(taken, "-"))
        branch.flags = TM_BRANCH_UNEVALUATED;
    else if (!code)
        code = read_count(lcov, taken, &branch.taken, err);
    if (code)
        return code;
    if (branch.line == 0 && !tm_str_is(number, "0")) {
        see(&lcov->zero, lcov);
        return TM_OK;
    }
    branch.block = tm_report_id(lcov->report, block);
    branch.branch = tm_report_id(lcov->report, tm_str_n(rest.data, comma));
    return add_beside(lcov, branch, err);
}

static enum tm_code on_lf(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    return read_count(lcov, rest, &lcov->said_found, err);
}

static enum tm_code on_lh(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    return read_count(lcov, rest, &lcov->said_hit, err);
}

static enum tm_code on_ignored(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err)
{
    return TM_OK;
}

static enum tm_code on_end(struct tm_lcov *lcov, struct tm_err *err)
{
    enum tm_code code = tm_report_add_hits(lcov->file, &lcov->lines, err);

    if ((lcov->said_found != UINT64_MAX && lcov->said_found != lcov->found) ||
        (lcov->said_hit != UINT64_MAX && lcov->said_hit != lcov->hit))
        see(&lcov->totals, lcov);
    drop_waiting(lcov);
    lcov->file = NULL;
    tm_hits_clear(&lcov->lines);
    return code ? placed(lcov, code, err) : TM_OK;
}

static const struct {
    const char *name;
    bool anywhere; /* also outside a section */
    enum tm_code (*read)(struct tm_lcov *lcov, struct tm_str rest, struct tm_err *err);
} records[] = {
    { "DA", false, on_da },        { "BRDA", false, on_brda },   { "FN", false, on_fn },
    { "FNDA", false, on_fnda },    { "FNL", false, on_fnl },     { "FNA", false, on_fna },
    { "LF", false, on_lf },        { "LH", false, on_lh },       { "SF", true, on_sf },
    { "TN", true, on_tn },         { "FNF", false, on_ignored }, { "FNH", false, on_ignored },
    { "BRF", false, on_ignored },  { "BRH", false, on_ignored }, { "VER", false, on_ignored },
    { "MCDC", false, on_ignored }, { "MCF", false, on_ignored }, { "MCH", false, on_ignored },
};

static bool is_record_name(struct tm_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] < 'A' || name.data[i] > 'Z')
            return false;
    return name.len > 0;
}

static enum tm_code on_unknown(struct tm_lcov *lcov, struct tm_str name, struct tm_str line,
                               struct tm_err *err)
{
    if (!is_record_name(name))
        return invalid(lcov, "record", line, err);
    if (lcov->unknown.count == 0)
        tm_buf_add_str(&lcov->first_unknown, name);
    see(&lcov->unknown, lcov);
    return TM_OK;
}

static enum tm_code read_record(struct tm_lcov *lcov, struct tm_str line, struct tm_err *err)
{
    size_t colon = tm_str_find(line, ':');
    struct tm_str name = tm_str_n(line.data, TM_MIN(colon, line.len));

    if (line.len == 0 || line.data[0] == '#')
        return TM_OK;
    if (tm_str_is(line, "end_of_record"))
        return lcov->file ? on_end(lcov, err)
                          : tm_source_fail(lcov->source, err, TM_E_FORMAT, "end_of_record outside a section");
    if (colon == SIZE_MAX)
        return invalid(lcov, "record", line, err);
    for (size_t i = 0; i < TM_LEN(records); i++) {
        if (!tm_str_is(name, records[i].name))
            continue;
        if (!lcov->file && !records[i].anywhere)
            return tm_source_fail(lcov->source, err, TM_E_FORMAT, "%s record outside a section",
                                  records[i].name);
        return records[i].read(lcov, tm_str_from(line, colon + 1), err);
    }
    return on_unknown(lcov, name, line, err);
}

/* The fields of "DA:12,3" and LF, found by what ends them; false when it is anything else. */
static inline bool take_fields(const char *p, unsigned comma, unsigned end, struct tm_line *line)
{
    uint64_t odd = memcmp(p, "DA:", 3) != 0;

    if (comma < 4 || comma >= end)
        return false;
    line->line = tm_digits_value(p + 3, comma - 3, &odd);
    line->hits = tm_digits_value(p + comma + 1, end - comma - 1, &odd);
    return !odd && line->line - 1 < TM_LINE_MAX;
}

/* The records at the start of a block and what follows it, up to the first that is none of these. Returns
 * their bytes. */
static size_t take_block(const char *p, struct tm_line *lines, size_t *n)
{
    uint64_t ends = tm_block_is(p, '\n'), commas = tm_block_is(p, ',');
    unsigned from = 0;

    while (ends && commas) {
        unsigned end = tm_block_first(ends), comma = tm_block_first(commas);

        if (!take_fields(p + from, comma - from, end - from, &lines[*n]))
            break;
        ++*n;
        from = end + 1;
        ends &= ends - 1;
        commas &= commas - 1;
    }
    return from;
}

/*
 * Takes the records "DA:12,3" and LF at the start of lines, up to the first that is any other and goes
 * through the table, or to the last that is not surely followed by a block of bytes.
 */
static void take_plain(struct tm_lcov *lcov, struct tm_str *lines)
{
    const char *p = lines->data, *end = p + lines->len;
    struct tm_line plain[RECORDS + TM_BLOCK / PLAIN_LEAST];
    size_t n = 0, step = 1;

    while (step && end - p >= TM_BLOCK) {
        step = take_block(p, plain, &n);
        p += step;
        if (n < RECORDS && step && end - p >= TM_BLOCK)
            continue;
        tm_hits_add(&lcov->lines, plain, n);
        lcov->source->line += n;
        lcov->found += n;
        for (size_t i = 0; i < n; i++)
            lcov->hit += plain[i].hits > 0;
        n = 0;
    }
    *lines = tm_str_from(*lines, (size_t)(p - lines->data));
}

enum tm_code tm_lcov_lines(struct tm_lcov *lcov, struct tm_str lines, struct tm_err *err)
{
    struct tm_str text;

    while (lines.len) {
        enum tm_code code = TM_OK;

        if (lcov->file)
            take_plain(lcov, &lines);
        if (tm_source_line(lcov->source, &lines, &text))
            code = read_record(lcov, text, err);
        if (code)
            return code;
    }
    return TM_OK;
}
