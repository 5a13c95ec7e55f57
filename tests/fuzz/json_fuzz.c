/*
 * Any bytes as JSON. What must hold: tokens lie in the input and in order, decoded
 * strings are UTF-8, the tree is read exactly when the tokens are (duplicate keys
 * aside), and what is written from a tree reads as the same tree.
 */
#include "base/json_doc.h"
#include "base/json_skim.h"
#include "base/json_write.h"
#include "fuzz.h"

static bool is_string(enum tm_json_token token)
{
    return token == TM_JSON_STRING || token == TM_JSON_KEY;
}

static void check_token(const struct tm_json_reader *r, enum tm_json_token token, size_t last_end)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    size_t line, column;

    FUZZ_CHECK(r->token == token);
    FUZZ_CHECK(r->token_at >= last_end && r->token_at <= r->len);
    FUZZ_CHECK(r->token_len <= r->len - r->token_at && r->at == r->token_at + r->token_len);
    FUZZ_CHECK(r->depth <= TM_JSON_DEPTH);
    tm_json_place(tm_str_n(r->data, r->len), r->token_at, &line, &column);
    FUZZ_CHECK(line >= 1 && column >= 1 && line + column <= r->token_at + 2);
    if (is_string(token)) {
        tm_json_string(r, &text);
        FUZZ_CHECK(tm_str_is_utf8(tm_buf_str(&text)));
        FUZZ_CHECK(memchr(text.data, '\0', text.len) || tm_json_is(r, text.data));
        tm_buf_addc(&text, 'x');
        FUZZ_CHECK(!tm_json_is(r, text.data));
    }
    if (token == TM_JSON_NUMBER) {
        double d;

        if (tm_json_double(r, &d))
            FUZZ_CHECK(d - d == 0);
    }
}

static enum tm_code read_tokens(struct tm_str data, struct tm_err *err)
{
    struct tm_json_reader reader;
    enum tm_json_token token;
    enum tm_code code;
    size_t last_end = 0;

    tm_json_reader_init(&reader, "input", data);
    do {
        code = tm_json_next(&reader, &token, err);
        if (code)
            break;
        check_token(&reader, token, last_end);
        last_end = reader.at;
    } while (token != TM_JSON_END);
    return code;
}

/* A window of 40 bytes on the document, in memory of its own. */
struct window {
    struct tm_str text;
    size_t from;
    char room[40];
};

static enum tm_code show(void *ctx, size_t used, struct tm_str *out, struct tm_err *err)
{
    struct window *w = ctx;

    w->from += used;
    FUZZ_CHECK(w->from <= w->text.len);
    *out = tm_str_n(w->room, TM_MIN(sizeof(w->room), w->text.len - w->from));
    if (out->len)
        memcpy(w->room, w->text.data + w->from, out->len);
    return TM_OK;
}

/* A stream says what memory says, except that long tokens are refused and commas get another place. */
static void check_stream(struct tm_str text)
{
    struct window window = { .text = text };
    struct tm_json_reader whole, stream;
    enum tm_json_token a, b;
    enum tm_code code, stream_code;

    tm_json_reader_init(&whole, "input", text);
    tm_json_reader_stream(&stream, "input", show, &window);
    stream.token_max = sizeof(window.room) - TM_JSON_AHEAD;
    stream.ahead = sizeof(window.room);
    do {
        code = tm_json_next(&whole, &a, NULL);
        stream_code = tm_json_next(&stream, &b, NULL);
        if (stream_code == TM_E_LIMIT && code != TM_E_LIMIT)
            return;
        FUZZ_CHECK(code == stream_code);
        if (code)
            return;
        FUZZ_CHECK(a == b && whole.token_at == window.from + stream.token_at);
        FUZZ_CHECK(tm_str_eq(tm_json_raw(&whole), tm_json_raw(&stream)));
    } while (a != TM_JSON_END);
}

/* Skipping the whole value must end as reading every token does. */
static enum tm_code skip_all(struct tm_str data, struct tm_err *err)
{
    struct tm_json_reader reader;
    enum tm_json_token token;
    enum tm_code code;

    tm_json_reader_init(&reader, "input", data);
    code = tm_json_next(&reader, &token, err);
    if (!code)
        code = tm_json_skip(&reader, err);
    if (!code)
        code = tm_json_next(&reader, &token, err);
    FUZZ_CHECK(code || token == TM_JSON_END);
    return code;
}

static void write_node(struct tm_json_writer *w, const struct tm_json_node *node)
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
        for (const struct tm_json_node *child = node->child; child; child = child->next)
            write_node(w, child);
        tm_json_array_end(w);
        break;
    case TM_JSON_KIND_OBJECT:
        tm_json_object_begin(w);
        for (const struct tm_json_node *child = node->child; child; child = child->next) {
            tm_json_key_str(w, child->key);
            write_node(w, child);
        }
        tm_json_object_end(w);
        break;
    }
}

static void check_same(const struct tm_json_node *a, const struct tm_json_node *b)
{
    FUZZ_CHECK(a->kind == b->kind && a->count == b->count && a->boolean == b->boolean);
    FUZZ_CHECK(tm_str_eq(a->text, b->text) && tm_str_eq(a->key, b->key));
    a = a->child;
    b = b->child;
    for (; a && b; a = a->next, b = b->next)
        check_same(a, b);
    FUZZ_CHECK(!a && !b);
}

static void check_written(const struct tm_json_doc *doc, unsigned indent)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) again = TM_JSON_DOC_INIT;
    struct tm_json_writer w;

    tm_json_writer_init(&w, &out, indent);
    write_node(&w, doc->root);
    FUZZ_CHECK(tm_json_doc_parse(&again, "output", tm_buf_str(&out), NULL) == TM_OK);
    check_same(doc->root, again.root);
}

/* Skimming finds the end that reading finds, and none where it is cut off. */
static void check_skimmed(struct tm_str text, size_t at, size_t len)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) copy = TM_BUF_INIT;
    const char *start;

    tm_buf_add_str(&copy, tm_str_n(text.data + at, len));
    tm_buf_addc(&copy, ',');
    start = copy.data;
    FUZZ_CHECK(tm_json_skim_value(start, start + len + 1) == start + len);
    FUZZ_CHECK(!tm_json_skim_value(start, start + len - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) doc_err = TM_ERR_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_str text = tm_str_n((const char *)data, size);
    enum tm_code code = read_tokens(text, &err);
    enum tm_code doc_code = tm_json_doc_parse(&doc, "input", text, &doc_err);

    FUZZ_CHECK(skip_all(text, NULL) == code);
    check_stream(text);
    FUZZ_CHECK(!code || err.msg);
    if (doc_code) {
        FUZZ_CHECK(code == doc_code || strstr(tm_err_msg(&doc_err), "is already at"));
        return 0;
    }
    FUZZ_CHECK(!code);
    FUZZ_CHECK(doc.root->at + doc.root->len <= size);
    check_skimmed(text, doc.root->at, doc.root->len);
    check_written(&doc, 0);
    check_written(&doc, 2);
    return 0;
}
