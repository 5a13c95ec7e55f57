#include "scaffold/template.h"

#include "base/alloc.h"
#include "base/nearest.h"

enum node_kind { NODE_TEXT, NODE_FIELD, NODE_IF, NODE_UNLESS, NODE_EACH };
enum filter { FILTER_NONE, FILTER_STRING, FILTER_CODE, FILTER_LINK, FILTER_SHELL };

/* Instead of an index into a table of fields: where in its loop an item stands. */
enum { FIELD_FIRST = -1, FIELD_LAST = -2 };

struct tm_template_node {
    enum node_kind kind;
    enum filter filter;
    enum tm_field_kind field_kind;
    unsigned scope; /* 0 for the template's own fields, 1 for those of the outermost loop, ... */
    int field;
    size_t end; /* of a block: the node after its last one */
    struct tm_str text;
};

static const struct tm_field pseudo[] = {
    { "first", TM_FIELD_FLAG, NULL },
    { "last", TM_FIELD_FLAG, NULL },
};

struct block {
    size_t node;
    size_t line;
};

struct compiler {
    struct tm_template *tmpl;
    size_t cap;
    size_t line;
    struct block blocks[TM_TEMPLATE_DEPTH];
    size_t depth;
    const struct tm_field *scopes[TM_TEMPLATE_DEPTH + 1];
    unsigned n_scopes;
};

/* One thing between braces, or the text before it. */
struct piece {
    struct tm_str text; /* inside the braces, trimmed; or literal text */
    bool is_tag;
};

static const char *const block_names[] = {
    [NODE_IF] = "if",
    [NODE_UNLESS] = "unless",
    [NODE_EACH] = "each",
};

static enum tm_code wrong(const struct compiler *c, struct tm_err *err, const char *fmt, ...) TM_PRINTF(3, 4);
static enum tm_code wrong(const struct compiler *c, struct tm_err *err, const char *fmt, ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(&message, fmt, ap);
    va_end(ap);
    return tm_err_set(err, TM_E_SETTINGS, "%s at line %zu of '%s'", message.data, c->line, c->tmpl->path);
}

static struct tm_template_node *add_node(struct compiler *c, enum node_kind kind)
{
    struct tm_template_node *node;

    TM_GROW(c->tmpl->nodes, c->tmpl->n, c->cap);
    node = &c->tmpl->nodes[c->tmpl->n++];
    *node = (struct tm_template_node) { .kind = kind };
    return node;
}

static void add_literal(struct compiler *c, struct tm_str text)
{
    if (text.len)
        add_node(c, NODE_TEXT)->text = tm_arena_str(&c->tmpl->arena, text);
}

static bool field_in(const struct tm_field *fields, struct tm_str name, int *index)
{
    for (int i = 0; fields[i].name; i++) {
        if (tm_str_is(name, fields[i].name)) {
            *index = i;
            return true;
        }
    }
    return false;
}

static enum tm_code unknown_field(const struct compiler *c, struct tm_str name, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) word = TM_BUF_INIT;
    const char *names[128];
    size_t n = 0;
    const char *near;

    for (unsigned s = c->n_scopes; s-- > 0;)
        for (const struct tm_field *f = c->scopes[s]; f->name && n < TM_LEN(names) - 1; f++)
            names[n++] = f->name;
    names[n] = NULL;
    tm_buf_add_str(&word, name);
    near = tm_nearest(word.data, names);
    if (near)
        return wrong(c, err, "unknown field '%s', did you mean '%s'?", word.data, near);
    return wrong(c, err, "unknown field '%s'", word.data);
}

/* Finds a field from the innermost scope outwards and puts it into node. */
static enum tm_code resolve(const struct compiler *c, struct tm_str name, struct tm_template_node *node,
                            const struct tm_field **found, struct tm_err *err)
{
    if (name.len == 0)
        return wrong(c, err, "a tag without a field");
    for (unsigned s = c->n_scopes; s-- > 0;) {
        int index;

        node->scope = s;
        if (field_in(c->scopes[s], name, &index)) {
            node->field = index;
            *found = &c->scopes[s][index];
            node->field_kind = (*found)->kind;
            return TM_OK;
        }
        for (int i = 0; s > 0 && i < (int)TM_LEN(pseudo); i++) {
            if (tm_str_is(name, pseudo[i].name)) {
                node->field = i == 0 ? FIELD_FIRST : FIELD_LAST;
                node->field_kind = TM_FIELD_FLAG;
                *found = &pseudo[i];
                return TM_OK;
            }
        }
    }
    return unknown_field(c, name, err);
}

