/* Planning and applying in real repositories; expected lists are written by hand from
 * docs/formats/templates.md. */
#include "test.h"

#include "sandbox.h"
#include "scaffold/scaffold.h"

#define MANIFEST(dir) "mkdir -p " dir "; echo '{}' >" dir "/module.manifest.json;"

struct fixture {
    struct sandbox box;
    struct tm_err err;
    struct tm_repo repo;
    struct tm_catalog catalog;
    struct tm_scaffold_plan plan;
    struct tm_scaffold_result result;
    bool planned;
};

static void forget(struct fixture *f)
{
    tm_scaffold_result_release(&f->result);
    if (f->planned)
        tm_scaffold_plan_release(&f->plan);
    f->planned = false;
    tm_catalog_release(&f->catalog);
    f->catalog = TM_CATALOG_INIT;
    tm_repo_close(&f->repo);
    f->repo = TM_REPO_INIT;
    tm_err_release(&f->err);
}

static int set_up(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));

    f->box = sandbox_make();
    f->err = TM_ERR_INIT;
    f->repo = TM_REPO_INIT;
    f->catalog = TM_CATALOG_INIT;
    f->result = TM_SCAFFOLD_RESULT_INIT;
    sandbox_run(&f->box, NULL, "git init -q r");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    forget(f);
    sandbox_remove(&f->box);
    free(f);
    return 0;
}

static void in_repo(struct fixture *f, const char *script)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) command = TM_BUF_INIT;

    tm_buf_addf(&command, "cd r; %s", script);
    sandbox_run(&f->box, NULL, command.data);
}

/* Opens the repository anew and plans for all its modules. */
static enum tm_code plan_with(struct fixture *f, struct tm_scaffold_options options)
{
    char *at = sandbox_path(&f->box, "r");
    struct tm_module **modules;
    size_t n;

    forget(f);
    assert_ok(&f->err, tm_repo_open(&f->repo, at, NULL, &f->err));
    free(at);
    assert_ok(&f->err, tm_catalog_load(&f->catalog, &f->repo, &f->err));
    assert_ok(&f->err, tm_catalog_select(&f->catalog, NULL, 0, &modules, &n, &f->err));
    f->planned = true;
    return tm_scaffold_plan_make(&f->plan, &f->repo, &f->catalog, modules, n, &options, &f->err);
}

static void plan_after(struct fixture *f, const char *script)
{
    struct tm_scaffold_options both = { .docs = true, .tests = true };

    in_repo(f, script);
    assert_ok(&f->err, plan_with(f, both));
}

static enum tm_code apply(struct fixture *f)
{
    struct tm_ledger_run run;

    tm_ledger_run_init(&run);
    return tm_scaffold_apply(&f->plan, &run, 1767225600, &f->result, &f->err);
}

/* All files the plan would create, in order, each followed by a space. */
static void assert_planned(struct fixture *f, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    for (size_t i = 0; i < f->plan.n_modules; i++) {
        const struct tm_scaffold_module *m = &f->plan.modules[i];

        for (size_t k = 0; k < m->n_docs; k++)
            tm_buf_addf(&out, "%.*s ", TM_STR_ARG(m->docs[k].path));
        for (size_t k = 0; k < m->n_tests; k++)
            tm_buf_addf(&out, "%.*s ", TM_STR_ARG(m->tests[k].path));
    }
    assert_string_equal(out.data, expected);
}

#define DOCS(dir)                                                                                            \
    dir "/AGENTS.md " dir "/CHANGELOG.md " dir "/CONTEXT.md " dir "/README.md " dir "/docs/API.md " dir      \
        "/docs/ARCHITECTURE.md " dir "/docs/GUIDES.md "
#define NO_DOCS(dir)                                                                                         \
    "mkdir -p " dir                                                                                          \
    "/docs; for f in AGENTS CHANGELOG CONTEXT README docs/API docs/ARCHITECTURE docs/GUIDES;"                \
    "do echo x >" dir "/$f.md; done;"

