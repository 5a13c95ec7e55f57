#include "ledger/act.h"

#include "base/json_write.h"
#include "ledger/body.h"

enum { OID_HEX = 40, SET_HEX = 12 };

static void member_opt(struct tm_json_writer *w, const char *key, struct tm_str text)
{
    if (text.len)
        tm_json_member_str(w, key, text);
}

static void begin(struct tm_json_writer *w, struct tm_buf *out)
{
    tm_buf_clear(out);
    tm_json_writer_init(w, out, 0);
    tm_json_object_begin(w);
}

void tm_genesis_body(const struct tm_genesis *genesis, struct tm_buf *out)
{
    struct tm_json_writer w;

    begin(&w, out);
    tm_json_members(&w, "format", TM_LEDGER_FORMAT);
    if (genesis->adopted_bytes) {
        tm_json_key(&w, "adopted");
        tm_json_object_begin(&w);
        tm_json_member_u64(&w, "lines", genesis->adopted_lines);
        tm_json_member_u64(&w, "bytes", genesis->adopted_bytes);
        tm_hash_member(&w, "sha256", &genesis->adopted_sha256);
        tm_json_object_end(&w);
    }
    tm_json_object_end(&w);
}

static void read_adopted(struct tm_body *body, struct tm_genesis *genesis)
{
    struct tm_body in;

    tm_body_object(body, "adopted", &in);
    genesis->adopted_lines = tm_body_number(&in, "lines");
    genesis->adopted_bytes = tm_body_number(&in, "bytes");
    if (!tm_hash_parse(tm_body_hex(&in, "sha256", TM_HASH_HEX), &genesis->adopted_sha256) ||
        genesis->adopted_lines == 0 || genesis->adopted_bytes == 0)
        tm_body_refuse(body, "adopted");
    tm_body_end(&in);
}

enum tm_code tm_genesis_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                             struct tm_genesis *genesis, struct tm_err *err)
{
    struct tm_genesis read = { 0 };
    struct tm_body_fault fault;
    struct tm_body body;
    enum tm_code code = tm_body_expect(entry, TM_LEDGER_GENESIS, err);

    if (code)
        return code;
    tm_body_init(&body, entry, arena, &fault);
    if (entry->module.len)
        tm_body_refuse(&body, "module");
    if (!tm_str_is(tm_body_text(&body, "format"), TM_LEDGER_FORMAT))
        tm_body_refuse(&body, "format");
    if (tm_body_has(&body, "adopted"))
        read_adopted(&body, &read);
    code = tm_body_finish(&body, entry, err);
    if (!code)
        *genesis = read;
    return code;
}

static void put_files(struct tm_json_writer *w, const struct tm_act_file *files, size_t n)
{
    tm_json_key(w, "files");
    tm_json_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        tm_json_object_begin(w);
        tm_json_member_str(w, "path", files[i].path);
        member_opt(w, "template", files[i].template);
        member_opt(w, "sha256", files[i].sha256);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

/* Files of a scaffold (with template) or of a rollback (which may have removed some). */
static void read_files(struct tm_body *body, bool scaffold, const struct tm_act_file **files, size_t *n)
{
    struct tm_body array;
    struct tm_act_file *list;

    tm_body_array(body, "files", &array);
    *n = tm_body_count(&array);
    *files = list = tm_arena_array(body->arena, *n, sizeof(*list));
    for (size_t i = 0; i < *n; i++) {
        struct tm_body in;

        tm_body_next_object(&array, &in);
        list[i].path = tm_body_text(&in, "path");
        if (scaffold)
            list[i].template = tm_body_text(&in, "template");
        list[i].sha256 =
            scaffold ? tm_body_hex(&in, "sha256", TM_HASH_HEX) : tm_body_opt_hex(&in, "sha256", TM_HASH_HEX);
        tm_body_end(&in);
        if (list[i].path.len == 0 || (i && tm_str_cmp(list[i - 1].path, list[i].path) >= 0))
            tm_body_refuse(body, "files");
    }
}

void tm_scaffold_body(const struct tm_scaffold_act *act, struct tm_buf *out)
{
    struct tm_json_writer w;

    begin(&w, out);
    put_files(&w, act->files, act->n_files);
    member_opt(&w, "set", act->set);
    member_opt(&w, "commit", act->commit);
    tm_json_object_end(&w);
}

enum tm_code tm_scaffold_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                              struct tm_scaffold_act *act, struct tm_err *err)
{
    struct tm_body_fault fault;
    struct tm_scaffold_act read;
    struct tm_body body;
    enum tm_code code;

    if (tm_body_expect(entry, TM_LEDGER_SCAFFOLD, NULL))
        if ((code = tm_body_expect(entry, TM_LEDGER_TEST_SCAFFOLD, err)))
            return code;
    tm_body_init(&body, entry, arena, &fault);
    read_files(&body, true, &read.files, &read.n_files);
    read.set = tm_body_opt_hex(&body, "set", SET_HEX);
    read.commit = tm_body_opt_hex(&body, "commit", OID_HEX);
    code = tm_body_finish(&body, entry, err);
    if (!code)
        *act = read;
    return code;
}

