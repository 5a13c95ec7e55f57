#include "test.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/embedded.h"
#include "repo/settings.h"

static void parse(struct tm_settings *settings, const char *text)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_settings_parse(settings, tm_str(text), &err));
}

static void assert_str(struct tm_str got, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_buf_add_str(&text, got);
    assert_string_equal(text.data, expected);
}

static void assert_list(const struct tm_str_list *got, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    for (size_t i = 0; i < got->n; i++) {
        tm_buf_adds(&text, i ? "|" : "");
        tm_buf_add_str(&text, got->items[i]);
    }
    assert_string_equal(text.data, expected);
}

static const char *const empty_files[] = {
    "",
    "# nothing\n",
    "---\n",
    "paths:\nexclude:\ncoverage:\nsweep:\nhealth: {}\ncollectors:\nmodules: ~\n",
};

static void an_empty_file_gives_the_defaults(void **state)
{
    for (size_t i = 0; i < TM_LEN(empty_files); i++) {
        struct tm_settings TM_CLEANUP(tm_settings_release) s = TM_SETTINGS_INIT;

        parse(&s, empty_files[i]);
        assert_str(s.generated, "docs/_generated");
        assert_str(s.ledger, "manifests/.ledger");
        assert_str(s.trends, "trends");
        assert_str(s.templates, "templates");
        assert_str(s.python, "");
        assert_str(s.health, "t4");
        assert_int_equal(s.jobs, 0);
        assert_int_equal(s.timeout_s, 300);
        assert_int_equal(s.exclude.n + s.coverage_exclude.n + s.n_modules, 0);
        assert_int_equal(s.n_coverage_paths + s.coverage_roots.n, 0);
        assert_int_equal(s.coverage_merge, TM_MERGE_SUM);
        assert_false(s.coverage_all);
        assert_null(tm_settings_module(&s, TM_STR("identity")));
        assert_int_equal(s.n_collectors, 6);
        assert_str(s.collectors[0].name, "python");
    }
}

static void every_key_is_read(void **state)
{
    struct tm_settings TM_CLEANUP(tm_settings_release) s = TM_SETTINGS_INIT;

    parse(&s, "paths: {generated: out/gen/, ledger: ./a/../l, trends: out/t, templates: tpl}\n"
              "exclude: [vendor/, '*.pb.go']\n"
              "coverage:\n  exclude:\n    - '**/migrations/**'\n"
              "  paths: {/app: ., 'C:/x y': a/../b, util.py: tools/util.py}\n"
              "  roots: [src/main/java/, .]\n  merge: greatest\n  all: true\n"
              "sweep: {jobs: 8, timeout_s: 60, python: ./.venv/bin/python}\n"
              "health: {formula: t4}\n"
              "modules:\n"
              "  b: {timeout_s: 7, collector: c}\n"
              "  a b: {skip: needs a licence, bench: hyperfine}\n");
    assert_str(s.generated, "out/gen");
    assert_str(s.ledger, "l");
    assert_str(s.trends, "out/t");
    assert_str(s.templates, "tpl");
    assert_list(&s.exclude, "vendor/|*.pb.go");
    assert_list(&s.coverage_exclude, "**/migrations/**");
    assert_int_equal(s.jobs, 8);
    assert_int_equal(s.timeout_s, 60);
    assert_str(s.python, ".venv/bin/python");
    assert_int_equal(s.n_modules, 2);
    assert_int_equal(tm_settings_module(&s, TM_STR("b"))->timeout_s, 7);
    assert_str(tm_settings_module(&s, TM_STR("b"))->collector, "c");
    assert_int_equal(tm_settings_module(&s, TM_STR("b"))->line, 13);
    assert_int_equal(s.n_coverage_paths, 3);
    assert_str(s.coverage_paths[0].prefix, "/app");
    assert_str(s.coverage_paths[0].path, "");
    assert_str(s.coverage_paths[1].prefix, "C:/x y");
    assert_str(s.coverage_paths[1].path, "b");
    assert_str(s.coverage_paths[2].path, "tools/util.py");
    assert_list(&s.coverage_roots, "src/main/java|");
    assert_int_equal(s.coverage_merge, TM_MERGE_GREATEST);
    assert_true(s.coverage_all);
    assert_str(tm_settings_module(&s, TM_STR("a b"))->skip, "needs a licence");
    assert_str(tm_settings_module(&s, TM_STR("a b"))->bench, "hyperfine");
    assert_null(tm_settings_module(&s, TM_STR("a")));
}

