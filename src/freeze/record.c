#include "freeze/record.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/path.h"

static const struct {
    const char *name, *file;
} kinds[] = {
    [TM_FREEZE_BASELINE] = { "baseline", "BASELINE_FREEZE.json" },
    [TM_FREEZE_PRODUCTION] = { "production", "PRODUCTION_FREEZE.json" },
    [TM_FREEZE_FINAL] = { "final", "FINAL_FREEZE.json" },
};

const char *tm_freeze_kind_name(enum tm_freeze_kind kind)
{
    return kinds[kind].name;
}

const char *tm_freeze_kind_file(enum tm_freeze_kind kind)
{
    return kinds[kind].file;
}

bool tm_freeze_kind_parse(struct tm_str name, enum tm_freeze_kind *out)
{
    for (size_t i = 0; i < TM_LEN(kinds); i++) {
        if (tm_str_is(name, kinds[i].name)) {
            *out = (enum tm_freeze_kind)i;
            return true;
        }
    }
    return false;
}

static void put_hash(struct tm_json_writer *w, const char *key, const struct tm_hash *hash)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    tm_hash_add_hex(&hex, hash);
    tm_json_member_str(w, key, tm_buf_str(&hex));
}

static void put_artifact(struct tm_json_writer *w, const struct tm_frozen_file *file)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) mode = TM_BUF_INIT;

    tm_buf_addf(&mode, "%o", file->mode);
    tm_json_object_begin(w);
    tm_json_member_str(w, "path", file->path);
    tm_json_member_u64(w, "size", file->size);
    tm_json_member_str(w, "mode", tm_buf_str(&mode));
    put_hash(w, "sha256", &file->sha256);
    tm_json_object_end(w);
}

static void put_ledger(struct tm_json_writer *w, const struct tm_frozen_ledger *ledger)
{
    tm_json_object_begin(w);
    tm_json_member_str(w, "path", ledger->path);
    tm_json_member_u64(w, "bytes", ledger->bytes);
    tm_json_member_u64(w, "lines", ledger->lines);
    tm_json_member_u64(w, "entries", ledger->entries);
    tm_json_member_u64(w, "adopted_lines", ledger->adopted_lines);
    tm_json_member_str(w, "log", ledger->log);
    tm_json_key(w, "heads");
    tm_json_array_begin(w);
    for (size_t i = 0; i < ledger->n_heads; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

        tm_hash_add_hex(&hex, &ledger->heads[i]);
        tm_json_put_str(w, tm_buf_str(&hex));
    }
    tm_json_array_end(w);
    tm_json_member_u64(w, "max_lc", ledger->max_lc);
    if (ledger->has_root)
        put_hash(w, "root", &ledger->root);
    put_hash(w, "sha256", &ledger->sha256);
    tm_json_object_end(w);
}

static void put_summary(struct tm_json_writer *w, struct tm_str summary)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;

    tm_json_key(w, "summary");
    if (tm_json_doc_parse(&doc, "summary", summary, NULL) == TM_OK)
        tm_json_put_node(w, doc.root);
    else
        tm_json_put_null(w);
}

void tm_freeze_record_spell(const struct tm_freeze_record *record, struct tm_buf *out)
{
    struct tm_json_writer w;

    tm_buf_clear(out);
    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_members(&w, "schema_version", "1.0.0");
    tm_json_member_str(&w, "tag", record->tag);
    tm_json_members(&w, "kind", tm_freeze_kind_name(record->kind));
    if (record->reason.len)
        tm_json_member_str(&w, "reason", record->reason);
    tm_json_key(&w, "frozen_at");
    tm_json_put_stamp(&w, record->frozen_at_s);
    tm_json_members(&w, "commit", record->commit.hex);
    tm_json_members(&w, "tree", record->tree.hex);
    tm_json_member_str(&w, "tool_version", record->tool_version);
    tm_json_member_str(&w, "meta_registry", record->meta_registry);
    tm_json_key(&w, "trends");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < TM_LEN(record->trends); i++)
        tm_json_put_str(&w, record->trends[i]);
    tm_json_array_end(&w);
    put_summary(&w, record->summary);
    tm_json_key(&w, "artifacts");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < record->n_artifacts; i++)
        put_artifact(&w, &record->artifacts[i]);
    tm_json_array_end(&w);
    tm_json_key(&w, "ledgers");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < record->n_ledgers; i++)
        put_ledger(&w, &record->ledgers[i]);
    tm_json_array_end(&w);
    tm_json_key(&w, "previous");
    if (record->has_previous) {
        tm_json_object_begin(&w);
        tm_json_member_str(&w, "tag", record->previous_tag);
        put_hash(&w, "record_sha256", &record->previous_record);
        tm_json_object_end(&w);
    } else {
        tm_json_put_null(&w);
    }
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