static void a_bare_module_lacks_every_doc_and_no_test(void **state)
{
    struct fixture *f = *state;

    plan_after(f, MANIFEST("m"));
    assert_planned(f, DOCS("m"));
    assert_int_equal(f->plan.n_needed, 1);
    assert_int_equal(f->plan.n_docs, 7);
    assert_null(f->plan.modules[0].test_set);
    sandbox_says(&f->box, "cd r; git status --porcelain; ls -A", "?? m/\n.git\nm\n");
}

static void tests_are_for_modules_with_source_and_without_tests(void **state)
{
    struct fixture *f = *state;

    plan_after(f, MANIFEST("c") NO_DOCS("c") "echo 'int x;' >c/x.c;" MANIFEST("go") NO_DOCS(
                      "go") "touch go/x.go;" MANIFEST("js") NO_DOCS("js") "touch js/x.mjs;" MANIFEST("py")
                      NO_DOCS("py") "touch py/x.py;" MANIFEST("tested")
                          NO_DOCS("tested") "mkdir tested/tests; touch tested/x.py tested/tests/test_x.py");
    assert_planned(f, "c/Makefile c/tests/.gitignore c/tests/Makefile c/tests/test_smoke.c "
                      "js/tests/smoke.test.mjs "
                      "py/tests/conftest.py py/tests/test_smoke.py py/tests/test_unit.py ");
    assert_int_equal(f->plan.n_done, 2);
    assert_int_equal(f->plan.n_needed, 3);
    assert_true(f->plan.modules[4].will_have_tests);
}

static void what_tests_share_is_no_test(void **state)
{
    struct fixture *f = *state;

    plan_after(f,
               MANIFEST("m") NO_DOCS(
                   "m") "mkdir m/tests; cd m; touch x.py tests/__init__.py tests/conftest.py tests/data.txt");
    assert_planned(f, "m/tests/test_smoke.py m/tests/test_unit.py ");
}

static void integration_tests_are_asked_for(void **state)
{
    struct fixture *f = *state;
    struct tm_scaffold_options tests = { .tests = true, .integration = true };

    in_repo(f, MANIFEST("m") "touch m/x.py");
    assert_ok(&f->err, plan_with(f, tests));
    assert_planned(
        f, "m/tests/conftest.py m/tests/test_integration.py m/tests/test_smoke.py m/tests/test_unit.py ");
}

static void docs_in_another_spelling_are_as_good(void **state)
{
    struct fixture *f = *state;

    plan_after(
        f, MANIFEST(
               "m") "cd m; mkdir docs; touch readme.rst CHANGELOG docs/Api.adoc agents.txt docs/CONTEXT.md");
    assert_planned(f, "m/CONTEXT.md m/docs/ARCHITECTURE.md m/docs/GUIDES.md ");
}

static void a_build_of_its_own_is_left_alone(void **state)
{
    struct fixture *f = *state;

    plan_after(f, MANIFEST("m") NO_DOCS("m") "echo 'int x;' >m/x.c; echo 'all:' >m/Makefile");
    assert_planned(f, "m/tests/.gitignore m/tests/Makefile m/tests/test_smoke.c ");
}

static void assert_filtered(struct fixture *f, size_t i, const char *path, const char *reason)
{
    assert_true(i < f->plan.n_filtered);
    assert_true(tm_str_is(f->plan.filtered[i].path, path));
    assert_string_equal(f->plan.filtered[i].reason, reason);
}

