#include "ledger/spell.h"

#include "base/json_write.h"

static const char *const kind_names[] = {
    [TM_LEDGER_GENESIS] = "genesis",
    [TM_LEDGER_COVERAGE] = "coverage",
    [TM_LEDGER_BENCH] = "bench",
    [TM_LEDGER_SCAFFOLD] = "scaffold",
    [TM_LEDGER_TEST_SCAFFOLD] = "test_scaffold",
    [TM_LEDGER_FREEZE] = "freeze",
    [TM_LEDGER_ROLLBACK] = "rollback",
};

const char *tm_ledger_kind_name(enum tm_ledger_kind kind)
{
    return kind_names[kind];
}

void tm_ledger_spell(const struct tm_ledger_entry *entry, struct tm_buf *out)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 0);
    tm_json_object_begin(&w);
    tm_json_member_u64(&w, "v", 1);
    tm_json_member_str(&w, "log", entry->log);
    tm_json_member_u64(&w, "lc", entry->lc);
    tm_json_key(&w, "prev");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < entry->n_prev; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

        tm_hash_add_hex(&hex, &entry->prev[i]);
        tm_json_put_str(&w, tm_buf_str(&hex));
    }
    tm_json_array_end(&w);
    tm_json_member_str(&w, "run", entry->run);
    tm_json_key(&w, "ts");
    tm_json_put_stamp(&w, entry->ts_s);
    tm_json_member_str(&w, "kind", entry->kind);
    tm_json_member_str(&w, "module", entry->module);
    tm_json_key(&w, "body");
    tm_json_put_raw(&w, entry->body);
    tm_json_object_end(&w);
}
