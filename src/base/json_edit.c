#include "base/json_edit.h"

#include "base/json_write.h"

/* What is known of an object that an edit's path goes through; bytes of the document. */
struct object {
    size_t open, close; /* its braces */
    size_t members;
    size_t first_key;
    size_t prev_end; /* end of the value before the last member, when there are two */
    size_t last_key, last_key_end, last_value, last_end;
    size_t way_key; /* the key that the path follows, when has_way */
    bool has_way;
};

/* The place an edit names, looked for in a whole document. */
struct search {
    struct tm_json_reader reader;
    const char *const *path;
    struct object objects[TM_JSON_DEPTH]; /* [i] is the one path[i] is a member of */
    unsigned deepest;                     /* the last of them that exists */
    size_t at, end;                       /* the value to replace, when end is not 0 */
    bool is_hole;                         /* that value is a null where the path wants an object */
};

/* How members are set into an object. */
struct style {
    bool lines; /* each on its own line; otherwise all on one */
    bool crlf;
    struct tm_buf indent; /* before a member on its own line */
    struct tm_buf unit;   /* what each deeper level adds */
    struct tm_buf colon;  /* between key and value */
    struct tm_buf pad;    /* on one line: inside the braces */
};

#define STYLE_INIT                                                                                           \
    ((struct style) { .indent = TM_BUF_INIT, .unit = TM_BUF_INIT, .colon = TM_BUF_INIT, .pad = TM_BUF_INIT })

static void style_release(struct style *style)
{
    tm_buf_release(&style->indent);
    tm_buf_release(&style->unit);
    tm_buf_release(&style->colon);
    tm_buf_release(&style->pad);
}

/* ---- Finding the place ---- */

static enum tm_code search_object(struct search *s, unsigned level, struct tm_err *err);

static enum tm_code fail_duplicate(const struct search *s, const struct object *o, const char *key,
                                   struct tm_err *err)
{
    size_t line, column;

    tm_json_place(tm_str_n(s->reader.data, s->reader.len), o->way_key, &line, &column);
    return tm_json_fail(&s->reader, o->last_key, err,
                        "key '%s' is already at line %zu, column %zu, and again", key, line, column);
}

/* The reader stands on the value of path[level]. */
static enum tm_code search_value(struct search *s, unsigned level, struct tm_err *err)
{
    bool is_last = !s->path[level + 1];
    size_t at = s->reader.token_at;
    enum tm_code code;

    if (!is_last && s->reader.token == TM_JSON_OBJECT_BEGIN) {
        s->deepest = level + 1;
        return search_object(s, level + 1, err);
    }
    if (!is_last && s->reader.token != TM_JSON_NULL)
        return tm_json_fail(&s->reader, at, err, "'%s' is not an object", s->path[level]);
    code = tm_json_skip(&s->reader, err);
    s->at = at;
    s->end = s->reader.at;
    s->is_hole = !is_last;
    return code;
}

/* One member of objects[level], whose key was just read. */
static enum tm_code search_member(struct search *s, unsigned level, struct tm_err *err)
{
    struct object *o = &s->objects[level];
    bool on_way = tm_json_is(&s->reader, s->path[level]);
    enum tm_json_token token;
    enum tm_code code;

    if (o->members++ == 0)
        o->first_key = s->reader.token_at;
    o->prev_end = o->last_end;
    o->last_key = s->reader.token_at;
    o->last_key_end = s->reader.at;
    if (on_way && o->has_way)
        return fail_duplicate(s, o, s->path[level], err);
    if (on_way) {
        o->has_way = true;
        o->way_key = o->last_key;
    }
    code = tm_json_next(&s->reader, &token, err);
    if (code)
        return code;
    o->last_value = s->reader.token_at;
    code = on_way ? search_value(s, level, err) : tm_json_skip(&s->reader, err);
    o->last_end = s->reader.at;
    return code;
}

/* The reader stands on the '{' of objects[level]; afterwards on its '}'. */
static enum tm_code search_object(struct search *s, unsigned level, struct tm_err *err)
{
    struct object *o = &s->objects[level];
    enum tm_json_token token;
    enum tm_code code;

    *o = (struct object) { .open = s->reader.token_at };
    while (!(code = tm_json_next(&s->reader, &token, err)) && token == TM_JSON_KEY) {
        code = search_member(s, level, err);
        if (code)
            return code;
    }
    o->close = s->reader.token_at;
    return code;
}

static enum tm_code search(struct search *s, const char *name, struct tm_str text, const char *const *path,
                           struct tm_err *err)
{
    enum tm_json_token token;
    enum tm_code code;

    s->path = path;
    s->deepest = 0;
    s->at = s->end = 0;
    tm_json_reader_init(&s->reader, name, text);
    code = tm_json_next(&s->reader, &token, err);
    if (code)
        return code;
    if (token != TM_JSON_OBJECT_BEGIN)
        return tm_json_fail(&s->reader, s->reader.token_at, err, "expected an object");
    code = search_object(s, 0, err);
    /* What follows the object must be read too: a damaged document is not edited. */
    return code ? code : tm_json_next(&s->reader, &token, err);
}

