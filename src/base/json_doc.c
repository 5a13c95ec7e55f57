#include "base/json_doc.h"

#include "base/json_write.h"
#include "base/map.h"

/* Below this many members comparing each with each is faster than a map, and costs no memory. */
enum { FEW_MEMBERS = 16 };

/* Where parsing stands: the container being filled, and the one around it. */
struct level {
    struct tm_json_node *node;
    struct tm_json_node *last; /* its newest child */
};

struct parser {
    struct tm_json_doc *doc;
    struct tm_json_reader reader;
    struct tm_buf scratch;
    struct level levels[TM_JSON_DEPTH];
    struct tm_str key; /* of the member whose value comes next */
    size_t key_at;
};

/* The last string or key: in the document's bytes where it has no escapes, else decoded into the arena. */
static struct tm_str keep_string(struct parser *p)
{
    if (!p->reader.token_escaped)
        return tm_json_raw(&p->reader);
    tm_json_string(&p->reader, &p->scratch);
    return tm_arena_str(&p->doc->arena, tm_buf_str(&p->scratch));
}

static enum tm_json_kind kind_of(enum tm_json_token token)
{
    switch (token) {
    case TM_JSON_OBJECT_BEGIN:
        return TM_JSON_KIND_OBJECT;
    case TM_JSON_ARRAY_BEGIN:
        return TM_JSON_KIND_ARRAY;
    case TM_JSON_STRING:
        return TM_JSON_KIND_STRING;
    case TM_JSON_NUMBER:
        return TM_JSON_KIND_NUMBER;
    case TM_JSON_TRUE:
    case TM_JSON_FALSE:
        return TM_JSON_KIND_BOOL;
    case TM_JSON_NULL:
    case TM_JSON_KEY:
    case TM_JSON_OBJECT_END:
    case TM_JSON_ARRAY_END:
    case TM_JSON_END:
        break;
    }
    return TM_JSON_KIND_NULL;
}

static void link_node(struct parser *p, struct tm_json_node *node, unsigned depth)
{
    struct level *parent;

    if (depth == 0) {
        p->doc->root = node;
        return;
    }
    parent = &p->levels[depth - 1];
    if (parent->last)
        parent->last->next = node;
    else
        parent->node->child = node;
    parent->last = node;
    parent->node->count++;
}

static void add_value(struct parser *p, enum tm_json_token token)
{
    bool opens = token == TM_JSON_OBJECT_BEGIN || token == TM_JSON_ARRAY_BEGIN;
    unsigned depth = p->reader.depth - opens; /* containers around the value */
    struct tm_json_node *node = tm_arena_alloc(&p->doc->arena, sizeof(*node));

    node->kind = kind_of(token);
    node->at = p->reader.token_at;
    node->len = p->reader.token_len;
    node->boolean = token == TM_JSON_TRUE;
    if (token == TM_JSON_STRING)
        node->text = keep_string(p);
    else if (token == TM_JSON_NUMBER)
        node->text = tm_json_raw(&p->reader);
    if (depth && p->levels[depth - 1].node->kind == TM_JSON_KIND_OBJECT) {
        node->key = p->key;
        node->key_at = p->key_at;
    }
    link_node(p, node, depth);
    if (opens)
        p->levels[depth] = (struct level) { node, NULL };
}

static enum tm_code fail_duplicate(struct parser *p, const struct tm_json_node *first,
                                   const struct tm_json_node *second, struct tm_err *err)
{
    size_t line, column;

    tm_json_place(p->doc->data, first->key_at, &line, &column);
    return tm_json_fail(&p->reader, second->key_at, err,
                        "key '%.*s' is already at line %zu, column %zu, and again", TM_STR_ARG(second->key),
                        line, column);
}

static enum tm_code check_few_keys(struct parser *p, const struct tm_json_node *object, struct tm_err *err)
{
    for (const struct tm_json_node *b = object->child; b; b = b->next)
        for (const struct tm_json_node *a = object->child; a != b; a = a->next)
            if (tm_str_eq(a->key, b->key))
                return fail_duplicate(p, a, b, err);
    return TM_OK;
}

static enum tm_code check_keys(struct parser *p, struct tm_json_node *object, struct tm_err *err)
{
    struct tm_map TM_CLEANUP(tm_map_release) seen = TM_MAP_INIT;

    if (object->count <= FEW_MEMBERS)
        return check_few_keys(p, object, err);
    for (struct tm_json_node *node = object->child; node; node = node->next) {
        bool added;
        void **first = tm_map_at(&seen, node->key, &added);

        if (!added)
            return fail_duplicate(p, *first, node, err);
        *first = node;
    }
    return TM_OK;
}

static enum tm_code end_container(struct parser *p, struct tm_err *err)
{
    struct tm_json_node *node = p->levels[p->reader.depth].node;

