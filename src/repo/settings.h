/*
 * The settings of a repository: `tidemark.yaml` over the built-in defaults
 * (docs/formats/settings.md). Unknown keys, wrong types and values out of range
 * are TM_E_SETTINGS with line and column. Everything is owned by the arena.
 */
#ifndef TM_REPO_SETTINGS_H
#define TM_REPO_SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/io.h"

struct tm_str_list {
    struct tm_str *items;
    size_t n;
};

enum tm_collector_kind { TM_COLLECT_COVERAGE, TM_COLLECT_BENCH };
/* Once per module, or once for the repository with the report shared out among its modules. */
enum tm_collector_scope { TM_SCOPE_MODULE, TM_SCOPE_REPOSITORY };

/*
 * How one kind of module is measured. The strings of command, env, report, tests and versions
 * hold placeholders, checked, to be expanded by repo/placeholder.h.
 */
struct tm_collector {
    struct tm_str name;
    enum tm_collector_kind kind;
    enum tm_collector_scope scope;
    struct tm_str_list languages; /* of modules it takes: "python", "c", "javascript"; empty: any */
    struct tm_str_list files;     /* globs, relative to the module: at least one own file must match each */
    struct tm_str_list command;   /* argv */
    struct tm_str_list env;       /* "KEY=value" */
    struct tm_str report;         /* path, or glob in its last part; begins with a folder's placeholder */
    struct tm_str format;         /* a row of coverage/format.h or bench/bench.h */
    struct tm_str tests;          /* report that counts tests, "" for none */
    struct tm_str tests_format;   /* "junit", "tap" */
    uint64_t *no_data_exits;      /* exit statuses that mean: no test was there */
    size_t n_no_data_exits;
    bool mirror;                  /* run in a copy of the module so that its build leaves nothing behind */
    uint64_t timeout_s;           /* 0: the sweep's */
    struct tm_str_list *versions; /* argv of commands whose first line of output names a tool's version */
    size_t n_versions;
    struct tm_str source; /* the file it was read from, for messages: "tidemark.yaml", "collectors/c.yaml" */
    size_t line;          /* in source */
};

/* coverage.paths: names of reports that begin with `prefix` are in `path`, a folder or a file. */
struct tm_path_setting {
    struct tm_str prefix; /* as tools write it */
    struct tm_str path;   /* normal; "" for the root */
};

/* How hits of a line that several reports have become one figure. */
enum tm_coverage_merge { TM_MERGE_SUM, TM_MERGE_GREATEST };

/* What tidemark.yaml says of one module. */
struct tm_module_settings {
    struct tm_str module;    /* name */
    struct tm_str collector; /* coverage collector to use, "" for the first that fits; exists */
    struct tm_str bench;     /* bench collector to use, likewise */
    struct tm_str skip;      /* reason not to sweep it, "" for none */
    uint64_t timeout_s;      /* 0: the collector's */
    size_t line;             /* in tidemark.yaml, for messages about names that are no module's */
};

struct tm_settings {
    struct tm_arena arena;
    bool from_file; /* tidemark.yaml was there */
    /* paths.* - normal repository paths */
    struct tm_str generated;             /* docs/_generated */
    struct tm_str ledger;                /* manifests/.ledger */
    struct tm_str trends;                /* trends */
    struct tm_str templates;             /* templates */
    struct tm_str_list exclude;          /* globs: files that never count, folders not entered */
    struct tm_str_list coverage_exclude; /* globs: source that coverage does not count */
    struct tm_path_setting *coverage_paths;
    size_t n_coverage_paths;
    struct tm_str_list coverage_roots; /* folders that names of reports can begin in */
    unsigned coverage_merge;           /* enum tm_coverage_merge; TM_MERGE_SUM */
    bool coverage_all;                 /* source files that no report mentions are told */
    struct tm_str python; /* sweep.python: a name, an absolute path, or from the root; "": to be found */
    uint64_t jobs;        /* sweep.jobs; 0: processors */
    uint64_t timeout_s;   /* sweep.timeout_s; 300 */
    struct tm_str health; /* "t4" */
    /* Those the file adds, then the built-in ones with its changes; disabled ones are left out. */
    struct tm_collector *collectors;
    size_t n_collectors;
    struct tm_module_settings *modules; /* sorted by name */
    size_t n_modules;
};

#define TM_SETTINGS_INIT ((struct tm_settings) { .arena = TM_ARENA_INIT })
#define TM_SETTINGS_FILE "tidemark.yaml"

enum { TM_GLOBS_MAX = 1000, TM_PATH_SETTINGS_MAX = 1000, TM_TIMEOUT_MAX_S = 86400, TM_JOBS_MAX = 1024 };

/* Reads tidemark.yaml beneath root; built-in defaults when there is none. */
enum tm_code tm_settings_load(struct tm_settings *settings, const struct tm_root *root, struct tm_err *err)
    TM_CHECK;
/* The same from the file's bytes. On failure settings is empty and may be released. */
enum tm_code tm_settings_parse(struct tm_settings *settings, struct tm_str data, struct tm_err *err) TM_CHECK;
void tm_settings_release(struct tm_settings *settings);

/* The collector of that name, or NULL. */
const struct tm_collector *tm_settings_collector(const struct tm_settings *settings, struct tm_str name);

/* What the file says of a module; NULL when nothing. */
const struct tm_module_settings *tm_settings_module(const struct tm_settings *settings, struct tm_str module);

#endif
