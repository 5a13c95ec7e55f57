/* What is found out about modules; expected values counted by hand from the files each test writes. */
#include "test.h"

#include "sandbox.h"
#include "scaffold/facts.h"

struct fixture {
    struct sandbox box;
    struct tm_err err;
    struct tm_arena arena;
    struct tm_repo repo;
    struct tm_catalog catalog;
    struct tm_codeowners codeowners;
};

static int set_up(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));

    f->box = sandbox_make();
    f->err = TM_ERR_INIT;
    f->arena = TM_ARENA_INIT;
    f->repo = TM_REPO_INIT;
    f->catalog = TM_CATALOG_INIT;
    f->codeowners = TM_CODEOWNERS_INIT;
    sandbox_run(&f->box, NULL, "git init -q r");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tm_codeowners_release(&f->codeowners);
    tm_catalog_release(&f->catalog);
    tm_repo_close(&f->repo);
    tm_arena_release(&f->arena);
    tm_err_release(&f->err);
    sandbox_remove(&f->box);
    free(f);
    return 0;
}

/* Runs script in the repository, then gathers the facts of the module in folder path. */
static const struct tm_value *facts_after(struct fixture *f, const char *script, const char *path)
{
    char *at = sandbox_path(&f->box, "r");
    struct tm_buf TM_CLEANUP(tm_buf_release) command = TM_BUF_INIT;
    struct tm_facts facts = { &f->repo, &f->catalog, &f->codeowners, false };
    struct tm_module *module;

    tm_buf_addf(&command, "cd r; %s", script);
    sandbox_run(&f->box, NULL, command.data);
    assert_ok(&f->err, tm_repo_open(&f->repo, at, NULL, &f->err));
    free(at);
    assert_ok(&f->err, tm_catalog_load(&f->catalog, &f->repo, &f->err));
    assert_ok(&f->err, tm_codeowners_load(&f->codeowners, &f->repo.root, &f->err));
    module = tm_catalog_find(&f->catalog, tm_str(path));
    assert_non_null(module);
    return tm_facts_of(&facts, module, false, &f->arena);
}

static size_t index_of(const char *name)
{
    for (size_t i = 0; tm_facts_fields[i].name; i++)
        if (strcmp(tm_facts_fields[i].name, name) == 0)
            return i;
    fail_msg("no field '%s'", name);
    return 0;
}

static void assert_text(const struct tm_value *values, const char *name, const char *expected)
{
    struct tm_str text = values[index_of(name)].text;

    if (!tm_str_is(text, expected))
        fail_msg("%s is '%.*s', not '%s'", name, TM_STR_ARG(text), expected);
}

/* A list as "a b c" of its first texts, or with column 1 "a=x b=y". */
static void assert_list(const struct tm_value *values, const char *name, bool pairs, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    const struct tm_value *list = &values[index_of(name)];

    for (size_t i = 0; i < list->n_rows; i++) {
        tm_buf_addf(&out, "%s%.*s", i ? " " : "", TM_STR_ARG(list->rows[i].values[0].text));
        if (pairs)
            tm_buf_addf(&out, "=%.*s", TM_STR_ARG(list->rows[i].values[1].text));
    }
    if (strcmp(out.data, expected))
        fail_msg("%s is '%s', not '%s'", name, out.data, expected);
}

static void the_manifest_says_what_it_says(void **state)
{
    struct fixture *f = *state;
    const struct tm_value *v = facts_after(
        f,
        "mkdir -p a/b a/c; echo '{\"name\":\"outer\"}' >a/module.manifest.json;"
        "echo '{\"name\":\"low\",\"description\":\" below \"}' >a/c/module.manifest.json;"
        "echo '{\"name\":\"inner\",\"description\":\"  Does it. "
        "\",\"status\":\"beta\",\"tags\":[\"x\",\"lane:L4\",\"y\"],"
        "\"apis\":[\"one\",{\"name\":\"two\",\"description\":\"Second\"}],\"owners\":[\"@a\",\"@b\"],"
        "\"testing\":{\"coverage_target\":72.50},\"performance\":{\"sla_targets\":{\"latency_p95_ms\":12.5}}}"
        "'"
        ">a/b/module.manifest.json",
        "a/b");

    assert_text(v, "name", "inner");
    assert_text(v, "path", "a/b");
    assert_text(v, "root", "../..");
    assert_text(v, "description", "Does it.");
    assert_text(v, "status", "beta");
    assert_text(v, "lane", "L4");
    assert_text(v, "language", "");
    assert_text(v, "coverage_target", "72.5");
    assert_text(v, "sla_p95_ms", "12.5");
    assert_text(v, "parent", "outer");
    assert_text(v, "parent_path", "..");
    assert_list(v, "owners", false, "@a @b");
    assert_list(v, "tags", false, "x y");
    assert_list(v, "apis", true, "one= two=Second");
    assert_list(v, "modules", true, "");
    assert_list(v, "sources", false, "");
}

