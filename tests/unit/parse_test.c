#include "test.h"

#include "ledger/parse.h"

#define LOG   "00112233445566778899aabbccddeeff"
#define RUN   "ffeeddccbbaa99887766554433221100"
#define ID_A  "0a00000000000000000000000000000000000000000000000000000000000001"
#define ID_B  "0b00000000000000000000000000000000000000000000000000000000000002"
#define STAMP "2026-11-22T12:00:00Z"

/* The parts of an entry, so that a case can replace one. */
#define HEAD                                                                                                 \
    "{\"v\":1,\"log\":\"" LOG "\",\"lc\":17,\"prev\":[\"" ID_A "\"],\"run\":\"" RUN ".3\",\"ts\":\"" STAMP   \
    "\""
#define WITH(module, body) HEAD ",\"kind\":\"coverage\",\"module\":" module ",\"body\":" body "}"
#define BODY(body)         WITH("\"identity\"", body)
#define PREV(prev)                                                                                           \
    "{\"v\":1,\"log\":\"" LOG "\",\"lc\":17,\"prev\":" prev ",\"run\":\"" RUN ".3\",\"ts\":\"" STAMP         \
    "\",\"kind\":\"k\",\"module\":\"\",\"body\":{}}"
#define LC(lc)                                                                                               \
    "{\"v\":1,\"log\":\"" LOG "\",\"lc\":" lc ",\"prev\":[],\"run\":\"" RUN ".3\",\"ts\":\"" STAMP           \
    "\",\"kind\":\"k\",\"module\":\"\",\"body\":{}}"
#define RUN_OF(run)                                                                                          \
    "{\"v\":1,\"log\":\"" LOG "\",\"lc\":1,\"prev\":[],\"run\":\"" run "\",\"ts\":\"" STAMP                  \
    "\",\"kind\":\"k\",\"module\":\"\",\"body\":{}}"
#define TS(ts)                                                                                               \
    "{\"v\":1,\"log\":\"" LOG "\",\"lc\":1,\"prev\":[],\"run\":\"" RUN ".1\",\"ts\":\"" ts                   \
    "\",\"kind\":\"k\",\"module\":\"\",\"body\":{}}"
#define KIND(kind)                                                                                           \
    "{\"v\":1,\"log\":\"" LOG "\",\"lc\":1,\"prev\":[],\"run\":\"" RUN ".1\",\"ts\":\"" STAMP                \
    "\",\"kind\":\"" kind "\",\"module\":\"\",\"body\":{}}"

static enum tm_ledger_flaw flaw_of(struct tm_str line)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_ledger_entry entry;

    tm_ledger_parser_init(&parser);
    return tm_ledger_parse(&parser, line, &entry);
}

static void an_entry_is_read_in_all_its_parts(void **state)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_ledger_entry entry;

    tm_ledger_parser_init(&parser);
    assert_int_equal(tm_ledger_parse(&parser, TM_STR(BODY("{\"n\":1}")), &entry), TM_FLAW_NONE);
    assert_false(entry.adopted);
    assert_true(tm_str_is(entry.log, LOG));
    assert_int_equal(entry.lc, 17);
    assert_int_equal(entry.n_prev, 1);
    assert_int_equal(entry.prev[0].bytes[0], 0x0a);
    assert_int_equal(entry.prev[0].bytes[31], 1);
    assert_true(tm_str_is(entry.run, RUN ".3"));
    assert_int_equal(entry.ts_s, 1795348800); /* date -u -d 2026-11-22T12:00:00Z +%s */
    assert_true(tm_str_is(entry.kind, "coverage"));
    assert_true(tm_str_is(entry.module, "identity"));
    assert_true(tm_str_is(entry.body, "{\"n\":1}"));
}

static void a_module_name_is_unescaped(void **state)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_ledger_entry entry;

    tm_ledger_parser_init(&parser);
    assert_int_equal(tm_ledger_parse(&parser,
                                     TM_STR(WITH("\"a\\\"b\\\\\\n\\u0001\\u001fc/\x7f\xc3\xa4\"", "{}")),
                                     &entry),
                     TM_FLAW_NONE);
    assert_true(tm_str_is(entry.module, "a\"b\\\n\x01\x1f"
                                        "c/\x7f\xc3\xa4"));
}

