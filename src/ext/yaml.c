#include "ext/yaml.h"

#include <libfyaml.h>

#include "base/buf.h"
#include "base/map.h"

struct place {
    size_t line, column;
};

struct parse {
    struct fy_parser *fyp;
    struct fy_diag *diag;
    struct tm_arena *arena;
    const char *name;
    struct tm_str data;
    struct tm_err *err;
};

static enum tm_code fail_at(struct parse *p, size_t line, size_t column, const char *problem)
{
    return tm_err_set(p->err, TM_E_SETTINGS, "%s at line %zu, column %zu of '%s'", problem, line, column,
                      p->name);
}

static enum tm_code fail_place(struct parse *p, struct place place, const char *problem)
{
    return fail_at(p, TM_MAX(place.line, 1), TM_MAX(place.column, 1), problem);
}

/* The library's own complaint: the first one, as later ones only follow from it. */
static enum tm_code fail_library(struct parse *p)
{
    void *at = NULL;
    struct fy_diag_error *first = fy_diag_errors_iterate(p->diag, &at);

    if (!first)
        return fail_at(p, 1, 1, "not YAML");
    return fail_at(p, (size_t)TM_MAX(first->line, 1), (size_t)TM_MAX(first->column, 1), first->msg);
}

/* Where a token begins, zeros when it has no text. The library counts from 0 and from what follows a quote,
 * '&' or '*'. */
static struct place place_of_token(struct fy_token *token, bool has_mark_before)
{
    const struct fy_mark *mark = fy_token_start_mark(token);

    if (!mark)
        return (struct place) { 0, 0 };
    return (struct place) { (size_t)mark->line + 1, (size_t)mark->column + (has_mark_before ? 0 : 1) };
}

