#include "repo/ignore.h"
#include "sandbox.h"
#include "test.h"

/* Rules, a path (a folder when it ends in '/') whose folders they do not match, and what is to come of it. */
static const struct {
    const char *rules, *path;
    enum tm_verdict verdict;
} cases[] = {
    /* Names and anchors. */
    { "a\n", "a", TM_IGNORE_YES },
    { "a\n", "d/a", TM_IGNORE_YES },
    { "a\n", "ab", TM_IGNORE_NONE },
    { "/a\n", "a", TM_IGNORE_YES },
    { "/a\n", "d/a", TM_IGNORE_NONE },
    { "d/a\n", "d/a", TM_IGNORE_YES },
    { "d/a\n", "e/d/a", TM_IGNORE_NONE },
    { "a/\n", "a", TM_IGNORE_NONE },
    { "a/\n", "a/", TM_IGNORE_YES },
    { "a/\n", "d/a/", TM_IGNORE_YES },
    { "/a/\n", "d/a/", TM_IGNORE_NONE },
    /* The last match decides. */
    { "a\n!a\n", "a", TM_IGNORE_NO },
    { "!a\na\n", "a", TM_IGNORE_YES },
    { "*\n!*.c\n", "x.c", TM_IGNORE_NO },
    { "*\n!*.c\n", "x.h", TM_IGNORE_YES },
    /* Comments, quoted first bytes, ends of lines. */
    { "#a\n", "#a", TM_IGNORE_NONE },
    { "\\#a\n", "#a", TM_IGNORE_YES },
    { "\\!a\n", "!a", TM_IGNORE_YES },
    { " a\n", "a", TM_IGNORE_NONE },
    { " a\n", " a", TM_IGNORE_YES },
    { "a  \n", "a", TM_IGNORE_YES },
    { "a\\  \n", "a ", TM_IGNORE_YES },
    { "a\\ \\ \n", "a  ", TM_IGNORE_YES },
    { "a\t\n", "a", TM_IGNORE_NONE },
    { "a\t\n", "a\t", TM_IGNORE_YES },
    { "a\r\n", "a", TM_IGNORE_YES },
    { "a\r\r\n", "a", TM_IGNORE_NONE },
    { "a", "a", TM_IGNORE_YES },
    { "a\r", "a", TM_IGNORE_YES },
    { "\xEF\xBB\xBF"
      "a\n",
      "a", TM_IGNORE_YES },
    { "b\n\xEF\xBB\xBF"
      "a\n",
      "a", TM_IGNORE_NONE },
    { "\n\n!\n/\n//\n", "a", TM_IGNORE_NONE },
    { "a\\\n", "a\\", TM_IGNORE_NONE },
    { "a\\\n", "a", TM_IGNORE_NONE },
    /* Stars. */
    { "*.o\n", "x.o", TM_IGNORE_YES },
    { "*.o\n", ".o", TM_IGNORE_YES },
    { "*.o\n", "d/x.o", TM_IGNORE_YES },
    { "d/*.o\n", "d/x.o", TM_IGNORE_YES },
    { "d/*.o\n", "d/e/x.o", TM_IGNORE_NONE },
    { "d/*\n", "d/e", TM_IGNORE_YES },
    { "d*a\n", "dxxa", TM_IGNORE_YES },
    { "*a*b*c*\n", "xaxbxcx", TM_IGNORE_YES },
    { "*a*b*c*\n", "xaxcxbx", TM_IGNORE_NONE },
    { "**/a\n", "a", TM_IGNORE_YES },
    { "**/a\n", "d/e/a", TM_IGNORE_YES },
    { "d/**/a\n", "d/a", TM_IGNORE_YES },
    { "d/**/a\n", "d/e/f/a", TM_IGNORE_YES },
    { "d/**/a\n", "da", TM_IGNORE_NONE },
    { "d/**\n", "d/x", TM_IGNORE_YES },
    { "d/**\n", "e/x", TM_IGNORE_NONE },
    { "d/***\n", "d/x", TM_IGNORE_YES },
    { "x/d**a\n", "x/dea", TM_IGNORE_YES },
    { "?/d**/a\n", "x/de/a", TM_IGNORE_YES },
    { "?/d**/a\n", "x/de/f/a", TM_IGNORE_NONE },
    { "x/d**/a\n", "x/de/f/a", TM_IGNORE_YES }, /* git cuts "x/d" off first */
    { "x/d**/a\n", "x/da", TM_IGNORE_YES },
    { "**\n", "a", TM_IGNORE_YES },
    { "d/**/**/a\n", "d/a", TM_IGNORE_YES },
    { "**/d/**/a\n", "e/d/f/a", TM_IGNORE_YES },
    { "**\\/a\n", "d/a", TM_IGNORE_YES },
    { "**\\/a\n", "a", TM_IGNORE_NONE },
    /* One byte. */
    { "a?c\n", "abc", TM_IGNORE_YES },
    { "d?a\n", "d/a", TM_IGNORE_NONE },
    { "/d?a\n", "d/a", TM_IGNORE_NONE },
    { "??\n", "\xc3\xb6", TM_IGNORE_YES },
    { "\\a\\*\n", "a*", TM_IGNORE_YES },
    { "\\a\\*\n", "ab", TM_IGNORE_NONE },
    /* Sets. */
    { "[a-c]\n", "b", TM_IGNORE_YES },
    { "[a-c]\n", "d", TM_IGNORE_NONE },
    { "[!a-c]\n", "d", TM_IGNORE_YES },
    { "[^a-c]\n", "b", TM_IGNORE_NONE },
    { "[]x]\n", "]", TM_IGNORE_YES },
    { "[!]x]\n", "]", TM_IGNORE_NONE },
    { "[a-]\n", "-", TM_IGNORE_YES },
    { "[-a]\n", "-", TM_IGNORE_YES },
    { "[a-c-e]\n", "-", TM_IGNORE_YES },
    { "[a-c-e]\n", "d", TM_IGNORE_NONE },
    { "[\\]]\n", "]", TM_IGNORE_YES },
    { "[a\\-c]\n", "b", TM_IGNORE_NONE },
    { "[a\\-c]\n", "-", TM_IGNORE_YES },
    { "[a-\\c]\n", "b", TM_IGNORE_YES },
    { "[a\n", "[a", TM_IGNORE_NONE },
    { "[a\n", "a", TM_IGNORE_NONE },
    { "d[/]a\n", "d/a", TM_IGNORE_NONE },
    { "/d[!x]a\n", "d/a", TM_IGNORE_NONE },
    { "[[:digit:]]\n", "5", TM_IGNORE_YES },
    { "[[:alpha:]]\n", "5", TM_IGNORE_NONE },
    { "[[:alpha:]]\n", "\xc3", TM_IGNORE_NONE },
    { "[[:alnum:][:blank:]]\n", " ", TM_IGNORE_YES },
    { "[![:upper:]]\n", "a", TM_IGNORE_YES },
    { "[[:upper:]]\n", "A", TM_IGNORE_YES },
    { "[[:lower:]]\n", "A", TM_IGNORE_NONE },
    { "[[:space:]]\n", "\n", TM_IGNORE_YES },
    { "[[:space:]]\n", "\f", TM_IGNORE_NONE },
    { "[[:cntrl:]]\n", "\x7f", TM_IGNORE_YES },
    { "[[:punct:]]\n", "~", TM_IGNORE_YES },
    { "[[:graph:]]\n", "!", TM_IGNORE_YES },
    { "[[:print:]]\n", " ", TM_IGNORE_YES },
    { "[[:xdigit:]]\n", "F", TM_IGNORE_YES },
    { "[[:xdigit:]]\n", "g", TM_IGNORE_NONE },
    { "[[:nothing:]a]\n", "a", TM_IGNORE_NONE },
    { "[a[:nothing:]]\n", "a", TM_IGNORE_NONE },
    { "[[:a]\n", ":", TM_IGNORE_YES },
    { "[[:a]\n", "[", TM_IGNORE_YES },
    { "[[:]\n", ":", TM_IGNORE_YES },
    { "[a-[:digit:]]\n", "5", TM_IGNORE_NONE },
};

