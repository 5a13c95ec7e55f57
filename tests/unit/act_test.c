#include "test.h"

#include "ledger/act.h"
#include "ledger/parse.h"

#define OID    "1111111111111111111111111111111111111111"
#define TREE   "2222222222222222222222222222222222222222"
#define SHA256 "3333333333333333333333333333333333333333333333333333333333333333"
#define HEAD_A "0a00000000000000000000000000000000000000000000000000000000000000"
#define HEAD_B "0b00000000000000000000000000000000000000000000000000000000000000"
#define LOG    "00112233445566778899aabbccddeeff"

static struct tm_ledger_entry entry_of(enum tm_ledger_kind kind, struct tm_str body)
{
    return (struct tm_ledger_entry) { .line = 3, .kind = tm_str(tm_ledger_kind_name(kind)), .body = body };
}

static void a_genesis_records_what_was_adopted(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_genesis genesis = { 0 }, read;
    struct tm_ledger_entry entry;

    tm_genesis_body(&genesis, &out);
    assert_string_equal(out.data, "{\"format\":\"tidemark-ledger/1\"}");
    genesis = (struct tm_genesis) { 5, 412, { { 0xab } } };
    tm_genesis_body(&genesis, &out);
    assert_string_equal(out.data,
                        "{\"format\":\"tidemark-ledger/1\",\"adopted\":{\"lines\":5,\"bytes\":412,\"sha256\":"
                        "\"ab00000000000000000000000000000000000000000000000000000000000000\"}}");
    entry = entry_of(TM_LEDGER_GENESIS, tm_buf_str(&out));
    assert_ok(&err, tm_genesis_read(&entry, &arena, &read, &err));
    assert_memory_equal(&read, &genesis, sizeof(read));
}

static void files_that_were_created_are_read_as_they_were_spelled(void **state)
{
    static const struct tm_act_file files[] = {
        { TM_STR("a/README.md"), TM_STR("module/README.md"), TM_STR(SHA256) },
        { TM_STR("a/tests/it's \"odd\".py"), TM_STR("tests/python/test_smoke.py"), TM_STR(SHA256) },
    };
    static const enum tm_ledger_kind kinds[] = { TM_LEDGER_SCAFFOLD, TM_LEDGER_TEST_SCAFFOLD };

    for (size_t i = 0; i < TM_LEN(kinds); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_scaffold_act act = { files, 2, i ? TM_STR("0123456789ab") : TM_STR(""),
                                       i ? TM_STR(OID) : TM_STR("") },
                               read;
        struct tm_ledger_entry entry;

        tm_scaffold_body(&act, &out);
        assert_int_equal(tm_ledger_check_body(tm_buf_str(&out)), TM_FLAW_NONE);
        entry = entry_of(kinds[i], tm_buf_str(&out));
        assert_ok(&err, tm_scaffold_read(&entry, &arena, &read, &err));
        assert_int_equal(read.n_files, 2);
        assert_true(tm_str_eq(read.files[1].path, files[1].path));
        assert_true(tm_str_eq(read.files[0].template, files[0].template));
        assert_true(tm_str_is(read.files[1].sha256, SHA256));
        assert_true(tm_str_eq(read.set, act.set));
        assert_true(tm_str_eq(read.commit, act.commit));
    }
}

