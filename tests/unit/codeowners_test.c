/*
 * Which rule decides, checked by hand against GitHub's "About code owners" page (its examples, reworded)
 * and gitignore(5), whose patterns these are.
 */
#include "test.h"

#include "scaffold/codeowners.h"

/* The owners of dir, joined by spaces; "(none)" without a rule. */
static void owners(const char *text, const char *dir, struct tm_buf *out)
{
    struct tm_codeowners c = TM_CODEOWNERS_INIT;
    const struct tm_codeowners_rule *rule;

    tm_codeowners_parse(&c, tm_str(text));
    rule = tm_codeowners_of(&c, tm_str(dir));
    tm_buf_clear(out);
    if (!rule)
        tm_buf_adds(out, "(none)");
    for (size_t i = 0; rule && i < rule->n_owners; i++)
        tm_buf_addf(out, "%s%.*s", i ? " " : "", TM_STR_ARG(rule->owners[i]));
    tm_codeowners_release(&c);
}

static void the_last_line_that_matches_decides(void **state)
{
    static const struct {
        const char *text, *dir, *owners;
    } cases[] = {
        { "", "a", "(none)" },
        { "* @all", "", "@all" },
        { "* @all", "a/b", "@all" },
        { "* @all\n/a/ @a", "a", "@a" },
        { "* @all\n/a/ @a", "a/b/c", "@a" },
        { "/a/ @a\n* @all", "a", "@all" },
        { "* @all\n/a/ @a", "x/a", "@all" },
        { "* @all\na/ @a", "x/a/b", "@a" },
        { "* @all\na @a", "x/a/b", "@a" },
        { "* @all\n/a @a", "a/b", "@a" },
        { "* @all\n/a @a", "b/a", "@all" },
        { "* @all\n/a/* @a", "a", "@a" },
        { "* @all\n/a/* @a", "a/b", "@all" },
        { "* @all\na/b/ @b", "a/b", "@b" },
        { "* @all\na/b/ @b", "x/a/b", "@all" },
        { "* @all\n**/b @b", "x/y/b", "@b" },
        { "* @all\n/a/** @a", "a/b/c", "@a" },
        { "* @all\n*.js @js", "a", "@all" },
        { "* @all\n/a/README.md @docs", "a", "@all" },
        { "* @all\n/lib* @lib", "libfoo", "@lib" },
        { "/ @all", "a/b", "@all" },
        { "* @all\n/a/", "a", "" },
        { "/a/ @a # the team\n# /a/ @b\n", "a", "@a" },
        { "/a/ @a @org/team dev@example.org\r\n", "a", "@a @org/team dev@example.org" },
        { "/a\\ b/ @a", "a b", "@a" },
        { "/a/ @a\n!/a/ @b\n[Section] @c\n^[Other]\n", "a", "@a" },
        { "/[ab]/ @x", "a", "(none)" },
        { "/a/ @a\n/a/ nobody", "a", "@a" },
        { "/a/ @a nobody", "a", "@a" },
        { "   \n\t/a/\t@a", "a", "@a" },
    };
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        owners(cases[i].text, cases[i].dir, &out);
        if (strcmp(out.data, cases[i].owners))
            fail_msg("'%s' in '%s': %s, not %s", cases[i].dir, cases[i].text, out.data, cases[i].owners);
    }
}

TM_TESTS(cmocka_unit_test(the_last_line_that_matches_decides))
