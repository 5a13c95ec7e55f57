/* Ledgers made of few lines, spelled by the ledger's own writer; what a version names is counted by hand. */
#include "consistency/ledger_text.h"
#include "ledger/spell.h"
#include "test.h"

static void add_entry(struct tm_buf *out, uint64_t lc, const char *module, const char *blob)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
    struct tm_hash prev = { { 1 } };
    struct tm_ledger_entry entry = {
        .log = TM_STR("00112233445566778899aabbccddeeff"),
        .lc = lc,
        .prev = &prev,
        .n_prev = lc > 1,
        .run = TM_STR("00112233445566778899aabbccddeeff.1"),
        .kind = lc > 1 ? TM_STR("coverage") : TM_STR("genesis"),
        .module = tm_str(module),
    };

    tm_buf_addf(&body, "{\"evidence\":\"no_data\",\"dirty\":false");
    if (blob)
        tm_buf_addf(&body, ",\"manifest_blob\":\"%s\"", blob);
    tm_buf_adds(&body, "}");
    entry.body = tm_buf_str(&body);
    tm_ledger_spell(&entry, out);
    tm_buf_addc(out, '\n');
}

#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"
#define SIX "6666666666666666666666666666666666666666"

static bool add_name(void *ctx, struct tm_str module)
{
    tm_buf_addf(ctx, "%.*s ", TM_STR_ARG(module));
    return false;
}

static void assert_names(const struct tm_ledger_text *text, uint64_t size, const char *blob,
                         const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_text_version version = { text, size, false };
    struct tm_git_id id;

    assert_true(tm_git_id_parse(&id, tm_str(blob)));
    assert_false(tm_text_version_names(&version, &id, add_name, &got));
    assert_string_equal(got.data, expected);
}

static bool add_clock(void *ctx, const struct tm_ledger_entry *entry)
{
    tm_buf_addf(ctx, "%d ", entry->adopted ? -1 : (int)entry->lc);
    return entry->lc == 2;
}

static void assert_entries(const struct tm_ledger_text *text, uint64_t size, const char *module,
                           const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_text_version version = { text, size, false };

    tm_text_version_entries(&version, tm_str(module), add_clock, &got);
    assert_string_equal(got.data, expected);
}

static void a_version_names_what_stands_in_its_bytes(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
    struct tm_ledger_text TM_CLEANUP(tm_ledger_text_release) text;
    size_t two, three, four;

    add_entry(&content, 1, "", NULL);
    add_entry(&content, 2, "ring", ONE);
    two = content.len;
    add_entry(&content, 3, "fork \"\n\"", ONE); /* a name with escapes */
    three = content.len;
    add_entry(&content, 4, "ring", TWO);
    four = content.len;
    add_entry(&content, 5, "ring", NULL);
    assert_true(tm_ledger_text_read(&text, NULL, 0, &content));
    assert_names(&text, four, ONE, "fork \"\n\" ring ");
    assert_names(&text, three - 1, ONE, "ring ");
    assert_names(&text, two, ONE, "ring ");
    assert_names(&text, two - 1, ONE, "");
    assert_names(&text, three, TWO, "");
    assert_names(&text, four, TWO, "ring ");
    assert_names(&text, four, SIX, "");
    assert_names(NULL, 0, ONE, "");
    assert_entries(&text, UINT64_MAX, "ring", "5 4 2 ");
    assert_entries(&text, three, "ring", "2 ");
    assert_entries(&text, UINT64_MAX, "fork \"\n\"", "3 ");
    assert_entries(&text, UINT64_MAX, "fork", "");
}