static void put_pin(struct tm_json_writer *w, const struct tm_ledger_pin *pin)
{
    tm_json_object_begin(w);
    tm_json_member_str(w, "name", pin->name);
    tm_json_member_str(w, "log", pin->log);
    tm_json_member_u64(w, "entries", pin->entries);
    tm_json_member_u64(w, "max_lc", pin->max_lc);
    tm_json_key(w, "heads");
    tm_json_array_begin(w);
    for (size_t i = 0; i < pin->n_heads; i++)
        tm_hash_put(w, &pin->heads[i]);
    tm_json_array_end(w);
    tm_hash_member(w, "root", &pin->root);
    tm_json_object_end(w);
}

void tm_freeze_body(const struct tm_freeze_act *act, struct tm_buf *out)
{
    struct tm_json_writer w;

    begin(&w, out);
    tm_json_member_str(&w, "tag", act->tag);
    tm_json_member_str(&w, "kind", act->kind);
    member_opt(&w, "reason", act->reason);
    tm_json_member_str(&w, "commit", act->commit);
    tm_json_member_str(&w, "tree", act->tree);
    tm_json_member_str(&w, "record", act->record);
    tm_json_member_str(&w, "record_sha256", act->record_sha256);
    tm_json_key(&w, "ledgers");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < act->n_ledgers; i++)
        put_pin(&w, &act->ledgers[i]);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
}

static void read_heads(struct tm_body *body, struct tm_ledger_pin *pin)
{
    struct tm_body array;
    struct tm_hash *heads;

    tm_body_array(body, "heads", &array);
    pin->n_heads = tm_body_count(&array);
    pin->heads = heads = tm_arena_array(body->arena, pin->n_heads, sizeof(*heads));
    for (size_t i = 0; i < pin->n_heads; i++) {
        heads[i] = tm_body_next_hash(&array);
        if (i && tm_hash_cmp(&heads[i - 1], &heads[i]) >= 0)
            tm_body_refuse(body, "heads");
    }
    if (pin->n_heads == 0)
        tm_body_refuse(body, "heads");
}

static void read_pin(struct tm_body *array, struct tm_ledger_pin *pin)
{
    struct tm_body in;

    tm_body_next_object(array, &in);
    pin->name = tm_body_text(&in, "name");
    pin->log = tm_body_hex(&in, "log", TM_LEDGER_LOG_HEX);
    pin->entries = tm_body_number(&in, "entries");
    pin->max_lc = tm_body_number(&in, "max_lc");
    read_heads(&in, pin);
    if (!tm_hash_parse(tm_body_hex(&in, "root", TM_HASH_HEX), &pin->root))
        tm_body_refuse(&in, "root");
    tm_body_end(&in);
}

static void read_pins(struct tm_body *body, struct tm_freeze_act *act)
{
    struct tm_body array;
    struct tm_ledger_pin *pins;

    tm_body_array(body, "ledgers", &array);
    act->n_ledgers = tm_body_count(&array);
    act->ledgers = pins = tm_arena_array(body->arena, act->n_ledgers, sizeof(*pins));
    for (size_t i = 0; i < act->n_ledgers; i++) {
        read_pin(&array, &pins[i]);
        if (i && tm_str_cmp(pins[i - 1].name, pins[i].name) >= 0)
            tm_body_refuse(body, "ledgers");
    }
}

enum tm_code tm_freeze_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                            struct tm_freeze_act *act, struct tm_err *err)
{
    struct tm_body_fault fault;
    struct tm_freeze_act read;
    struct tm_body body;
    enum tm_code code = tm_body_expect(entry, TM_LEDGER_FREEZE, err);

    if (code)
        return code;
    tm_body_init(&body, entry, arena, &fault);
    read.tag = tm_body_text(&body, "tag");
    read.kind = tm_body_text(&body, "kind");
    if (!tm_str_is(read.kind, "baseline") && !tm_str_is(read.kind, "production") &&
        !tm_str_is(read.kind, "final"))
        tm_body_refuse(&body, "kind");
    read.reason = tm_body_opt_text(&body, "reason");
    read.commit = tm_body_hex(&body, "commit", OID_HEX);
    read.tree = tm_body_hex(&body, "tree", OID_HEX);
    read.record = tm_body_text(&body, "record");
    read.record_sha256 = tm_body_hex(&body, "record_sha256", TM_HASH_HEX);
    read_pins(&body, &read);
    code = tm_body_finish(&body, entry, err);
    if (!code)
        *act = read;
    return code;
}

void tm_rollback_body(const struct tm_rollback_act *act, struct tm_buf *out)
{
    struct tm_json_writer w;

    begin(&w, out);
    tm_json_member_str(&w, "tag", act->tag);
    tm_json_member_str(&w, "commit", act->commit);
    tm_json_member_str(&w, "head", act->head);
    put_files(&w, act->files, act->n_files);
    tm_json_object_end(&w);
}

enum tm_code tm_rollback_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                              struct tm_rollback_act *act, struct tm_err *err)
{
    struct tm_body_fault fault;
    struct tm_rollback_act read;
    struct tm_body body;
    enum tm_code code = tm_body_expect(entry, TM_LEDGER_ROLLBACK, err);

    if (code)
        return code;
    tm_body_init(&body, entry, arena, &fault);
    read.tag = tm_body_text(&body, "tag");
    read.commit = tm_body_hex(&body, "commit", OID_HEX);
    read.head = tm_body_hex(&body, "head", OID_HEX);
    read_files(&body, false, &read.files, &read.n_files);
    code = tm_body_finish(&body, entry, err);
    if (!code)
        *act = read;
    return code;
}
