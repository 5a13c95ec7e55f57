#include "coverage/suffix.h"

#include "test.h"

static const char *const paths[] = { "a.c",     "src/a.c", "lib/src/a.c",          "lib/xsrc/a.c", "ba.c",
                                     "lib/A.c", "src/A.C", "deep/er/than/src/a.c", "src/a.cc" };

static bool is_end(const char *path, const char *suffix)
{
    size_t p = strlen(path), s = strlen(suffix);

    return p >= s && strcasecmp(path + p - s, suffix) == 0 && (p == s || path[p - s - 1] == '/');
}

static void ends_are_found_in_whole_parts(void **state)
{
    static const char *const suffixes[] = { "a.c",  "src/a.c", "SRC/a.C", "lib/src/a.c",  "x",
                                            "a.cc", ".c",      "c",       "than/src/a.c", "/a.c" };
    struct tm_suffixes TM_CLEANUP(tm_suffixes_release) all = TM_SUFFIXES_INIT;

    for (size_t i = 0; i < TM_LEN(paths); i++)
        tm_suffixes_add(&all, tm_str(paths[i]));
    tm_suffixes_sort(&all);
    for (size_t i = 0; i < TM_LEN(suffixes); i++) {
        size_t n, want = 0;
        const struct tm_str *found = tm_suffixes_find(&all, tm_str(suffixes[i]), &n);

        for (size_t k = 0; k < TM_LEN(paths); k++)
            want += is_end(paths[k], suffixes[i]);
        assert_int_equal(n, want);
        for (size_t k = 0; k < n; k++)
            assert_true(is_end(found[k].data, suffixes[i]));
    }
}

static void nothing_is_found_in_nothing(void **state)
{
    struct tm_suffixes TM_CLEANUP(tm_suffixes_release) all = TM_SUFFIXES_INIT;
    size_t n;

    tm_suffixes_sort(&all);
    tm_suffixes_find(&all, TM_STR("a.c"), &n);
    assert_int_equal(n, 0);
}

TM_TESTS(cmocka_unit_test(ends_are_found_in_whole_parts), cmocka_unit_test(nothing_is_found_in_nothing))