static void collectors_are_added_before_the_built_in_ones(void **state)
{
    struct tm_settings TM_CLEANUP(tm_settings_release) s = TM_SETTINGS_INIT;
    const struct tm_collector *go;

    parse(&s, "collectors:\n"
              "  go:\n"
              "    languages: [go]\n"
              "    files: [/go.mod]\n"
              "    command: [sh, -c, 'echo ${HOME} {{x} $1', sh, '{out}', '{nested:-x}']\n"
              "    env: {A_1: '{work}', B: }\n"
              "    report: '{out}/*.out'\n"
              "    format: go\n"
              "    tests: '{out}/t.xml'\n"
              "    tests_format: junit\n"
              "    no_data_exits: [1, 255]\n"
              "    mirror: true\n"
              "    timeout_s: 9\n"
              "    versions: [[go, version], ['{python}', -V]]\n");
    assert_int_equal(s.n_collectors, 7);
    go = &s.collectors[0];
    assert_ptr_equal(go, tm_settings_collector(&s, TM_STR("go")));
    assert_int_equal(go->kind, TM_COLLECT_COVERAGE);
    assert_int_equal(go->scope, TM_SCOPE_MODULE);
    assert_list(&go->languages, "go");
    assert_list(&go->files, "/go.mod");
    assert_list(&go->command, "sh|-c|echo ${HOME} {{x} $1|sh|{out}|{nested:-x}");
    assert_list(&go->env, "A_1={work}|B=");
    assert_str(go->report, "{out}/*.out");
    assert_str(go->format, "go");
    assert_str(go->tests, "{out}/t.xml");
    assert_str(go->tests_format, "junit");
    assert_int_equal(go->n_no_data_exits, 2);
    assert_int_equal(go->no_data_exits[1], 255);
    assert_true(go->mirror);
    assert_int_equal(go->timeout_s, 9);
    assert_int_equal(go->n_versions, 2);
    assert_list(&go->versions[1], "{python}|-V");
    assert_str(go->source, "tidemark.yaml");
    assert_int_equal(go->line, 2);
    assert_str(s.collectors[1].name, "python");
}

static void a_built_in_collector_keeps_what_is_not_changed(void **state)
{
    struct tm_settings TM_CLEANUP(tm_settings_release) plain = TM_SETTINGS_INIT;
    struct tm_settings TM_CLEANUP(tm_settings_release) s = TM_SETTINGS_INIT;
    const struct tm_collector *c;

    parse(&plain, "");
    parse(&s, "collectors: {c: {timeout_s: 11}, python: {enabled: false}}\n");
    c = tm_settings_collector(&s, TM_STR("c"));
    assert_int_equal(c->timeout_s, 11);
    assert_int_equal(c->command.n, tm_settings_collector(&plain, TM_STR("c"))->command.n);
    assert_true(c->mirror);
    assert_str(c->source, "tidemark.yaml");
    assert_null(tm_settings_collector(&s, TM_STR("python")));
    assert_int_equal(s.n_collectors, plain.n_collectors - 1);
    assert_str(s.collectors[0].name, "javascript");
}

static void every_built_in_collector_is_whole(void **state)
{
    struct tm_settings TM_CLEANUP(tm_settings_release) s = TM_SETTINGS_INIT;
    size_t n = 0;

    parse(&s, "");
    while (tm_embedded_collectors[n].path)
        n++;
    assert_int_equal(s.n_collectors, n);
    for (size_t i = 0; i < n; i++) {
        const struct tm_collector *c = &s.collectors[i];

        assert_true(c->n_versions > 0);
        assert_true(c->n_no_data_exits > 0);
        assert_true(tm_str_has_prefix(c->report, TM_STR("{out}/")));
        assert_true(tm_str_has_prefix(c->source, TM_STR("collectors/")));
        assert_true(tm_str_has_prefix(tm_str_from(c->source, strlen("collectors/")), c->name));
        assert_true(c->languages.n + c->files.n > 0);
    }
}

#define COLLECTOR "collectors: {x: {command: [a], format: f, report: '{out}/r'"

