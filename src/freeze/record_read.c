/* Reading a freeze record: every member is there and is what the format says, or the record is refused. */
#include "freeze/record.h"

#include "base/clock.h"
#include "base/json_members.h"
#include "base/path.h"

static enum tm_code get_oid(const struct tm_json_members *p, const struct tm_json_node *node, const char *key,
                            struct tm_oid *out)
{
    struct tm_str text;

    if (!tm_json_node_str(tm_json_get(node, key), &text) || !tm_str_is_hex(text, TM_OID_HEX))
        return tm_json_members_wrong(p, node, key);
    memcpy(out->hex, text.data, text.len);
    out->hex[text.len] = '\0';
    return TM_OK;
}

static bool is_path(const struct tm_json_node *node, struct tm_str *out)
{
    return tm_json_node_str(node, out) && out->len && tm_path_is_normal(*out);
}

static enum tm_code get_path(const struct tm_json_members *p, const struct tm_json_node *node,
                             const char *key, struct tm_str *out)
{
    struct tm_str text;

    if (!is_path(tm_json_get(node, key), &text))
        return tm_json_members_wrong(p, node, key);
    *out = tm_arena_str(p->arena, text);
    return TM_OK;
}

static enum tm_code get_artifact(const struct tm_json_members *p, const struct tm_json_node *node,
                                 struct tm_frozen_file *file)
{
    struct tm_str mode = TM_STR("");
    enum tm_code code = get_path(p, node, "path", &file->path);

    if (!code)
        code = tm_json_members_u64(p, node, "size", 0, UINT64_MAX, &file->size);
    if (!code)
        code = tm_json_members_str(p, node, "mode", 0, sizeof("100644") - 1, &mode);
    if (!code && !tm_str_is(mode, "100644") && !tm_str_is(mode, "100755"))
        code = tm_json_members_wrong(p, node, "mode");
    if (!code)
        code = tm_json_members_hash(p, node, "sha256", &file->sha256);
    if (!code)
        file->mode = tm_str_is(mode, "100755") ? 0100755 : 0100644;
    return code;
}

static enum tm_code get_heads(const struct tm_json_members *p, const struct tm_json_node *node,
                              struct tm_frozen_ledger *ledger)
{
    const struct tm_json_node *heads = tm_json_get(node, "heads");
    struct tm_hash *ids;

    if (!heads || heads->kind != TM_JSON_KIND_ARRAY)
        return tm_json_members_wrong(p, node, "heads");
    ids = tm_arena_array(p->arena, heads->count, sizeof(*ids));
    for (const struct tm_json_node *n = heads->child; n; n = n->next) {
        size_t i = ledger->n_heads++;
        struct tm_str hex;

        if (!tm_json_node_str(n, &hex) || !tm_hash_parse(hex, &ids[i]) ||
            (i && tm_hash_cmp(&ids[i - 1], &ids[i]) >= 0))
            return tm_json_doc_fail(p->doc, n, p->err, "'heads' are ids in ascending order");
    }
    ledger->heads = ids;
    return TM_OK;
}

/* What only a ledger with a chain has: a random name, heads and a root. */
static enum tm_code get_chain(const struct tm_json_members *p, const struct tm_json_node *node,
                              struct tm_frozen_ledger *ledger)
{
    enum tm_code code = tm_json_members_str(p, node, "log", 0, TM_LEDGER_LOG_HEX, &ledger->log);

    ledger->has_root = ledger->entries > 0;
    if (!code && !tm_str_is_hex(ledger->log, ledger->has_root ? TM_LEDGER_LOG_HEX : 0))
        code = tm_json_members_wrong(p, node, "log");
    if (!code)
        code = get_heads(p, node, ledger);
    if (!code && (ledger->n_heads > 0) != ledger->has_root)
        code = tm_json_members_wrong(p, node, "heads");
    if (!code && ledger->has_root)
        code = tm_json_members_hash(p, node, "root", &ledger->root);
    else if (!code && tm_json_get(node, "root"))
        code = tm_json_members_wrong(p, node, "root");
    return code;
}

static enum tm_code get_ledger(const struct tm_json_members *p, const struct tm_json_node *node,
                               struct tm_frozen_ledger *ledger)
{
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
        code = tm_json_members_u64(p, node, numbers[i].key, 0, UINT64_MAX, numbers[i].value);
    if (!code)
        code = get_chain(p, node, ledger);
    return code ? code : tm_json_members_hash(p, node, "sha256", &ledger->sha256);
}

static enum tm_code get_artifacts(const struct tm_json_members *p, const struct tm_json_node *root,
                                  struct tm_freeze_record *record)
{
    const struct tm_json_node *list = tm_json_get(root, "artifacts");

    if (!list || list->kind != TM_JSON_KIND_ARRAY)
        return tm_json_members_wrong(p, root, "artifacts");
    if (list->count > TM_FREEZE_ARTIFACTS_MAX)
        return tm_err_set(p->err, TM_E_LIMIT, "'%s' has %zu artifacts, the limit is %d", p->doc->name,
                          list->count, TM_FREEZE_ARTIFACTS_MAX);
    record->artifacts = tm_arena_array(p->arena, list->count, sizeof(*record->artifacts));
    for (const struct tm_json_node *n = list->child; n; n = n->next) {
        struct tm_frozen_file *file = &record->artifacts[record->n_artifacts];
        enum tm_code code = get_artifact(p, n, file);

        if (!code && record->n_artifacts++ && tm_str_cmp(file[-1].path, file->path) >= 0)
            code = tm_json_doc_fail(p->doc, n, p->err, "'artifacts' are not in the order of their paths");
        if (code)
            return code;
    }
    return TM_OK;
}

