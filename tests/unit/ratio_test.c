#include "base/ratio.h"
#include "test.h"

static void percentages_round_half_to_even_and_never_reach_the_ends(void **state)
{
    /* Counted by hand. */
    static const struct {
        uint64_t num, den;
        const char *percent;
        uint64_t bp;
    } cases[] = {
        { 0, 7, "0.00", 0 },
        { 7, 7, "100.00", 10000 },
        { 1, 3, "33.33", 3333 },
        { 2, 3, "66.67", 6667 },
        { 73, 200, "36.50", 3650 },
        { 1, 20000, "0.01", 1 }, /* 0.5 bp would round to 0 */
        { 1, UINT64_MAX, "0.01", 1 },
        { 999999, 1000000, "99.99", 9999 }, /* 9999.99 bp would round to 10000 */
        { UINT64_MAX - 1, UINT64_MAX, "99.99", 9999 },
        { 3, 20000, "0.02", 2 }, /* 1.5 bp: to even */
        { 5, 20000, "0.02", 2 }, /* 2.5 bp: to even */
        { 3, 2, "150.00", 15000 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;
        struct tm_ratio r = { cases[i].num, cases[i].den };
        uint64_t bp = 77;

        tm_ratio_add_percent(&buf, r);
        assert_string_equal(buf.data, cases[i].percent);
        assert_true(tm_ratio_bp(r, &bp));
        assert_int_equal(bp, cases[i].bp);
    }
}

static void nothing_of_nothing_is_no_number(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;
    struct tm_ratio none = { 0, 0 };
    uint64_t value = 77;

    assert_false(tm_ratio_has_data(none));
    assert_false(tm_ratio_bp(none, &value));
    assert_false(tm_ratio_round(none, 10, &value));
    assert_int_equal(value, 77);
    tm_ratio_add_percent(&buf, none);
    tm_buf_addc(&buf, ',');
    tm_ratio_add_decimal(&buf, none, 1);
    assert_string_equal(buf.data, "no data,no data");
}

static void comparing_is_exact(void **state)
{
    struct tm_ratio third = { 1, 3 };
    struct tm_ratio big = { UINT64_MAX - 1, UINT64_MAX };
    struct tm_ratio bigger = { UINT64_MAX, UINT64_MAX };

    assert_true(tm_ratio_cmp(third, (struct tm_ratio) { 333333333333333333, 1000000000000000000 }) > 0);
    assert_true(tm_ratio_cmp(third, (struct tm_ratio) { 333333333333333334, 1000000000000000000 }) < 0);
    assert_int_equal(tm_ratio_cmp(third, (struct tm_ratio) { 100, 300 }), 0);
    assert_true(tm_ratio_cmp(big, bigger) < 0);
    assert_int_equal(tm_ratio_cmp(bigger, (struct tm_ratio) { 1, 1 }), 0);
}

static void decimals_are_read_exactly(void **state)
{
    static const struct {
        const char *text;
        uint64_t num, den;
    } cases[] = {
        { "0", 0, 1 },
        { "85", 85, 1 },
        { "0.725", 725, 1000 },
        { "8.5e1", 85, 1 },
        { "80.00", 80, 1 },
        { "1E-2", 1, 100 },
        { "00012", 12, 1 },
        { "0.0", 0, 1 },
        { "0e99", 0, 1 },
        { "12.50", 125, 10 },
        { "123456789012345678", 123456789012345678, 1 },
    };
    static const char *const bad[] = { "",
                                       "-1",
                                       ".5",
                                       "5.",
                                       "1e",
                                       "1e+",
                                       "0x5",
                                       "1 ",
                                       " 1",
                                       "1e100",
                                       "1,5",
                                       "1.2.3",
                                       "nan",
                                       "1e19x",
                                       "9e99",
                                       "1e-99",
                                       "1234567890123456789" };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_ratio r = { 7, 7 };

        if (!tm_ratio_parse(tm_str(cases[i].text), &r))
            fail_msg("'%s' was refused", cases[i].text);
        assert_int_equal(r.num, cases[i].num);
        assert_int_equal(r.den, cases[i].den);
    }
    for (size_t i = 0; i < TM_LEN(bad); i++) {
        struct tm_ratio r = { 7, 7 };

        if (tm_ratio_parse(tm_str(bad[i]), &r))
            fail_msg("'%s' was read", bad[i]);
        assert_int_equal(r.num, 7);
    }
}