/* "at line L, column C of 'tidemark.yaml'" follows each message. */
static const struct {
    const char *text, *message;
} bad_files[] = {
    { "path: {}\n", "unknown key 'path', did you mean 'paths'? at line 1, column 1" },
    { "sweep:\n  timout_s: 3\n", "unknown key 'timout_s', did you mean 'timeout_s'? at line 2, column 3" },
    { "zebra: 1\n", "unknown key 'zebra' at line 1, column 1" },
    { "- a\n", "keys and values are wanted at line 1, column 1" },
    { "text\n", "keys and values are wanted at line 1, column 1" },
    { "paths: docs\n", "'paths' wants keys and values below it at line 1, column 8" },
    { "paths: {trends: }\n", "'trends' wants a value at line 1, column 9" },
    { "paths: {trends: ''}\n", "'trends' wants a text that is not empty at line 1, column 17" },
    { "paths: {trends: [a]}\n", "'trends' wants one value, not a list at line 1, column 17" },
    { "paths: {trends: ../x}\n", "path '../x' leaves the repository at line 1, column 17" },
    { "paths: {trends: /x}\n", "path '/x' is absolute, give one inside the repository at line 1, column 17" },
    { "paths: {trends: a/..}\n",
      "'trends' wants a folder, not the root of the repository at line 1, column 17" },
    { "coverage: {paths: {/app: ../x}}\n", "path '../x' leaves the repository at line 1, column 26" },
    { "coverage: {paths: {/app: }}\n", "'paths' wants a value at line 1, column 20" },
    { "coverage: {paths: {'': a}}\n",
      "the beginning of a name is empty or longer than 4095 bytes at line 1, column 20" },
    { "coverage: {paths: [a]}\n", "'paths' wants keys and values below it at line 1, column 19" },
    { "coverage: {roots: [../x]}\n", "path '../x' leaves the repository at line 1, column 20" },
    { "coverage: {roots: src}\n", "'roots' wants a list at line 1, column 19" },
    { "coverage: {merge: max}\n", "'merge' wants 'sum' or 'greatest', not 'max' at line 1, column 19" },
    { "coverage: {all: maybe}\n", "'all' wants true or false at line 1, column 17" },
    { "paths: {trends: a/.GIT/x}\n", "path 'a/.GIT/x' is git's own at line 1, column 17" },
    { "paths:\n  templates: x\n  trends: x/y\n",
      "templates 'x' overlap 'x/y', where tidemark writes at line 2, column 3" },
    { "paths: {templates: docs/_generated/t}\n",
      "templates 'docs/_generated/t' overlap 'docs/_generated', where tidemark writes at line 1, column 8" },
    { "exclude: '*.c'\n", "'exclude' wants a list at line 1, column 10" },
    { "exclude: [['*.c']]\n", "'exclude' wants one value, not a list at line 1, column 11" },
    { "exclude: ['[a']\n", "a '[' without its ']' at line 1, column 11" },
    { "exclude: ['[]']\n", "a '[' without its ']' at line 1, column 11" },
    { "exclude: ['!a']\n", "a glob that begins with '!', which is not supported at line 1, column 11" },
    { "exclude: ['a\\']\n", "a '\\' at the end of a glob, with nothing to quote at line 1, column 11" },
    { "exclude: ['']\n", "an empty glob at line 1, column 11" },
    { "sweep: {jobs: 0}\n", "'jobs' wants a number from 1 to 1024, not '0' at line 1, column 15" },
    { "sweep: {jobs: 1025}\n", "'jobs' wants a number from 1 to 1024, not '1025' at line 1, column 15" },
    { "sweep: {jobs: -1}\n", "'jobs' wants a number from 1 to 1024, not '-1' at line 1, column 15" },
    { "sweep: {jobs: '4'}\n", "'jobs' wants a number from 1 to 1024, not '4' at line 1, column 15" },
    { "sweep: {jobs: 0x10}\n", "'jobs' wants a number from 1 to 1024, not '0x10' at line 1, column 15" },
    { "sweep: {timeout_s: 18446744073709551616}\n",
      "'timeout_s' wants a number from 1 to 86400, not '18446744073709551616' at line 1, column 20" },
    { "sweep: {python: ../bin/python}\n", "path '../bin/python' leaves the repository at line 1, column 17" },
    { "health: {formula: t5}\n", "'formula' wants 't4', not 't5' at line 1, column 19" },
    { "modules: [a]\n", "'modules' wants keys and values below it at line 1, column 10" },
    { "modules: {a: {skip: }}\n", "'skip' wants a value at line 1, column 15" },
    { "modules: {a: {collector: pyton}}\n", "'pyton' is no coverage collector at line 1, column 26" },
    { "modules: {a: {collector: hyperfine}}\n", "'hyperfine' is no coverage collector at line 1, column 26" },
    { "modules: {a: {bench: python}}\n", "'python' is no bench collector at line 1, column 22" },
    { "collectors: {c: {enabled: false}}\nmodules: {a: {collector: c}}\n",
      "'c' is no coverage collector at line 2, column 26" },
    { "collectors: {x: {}}\n", "collector 'x' has no 'command' at line 1, column 14" },
    { "collectors: {x: {command: [a]}}\n", "collector 'x' has no 'report' at line 1, column 14" },
    { "collectors: {x: {command: [a], report: '{out}/r'}}\n",
      "collector 'x' has no 'format' for its report at line 1, column 14" },
    { "collectors: {x y: {}}\n", "a collector's name has 1 to 64 letters, digits, '_', '.', '+' and '-', "
                                 "unlike 'x y' at line 1, column 14" },
    { COLLECTOR ", tests: '{out}/t'}}\n",
      "collector 'x' has 'tests' but no 'tests_format' at line 1, column 14" },
    { COLLECTOR ", tests_format: tap}}\n",
      "collector 'x' has 'tests_format' but no 'tests' at line 1, column 14" },
    { COLLECTOR ", scope: repository, mirror: true}}\n",
      "collector 'x' cannot have 'mirror' with the scope 'repository' at line 1, column 14" },
    { COLLECTOR ", kind: size}}\n", "'kind' wants 'coverage' or 'bench', not 'size' at line 1, column 68" },
    { COLLECTOR ", mirror: yes}}\n", "'mirror' wants true or false at line 1, column 70" },
    { COLLECTOR ", mirror: 'true'}}\n", "'mirror' wants true or false at line 1, column 70" },
    { COLLECTOR ", no_data_exits: [0]}}\n",
      "'no_data_exits' wants a number from 1 to 255, not '0' at line 1, column 78" },
    { COLLECTOR ", no_data_exits: 5}}\n",
      "'no_data_exits' wants a list of exit statuses at line 1, column 77" },
    { COLLECTOR ", versions: [a]}}\n", "'versions' wants a list at line 1, column 73" },
    { COLLECTOR ", versions: a}}\n",
      "'versions' wants a list of commands, each a list of its arguments at line 1, column 72" },
    { COLLECTOR ", env: {A-B: c}}}\n", "'A-B' cannot be a variable's name at line 1, column 68" },
    { COLLECTOR ", env: {1A: c}}}\n", "'1A' cannot be a variable's name at line 1, column 68" },
    { COLLECTOR ", env: {A: '{nested:x}'}}}\n",
      "only a whole argument of a command can be the list placeholder '{nested:...}' at line 1, column 71" },
    { "collectors: {c: {command: []}}\n",
      "'command' wants a program and its arguments at line 1, column 27" },
    { "collectors: {c: {command: ['{nested:x}']}}\n",
      "only a whole argument of a command can be the list placeholder '{nested:...}' at line 1, column 28" },
    { "collectors: {c: {command: [sh, '{modul}']}}\n", "unknown placeholder '{modul}' at line 1, column 32" },
    { "collectors: {c: {command: [sh, {out}]}}\n",
      "'command' wants one value (a text that begins with '{' needs quotes) at line 1, column 32" },
    { "collectors: {c: {report: /etc/passwd}}\n",
      "'report' wants a path that begins with '{out}/', '{work}/', '{module}/' or '{root}/' at line 1, "
      "column 26" },
    { "collectors: {c: {report: '{root}/a/../../x'}}\n",
      "'report' has a '..' part: '{root}/a/../../x' at line 1, column 26" },
    { "exclude: [a]\nexclude: [b]\n", "key 'exclude' for the second time at line 2, column 1" },
};