static void what_the_grammar_allows_is_accepted(void **state)
{
    static const struct tm_str lines[] = {
        { BODY("{}"), sizeof(BODY("{}")) - 1 },
#define GOOD(line) { line, sizeof(line) - 1 }
        GOOD(BODY("{\"a\":[],\"b\":{},\"c\":\"\",\"d\":0,\"e\":9007199254740991,\"f\":true,\"g\":false}")),
        GOOD(BODY("{\"a\":[1,\"x\",[true],{\"b\":{\"a\":1}}]}")),
        GOOD(BODY("{\"a_1\":\"\\b\\f\\n\\r\\t\\\"\\\\\\u0000\\u000b\\u001f \xf0\x9f\x8c\x8a\"}")),
        GOOD(WITH("\"\"", "{}")),
        GOOD(PREV("[]")),
        GOOD(PREV("[\"" ID_A "\",\"" ID_B "\"]")),
        GOOD(LC("1")),
        GOOD(LC("9007199254740991")),
        GOOD(RUN_OF(RUN ".9007199254740991")),
        GOOD(TS("1970-01-01T00:00:00Z")),
        GOOD(TS("9999-12-31T23:59:59Z")),
        GOOD(TS("2024-02-29T00:00:00Z")),
        GOOD(KIND("a234567890123456789012345678901_")),
#undef GOOD
    };

    for (size_t i = 0; i < TM_LEN(lines); i++)
        assert_string_equal(tm_ledger_flaw_code(flaw_of(lines[i])), "none");
}

