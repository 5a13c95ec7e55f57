/*
 * Collectors as settings write them: a mapping by the rows of collector.c.
 * The built-in ones come from the embedded files of collectors/. Private to settings.
 */
#ifndef TM_REPO_COLLECTOR_H
#define TM_REPO_COLLECTOR_H

#include "repo/fields.h"

struct tm_collectors {
    struct tm_collector *items;
    size_t n;
};

/*
 * The built-in collectors with the changes that the mapping `changes` makes, after those it adds; disabled
 * ones left out. changes may be NULL; r is the reading it belongs to.
 */
enum tm_code tm_collectors_read(struct tm_reading *r, const struct tm_yaml_node *changes,
                                struct tm_collectors *out) TM_CHECK;

#endif