static void a_bare_manifest_leaves_everything_empty_but_the_defaults(void **state)
{
    struct fixture *f = *state;
    const struct tm_value *v = facts_after(f,
                                           "mkdir x; echo '{}' >module.manifest.json; echo "
                                           "'{\"name\":\"x\",\"description\":\"d\"}' >x/module.manifest.json",
                                           ".");

    assert_text(v, "name", ".");
    assert_text(v, "path", ".");
    assert_text(v, "root", ".");
    assert_text(v, "description", "");
    assert_text(v, "lane", "L2");
    assert_text(v, "coverage_target", "80");
    assert_text(v, "sla_p95_ms", "");
    assert_text(v, "parent", "");
    assert_list(v, "modules", true, "x=x");
    assert_list(v, "owners", false, "");
}

static void codeowners_come_before_the_manifest(void **state)
{
    struct fixture *f = *state;
    const struct tm_value *v =
        facts_after(f,
                    "mkdir -p m .github; echo '/m/ @b' >.github/CODEOWNERS; echo '/m/ @c' >CODEOWNERS;"
                    "echo '{\"owners\":[\"@a\"]}' >m/module.manifest.json",
                    "m");

    assert_list(v, "owners", false, "@b");
}

static void python_files_are_imported_as_python_would(void **state)
{
    struct fixture *f = *state;
    const struct tm_value *v = facts_after(
        f,
        "mkdir -p m/src/pkg/sub m/tests m/scripts m/plain; echo "
        "'{\"apis\":[\"go\",\"Box.open\",\"idea\",\"not-a-name\","
        "\"go\"]}' >m/module.manifest.json;"
        "echo 'def go(): pass' >m/src/pkg/__init__.py;"
        "printf 'class Box:\\n    def open(self): pass\\n# idea\\n' >m/src/pkg/sub/box.py; : "
        ">m/src/pkg/sub/__init__.py;"
        ": >m/src/pkg/_private.py; : >m/setup.py; : >m/scripts/run.py; : >m/odd-name.py; : >m/plain/tool.py;"
        ": >m/plain/class.py; : >m/top.py; : >m/tests/test_x.py",
        "m");

    assert_text(v, "language", "python");
    assert_list(v, "imports", true,
                "tool=plain/tool.py pkg=src/pkg/__init__.py pkg.sub=src/pkg/sub/__init__.py "
                "pkg.sub.box=src/pkg/sub/box.py top=top.py");
    assert_list(v, "import_roots", false, "plain src . ..");
    assert_list(v, "python_apis", false, "go Box.open");
}

static void a_package_is_imported_from_above_its_top(void **state)
{
    struct fixture *f = *state;
    const struct tm_value *v =
        facts_after(f,
                    "mkdir -p a/b; : >a/__init__.py; : >a/b/__init__.py; echo 'x = 1' >a/b/c.py;"
                    "echo '{\"apis\":[\"x\",\"y\"]}' >a/b/module.manifest.json",
                    "a/b");

    assert_list(v, "imports", true, "a.b=__init__.py a.b.c=c.py");
    assert_list(v, "import_roots", false, "../..");
    assert_list(v, "python_apis", false, "x");
}

static void of_two_files_with_one_name_the_first_is_imported(void **state)
{
    struct fixture *f = *state;
    const struct tm_value *v =
        facts_after(f, "mkdir -p m/a m/b; : >m/a/x.py; : >m/b/x.py; echo '{}' >m/module.manifest.json", "m");

    assert_list(v, "imports", true, "x=a/x.py");
}

