#include "ledger_place.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "ledger/observation.h"
#include "ledger/parse.h"
#include "ledger/spell.h"

/* The modules of what is visited, comma after each; adopted ones in brackets. */
static enum tm_code list(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    tm_buf_addf(ctx, entry->adopted ? "[%.*s]," : "%.*s,", TM_STR_ARG(entry->module));
    return TM_OK;
}

static void assert_listed(struct place *place, const char *expected)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) read = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) scanned = TM_BUF_INIT;

    assert_ok(&err, tm_ledger_read(&place->file, list, &read, NULL, &err));
    assert_string_equal(read.data, expected);
    assert_ok(&err, tm_ledger_scan(&place->file, list, &scanned, &err));
    assert_string_equal(scanned.data, expected);
}

static void assert_damaged(struct place *place, const char *message)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_fails(&err, TM_E_FORMAT, tm_ledger_read(&place->file, NULL, NULL, NULL, &err));
    if (!strstr(err.msg, message))
        fail_msg("'%s' does not say '%s'", err.msg, message);
}

/* Line i (from 0) of text, with its LF. */
static struct tm_str line_of(const struct tm_buf *text, size_t i)
{
    struct tm_str rest = tm_buf_str(text), line = TM_STR("");

    for (size_t at = 0; at <= i; at++)
        assert_true(tm_str_split(&rest, '\n', &line));
    return tm_str_n(line.data, line.len + 1);
}

static void a_missing_ledger_is_an_empty_one(void **state)
{
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };

    assert_listed(*state, "");
    read_state(*state, &s);
    assert_int_equal(s.entries, 0);
    assert_int_equal(s.n_heads, 0);
    assert_string_equal(s.log, "");
    put(*state, "");
    assert_listed(*state, "");
}

static void the_first_append_begins_the_ledger(void **state)
{
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_ledger_entry entry;
    struct tm_hash genesis, whole;
    struct tm_str line;

    struct tm_hash id = append(*state, "a");

    assert_listed(*state, ",a,");
    read_state(*state, &s);
    assert_int_equal(s.entries, 2);
    assert_int_equal(s.lines, 2);
    assert_int_equal(s.max_lc, 2);
    assert_int_equal(s.adopted_lines, 0);
    assert_int_equal(s.n_heads, 1);
    assert_memory_equal(&s.heads[0], &id, sizeof(id));
    assert_int_equal(strlen(s.log), TM_LEDGER_LOG_HEX);
    get(*state, &text);
    assert_int_equal(s.bytes, text.len);
    whole = tm_hash_of(tm_buf_str(&text));
    assert_memory_equal(&s.sha256, &whole, sizeof(whole));

    line = line_of(&text, 0);
    genesis = tm_hash_of(tm_str_n(line.data, line.len - 1));
    line = line_of(&text, 1);
    tm_ledger_parser_init(&parser);
    assert_int_equal(tm_ledger_parse(&parser, tm_str_n(line.data, line.len - 1), &entry), TM_FLAW_NONE);
    assert_int_equal(entry.lc, 2);
    assert_int_equal(entry.n_prev, 1);
    assert_memory_equal(entry.prev, &genesis, sizeof(genesis));
    assert_int_equal(entry.ts_s, STAMP);
}

static void entries_of_one_call_are_chained_and_numbered(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_ledger_draft drafts[] = { draft_of("a"), draft_of("b"), draft_of("c") };
    struct tm_ledger_run run;
    struct tm_hash ids[3];

    tm_ledger_run_init(&run);
    assert_ok(&err, tm_ledger_append(&place->file, &run, STAMP, drafts, 3, ids, &err));
    assert_int_equal(run.count, 4);
    assert_listed(place, ",a,b,c,");
    read_state(place, &s);
    assert_int_equal(s.n_heads, 1);
    assert_memory_equal(&s.heads[0], &ids[2], sizeof(ids[2]));
    get(place, &text);
    for (int i = 0; i < 4; i++) {
        char nonce[64];

        snprintf(nonce, sizeof(nonce), "\"run\":\"%s.%d\"", run.id, i + 1);
        assert_non_null(strstr(text.data, nonce));
    }
    assert_ok(&err, tm_ledger_append(&place->file, &run, STAMP, drafts, 0, NULL, &err));
    assert_int_equal(run.count, 4);
}

