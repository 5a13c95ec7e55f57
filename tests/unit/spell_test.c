#include "test.h"

#include "ledger/parse.h"
#include "ledger/spell.h"

static const char genesis[] =
    "{\"v\":1,\"log\":\"00112233445566778899aabbccddeeff\",\"lc\":1,\"prev\":[],"
    "\"run\":\"ffeeddccbbaa99887766554433221100.1\",\"ts\":\"2026-11-22T12:00:00Z\",\"kind\":\"genesis\","
    "\"module\":\"\",\"body\":{\"format\":\"tidemark-ledger/1\"}}";
/* printf %s '<the line above>' | sha256sum */
static const char genesis_id[] = "e5f6f72ced10842f2b56d16edad107cdadd1e1d10e4be9a532ebd8e3f3ffcb9b";

static struct tm_ledger_entry sample(void)
{
    return (struct tm_ledger_entry) {
        .log = TM_STR("00112233445566778899aabbccddeeff"),
        .lc = 1,
        .run = TM_STR("ffeeddccbbaa99887766554433221100.1"),
        .ts_s = 1795348800,
        .kind = TM_STR("genesis"),
        .module = TM_STR(""),
        .body = TM_STR("{\"format\":\"tidemark-ledger/1\"}"),
    };
}

static void an_entry_has_one_spelling(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_ledger_entry entry = sample();

    tm_ledger_spell(&entry, &out);
    assert_string_equal(out.data, genesis);
}

static void an_id_is_what_sha256sum_says_of_the_line(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_hash id = tm_hash_of(tm_str(genesis));

    tm_hash_add_hex(&hex, &id);
    assert_string_equal(hex.data, genesis_id);
}

static void what_is_spelled_reads_as_the_same_entry(void **state)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
    struct tm_hash prev[] = { { { 1 } }, { { 2 } } };
    struct tm_ledger_entry entry = sample(), read;

    entry.prev = prev;
    entry.n_prev = 2;
    entry.lc = TM_LEDGER_NUMBER_MAX;
    entry.module = TM_STR("a \"quoted\"\\\n\x01 \xe2\x80\xa8 name");
    tm_ledger_spell(&entry, &out);
    tm_ledger_parser_init(&parser);
    assert_int_equal(tm_ledger_parse(&parser, tm_buf_str(&out), &read), TM_FLAW_NONE);
    assert_true(tm_str_eq(read.module, entry.module));
    assert_int_equal(read.lc, entry.lc);
    assert_memory_equal(read.prev, prev, sizeof(prev));
    tm_ledger_spell(&read, &again);
    assert_string_equal(again.data, out.data);
}

static void kinds_have_the_names_of_the_format(void **state)
{
    static const char *const names[] = { "genesis",       "coverage", "bench",   "scaffold",
                                         "test_scaffold", "freeze",   "rollback" };

    for (size_t i = 0; i < TM_LEN(names); i++)
        assert_string_equal(tm_ledger_kind_name((enum tm_ledger_kind)i), names[i]);
}

TM_TESTS(cmocka_unit_test(an_entry_has_one_spelling),
         cmocka_unit_test(an_id_is_what_sha256sum_says_of_the_line),
         cmocka_unit_test(what_is_spelled_reads_as_the_same_entry),
         cmocka_unit_test(kinds_have_the_names_of_the_format))
