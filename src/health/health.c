#include "health/health.h"

enum { T4_COVERAGE = 50, T4_SLA = 30, T4_DOCS = 20 };

/* Points of a fraction of a whole, in units of 1/scale points: at most the maximum, whatever the fraction. */
static unsigned part_of(struct tm_ratio ratio, unsigned max, unsigned scale)
{
    uint64_t points = 0;

    if (!tm_ratio_round(ratio, (uint64_t)max * scale, &points))
        return 0;
    return (unsigned)TM_MIN(points, (uint64_t)max * scale);
}

/*
 * The seed's formula. Only coverage has a fraction, and what the others add is an even number of tenths:
 * rounding coverage half to even and adding is rounding the exact sum half to even.
 */
_Static_assert(T4_SLA * 10 % 2 == 0 && T4_DOCS * 10 % 2 == 0, "rounding t4 in parts needs even tenths");

static void score_t4(const struct tm_health_facts *facts, struct tm_health *out)
{
    *out = (struct tm_health) { 0 };
    if (facts->has_coverage && tm_ratio_has_data(facts->coverage)) {
        out->points[TM_HEALTH_COVERAGE].known = true;
        out->points[TM_HEALTH_COVERAGE].hundredths = part_of(facts->coverage, T4_COVERAGE, 100);
        out->tenths += part_of(facts->coverage, T4_COVERAGE, 10);
    }
    if (facts->has_sla_verdict) {
        out->points[TM_HEALTH_SLA].known = true;
        out->points[TM_HEALTH_SLA].hundredths = facts->meets_sla ? T4_SLA * 100 : 0;
        out->tenths += facts->meets_sla ? T4_SLA * 10 : 0;
    }
    out->points[TM_HEALTH_DOCS].known = true;
    out->points[TM_HEALTH_DOCS].hundredths = facts->has_docs ? T4_DOCS * 100 : 0;
    out->tenths += facts->has_docs ? T4_DOCS * 10 : 0;
}

static const struct tm_health_formula formulas[] = {
    { "t4", { T4_COVERAGE, T4_SLA, T4_DOCS }, score_t4 },
};

const struct tm_health_formula *tm_health_find(struct tm_str id)
{
    for (size_t i = 0; i < TM_LEN(formulas); i++)
        if (tm_str_is(id, formulas[i].id))
            return &formulas[i];
    return NULL;
}

const char *tm_health_part_name(enum tm_health_part part)
{
    static const char *const names[TM_HEALTH_PARTS] = {
        [TM_HEALTH_COVERAGE] = "coverage",
        [TM_HEALTH_SLA] = "sla",
        [TM_HEALTH_DOCS] = "docs",
    };

    assert(part < TM_HEALTH_PARTS);
    return names[part];
}

bool tm_health_mean(uint64_t sum_tenths, uint64_t n, unsigned *tenths)
{
    uint64_t mean;

    if (!tm_ratio_round((struct tm_ratio) { sum_tenths, n }, 1, &mean) || mean > UINT32_MAX)
        return false;
    *tenths = (unsigned)mean;
    return true;
}
