#include "catalog/language.h"

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
 * Conventions for tests. A name is compared with the file's without its ending; one '*', first
 * or last, stands for anything. Folders are compared with those between the module and the file.
 */
struct convention {
    const char *name;
    const char *const *tests; /* ended by NULL, as `folders`; NULL for none */
    const char *const *folders;
};

#define LIST(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* By enum language, which is in the order of the names. */
static const struct convention conventions[LANGUAGES] = {
    [NONE] = { "", NULL, NULL },
    [C] = { "c", LIST("test_*", "*_test", "*_tests"), LIST("test", "tests") },
    [C_HEADER] = { "c", LIST("test_*", "*_test", "*_tests"), LIST("test", "tests") },
    [CPP] = { "cpp", LIST("test_*", "*_test", "*_tests", "*_unittest", "*Test", "*Tests"),
              LIST("test", "tests") },
    [CSHARP] = { "csharp", LIST("*Test", "*Tests"), NULL },
    [DART] = { "dart", LIST("*_test"), LIST("test") },
    [ELIXIR] = { "elixir", LIST("*_test"), LIST("test") },
    [ERLANG] = { "erlang", LIST("*_SUITE", "*_tests"), LIST("test") },
    [GO] = { "go", LIST("*_test"), NULL },
    [HASKELL] = { "haskell", LIST("*Spec", "*Test"), LIST("test", "tests") },
    [JAVA] = { "java", LIST("*Test", "*Tests", "*IT", "Test*"), LIST("src/test") },
    [JAVASCRIPT] = { "javascript", LIST("*.test", "*.spec", "*-test", "*_test", "test-*", "test"),
                     LIST("__tests__", "test", "tests", "spec") },
    [JULIA] = { "julia", LIST("runtests"), LIST("test") },
    [KOTLIN] = { "kotlin", LIST("*Test", "*Tests"), LIST("src/test") },
    [LUA] = { "lua", LIST("*_spec", "*_test"), LIST("spec", "test", "tests") },
    [OCAML] = { "ocaml", LIST("test_*", "*_test"), LIST("test", "tests") },
    [PERL] = { "perl", NULL, LIST("t") },
    [PHP] = { "php", LIST("*Test"), LIST("test", "tests") },
    [PYTHON] = { "python", LIST("test_*", "*_test", "conftest"), LIST("test", "tests") },
    [R] = { "r", LIST("test-*", "test_*"), LIST("tests") },
    [RUBY] = { "ruby", LIST("*_spec", "*_test", "test_*"), LIST("spec", "test") },
    [RUST] = { "rust", LIST("*_test", "*_tests", "tests"), LIST("tests") },
    [SCALA] = { "scala", LIST("*Test", "*Spec", "*Suite"), LIST("src/test") },
    [SHELL] = { "shell", LIST("test_*", "*_test", "*.test"), LIST("test", "tests") },
    [SWIFT] = { "swift", LIST("*Test", "*Tests"), LIST("Tests") },
    [TYPESCRIPT] = { "typescript", LIST("*.test", "*.spec", "*-test", "*_test", "test-*", "test"),
                     LIST("__tests__", "test", "tests", "spec") },
    [ZIG] = { "zig", LIST("*_test"), LIST("test") },
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

/* ext is the ending without its dot. */
static const struct ending *find_ending(struct tm_str ext, bool fold)
{
    char key[ENDING_MAX] = { 0 };
    size_t low = 0, high = TM_LEN(endings);

    if (ext.len == 0 || ext.len > ENDING_MAX)
        return NULL;
    for (size_t i = 0; i < ext.len; i++)
        key[i] = fold ? lower(ext.data[i]) : ext.data[i];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(key, endings[middle].text, ENDING_MAX);

        if (order == 0)
            return &endings[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool name_matches(const char *pattern, struct tm_str name, bool fold)
{
    struct tm_str p = tm_str(pattern);

    if (p.data[0] == '*') {
        p = tm_str_from(p, 1);
        return name.len >= p.len && same(tm_str_from(name, name.len - p.len), p, fold);
    }
    if (p.data[p.len - 1] == '*') {
        p.len--;
        return name.len >= p.len && same(tm_str_n(name.data, p.len), p, fold);
    }
    return same(name, p, fold);
}

/* True when `folder` ("tests", "src/test") stands among the folders of path, whole parts only. */
static bool is_in_folder(struct tm_str path, const char *folder, bool fold)
{
    struct tm_str want = tm_str(folder);
    size_t at = 0;

    for (;;) {
        struct tm_str rest = tm_str_from(path, at);
        size_t slash = tm_str_find(rest, '/');

        if (slash == SIZE_MAX)
            return false;
        if (rest.len > want.len && rest.data[want.len] == '/' &&
            same(tm_str_n(rest.data, want.len), want, fold))
            return true;
        at += slash + 1;
    }
}

static bool is_test(const struct convention *convention, struct tm_str path, bool fold)
{
    struct tm_str name = tm_path_base(path);

    name.len -= tm_path_ext(path).len;
    for (const char *const *test = convention->tests; test && *test; test++)
        if (name_matches(*test, name, fold))
            return true;
    for (const char *const *folder = convention->folders; folder && *folder; folder++)
        if (is_in_folder(path, *folder, fold))
            return true;
    return false;
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
    if (ending->role == TM_ROLE_SOURCE && is_test(&conventions[ending->language], path, fold))
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
    unsigned char most = NONE;
    size_t greatest = 0;

    for (unsigned char i = NONE + 1; i < LANGUAGES; i++) {
        size_t n = i == C ? c : i == CPP ? cpp : i == C_HEADER ? 0 : counts[i];

        if (n > greatest) {
            greatest = n;
            most = i;
        }
    }
    return most;
}
