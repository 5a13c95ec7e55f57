#include "test.h"

#include <errno.h>
#include <signal.h>

static void a_message_is_set_replaced_and_released(void **state)
{
    struct tm_err err = TM_ERR_INIT;

    assert_string_equal(tm_err_msg(&err), "no error");
    assert_int_equal(tm_err_set(&err, TM_E_FORMAT, "line %d of '%s'", 3, "a"), TM_E_FORMAT);
    assert_string_equal(tm_err_msg(&err), "line 3 of 'a'");
    assert_int_equal(tm_err_set(&err, TM_E_LIMIT, "again"), TM_E_LIMIT);
    assert_int_equal(err.code, TM_E_LIMIT);
    assert_string_equal(tm_err_msg(&err), "again");
    tm_err_release(&err);
    assert_int_equal(err.code, TM_OK);
    assert_null(err.msg);
}

static void the_old_message_may_be_an_argument_of_the_new(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    tm_err_set(&err, TM_E_IO, "inner");
    tm_err_set(&err, TM_E_PARTIAL, "outer (%s)", tm_err_msg(&err));
    assert_string_equal(tm_err_msg(&err), "outer (inner)");
}

static void a_message_is_always_safe_to_print(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    tm_err_set(&err, TM_E_PATH, "'%s'", "\033]0;x\a\n\xff");
    assert_string_equal(tm_err_msg(&err), "'\\x1b]0;x\\x07\\n\\xff'");
    tm_err_wrap(&err, "in '%s'", "\r");
    assert_string_equal(tm_err_msg(&err), "in '\\r': '\\x1b]0;x\\x07\\n\\xff'");
}

static void wrapping_keeps_the_code(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    tm_err_set(&err, TM_E_LOCKED, "held");
    assert_int_equal(tm_err_wrap(&err, "ledger '%s'", "coverage"), TM_E_LOCKED);
    assert_string_equal(tm_err_msg(&err), "ledger 'coverage': held");
}

static void system_errors_say_what_the_system_said(void **state)
{
    static const struct {
        int errnum;
        enum tm_code code;
    } cases[] = {
        { ENOENT, TM_E_NOT_FOUND },
        { ENOTDIR, TM_E_NOT_FOUND },
        { EACCES, TM_E_IO },
        { ENOSPC, TM_E_IO },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;

        tm_buf_addf(&expected, "cannot open 'x': %s", strerror(cases[i].errnum));
        assert_int_equal(tm_err_errno(&err, cases[i].errnum, "cannot open '%s'", "x"), cases[i].code);
        assert_string_equal(tm_err_msg(&err), expected.data);
    }
}

static void nobody_needs_to_listen(void **state)
{
    assert_int_equal(tm_err_set(NULL, TM_E_NO, "unheard"), TM_E_NO);
    assert_int_equal(tm_err_errno(NULL, ENOENT, "unheard"), TM_E_NOT_FOUND);
    tm_err_wrap(NULL, "unheard");
}

static void moving_empties_the_source(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) from = TM_ERR_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) to = TM_ERR_INIT;

    tm_err_set(&to, TM_E_IO, "old");
    tm_err_set(&from, TM_E_GIT, "new");
    assert_int_equal(tm_err_move(&to, &from), TM_E_GIT);
    assert_string_equal(tm_err_msg(&to), "new");
    assert_int_equal(from.code, TM_OK);
    assert_null(from.msg);
    assert_int_equal(tm_err_move(NULL, &to), TM_E_GIT);
    assert_null(to.msg);
}

static void every_code_has_its_exit_status(void **state)
{
    static const struct {
        enum tm_code code;
        int status;
    } cases[] = {
        { TM_OK, 0 },        { TM_E_NO, 1 },        { TM_E_USAGE, 2 },  { TM_E_SETTINGS, 2 },
        { TM_E_IO, 3 },      { TM_E_NOT_FOUND, 3 }, { TM_E_EXISTS, 3 }, { TM_E_LOCKED, 3 },
        { TM_E_FORMAT, 3 },  { TM_E_LIMIT, 3 },     { TM_E_PATH, 3 },   { TM_E_GIT, 3 },
        { TM_E_REFUSED, 3 }, { TM_E_PARTIAL, 4 },
    };
    struct tm_err stopped = { .code = TM_E_STOPPED, .signal = SIGTERM };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err err = { .code = cases[i].code };

        assert_int_equal(tm_err_exit_status(&err), cases[i].status);
    }
    assert_int_equal(tm_err_exit_status(&stopped), 143);
}

TM_TESTS(cmocka_unit_test(a_message_is_set_replaced_and_released),
         cmocka_unit_test(the_old_message_may_be_an_argument_of_the_new),
         cmocka_unit_test(a_message_is_always_safe_to_print), cmocka_unit_test(wrapping_keeps_the_code),
         cmocka_unit_test(system_errors_say_what_the_system_said), cmocka_unit_test(nobody_needs_to_listen),
         cmocka_unit_test(moving_empties_the_source), cmocka_unit_test(every_code_has_its_exit_status))
