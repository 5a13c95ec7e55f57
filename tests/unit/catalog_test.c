#include "catalog/catalog.h"
#include "sandbox.h"
#include "test.h"

/* The repository "r" of a sandbox, opened and its catalog loaded. */
struct fixture {
    struct sandbox box;
    struct tm_repo repo;
    struct tm_catalog catalog;
    struct tm_err err;
};

/* Fills f where it stays: the catalog points to its repository. */
static void load(struct fixture *f, const char *script)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) command = TM_BUF_INIT;
    char *path;

    *f = (struct fixture) { .err = TM_ERR_INIT };
    f->box = sandbox_make();
    tm_buf_addf(&command, "git init -q r; cd r; %s", script);
    sandbox_run(&f->box, NULL, command.data);
    path = sandbox_path(&f->box, "r");
    assert_ok(&f->err, tm_repo_open(&f->repo, path, NULL, &f->err));
    assert_ok(&f->err, tm_catalog_load(&f->catalog, &f->repo, &f->err));
    free(path);
}

static void unload(struct fixture *f)
{
    tm_catalog_release(&f->catalog);
    tm_repo_close(&f->repo);
    tm_err_release(&f->err);
    sandbox_remove(&f->box);
}

static const char *owner_of(const struct fixture *f, const char *path)
{
    const struct tm_module *module = tm_catalog_owner(&f->catalog, tm_str(path));

    return module ? module->name.data : "nobody";
}

/* "m DIR JSON" writes a manifest. */
#define MODULES "m() { mkdir -p \"$1\"; echo \"$2\" >\"$1/module.manifest.json\"; }; "

static void files_go_to_the_innermost_module_whatever_sorts_between(void **state)
{
    /* '-' and '.' sort before '/', '0' behind it: "a" and "a/b" are no neighbours in a list of paths. */
    struct fixture f;

    load(&f, MODULES "m a {}; m a-b {}; m a.b {}; m a/b {}; m a0 {}; m a/b/c {};"
                     "touch a/x.md a-b/x.md a.b/x.md a/b/x.md a0/x.md a/b/c/x.md a/b-c.md a/z.md");
    static const struct {
        const char *name, *parent;
        size_t docs, tree_docs, tree_modules;
    } modules[] = {
        { "a", NULL, 3, 5, 3 },  { "a-b", NULL, 1, 1, 1 },    { "a.b", NULL, 1, 1, 1 },
        { "a/b", "a", 1, 2, 2 }, { "a/b/c", "a/b", 1, 1, 1 }, { "a0", NULL, 1, 1, 1 },
    };

    assert_int_equal(f.catalog.n_modules, TM_LEN(modules));
    for (size_t i = 0; i < TM_LEN(modules); i++) {
        const struct tm_module *m = &f.catalog.modules[i];

        assert_string_equal(m->name.data, modules[i].name);
        assert_int_equal(m->own.docs, modules[i].docs);
        assert_int_equal(m->tree.docs, modules[i].tree_docs);
        assert_int_equal(m->tree_modules, modules[i].tree_modules);
        if (modules[i].parent)
            assert_string_equal(m->parent->name.data, modules[i].parent);
        else
            assert_null(m->parent);
    }
    assert_string_equal(owner_of(&f, "a/b-c.md"), "a");
    assert_string_equal(owner_of(&f, "a/b/new/file.c"), "a/b");
    assert_string_equal(owner_of(&f, "b.md"), "nobody");
    unload(&f);
}

static void modules_are_found_by_name_and_by_path(void **state)
{
    struct fixture f;

    load(&f, MODULES "m . '{\"name\": \"root\"}'; m a/b '{\"name\": \"beta\"}'; m c '{\"name\": \"a/b\"}'");

    assert_string_equal(tm_catalog_find(&f.catalog, TM_STR("beta"))->path.data, "a/b");
    /* A name outranks a path. */
    assert_string_equal(tm_catalog_find(&f.catalog, TM_STR("a/b"))->path.data, "c");
    assert_string_equal(tm_catalog_find(&f.catalog, TM_STR("./a/b/"))->name.data, "beta");
    assert_string_equal(tm_catalog_find(&f.catalog, TM_STR("."))->name.data, "root");
    assert_null(tm_catalog_find(&f.catalog, TM_STR("")));
    assert_null(tm_catalog_find(&f.catalog, TM_STR("a")));
    assert_null(tm_catalog_find(&f.catalog, TM_STR("../a/b")));
    unload(&f);
}

