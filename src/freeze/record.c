#include "freeze/record.h"

#include "base/json_write.h"

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

static void put_artifact(struct tm_json_writer *w, const struct tm_frozen_file *file)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) mode = TM_BUF_INIT;

    tm_buf_addf(&mode, "%o", file->mode);
    tm_json_object_begin(w);
    tm_json_member_str(w, "path", file->path);
    tm_json_member_u64(w, "size", file->size);
    tm_json_member_str(w, "mode", tm_buf_str(&mode));
    tm_hash_member(w, "sha256", &file->sha256);
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
    for (size_t i = 0; i < ledger->n_heads; i++)
        tm_hash_put(w, &ledger->heads[i]);
    tm_json_array_end(w);
    tm_json_member_u64(w, "max_lc", ledger->max_lc);
    if (ledger->has_root)
        tm_hash_member(w, "root", &ledger->root);
    tm_hash_member(w, "sha256", &ledger->sha256);
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

static void put_header(struct tm_json_writer *w, const struct tm_freeze_record *record)
{
    tm_json_members(w, "schema_version", "1.0.0");
    tm_json_member_str(w, "tag", record->tag);
    tm_json_members(w, "kind", tm_freeze_kind_name(record->kind));
    if (record->reason.len)
        tm_json_member_str(w, "reason", record->reason);
    tm_json_key(w, "frozen_at");
    tm_json_put_stamp(w, record->frozen_at_s);
    tm_json_members(w, "commit", record->commit.hex);
    tm_json_members(w, "tree", record->tree.hex);
    tm_json_member_str(w, "tool_version", record->tool_version);
    tm_json_member_str(w, "meta_registry", record->meta_registry);
    tm_json_key(w, "trends");
    tm_json_array_begin(w);
    for (size_t i = 0; i < TM_LEN(record->trends); i++)
        tm_json_put_str(w, record->trends[i]);
    tm_json_array_end(w);
    put_summary(w, record->summary);
}

static void put_previous(struct tm_json_writer *w, const struct tm_freeze_record *record)
{
    tm_json_key(w, "previous");
    if (!record->has_previous) {
        tm_json_put_null(w);
        return;
    }
    tm_json_object_begin(w);
    tm_json_member_str(w, "tag", record->previous_tag);
    tm_hash_member(w, "record_sha256", &record->previous_record);
    tm_json_object_end(w);
}

void tm_freeze_record_spell(const struct tm_freeze_record *record, struct tm_buf *out)
{
    struct tm_json_writer w;

    tm_buf_clear(out);
    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    put_header(&w, record);
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
    put_previous(&w, record);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}