    node->len = p->reader.at - node->at;
    return node->kind == TM_JSON_KIND_OBJECT ? check_keys(p, node, err) : TM_OK;
}

static enum tm_code parse(struct parser *p, struct tm_err *err)
{
    enum tm_json_token token;
    enum tm_code code;

    while (!(code = tm_json_next(&p->reader, &token, err)) && token != TM_JSON_END) {
        if (token == TM_JSON_KEY) {
            p->key = keep_string(p);
            p->key_at = p->reader.token_at;
        } else if (token == TM_JSON_OBJECT_END || token == TM_JSON_ARRAY_END) {
            code = end_container(p, err);
            if (code)
                break;
        } else {
            add_value(p, token);
        }
    }
    return code;
}

enum tm_code tm_json_doc_parse(struct tm_json_doc *doc, const char *name, struct tm_str data,
                               struct tm_err *err)
{
    struct parser p = { .doc = doc, .scratch = TM_BUF_INIT };
    enum tm_code code;

    *doc = (struct tm_json_doc) { .arena = TM_ARENA_INIT, .data = data, .name = name };
    tm_json_reader_init(&p.reader, name, data);
    code = parse(&p, err);
    tm_buf_release(&p.scratch);
    if (code)
        tm_json_doc_release(doc);
    return code;
}

void tm_json_doc_release(struct tm_json_doc *doc)
{
    tm_arena_release(&doc->arena);
    *doc = TM_JSON_DOC_INIT;
}

static const struct tm_json_node *member(const struct tm_json_node *node, struct tm_str key)
{
    if (!node || node->kind != TM_JSON_KIND_OBJECT)
        return NULL;
    for (const struct tm_json_node *child = node->child; child; child = child->next)
        if (tm_str_eq(child->key, key))
            return child;
    return NULL;
}

const struct tm_json_node *tm_json_get(const struct tm_json_node *node, const char *key)
{
    return member(node, tm_str(key));
}

const struct tm_json_node *tm_json_at(const struct tm_json_node *node, const char *path)
{
    struct tm_str rest = tm_str(path), part;

    while (node && tm_str_split(&rest, '.', &part))
        node = member(node, part);
    return node;
}

static bool is_kind(const struct tm_json_node *node, enum tm_json_kind kind)
{
    return node && node->kind == kind;
}

bool tm_json_node_str(const struct tm_json_node *node, struct tm_str *out)
{
    if (!is_kind(node, TM_JSON_KIND_STRING))
        return false;
    *out = node->text;
    return true;
}

bool tm_json_node_u64(const struct tm_json_node *node, uint64_t *out)
{
    return is_kind(node, TM_JSON_KIND_NUMBER) && tm_str_u64(node->text, out);
}

bool tm_json_node_i64(const struct tm_json_node *node, int64_t *out)
{
    return is_kind(node, TM_JSON_KIND_NUMBER) && tm_str_i64(node->text, out);
}

bool tm_json_node_double(const struct tm_json_node *node, double *out)
{
    struct tm_json_reader number = { 0 };

    if (!is_kind(node, TM_JSON_KIND_NUMBER))
        return false;
    number.data = node->text.data;
    number.token = TM_JSON_NUMBER;
    number.token_len = node->text.len;
    return tm_json_double(&number, out);
}

bool tm_json_node_bool(const struct tm_json_node *node, bool *out)
{
    if (!is_kind(node, TM_JSON_KIND_BOOL))
        return false;
    *out = node->boolean;
    return true;
}

enum tm_code tm_json_doc_fail(const struct tm_json_doc *doc, const struct tm_json_node *node,
                              struct tm_err *err, const char *fmt, ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    struct tm_json_reader reader;
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(&message, fmt, ap);
    va_end(ap);
    tm_json_reader_init(&reader, doc->name, doc->data);
    return tm_json_fail(&reader, node->at, err, "%s", message.data);
}

void tm_json_put_node(struct tm_json_writer *w, const struct tm_json_node *node)
{
    switch (node->kind) {
    case TM_JSON_KIND_NULL:
        tm_json_put_null(w);
        break;
    case TM_JSON_KIND_BOOL:
        tm_json_put_bool(w, node->boolean);
        break;
    case TM_JSON_KIND_NUMBER:
        tm_json_put_raw(w, node->text);
        break;
    case TM_JSON_KIND_STRING:
        tm_json_put_str(w, node->text);
        break;
    case TM_JSON_KIND_ARRAY:
        tm_json_array_begin(w);
        for (const struct tm_json_node *n = node->child; n; n = n->next)
            tm_json_put_node(w, n);
        tm_json_array_end(w);
        break;
    case TM_JSON_KIND_OBJECT:
        tm_json_object_begin(w);
        for (const struct tm_json_node *n = node->child; n; n = n->next) {
            tm_json_key_str(w, n->key);
            tm_json_put_node(w, n);
        }
        tm_json_object_end(w);
        break;
    }
}