static bool is_quoted(struct fy_token *token)
{
    enum fy_scalar_style style = fy_token_scalar_style(token);

    return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

static struct place place_of(struct fy_event *event)
{
    const struct fy_mark *mark;

    if (event->type == FYET_SCALAR)
        return place_of_token(event->scalar.value, is_quoted(event->scalar.value));
    mark = fy_event_start_mark(event);
    return mark ? (struct place) { (size_t)mark->line + 1, (size_t)mark->column + 1 }
                : (struct place) { 0, 0 };
}

/* Line and column of byte `at`; columns count code points. */
static void place_of_byte(struct tm_str data, size_t at, size_t *line, size_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < at; i++) {
        if (data.data[i] == '\n') {
            ++*line;
            *column = 1;
        } else if ((data.data[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

/*
 * What the library would let through or word badly. Its own handling of other
 * encodings is not wanted: a settings file is UTF-8.
 */
static enum tm_code check_bytes(struct parse *p, struct tm_str data)
{
    const char *problem = NULL;
    size_t line, column, at = 0;

    if (data.len > TM_YAML_MAX)
        return tm_err_set(p->err, TM_E_SETTINGS, "'%s' is larger than %d bytes", p->name, TM_YAML_MAX);
    if (tm_str_has_prefix(data, TM_STR("\xef\xbb\xbf")))
        return fail_at(p, 1, 1, "a byte order mark, save the file without one,");
    while (at < data.len && !problem) {
        size_t n = tm_str_utf8_len(tm_str_from(data, at));
        unsigned char c = (unsigned char)data.data[at];

        if (n == 0)
            problem = "a byte that is not UTF-8";
        else if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            problem = "a control character";
        else
            at += n;
    }
    if (!problem)
        return TM_OK;
    place_of_byte(data, at, &line, &column);
    return fail_at(p, line, column, problem);
}

static enum tm_code next_event(struct parse *p, struct fy_event **event)
{
    *event = fy_parser_parse(p->fyp);
    return *event ? TM_OK : fail_library(p);
}

/* Refuses what would make the text mean more than what stands in it. */
static enum tm_code check_event(struct parse *p, struct fy_event *event)
{
    struct fy_token *anchor = NULL, *tag = NULL;

    switch (event->type) {
    case FYET_ALIAS:
        return fail_place(p, place_of_token(event->alias.anchor, true), "an alias, write its value out,");
    case FYET_SCALAR:
        anchor = event->scalar.anchor;
        tag = event->scalar.tag;
        break;
    case FYET_SEQUENCE_START:
        anchor = event->sequence_start.anchor;
        tag = event->sequence_start.tag;
        break;
    case FYET_MAPPING_START:
        anchor = event->mapping_start.anchor;
        tag = event->mapping_start.tag;
        break;
    default:
        break;
    }
    if (anchor)
        return fail_place(p, place_of_token(anchor, true),
                          "an anchor, write its value out where it is used,");
    if (tag)
        return fail_place(p, place_of_token(tag, false), "a tag, which is not supported,");
    return TM_OK;
}

/* Takes white space with a line break in it off the start of raw; returns how many breaks it had. */
static size_t take_breaks(struct tm_str *raw)
{
    size_t breaks = 0, n = 0;

    for (; n < raw->len && strchr(" \t\r\n", raw->data[n]); n++)
        breaks +=
            raw->data[n] == '\n' || (raw->data[n] == '\r' && (n + 1 == raw->len || raw->data[n + 1] != '\n'));
    if (breaks)
        *raw = tm_str_from(*raw, n);
    return breaks;
}

/*
 * What stands between single quotes (YAML 1.2.2, 7.3.2): two quotes are one, a line break with the white
 * space around it is a blank, and each empty line a line feed. By ourselves, because the library (0.7.12)
 * miscounts quotes that follow each other, and loses memory over them.
 */
static void add_single_quoted(struct tm_buf *out, struct tm_str raw)
{
    while (raw.len) {
        size_t breaks = take_breaks(&raw);

        if (breaks == 1)
            tm_buf_addc(out, ' ');
        for (; breaks > 1; breaks--)
            tm_buf_addc(out, '\n');
        if (raw.len) {
            tm_buf_addc(out, raw.data[0]);
            raw = tm_str_from(raw, raw.data[0] == '\'' ? TM_MIN((size_t)2, raw.len) : 1);
        }
    }
}

/* A scalar's text. An escape can put a NUL into it, which no path, name or argument can hold. */
static enum tm_code text_of(struct parse *p, struct fy_event *event, struct tm_str *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) decoded = TM_BUF_INIT;
    struct fy_token *token = event->scalar.value;
    const struct fy_mark *start = fy_token_start_mark(token), *end = fy_token_end_mark(token);
    struct tm_str text = TM_STR("");

    if (fy_token_scalar_style(token) == FYSS_SINGLE_QUOTED) {
        assert(start && end && start->input_pos <= end->input_pos && end->input_pos <= p->data.len);
        add_single_quoted(&decoded,
                          tm_str_n(p->data.data + start->input_pos, end->input_pos - start->input_pos));
        text = tm_buf_str(&decoded);
    } else {
        text.data = fy_token_get_text(token, &text.len);
    }
    if (tm_str_find(text, '\0') != SIZE_MAX)
        return fail_place(p, place_of(event), "a text with a NUL in it");
    *out = tm_arena_str(p->arena, text);
    return TM_OK;
}

/* A collection under construction: one on the stack for each level. */
struct level {
    struct tm_yaml_node *node;
    struct tm_yaml_node **tail; /* where the next child goes */
    struct tm_map keys;         /* of a mapping: those seen */
    struct tm_yaml_node *keyed; /* a mapping's child whose key was read and whose value is next */
};

struct tree {
    struct tm_yaml_node *root;
    struct level levels[TM_YAML_DEPTH];
    size_t depth;
};

static struct level *top_of(struct tree *tree)
{
    return tree->depth ? &tree->levels[tree->depth - 1] : NULL;
}

/* The scalar of `event` as the next key of the mapping at `level`. */
static enum tm_code add_key(struct parse *p, struct level *level, struct fy_event *event)
{
    struct place place = place_of(event);
    struct tm_yaml_node *child;
    struct tm_str key;
    enum tm_code code;
    bool added;

    if (event->type == FYET_SCALAR && !place.line)
        return fail_at(p, level->node->line, level->node->column, "a value without a key");
    if (event->type != FYET_SCALAR)
        return fail_place(
            p, place, "a key that is no text (does a value that begins with '{' or '[' lack its quotes?)");
    code = text_of(p, event, &key);
    if (code)
        return code;
    if (tm_str_is(key, "<<") && fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN)
        return fail_place(p, place, "a merge key, write the values out,");
    child = tm_arena_alloc(p->arena, sizeof(*child));
    child->key = key;
    child->key_line = place.line;
    child->key_column = place.column;
    tm_map_at(&level->keys, key, &added);
    if (!added)
        return tm_err_set(p->err, TM_E_SETTINGS,
                          "key '%.*s' for the second time at line %zu, column %zu of '%s'", TM_STR_ARG(key),
                          child->key_line, child->key_column, p->name);
    level->keyed = child;
    return TM_OK;
}

/* Puts the node that begins with `event` into its parent; a collection becomes the new top. */
static enum tm_code add_value(struct parse *p, struct tree *tree, struct fy_event *event)
{
    struct level *level = top_of(tree);
    struct place place = place_of(event);
    struct tm_yaml_node *node;

    if (level && level->node->kind == TM_YAML_MAPPING) {
        node = level->keyed;
        level->keyed = NULL;
    } else {
        node = tm_arena_alloc(p->arena, sizeof(*node));
    }
    /* A value that is not there has no place of its own: it gets its key's, or that of its list. */
    if (!place.line)
        place = (struct place) { node->key_line, node->key_column };
    if (!place.line && level)
        place = (struct place) { level->node->line, level->node->column };
    node->line = TM_MAX(place.line, 1);
    node->column = TM_MAX(place.column, 1);
    if (level) {
        *level->tail = node;
        level->tail = &node->next;
        level->node->count++;
    } else {
        tree->root = node;
    }
    if (event->type == FYET_SCALAR) {
        node->plain = fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN;
        return text_of(p, event, &node->text);
    }
    node->kind = event->type == FYET_MAPPING_START ? TM_YAML_MAPPING : TM_YAML_SEQUENCE;
    if (tree->depth == TM_YAML_DEPTH)
        return fail_place(p, place, "nested too deeply");
    tree->levels[tree->depth++] = (struct level) { node, &node->child, TM_MAP_INIT, NULL };
    return TM_OK;
}

static enum tm_code take_event(struct parse *p, struct tree *tree, struct fy_event *event)
{
    struct level *level = top_of(tree);
    enum tm_code code = check_event(p, event);

    assert(!level || level->node);
    if (code)
        return code;
    switch (event->type) {
    case FYET_SCALAR:
    case FYET_SEQUENCE_START:
    case FYET_MAPPING_START:
        if (level && level->node->kind == TM_YAML_MAPPING && !level->keyed)
            return add_key(p, level, event);
        return add_value(p, tree, event);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        assert(level);
        tm_map_release(&level->keys);
        tree->depth--;
        return TM_OK;
    default:
        return TM_OK;
    }
}

static enum tm_code parse_stream(struct parse *p, struct tree *tree)
{
    enum fy_event_type type = FYET_NONE;
    size_t documents = 0;

    while (type != FYET_STREAM_END) {
        struct fy_event *event;
        enum tm_code code = next_event(p, &event);

        if (code)
            return code;
        type = event->type;
        if (type == FYET_DOCUMENT_START && ++documents > 1)
            code = fail_place(p, place_of(event), "a second document");
        else
            code = take_event(p, tree, event);
        fy_parser_event_free(p->fyp, event);
        if (code)
            return code;
    }
    return TM_OK;
}

static enum tm_code parse_with(struct parse *p, struct tm_str data, struct tm_yaml_node **root)
{
    struct tree tree = { NULL };
    enum tm_code code;

    if (fy_parser_set_string(p->fyp, data.data, data.len))
        return fail_library(p);
    code = parse_stream(p, &tree);
    while (tree.depth)
        tm_map_release(&tree.levels[--tree.depth].keys);
    if (code)
        return code;
    *root = tree.root && tm_yaml_is_null(tree.root) ? NULL : tree.root;
    return TM_OK;
}

enum tm_code tm_yaml_parse(struct tm_arena *arena, const char *name, struct tm_str data,
                           struct tm_yaml_node **root, struct tm_err *err)
{
    struct fy_diag_cfg diag_cfg;
    struct fy_parse_cfg cfg = { .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE |
                                         FYPCF_DEFAULT_VERSION_1_2 };
    struct parse p = { .arena = arena, .name = name, .data = data, .err = err };
    enum tm_code code = check_bytes(&p, data);

    if (code)
        return code;
    if (tm_str_trim(data).len == 0) {
        *root = NULL;
        return TM_OK;
    }
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    p.diag = fy_diag_create(&diag_cfg);
    assert(p.diag);
    fy_diag_set_collect_errors(p.diag, true);
    cfg.diag = p.diag;
    p.fyp = fy_parser_create(&cfg);
    assert(p.fyp);
    code = parse_with(&p, data, root);
    fy_parser_destroy(p.fyp);
    fy_diag_destroy(p.diag);
    return code;
}

bool tm_yaml_is_null(const struct tm_yaml_node *node)
{
    return node->kind == TM_YAML_SCALAR && node->plain &&
           (node->text.len == 0 || tm_str_is(node->text, "~") || tm_str_is(node->text, "null") ||
            tm_str_is(node->text, "Null") || tm_str_is(node->text, "NULL"));
}