static void a_score_rounds_half_to_even(void **state)
{
    /* 36.5 % gives 18.25 points, with 20 for docs 38.25: the even neighbour is 38.2. */
    static const struct {
        uint64_t num, den;
        unsigned decimals;
        const char *text;
    } cases[] = {
        { 153, 4, 1, "38.2" }, { 155, 4, 1, "38.8" },  { 5, 2, 0, "2" },           { 7, 2, 0, "4" },
        { 1, 16, 3, "0.062" }, { 203, 10, 1, "20.3" }, { 1, 3, 9, "0.333333333" }, { 100, 1, 2, "100.00" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;

        tm_ratio_add_decimal(&buf, (struct tm_ratio) { cases[i].num, cases[i].den }, cases[i].decimals);
        assert_string_equal(buf.data, cases[i].text);
    }
}

static void pooling_adds_counts_and_saturates(void **state)
{
    struct tm_ratio r = { 1, 2 };

    tm_ratio_pool(&r, (struct tm_ratio) { 3, 4 });
    assert_int_equal(r.num, 4);
    assert_int_equal(r.den, 6);
    tm_ratio_pool(&r, (struct tm_ratio) { 0, UINT64_MAX });
    assert_int_equal(r.den, UINT64_MAX);
}

static void what_does_not_fit_is_refused(void **state)
{
    uint64_t value = 77;

    assert_false(tm_ratio_round((struct tm_ratio) { UINT64_MAX, 1 }, 2, &value));
    assert_int_equal(value, 77);
    assert_true(tm_ratio_round((struct tm_ratio) { UINT64_MAX, 2 }, 2, &value));
    assert_true(value == UINT64_MAX);
}

static void a_difference_is_that_of_the_fractions(void **state)
{
    /* By hand; the last ones with Python's fractions.Fraction. */
    static const struct {
        struct tm_ratio from, to;
        const char *points;
    } cases[] = {
        { { 365, 1000 }, { 382, 1000 }, "1.70" },
        { { 382, 1000 }, { 365, 1000 }, "-1.70" },
        { { 1, 2 }, { 2, 4 }, "0.00" },
        { { 0, 3 }, { 7, 7 }, "100.00" },
        { { 7, 7 }, { 0, 3 }, "-100.00" },
        { { 1, 3 }, { 2, 3 }, "33.33" },                      /* 66.67 - 33.33 would be 33.34 */
        { { 500000, 1000000 }, { 500001, 1000000 }, "0.01" }, /* 0.0001 points are not nothing */
        { { 500001, 1000000 }, { 500000, 1000000 }, "-0.01" },
        { { 0, 1 }, { 15, 100000 }, "0.02" }, /* 1.5 bp: to even */
        { { 0, 1 }, { 25, 100000 }, "0.02" }, /* 2.5 bp: to even */
        { { 15, 100000 }, { 0, 1 }, "-0.02" },
        { { 25, 100000 }, { 0, 1 }, "-0.02" },
        { { 9007199254740990, 9007199254740991 }, { 1, 9007199254740991 }, "-100.00" },
        { { UINT64_MAX - 1, UINT64_MAX }, { 1, UINT64_MAX - 2 }, "-100.00" },
        { { 1, UINT64_MAX }, { 2, UINT64_MAX - 1 }, "0.01" },
        { { 6148914691236517205, UINT64_MAX }, { 1, 2 }, "16.67" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;

        tm_ratio_add_points(&buf, cases[i].from, cases[i].to);
        assert_string_equal(buf.data, cases[i].points);
    }
}

TM_TESTS(cmocka_unit_test(a_difference_is_that_of_the_fractions),
         cmocka_unit_test(percentages_round_half_to_even_and_never_reach_the_ends),
         cmocka_unit_test(nothing_of_nothing_is_no_number), cmocka_unit_test(comparing_is_exact),
         cmocka_unit_test(decimals_are_read_exactly), cmocka_unit_test(a_score_rounds_half_to_even),
         cmocka_unit_test(pooling_adds_counts_and_saturates), cmocka_unit_test(what_does_not_fit_is_refused))