static void a_branch_shares_what_it_has_in_common(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) other = TM_BUF_INIT;
    struct tm_ledger_text TM_CLEANUP(tm_ledger_text_release) base;
    struct tm_ledger_text TM_CLEANUP(tm_ledger_text_release) text;
    struct tm_str pieces[2];
    uint64_t common;
    size_t shared;

    add_entry(&content, 1, "", NULL);
    add_entry(&content, 2, "ring", ONE);
    shared = content.len;
    tm_buf_add_str(&other, tm_buf_str(&content));
    add_entry(&content, 3, "fork", TWO);
    add_entry(&other, 3, "fork", SIX); /* the lines begin alike */
    assert_true(tm_ledger_text_read(&base, NULL, 0, &content));
    common = tm_ledger_text_common(&base, tm_buf_str(&other));
    assert_int_equal(common, shared);
    assert_true(tm_ledger_text_read(&text, &base, common, &other));
    assert_names(&text, UINT64_MAX, ONE, "ring ");
    assert_names(&text, UINT64_MAX, TWO, "");
    assert_names(&text, UINT64_MAX, SIX, "fork ");
    assert_names(&text, shared, SIX, "");
    assert_names(&base, UINT64_MAX, SIX, "");
    assert_entries(&text, UINT64_MAX, "fork", "3 ");
    assert_int_equal(tm_ledger_text_pieces(&text, shared + 5, pieces), 2);
    assert_true(pieces[0].len == shared && pieces[1].len == 5);
    assert_int_equal(tm_ledger_text_pieces(&text, 7, pieces), 2);
    assert_true(pieces[0].len == 7 && pieces[1].len == 0);
    assert_int_equal(tm_ledger_text_pieces(&base, 7, pieces), 1);
}

static const struct {
    const char *what, *before, *behind; /* of genesis */
    bool fine;
} texts[] = {
    { "a ledger", "", "", true },
    { "adopted lines and blank ones", "{\"module\":\"ring\"}\n\n {} \n", "", true },
    { "an adopted line that is no object", "[]\n", "", false },
    { "an unchained line behind an entry", "", "{}\n", false },
    { "a blank line behind an entry", "", "\n", false },
    { "a torn end", "", "{\"v\":1", false },
    { "a conflict", "", "=======\n", false },
    { "an entry of another version", "{\"v\":2}\n", "", false },
};

static void a_line_that_is_none_damages_the_text(void **state)
{
    for (size_t i = 0; i < TM_LEN(texts); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
        struct tm_ledger_text TM_CLEANUP(tm_ledger_text_release) text;

        tm_buf_adds(&content, texts[i].before);
        add_entry(&content, 1, "", NULL);
        tm_buf_adds(&content, texts[i].behind);
        if (tm_ledger_text_read(&text, NULL, 0, &content) != texts[i].fine)
            fail_msg("%s", texts[i].what);
        if (i == 1)
            assert_entries(&text, UINT64_MAX, "ring", "-1 ");
    }
}

/* What stands behind a shared part is judged by what that part has. */
static void a_tail_of_unchained_lines_is_fine_behind_unchained_lines_only(void **state)
{
    for (int chained = 0; chained < 2; chained++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) other = TM_BUF_INIT;
        struct tm_ledger_text TM_CLEANUP(tm_ledger_text_release) base;
        struct tm_ledger_text TM_CLEANUP(tm_ledger_text_release) text;
        uint64_t common;

        tm_buf_adds(&content, "{\"module\":\"a\"}\n");
        if (chained)
            add_entry(&content, 1, "", NULL);
        tm_buf_add_str(&other, tm_buf_str(&content));
        tm_buf_adds(&other, "{\"module\":\"b\"}\n");
        assert_true(tm_ledger_text_read(&base, NULL, 0, &content));
        common = tm_ledger_text_common(&base, tm_buf_str(&other));
        assert_int_equal(tm_ledger_text_read(&text, &base, common, &other), !chained);
    }
}

TM_TESTS(cmocka_unit_test(a_version_names_what_stands_in_its_bytes),
         cmocka_unit_test(a_branch_shares_what_it_has_in_common),
         cmocka_unit_test(a_line_that_is_none_damages_the_text),
         cmocka_unit_test(a_tail_of_unchained_lines_is_fine_behind_unchained_lines_only))
