/*
 * What scaffolding would do: for each module the files it lacks
 * (docs/formats/templates.md, "Which module needs what"). Computed once and handed on: the command prints it,
 * tm_scaffold_apply does it, the runbook reports it (phases 2 and 3).
 *
 * A plan writes nothing. The catalog, the repository and their files must outlive it.
 */
#ifndef TM_SCAFFOLD_PLAN_H
#define TM_SCAFFOLD_PLAN_H

#include "scaffold/facts.h"
#include "scaffold/set.h"

struct tm_scaffold_options {
    bool docs, tests; /* what to look at; one of them at least */
    bool integration; /* tests that start processes, too */
    bool pending;     /* record them in fragments (ledger/pending.h) */
};

struct tm_scaffold_file {
    struct tm_str path; /* repository path of the file to create */
    const struct tm_set *set;
    const struct tm_set_file *file;
};

struct tm_scaffold_module {
    const struct tm_module *module;
    struct tm_scaffold_file *docs, *tests; /* to create, in byte order of path */
    size_t n_docs, n_tests;
    const struct tm_set *test_set; /* the set for its language when it has no tests of its own, else NULL */
    bool will_have_tests;          /* it has tests, or gets some */
};

struct tm_scaffold_filtered {
    struct tm_str path; /* of the file, or of the module's folder */
    const char *reason; /* static */
};

struct tm_scaffold_plan {
    struct tm_arena arena;
    struct tm_scaffold_options options;
    struct tm_sets sets;
    struct tm_codeowners codeowners;
    struct tm_facts facts;
    struct tm_scaffold_module *modules; /* all that were asked about, in catalog order */
    size_t n_modules;
    size_t n_needed; /* modules that lack a file; the others are already scaffolded or filtered */
    size_t n_done;
    size_t n_docs, n_tests; /* files to create */
    struct tm_scaffold_filtered *filtered;
    size_t n_filtered, filtered_cap;
};

/* True when the module lacks a file. */
bool tm_scaffold_is_needed(const struct tm_scaffold_module *module);

/*
 * Plans for n modules of the catalog. TM_E_SETTINGS when a template is wrong; TM_E_LIMIT when one makes too
 * much. Release the plan in any case.
 */
enum tm_code tm_scaffold_plan_make(struct tm_scaffold_plan *plan, const struct tm_repo *repo,
                                   const struct tm_catalog *catalog, struct tm_module *const *modules,
                                   size_t n, const struct tm_scaffold_options *options, struct tm_err *err)
    TM_CHECK;
void tm_scaffold_plan_release(struct tm_scaffold_plan *plan);

/* Renders one file of the plan, provenance included, into out (replaced); empty when it would have nothing in
 * it. */
enum tm_code tm_scaffold_render(const struct tm_set *set, const struct tm_set_file *file,
                                const struct tm_value *values, struct tm_buf *out, struct tm_err *err)
    TM_CHECK;

#endif
