#include "sandbox.h"

#include <signal.h>

#include "sweep/orphan.h"
#include "sweep/probe.h"

struct fixture {
    struct sandbox box;
    struct tm_repo repo;
    char *path; /* PATH of before */
};

static int make_fixture(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    *state = f;
    f->box = sandbox_make();
    f->path = tm_strdup(getenv("PATH"));
    sandbox_run(&f->box, NULL, "git init -q && mkdir bin empty && echo >bin/plain");
    f->repo = TM_REPO_INIT;
    assert_ok(&err, tm_repo_open(&f->repo, f->box.dir, NULL, &err));
    return 0;
}

static int remove_fixture(void **state)
{
    struct fixture *f = *state;

    setenv("PATH", f->path, 1);
    tm_repo_close(&f->repo);
    sandbox_remove(&f->box);
    free(f->path);
    free(f);
    return 0;
}

static void assert_probe(struct fixture *f, const char *script, bool expect_ok, const char *expected)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;
    const char *const argv[] = { "sh", "-c", script, NULL };
    bool ok = !expect_ok;

    assert_ok(&err, tm_probe(&f->repo, argv, NULL, TM_STR("probe.log"), &ok, &line, &err));
    assert_int_equal(ok, expect_ok);
    assert_string_equal(line.data, expected);
}

static void a_probe_gives_the_line_that_matters(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) cut = TM_BUF_INIT;

    assert_probe(f, "echo; echo '  tool 1.2  '; echo more", true, "tool 1.2");
    assert_probe(f, "true", true, "");
    assert_probe(f, "echo first; echo 'Error: last'; exit 3", false, "Error: last");
    assert_probe(f, "exit 3", false, "ends with status 3");
    assert_probe(f, "printf '\\033[1mbold'", true, "\\x1b[1mbold");
    while (cut.len < TM_PROBE_LINE_MAX)
        tm_buf_addc(&cut, 'x');
    assert_probe(f, "head -c 1000 /dev/zero | tr '\\0' x", true, cut.data);
    assert_probe(f, "head -c 1000000 /dev/zero | tr '\\0' x", false, "prints too much");
}

static void a_program_that_is_not_there_says_so(void **state)
{
    struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;
    const char *const argv[] = { "tm-no-such-program", NULL };
    bool ok = true;

    assert_ok(&err, tm_probe(&f->repo, argv, NULL, TM_STR("probe.log"), &ok, &line, &err));
    assert_false(ok);
    assert_string_equal(line.data, "No such file or directory");
}

static void which_takes_the_first_program_on_path(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;

    sandbox_run(&f->box, NULL, "mkdir empty/tool && printf '#!/bin/sh\\n' >bin/tool && chmod +x bin/tool");
    tm_buf_addf(&path, "%s/empty::%s/bin:%s", f->box.dir, f->box.dir, f->path);
    setenv("PATH", path.data, 1);
    tm_buf_addf(&expected, "%s/bin/tool", f->box.dir);
    assert_true(tm_probe_which("tool", &path));
    assert_string_equal(path.data, expected.data);
    assert_true(tm_probe_which(expected.data, &path));
    /* Not executable, and nowhere. */
    assert_false(tm_probe_which("plain", &path));
    assert_false(tm_probe_which("tm-no-such-program", &path));
    assert_false(tm_probe_which("./tool", &path));
}

static void the_first_python_with_pytest_is_taken(void **state)
{
    struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_python TM_CLEANUP(tm_python_release) python = TM_PYTHON_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) tried = TM_BUF_INIT;

    sandbox_run(&f->box, NULL,
                "printf '#!/bin/sh\\nexit 0\\n' >bin/python3 && printf '#!/bin/sh\\necho no pytest; exit "
                "1\\n' >bin/mine &&"
                "chmod +x bin/python3 bin/mine");
    tm_buf_addf(&path, "%s/bin:%s", f->box.dir, f->path);
    setenv("PATH", path.data, 1);
    f->repo.settings.python = TM_STR("bin/mine");
    assert_ok(&err, tm_python_find(&python, &f->repo, &err));
    assert_true(python.found);
    tm_buf_clear(&path);
    tm_buf_addf(&path, "%s/bin/python3", f->box.dir);
    assert_string_equal(python.path.data, path.data);
    tm_buf_addf(&tried, "'%s/bin/mine': no pytest", f->box.dir);
    assert_string_equal(python.tried.data, tried.data);
}

/* A process of the state folder, in a session of its own. */
static pid_t start_job(const char *state_path)
{
    pid_t child = fork();

    if (child == 0) {
        setenv(TM_ORPHAN_ENV, state_path, 1);
        setsid();
        execlp("sleep", "sleep", "30", NULL);
        _exit(1);
    }
    /* Until exec it has our environment. */
    for (int tries = 0; tries < 500; tries++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;

        tm_buf_addf(&path, "/proc/%ld/comm", (long)child);
        if (tm_file_read(path.data, 64, &name, NULL) == TM_OK && strcmp(name.data, "sleep\n") == 0)
            break;
        nanosleep(&(struct timespec) { 0, 10 * 1000000 }, NULL);
    }
    return child;
}

static void orphans_of_a_killed_sweep_are_ended(void **state)
{
    struct fixture *f = *state;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    pid_t ours = start_job(f->repo.state.path), others = start_job("/elsewhere/.git/tidemark");
    int status;

    /* While no sweep was killed nobody looks. */
    assert_int_equal(tm_orphans_kill(&f->repo), 0);
    assert_ok(&err, tm_orphans_begin(&f->repo, &err));
    assert_int_equal(tm_orphans_kill(&f->repo), 1);
    assert_int_equal(waitpid(ours, &status, 0), ours);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(waitpid(others, &status, WNOHANG), 0);
    tm_orphans_end(&f->repo);
    assert_int_equal(tm_orphans_kill(&f->repo), 0);
    kill(others, SIGKILL);
    waitpid(others, &status, 0);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, make_fixture, remove_fixture)

TM_TESTS(WITH_FIXTURE(a_probe_gives_the_line_that_matters), WITH_FIXTURE(a_program_that_is_not_there_says_so),
         WITH_FIXTURE(which_takes_the_first_program_on_path),
         WITH_FIXTURE(the_first_python_with_pytest_is_taken),
         WITH_FIXTURE(orphans_of_a_killed_sweep_are_ended))
