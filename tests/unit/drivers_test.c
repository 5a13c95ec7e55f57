#include "test.h"

#include "runbook/drivers.h"

#define BLOCK "# tidemark begin: x\n/l/*.ndjson merge=tidemark\n# tidemark end\n"
#define OLDER "# tidemark begin\n/old/*.ndjson merge=tidemark\n# tidemark end\n"

static void a_block_is_put_in_and_everything_else_stays(void **state)
{
    static const struct {
        const char *old, *expected;
    } cases[] = {
        { "", BLOCK },
        { "*.c text\n", "*.c text\n" BLOCK },
        { "*.c text", "*.c text\n" BLOCK },
        { "*.c text\r\n\r\n# mine\r\n", "*.c text\r\n\r\n# mine\r\n" BLOCK },
        { BLOCK, BLOCK },
        { "a\n" BLOCK "b", "a\n" BLOCK "b" },
        { "a\n" OLDER "b\n", "a\n" BLOCK "b\n" },
        /* as a merge of two branches that both put one in may leave it */
        { "a\n" OLDER "b\n" BLOCK "c\n", "a\n" BLOCK "b\nc\n" },
        { "a\n# tidemark begin: x\r\nz\r\n  # tidemark end\r\nb\n", "a\n" BLOCK "b\n" },
        { "x # tidemark begin\n", "x # tidemark begin\n" BLOCK },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, tm_drivers_put_block("f", tm_str(cases[i].old), TM_STR(BLOCK), &out, &err));
        assert_string_equal(out.data, cases[i].expected);
        assert_ok(&err, tm_drivers_put_block("f", tm_buf_str(&out), TM_STR(BLOCK), &again, &err));
        assert_string_equal(again.data, out.data);
    }
}

static void a_comment_without_its_other_half_is_refused(void **state)
{
    static const char *const cases[] = {
        "# tidemark begin\na\n",
        "a\n# tidemark end\n",
        "# tidemark begin\n# tidemark begin\n# tidemark end\n",
        BLOCK "# tidemark end\n",
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_fails(&err, TM_E_FORMAT,
                     tm_drivers_put_block("f", tm_str(cases[i]), TM_STR(BLOCK), &out, &err));
        assert_non_null(strstr(err.msg, "'f' has only one of the comments"));
    }
}

TM_TESTS(cmocka_unit_test(a_block_is_put_in_and_everything_else_stays),
         cmocka_unit_test(a_comment_without_its_other_half_is_refused))