static void arguments_select_modules_in_catalog_order(void **state)
{
    struct fixture f;

    load(&f,
         MODULES "m x '{\"name\": \"memory\"}'; m y '{\"name\": \"identity\"}'; m z '{\"name\": \"core\"}'");
    static const char *const two[] = { "memory", "y", "x/" };
    static const char *const wrong[] = { "core", "identiy" };
    struct tm_module **chosen = NULL;
    size_t n = 0;

    assert_ok(&f.err, tm_catalog_select(&f.catalog, two, TM_LEN(two), &chosen, &n, &f.err));
    assert_int_equal(n, 2);
    assert_string_equal(chosen[0]->name.data, "identity");
    assert_string_equal(chosen[1]->name.data, "memory");
    assert_ok(&f.err, tm_catalog_select(&f.catalog, NULL, 0, &chosen, &n, &f.err));
    assert_int_equal(n, 3);
    assert_fails(&f.err, TM_E_USAGE,
                 tm_catalog_select(&f.catalog, wrong, TM_LEN(wrong), &chosen, &n, &f.err));
    assert_string_equal(tm_err_msg(&f.err), "unknown module 'identiy', did you mean 'identity'?");
    unload(&f);
}

static void a_refused_manifest_is_a_boundary(void **state)
{
    struct fixture f;

    load(&f, MODULES "m . {}; m bad '['; m bad/good {}; touch bad/x.md bad/good/y.md z.md");

    assert_int_equal(f.catalog.manifests, 3);
    assert_int_equal(f.catalog.n_modules, 2);
    assert_int_equal(f.catalog.n_problems, 1);
    assert_int_equal(f.catalog.refused_files, 2);
    assert_string_equal(owner_of(&f, "bad/x.md"), "nobody");
    assert_string_equal(owner_of(&f, "bad/good/y.md"), "bad/good");
    assert_string_equal(owner_of(&f, "z.md"), ".");
    assert_null(tm_catalog_find(&f.catalog, TM_STR("bad")));
    assert_string_equal(tm_catalog_find(&f.catalog, TM_STR("bad/good"))->parent->name.data, ".");
    assert_fails(&f.err, TM_E_PARTIAL, tm_catalog_report_problems(&f.catalog, NULL, &f.err));
    assert_string_equal(tm_err_msg(&f.err), "1 of 3 manifests refused, their modules are left out");
    unload(&f);
}

static void what_tidemark_writes_and_templates_are_nobodys(void **state)
{
    struct fixture f;

    load(&f, MODULES "m . {}; mkdir -p docs/_generated manifests/.ledger trends templates/module/docs "
                     "templates/tests/python; touch docs/_generated/a.md manifests/.ledger/b.md "
                     "trends/c.md templates/module/docs/d.md templates/tests/python/e.md templates/f.md; "
                     "mkdir -p docs/_generated-old templates/module.d trends0; "
                     "touch docs/_generated-old/g.md templates/module.d/h.md trends0/i.md trends.md");

    assert_int_equal(f.catalog.modules[0].own.docs, 5);
    assert_int_equal(f.catalog.own_files, 3);
    assert_int_equal(f.catalog.template_files, 2);
    assert_string_equal(owner_of(&f, "docs/_generated/new.md"), "nobody");
    assert_string_equal(owner_of(&f, "templates/module/new.md"), "nobody");
    assert_string_equal(owner_of(&f, "templates/new.md"), ".");
    unload(&f);
}

static void roles_and_language_are_the_modules_own(void **state)
{
    struct fixture f;

    load(&f, MODULES "m py {}; m py/sub {}; mkdir -p py/tests; touch py/a.py py/b.py py/tests/test_a.py "
                     "py/tests/data.bin py/sub/a.c py/sub/b.c py/sub/c.c; m only {}; touch only/test_x.py");
    const struct tm_module *py = tm_catalog_find(&f.catalog, TM_STR("py"));

    assert_string_equal(py->language.data, "python");
    assert_int_equal(py->own.sources, 2);
    assert_int_equal(py->own.tests, 2);
    assert_int_equal(py->own.files, 5);
    assert_int_equal(py->tree.sources, 5);
    assert_int_equal(tm_catalog_role(py, TM_STR("py/new.py")), TM_ROLE_SOURCE);
    assert_int_equal(tm_catalog_role(py, TM_STR("py/tests/new.py")), TM_ROLE_TEST);
    assert_int_equal(tm_catalog_role(py, TM_STR("py/docs/new.md")), TM_ROLE_DOC);
    assert_string_equal(tm_catalog_find(&f.catalog, TM_STR("py/sub"))->language.data, "c");
    assert_string_equal(tm_catalog_find(&f.catalog, TM_STR("only"))->language.data, "python");
    assert_int_equal(f.catalog.files.n, tm_catalog_totals(&f.catalog).files);
    unload(&f);
}

TM_TESTS(cmocka_unit_test(files_go_to_the_innermost_module_whatever_sorts_between),
         cmocka_unit_test(modules_are_found_by_name_and_by_path),
         cmocka_unit_test(arguments_select_modules_in_catalog_order),
         cmocka_unit_test(a_refused_manifest_is_a_boundary),
         cmocka_unit_test(what_tidemark_writes_and_templates_are_nobodys),
         cmocka_unit_test(roles_and_language_are_the_modules_own))