/* ---- The style of what is there ---- */

static struct tm_str between(const struct search *s, size_t from, size_t to)
{
    return tm_str_n(s->reader.data + from, to - from);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The spaces and tabs that s starts with. */
static struct tm_str blanks(struct tm_str s)
{
    size_t n = 0;

    while (n < s.len && is_blank(s.data[n]))
        n++;
    return tm_str_n(s.data, n);
}

/* The indentation of the line that byte `at` stands on. */
static struct tm_str line_indent(const struct search *s, size_t at)
{
    size_t newline = tm_str_rfind(between(s, 0, at), '\n');

    return blanks(between(s, newline == SIZE_MAX ? 0 : newline + 1, at));
}

static void set_lines(struct style *style, struct tm_str gap, size_t newline)
{
    style->lines = true;
    style->crlf = newline > 0 && gap.data[newline - 1] == '\r';
}

/* Of the blanks around a colon only the first is style; more of them align columns. */
static void add_blank(struct tm_buf *out, struct tm_str run)
{
    if (run.len && is_blank(run.data[0]))
        tm_buf_addc(out, run.data[0]);
}

static void style_colon(const struct search *s, const struct object *o, struct style *style)
{
    struct tm_str gap = between(s, o->last_key_end, o->last_value);
    size_t colon = tm_str_find(gap, ':');

    tm_buf_clear(&style->colon);
    add_blank(&style->colon, tm_str_n(gap.data, colon));
    tm_buf_addc(&style->colon, ':');
    if (tm_str_find(gap, '\n') != SIZE_MAX)
        tm_buf_addc(&style->colon, ' '); /* the value stands on the next line: no model for ours */
    else
        add_blank(&style->colon, tm_str_from(gap, colon + 1));
}

/* The white space before the last member: after the comma, or after the brace when it is the only one. */
static struct tm_str last_gap(const struct search *s, const struct object *o)
{
    return o->members > 1 ? between(s, o->prev_end, o->last_key) : between(s, o->open + 1, o->first_key);
}

/* An object with members shows how it wants the next one. `style` comes in as its parent's. */
static void style_from_members(const struct search *s, const struct object *o, struct style *style)
{
    struct tm_str gap = last_gap(s, o);
    size_t newline = tm_str_rfind(gap, '\n');
    struct tm_str outer = line_indent(s, o->open);

    style_colon(s, o, style);
    style->lines = false;
    tm_buf_clear(&style->pad);
    if (newline == SIZE_MAX) {
        tm_buf_add_str(&style->pad, blanks(between(s, o->open + 1, o->first_key)));
        return;
    }
    set_lines(style, gap, newline);
    tm_buf_clear(&style->indent);
    tm_buf_add_str(&style->indent, blanks(tm_str_from(gap, newline + 1)));
    if (tm_str_has_prefix(tm_buf_str(&style->indent), outer)) {
        tm_buf_clear(&style->unit);
        tm_buf_add_str(&style->unit, tm_str_from(tm_buf_str(&style->indent), outer.len));
    }
}

/*
 * An empty object shows less. "{}" is how every style writes it, so that its
 * parent decides; "{ }" was set on one line, and "{", "}" on two, on purpose.
 */
static void style_from_empty(const struct search *s, const struct object *o, struct style *style)
{
    struct tm_str inner = between(s, o->open + 1, o->close);
    size_t newline = tm_str_rfind(inner, '\n');

    if (newline != SIZE_MAX) {
        set_lines(style, inner, newline);
        tm_buf_clear(&style->indent);
        tm_buf_add_str(&style->indent, blanks(tm_str_from(inner, newline + 1)));
    } else if (inner.len) {
        style->lines = false;
        tm_buf_clear(&style->pad);
        tm_buf_add_str(&style->pad, blanks(inner));
    }
    if (style->lines)
        tm_buf_add_str(&style->indent, tm_buf_str(&style->unit));
}

/* Goes down the path: each object changes what it shows and leaves the rest as its parent has it. */
static void style_of(const struct search *s, unsigned level, struct style *style)
{
    tm_buf_adds(&style->unit, "  ");
    tm_buf_adds(&style->colon, ": ");
    for (unsigned i = 0; i <= level; i++) {
        if (s->objects[i].members)
            style_from_members(s, &s->objects[i], style);
        else
            style_from_empty(s, &s->objects[i], style);
    }
}

/* ---- Writing in that style ---- */

static void add_line(struct tm_buf *out, const struct style *style, size_t deeper)
{
    tm_buf_adds(out, style->crlf ? "\r\n" : "\n");
    tm_buf_add_str(out, tm_buf_str(&style->indent));
    while (deeper--)
        tm_buf_add_str(out, tm_buf_str(&style->unit));
}

/* The break inside the braces of a new object: a line, or the padding. */
static void add_break(struct tm_buf *out, const struct style *style, size_t deeper)
{
    if (style->lines)
        add_line(out, style, deeper);
    else
        tm_buf_add_str(out, tm_buf_str(&style->pad));
}

/* The value, inside one new object for each name above it. */
static void add_nested(struct tm_buf *out, const struct style *style, const char *const *names,
                       struct tm_str value)
{
    size_t depth = 0;

