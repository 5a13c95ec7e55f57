#include "load_chart.h"

bool crane_is_valid(const struct crane_chart *chart)
{
    for (size_t i = 1; i < chart->count; i++) {
        if (chart->points[i].radius_cm <= chart->points[i - 1].radius_cm)
            return false;
        if (chart->points[i].limit_kg > chart->points[i - 1].limit_kg)
            return false;
    }
    return chart->count > 0;
}

unsigned crane_limit(const struct crane_chart *chart, unsigned radius_cm)
{
    const struct crane_point *p = chart->points;
    size_t i = 0;

    while (i < chart->count && p[i].radius_cm < radius_cm)
        i++;
    if (i == chart->count)
        return 0;
    if (i == 0 || p[i].radius_cm == radius_cm)
        return p[i].limit_kg;

    unsigned long long span = p[i].radius_cm - p[i - 1].radius_cm;
    unsigned long long left = p[i].radius_cm - radius_cm;
    unsigned long long fall = p[i - 1].limit_kg - p[i].limit_kg;

    return (unsigned)(p[i].limit_kg + fall * left / span);
}

bool crane_may_lift(const struct crane_chart *chart, unsigned radius_cm, unsigned load_kg, unsigned gear_kg)
{
    unsigned limit = crane_limit(chart, radius_cm);

    return gear_kg <= limit && load_kg <= limit - gear_kg;
}