/* Where a record is read: the document, its arena, and the first failure. */
struct parse {
    const struct tm_json_doc *doc;
    struct tm_arena *arena;
    struct tm_err *err;
};

static enum tm_code wrong(struct parse *p, const struct tm_json_node *parent, const char *key)
{
    return tm_json_doc_fail(p->doc, parent, p->err, "'%s' is missing or not what a freeze record has", key);
}

static enum tm_code get_str(struct parse *p, const struct tm_json_node *node, const char *key,
                            struct tm_str *out)
{
    struct tm_str text;

    if (!tm_json_node_str(tm_json_get(node, key), &text))
        return wrong(p, node, key);
    *out = tm_arena_str(p->arena, text);
    return TM_OK;
}

static enum tm_code get_u64(struct parse *p, const struct tm_json_node *node, const char *key, uint64_t *out)
{
    return tm_json_node_u64(tm_json_get(node, key), out) ? TM_OK : wrong(p, node, key);
}

static enum tm_code get_hash(struct parse *p, const struct tm_json_node *node, const char *key,
                             struct tm_hash *out)
{
    struct tm_str text;

    if (!tm_json_node_str(tm_json_get(node, key), &text) || !tm_hash_parse(text, out))
        return wrong(p, node, key);
    return TM_OK;
}

static enum tm_code get_oid(struct parse *p, const struct tm_json_node *node, const char *key,
                            struct tm_oid *out)
{
    struct tm_str text;

    if (!tm_json_node_str(tm_json_get(node, key), &text) || text.len != TM_OID_HEX)
        return wrong(p, node, key);
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("0123456789abcdef", text.data[i]))
            return wrong(p, node, key);
    memcpy(out->hex, text.data, text.len);
    out->hex[text.len] = '\0';
    return TM_OK;
}

static enum tm_code get_path(struct parse *p, const struct tm_json_node *node, const char *key,
                             struct tm_str *out)
{
    enum tm_code code = get_str(p, node, key, out);

    if (!code && (out->len == 0 || !tm_path_is_normal(*out)))
        code = wrong(p, node, key);
    return code;
}

static enum tm_code get_artifact(struct parse *p, const struct tm_json_node *node,
                                 struct tm_frozen_file *file)
{
    struct tm_str mode = TM_STR("");
    enum tm_code code = get_path(p, node, "path", &file->path);

    if (!code)
        code = get_u64(p, node, "size", &file->size);
    if (!code)
        code = get_hash(p, node, "sha256", &file->sha256);
    if (!code)
        code = get_str(p, node, "mode", &mode);
    if (!code && !tm_str_is(mode, "100644") && !tm_str_is(mode, "100755"))
        code = wrong(p, node, "mode");
    file->mode = tm_str_is(mode, "100755") ? 0100755 : 0100644;
    return code;
}

static enum tm_code get_ledger(struct parse *p, const struct tm_json_node *node,
                               struct tm_frozen_ledger *ledger)
{
    const struct tm_json_node *heads = tm_json_get(node, "heads");
    struct tm_hash *ids;
    enum tm_code code = get_path(p, node, "path", &ledger->path);
    const struct {
        const char *key;
        uint64_t *value;
    } numbers[] = {
        { "bytes", &ledger->bytes },     { "lines", &ledger->lines },
        { "entries", &ledger->entries }, { "adopted_lines", &ledger->adopted_lines },
        { "max_lc", &ledger->max_lc },
    };

    for (size_t i = 0; i < TM_LEN(numbers) && !code; i++)
        code = get_u64(p, node, numbers[i].key, numbers[i].value);
    if (!code)
        code = get_str(p, node, "log", &ledger->log);
    if (!code)
        code = get_hash(p, node, "sha256", &ledger->sha256);
    ledger->has_root = tm_json_get(node, "root") != NULL;
    if (!code && ledger->has_root)
        code = get_hash(p, node, "root", &ledger->root);
    if (code)
        return code;
    if (!heads || heads->kind != TM_JSON_KIND_ARRAY)
        return wrong(p, node, "heads");
    ids = tm_arena_array(p->arena, heads->count, sizeof(*ids));
    ledger->heads = ids;
    for (const struct tm_json_node *n = heads->child; n; n = n->next) {
        struct tm_str hex;

        if (!tm_json_node_str(n, &hex) || !tm_hash_parse(hex, &ids[ledger->n_heads++]))
            return wrong(p, node, "heads");
    }
    return TM_OK;
}