static enum tm_verdict ask(const char *rules, const char *path, bool icase)
{
    struct tm_ignore TM_CLEANUP(tm_ignore_release) ignore = TM_IGNORE_INIT;
    size_t len = strlen(path);
    bool is_dir = path[len - 1] == '/';

    tm_ignore_parse(&ignore, tm_str(rules), icase);
    return tm_ignore_match(&ignore, tm_str_n(path, len - is_dir), is_dir);
}

static void rules_decide_as_the_table_says(void **state)
{
    for (size_t i = 0; i < TM_LEN(cases); i++)
        if (ask(cases[i].rules, cases[i].path, false) != cases[i].verdict)
            fail_msg("case %zu: '%s' on '%s'", i, cases[i].rules, cases[i].path);
}

/* The table is git's: check-ignore says the same of every row. */
static void the_table_says_what_git_does(void **state)
{
    struct sandbox box = sandbox_make();
    char *rules = sandbox_path(&box, "r/.gitignore");

    sandbox_run(&box, NULL, "git init -q r");
    /* "./", because a ':' at the start of a path means something to git. */
    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;
        FILE *file = fopen(rules, "w");
        enum tm_verdict verdict;

        assert_non_null(file);
        fputs(cases[i].rules, file);
        fclose(file);
        setenv("ASKED", cases[i].path, 1);
        sandbox_run(&box, &said,
                    "cd r; case $ASKED in */) mkdir -p \"$ASKED\";; */*) mkdir -p \"${ASKED%/*}\"; : "
                    ">\"$ASKED\";; *) : >\"$ASKED\";; esac;"
                    "printf './%s\\0' \"${ASKED%/}\" | git check-ignore -v -z --no-index --stdin | tr '\\0' "
                    "'\\n' | sed -n 3p || :;"
                    "rm -rf \"${ASKED%%/*}\"");
        verdict = said.len < 2 ? TM_IGNORE_NONE : said.data[0] == '!' ? TM_IGNORE_NO : TM_IGNORE_YES;
        if (verdict != cases[i].verdict)
            fail_msg("case %zu: '%s' on '%s': git says '%s'", i, cases[i].rules, cases[i].path, said.data);
    }
    free(rules);
    sandbox_remove(&box);
}