static void what_cannot_be_a_module_s_is_filtered_with_a_reason(void **state)
{
    struct fixture *f = *state;

    plan_after(f, "echo 'm/docs/' >.gitignore;" MANIFEST("m") MANIFEST("n")
                      MANIFEST("n/docs") "cd m; touch AGENTS.md CHANGELOG.md CONTEXT.md README.md; cp *.md "
                                         "../n; cp *.md ../n/docs");
    assert_planned(f, "n/docs/docs/API.md n/docs/docs/ARCHITECTURE.md n/docs/docs/GUIDES.md ");
    assert_int_equal(f->plan.n_filtered, 6);
    assert_filtered(f, 0, "m/docs/API.md", "git ignores it");
    assert_filtered(f, 3, "n/docs/API.md", "it would belong to another module");
    assert_int_equal(f->plan.n_done, 2);
}

static void the_repository_s_templates_replace_the_built_in_set(void **state)
{
    struct fixture *f = *state;

    plan_after(f, MANIFEST("m") "touch m/x.rb m/x.py; mkdir -p templates/module/a templates/tests/ruby/spec;"
                                "echo '# {{name}}' >templates/module/a/b.md; echo '{{#if parent}}x{{/if}}' "
                                ">templates/module/never.md;"
                                "echo 'x' >templates/tests/ruby/spec/x_spec.rb; rm m/x.py; touch m/y.rb");
    assert_planned(f, "m/a/b.md m/spec/x_spec.rb ");
    assert_ok(&f->err, apply(f));
    sandbox_says(&f->box, "cd r; sed 's/set [0-9a-f]*;.*/set/' m/a/b.md",
                 "<!-- tidemark: from template module/a/b.md, set\n# m\n");
}

static void a_wrong_template_stops_everything(void **state)
{
    static const struct {
        const char *script, *message;
    } cases[] = {
        { "echo 'a\n{{nam}}' >templates/module/x.md",
          "unknown field 'nam', did you mean 'name'? at line 2 of 'templates/module/x.md'" },
        { "ln -s /etc/passwd templates/module/x.md",
          "template 'templates/module/x.md' is a symbolic link, use a file" },
        { "echo x >templates/module/x.md; echo templates/ >.gitignore",
          "no file in 'templates/module' counts: git ignores them, or tidemark.yaml excludes them; remove "
          "the folder "
          "to use the built-in templates" },
    };
    struct fixture *f = *state;
    struct tm_scaffold_options both = { .docs = true, .tests = true };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        in_repo(f, "rm -rf templates .gitignore; mkdir -p templates/module;" MANIFEST("m"));
        in_repo(f, cases[i].script);
        assert_fails(&f->err, TM_E_SETTINGS, plan_with(f, both));
        assert_string_equal(tm_err_msg(&f->err), cases[i].message);
    }
}

static void applying_twice_creates_once(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;

    plan_after(f, MANIFEST("m") "touch m/x.py; echo mine >m/README.md; git add .; git commit -qm x");
    assert_ok(&f->err, apply(f));
    assert_int_equal(f->result.n_docs, 6);
    assert_int_equal(f->result.n_tests, 3);
    assert_int_equal(f->result.ledger_entries, 2);
    sandbox_says(&f->box,
                 "cd r; cat m/README.md; wc -l <manifests/.ledger/scaffold.ndjson; "
                 "wc -l <manifests/.ledger/test_scaffold.ndjson; git status --porcelain m/README.md",
                 "mine\n2\n2\n");
    sandbox_run(&f->box, &before, "cd r; find . -name .git -prune -o -type f -exec sha256sum {} + | sort");
    plan_after(f, ":");
    assert_planned(f, "");
    assert_int_equal(f->plan.n_done, 1);
    assert_ok(&f->err, apply(f));
    assert_int_equal(f->result.n_created, 0);
    assert_int_equal(f->result.ledger_entries, 0);
    sandbox_says(&f->box, "cd r; find . -name .git -prune -o -type f -exec sha256sum {} + | sort",
                 before.data);
}

