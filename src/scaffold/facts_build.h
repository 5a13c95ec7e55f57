/*
 * Inside the facts: lists that grow row by row, and what the languages add. Only facts*.c include this.
 */
#ifndef TM_SCAFFOLD_FACTS_BUILD_H
#define TM_SCAFFOLD_FACTS_BUILD_H

#include "scaffold/facts.h"

enum tm_fact {
    TM_FACT_NAME,
    TM_FACT_PATH,
    TM_FACT_ROOT,
    TM_FACT_DESCRIPTION,
    TM_FACT_STATUS,
    TM_FACT_LANE,
    TM_FACT_LANGUAGE,
    TM_FACT_PYTHON,
    TM_FACT_C,
    TM_FACT_JAVASCRIPT,
    TM_FACT_COVERAGE_TARGET,
    TM_FACT_SLA_P95_MS,
    TM_FACT_OWNERS,
    TM_FACT_TAGS,
    TM_FACT_APIS,
    TM_FACT_PARENT,
    TM_FACT_PARENT_PATH,
    TM_FACT_MODULES,
    TM_FACT_SOURCES,
    TM_FACT_HAS_TESTS,
    TM_FACT_INTEGRATION,
    TM_FACT_BUILD_FILE,
    TM_FACT_IMPORTS,
    TM_FACT_IMPORT_ROOTS,
    TM_FACT_PYTHON_APIS,
    TM_FACT_JS_FILES,
    TM_FACT_JS_APIS,
    TM_FACT_C_BUILDABLE,
    TM_FACT_C_SOURCES,
    TM_FACT_C_PROGRAMS,
    TM_FACT_C_HEADERS,
    TM_FACT_C_FUNCTIONS,
    TM_FACTS,
};

/* One module while its values are gathered. */
struct tm_facts_work {
    const struct tm_facts *facts;
    const struct tm_module *module;
    struct tm_arena *arena;
    struct tm_value *values; /* TM_FACTS of them */
};

/* A list while it grows; tm_facts_put_list moves it into the arena and releases it. */
struct tm_facts_list {
    struct tm_item *rows;
    size_t n, cap;
};
#define TM_FACTS_LIST_INIT ((struct tm_facts_list) { NULL, 0, 0 })

/* Adds a row of one, two or three texts, which must live as long as the arena. */
void tm_facts_add(struct tm_facts_work *work, struct tm_facts_list *list, struct tm_str a, struct tm_str b,
                  struct tm_str c);
/* True when a row's text in that column is text. */
bool tm_facts_list_has(const struct tm_facts_list *list, size_t column, struct tm_str text);
void tm_facts_put_list(struct tm_facts_work *work, enum tm_fact fact, struct tm_facts_list *list);

/* The path of a repository path as seen from the module's folder. */
struct tm_str tm_facts_below(const struct tm_facts_work *work, struct tm_str path);
/* A relative path from the module's folder to another folder; "." for the same. */
struct tm_str tm_facts_relative(const struct tm_facts_work *work, struct tm_str folder);
/* Reads one of the module's files for searching; false when it cannot be read or is too large. */
bool tm_facts_read(const struct tm_facts_work *work, struct tm_str path, struct tm_buf *out);

/* Letters, digits, '_', and `also` ("$" in JavaScript); not empty, no digit first. */
bool tm_facts_is_identifier(struct tm_str s, const char *also);
/* The next place at or after `at` where word stands between characters no identifier has; SIZE_MAX when there
 * is none. */
size_t tm_facts_find_word(struct tm_str text, struct tm_str word, size_t at);

/*
 * What stands before `at` on its line, and what follows `at` without leading white space: a piece of at most
 * TM_FACTS_NEAR bytes each, so that looking around every hit stays linear in a file. False when the line
 * starts farther away.
 */
enum { TM_FACTS_NEAR = 256 };
bool tm_facts_line_before(struct tm_str text, size_t at, struct tm_str *line);
struct tm_str tm_facts_after(struct tm_str text, size_t at);

/* How many of the manifest's APIs are looked at. */
size_t tm_facts_apis(const struct tm_facts_work *work);

/* What the language of the module adds (facts_python.c, facts_javascript.c, facts_c.c). */
void tm_facts_add_python(struct tm_facts_work *work);
void tm_facts_add_javascript(struct tm_facts_work *work);
void tm_facts_add_c(struct tm_facts_work *work);

#endif
