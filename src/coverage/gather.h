/*
 * From report files to modules of the repository: reads them, finds their files, leaves out what does
 * not count, and unites what they say of a file (docs/formats/coverage.md, "Paths" and "Merging").
 *
 * Each report is attributed by itself, because where it stands decides what its relative paths mean; then
 * they are one, by repository path. Commands that judge or convert reports start here.
 */
#ifndef TM_COVERAGE_GATHER_H
#define TM_COVERAGE_GATHER_H

#include "catalog/catalog.h"
#include "coverage/attribute.h"
#include "coverage/format.h"

/* Must stay where it is once set up. */
struct tm_gather {
    const struct tm_repo *repo;
    const struct tm_catalog *catalog;
    struct tm_attribute_rules rules;
    struct tm_source_finder finder;
    struct tm_report all;              /* by repository path */
    struct tm_attribution attribution; /* of all, after tm_gather_finish */
    struct tm_drops drops;
    /* Private. */
    struct tm_arena arena;
    struct tm_prefix *settled, *go_modules;
    struct tm_suffixes suffixes; /* made when first needed */
    bool ready;                  /* go modules were looked for */
};

/*
 * base: the folder of the repository the tool ran in, NULL when that is not known. mirror: an absolute folder
 * that stands for a folder of the repository as well, or NULL; both must live as long.
 */
void tm_gather_init(struct tm_gather *gather, const struct tm_repo *repo, const struct tm_catalog *catalog,
                    const struct tm_str *base, const struct tm_prefix *mirror);
void tm_gather_release(struct tm_gather *gather);

/* The same for the reports that are read from now on. */
void tm_gather_ran_in(struct tm_gather *gather, const struct tm_str *base, const struct tm_prefix *mirror);

/* Reads a report, whole or not at all; format NULL: found from the content. */
enum tm_code tm_gather_read(struct tm_gather *gather, const char *path, const struct tm_format *format,
                            struct tm_err *err) TM_CHECK;

/* Ends reading: the attribution may be asked for modules and files then. */
enum tm_code tm_gather_finish(struct tm_gather *gather, struct tm_err *err) TM_CHECK;

/*
 * The source files of a module, in path order, that no report mentions though one mentions others of their
 * language there: an array from arena, its texts the catalog's. After tm_gather_finish.
 */
const struct tm_str *tm_gather_unreported(const struct tm_gather *gather, const struct tm_module *module,
                                          struct tm_arena *arena, size_t *n);

#endif
