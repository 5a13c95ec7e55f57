#include "coverage/json_parts.h"

#include "base/json_skim.h"
#include "coverage/parts.h"

/* What the cutting thread has, and the others look at. */
struct cutting {
    const struct tm_json_parts *kind;
    struct tm_json_report *r; /* where the state begins */
    enum tm_code (*read)(void *state, struct tm_err *err);
    const char *(*skim)(const char *at, const char *end); /* over one entry */
    struct tm_parts *parts;
};

static enum tm_code read_part(const void *ctx, struct tm_part *part, struct tm_err *err)
{
    const struct cutting *cutting = ctx;
    struct tm_json_report *r = part->state;
    enum tm_json_token token;
    enum tm_code code = TM_OK;

    r->source = cutting->r->source; /* its name, for messages */
    r->report = &part->report;
    r->part = true;
    while (!code && !tm_json_reader_is_through(&r->json)) {
        code = tm_json_next(&r->json, &token, err);
        if (!code)
            code = cutting->read(r, err);
    }
    return code;
}

static enum tm_code join_state(void *ctx, void *state, struct tm_err *err)
{
    struct cutting *cutting = ctx;
    struct tm_json_report *r = state;

    tm_seen_join(&cutting->r->negative, &r->negative);
    return cutting->kind->join ? cutting->kind->join(cutting->r, state, err) : TM_OK;
}

/* Behind the entries from `at` on that make a part; `at` when the first is not there as a whole. */
static const char *skim_entries(const struct cutting *cutting, const char *at, const char *end, size_t enough)
{
    const char *p = at, *stop = at;

    for (;;) {
        p = cutting->skim(tm_json_skim_space(p, end), end);
        if (!p)
            return stop;
        stop = p;
        if ((size_t)(stop - at) >= enough)
            return stop;
        p = tm_json_skim_space(p, end);
        if (p == end || *p++ != ',')
            return stop;
    }
}

/* tm_json_take_fn: the entries of one part. */
static const char *cut(void *ctx, const char *at, const char *end)
{
    struct cutting *cutting = ctx;
    struct tm_json_reader *json = &cutting->r->json;
    struct tm_part *part = tm_parts_room(cutting->parts);
    struct tm_json_report *r = part->state;
    const char *stop = skim_entries(cutting, at, end, tm_parts_enough(cutting->parts));

    if (stop != at) {
        tm_part_add(part, tm_str_n(at, (size_t)(stop - at)));
        tm_json_reader_within(&r->json, tm_buf_str(&part->text), json, (size_t)(at - json->data));
    }
    return stop;
}

/* As many as can be cut. They are joined in the end, so that what follows comes behind them. */
static enum tm_code send_entries(struct cutting *cutting, struct tm_err *err)
{
    enum tm_code code;

    do {
        code = tm_json_take(&cutting->r->json, cut, cutting, err);
        if (code)
            return tm_parts_fail(cutting->parts, code, err);
        if (!tm_parts_room(cutting->parts)->text.len)
            return tm_parts_finish(cutting->parts, err);
        code = tm_parts_send(cutting->parts, err);
    } while (!code);
    return code;
}

/* Entries up to the end of their container, those that are not cut by the cutting thread's own state. */
static enum tm_code read_entries(struct cutting *cutting, enum tm_json_token last, struct tm_err *err)
{
    struct tm_json_reader *json = &cutting->r->json;
    enum tm_json_token token;
    enum tm_code code = TM_OK;

    while (!code) {
        if (cutting->parts)
            code = send_entries(cutting, err);
        if (!code)
            code = tm_json_next(json, &token, err);
        if (!code && token == last)
            break;
        if (!code)
            code = cutting->read(cutting->r, err);
    }
    return code;
}

static enum tm_code read_container(struct cutting *cutting, enum tm_json_token last, struct tm_err *err)
{
    const struct tm_json_parts *kind = cutting->kind;
    struct tm_json_report *r = cutting->r;
    const struct tm_parts_kind parts = {
        .state_size = kind->state_size,
        .init = kind->init,
        .release = kind->release,
        .read = read_part,
        .join = join_state,
    };
    enum tm_code code;

    cutting->parts = tm_parts_open(&parts, r->source, r->report, cutting);
    code = read_entries(cutting, last, err);
    tm_parts_close(cutting->parts);
    return code;
}

enum tm_code tm_json_parts_array(const struct tm_json_parts *kind, void *state,
                                 enum tm_code (*read)(void *state, struct tm_err *err), struct tm_err *err)
{
    struct cutting cutting = { kind, state, read, tm_json_skim_value, NULL };
    enum tm_code code = tm_json_report_expect(cutting.r, TM_JSON_ARRAY_BEGIN, "an array", err);

    return code ? code : read_container(&cutting, TM_JSON_ARRAY_END, err);
}

enum tm_code tm_json_parts_map(const struct tm_json_parts *kind, void *state,
                               enum tm_code (*read)(void *state, struct tm_err *err), struct tm_err *err)
{
    struct cutting cutting = { kind, state, read, tm_json_skim_member, NULL };
    enum tm_code code = tm_json_report_expect(cutting.r, TM_JSON_OBJECT_BEGIN, "an object", err);

    return code ? code : read_container(&cutting, TM_JSON_OBJECT_END, err);
}
