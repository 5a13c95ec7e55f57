/*
 * What every unit test includes: cmocka with the headers it wants, and the
 * house. A test file ends with TM_TESTS(cmocka_unit_test(...), ...).
 */
#ifndef TM_TEST_H
#define TM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"

/* For tests that need many folders or syncs and no real disk: in memory, where there is such a folder. */
TM_UNUSED static void test_in_memory(void)
{
    if (access("/dev/shm", W_OK | X_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
}

#define TM_TESTS(...)                                                                                        \
    int main(void)                                                                                           \
    {                                                                                                        \
        const struct CMUnitTest tests[] = { __VA_ARGS__ };                                                   \
        return cmocka_run_group_tests(tests, NULL, NULL);                                                    \
    }

/* Fails with the error's message when the call did not succeed. */
#define assert_ok(err, call)                                                                                 \
    do {                                                                                                     \
        if ((call) != TM_OK)                                                                                 \
            fail_msg("%s: %s", #call, tm_err_msg(err));                                                      \
    } while (0)

/* The call must fail with `expected` and leave a message. */
#define assert_fails(err, expected, call)                                                                    \
    do {                                                                                                     \
        assert_int_equal((call), (expected));                                                                \
        assert_int_equal((err)->code, (expected));                                                           \
        assert_non_null((err)->msg);                                                                         \
    } while (0)

#endif
