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

static struct tm_prefix prefixes[] = {
    { { "/tmp/mirror/", 12 }, { "svc", 3 } },
    { { "/app", 4 }, { "", 0 } },
    { { "/app/third", 10 }, { "lib", 3 } },
    { { "C:/agent/1/s", 12 }, { "", 0 } },
};

/* Source roots, ended by NULL. */
#define ROOTS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static void check(const struct tm_resolver *resolver, const char *const *root_names, const char *name,
                  const char *want, enum tm_drop want_reason)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_str roots[8];
    size_t n = 0;
    enum tm_drop reason = TM_DROP_REASONS;
    bool found;

    for (; root_names && root_names[n]; n++)
        roots[n] = tm_str(root_names[n]);
    found = tm_resolve(resolver, roots, n, tm_str(name), &out, &reason);
    if (found != (want != NULL))
        fail_msg("'%s': %s", name, found ? out.data : tm_drop_reason(reason));
    if (want)
        assert_string_equal(out.data, want);
    else if (reason != want_reason)
        fail_msg("'%s' is %s", name, tm_drop_reason(reason));
}

static void absolute_names_must_be_below_a_known_prefix(void **state)
{
    const struct tm_resolver resolver = {
        .root = TM_STR("/work/repo"), .prefixes = prefixes, .n_prefixes = TM_LEN(prefixes), .exists = exists
    };
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
        { "/usr/include/stdio.h", NULL, TM_DROP_OUTSIDE },
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
        { "C:\\Windows\\x.cs", NULL, TM_DROP_OUTSIDE },
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
         cmocka_unit_test(sources_are_read_only_from_the_repository))