static void what_was_there_is_adopted_byte_for_byte(void **state)
{
    static const char old[] = "{\"ts\":\"2025-10-05T11:11:15Z\",\"module\":\"a\",\"coverage\":36.5}\n"
                              "\n"
                              " {\"module\": \"b\", \"date\": \"2025-10-05\", \"n\": null} \r\n";
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_hash prefix = tm_hash_of(tm_str(old));

    put(*state, old);
    assert_listed(*state, "[a],[b],");
    append(*state, "c");
    assert_listed(*state, "[a],[b],,c,");
    get(*state, &text);
    assert_memory_equal(text.data, old, sizeof(old) - 1);
    assert_non_null(strstr(text.data, "\"adopted\":{\"lines\":3,\"bytes\":"));
    read_state(*state, &s);
    assert_int_equal(s.adopted_lines, 3);
    assert_int_equal(s.adopted_bytes, sizeof(old) - 1);
    assert_memory_equal(&s.adopted_sha256, &prefix, sizeof(prefix));
}

static void an_adopted_line_without_its_end_gets_it(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    put(place, "{\"module\":\"a\"}\n{\"module\":\"b\"}");
    assert_damaged(place, "no line feed at line 2");
    append(place, "c");
    assert_listed(place, "[a],[b],,c,");
    get(place, &text);
    assert_memory_equal(text.data, "{\"module\":\"a\"}\n{\"module\":\"b\"}\n{\"v\":1,", 37);
}

static void what_is_no_ledger_is_not_adopted(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "module,coverage\n", "neither an entry nor a JSON object at line 1 of '" PATH "'" },
        { "{\"module\":\"a\"}\n[1]\n", "neither an entry nor a JSON object at line 2" },
        { "{\"module\":\"a\"}\n{\"module\":\n", "neither an entry nor a JSON object at line 2" },
        { "{\"module\":\"a\"}\n{\"modu", "neither an entry nor a JSON object at line 2" },
        { "\xEF\xBB\xBF{\"module\":\"a\"}\n", "byte order mark at line 1" },
        { "{\"module\":\"a\"}\n<<<<<<< HEAD\n{\"module\":\"b\"}\n",
          "conflict marker of an unfinished merge at line 2" },
        { "{\"module\":\"a\",\"v\":1}\n", "fields out of order at line 1" },
        { "{\"module\":\"a\",\"module\":\"b\"}\n", "neither an entry nor a JSON object at line 1" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct place *place = *state;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_ledger_draft draft = draft_of("x");
        struct tm_ledger_run run;

        put(place, cases[i].text);
        assert_damaged(place, cases[i].message);
        tm_ledger_run_init(&run);
        assert_fails(&err, TM_E_FORMAT, tm_ledger_append(&place->file, &run, STAMP, &draft, 1, NULL, &err));
        get(place, &text);
        assert_string_equal(text.data, cases[i].text);
    }
}

static void compose_gives_what_an_append_would_write(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) composed = TM_BUF_INIT;
    struct tm_ledger_draft draft = draft_of("b");
    struct tm_ledger_run run, same;

    append(place, "a");
    get(place, &before);
    tm_ledger_run_init(&run);
    same = run;
    assert_ok(&err, tm_ledger_compose(&place->file, &run, STAMP, &draft, 1, &composed, NULL, &err));
    get(place, &after);
    assert_string_equal(after.data, before.data);
    assert_ok(&err, tm_ledger_append(&place->file, &same, STAMP, &draft, 1, NULL, &err));
    get(place, &after);
    assert_string_equal(after.data, composed.data);
}

static void a_draft_that_cannot_be_spelled_changes_nothing(void **state)
{
    static char huge[TM_LEDGER_LINE_MAX];
    struct {
        struct tm_ledger_draft draft;
        enum tm_code code;
    } cases[] = {
        { { TM_LEDGER_COVERAGE, TM_STR("a\xff"), TM_STR("{}") }, TM_E_FORMAT },
        { { TM_LEDGER_COVERAGE, TM_STR("a"), TM_STR("{\"n\": 1}") }, TM_E_FORMAT },
        { { TM_LEDGER_COVERAGE, TM_STR("a"), TM_STR("{\"n\":9007199254740992}") }, TM_E_FORMAT },
        { { TM_LEDGER_COVERAGE, TM_STR("a"), TM_STR("{},\"x\":{}") }, TM_E_FORMAT },
        { { TM_LEDGER_COVERAGE, TM_STR("a"), TM_STR("") }, TM_E_FORMAT },
        { { TM_LEDGER_COVERAGE, { huge, sizeof(huge) }, TM_STR("{}") }, TM_E_LIMIT },
    };

    memset(huge, 'x', sizeof(huge));
    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct place *place = *state;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_ledger_draft drafts[] = { draft_of("good"), cases[i].draft };
        struct tm_ledger_run run;

        tm_ledger_run_init(&run);
        assert_fails(&err, cases[i].code, tm_ledger_append(&place->file, &run, STAMP, drafts, 2, NULL, &err));
        assert_false(tm_root_exists(&place->root, TM_STR(PATH)));
    }
}

