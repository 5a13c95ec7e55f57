/*
 * Sets of templates: the built-in ones, or those of the repository where it has its own
 * (docs/formats/templates.md, "Where templates come from"). All are compiled when they are loaded, so that a
 * mistake in one shows before anything is written.
 */
#ifndef TM_SCAFFOLD_SET_H
#define TM_SCAFFOLD_SET_H

#include "repo/files.h"
#include "scaffold/provenance.h"
#include "scaffold/template.h"

enum { TM_SET_FILES_MAX = 1000 };

struct tm_set_file {
    struct tm_str path; /* of the file it makes, seen from the module's folder */
    struct tm_str name; /* "module/README.md": the set's folder and path */
    struct tm_template tmpl;
};

struct tm_set {
    struct tm_str folder;   /* "module", "tests/python" */
    struct tm_str language; /* of a tests set; "" for module */
    bool built_in;
    char id[TM_SET_ID_LEN + 1];
    struct tm_set_file *files; /* in byte order of path */
    size_t n, cap;
};

struct tm_sets {
    struct tm_arena arena;
    struct tm_set *items; /* module first, then tests in byte order of language */
    size_t n, cap;
};

#define TM_SETS_INIT ((struct tm_sets) { .arena = TM_ARENA_INIT })

/* Loads all sets. TM_E_SETTINGS when a template is wrong, TM_E_LIMIT when one is too large or a set has too
 * many. */
enum tm_code tm_sets_load(struct tm_sets *sets, const struct tm_repo *repo, const struct tm_files *files,
                          struct tm_err *err) TM_CHECK;
void tm_sets_release(struct tm_sets *sets);

/* The docs' set, never NULL; the tests' set for a language, or NULL. */
const struct tm_set *tm_sets_module(const struct tm_sets *sets);
const struct tm_set *tm_sets_tests(const struct tm_sets *sets, struct tm_str language);

#endif
