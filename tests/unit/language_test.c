#include "test.h"

#include "catalog/language.h"

static void a_file_has_the_role_its_name_says(void **state)
{
    /* By hand, from the table in docs/formats/registry.md. */
    static const struct {
        const char *path, *language;
        enum tm_file_role role;
    } cases[] = {
        { "README.md", "", TM_ROLE_DOC },
        { "docs/guide.rst", "", TM_ROLE_DOC },
        { "a/b/c.adoc", "", TM_ROLE_DOC },
        { "tests/README.md", "", TM_ROLE_DOC },
        { "README.MD", "", TM_ROLE_OTHER },
        { "README", "", TM_ROLE_OTHER },
        { ".md", "", TM_ROLE_OTHER },
        { "data.json", "", TM_ROLE_OTHER },
        { "tests/data.json", "", TM_ROLE_TEST },
        { "test/x/y.bin", "", TM_ROLE_TEST },
        { "tests", "", TM_ROLE_OTHER },
        { "src/tests/data.json", "", TM_ROLE_OTHER },
        { "contests/a.json", "", TM_ROLE_OTHER },
        { "main.c", "c", TM_ROLE_SOURCE },
        { "list.h", "c", TM_ROLE_SOURCE },
        { "list_test.c", "c", TM_ROLE_TEST },
        { "test_list.c", "c", TM_ROLE_TEST },
        { "latest.c", "c", TM_ROLE_SOURCE },
        { "lib/test/helper.c", "c", TM_ROLE_TEST },
        { "lib/latest/helper.c", "c", TM_ROLE_SOURCE },
        { "lib/test.c", "c", TM_ROLE_SOURCE },
        { "a/listTest.cpp", "cpp", TM_ROLE_TEST },
        { "list_unittest.cc", "cpp", TM_ROLE_TEST },
        { "pkg/test_a.py", "python", TM_ROLE_TEST },
        { "pkg/a_test.py", "python", TM_ROLE_TEST },
        { "pkg/conftest.py", "python", TM_ROLE_TEST },
        { "pkg/tests/helpers.py", "python", TM_ROLE_TEST },
        { "pkg/testing.py", "python", TM_ROLE_SOURCE },
        { "a.pyi", "python", TM_ROLE_SOURCE },
        { "a_test.go", "go", TM_ROLE_TEST },
        { "test_a.go", "go", TM_ROLE_SOURCE },
        { "a.test.js", "javascript", TM_ROLE_TEST },
        { "a.spec.mjs", "javascript", TM_ROLE_TEST },
        { "src/__tests__/a.js", "javascript", TM_ROLE_TEST },
        { "test-a.cjs", "javascript", TM_ROLE_TEST },
        { "spec.ts", "typescript", TM_ROLE_SOURCE },
        { "a.spec.ts", "typescript", TM_ROLE_TEST },
        { "src/main/java/Latest.java", "java", TM_ROLE_SOURCE },
        { "src/main/java/ListTest.java", "java", TM_ROLE_TEST },
        { "src/test/java/Helper.java", "java", TM_ROLE_TEST },
        { "x/src/test/java/Helper.java", "java", TM_ROLE_TEST },
        { "x/src/testing/Helper.java", "java", TM_ROLE_SOURCE },
        { "lib/a_spec.rb", "ruby", TM_ROLE_TEST },
        { "src/tests.rs", "rust", TM_ROLE_TEST },
        { "x/t/a.pl", "perl", TM_ROLE_TEST },
        { "a.t", "perl", TM_ROLE_TEST },
        { "a.pm", "perl", TM_ROLE_SOURCE },
        { "a.bats", "shell", TM_ROLE_TEST },
        { "model.R", "r", TM_ROLE_SOURCE },
        { "a.swift", "swift", TM_ROLE_SOURCE },
        { "a.longending", "", TM_ROLE_OTHER },
        { "\xff\xfe.py", "python", TM_ROLE_SOURCE },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        unsigned char language;
        enum tm_file_role role = tm_language_role(tm_str(cases[i].path), false, &language);

        if (role != cases[i].role || !tm_str_is(tm_language_name(language), cases[i].language))
            fail_msg("'%s': role %d of language '%s'", cases[i].path, (int)role,
                     tm_language_name(language).data);
    }
}