/* Two lines of history over a common one, as git merges leave them. */
struct fork {
    struct tm_buf base, left, right; /* left and right: what each branch added */
};

static void fork_release(struct fork *fork)
{
    tm_buf_release(&fork->base);
    tm_buf_release(&fork->left);
    tm_buf_release(&fork->right);
}

static void make_fork(struct place *place, struct fork *fork)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    *fork = (struct fork) { TM_BUF_INIT, TM_BUF_INIT, TM_BUF_INIT };
    append(place, "a");
    get(place, &fork->base);
    append(place, "l3");
    append(place, "l4");
    get(place, &text);
    tm_buf_adds(&fork->left, text.data + fork->base.len);
    put(place, fork->base.data);
    append(place, "r3");
    get(place, &text);
    tm_buf_adds(&fork->right, text.data + fork->base.len);
}

static void put_parts(struct place *place, const struct tm_buf *a, const struct tm_buf *b,
                      const struct tm_buf *c, const struct tm_buf *d)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_buf_add_str(&text, tm_buf_str(a));
    tm_buf_add_str(&text, tm_buf_str(b));
    tm_buf_add_str(&text, tm_buf_str(c));
    tm_buf_add_str(&text, tm_buf_str(d));
    put(place, text.data);
}

static void merged_branches_have_two_heads_that_the_next_entry_ties(void **state)
{
    struct fork TM_CLEANUP(fork_release) fork;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) tied = { 0 };
    struct tm_buf none = TM_BUF_INIT;

    make_fork(*state, &fork);
    put_parts(*state, &fork.base, &fork.left, &fork.right, &none);
    read_state(*state, &s);
    assert_int_equal(s.n_heads, 2);
    assert_true(tm_hash_cmp(&s.heads[0], &s.heads[1]) < 0);
    assert_int_equal(s.max_lc, 4);
    append(*state, "m");
    read_state(*state, &tied);
    assert_int_equal(tied.n_heads, 1);
    assert_int_equal(tied.max_lc, 5);
    assert_int_equal(tied.entries, 6);
}

static void ledger_order_is_that_of_clocks_whatever_the_order_of_lines(void **state)
{
    struct fork TM_CLEANUP(fork_release) fork;
    struct tm_buf none = TM_BUF_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
    struct tm_hash l3, r3;
    const char *expected;
    struct tm_str line;

    make_fork(*state, &fork);
    line = line_of(&fork.left, 0);
    l3 = tm_hash_of(tm_str_n(line.data, line.len - 1));
    line = line_of(&fork.right, 0);
    r3 = tm_hash_of(tm_str_n(line.data, line.len - 1));
    expected = tm_hash_cmp(&l3, &r3) < 0 ? ",a,l3,r3,l4," : ",a,r3,l3,l4,";
    put_parts(*state, &fork.base, &fork.left, &fork.right, &none);
    assert_listed(*state, expected);
    put_parts(*state, &fork.base, &fork.right, &fork.left, &none);
    assert_listed(*state, expected);
    put_parts(*state, &fork.right, &fork.left, &fork.base, &none); /* children before their parents */
    assert_listed(*state, expected);
    read_state(*state, &s);
    assert_true(s.reordered);
    assert_int_equal(s.n_heads, 2);
}

