/*
 * The module registry, MODULE_REGISTRY.json (docs/formats/registry.md): the inventory for programs.
 */
#ifndef TM_CATALOG_REGISTRY_H
#define TM_CATALOG_REGISTRY_H

#include "catalog/catalog.h"
#include "catalog/generated.h"

#define TM_REGISTRY_NAME   "MODULE_REGISTRY.json"
#define TM_REGISTRY_SCHEMA "1"

/* The file; its subject is a const struct tm_catalog. */
extern const struct tm_generated tm_registry_file;

/*
 * Is the file in the work tree valid? TM_OK, or TM_E_NO with why: it does not parse, a field is missing or of
 * another type, counts or totals do not add up, or its modules are not those of the catalog. Whether it is up
 * to date is tm_generated_check's question.
 */
enum tm_code tm_registry_validate(const struct tm_repo *repo, const struct tm_catalog *catalog,
                                  struct tm_err *err) TM_CHECK;

/*
 * For both registries, whose "modules" name themselves by `key`: TM_OK when module_count is the array's
 * length and the modules are the catalog's, in its order; else TM_E_NO.
 */
enum tm_code tm_registry_check_modules(const struct tm_json_doc *doc, const char *key,
                                       const struct tm_catalog *catalog, struct tm_err *err) TM_CHECK;

/* Members that both registries have for a module, spelled the same way: lane, status and tags. */
struct tm_json_writer;
void tm_registry_put_lane(struct tm_json_writer *w, const struct tm_module *module);
void tm_registry_put_status(struct tm_json_writer *w, const struct tm_module *module);
void tm_registry_put_texts(struct tm_json_writer *w, const char *key, const struct tm_str *texts, size_t n);

/* A module's path as it is shown: "." for the root. */
struct tm_str tm_module_shown_path(const struct tm_module *module);

#endif