/* "word rest" at the first white space. */
static struct tm_str take_word(struct tm_str *rest)
{
    struct tm_str s = tm_str_trim(*rest);
    size_t n = 0;

    while (n < s.len && s.data[n] != ' ' && s.data[n] != '\t')
        n++;
    *rest = tm_str_trim(tm_str_from(s, n));
    return tm_str_n(s.data, n);
}

static enum tm_code open_block(struct compiler *c, struct tm_str tag, struct tm_err *err)
{
    struct tm_template_node node = { .kind = NODE_TEXT };
    const struct tm_field *field;
    struct tm_str word = take_word(&tag);
    enum tm_code code;

    for (int kind = NODE_IF; kind <= NODE_EACH; kind++)
        if (tm_str_is(word, block_names[kind]))
            node.kind = (enum node_kind)kind;
    if (node.kind == NODE_TEXT)
        return wrong(c, err, "unknown block '#%.*s', there are #if, #unless and #each", TM_STR_ARG(word));
    code = resolve(c, tag, &node, &field, err);
    if (code)
        return code;
    if (node.kind == NODE_EACH && field->kind != TM_FIELD_LIST)
        return wrong(c, err, "field '%.*s' is no list", TM_STR_ARG(tag));
    if (c->depth == TM_TEMPLATE_DEPTH)
        return tm_err_set(err, TM_E_LIMIT, "blocks are nested deeper than %d at line %zu of '%s'",
                          TM_TEMPLATE_DEPTH, c->line, c->tmpl->path);
    c->blocks[c->depth++] = (struct block) { c->tmpl->n, c->line };
    *add_node(c, node.kind) = node;
    if (node.kind == NODE_EACH)
        c->scopes[c->n_scopes++] = field->item;
    return TM_OK;
}

static enum tm_code close_block(struct compiler *c, struct tm_str word, struct tm_err *err)
{
    struct tm_template_node *node;

    if (c->depth == 0)
        return wrong(c, err, "'/%.*s' closes nothing", TM_STR_ARG(word));
    node = &c->tmpl->nodes[c->blocks[c->depth - 1].node];
    if (!tm_str_is(word, block_names[node->kind]))
        return wrong(c, err, "'/%.*s' where the '#%s' of line %zu ends", TM_STR_ARG(word),
                     block_names[node->kind], c->blocks[c->depth - 1].line);
    c->depth--;
    if (node->kind == NODE_EACH)
        c->n_scopes--;
    node->end = c->tmpl->n;
    return TM_OK;
}

static enum tm_code check_filter(const struct compiler *c, enum filter filter, struct tm_err *err)
{
    const struct tm_syntax *syntax = c->tmpl->syntax;

    if (filter == FILTER_STRING && !syntax->quoted)
        return wrong(c, err, "'string' in a file whose string literals tidemark does not know");
    if (filter >= FILTER_CODE && syntax->text != TM_TEXT_MARKDOWN)
        return wrong(c, err, "'code', 'link' and 'shell' are for Markdown only");
    return TM_OK;
}

static enum tm_code add_field(struct compiler *c, struct tm_str tag, struct tm_err *err)
{
    static const char *const filters[] = { "", "string", "code", "link", "shell" };
    struct tm_template_node node = { .kind = NODE_FIELD };
    const struct tm_field *field;
    struct tm_str name = take_word(&tag);
    enum tm_code code;

    if (tag.len) {
        for (int i = FILTER_STRING; i <= FILTER_SHELL; i++)
            if (tm_str_is(name, filters[i]))
                node.filter = (enum filter)i;
        if (node.filter == FILTER_NONE)
            return wrong(c, err, "unknown filter '%.*s', there are string, code, link and shell",
                         TM_STR_ARG(name));
        name = tag;
    }
    code = resolve(c, name, &node, &field, err);
    if (code)
        return code;
    if (field->kind != TM_FIELD_TEXT)
        return wrong(c, err, "field '%.*s' is a %s and has no text", TM_STR_ARG(name),
                     field->kind == TM_FIELD_LIST ? "list" : "flag");
    code = check_filter(c, node.filter, err);
    if (code)
        return code;
    *add_node(c, NODE_FIELD) = node;
    return TM_OK;
}

static enum tm_code add_tag(struct compiler *c, struct tm_str tag, struct tm_err *err)
{
    if (tag.len && tag.data[0] == '!')
        return TM_OK;
    if (tag.len && tag.data[0] == '#')
        return open_block(c, tm_str_from(tag, 1), err);
    if (tag.len && tag.data[0] == '/')
        return close_block(c, tm_str_trim(tm_str_from(tag, 1)), err);
    return add_field(c, tag, err);
}

