#include "sandbox.h"

#include <sys/stat.h>

#include "base/secret.h"

struct place {
    struct sandbox box;
    char *file;
    struct tm_err err;
};

static int set_up(void **state)
{
    struct place *p = tm_alloc(sizeof(*p));

    p->box = sandbox_make();
    p->file = sandbox_path(&p->box, "key");
    p->err = TM_ERR_INIT;
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;

    tm_err_release(&p->err);
    free(p->file);
    sandbox_remove(&p->box);
    free(p);
    return 0;
}

static void a_secret_is_created_for_its_owner_alone_and_read_back(void **state)
{
    struct place *p = *state;
    struct tm_buf TM_CLEANUP(tm_secret_release) out = TM_BUF_INIT;
    mode_t before = umask(0);

    assert_ok(&p->err, tm_secret_create(p->file, TM_STR("hush\n"), &p->err));
    umask(before);
    sandbox_says(&p->box, "stat -c %a key; cat key", "600\nhush\n");
    assert_ok(&p->err, tm_secret_read(p->file, 5, &out, &p->err));
    assert_string_equal(out.data, "hush\n");
}

static void an_existing_file_is_never_overwritten(void **state)
{
    struct place *p = *state;

    sandbox_run(&p->box, NULL, "echo old >key; ln -s nowhere link");
    assert_fails(&p->err, TM_E_EXISTS, tm_secret_create(p->file, TM_STR("new\n"), &p->err));
    sandbox_says(&p->box, "cat key", "old\n");
    free(p->file);
    p->file = sandbox_path(&p->box, "link");
    assert_fails(&p->err, TM_E_EXISTS, tm_secret_create(p->file, TM_STR("new\n"), &p->err));
}

static void every_mode_that_others_can_use_is_refused(void **state)
{
    struct place *p = *state;
    struct tm_buf TM_CLEANUP(tm_secret_release) out = TM_BUF_INIT;

    assert_ok(&p->err, tm_secret_create(p->file, TM_STR("hush\n"), &p->err));
    for (mode_t bit = 1; bit <= S_IRWXG; bit <<= 1) {
        if (!(bit & (S_IRWXG | S_IRWXO)))
            continue;
        assert_int_equal(chmod(p->file, 0600 | bit), 0);
        assert_fails(&p->err, TM_E_REFUSED, tm_secret_read(p->file, 100, &out, &p->err));
        assert_non_null(strstr(p->err.msg, "chmod 600"));
        assert_null(strstr(p->err.msg, "hush"));
    }
    assert_int_equal(chmod(p->file, 0400), 0);
    assert_ok(&p->err, tm_secret_read(p->file, 100, &out, &p->err));
}

static void what_is_too_long_or_no_file_is_refused(void **state)
{
    struct place *p = *state;
    struct tm_buf TM_CLEANUP(tm_secret_release) out = TM_BUF_INIT;

    assert_fails(&p->err, TM_E_NOT_FOUND, tm_secret_read(p->file, 100, &out, &p->err));
    assert_ok(&p->err, tm_secret_create(p->file, TM_STR("hush\n"), &p->err));
    assert_fails(&p->err, TM_E_LIMIT, tm_secret_read(p->file, 4, &out, &p->err));
    sandbox_run(&p->box, NULL, "rm key; mkfifo -m 600 key");
    assert_fails(&p->err, TM_E_REFUSED, tm_secret_read(p->file, 100, &out, &p->err));
    assert_fails(&p->err, TM_E_REFUSED, tm_secret_read(p->box.dir, 100, &out, &p->err));
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TM_TESTS(PLACE_TEST(a_secret_is_created_for_its_owner_alone_and_read_back),
         PLACE_TEST(an_existing_file_is_never_overwritten),
         PLACE_TEST(every_mode_that_others_can_use_is_refused),
         PLACE_TEST(what_is_too_long_or_no_file_is_refused))
