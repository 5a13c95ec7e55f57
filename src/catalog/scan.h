/*
 * What `tidemark scan` writes: the registry, the documentation map and the module index, in one call for
 * the commands that refresh them on the way.
 */
#ifndef TM_CATALOG_SCAN_H
#define TM_CATALOG_SCAN_H

#include "catalog/docmap.h"
#include "catalog/registry.h"

enum { TM_SCAN_FILES = 3 };

/* MODULE_REGISTRY.json, DOCUMENTATION_MAP.md, MODULE_INDEX.md. */
extern const struct tm_generated *const tm_scan_files[TM_SCAN_FILES];

/* Brings all three up to date; the caller holds the lock. *changed (may be NULL): how many were written. */
enum tm_code tm_scan_write(const struct tm_repo *repo, const struct tm_catalog *catalog, size_t *changed,
                           struct tm_err *err) TM_CHECK;

/* A reason why files or folders do not count, and how many. */
struct tm_scan_left_out {
    const char *id;         /* "ignored_folders", the name in JSON */
    const char *one, *many; /* for people: "folder that git ignores", "folders that git ignores" */
    size_t n;
};
enum { TM_SCAN_REASONS = 10 };

/* What the scan left out and why, every reason in a fixed order, zeros too. */
void tm_scan_left_out(const struct tm_catalog *catalog, struct tm_scan_left_out out[TM_SCAN_REASONS]);

#endif