static void a_freeze_is_read_as_it_was_spelled(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    static const struct tm_hash heads[] = { { { 0x0a } }, { { 0x0b } } };
    static const struct tm_ledger_pin pins[] = {
        { TM_STR("bench"), TM_STR(LOG), 2, 2, heads, 1, { { 0xcc } } },
        { TM_STR("coverage"), TM_STR(LOG), 130, 129, heads, 2, { { 0xdd } } },
    };
    struct tm_freeze_act act = {
        .tag = TM_STR("v0.02-prod"),
        .kind = TM_STR("production"),
        .reason = TM_STR("all green"),
        .commit = TM_STR(OID),
        .tree = TM_STR(TREE),
        .record = TM_STR("docs/_generated/PRODUCTION_FREEZE.json"),
        .record_sha256 = TM_STR(SHA256),
        .ledgers = pins,
        .n_ledgers = 2,
    };
    struct tm_freeze_act read;
    struct tm_ledger_entry entry;

    tm_freeze_body(&act, &out);
    assert_string_equal(
        out.data, "{\"tag\":\"v0.02-prod\",\"kind\":\"production\",\"reason\":\"all green\",\"commit\":\"" OID
                  "\",\"tree\":\"" TREE
                  "\",\"record\":\"docs/_generated/PRODUCTION_FREEZE.json\",\"record_sha256\":\"" SHA256
                  "\",\"ledgers\":[{\"name\":\"bench\",\"log\":\"" LOG
                  "\",\"entries\":2,\"max_lc\":2,\"heads\":[\"" HEAD_A
                  "\"],\"root\":\"cc00000000000000000000000000000000000000000000000000000000000000\"},"
                  "{\"name\":\"coverage\",\"log\":\"" LOG
                  "\",\"entries\":130,\"max_lc\":129,\"heads\":[\"" HEAD_A "\",\"" HEAD_B
                  "\"],\"root\":\"dd00000000000000000000000000000000000000000000000000000000000000\"}]}");
    assert_int_equal(tm_ledger_check_body(tm_buf_str(&out)), TM_FLAW_NONE);
    entry = entry_of(TM_LEDGER_FREEZE, tm_buf_str(&out));
    assert_ok(&err, tm_freeze_read(&entry, &arena, &read, &err));
    assert_true(tm_str_eq(read.tag, act.tag));
    assert_true(tm_str_eq(read.reason, act.reason));
    assert_int_equal(read.n_ledgers, 2);
    assert_int_equal(read.ledgers[1].entries, 130);
    assert_int_equal(read.ledgers[1].n_heads, 2);
    assert_memory_equal(read.ledgers[1].heads, heads, sizeof(heads));
    assert_memory_equal(&read.ledgers[0].root, &pins[0].root, sizeof(pins[0].root));
}

static void a_rollback_is_read_as_it_was_spelled(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    static const struct tm_act_file files[] = { { .path = TM_STR("gone.md") },
                                                { .path = TM_STR("kept.md"), .sha256 = TM_STR(SHA256) } };
    struct tm_rollback_act act = { TM_STR("v1"), TM_STR(OID), TM_STR(TREE), files, 2 }, read;
    struct tm_ledger_entry entry;

    tm_rollback_body(&act, &out);
    assert_string_equal(out.data,
                        "{\"tag\":\"v1\",\"commit\":\"" OID "\",\"head\":\"" TREE
                        "\",\"files\":[{\"path\":\"gone.md\"},{\"path\":\"kept.md\",\"sha256\":\"" SHA256
                        "\"}]}");
    entry = entry_of(TM_LEDGER_ROLLBACK, tm_buf_str(&out));
    assert_ok(&err, tm_rollback_read(&entry, &arena, &read, &err));
    assert_int_equal(read.n_files, 2);
    assert_int_equal(read.files[0].sha256.len, 0);
    assert_true(tm_str_is(read.files[1].sha256, SHA256));
}

static enum tm_code read_as(enum tm_ledger_kind kind, const char *body, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_ledger_entry entry = entry_of(kind, tm_str(body));
    struct tm_scaffold_act scaffold;
    struct tm_freeze_act freeze;
    struct tm_rollback_act rollback;
    struct tm_genesis genesis;

    if (kind == TM_LEDGER_GENESIS)
        return tm_genesis_read(&entry, &arena, &genesis, err);
    if (kind == TM_LEDGER_SCAFFOLD)
        return tm_scaffold_read(&entry, &arena, &scaffold, err);
    if (kind == TM_LEDGER_FREEZE)
        return tm_freeze_read(&entry, &arena, &freeze, err);
    return tm_rollback_read(&entry, &arena, &rollback, err);
}

#define FREEZE(ledgers)                                                                                      \
    "{\"tag\":\"t\",\"kind\":\"final\",\"commit\":\"" OID "\",\"tree\":\"" TREE                              \
    "\",\"record\":\"r\",\"record_sha256\":\"" SHA256 "\",\"ledgers\":" ledgers "}"
#define PIN(name, heads)                                                                                     \
    "{\"name\":\"" name "\",\"log\":\"" LOG "\",\"entries\":1,\"max_lc\":1,\"heads\":" heads                 \
    ",\"root\":\"" SHA256 "\"}"

