#include "catalog/generated.h"

#include "base/clock.h"
#include "base/json_doc.h"
#include "base/json_write.h"
#include "base/map.h"
#include "base/parallel.h"

void tm_generated_put_stamp(struct tm_json_writer *w, size_t *stamp_at)
{
    tm_json_key(w, "generated_at");
    *stamp_at = w->out->len + 1;
    tm_json_put_stamp(w, 0);
}

/* True when old is text but for the stamp, and has a stamp there. */
static bool same_but_stamp(struct tm_str old, struct tm_str text, size_t at)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
    size_t after = at + TM_STAMP_LEN;
    int64_t time_s;

    if (old.len != text.len || memcmp(old.data, text.data, at) != 0 ||
        memcmp(old.data + after, text.data + after, text.len - after) != 0)
        return false;
    if (!tm_clock_parse(tm_str_n(old.data + at, TM_STAMP_LEN), &time_s))
        return false;
    tm_clock_add_stamp(&again, time_s);
    return memcmp(again.data, old.data + at, TM_STAMP_LEN) == 0;
}

static void compose_one(const struct tm_generated *file, const struct tm_repo *repo, const void *subject,
                        struct tm_generated_text *out)
{
    *out = (struct tm_generated_text) { .file = file, .text = TM_BUF_INIT, .stamp_at = SIZE_MAX };
    file->spell(repo, subject, &out->text, &out->stamp_at);
    assert(out->stamp_at == SIZE_MAX || out->stamp_at + TM_STAMP_LEN <= out->text.len);
}

struct composing {
    const struct tm_generated *const *files;
    const struct tm_repo *repo;
    const void *subject;
    struct tm_generated_text *out;
};

static void compose_some(void *ctx, unsigned thread, size_t from, size_t to)
{
    const struct composing *c = ctx;

    for (size_t i = from; i < to; i++)
        compose_one(c->files[i], c->repo, c->subject, &c->out[i]);
}

void tm_generated_compose(const struct tm_generated *const *files, size_t n, const struct tm_repo *repo,
                          const void *subject, struct tm_generated_text *out)
{
    struct composing composing = { files, repo, subject, out };

    tm_parallel(n, 1, compose_some, &composing);
}

void tm_generated_text_release(struct tm_generated_text *text)
{
    tm_buf_release(&text->text);
}

/* Gives the text its stamp: the old one when nothing else differs. */
static void stamp_text(struct tm_generated_text *text, struct tm_str old)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) stamp = TM_BUF_INIT;

    if (text->stamp_at == SIZE_MAX)
        return;
    if (same_but_stamp(old, tm_buf_str(&text->text), text->stamp_at))
        tm_buf_add(&stamp, old.data + text->stamp_at, TM_STAMP_LEN);
    else
        tm_clock_add_stamp(&stamp, tm_clock_now_s());
    assert(stamp.len == TM_STAMP_LEN);
    memcpy(text->text.data + text->stamp_at, stamp.data, TM_STAMP_LEN);
}

void tm_generated_spell(const struct tm_generated *file, const struct tm_repo *repo, const void *subject,
                        struct tm_str old, struct tm_buf *out)
{
    struct tm_generated_text text;

    compose_one(file, repo, subject, &text);
    stamp_text(&text, old);
    tm_buf_release(out);
    *out = text.text;
}

enum tm_code tm_generated_read(const struct tm_generated *file, const struct tm_repo *repo,
                               struct tm_buf *old, bool *exists, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    enum tm_code code;

    tm_repo_generated(repo, file->name, &path);
    tm_buf_clear(old);
    code = tm_root_read(&repo->root, tm_buf_str(&path), TM_GENERATED_MAX, old, &lower);
    if (code && code != TM_E_NOT_FOUND)
        return tm_err_move(err, &lower);
    *exists = code == TM_OK;
    return TM_OK;
}

enum tm_code tm_generated_write_text(struct tm_generated_text *text, const struct tm_repo *repo,
                                     bool *changed, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) old = TM_BUF_INIT;
    bool exists = false;
    enum tm_code code = tm_generated_read(text->file, repo, &old, &exists, err);
    bool same;

    if (code)
        return code;
    stamp_text(text, tm_buf_str(&old));
    same = exists && tm_str_eq(tm_buf_str(&old), tm_buf_str(&text->text));
    if (!same) {
        tm_repo_generated(repo, text->file->name, &path);
        code = tm_root_replace(&repo->root, tm_buf_str(&path), tm_buf_str(&text->text), NULL, err);
    }
    if (!code && changed)
        *changed = !same;
    return code;
}

enum tm_code tm_generated_write(const struct tm_generated *file, const struct tm_repo *repo,
                                const void *subject, bool *changed, struct tm_err *err)
{
    struct tm_generated_text TM_CLEANUP(tm_generated_text_release) text;

    compose_one(file, repo, subject, &text);
    return tm_generated_write_text(&text, repo, changed, err);
}

struct diff {
    size_t added, removed, changed;
};

