/*
 * The modules of a repository, discovered once per command and handed on.
 *
 * A module is a folder with a manifest. A file belongs to the innermost module
 * above it and to no other. Docs are *.md, *.rst and *.adoc; tests are files below
 * the module's tests/ or test/, or named by their language's convention
 * (docs/formats/registry.md, catalog/language.h). Nobody's are tidemark's own files
 * (tm_repo_is_own), the files of templates, and those below a refused manifest. Each
 * count is given twice: the module's own, and its tree's (nested modules included).
 *
 * Everything in a catalog lives until tm_catalog_release; the repository must outlive it.
 */
#ifndef TM_CATALOG_CATALOG_H
#define TM_CATALOG_CATALOG_H

#include "base/map.h"
#include "base/parallel.h"
#include "catalog/language.h"
#include "catalog/manifest.h"
#include "repo/files.h"

/* Of a module's own files, or of its tree's. `files` counts those of every role. */
struct tm_file_counts {
    size_t files, docs, tests, sources;
};

struct tm_module {
    struct tm_str name; /* the manifest's, else the path ("." for the root); NUL-terminated */
    struct tm_str path; /* folder; "" for the root; NUL-terminated */
    struct tm_str manifest_path;
    struct tm_manifest manifest;
    struct tm_str language; /* "python", "c", "javascript", ... by its own source, else tests; "" when none */
    struct tm_module *parent;  /* the module it is nested in, or NULL */
    size_t *files;             /* indexes into files->items of its own files, in path order */
    unsigned char *roles;      /* enum tm_file_role of each; links are TM_ROLE_OTHER */
    struct tm_file_counts own; /* own.files is the length of both arrays */
    struct tm_file_counts tree;
    size_t tree_modules; /* itself and those nested in it, at any depth */
    bool folds_case;     /* core.ignorecase */
};

/* About one manifest, one line, in the catalog's arena. */
struct tm_catalog_problem {
    struct tm_str manifest_path;
    const char *message;
};

struct tm_catalog {
    struct tm_arena arena, readers[TM_PARALLEL_MAX]; /* one for each thread that reads manifests */
    struct tm_files files;
    struct tm_module *modules; /* sorted by name, then path, in byte order */
    size_t n_modules;
    struct tm_catalog_problem *problems; /* manifests refused: not JSON, duplicate names, ...; by path */
    size_t n_problems;
    struct tm_catalog_problem *warnings; /* manifests taken, with something odd: names alike but for case */
    size_t n_warnings;
    size_t manifests; /* manifests seen, problems included */
    /* Files that are nobody's, for the discovery report. */
    size_t own_files;      /* written by tidemark */
    size_t template_files; /* below module/ and tests/ of settings.templates */
    size_t left_manifests; /* manifests among those two */
    size_t refused_files;  /* below a refused manifest */
    size_t outside_files;  /* in no module */
    size_t links;          /* symbolic links in modules: counted as files, without a role */
    /* Private: lookup. A folder whose manifest was refused is in by_path with a NULL. */
    const struct tm_repo *repo;
    struct tm_map by_name, by_path;
};

#define TM_CATALOG_INIT ((struct tm_catalog) { .arena = TM_ARENA_INIT })

/*
 * Lists the files and reads every manifest. Bad manifests become problems and the others go
 * on: the caller prints them and ends with TM_E_PARTIAL. Two modules of one name are both problems.
 * O(n log n) in files and modules. On failure the catalog may be released, and is empty.
 */
enum tm_code tm_catalog_load(struct tm_catalog *catalog, struct tm_repo *repo, struct tm_err *err) TM_CHECK;
void tm_catalog_release(struct tm_catalog *catalog);

/* The module of that name, or of that path ("./a/b/" is "a/b"); NULL when there is none. */
struct tm_module *tm_catalog_find(const struct tm_catalog *catalog, struct tm_str name_or_path);

/*
 * The modules that the arguments name, all when n is 0, in catalog order without duplicates, from
 * the catalog's arena. TM_E_USAGE for an unknown one, with the nearest name.
 */
enum tm_code tm_catalog_select(struct tm_catalog *catalog, const char *const *names, size_t n,
                               struct tm_module ***out, size_t *n_out, struct tm_err *err) TM_CHECK;

/* The innermost module that owns the file at path (which need not exist), or NULL. */
struct tm_module *tm_catalog_owner(const struct tm_catalog *catalog, struct tm_str path);

/* What a file of the module is to it; `path` is the repository path, below the module's. */
enum tm_file_role tm_catalog_role(const struct tm_module *module, struct tm_str path);

/* True for files that are nobody's by their place alone: tidemark's own, and templates. */
bool tm_catalog_is_nobodys(const struct tm_repo *repo, struct tm_str path);

/*
 * Warns of every problem and odd manifest through log; TM_E_PARTIAL when there is a problem, with their count
 * in err. Called at the end of a command, so that its answer is complete.
 */
enum tm_code tm_catalog_report_problems(const struct tm_catalog *catalog, struct tm_log *log,
                                        struct tm_err *err) TM_CHECK;

/* All modules' own files together; nothing is counted twice. */
struct tm_file_counts tm_catalog_totals(const struct tm_catalog *catalog);

#endif