static void case_is_ignored_for_ascii_letters(void **state)
{
    static const struct {
        const char *rules, *path;
        bool matches;
    } rows[] = {
        { "Read*\n", "README", true },  { "*.TXT\n", "a.txt", true }, { "/D/a\n", "d/A", true },
        { "[a-c]x\n", "BX", true },     { "[A-C]x\n", "bx", true },   { "[A]\n", "a", false },
        { "[[:upper:]]\n", "a", true }, { "\\A\n", "a", false },      { "\xc3\x96\n", "\xc3\xb6", false },
        { "name\n", "NAME", true },
    };

    for (size_t i = 0; i < TM_LEN(rows); i++) {
        if ((ask(rows[i].rules, rows[i].path, true) == TM_IGNORE_YES) != rows[i].matches)
            fail_msg("row %zu", i);
        assert_int_equal(ask(rows[i].rules, rows[i].path, false), TM_IGNORE_NONE);
    }
}

static void hostile_patterns_take_no_time(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) pattern = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    for (int i = 0; i < 200; i++) {
        tm_buf_adds(&pattern, "*a**/");
        tm_buf_adds(&text, "aaaaaaaaa/");
    }
    tm_buf_addc(&pattern, 'b');
    assert_false(tm_wildmatch(tm_buf_str(&pattern), tm_buf_str(&text), true, false));
    assert_false(tm_wildmatch(tm_buf_str(&pattern), tm_buf_str(&text), false, false));
}

TM_TESTS(cmocka_unit_test(rules_decide_as_the_table_says), cmocka_unit_test(the_table_says_what_git_does),
         cmocka_unit_test(case_is_ignored_for_ascii_letters), cmocka_unit_test(hostile_patterns_take_no_time))
