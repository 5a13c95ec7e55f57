#include "coverage/resolve.h"

#include <unistd.h>

#include "base/path.h"
#include "test.h"

/* The files of the repository /work/repo in these tests. */
static const char *const files[] = { "main.c",      "util.py",         "svc/util.py", "svc/src/util.py",
                                     "svc/src/a.c", "svc/build/gen.c", "lib/src/a.c", "lib/b.c",
                                     "odd\\name.c", "win/sub/c.cs",    "a b/\xff.c",  "svc/build/util.py" };

static bool exists(void *ctx, struct tm_str path)
{
    for (size_t i = 0; i < TM_LEN(files); i++)
        if (tm_str_is(path, files[i]))
            return true;
    return false;
}

static const struct tm_prefix prefixes[] = {
    { { "/tmp/mirror/", 12 }, { "svc", 3 } },
    { { "/app", 4 }, { "", 0 } },
    { { "/app/third", 10 }, { "lib", 3 } },
    { { "C:/agent/1/s", 12 }, { "", 0 } },
};

static const struct tm_prefixes nothing = { NULL, 0 };

/* Source roots, ended by NULL. */
#define ROOTS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static void check(const struct tm_resolver *resolver, const char *const *root_names, const char *name,
                  const char *want, enum tm_drop want_reason)
{
    struct tm_resolution TM_CLEANUP(tm_resolution_release) r;
    struct tm_str roots[8];
    size_t n = 0;
    bool found;

    tm_resolution_init(&r);
    for (; root_names && root_names[n]; n++)
        roots[n] = tm_str(root_names[n]);
    found = tm_resolve(resolver, roots, n, nothing, tm_str(name), &r);
    if (found != (want != NULL))
        fail_msg("'%s': %s", name, found ? r.path.data : tm_drop_reason(r.reason));
    if (want)
        assert_string_equal(r.path.data, want);
    else if (r.reason != want_reason)
        fail_msg("'%s' is %s", name, tm_drop_reason(r.reason));
}