static void c_programs_are_told_from_sources(void **state)
{
    struct fixture *f = *state;
    const struct tm_value *v = facts_after(
        f,
        "mkdir -p m/src 'm/a b'; echo '{\"apis\":[\"f\",\"g\",\"MACRO\",\"commented\",\"sizeof\"]}' "
        ">m/module.manifest.json;"
        "echo 'int f(void){return 1;} /* main( */ // main(' >m/src/f.c; echo 'const char *s = \"main()\";' "
        ">m/s.c;"
        "printf 'int\\nmain (int argc, char **argv)\\n{ return 0; }\\n' >m/tool.c; echo 'int x;' >'m/a "
        "b/x.c';"
        "printf '/* commented( */\\n#define MACRO(x) x\\nint f(void);\\n#define y \\\\\\n g(\\n' >m/f.h;"
        "echo 'int h(void);' >m/h.h",
        "m");

    assert_text(v, "language", "c");
    assert_list(v, "c_sources", true, "s.c=s src/f.c=src/f");
    assert_list(v, "c_programs", true, "tool.c=tool");
    assert_list(v, "c_functions", false, "f");
    assert_list(v, "c_headers", false, "f.h");
    assert_true(v[index_of("c_buildable")].flag);
    assert_false(v[index_of("build_file")].flag);
}

static void c_that_needs_other_folders_or_libraries_is_not_buildable(void **state)
{
    static const struct {
        const char *line;
        bool buildable;
    } cases[] = {
        { "#include <stdio.h>", true },
        { "#include <sys/stat.h>", true },
        { "  #  include  \"own.h\" // x", true },
        { "#include \"inc.h\"", true },
        { "#include \"../m/own.h\"", true },
        { "int x; /* <x.h> */", true },
        { "#include <expat.h>", false },
        { "#include \"base/err.h\"", false },
        { "#include \"../other/x.h\"", false },
        { "#include HEADER", false },
        { "#include \"own.h", false },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct fixture *f;
        struct tm_buf TM_CLEANUP(tm_buf_release) script = TM_BUF_INIT;
        const struct tm_value *v;

        set_up((void **)&f);
        tm_buf_addf(&script,
                    "mkdir -p m/include other; echo '{}' >m/module.manifest.json; touch m/own.h "
                    "m/include/inc.h other/x.h;"
                    "echo '%s' >m/x.c",
                    cases[i].line);
        v = facts_after(f, script.data, "m");
        if (v[index_of("c_buildable")].flag != cases[i].buildable)
            fail_msg("'%s' should %s", cases[i].line,
                     cases[i].buildable ? "be buildable" : "not be buildable");
        tear_down((void **)&f);
    }
}

static void javascript_files_are_those_that_node_imports(void **state)
{
    struct fixture *f = *state;
    const struct tm_value *v = facts_after(
        f,
        "mkdir -p m/test; echo '{\"apis\":[\"run\",\"hidden\",\"$x\",\"both\"]}' >m/module.manifest.json;"
        "echo 'export function run() {} const hidden = 1;' >m/a.mjs; printf 'const hidden = 1;\\n' >m/b.cjs;"
        "printf 'exports.$x = 1;\nmodule.exports = { a, both, c };\n' >m/c.js; : >m/vite.config.js; : "
        ">m/.eslintrc.js; : >m/view.jsx; : >m/test/a.js;"
        "printf 'int x;' >m/Makefile",
        "m");

    assert_text(v, "language", "javascript");
    assert_list(v, "js_files", false, "a.mjs b.cjs c.js");
    assert_list(v, "js_apis", false, "run $x both");
    assert_true(v[index_of("build_file")].flag);
}

TM_TESTS(cmocka_unit_test_setup_teardown(the_manifest_says_what_it_says, set_up, tear_down),
         cmocka_unit_test_setup_teardown(a_bare_manifest_leaves_everything_empty_but_the_defaults, set_up,
                                         tear_down),
         cmocka_unit_test_setup_teardown(codeowners_come_before_the_manifest, set_up, tear_down),
         cmocka_unit_test_setup_teardown(python_files_are_imported_as_python_would, set_up, tear_down),
         cmocka_unit_test_setup_teardown(a_package_is_imported_from_above_its_top, set_up, tear_down),
         cmocka_unit_test_setup_teardown(of_two_files_with_one_name_the_first_is_imported, set_up, tear_down),
         cmocka_unit_test_setup_teardown(c_programs_are_told_from_sources, set_up, tear_down),
         cmocka_unit_test(c_that_needs_other_folders_or_libraries_is_not_buildable),
         cmocka_unit_test_setup_teardown(javascript_files_are_those_that_node_imports, set_up, tear_down))