static void a_long_ledger_may_stand_upside_down(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) reversed = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_draft drafts[300];
    char names[TM_LEN(drafts)][8];
    struct tm_ledger_run run;

    tm_buf_addc(&expected, ',');
    for (size_t i = 0; i < TM_LEN(drafts); i++) {
        snprintf(names[i], sizeof(names[i]), "m%zu", i);
        drafts[i] = draft_of(names[i]);
        tm_buf_addf(&expected, "%s,", names[i]);
    }
    tm_ledger_run_init(&run);
    assert_ok(&err, tm_ledger_append(&place->file, &run, STAMP, drafts, TM_LEN(drafts), NULL, &err));
    get(place, &text);
    for (size_t i = TM_LEN(drafts) + 1; i-- > 0;)
        tm_buf_add_str(&reversed, line_of(&text, i));
    put(place, reversed.data);
    assert_listed(place, expected.data);
    tm_buf_splice(&reversed, 0, line_of(&reversed, 0).len,
                  TM_STR("")); /* without its last entry: still whole */
    put(place, reversed.data);
    tm_buf_truncate(&expected, expected.len - strlen("m299,"));
    assert_listed(place, expected.data);
}

static void a_line_that_stands_twice_counts_once(void **state)
{
    struct fork TM_CLEANUP(fork_release) fork;
    struct tm_buf none = TM_BUF_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };

    make_fork(*state, &fork);
    put_parts(*state, &fork.base, &fork.left, &fork.base, &fork.left);
    assert_listed(*state, ",a,l3,l4,");
    put_parts(*state, &fork.base, &fork.base, &fork.left, &none);
    assert_listed(*state, ",a,l3,l4,");
    put_parts(*state, &fork.base, &fork.left, &fork.left, &none);
    assert_listed(*state, ",a,l3,l4,");
    read_state(*state, &s);
    assert_int_equal(s.entries, 4);
    assert_int_equal(s.lines, 6);
    assert_int_equal(s.duplicates, 2);
    assert_int_equal(s.n_heads, 1);
}

static void adopted_lines_come_first_also_when_the_rest_is_sorted(void **state)
{
    struct fork TM_CLEANUP(fork_release) fork;
    struct tm_buf none = TM_BUF_INIT;

    put(*state, "{\"module\":\"z\"}\n{\"module\":\"y\"}\n");
    make_fork(*state, &fork);
    put_parts(*state, &fork.base, &fork.left, &fork.left, &none);
    assert_listed(*state, "[z],[y],,a,l3,l4,");
}

static void more_heads_than_fit_are_tied_last_first(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) base = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) all = TM_BUF_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) tied = { 0 };
    const size_t n = TM_LEDGER_PREV_MAX + 4;
    struct tm_ledger_run run;

    append(place, "a");
    get(place, &base);
    tm_buf_add_str(&all, tm_buf_str(&base));
    tm_ledger_run_init(&run);
    for (size_t i = 0; i < n; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) one = TM_BUF_INIT;
        struct tm_ledger_draft drafts[] = { draft_of("x"), draft_of("y") };

        /* Every second branch is longer: its clock is greater. */
        assert_ok(&err, tm_ledger_compose(&place->file, &run, STAMP, drafts, 1 + i % 2, &one, NULL, &err));
        tm_buf_adds(&all, one.data + base.len);
    }
    put(place, all.data);
    read_state(place, &s);
    assert_int_equal(s.n_heads, n);
    append(place, "m");
    read_state(place, &tied);
    assert_int_equal(tied.n_heads, n - TM_LEDGER_PREV_MAX + 1);
    for (size_t i = 0; i < tied.n_heads; i++) /* what was left out are short branches */
        assert_true(tied.head_lcs[i] == 3 || tied.head_lcs[i] == s.max_lc + 1);
    append(place, "m2");
    tm_ledger_state_release(&tied);
    read_state(place, &tied);
    assert_int_equal(tied.n_heads, 1);
}

/* A ledger that was damaged in one way, and what the reader says. */
static void replace_in(struct tm_buf *text, size_t line, const char *what, const char *by)
{
    const char *start = line_of(text, line).data;
    const char *at = strstr(start, what);

    assert_non_null(at);
    tm_buf_splice(text, (size_t)(at - text->data), strlen(what), tm_str(by));
}

static void drop_line(struct tm_buf *text, size_t line)
{
    struct tm_str it = line_of(text, line);

    tm_buf_splice(text, (size_t)(it.data - text->data), it.len, TM_STR(""));
}

static void add_foreign(struct tm_buf *text, const struct tm_buf *other)
{
    tm_buf_add_str(text, line_of(other, 1));
}

static void damage_is_found_and_named(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) whole = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) other = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    append(place, "other");
    get(place, &other);
    put(place, "{\"module\":\"old\"}\n");
    append(place, "a");
    append(place, "b");
    append(place, "c");
    get(place, &whole); /* 0 adopted, 1 genesis, 2 a, 3 b, 4 c */

