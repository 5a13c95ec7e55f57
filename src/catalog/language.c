#include "catalog/language.h"

#include <endian.h>

#include "base/path.h"

enum language {
    NONE,
    C,
    C_HEADER, /* C's or C++'s: see tm_language_most */
    CPP,
    CSHARP,
    DART,
    ELIXIR,
    ERLANG,
    GO,
    HASKELL,
    JAVA,
    JAVASCRIPT,
    JULIA,
    KOTLIN,
    LUA,
    OCAML,
    PERL,
    PHP,
    PYTHON,
    R,
    RUBY,
    RUST,
    SCALA,
    SHELL,
    SWIFT,
    TYPESCRIPT,
    ZIG,
    LANGUAGES,
};
_Static_assert((int)LANGUAGES == (int)TM_LANGUAGES, "the header's number of languages is wrong");

/*
 * Conventions for tests. A name is compared with the file's without its ending. Folders are
 * compared with those between the module and the file. Lengths stand in the table, because
 * every source file of a repository is held against it.
 */
enum where { AT_START, AT_END, WHOLE };

struct test_name {
    struct tm_str text; /* NULL data ends a list */
    enum where where;
};

struct convention {
    const char *name;
    const struct test_name *tests; /* NULL for none */
    const struct tm_str *folders;  /* ended by NULL data; NULL for none */
};

#define TEXT(literal)                                                                                        \
    {                                                                                                        \
        "" literal, sizeof(literal) - 1                                                                      \
    }
#define START(literal)                                                                                       \
    {                                                                                                        \
        TEXT(literal), AT_START                                                                              \
    } /* test_* */
#define END(literal)                                                                                         \
    {                                                                                                        \
        TEXT(literal), AT_END                                                                                \
    } /* *_test */
#define IS(literal)                                                                                          \
    {                                                                                                        \
        TEXT(literal), WHOLE                                                                                 \
    } /* conftest */
#define TESTS(...)   ((const struct test_name[]) { __VA_ARGS__, { { NULL, 0 }, WHOLE } })
#define FOLDERS(...) ((const struct tm_str[]) { __VA_ARGS__, { NULL, 0 } })

/* By enum language, which is in the order of the names. */
static const struct convention conventions[LANGUAGES] = {
    [NONE] = { "", NULL, NULL },
    [C] = { "c", TESTS(START("test_"), END("_test"), END("_tests")), FOLDERS(TEXT("test"), TEXT("tests")) },
    [C_HEADER] = { "c", TESTS(START("test_"), END("_test"), END("_tests")),
                   FOLDERS(TEXT("test"), TEXT("tests")) },
    [CPP] = { "cpp",
              TESTS(START("test_"), END("_test"), END("_tests"), END("_unittest"), END("Test"), END("Tests")),
              FOLDERS(TEXT("test"), TEXT("tests")) },
    [CSHARP] = { "csharp", TESTS(END("Test"), END("Tests")), NULL },
    [DART] = { "dart", TESTS(END("_test")), FOLDERS(TEXT("test")) },
    [ELIXIR] = { "elixir", TESTS(END("_test")), FOLDERS(TEXT("test")) },
    [ERLANG] = { "erlang", TESTS(END("_SUITE"), END("_tests")), FOLDERS(TEXT("test")) },
    [GO] = { "go", TESTS(END("_test")), NULL },
    [HASKELL] = { "haskell", TESTS(END("Spec"), END("Test")), FOLDERS(TEXT("test"), TEXT("tests")) },
    [JAVA] = { "java", TESTS(END("Test"), END("Tests"), END("IT"), START("Test")),
               FOLDERS(TEXT("src/test")) },
    [JAVASCRIPT] = { "javascript",
                     TESTS(END(".test"), END(".spec"), END("-test"), END("_test"), START("test-"),
                           IS("test")),
                     FOLDERS(TEXT("__tests__"), TEXT("test"), TEXT("tests"), TEXT("spec")) },
    [JULIA] = { "julia", TESTS(IS("runtests")), FOLDERS(TEXT("test")) },
    [KOTLIN] = { "kotlin", TESTS(END("Test"), END("Tests")), FOLDERS(TEXT("src/test")) },
    [LUA] = { "lua", TESTS(END("_spec"), END("_test")), FOLDERS(TEXT("spec"), TEXT("test"), TEXT("tests")) },
    [OCAML] = { "ocaml", TESTS(START("test_"), END("_test")), FOLDERS(TEXT("test"), TEXT("tests")) },
    [PERL] = { "perl", NULL, FOLDERS(TEXT("t")) },
    [PHP] = { "php", TESTS(END("Test")), FOLDERS(TEXT("test"), TEXT("tests")) },
    [PYTHON] = { "python", TESTS(START("test_"), END("_test"), IS("conftest")),
                 FOLDERS(TEXT("test"), TEXT("tests")) },
    [R] = { "r", TESTS(START("test-"), START("test_")), FOLDERS(TEXT("tests")) },
    [RUBY] = { "ruby", TESTS(END("_spec"), END("_test"), START("test_")),
               FOLDERS(TEXT("spec"), TEXT("test")) },
    [RUST] = { "rust", TESTS(END("_test"), END("_tests"), IS("tests")), FOLDERS(TEXT("tests")) },
    [SCALA] = { "scala", TESTS(END("Test"), END("Spec"), END("Suite")), FOLDERS(TEXT("src/test")) },
    [SHELL] = { "shell", TESTS(START("test_"), END("_test"), END(".test")),
                FOLDERS(TEXT("test"), TEXT("tests")) },
    [SWIFT] = { "swift", TESTS(END("Test"), END("Tests")), FOLDERS(TEXT("Tests")) },
    [TYPESCRIPT] = { "typescript",
                     TESTS(END(".test"), END(".spec"), END("-test"), END("_test"), START("test-"),
                           IS("test")),
                     FOLDERS(TEXT("__tests__"), TEXT("test"), TEXT("tests"), TEXT("spec")) },
    [ZIG] = { "zig", TESTS(END("_test")), FOLDERS(TEXT("test")) },
};