static enum tm_code get_ledgers(const struct tm_json_members *p, const struct tm_json_node *root,
                                struct tm_freeze_record *record)
{
    const struct tm_json_node *list = tm_json_get(root, "ledgers");

    if (!list || list->kind != TM_JSON_KIND_ARRAY)
        return tm_json_members_wrong(p, root, "ledgers");
    record->ledgers = tm_arena_array(p->arena, list->count, sizeof(*record->ledgers));
    for (const struct tm_json_node *n = list->child; n; n = n->next) {
        struct tm_frozen_ledger *ledger = &record->ledgers[record->n_ledgers];
        enum tm_code code = get_ledger(p, n, ledger);

        if (!code && record->n_ledgers++ && tm_str_cmp(ledger[-1].path, ledger->path) >= 0)
            code = tm_json_doc_fail(p->doc, n, p->err, "'ledgers' are not in the order of their paths");
        if (code)
            return code;
    }
    return TM_OK;
}

static enum tm_code get_previous(const struct tm_json_members *p, const struct tm_json_node *root,
                                 struct tm_freeze_record *record)
{
    const struct tm_json_node *previous = tm_json_get(root, "previous");
    enum tm_code code;

    if (!previous || (previous->kind != TM_JSON_KIND_OBJECT && previous->kind != TM_JSON_KIND_NULL))
        return tm_json_members_wrong(p, root, "previous");
    if (previous->kind == TM_JSON_KIND_NULL)
        return TM_OK;
    code = tm_json_members_str(p, previous, "tag", 0, TM_FREEZE_TAG_MAX, &record->previous_tag);
    if (!code)
        code = tm_json_members_hash(p, previous, "record_sha256", &record->previous_record);
    record->has_previous = !code;
    return code;
}

static enum tm_code get_trends(const struct tm_json_members *p, const struct tm_json_node *root,
                               struct tm_freeze_record *record)
{
    const struct tm_json_node *list = tm_json_get(root, "trends");
    size_t i = 0;

    if (!list || list->kind != TM_JSON_KIND_ARRAY || list->count != TM_LEN(record->trends))
        return tm_json_members_wrong(p, root, "trends");
    for (const struct tm_json_node *n = list->child; n; n = n->next) {
        struct tm_str text;

        if (!is_path(n, &text))
            return tm_json_doc_fail(p->doc, n, p->err, "'trends' are paths inside the repository");
        record->trends[i++] = tm_arena_str(p->arena, text);
    }
    return TM_OK;
}

/* The reader of another major version knows what has become of the members. */
static enum tm_code check_version(const struct tm_json_members *p, const struct tm_json_node *root)
{
    struct tm_str version;

    if (!tm_json_node_str(tm_json_get(root, "schema_version"), &version))
        return tm_json_members_wrong(p, root, "schema_version");
    if (tm_str_has_prefix(version, TM_STR("1.")))
        return TM_OK;
    return tm_json_doc_fail(p->doc, tm_json_get(root, "schema_version"), p->err,
                            "freeze records of version %.*s cannot be read", TM_STR_ARG(version));
}

static enum tm_code get_tag(const struct tm_json_members *p, const struct tm_json_node *root,
                            struct tm_freeze_record *record)
{
    struct tm_str text = TM_STR("");
    enum tm_code code = tm_json_members_str(p, root, "tag", 0, TM_FREEZE_TAG_MAX, &record->tag);

    if (!code && record->tag.len == 0)
        code = tm_json_members_wrong(p, root, "tag");
    if (!code)
        code = tm_json_members_str(p, root, "kind", 0, SIZE_MAX, &text);
    if (!code && !tm_freeze_kind_parse(text, &record->kind))
        code = tm_json_members_wrong(p, root, "kind");
    if (!code && tm_json_get(root, "reason"))
        code = tm_json_members_str(p, root, "reason", 0, TM_FREEZE_REASON_MAX, &record->reason);
    if (!code)
        code = tm_json_members_str(p, root, "frozen_at", 0, TM_STAMP_LEN, &text);
    if (!code && (text.len != TM_STAMP_LEN || !tm_clock_parse(text, &record->frozen_at_s)))
        code = tm_json_members_wrong(p, root, "frozen_at");
    return code;
}

static enum tm_code get_header(const struct tm_json_members *p, const struct tm_json_node *root,
                               struct tm_freeze_record *record)
{
    const struct tm_json_node *summary = tm_json_get(root, "summary");
    enum tm_code code = check_version(p, root);

    if (!code)
        code = get_tag(p, root, record);
    if (!code)
        code = get_oid(p, root, "commit", &record->commit);
    if (!code)
        code = get_oid(p, root, "tree", &record->tree);
    if (!code)
        code = tm_json_members_str(p, root, "tool_version", 0, SIZE_MAX, &record->tool_version);
    if (!code)
        code = get_path(p, root, "meta_registry", &record->meta_registry);
    if (!code)
        code = get_trends(p, root, record);
    if (!code && (!summary || summary->kind != TM_JSON_KIND_OBJECT))
        code = tm_json_members_wrong(p, root, "summary");
    if (!code && summary)
        record->summary = tm_arena_str(p->arena, tm_str_n(p->doc->data.data + summary->at, summary->len));
    return code;
}

enum tm_code tm_freeze_record_parse(struct tm_freeze_record *record, struct tm_arena *arena, const char *name,
                                    struct tm_str data, struct tm_err *err)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_json_members p = { &doc, "a freeze record", arena, err };
    struct tm_freeze_record read = { 0 };
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
        code = get_artifacts(&p, doc.root, &read);
    if (!code)
        code = get_ledgers(&p, doc.root, &read);
    if (!code)
        code = get_previous(&p, doc.root, &read);
    if (!code)
        *record = read;
    return code;
}