static size_t find_pair(struct tm_str s, const char *pair)
{
    for (size_t i = 0; i + 1 < s.len; i++)
        if (s.data[i] == pair[0] && s.data[i + 1] == pair[1])
            return i;
    return SIZE_MAX;
}

/* Takes the next piece off a line; false at its end. An escaped brace pair is a literal piece of its own. */
static enum tm_code next_piece(const struct compiler *c, struct tm_str *line, struct piece *out, bool *more,
                               struct tm_err *err)
{
    size_t open = find_pair(*line, "{{");
    size_t close;

    *more = line->len > 0;
    out->is_tag = false;
    if (open == SIZE_MAX)
        open = line->len;
    if (open > 0 && open < line->len && line->data[open - 1] == '\\') {
        if (open > 1) {
            out->text = tm_str_n(line->data, open - 1);
            *line = tm_str_from(*line, open - 1);
        } else {
            out->text = tm_str_n(line->data + 1, 2);
            *line = tm_str_from(*line, 3);
        }
        return TM_OK;
    }
    if (open > 0 || line->len == 0) {
        out->text = tm_str_n(line->data, open);
        *line = tm_str_from(*line, open);
        return TM_OK;
    }
    close = find_pair(*line, "}}");
    if (close == SIZE_MAX)
        return wrong(c, err, "'{{' without '}}' on the same line (a literal one is written '\\{{')");
    out->is_tag = true;
    out->text = tm_str_trim(tm_str_n(line->data + 2, close - 2));
    *line = tm_str_from(*line, close + 2);
    return TM_OK;
}

static bool is_block_tag(struct tm_str tag)
{
    return tag.len && strchr("#/!", tag.data[0]);
}

/* True when the line holds block tags and white space only: it leaves nothing. */
static enum tm_code stands_alone(const struct compiler *c, struct tm_str line, bool *alone,
                                 struct tm_err *err)
{
    struct piece piece = { .is_tag = false };
    bool more = true;
    bool tags = false;

    *alone = true;
    while (more) {
        enum tm_code code = next_piece(c, &line, &piece, &more, err);

        if (code)
            return code;
        if (!more)
            break;
        if (piece.is_tag ? !is_block_tag(piece.text) : tm_str_trim(piece.text).len > 0)
            *alone = false;
        tags = tags || piece.is_tag;
    }
    *alone = *alone && tags;
    return TM_OK;
}

static enum tm_code compile_line(struct compiler *c, struct tm_str line, struct tm_err *err)
{
    struct piece piece = { .is_tag = false };
    bool alone, more = true;
    enum tm_code code = stands_alone(c, line, &alone, err);

    while (!code && more) {
        code = next_piece(c, &line, &piece, &more, err);
        if (code || !more)
            break;
        if (piece.is_tag)
            code = add_tag(c, piece.text, err);
        else if (!alone)
            add_literal(c, piece.text);
    }
    return code;
}

static enum tm_code compile(struct compiler *c, struct tm_str text, struct tm_err *err)
{
    while (text.len) {
        size_t end = tm_str_find(text, '\n');
        size_t n = end == SIZE_MAX ? text.len : end + 1;
        enum tm_code code;

        c->line++;
        code = compile_line(c, tm_str_n(text.data, n), err);
        if (code)
            return code;
        text = tm_str_from(text, n);
    }
    if (c->depth == 0)
        return TM_OK;
    c->line = c->blocks[c->depth - 1].line;
    return wrong(c, err, "'#%s' is not closed, opened",
                 block_names[c->tmpl->nodes[c->blocks[c->depth - 1].node].kind]);
}

enum tm_code tm_template_compile(struct tm_template *tmpl, const char *path, struct tm_str text,
                                 const struct tm_field *fields, struct tm_err *err)
{
    struct compiler c = { .tmpl = tmpl, .scopes = { fields }, .n_scopes = 1 };
    enum tm_code code;

    *tmpl = TM_TEMPLATE_INIT;
    tmpl->path = path;
    tmpl->syntax = tm_syntax_of(tm_str(path));
    if (text.len > TM_TEMPLATE_MAX)
        return tm_err_set(err, TM_E_LIMIT, "template '%s' is larger than %d KiB", path,
                          TM_TEMPLATE_MAX >> 10);
    if (!tm_str_is_utf8(text))
        return tm_err_set(err, TM_E_SETTINGS, "template '%s' is not UTF-8", path);
    code = compile(&c, text, err);
    if (code)
        tm_template_release(tmpl);
    return code;
}

void tm_template_release(struct tm_template *tmpl)
{
    free(tmpl->nodes);
    tmpl->nodes = NULL;
    tmpl->n = 0;
    tm_arena_release(&tmpl->arena);
}

