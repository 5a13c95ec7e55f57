/*
 * DOCUMENTATION_MAP.md and MODULE_INDEX.md (docs/formats/registry.md): the inventory for people.
 */
#ifndef TM_CATALOG_DOCMAP_H
#define TM_CATALOG_DOCMAP_H

#include "catalog/catalog.h"
#include "catalog/generated.h"

/* The files; their subject is a const struct tm_catalog. */
extern const struct tm_generated tm_docmap_file;
extern const struct tm_generated tm_module_index_file;

#endif