enum { ENDING_MAX = 8 };

struct ending {
    char text[ENDING_MAX]; /* without the dot, padded with NULs */
    unsigned char language;
    enum tm_file_role role; /* TM_ROLE_SOURCE: unless the convention says that it is a test */
};

/* In byte order of text, for the binary search. */
static const struct ending endings[] = {
    { "R", R, TM_ROLE_SOURCE },
    { "adoc", NONE, TM_ROLE_DOC },
    { "bash", SHELL, TM_ROLE_SOURCE },
    { "bats", SHELL, TM_ROLE_TEST },
    { "c", C, TM_ROLE_SOURCE },
    { "cc", CPP, TM_ROLE_SOURCE },
    { "cjs", JAVASCRIPT, TM_ROLE_SOURCE },
    { "cpp", CPP, TM_ROLE_SOURCE },
    { "cs", CSHARP, TM_ROLE_SOURCE },
    { "cts", TYPESCRIPT, TM_ROLE_SOURCE },
    { "cxx", CPP, TM_ROLE_SOURCE },
    { "dart", DART, TM_ROLE_SOURCE },
    { "erl", ERLANG, TM_ROLE_SOURCE },
    { "ex", ELIXIR, TM_ROLE_SOURCE },
    { "exs", ELIXIR, TM_ROLE_SOURCE },
    { "go", GO, TM_ROLE_SOURCE },
    { "h", C_HEADER, TM_ROLE_SOURCE },
    { "hh", CPP, TM_ROLE_SOURCE },
    { "hpp", CPP, TM_ROLE_SOURCE },
    { "hrl", ERLANG, TM_ROLE_SOURCE },
    { "hs", HASKELL, TM_ROLE_SOURCE },
    { "hxx", CPP, TM_ROLE_SOURCE },
    { "java", JAVA, TM_ROLE_SOURCE },
    { "jl", JULIA, TM_ROLE_SOURCE },
    { "js", JAVASCRIPT, TM_ROLE_SOURCE },
    { "jsx", JAVASCRIPT, TM_ROLE_SOURCE },
    { "kt", KOTLIN, TM_ROLE_SOURCE },
    { "kts", KOTLIN, TM_ROLE_SOURCE },
    { "lua", LUA, TM_ROLE_SOURCE },
    { "md", NONE, TM_ROLE_DOC },
    { "mjs", JAVASCRIPT, TM_ROLE_SOURCE },
    { "ml", OCAML, TM_ROLE_SOURCE },
    { "mli", OCAML, TM_ROLE_SOURCE },
    { "mts", TYPESCRIPT, TM_ROLE_SOURCE },
    { "php", PHP, TM_ROLE_SOURCE },
    { "pl", PERL, TM_ROLE_SOURCE },
    { "pm", PERL, TM_ROLE_SOURCE },
    { "py", PYTHON, TM_ROLE_SOURCE },
    { "pyi", PYTHON, TM_ROLE_SOURCE },
    { "pyx", PYTHON, TM_ROLE_SOURCE },
    { "r", R, TM_ROLE_SOURCE },
    { "rb", RUBY, TM_ROLE_SOURCE },
    { "rs", RUST, TM_ROLE_SOURCE },
    { "rst", NONE, TM_ROLE_DOC },
    { "scala", SCALA, TM_ROLE_SOURCE },
    { "sh", SHELL, TM_ROLE_SOURCE },
    { "swift", SWIFT, TM_ROLE_SOURCE },
    { "t", PERL, TM_ROLE_TEST },
    { "ts", TYPESCRIPT, TM_ROLE_SOURCE },
    { "tsx", TYPESCRIPT, TM_ROLE_SOURCE },
    { "zig", ZIG, TM_ROLE_SOURCE },
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same(struct tm_str a, struct tm_str b, bool fold)
{
    if (!fold)
        return tm_str_eq(a, b);
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

/* The bytes as one number, in whose order they are compared. */
static uint64_t number_of(const char text[ENDING_MAX])
{
    uint64_t bytes;

    _Static_assert(ENDING_MAX == sizeof(bytes), "an ending is compared as one number");
    memcpy(&bytes, text, sizeof(bytes));
    return be64toh(bytes);
}

/* ext is the ending without its dot. */
static const struct ending *find_ending(struct tm_str ext, bool fold)
{
    char text[ENDING_MAX] = { 0 };
    size_t low = 0, high = TM_LEN(endings);
    uint64_t key;

    if (ext.len == 0 || ext.len > ENDING_MAX)
        return NULL;
    for (size_t i = 0; i < ext.len; i++)
        text[i] = fold ? lower(ext.data[i]) : ext.data[i];
    key = number_of(text);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t at = number_of(endings[middle].text);

        if (at == key)
            return &endings[middle];
        if (at > key)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool name_matches(const struct test_name *test, struct tm_str name, bool fold)
{
    size_t n = test->text.len;

    if (name.len < n || (test->where == WHOLE && name.len > n))
        return false;
    return same(test->where == AT_END ? tm_str_from(name, name.len - n) : tm_str_n(name.data, n), test->text,
                fold);
}

/* True when one of the folders ("tests", "src/test") stands in path, whole parts only. */
static bool is_in_folder(struct tm_str path, const struct tm_str *folders, bool fold)
{
    const char *part = path.data, *end = path.data + path.len;
    const char *slash;

    for (; (slash = memchr(part, '/', (size_t)(end - part))); part = slash + 1)
        for (const struct tm_str *folder = folders; folder->data; folder++)
            if ((size_t)(end - part) > folder->len && part[folder->len] == '/' &&
                same(tm_str_n(part, folder->len), *folder, fold))
                return true;
    return false;
}

static bool is_test(const struct convention *convention, struct tm_str path, struct tm_str ext, bool fold)
{
    struct tm_str name = tm_path_base(path);

    name.len -= ext.len;
    for (const struct test_name *test = convention->tests; test && test->text.data; test++)
        if (name_matches(test, name, fold))
            return true;
    return convention->folders && is_in_folder(path, convention->folders, fold);
}

/* True below tests/ or test/ of the module's own folder, whatever the file. */
static bool is_below_tests(struct tm_str path, bool fold)
{
    size_t slash = tm_str_find(path, '/');
    struct tm_str first = tm_str_n(path.data, slash);

    return slash != SIZE_MAX && (same(first, TM_STR("tests"), fold) || same(first, TM_STR("test"), fold));
}

enum tm_file_role tm_language_role(struct tm_str path, bool fold, unsigned char *language)
{
    struct tm_str ext = tm_path_ext(path);
    const struct ending *ending = ext.len ? find_ending(tm_str_from(ext, 1), fold) : NULL;

    *language = ending ? ending->language : TM_LANGUAGE_NONE;
    if (ending && ending->role == TM_ROLE_DOC)
        return TM_ROLE_DOC;
    if (is_below_tests(path, fold))
        return TM_ROLE_TEST;
    if (!ending)
        return TM_ROLE_OTHER;
    if (ending->role == TM_ROLE_SOURCE && is_test(&conventions[ending->language], path, ext, fold))
        return TM_ROLE_TEST;
    return ending->role;
}

struct tm_str tm_language_name(unsigned char language)
{
    assert(language < LANGUAGES);
    return tm_str(conventions[language].name);
}

unsigned char tm_language_most(const size_t counts[TM_LANGUAGES])
{
    size_t headers = counts[C_HEADER];
    size_t c = counts[C] + (counts[CPP] > counts[C] ? 0 : headers);
    size_t cpp = counts[CPP] + (counts[CPP] > counts[C] ? headers : 0);
    int most = NONE;
    size_t greatest = 0;

    for (int i = NONE + 1; i < LANGUAGES; i++) {
        size_t n = i == C ? c : i == CPP ? cpp : i == C_HEADER ? 0 : counts[i];

        if (n > greatest) {
            greatest = n;
            most = i;
        }
    }
    return (unsigned char)most;
}
