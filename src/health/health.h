/*
 * Health scores: 0 to 100 points for a module, by a named formula (docs/formats/meta-registry.md).
 *
 * A formula is a row in health.c. It works on facts with exact fractions, and says for each
 * component how many points it gave or that it had nothing to go by: unknown is not zero points, though it
 * adds none.
 */
#ifndef TM_HEALTH_HEALTH_H
#define TM_HEALTH_HEALTH_H

#include "base/ratio.h"

struct tm_health_facts {
    bool has_coverage;
    struct tm_ratio coverage; /* of lines, as a part of 1; has data when has_coverage */
    bool has_sla_verdict;     /* there is a p95 and an SLA to hold it against */
    bool meets_sla;
    bool has_docs;
};

enum tm_health_part { TM_HEALTH_COVERAGE, TM_HEALTH_SLA, TM_HEALTH_DOCS, TM_HEALTH_PARTS };

struct tm_health_points {
    bool known;          /* had evidence */
    unsigned hundredths; /* points x 100, rounded half to even; 0 when not known */
};

struct tm_health {
    unsigned tenths; /* score x 10: 0 to 1000, rounded half to even on the exact sum */
    struct tm_health_points points[TM_HEALTH_PARTS];
};

struct tm_health_formula {
    const char *id;
    unsigned max[TM_HEALTH_PARTS]; /* points that each component can give */
    void (*score)(const struct tm_health_facts *facts, struct tm_health *out);
};

/* "coverage", "sla", "docs" */
const char *tm_health_part_name(enum tm_health_part part);

/* The formula of that id, or NULL. */
const struct tm_health_formula *tm_health_find(struct tm_str id);

/* The mean of n scores that add up to sum_tenths, in tenths, rounded half to even. False when n is 0. */
bool tm_health_mean(uint64_t sum_tenths, uint64_t n, unsigned *tenths) TM_CHECK;

#endif
