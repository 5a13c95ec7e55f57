/*
 * LCOV tracefiles (docs/formats/coverage.md, "LCOV"): cut behind sections, and read (coverage/lcov_records.c)
 * in parts at once when they are long.
 */
#include "coverage/format.h"
#include "coverage/lcov.h"
#include "coverage/parts.h"
#include "coverage/sniff.h"

#define SECTION_END TM_STR("end_of_record")

static bool detect(struct tm_str text)
{
    text = tm_str_trim(text);
    while (text.len && text.data[0] == '#') {
        size_t end = tm_str_find(text, '\n');

        if (end == SIZE_MAX)
            return false;
        text = tm_str_trim(tm_str_from(text, end));
    }
    return tm_sniff_starts(text, "TN:") || tm_sniff_starts(text, "SF:");
}

static void make_notes(struct tm_lcov *lcov)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) unknown = TM_BUF_INIT;
    const char *name = lcov->source->name;

    tm_buf_addf(&unknown, "record of an unknown name ('%s')", lcov->first_unknown.data);
    tm_report_note_seen(lcov->report, &lcov->negative, "negative count, read as 0,", name);
    tm_report_note_seen(lcov->report, &lcov->zero, "record without a line, left out,", name);
    tm_report_note_seen(lcov->report, &lcov->unknown, unknown.data, name);
    tm_report_note_seen(lcov->report, &lcov->totals, "LF or LH that disagrees with the section's DA records",
                        name);
}

/* Nothing is open, and there was something. */
static enum tm_code check_end(const struct tm_lcov *lcov, struct tm_err *err)
{
    if (lcov->file)
        return tm_source_fail(lcov->source, err, TM_E_FORMAT,
                              "report ends in the middle: section of '%.*s' has no end_of_record",
                              TM_STR_ARG(lcov->file->path));
    if (lcov->named || !lcov->section)
        return tm_source_fail(lcov->source, err, TM_E_FORMAT,
                              "report ends in the middle: no section follows");
    return TM_OK;
}

/* Reads on, up to the end of the source. */
static enum tm_code read_on(struct tm_lcov *lcov, struct tm_err *err)
{
    struct tm_str lines;
    enum tm_code code;

    do {
        code = tm_source_lines(lcov->source, &lines, err);
        if (!code)
            code = tm_lcov_lines(lcov, lines, err);
    } while (!code && lines.len);
    return code ? code : check_end(lcov, err);
}

/* ---- In parts ---- */

/* What reads a part; its lines are those of a source of its own. */
struct part_state {
    struct tm_lcov lcov;
    struct tm_source source;
    uint64_t first_line; /* lines before the part */
};

static void init_part(void *state)
{
    struct part_state *part = state;

    tm_lcov_init(&part->lcov, &part->source, NULL);
}

static void release_part(void *state)
{
    tm_lcov_release(&((struct part_state *)state)->lcov);
}

static enum tm_code read_part(const void *ctx, struct tm_part *part, struct tm_err *err)
{
    const struct tm_lcov *whole = ctx;
    struct part_state *state = part->state;

    state->source.name = whole->source->name;
    state->source.line = state->first_line;
    state->lcov.report = &part->report;
    return tm_lcov_lines(&state->lcov, tm_buf_str(&part->text), err);
}

static enum tm_code join_part(void *ctx, void *state, struct tm_err *err)
{
    struct tm_lcov *whole = ctx, *part = &((struct part_state *)state)->lcov;

    whole->section += part->section > 0;
    if (!whole->unknown.count)
        tm_buf_add_str(&whole->first_unknown, tm_buf_str(&part->first_unknown));
    tm_buf_clear(&part->first_unknown);
    tm_seen_join(&whole->negative, &part->negative);
    tm_seen_join(&whole->zero, &part->zero);
    tm_seen_join(&whole->unknown, &part->unknown);
    tm_seen_join(&whole->totals, &part->totals);
    return TM_OK;
}

static const struct tm_parts_kind parts_kind = { sizeof(struct part_state), init_part, release_part,
                                                 read_part, join_part };

/* Bytes of lines up to the first end of a section that does not stand before `from`; 0 when there is none. */
static size_t section_end(struct tm_str lines, size_t from)
{
    const char *end = lines.data + lines.len;
    const char *p = lines.data + TM_MIN(from, lines.len);

    while ((p = memmem(p, (size_t)(end - p), SECTION_END.data, SECTION_END.len))) {
        const char *behind = p + SECTION_END.len;

        behind += *behind == '\r';
        if ((p == lines.data || p[-1] == '\n') && *behind == '\n')
            return (size_t)(behind + 1 - lines.data);
        p = behind;
    }
    return 0;
}

/* Adds lines to the part that is filled, and counts them. */
static void fill(struct tm_parts *parts, struct tm_source *source, struct tm_str lines)
{
    struct tm_part *part = tm_parts_room(parts);

    if (!part->text.len)
        ((struct part_state *)part->state)->first_line = source->line;
    source->line += tm_str_count(lines, '\n');
    tm_part_add(part, lines);
}

/* Cuts lines into parts and sends them. What stands behind the last section that ends in them stays to be
 * sent. */
static enum tm_code send_lines(struct tm_parts *parts, struct tm_source *source, struct tm_str lines,
                               struct tm_err *err)
{
    while (lines.len) {
        size_t have = tm_parts_room(parts)->text.len, enough = tm_parts_enough(parts);
        size_t end = section_end(lines, enough > have ? enough - have - 1 : 0);
        enum tm_code code;

        fill(parts, source, end ? tm_str_n(lines.data, end) : lines);
        if (!end)
            return TM_OK;
        code = tm_parts_send(parts, err);
        if (code)
            return code;
        lines = tm_str_from(lines, end);
    }
    return TM_OK;
}

/* Sends what can be cut. What is left, up to the end or to a section that is too long, is read on from there.
 */
static enum tm_code read_in_parts(struct tm_lcov *lcov, struct tm_parts *parts, struct tm_err *err)
{
    struct tm_part *part;
    struct tm_str lines;
    enum tm_code code;

    do {
        code = tm_source_lines(lcov->source, &lines, err);
        if (code)
            return tm_parts_fail(parts, code, err);
        code = send_lines(parts, lcov->source, lines, err);
        if (code)
            return code;
    } while (lines.len && tm_parts_room(parts)->text.len <= TM_PART_LONGEST);
    code = tm_parts_finish(parts, err);
    if (code)
        return code;
    part = tm_parts_room(parts);
    if (part->text.len)
        lcov->source->line = ((struct part_state *)part->state)->first_line;
    code = tm_lcov_lines(lcov, tm_buf_str(&part->text), err);
    return code ? code : read_on(lcov, err);
}

static enum tm_code read_lcov(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct tm_parts *parts;
    struct tm_lcov lcov;
    enum tm_code code;

    tm_lcov_init(&lcov, source, report);
    parts = tm_parts_open(&parts_kind, source, report, &lcov);
    code = parts ? read_in_parts(&lcov, parts, err) : read_on(&lcov, err);
    tm_parts_close(parts);
    if (!code)
        make_notes(&lcov);
    tm_lcov_release(&lcov);
    return code;
}

const struct tm_format tm_format_lcov = {
    .name = "lcov",
    .summary = "LCOV tracefile (geninfo, lcov, coverage.py lcov, c8, ...)",
    .detect = detect,
    .in_parts = true,
    .read = read_lcov,
};