static void what_is_wrong_is_said_with_its_place(void **state)
{
    for (size_t i = 0; i < TM_LEN(bad_files); i++) {
        struct tm_settings TM_CLEANUP(tm_settings_release) s = TM_SETTINGS_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;

        tm_buf_addf(&message, "%s of 'tidemark.yaml'", bad_files[i].message);
        assert_fails(&err, TM_E_SETTINGS, tm_settings_parse(&s, tm_str(bad_files[i].text), &err));
        assert_string_equal(err.msg, message.data);
        assert_null(s.collectors);
    }
}

static void a_list_of_globs_has_a_limit(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_settings TM_CLEANUP(tm_settings_release) s = TM_SETTINGS_INIT;

    tm_buf_adds(&text, "exclude:\n");
    for (size_t i = 0; i < TM_GLOBS_MAX; i++)
        tm_buf_adds(&text, "- a\n");
    parse(&s, text.data);
    assert_int_equal(s.exclude.n, TM_GLOBS_MAX);
    tm_settings_release(&s);
    tm_buf_adds(&text, "- a\n");
    assert_fails(&err, TM_E_SETTINGS, tm_settings_parse(&s, tm_buf_str(&text), &err));
}

/* A folder to load from, removed with its tidemark.yaml. */
struct place {
    char path[32];
    struct tm_root root;
};