static void case_counts_only_where_it_does_for_git(void **state)
{
    static const struct {
        const char *path;
        enum tm_file_role exact, folded;
    } cases[] = {
        { "README.MD", TM_ROLE_OTHER, TM_ROLE_DOC },        { "MAIN.C", TM_ROLE_OTHER, TM_ROLE_SOURCE },
        { "Tests/x", TM_ROLE_OTHER, TM_ROLE_TEST },         { "pkg/Test_a.py", TM_ROLE_SOURCE, TM_ROLE_TEST },
        { "pkg/TESTS/a.py", TM_ROLE_SOURCE, TM_ROLE_TEST }, { "listtest.java", TM_ROLE_SOURCE, TM_ROLE_TEST },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        unsigned char language;

        assert_int_equal(tm_language_role(tm_str(cases[i].path), false, &language), cases[i].exact);
        assert_int_equal(tm_language_role(tm_str(cases[i].path), true, &language), cases[i].folded);
    }
}

/* Adds one file of the language that `path` is in. */
static void add_file(size_t counts[TM_LANGUAGES], const char *path)
{
    unsigned char language;

    tm_language_role(tm_str(path), false, &language);
    counts[language]++;
}

static void the_language_is_what_most_files_are_in(void **state)
{
    static const struct {
        const char *files[6];
        const char *language;
    } cases[] = {
        { { "a.json" }, "" },
        { { "a.py", "b.py", "a.c" }, "python" },
        { { "a.rb", "a.py" }, "python" }, /* tie: first by name */
        { { "a.h", "b.h", "a.c", "a.py", "b.py" }, "c" },
        { { "a.h", "b.h", "c.h", "a.cpp" }, "cpp" }, /* headers go with C++ here */
        { { "a.h", "a.c", "a.cpp", "b.py" }, "c" },
        { { "a.h" }, "c" },
        { { "README.md", "x.zig" }, "zig" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        size_t counts[TM_LANGUAGES] = { 0 };

        for (size_t k = 0; k < TM_LEN(cases[i].files) && cases[i].files[k]; k++)
            add_file(counts, cases[i].files[k]);
        counts[TM_LANGUAGE_NONE] = 99;
        assert_string_equal(tm_language_name(tm_language_most(counts)).data, cases[i].language);
    }
}

static void every_documented_ending_is_found(void **state)
{
    static const char *const endings[] = {
        "c",   "h",   "cc",    "cpp", "cxx",  "hh",   "hpp",   "hxx", "cs",  "dart", "ex",  "exs",
        "erl", "hrl", "go",    "hs",  "java", "js",   "mjs",   "cjs", "jsx", "jl",   "kt",  "kts",
        "lua", "ml",  "mli",   "pl",  "pm",   "t",    "php",   "py",  "pyi", "pyx",  "r",   "R",
        "rb",  "rs",  "scala", "sh",  "bash", "bats", "swift", "ts",  "tsx", "mts",  "cts", "zig",
    };

    for (size_t i = 0; i < TM_LEN(endings); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
        unsigned char language;

        tm_buf_addf(&path, "x.%s", endings[i]);
        tm_language_role(tm_buf_str(&path), false, &language);
        if (language == TM_LANGUAGE_NONE)
            fail_msg("'%s' has no language", path.data);
    }
}

TM_TESTS(cmocka_unit_test(a_file_has_the_role_its_name_says),
         cmocka_unit_test(case_counts_only_where_it_does_for_git),
         cmocka_unit_test(the_language_is_what_most_files_are_in),
         cmocka_unit_test(every_documented_ending_is_found))