#define DAMAGED(message, ...)                                                                                \
    do {                                                                                                     \
        tm_buf_clear(&text);                                                                                 \
        tm_buf_add_str(&text, tm_buf_str(&whole));                                                           \
        __VA_ARGS__;                                                                                         \
        put(place, text.data);                                                                               \
        assert_damaged(place, message);                                                                      \
    } while (0)

    DAMAGED("prev names an entry that is not there at line 4", replace_in(&text, 2, "\"a\"", "\"A\""));
    DAMAGED("prev names an entry that is not there at line 3", drop_line(&text, 2));
    DAMAGED("ledger without a genesis", drop_line(&text, 1));
    DAMAGED("adopted lines are not those that genesis recorded at line 2",
            replace_in(&text, 0, "old", "new"));
    DAMAGED("adopted lines are not those that genesis recorded at line 1", drop_line(&text, 0));
    DAMAGED("unchained line behind an entry at line 6", tm_buf_adds(&text, "{\"module\":\"x\"}\n"));
    DAMAGED("blank line at line 6", tm_buf_adds(&text, "\n"));
    DAMAGED("entry of another ledger at line 6", add_foreign(&text, &other));
    DAMAGED("entry of another ledger at line 6", tm_buf_add_str(&text, line_of(&other, 0)));
    DAMAGED("lc is not one more than the greatest among prev at line 5",
            replace_in(&text, 4, "\"lc\":4", "\"lc\":5"));
    DAMAGED("lc is not one more than the greatest among prev at line 2",
            replace_in(&text, 1, "\"lc\":1", "\"lc\":2"));
    DAMAGED("entry without parents that is no genesis at line 2",
            replace_in(&text, 1, "\"genesis\"", "\"coverage\""));
    DAMAGED("genesis with parents at line 5", replace_in(&text, 4, "\"coverage\"", "\"genesis\""));
    DAMAGED("second genesis at line 6", tm_buf_add_str(&text, line_of(&whole, 1)),
            replace_in(&text, 5, "T12:00:00Z", "T12:00:01Z"));
    DAMAGED("body is not one of its kind: 'format'", replace_in(&text, 1, "ledger/1", "ledger/2"));
    DAMAGED("white space between tokens at line 4, byte 7", replace_in(&text, 3, ",\"log\"", " ,\"log\""));
    DAMAGED("the last line is cut off at line 5", tm_buf_truncate(&text, text.len - 2));
    DAMAGED("the last line has no line feed at line 5", tm_buf_truncate(&text, text.len - 1));
    DAMAGED("carriage return at line 3", replace_in(&text, 2, "\n", "\r\n"));
#undef DAMAGED
}

static void the_clock_is_checked_also_when_parents_come_later(void **state)
{
    struct place *place = *state;
    struct fork TM_CLEANUP(fork_release) fork;
    struct tm_buf none = TM_BUF_INIT;

    make_fork(place, &fork);
    replace_in(&fork.right, 0, "\"lc\":3", "\"lc\":9");
    put_parts(place, &fork.right, &fork.left, &fork.base, &none);
    assert_damaged(place, "lc is not one more than the greatest among prev at line 1");
}

static void a_line_that_is_too_long_is_refused_however_long(void **state)
{
    struct place *place = *state;
    static const size_t sizes[] = { TM_LEDGER_LINE_MAX + 1, 1 << 20, (1 << 20) + 1, 5 << 20 };

    for (size_t i = 0; i < TM_LEN(sizes); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        put(place, "");
        append(place, "a");
        get(place, &text);
        memset(tm_buf_reserve(&text, sizes[i]), 'x', sizes[i]);
        text.len += sizes[i];
        tm_buf_adds(&text, "\n");
        put(place, text.data);
        assert_damaged(place, "line over 65536 bytes at line 3");
        tm_buf_truncate(&text, text.len - 1);
        put(place, text.data);
        assert_damaged(place, "the last line is cut off at line 3");
    }
}

