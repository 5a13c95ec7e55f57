#include "test.h"

#include "repo/placeholder.h"

static struct tm_str nested[] = { { "/r/m/a", 6 }, { "/r/m/b c", 8 } };
static struct tm_str files[] = { { "-x.test.js", 10 }, { "lib/a.js", 8 }, { "test/deep/a.js", 14 } };

static const struct tm_places places = {
    .root = { "/r", 2 },
    .module = { "/r/m", 4 },
    .name = { "the module", 10 },
    .out = { "/o", 2 },
    .work = { "/w", 2 },
    .python = { "/usr/bin/python3", 16 },
    .nested = { nested, TM_LEN(nested) },
    .files = { files, TM_LEN(files) },
};

static void texts_are_expanded(void **state)
{
    static const struct {
        const char *text, *expanded;
    } rows[] = {
        { "", "" },
        { "plain", "plain" },
        { "{root} {module} {name} {out} {work} {python}", "/r /r/m the module /o /w /usr/bin/python3" },
        { "{out}{out}", "/o/o" },
        { "${out} $ {out}", "${out} $ /o" },
        { "{{out} {{{out}", "{out} {/o" },
        { "{ print } {} {Out} {out", "{ print } {} {Out} {out" },
        { "f'{value:>3}' {\"a\": 1}", "f'{value:>3}' {\"a\": 1}" },
        { "x{a: 1}", "x{a: 1}" },
        { "{", "{" },
        { "{out:", "{out:" },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) problem = TM_BUF_INIT;

        assert_true(tm_placeholder_check(tm_str(rows[i].text), true, &problem));
        tm_placeholder_expand(&out, tm_str(rows[i].text), &places);
        assert_string_equal(out.data, rows[i].expanded);
    }
}

static void lists_become_any_number_of_arguments(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) joined = TM_BUF_INIT;
    struct tm_str arguments[] = {
        TM_STR("run"),
        TM_STR(""),
        TM_STR("{nested:--ignore=}"),
        TM_STR("{source_dirs:--cov=}"),
        TM_STR("{files:*.js}"),
        TM_STR("{nested:}"),
        TM_STR("{files:test/**/*.js}"),
        TM_STR("-o{out}"),
    };
    struct tm_str_list list = { arguments, TM_LEN(arguments) };
    struct tm_str_list got = tm_placeholder_expand_list(&arena, &list, &places);

    for (size_t i = 0; i < got.n; i++)
        tm_buf_addf(&joined, "[%.*s]", TM_STR_ARG(got.items[i]));
    assert_string_equal(joined.data, "[run][][--ignore=/r/m/a][--ignore=/r/m/b c][./-x.test.js][./lib/a.js]"
                                     "[./test/deep/a.js][/r/m/a][/r/m/b c][./test/deep/a.js][-o/o]");
}

static void a_list_of_nothing_is_empty(void **state)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_str argument = TM_STR("{source_dirs:--cov=}");
    struct tm_str_list list = { &argument, 1 };

    assert_int_equal(tm_placeholder_expand_list(&arena, &list, &places).n, 0);
}

static void what_is_no_placeholder_is_named(void **state)
{
    static const struct {
        const char *text;
        bool is_argument;
        const char *problem;
    } rows[] = {
        { "a {modul} b", true, "unknown placeholder '{modul}'" },
        { "{nestd:--ignore=}", true, "unknown placeholder '{nestd}'" },
        { "{nested}", true, "no ':' in the list placeholder '{nested}'" },
        { "{nested:x}", false,
          "only a whole argument of a command can be the list placeholder '{nested:...}'" },
        { "x{nested:x}", true,
          "only a whole argument of a command can be the list placeholder '{nested:...}'" },
        { "{nested:x}x", true,
          "only a whole argument of a command can be the list placeholder '{nested:...}'" },
        { "{files:x", true, "only a whole argument of a command can be the list placeholder '{files:...}'" },
        { "{files:", true, "only a whole argument of a command can be the list placeholder '{files:...}'" },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) problem = TM_BUF_INIT;

        assert_false(tm_placeholder_check(tm_str(rows[i].text), rows[i].is_argument, &problem));
        assert_string_equal(problem.data, rows[i].problem);
    }
}

TM_TESTS(cmocka_unit_test(texts_are_expanded), cmocka_unit_test(lists_become_any_number_of_arguments),
         cmocka_unit_test(a_list_of_nothing_is_empty), cmocka_unit_test(what_is_no_placeholder_is_named))
