/*
 * The modules of a repository, discovered once per command and handed on.
 *
 * A module is a folder with a manifest. A file belongs to the innermost module
 * above it and to no other. Docs are *.md, *.rst and *.adoc; tests are files below
 * the module's tests/ or test/, or named by their language's convention. tidemark's own
 * files (tm_repo_is_own) are nobody's. Each count is given twice: the
 * module's own, and its tree's (nested modules included).
 */
#ifndef TM_CATALOG_CATALOG_H
#define TM_CATALOG_CATALOG_H

#include "catalog/language.h"
#include "catalog/manifest.h"
#include "repo/files.h"

struct tm_module {
    struct tm_str name;          /* the manifest's, else the path ("." for the root) */
    struct tm_str path;          /* folder; "" for the root */
    struct tm_str manifest_path;
    struct tm_manifest manifest;
    struct tm_str language;      /* "python", "c", "javascript", ... by its own source; "" when none */
    struct tm_module *parent;    /* the module it is nested in, or NULL */
    size_t *files;               /* indexes into files->items of its own files, in path order */
    unsigned char *roles;        /* enum tm_file_role of each */
    size_t n_files;
    size_t docs, tests, sources;                /* own */
    size_t tree_docs, tree_tests, tree_sources; /* with nested modules */
};

struct tm_catalog_problem {
    struct tm_str manifest_path;
    char *message; /* one line, owned */
};

struct tm_catalog {
    struct tm_arena arena;
    struct tm_files files;
    struct tm_module *modules; /* sorted by name, then path, in byte order */
    size_t n_modules;
    struct tm_catalog_problem *problems; /* manifests left out: not JSON, duplicate names, ... */
    size_t n_problems;
    size_t manifests; /* manifests seen, problems included */
};

/*
 * Lists the files and reads every manifest. Bad manifests become problems and the others go
 * on: the caller prints them and ends with TM_E_PARTIAL. Two modules of one name are both problems.
 */
enum tm_code tm_catalog_load(struct tm_catalog *catalog, struct tm_repo *repo,
                             struct tm_err *err) TM_CHECK;
void tm_catalog_release(struct tm_catalog *catalog);

/* The module of that name, or of that path (a final '/' is fine); NULL when there is none. */
struct tm_module *tm_catalog_find(const struct tm_catalog *catalog, struct tm_str name_or_path);

/*
 * The modules that the arguments name, all when n is 0, in catalog order without duplicates, from
 * arena. TM_E_USAGE for an unknown one, with the nearest names.
 */
enum tm_code tm_catalog_select(struct tm_catalog *catalog, const char *const *names, size_t n,
                               struct tm_module ***out, size_t *n_out, struct tm_err *err) TM_CHECK;

/* The innermost module that owns path (which need not exist), or NULL. */
struct tm_module *tm_catalog_owner(const struct tm_catalog *catalog, struct tm_str path);

/* What a file is to its module; `path` is the repository path. */
enum tm_file_role tm_catalog_role(const struct tm_module *module, struct tm_str path);

/* Warns of every problem through log; TM_E_PARTIAL when there is one, with their count in err. */
enum tm_code tm_catalog_report_problems(const struct tm_catalog *catalog, struct tm_log *log,
                                        struct tm_err *err) TM_CHECK;

#endif
