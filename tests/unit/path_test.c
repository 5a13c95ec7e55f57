#include "test.h"

#include "base/path.h"

static void paths_are_resolved_by_text(void **state)
{
    static const struct {
        const char *base, *path, *out;
    } cases[] = {
        { "", "", "" },
        { "", ".", "" },
        { "a", "", "a" },
        { "", "a/b", "a/b" },
        { "a", "b", "a/b" },
        { "a/b", "../c", "a/c" },
        { "a/b", "../..", "" },
        { "a", "./b//c/.", "a/b/c" },
        { "", "a/../b", "b" },
        { "", "...", "..." },
        { "", "..a/b..", "..a/b.." },
        { "", "a\\..\\b", "a\\..\\b" },
        { "", "a/", "a" },
        { "", " a\n", " a\n" },
        { "", "\xff", "\xff" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_buf_adds(&out, "replaced");
        assert_ok(&err, tm_path_resolve(&out, tm_str(cases[i].base), tm_str(cases[i].path), &err));
        assert_string_equal(out.data, cases[i].out);
        assert_true(tm_path_is_normal(tm_buf_str(&out)));
    }
}

static void paths_that_leave_the_repository_are_refused(void **state)
{
    static const struct {
        const char *base;
        struct tm_str path;
    } cases[] = {
        { "", { "..", 2 } },           { "a", { "../..", 5 } },         { "", { "/", 1 } },
        { "", { "/etc/passwd", 11 } }, { "a/b", { "../../../x", 10 } }, { "", { "a/../../a", 9 } },
        { "", { "a\0b", 3 } },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_buf_adds(&out, "kept");
        assert_fails(&err, TM_E_PATH, tm_path_resolve(&out, tm_str(cases[i].base), cases[i].path, &err));
        assert_string_equal(out.data, "kept");
    }
}

static void a_path_has_at_most_4095_bytes(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    for (int i = 0; i < TM_PATH_MAX; i++)
        tm_buf_addc(&path, i % 100 == 99 ? '/' : 'a');
    assert_int_equal(path.len, 4095);
    assert_true(tm_path_is_normal(tm_buf_str(&path)));
    assert_ok(&err, tm_path_resolve(&out, TM_STR(""), tm_buf_str(&path), &err));
    assert_int_equal(out.len, 4095);

    tm_buf_addc(&path, 'a');
    assert_false(tm_path_is_normal(tm_buf_str(&path)));
    assert_fails(&err, TM_E_PATH, tm_path_resolve(&out, TM_STR(""), tm_buf_str(&path), &err));
    assert_true(strlen(err.msg) < 200);
    /* What counts is the resolved path. */
    tm_buf_adds(&path, "/../x");
    assert_ok(&err, tm_path_resolve(&out, TM_STR(""), tm_buf_str(&path), &err));
}

static void only_resolved_paths_are_normal(void **state)
{
    static const struct {
        struct tm_str path;
        bool normal;
    } cases[] = {
        { { "", 0 }, true },     { { "a", 1 }, true },      { { "a/b.c/...", 9 }, true },
        { { "-", 1 }, true },    { { "/", 1 }, false },     { { "/a", 2 }, false },
        { { "a/", 2 }, false },  { { "a//b", 4 }, false },  { { ".", 1 }, false },
        { { "..", 2 }, false },  { { "a/./b", 5 }, false }, { { "a/..", 4 }, false },
        { { "a\0", 2 }, false },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_int_equal(tm_path_is_normal(cases[i].path), cases[i].normal);
}

static void paths_come_apart_and_together(void **state)
{
    static const struct {
        const char *path, *dir, *base, *ext;
    } cases[] = {
        { "", "", "", "" },
        { "c", "", "c", "" },
        { "a/b/c.py", "a/b", "c.py", ".py" },
        { "a.b/c", "a.b", "c", "" },
        { ".bashrc", "", ".bashrc", "" },
        { "x/.env.local", "x", ".env.local", ".local" },
        { "a.tar.gz", "", "a.tar.gz", ".gz" },
        { "a.", "", "a.", "." },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_str path = tm_str(cases[i].path);

        assert_true(tm_str_is(tm_path_dir(path), cases[i].dir));
        assert_true(tm_str_is(tm_path_base(path), cases[i].base));
        assert_true(tm_str_is(tm_path_ext(path), cases[i].ext));
        tm_path_join(&out, tm_path_dir(path), tm_path_base(path));
        assert_string_equal(out.data, cases[i].path);
        tm_path_join(&out, path, TM_STR(""));
        assert_string_equal(out.data, cases[i].path);
    }
}

static void below_means_at_a_folder_border(void **state)
{
    static const struct {
        const char *path, *dir;
        bool below;
    } cases[] = {
        { "a/b", "a", true },  { "a", "a", true },       { "ab", "a", false },
        { "a", "a/b", false }, { "x", "", true },        { "", "", true },
        { "", "a", false },    { "a/b/c", "a/b", true }, { "a/bc", "a/b", false },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_int_equal(tm_path_is_below(tm_str(cases[i].path), tm_str(cases[i].dir)), cases[i].below);
}

static void links_are_relative_to_the_folder_they_stand_in(void **state)
{
    static const struct {
        const char *from, *to, *out;
    } cases[] = {
        { "", "a.md", "a.md" },
        { "", "docs/a.md", "docs/a.md" },
        { "docs", "docs/a.md", "a.md" },
        { "docs/x", "docs/a.md", "../a.md" },
        { "docs/_generated", "src/auth/README.md", "../../src/auth/README.md" },
        { "docs/_generated", "README.md", "../../README.md" },
        { "a/b/c", "a/b/d/e", "../d/e" },
        { "a/b", "a/bc/d", "../bc/d" },
        { "ab", "a/x", "../a/x" },
        { "a", "a/a/a", "a/a" },
        { "a/b", "", "../../" },
        { "", "", "." },
        /* to the folder itself or one above: its own name is named again */
        { "a/b", "a", "../../a" },
        { "a", "a", "../a" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) back = TM_BUF_INIT;

        tm_buf_adds(&out, "replaced");
        tm_path_relative(&out, tm_str(cases[i].from), tm_str(cases[i].to));
        assert_string_equal(out.data, cases[i].out);
        assert_ok(&err, tm_path_resolve(&back, tm_str(cases[i].from), tm_buf_str(&out), &err));
        assert_string_equal(back.data, cases[i].to);
    }
}

static void globs_match_as_documented(void **state)
{
    static const struct {
        const char *pattern, *path;
        bool matches;
    } cases[] = {
        /* without '/': the base name, at any depth */
        { "*.md", "README.md", true },
        { "*.md", "docs/x/README.md", true },
        { "*.md", "README.mdx", false },
        { "docs", "docs/a.md", false },
        { "?.c", "src/a.c", true },
        { "?.c", "src/ab.c", false },
        { "*", "a/b", true },
        { "a*b*c", "aXbYbZc", true },
        { "a*b*c", "aXbYbZ", false },
        { "test_*.py", "t/test_.py", true },
        /* with '/': the whole path, '*' and '?' stop at '/' */
        { "src/*.c", "src/a.c", true },
        { "src/*.c", "src/x/a.c", false },
        { "src/?", "src//", false },
        { "*/a", "x/a", true },
        { "*/a", "x/y/a", false },
        { "*/*b/*c", "a/xb/yc", true },
        { "/a.md", "a.md", true },
        { "/a.md", "x/a.md", false },
        { "/*.md", "a.md", true },
        { "a/b", "a/b/c", false },
        /* two stars span folders, none included */
        { "**/a.c", "a.c", true },
        { "**/a.c", "x/y/a.c", true },
        { "**/a.c", "x/ya.c", false },
        { "src/**", "src/x/y", true },
        { "src/**", "src", false },
        { "src/**/a", "src/a", true },
        { "src/**/a", "src/x/y/a", true },
        { "src/**/a", "src/x/y/b", false },
        { "**/migrations/**", "app/migrations/0001.py", true },
        { "**/migrations/**", "migrations/0001.py", true },
        { "**/x/**/y", "a/x/b/x/c/y", true },
        { "**/*a/*b", "1a/2b/3a/4b", true },
        { "**/*a/*b", "1a/2a/3c", false },
        { "**", "a/b", true },
        { "a**/b", "axx/b", true }, /* not a part of its own: two ordinary stars */
        { "a**/b", "ax/y/b", false },
        /* sets */
        { "[a-c].h", "b.h", true },
        { "[a-c].h", "d.h", false },
        { "[!a-c].h", "d.h", true },
        { "[!a-c].h", "a.h", false },
        { "[]x].h", "].h", true },
        { "[a-].h", "-.h", true },
        { "[c-a].h", "b.h", false },
        { "x[!a]y/z", "x/y/z", false },
        { "[abc", "a", false },
        { "[", "[", false },
        /* quoting */
        { "\\*.md", "*.md", true },
        { "\\*.md", "a.md", false },
        { "a\\", "a\\", true },
        /* folders */
        { "vendor/", "vendor/x.c", true },
        { "vendor/", "a/vendor/b/x.c", true },
        { "vendor/", "vendor", false },
        { "vendor/", "vendored/x.c", false },
        { "/vendor/", "vendor/x.c", true },
        { "/vendor/", "a/vendor/x.c", false },
        { "a/*/", "a/b/c", true },
        { "a/*/", "a/b", false },
        { "a/*/", "x/a/b/c", false },
        { "*.d/", "conf.d/x", true },
        { "**/gen/", "a/gen/x", true },
        /* nothing matches nothing */
        { "", "a", false },
        { "/", "a", false },
        { "*", "", false },
        { "a", "A", false },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        if (tm_path_matches(tm_str(cases[i].pattern), tm_str(cases[i].path)) != cases[i].matches)
            fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].path);
}

/* By the definition of the header, without any cleverness. */
static bool matches_slowly(const char *p, const char *s, bool part_begins)
{
    if (part_begins && p[0] == '*' && p[1] == '*' && (!p[2] || p[2] == '/')) {
        if (!p[2])
            return true;
        for (;; s++) {
            if (matches_slowly(p + 3, s, true))
                return true;
            s = strchr(s, '/');
            if (!s)
                return false;
        }
    }
    if (*p == '*')
        return matches_slowly(p + 1, s, false) || (*s && *s != '/' && matches_slowly(p, s + 1, false));
    if (!*p || !*s)
        return !*p && !*s;
    if (*p == '?' ? *s == '/' : *p != *s)
        return false;
    return matches_slowly(p + 1, s + 1, *p == '/');
}

/* Writes the text that n stands for, with the alphabet's letters as digits, the lowest first. */
static void spell(unsigned n, const char *alphabet, unsigned base, char *out)
{
    for (; n; n /= base)
        *out++ = alphabet[n % base];
    *out = '\0';
}

static void globs_agree_with_their_definition(void **state)
{
    char pattern[16] = "/", path[16];

    for (unsigned i = 1; i < 7776; i++) {
        spell(i, "/a*?b*", 6, pattern + 1);
        for (unsigned k = 1; k < 1024; k += 7) {
            spell(k, "/aba", 4, path);
            /* The second '/' of a double one makes no part: paths are normal, patterns need not be. */
            if (!tm_path_is_normal(tm_str(path)) || pattern[strlen(pattern) - 1] == '/')
                continue;
            if (tm_path_matches(tm_str(pattern), tm_str(path)) != matches_slowly(pattern + 1, path, true))
                fail_msg("'%s' and '%s'", pattern, path);
        }
    }
}

static void many_stars_take_no_time(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) pattern = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    for (int i = 0; i < 200; i++)
        tm_buf_adds(&pattern, i % 2 ? "**/" : "*a*a*a/");
    tm_buf_adds(&pattern, "b");
    for (int i = 0; i < 4000; i++)
        tm_buf_addc(&path, i % 20 == 19 ? '/' : 'a');
    tm_buf_addc(&path, 'c');
    assert_false(tm_path_matches(tm_buf_str(&pattern), tm_buf_str(&path)));
}

TM_TESTS(cmocka_unit_test(paths_are_resolved_by_text),
         cmocka_unit_test(paths_that_leave_the_repository_are_refused),
         cmocka_unit_test(a_path_has_at_most_4095_bytes), cmocka_unit_test(only_resolved_paths_are_normal),
         cmocka_unit_test(paths_come_apart_and_together), cmocka_unit_test(below_means_at_a_folder_border),
         cmocka_unit_test(links_are_relative_to_the_folder_they_stand_in),
         cmocka_unit_test(globs_match_as_documented), cmocka_unit_test(globs_agree_with_their_definition),
         cmocka_unit_test(many_stars_take_no_time))