/* The ledger names each file with the digest that sha256sum gives it. */
static void the_ledger_names_files_and_digests(void **state)
{
    struct fixture *f = *state;

    plan_after(f, MANIFEST("m") "touch m/x.py");
    assert_ok(&f->err, apply(f));
    in_repo(f,
            "for n in scaffold test_scaffold; do tr '{' '\\n' <manifests/.ledger/$n.ndjson |"
            "sed -n 's/^\"path\":\"\\([^\"]*\\)\".*\"sha256\":\"\\([^\"]*\\)\".*/\\2  \\1/p'; done >../sums;"
            "[ $(wc -l <../sums) = 10 ]; sha256sum -c --quiet ../sums");
}

static void what_an_interrupted_run_left_is_recorded(void **state)
{
    struct fixture *f = *state;

    plan_after(f, MANIFEST("m") "touch m/x.py");
    assert_ok(&f->err, apply(f));
    /* As if the run had ended before its entries, and someone had written to two files since. */
    plan_after(f, "rm -r manifests; echo more >>m/README.md; rm m/docs/API.md");
    assert_planned(f, "m/docs/API.md ");
    assert_ok(&f->err, apply(f));
    assert_int_equal(f->result.n_docs, 1);
    assert_int_equal(f->result.n_recovered, 8);
    assert_int_equal(f->result.ledger_entries, 3);
    sandbox_says(&f->box,
                 "cd r; grep -c '\"commit\"' manifests/.ledger/scaffold.ndjson ||:; "
                 "grep -c m/README.md manifests/.ledger/scaffold.ndjson ||:",
                 "0\n0\n");
    plan_after(f, ":");
    assert_ok(&f->err, apply(f));
    assert_int_equal(f->result.n_created, 0);
}

static void a_folder_that_leads_out_is_refused_and_the_others_go_on(void **state)
{
    struct fixture *f = *state;

    plan_after(f, MANIFEST("a")
                      MANIFEST("b") "mkdir ../outside; ln -s ../../outside a/docs; rmdir b/docs 2>&- ||:");
    assert_fails(&f->err, TM_E_PARTIAL, apply(f));
    assert_int_equal(f->result.n_failures, 3);
    assert_int_equal(f->result.n_docs, 11);
    assert_true(tm_str_is(f->result.failures[0].path, "a/docs/API.md"));
    sandbox_says(&f->box, "ls outside; ls r/b/docs", "API.md\nARCHITECTURE.md\nGUIDES.md\n");
}

static void a_file_that_came_meanwhile_is_left_alone(void **state)
{
    struct fixture *f = *state;

    plan_after(f, MANIFEST("m"));
    in_repo(f, "echo mine >m/README.md");
    assert_ok(&f->err, apply(f));
    assert_int_equal(f->result.n_docs, 6);
    sandbox_says(&f->box, "cd r; cat m/README.md; grep -c m/README.md manifests/.ledger/scaffold.ndjson ||:",
                 "mine\n0\n");
}

TM_TESTS(
    cmocka_unit_test_setup_teardown(a_bare_module_lacks_every_doc_and_no_test, set_up, tear_down),
    cmocka_unit_test_setup_teardown(tests_are_for_modules_with_source_and_without_tests, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_tests_share_is_no_test, set_up, tear_down),
    cmocka_unit_test_setup_teardown(integration_tests_are_asked_for, set_up, tear_down),
    cmocka_unit_test_setup_teardown(docs_in_another_spelling_are_as_good, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_build_of_its_own_is_left_alone, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_cannot_be_a_module_s_is_filtered_with_a_reason, set_up, tear_down),
    cmocka_unit_test_setup_teardown(the_repository_s_templates_replace_the_built_in_set, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_wrong_template_stops_everything, set_up, tear_down),
    cmocka_unit_test_setup_teardown(applying_twice_creates_once, set_up, tear_down),
    cmocka_unit_test_setup_teardown(the_ledger_names_files_and_digests, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_an_interrupted_run_left_is_recorded, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_folder_that_leads_out_is_refused_and_the_others_go_on, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(a_file_that_came_meanwhile_is_left_alone, set_up, tear_down))