static void a_wrong_body_is_refused(void **state)
{
    static const struct {
        enum tm_ledger_kind kind;
        const char *body, *message; /* NULL: it is fine */
    } cases[] = {
        { TM_LEDGER_GENESIS, "{\"format\":\"tidemark-ledger/1\"}", NULL },
        { TM_LEDGER_GENESIS, "{\"format\":\"tidemark-ledger/2\"}", "'format'" },
        { TM_LEDGER_GENESIS, "{}", "'format'" },
        { TM_LEDGER_GENESIS, "{\"format\":\"tidemark-ledger/1\",\"adopted\":{}}", "'lines'" },
        { TM_LEDGER_GENESIS,
          "{\"format\":\"tidemark-ledger/1\",\"adopted\":{\"lines\":0,\"bytes\":1,\"sha256\":\"" SHA256
          "\"}}",
          "'adopted'" },
        { TM_LEDGER_SCAFFOLD, "{\"files\":[]}", NULL },
        { TM_LEDGER_SCAFFOLD, "{}", "'files'" },
        { TM_LEDGER_SCAFFOLD, "{\"files\":{}}", "'files'" },
        { TM_LEDGER_SCAFFOLD, "{\"files\":[1]}", "unknown or misplaced" },
        { TM_LEDGER_SCAFFOLD, "{\"files\":[{\"path\":\"a\",\"sha256\":\"" SHA256 "\"}]}", "'template'" },
        { TM_LEDGER_SCAFFOLD, "{\"files\":[{\"path\":\"a\",\"template\":\"t\"}]}", "'sha256'" },
        { TM_LEDGER_SCAFFOLD,
          "{\"files\":[{\"path\":\"b\",\"template\":\"t\",\"sha256\":\"" SHA256
          "\"},{\"path\":\"a\",\"template\":\"t\",\"sha256\":\"" SHA256 "\"}]}",
          "'files'" },
        { TM_LEDGER_SCAFFOLD,
          "{\"files\":[{\"path\":\"a\",\"template\":\"t\",\"sha256\":\"" SHA256 "\",\"x\":1}]}",
          "unknown or misplaced" },
        { TM_LEDGER_SCAFFOLD, "{\"files\":[],\"commit\":\"\"}", "'commit'" },
        { TM_LEDGER_FREEZE, FREEZE("[]"), NULL },
        { TM_LEDGER_FREEZE, FREEZE("[" PIN("a", "[\"" HEAD_A "\",\"" HEAD_B "\"]") "]"), NULL },
        { TM_LEDGER_FREEZE, FREEZE("[" PIN("a", "[]") "]"), "'heads'" },
        { TM_LEDGER_FREEZE, FREEZE("[" PIN("a", "[\"" HEAD_B "\",\"" HEAD_A "\"]") "]"), "'heads'" },
        { TM_LEDGER_FREEZE, FREEZE("[" PIN("a", "[1]") "]"), "unknown or misplaced" },
        { TM_LEDGER_FREEZE, FREEZE("[" PIN("b", "[\"" HEAD_A "\"]") "," PIN("a", "[\"" HEAD_A "\"]") "]"),
          "'ledgers'" },
        { TM_LEDGER_FREEZE, "{\"tag\":\"t\",\"kind\":\"draft\"}", "'kind'" },
        { TM_LEDGER_ROLLBACK, "{\"tag\":\"t\",\"commit\":\"" OID "\",\"files\":[]}", "'head'" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        enum tm_code code = read_as(cases[i].kind, cases[i].body, &err);

        assert_int_equal(tm_ledger_check_body(tm_str(cases[i].body)), TM_FLAW_NONE);
        assert_int_equal(code, cases[i].message ? TM_E_FORMAT : TM_OK);
        if (code && !strstr(err.msg, cases[i].message))
            fail_msg("case %zu: '%s' does not say '%s'", i, err.msg, cases[i].message);
    }
}

static void each_reader_takes_its_kind_only(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_entry entry = entry_of(TM_LEDGER_COVERAGE, TM_STR("{\"files\":[]}"));
    struct tm_scaffold_act act;

    assert_fails(&err, TM_E_FORMAT, tm_scaffold_read(&entry, &arena, &act, &err));
    entry.kind = TM_STR("scaffold");
    entry.adopted = true;
    assert_fails(&err, TM_E_FORMAT, tm_scaffold_read(&entry, &arena, &act, &err));
}

TM_TESTS(cmocka_unit_test(a_genesis_records_what_was_adopted),
         cmocka_unit_test(files_that_were_created_are_read_as_they_were_spelled),
         cmocka_unit_test(a_freeze_is_read_as_it_was_spelled),
         cmocka_unit_test(a_rollback_is_read_as_it_was_spelled), cmocka_unit_test(a_wrong_body_is_refused),
         cmocka_unit_test(each_reader_takes_its_kind_only))