static void each_damage_has_its_name(void **state)
{
    static const struct {
        struct tm_str line;
        const char *code;
    } cases[] = {
#define BAD(line, code) { { line, sizeof(line) - 1 }, code }
        BAD("", "blank"),
        BAD("\xEF\xBB\xBF" BODY("{}"), "bom"),
        BAD("<<<<<<< HEAD", "conflict-marker"),
        BAD("||||||| base", "conflict-marker"),
        BAD("=======", "conflict-marker"),
        BAD(">>>>>>> branch", "conflict-marker"),
        BAD("\0", "nul"),
        BAD(BODY("{\"a\":\"\0\"}"), "nul"),
        BAD(BODY("{\"a\":1}\0"), "nul"),
        BAD(BODY("{}") "\0", "nul"),
        BAD(BODY("{}") "\r", "cr"),
        BAD(BODY("{\"a\":\"\r\"}"), "cr"),
        BAD("\r", "cr"),
        BAD(" " BODY("{}"), "white-space"),
        BAD(BODY("{}") " ", "white-space"),
        BAD(BODY("{ }"), "white-space"),
        BAD(BODY("{\"a\": 1}"), "white-space"),
        BAD(BODY("{\"a\":1 }"), "white-space"),
        BAD(BODY("{\"a\":[1, 2]}"), "white-space"),
        BAD(BODY("\t{}"), "white-space"),
        BAD("{ \"v\":1}", "white-space"),
        BAD("{\"v\" :1}", "white-space"),
        BAD("{\"v\":1, \"log\":\"" LOG "\"}", "white-space"),
        BAD("{\"v\":1,\"log\": \"" LOG "\"}", "white-space"),
        BAD(PREV("[ ]"), "white-space"),
        BAD(BODY("{\"a\":\"\xff\"}"), "utf8"),
        BAD(BODY("{\"a\":\"\xed\xa0\x80\"}"), "utf8"),
        BAD(WITH("\"\xc0\xaf\"", "{}"), "utf8"),
        BAD(BODY("{}") "\xff", "utf8"),
        BAD("{\"v\":2,\"log\":\"" LOG "\"}", "version"),
        BAD("{\"v\":0,\"log\":\"" LOG "\"}", "version"),
        BAD("{\"v\":1.0}", "number"),
        BAD("{\"v\":01}", "number"),
        BAD("{\"v\":\"1\"}", "syntax"),
        BAD("{\"v\":1}", "key-missing"),
        BAD("{}", "key-missing"),
        BAD("{\"v\":1,\"lc\":17,\"log\":\"" LOG "\"}", "key-order"),
        BAD("{\"log\":\"" LOG "\",\"v\":1}", "key-order"),
        BAD("{\"v\":1,\"lc\":17}", "key-missing"),
        BAD("{\"v\":1,\"log\":\"" LOG "\",\"log\":\"" LOG "\"}", "key-twice"),
        BAD("{\"v\":1,\"log\":\"" LOG "\",\"note\":1}", "key-unknown"),
        BAD("{\"v\":1,\"log\":\"" LOG "\",\"Lc\":1}", "key-unknown"),
        BAD("{\"v\":1,\"log\":\"" LOG "\",\"l\\u0063\":1}", "key-unknown"),
        BAD(HEAD "}", "key-missing"),
        BAD(HEAD ",\"kind\":\"k\",\"module\":\"\",\"body\":{},\"body\":{}}", "key-twice"),
        BAD(HEAD ",\"kind\":\"k\",\"module\":\"\",\"body\":{},\"extra\":{}}", "key-unknown"),
        BAD(BODY("{\"a\":1,\"b\":2,\"a\":3}"), "key-twice"),
        BAD(BODY("{\"x\":[{\"a\":1,\"a\":1}]}"), "key-twice"),
        BAD(BODY("{\"A\":1}"), "key-spelling"),
        BAD(BODY("{\"\":1}"), "key-spelling"),
        BAD(BODY("{\"1a\":1}"), "key-spelling"),
        BAD(BODY("{\"a b\":1}"), "key-spelling"),
        BAD(BODY("{\"a\\u0062\":1}"), "key-spelling"),
        BAD(BODY("{\"a1234567890123456789012345678901234567890123456789012345678901234\":1}"),
            "key-spelling"),
        BAD(BODY("{\"a\":-1}"), "number"),
        BAD(BODY("{\"a\":+1}"), "number"),
        BAD(BODY("{\"a\":1.5}"), "number"),
        BAD(BODY("{\"a\":.5}"), "number"),
        BAD(BODY("{\"a\":1e3}"), "number"),
        BAD(BODY("{\"a\":1E3}"), "number"),
        BAD(BODY("{\"a\":00}"), "number"),
        BAD(BODY("{\"a\":07}"), "number"),
        BAD(BODY("{\"a\":9007199254740992}"), "number"),
        BAD(BODY("{\"a\":99999999999999999999999999}"), "number"),
        BAD(LC("0"), "number"),
        BAD(LC("-1"), "number"),
        BAD(RUN_OF(RUN ".0"), "number"),
        BAD(RUN_OF(RUN ".01"), "number"),
        BAD(BODY("{\"a\":\"\\/\"}"), "escape"),
        BAD(BODY("{\"a\":\"\\u0041\"}"), "escape"),
        BAD(BODY("{\"a\":\"\\u000a\"}"), "escape"),
        BAD(BODY("{\"a\":\"\\u001F\"}"), "escape"),
        BAD(BODY("{\"a\":\"\\u00e4\"}"), "escape"),
        BAD(BODY("{\"a\":\"\\ud83c\\udf0a\"}"), "escape"),
        BAD(BODY("{\"a\":\"\\x\"}"), "escape"),
        BAD(BODY("{\"a\":\"\t\"}"), "escape"),
        BAD(BODY("{\"a\":\"\x1f\"}"), "escape"),
        BAD(BODY("{\"a\":null}"), "null"),
        BAD("{\"v\":1,\"log\":\"" LOG "0\",", "hex"),
        BAD("{\"v\":1,\"log\":\"00112233445566778899AABBCCDDEEFF\",", "hex"),
        BAD("{\"v\":1,\"log\":\"0011\",", "hex"),
        BAD(PREV("[\"0a\"]"), "hex"),
        BAD(PREV("[\"" ID_A "0\"]"), "hex"),
        BAD(RUN_OF("ff.1"), "hex"),
        BAD(TS("2026-11-22T12:00:00+00:00"), "stamp"),
        BAD(TS("2026-11-22T12:00:00.0Z"), "stamp"),
        BAD(TS("2026-11-22 12:00:00Z"), "stamp"),
        BAD(TS("2026-11-22t12:00:00z"), "stamp"),
        BAD(TS("2026-02-29T12:00:00Z"), "stamp"),
        BAD(TS("2026-11-22T24:00:00Z"), "stamp"),
        BAD(TS("2026-11-22T12:00:60Z"), "stamp"),
        BAD(TS("1969-12-31T23:59:59Z"), "stamp"),
        BAD(TS("2026-11-22"), "stamp"),
        BAD(TS("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "stamp"),
        BAD(KIND("Coverage"), "kind"),
        BAD(KIND(""), "kind"),
        BAD(KIND("a-b"), "kind"),
        BAD(KIND("a23456789012345678901234567890123"), "kind"),
        BAD(PREV("[\"" ID_B "\",\"" ID_A "\"]"), "prev-order"),
        BAD(PREV("[\"" ID_A "\",\"" ID_A "\"]"), "prev-order"),
        BAD("x", "syntax"),
        BAD("[]", "syntax"),
        BAD("{", "syntax"),
        BAD(BODY("{}") "{}", "syntax"),
        BAD(BODY("[]"), "syntax"),
        BAD(BODY("{\"a\":1,}"), "syntax"),
        BAD(BODY("{\"a\":[1,]}"), "syntax"),
        BAD(BODY("{\"a\":tru}"), "syntax"),
        BAD(BODY("{\"a\"}"), "syntax"),
        BAD(BODY("{\"a\":\"x}"), "syntax"),
        BAD(BODY("{\"a\":NaN}"), "syntax"),
        BAD(WITH("1", "{}"), "syntax"),
#undef BAD
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        const char *code = tm_ledger_flaw_code(flaw_of(cases[i].line));

        if (strcmp(code, cases[i].code) != 0)
            fail_msg("case %zu, '%.*s': '%s', not '%s'", i, TM_STR_ARG(cases[i].line), code, cases[i].code);
    }
}

static void no_line_that_is_cut_short_is_an_entry(void **state)
{
    static const char line[] = WITH("\"a\\n\"", "{\"a\":[1,{\"b\":\"\\u0001\xc3\xa4\"}],\"c\":true}");

    for (size_t n = 0; n < sizeof(line) - 1; n++) {
        /* A copy of its own, so that a reader that goes past the end is seen by ASan and valgrind. */
        char *cut = tm_alloc(n);

        memcpy(cut, line, n);
        assert_int_not_equal(flaw_of(tm_str_n(cut, n)), TM_FLAW_NONE);
        free(cut);
    }
}

static void the_place_of_the_flaw_is_told(void **state)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    static const char line[] = BODY("{\"a\":1.5}");
    struct tm_ledger_entry entry;

    tm_ledger_parser_init(&parser);
    assert_int_equal(tm_ledger_parse(&parser, tm_str(line), &entry), TM_FLAW_NUMBER);
    assert_int_equal(parser.flaw_at, strstr(line, ".5") - line);
}

static void limits_hold_at_the_limit_and_break_one_past_it(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;

    for (size_t extra = 0; extra < 2; extra++) { /* the longest line */
        static const char head[] = HEAD ",\"kind\":\"k\",\"module\":\"\",\"body\":{\"a\":\"", tail[] = "\"}}";

        tm_buf_clear(&line);
        tm_buf_adds(&line, head);
        while (line.len < TM_LEDGER_LINE_MAX - strlen(tail) + extra)
            tm_buf_addc(&line, 'x');
        tm_buf_adds(&line, tail);
        assert_int_equal(flaw_of(tm_buf_str(&line)), extra ? TM_FLAW_TOO_LONG : TM_FLAW_NONE);
    }
    for (size_t extra = 0; extra < 2; extra++) { /* nesting: the entry and its body are two */
        tm_buf_clear(&line);
        tm_buf_adds(&line, HEAD ",\"kind\":\"k\",\"module\":\"\",\"body\":{\"a\":");
        for (size_t i = 0; i < TM_LEDGER_DEPTH_MAX - 2 + extra; i++)
            tm_buf_addc(&line, '[');
        for (size_t i = 0; i < TM_LEDGER_DEPTH_MAX - 2 + extra; i++)
            tm_buf_addc(&line, ']');
        tm_buf_adds(&line, "}}");
        assert_int_equal(flaw_of(tm_buf_str(&line)), extra ? TM_FLAW_DEPTH : TM_FLAW_NONE);
    }
    for (size_t extra = 0; extra < 2; extra++) { /* members */
        tm_buf_clear(&line);
        tm_buf_adds(&line, HEAD ",\"kind\":\"k\",\"module\":\"\",\"body\":{");
        for (size_t i = 0; i < TM_LEDGER_MEMBERS_MAX + extra; i++)
            tm_buf_addf(&line, "%s\"a%zu\":1", i ? "," : "", i);
        tm_buf_adds(&line, "}}");
        assert_int_equal(flaw_of(tm_buf_str(&line)), extra ? TM_FLAW_MEMBERS : TM_FLAW_NONE);
    }
    for (size_t extra = 0; extra < 2; extra++) { /* parents */
        tm_buf_clear(&line);
        tm_buf_adds(&line, "{\"v\":1,\"log\":\"" LOG "\",\"lc\":17,\"prev\":[");
        for (size_t i = 0; i < TM_LEDGER_PREV_MAX + extra; i++)
            tm_buf_addf(&line, "%s\"%064zx\"", i ? "," : "", i);
        tm_buf_adds(&line, "],\"run\":\"" RUN ".3\",\"ts\":\"" STAMP
                           "\",\"kind\":\"k\",\"module\":\"\",\"body\":{}}");
        assert_int_equal(flaw_of(tm_buf_str(&line)), extra ? TM_FLAW_PREV_COUNT : TM_FLAW_NONE);
    }
}

static void a_body_is_checked_alone(void **state)
{
    assert_int_equal(tm_ledger_check_body(TM_STR("{}")), TM_FLAW_NONE);
    assert_int_equal(tm_ledger_check_body(TM_STR("{\"a\":1}")), TM_FLAW_NONE);
    assert_int_equal(tm_ledger_check_body(TM_STR("{\"a\":1} ")), TM_FLAW_WHITE_SPACE);
    assert_int_equal(tm_ledger_check_body(TM_STR("{\"a\":-1}")), TM_FLAW_NUMBER);
    assert_int_equal(tm_ledger_check_body(TM_STR("")), TM_FLAW_SYNTAX);
}

static void every_flaw_has_a_code_of_its_own(void **state)
{
    for (int i = 0; i < TM_FLAW_COUNT; i++) {
        assert_true(strlen(tm_ledger_flaw_text((enum tm_ledger_flaw)i)) > 3);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(tm_ledger_flaw_code((enum tm_ledger_flaw)i),
                                    tm_ledger_flaw_code((enum tm_ledger_flaw)j));
    }
}

TM_TESTS(cmocka_unit_test(an_entry_is_read_in_all_its_parts), cmocka_unit_test(a_module_name_is_unescaped),
         cmocka_unit_test(what_the_grammar_allows_is_accepted), cmocka_unit_test(each_damage_has_its_name),
         cmocka_unit_test(no_line_that_is_cut_short_is_an_entry),
         cmocka_unit_test(the_place_of_the_flaw_is_told),
         cmocka_unit_test(limits_hold_at_the_limit_and_break_one_past_it),
         cmocka_unit_test(a_body_is_checked_alone), cmocka_unit_test(every_flaw_has_a_code_of_its_own))