static void a_torn_end_is_moved_aside_and_the_rest_goes_on(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) whole = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) kept = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_hash hash;
    bool mended = false;
    size_t good;

    append(place, "a");
    get(place, &whole);
    good = whole.len;
    append(place, "b");
    get(place, &whole);
    tm_buf_truncate(&whole, whole.len - 10);
    put(place, whole.data);
    assert_ok(&err, tm_ledger_mend(&place->file, &mended, &err));
    assert_true(mended);
    assert_listed(place, ",a,");
    hash = tm_hash_of(tm_str_from(tm_buf_str(&whole), good));
    tm_hash_add_hex(&hex, &hash);
    tm_buf_addf(&name, "torn/coverage.ndjson-%.16s", hex.data);
    assert_ok(&err, tm_root_read(&place->state, tm_buf_str(&name), 1 << 20, &kept, &err));
    assert_string_equal(kept.data, whole.data + good);

    put(place, whole.data); /* once more: kept already, and through an append */
    append(place, "c");
    assert_listed(place, ",a,c,");
    assert_ok(&err, tm_ledger_mend(&place->file, &mended, &err));
    assert_false(mended);
}

static void every_torn_end_can_be_mended(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) whole = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) cut = TM_BUF_INIT;
    size_t first;

    append(place, "a");
    get(place, &whole);
    first = line_of(&whole, 0).len;
    for (size_t n = 1; n <= whole.len; n++) {
        tm_buf_clear(&cut);
        tm_buf_add(&cut, whole.data, n);
        put(place, cut.data);
        append(place, "b");
        assert_listed(place, n >= whole.len - 1 ? ",a,b," : ",b,");
        tm_buf_clear(&cut);
        get(place, &cut);
        assert_int_equal(memcmp(cut.data, whole.data, n >= first - 1 ? first : 0), 0);
    }
}

static void a_torn_end_stays_when_it_cannot_be_kept(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) whole = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
    struct tm_ledger_draft draft = draft_of("b");
    struct tm_ledger_run run;

    append(place, "a");
    get(place, &whole);
    tm_buf_truncate(&whole, whole.len - 5);
    put(place, whole.data);
    tm_ledger_run_init(&run);
    place->file.state = NULL;
    assert_fails(&err, TM_E_FORMAT, tm_ledger_append(&place->file, &run, STAMP, &draft, 1, NULL, &err));
    assert_fails(&err, TM_E_FORMAT, tm_ledger_mend(&place->file, NULL, &err));
    get(place, &after);
    assert_string_equal(after.data, whole.data);
}

