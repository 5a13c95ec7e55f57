#include "test.h"

#include "health/health.h"

static struct tm_health score(const struct tm_health_facts *facts)
{
    const struct tm_health_formula *t4 = tm_health_find(TM_STR("t4"));
    struct tm_health health;

    assert_non_null(t4);
    t4->score(facts, &health);
    return health;
}

static void t4_is_rounded_half_to_even_on_the_exact_fraction(void **state)
{
    /* By hand: 500 x num / den tenths, plus 300 for the SLA and 200 for docs. */
    static const struct {
        struct tm_ratio coverage;
        bool sla, docs;
        unsigned tenths, hundredths;
    } cases[] = {
        { { 365, 1000 }, false, true, 382, 1825 }, /* 18.25 + 20 = 38.25: the even one is 38.2 */
        { { 367, 1000 }, false, true, 384, 1835 }, /* 18.35 + 20 = 38.35: the even one is 38.4 */
        { { 365, 1000 }, false, false, 182, 1825 },
        { { 367, 1000 }, true, true, 684, 1835 },
        { { 365, 1000 }, true, false, 482, 1825 },
        { { 3650001, 10000000 }, false, true, 383, 1825 }, /* just over the tie */
        { { 3649999, 10000000 }, false, true, 382, 1825 },
        { { 1, 1 }, false, false, 500, 5000 },
        { { 1, 1 }, true, true, 1000, 5000 },
        { { 0, 7 }, false, false, 0, 0 },
        { { 1, 3 }, false, false, 167, 1667 },
        { { 2, 3 }, false, false, 333, 3333 },
        { { 1, 1000 }, false, false, 0, 5 },  /* 0.05: the even one is 0.0 */
        { { 3, 1000 }, false, false, 2, 15 }, /* 0.15: the even one is 0.2 */
        { { 9007199254740990, 9007199254740991 }, false, false, 500, 5000 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_health_facts facts = {
            .has_coverage = true,
            .coverage = cases[i].coverage,
            .has_sla_verdict = cases[i].sla,
            .meets_sla = cases[i].sla,
            .has_docs = cases[i].docs,
        };
        struct tm_health health = score(&facts);

        assert_int_equal(health.tenths, cases[i].tenths);
        assert_int_equal(health.points[TM_HEALTH_COVERAGE].hundredths, cases[i].hundredths);
    }
}

static void a_missed_sla_is_zero_points_and_an_unknown_one_none(void **state)
{
    struct tm_health missed = score(&(struct tm_health_facts) { .has_sla_verdict = true });
    struct tm_health unknown = score(&(struct tm_health_facts) { .has_sla_verdict = false });

    assert_true(missed.points[TM_HEALTH_SLA].known);
    assert_int_equal(missed.points[TM_HEALTH_SLA].hundredths, 0);
    assert_false(unknown.points[TM_HEALTH_SLA].known);
    assert_int_equal(missed.tenths, 0);
    assert_int_equal(unknown.tenths, 0);
}

static void coverage_without_data_gives_no_points(void **state)
{
    struct tm_health none = score(&(struct tm_health_facts) { .has_docs = true });
    struct tm_health empty = score(&(struct tm_health_facts) { .has_coverage = true, .coverage = { 0, 0 } });

    assert_false(none.points[TM_HEALTH_COVERAGE].known);
    assert_false(empty.points[TM_HEALTH_COVERAGE].known);
    assert_int_equal(none.tenths, 200);
    assert_true(none.points[TM_HEALTH_DOCS].known);
    assert_int_equal(empty.tenths, 0);
}

static void the_mean_is_rounded_half_to_even(void **state)
{
    static const struct {
        uint64_t sum, n;
        unsigned tenths;
    } cases[] = {
        { 382 + 383, 2, 382 }, /* 38.25 */
        { 383 + 384, 2, 384 }, /* 38.35 */
        { 1000, 3, 333 },      { 2000, 3, 667 }, { 0, 5, 0 }, { 10000000, 10000, 1000 },
    };
    unsigned tenths = 7;

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        assert_true(tm_health_mean(cases[i].sum, cases[i].n, &tenths));
        assert_int_equal(tenths, cases[i].tenths);
    }
    tenths = 7;
    assert_false(tm_health_mean(0, 0, &tenths));
    assert_int_equal(tenths, 7);
}

static void an_unknown_formula_is_not_found(void **state)
{
    assert_null(tm_health_find(TM_STR("T4")));
    assert_null(tm_health_find(TM_STR("")));
}

TM_TESTS(cmocka_unit_test(t4_is_rounded_half_to_even_on_the_exact_fraction),
         cmocka_unit_test(a_missed_sla_is_zero_points_and_an_unknown_one_none),
         cmocka_unit_test(coverage_without_data_gives_no_points),
         cmocka_unit_test(the_mean_is_rounded_half_to_even),
         cmocka_unit_test(an_unknown_formula_is_not_found))