static void absolute_names_must_be_below_a_known_prefix(void **state)
{
    const struct tm_resolver resolver = { .root = TM_STR("/work/repo"),
                                          .prefixes = { prefixes, TM_LEN(prefixes) },
                                          .exists = exists };
    static const struct {
        const char *name, *path;
        enum tm_drop reason;
    } cases[] = {
        { "/work/repo/main.c", "main.c", 0 },
        { "/work/repo//svc/./src/../util.py", "svc/util.py", 0 },
        { "/../work/repo/main.c", "main.c", 0 },
        { "/work/repo/a b/\xff.c", "a b/\xff.c", 0 },
        { "/work/repo/gone.c", NULL, TM_DROP_MISSING },
        { "/work/repo", NULL, TM_DROP_MISSING },
        { "/work/repo/../repo2/main.c", NULL, TM_DROP_OUTSIDE },
        { "/work/repository/main.c", NULL, TM_DROP_OUTSIDE },
        { "/usr/include/stdio.h", NULL, TM_DROP_FOREIGN },
        { "/opt/x/node_modules/y/z.js", NULL, TM_DROP_FOREIGN },
        { "/", NULL, TM_DROP_OUTSIDE },
        /* Prefixes: a mirror of a module, a container; the longest wins. */
        { "/tmp/mirror/src/util.py", "svc/src/util.py", 0 },
        { "/tmp/mirror/../mirror/util.py", "svc/util.py", 0 },
        { "/tmp/mirrored/util.py", NULL, TM_DROP_OUTSIDE },
        { "/app/svc/src/a.c", "svc/src/a.c", 0 },
        { "/app/third/b.c", "lib/b.c", 0 },
        { "/app/third/main.c", NULL, TM_DROP_MISSING },
        /* Windows. */
        { "C:\\agent\\1\\s\\win\\sub\\c.cs", "win/sub/c.cs", 0 },
        { "C:/agent/1/s/win/sub/c.cs", "win/sub/c.cs", 0 },
        { "D:\\agent\\1\\s\\win\\sub\\c.cs", NULL, TM_DROP_OUTSIDE },
        { "C:\\Windows\\x.cs", NULL, TM_DROP_FOREIGN },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        check(&resolver, NULL, cases[i].name, cases[i].path, cases[i].reason);
}

static void relative_names_are_looked_for_step_by_step(void **state)
{
    const struct tm_resolver bare = { .root = TM_STR("/work/repo"), .exists = exists };
    const struct tm_resolver with_base = {
        .root = TM_STR("/work/repo"), .has_base = true, .base = TM_STR("svc"), .exists = exists
    };
    const struct tm_resolver with_report = { .root = TM_STR("/work/repo"),
                                             .has_report_dir = true,
                                             .report_dir = TM_STR("svc/build"),
                                             .exists = exists };
    const struct {
        const struct tm_resolver *resolver;
        const char *const *roots;
        const char *name, *path;
        enum tm_drop reason;
    } cases[] = {
        { &bare, NULL, "util.py", "util.py", 0 },
        { &bare, NULL, "./svc//util.py", "svc/util.py", 0 },
        { &bare, NULL, "svc/../main.c", "main.c", 0 },
        { &bare, NULL, "../main.c", NULL, TM_DROP_OUTSIDE },
        { &bare, NULL, "a.c", NULL, TM_DROP_MISSING },
        { &bare, NULL, "odd\\name.c", "odd\\name.c", 0 },
        { &bare, NULL, "win\\sub\\c.cs", "win/sub/c.cs", 0 },
        /* Where the tool ran goes before the repository's root. */
        { &with_base, NULL, "util.py", "svc/util.py", 0 },
        { &with_base, NULL, "../util.py", "util.py", 0 },
        { &with_base, NULL, "main.c", "main.c", 0 },
        { &with_base, NULL, "svc/src/a.c", "svc/src/a.c", 0 },
        { &with_base, NULL, "../../x.c", NULL, TM_DROP_OUTSIDE },
        /* The report's folder and the root are one step: two files are ambiguous. */
        { &with_report, NULL, "gen.c", "svc/build/gen.c", 0 },
        { &with_report, NULL, "main.c", "main.c", 0 },
        { &with_report, NULL, "../src/a.c", "svc/src/a.c", 0 },
        { &with_report, NULL, "util.py", NULL, TM_DROP_AMBIGUOUS },
        /* Source roots go first. */
        { &with_base, ROOTS("/work/repo/svc/src"), "util.py", "svc/src/util.py", 0 },
        { &with_base, ROOTS("src"), "util.py", "svc/src/util.py", 0 },
        { &with_base, ROOTS("."), "util.py", "svc/util.py", 0 },
        { &with_report, ROOTS(".."), "src/a.c", "svc/src/a.c", 0 },
        { &bare, ROOTS("svc/src"), "a.c", "svc/src/a.c", 0 },
        { &bare, ROOTS("svc/src", "lib/src"), "a.c", NULL, TM_DROP_AMBIGUOUS },
        { &bare, ROOTS("/work/repo/svc/src", "/work/repo/svc/src/."), "a.c", "svc/src/a.c", 0 },
        { &bare, ROOTS("/work/repo/svc/src", "/work/repo/lib/src"), "a.c", NULL, TM_DROP_AMBIGUOUS },
        { &bare, ROOTS("/work/repo/lib", "/usr/lib"), "b.c", "lib/b.c", 0 },
        { &bare, ROOTS("/"), "work/repo/main.c", "main.c", 0 },
        { &bare, ROOTS("/work/repo/svc\\src"), "a.c", "svc/src/a.c", 0 },
        /* A relative root that leads nowhere leaves the name to the other steps, an absolute one does not. */
        { &bare, ROOTS("nowhere"), "main.c", "main.c", 0 },
        { &bare, ROOTS("/elsewhere"), "main.c", NULL, TM_DROP_OUTSIDE },
        { &with_base, ROOTS("/work/repo/lib"), "util.py", NULL, TM_DROP_MISSING },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        check(cases[i].resolver, cases[i].roots, cases[i].name, cases[i].path, cases[i].reason);
}

/* ---- By the ends of names ---- */

static const struct tm_suffixes *all_files(void *ctx)
{
    static struct tm_suffixes suffixes;

    if (!suffixes.sorted) {
        for (size_t i = 0; i < TM_LEN(files); i++)
            tm_suffixes_add(&suffixes, tm_str(files[i]));
        tm_suffixes_sort(&suffixes);
    }
    return &suffixes;
}

static void names_from_elsewhere_are_found_by_their_longest_end(void **state)
{
    static const struct tm_str roots[] = { { "svc/src", 7 }, { "svc", 3 } };
    const struct tm_resolver bare = { .root = TM_STR("/work/repo"), .exists = exists, .suffixes = all_files };
    const struct tm_resolver rooted = { .root = TM_STR("/work/repo"),
                                        .roots = roots,
                                        .n_roots = TM_LEN(roots),
                                        .exists = exists,
                                        .suffixes = all_files };
    const struct {
        const struct tm_resolver *resolver;
        const char *const *roots;
        const char *name, *path;
        enum tm_drop reason;
    } cases[] = {
        /* Prefixes of containers and CI machines. */
        { &bare, NULL, "/home/ci/project/svc/src/a.c", "svc/src/a.c", 0 },
        { &bare, NULL, "/usr/src/app/lib/b.c", "lib/b.c", 0 },
        { &bare, NULL, "D:\\a\\1\\s\\win\\sub\\c.cs", "win/sub/c.cs", 0 },
        { &bare, NULL, "github.com/org/repo/lib/src/a.c", "lib/src/a.c", 0 },
        { &bare, NULL, "../../other/svc/util.py", "svc/util.py", 0 },
        { &bare, ROOTS("/builds/x/svc"), "src/util.py", "svc/src/util.py", 0 },
        /* The longest end, not any end. */
        { &bare, NULL, "/x/svc/src/util.py", "svc/src/util.py", 0 },
        { &bare, NULL, "/x/svc/util.py", "svc/util.py", 0 },
        /* A last part alone is no proof, nor a folder that is not given. */
        { &bare, NULL, "/x/y/main.c", NULL, TM_DROP_AMBIGUOUS },
        { &bare, NULL, "/x/src/a.c", NULL, TM_DROP_OUTSIDE },
        { &rooted, NULL, "/x/src/a.c", "svc/src/a.c", 0 },
        /* A whole relative name may be below any folder: packages. */
        { &bare, NULL, "sub/c.cs", "win/sub/c.cs", 0 },
        { &bare, NULL, "src/util.py", "svc/src/util.py", 0 },
        { &bare, NULL, "src/a.c", NULL, TM_DROP_AMBIGUOUS },
        { &bare, NULL, "c.cs", NULL, TM_DROP_AMBIGUOUS },
        { &rooted, NULL, "a.c", "svc/src/a.c", 0 },
        { &bare, NULL, "sub/gone.cs", NULL, TM_DROP_MISSING },
        /* Letters of another case. */
        { &bare, NULL, "/X/SVC/Src/A.c", "svc/src/a.c", 0 },
        { &bare, NULL, "/work/repo/Main.C", "main.c", 0 },
        { &bare, NULL, "/work/repo/Util.py", "util.py", 0 },
        { &bare, NULL, "/work/repo/src/a.c", NULL, TM_DROP_MISSING },
        /* What is installed is not looked for. */
        { &bare, NULL, "/usr/include/lib/b.c", NULL, TM_DROP_FOREIGN },
        { &bare, NULL, "/x/node_modules/svc/src/a.c", NULL, TM_DROP_FOREIGN },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        check(cases[i].resolver, cases[i].roots, cases[i].name, cases[i].path, cases[i].reason);
}

static void an_ambiguous_name_has_its_candidates(void **state)
{
    const struct tm_resolver resolver = { .root = TM_STR("/work/repo"),
                                          .exists = exists,
                                          .suffixes = all_files };
    struct tm_resolution TM_CLEANUP(tm_resolution_release) r;

    tm_resolution_init(&r);
    assert_false(tm_resolve(&resolver, NULL, 0, nothing, TM_STR("src/a.c"), &r));
    assert_int_equal(r.n_candidates, 2);
    assert_string_equal(r.candidates[0].data, "lib/src/a.c");
    assert_string_equal(r.candidates[1].data, "svc/src/a.c");
    assert_false(tm_resolve(&resolver, NULL, 0, nothing, TM_STR("/x/y/main.c"), &r));
    assert_int_equal(r.n_candidates, 1);
    assert_string_equal(r.candidates[0].data, "main.c");
}

static void other_names_decide_where_a_last_part_does_not(void **state)
{
    static const struct tm_prefix one[] = { { { "x/y", 3 }, { "", 0 } } };
    static const struct tm_prefix two[] = { { { "", 0 }, { "svc", 3 } }, { { "", 0 }, { "svc/src", 7 } } };
    const struct tm_resolver resolver = { .root = TM_STR("/work/repo"),
                                          .exists = exists,
                                          .suffixes = all_files };
    struct tm_resolution TM_CLEANUP(tm_resolution_release) r;

    tm_resolution_init(&r);
    assert_true(tm_resolve(&resolver, NULL, 0, (struct tm_prefixes) { one, 1 }, TM_STR("/x/y/main.c"), &r));
    assert_string_equal(r.path.data, "main.c");
    assert_false(tm_resolve(&resolver, NULL, 0, (struct tm_prefixes) { one, 1 }, TM_STR("/x/z/main.c"), &r));
    /* "gen.c" in the one place where the others begin; "util.py" would be in both. */
    assert_true(tm_resolve(&resolver, NULL, 0, (struct tm_prefixes) { two, 2 }, TM_STR("a.c"), &r));
    assert_string_equal(r.path.data, "svc/src/a.c");
    assert_false(tm_resolve(&resolver, NULL, 0, (struct tm_prefixes) { two, 2 }, TM_STR("c.cs"), &r));
}

static void settings_decide_before_anything_else(void **state)
{
    static const struct tm_prefix settled[] = {
        { { "/build", 6 }, { "svc", 3 } },
        { { "/build/lib", 10 }, { "lib", 3 } },
        { { "src/a.c", 7 }, { "lib/src/a.c", 11 } },
        { { "example.com/api", 15 }, { "", 0 } },
    };
    const struct tm_resolver resolver = { .root = TM_STR("/work/repo"),
                                          .settled = { settled, TM_LEN(settled) },
                                          .exists = exists,
                                          .suffixes = all_files };
    const struct {
        const char *const *roots;
        const char *name, *path;
        enum tm_drop reason;
    } cases[] = {
        { NULL, "/build/util.py", "svc/util.py", 0 },
        { NULL, "/build/lib/b.c", "lib/b.c", 0 },
        { NULL, "src/a.c", "lib/src/a.c", 0 },
        { NULL, "example.com/api/main.c", "main.c", 0 },
        { ROOTS("/build"), "src/a.c", "lib/src/a.c", 0 },
        { ROOTS("/build"), "src/util.py", "svc/src/util.py", 0 },
        /* It is there and nowhere else. */
        { NULL, "/build/main.c", NULL, TM_DROP_MISSING },
        { NULL, "/build/../main.c", NULL, TM_DROP_AMBIGUOUS },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        check(&resolver, cases[i].roots, cases[i].name, cases[i].path, cases[i].reason);
}

static void go_files_are_found_through_their_modules(void **state)
{
    static const struct tm_prefix modules[] = {
        { { "example.com/win", 15 }, { "win", 3 } },
        { { "svc", 3 }, { "win", 3 } },
    };
    struct tm_resolver resolver = { .root = TM_STR("/work/repo"),
                                    .go_modules = { modules, TM_LEN(modules) },
                                    .exists = exists };

    check(&resolver, NULL, "example.com/win/sub/c.cs", NULL, TM_DROP_MISSING);
    check(&resolver, NULL, "svc/util.py", "svc/util.py", 0);
    check(&resolver, NULL, "example.com/win/x.go", NULL, TM_DROP_MISSING);
    check(&resolver, NULL, "svc/x.go", NULL, TM_DROP_MISSING);
}

static void sources_are_read_only_from_the_repository(void **state)
{
    char folder[] = "/tmp/tidemark-resolve-XXXXXX";
    struct tm_root TM_CLEANUP(tm_root_close) root = TM_ROOT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_resolver resolver = { .root = TM_STR("/work/repo"), .exists = exists };
    struct tm_source_finder finder = { &resolver, &root, 5 };

    assert_non_null(mkdtemp(folder));
    assert_ok(&err, tm_root_open(&root, folder, &err));
    assert_ok(&err, tm_root_create(&root, TM_STR("main.c"), TM_STR("12345"), &err));
    assert_ok(&err, tm_root_create(&root, TM_STR("util.py"), TM_STR("123456"), &err));
    assert_ok(&err, tm_resolve_source(&finder, TM_STR("/work/repo/main.c"), &out, &err));
    assert_string_equal(out.data, "12345");
    assert_fails(&err, TM_E_LIMIT, tm_resolve_source(&finder, TM_STR("util.py"), &out, &err));
    assert_fails(&err, TM_E_PATH, tm_resolve_source(&finder, TM_STR("/etc/passwd"), &out, &err));
    assert_fails(&err, TM_E_NOT_FOUND, tm_resolve_source(&finder, TM_STR("gone.c"), &out, &err));
    assert_ok(&err, tm_root_unlink(&root, TM_STR("main.c"), &err));
    assert_ok(&err, tm_root_unlink(&root, TM_STR("util.py"), &err));
    assert_int_equal(rmdir(folder), 0);
}

TM_TESTS(cmocka_unit_test(absolute_names_must_be_below_a_known_prefix),
         cmocka_unit_test(relative_names_are_looked_for_step_by_step),
         cmocka_unit_test(names_from_elsewhere_are_found_by_their_longest_end),
         cmocka_unit_test(an_ambiguous_name_has_its_candidates),
         cmocka_unit_test(other_names_decide_where_a_last_part_does_not),
         cmocka_unit_test(settings_decide_before_anything_else),
         cmocka_unit_test(go_files_are_found_through_their_modules),
         cmocka_unit_test(sources_are_read_only_from_the_repository))