/* The bytes of an element, by its name. */
static void index_modules(const struct tm_json_doc *doc, const char *key, struct tm_map *map)
{
    const struct tm_json_node *modules = tm_json_get(doc->root, "modules");

    if (!modules || modules->kind != TM_JSON_KIND_ARRAY)
        return;
    for (struct tm_json_node *node = modules->child; node; node = node->next) {
        struct tm_str name;

        if (tm_json_node_str(tm_json_get(node, key), &name))
            *tm_map_at(map, name, NULL) = node;
    }
}

static struct diff compare_modules(const struct tm_json_doc *old, const struct tm_json_doc *now,
                                   const char *key)
{
    struct tm_map TM_CLEANUP(tm_map_release) before = TM_MAP_INIT;
    struct tm_map TM_CLEANUP(tm_map_release) after = TM_MAP_INIT;
    struct diff diff = { 0 };

    index_modules(old, key, &before);
    index_modules(now, key, &after);
    for (size_t i = 0; i < after.len; i++) {
        const struct tm_json_node *b = after.entries[i].value;
        const struct tm_json_node *a = tm_map_get(&before, after.entries[i].key);

        if (!a)
            diff.added++;
        else if (!tm_str_eq(tm_str_n(old->data.data + a->at, a->len),
                            tm_str_n(now->data.data + b->at, b->len)))
            diff.changed++;
    }
    for (size_t i = 0; i < before.len; i++)
        diff.removed += !tm_map_has(&after, before.entries[i].key);
    return diff;
}

static void add_count(struct tm_buf *out, size_t n, const char *what)
{
    if (n == 0)
        return;
    if (out->len)
        tm_buf_adds(out, ", ");
    tm_buf_addf(out, "%zu module%s %s", n, n == 1 ? "" : "s", what);
}

/* Says how two versions of a file differ, for a person. */
static void describe(const struct tm_generated *file, const char *path, struct tm_str old, struct tm_str text,
                     struct tm_buf *out)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) before = TM_JSON_DOC_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) after = TM_JSON_DOC_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct diff diff;

    if (!file->key) {
        tm_buf_adds(out, "its text differs");
        return;
    }
    if (tm_json_doc_parse(&before, path, old, &err) || tm_json_doc_parse(&after, path, text, &err)) {
        tm_buf_adds(out, tm_err_msg(&err));
        return;
    }
    diff = compare_modules(&before, &after, file->key);
    add_count(out, diff.added, "added");
    add_count(out, diff.removed, "removed");
    add_count(out, diff.changed, "changed");
    if (out->len == 0)
        tm_buf_adds(out, "no module differs, but the file does");
}

enum tm_code tm_generated_check_text(struct tm_generated_text *text, const struct tm_repo *repo,
                                     struct tm_err *err)
{
    const struct tm_generated *file = text->file;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) old = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) what = TM_BUF_INIT;
    bool exists = false;
    enum tm_code code = tm_generated_read(file, repo, &old, &exists, err);

    if (code)
        return code;
    tm_repo_generated(repo, file->name, &path);
    if (!exists)
        return tm_err_set(err, TM_E_NO, "'%s' is missing, run '%s'", path.data, file->command);
    stamp_text(text, tm_buf_str(&old));
    if (tm_str_eq(tm_buf_str(&old), tm_buf_str(&text->text)))
        return TM_OK;
    describe(file, path.data, tm_buf_str(&old), tm_buf_str(&text->text), &what);
    return tm_err_set(err, TM_E_NO, "'%s' is stale (%s), run '%s'", path.data, what.data, file->command);
}

enum tm_code tm_generated_check(const struct tm_generated *file, const struct tm_repo *repo,
                                const void *subject, struct tm_err *err)
{
    struct tm_generated_text TM_CLEANUP(tm_generated_text_release) text;

    compose_one(file, repo, subject, &text);
    return tm_generated_check_text(&text, repo, err);
}

void tm_generated_doc_release(struct tm_generated_doc *doc)
{
    tm_json_doc_release(&doc->doc);
    tm_buf_release(&doc->data);
    tm_buf_release(&doc->path);
}

enum tm_code tm_generated_open(const struct tm_generated *file, const struct tm_repo *repo,
                               const struct tm_schema_field *fields, const char *version,
                               struct tm_generated_doc *out, struct tm_err *err)
{
    const struct tm_json_node *schema;
    bool exists = false;
    enum tm_code code;

    *out = (struct tm_generated_doc) { .path = TM_BUF_INIT, .data = TM_BUF_INIT };
    tm_repo_generated(repo, file->name, &out->path);
    code = tm_generated_read(file, repo, &out->data, &exists, err);
    if (code)
        return code;
    if (!exists)
        return tm_err_set(err, TM_E_NO, "'%s' is missing, run '%s'", out->path.data, file->command);
    if (tm_json_doc_parse(&out->doc, out->path.data, tm_buf_str(&out->data), err)) {
        if (err)
            err->code = TM_E_NO;
        return TM_E_NO;
    }
    if (tm_schema_check(&out->doc, out->doc.root, fields, err))
        return TM_E_NO;
    schema = tm_json_get(out->doc.root, "schema_version");
    if (!tm_str_is(schema->text, version))
        return tm_schema_say_no(&out->doc, schema, err, "unknown schema '%.*s', this program knows '%s'",
                                TM_STR_ARG(schema->text), version);
    return TM_OK;
}