static void place_open(struct place *place)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    snprintf(place->path, sizeof(place->path), "/tmp/tm-settings-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    place->root = TM_ROOT_INIT;
    assert_ok(&err, tm_root_open(&place->root, place->path, &err));
}

static void place_close(struct place *place)
{
    unlinkat(place->root.fd, TM_SETTINGS_FILE, 0);
    unlinkat(place->root.fd, TM_SETTINGS_FILE, AT_REMOVEDIR);
    tm_root_close(&place->root);
    rmdir(place->path);
}

static void the_file_is_optional(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_settings TM_CLEANUP(tm_settings_release) s = TM_SETTINGS_INIT;
    struct place place;

    place_open(&place);
    assert_ok(&err, tm_settings_load(&s, &place.root, &err));
    assert_false(s.from_file);
    assert_int_equal(s.timeout_s, 300);
    tm_settings_release(&s);
    assert_ok(&err, tm_root_replace(&place.root, TM_STR(TM_SETTINGS_FILE), TM_STR("sweep: {timeout_s: 5}\n"),
                                    NULL, &err));
    assert_ok(&err, tm_settings_load(&s, &place.root, &err));
    assert_true(s.from_file);
    assert_int_equal(s.timeout_s, 5);
    place_close(&place);
}

static void a_file_that_cannot_be_read_is_not_a_missing_one(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_settings TM_CLEANUP(tm_settings_release) s = TM_SETTINGS_INIT;
    struct place place;

    place_open(&place);
    assert_int_equal(symlinkat("nowhere", place.root.fd, TM_SETTINGS_FILE), 0);
    assert_true(tm_settings_load(&s, &place.root, &err) != TM_OK);
    place_close(&place);
    place_open(&place);
    assert_ok(&err, tm_root_mkdirs(&place.root, TM_STR(TM_SETTINGS_FILE), &err));
    assert_true(tm_settings_load(&s, &place.root, &err) != TM_OK);
    place_close(&place);
}

static void a_file_over_the_limit_is_refused(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_settings TM_CLEANUP(tm_settings_release) s = TM_SETTINGS_INIT;
    struct place place;

    place_open(&place);
    memset(tm_buf_reserve(&text, (1 << 20) + 1), '#', (1 << 20) + 1);
    assert_ok(&err, tm_root_replace(&place.root, TM_STR(TM_SETTINGS_FILE), tm_str_n(text.data, 1 << 20), NULL,
                                    &err));
    assert_ok(&err, tm_settings_load(&s, &place.root, &err));
    tm_settings_release(&s);
    assert_ok(&err, tm_root_replace(&place.root, TM_STR(TM_SETTINGS_FILE), tm_str_n(text.data, (1 << 20) + 1),
                                    NULL, &err));
    assert_fails(&err, TM_E_SETTINGS, tm_settings_load(&s, &place.root, &err));
    assert_string_equal(err.msg, "'tidemark.yaml' is larger than 1048576 bytes");
    place_close(&place);
}

TM_TESTS(cmocka_unit_test(an_empty_file_gives_the_defaults), cmocka_unit_test(every_key_is_read),
         cmocka_unit_test(collectors_are_added_before_the_built_in_ones),
         cmocka_unit_test(a_built_in_collector_keeps_what_is_not_changed),
         cmocka_unit_test(every_built_in_collector_is_whole),
         cmocka_unit_test(what_is_wrong_is_said_with_its_place),
         cmocka_unit_test(a_list_of_globs_has_a_limit), cmocka_unit_test(the_file_is_optional),
         cmocka_unit_test(a_file_that_cannot_be_read_is_not_a_missing_one),
         cmocka_unit_test(a_file_over_the_limit_is_refused))