static enum tm_code get_lists(struct parse *p, const struct tm_json_node *root,
                              struct tm_freeze_record *record)
{
    const struct tm_json_node *artifacts = tm_json_get(root, "artifacts");
    const struct tm_json_node *ledgers = tm_json_get(root, "ledgers");
    enum tm_code code = TM_OK;

    if (!artifacts || artifacts->kind != TM_JSON_KIND_ARRAY || artifacts->count > TM_FREEZE_ARTIFACTS_MAX)
        return wrong(p, root, "artifacts");
    if (!ledgers || ledgers->kind != TM_JSON_KIND_ARRAY)
        return wrong(p, root, "ledgers");
    record->artifacts = tm_arena_array(p->arena, artifacts->count, sizeof(*record->artifacts));
    for (const struct tm_json_node *n = artifacts->child; n && !code; n = n->next)
        code = get_artifact(p, n, &record->artifacts[record->n_artifacts++]);
    record->ledgers = tm_arena_array(p->arena, ledgers->count, sizeof(*record->ledgers));
    for (const struct tm_json_node *n = ledgers->child; n && !code; n = n->next)
        code = get_ledger(p, n, &record->ledgers[record->n_ledgers++]);
    return code;
}

static enum tm_code get_previous(struct parse *p, const struct tm_json_node *root,
                                 struct tm_freeze_record *record)
{
    const struct tm_json_node *previous = tm_json_get(root, "previous");
    enum tm_code code;

    if (!previous)
        return wrong(p, root, "previous");
    if (previous->kind == TM_JSON_KIND_NULL)
        return TM_OK;
    code = get_str(p, previous, "tag", &record->previous_tag);
    if (!code)
        code = get_hash(p, previous, "record_sha256", &record->previous_record);
    record->has_previous = !code;
    return code;
}

static enum tm_code get_header(struct parse *p, const struct tm_json_node *root,
                               struct tm_freeze_record *record)
{
    const struct tm_json_node *trends = tm_json_get(root, "trends");
    struct tm_str text = TM_STR("");
    enum tm_code code = get_str(p, root, "tag", &record->tag);

    if (!code)
        code = get_str(p, root, "kind", &text);
    if (!code && !tm_freeze_kind_parse(text, &record->kind))
        code = wrong(p, root, "kind");
    if (!code && tm_json_get(root, "reason"))
        code = get_str(p, root, "reason", &record->reason);
    if (!code)
        code = get_str(p, root, "frozen_at", &text);
    if (!code && !tm_clock_parse(text, &record->frozen_at_s))
        code = wrong(p, root, "frozen_at");
    if (!code)
        code = get_oid(p, root, "commit", &record->commit);
    if (!code)
        code = get_oid(p, root, "tree", &record->tree);
    if (!code)
        code = get_str(p, root, "tool_version", &record->tool_version);
    if (!code)
        code = get_path(p, root, "meta_registry", &record->meta_registry);
    if (code)
        return code;
    if (!trends || trends->kind != TM_JSON_KIND_ARRAY || trends->count != TM_LEN(record->trends))
        return wrong(p, root, "trends");
    for (size_t i = 0; i < TM_LEN(record->trends); i++) {
        const struct tm_json_node *n = i ? trends->child->next : trends->child;

        if (!tm_json_node_str(n, &text) || !tm_path_is_normal(text))
            return wrong(p, root, "trends");
        record->trends[i] = tm_arena_str(p->arena, text);
    }
    return TM_OK;
}

enum tm_code tm_freeze_record_parse(struct tm_freeze_record *record, struct tm_arena *arena, const char *name,
                                    struct tm_str data, struct tm_err *err)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct parse p = { &doc, arena, err };
    struct tm_freeze_record read = { 0 };
    const struct tm_json_node *summary;
    enum tm_code code;

    if (data.len > TM_FREEZE_RECORD_MAX)
        return tm_err_set(err, TM_E_LIMIT, "freeze record '%s' has more than %d bytes", name,
                          TM_FREEZE_RECORD_MAX);
    code = tm_json_doc_parse(&doc, name, data, err);
    if (code)
        return code;
    if (doc.root->kind != TM_JSON_KIND_OBJECT)
        return tm_json_doc_fail(&doc, doc.root, err, "a freeze record is an object");
    code = get_header(&p, doc.root, &read);
    if (!code)
        code = get_lists(&p, doc.root, &read);
    if (!code)
        code = get_previous(&p, doc.root, &read);
    if (code)
        return code;
    summary = tm_json_get(doc.root, "summary");
    if (summary)
        read.summary = tm_arena_str(arena, tm_str_n(data.data + summary->at, summary->len));
    *record = read;
    return TM_OK;
}