    for (; names[depth]; depth++) {
        tm_buf_addc(out, '{');
        add_break(out, style, depth + 1);
        tm_json_add_quoted(out, tm_str(names[depth]));
        tm_buf_add_str(out, tm_buf_str(&style->colon));
    }
    tm_buf_add_str(out, value);
    while (depth--) {
        add_break(out, style, depth);
        tm_buf_addc(out, '}');
    }
}

/* White space of a separator, without blank lines and blanks at the end of a line. */
static void add_gap(struct tm_buf *out, struct tm_str space)
{
    size_t newline = tm_str_rfind(space, '\n');

    if (newline != SIZE_MAX)
        space = tm_str_from(space, newline && space.data[newline - 1] == '\r' ? newline - 1 : newline);
    tm_buf_add_str(out, space);
}

/* What goes between the last member and a new one: as between the last two, when there are two. */
static void add_separator(struct tm_buf *out, const struct search *s, const struct object *o,
                          const struct style *style)
{
    struct tm_str colon = tm_buf_str(&style->colon);

    if (o->members > 1) {
        struct tm_str gap = last_gap(s, o);
        size_t comma = tm_str_find(gap, ',');

        add_gap(out, tm_str_n(gap.data, comma));
        tm_buf_addc(out, ',');
        add_gap(out, tm_str_from(gap, comma + 1));
        return;
    }
    tm_buf_addc(out, ',');
    if (style->lines)
        add_line(out, style, 0);
    else if (is_blank(colon.data[colon.len - 1]))
        tm_buf_addc(out, ' ');
}

/* The bytes to insert into the deepest object, and where. */
static size_t new_member(const struct search *s, struct tm_str value, struct tm_buf *out)
{
    const struct object *o = &s->objects[s->deepest];
    const char *const *names = s->path + s->deepest;
    struct style TM_CLEANUP(style_release) style = STYLE_INIT;
    bool was_tight = !o->members && o->close == o->open + 1; /* "{}" */

    style_of(s, s->deepest, &style);
    if (o->members)
        add_separator(out, s, o, &style);
    else
        add_break(out, &style, 0);
    tm_json_add_quoted(out, tm_str(names[0]));
    tm_buf_add_str(out, tm_buf_str(&style.colon));
    add_nested(out, &style, names + 1, value);
    if (was_tight) {
        /* The closing brace goes one level out; elsewhere it has its place already. */
        if (style.lines)
            tm_buf_truncate(&style.indent, style.indent.len - style.unit.len);
        add_break(out, &style, 0);
    }
    return o->members ? o->last_end : o->open + 1;
}

/* The object that replaces a null on the way. */
static void new_object(const struct search *s, struct tm_str value, struct tm_buf *out)
{
    struct style TM_CLEANUP(style_release) style = STYLE_INIT;

    style_of(s, s->deepest, &style);
    add_nested(out, &style, s->path + s->deepest + 1, value);
}

static enum tm_code apply(const char *name, const struct tm_json_edit *edit, struct tm_buf *text,
                          struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
    struct search s;
    enum tm_code code;
    size_t at;

    assert(edit->path[0]);
    code = search(&s, name, tm_buf_str(text), edit->path, err);
    if (code)
        return code;
    if (s.end && !s.is_hole) {
        tm_buf_splice(text, s.at, s.end - s.at, edit->value);
    } else if (!edit->only_existing) {
        if (s.end) {
            new_object(&s, edit->value, &bytes);
            tm_buf_splice(text, s.at, s.end - s.at, tm_buf_str(&bytes));
        } else {
            at = new_member(&s, edit->value, &bytes);
            tm_buf_splice(text, at, 0, tm_buf_str(&bytes));
        }
    }
    return TM_OK;
}

enum tm_code tm_json_edit(const char *name, struct tm_str in, const struct tm_json_edit *edits, size_t n,
                          struct tm_buf *out, struct tm_err *err)
{
    struct tm_buf text = TM_BUF_INIT;
    enum tm_code code = TM_OK;

    if (in.len > TM_JSON_EDIT_MAX)
        return tm_err_set(err, TM_E_LIMIT, "'%s' is larger than %d bytes, too large to edit", name,
                          TM_JSON_EDIT_MAX);
    tm_buf_add_str(&text, in);
    for (size_t i = 0; i < n && !code; i++) {
        code = apply(name, &edits[i], &text, err);
        if (!code && text.len > TM_JSON_EDIT_MAX)
            code =
                tm_err_set(err, TM_E_LIMIT, "'%s' would become larger than %d bytes", name, TM_JSON_EDIT_MAX);
    }
    if (code) {
        tm_buf_release(&text);
        return code;
    }
    tm_buf_release(out);
    *out = text;
    return TM_OK;
}
