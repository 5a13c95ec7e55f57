/*
 * What is known of a module, as the values of the fields that templates may use
 * (docs/formats/templates.md, "Fields"). What is not known is empty, never a word that says so.
 */
#ifndef TM_SCAFFOLD_FACTS_H
#define TM_SCAFFOLD_FACTS_H

#include "catalog/catalog.h"
#include "repo/repo.h"
#include "scaffold/codeowners.h"
#include "scaffold/template.h"

/* The fields, for tm_template_compile. */
extern const struct tm_field tm_facts_fields[];

enum {
    TM_FACTS_SOURCE_MAX = 1 << 20, /* bytes of a source that is searched for APIs; a larger one is not */
    TM_FACTS_APIS_MAX = 1000,      /* APIs of a manifest that tests may name; the rest are docs only */
};

/* What is the same for all modules; nothing is owned. */
struct tm_facts {
    const struct tm_repo *repo;
    const struct tm_catalog *catalog;
    const struct tm_codeowners *codeowners;
    bool integration; /* --with-integration */
};

/*
 * The values of one module, parallel to tm_facts_fields, from arena. has_tests: it has tests, or is getting
 * some. Sources are read to find the APIs that tests can name; one that cannot be read has none.
 */
const struct tm_value *tm_facts_of(const struct tm_facts *facts, const struct tm_module *module,
                                   bool has_tests, struct tm_arena *arena);

#endif