static void an_append_that_does_not_fit_leaves_the_ledger_as_it_was(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
    pid_t child;
    int status;

    append(place, "a");
    get(place, &before);
    child = fork();
    if (child == 0) {
        /* Room for half an entry: the write comes back short, the next one fails. */
        struct rlimit limit = { before.len + 100, before.len + 100 };
        struct tm_ledger_draft draft = draft_of("b");
        struct tm_err err = TM_ERR_INIT;
        struct tm_ledger_run run;

        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        tm_ledger_run_init(&run);
        _exit(tm_ledger_append(&place->file, &run, STAMP, &draft, 1, NULL, &err) == TM_E_IO ? 42 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
    get(place, &after);
    assert_string_equal(after.data, before.data);
    append(place, "c");
    assert_listed(place, ",a,c,");
}

static void a_first_append_that_does_not_fit_leaves_no_file(void **state)
{
    struct place *place = *state;
    pid_t child = fork();
    int status;

    if (child == 0) {
        struct rlimit limit = { 100, 100 };
        struct tm_ledger_draft draft = draft_of("b");
        struct tm_ledger_run run;

        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        tm_ledger_run_init(&run);
        _exit(tm_ledger_append(&place->file, &run, STAMP, &draft, 1, NULL, NULL) == TM_OK ? 1 : 42);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 42);
    assert_false(tm_root_exists(&place->root, TM_STR(PATH)));
}

enum { PROCESSES = 20, APPENDS = 20 };

static void append_as(struct place *place, int process)
{
    struct tm_ledger_run run;

    tm_ledger_run_init(&run);
    for (int i = 0; i < APPENDS; i++) {
        char module[32];
        struct tm_ledger_draft draft;

        snprintf(module, sizeof(module), "m%d-%d", process, i);
        draft = draft_of(module);
        if (tm_ledger_append(&place->file, &run, STAMP, &draft, 1, NULL, NULL))
            _exit(1);
    }
    _exit(0);
}

static void processes_that_append_at_once_lose_nothing(void **state)
{
    struct place *place = *state;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) listed = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int running = PROCESSES;

    for (int i = 0; i < PROCESSES; i++)
        if (fork() == 0)
            append_as(place, i);
    while (running) {
        int status;
        pid_t ended;

        /* A reader meanwhile sees whole entries only, and a chain. */
        assert_ok(&err, tm_ledger_read(&place->file, NULL, NULL, NULL, &err));
        ended = waitpid(-1, &status, WNOHANG);
        if (ended == 0)
            continue;
        assert_int_equal(status, 0);
        running--;
    }
    read_state(place, &s);
    assert_int_equal(s.entries, PROCESSES * APPENDS + 1);
    assert_int_equal(s.max_lc, PROCESSES * APPENDS + 1); /* one chain: nobody wrote beside another */
    assert_int_equal(s.n_heads, 1);
    assert_false(s.reordered);
    assert_ok(&err, tm_ledger_read(&place->file, list, &listed, NULL, &err));
    for (int i = 0; i < PROCESSES * APPENDS; i++) {
        char module[40];

        snprintf(module, sizeof(module), ",m%d-%d,", i / APPENDS, i % APPENDS);
        assert_non_null(strstr(listed.data, module));
    }
}

static void an_append_follows_a_file_that_was_replaced(void **state)
{
    struct place *place = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    pid_t child;
    int status, fd;

    append(place, "a");
    get(place, &text);
    assert_ok(&err, tm_append_open(&place->root, TM_STR(PATH), &fd, &err));
    child = fork();
    if (child == 0) {
        close(fd);
        append(place, "b");
        _exit(0);
    }
    usleep(100 * 1000); /* the child waits for the lock on the file of that time */
    assert_ok(&err, tm_root_unlink(&place->root, TM_STR(PATH), &err));
    put(place, text.data);
    tm_append_close(fd);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_listed(place, ",a,b,");
}

static enum tm_code refuse(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    return tm_err_set(err, TM_E_REFUSED, "no");
}

static void a_visit_that_fails_ends_the_reading(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    append(place, "a");
    assert_fails(&err, TM_E_REFUSED, tm_ledger_read(&place->file, refuse, NULL, NULL, &err));
    assert_string_equal(err.msg, "no");
}

static void a_ledger_that_is_no_file_is_an_error(void **state)
{
    struct place *place = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_root_mkdirs(&place->root, TM_STR(PATH), &err));
    assert_fails(&err, TM_E_IO, tm_ledger_read(&place->file, NULL, NULL, NULL, &err));
}

TM_TESTS(WITH_PLACE(a_missing_ledger_is_an_empty_one), WITH_PLACE(the_first_append_begins_the_ledger),
         WITH_PLACE(entries_of_one_call_are_chained_and_numbered),
         WITH_PLACE(what_was_there_is_adopted_byte_for_byte),
         WITH_PLACE(an_adopted_line_without_its_end_gets_it), WITH_PLACE(what_is_no_ledger_is_not_adopted),
         WITH_PLACE(compose_gives_what_an_append_would_write),
         WITH_PLACE(a_draft_that_cannot_be_spelled_changes_nothing),
         WITH_PLACE(merged_branches_have_two_heads_that_the_next_entry_ties),
         WITH_PLACE(ledger_order_is_that_of_clocks_whatever_the_order_of_lines),
         WITH_PLACE(a_long_ledger_may_stand_upside_down), WITH_PLACE(a_line_that_stands_twice_counts_once),
         WITH_PLACE(adopted_lines_come_first_also_when_the_rest_is_sorted),
         WITH_PLACE(more_heads_than_fit_are_tied_last_first), WITH_PLACE(damage_is_found_and_named),
         WITH_PLACE(the_clock_is_checked_also_when_parents_come_later),
         WITH_PLACE(a_line_that_is_too_long_is_refused_however_long),
         WITH_PLACE(a_torn_end_is_moved_aside_and_the_rest_goes_on), WITH_PLACE(every_torn_end_can_be_mended),
         WITH_PLACE(a_torn_end_stays_when_it_cannot_be_kept),
         WITH_PLACE(an_append_that_does_not_fit_leaves_the_ledger_as_it_was),
         WITH_PLACE(a_first_append_that_does_not_fit_leaves_no_file),
         WITH_PLACE(processes_that_append_at_once_lose_nothing),
         WITH_PLACE(an_append_follows_a_file_that_was_replaced),
         WITH_PLACE(a_visit_that_fails_ends_the_reading), WITH_PLACE(a_ledger_that_is_no_file_is_an_error))
