/*
 * Folders with a manifest, on their way to become modules: found in the list of files, read by a few threads,
 * and judged. Only catalog.c uses this.
 */
#ifndef TM_CATALOG_FOLDERS_H
#define TM_CATALOG_FOLDERS_H

#include "catalog/catalog.h"

struct tm_folder {
    struct tm_str path;
    size_t file; /* the manifest, in files */
    struct tm_str name;
    struct tm_manifest manifest;
    const char *refused;     /* why it makes no module; NULL when it does */
    struct tm_folder *above; /* catalog.c: the innermost one around it, refused ones too; NULL */
    struct tm_module *module;
    size_t n_files;
};

struct tm_folders {
    struct tm_folder *items; /* each behind those around it, and in the order of their first files */
    size_t n;
};

/* True for the path of a manifest; fold compares ASCII letters without regard to case. */
bool tm_folders_is_manifest(struct tm_str path, bool fold);

/*
 * Finds, reads and judges the manifests among catalog->files. Files whose owner is UINT32_MAX are nobody's: a
 * manifest among them makes no folder. Texts go to the catalog's arenas.
 */
void tm_folders_find(struct tm_folders *out, struct tm_catalog *catalog, struct tm_repo *repo,
                     const uint32_t *owners, bool fold);
void tm_folders_release(struct tm_folders *folders);

/* The path of its manifest. */
struct tm_str tm_folder_manifest(const struct tm_catalog *catalog, const struct tm_folder *folder);

#endif
