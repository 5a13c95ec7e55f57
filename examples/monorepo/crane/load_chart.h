/* The load chart of a crane: how much it may lift at which radius. */
#ifndef LOAD_CHART_H
#define LOAD_CHART_H

#include <stdbool.h>
#include <stddef.h>

struct crane_point {
    unsigned radius_cm;
    unsigned limit_kg;
};

struct crane_chart {
    const struct crane_point *points; /* by growing radius, limits never growing */
    size_t count;
};

/* True when the chart has points, in order. */
bool crane_is_valid(const struct crane_chart *chart);

/*
 * Greatest load at a radius in kilograms: between two points on the straight line, rounded
 * down; nearer than the first point its limit, farther than the last one 0.
 */
unsigned crane_limit(const struct crane_chart *chart, unsigned radius_cm);

/* Whether a load with its gear may be lifted at a radius. */
bool crane_may_lift(const struct crane_chart *chart, unsigned radius_cm, unsigned load_kg, unsigned gear_kg);

#endif
