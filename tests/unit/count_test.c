#include "coverage/count.h"
#include "test.h"

static void counts_are_read_as_tools_write_them(void **state)
{
    static const struct {
        const char *text;
        uint64_t count;
        bool negative;
    } cases[] = {
        { "0", 0, false },
        { "1", 1, false },
        { "007", 7, false },
        { "18446744073709551615", UINT64_MAX, false },
        { "18446744073709551616", UINT64_MAX, false },
        { "99999999999999999999999999", UINT64_MAX, false },
        { "1e3", 1000, false },
        { "1.2e+10", 12000000000, false },
        { "1.2345E2", 123, false },
        { "12.9", 12, false },
        { "3.0", 3, false },
        { "0.05e2", 5, false },
        { "0.05e1", 0, false },
        { "5e-1", 0, false },
        { "1e99999999999", UINT64_MAX, false },
        { "1e-99999999999", 0, false },
        { "0e9999", 0, false },
        { "-1", 0, true },
        { "-1e3", 0, true },
    };
    static const char *const bad[] = { "",   "-",   "+1",  "e5", "1e", "1e+",  "1e1.5", ".5",
                                       "5.", "1,5", "0x1", "1 ", " 1", "1..2", "=====", "--1" };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        uint64_t count = 77;
        bool negative = false;

        if (!tm_count_parse(tm_str(cases[i].text), &count, &negative))
            fail_msg("'%s' was refused", cases[i].text);
        if (count != cases[i].count || negative != cases[i].negative)
            fail_msg("'%s' gave %llu", cases[i].text, (unsigned long long)count);
    }
    for (size_t i = 0; i < TM_LEN(bad); i++) {
        uint64_t count = 77;
        bool negative = false;

        if (tm_count_parse(tm_str(bad[i]), &count, &negative))
            fail_msg("'%s' was read", bad[i]);
        assert_int_equal(count, 77);
    }
}

static void adding_stops_at_the_greatest_value(void **state)
{
    assert_int_equal(tm_count_add(2, 3), 5);
    assert_true(tm_count_add(UINT64_MAX, 1) == UINT64_MAX);
    assert_true(tm_count_add(UINT64_MAX - 1, 1) == UINT64_MAX);
}

TM_TESTS(cmocka_unit_test(counts_are_read_as_tools_write_them),
         cmocka_unit_test(adding_stops_at_the_greatest_value))