struct renderer {
    const struct tm_template *tmpl;
    struct tm_buf *out;
    const struct tm_value *scopes[TM_TEMPLATE_DEPTH + 1];
    struct {
        bool first, last;
    } at[TM_TEMPLATE_DEPTH + 1];
    unsigned n_scopes;
    size_t steps; /* nodes visited: loops in loops that write nothing end too */
};

static bool holds(const struct renderer *r, const struct tm_template_node *node)
{
    const struct tm_value *value;

    if (node->field == FIELD_FIRST)
        return r->at[node->scope].first;
    if (node->field == FIELD_LAST)
        return r->at[node->scope].last;
    value = &r->scopes[node->scope][node->field];
    switch (node->field_kind) {
    case TM_FIELD_TEXT:
        return value->text.len > 0;
    case TM_FIELD_FLAG:
        return value->flag;
    case TM_FIELD_LIST:
        return value->n_rows > 0;
    }
    return false;
}

static void put_field(const struct renderer *r, const struct tm_template_node *node)
{
    struct tm_str text = r->scopes[node->scope][node->field].text;

    switch (node->filter) {
    case FILTER_NONE:
        tm_syntax_add_text(r->out, r->tmpl->syntax, text);
        break;
    case FILTER_STRING:
        tm_syntax_add_string(r->out, r->tmpl->syntax, text);
        break;
    case FILTER_CODE:
        tm_syntax_add_code(r->out, text);
        break;
    case FILTER_LINK:
        for (unsigned i = 0; i < r->tmpl->depth; i++)
            tm_buf_adds(r->out, "../");
        tm_syntax_add_link(r->out, text);
        break;
    case FILTER_SHELL:
        tm_syntax_add_shell(r->out, text);
        break;
    }
}

static enum tm_code render_nodes(struct renderer *r, size_t from, size_t to, struct tm_err *err);

static enum tm_code too_much(const struct renderer *r, struct tm_err *err)
{
    return tm_err_set(err, TM_E_LIMIT, "template '%s' makes more than %d KiB", r->tmpl->path,
                      TM_TEMPLATE_OUT_MAX >> 10);
}

static enum tm_code render_each(struct renderer *r, size_t at, struct tm_err *err)
{
    const struct tm_template_node *node = &r->tmpl->nodes[at];
    const struct tm_value *list = &r->scopes[node->scope][node->field];
    unsigned scope = r->n_scopes++;
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < list->n_rows; i++) {
        r->scopes[scope] = list->rows[i].values;
        r->at[scope].first = i == 0;
        r->at[scope].last = i + 1 == list->n_rows;
        code = render_nodes(r, at + 1, node->end, err);
    }
    r->n_scopes--;
    return code;
}

/* Recursion is as deep as blocks are nested. */
static enum tm_code render_nodes(struct renderer *r, size_t from, size_t to, struct tm_err *err)
{
    for (size_t i = from; i < to; i++) {
        const struct tm_template_node *node = &r->tmpl->nodes[i];
        enum tm_code code = TM_OK;

        if (r->out->len > TM_TEMPLATE_OUT_MAX || r->steps++ > TM_TEMPLATE_OUT_MAX)
            return too_much(r, err);
        switch (node->kind) {
        case NODE_TEXT:
            tm_buf_add_str(r->out, node->text);
            break;
        case NODE_FIELD:
            put_field(r, node);
            break;
        case NODE_IF:
        case NODE_UNLESS:
            if (holds(r, node) == (node->kind == NODE_UNLESS))
                i = node->end - 1;
            break;
        case NODE_EACH:
            code = render_each(r, i, err);
            i = node->end - 1;
            break;
        }
        if (code)
            return code;
    }
    return TM_OK;
}

static void cut_end(struct tm_buf *out)
{
    size_t n = out->len;

    while (n && strchr(" \t\r\n", out->data[n - 1]))
        n--;
    tm_buf_truncate(out, n);
    if (n)
        tm_buf_addc(out, '\n');
}

enum tm_code tm_template_render(const struct tm_template *tmpl, const struct tm_value *values,
                                struct tm_buf *out, struct tm_err *err)
{
    struct renderer r = { .tmpl = tmpl, .out = out, .scopes = { values }, .n_scopes = 1 };
    enum tm_code code;

    tm_buf_clear(out);
    code = render_nodes(&r, 0, tmpl->n, err);
    if (!code && out->len > TM_TEMPLATE_OUT_MAX)
        code = too_much(&r, err);
    if (code) {
        tm_buf_clear(out);
        return code;
    }
    cut_end(out);
    return TM_OK;
}
